//! Every bound: up to it things go, past it they are refused with words, never dropped.

use std::time::Duration;

use serde_json::{Value, json};

use crate::world::World;

const DATA: usize = 16 * 1024;

#[tokio::test]
async fn data_goes_up_to_sixteen_kibibytes() {
    let world = World::start();
    let [mut alice, mut bob] = world.people(["alice", "bob"]).await;
    let full = "x".repeat(DATA);
    let over = "x".repeat(DATA + 1);
    let params = json!({"inviteID": "i", "invitee": "bob", "data": full, "timeout": 60});
    alice.does("signaling.invite", params).await;
    assert_eq!(bob.hears("invitation.received").await["data"], full);
    let table = [
        ("signaling.invite", json!({"invitee": "bob", "data": over})),
        ("signaling.cancel", json!({"inviteID": "i", "data": over})),
        ("signaling.modify", json!({"inviteID": "i", "data": over})),
        ("message.send", json!({"userID": "bob", "type": "text", "content": {"text": over}})),
        (
            "message.send",
            json!({"userID": "bob", "type": "text", "content": {"text": ""}, "cloudCustomData": over}),
        ),
    ];
    for (method, params) in table {
        let error = alice.is_refused("tooLarge", method, params).await;
        assert_eq!((&error["code"], &error["data"]["retryable"]), (&json!(8001), &json!(false)), "{error}");
    }
    bob.is_refused("tooLarge", "signaling.accept", json!({"inviteID": "i", "data": over})).await;
    bob.is_refused("tooLarge", "signaling.reject", json!({"inviteID": "i", "data": over})).await;
    bob.does("signaling.accept", json!({"inviteID": "i", "data": full})).await;
    assert_eq!(alice.hears("invitation.accepted").await["data"], full);
    bob.hears_nothing().await;
}

#[tokio::test]
async fn an_invitation_has_a_thousand_invitees_and_rings_a_day_at_most() {
    let world = World::start();
    let [mut alice, _bob] = world.people(["alice", "bob"]).await;
    alice.makes_group("g", &["bob"]).await;
    let names = |count: usize| -> Vec<String> {
        std::iter::once("bob".to_owned()).chain((1..count).map(|number| format!("u{number}"))).collect()
    };
    let invite = |count: usize| json!({"groupID": "g", "inviteeList": names(count)});
    let invited = alice.does("signaling.inviteInGroup", invite(1_000)).await;
    assert_eq!(invited["ignoredInvitees"].as_array().unwrap().len(), 999);
    let error = alice.is_refused("invalidParameter", "signaling.inviteInGroup", invite(1_001)).await;
    assert_eq!(error["data"]["field"], "inviteeList");
    alice
        .is_refused("noValidInvitee", "signaling.inviteInGroup", json!({"groupID": "g", "inviteeList": []}))
        .await;
    alice.does("signaling.invite", json!({"invitee": "bob", "timeout": 86_400})).await;
    let error = alice
        .is_refused("invalidParameter", "signaling.invite", json!({"invitee": "bob", "timeout": 86_401}))
        .await;
    assert_eq!((&error["code"], &error["data"]["field"]), (&json!(6017), &json!("timeout")));
    let forever = alice.does("signaling.invite", json!({"invitee": "bob", "timeout": 0})).await;
    assert!(forever.get("deadline").is_none());
}

#[tokio::test]
async fn a_hundred_invitations_may_be_open_and_closing_one_makes_room() {
    let roomy = "pair_open_invitations = 1000\ninvitee_open_invitations = 1000\n";
    let world =
        World::start_with(&format!("[limits]\ncommands_per_second = 1000\ncommand_burst = 1000\n{roomy}"));
    let [mut alice, mut bob] = world.people(["alice", "bob"]).await;
    let invite = |number: usize| json!({"inviteID": format!("i{number}"), "invitee": "bob", "timeout": 600});
    for number in 0..100 {
        alice.does("signaling.invite", invite(number)).await;
        bob.hears("invitation.received").await;
    }
    let error = alice.is_refused("tooManyOpenInvitations", "signaling.invite", invite(100)).await;
    assert_eq!((&error["code"], &error["data"]["retryable"]), (&json!(7008), &json!(true)));
    bob.invites(&alice).await;
    alice.hears("invitation.received").await;
    bob.rejects(&json!("i7")).await;
    alice.hears("invitation.rejected").await;
    alice.does("signaling.invite", invite(100)).await;
    alice.is_refused("tooManyOpenInvitations", "signaling.invite", invite(101)).await;
}

#[tokio::test]
async fn nobody_fills_another_users_list() {
    let world = World::start();
    let mut bob = world.person("bob").await;
    let mut alice = world.person("alice").await;
    let invite = |number: usize| json!({"inviteID": format!("i{number}"), "invitee": "bob", "timeout": 600});
    for number in 0..10 {
        alice.does("signaling.invite", invite(number)).await;
    }
    let error = alice.is_refused("tooManyOpenForPair", "signaling.invite", invite(10)).await;
    assert_eq!((&error["code"], &error["data"]["retryable"]), (&json!(7008), &json!(true)));
    for number in 0..9 {
        let mut other = world.person(&format!("other{number}")).await;
        for call in 0..10 {
            let params = json!({"inviteID": format!("{number} {call}"), "invitee": "bob", "timeout": 600});
            other.does("signaling.invite", params).await;
        }
    }
    let mut last = world.person("last").await;
    let error = last.is_refused("tooManyOpenForInvitee", "signaling.invite", invite(10)).await;
    assert_eq!((&error["code"], &error["data"]["retryable"]), (&json!(7008), &json!(true)));
    for _ in 0..100 {
        bob.hears("invitation.received").await;
    }
    bob.rejects(&json!("i3")).await;
    last.does("signaling.invite", invite(10)).await;
}

#[tokio::test]
async fn a_user_sends_forty_commands_at_once_and_then_twenty_a_second() {
    let world = World::start_with("");
    let mut phone = world.person("alice").await;
    let mut tablet = world.another("alice", "tablet", 9);
    tablet.opens().await;
    let mut bob = world.person("bob").await;
    let (mut carried_out, mut retry_after) = (0, Vec::new());
    let mut asked = Vec::new();
    for _ in 0..30 {
        asked.push((
            phone.begins("signaling.listOpen", json!({})).await,
            tablet.begins("signaling.listOpen", json!({})).await,
        ));
    }
    for (one, two) in asked {
        for answer in [phone.is_answered(one).await, tablet.is_answered(two).await] {
            match answer {
                Ok(_) => carried_out += 1,
                Err(error) => {
                    assert_eq!(
                        (&error["code"], &error["data"]["reason"]),
                        (&json!(7008), &json!("rateLimited"))
                    );
                    retry_after.push(error["data"]["retryAfterMs"].as_u64().unwrap());
                }
            }
        }
    }
    // A slow machine may let a few more through while it works.
    assert!((40..=55).contains(&carried_out), "{carried_out}");
    assert!(retry_after.iter().all(|wait| (1..=51).contains(wait)), "{retry_after:?}");
    bob.does("signaling.listOpen", json!({})).await;
    // What was promised holds; an acknowledgement is never too much.
    tokio::time::sleep(Duration::from_millis(*retry_after.last().unwrap())).await;
    phone.does("signaling.listOpen", json!({})).await;
    for _ in 0..50 {
        phone.does("session.ack", json!({"cursor": 0})).await;
    }
    let (_, metrics) = world.get("/metrics").await;
    assert!(metrics.contains(&format!("wigwag_rate_limited_total {}", retry_after.len())), "{metrics}");
}

#[tokio::test]
async fn a_group_has_a_rate_that_answers_do_not_count_in() {
    let limits =
        "[limits]\ncommands_per_second = 1000\ncommand_burst = 1000\ngroup_messages_per_second = 3\n";
    let world = World::start_with(limits);
    let [mut alice, mut bob, mut carol] = world.people(["alice", "bob", "carol"]).await;
    alice.makes_group("g", &["bob", "carol"]).await;
    alice.makes_group("quiet", &["bob"]).await;
    let asked = alice.invites_in("g", &["bob", "carol"]).await;
    let text = json!({"groupID": "g", "type": "text", "content": {"text": "x"}});
    let mut asked_for = Vec::new();
    for _ in 0..6 {
        asked_for.push(bob.begins("message.send", text.clone()).await);
    }
    let mut refused: Vec<Value> = Vec::new();
    for id in asked_for {
        refused.extend(bob.is_answered(id).await.err());
    }
    assert!(!refused.is_empty());
    for error in refused {
        assert_eq!((&error["code"], &error["data"]["reason"]), (&json!(10023), &json!("groupRateLimited")));
        assert_eq!(error["data"]["retryable"], true);
        assert!((1..=335).contains(&error["data"]["retryAfterMs"].as_u64().unwrap()), "{error}");
    }
    alice.texts_in("quiet", "another group").await;
    alice.texts("bob", "no group").await;
    bob.accepts(&asked["inviteID"]).await;
    carol.rejects(&asked["inviteID"]).await;
}

#[tokio::test]
async fn a_group_is_full_and_names_are_short() {
    let world = World::start_with("[limits]\ngroup_members = 3\n");
    let [mut alice, _bob, _carol, mut dave] = world.people(["alice", "bob", "carol", "dave"]).await;
    alice
        .is_refused("groupFull", "group.create", json!({"groupID": "g", "members": ["bob", "carol", "dave"]}))
        .await;
    alice.makes_group("g", &["bob", "carol"]).await;
    assert_eq!(dave.is_refused("groupFull", "group.join", json!({"groupID": "g"})).await["code"], 10014);
    alice.is_refused("groupFull", "group.addMembers", json!({"groupID": "g", "userIDs": ["dave"]})).await;
    alice.is_refused("groupIDTaken", "group.create", json!({"groupID": "g"})).await;
    let long = "n".repeat(101);
    alice.is_refused("tooLarge", "group.setInfo", json!({"groupID": "g", "name": long})).await;
    alice.is_refused("tooLarge", "user.setProfile", json!({"nickname": long})).await;
    alice.is_refused("tooLarge", "user.setProfile", json!({"ext": "e".repeat(4_097)})).await;
    let many: Vec<String> = (0..101).map(|number| format!("u{number}")).collect();
    alice
        .is_refused("invalidGroupParameter", "group.addMembers", json!({"groupID": "g", "userIDs": many}))
        .await;
}
