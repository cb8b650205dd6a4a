//! Calls: the room that an invitation opens, and the people in it.

use serde_json::{Value, json};

use crate::world::{Device, World};

/// Somebody who is gone has left their call after a second, and nobody counts as online for longer.
const SHORT_LEASE: &str = "[limits]\ncommands_per_second = 100000\ncommand_burst = 100000
[sessions]\noffline_grace_s = 0\n[calls]\nlease_s = 1\n";

impl Device {
    /// Calls somebody, and gives the reply.
    async fn calls(&mut self, who: &str, id: &str) -> Value {
        let call = json!({"mediaType": "video"});
        self.does("signaling.invite", json!({"inviteID": id, "invitee": who, "timeout": 60, "call": call}))
            .await
    }

    async fn hangs_up(&mut self, call: &str) -> Value {
        self.does("call.hangUp", json!({"callID": call})).await
    }

    async fn reads_call(&mut self, call: &str) -> Value {
        self.does("call.get", json!({"callID": call})).await["call"].clone()
    }

    /// The next event of this type; others are passed over.
    async fn hears_past(&mut self, kind: &str) -> Value {
        loop {
            let frame = self.hears_frame().await;
            if frame["params"]["type"] == kind {
                return frame["params"].clone();
            }
        }
    }
}

/// Who stands where.
fn people(call: &Value) -> Vec<(&str, &str)> {
    let people = call["people"].as_array().unwrap().iter();
    people.map(|person| (person["userID"].as_str().unwrap(), person["state"].as_str().unwrap())).collect()
}

#[tokio::test]
async fn a_call_between_two_is_one_more_frame_each_than_its_invitation() {
    let world = World::start();
    let [mut alice, mut bob] = world.people(["alice", "bob"]).await;
    let invited = alice.calls("bob", "c").await;
    let entry = &invited["call"];
    assert_eq!((&entry["callID"], &entry["mediaType"]), (&json!("c"), &json!("video")));
    assert_eq!(entry["media"]["provider"], "p2p");
    let received = bob.hears("invitation.received").await;
    assert_eq!(received["call"]["roomID"], entry["roomID"]);
    assert!(received["call"].get("media").is_none(), "what one person may see is in their reply alone");
    let accepted = bob.accepts(&json!("c")).await;
    assert_eq!(accepted["call"]["roomID"], entry["roomID"]);
    alice.hears("invitation.accepted").await;
    alice.hangs_up("c").await;
    let over = bob.hears("call.hungUp").await;
    assert_eq!((&over["userID"], &over["endReason"]), (&json!("alice"), &json!("hungUp")));
    let frames = (alice.frames, bob.frames);
    alice.hears_nothing().await;
    bob.hears_nothing().await;
    assert_eq!(frames, (5, 4), "a request, a reply and an event more than the six of the invitation");
    bob.hangs_up("c").await;
    let call = bob.reads_call("c").await;
    assert_eq!(people(&call), [("alice", "left"), ("bob", "left")]);
    alice.hears_nothing().await;
    bob.hears_nothing().await;
}

/// The version of each step that a call's own events tell, in order.
fn versions(frames: &[Value]) -> Vec<u64> {
    let told = frames.iter().map(|frame| &frame["params"]);
    let own = told.filter(|event| event["type"].as_str().is_some_and(|kind| kind.starts_with("call.")));
    own.map(|event| event["version"].as_u64().unwrap()).collect()
}

#[tokio::test]
async fn everybody_who_was_called_hears_each_step_of_a_call_that_grew() {
    let world = World::start();
    let [mut alice, mut bob, mut carol] = world.people(["alice", "bob", "carol"]).await;
    let room = alice.calls("bob", "c").await["call"]["roomID"].clone();
    bob.hears("invitation.received").await;
    let call = json!({"mediaType": "video", "roomID": room});
    let more = json!({"inviteID": "more", "invitee": "carol", "timeout": 60, "call": call});
    alice.does("signaling.invite", more).await;
    let invited = bob.hears("call.invited").await;
    assert_eq!((&invited["version"], &invited["userIDs"]), (&json!(2), &json!(["carol"])));
    bob.rejects(&json!("c")).await;
    let declined = bob.hears("call.declined").await;
    assert_eq!(
        (&declined["version"], &declined["userIDs"], &declined["self"]),
        (&json!(3), &json!(["bob"]), &json!(true)),
        "by whoever declines, too"
    );
    carol.accepts(&json!("more")).await;
    assert_eq!(bob.hears("call.joined").await["version"], 4);
    carol.hangs_up("c").await;
    let over = bob.hears("call.hungUp").await;
    assert_eq!((&over["version"], &over["endReason"]), (&json!(5), &json!("hungUp")));
    assert_eq!(versions(&alice.listens().await), [2, 3, 4, 5]);
    assert_eq!(versions(&carol.listens().await), [3, 4], "her own hang-up is in its reply");
}

#[tokio::test]
async fn whoever_rings_hears_why_the_caller_is_gone() {
    let world = World::start_with(SHORT_LEASE);
    let [mut alice, mut bob] = world.people(["alice", "bob"]).await;
    alice.calls("bob", "c").await;
    bob.hears("invitation.received").await;
    alice.vanishes();
    let over = bob.hears("call.hungUp").await;
    assert_eq!((&over["userID"], &over["endReason"]), (&json!("alice"), &json!("connectionLost")));
    assert_eq!(bob.hears("invitation.cancelled").await["reason"], "callOver");
}

#[tokio::test]
async fn strangers_find_no_call() {
    let world = World::start();
    let [mut alice, _bob, mut mallory] = world.people(["alice", "bob", "mallory"]).await;
    let room = alice.calls("bob", "c").await["call"]["roomID"].clone();
    for which in [json!({"callID": "c"}), json!({"roomID": room})] {
        for method in ["call.join", "call.hangUp", "call.get"] {
            mallory.is_refused("unknownCall", method, which.clone()).await;
        }
        let mut signal = which.clone();
        signal["data"] = json!("x");
        mallory.is_refused("unknownCall", "call.signal", signal).await;
    }
    let into = json!({"invitee": "bob", "call": {"mediaType": "video", "roomID": room}});
    mallory.is_refused("roomTaken", "signaling.invite", into).await;
    let both = json!({"callID": "c", "roomID": "r"});
    mallory.is_refused("invalidParams", "call.join", both).await;
    let long = json!({"invitee": "bob", "call": {"mediaType": "x".repeat(33)}});
    mallory.is_refused("invalidParameter", "signaling.invite", long).await;
}

#[tokio::test]
async fn two_who_call_each_other_at_once_are_in_one_call() {
    let world = World::start();
    let [mut alice, mut bob] = world.people(["alice", "bob"]).await;
    for round in 0..20 {
        let (a, b) = (format!("a{round}"), format!("b{round}"));
        let (mine, his) = tokio::join!(alice.calls("bob", &a), bob.calls("alice", &b));
        let (mine, his) = (&mine["call"], &his["call"]);
        assert_eq!(mine["callID"], his["callID"], "{mine} {his}");
        assert!(mine["accepted"].is_string() != his["accepted"].is_string(), "one accepted the other's");
        let call = mine["callID"].as_str().unwrap().to_owned();
        let first = if mine["accepted"].is_string() { ["bob", "alice"] } else { ["alice", "bob"] };
        assert_eq!(people(&alice.reads_call(&call).await), first.map(|name| (name, "joined")));
        alice.hangs_up(&call).await;
        bob.hears_past("call.hungUp").await;
        alice.listens().await;
    }
}

#[tokio::test]
async fn who_is_busy_is_not_rung_and_finds_the_call_among_those_missed() {
    let world = World::start();
    let [mut alice, mut bob, mut carol] = world.people(["alice", "bob", "carol"]).await;
    alice.calls("bob", "c").await;
    bob.accepts(&json!("c")).await;
    let busy = carol.calls("bob", "late").await;
    assert_eq!(busy["call"]["busyLineUserIDList"], json!(["bob"]));
    bob.hears("invitation.received").await;
    assert_eq!(bob.hears("invitation.received").await["busyLineUserIDList"], json!(["bob"]));
    bob.is_refused("settled", "signaling.accept", json!({"inviteID": "late"})).await;
    let missed = bob.does("call.list", json!({"missed": true})).await;
    assert_eq!((missed["calls"].as_array().unwrap().len(), &missed["seenUpTo"]), (1, &json!(0)));
    let (call, began) = (&missed["calls"][0], missed["calls"][0]["createdAt"].clone());
    assert_eq!(
        (&call["callID"], &call["endReason"], &call["missed"]),
        (&json!("late"), &json!("busy"), &json!(true))
    );
    bob.does("call.markSeen", json!({"upTo": began})).await;
    assert_eq!(bob.does("call.list", json!({"missed": true})).await["seenUpTo"], began);
    let all = bob.does("call.list", json!({"limit": 1})).await;
    assert_eq!(all["calls"][0]["callID"], "late", "the newest first");
    let rest = bob.does("call.list", json!({"after": all["next"]})).await;
    assert_eq!((&rest["calls"][0]["callID"], rest.get("next")), (&json!("c"), None));
}

#[tokio::test]
async fn a_call_survives_the_server_and_whoever_does_not_come_back_has_left_it() {
    let mut world = World::start_with(SHORT_LEASE);
    let [mut alice, mut bob] = world.people(["alice", "bob"]).await;
    alice.calls("bob", "c").await;
    bob.accepts(&json!("c")).await;
    world.kill();
    world.resume();
    bob.resumes_at(world.address()).await;
    let over = bob.hears_past("call.hungUp").await;
    assert_eq!(
        (&over["userID"], &over["reason"], &over["endReason"]),
        (&json!("alice"), &json!("connectionLost"), &json!("connectionLost"))
    );
    alice.resumes_at(world.address()).await;
    let told = alice.catches_up().await;
    assert_eq!(told.last().unwrap()["type"], "call.hungUp", "and learns of it: {told:?}");
}

#[tokio::test]
async fn whoever_goes_away_for_good_has_left_their_call() {
    let world = World::start_with(SHORT_LEASE);
    let [mut alice, mut bob] = world.people(["alice", "bob"]).await;
    alice.calls("bob", "c").await;
    bob.accepts(&json!("c")).await;
    alice.hears("invitation.accepted").await;
    bob.vanishes();
    let over = alice.hears("call.hungUp").await;
    assert_eq!((&over["userID"], &over["reason"]), (&json!("bob"), &json!("connectionLost")));
}

#[tokio::test]
async fn whoever_goes_away_from_no_call_costs_the_writer_nothing() {
    let world = World::start_with(SHORT_LEASE);
    let [mut alice, mut bob] = world.people(["alice", "bob"]).await;
    alice.calls("bob", "c").await;
    bob.accepts(&json!("c")).await;
    alice.hears("invitation.accepted").await;
    for number in 0..20 {
        world.person(&format!("passer{number}")).await.vanishes();
    }
    let before = commands(&world).await;
    bob.vanishes();
    alice.hears("call.hungUp").await;
    assert_eq!(commands(&world).await, before + 1, "bob's, who went last");
}

/// How many commands the writer has carried out.
async fn commands(world: &World) -> u64 {
    let (_, text) = world.get("/metrics").await;
    let sum = text.lines().find_map(|line| line.strip_prefix("wigwag_commit_commands_sum "));
    sum.and_then(|sum| sum.split('.').next()?.parse().ok()).unwrap_or_else(|| panic!("no sum in\n{text}"))
}

#[tokio::test]
async fn signals_reach_the_others_in_the_call_and_are_not_kept() {
    let world = World::start();
    let [mut alice, mut bob] = world.people(["alice", "bob"]).await;
    alice.calls("bob", "c").await;
    bob.hears("invitation.received").await;
    bob.is_refused("notInCall", "call.signal", json!({"callID": "c", "data": "early"})).await;
    bob.accepts(&json!("c")).await;
    alice.hears("invitation.accepted").await;
    let sent = alice.does("call.signal", json!({"callID": "c", "to": "bob", "data": "offer"})).await;
    assert!(sent.get("cursor").is_none());
    let signal = bob.hears("call.signal").await;
    assert_eq!(
        (&signal["sender"], &signal["data"], &signal["to"]),
        (&json!("alice"), &json!("offer"), &json!("bob"))
    );
    alice.is_refused("tooLarge", "call.signal", json!({"callID": "c", "data": "x".repeat(16_385)})).await;
    let history = bob.does("message.history", json!({"userID": "alice"})).await;
    assert_eq!(history["messages"].as_array().unwrap().len(), 2, "the invite and the accept");
}

#[tokio::test]
async fn people_of_a_group_come_and_go() {
    let world = World::start();
    let [mut alice, mut bob, mut carol] = world.people(["alice", "bob", "carol"]).await;
    alice.does("group.create", json!({"groupID": "g", "name": "g", "members": ["bob", "carol"]})).await;
    let wish = json!({"inviteID": "c", "groupID": "g", "inviteeList": ["bob"], "timeout": 60,
        "call": {"mediaType": "audio", "roomID": "g"}});
    alice.does("signaling.inviteInGroup", wish).await;
    bob.hears_past("invitation.received").await;
    let found = carol.does("call.get", json!({"groupID": "g"})).await;
    assert_eq!(people(&found["call"]), [("alice", "joined"), ("bob", "ringing")]);
    let joined = carol.does("call.join", json!({"roomID": "g"})).await;
    assert_eq!((&joined["callID"], &joined["media"]["provider"]), (&json!("c"), &json!("p2p")));
    assert_eq!(bob.hears("call.joined").await["userID"], "carol");
    bob.does("call.hangUp", json!({"roomID": "g"})).await;
    assert_eq!(carol.hears_past("call.declined").await["userIDs"], json!(["bob"]));
    alice.does("call.hangUp", json!({"roomID": "g"})).await;
    let over = carol.hears_past("call.hungUp").await;
    assert_eq!((&over["userID"], &over["endReason"]), (&json!("alice"), &json!("hungUp")));
    carol.is_refused("callEnded", "call.join", json!({"roomID": "g"})).await;
}
