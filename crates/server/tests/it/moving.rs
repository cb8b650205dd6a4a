//! A server that outgrows SQLite: it is stopped, everything is moved to PostgreSQL, and people go on as after any restart.

use serde_json::{Value, json};
use tokio::task::block_in_place;
use wigwag_testbed::{Durability, Postgres};

use crate::world::{Device, Ended, NO_RATE, World, command};

fn moves(world: &World, url: &str) -> Ended {
    command(&world.config_file(), &world.data(), &["migrate", "--to", url])
}

fn revokes(world: &World) -> Ended {
    command(&world.config_file(), &world.data(), &["revoke", "mallory"])
}

/// Events as (cursor, type), which is what a device that was away must get.
fn places(events: &[Value]) -> Vec<(u64, String)> {
    let place =
        |event: &Value| (event["cursor"].as_u64().unwrap(), event["type"].as_str().unwrap().to_owned());
    events.iter().map(place).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_goes_on_where_they_were() {
    let postgres = block_in_place(|| Postgres::start(Durability::Fast));
    let url = postgres.url("postgres");
    let mut world = block_in_place(World::start);
    let [mut alice, mut bob, mut carol] = world.people(["alice", "bob", "carol"]).await;
    let left_at = carol.cursor;
    carol.vanishes();
    let told = lives_on(&mut alice, &mut bob).await;
    block_in_place(|| assert!(world.stop().succeeded));

    let moved = block_in_place(|| moves(&world, &url));
    assert!(moved.succeeded, "{moved:?}");
    world.configure(&format!("{NO_RATE}[store]\nurl = \"{url}\"\n"));
    block_in_place(|| world.resume());

    // Carol was away all the time: she gets what she missed, and hears of the ring that is over by its end.
    carol.cursor = left_at;
    carol.resumes_at(world.address()).await;
    let missed = carol.catches_up().await;
    let kinds: Vec<&str> = missed.iter().map(|event| event["type"].as_str().unwrap()).collect();
    assert_eq!(kinds.iter().filter(|kind| **kind == "message.received").count(), 3, "{:?}", places(&missed));
    assert!(missed.iter().is_sorted_by_key(|event| event["cursor"].as_u64()));
    // The others heard everything but the deadlines. One passed while nothing ran, the other is still to come.
    bob.resumes_at(world.address()).await;
    alice.resumes_at(world.address()).await;
    for device in [&mut alice, &mut bob] {
        for id in ["short", "soon"] {
            let ended = hears_end(device, id).await;
            assert!(ended["time"].as_u64().unwrap() >= told[id].as_u64().unwrap(), "{ended}");
        }
        device.hears_nothing().await;
    }
    is_kept(&mut alice, &mut bob, &told).await;

    // A ring of before the move is answered after it.
    bob.accepts(&json!("long")).await;
    assert_eq!(alice.hears("invitation.accepted").await["inviteID"], "long");
    alice.invites(&bob).await;
    bob.hears("invitation.received").await;
}

/// What the data folder still says of keys does not count any more: a key in it could never be taken back.
#[tokio::test(flavor = "multi_thread")]
async fn keys_of_back_ends_move_and_are_revoked_where_they_are() {
    let postgres = block_in_place(|| Postgres::start(Durability::Fast));
    let url = postgres.url("postgres");
    let mut world = block_in_place(World::start);
    let shop = world.back_end("shop", "all").await;
    let other = world.back_end("other", "all").await;
    block_in_place(|| assert!(world.stop().succeeded));
    let moved = block_in_place(|| moves(&world, &url));
    assert!(moved.succeeded && moved.said.contains("keys of back ends: 2 of 2"), "{moved:?}");
    world.configure(&format!("{NO_RATE}[store]\nurl = \"{url}\"\n"));
    block_in_place(|| world.resume());

    shop.gets(&world, "PUT /v1/users/alice", None).await;
    let revoked = block_in_place(|| command(&world.config_file(), &world.data(), &["key", "revoke", "shop"]));
    assert!(revoked.succeeded, "{revoked:?}");
    shop.becomes(&world, |status| status == 401).await;
    block_in_place(|| world.restart());
    shop.asks(&world, "GET /v1/users/alice", None).await.is_problem(401, "keyUnknown");
    other.gets(&world, "GET /v1/users/alice", None).await;
}

/// The timeout of this invitation, as the next thing that happens.
async fn hears_end(device: &mut Device, id: &str) -> Value {
    loop {
        let frame = device.hears_frame().await;
        if frame["method"] == "event" {
            let event = &frame["params"];
            assert_eq!(
                (&event["type"], &event["inviteID"]),
                (&json!("invitation.timedOut"), &json!(id)),
                "{frame}"
            );
            return event.clone();
        }
    }
}

/// What happened before the move: messages, a group, a block, a revocation, two invitations.
async fn lives_on(alice: &mut Device, bob: &mut Device) -> Value {
    alice.makes_group("g", &["bob", "carol"]).await;
    bob.hears("group.membersAdded").await;
    for text in ["one", "two", "three"] {
        alice.texts_in("g", text).await;
        bob.hears("message.received").await;
    }
    let keyed = json!({"userID": "bob", "clientMsgID": "key", "type": "text", "content": {"text": "x"}});
    let sent = alice.does("message.send", keyed).await;
    bob.hears("message.received").await;
    bob.does("message.markRead", json!({"groupID": "g", "seq": 2})).await;
    bob.does("user.setProfile", json!({"nickname": "Bobby \u{0} Tables"})).await;
    bob.does("user.block", json!({"userID": "carol"})).await;
    let mut due = json!({});
    for (id, timeout) in [("long", 600), ("soon", 8), ("short", 1)] {
        let ring = json!({"inviteID": id, "invitee": "bob", "data": "x", "timeout": timeout});
        due[id] = alice.does("signaling.invite", ring).await["deadline"].take();
        bob.hears("invitation.received").await;
    }
    let lists = json!([
        bob.does("conversation.list", json!({})).await["conversations"],
        bob.does("group.list", json!({})).await,
        bob.does("user.listBlocked", json!({})).await,
        bob.does("message.history", json!({"groupID": "g"})).await,
    ]);
    json!({"sent": sent, "short": due["short"], "soon": due["soon"], "lists": lists})
}

async fn is_kept(alice: &mut Device, bob: &mut Device, told: &Value) {
    let keyed = json!({"userID": "bob", "clientMsgID": "key", "type": "text", "content": {"text": "x"}});
    let again = alice.does("message.send", keyed).await;
    assert_eq!(again["messageID"], told["sent"]["messageID"]);
    let group = &told["lists"][3];
    assert_eq!(bob.does("message.history", json!({"groupID": "g"})).await, *group);
    assert_eq!(bob.does("group.list", json!({})).await, told["lists"][1]);
    assert_eq!(bob.does("user.listBlocked", json!({})).await, told["lists"][2]);
    let listed = bob.does("conversation.list", json!({})).await;
    let of_group = |lists: &Value| {
        let all = lists.as_array().unwrap().iter();
        all.clone().find(|one| one["groupID"] == "g").cloned().unwrap()
    };
    assert_eq!(of_group(&listed["conversations"]), of_group(&told["lists"][0]));
    let profiles = bob.does("user.get", json!({"userIDs": ["bob"]})).await;
    assert_eq!(profiles["profiles"][0]["nickname"], "Bobby \u{0} Tables");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_move_is_refused_with_what_to_do() {
    let postgres = block_in_place(|| Postgres::start(Durability::Fast));
    let url = postgres.url("postgres");
    let mut world = block_in_place(World::start);
    let cases = |world: &World, url: &str, words: &[&str]| {
        let ended = block_in_place(|| moves(world, url));
        let complaint = ended.complained.trim_end();
        assert!(!ended.succeeded && words.iter().all(|word| complaint.contains(word)), "{complaint}");
        assert!(!complaint.contains('\n') && !complaint.contains("s3cret"), "{complaint}");
    };
    cases(&world, &url, &["another wigwag server", "Stop it"]);
    block_in_place(|| assert!(world.stop().succeeded));
    cases(&world, "mysql://me:s3cret@db/wigwag", &["--to", "postgres://user@host/database"]);
    cases(&world, "postgres://me:s3cret@127.0.0.1:1/wigwag", &["127.0.0.1:1"]);
    cases(&World::prepared(""), &url, &["there is no database", "--data"]);
    // After a move that failed, the folder is what it was: its server reads revocations from there.
    assert!(block_in_place(|| revokes(&world)).succeeded);
    assert!(block_in_place(|| moves(&world, &url)).succeeded);
    // An empty source leaves an empty target, which takes it once more.
    assert!(block_in_place(|| moves(&world, &url)).succeeded);
    let ended = block_in_place(|| revokes(&world));
    assert!(!ended.succeeded && ended.complained.contains("keeps its state in PostgreSQL"), "{ended:?}");
    block_in_place(|| world.resume());
    world.person("alice").await;
    block_in_place(|| assert!(world.stop().succeeded));
    assert!(block_in_place(|| moves(&world, &url)).succeeded);
    cases(&world, &url, &["not empty", "users", "empty one"]);
}
