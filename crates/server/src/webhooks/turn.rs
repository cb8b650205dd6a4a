//! Of several nodes one serves at a time: who holds a lease.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio::time::{Instant, sleep, sleep_until, timeout_at};
use tokio_util::sync::CancellationToken;

use crate::store::StoreError;
use crate::store::shared::{NodeId, SharedStore};

/// A node that has died is followed by another after this time.
const TERM: Duration = Duration::from_secs(5);
/// Between two prolongations, so that a lease outlives some that are late; and between two tries to get it.
const EVERY: Duration = Duration::from_secs(1);
/// A holder whose prolongations fail stops this long after it asked for the last good one, before another can begin.
const SURELY: Duration = Duration::from_secs(4);

/// What one node at a time does.
#[async_trait]
pub(crate) trait Serves: Send + Sync {
    /// Serves until it is told to stop, or dropped because it is another node's turn.
    async fn run(&self);

    /// When it is cancelled, nothing new begins.
    fn stop(&self) -> &CancellationToken;

    /// It is another node's turn.
    fn leaves(&self);
}

/// The right to serve.
pub(crate) struct Turn {
    lease: String,
    store: Arc<dyn SharedStore>,
    node: NodeId,
}

impl Turn {
    pub(crate) fn of(lease: String, store: Arc<dyn SharedStore>, node: NodeId) -> Self {
        Self { lease, store, node }
    }

    /// Comes back with the time until which the turn is surely this node's, or `None` when it is another's.
    async fn holds(&self) -> Result<Option<Instant>, StoreError> {
        let asked = Instant::now();
        let is_held = self.store.lease(&self.lease, self.node, TERM).await?;
        Ok(is_held.then(|| asked + SURELY))
    }

    async fn begins(&self) -> Instant {
        loop {
            match self.holds().await {
                Ok(Some(until)) => return until,
                Ok(None) => {}
                // Beats tell the operator that the store is away.
                Err(error) => {
                    tracing::debug!(%error, lease = self.lease, "a lease could not be taken");
                }
            }
            sleep(EVERY).await;
        }
    }

    /// Prolongs it; comes back when it is another's, or may be.
    async fn ends(&self, mut until: Instant) {
        loop {
            sleep_until(until.min(Instant::now() + EVERY)).await;
            match timeout_at(until, self.holds()).await {
                Ok(Ok(Some(later))) => until = later,
                Ok(Ok(None)) | Err(_) => return,
                Ok(Err(_)) if Instant::now() >= until => return,
                Ok(Err(_)) => {}
            }
        }
    }
}

/// Serves whenever it is this node's turn, and always where there are no others; until it is told to stop.
pub(crate) async fn take(turn: Option<Turn>, serving: impl Serves) {
    let Some(turn) = turn else { return serving.run().await };
    loop {
        let until = tokio::select! {
            until = turn.begins() => until,
            () = serving.stop().cancelled() => return,
        };
        tokio::select! {
            () = serving.run() => return,
            () = turn.ends(until) => serving.leaves(),
        }
    }
}
