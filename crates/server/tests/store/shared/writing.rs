//! Two nodes that write at once. The recall after every case reads all streams and histories at both.

use wigwag_engine::command::{Invite, SendMessage};
use wigwag_engine::{Actor, Command, Limits};
use wigwag_protocol::Reason;
use wigwag_protocol::group::ReachableBy;
use wigwag_protocol::message::MessageOptions;

use super::{Node, join};
use crate::words::{
    accept, cancel, create_group, group, invite, invite_id, mark_read, on_tablet, ring, ring_members, send,
    text, to, to_group,
};
use crate::world::{Outcome, reason_of};

/// Queues commands at both nodes and waits for all of them.
pub(super) async fn at_both(
    (one, first): (&mut Node, Vec<(&Actor, Command)>),
    (other, second): (&mut Node, Vec<(&Actor, Command)>),
) -> (Vec<Outcome>, Vec<Outcome>) {
    tokio::join!(one.world.together(first), other.world.together(second))
}

pub(super) async fn of_two_accepts_on_two_nodes_one_wins(one: &mut Node, other: &mut Node) {
    let [alice, bob] = join(one, ["alice", "bob"]).await;
    let tablet = on_tablet(&bob.user);
    for round in 0..20 {
        let id = format!("call {round}");
        one.world.does(&alice, invite(ring(&id, &bob.user))).await.succeeds();
        let (mut first, mut second) =
            at_both((one, vec![(&bob, accept(&id))]), (other, vec![(&tablet, accept(&id))])).await;
        let outcomes = [first.remove(0), second.remove(0)];
        let winner = outcomes.iter().position(|outcome| outcome.0.reply().is_ok()).unwrap();
        let (won, lost) = (&outcomes[winner], &outcomes[1 - winner]);
        assert_eq!(lost.reason(), Reason::Settled);
        for node in [&*one, &*other] {
            let settled = node.world.invitation(&id).await.invitees()[0].settled.clone().unwrap();
            assert_eq!((settled.at, settled.version), (won.acted().time, 2));
            assert_eq!(lost.refusal().data.outcome.as_ref().unwrap().device, settled.said().unwrap().device);
        }
    }
}

pub(super) async fn two_busy_nodes_leave_no_gap(one: &mut Node, other: &mut Node) {
    const ROUNDS: usize = 40;
    let people = join(one, ["alice", "bob", "carol", "dave"]).await;
    let team = group("team");
    let members = [&people[1].user, &people[2].user, &people[3].user];
    one.world.does(&people[0], create_group(&team, &members)).await.succeeds();
    let commands = |node: usize| {
        let mut commands = Vec::new();
        for round in 0..ROUNDS {
            for (number, actor) in people.iter().enumerate() {
                // The nodes go round in opposite directions, so that they meet in every order.
                let step = if node == 0 { 1 } else { people.len() - 1 };
                let peer = &people[(number + step) % people.len()].user;
                let id = format!("{node} {round} {number}");
                match (round + number) % 4 {
                    0 => commands.push((actor, send(text(to(peer), "you")))),
                    1 => commands.push((actor, send(text(to_group(&team), "all")))),
                    2 => commands.extend([(actor, invite(ring(&id, peer))), (actor, cancel(&id))]),
                    _ => commands.push((actor, mark_read(to_group(&team), round as u64))),
                }
            }
        }
        commands
    };
    let (first, second) = at_both((one, commands(0)), (other, commands(1))).await;
    for outcome in first.iter().chain(&second) {
        outcome.succeeds();
    }
    for actor in &people {
        assert!(one.world.open_for(actor).await.is_empty());
    }
}

pub(super) async fn names_are_given_once(one: &mut Node, other: &mut Node) {
    let [alice, bob] = join(one, ["alice", "bob"]).await;
    let tablet = on_tablet(&alice.user);
    for round in 0..10 {
        let name = format!("name{round}");
        let keyed =
            |words| send(SendMessage { client_msg_id: Some(name.clone()), ..text(to(&bob.user), words) });
        let new = crate::words::on_phone(&crate::words::user(&name));
        let by = |actor, invitee| {
            vec![
                (actor, create_group(&group(&name), &[])),
                (actor, invite(ring(&name, invitee))),
                (&new, Command::Register),
            ]
        };
        let (first, second) = at_both((one, by(&alice, &bob.user)), (other, by(&bob, &alice.user))).await;
        for (place, reason) in [(0, Reason::GroupIdTaken), (1, Reason::InviteIdTaken)] {
            let pair = [&first[place], &second[place]];
            let refused: Vec<&&Outcome> = pair.iter().filter(|outcome| outcome.0.reply().is_err()).collect();
            assert_eq!(refused.len(), 1, "one has the name");
            assert_eq!(refused[0].reason(), reason);
        }
        first[2].succeeds();
        second[2].succeeds();
        // One sender on two devices: the second gets the first one's reply, and it is sent once.
        let (mut first, mut second) =
            at_both((one, vec![(&alice, keyed("one"))]), (other, vec![(&tablet, keyed("one"))])).await;
        let (first, second) = (first.remove(0), second.remove(0));
        assert_eq!(first.reply_text(), second.reply_text());
        assert_eq!(first.events().len() + second.events().len(), 1);
    }
}

pub(super) async fn the_limit_of_open_invitations_is_one_for_all_nodes(one: &mut Node, other: &mut Node) {
    let [alice, bob] = join(one, ["alice", "bob"]).await;
    for node in [&mut *one, &mut *other] {
        node.world.reopens_with(Limits { open_invitations: 5, ..Limits::default() }).await;
    }
    let rings = |node: &str| -> Vec<(&Actor, Command)> {
        (0..4).map(|number| (&alice, invite(ring(&format!("{node}{number}"), &bob.user)))).collect()
    };
    let (first, second) = at_both((one, rings("a")), (other, rings("b"))).await;
    let refused: Vec<Reason> =
        first.iter().chain(&second).filter_map(|outcome| outcome.0.reply().err().map(reason_of)).collect();
    assert_eq!(refused, [Reason::TooManyOpenInvitations; 3]);
    assert_eq!(one.world.open_for(&bob).await.len(), 5);
    assert_eq!(one.world.open_for(&bob).await, other.world.open_for(&alice).await);
}

pub(super) async fn the_limit_of_a_users_groups_is_one_for_all_nodes(one: &mut Node, other: &mut Node) {
    let [alice, bob] = join(one, ["alice", "bob"]).await;
    for node in [&mut *one, &mut *other] {
        node.world.reopens_with(Limits { user_groups: 5, ..Limits::default() }).await;
    }
    let own = (0..4).map(|number| (&alice, create_group(&group(&format!("own-{number}")), &[]))).collect();
    let others: Vec<Command> =
        (0..4).map(|number| create_group(&group(&format!("bobs-{number}")), &[&alice.user])).collect();
    let others = others.into_iter().map(|create| (&bob, create)).collect();
    at_both((one, own), (other, others)).await;
    // Whoever adds others leaves out those who have no room.
    let groups = one.world.store().groups_of(&alice.user, None, 10).await.unwrap();
    assert_eq!(groups.rows.len(), 5);
    let late = other.world.does(&alice, create_group(&group("late"), &[])).await;
    assert_eq!(late.reason(), Reason::TooManyGroups);
}

pub(super) async fn the_limit_of_pending_invitations_is_one_for_all_nodes(one: &mut Node, other: &mut Node) {
    let [alice, bob, carol] = join(one, ["alice", "bob", "carol"]).await;
    for node in [&mut *one, &mut *other] {
        node.world.reopens_with(Limits { invitee_open_invitations: 5, ..Limits::default() }).await;
    }
    let rings = |inviter: &Actor| -> Vec<Command> {
        (0..4).map(|number| invite(ring(&format!("{}{number}", inviter.user), &bob.user))).collect()
    };
    let by = |inviter, rings: Vec<Command>| rings.into_iter().map(|ring| (inviter, ring)).collect();
    let of_one = (&mut *one, by(&alice, rings(&alice)));
    let of_other = (&mut *other, by(&carol, rings(&carol)));
    let (first, second) = at_both(of_one, of_other).await;
    let refused: Vec<Reason> =
        first.iter().chain(&second).filter_map(|outcome| outcome.0.reply().err().map(reason_of)).collect();
    assert_eq!(refused, [Reason::TooManyOpenForInvitee; 3]);
    let pending = one.world.open_for(&bob).await;
    assert_eq!(pending.len(), 5);
    // Every answer makes room for one, whichever node took it.
    one.world.does(&bob, accept(pending[0].as_str())).await.succeeds();
    other.world.does(&bob, accept(pending[1].as_str())).await.succeeds();
    let more = ["x", "y", "z"].map(|id| (&alice, invite(ring(id, &bob.user))));
    let made: Vec<bool> =
        other.world.together(more.into()).await.iter().map(|outcome| outcome.0.reply().is_ok()).collect();
    assert_eq!(made, [true, true, false]);
}

pub(super) async fn invitations_without_deadline_make_room_on_every_node(one: &mut Node, other: &mut Node) {
    let [alice, bob, carol, dave] = join(one, ["alice", "bob", "carol", "dave"]).await;
    for node in [&mut *one, &mut *other] {
        node.world.reopens_with(Limits { invitee_open_invitations: 6, ..Limits::default() }).await;
    }
    let hint = |id: String| invite(Invite { timeout: 0, ..ring(&id, &bob.user) });
    for (inviter, name) in [(&alice, "a"), (&dave, "d")] {
        for number in 0..3 {
            one.world.does(inviter, hint(format!("{name}{number}"))).await.succeeds();
        }
    }
    let rings = |inviter: &Actor| -> Vec<Command> {
        (0..4).map(|number| invite(ring(&format!("{}{number}", inviter.user), &bob.user))).collect()
    };
    let by = |inviter, rings: Vec<Command>| rings.into_iter().map(|ring| (inviter, ring)).collect();
    let of_one = (&mut *one, by(&alice, rings(&alice)));
    let of_other = (&mut *other, by(&carol, rings(&carol)));
    let (first, second) = at_both(of_one, of_other).await;
    let refused: Vec<Reason> =
        first.iter().chain(&second).filter_map(|outcome| outcome.0.reply().err().map(reason_of)).collect();
    assert_eq!(refused, [Reason::TooManyOpenForInvitee; 2], "six of eight calls found room");
    let pending = one.world.open_for(&bob).await;
    assert_eq!(pending.len(), 6);
    assert_eq!(pending, other.world.open_for(&bob).await);
    for id in ["a0", "a1", "a2", "d0", "d1", "d2"] {
        assert!(!other.world.invitation(id).await.is_open(), "{id} had no deadline");
    }
}

pub(super) async fn what_one_node_has_written_the_other_decides_on(one: &mut Node, other: &mut Node) {
    let [alice, bob] = join(one, ["alice", "bob"]).await;
    for round in 0..3 {
        let (id, team) = (format!("call {round}"), group(&format!("team{round}")));
        one.world.does(&alice, Command::SetBlock(bob.user.clone(), true)).await.succeeds();
        let blocked = other.world.does(&bob, send(text(to(&alice.user), "hi"))).await;
        assert_eq!(blocked.reason(), Reason::BlockedByPeer);
        one.world.does(&alice, Command::SetBlock(bob.user.clone(), false)).await.succeeds();
        let sent = other.world.does(&bob, send(text(to(&alice.user), "hi"))).await.sent().seq;
        let answered = one.world.does(&alice, send(text(to(&bob.user), "hi"))).await.sent().seq;
        assert_eq!(answered, sent.map(|seq| seq + 1));

        one.world.does(&alice, create_group(&team, &[&bob.user])).await.succeeds();
        other.world.does(&bob, invite(ring_members(&id, &team, &[&alice.user]))).await.succeeds();
        one.world.does(&alice, Command::DismissGroup(team.clone())).await.succeeds();
        let gone = other.world.does(&bob, send(text(to_group(&team), "hello?"))).await;
        assert_eq!(gone.reason(), Reason::UnknownGroup);
        assert!(!other.world.invitation(&id).await.is_open());
        assert!(other.world.open_for(&bob).await.is_empty());
    }
    // What was said in a group that is gone was told at the other node.
    one.world.told.is_thinned_out();
}

pub(super) async fn whom_a_user_knows_is_known_to_every_node(one: &mut Node, other: &mut Node) {
    let [alice, bob, carol] = join(one, ["alice", "bob", "carol"]).await;
    let rule = |ring| Command::SetReach { ring: Some(ring), add: None };
    one.world.does(&bob, rule(ReachableBy::Known)).await.succeeds();
    for round in 0..5 {
        let (id, team) = (|name: &str| format!("{name} {round}"), group(&format!("team{round}")));
        let refused = other.world.does(&carol, invite(ring(&id("stranger"), &bob.user))).await;
        assert_eq!(refused.reason(), Reason::BlockedByPeer);
        one.world.does(&carol, create_group(&team, &[])).await.succeeds();
        one.world.does(&bob, Command::JoinGroup(team.clone())).await.succeeds();
        other.world.does(&carol, invite(ring(&id("member"), &bob.user))).await.succeeds();
        // One node takes the group away while the other rings: whichever is first, the next is a stranger's again.
        let (gone, _) = at_both(
            (one, vec![(&carol, Command::DismissGroup(team))]),
            (other, vec![(&carol, invite(ring(&id("either"), &bob.user)))]),
        )
        .await;
        gone[0].succeeds();
        for name in ["member", "either"] {
            // Perhaps it was never made.
            one.world.does(&carol, cancel(&id(name))).await;
        }
    }
    one.world.does(&bob, send(text(to(&alice.user), "hello"))).await.succeeds();
    other.world.does(&alice, invite(ring("known", &bob.user))).await.succeeds();
    other.world.does(&bob, rule(ReachableBy::Nobody)).await.succeeds();
    assert_eq!(one.world.does(&alice, invite(ring("late", &bob.user))).await.reason(), Reason::BlockedByPeer);
}

pub(super) async fn a_dismissed_group_leaves_nothing_open(one: &mut Node, other: &mut Node) {
    let [alice, bob, carol] = join(one, ["alice", "bob", "carol"]).await;
    for round in 0..10 {
        let team = group(&format!("team{round}"));
        one.world.does(&alice, create_group(&team, &[&bob.user, &carol.user])).await.succeeds();
        let rings = (0..5)
            .map(|number| (&bob, invite(ring_members(&format!("{round} {number}"), &team, &[&carol.user]))));
        let dismissal = vec![(&alice, Command::DismissGroup(team.clone()))];
        let (dismissed, rung) = at_both((one, dismissal), (other, rings.collect())).await;
        dismissed[0].succeeds();
        for (number, outcome) in rung.iter().enumerate() {
            let found = one.store().invitation(&invite_id(&format!("{round} {number}"))).await.unwrap();
            match outcome.0.reply() {
                Ok(_) => assert!(!found.unwrap().is_open(), "what rang in time was ended with the group"),
                Err(refusal) => assert_eq!((reason_of(refusal), found), (Reason::UnknownGroup, None)),
            }
        }
    }
    assert!(one.world.open_for(&carol).await.is_empty());
    one.world.told.is_thinned_out();
}

pub(super) async fn who_is_online_elsewhere_is_told(one: &mut Node, other: &mut Node) {
    let [alice, bob, carol] = join(one, ["alice", "bob", "carol"]).await;
    one.world.is_online_elsewhere(&bob.user);
    for peer in [&bob, &carol] {
        let options = MessageOptions { online_user_only: true, ..MessageOptions::default() };
        let brief = SendMessage { options, ..text(to(&peer.user), "…") };
        one.world.does(&alice, send(brief)).await.succeeds();
    }
    assert_eq!(other.world.stream(&bob.user).await.len(), 1);
    assert!(other.world.stream(&carol.user).await.is_empty(), "carol is nowhere");
}
