//! Messages and their history.

use wigwag_engine::command::SendMessage;
use wigwag_engine::{Actor, ConversationId};
use wigwag_protocol::Reason;
use wigwag_protocol::message::{MessageOptions, Peer, Priority};
use wigwag_protocol::params::Direction;
use wigwag_server::store::HistoryRange;

use crate::words::{create_group, group, invite, json, mark_read, revoke, ring, send, text, to};
use crate::world::World;

async fn alice_and_bob(world: &mut World) -> ([Actor; 2], ConversationId) {
    let people = [world.joins("alice").await, world.joins("bob").await];
    let conversation = ConversationId::between(&people[0].user, &people[1].user);
    (people, conversation)
}

pub(crate) async fn a_message_is_kept_as_it_was_sent(world: &mut World) {
    let ([alice, bob], conversation) = alice_and_bob(world).await;
    let content = json(&serde_json::json!({ "data": "x", "nested": [1, null, { "b": 2, "a": 1.5 }] }));
    let message = SendMessage {
        client_msg_id: Some("key 1".to_owned()),
        kind: "custom".to_owned(),
        content: content.clone(),
        options: MessageOptions {
            cloud_custom_data: "cloud".to_owned(),
            excluded_from_unread: true,
            excluded_from_last_message: true,
            priority: Some(Priority::High),
            need_read_receipt: true,
            online_user_only: false,
        },
        offline_push_info: Some(json(&serde_json::json!({ "title": "t" }))),
        ..text(to(&bob.user), "")
    };
    let sent = world.does(&alice, send(message.clone())).await.sent().clone();
    for _ in 0..2 {
        let [kept] = world.history(&conversation).await.try_into().unwrap();
        assert_eq!((&kept.message_id, kept.seq, kept.time), (&sent.message_id, Some(1), sent.time));
        assert_eq!((&kept.sender, kept.receiver.as_ref()), (&alice.user, Some(&bob.user)));
        assert_eq!((&kept.client_msg_id, &kept.kind), (&message.client_msg_id, &message.kind));
        assert_eq!(kept.content.get(), content.get(), "not a byte of the content changes");
        assert_eq!(kept.options, message.options);
        assert_eq!(kept.offline_push_info.unwrap().get(), message.offline_push_info.as_ref().unwrap().get());
        assert!(!kept.revoked && kept.group_id.is_none());
        assert_eq!(kept.conversation, conversation.to_string());
        world.reopens().await;
    }
}

pub(crate) async fn a_client_message_id_is_used_up_once_for_each_sender(world: &mut World) {
    let ([alice, bob], conversation) = alice_and_bob(world).await;
    let keyed = |message| send(SendMessage { client_msg_id: Some("key".to_owned()), ..message });
    let first = world.does(&alice, keyed(text(to(&bob.user), "one"))).await;
    let other = world.does(&bob, keyed(text(to(&alice.user), "two"))).await;
    assert_ne!(first.sent().message_id, other.sent().message_id, "bob's keys are his own");
    let carol = world.joins("carol").await;
    for _ in 0..2 {
        let again = world.does(&alice, keyed(text(to(&bob.user), "one"))).await;
        assert_eq!(again.reply_text(), first.reply_text());
        assert!(again.events().is_empty());
        for another in [text(to(&bob.user), "something else"), text(to(&carol.user), "one")] {
            assert_eq!(world.does(&alice, keyed(another)).await.reason(), Reason::ClientMsgIdTaken);
        }
        assert_eq!(world.history(&conversation).await.len(), 2);
        world.reopens().await;
    }
}

/// Columns end at 2⁶³ - 1, and the numbers that clients may name do not.
pub(crate) async fn a_number_beyond_every_column_names_nothing(world: &mut World) {
    let ([alice, bob], conversation) = alice_and_bob(world).await;
    world.does(&alice, send(text(to(&bob.user), "one"))).await.succeeds();
    let crew = group("crew");
    world.does(&alice, create_group(&crew, &[&bob.user])).await.succeeds();
    world.does(&alice, send(text(Peer::Group(crew.clone()), "all"))).await.succeeds();
    world.reopens().await;
    for seq in [i64::MAX.unsigned_abs(), i64::MAX.unsigned_abs() + 1, u64::MAX] {
        for peer in [to(&bob.user), Peer::Group(crew.clone())] {
            assert_eq!(world.does(&alice, revoke(peer, seq)).await.reason(), Reason::UnknownMessage);
        }
        assert_eq!(world.readers(&conversation, seq).await, []);
        for (direction, found) in [(Direction::Older, 1), (Direction::Newer, 0)] {
            let range =
                HistoryRange { conversation: conversation.clone(), from_seq: Some(seq), direction, limit: 9 };
            assert_eq!(world.store().history(range).await.unwrap().messages.len(), found, "{seq}");
        }
        let page = world.store().events_after(&bob.user, seq, 9).await.unwrap();
        assert!(page.events.is_empty() && page.complete);
    }
    world.does(&bob, mark_read(to(&alice.user), u64::MAX)).await.succeeds();
    assert_eq!(world.readers(&conversation, 1).await, [bob.user]);
}

pub(crate) async fn a_revoked_message_loses_its_content(world: &mut World) {
    let ([alice, bob], conversation) = alice_and_bob(world).await;
    for words in ["one", "two", "three"] {
        world.does(&alice, send(text(to(&bob.user), words))).await.succeeds();
    }
    assert_eq!(world.does(&bob, revoke(to(&alice.user), 2)).await.reason(), Reason::NotSender);
    assert_eq!(world.does(&alice, revoke(to(&bob.user), 4)).await.reason(), Reason::UnknownMessage);
    world.does(&alice, revoke(to(&bob.user), 2)).await.succeeds();
    for _ in 0..2 {
        let again = world.does(&alice, revoke(to(&bob.user), 2)).await;
        again.succeeds();
        assert!(again.events().is_empty(), "once is enough");
        let history = world.history(&conversation).await;
        let revoked: Vec<bool> = history.iter().map(|message| message.revoked).collect();
        assert_eq!(revoked, [false, true, false]);
        assert_eq!(history[1].content.get(), "{}");
        assert_ne!(history[2].content.get(), "{}");
        world.reopens().await;
    }
    world.does(&alice, revoke(to(&bob.user), 3)).await.succeeds();
    let history = world.history(&conversation).await;
    assert!(history[2].revoked, "a message from before the store was opened as well");
}

pub(crate) async fn history_is_read_in_both_directions(world: &mut World) {
    let ([alice, bob], conversation) = alice_and_bob(world).await;
    for number in 1..=9 {
        world.does(&alice, send(text(to(&bob.user), &number.to_string()))).await.succeeds();
    }
    world.does(&bob, invite(ring("i", &alice.user))).await.succeeds();
    for _ in 0..2 {
        let page = async |direction, from_seq, limit| {
            let range = HistoryRange { conversation: conversation.clone(), from_seq, direction, limit };
            let page = world.store().history(range).await.unwrap();
            let seqs: Vec<u64> = page.messages.iter().map(|message| message.seq.unwrap()).collect();
            (seqs, page.complete)
        };
        assert_eq!(page(Direction::Older, None, 4).await, (vec![10, 9, 8, 7], false));
        assert_eq!(page(Direction::Older, Some(6), 4).await, (vec![6, 5, 4, 3], false));
        assert_eq!(page(Direction::Older, Some(2), 2).await, (vec![2, 1], true));
        assert_eq!(page(Direction::Older, Some(0), 4).await, (vec![], true));
        assert_eq!(page(Direction::Older, Some(u64::MAX), 1).await, (vec![10], false));
        assert_eq!(page(Direction::Newer, None, 3).await, (vec![1, 2, 3], false));
        assert_eq!(page(Direction::Newer, Some(8), 3).await, (vec![8, 9, 10], true));
        assert_eq!(page(Direction::Newer, Some(8), 2).await, (vec![8, 9], false));
        assert_eq!(page(Direction::Newer, Some(11), 3).await, (vec![], true));
        assert_eq!(page(Direction::Newer, Some(u64::MAX), 3).await, (vec![], true));
        assert_eq!(page(Direction::Newer, Some(0), 100).await, ((1..=10).collect(), true));
        world.reopens().await;
    }
}

pub(crate) async fn a_message_for_those_online_has_no_place_in_history(world: &mut World) {
    let ([alice, bob], conversation) = alice_and_bob(world).await;
    let brief = || {
        let options = MessageOptions { online_user_only: true, ..MessageOptions::default() };
        send(SendMessage { options, client_msg_id: Some("typing".to_owned()), ..text(to(&bob.user), "…") })
    };
    let sent = world.does(&alice, brief()).await;
    assert_eq!((sent.sent().seq, sent.sent().cursor), (None, Some(1)));
    assert!(!sent.sent().message_id.is_empty());
    assert!(world.stream(&bob.user).await.is_empty(), "bob is not online");
    world.reopens().await;
    assert_eq!(world.does(&alice, brief()).await.reply_text(), sent.reply_text(), "a repeat is a repeat");

    world.is_online(&bob.user, true);
    let options = MessageOptions { online_user_only: true, ..MessageOptions::default() };
    world.does(&alice, send(SendMessage { options, ..text(to(&bob.user), "…") })).await.succeeds();
    assert_eq!(world.stream(&bob.user).await.len(), 1);
    assert!(world.history(&conversation).await.is_empty());
    let sent = world.does(&alice, send(text(to(&bob.user), "hi"))).await;
    assert_eq!((sent.sent().seq, sent.sent().cursor), (Some(1), Some(3)));
}
