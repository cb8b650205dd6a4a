//! Comparing this node's sessions with the store: what the bus has lost is found here.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::timeout;
use wigwag_protocol::CloseCode;

use super::Cluster;
use crate::store::StoreError;
use crate::store::shared::{CheckUp, Seat};

/// The last event of a stream that has gone quiet is at most this late when the bus has lost it.
const EVERY: Duration = Duration::from_secs(5);
/// While there is no bus, this is how events come from other nodes.
const WITHOUT_BUS: Duration = Duration::from_secs(1);
/// Seats compared in one question.
const CHUNK: usize = 1_000;

impl Cluster {
    pub(super) async fn check_up(self: Arc<Self>) {
        loop {
            let wait = if self.bus.is_connected() { EVERY } else { WITHOUT_BUS };
            // Rung before the time is up: something may have been missed.
            timeout(wait, self.look_now.notified()).await.ok();
            let seats = self.seats.taken();
            for chunk in seats.chunks(CHUNK) {
                if let Err(error) = self.compare(chunk).await {
                    tracing::debug!(%error, "sessions could not be compared with the store");
                    break;
                }
            }
        }
    }

    async fn compare(&self, seats: &[Seat]) -> Result<(), StoreError> {
        let CheckUp { heads, displaced } = self.store.check_up(seats).await?;
        self.seats.clear(seats);
        self.post.heads(&heads);
        for name in displaced {
            if let Some(seat) = seats.iter().find(|seat| seat.session == name)
                && self.end_here(&seat.user, name, CloseCode::Replaced)
            {
                self.post.metrics.seats_displaced.inc();
            }
        }
        Ok(())
    }
}
