//! Who lives, who holds a lease, and what is overdue.

use std::time::{Duration, Instant};

use wigwag_engine::command::Invite;
use wigwag_protocol::invitation::EndReason;
use wigwag_server::store::shared::{NodeCard, NodeId, Stranger};

use super::seats::{ANY, seat};
use super::{Node, join};
use crate::words::{accept, due_one, invite, ring};

/// Far longer than a case.
const LONG: Duration = Duration::from_mins(10);

fn card(node: &Node) -> NodeCard {
    NodeCard { node: node.id, series: "0.1".to_owned(), app: "digest".to_owned(), has_bus: true }
}

async fn alive(node: &Node, patience: Duration) -> Vec<NodeId> {
    let mut alive = node.store().beat(node.id, patience).await.unwrap();
    alive.sort();
    alive
}

/// Asks again and again until it is so.
async fn becomes_true(mut question: impl AsyncFnMut() -> bool) {
    let until = Instant::now() + Duration::from_secs(20);
    while !question().await {
        assert!(Instant::now() < until, "it does not become true");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

pub(super) async fn living_nodes_know_each_other(one: &mut Node, other: &mut Node) {
    one.store().enter(&card(one)).await.unwrap().unwrap();
    assert_eq!(alive(one, LONG).await, [one.id]);
    other.store().enter(&card(other)).await.unwrap().unwrap();
    assert_eq!(alive(one, LONG).await, [one.id, other.id]);
    assert_eq!(alive(other, LONG).await, [one.id, other.id]);
    // A node that starts again is the same node.
    one.store().enter(&card(one)).await.unwrap().unwrap();
    assert_eq!(alive(other, LONG).await, [one.id, other.id]);
}

pub(super) async fn strangers_may_not_enter(one: &mut Node, other: &mut Node) {
    one.store().enter(&card(one)).await.unwrap().unwrap();
    let strangers = [
        (NodeCard { series: "0.2".to_owned(), ..card(other) }, Stranger::OtherSeries("0.1".to_owned())),
        (NodeCard { app: "another".to_owned(), ..card(other) }, Stranger::OtherApp),
        (NodeCard { has_bus: false, ..card(other) }, Stranger::NoBus),
    ];
    for (card, why) in &strangers {
        assert_eq!(other.store().enter(card).await.unwrap(), Err(why.clone()));
        assert_eq!(alive(one, LONG).await, [one.id]);
    }
    for (card, _) in &strangers {
        one.store().leave(one.id).await.unwrap();
        other.store().enter(card).await.unwrap().expect("nobody else lives");
        other.store().leave(other.id).await.unwrap();
    }
    other.store().enter(&strangers[2].0).await.unwrap().unwrap();
    assert_eq!(
        one.store().enter(&card(one)).await.unwrap(),
        Err(Stranger::NoBus),
        "nor beside one without a bus"
    );
}

pub(super) async fn the_silent_are_taken_out_with_their_sessions(one: &mut Node, other: &mut Node) {
    let [alice] = join(one, ["alice"]).await;
    for node in [&*one, &*other] {
        node.store().enter(&card(node)).await.unwrap().unwrap();
    }
    other.store().claim(&seat(&alice, other, 1, 1), ANY).await.unwrap();
    assert_eq!(alive(one, LONG).await, [one.id, other.id], "not silent for so long");
    let brief = Duration::from_millis(50);
    becomes_true(async || alive(one, brief).await == [one.id]).await;
    let claimed = one.store().claim(&seat(&alice, one, 1, 2), ANY).await.unwrap();
    assert_eq!(claimed.replaced, None, "its sessions went with it");
}

pub(super) async fn who_leaves_gives_everything_back(one: &mut Node, other: &mut Node) {
    let [alice] = join(one, ["alice"]).await;
    for node in [&*one, &*other] {
        node.store().enter(&card(node)).await.unwrap().unwrap();
    }
    one.store().claim(&seat(&alice, one, 1, 1), ANY).await.unwrap();
    assert!(one.store().lease("sweep", one.id, LONG).await.unwrap());
    one.store().leave(one.id).await.unwrap();
    assert_eq!(alive(other, LONG).await, [other.id]);
    assert!(other.store().lease("sweep", other.id, LONG).await.unwrap());
    let claimed = other.store().claim(&seat(&alice, other, 1, 2), ANY).await.unwrap();
    assert_eq!(claimed.replaced, None);
}

pub(super) async fn one_holds_a_lease_until_its_term_is_over(one: &mut Node, other: &mut Node) {
    let asks = async |node: &Node, name: &str, term| node.store().lease(name, node.id, term).await.unwrap();
    assert!(asks(one, "sweep", LONG).await);
    assert!(!asks(other, "sweep", LONG).await);
    assert!(asks(other, "retain", LONG).await, "another name is another lease");
    assert!(asks(one, "sweep", LONG).await, "the holder prolongs it");
    // The holder may also shorten it, and let it run out.
    assert!(asks(one, "sweep", Duration::from_millis(100)).await);
    becomes_true(async || asks(other, "sweep", LONG).await).await;
    assert!(!asks(one, "sweep", LONG).await);
    let (first, second) = tokio::join!(asks(one, "new", LONG), asks(other, "new", LONG));
    assert!(first != second, "of two that ask at once one has it");
}

pub(super) async fn what_is_overdue_is_found_whoever_made_it(one: &mut Node, other: &mut Node) {
    let [alice, bob] = join(one, ["alice", "bob"]).await;
    let wish = |id, timeout| invite(Invite { timeout, ..ring(id, &bob.user) });
    one.world.does(&alice, wish("far", 600)).await.succeeds();
    let late = one.world.does(&alice, wish("late", 1)).await.acted().deadline.unwrap();
    let later = other.world.does(&alice, wish("later", 2)).await.acted().deadline.unwrap();
    one.world.does(&alice, wish("answered", 1)).await.succeeds();
    other.world.does(&bob, accept("answered")).await.succeeds();
    let soon = later + 1;
    let expected = [(late, due_one("late")), (later, due_one("later"))];
    for node in [&*one, &*other] {
        assert_eq!(node.store().overdue(soon, 10).await.unwrap(), expected, "the oldest first");
        assert_eq!(node.store().overdue(soon, 1).await.unwrap(), expected[..1]);
        assert!(node.store().overdue(late, 10).await.unwrap().is_empty(), "due is not overdue");
    }
    assert_eq!(other.world.looks_until_ended("late").await, EndReason::TimedOut);
    assert!(
        one.world.looks_at("late").await.events().is_empty(),
        "an expiry that comes twice changes nothing"
    );
    assert_eq!(one.store().overdue(soon, 10).await.unwrap(), expected[1..]);
}
