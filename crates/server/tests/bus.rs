//! Nodes that tell each other over a real NATS server what has happened.
#![expect(clippy::unwrap_used, reason = "in a test, a panic is the report")]

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::Notify;
use tokio::time::timeout;
use uuid::Uuid;
use wigwag_engine::decision::Place;
use wigwag_protocol::{CloseCode, UserId};
use wigwag_server::bus::nats::{self, Nats};
use wigwag_server::bus::{Bus, Heard, Hearing};
use wigwag_server::config::EngineUrl;
use wigwag_server::store::SessionId;
use wigwag_server::store::shared::{NodeId, SessionName};
use wigwag_server::telemetry::Metrics;
use wigwag_session::LoggedEvent;
use wigwag_testbed::Nats as Server;

const SDK_APP_ID: u32 = 1_400_000_123;
/// How long anything may take before a test gives up.
const PATIENCE: Duration = Duration::from_secs(20);

/// A node, as far as the bus goes.
struct Node {
    bus: Nats,
    hearing: Hearing,
    metrics: Arc<Metrics>,
}

impl Node {
    async fn at(server: &Server) -> Self {
        Self::with_app(server, SDK_APP_ID).await
    }

    async fn with_app(server: &Server, app: u32) -> Self {
        let metrics = Arc::new(Metrics::new());
        let (bus, hearing) = nats::connect(&url(&server.url()), app, Arc::clone(&metrics)).await.unwrap();
        Self { bus, hearing, metrics }
    }

    async fn hears(&mut self) -> Heard {
        timeout(PATIENCE, self.hearing.recv()).await.expect("nothing was heard").expect("the bus has ended")
    }

    async fn hears_event(&mut self) -> Arc<LoggedEvent> {
        let heard = self.hears().await;
        let Heard::Event(event) = heard else { panic!("{heard:?}") };
        event
    }

    /// Everything that was said before has arrived when the beat that is said now does.
    async fn hears_nothing_but_a_beat_of(&mut self, other: &Self) {
        let node = NodeId(Uuid::now_v7());
        other.bus.beat(node);
        let heard = self.hears().await;
        assert!(matches!(heard, Heard::Beat(beating) if beating == node), "{heard:?}");
    }

    async fn asks(&self, name: &str) -> bool {
        self.bus.followed(&[user(name)]).await == [true]
    }
}

fn url(text: &str) -> EngineUrl {
    text.parse().unwrap()
}

fn user(name: &str) -> UserId {
    UserId::parse(&name.replace(' ', ".")).unwrap()
}

fn event(places: &[(&str, u64)]) -> Arc<LoggedEvent> {
    let places = places.iter().map(|(name, cursor)| Place { user: user(name), cursor: *cursor });
    Arc::new(LoggedEvent {
        time: 5,
        body: r#""type":"test"}"#.to_owned(),
        event: None,
        actor: Some(user("alice")),
        online_only: false,
        invitation: None,
        message: None,
        places: places.collect(),
        quiet: Vec::new(),
    })
}

/// Waits until something can be observed.
async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let start = Instant::now();
    while !holds().await {
        assert!(start.elapsed() < PATIENCE, "{what} did not come about");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn an_event_reaches_the_nodes_that_follow_its_users() {
    let server = Server::start();
    let (one, mut two) = (Node::at(&server).await, Node::at(&server).await);
    one.bus.follow(&user("bob")).await;
    two.bus.follow(&user("bob")).await;
    two.bus.follow(&user("b.*.>")).await;
    one.bus.publish(&event(&[("alice", 1), ("bob", 7), ("b.*.>", 9)]));
    let (first, second) = (two.hears_event().await, two.hears_event().await);
    let mut places: Vec<_> = [&first, &second].iter().flat_map(|event| event.places.clone()).collect();
    places.sort_by_key(|place| place.cursor);
    assert_eq!(places, event(&[("bob", 7), ("b.*.>", 9)]).places);
    assert_eq!((first.body.as_str(), first.time), (r#""type":"test"}"#, 5));
    two.hears_nothing_but_a_beat_of(&one).await;
    assert!(one.hearing.is_empty(), "a node does not hear itself");
    assert_eq!(one.metrics.bus_published.get(), 1);
}

#[tokio::test]
async fn a_users_events_come_in_their_order() {
    let server = Server::start();
    let (one, mut two) = (Node::at(&server).await, Node::at(&server).await);
    two.bus.follow(&user("bob")).await;
    for cursor in 1..=1_000 {
        one.bus.publish(&event(&[("bob", cursor)]));
    }
    for cursor in 1..=1_000 {
        assert_eq!(two.hears_event().await.places[0].cursor, cursor);
    }
}

#[tokio::test]
async fn an_event_for_very_many_reaches_each_node_with_its_own() {
    let server = Server::start();
    let (one, mut two) = (Node::at(&server).await, Node::at(&server).await);
    let names: Vec<String> = (0..30_000).map(|number| format!("{number:<>64}")).collect();
    let places: Vec<(&str, u64)> = names.iter().map(String::as_str).zip(1..).collect();
    for name in [&names[3], &names[29_999]] {
        two.bus.follow(&user(name)).await;
    }
    one.bus.publish(&event(&places));
    let (first, second) = (two.hears_event().await, two.hears_event().await);
    assert_eq!(first.places, event(&[(&names[3], 4)]).places);
    assert_eq!(second.places, event(&[(&names[29_999], 30_000)]).places);
    two.hears_nothing_but_a_beat_of(&one).await;
    assert_eq!((one.metrics.bus_dropped.get(), two.metrics.bus_ignored.get()), (0, 0));
}

#[tokio::test]
async fn who_is_followed_nowhere_is_offline() {
    let server = Server::start();
    let (one, two) = (Node::at(&server).await, Node::at(&server).await);
    one.bus.follow(&user("here")).await;
    two.bus.follow(&user("bob")).await;
    let users = ["bob", "carol", "here", "%2E"].map(user);
    assert_eq!(one.bus.followed(&users).await, [true, false, false, false]);
    two.bus.unfollow(&user("bob"));
    until("bob's going", async || !one.asks("bob").await).await;
    two.bus.follow(&user("bob")).await;
    assert!(one.asks("bob").await, "from when follow returns on");
    two.bus.close().await;
    until("the node's going", async || !one.asks("bob").await).await;
}

#[tokio::test]
async fn all_nodes_are_asked_at_once_who_is_online() {
    let server = Server::start();
    let (one, mut two, mut three) =
        (Node::at(&server).await, Node::at(&server).await, Node::at(&server).await);
    let nodes = [1, 2].map(|name| NodeId(Uuid::from_u128(name)));
    // One more than goes into a message.
    let users: Vec<UserId> = (0..501).map(|number| user(&format!("{number:.>64}"))).collect();
    let known = BTreeSet::from(nodes);
    let answering = async |node: &mut Node, name, place| {
        for part in [500, 1] {
            let Heard::Who(users, reply) = node.hears().await else { panic!("no question") };
            assert_eq!(users.len(), part);
            node.bus.answer(reply, name, vec![place]);
        }
    };
    let asked = async { one.bus.ask(&users, &known).await };
    let (found, (), ()) =
        tokio::join!(asked, answering(&mut two, nodes[0], 0), answering(&mut three, nodes[1], 499));
    let online =
        |online| found.iter().enumerate().filter(move |(_, found)| **found == online).map(|(at, _)| at);
    assert!(online(Some(true)).eq([0, 499, 500]), "{found:?}");
    assert_eq!(online(Some(false)).count(), 498);
    assert!(one.hearing.is_empty(), "a node does not ask itself");
    assert_eq!(one.bus.ask(&users[..2], &BTreeSet::new()).await, [Some(false); 2], "there is nobody to ask");
}

#[tokio::test]
async fn who_is_online_is_unknown_while_a_node_is_silent_or_the_bus_is_away() {
    let mut server = Server::start();
    let (one, mut two) = (Node::at(&server).await, Node::at(&server).await);
    let nodes = [1, 2].map(|name| NodeId(Uuid::from_u128(name)));
    let users = ["bob", "carol"].map(user);
    let known = BTreeSet::from(nodes);
    let asked = async { one.bus.ask(&users, &known).await };
    let (found, ()) = tokio::join!(asked, async {
        let Heard::Who(_, reply) = two.hears().await else { panic!("no question") };
        two.bus.answer(reply, nodes[0], vec![1]);
    });
    assert_eq!(found, [None, Some(true)]);
    server.kill();
    until("the bus's going", async || !one.bus.is_connected()).await;
    assert_eq!(one.bus.ask(&users, &known).await, [None, None]);
}

#[tokio::test]
async fn a_session_of_another_node_is_told_to_end() {
    let server = Server::start();
    let (one, mut two) = (Node::at(&server).await, Node::at(&server).await);
    two.bus.follow(&user("bob")).await;
    let name = SessionName { node: NodeId(Uuid::from_u128(8)), session: SessionId(4) };
    one.bus.end_session(&user("bob"), name, CloseCode::PlatformLimit);
    let Heard::End { user: whose, session, code } = two.hears().await else { panic!("no end") };
    assert_eq!((whose, session, code), (user("bob"), name, CloseCode::PlatformLimit));
}

#[tokio::test]
async fn a_knock_rings_the_bell_of_the_node_that_listens() {
    let server = Server::start();
    let (one, mut two) = (Node::at(&server).await, Node::at(&server).await);
    let bell = Arc::new(Notify::new());
    let listening = two.bus.answer_knocks(Arc::clone(&bell));
    let rung = async || timeout(Duration::from_millis(10), bell.notified()).await.is_ok();
    until("a ring", async || {
        one.bus.knock();
        rung().await
    })
    .await;
    two.hears_nothing_but_a_beat_of(&one).await;
    rung().await;
    two.bus.knock();
    two.asks("nobody").await;
    assert!(!rung().await, "a node rings its own bell itself");
    one.bus.knock();
    until("another ring", rung).await;
    drop(listening);
    one.bus.knock();
    two.hears_nothing_but_a_beat_of(&one).await;
    assert!(!rung().await);
}

#[tokio::test]
async fn apps_do_not_hear_each_other() {
    let server = Server::start();
    let (one, mut other) = (Node::at(&server).await, Node::with_app(&server, 7).await);
    let third = Node::with_app(&server, 7).await;
    other.bus.follow(&user("bob")).await;
    one.bus.publish(&event(&[("bob", 1)]));
    assert!(!one.asks("bob").await);
    other.hears_nothing_but_a_beat_of(&third).await;
}

#[tokio::test]
async fn a_server_that_was_away_is_found_again() {
    let mut server = Server::start();
    let (one, mut two) = (Node::at(&server).await, Node::at(&server).await);
    two.bus.follow(&user("bob")).await;
    server.kill();
    until("the loss", async || !one.bus.is_connected() && !two.bus.is_connected()).await;
    assert!(matches!(two.hears().await, Heard::Disconnected));
    assert!(one.asks("carol").await, "nobody knows: she counts as online");
    one.bus.publish(&event(&[("bob", 1)]));
    until("the drop", async || one.metrics.bus_dropped.get() == 1).await;
    let start = Instant::now();
    two.bus.follow(&user("carol")).await;
    assert!(start.elapsed() < Duration::from_secs(2), "sessions open while the bus is away");
    server.start_again();
    assert!(matches!(two.hears().await, Heard::Reconnected));
    until("the return", async || one.bus.is_connected() && one.metrics.bus_connected.get() == 1).await;
    one.bus.publish(&event(&[("bob", 2), ("carol", 3)]));
    let heard = [two.hears_event().await.places[0].cursor, two.hears_event().await.places[0].cursor];
    assert!(heard == [2, 3] || heard == [3, 2], "{heard:?}");
}

#[tokio::test]
async fn a_server_that_is_not_there_at_the_start_is_named() {
    let mut server = Server::start();
    let address = server.url();
    server.stop();
    let metrics = Arc::new(Metrics::new());
    let with_password = url(&address.replace("://", "://me:s3cret@"));
    let error = nats::connect(&with_password, SDK_APP_ID, metrics).await.err().unwrap().to_string();
    assert!(error.contains(&address) && error.contains("bus.url"), "{error}");
    assert!(!error.contains("s3cret") && !error.contains('\n'), "{error}");
}

/// A command that asks holds up its batch, and a batch may have many such commands.
#[tokio::test]
async fn a_bus_that_says_nothing_is_waited_for_once() {
    let server = Server::start();
    let one = Node::at(&server).await;
    assert!(!one.asks("bob").await, "it answers, and bob is nowhere");
    server.pause();
    let (mut asked, start) = (0, Instant::now());
    // Until it is known as hung, which takes a second and a half, every question could wait for its own answer.
    while one.bus.is_connected() && start.elapsed() < Duration::from_secs(1) {
        assert!(one.asks("bob").await, "nobody is called offline without an answer");
        asked += 1;
        tokio::task::yield_now().await;
    }
    assert!(asked > 100, "{asked} questions in {:?}", start.elapsed());
    server.resume();
    until("an answer", async || !one.asks("bob").await).await;
}

/// `cargo test --release --test bus -- --ignored --nocapture`, to know what a user who is followed costs.
#[tokio::test]
#[ignore = "a measurement"]
#[expect(clippy::print_stdout, reason = "a measurement")]
async fn memory_of_many_followed_users() {
    const USERS: u64 = 10_000;
    let resident = || {
        let text = std::fs::read_to_string("/proc/self/statm").unwrap();
        text.split(' ').nth(1).unwrap().parse::<u64>().unwrap() * 4_096
    };
    let server = Server::start();
    let (one, mut two) = (Node::at(&server).await, Node::at(&server).await);
    let before = resident();
    let start = Instant::now();
    for number in 0..USERS {
        two.bus.follow(&user(&format!("user{number}"))).await;
    }
    let took = start.elapsed();
    println!("{} bytes a user, fresh; {took:?} for all, one after another", (resident() - before) / USERS);
    for round in 0..40 {
        for number in 0..USERS {
            one.bus.publish(&event(&[(&format!("user{number}"), round)]));
            if number % 1_000 == 999 {
                for _ in 0..1_000 {
                    two.hears_event().await;
                }
            }
        }
    }
    println!("{} bytes a user after 40 events each", (resident() - before) / USERS);
}
