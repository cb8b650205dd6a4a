//! Messages under the invitations.

use serde_json::{Value, json};

use crate::world::World;

fn seqs(page: &Value) -> Vec<u64> {
    page["messages"].as_array().unwrap().iter().map(|message| message["seq"].as_u64().unwrap()).collect()
}

#[tokio::test]
async fn history_is_read_in_both_directions_page_by_page() {
    let world = World::start();
    let [mut alice, mut bob] = world.people(["alice", "bob"]).await;
    for number in 1..=5 {
        let sent = alice.texts("bob", &format!("text {number}")).await;
        assert_eq!(sent["seq"], number);
        let message = bob.hears("message.received").await["message"].clone();
        assert_eq!(message["content"]["text"], format!("text {number}"));
        assert_eq!((&message["sender"], &message["receiver"]), (&json!("alice"), &json!("bob")));
        assert_eq!(message["messageID"], sent["messageID"]);
    }
    for (params, expected, complete) in [
        (json!({"limit": 2}), vec![5, 4], false),
        (json!({"limit": 2, "fromSeq": 3}), vec![3, 2], false),
        (json!({"fromSeq": 1}), vec![1], true),
        (json!({"direction": "newer", "limit": 2}), vec![1, 2], false),
        (json!({"direction": "newer", "limit": 2, "fromSeq": 3}), vec![3, 4], false),
        (json!({"direction": "newer", "fromSeq": 5}), vec![5], true),
        (json!({"direction": "newer", "fromSeq": 4, "limit": 2}), vec![4, 5], true),
        (json!({"limit": 5}), vec![5, 4, 3, 2, 1], true),
        (json!({"direction": "newer", "fromSeq": 6}), vec![], true),
    ] {
        let mut asked = params.clone();
        asked["userID"] = "alice".into();
        let page = bob.does("message.history", asked).await;
        assert_eq!((seqs(&page), &page["complete"]), (expected, &json!(complete)), "{params}");
    }
    let nothing = bob.does("message.history", json!({"userID": "stranger"})).await;
    assert_eq!(nothing, json!({"messages": [], "complete": true}));
}

#[tokio::test]
async fn an_invitation_and_its_answer_are_messages_in_the_wire_form() {
    let world = World::start();
    let [mut alice, mut bob] = world.people(["alice", "bob"]).await;
    let params = json!({"inviteID": "i-1", "invitee": "bob", "data": "call", "timeout": 60});
    let invited = alice.does("signaling.invite", params).await;
    bob.accepts(&json!("i-1")).await;
    let page = alice.does("message.history", json!({"userID": "bob", "direction": "newer"})).await;
    assert_eq!(seqs(&page), [1, 2]);
    let first = &page["messages"][0];
    assert_eq!((&first["type"], &first["messageID"]), (&json!("custom"), &invited["message"]["messageID"]));
    assert_eq!(
        first["content"]["data"],
        r#"{"businessID":1,"inviteID":"i-1","inviter":"alice","inviteeList":["bob"],"groupID":"","actionType":1,"timeout":60,"data":"call","onlineUserOnly":false}"#
    );
    let second = &page["messages"][1];
    assert_eq!((&second["sender"], &second["receiver"]), (&json!("bob"), &json!("alice")));
    assert_eq!(
        second["content"]["data"],
        r#"{"businessID":1,"inviteID":"i-1","inviter":"alice","inviteeList":["bob"],"groupID":"","actionType":3,"timeout":0,"data":"yes","onlineUserOnly":false}"#
    );
}

#[tokio::test]
async fn a_message_is_taken_back_by_its_sender_only() {
    let world = World::start();
    let [mut alice, mut bob] = world.people(["alice", "bob"]).await;
    alice.texts("bob", "oops").await;
    bob.hears("message.received").await;
    let at = |user: &str, seq: u64| json!({"userID": user, "seq": seq});
    bob.is_refused("notSender", "message.revoke", at("alice", 1)).await;
    assert_eq!(alice.is_refused("unknownMessage", "message.revoke", at("bob", 9)).await["code"], 20022);
    let revoked = alice.does("message.revoke", at("bob", 1)).await;
    assert!(revoked["cursor"].as_u64().is_some());
    let told = bob.hears("message.revoked").await;
    assert_eq!(
        (&told["seq"], &told["by"], &told["conversation"]),
        (&json!(1), &json!("alice"), &json!("c2c:alice bob"))
    );
    let again = alice.does("message.revoke", at("bob", 1)).await;
    assert!(again.get("cursor").is_none(), "{again}");
    let message = bob.does("message.history", json!({"userID": "alice"})).await["messages"][0].clone();
    assert_eq!((&message["revoked"], &message["content"]), (&json!(true), &json!({})));
    bob.hears_nothing().await;
}

#[tokio::test]
async fn unread_is_counted_and_reading_is_told() {
    let world = World::start();
    let [mut alice, mut bob, mut carol] = world.people(["alice", "bob", "carol"]).await;
    alice.texts("bob", "one").await;
    alice.texts("bob", "two").await;
    let quiet = json!({"userID": "bob", "type": "text", "content": {"text": "three"}, "excludedFromUnread": true, "excludedFromLastMessage": true});
    alice.does("message.send", quiet).await;
    carol.texts("bob", "hello").await;
    alice.invites(&bob).await;
    let list = bob.does("conversation.list", json!({})).await;
    assert_eq!(list["totalUnread"], 4);
    let with_alice = &list["conversations"][0];
    assert_eq!((&with_alice["userID"], &with_alice["unread"]), (&json!("alice"), &json!(3)));
    assert_eq!((&with_alice["lastSeq"], &with_alice["lastMessage"]["seq"]), (&json!(4), &json!(4)));
    assert_eq!(list["conversations"][1]["userID"], "carol");
    let read = bob.does("message.markRead", json!({"userID": "alice", "seq": 2})).await;
    assert!(read["cursor"].as_u64().is_some());
    let told = alice.hears("message.read").await;
    assert_eq!((&told["reader"], &told["seq"]), (&json!("bob"), &json!(2)));
    let again = bob.does("message.markRead", json!({"userID": "alice", "seq": 1})).await;
    assert!(again.get("cursor").is_none(), "{again}");
    let list = bob.does("conversation.list", json!({})).await;
    assert_eq!((&list["conversations"][0]["unread"], &list["totalUnread"]), (&json!(1), &json!(2)));
    bob.does("message.markRead", json!({"userID": "alice", "seq": 1000})).await;
    assert_eq!(alice.hears("message.read").await["seq"], 4);
    let list = alice.does("conversation.list", json!({})).await;
    assert_eq!((&list["conversations"][0]["peerReadSeq"], &list["totalUnread"]), (&json!(4), &json!(0)));
}

#[tokio::test]
async fn sender_and_receiver_are_told_the_same_of_who_has_read() {
    let world = World::start();
    let [mut alice, mut bob] = world.people(["alice", "bob"]).await;
    alice.texts("bob", "hi").await;
    bob.hears("message.received").await;
    for (readers, unread) in [(json!([]), 1), (json!(["bob"]), 0)] {
        for (asker, other) in [(&mut alice, "bob"), (&mut bob, "alice")] {
            let receipts = asker.does("message.receipts", json!({"userID": other, "seq": 1})).await;
            assert_eq!(
                receipts,
                json!({"readers": readers, "unreadCount": unread}),
                "seen by {other}'s friend"
            );
        }
        bob.does("message.markRead", json!({"userID": "alice", "seq": 1})).await;
    }
}

#[tokio::test]
async fn who_of_a_group_has_read_can_be_asked() {
    let world = World::start();
    let [mut alice, mut bob, mut carol] = world.people(["alice", "bob", "carol"]).await;
    alice.makes_group("choir", &["bob", "carol"]).await;
    alice.texts_in("choir", "la").await;
    bob.hears("group.membersAdded").await;
    bob.hears("message.received").await;
    let at = json!({"groupID": "choir", "seq": 1});
    bob.does("message.markRead", at.clone()).await;
    let receipts = alice.does("message.receipts", at.clone()).await;
    assert_eq!(receipts, json!({"readers": ["bob"], "unreadCount": 1}));
    assert_eq!(bob.does("message.receipts", at.clone()).await, receipts);
    alice.hears_nothing().await;
    carol.hears("group.membersAdded").await;
    carol.hears("message.received").await;
    carol.does("message.markRead", at.clone()).await;
    assert_eq!(alice.does("message.receipts", at).await["unreadCount"], 0);
    alice.is_refused("unknownMessage", "message.receipts", json!({"groupID": "choir", "seq": 7})).await;
    let mut mallory = world.person("mallory").await;
    mallory.is_refused("notMember", "message.receipts", json!({"groupID": "choir", "seq": 1})).await;
    mallory.is_refused("notMember", "message.history", json!({"groupID": "choir"})).await;
    mallory.is_refused("notMember", "message.markRead", json!({"groupID": "choir", "seq": 1})).await;
}

#[tokio::test]
async fn conversations_are_paged_newest_first() {
    let world = World::start();
    let mut alice = world.person("alice").await;
    let names: Vec<String> = (0..7).map(|number| format!("friend{number}")).collect();
    for name in &names {
        world.person(name).await;
        alice.texts(name, "hi").await;
    }
    let mut seen = Vec::new();
    let mut params = json!({"limit": 3});
    loop {
        let page = alice.does("conversation.list", params.clone()).await;
        let rows = page["conversations"].as_array().unwrap();
        seen.extend(rows.iter().map(|row| row["userID"].as_str().unwrap().to_owned()));
        let Some(next) = page.get("next") else { break };
        assert_eq!(rows.len(), 3);
        params["after"] = next.clone();
    }
    let expected: Vec<String> = names.into_iter().rev().collect();
    assert_eq!(seen, expected);
    let error = alice.is_refused("invalidParams", "conversation.list", json!({"limit": 101})).await;
    assert_eq!(error["data"]["field"], "limit");
}

#[tokio::test]
async fn a_client_message_id_counts_once() {
    let world = World::start();
    let [mut alice, mut bob] = world.people(["alice", "bob"]).await;
    let params = json!({"userID": "bob", "clientMsgID": "c-1", "type": "text", "content": {"text": "once"}});
    let sent = alice.does("message.send", params.clone()).await;
    assert_eq!(alice.does("message.send", params.clone()).await, sent);
    bob.hears("message.received").await;
    bob.hears_nothing().await;
    alice.vanishes();
    alice.resumes().await;
    assert_eq!(alice.does("message.send", params.clone()).await, sent);
    let other = json!({"userID": "bob", "clientMsgID": "c-1", "type": "text", "content": {"text": "twice"}});
    alice.is_refused("clientMsgIDTaken", "message.send", other).await;
    // Each sender has clientMsgIDs of their own.
    let params =
        json!({"userID": "alice", "clientMsgID": "c-1", "type": "text", "content": {"text": "mine"}});
    assert_eq!(bob.does("message.send", params).await["seq"], 2);
    assert_eq!(alice.hears("message.received").await["message"]["clientMsgID"], "c-1");
}

#[tokio::test]
async fn online_user_only_leaves_no_trace() {
    let world = World::start();
    let [mut alice, mut bob] = world.people(["alice", "bob"]).await;
    let params =
        json!({"userID": "bob", "type": "custom", "content": {"data": "typing"}, "onlineUserOnly": true});
    let sent = alice.does("message.send", params).await;
    assert!(sent.get("seq").is_none(), "{sent}");
    assert_eq!(bob.hears("message.received").await["message"]["content"]["data"], "typing");
    let params = json!({"invitee": "bob", "onlineUserOnly": true, "timeout": 60});
    let invited = alice.does("signaling.invite", params).await;
    assert!(invited.get("message").is_none());
    assert!(bob.hears("invitation.received").await.get("message").is_none());
    bob.accepts(&invited["inviteID"]).await;
    assert!(alice.hears("invitation.accepted").await.get("message").is_none());
    let history = bob.does("message.history", json!({"userID": "alice"})).await;
    assert_eq!(history, json!({"messages": [], "complete": true}));
    let list = bob.does("conversation.list", json!({})).await;
    assert_eq!(list, json!({"conversations": [], "totalUnread": 0}));
}

#[tokio::test]
async fn who_is_blocked_is_told_so() {
    let world = World::start();
    let [mut alice, mut mallory] = world.people(["alice", "mallory"]).await;
    alice.does("user.block", json!({"userID": "mallory"})).await;
    assert_eq!(alice.does("user.listBlocked", json!({})).await, json!({"userIDs": ["mallory"]}));
    let text = json!({"userID": "alice", "type": "text", "content": {"text": "hey"}});
    assert_eq!(mallory.is_refused("blocked", "message.send", text).await["code"], 20007);
    mallory.is_refused("blocked", "signaling.invite", json!({"invitee": "alice"})).await;
    alice.does("user.unblock", json!({"userID": "mallory"})).await;
    mallory.invites(&alice).await;
    alice.hears("invitation.received").await;
    mallory.does("user.setProfile", json!({"nickname": "Mal"})).await;
    let profiles = alice.does("user.get", json!({"userIDs": ["mallory", "nobody"]})).await;
    let expected = json!({"profiles": [{"userID": "mallory", "nickname": "Mal", "faceURL": "", "ext": ""}]});
    assert_eq!(profiles, expected);
}
