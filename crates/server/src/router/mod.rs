//! From commits to mailboxes: what has become true is told to the devices on this node, and to the other nodes.

pub mod post;
pub mod registry;

use std::sync::Arc;

use tokio::sync::mpsc;
use wigwag_engine::Limits;
use wigwag_protocol::InviteId;

use self::post::Post;
use crate::bus::Bus;
use crate::store::Committed;

/// How long to wait before a deadline that could not be written is tried again, ms.
const EXPIRY_RETRY_MS: u64 = 1_000;

/// Who watches the clock for invitations.
pub trait Deadlines: Send + Sync {
    /// Brings each of these back to the store when it is due (server time in ms).
    fn watch(&self, due: Vec<(u64, InviteId)>);
}

/// Hands committed batches on, in their order.
pub struct Router {
    /// To the devices here.
    pub post: Post,
    /// To the other nodes, if there can be any.
    pub bus: Option<Arc<dyn Bus>>,
    /// Learns of new deadlines.
    pub deadlines: Arc<dyn Deadlines>,
    /// For the age of invitations without deadline.
    pub limits: Limits,
}

impl Router {
    /// Runs until the store is closed.
    pub async fn run(self, mut committed: mpsc::Receiver<Vec<Committed>>) {
        while let Some(batch) = committed.recv().await {
            self.watch_deadlines(&batch);
            self.post.committed(&batch);
            if let Some(bus) = &self.bus {
                batch.iter().flat_map(Committed::events).for_each(|event| bus.publish(event));
            }
        }
    }

    fn watch_deadlines(&self, batch: &[Committed]) {
        let made = batch.iter().flat_map(Committed::invitations_made);
        let made =
            made.map(|invitation| (invitation.due(self.limits.no_deadline_age_ms), invitation.id.clone()));
        let again = batch.iter().filter_map(Committed::expiry_to_retry);
        let again = again.map(|id| (self.post.clock.now_ms() + EXPIRY_RETRY_MS, id.clone()));
        self.deadlines.watch(made.chain(again).collect());
    }
}
