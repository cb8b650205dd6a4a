//! Back ends and operators look at endpoints of webhooks, pause them, have them told again, and try them.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tokio::task::block_in_place;

use crate::world::{BackEnd, Cluster, NO_RATE, Operator, PATIENCE, Receiver, Told, World, endpoint, now_ms};

const HEAD: &str = "[retention]\nevents_days = 10\n[webhooks]\nallow = [\"127.0.0.1\"]\n";

fn started(endpoints: &[String]) -> World {
    block_in_place(|| World::start_with(&format!("{NO_RATE}{HEAD}{}", endpoints.concat())))
}

async fn view(back_end: &BackEnd, world: &World) -> Value {
    back_end.gets(world, "GET /v1/webhooks", None).await["endpoints"][0].clone()
}

/// Asks until the list says so.
async fn becomes(back_end: &BackEnd, world: &World, is_so: impl Fn(&Value) -> bool) -> Value {
    let start = std::time::Instant::now();
    loop {
        let view = view(back_end, world).await;
        if is_so(&view) {
            return view;
        }
        assert!(start.elapsed() < PATIENCE, "{view}");
        // Slower than the pace of a key.
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

fn text(told: &Told) -> Value {
    told.json()["data"]["message"]["content"]["text"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_endpoint_is_told_when_it_is_resumed() {
    let (mut shop, mut other) = (Receiver::start().await, Receiver::start().await);
    let world = started(&[shop.endpoint("shop"), other.endpoint("other")]);
    let back_end = world.back_end("back-end", "all").await;
    let [mut alice, _bob] = world.people(["alice", "bob"]).await;
    alice.texts("bob", "before").await;
    shop.is_told().await;
    other.is_told().await;
    let paused = "PUT /v1/webhooks/shop/paused";
    let first = back_end.asks_under("once", &world, paused, None).await.json();
    let since = first["time"].clone();
    assert_eq!(back_end.asks_under("once", &world, paused, None).await.json(), first);
    let seen = becomes(&back_end, &world, |view| view["waiting"] == 0).await;
    assert_eq!((&seen["endpoint"], &seen["pausedSince"]), (&json!("shop"), &since));
    // Whoever serves it looks once a second.
    let start = std::time::Instant::now();
    while !world.log().contains("until it is resumed") {
        assert!(start.elapsed() < PATIENCE, "{}", world.log());
        tokio::task::yield_now().await;
    }
    alice.texts("bob", "meanwhile").await;
    assert_eq!(other.is_told_of(&["message.received"]).await.len(), 1, "the others go on");
    let waits = becomes(&back_end, &world, |view| view["waiting"] == 1).await;
    assert!(waits["oldest"].is_u64() && waits["setAside"] == 0, "{waits}");
    assert_eq!(shop.was_told(), 0);
    back_end.gets(&world, "DELETE /v1/webhooks/shop/paused", None).await;
    assert_eq!(text(&shop.is_told().await), "meanwhile");
    back_end.asks_under("once", &world, paused, None).await;
    let goes_on = becomes(&back_end, &world, |view| view["waiting"] == 0).await;
    assert!(goes_on["pausedSince"].is_null(), "a repeat of what was taken back changes nothing: {goes_on}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happened_since_a_time_is_told_again() {
    let mut shop = Receiver::start().await;
    let world = started(&[shop.endpoint("shop")]);
    let back_end = world.back_end("back-end", "all").await;
    let [mut alice, _bob] = world.people(["alice", "bob"]).await;
    let mut times = Vec::new();
    for words in ["one", "two", "three"] {
        times.push(alice.texts("bob", words).await["time"].as_u64().unwrap());
        // The next one has a later time.
        while now_ms() <= times[times.len() - 1] {
            tokio::task::yield_now().await;
        }
    }
    let first = shop.is_told_ids(3).await;
    // What was told a moment ago and is not kept is told again whatever is asked.
    becomes(&back_end, &world, |view| view["waiting"] == 0).await;
    let replay = "POST /v1/webhooks/shop/replay";
    let since = |time: u64| Some(json!({ "since": time }));
    back_end.gets(&world, replay, since(times[1])).await;
    let again = shop.is_told_ids(2).await;
    let ids = |told: &[Told]| -> BTreeSet<String> {
        told.iter().map(|told| told.header("webhook-id").to_owned()).collect()
    };
    assert!(ids(&again).is_subset(&ids(&first)), "{again:?}");
    let words: BTreeSet<String> = again.iter().map(|told| text(told).to_string()).collect();
    assert_eq!(words, BTreeSet::from(["\"two\"".to_owned(), "\"three\"".to_owned()]));
    let week = 7 * 86_400_000;
    let old = back_end.asks(&world, replay, since(times[0] - week - 7_200_000)).await;
    assert_eq!(old.is_problem(422, "invalidParams")["field"], "since");
    back_end.gets(&world, replay, since(times[0] - week)).await;
    shop.is_told_ids(3).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_asked_of_endpoints_is_checked() {
    let shop = Receiver::start().await;
    let world = started(&[shop.endpoint("shop"), endpoint("gone", "127.0.0.1:1")]);
    let back_end = world.back_end("back-end", "all").await;
    for asked in ["PUT /v1/webhooks/nobody/paused", "POST /v1/webhooks/nobody/test"] {
        let problem = back_end.asks(&world, asked, None).await.is_problem(404, "unknownEndpoint");
        assert_eq!((&problem["field"], &problem["id"]), (&json!("endpoint"), &json!("nobody")));
    }
    let wrong = back_end.asks(&world, "POST /v1/webhooks/shop/replay", Some(json!({}))).await;
    wrong.is_problem(422, "invalidParams");
    let reader = world.back_end("reader", "read").await;
    assert_eq!(reader.gets(&world, "GET /v1/webhooks", None).await["endpoints"].as_array().unwrap().len(), 2);
    reader.asks(&world, "PUT /v1/webhooks/shop/paused", None).await.is_problem(403, "scopeMissing");
    let all = reader.gets(&world, "GET /v1/webhooks", None).await.to_string();
    assert!(!all.contains("t0ken") && !all.contains("whsec_") && !all.contains("127.0.0.1"), "{all}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_looks_after_endpoints() {
    let mut shop = Receiver::start().await;
    let world = started(&[shop.endpoint("shop"), endpoint("gone", "127.0.0.1:1")]);
    let operator = Operator::of(&world, "all").await;
    assert_eq!(operator.reads("webhook list"), ["shop\t0 wait\t0 refused", "gone\t0 wait\t0 refused"]);
    assert_eq!(operator.reads("webhook test shop"), ["shop: the endpoint has taken it."]);
    let told = shop.is_told().await;
    assert_eq!((told.kind(), &told.json()["data"]["endpoint"]), ("webhook.test".into(), &json!("shop")));
    assert!(told.header("webhook-signature").starts_with("v1,"));
    let failed = operator.types("webhook test gone");
    assert!(!failed.succeeded && failed.complained.contains("the connection fails"), "{failed:?}");
    shop.answers(|_| Some(422));
    let failed = operator.types("webhook test shop");
    assert!(!failed.succeeded && failed.complained.contains("status 422"), "{failed:?}");
    operator.reads("webhook pause shop");
    let listed = operator.reads("webhook list");
    assert!(listed[0].starts_with("shop\t0 wait\t0 refused\tpaused since 20"), "{listed:?}");
    operator.reads("webhook resume shop");
    operator.reads("webhook replay shop --back 7d");
    assert!(!operator.reads("webhook list")[0].contains("paused"));
}

/// The node that is asked need not be the one that serves.
#[tokio::test(flavor = "multi_thread")]
async fn any_node_is_asked() {
    let mut shop = Receiver::start().await;
    let more = format!("{HEAD}{}", shop.endpoint("shop"));
    let cluster = block_in_place(|| Cluster::of(2, &more));
    let back_end = cluster.nodes[0].back_end("back-end", "all").await;
    let (mut alice, _bob) = (cluster.person(0, "alice").await, cluster.person(1, "bob").await);
    alice.texts("bob", "one").await;
    shop.is_told_ids(1).await;
    for node in &cluster.nodes {
        back_end.becomes(node, |status| status != 401).await;
        back_end
            .gets(node, "POST /v1/webhooks/shop/replay", Some(json!({"since": now_ms() - 3_600_000})))
            .await;
        assert_eq!(text(&shop.is_told().await), "one");
    }
}
