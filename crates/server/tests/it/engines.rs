//! What people notice when PostgreSQL or NATS are away, when a node is replaced, and what an operator is told who starts
//! one on the wrong engine.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::json;
use tokio::task::{JoinHandle, block_in_place, spawn_blocking};
use wigwag_protocol::CloseCode;

use crate::world::{BackEnd, Cluster, NO_RATE, OpenIm, PATIENCE, World};

/// A bus that hangs is known after this (issue: "within 2 s"), and a slow machine may take a second more.
const HUNG: Duration = Duration::from_secs(3);
/// Keys of back ends count for 10 s without the store; a slow machine may take longer to find that out.
const KEYS_UNCHECKED: Duration = Duration::from_mins(1);
/// A client is told within this that the store is away (issue: "within 5 s").
const PROMISE: Duration = Duration::from_secs(5);

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_away_is_told_in_time_and_comes_back_by_itself() {
    let mut cluster = block_in_place(|| Cluster::of(2, ""));
    let (mut alice, mut bob) = (cluster.person(0, "alice").await, cluster.person(1, "bob").await);
    block_in_place(|| cluster.postgres.kill());
    let asked = Instant::now();
    let error = alice.is_refused("storeUnavailable", "signaling.invite", json!({"invitee": "bob"})).await;
    assert!(asked.elapsed() < PROMISE, "told after {:?}", asked.elapsed());
    assert_eq!(error["data"]["retryable"], true, "{error}");
    let asked = Instant::now();
    bob.is_refused("storeUnavailable", "conversation.list", json!({})).await;
    assert!(asked.elapsed() < PROMISE, "told after {:?}", asked.elapsed());
    let (status, text) = cluster.nodes[0].get("/readyz").await;
    assert_eq!(status, 503, "{text}");
    block_in_place(|| cluster.postgres.start_again());
    // The same sessions, without anybody's help.
    let invited = alice.invites(&bob).await;
    assert_eq!(bob.hears("invitation.received").await["inviteID"], invited["inviteID"]);
    assert_eq!(cluster.nodes[0].get("/readyz").await.0, 200);
}

/// A revoked key must not count because nobody could read that it was revoked.
#[tokio::test(flavor = "multi_thread")]
async fn keys_that_could_not_be_read_for_a_while_do_not_count() {
    let mut cluster = block_in_place(|| Cluster::of(1, ""));
    let shop = cluster.nodes[0].back_end("shop", "read").await;
    block_in_place(|| cluster.postgres.kill());
    let wrong = BackEnd { key: "wk_guess".to_owned() };
    let unchecked = async {
        while wrong.asks(&cluster.nodes[0], "GET /v1/users/nobody", None).await.status != 503 {
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    };
    tokio::time::timeout(KEYS_UNCHECKED, unchecked).await.expect("keys stop counting");
    for back_end in [&shop, &wrong] {
        let answer = back_end.asks(&cluster.nodes[0], "GET /v1/users/nobody", None).await;
        assert_eq!(answer.is_problem(503, "keysUnchecked")["retryable"], true);
    }
    block_in_place(|| cluster.postgres.start_again());
    shop.becomes(&cluster.nodes[0], |status| status == 404).await;
    wrong.asks(&cluster.nodes[0], "GET /v1/users/nobody", None).await.is_problem(401, "keyUnknown");
}

/// A device that does not wait for one answer before it asks again waits no longer for the others, whichever kind comes first.
#[tokio::test(flavor = "multi_thread")]
async fn whatever_a_device_asks_at_once_is_answered_in_time_without_a_database() {
    let mut cluster = block_in_place(|| Cluster::of(1, ""));
    let (mut alice, mut bob) = (cluster.person(0, "alice").await, cluster.person(0, "bob").await);
    block_in_place(|| cluster.postgres.kill());
    let asked = Instant::now();
    let (mut alices, mut bobs) = (Vec::new(), Vec::new());
    for _ in 0..4 {
        alices.push(alice.begins("signaling.invite", json!({"invitee": "bob"})).await);
        alices.push(alice.begins("conversation.list", json!({})).await);
        bobs.push(bob.begins("conversation.list", json!({})).await);
        bobs.push(bob.begins("signaling.invite", json!({"invitee": "alice"})).await);
    }
    for (device, under_way) in [(&mut alice, alices), (&mut bob, bobs)] {
        for id in under_way {
            let error = device.is_answered(id).await.unwrap_err();
            assert_eq!(error["data"]["reason"], "storeUnavailable", "{error}");
            assert!(asked.elapsed() < PROMISE, "told after {:?}", asked.elapsed());
        }
    }
}

/// A table that nobody else can read for so long, as while its schema is changed.
fn holds(cluster: &Arc<Cluster>, table: &'static str, seconds: u32) -> JoinHandle<String> {
    let holder = Arc::clone(cluster);
    let held =
        format!("BEGIN; LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep({seconds}); COMMIT");
    let holding = spawn_blocking(move || holder.postgres.sql("postgres", &held));
    let start = Instant::now();
    while !is_held(cluster, table) {
        assert!(start.elapsed() < PATIENCE, "{table} is not held");
    }
    holding
}

fn is_held(cluster: &Cluster, table: &str) -> bool {
    let locks = format!(
        "SELECT 1 FROM pg_locks WHERE relation = '{table}'::regclass AND mode = 'AccessExclusiveLock' AND granted"
    );
    !block_in_place(|| cluster.postgres.sql("postgres", &locks)).is_empty()
}

/// The pages of their streams take three seconds, and then the database does not answer. The time of a request runs meanwhile, and
/// what was said before the page goes out.
#[tokio::test(flavor = "multi_thread")]
async fn a_request_behind_a_page_of_the_stream_is_answered_in_time() {
    let cluster = Arc::new(block_in_place(|| Cluster::of(1, "")));
    OpenIm::signs_in(&cluster.nodes[0], "carol").await.closes().await;
    let mut bob = cluster.person(0, "bob").await;
    bob.vanishes();
    // What OpenIM's client is told of a profile needs no look at anything else.
    for name in ["bob", "carol"] {
        let mut laptop = cluster.nodes[0].another(name, "laptop", 4);
        laptop.opens().await;
        laptop.does("user.setProfile", json!({"nickname": "new"})).await;
    }
    let held = [holds(&cluster, "readers", 9), holds(&cluster, "streams", 3)];
    bob.resumes().await;
    let mut carol = OpenIm::signs_in(&cluster.nodes[0], "carol").await;
    let asked = Instant::now();
    let bobs = bob.begins("conversation.list", json!({})).await;
    let carols = carol.begins("GetAllConversationList", "").await;
    assert!(is_held(&cluster, "streams"), "they were signed in only after the page");
    let error = bob.is_answered(bobs).await.unwrap_err();
    assert_eq!(error["data"]["reason"], "storeUnavailable", "{error}");
    assert!(asked.elapsed() < PROMISE, "bob is told after {:?}", asked.elapsed());
    carol.is_answered(&carols).await.unwrap_err();
    assert!(asked.elapsed() < PROMISE, "carol is told after {:?}", asked.elapsed());
    bob.hears("user.profileChanged").await;
    carol.hears("OnSelfInfoUpdated").await;
    for held in held {
        held.await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_waits_at_its_start_for_engines_that_are_away() {
    let mut cluster = block_in_place(|| Cluster::of(0, ""));
    block_in_place(|| {
        cluster.postgres.stop();
        cluster.nats.kill();
    });
    let mut node = World::prepared(&cluster.config(""));
    let log = node.file("stderr.log");
    let starting = std::thread::spawn(move || {
        node.resume();
        node
    });
    for (waits_for, comes) in [("PostgreSQL at", 0), ("the bus at", 1)] {
        let start = Instant::now();
        while !std::fs::read_to_string(&log)
            .is_ok_and(|log| log.contains("waiting") && log.contains(waits_for))
        {
            assert!(start.elapsed() < PATIENCE, "nobody says that the start waits for {waits_for}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        block_in_place(
            || if comes == 0 { cluster.postgres.start_again() } else { cluster.nats.start_again() },
        );
    }
    let node = block_in_place(|| starting.join().unwrap());
    node.person("alice").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_only_restarts_is_not_noticed() {
    let mut cluster = block_in_place(|| Cluster::of(2, ""));
    let (mut alice, mut bob) = (cluster.person(0, "alice").await, cluster.person(1, "bob").await);
    for _ in 0..3 {
        block_in_place(|| {
            cluster.postgres.stop();
            cluster.postgres.start_again();
        });
        let invited = alice.invites(&bob).await;
        assert_eq!(bob.hears("invitation.received").await["inviteID"], invited["inviteID"]);
        bob.rejects(&invited["inviteID"]).await;
        alice.hears("invitation.rejected").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_stands_still_does_not_keep_anybody_waiting() {
    let cluster = block_in_place(|| Cluster::of(1, ""));
    let (mut alice, mut bob) = (cluster.person(0, "alice").await, cluster.person(0, "bob").await);
    cluster.postgres.pause();
    let asked = Instant::now();
    alice.is_refused("storeUnavailable", "signaling.invite", json!({"invitee": "bob"})).await;
    assert!(asked.elapsed() < PROMISE, "told after {:?}", asked.elapsed());
    cluster.postgres.resume();
    let invited = alice.invites(&bob).await;
    // The first invite may have been carried out or not; it is heard at most once, and before this one.
    while bob.hears_frame().await["params"]["inviteID"] != invited["inviteID"] {}
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_count_what_all_nodes_see() {
    let cluster =
        block_in_place(|| Cluster::of(2, "[limits]\ncommands_per_second = 1\ncommand_burst = 10\n"));
    let mut phone = cluster.nodes[0].another("alice", "phone", 1);
    let mut laptop = cluster.nodes[1].another("alice", "laptop", 4);
    phone.opens().await;
    laptop.opens().await;
    cluster.person(0, "bob").await;
    let mut refused = 0;
    for number in 0..8 {
        for device in [&mut phone, &mut laptop] {
            let params = json!({"nickname": format!("alice {number}")});
            if let Err(error) = device.asks("user.setProfile", params).await {
                assert_eq!(error["code"], 7008, "{error}");
                assert!(error["data"]["retryAfterMs"].as_u64().unwrap() > 0, "{error}");
                refused += 1;
            }
        }
    }
    // Eight each are within what a node alone allows; sixteen together are not.
    assert!(refused >= 2, "{refused} were refused");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_is_replaced_hands_its_devices_on() {
    let mut cluster = block_in_place(|| Cluster::of(2, ""));
    let (mut alice, mut bob) = (cluster.person(0, "alice").await, cluster.person(1, "bob").await);
    let invited = alice.invites(&bob).await;
    bob.hears("invitation.received").await;
    cluster.nodes[1].asks_to_stop();
    bob.is_closed_with(CloseCode::ResumeElsewhere).await;
    let address = cluster.nodes[0].address().to_owned();
    bob.resumes_at(&address).await;
    bob.accepts(&invited["inviteID"]).await;
    alice.hears("invitation.accepted").await;
    assert!(block_in_place(|| cluster.nodes[1].stopped()).succeeded);
    let start = Instant::now();
    while cluster.metric(0, "wigwag_live_nodes").await != 1 {
        assert!(start.elapsed() < PATIENCE, "the node that left is still counted");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_group_hears_on_every_node() {
    let cluster = block_in_place(|| Cluster::of(2, NO_RATE));
    let mut teacher = cluster.person(0, "teacher").await;
    let names: Vec<String> = (0..50).map(|number| format!("student-{number}")).collect();
    let mut students = Vec::new();
    for (number, name) in names.iter().enumerate() {
        students.push(cluster.person(number % 2, name).await);
    }
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    teacher.makes_group("class", &names).await;
    let invited = teacher.invites_in("class", &names).await;
    for student in &mut students {
        student.hears("group.membersAdded").await;
        student.hears("invitation.received").await;
    }
    students[1].accepts(&invited["inviteID"]).await;
    teacher.hears("invitation.accepted").await;
    students[0].hears("invitation.accepted").await;
    students[3].hears("invitation.accepted").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_node_needs_no_bus_and_goes_on_after_a_kill() {
    let cluster = block_in_place(|| Cluster::of(0, ""));
    let config = format!("[store]\nurl = \"{}\"\n", cluster.postgres.url("postgres"));
    let mut world = block_in_place(|| World::start_with(&config));
    let (mut alice, mut bob) = (world.person("alice").await, world.person("bob").await);
    let params = json!({"invitee": "bob", "data": "call", "timeout": 1});
    let deadline = alice.does("signaling.invite", params).await["deadline"].as_u64().unwrap();
    bob.hears("invitation.received").await;
    block_in_place(|| {
        world.kill();
        world.resume();
    });
    let address = world.address().to_owned();
    bob.resumes_at(&address).await;
    let told = loop {
        let frame = bob.hears_frame().await;
        if frame["params"]["type"] == "invitation.timedOut" {
            break frame["params"]["time"].as_u64().unwrap();
        }
    };
    assert!(told >= deadline, "{told} is before {deadline}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_engine_that_cannot_be_used_is_told_in_one_line() {
    let cluster = block_in_place(|| Cluster::of(0, ""));
    let at = cluster.postgres.url("postgres");
    let newer = cluster.postgres.url("newer");
    let other = cluster.postgres.url("other");
    block_in_place(|| {
        for (url, name) in [(&newer, "newer"), (&other, "other")] {
            cluster.postgres.create_database(name);
            let mut world = World::start_with(&format!("[store]\nurl = \"{url}\"\n"));
            assert!(world.stop().succeeded);
        }
        let newest = "version = (SELECT max(version) FROM refinery_schema_history)";
        let future = format!("UPDATE refinery_schema_history SET version = 99 WHERE {newest}");
        cluster.postgres.sql("newer", &future);
        cluster.postgres.sql("postgres", "CREATE ROLE guest LOGIN");
        let live = "INSERT INTO nodes (node, series, app, has_bus, beat_at)
            VALUES (gen_random_uuid(), '9.9', 'x', true, clock_timestamp() + interval '1 minute')";
        cluster.postgres.sql("other", live);
    });
    let cases = [
        ("mysql://root@127.0.0.1/wigwag".to_owned(), "postgres://"),
        ("postgres://postgres@127.0.0.1:1/wigwag".to_owned(), "127.0.0.1:1"),
        ("postgres://postgres:s3cret@db.example/wigwag".to_owned(), "sslmode=require"),
        (at.replace("/postgres", "/nothing"), "nothing"),
        (at.replace("postgres@", "guest@"), "should own it"),
        (newer, "newer wigwag (schema 99"),
        (other, "version 9.9"),
    ];
    for (url, advice) in cases {
        let world = World::prepared(&format!("[store]\nurl = \"{url}\"\n"));
        let ended = block_in_place(|| world.fails_to_start());
        let complaint = ended.complained.trim_end();
        assert!(!ended.succeeded && complaint.contains(advice), "{url}: {complaint}");
        assert!(!complaint.contains('\n') && !complaint.contains("s3cret"), "{complaint}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bus_that_hangs_is_known_in_time_and_replaced_by_the_store() {
    let cluster = block_in_place(|| Cluster::of(2, ""));
    let (mut alice, mut bob) = (cluster.person(0, "alice").await, cluster.person(1, "bob").await);
    cluster.counts(1, "wigwag_live_nodes", 2).await;
    block_in_place(|| cluster.nats.pause());
    let hangs = Instant::now();
    for node in 0..2 {
        while !cluster.nodes[node].get("/readyz").await.1.contains("the bus is away") {
            assert!(hangs.elapsed() < HUNG, "node {node} does not know it after {:?}", hangs.elapsed());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert_eq!(cluster.metric(node, "wigwag_bus_connected").await, 0);
    }
    for _ in 0..3 {
        let asked = Instant::now();
        alice.invites(&bob).await;
        assert_eq!(bob.hears_frame().await["params"]["type"], "invitation.received");
        bob.is_caught_up().await;
        // The store is read every second.
        assert!(asked.elapsed() < Duration::from_secs(2), "after {:?}", asked.elapsed());
    }
    block_in_place(|| cluster.nats.resume());
    for node in 0..2 {
        cluster.counts(node, "wigwag_bus_connected", 1).await;
    }
    let heard = cluster.metric(1, "wigwag_bus_heard_total").await;
    alice.invites(&bob).await;
    bob.hears_frame().await;
    cluster.counts(1, "wigwag_bus_heard_total", heard + 1).await;
    for node in &cluster.nodes {
        assert!(!node.log().contains("this node's name"), "{}", node.log());
    }
}
