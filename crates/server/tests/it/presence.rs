//! Who is online, and who may know it.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::task::block_in_place;

use crate::world::{Cluster, Device, PATIENCE, World};

/// Whoever goes is gone at once, so that no story waits for the grace.
const NO_GRACE: &str = "[sessions]\noffline_grace_s = 0\n";

fn class() -> Value {
    json!({"groupID": "class"})
}

/// A device asks until the count is this. It is kept for 5 s, so this asks five times a second, which an allowance of reads bears.
async fn counts(device: &mut Device, expected: Value) {
    let start = Instant::now();
    loop {
        let counted = device.does("group.onlineCount", class()).await;
        if counted == expected {
            return;
        }
        assert!(start.elapsed() < PATIENCE, "{expected} never came, {counted} did");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

#[tokio::test]
async fn members_learn_how_many_of_them_are_online_and_nobody_else_does() {
    let world = World::start_with(NO_GRACE);
    let [mut alice, mut bob, carol, mut stranger] = world.people(["alice", "bob", "carol", "stranger"]).await;
    alice.makes_group("class", &["bob", "carol"]).await;
    assert_eq!(bob.does("group.onlineCount", class()).await, json!({"online": 3}));
    stranger.is_refused("notMember", "group.onlineCount", class()).await;
    drop(carol);
    counts(&mut bob, json!({"online": 2})).await;
    alice.does("group.setInfo", json!({"groupID": "class", "joinPolicy": "inviteOnly"})).await;
    stranger.is_refused("unknownGroup", "group.onlineCount", class()).await;
    alice.does("group.dismiss", class()).await;
    alice.makes_group("class", &["bob", "stranger"]).await;
    let counted = stranger.does("group.onlineCount", class()).await;
    assert_eq!(counted, json!({"online": 3}), "nothing of the old group is in the new one");
}

#[tokio::test(flavor = "multi_thread")]
async fn members_on_all_nodes_are_counted_and_those_of_a_killed_one_are_not() {
    let mut cluster = block_in_place(|| Cluster::of(3, NO_GRACE));
    for node in 0..3 {
        cluster.counts(node, "wigwag_live_nodes", 3).await;
    }
    let mut alice = cluster.person(0, "alice").await;
    let (mut bob, _carol) = (cluster.person(1, "bob").await, cluster.person(2, "carol").await);
    let mut laptop = cluster.nodes[2].another("alice", "laptop", 4);
    laptop.opens().await;
    alice.makes_group("class", &["bob", "carol"]).await;
    // Whoever has devices on two nodes is one.
    assert_eq!(alice.does("group.onlineCount", class()).await, json!({"online": 3}));
    assert_eq!(bob.does("group.onlineCount", class()).await, json!({"online": 3}));
    cluster.nodes[2].kill();
    counts(&mut bob, json!({"online": 2})).await;
    counts(&mut alice, json!({"online": 2})).await;
    // What the bus cannot say is unknown: carol may have come to a node that nothing is heard of.
    block_in_place(|| cluster.nats.kill());
    counts(&mut alice, json!({"online": 1, "unknown": 2})).await;
    block_in_place(|| cluster.nats.start_again());
    counts(&mut alice, json!({"online": 2})).await;
}

fn users(names: &[&str]) -> Value {
    json!({"userIDs": names})
}

/// What was said of users, in the order in which they are named.
fn presences(answer: &Value, names: &[&str]) -> Vec<String> {
    let of = |name: &&str| {
        let users = answer["users"].as_array().unwrap();
        let found: Vec<&Value> = users.iter().filter(|user| user["userID"] == **name).collect();
        assert_eq!(found.len(), 1, "{name} in {answer}");
        found[0]["presence"].as_str().unwrap().to_owned()
    };
    names.iter().map(of).collect()
}

async fn watches(device: &mut Device, names: &[&str]) -> Vec<String> {
    let answer = device.does("user.watch", users(names)).await;
    presences(&answer, names)
}

/// This is how a user is for a device, which watches them; and a user who does not exist is as a stranger is.
async fn sees(device: &mut Device, other: &str, presence: &str) {
    let answer = device.does("user.getStatus", users(&[other])).await;
    assert_eq!(presences(&answer, &[other]), [presence], "{} of {other}", device.user);
    assert_eq!(
        watches(device, &[other, "nobody"]).await,
        [presence, "unknown"],
        "{} of {other}",
        device.user
    );
}

/// The next frame says how a user is.
async fn is_told(device: &mut Device, user: &str, presence: &str) {
    let frame = device.hears_frame().await;
    let expected = json!({"userID": user, "presence": presence});
    assert_eq!((&frame["method"], &frame["params"]), (&json!("user.status"), &expected), "{}", device.user);
}

/// Whoever is gone is noticed when the node looks, every 10 s; two of these take longer than any test's patience with one.
#[tokio::test]
async fn who_knows_somebody_is_seen_by_them_and_by_nobody_else() {
    let world = World::start_with(NO_GRACE);
    let [mut alice, mut bob, mut mallory] = world.people(["alice", "bob", "mallory"]).await;
    // Alice knows bob. Mallory writes to alice, which makes nobody known to her.
    alice.texts("bob", "hello").await;
    bob.hears("message.received").await;
    mallory.texts("alice", "where are you?").await;
    alice.hears("message.received").await;
    sees(&mut bob, "alice", "online").await;
    sees(&mut alice, "bob", "unknown").await;
    sees(&mut alice, "alice", "online").await;
    sees(&mut mallory, "alice", "unknown").await;
    drop(alice);
    is_told(&mut bob, "alice", "offline").await;
    let mut alice = world.person("alice").await;
    is_told(&mut bob, "alice", "online").await;
    mallory.hears_nothing().await;
    // Whoever is blocked is told so by the next change, once.
    alice.does("user.block", users_one("bob")).await;
    drop(alice);
    is_told(&mut bob, "alice", "unknown").await;
    let mut alice = world.person("alice").await;
    alice.does("user.unblock", users_one("bob")).await;
    assert_eq!(watches(&mut bob, &["alice"]).await, ["online"]);
    bob.hears_nothing().await;
    mallory.hears_nothing().await;
}

fn users_one(name: &str) -> Value {
    json!({"userID": name})
}

#[tokio::test]
async fn members_of_a_group_see_each_other_as_long_as_they_are_members() {
    let world = World::start_with(NO_GRACE);
    let [mut alice, mut bob, carol] = world.people(["alice", "bob", "carol"]).await;
    alice.makes_group("class", &["bob", "carol"]).await;
    bob.hears("group.membersAdded").await;
    assert_eq!(watches(&mut alice, &["bob", "carol"]).await, ["online", "online"]);
    assert_eq!(watches(&mut bob, &["alice"]).await, ["online"]);
    drop(carol);
    is_told(&mut alice, "carol", "offline").await;
    bob.hears_nothing().await;
    bob.does("group.quit", class()).await;
    alice.hears("group.membersRemoved").await;
    let answer = bob.does("user.getStatus", users(&["alice"])).await;
    assert_eq!(presences(&answer, &["alice"]), ["unknown"]);
}

#[tokio::test]
async fn a_session_watches_those_it_named_last_and_no_more_than_it_may() {
    let world = World::start_with(NO_GRACE);
    let [mut alice, mut bob] = world.people(["alice", "bob"]).await;
    alice.texts("bob", "hello").await;
    bob.hears("message.received").await;
    let answer = bob.does("user.watch", users(&["alice", "alice"])).await;
    assert_eq!(presences(&answer, &["alice"]), ["online"], "once");
    let names: Vec<String> = (0..101).map(|number| format!("u{number}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    for method in ["user.watch", "user.getStatus"] {
        let refused = bob.is_refused("invalidParams", method, users(&names)).await;
        assert_eq!(refused["data"]["field"], "userIDs");
        assert_eq!(bob.does(method, users(&names[1..])).await["users"].as_array().unwrap().len(), 100);
    }
    bob.is_refused("invalidParams", "user.getStatus", users(&[])).await;
    assert_eq!(bob.does("user.watch", users(&[])).await, json!({"users": []}));
    // Of her going nothing is told to bob, who watches nobody any more; his tablet is told, which is another session.
    let mut tablet = world.another("bob", "tablet", 2);
    tablet.opens().await;
    assert_eq!(watches(&mut tablet, &["alice"]).await, ["online"]);
    drop(alice);
    is_told(&mut tablet, "alice", "offline").await;
    bob.hears_nothing().await;
}

#[tokio::test]
async fn who_reconnects_all_the_time_is_online_and_costs_their_watchers_nothing() {
    let world = World::start();
    let [mut alice, mut bob] = world.people(["alice", "bob"]).await;
    alice.texts("bob", "hello").await;
    bob.hears("message.received").await;
    assert_eq!(watches(&mut bob, &["alice"]).await, ["online"]);
    for _ in 0..20 {
        alice.vanishes();
        alice.resumes().await;
    }
    bob.hears_nothing().await;
    assert_eq!(watches(&mut bob, &["alice"]).await, ["online"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_comes_to_another_node_is_seen_from_everywhere_and_a_killed_nodes_people_are_gone() {
    let mut cluster = block_in_place(|| Cluster::of(3, NO_GRACE));
    for node in 0..3 {
        cluster.counts(node, "wigwag_live_nodes", 3).await;
    }
    let (mut bob, mut carol) = (cluster.person(0, "bob").await, cluster.person(1, "carol").await);
    let mut mallory = cluster.person(0, "mallory").await;
    let mut alice = cluster.person(2, "alice").await;
    alice.makes_group("class", &["bob", "carol"]).await;
    bob.hears("group.membersAdded").await;
    carol.hears("group.membersAdded").await;
    let names = ["alice", "carol", "bob"];
    assert_eq!(watches(&mut bob, &names).await, ["online"; 3]);
    assert_eq!(watches(&mut carol, &names).await, ["online"; 3]);
    assert_eq!(watches(&mut mallory, &names).await, ["unknown"; 3]);
    cluster.nodes[2].kill();
    is_told(&mut bob, "alice", "offline").await;
    is_told(&mut carol, "alice", "offline").await;
    let address = cluster.nodes[1].address().to_owned();
    alice.resumes_at(&address).await;
    is_told(&mut bob, "alice", "online").await;
    is_told(&mut carol, "alice", "online").await;
    // Two devices on two nodes: she is online as long as one is.
    let mut laptop = cluster.nodes[0].another("alice", "laptop", 4);
    laptop.opens().await;
    drop(alice);
    drop(laptop);
    is_told(&mut bob, "alice", "offline").await;
    is_told(&mut carol, "alice", "offline").await;
    mallory.hears_nothing().await;
}

/// Waits until the server keeps nothing of what a user said.
async fn says_nothing(world: &World, user: &str) {
    let (desk, start) = (world.back_end("desk", "read").await, Instant::now());
    while desk.gets(world, &format!("GET /v1/users/{user}"), None).await.get("status").is_some() {
        assert!(start.elapsed() < PATIENCE, "{user} still says something");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

fn says(words: &str) -> Value {
    json!({"status": words})
}

/// The next frame says what an online user says of themselves.
async fn is_told_words(device: &mut Device, user: &str, words: &str) {
    let frame = device.hears_frame().await;
    let expected = json!({"userID": user, "presence": "online", "status": words});
    assert_eq!((&frame["method"], &frame["params"]), (&json!("user.status"), &expected), "{}", device.user);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_says_of_themselves_is_told_to_those_who_know_them_and_ends_with_their_absence() {
    let world = World::start_with("[sessions]\noffline_grace_s = 0\n[calls]\nlease_s = 5\n");
    let [mut alice, mut bob, mut mallory] = world.people(["alice", "bob", "mallory"]).await;
    alice.texts("bob", "hello").await;
    bob.hears("message.received").await;
    assert_eq!(watches(&mut bob, &["alice"]).await, ["online"]);
    alice.does("user.setStatus", says("in a call")).await;
    is_told_words(&mut bob, "alice", "in a call").await;
    let seen = mallory.does("user.getStatus", users(&["alice"])).await;
    assert_eq!(seen["users"], json!([{"userID": "alice", "presence": "unknown"}]));
    alice.is_refused("tooLarge", "user.setStatus", says(&"x".repeat(101))).await;
    drop(alice);
    is_told(&mut bob, "alice", "offline").await;
    says_nothing(&world, "alice").await;
    let _alice = world.person("alice").await;
    is_told(&mut bob, "alice", "online").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_said_on_one_node_is_told_on_another() {
    let cluster = block_in_place(|| Cluster::of(2, NO_GRACE));
    for node in 0..2 {
        cluster.counts(node, "wigwag_live_nodes", 2).await;
    }
    let (mut alice, mut bob) = (cluster.person(0, "alice").await, cluster.person(1, "bob").await);
    alice.texts("bob", "hello").await;
    bob.hears("message.received").await;
    assert_eq!(watches(&mut bob, &["alice"]).await, ["online"]);
    alice.does("user.setStatus", says("away")).await;
    is_told_words(&mut bob, "alice", "away").await;
}
