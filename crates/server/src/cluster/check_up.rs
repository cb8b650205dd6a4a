//! Comparing this node's sessions with the store: what the bus has lost is found here.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{sleep, timeout};
use wigwag_protocol::{CloseCode, UserId};

use super::Cluster;
use crate::store::StoreError;
use crate::store::shared::{CheckUp, Seat};

/// The last event of a stream that has gone quiet is at most this late when the bus has lost it.
const EVERY: Duration = Duration::from_secs(5);
/// While there is no bus, this is how events come from other nodes.
const WITHOUT_BUS: Duration = Duration::from_secs(1);
/// What the store has and the bus still carries is told by the bus: after so long it has not.
const ON_ITS_WAY: Duration = Duration::from_millis(300);
/// Seats compared in one question.
const CHUNK: usize = 1_000;

impl Cluster {
    pub(super) async fn check_up(self: Arc<Self>) {
        loop {
            let wait = if self.bus.is_connected() { EVERY } else { WITHOUT_BUS };
            // Rung before the time is up: something may have been missed.
            let in_turn = timeout(wait, self.look_now.notified()).await.is_err();
            let behind = self.compare_all().await;
            if in_turn && self.bus.is_connected() && !behind.is_empty() {
                sleep(ON_ITS_WAY).await;
            }
            self.post.heads(&behind);
        }
    }

    /// Ends the sessions whose seats others have taken. The heads of streams that go on beyond what was delivered here.
    async fn compare_all(&self) -> Vec<(UserId, u64)> {
        let mut behind = Vec::new();
        for chunk in self.seats.taken().chunks(CHUNK) {
            match self.compare(chunk).await {
                Ok(heads) => behind.extend(self.post.undelivered(heads)),
                Err(error) => {
                    tracing::debug!(%error, "sessions could not be compared with the store");
                    break;
                }
            }
        }
        behind
    }

    async fn compare(&self, seats: &[Seat]) -> Result<Vec<(UserId, u64)>, StoreError> {
        let CheckUp { heads, displaced } = self.store.check_up(seats).await?;
        self.seats.clear(seats);
        for name in displaced {
            if let Some(seat) = seats.iter().find(|seat| seat.session == name)
                && self.end_here(&seat.user, name, CloseCode::Replaced)
            {
                self.post.metrics.seats_displaced.inc();
            }
        }
        Ok(heads)
    }
}
