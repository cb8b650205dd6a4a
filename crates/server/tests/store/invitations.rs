//! Invitations being made, and what is kept of them.

use wigwag_engine::command::{Invite, Invited};
use wigwag_engine::invitation::{End, Guests, Invitation, Invitee, Receipt, Switches};
use wigwag_engine::{Command, ConversationId, Limits};
use wigwag_protocol::invitation::{EndReason, Notify};
use wigwag_protocol::{Event, Reason};

use crate::words::{
    accept, cancel, create_group, due_one, group, invite, invite_id, modify, on_tablet, reject, ring,
    ring_members, user,
};
use crate::world::{World, reason_of};

pub(crate) async fn an_invitation_is_found_by_every_way(world: &mut World) {
    let [alice, bob, carol] =
        [world.joins("alice").await, world.joins("bob").await, world.joins("carol").await];
    let made = world.does(&alice, invite(ring("call", &bob.user))).await;
    let acted = made.acted().clone();
    assert_eq!(made.0.invitations_made().count(), 1);

    for _ in 0..2 {
        let kept = world.invitation("call").await;
        assert_eq!((kept.version, kept.created_at, kept.deadline()), (1, acted.time, acted.deadline));
        assert!(kept.is_open() && kept.pending().eq([&bob.user]));
        assert_eq!(world.open_for(&alice).await, [invite_id("call")]);
        assert_eq!(world.open_for(&bob).await, [invite_id("call")]);
        assert!(world.open_for(&carol).await.is_empty());
        let due = world.store().due_times(1).await.unwrap();
        assert_eq!(due, [(acted.deadline.unwrap(), due_one("call"))]);
        let history = world.history(&ConversationId::between(&alice.user, &bob.user)).await;
        assert_eq!(history[0].message_id, acted.message.as_ref().unwrap().message_id);
        assert_eq!((history.len(), &history[0].sender), (1, &alice.user));
        let heard = world.stream(&bob.user).await;
        let told = Event::read(&format!("{{{}", heard[0].body)).unwrap();
        assert!(matches!(told, Some(Event::InvitationReceived(_))), "{told:?}");
        assert_eq!(heard[0].invitation.as_ref().unwrap().deadline, acted.deadline);
        world.reopens().await;
    }
}

pub(crate) async fn everything_the_invite_said_is_kept(world: &mut World) {
    let [alice, bob, carol] =
        [world.joins("alice").await, world.joins("bob").await, world.joins("carol").await];
    let team = group("team");
    world.does(&alice, create_group(&team, &[&bob.user, &carol.user])).await.succeeds();
    let switches = Switches {
        online_user_only: false,
        excluded_from_unread: true,
        excluded_from_last_message: true,
        progress: true,
    };
    let invited = Invited::Members {
        group: team.clone(),
        invitees: vec![carol.user.clone(), user("stranger"), bob.user.clone()],
        notify: Notify::Parties,
    };
    let wish = Invite {
        invited,
        data: "{\"room\":7}".to_owned(),
        timeout: 0,
        switches,
        offline_push_info: Some("{\"title\":\"call\"}".to_owned()),
        ..ring("all", &bob.user)
    };
    let alice_on_tablet = on_tablet(&alice.user);
    let made = world.does(&alice_on_tablet, invite(wish)).await;
    let acted = made.acted().clone();
    let message = acted.message.map(|place| (place.message_id, place.seq));
    let expected = Invitation {
        id: invite_id("all"),
        inviter: alice.user.clone(),
        inviter_device: alice_on_tablet.device,
        guests: Guests::Members {
            group: team,
            invitees: [&carol, &bob].map(|actor| Invitee::pending(actor.user.clone())).to_vec(),
            ignored: vec![user("stranger")],
            notify: Notify::Parties,
        },
        data: "{\"room\":7}".to_owned(),
        first_data: None,
        timeout: 0,
        created_at: acted.time,
        switches,
        told: None,
        offline_push_info: Some("{\"title\":\"call\"}".to_owned()),
        replaced_push_info: None,
        call: None,
        version: 1,
        receipt: Receipt { cursor: acted.cursor, message },
        withdrawals: Vec::new(),
        end: None,
    };
    assert_eq!(*world.invitation("all").await, expected);
    let age = Limits::default().no_deadline_age_ms;
    let due = world.store().due_times(age).await.unwrap();
    assert_eq!(due, [(acted.time + age, due_one("all"))], "without deadline the age counts");
    world.reopens().await;
    assert_eq!(*world.invitation("all").await, expected);
}

pub(crate) async fn a_repeat_gets_the_first_reply_also_after_reopening(world: &mut World) {
    let [alice, bob] = [world.joins("alice").await, world.joins("bob").await];
    let commands = [
        (&alice, invite(ring("one", &bob.user))),
        (&bob, accept("one")),
        (&alice, invite(ring("two", &bob.user))),
        (&bob, reject("two")),
        (&alice, invite(ring("three", &bob.user))),
        (&alice, modify("three", "video")),
        (&alice, cancel("three")),
    ];
    let mut first = Vec::new();
    for (actor, command) in &commands {
        first.push(world.does(actor, command.clone()).await.reply_text());
    }
    for _ in 0..2 {
        for ((actor, command), first) in commands.iter().zip(&first) {
            if matches!(command, Command::Modify(_)) {
                continue;
            }
            let again = world.does(actor, command.clone()).await;
            assert_eq!(&again.reply_text(), first);
            assert!(again.events().is_empty(), "a repeat is told to nobody");
        }
        world.reopens().await;
    }
}

pub(crate) async fn a_used_up_invite_id_is_refused(world: &mut World) {
    let [alice, bob, carol] =
        [world.joins("alice").await, world.joins("bob").await, world.joins("carol").await];
    world.does(&alice, invite(ring("i", &bob.user))).await.succeeds();
    let others = [
        (&alice, ring("i", &carol.user)),
        (&bob, ring("i", &alice.user)),
        (&alice, Invite { data: "other".to_owned(), ..ring("i", &bob.user) }),
    ];
    for ended in [false, true] {
        for (actor, wish) in &others {
            let refused = world.does(actor, invite(wish.clone())).await;
            assert_eq!((refused.reason(), refused.refusal().code), (Reason::InviteIdTaken, 8012));
        }
        if !ended {
            world.does(&alice, cancel("i")).await.succeeds();
            world.reopens().await;
        }
    }
    assert_eq!(world.invitation("i").await.invitees()[0].user, bob.user);
}

pub(crate) async fn the_limit_of_open_invitations_holds(world: &mut World) {
    let [alice, bob] = [world.joins("alice").await, world.joins("bob").await];
    world.reopens_with(Limits { open_invitations: 3, ..Limits::default() }).await;
    let rings = ["a", "b", "c", "d", "e"].map(|id| (&alice, invite(ring(id, &bob.user))));
    let outcomes = world.together(rings.into()).await;
    let made: Vec<bool> = outcomes.iter().map(|outcome| outcome.0.reply().is_ok()).collect();
    assert_eq!(made, [true, true, true, false, false]);
    assert_eq!(outcomes[3].reason(), Reason::TooManyOpenInvitations);

    world.reopens().await;
    let more = world.does(&alice, invite(ring("d", &bob.user))).await;
    assert_eq!(more.reason(), Reason::TooManyOpenInvitations);
    world.does(&bob, accept("b")).await.succeeds();
    world.does(&alice, invite(ring("d", &bob.user))).await.succeeds();
    let more = world.does(&alice, invite(ring("e", &bob.user))).await;
    assert_eq!(more.reason(), Reason::TooManyOpenInvitations);
    world.does(&bob, invite(ring("f", &alice.user))).await.succeeds();
    assert_eq!(world.open_for(&alice).await, ["a", "c", "d", "f"].map(invite_id));
}

pub(crate) async fn the_limits_of_what_is_pending_for_one_invitee_hold(world: &mut World) {
    let [alice, bob, carol] =
        [world.joins("alice").await, world.joins("bob").await, world.joins("carol").await];
    let class = group("class");
    world.does(&alice, create_group(&class, &[&bob.user, &carol.user])).await.succeeds();
    world
        .reopens_with(Limits { pair_open_invitations: 2, invitee_open_invitations: 3, ..Limits::default() })
        .await;
    // In one batch: answers make room in it too.
    let outcomes = world
        .together(vec![
            (&alice, invite(ring_members("a", &class, &[&bob.user, &carol.user]))),
            (&alice, invite(ring("b", &bob.user))),
            (&alice, invite(ring("c", &bob.user))),
            (&bob, accept("a")),
            (&alice, invite(ring("d", &bob.user))),
            (&carol, invite(ring("e", &bob.user))),
            (&carol, invite(ring("f", &bob.user))),
        ])
        .await;
    let refused: Vec<Option<Reason>> =
        outcomes.iter().map(|outcome| outcome.0.reply().err().map(reason_of)).collect();
    let (pair, all) = (Some(Reason::TooManyOpenForPair), Some(Reason::TooManyOpenForInvitee));
    assert_eq!(refused, [None, None, pair, None, None, None, all]);

    world.reopens().await;
    let more = world.does(&alice, invite(ring("c", &bob.user))).await;
    assert_eq!(more.reason(), Reason::TooManyOpenForPair, "b and d are pending, a is answered");
    let more = world.does(&carol, invite(ring("f", &bob.user))).await;
    assert_eq!(more.reason(), Reason::TooManyOpenForInvitee);
    world.does(&alice, cancel("d")).await.succeeds();
    world.does(&carol, invite(ring("f", &bob.user))).await.succeeds();
    let more = world.does(&alice, invite(ring("c", &bob.user))).await;
    assert_eq!(more.reason(), Reason::TooManyOpenForInvitee);
    world.does(&alice, invite(ring("g", &carol.user))).await.succeeds();
    let more = world.does(&alice, invite(ring("h", &carol.user))).await;
    assert_eq!(more.reason(), Reason::TooManyOpenForPair, "carol has not answered a");
}

pub(crate) async fn an_invitation_for_those_online_leaves_no_message(world: &mut World) {
    let [alice, bob, carol] =
        [world.joins("alice").await, world.joins("bob").await, world.joins("carol").await];
    world.is_online(&bob.user, true);
    let only = Switches { online_user_only: true, ..Switches::default() };
    for (id, invitee) in [("b", &bob), ("c", &carol)] {
        let made = world.does(&alice, invite(Invite { switches: only, ..ring(id, &invitee.user) })).await;
        assert!(made.acted().message.is_none());
        assert!(made.acted().cursor.is_some(), "the inviter's other devices hear it");
        assert!(world.history(&ConversationId::between(&alice.user, &invitee.user)).await.is_empty());
    }
    assert_eq!(world.stream(&bob.user).await.len(), 1);
    assert!(world.stream(&carol.user).await.is_empty(), "carol is not online");
    world.reopens().await;
    assert!(world.open_for(&carol).await.is_empty(), "she was not told, and does not find it later");
    assert_eq!(world.does(&carol, accept("c")).await.reason(), Reason::UnknownInvitation);
    assert_eq!(world.open_for(&bob).await, [invite_id("b")]);
    world.does(&bob, accept("b")).await.succeeds();
    assert_eq!(world.stream(&alice.user).await.len(), 2, "alice is not online: only her own two");
}

pub(crate) async fn a_newer_invitation_without_deadline_closes_the_oldest(world: &mut World) {
    let [alice, bob] = [world.joins("alice").await, world.joins("bob").await];
    let team = group("team");
    world.does(&alice, create_group(&team, &[&bob.user])).await.succeeds();
    let hangs_up = |id: &str| invite(Invite { timeout: 0, ..ring(id, &bob.user) });
    let ends = |id: &str| invite(Invite { timeout: 0, ..ring_members(id, &team, &[&bob.user]) });
    let together = ["1", "2", "3", "4", "5"].map(|id| (&alice, hangs_up(id)));
    for outcome in world.together(together.to_vec()).await {
        assert_eq!(outcome.events().len(), 1, "of those that are closed nothing is told");
    }
    world.does(&alice, cancel("4")).await.succeeds();
    world.reopens().await;
    assert_eq!(world.open_for(&bob).await, ["3", "5"].map(invite_id));
    for id in ["g1", "g2", "6", "7", "g3", "g4"] {
        let command = if id.starts_with('g') { ends(id) } else { hangs_up(id) };
        world.does(&alice, command).await.succeeds();
        world.reopens().await;
    }
    assert_eq!(world.open_for(&bob).await, ["5", "6", "7", "g2", "g3", "g4"].map(invite_id));
    let closed = world.invitation("g1").await;
    assert_eq!(closed.end.as_ref().map(End::reason), Some(EndReason::Expired));
    assert_eq!(world.store().due_times(1).await.unwrap().len(), 6, "nothing watches what is closed");
    let quits = world.does(&bob, Command::QuitGroup(team)).await;
    assert_eq!(quits.events().len(), 4, "the going, and the three that are open");
    assert_eq!(world.open_for(&bob).await, ["5", "6", "7"].map(invite_id));
}

pub(crate) async fn invitations_without_deadline_make_room_for_all_others(world: &mut World) {
    let alice = world.joins("alice").await;
    let (bob, carol) = (world.joins("bob").await, world.joins("carol").await);
    let team = group("team");
    world.does(&alice, create_group(&team, &[&bob.user, &carol.user])).await.succeeds();
    let limits = Limits { invitee_open_invitations: 3, group_open_invitations: 2, ..Limits::default() };
    world.reopens_with(limits).await;
    let hint = |id: &str| invite(Invite { timeout: 0, ..ring(id, &bob.user) });
    let hint_all =
        |id: &str| invite(Invite { timeout: 0, ..ring_members(id, &team, &[&bob.user, &carol.user]) });
    world.does(&alice, hint("a")).await.succeeds();
    world.does(&carol, hint("c")).await.succeeds();
    world.does(&alice, hint_all("g1")).await.succeeds();
    world.reopens().await;
    let called = world.does(&carol, invite(ring("call", &bob.user))).await;
    assert_eq!(called.events().len(), 1, "of what is closed nothing is told");
    assert_eq!(world.open_for(&bob).await, ["c", "call", "g1"].map(invite_id));
    // In one batch, each sees what the one before it has closed: c for the second call, g1 for the third.
    let more = ["call 2", "call 3", "call 4"].map(|id| (&carol, invite(ring(id, &bob.user))));
    let more = world.together(more.to_vec()).await;
    assert_eq!(more[2].reason(), Reason::TooManyOpenForInvitee, "all have a deadline");
    for _ in 0..2 {
        assert_eq!(world.open_for(&bob).await, ["call", "call 2", "call 3"].map(invite_id));
        assert!(world.open_for(&carol).await.contains(&invite_id("call")));
        let closed = world.invitation("g1").await;
        assert_eq!(closed.end.as_ref().map(End::reason), Some(EndReason::Expired));
        assert!(closed.invitees().iter().all(|invitee| invitee.settled.is_some()), "for all invitees");
        world.reopens().await;
    }
    let only = |id: &str| invite(ring_members(id, &team, &[&carol.user]));
    for command in [hint_all("g2"), only("g3"), only("g4")] {
        world.does(&alice, command).await.succeeds();
    }
    assert_eq!(world.does(&alice, only("g5")).await.reason(), Reason::TooManyOpenInGroup);
    assert_eq!(world.store().due_times(1).await.unwrap().len(), 5, "nothing watches what is closed");
}
