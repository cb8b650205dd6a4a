//! Every bound: up to it things go, past it they are refused with words, never dropped.

use std::time::Duration;

use serde_json::{Value, json};

use crate::world::{Device, NO_RATE, World};

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
    let world = World::start_with(&format!("{NO_RATE}{roomy}"));
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

/// How a number of requests of one kind went, made as fast as may be.
#[derive(Default)]
struct Went {
    carried_out: usize,
    /// What those that were refused for their pace were told.
    retry_after_ms: Vec<u64>,
}

impl Went {
    fn note(&mut self, answer: Result<Value, Value>) {
        match answer {
            Ok(_) => self.carried_out += 1,
            Err(error) => {
                assert_eq!((&error["code"], &error["data"]["reason"]), (&json!(7008), &json!("rateLimited")));
                self.retry_after_ms.push(error["data"]["retryAfterMs"].as_u64().unwrap());
            }
        }
    }
}

async fn floods(device: &mut Device, times: usize, method: &str, params: &Value) -> Went {
    let mut asked = Vec::new();
    for _ in 0..times {
        asked.push(device.begins(method, params.clone()).await);
    }
    let mut went = Went::default();
    for id in asked {
        went.note(device.is_answered(id).await);
    }
    went
}

#[tokio::test]
async fn a_user_sends_forty_commands_at_once_and_then_twenty_a_second() {
    let world = World::start_with("");
    let mut phone = world.person("alice").await;
    let mut tablet = world.another("alice", "tablet", 9);
    tablet.opens().await;
    let mut bob = world.person("bob").await;
    let unblock = json!({"userID": "bob"});
    let (mut asked, mut went) = (Vec::new(), Went::default());
    for _ in 0..30 {
        asked.push((
            phone.begins("user.unblock", unblock.clone()).await,
            tablet.begins("user.unblock", unblock.clone()).await,
        ));
    }
    for (one, two) in asked {
        went.note(phone.is_answered(one).await);
        went.note(tablet.is_answered(two).await);
    }
    let Went { carried_out, retry_after_ms } = went;
    // A slow machine may let a few more through while it works.
    assert!((40..=55).contains(&carried_out), "{carried_out}");
    assert!(retry_after_ms.iter().all(|wait| (1..=51).contains(wait)), "{retry_after_ms:?}");
    bob.does("user.unblock", json!({"userID": "alice"})).await;
    // What was promised holds.
    tokio::time::sleep(Duration::from_millis(*retry_after_ms.last().unwrap())).await;
    phone.does("user.unblock", unblock).await;
    let (_, metrics) = world.get("/metrics").await;
    let count = format!("wigwag_rate_limited_total{{of=\"commands\"}} {}", retry_after_ms.len());
    assert!(metrics.contains(&count), "{metrics}");
}

/// Apps say "hang up" with an invitation that has no deadline.
#[tokio::test]
async fn whoever_hangs_up_too_often_can_still_call_answer_and_read() {
    let world = World::start_with("[limits]\ncommands_per_second = 1\ncommand_burst = 5\n");
    let [mut alice, mut bob] = world.people(["alice", "bob"]).await;
    let asked = bob.invites(&alice).await;
    let hang_up = json!({"invitee": "bob", "data": "hang up", "timeout": 0});
    let Went { carried_out, retry_after_ms } = floods(&mut alice, 20, "signaling.invite", &hang_up).await;
    assert!(carried_out >= 5 && !retry_after_ms.is_empty(), "{carried_out}");
    let call = alice.invites(&bob).await;
    alice.cancels(&call["inviteID"]).await;
    alice.rejects(&asked["inviteID"]).await;
    alice.does("signaling.listOpen", json!({})).await;
    let signal = |action: u8, timeout: u32| {
        let text = json!({"businessID": 1, "inviteID": "by message", "inviter": "alice", "inviteeList": ["bob"], "groupID": "",
            "actionType": action, "timeout": timeout, "data": ""});
        json!({"userID": "bob", "type": "custom", "content": {"data": text.to_string()}})
    };
    alice.does("message.send", signal(1, 30)).await;
    alice.does("message.send", signal(2, 0)).await;
    alice.is_refused("rateLimited", "message.send", signal(1, 0)).await;
    alice
        .is_refused("rateLimited", "message.send", json!({"userID": "bob", "type": "note", "content": {}}))
        .await;
}

#[tokio::test]
async fn fifteen_screens_of_one_account_have_their_lists_and_hear_who_was_first() {
    let world = World::start_with("");
    let mut caller = world.person("caller").await;
    let mut screens: Vec<Device> =
        (1..=15).map(|number| world.another("desk", &format!("screen-{number}"), 5)).collect();
    futures_util::future::join_all(screens.iter_mut().map(Device::opens)).await;
    for screen in &mut screens {
        for method in ["conversation.list", "group.list", "signaling.listOpen", "user.listBlocked"] {
            screen.does(method, json!({})).await;
        }
        screen.does("user.get", json!({"userIDs": ["desk"]})).await;
    }
    let invited = caller.does("signaling.invite", json!({"invitee": "desk", "timeout": 60})).await;
    let mut asked = Vec::new();
    for screen in &mut screens {
        asked.push(
            screen.begins("signaling.accept", json!({"inviteID": invited["inviteID"], "data": "yes"})).await,
        );
    }
    let mut firsts = Vec::new();
    let mut told = Vec::new();
    for (screen, id) in screens.iter_mut().zip(asked) {
        match screen.is_answered(id).await {
            Ok(_) => firsts.push(screen.id.clone()),
            Err(error) => told.push(error),
        }
    }
    assert_eq!((firsts.len(), told.len()), (1, 14));
    for error in told {
        assert_eq!((&error["code"], &error["data"]["reason"]), (&json!(8010), &json!("settled")), "{error}");
        assert_eq!(error["data"]["outcome"]["device"]["deviceID"], firsts[0], "{error}");
    }
}

#[tokio::test]
async fn a_user_who_signs_in_too_often_waits_and_may_on_the_same_connection() {
    let world = World::start_with("[limits]\nsign_ins_per_second = 1\nsign_in_burst = 2\n");
    let mut phone = world.person("alice").await;
    world.another("alice", "tablet", 9).opens().await;
    let mut laptop = world.another("alice", "laptop", 4);
    laptop.connects().await;
    let error = laptop.is_refused("rateLimited", "session.open", laptop.opening()).await;
    assert_eq!((&error["code"], &error["data"]["retryable"]), (&json!(7008), &json!(true)));
    let wait = error["data"]["retryAfterMs"].as_u64().unwrap();
    assert!((1..=1_000).contains(&wait), "{wait}");
    world.person("bob").await;
    phone.does("signaling.listOpen", json!({})).await;
    tokio::time::sleep(Duration::from_millis(wait)).await;
    laptop.does("session.open", laptop.opening()).await;
}

#[tokio::test]
async fn a_group_has_a_rate_that_answers_do_not_count_in() {
    let world = World::start_with(&format!("{NO_RATE}group_messages_per_second = 3\n"));
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
