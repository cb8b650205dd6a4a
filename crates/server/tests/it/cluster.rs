//! Several nodes over PostgreSQL and NATS: people on one do not notice that there are others.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::task::block_in_place;
use wigwag_protocol::CloseCode;
use wigwag_testbed::Nats;

use crate::world::{Cluster, Device, KEY, PATIENCE, SDK_APP_ID, World, command, wigwag};

fn inviting(user: &Device, timeout: u32) -> Value {
    json!({"invitee": user.user, "data": "call", "timeout": timeout})
}

#[tokio::test(flavor = "multi_thread")]
async fn people_on_different_nodes_call_each_other() {
    let cluster = block_in_place(|| Cluster::of(3, ""));
    let mut alice = cluster.person(0, "alice").await;
    let mut laptop = cluster.nodes[2].another("alice", "laptop", 4);
    laptop.opens().await;
    let mut bob = cluster.person(1, "bob").await;
    for _ in 0..20 {
        let invited = alice.invites(&bob).await;
        assert_eq!(bob.hears("invitation.received").await["inviteID"], invited["inviteID"]);
        assert_eq!(laptop.hears("invitation.received").await["self"], true);
        bob.accepts(&invited["inviteID"]).await;
        alice.hears("invitation.accepted").await;
        laptop.hears("invitation.accepted").await;
    }
    assert_eq!((alice.cursor, laptop.cursor), (40, 40));
    cluster.counts(0, "wigwag_live_nodes", 3).await;
    assert!(cluster.metric(2, "wigwag_bus_heard_total").await >= 40);
    assert_eq!(cluster.metric(0, "wigwag_bus_dropped_total").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_comes_to_another_node_leaves_the_first() {
    let cluster = block_in_place(|| Cluster::of(2, "[sessions]\nper_platform = 2\n"));
    let mut old = cluster.person(0, "alice").await;
    let mut new = cluster.person(1, "alice").await;
    old.is_closed_with(CloseCode::Replaced).await;
    let mut second = cluster.nodes[0].another("alice", "second", 7);
    second.opens().await;
    let mut third = cluster.nodes[0].another("alice", "third", 7);
    third.opens().await;
    new.is_closed_with(CloseCode::PlatformLimit).await;
    second.hears_nothing().await;
    third.hears_nothing().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_revocation_ends_the_sessions_on_every_node() {
    let cluster = block_in_place(|| Cluster::of(2, ""));
    let mut phone = cluster.person(0, "alice").await;
    let mut laptop = cluster.nodes[1].another("alice", "laptop", 4);
    laptop.opens().await;
    let mut bob = cluster.person(1, "bob").await;
    let old = laptop.opening();
    let node = &cluster.nodes[0];
    let began = Instant::now();
    let revoked = block_in_place(|| command(&node.config_file(), &node.data(), &["revoke", "alice"]));
    assert!(revoked.succeeded, "{revoked:?}");
    phone.is_closed_with(CloseCode::TokenExpired).await;
    laptop.is_closed_with(CloseCode::TokenExpired).await;
    // At once, and not with the next ping; the rest is for a loaded machine.
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    bob.hears_nothing().await;
    laptop.connects().await;
    laptop.is_refused("tokenRevoked", "session.open", old).await;
    laptop.opens().await;
    // The folder of a node is not the place: the other nodes would not hear of it.
    let data = node.data();
    let ended = block_in_place(|| wigwag(&["revoke", "bob", "--data", &data.to_string_lossy()]));
    assert!(!ended.succeeded && ended.complained.contains("--store"), "{ended:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn deadlines_of_a_killed_node_are_fired_by_another() {
    let mut cluster = block_in_place(|| Cluster::of(2, ""));
    let mut bob = cluster.person(1, "bob").await;
    let mut alice = cluster.person(0, "alice").await;
    alice.does("signaling.invite", inviting(&bob, 1)).await;
    let deadline = bob.hears("invitation.received").await["deadline"].as_u64().unwrap();
    cluster.nodes[0].kill();
    let told = bob.hears("invitation.timedOut").await;
    let late = told["time"].as_u64().unwrap() - deadline;
    assert!(late < 2_000, "{late} ms late");
    assert_eq!(cluster.metric(1, "wigwag_overdue_fired_total").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_bus_events_are_found_in_the_store() {
    let mut cluster = block_in_place(|| Cluster::of(2, ""));
    let (mut alice, mut bob) = (cluster.person(0, "alice").await, cluster.person(1, "bob").await);
    block_in_place(|| cluster.nats.kill());
    alice.invites(&bob).await;
    assert_eq!(bob.hears_frame().await["params"]["type"], "invitation.received");
    bob.is_caught_up().await;
    let (status, text) = cluster.nodes[1].get("/readyz").await;
    assert!(status == 200 && text.contains("the bus is away"), "{status} {text}");
    let mut carol = cluster.person(0, "carol").await;
    block_in_place(|| cluster.nats.start_again());
    cluster.counts(0, "wigwag_bus_connected", 1).await;
    cluster.counts(1, "wigwag_bus_connected", 1).await;
    bob.invites(&carol).await;
    carol.hears_frame().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_on_another_node_is_online() {
    let cluster = block_in_place(|| Cluster::of(2, ""));
    let (mut alice, mut bob) = (cluster.person(0, "alice").await, cluster.person(1, "bob").await);
    let params = json!({"invitee": "bob", "data": "psst", "timeout": 30, "onlineUserOnly": true});
    alice.does("signaling.invite", params).await;
    bob.hears("invitation.received").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_stood_still_comes_back_by_itself() {
    use rustix::process::{Pid, Signal, kill_process};
    let cluster = block_in_place(|| Cluster::of(2, ""));
    let (mut alice, mut bob) = (cluster.person(0, "alice").await, cluster.person(1, "bob").await);
    let pid = Pid::from_raw(i32::try_from(cluster.nodes[1].pid()).unwrap()).unwrap();
    cluster.counts(0, "wigwag_live_nodes", 2).await;
    kill_process(pid, Signal::STOP).unwrap();
    let start = Instant::now();
    while cluster.metric(0, "wigwag_live_nodes").await != 1 {
        assert!(start.elapsed() < PATIENCE, "the node was not taken out");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let invited = alice.invites(&bob).await;
    kill_process(pid, Signal::CONT).unwrap();
    cluster.counts(0, "wigwag_live_nodes", 2).await;
    assert_eq!(bob.hears("invitation.received").await["inviteID"], invited["inviteID"]);
    let mut elsewhere = cluster.person(0, "bob").await;
    bob.is_closed_with(CloseCode::Replaced).await;
    elsewhere.hears_nothing().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_whose_every_step_takes_long_is_answered_in_time() {
    let cluster = block_in_place(|| Cluster::of(1, ""));
    cluster.person(0, "alice").await;
    let mut alice = cluster.nodes[0].device("alice");
    alice.connects().await;
    let url = cluster.postgres.url("postgres");
    let seats = holds(&url, "seats").await;
    let _users = holds(&url, "users").await;
    let asked = Instant::now();
    let opening = alice.opening();
    let opens = alice.begins("session.open", opening).await;
    // The first step has to wait for most of the time, and the next one for longer than what is left.
    tokio::time::sleep(Duration::from_secs(3)).await;
    drop(seats);
    let refused = alice.is_answered(opens).await.unwrap_err();
    assert_eq!(refused["data"]["reason"], "storeUnavailable");
    assert!(asked.elapsed() < Duration::from_secs(5), "after {:?}", asked.elapsed());
}

/// Keeps everybody from a table until it is dropped.
async fn holds(url: &str, table: &str) -> tokio_postgres::Client {
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    client.batch_execute(&format!("BEGIN; LOCK TABLE {table}")).await.unwrap();
    client
}

#[tokio::test(flavor = "multi_thread")]
async fn nodes_that_do_not_go_together_are_refused_with_what_to_change() {
    let cluster = block_in_place(|| Cluster::of(1, ""));
    let (store, bus) = (cluster.postgres.url("postgres"), cluster.nats.url());
    let without_bus = format!("[auth]\nkey = \"{KEY}\"\n[store]\nurl = \"{store}\"\n");
    let other_key = format!("[auth]\nkey = \"{KEY}!\"\n[store]\nurl = \"{store}\"\n[bus]\nurl = \"{bus}\"\n");
    let deaf = other_key.replace(&bus, "nats://me:s3cret@127.0.0.1:1");
    let guarded = block_in_place(|| Nats::start_with_token("right"));
    let locked_out = other_key.replace(&bus, &guarded.url().replace("//", "//s3cret@"));
    let cases = [
        (without_bus, "--bus"),
        (other_key, "auth.key"),
        (deaf, "nats://127.0.0.1:1"),
        (locked_out, "refuses"),
    ];
    for (config, advice) in cases {
        let world = World::prepared("");
        let head = format!("listen = \"127.0.0.1:0\"\nsdk_app_id = {SDK_APP_ID}\n");
        std::fs::write(world.config_file(), head + &config).unwrap();
        let ended = block_in_place(|| world.fails_to_start());
        let complaint = ended.complained.trim_end();
        assert!(!ended.succeeded && complaint.contains(advice), "{complaint}");
        assert!(!complaint.contains('\n') && !complaint.contains("s3cret"), "{complaint}");
    }
}
