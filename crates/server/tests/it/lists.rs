//! What users do with their lists of conversations, on all of their devices.

use serde_json::{Value, json};

use crate::world::{Cluster, World};

fn names(list: &Value) -> Vec<&str> {
    let views = list["conversations"].as_array().unwrap().iter();
    views.map(|view| view["conversation"].as_str().unwrap()).collect()
}

fn seqs(page: &Value) -> Vec<u64> {
    page["messages"].as_array().unwrap().iter().map(|message| message["seq"].as_u64().unwrap()).collect()
}

#[tokio::test]
async fn pinned_conversations_stand_in_front_on_every_device_and_after_a_restart() {
    let mut world = World::start();
    let [mut alice, mut bob, mut carol] = world.people(["alice", "bob", "carol"]).await;
    alice.makes_group("team", &["bob"]).await;
    for sender in [&mut alice, &mut carol] {
        sender.texts("bob", "hi").await;
    }
    let mut desk = world.another("bob", "desk", 7);
    desk.opens().await;
    for pin in [json!({"userID": "alice", "pinned": true}), json!({"groupID": "team", "pinned": true})] {
        bob.does("conversation.pin", pin).await;
    }
    for conversation in ["c2c:alice bob", "group:team"] {
        let told = desk.hears("conversation.pinned").await;
        assert_eq!((&told["conversation"], &told["pinned"]), (&json!(conversation), &json!(true)));
    }
    let again = bob.does("conversation.pin", json!({"userID": "alice", "pinned": true})).await;
    assert!(again.get("cursor").is_none(), "{again}");
    let ordered = ["c2c:alice bob", "group:team", "c2c:bob carol"];
    assert_eq!(names(&desk.does("conversation.list", json!({})).await), ordered);
    world.restart();
    desk.resumes_at(world.address()).await;
    let mut after = Value::Null;
    for (place, conversation) in ordered.iter().enumerate() {
        let mut params = json!({"limit": 1});
        if !after.is_null() {
            params["after"] = after.clone();
        }
        let page = desk.does("conversation.list", params).await;
        assert_eq!((names(&page), &page["totalUnread"]), (vec![*conversation], &json!(2)));
        let pinned = page["conversations"][0].get("pinned");
        assert_eq!(pinned, (place < 2).then_some(&json!(true)), "{conversation}");
        after = page.get("next").cloned().unwrap_or_default();
    }
    desk.does("conversation.pin", json!({"userID": "alice", "pinned": false})).await;
    let unpinned = desk.does("conversation.list", json!({})).await;
    assert_eq!(names(&unpinned), ["group:team", "c2c:bob carol", "c2c:alice bob"]);
}

#[tokio::test]
async fn a_deleted_conversation_comes_back_with_the_next_message_and_without_the_old_ones() {
    let world = World::start();
    let [mut alice, mut bob] = world.people(["alice", "bob"]).await;
    let mut desk = world.another("bob", "desk", 7);
    desk.opens().await;
    for text in ["one", "two"] {
        alice.texts("bob", text).await;
    }
    bob.does("conversation.pin", json!({"userID": "alice", "pinned": true})).await;
    bob.does("conversation.delete", json!({"userID": "alice"})).await;
    for kind in ["message.received", "message.received", "conversation.pinned", "message.read"] {
        desk.hears(kind).await;
    }
    let told = desk.hears("conversation.deleted").await;
    assert_eq!((&told["conversation"], &told["seq"]), (&json!("c2c:alice bob"), &json!(2)));
    assert_eq!(alice.hears("message.read").await["seq"], 2, "what was unread is read");
    let list = desk.does("conversation.list", json!({})).await;
    assert_eq!(list, json!({"conversations": [], "totalUnread": 0}));
    for params in [json!({"userID": "alice"}), json!({"userID": "alice", "direction": "newer", "fromSeq": 1})]
    {
        let page = desk.does("message.history", params).await;
        assert_eq!(page, json!({"messages": [], "complete": true}));
    }
    assert_eq!(seqs(&alice.does("message.history", json!({"userID": "bob"})).await), [2, 1]);
    let again = bob.does("conversation.delete", json!({"userID": "alice"})).await;
    assert!(again.get("cursor").is_none(), "{again}");

    for text in ["three", "four"] {
        alice.texts("bob", text).await;
    }
    let list = desk.does("conversation.list", json!({})).await;
    let line = &list["conversations"][0];
    assert_eq!((&list["totalUnread"], &line["unread"], line.get("pinned")), (&json!(2), &json!(2), None));
    for (params, seen, complete) in [
        (json!({"limit": 1}), vec![4], false),
        (json!({"limit": 2}), vec![4, 3], true),
        (json!({}), vec![4, 3], true),
        (json!({"fromSeq": 2}), vec![], true),
        (json!({"direction": "newer", "limit": 1}), vec![3], false),
        (json!({"direction": "newer", "fromSeq": 1}), vec![3, 4], true),
    ] {
        let mut asked = params.clone();
        asked["userID"] = "alice".into();
        let page = desk.does("message.history", asked).await;
        assert_eq!((seqs(&page), &page["complete"]), (seen, &json!(complete)), "{params}");
    }
}

#[tokio::test]
async fn who_is_in_no_group_and_what_is_in_no_list_is_refused() {
    let world = World::start();
    let [mut alice, mut bob] = world.people(["alice", "bob"]).await;
    alice.makes_group("team", &[]).await;
    for (reason, params) in [
        ("notMember", json!({"groupID": "team", "pinned": true})),
        ("unknownGroup", json!({"groupID": "none", "pinned": true})),
        ("invalidParameter", json!({"userID": "alice", "pinned": true})),
        ("invalidParameter", json!({"userID": "nobody", "pinned": true})),
        ("invalidParams", json!({"userID": "alice", "groupID": "team", "pinned": true})),
        ("invalidParams", json!({"userID": "alice"})),
    ] {
        bob.is_refused(reason, "conversation.pin", params).await;
    }
    bob.is_refused("notMember", "conversation.delete", json!({"groupID": "team"})).await;
    bob.is_refused("invalidParams", "conversation.delete", json!({})).await;
    let nothing = bob.does("conversation.delete", json!({"userID": "nobody"})).await;
    assert!(nothing.get("cursor").is_none(), "{nothing}");
}

#[tokio::test]
async fn devices_on_two_nodes_have_the_same_list_at_once() {
    let cluster = Cluster::of(2, "");
    let mut alice = cluster.person(0, "alice").await;
    let mut bob = cluster.person(0, "bob").await;
    let mut desk = cluster.nodes[1].another("bob", "desk", 7);
    desk.opens().await;
    alice.texts("bob", "hi").await;
    for device in [&mut bob, &mut desk] {
        device.hears("message.received").await;
    }
    bob.does("conversation.pin", json!({"userID": "alice", "pinned": true})).await;
    assert_eq!(desk.hears("conversation.pinned").await["pinned"], true);
    assert_eq!(desk.does("conversation.list", json!({})).await["conversations"][0]["pinned"], true);
    desk.does("conversation.delete", json!({"userID": "alice"})).await;
    assert_eq!(bob.hears("message.read").await["reader"], "bob");
    assert_eq!(bob.hears("conversation.deleted").await["seq"], 1);
    let list = bob.does("conversation.list", json!({})).await;
    assert_eq!(list, json!({"conversations": [], "totalUnread": 0}));
    bob.texts("alice", "there you are").await;
    assert_eq!(names(&desk.does("conversation.list", json!({})).await), ["c2c:alice bob"]);
}
