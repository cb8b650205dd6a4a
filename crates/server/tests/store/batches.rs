//! Commands that wait together.

use std::collections::BTreeMap;

use wigwag_engine::{Actor, Command, ConversationId};
use wigwag_protocol::{Reason, UserId};

use crate::words::{
    accept, cancel, create_group, group, invite, invite_id, on_tablet, ring, ring_members, send, set_profile,
    text, to, to_group, user,
};
use crate::world::{World, reason_of};

pub(crate) async fn of_two_accepts_together_one_wins(world: &mut World) {
    let [alice, bob] = [world.joins("alice").await, world.joins("bob").await];
    let tablet = on_tablet(&bob.user);
    for round in 0..5 {
        let id = format!("call {round}");
        world.does(&alice, invite(ring(&id, &bob.user))).await.succeeds();
        let outcomes = world.together(vec![(&bob, accept(&id)), (&tablet, accept(&id))]).await;
        let winner = outcomes.iter().position(|outcome| outcome.0.reply().is_ok()).unwrap();
        let (won, lost) = (&outcomes[winner], &outcomes[1 - winner]);
        assert_eq!(lost.reason(), Reason::Settled);
        let settled = world.invitation(&id).await.invitees()[0].settled.clone().unwrap();
        assert_eq!((settled.at, settled.version), (won.acted().time, 2));
        assert_eq!(lost.refusal().data.outcome.as_ref().unwrap().device, settled.said().unwrap().device);
    }
    assert_eq!(world.stream(&alice.user).await.len(), 10, "each invitation was accepted once");
}

pub(crate) async fn a_batch_sees_what_came_before_in_it(world: &mut World) {
    let [alice, bob, carol] =
        [user("alice"), user("bob"), user("carol")].map(|user| crate::words::on_phone(&user));
    let team = group("team");
    let commands = vec![
        (&alice, Command::Register),
        (&bob, Command::Register),
        (&carol, Command::Register),
        (&alice, create_group(&team, &[&bob.user])),
        (&bob, Command::AddMembers(team.clone(), vec![carol.user.clone()])),
        (&alice, invite(ring_members("all", &team, &[&bob.user, &carol.user]))),
        (&carol, accept("all")),
        (&carol, send(text(to_group(&team), "here"))),
        (&bob, Command::QuitGroup(team.clone())),
        (&alice, invite(ring("bob", &bob.user))),
        (&alice, cancel("bob")),
        (&bob, accept("bob")),
    ];
    let outcomes = world.together(commands).await;
    let (last, others) = outcomes.split_last().unwrap();
    for outcome in others {
        outcome.succeeds();
    }
    assert_eq!(last.reason(), Reason::Cancelled);
    world.reopens().await;
    let members: Vec<UserId> = world.group(&team).await.unwrap().members.into_keys().collect();
    assert_eq!(members, [alice.user.clone(), carol.user.clone()]);
    assert!(!world.invitation("all").await.is_open(), "bob's quitting settled the last of it");
    assert!(world.due().await.is_empty());
    assert!(world.open_for(&alice).await.is_empty());
}

pub(crate) async fn a_refused_command_leaves_its_neighbours_alone(world: &mut World) {
    let [alice, bob] = [world.joins("alice").await, world.joins("bob").await];
    let long = "x".repeat(20_000);
    let commands = vec![
        (&alice, invite(ring("one", &bob.user))),
        (&alice, send(text(to(&bob.user), &long))),
        (&bob, accept("unknown")),
        (&bob, accept("one")),
        (&alice, Command::DismissGroup(group("unknown"))),
        (&alice, send(text(to(&bob.user), "short"))),
    ];
    let outcomes = world.together(commands).await;
    let reasons: Vec<Option<Reason>> =
        outcomes.iter().map(|outcome| outcome.0.reply().err().map(reason_of)).collect();
    let (large, unknown) = (Some(Reason::TooLarge), Some(Reason::UnknownInvitation));
    assert_eq!(reasons, [None, large, unknown, None, Some(Reason::UnknownGroup), None]);
    let history = world.history(&ConversationId::between(&alice.user, &bob.user)).await;
    assert_eq!(history.len(), 3);
}

pub(crate) async fn names_are_given_once_in_a_batch(world: &mut World) {
    let [alice, bob] = [world.joins("alice").await, world.joins("bob").await];
    let team = group("team");
    let keyed = |words| {
        let mut message = text(to(&bob.user), words);
        message.client_msg_id = Some("key".to_owned());
        send(message)
    };
    let commands = vec![
        (&alice, create_group(&team, &[])),
        (&bob, create_group(&team, &[])),
        (&alice, invite(ring("i", &bob.user))),
        (&bob, invite(ring("i", &alice.user))),
        (&alice, keyed("one")),
        (&alice, keyed("one")),
        (&alice, keyed("two")),
        (&alice, Command::Register),
    ];
    let outcomes = world.together(commands).await;
    assert_eq!(outcomes[1].reason(), Reason::GroupIdTaken);
    assert_eq!(outcomes[3].reason(), Reason::InviteIdTaken);
    assert_eq!(outcomes[4].reply_text(), outcomes[5].reply_text());
    assert_eq!(outcomes[6].reason(), Reason::ClientMsgIdTaken);
    world.reopens().await;
    assert_eq!(world.group(&team).await.unwrap().owner(), Some(&alice.user));
    assert_eq!(world.open_for(&bob).await, [invite_id("i")]);
}

/// The recall after every case finds gaps; here is what makes them likely.
pub(crate) async fn many_commands_of_many_users_leave_no_gap(world: &mut World) {
    const USERS: usize = 12;
    const ROUNDS: usize = 25;
    let mut people: Vec<Actor> = Vec::new();
    for number in 0..USERS {
        people.push(world.joins(&format!("user{number}")).await);
    }
    let team = group("team");
    let members: Vec<&UserId> = people.iter().map(|actor| &actor.user).collect();
    world.does(&people[0], create_group(&team, &members)).await.succeeds();
    let mut commands = Vec::new();
    for round in 0..ROUNDS {
        for (number, actor) in people.iter().enumerate() {
            let other = &people[(number + 1 + round % (USERS - 1)) % USERS].user;
            commands.push((
                actor,
                match (round + number) % 4 {
                    0 => invite(ring(&format!("{round} {number}"), other)),
                    1 => send(text(to_group(&team), "all")),
                    2 => set_profile(Some(&format!("{round}")), None, None),
                    _ => send(text(to(other), "you")),
                },
            ));
        }
    }
    let outcomes = world.together(commands).await;
    for outcome in &outcomes {
        outcome.succeeds();
    }
    let mut seqs: BTreeMap<String, Vec<u64>> = BTreeMap::new();
    for sent in outcomes.iter().filter(|outcome| outcome.0.invitations_made().count() == 0) {
        if let wigwag_engine::Reply::Sent(sent) = sent.succeeds() {
            seqs.entry(sent.conversation.clone()).or_default().push(sent.seq.unwrap());
        }
    }
    assert!(
        seqs.values().all(|seqs| seqs.is_sorted()),
        "who was queued first has the lower number: {seqs:?}"
    );
}
