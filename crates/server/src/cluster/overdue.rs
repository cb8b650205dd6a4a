//! Deadlines that nobody fired, because the node that watched them is dead, stopped or slow.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep};
use wigwag_engine::Due;

use super::Cluster;
use crate::store::StoreError;

/// A deadline of a dead node has to be fired within two seconds: the lease runs out, a round begins, and the margin is
/// over after 1.35 s at the most; the rest is for the commit.
const ROUND: Duration = Duration::from_millis(200);
/// See above. Five rounds, so that a holder that is late once keeps it.
const TERM: Duration = Duration::from_secs(1);
/// What its own node has for firing it, ms, so that nobody else does while it lives: it is nearly always a few
/// milliseconds late.
const MARGIN_MS: u64 = 150;
/// Fired in one round; a quarter of a batch's bound, so that users' commands go between.
const AT_ONCE: usize = 128;
/// Between two rounds while there is more: 2,500 deadlines a second.
const MORE: Duration = Duration::from_millis(50);
/// What was handed over and not carried out for this long is handed over again.
const FORGET: Duration = Duration::from_secs(3);
/// The lease's name.
const LEASE: &str = "overdue";

/// What was handed over a moment ago and may still be on its way.
#[derive(Default)]
struct UnderWay(HashMap<Due, Instant>);

impl UnderWay {
    /// Whether it is to be handed over now.
    fn takes(&mut self, due: &Due, now: Instant) -> bool {
        let is_new = !self.0.contains_key(due);
        if is_new {
            self.0.insert(due.clone(), now);
        }
        is_new
    }

    fn forget(&mut self, now: Instant) {
        self.0.retain(|_, since| now - *since < FORGET);
    }
}

impl Cluster {
    pub(super) async fn fire_overdue(self: Arc<Self>) {
        let mut under_way = UnderWay::default();
        loop {
            let wait = match self.fire_round(&mut under_way).await {
                Ok(true) => MORE,
                Ok(false) => ROUND,
                Err(error) => {
                    // Beats tell the operator that the store is away.
                    tracing::debug!(%error, "overdue deadlines could not be looked for");
                    ROUND
                }
            };
            sleep(wait).await;
        }
    }

    /// Whether there may be more.
    async fn fire_round(&self, under_way: &mut UnderWay) -> Result<bool, StoreError> {
        if !self.store.lease(LEASE, self.node(), TERM).await? {
            return Ok(false);
        }
        let before = self.post.clock.now_ms().saturating_sub(MARGIN_MS);
        let overdue = self.store.overdue(before, AT_ONCE).await?;
        let now = Instant::now();
        under_way.forget(now);
        for (_, due) in &overdue {
            if !under_way.takes(due, now) {
                continue;
            }
            if self.door.due(due.clone()).is_err() {
                // The store's queue is full: the next round looks again.
                under_way.0.remove(due);
                break;
            }
            self.post.metrics.overdue_fired.inc();
        }
        Ok(overdue.len() == AT_ONCE)
    }
}

#[cfg(test)]
mod tests {
    use wigwag_protocol::InviteId;

    use super::*;

    #[test]
    fn what_is_under_way_is_not_handed_over_again_for_a_while() {
        let due = Due::Invitation(InviteId::parse("i").unwrap());
        let (mut under_way, start) = (UnderWay::default(), Instant::now());
        assert!(under_way.takes(&due, start));
        assert!(!under_way.takes(&due, start + ROUND));
        under_way.forget(start + ROUND);
        assert!(!under_way.takes(&due, start + ROUND));
        under_way.forget(start + FORGET);
        assert!(under_way.takes(&due, start + FORGET));
    }
}
