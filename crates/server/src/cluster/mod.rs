//! A node's life among others: that it lives, that it fires what is overdue, that its sessions know of each other across
//! nodes, and that what the bus loses is found in the store (docs/decisions/0003).
//!
//! ```text
//!  beats     every 0.5 s ──▶ store and bus: who lives
//!  overdue   every 0.2 s ──▶ store: deadlines nobody fired ──▶ door
//!  check-up  every 5 s   ──▶ store: streams that went on, seats that were lost ──▶ mailboxes
//!  hearing   ◀── bus: events, ends of sessions, beats ──▶ mailboxes
//! ```

mod card;
mod check_up;
mod entry;
mod hearing;
mod life;
mod neighbours;
mod node_id;
mod overdue;
mod presence;
mod roll;
mod seats;

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::Notify;
use tokio::task::AbortHandle;
use tokio::time::{Instant, timeout};
use wigwag_protocol::{CloseCode, UserId};

pub use self::card::card;
pub use self::entry::EntryError;
pub use self::neighbours::{Arrival, Neighbours, Seating};
pub use self::node_id::{
    NODE_ID_FILE, NodeIdError, has_node_id, keep as keep_node_id, load as load_node_id, load_or_make,
};
pub use self::presence::{OnlineAnywhere, Others};
use self::roll::Roll;
use self::seats::Seats;
use crate::bus::{Bus, Hearing};
use crate::door::Door;
use crate::router::post::Post;
use crate::store::shared::{NodeCard, NodeId, SeatBounds, SessionName, SharedStore};
use crate::watching::Watching;

/// Four beats are the patience: one that is lost, or two, mean nothing.
const BEAT: Duration = Duration::from_millis(500);
/// For saying good-bye to a store that may be away.
const LAST_CALL: Duration = Duration::from_secs(1);

/// What a node brings along.
pub struct Parts {
    /// Who it is.
    pub card: NodeCard,
    /// What all nodes agree on.
    pub store: Arc<dyn SharedStore>,
    /// Where it brings what is overdue.
    pub door: Arc<Door>,
    /// How they tell each other.
    pub bus: Arc<dyn Bus>,
    /// The mailboxes of its sessions.
    pub post: Post,
    /// Sessions of one user in the whole cluster.
    pub seats: SeatBounds,
    /// Where it says which other nodes there are.
    pub others: Arc<Others>,
    /// What its sessions watch.
    pub watching: Arc<Watching>,
}

/// A node among others.
pub struct Cluster {
    card: NodeCard,
    store: Arc<dyn SharedStore>,
    door: Arc<Door>,
    bus: Arc<dyn Bus>,
    post: Post,
    bounds: SeatBounds,
    seats: Seats,
    roll: Mutex<Roll>,
    others: Arc<Others>,
    watching: Arc<Watching>,
    /// Rung when something may have been missed.
    look_now: Notify,
    /// How often another node has died.
    deaths: AtomicU64,
    tasks: Mutex<Vec<AbortHandle>>,
}

impl Cluster {
    /// Enters the node among those that live, and lives there from now on.
    pub async fn start(parts: Parts, hearing: Option<Hearing>) -> Result<Arc<Self>, EntryError> {
        let Parts { card, store, door, bus, post, seats: bounds, others, watching } = parts;
        entry::enter(&*store, &card).await?;
        // A number comes back only if more than a million sessions were opened every millisecond.
        post.registry.number_from(post.clock.now_ms() << 20);
        let roll = Mutex::new(Roll::new(card.node, Instant::now()));
        let cluster = Arc::new(Self {
            seats: Seats::default(),
            look_now: Notify::new(),
            deaths: AtomicU64::new(0),
            tasks: Mutex::default(),
            card,
            store,
            door,
            bus,
            post,
            bounds,
            roll,
            others,
            watching,
        });
        cluster.live(hearing);
        Ok(cluster)
    }

    fn live(self: &Arc<Self>, hearing: Option<Hearing>) {
        let mut tasks = vec![
            tokio::spawn(Arc::clone(self).beat()),
            tokio::spawn(Arc::clone(self).fire_overdue()),
            tokio::spawn(Arc::clone(self).check_up()),
            tokio::spawn(Arc::clone(self).release()),
        ];
        tasks.extend(hearing.map(|hearing| tokio::spawn(Arc::clone(self).hear(hearing))));
        *self.tasks.lock() = tasks.iter().map(tokio::task::JoinHandle::abort_handle).collect();
    }

    /// Takes the node and its seats out. Its sessions have ended; its store and bus are still needed.
    pub async fn leave(&self) {
        self.tasks.lock().drain(..).for_each(|task| task.abort());
        match timeout(LAST_CALL, self.store.leave(self.card.node)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "the node could not take itself out; the others will"),
            Err(_) => tracing::warn!("the store does not answer; the other nodes will take this one out"),
        }
    }

    fn node(&self) -> NodeId {
        self.card.node
    }

    /// Ends a session, wherever it is.
    fn end(&self, user: &UserId, session: SessionName, code: CloseCode) {
        if session.node == self.node() {
            self.end_here(user, session, code);
        } else {
            self.bus.end_session(user, session, code);
        }
    }

    /// Ends a session of this node. Whether it was still there.
    fn end_here(&self, user: &UserId, session: SessionName, code: CloseCode) -> bool {
        self.post.registry.end(user, session.session, code, self.post.clock.now_ms())
    }
}
