//! Back ends are told by webhooks.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use tokio::task::block_in_place;
use wigwag_protocol::CloseCode;

use crate::world::{
    Cluster, NO_RATE, PATIENCE, Receiver, SDK_APP_ID, SECRET, Told, World, endpoint, tencents_sign,
};

/// For loopback addresses, and long enough for what is tried again.
const HEAD: &str = "[retention]\nevents_days = 10\n[webhooks]\nallow = [\"127.0.0.1\"]\n";

fn config(endpoints: &[String]) -> String {
    format!("{NO_RATE}{HEAD}{}", endpoints.concat())
}

/// The types of what was told of one invitation, in the order in which it came, each once.
fn steps(told: &[Told], id: &str) -> Vec<String> {
    let mut seen = Vec::new();
    for told in told {
        let of = told.json()["data"].clone();
        let is_of_it = of["inviteID"] == id || of["callID"] == id;
        if is_of_it && !seen.contains(&told.kind()) {
            seen.push(told.kind());
        }
    }
    seen
}

/// Waits until the store knows that everything was delivered.
async fn is_kept(world: &World) {
    let database = rusqlite::Connection::open(world.data().join("wigwag.db")).unwrap();
    let sql = "SELECT place = (SELECT max(id) FROM events) AND state LIKE '%[]%' FROM webhooks";
    let keeping = async {
        while !database.query_row(sql, [], |row| row.get::<_, bool>(0)).unwrap() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, keeping).await.expect("it is kept");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_back_end_is_told_of_every_step() {
    let mut shop = Receiver::start().await;
    let world = block_in_place(|| World::start_with(&config(&[shop.endpoint("shop")])));
    let [mut alice, mut bob] = world.people(["alice", "bob"]).await;
    let call = json!({"inviteID": "i-1", "invitee": "bob", "data": "come", "timeout": 60, "call": {"mediaType": "audio"}});
    assert_eq!(alice.does("signaling.invite", call).await["inviteID"], "i-1");
    bob.accepts(&json!("i-1")).await;
    alice.does("call.hangUp", json!({"callID": "i-1"})).await;
    alice.texts("bob", "hello").await;
    alice.makes_group("class", &["bob"]).await;
    let told = shop.is_told_of(&["call.hungUp", "message.received", "group.membersAdded"]).await;
    let steps = steps(&told, "i-1");
    assert_eq!(&steps[..2], ["invitation.received", "invitation.accepted"], "{steps:?}");
    assert!(steps[2..].iter().all(|kind| kind.starts_with("call.")), "{steps:?}");
    let first = told.iter().find(|told| told.kind() == "invitation.received").unwrap();
    let body = first.json();
    assert_eq!(
        (&body["data"]["data"], &body["data"]["type"]),
        (&json!("come"), &json!("invitation.received"))
    );
    assert!(body["timestamp"].as_str().unwrap().ends_with('Z') && body["data"]["cursor"].is_null());
    assert_eq!(first.header("content-type"), "application/json");
    assert!(first.header("webhook-id").starts_with("evt_"));
    assert!(first.header("webhook-timestamp").parse::<u64>().unwrap() > 1_700_000_000);
    assert!(first.header("webhook-signature").starts_with("v1,"));
    let ids: BTreeSet<&str> = told.iter().map(|told| told.header("webhook-id")).collect();
    assert_eq!(ids.len(), told.len(), "each event once");
    world.shows("webhook_waiting{endpoint=\"shop\"}", 0).await;
    let (_, figures) = world.get("/metrics").await;
    assert!(
        figures.contains("wigwag_webhook_deliveries_total{endpoint=\"shop\",outcome=\"delivered\"}"),
        "{figures}"
    );
    assert!(!figures.contains("t0ken") && !world.log().contains("t0ken") && !world.log().contains("whsec_"));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_an_endpoint_wants_is_sent() {
    let mut shop = Receiver::start().await;
    let wants = format!("{}events = [\"invitation.cancelled\", \"message.*\"]\n", shop.endpoint("shop"));
    let world = block_in_place(|| World::start_with(&config(&[wants])));
    let [mut alice, bob] = world.people(["alice", "bob"]).await;
    let made = alice.invites(&bob).await;
    alice.does("signaling.cancel", json!({"inviteID": made["inviteID"]})).await;
    alice.texts("bob", "hello").await;
    let wanted = ["invitation.cancelled", "message.received"];
    let told = shop.is_told_of(&wanted).await;
    assert!(told.iter().all(|told| wanted.contains(&&*told.kind())), "{told:?}");
    assert_eq!(told.iter().filter(|told| told.kind() == "invitation.cancelled").count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_committed_before_a_kill_is_told_after_it() {
    let mut shop = Receiver::start().await;
    shop.answers(|_| Some(503));
    let mut world = block_in_place(|| World::start_with(&config(&[shop.endpoint("shop")])));
    let [mut alice, bob] = world.people(["alice", "bob"]).await;
    let made = alice.invites(&bob).await;
    shop.is_told().await;
    block_in_place(|| world.kill());
    shop.answers(|_| Some(204));
    block_in_place(|| world.resume());
    let told = shop.is_told_of(&["invitation.received"]).await;
    assert_eq!(told.last().unwrap().json()["data"]["inviteID"], made["inviteID"]);
    // What was delivered is not told again by the next run.
    is_kept(&world).await;
    shop.was_told();
    block_in_place(|| world.restart());
    let mut alice = world.person("alice").await;
    alice.texts("bob", "last").await;
    let told = shop.is_told_of(&["message.received"]).await;
    assert_eq!(told.len(), 1, "{told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn endpoints_that_do_not_answer_delay_no_other() {
    let (mut dead, mut live) = (Receiver::start().await, Receiver::start().await);
    dead.answers(|_| None);
    // Nothing listens at the other one.
    let all = [dead.endpoint("dead"), endpoint("gone", "127.0.0.1:1"), live.endpoint("live")];
    let mut world = block_in_place(|| World::start_with(&config(&all)));
    let [mut alice, _bob] = world.people(["alice", "bob"]).await;
    for number in 0..300 {
        alice.texts("bob", &number.to_string()).await;
    }
    live.is_told_ids(300).await;
    dead.is_told().await;
    // Eight at once, and then one after each pause, which are longer than 15 s.
    assert!(dead.was_told() < 50);
    assert!(block_in_place(|| world.stop()).succeeded, "nor the server's end");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_that_is_back_is_told_what_it_missed() {
    let mut shop = Receiver::start().await;
    shop.answers(|_| Some(503));
    let world = block_in_place(|| World::start_with(&config(&[shop.endpoint("shop")])));
    let [mut alice, _bob] = world.people(["alice", "bob"]).await;
    alice.texts("bob", "first").await;
    shop.is_told().await;
    shop.answers(|_| Some(204));
    for number in 0..30 {
        alice.texts("bob", &number.to_string()).await;
    }
    shop.is_told_ids(31).await;
    world.shows("webhook_waiting{endpoint=\"shop\"}", 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn steps_of_an_invitation_come_in_order_also_when_one_is_refused() {
    let mut shop = Receiver::start().await;
    let already = std::sync::atomic::AtomicBool::new(false);
    shop.answers(move |told| {
        let is_first = told.json()["data"]["inviteID"] == "i-7" && told.kind() == "invitation.received";
        let is_refused = is_first && !already.swap(true, std::sync::atomic::Ordering::SeqCst);
        Some(if is_refused { 422 } else { 204 })
    });
    let world = block_in_place(|| World::start_with(&config(&[shop.endpoint("shop")])));
    let [mut alice, mut bob] = world.people(["alice", "bob"]).await;
    for number in 0..50 {
        let id = format!("i-{number}");
        alice.does("signaling.invite", json!({"inviteID": id, "invitee": "bob", "timeout": 60})).await;
        bob.accepts(&json!(id)).await;
    }
    let mut order: BTreeMap<String, Vec<String>> = BTreeMap::new();
    while order.values().map(Vec::len).sum::<usize>() < 101 {
        let told = shop.is_told().await;
        let id = told.json()["data"]["inviteID"].as_str().unwrap().to_owned();
        order.entry(id).or_default().push(told.kind());
    }
    let (received, accepted) = ("invitation.received", "invitation.accepted");
    assert_eq!(order.remove("i-7").unwrap(), [received, received, accepted]);
    assert_eq!(order.len(), 49);
    assert!(order.values().all(|kinds| *kinds == [received, accepted]), "{order:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_is_not_followed() {
    let (mut shop, mut other) = (Receiver::start().await, Receiver::start().await);
    let elsewhere = format!("http://{}/hooks?token=t0ken", other.address());
    shop.sends_to(&elsewhere);
    let world = block_in_place(|| World::start_with(&config(&[shop.endpoint("shop")])));
    let [mut alice, bob] = world.people(["alice", "bob"]).await;
    alice.invites(&bob).await;
    let mut seen = BTreeSet::new();
    while seen.insert(shop.is_told().await.header("webhook-id").to_owned()) {}
    // It came a second time: it was not delivered.
    assert_eq!(other.was_told(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_leads_inside_is_not_asked() {
    let mut inside = Receiver::start().await;
    let port = inside.address().rsplit(':').next().unwrap().to_owned();
    let by_name = endpoint("inside", &format!("localhost:{port}"));
    let allows_another = config(&[by_name]).replace("127.0.0.1", "10.0.0.0/8");
    let world = block_in_place(|| World::start_with(&allows_another));
    let [mut alice, bob] = world.people(["alice", "bob"]).await;
    alice.invites(&bob).await;
    let refused = "wigwag_webhook_deliveries_total{endpoint=\"inside\",outcome=\"unanswered\"}";
    let start = std::time::Instant::now();
    while !world.get("/metrics").await.1.contains(refused) {
        assert!(start.elapsed() < PATIENCE, "{}", world.log());
        tokio::task::yield_now().await;
    }
    assert_eq!(inside.was_told(), 0);
    let bad = block_in_place(|| {
        World::prepared(&config(&[endpoint("metadata", "169.254.169.254")])).fails_to_start()
    });
    assert!(!bad.succeeded && bad.complained.contains("webhooks.allow"), "{bad:?}");
    assert!(!bad.complained.contains("t0ken") && !bad.complained.contains("whsec_"), "{bad:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_nodes_one_tells_and_the_other_goes_on() {
    let mut shop = Receiver::start().await;
    let more = format!("{HEAD}{}", shop.endpoint("shop"));
    let mut cluster = block_in_place(|| Cluster::of(2, &more));
    let (mut alice, mut bob) = (cluster.person(0, "alice").await, cluster.person(1, "bob").await);
    for number in 0..20 {
        let id = format!("i-{number}");
        alice.does("signaling.invite", json!({"inviteID": id, "invitee": "bob", "timeout": 60})).await;
        bob.accepts(&json!(id)).await;
    }
    let told = shop.is_told_ids(40).await;
    for number in 0..20 {
        assert_eq!(steps(&told, &format!("i-{number}")), ["invitation.received", "invitation.accepted"]);
    }
    block_in_place(|| cluster.nodes[0].kill());
    let mut carol = cluster.person(1, "carol").await;
    carol.does("signaling.invite", json!({"inviteID": "late", "invitee": "bob", "timeout": 60})).await;
    bob.accepts(&json!("late")).await;
    let mut late = Vec::new();
    while steps(&late, "late") != ["invitation.received", "invitation.accepted"] {
        late.push(shop.is_told().await);
    }
    block_in_place(|| cluster.nodes[1].kill());
    block_in_place(|| cluster.nodes[0].resume());
    let mut dave = cluster.person(0, "dave").await;
    dave.does("signaling.invite", json!({"inviteID": "later", "invitee": "bob", "timeout": 60})).await;
    while steps(&late, "later") != ["invitation.received"] {
        late.push(shop.is_told().await);
    }
}

/// A back end that was written for Tencent's callbacks, with its token.
#[tokio::test(flavor = "multi_thread")]
async fn a_back_end_of_tencents_is_called_back() {
    let mut shop = Receiver::start().await;
    let table = format!("{}form = \"tencent\"\n", shop.endpoint("shop"));
    let world = block_in_place(|| World::start_with(&config(&[table])));
    let [mut alice, mut bob] = world.people(["alice", "bob"]).await;
    let call = json!({"inviteID": "i-1", "invitee": "bob", "data": "come", "timeout": 60});
    alice.does("signaling.invite", call).await;
    bob.accepts(&json!("i-1")).await;
    let hello = alice.texts("bob", "hello").await;
    alice.does("message.revoke", json!({"userID": "bob", "seq": hello["seq"]})).await;
    alice.makes_group("class", &["bob"]).await;
    let mut told: Vec<Told> = Vec::new();
    while !told.iter().any(|told| told.json()["CallbackCommand"] == "Group.CallbackAfterCreateGroup")
        || told.len() < 5
    {
        told.push(shop.is_told().await);
    }
    for told in &told {
        assert_eq!(told.json()["CallbackCommand"], told.parameter("CallbackCommand"), "{told:?}");
        assert_eq!(told.parameter("Sign"), tencents_sign(SECRET, told.parameter("RequestTime")), "{told:?}");
        let app = (told.parameter("SdkAppid"), told.parameter("contenttype"));
        assert_eq!(app, (SDK_APP_ID.to_string().as_str(), "json"));
    }
    let of = |command: &str| {
        let found = told.iter().map(Told::json).filter(|json| json["CallbackCommand"] == command);
        found.collect::<Vec<_>>()
    };
    let sent = of("C2C.CallbackAfterSendMsg");
    let said = |json: &Value| json["MsgBody"][0]["MsgContent"].clone();
    let actions: BTreeSet<String> =
        sent.iter().filter_map(|json| said(json)["Data"].as_str().map(str::to_owned)).collect();
    assert_eq!(actions.len(), 2, "it was invited and accepted: {actions:?}");
    let text = sent.iter().find(|json| said(json)["Text"] == "hello").unwrap();
    assert_eq!(of("C2C.CallbackAfterMsgWithDraw")[0]["MsgKey"], text["MsgKey"]);
    assert_eq!(of("Group.CallbackAfterCreateGroup")[0]["Owner_Account"], "alice");
    is_kept(&world).await;
    assert!(!world.log().contains("t0ken") && !world.log().contains(SECRET));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_asks_for_sessions_is_told_that_they_begin_and_end() {
    let (mut shop, mut other) = (Receiver::start().await, Receiver::start().await);
    let asks = format!("{}events = [\"session.*\"]\n", shop.endpoint("shop"));
    let world = block_in_place(|| World::start_with(&config(&[asks, other.endpoint("other")])));
    let mut alice = world.person("alice").await;
    let opened = shop.is_told().await;
    assert!(
        opened.header("webhook-id").starts_with("ses_")
            && opened.header("webhook-signature").starts_with("v1,")
    );
    let opened = opened.json();
    assert_eq!((&opened["type"], &opened["data"]["userID"]), (&json!("session.opened"), &json!("alice")));
    assert_eq!(opened["data"]["device"]["deviceID"], json!(alice.id));
    // A connection that takes the place of one that still stands: the device was never away.
    let mut again = world.person("alice").await;
    let second = shop.is_told().await.json();
    assert_eq!(second["type"], "session.opened");
    assert!(second["data"]["connectedAt"].as_u64() >= opened["data"]["connectedAt"].as_u64());
    alice.is_closed_with(CloseCode::Replaced).await;
    again.does("session.close", json!({})).await;
    let closed = shop.is_told().await.json();
    assert_eq!((&closed["type"], &closed["data"]["code"]), (&json!("session.closed"), &json!(4505)));
    assert_eq!(closed["data"]["connectedAt"], second["data"]["connectedAt"]);
    // Who is told everything is not told this.
    let mut bob = world.person("bob").await;
    bob.texts("alice", "hello").await;
    assert_eq!(other.is_told().await.kind(), "message.received");
    assert_eq!(other.was_told(), 0);
}

/// Nothing is tried again.
#[tokio::test(flavor = "multi_thread")]
async fn a_session_is_told_at_most_once() {
    let mut shop = Receiver::start().await;
    let asks = format!("{}form = \"tencent\"\nevents = [\"session.*\"]\n", shop.endpoint("shop"));
    let world = block_in_place(|| World::start_with(&config(&[asks])));
    shop.answers(|_| Some(500));
    let mut alice = world.person("alice").await;
    let told = shop.is_told().await;
    assert_eq!(told.parameter("CallbackCommand"), "State.StateChange");
    assert_eq!(told.json()["Info"], json!({"To_Account": "alice", "Action": "Login", "Reason": "Register"}));
    alice.vanishes();
    let told = shop.is_told().await.json();
    assert_eq!(told["Info"], json!({"To_Account": "alice", "Action": "Disconnect", "Reason": "LinkClose"}));
    world.shows("webhook_deliveries_total{endpoint=\"shop\",outcome=\"unanswered\"}", 2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_endpoint_is_told_of_no_sessions() {
    let mut shop = Receiver::start().await;
    let asks = format!("{}events = [\"session.*\"]\n", shop.endpoint("shop"));
    let world = block_in_place(|| World::start_with(&config(&[asks])));
    let operator = world.back_end("operator", "all").await;
    operator.gets(&world, "PUT /v1/webhooks/shop/paused", None).await;
    world.person("bob").await.vanishes();
    world.shows("webhook_deliveries_total{endpoint=\"shop\",outcome=\"dropped\"}", 2).await;
    assert_eq!(shop.was_told(), 0);
}
