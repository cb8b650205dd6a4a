//! Revoked tokens and disabled users: learns of them within half a second, and ends the sessions that must not go on.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep};
use wigwag_protocol::{CloseCode, UserId};

use crate::auth::{Authenticator, Revocation};
use crate::clock::Clock;
use crate::router::registry::Registry;
use crate::store::shared::SharedStore;
use crate::store::{Store, StoreError};

/// Between two looks. A session on a revoked token ends within a second; half of it is for the look itself.
const EVERY: Duration = Duration::from_millis(500);
/// What was added to the store this long ago is read with every look, so that a row whose commit took a while is not missed.
const LATELY: Duration = Duration::from_secs(30);
/// All rows are read again after this time, or when no look has succeeded for half of [`LATELY`]: rows that somebody has deleted,
/// to take a revocation back, are found by that alone.
const ALL_EVERY: Duration = Duration::from_mins(1);

/// Users who were disabled this long before the last look that succeeded are looked for again: their rows may have been committed a
/// while later, and by a node whose clock is behind.
const DISABLED_LATELY_MS: u64 = 120_000;

/// Looks for revocations in the data folder and, with several nodes, in the store that they share.
pub(super) struct Revoking {
    authenticator: Arc<Authenticator>,
    registry: Arc<Registry>,
    clock: Clock,
    store: Arc<dyn Store>,
    shared: Option<Arc<dyn SharedStore>>,
}

/// What was read from the shared store, and when.
#[derive(Debug, Clone, Copy)]
struct Looks {
    last: Instant,
    all: Instant,
}

impl Looks {
    /// `None`: everything has to be read.
    fn window(&self, now: Instant) -> Option<Duration> {
        let is_fresh = now - self.last < LATELY / 2 && now - self.all < ALL_EVERY;
        is_fresh.then_some(LATELY)
    }
}

impl Revoking {
    /// `shared` is the store that other nodes write to as well, if there is one.
    pub(super) fn new(
        authenticator: &Arc<Authenticator>,
        registry: &Arc<Registry>,
        clock: Clock,
        store: &Arc<dyn Store>,
        shared: Option<Arc<dyn SharedStore>>,
    ) -> Self {
        let (authenticator, registry) = (Arc::clone(authenticator), Arc::clone(registry));
        Self { authenticator, registry, clock, store: Arc::clone(store), shared }
    }

    /// Reads all revocations of the shared store. Nobody may sign in before that.
    pub(super) async fn learn_all(&self) -> Result<(), StoreError> {
        if let Some(shared) = &self.shared {
            self.end(&self.authenticator.learn(shared.revocations(None).await?, true));
        }
        Ok(())
    }

    /// Runs until it is dropped.
    pub(super) async fn keep(self) {
        let now = Instant::now();
        let mut looks = Looks { last: now, all: now };
        // Whoever was disabled before this node began has no session here.
        let mut disabled_looked = self.clock.now_ms();
        loop {
            sleep(EVERY).await;
            self.end(&self.authenticator.refresh());
            if let Some(shared) = &self.shared {
                self.look(&**shared, &mut looks).await;
            }
            self.look_for_disabled(&mut disabled_looked).await;
        }
    }

    async fn look(&self, shared: &dyn SharedStore, looks: &mut Looks) {
        let now = Instant::now();
        let window = looks.window(now);
        match shared.revocations(window).await {
            Ok(found) => {
                self.end(&self.authenticator.learn(found, window.is_none()));
                *looks = Looks { last: now, all: if window.is_none() { now } else { looks.all } };
            }
            // Beats tell the operator that the store is away.
            Err(error) => tracing::debug!(%error, "revocations could not be read"),
        }
    }

    /// A user who is disabled can open no session; this ends those that were open. `last` is when a look last succeeded.
    async fn look_for_disabled(&self, last: &mut u64) {
        let now = self.clock.now_ms();
        match self.store.disabled_users(last.saturating_sub(DISABLED_LATELY_MS)).await {
            Ok(users) => {
                for user in &users {
                    self.end_all_of(user, now);
                }
                *last = now;
            }
            Err(error) => tracing::debug!(%error, "disabled users could not be read"),
        }
    }

    /// An app that asks for a new token then is told at the next sign-in why it cannot.
    fn end_all_of(&self, user: &UserId, now: u64) {
        let sessions = self.registry.end_made_before(user, u64::MAX, CloseCode::TokenExpired, now);
        if sessions > 0 {
            tracing::info!(%user, sessions, "the user is disabled; their sessions are closed");
        }
    }

    fn end(&self, revocations: &[Revocation]) {
        for Revocation { user, before_ms } in revocations {
            let now = self.clock.now_ms();
            let sessions = self.registry.end_made_before(user, *before_ms, CloseCode::TokenExpired, now);
            tracing::info!(%user, sessions, "tokens were taken back; sessions on them are closed");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_read_again_after_a_gap_and_once_a_minute() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let looks = Looks { last: at(0), all: at(0) };
        assert_eq!(looks.window(at(14)), Some(LATELY));
        assert_eq!(looks.window(at(15)), None, "rows may have become older than the window meanwhile");
        let looks = Looks { last: at(59), all: at(0) };
        assert_eq!(looks.window(at(59)), Some(LATELY));
        assert_eq!(looks.window(at(60)), None);
    }
}
