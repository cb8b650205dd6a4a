//! What was acknowledged is there, whatever becomes of the process.

use std::time::Duration;

use serde_json::{Value, json};

use crate::world::{Device, World, now_ms};

#[tokio::test]
async fn the_server_is_killed_while_it_rings_and_the_call_is_still_there() {
    let mut world = World::start();
    let [mut alice, mut bob] = world.people(["alice", "bob"]).await;
    let invited = alice.invites(&bob).await;
    world.kill();
    world.resume();
    bob.resumes_at(world.address()).await;
    let received = bob.hears("invitation.received").await;
    assert_eq!((&received["inviteID"], &received["deadline"]), (&invited["inviteID"], &invited["deadline"]));
    assert!(received["remainingMs"].as_u64().unwrap() < 60_000);
    bob.is_caught_up().await;
    bob.accepts(&invited["inviteID"]).await;
    alice.resumes_at(world.address()).await;
    let told = alice.catches_up().await;
    assert_eq!((told.len(), &told[0]["type"]), (1, &json!("invitation.accepted")));
    assert_eq!(told[0]["version"], 2);
    alice.texts("bob", "hello again").await;
    bob.hears("message.received").await;
}

#[tokio::test]
async fn a_deadline_that_passed_meanwhile_fires_at_once_and_once() {
    let mut world = World::start();
    let [mut alice, mut bob] = world.people(["alice", "bob"]).await;
    let short = json!({"inviteID": "short", "invitee": "bob", "data": "x", "timeout": 1});
    let deadline = alice.does("signaling.invite", short).await["deadline"].as_u64().unwrap();
    let long = json!({"inviteID": "long", "invitee": "bob", "timeout": 4});
    let later = alice.does("signaling.invite", long).await["deadline"].as_u64().unwrap();
    bob.hears("invitation.received").await;
    bob.hears("invitation.received").await;
    world.kill();
    tokio::time::sleep(Duration::from_millis((deadline + 50).saturating_sub(now_ms()))).await;
    let began = now_ms();
    world.resume();
    for device in [&mut alice, &mut bob] {
        device.resumes_at(world.address()).await;
        let told = heard_end(device, "short").await;
        let late = told["time"].as_u64().unwrap().saturating_sub(began);
        assert!(late < 2_000, "{late} ms after the start");
        assert_eq!((&told["version"], &told["inviteeList"]), (&json!(2), &json!(["bob"])));
    }
    // The other one is on time.
    for device in [&mut alice, &mut bob] {
        let told = heard_end(device, "long").await;
        assert!((later..later + 100).contains(&told["time"].as_u64().unwrap()), "{told} at {later}");
        device.hears_nothing().await;
    }
    world.restart();
    for device in [&mut alice, &mut bob] {
        device.resumes_at(world.address()).await;
        device.hears_nothing().await;
    }
    let history = alice.does("message.history", json!({"userID": "bob"})).await;
    let ends = history["messages"].as_array().unwrap().iter().filter(|message| {
        message["content"]["data"].as_str().is_some_and(|data| data.contains(r#""actionType":5"#))
    });
    assert_eq!(ends.count(), 2);
}

/// The timeout of this invitation, as the next thing that happens.
async fn heard_end(device: &mut Device, invite_id: &str) -> Value {
    loop {
        let frame = device.hears_frame().await;
        if frame["method"] == "event" {
            assert_eq!(frame["params"]["type"], "invitation.timedOut", "{frame}");
            assert_eq!(frame["params"]["inviteID"], invite_id, "{frame}");
            return frame["params"].clone();
        }
    }
}

#[tokio::test]
async fn every_acknowledged_message_outlives_a_kill() {
    let mut world = World::start();
    let [mut alice, mut bob] = world.people(["alice", "bob"]).await;
    for round in 1..=5_u64 {
        let mut sent = Vec::new();
        for number in 0..100 {
            let params = json!({"userID": "bob", "clientMsgID": format!("{round}-{number}"), "type": "text", "content": {"text": "x"}});
            sent.push((alice.begins("message.send", params.clone()).await, params));
        }
        let mut acknowledged = 0;
        for (id, _) in sent.iter().take(40) {
            acknowledged = alice.is_answered(*id).await.unwrap()["seq"].as_u64().unwrap();
        }
        world.kill();
        world.resume();
        alice.resumes_at(world.address()).await;
        bob.resumes_at(world.address()).await;
        let newest = bob.does("message.history", json!({"userID": "alice", "limit": 1})).await;
        assert!(newest["messages"][0]["seq"].as_u64().unwrap() >= acknowledged);
        // What was not acknowledged is sent again, and is there once.
        for (_, params) in &sent {
            alice.does("message.send", params.clone()).await;
        }
        let newest = bob.does("message.history", json!({"userID": "alice", "limit": 1})).await;
        assert_eq!(newest["messages"][0]["seq"], round * 100);
    }
    bob.listens().await;
    assert_eq!(bob.cursor, 500);
}

#[tokio::test]
async fn groups_reading_and_blocks_outlive_a_kill() {
    let mut world = World::start();
    let [mut alice, mut bob] = world.people(["alice", "bob"]).await;
    alice.makes_group("g", &["bob"]).await;
    alice.texts_in("g", "one").await;
    alice.texts_in("g", "two").await;
    bob.does("message.markRead", json!({"groupID": "g", "seq": 1})).await;
    bob.does("user.block", json!({"userID": "alice"})).await;
    alice.does("message.revoke", json!({"groupID": "g", "seq": 2})).await;
    let before = (bob.does("conversation.list", json!({})).await, alice.does("group.list", json!({})).await);
    world.kill();
    world.resume();
    bob.resumes_at(world.address()).await;
    bob.listens().await;
    alice.resumes_at(world.address()).await;
    let after = (bob.does("conversation.list", json!({})).await, alice.does("group.list", json!({})).await);
    assert_eq!(before, after);
    alice.is_refused("blocked", "signaling.invite", json!({"invitee": "bob"})).await;
    assert_eq!(alice.texts_in("g", "three").await["seq"], 3);
}
