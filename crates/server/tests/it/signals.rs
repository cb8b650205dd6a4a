//! Invitations by messages that speak as signaling, as clients of the field make them, beside those who speak the protocol.

use serde_json::{Value, json};

use crate::world::{Device, World, now_ms};

const INVITE: u8 = 1;
const CANCEL: u8 = 2;
const ACCEPT: u8 = 3;
const TIMEOUT: u8 = 5;

/// What is said in a message about an invitation of `inviter` for `invitee`.
struct Words<'a> {
    id: &'a str,
    inviter: &'a str,
    invitee: &'a str,
    timeout: u32,
}

impl Words<'_> {
    fn message(&self, to: &str, action: u8) -> Value {
        let Self { id, inviter, invitee, timeout } = self;
        let text = json!({"businessID": 1, "inviteID": id, "inviter": inviter, "inviteeList": [invitee],
                          "actionType": action, "timeout": timeout, "data": "ring", "groupID": ""});
        json!({"userID": to, "type": "custom", "content": {"data": text.to_string()}})
    }
}

impl Device {
    async fn signals(&mut self, to: &str, words: &Words<'_>, action: u8) -> Value {
        self.does("message.send", words.message(to, action)).await
    }

    async fn is_refused_signaling(&mut self, reason: &str, to: &str, words: &Words<'_>, action: u8) {
        self.is_refused(reason, "message.send", words.message(to, action)).await;
    }
}

const CALL: Words<'_> = Words { id: "call", inviter: "alice", invitee: "bob", timeout: 60 };

#[tokio::test]
async fn the_deadline_is_the_servers_whatever_clients_say() {
    let world = World::start();
    let [mut alice, mut bob, mut mallory] = world.people(["alice", "bob", "mallory"]).await;
    let words = Words { timeout: 1, ..CALL };
    alice.signals("bob", &words, INVITE).await;
    let deadline = bob.hears("invitation.received").await["deadline"].as_u64().unwrap();
    for (early, to) in [(&mut alice, "bob"), (&mut bob, "alice")] {
        assert_eq!(early.signals(to, &words, TIMEOUT).await["messageID"], "");
    }
    mallory.is_refused_signaling("unknown", "bob", &words, TIMEOUT).await;
    for device in [&mut alice, &mut bob] {
        let told = device.hears("invitation.timedOut").await;
        assert!(told["time"].as_u64().unwrap() >= deadline, "{told}");
        assert_eq!((&told["inviteeList"], &told["version"]), (&json!(["bob"]), &json!(2)));
        assert_eq!((&told["data"], &told["message"]["seq"]), (&json!("ring"), &json!(2)));
    }
    bob.signals("alice", &words, TIMEOUT).await;
    bob.is_refused_signaling("timedOut", "alice", &words, ACCEPT).await;
    alice.hears_nothing().await;
    bob.hears_nothing().await;
    mallory.hears_nothing().await;
    assert!(now_ms() >= deadline);
}

#[tokio::test]
async fn two_roads_cross_and_one_is_first() {
    let world = World::start();
    let [mut alice, mut bob] = world.people(["alice", "bob"]).await;
    for number in 0..20 {
        let id = format!("call {number}");
        let words = Words { id: &id, ..CALL };
        alice.signals("bob", &words, INVITE).await;
        bob.hears("invitation.received").await;
        let accept = bob.begins("message.send", words.message("alice", ACCEPT)).await;
        let cancel = alice.begins("signaling.cancel", json!({"inviteID": id})).await;
        let (accept, cancel) = (bob.is_answered(accept).await, alice.is_answered(cancel).await);
        let state = match (accept, cancel) {
            (Ok(_), Err(late)) => {
                assert_eq!(late["data"]["reason"], "settled");
                alice.hears("invitation.accepted").await;
                "accepted"
            }
            (Err(late), Ok(_)) => {
                assert_eq!(late["data"]["reason"], "cancelled");
                bob.hears("invitation.cancelled").await;
                "cancelled"
            }
            both => panic!("{both:?}"),
        };
        assert_eq!(alice.looks_at(&json!(id)).await["invitees"][0]["state"], state);
    }
    alice.hears_nothing().await;
    bob.hears_nothing().await;
}

#[tokio::test]
async fn a_call_by_messages_outlives_the_server() {
    let mut world = World::start();
    let [mut alice, mut bob] = world.people(["alice", "bob"]).await;
    let invited = alice.signals("bob", &CALL, INVITE).await;
    bob.hears("invitation.received").await;
    world.kill();
    world.resume();
    for device in [&mut alice, &mut bob] {
        device.resumes_at(world.address()).await;
    }
    assert_eq!(alice.signals("bob", &CALL, INVITE).await, invited, "the same invite again");
    let mut phone = world.another("bob", "bob-phone", 2);
    let opened = phone.opens().await;
    assert_eq!(opened["openInvitations"][0]["inviteID"], "call");
    let accepted = phone.signals("alice", &CALL, ACCEPT).await;
    let told = alice.hears("invitation.accepted").await;
    assert_eq!(told["message"]["messageID"], accepted["messageID"]);
    let told = bob.hears("invitation.accepted").await;
    assert_eq!((&told["self"], &told["device"]["deviceID"]), (&json!(true), &json!("bob-phone")));
    alice.is_refused_signaling("settled", "bob", &CALL, CANCEL).await;
}
