//! Invitations by messages that speak as signaling: what a store loads and keeps for them.

use serde_json::{Value, json as value};
use wigwag_engine::command::SendMessage;
use wigwag_engine::{Command, ConversationId};
use wigwag_protocol::Reason;
use wigwag_protocol::invitation::{EndReason, InviteeState};
use wigwag_protocol::message::Peer;
use wigwag_protocol::signaling_text::ActionType;

use crate::words::{accept, create_group, group, invite, json, on_tablet, reject, ring, to, to_group};
use crate::world::World;

/// What alice's invitation `call` for bob would say in a message.
fn words(action: ActionType) -> Value {
    value!({"businessID": 1, "inviteID": "call", "inviter": "alice", "inviteeList": ["bob"], "groupID": "",
            "actionType": action as u8, "timeout": 30, "data": "ring", "onlineUserOnly": false})
}

fn says(peer: Peer, words: &Value) -> SendMessage {
    SendMessage {
        kind: "custom".to_owned(),
        content: json(&value!({ "data": words.to_string() })),
        ..crate::words::text(peer, "")
    }
}

fn signals(peer: Peer, words: &Value) -> Command {
    Command::sending(says(peer, words)).unwrap()
}

pub(crate) async fn a_call_by_messages_is_kept_like_any_other(world: &mut World) {
    let [alice, bob] = [world.joins("alice").await, world.joins("bob").await];
    let between = ConversationId::between(&alice.user, &bob.user);
    let invited = world.does(&alice, signals(to(&bob.user), &words(ActionType::Invite))).await;
    assert_eq!((invited.sent().seq, invited.sent().cursor), (Some(1), Some(1)));
    world.reopens().await;
    let kept = world.invitation("call").await;
    assert_eq!((kept.timeout, kept.data.as_str(), kept.is_open()), (30, "ring", true));
    // The same invite by the other road is the same invite.
    let again = world.does(&alice, invite(ring("call", &bob.user))).await;
    assert_eq!(again.acted().message.as_ref().unwrap().message_id, invited.sent().message_id);
    let mut coming = words(ActionType::Accept);
    coming["data"] = "yes".into();
    let accepted = world.does(&bob, signals(to(&alice.user), &coming)).await;
    assert_eq!((accepted.sent().seq, accepted.events().len()), (Some(2), 1));
    world.reopens().await;
    let repeated = world.does(&bob, accept("call")).await;
    assert_eq!(repeated.acted().message.as_ref().unwrap().message_id, accepted.sent().message_id);
    assert_eq!(world.does(&on_tablet(&bob.user), reject("call")).await.reason(), Reason::Settled);
    let ids: Vec<_> = world.history(&between).await.into_iter().map(|message| message.message_id).collect();
    assert_eq!(ids, [invited.sent().message_id.clone(), accepted.sent().message_id.clone()]);
}

pub(crate) async fn the_key_of_a_signal_is_used_up(world: &mut World) {
    let [alice, bob] = [world.joins("alice").await, world.joins("bob").await];
    let keyed = |key: &str, words: &Value| {
        let message = SendMessage { client_msg_id: Some(key.to_owned()), ..says(to(&bob.user), words) };
        Command::sending(message).unwrap()
    };
    let mut brief = words(ActionType::Invite);
    brief["onlineUserOnly"] = true.into();
    brief["inviteID"] = "brief".into();
    let first = world.does(&alice, keyed("one", &words(ActionType::Invite))).await;
    let second = world.does(&alice, keyed("two", &brief)).await;
    assert_eq!((second.sent().message_id.as_str(), second.sent().seq), ("", None));
    for _ in 0..2 {
        for (key, first) in [("one", &first), ("two", &second)] {
            let same = if key == "one" { &words(ActionType::Invite) } else { &brief };
            let again = world.does(&alice, keyed(key, same)).await;
            assert_eq!(again.reply_text(), first.reply_text());
            assert!(again.events().is_empty());
            let mut other = words(ActionType::Invite);
            other["inviteID"] = "other".into();
            assert_eq!(world.does(&alice, keyed(key, &other)).await.reason(), Reason::ClientMsgIdTaken);
        }
        assert_eq!(world.open_for(&alice).await.len(), 2);
        world.reopens().await;
    }
}

pub(crate) async fn members_are_told_by_a_message_to_their_group(world: &mut World) {
    let [alice, bob, carol] =
        [world.joins("alice").await, world.joins("bob").await, world.joins("carol").await];
    let team = group("team");
    world.does(&alice, create_group(&team, &[&bob.user, &carol.user])).await.succeeds();
    let in_team = |action| {
        let mut words = words(action);
        words["groupID"] = "team".into();
        words
    };
    world.reopens().await;
    let invited = world.does(&alice, signals(to_group(&team), &in_team(ActionType::Invite))).await;
    assert_eq!(invited.events()[0].places.len(), 3, "every member is told");
    world.reopens().await;
    let carols = world.does(&carol, signals(to_group(&team), &in_team(ActionType::Accept))).await;
    assert_eq!(carols.reason(), Reason::IdentityMismatch);
    let rejected = world.does(&bob, signals(to_group(&team), &in_team(ActionType::Reject))).await;
    assert_eq!(rejected.events()[0].places.len(), 3);
    let kept = world.invitation("call").await;
    assert_eq!(kept.invitees()[0].state(), InviteeState::Rejected);
    assert_eq!(kept.end.as_ref().unwrap().reason(), EndReason::Completed);
}

pub(crate) async fn of_two_roads_in_one_batch_one_is_first(world: &mut World) {
    let [alice, bob, carol] =
        [world.joins("alice").await, world.joins("bob").await, world.joins("carol").await];
    let timeout = signals(to(&alice.user), &words(ActionType::Timeout));
    let accepting = signals(to(&alice.user), &words(ActionType::Accept));
    let cancelling = signals(to(&bob.user), &words(ActionType::Cancel));
    let outcomes = world
        .together(vec![
            (&alice, signals(to(&bob.user), &words(ActionType::Invite))),
            (&carol, accepting.clone()),
            (&bob, timeout),
            (&bob, accepting),
            (&alice, cancelling),
            (&bob, reject("call")),
        ])
        .await;
    let [invited, strange, timed_out, accepted, late, later] = outcomes.try_into().unwrap();
    invited.succeeds();
    assert_eq!(strange.reason(), Reason::UnknownInvitation);
    assert_eq!((timed_out.sent().message_id.as_str(), timed_out.events().len()), ("", 0));
    assert_eq!(accepted.events().len(), 1);
    assert_eq!((late.reason(), later.reason()), (Reason::Settled, Reason::Settled));
    assert_eq!(world.invitation("call").await.version, 2);
}
