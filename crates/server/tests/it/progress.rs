//! Inviters who want to know how far an invitation is.

use serde_json::{Value, json};
use tokio::task::block_in_place;

use crate::world::{Cluster, Device, NO_RATE, Receiver, SECRET, World};

/// Hears what is next of this invitation, which is that far.
async fn is_told(who: &mut Device, step: &str) -> Value {
    let heard = who.hears("invitation.progress").await;
    assert_eq!(heard["step"], step, "{heard}");
    heard
}

/// The same when it may be told before that it was sent, unless both came together.
async fn is_told_at_last(who: &mut Device, step: &str) -> Value {
    let heard = who.hears("invitation.progress").await;
    if heard["step"] == "sent" { is_told(who, step).await } else { heard }
}

async fn invites(who: &mut Device, id: &str, invitee: &str, progress: bool) {
    who.does(
        "signaling.invite",
        json!({"inviteID": id, "invitee": invitee, "timeout": 120, "progress": progress}),
    )
    .await;
}

async fn devices(who: &mut Device, id: &str) -> Value {
    let got = who.does("signaling.get", json!({"inviteID": id})).await;
    got["invitation"]["invitees"][0]["devices"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_inviter_knows_when_a_device_has_it_and_when_it_rings() {
    let world = World::start();
    let shop = world.back_end("shop", "read").await;
    let [mut alice, mut bob] = world.people(["alice", "bob"]).await;
    invites(&mut alice, "i", "bob", true).await;
    let ring = bob.hears("invitation.received").await;
    assert_eq!(ring["progress"], true);
    bob.does("session.ack", json!({"cursor": ring["cursor"]})).await;
    let heard = is_told_at_last(&mut alice, "acknowledged").await;
    let whose = (&heard["inviteID"], &heard["invitee"], &heard["device"]);
    assert_eq!(whose, (&json!("i"), &json!("bob"), &json!({"deviceID": "bob-1", "platform": 7})));
    bob.does("signaling.ringing", json!({"inviteID": "i"})).await;
    is_told(&mut alice, "ringing").await;
    let known = devices(&mut alice, "i").await;
    assert_eq!(
        (known.as_array().map(Vec::len), &known[0]["deviceID"]),
        (Some(1), &json!("bob-1")),
        "{known}"
    );
    for time in ["sentAt", "acknowledgedAt", "ringingAt"] {
        assert!(known[0][time].is_u64(), "{known}");
    }
    assert_eq!((&known[0]["pushedAt"], &devices(&mut bob, "i").await), (&Value::Null, &Value::Null));
    let seen = shop.gets(&world, "GET /v1/invitations/i", None).await;
    assert_eq!(seen["invitees"][0]["devices"], known);
    // A repeat tells nothing, and neither does a device that connects again.
    bob.does("signaling.ringing", json!({"inviteID": "i"})).await;
    bob.vanishes();
    bob.opens().await;
    bob.accepts(&json!("i")).await;
    bob.does("signaling.ringing", json!({"inviteID": "i"})).await;
    assert_eq!(alice.hears("invitation.accepted").await["inviteID"], "i");
    assert_eq!(devices(&mut alice, "i").await, Value::Null, "nobody is pending");
    invites(&mut alice, "next", "bob", true).await;
    let next = alice.hears("invitation.progress").await;
    assert_eq!(next["inviteID"], "next", "{next}");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_does_not_ask_is_told_nothing_and_others_cannot_report() {
    let world = World::start();
    let [mut alice, mut bob, mut carol] = world.people(["alice", "bob", "carol"]).await;
    invites(&mut alice, "i", "bob", false).await;
    let ring = bob.hears("invitation.received").await;
    assert_eq!(ring["progress"], Value::Null);
    bob.does("session.ack", json!({"cursor": ring["cursor"]})).await;
    bob.does("signaling.ringing", json!({"inviteID": "i"})).await;
    carol.is_refused("unknown", "signaling.ringing", json!({"inviteID": "i"})).await;
    carol.is_refused("unknown", "signaling.ringing", json!({"inviteID": "no"})).await;
    alice.is_refused("notInvitee", "signaling.ringing", json!({"inviteID": "i"})).await;
    assert_eq!(devices(&mut alice, "i").await, Value::Null);
    bob.rejects(&json!("i")).await;
    // What would have been told stands before the answer.
    let cursor = alice.hears("invitation.rejected").await["cursor"].as_u64().unwrap();
    assert_eq!(cursor, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_inviter_who_is_blocked_meanwhile_learns_nothing_more() {
    let world = World::start();
    let shop = world.back_end("shop", "read").await;
    let [mut alice, mut bob] = world.people(["alice", "bob"]).await;
    invites(&mut alice, "i", "bob", true).await;
    let ring = bob.hears("invitation.received").await;
    bob.does("session.ack", json!({"cursor": ring["cursor"]})).await;
    let heard = is_told_at_last(&mut alice, "acknowledged").await;
    assert_ne!(devices(&mut alice, "i").await, Value::Null);
    bob.does("user.block", json!({"userID": "alice"})).await;
    bob.does("signaling.ringing", json!({"inviteID": "i"})).await;
    assert_eq!(devices(&mut alice, "i").await, Value::Null);
    let seen = shop.gets(&world, "GET /v1/invitations/i", None).await;
    assert!(seen["invitees"][0]["devices"][0]["ringingAt"].is_u64(), "back ends do: {seen}");
    bob.rejects(&json!("i")).await;
    // What would have been told stands before the answer.
    let answered = alice.hears("invitation.rejected").await;
    assert_eq!(answered["cursor"].as_u64(), heard["cursor"].as_u64().map(|cursor| cursor + 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_inviter_knows_at_once_that_nobody_can_be_reached() {
    let mut vendor = Receiver::start().await;
    let world = block_in_place(|| {
        World::start_with(&format!(
            "{NO_RATE}[sessions]\noffline_grace_s = 0\n[push.adapter]\nurl = \"{}\"\nsecret = \"{SECRET}\"\nallow = [\"127.0.0.1\"]\n",
            vendor.url()
        ))
    });
    let shop = world.back_end("shop", "users").await;
    // A back end has made him, and he never was here.
    shop.gets(&world, "PUT /v1/users/bob", Some(json!({"nickname": "bob"}))).await;
    let mut alice = world.person("alice").await;
    invites(&mut alice, "i", "bob", true).await;
    let heard = is_told(&mut alice, "unreachable").await;
    assert_eq!((&heard["invitee"], &heard["device"]), (&json!("bob"), &Value::Null));
    // He comes all the same.
    let mut bob = world.device("bob");
    bob.opens().await;
    is_told_at_last(&mut alice, "acknowledged").await;
    bob.does("push.register", json!({"provider": "adapter", "token": "t"})).await;
    bob.rejects(&json!("i")).await;
    alice.hears("invitation.rejected").await;
    bob.vanishes();
    invites(&mut alice, "pushed", "bob", true).await;
    vendor.is_told().await;
    let pushed = is_told_at_last(&mut alice, "pushed").await;
    assert_eq!(pushed["device"]["deviceID"], "bob-1");
    assert!(devices(&mut alice, "pushed").await[0]["pushedAt"].is_u64());
    vendor.answers(|_| Some(410));
    alice.cancels(&json!("pushed")).await;
    while vendor.is_told().await.kind() != "push.over" {}
}

#[tokio::test(flavor = "multi_thread")]
async fn an_inviter_on_another_node_is_told() {
    let cluster = block_in_place(|| Cluster::of(2, ""));
    let (mut alice, mut bob) = (cluster.person(0, "alice").await, cluster.person(1, "bob").await);
    invites(&mut alice, "i", "bob", true).await;
    let ring = bob.hears("invitation.received").await;
    bob.does("session.ack", json!({"cursor": ring["cursor"]})).await;
    bob.does("signaling.ringing", json!({"inviteID": "i"})).await;
    while alice.hears("invitation.progress").await["step"] != "ringing" {}
}
