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
    let [mut alice, mut bob, carol, mut stranger] =
        world.people(["alice", "bob", "carol", "stranger"]).await;
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
