//! How the commits of a writer end: answers the commands of those that fail, logs failures once a second, and remembers for
//! readiness whether the store takes commits.

use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::StoreError;
use super::deciding::Decided;
use crate::telemetry::{Metrics, Throttle};

/// A commit this young shows that the store takes commits. Load balancers ask every second or two, so an idle store is probed
/// about as often.
const FRESH: Duration = Duration::from_secs(1);
/// After a commit that failed because of the disk, the store counts as failing for this long even if others succeed: where
/// little room is left, small commands still find some.
const HOLD: Duration = Duration::from_secs(5);
/// Between two lines about commands that were refused: thousands a second may be.
const LINES: Duration = Duration::from_secs(1);

/// Whether the store takes commits.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// One succeeded a moment ago.
    Sound,
    /// The disk failed one a moment ago.
    Failing(StoreError),
    /// Nothing was committed lately, or the last one failed for a reason that may be over: a probe has to tell.
    Unknown,
}

/// What is known of the last commits. The writer notes it, readiness asks.
#[derive(Debug, Default)]
pub(super) struct LastCommits(Mutex<Noted>);

#[derive(Debug, Default)]
struct Noted {
    succeeded: Option<Instant>,
    disk_failed: Option<(Instant, StoreError)>,
}

impl LastCommits {
    /// Something was written and committed.
    pub(super) fn succeeded(&self, now: Instant) {
        self.0.lock().succeeded = Some(now);
    }

    /// A commit failed.
    pub(super) fn failed(&self, error: &StoreError, now: Instant) {
        let mut noted = self.0.lock();
        noted.succeeded = None;
        match error {
            StoreError::Full | StoreError::Disk(_) => noted.disk_failed = Some((now, error.clone())),
            StoreError::Unreadable(_) | StoreError::BrokenStream { .. } | StoreError::Unavailable(_) => {}
        }
    }

    /// What they show at this time.
    pub(super) fn standing(&self, now: Instant) -> Standing {
        let noted = self.0.lock();
        let since = |then: Instant| now.saturating_duration_since(then);
        match (&noted.disk_failed, noted.succeeded) {
            (Some((then, error)), _) if since(*then) < HOLD => Standing::Failing(error.clone()),
            (_, Some(then)) if since(then) < FRESH => Standing::Sound,
            (Some(_) | None, Some(_) | None) => Standing::Unknown,
        }
    }
}

/// The ends of a writer's commits.
pub(super) struct Outcomes {
    metrics: Arc<Metrics>,
    last: Arc<LastCommits>,
    refusals: Throttle,
    retries: Throttle,
    is_failing: bool,
}

impl Outcomes {
    pub(super) fn new(metrics: Arc<Metrics>, last: Arc<LastCommits>) -> Self {
        let (refusals, retries) = (Throttle::every(LINES), Throttle::every(LINES));
        Self { metrics, last, refusals, retries, is_failing: false }
    }

    /// A batch was carried out. When all of its commands were refused by the rules, nothing was written, and that shows
    /// nothing of the disk.
    pub(super) fn carried_out(&mut self, decided: &[Decided], took: Duration) {
        self.metrics.committed(decided.len(), took);
        if decided.iter().flatten().any(|decision| !decision.is_empty()) {
            self.committed();
        }
    }

    /// Something was written and committed.
    pub(super) fn committed(&mut self) {
        self.last.succeeded(Instant::now());
        if std::mem::take(&mut self.is_failing) {
            tracing::info!(refused = self.refusals.finish(), "commands are carried out again");
        }
    }

    /// The answer to every command of a batch that could not be carried out.
    pub(super) fn refused(&mut self, commands: usize, error: &StoreError) -> Vec<Decided> {
        self.failed(error);
        if let Some(commands) = self.refusals.pass(commands as u64, Instant::now()) {
            tracing::error!(%error, commands, "commands could not be carried out");
        }
        self.answers(commands, error)
    }

    /// The same for commands that find the database still away, which was logged when it went away.
    pub(super) fn refused_again(&mut self, commands: usize, error: &StoreError) -> Vec<Decided> {
        self.last.failed(error, Instant::now());
        tracing::debug!(%error, commands, "commands could not be carried out");
        self.answers(commands, error)
    }

    /// A commit without commands failed.
    pub(super) fn failed(&mut self, error: &StoreError) {
        self.is_failing = true;
        self.last.failed(error, Instant::now());
    }

    /// One bad command must not fail its neighbours, so each of the batch gets a transaction of its own.
    pub(super) fn each_alone(&self, words: &str) {
        if let Some(batches) = self.retries.pass(1, Instant::now()) {
            tracing::warn!(error = words, batches, "a batch could not be written; trying each command alone");
        }
    }

    fn answers(&self, commands: usize, error: &StoreError) -> Vec<Decided> {
        self.metrics.store_failed(error.kind());
        (0..commands).map(|_| Err(error.failure().into())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_commit_a_moment_ago_shows_that_the_store_takes_commits() {
        let (last, start) = (LastCommits::default(), Instant::now());
        assert_eq!(last.standing(start), Standing::Unknown);
        last.succeeded(start);
        assert_eq!(last.standing(start + FRESH / 2), Standing::Sound);
        assert_eq!(last.standing(start + FRESH), Standing::Unknown);
        last.succeeded(start);
        last.failed(&StoreError::Unavailable("one bad command".to_owned()), start);
        assert_eq!(last.standing(start), Standing::Unknown, "a probe tells whether others succeed");
    }

    #[test]
    fn a_failing_disk_is_not_forgotten_because_a_small_command_found_room() {
        let (last, start) = (LastCommits::default(), Instant::now());
        last.failed(&StoreError::Full, start);
        last.succeeded(start + HOLD / 2);
        assert_eq!(last.standing(start + HOLD / 2), Standing::Failing(StoreError::Full));
        last.succeeded(start + HOLD);
        assert_eq!(last.standing(start + HOLD), Standing::Sound);
    }

    #[test]
    fn a_full_disk_answers_every_command_and_is_over_with_the_next_commit() {
        let last = Arc::new(LastCommits::default());
        let mut outcomes = Outcomes::new(Arc::new(Metrics::new()), Arc::clone(&last));
        assert_eq!(outcomes.refused(3, &StoreError::Full).len(), 3);
        assert_eq!(outcomes.refused(2, &StoreError::Full).len(), 2);
        assert_eq!(outcomes.refusals.finish(), 2, "the second batch is told with the next line");
        outcomes.carried_out(&[], Duration::ZERO);
        assert!(outcomes.is_failing, "nothing was written");
        outcomes.committed();
        assert!(!outcomes.is_failing);
    }
}
