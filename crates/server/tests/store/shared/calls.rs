//! Calls that two nodes write at once.

use wigwag_engine::command::CallRef;
use wigwag_engine::{Actor, Call, Command};
use wigwag_protocol::call::CallEndReason;
use wigwag_protocol::{CallId, InviteId, Reason, UserId};
use wigwag_server::store::WhichCall;

use super::writing::at_both;
use super::{Node, join};
use crate::words::{
    accept, call_id, create_group, group, hang_up, invite, invite_id, join_call, ring, ring_members, room,
    to_call, to_room,
};
use crate::world::Outcome;

const ROUNDS: usize = 20;

fn call_user(id: &str, invitee: &UserId) -> Command {
    invite(to_call(ring(id, invitee)))
}

/// Both nodes say the same of who is in which call.
async fn in_calls(one: &Node, other: &Node) -> Vec<UserId> {
    let people = one.world.in_calls().await;
    assert_eq!(people, other.world.in_calls().await);
    people
}

fn joined(call: &Call) -> Vec<UserId> {
    call.joined().cloned().collect()
}

pub(super) async fn two_who_call_each_other_at_two_nodes_meet(one: &mut Node, other: &mut Node) {
    let [alice, bob] = join(one, ["alice", "bob"]).await;
    for round in 0..ROUNDS {
        let (a, b) = (format!("a{round}"), format!("b{round}"));
        let first = vec![(&alice, call_user(&a, &bob.user))];
        let second = vec![(&bob, call_user(&b, &alice.user))];
        let (first, second) = at_both((one, first), (other, second)).await;
        let entries = [&first[0], &second[0]].map(|outcome| outcome.acted().call.clone().unwrap());
        assert_eq!(entries[0].link, entries[1].link, "they meet in one room");
        let accepted: Vec<&str> =
            entries.iter().filter_map(|entry| entry.accepted.as_ref()).map(InviteId::as_str).collect();
        let opened = entries[0].link.call_id.as_str();
        assert_eq!(accepted, [opened], "the later is told that it accepts the earlier");
        let merged = if opened == a { &b } else { &a };
        for node in [&*one, &*other] {
            assert_eq!(node.world.invitation(merged).await.merged_into(), Some(&invite_id(opened)));
            assert_eq!(joined(&*node.world.call(opened).await).len(), 2);
            assert!(node.world.store().call(&call_id(merged)).await.unwrap().is_none());
        }
        assert_eq!(in_calls(one, other).await, [alice.user.clone(), bob.user.clone()]);
        one.world.does(&bob, hang_up(opened)).await.succeeds();
        assert!(in_calls(one, other).await.is_empty());
    }
}

pub(super) async fn of_two_who_open_a_room_one_has_it(one: &mut Node, other: &mut Node) {
    let [alice, bob, carol, dave] = join(one, ["alice", "bob", "carol", "dave"]).await;
    for round in 0..ROUNDS {
        // Every other room has a row already when it is opened.
        let name = format!("room{}", round / 2);
        let (a, c) = (format!("a{round}"), format!("c{round}"));
        let first = vec![(&alice, invite(to_room(ring(&a, &bob.user), &name)))];
        let second = vec![(&carol, invite(to_room(ring(&c, &dave.user), &name)))];
        let (first, second) = at_both((one, first), (other, second)).await;
        let refused: Vec<&Outcome> =
            first.iter().chain(&second).filter(|outcome| outcome.0.reply().is_err()).collect();
        assert_eq!(refused.iter().map(|outcome| outcome.reason()).collect::<Vec<_>>(), [Reason::RoomTaken]);
        let (winner, id) = if first[0].0.reply().is_ok() { (&alice, &a) } else { (&carol, &c) };
        let in_room = WhichCall::Ref(CallRef::Room(room(&name)));
        for node in [&*one, &*other] {
            let found = node.world.store().call_found(&in_room).await.unwrap().unwrap();
            assert_eq!((found.id(), found.is_running()), (&call_id(id), true));
        }
        one.world.does(winner, hang_up(id)).await.succeeds();
    }
}

pub(super) async fn who_answers_one_is_busy_or_is_rung_by_the_other(one: &mut Node, other: &mut Node) {
    let [alice, bob, carol] = join(one, ["alice", "bob", "carol"]).await;
    for round in 0..ROUNDS {
        let (a, c) = (format!("a{round}"), format!("c{round}"));
        one.world.does(&alice, call_user(&a, &bob.user)).await.succeeds();
        let (first, second) =
            at_both((one, vec![(&bob, accept(&a))]), (other, vec![(&carol, call_user(&c, &bob.user))])).await;
        first[0].succeeds();
        let is_busy = second[0].acted().call.as_ref().unwrap().busy == [bob.user.clone()];
        let theirs = other.world.call(&c).await;
        assert_eq!(theirs.rings(&bob.user), !is_busy);
        assert_eq!(theirs.end.map(|end| end.reason), is_busy.then_some(CallEndReason::Busy));
        assert_eq!(joined(&*other.world.call(&a).await), [alice.user.clone(), bob.user.clone()]);
        // Whoever is rung may go on to the other call, whichever node takes the answer.
        if is_busy {
            other.world.does(&alice, hang_up(&a)).await.succeeds();
        } else {
            other.world.does(&bob, accept(&c)).await.succeeds();
            assert_eq!(in_calls(one, other).await, [bob.user.clone(), carol.user.clone()]);
            assert!(!one.world.call(&a).await.is_running());
            one.world.does(&carol, hang_up(&c)).await.succeeds();
        }
        assert!(in_calls(one, other).await.is_empty());
    }
}

pub(super) async fn steps_of_one_call_at_two_nodes_come_one_after_the_other(
    one: &mut Node,
    other: &mut Node,
) {
    let people = join(one, ["alice", "bob", "carol", "dave", "erin"]).await;
    let [alice, bob, carol, dave, erin] = &people;
    let team = group("team");
    let members = [&bob.user, &carol.user, &dave.user, &erin.user];
    one.world.does(alice, create_group(&team, &members)).await.succeeds();
    for round in 0..ROUNDS {
        let id = format!("c{round}");
        let ring = ring_members(&id, &team, &[&bob.user, &carol.user]);
        one.world.does(alice, invite(to_call(ring))).await.succeeds();
        let first = vec![(bob, accept(&id)), (dave, join_call(&id))];
        let second = vec![(carol, accept(&id)), (erin, join_call(&id))];
        let (first, second) = at_both((one, first), (other, second)).await;
        for outcome in first.iter().chain(&second) {
            outcome.succeeds();
        }
        assert_eq!((one.world.call(&id).await.version, in_calls(one, other).await.len()), (5, 5));
        let leave = |actors: [&Actor; 2]| actors.map(|actor| (actor.clone(), hang_up(&id)));
        let (first, second) = (leave([alice, bob]), leave([carol, dave]));
        let first = first.iter().map(|(actor, command)| (actor, command.clone())).collect();
        let second = second.iter().map(|(actor, command)| (actor, command.clone())).collect();
        let (first, second) = at_both((one, first), (other, second)).await;
        for outcome in first.iter().chain(&second) {
            outcome.succeeds();
        }
        for node in [&*one, &*other] {
            assert_eq!(node.world.call(&id).await.end.map(|end| end.reason), Some(CallEndReason::HungUp));
            let running = node.world.store().call_found(&WhichCall::OfGroup(team.clone())).await.unwrap();
            assert_eq!(running.map(|call| call.id().clone()), None::<CallId>);
        }
        assert!(in_calls(one, other).await.is_empty());
    }
}
