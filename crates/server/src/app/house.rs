//! What a server does beside its connections: it drops what is old, and forgets users who are gone.

use std::sync::Arc;
use std::time::Duration;

use crate::clock::Clock;
use crate::cluster::Neighbours;
use crate::config::RetentionConfig;
use crate::rates::Rates;
use crate::router::registry::Registry;
use crate::store::{RetentionCutoffs, Store};

/// How often old rows are looked for and users who went are forgotten.
const EVERY: Duration = Duration::from_secs(10);
/// Between two steps of retention while there is more to drop, so that commands go first.
const RETENTION_STEP: Duration = Duration::from_millis(20);

/// The housekeeping of a node.
pub(super) struct House {
    pub(super) store: Arc<dyn Store>,
    pub(super) registry: Arc<Registry>,
    pub(super) rates: Arc<Rates>,
    pub(super) neighbours: Neighbours,
    pub(super) clock: Clock,
    pub(super) retention: RetentionConfig,
}

impl House {
    /// Runs until it is dropped.
    pub(super) async fn keep(self) {
        loop {
            tokio::time::sleep(EVERY).await;
            let now = self.clock.now_ms();
            self.rates.forget_quiet(now);
            self.registry.forget_gone(now, |user| self.neighbours.forget(user));
            while self.store.retain(cutoffs(&self.retention, now)).await {
                tokio::time::sleep(RETENTION_STEP).await;
            }
        }
    }
}

fn cutoffs(retention: &RetentionConfig, now: u64) -> RetentionCutoffs {
    let days = |days: u32| u64::from(days) * 86_400_000;
    RetentionCutoffs {
        online_only: now.saturating_sub(retention.online_only_s * 1_000),
        events: now.saturating_sub(days(retention.events_days)),
        history: match retention.history_days {
            0 => 0,
            history => now.saturating_sub(days(history)),
        },
        invitations: now.saturating_sub(days(retention.ended_invitations_days)),
    }
}
