//! The story of an invitation, as a back end reads it.

use serde_json::{Value, json};
use tokio::task::block_in_place;

use crate::world::{BackEnd, Cluster, Device, World};

async fn story_of(shop: &BackEnd, world: &World, id: &Value) -> Value {
    let path = format!("GET /v1/invitations/{}/explain", id.as_str().unwrap());
    shop.gets(world, &path, None).await
}

/// What happened, by whom, and in whose streams it is.
fn steps(story: &Value) -> Vec<(&str, Option<&str>, Vec<&str>)> {
    story["steps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|step| {
            let told = step["told"].as_array().unwrap().iter();
            let users = told.map(|told| told["userID"].as_str().unwrap()).collect();
            (step["type"].as_str().unwrap(), step["by"].as_str(), users)
        })
        .collect()
}

/// A call that is answered and hung up, and messages between that are no part of its story.
async fn calls(alice: &mut Device, bob: &mut Device) -> Value {
    alice.texts("bob", "before").await;
    bob.hears("message.received").await;
    let call = json!({"invitee": "bob", "data": "come", "timeout": 60, "call": {"mediaType": "audio"}});
    let id = alice.does("signaling.invite", call).await["inviteID"].clone();
    bob.hears("invitation.received").await;
    alice.texts("bob", &format!("did you get {id}?")).await;
    bob.hears("message.received").await;
    bob.accepts(&id).await;
    alice.hears("invitation.accepted").await;
    bob.does("call.hangUp", json!({"callID": id})).await;
    alice.hears("call.hungUp").await;
    alice.texts("bob", "behind").await;
    id
}

fn is_the_story_of_a_call(story: &Value) {
    let both = || vec!["alice", "bob"];
    let expected = [
        ("invitation.received", Some("alice"), both()),
        ("invitation.accepted", Some("bob"), both()),
        ("call.hungUp", Some("bob"), both()),
    ];
    assert_eq!(steps(story), expected, "{story}");
    assert_eq!((&story["complete"], &story["invitation"]["status"]), (&json!(true), &json!("ended")));
    assert_eq!(story["call"]["endReason"], "hungUp");
    assert_eq!(story["steps"][1]["device"]["deviceID"], "bob-1");
    assert_eq!(story["steps"][0]["event"]["data"], "come");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_story_of_a_call_has_each_step_and_who_was_told() {
    let world = World::start();
    let shop = world.back_end("shop", "read").await;
    let [mut alice, mut bob] = world.people(["alice", "bob"]).await;
    let id = calls(&mut alice, &mut bob).await;
    is_the_story_of_a_call(&story_of(&shop, &world, &id).await);
    let log = world.log();
    assert!(log.contains("the story of an invitation is asked for") && log.contains("shop"), "{log}");
    shop.asks(&world, "GET /v1/invitations/none/explain", None).await.is_problem(404, "unknown");
    let writer = world.back_end("writer", "users").await;
    writer.asks(&world, "GET /v1/invitations/none/explain", None).await.is_problem(403, "scopeMissing");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_story_of_an_open_invitation_ends_now_and_of_a_deadline_nobody_is_behind() {
    let world = World::start();
    let shop = world.back_end("shop", "read").await;
    let [mut alice, mut bob] = world.people(["alice", "bob"]).await;
    let id =
        alice.does("signaling.invite", json!({"invitee": "bob", "timeout": 1})).await["inviteID"].clone();
    let story = story_of(&shop, &world, &id).await;
    assert_eq!(steps(&story)[0], ("invitation.received", Some("alice"), vec!["alice", "bob"]));
    assert_eq!((&story["call"], &story["webhooks"]), (&Value::Null, &json!([])));
    bob.hears("invitation.received").await;
    bob.hears("invitation.timedOut").await;
    let story = story_of(&shop, &world, &id).await;
    assert_eq!(steps(&story)[1], ("invitation.timedOut", None, vec!["alice", "bob"]));
    assert!(story["steps"][1]["time"].as_u64() >= story["invitation"]["deadline"].as_u64(), "{story}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_story_of_a_call_over_two_nodes() {
    let cluster = block_in_place(|| Cluster::of(2, ""));
    let shop = cluster.nodes[0].back_end("shop", "read").await;
    let mut alice = cluster.person(0, "alice").await;
    let mut bob = cluster.person(1, "bob").await;
    let id = calls(&mut alice, &mut bob).await;
    is_the_story_of_a_call(&story_of(&shop, &cluster.nodes[0], &id).await);
}
