//! What a server does beside its connections: it drops what is old, and forgets users who are gone, who may have to leave
//! their call for it.

use std::sync::Arc;
use std::time::Duration;

use super::absences::due_after;
use crate::clock::Clock;
use crate::cluster::Neighbours;
use crate::config::RetentionConfig;
use crate::rates::Rates;
use crate::router::Deadlines;
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
    pub(super) deadlines: Arc<dyn Deadlines>,
    /// How long somebody may be gone from a call, ms.
    pub(super) lease_ms: u64,
    pub(super) retention: RetentionConfig,
}

impl House {
    /// Runs until it is dropped.
    pub(super) async fn keep(self) {
        loop {
            tokio::time::sleep(EVERY).await;
            let now = self.clock.now_ms();
            self.rates.forget_quiet(now);
            let mut gone = Vec::new();
            self.registry.forget_gone(now, |user, left_at| {
                self.neighbours.forget(user);
                gone.push(due_after(user, left_at, self.lease_ms));
            });
            self.deadlines.watch(gone);
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
        calls: now.saturating_sub(days(retention.calls_days)),
    }
}
