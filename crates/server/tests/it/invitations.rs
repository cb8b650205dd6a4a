//! One user invites another.

use std::time::Duration;

use serde_json::{Value, json};

use crate::world::{NO_RATE, World, now_ms};

#[tokio::test]
async fn a_lifecycle_between_two_people_is_six_frames() {
    let world = World::start();
    let [mut alice, mut bob] = world.people(["alice", "bob"]).await;
    let invited = alice.invites(&bob).await;
    let received = bob.hears("invitation.received").await;
    assert_eq!(received["inviteID"], invited["inviteID"]);
    assert_eq!(received["inviter"], "alice");
    assert_eq!(received["inviteeList"], json!(["bob"]));
    assert_eq!(received["data"], "call");
    assert_eq!(received["version"], 1);
    assert_eq!(received["device"], json!({"deviceID": "alice-1", "platform": 7}));
    assert_eq!(received["message"], invited["message"]);
    let left = received["remainingMs"].as_u64().unwrap();
    assert!((55_000..=60_000).contains(&left), "{left}");
    assert_eq!(received["deadline"], invited["deadline"]);
    let accepted = bob.accepts(&invited["inviteID"]).await;
    let told = alice.hears("invitation.accepted").await;
    assert_eq!(
        (&told["invitee"], &told["data"], &told["version"]),
        (&json!("bob"), &json!("yes"), &json!(2))
    );
    assert_eq!(told["device"], json!({"deviceID": "bob-1", "platform": 7}));
    assert_eq!(told["message"], accepted["message"]);
    assert!(told.get("remainingMs").is_none());
    assert_eq!((alice.frames, bob.frames), (3, 3));
    alice.hears_nothing().await;
    bob.hears_nothing().await;
}

#[tokio::test]
async fn every_device_is_told_and_the_first_answer_wins() {
    let world = World::start();
    let [mut alice, mut phone] = world.people(["alice", "bob"]).await;
    let mut laptop = world.another("alice", "alice-laptop", 4);
    laptop.opens().await;
    let mut tablet = world.another("bob", "bob-tablet", 9);
    tablet.opens().await;
    let invite_id = alice.invites(&phone).await["inviteID"].clone();
    assert_eq!(laptop.hears("invitation.received").await["self"], true);
    phone.hears("invitation.received").await;
    assert!(tablet.hears("invitation.received").await.get("self").is_none());
    tablet.accepts(&invite_id).await;
    let told = phone.hears("invitation.accepted").await;
    assert_eq!((&told["self"], &told["device"]["deviceID"]), (&json!(true), &json!("bob-tablet")));
    assert!(alice.hears("invitation.accepted").await.get("self").is_none());
    laptop.hears("invitation.accepted").await;
    let late = phone.is_refused("settled", "signaling.reject", json!({"inviteID": invite_id})).await;
    let outcome = &late["data"]["outcome"];
    assert_eq!((&outcome["state"], &outcome["userID"]), (&json!("accepted"), &json!("bob")));
    assert_eq!(outcome["device"], json!({"deviceID": "bob-tablet", "platform": 9}));
    assert_eq!(outcome["endReason"], "completed");
    assert!(outcome["at"].as_u64().is_some());
    let late = alice.is_refused("settled", "signaling.cancel", json!({"inviteID": invite_id})).await;
    assert_eq!(late["code"], 8010);
    for device in [&mut alice, &mut laptop, &mut phone, &mut tablet] {
        device.hears_nothing().await;
    }
}

#[tokio::test]
async fn two_devices_answer_in_the_same_instant_and_one_wins() {
    let world = World::start();
    let [mut alice, mut phone] = world.people(["alice", "bob"]).await;
    let mut tablet = world.another("bob", "bob-tablet", 9);
    tablet.opens().await;
    for _ in 0..20 {
        let invite_id = alice.invites(&phone).await["inviteID"].clone();
        phone.hears("invitation.received").await;
        tablet.hears("invitation.received").await;
        let answer = json!({"inviteID": invite_id});
        let (one, two) = (
            phone.begins("signaling.accept", answer.clone()).await,
            tablet.begins("signaling.reject", answer).await,
        );
        let (one, two) = (phone.is_answered(one).await, tablet.is_answered(two).await);
        let (loser, winner) = match (one, two) {
            (Ok(_), Err(late)) => (late, (&mut tablet, "invitation.accepted")),
            (Err(late), Ok(_)) => (late, (&mut phone, "invitation.rejected")),
            both => panic!("{both:?}"),
        };
        assert_eq!(loser["data"]["reason"], "settled");
        winner.0.hears(winner.1).await;
        alice.hears(winner.1).await;
    }
    alice.hears_nothing().await;
}

#[tokio::test]
async fn a_repeat_gets_the_first_reply_again_also_on_the_next_connection() {
    let world = World::start();
    let [mut alice, mut bob] = world.people(["alice", "bob"]).await;
    let invite = json!({"inviteID": "call-1", "invitee": "bob", "data": "x", "timeout": 60});
    let invited = alice.does("signaling.invite", invite.clone()).await;
    assert_eq!(alice.does("signaling.invite", invite.clone()).await, invited);
    bob.hears("invitation.received").await;
    bob.hears_nothing().await;
    let accepted = bob.accepts(&json!("call-1")).await;
    assert_eq!(bob.accepts(&json!("call-1")).await, accepted);
    bob.vanishes();
    bob.resumes().await;
    assert_eq!(bob.accepts(&json!("call-1")).await, accepted);
    alice.vanishes();
    alice.resumes().await;
    assert_eq!(alice.catches_up().await.len(), 1);
    assert_eq!(alice.does("signaling.invite", invite.clone()).await, invited);
    let mut other = invite;
    other["data"] = "y".into();
    assert_eq!(alice.is_refused("inviteIDTaken", "signaling.invite", other).await["code"], 8012);
    alice.hears_nothing().await;
    bob.hears_nothing().await;
}

#[tokio::test]
async fn nobody_answers_and_both_are_told_on_time() {
    let world = World::start();
    let [mut alice, mut bob] = world.people(["alice", "bob"]).await;
    let params = json!({"invitee": "bob", "data": "ring", "timeout": 1});
    let invited = alice.does("signaling.invite", params).await;
    bob.hears("invitation.received").await;
    let told = bob.hears("invitation.timedOut").await;
    let heard_at = now_ms();
    assert_eq!(
        (&told["inviteeList"], &told["data"], &told["version"]),
        (&json!(["bob"]), &json!("ring"), &json!(2))
    );
    assert!(told.get("device").is_none());
    let deadline = invited["deadline"].as_u64().unwrap();
    let late = told["time"].as_u64().unwrap() - deadline;
    assert!(late <= 100, "fired {late} ms after its deadline");
    assert!(heard_at >= deadline);
    alice.hears("invitation.timedOut").await;
    let late = json!({"inviteID": invited["inviteID"]});
    assert_eq!(bob.is_refused("timedOut", "signaling.accept", late.clone()).await["code"], 8010);
    let error = alice.is_refused("settled", "signaling.cancel", late).await;
    assert_eq!(error["data"]["outcome"]["endReason"], "timedOut");
    let history = alice.does("message.history", json!({"userID": "bob"})).await;
    let last: Value =
        serde_json::from_str(history["messages"][0]["content"]["data"].as_str().unwrap()).unwrap();
    assert_eq!((&last["actionType"], &last["data"]), (&json!(5), &json!("ring")));
    alice.hears_nothing().await;
    bob.hears_nothing().await;
}

#[tokio::test]
async fn remaining_time_runs_by_the_servers_clock() {
    let world = World::start();
    let [mut alice, mut bob] = world.people(["alice", "bob"]).await;
    let invite_id = alice.invites(&bob).await["inviteID"].clone();
    let first = bob.hears("invitation.received").await["remainingMs"].as_u64().unwrap();
    // The only way to see time pass is to let it.
    tokio::time::sleep(Duration::from_millis(300)).await;
    let later = bob.looks_at(&invite_id).await["remainingMs"].as_u64().unwrap();
    assert!(later + 300 <= first && later > 50_000, "{first} then {later}");
    bob.vanishes();
    let opened = bob.opens().await;
    let open = &opened["openInvitations"][0];
    assert_eq!(open["inviteID"], invite_id);
    assert!(open["remainingMs"].as_u64().unwrap() <= later);
}

#[tokio::test]
async fn data_is_replaced_by_either_party_while_it_is_open() {
    let world = World::start();
    let [mut alice, mut bob, mut carol] = world.people(["alice", "bob", "carol"]).await;
    let invite_id = alice.invites(&bob).await["inviteID"].clone();
    bob.hears("invitation.received").await;
    let modify = |data: &str| json!({"inviteID": invite_id, "data": data});
    assert_eq!(bob.does("signaling.modify", modify("audio")).await["version"], 2);
    let told = alice.hears("invitation.modified").await;
    assert_eq!((&told["by"], &told["data"]), (&json!("bob"), &json!("audio")));
    let same = alice.does("signaling.modify", modify("audio")).await;
    assert!(same.get("cursor").is_none() && same["version"] == 2, "{same}");
    carol.is_refused("unknown", "signaling.get", json!({"inviteID": invite_id})).await;
    alice.cancels(&invite_id).await;
    assert_eq!(bob.hears("invitation.cancelled").await["data"], "never mind");
    let error = bob.is_refused("settled", "signaling.modify", modify("video")).await;
    assert_eq!(error["data"]["outcome"]["endReason"], "cancelled");
    let error = bob.is_refused("cancelled", "signaling.accept", json!({"inviteID": invite_id})).await;
    assert_eq!(error["data"]["outcome"]["userID"], "alice");
    let quiet = json!({"invitee": "bob", "onlineUserOnly": true});
    let quiet = alice.does("signaling.invite", quiet).await;
    assert!(quiet.get("message").is_none());
    assert_eq!(bob.hears("invitation.received").await["onlineUserOnly"], true);
    let change = json!({"inviteID": quiet["inviteID"], "data": "z"});
    alice.is_refused("onlineOnly", "signaling.modify", change).await;
}

#[tokio::test]
async fn what_is_open_can_be_read() {
    let world = World::start();
    let [mut alice, mut bob, mut carol] = world.people(["alice", "bob", "carol"]).await;
    let first = alice.invites(&bob).await["inviteID"].clone();
    let second = carol.invites(&bob).await["inviteID"].clone();
    let listed = |list: Value| -> Vec<Value> {
        list["invitations"].as_array().unwrap().iter().map(|open| open["inviteID"].clone()).collect()
    };
    assert_eq!(listed(bob.does("signaling.listOpen", json!({})).await), [first.clone(), second.clone()]);
    bob.hears("invitation.received").await;
    bob.hears("invitation.received").await;
    bob.rejects(&first).await;
    assert_eq!(listed(bob.does("signaling.listOpen", json!({})).await), [second]);
    assert_eq!(listed(alice.does("signaling.listOpen", json!({})).await), [Value::Null; 0]);
    let seen = alice.looks_at(&first).await;
    assert_eq!(
        (&seen["status"], &seen["endReason"], &seen["version"]),
        (&json!("ended"), &json!("completed"), &json!(2))
    );
    assert_eq!(seen["inviterDevice"], json!({"deviceID": "alice-1", "platform": 7}));
    let invitee = &seen["invitees"][0];
    assert_eq!((&invitee["state"], &invitee["data"]), (&json!("rejected"), &json!("no")));
    assert_eq!(invitee["device"]["deviceID"], "bob-1");
    assert!(seen.get("remainingMs").is_none() && seen.get("groupID").is_none());
}

#[tokio::test]
async fn many_calls_at_once_do_not_disturb_each_other() {
    let world = World::start_with(&format!("{NO_RATE}pair_open_invitations = 50\n"));
    let [mut alice, mut bob] = world.people(["alice", "bob"]).await;
    let mut ids = Vec::new();
    for number in 0..50 {
        let params = json!({"inviteID": format!("call {number}"), "invitee": "bob", "timeout": 60});
        ids.push(alice.begins("signaling.invite", params).await);
    }
    for (number, id) in ids.into_iter().enumerate() {
        assert_eq!(alice.is_answered(id).await.unwrap()["inviteID"], format!("call {number}"));
    }
    for number in 0..50 {
        assert_eq!(bob.hears("invitation.received").await["inviteID"], format!("call {number}"));
    }
    for number in (0..50).rev() {
        bob.accepts(&json!(format!("call {number}"))).await;
        assert_eq!(alice.hears("invitation.accepted").await["inviteID"], format!("call {number}"));
    }
    alice.hears_nothing().await;
}
