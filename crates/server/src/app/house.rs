//! What a server does beside its connections: it drops what is old, and forgets users who are gone, who may have to leave
//! their call for it.

use std::sync::Arc;
use std::time::Duration;

use super::absences::Watch;
use crate::config::RetentionConfig;
use crate::rates::Rates;
use crate::store::{KEPT_MS, RetentionCutoffs};
use crate::watching::Watching;

/// How often old rows are looked for and users who went are forgotten.
const EVERY: Duration = Duration::from_secs(10);
/// Between two steps of retention while there is more to drop, so that commands go first.
const RETENTION_STEP: Duration = Duration::from_millis(20);

/// The housekeeping of a node.
pub(super) struct House {
    pub(super) watch: Watch,
    pub(super) rates: Arc<Rates>,
    pub(super) watching: Arc<Watching>,
    pub(super) retention: RetentionConfig,
}

impl House {
    /// Runs until it is dropped.
    pub(super) async fn keep(self) {
        let Self { watch, rates, watching, retention } = self;
        loop {
            tokio::time::sleep(EVERY).await;
            let now = watch.clock.now_ms();
            rates.forget_quiet(now);
            let mut gone = Vec::new();
            watch.registry.forget_gone(now, |user, left_at| {
                watch.neighbours.forget(user);
                watching.moved(user);
                gone.push(watch.due_after(user, left_at));
            });
            watch.deadlines.watch(gone);
            while watch.store.retain(cutoffs(&retention, now)).await {
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
        replies: now.saturating_sub(KEPT_MS),
    }
}
