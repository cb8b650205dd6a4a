//! Both writers share this: how many commands may wait, how commands are gathered, and what is logged when a batch fails.

use std::time::Duration;

use wigwag_session::refused::Failure;

use super::deciding::Decided;
use super::{Committed, StoreError, Submission, WriterSettings};
use crate::telemetry::Metrics;

/// Commands that may wait for the writer; at 20,000 a second this is half a second of work. More are refused with
/// `overloaded`.
pub(super) const QUEUE: usize = 10_000;
/// Batches that may wait for the router. Each holds at most `max_batch` commands; when the router is that far behind, the
/// writer waits for it.
pub(super) const BATCHES: usize = 16;
/// A batch of this many commands or more counts as busy: the fixed cost of a commit is shared by then, and waiting for
/// more commands adds little to how long each waits anyway.
const BUSY: usize = 16;

/// How long to wait for more commands after a batch of `last` commands: fewer, larger commits cost less per command.
pub(super) fn linger(settings: &WriterSettings, last: usize) -> Option<Duration> {
    (last >= BUSY && !settings.linger.is_zero()).then_some(settings.linger)
}

/// Each command of a batch with its decision, in the order of the commands.
pub(super) fn committed(
    batch: impl IntoIterator<Item = Submission>,
    decided: Vec<Decided>,
) -> Vec<Committed> {
    batch.into_iter().zip(decided).map(|(submission, result)| Committed::new(submission, result)).collect()
}

/// The answer to every command of a batch that could not be carried out. Counts and logs the failure.
pub(super) fn refused(commands: usize, error: &StoreError, metrics: &Metrics) -> Vec<Decided> {
    tracing::error!(%error, commands, "commands could not be carried out");
    count_refused(commands, error, metrics)
}

/// The same for commands that find the database still away, which was logged when it went away: ten lines a second
/// would say nothing new.
pub(super) fn refused_again(commands: usize, error: &StoreError, metrics: &Metrics) -> Vec<Decided> {
    tracing::debug!(%error, commands, "commands could not be carried out");
    count_refused(commands, error, metrics)
}

fn count_refused(commands: usize, error: &StoreError, metrics: &Metrics) -> Vec<Decided> {
    metrics.store_failed(error.kind());
    (0..commands).map(|_| Err(error.failure().into())).collect()
}

/// One bad command must not fail its neighbours, so each of the batch gets a transaction of its own.
pub(super) fn log_each_alone(words: &str) {
    tracing::warn!(error = words, "a batch could not be written; trying each command alone");
}

/// The router is gone.
pub(super) fn log_nobody_listens() {
    tracing::debug!("nobody listens for commits any more; the server is stopping");
}

/// Retention runs again by itself.
pub(super) fn log_retention_failed(error: &StoreError) {
    tracing::warn!(%error, "retention failed; it is tried again");
}

/// A row that could not be loaded refuses the command that needs it.
pub(super) fn not_loaded(error: &StoreError) -> Decided {
    Err(error.failure().into())
}

/// A command without a result, which no batch leaves.
pub(super) fn lost() -> Decided {
    Err(Failure::Internal.into())
}
