//! Quiet hours, and three kinds of no, over sockets.

use serde_json::{Value, json};
use tokio::task::block_in_place;

use crate::world::{Cluster, Device, NO_RATE, OpenIm, World};

const FOR_EVER: u64 = 9_000_000_000_000_000;

async fn sleeps(who: &mut Device) {
    who.does("user.setQuiet", json!({"until": FOR_EVER})).await;
}

async fn rings(alice: &mut Device, whom: &mut Device) -> (Value, Value) {
    let reply = alice.invites(whom).await;
    let heard = whom.hears("invitation.received").await;
    (reply["inviteID"].clone(), heard)
}

#[tokio::test]
async fn a_user_who_sleeps_is_rung_without_a_sound_and_nobody_else_knows() {
    let mut world = World::start();
    let [mut alice, mut bob] = world.people(["alice", "bob"]).await;
    let mut hers = world.another("alice", "laptop", 4);
    let mut laptop = world.another("bob", "laptop", 4);
    hers.opens().await;
    laptop.opens().await;
    assert_eq!(bob.does("user.getQuiet", json!({})).await["quiet"], json!({}));
    let hours = json!([{"days": [1, 2, 3, 4, 5, 6, 7], "from": 0, "to": 1_440}]);
    let quiet = json!({"hours": hours, "timeZone": "Europe/Berlin", "except": ["mum"], "push": "none"});
    bob.does("user.setQuiet", quiet.clone()).await;
    let changed = laptop.hears("user.quietChanged").await;
    assert_eq!((&changed["timeZone"], &changed["self"]), (&json!("Europe/Berlin"), &json!(true)));

    let (id, heard) = rings(&mut alice, &mut bob).await;
    assert_eq!(heard["quiet"], true);
    assert_eq!(laptop.hears("invitation.received").await["quiet"], true);
    assert!(hers.hears("invitation.received").await.get("quiet").is_none());
    assert!(alice.looks_at(&id).await.get("quiet").is_none());
    assert_eq!(bob.looks_at(&id).await["quiet"], true);
    alice.cancels(&id).await;
    bob.hears("invitation.cancelled").await;
    let (_, again) = rings(&mut alice, &mut bob).await;
    assert!(again.get("quiet").is_none(), "a second call is loud: {again}");

    world.restart();
    for person in [&mut alice, &mut bob, &mut laptop] {
        person.resumes_at(world.address()).await;
    }
    assert_eq!(bob.does("user.getQuiet", json!({})).await["quiet"], quiet);
    bob.does("user.setQuiet", json!({})).await;
    let (_, loud) = rings(&mut alice, &mut bob).await;
    assert!(loud.get("quiet").is_none(), "{loud}");
}

#[tokio::test]
async fn silence_stops_ones_own_devices_and_goes_on_for_the_inviter() {
    let mut world = World::start();
    let [mut alice, mut bob] = world.people(["alice", "bob"]).await;
    let mut laptop = world.another("bob", "laptop", 4);
    let opened = laptop.opens().await;
    laptop.vanishes();
    let (id, heard) = rings(&mut alice, &mut bob).await;
    assert!(heard.get("quiet").is_none());
    bob.does("signaling.silence", json!({"inviteID": id})).await;
    bob.does("signaling.silence", json!({"inviteID": id})).await;
    alice.is_refused("notInvitee", "signaling.silence", json!({"inviteID": id})).await;
    alice.hears_nothing().await;

    world.restart();
    for person in [&mut alice, &mut bob] {
        person.resumes_at(world.address()).await;
    }
    // A device that was away, and one that comes for the first time.
    laptop.resumes_at(world.address()).await;
    let missed = laptop.catches_up().await;
    let kinds: Vec<&Value> = missed.iter().map(|event| &event["type"]).collect();
    assert_eq!(kinds, ["invitation.received", "invitation.silenced"], "after {opened}");
    assert_eq!((&missed[0]["quiet"], &missed[1]["self"]), (&json!(true), &json!(true)));
    assert_eq!((&missed[1]["invitee"], &missed[1]["device"]["deviceID"]), (&json!("bob"), &json!("bob-1")));
    let tablet = world.another("bob", "tablet", 9).opens().await;
    assert_eq!(tablet["openInvitations"][0]["quiet"], true, "{tablet}");
    assert!(alice.looks_at(&id).await.get("quiet").is_none());
    laptop.accepts(&id).await;
    assert_eq!(alice.hears("invitation.accepted").await["version"], 2);
    bob.hears("invitation.accepted").await;
    bob.is_refused("settled", "signaling.silence", json!({"inviteID": id})).await;
}

#[tokio::test]
async fn a_call_of_somebody_who_sleeps_is_quiet_and_can_be_silenced_and_answered() {
    let world = World::start();
    let [mut alice, mut bob] = world.people(["alice", "bob"]).await;
    sleeps(&mut bob).await;
    let call = json!({"inviteID": "i", "invitee": "bob", "call": {"mediaType": "audio"}});
    alice.does("signaling.invite", call).await;
    let heard = bob.hears("invitation.received").await;
    assert_eq!((&heard["quiet"], &heard["call"]["mediaType"]), (&json!(true), &json!("audio")));
    bob.does("signaling.silence", json!({"inviteID": "i"})).await;
    let accepted = bob.accepts(&json!("i")).await;
    assert!(accepted["call"].is_object(), "{accepted}");
    alice.hears("invitation.accepted").await;
}

#[tokio::test]
async fn what_cannot_be_kept_is_refused_with_its_field() {
    let world = World::start();
    let mut bob = world.person("bob").await;
    let span = json!({"days": [1], "from": 0, "to": 60});
    let many = |count: usize| vec![span.clone(); count];
    let names = |count: usize| (0..count).map(|number| format!("u{number}")).collect::<Vec<_>>();
    let table = [
        ("hours", json!({"hours": many(15), "timeZone": "UTC"})),
        ("hours", json!({"hours": [{"days": [8], "from": 0, "to": 60}], "timeZone": "UTC"})),
        ("hours", json!({"hours": [{"days": [1], "from": 1440, "to": 60}], "timeZone": "UTC"})),
        ("timeZone", json!({"hours": many(1)})),
        ("timeZone", json!({"hours": many(1), "timeZone": "Europe/Nowhere"})),
        ("except", json!({"except": names(101)})),
    ];
    for (field, params) in table {
        let error = bob.is_refused("invalidParameter", "user.setQuiet", params).await;
        assert_eq!(error["data"]["field"], field, "{error}");
    }
    bob.is_refused("invalidParams", "user.setQuiet", json!({"until": "noon"})).await;
    bob.does("user.setQuiet", json!({"hours": many(14), "timeZone": "UTC", "except": names(100)})).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_back_end_says_for_a_user_when_they_are_quiet() {
    let world = World::start();
    let [mut alice, mut bob] = world.people(["alice", "bob"]).await;
    let back_end = world.back_end("app", "read,users").await;
    let quiet = json!({"until": FOR_EVER, "again": false, "push": "none"});
    back_end.gets(&world, "PUT /v1/users/bob/quiet", Some(quiet.clone())).await;
    assert_eq!(bob.hears("user.quietChanged").await["until"], FOR_EVER);
    assert_eq!(back_end.gets(&world, "GET /v1/users/bob/quiet", None).await, quiet);
    let (_, heard) = rings(&mut alice, &mut bob).await;
    assert_eq!(heard["quiet"], true);
    let wrong = Some(json!({"hours": [{"days": [1], "from": 0, "to": 60}], "timeZone": "Mars"}));
    let problem =
        back_end.asks(&world, "PUT /v1/users/bob/quiet", wrong).await.is_problem(422, "invalidParameter");
    assert_eq!(problem["field"], "timeZone", "{problem}");
    let misspelt = Some(json!({"timezone": "UTC"}));
    back_end.asks(&world, "PUT /v1/users/bob/quiet", misspelt).await.is_problem(422, "invalidParams");
    back_end.asks(&world, "PUT /v1/users/nobody/quiet", Some(quiet)).await.is_problem(404, "unknownUser");
    back_end.asks(&world, "GET /v1/users/nobody/quiet", None).await.is_problem(404, "unknownUser");
    back_end.gets(&world, "PUT /v1/users/bob/quiet", Some(json!({}))).await;
    assert_eq!(back_end.gets(&world, "GET /v1/users/bob/quiet", None).await, json!({}));
    let reader = world.back_end("reader", "read").await;
    reader.asks(&world, "PUT /v1/users/bob/quiet", Some(json!({}))).await.is_problem(403, "scopeMissing");
}

#[tokio::test(flavor = "multi_thread")]
async fn openims_clients_know_no_ring_without_a_sound() {
    let world = World::start();
    let mut alice = world.person("alice").await;
    let mut bob = OpenIm::signs_in(&world, "bob").await;
    let mut phone = world.person("bob").await;
    let call = |id: &str| json!({"inviteID": id, "invitee": "bob", "call": {"mediaType": "audio"}});
    alice.does("signaling.invite", call("loud")).await;
    bob.hears("OnReceiveNewInvitation").await;
    phone.does("signaling.silence", json!({"inviteID": "loud"})).await;
    bob.hears("OnInviteeRejectedByOtherDevice").await;
    alice.cancels(&json!("loud")).await;
    bob.hears("OnInvitationCancelled").await;
    sleeps(&mut phone).await;
    alice.does("signaling.invite", call("quiet")).await;
    alice.cancels(&json!("quiet")).await;
    // The first that is heard of it is its end.
    bob.hears("OnInvitationCancelled").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_sleeps_is_rung_without_a_sound_on_every_node() {
    let cluster = block_in_place(|| Cluster::of(2, NO_RATE));
    let (mut alice, mut bob) = (cluster.person(0, "alice").await, cluster.person(1, "bob").await);
    sleeps(&mut bob).await;
    let (id, heard) = rings(&mut alice, &mut bob).await;
    assert_eq!(heard["quiet"], true);
    bob.does("signaling.silence", json!({"inviteID": id})).await;
    alice.hears_nothing().await;
    bob.accepts(&id).await;
    alice.hears("invitation.accepted").await;
}
