//! Both writers share this: how many commands may wait, and how commands are gathered.

use std::time::{Duration, Instant};

use wigwag_session::refused::Failure;

use super::deciding::Decided;
use super::{Committed, StoreError, Submission, WriterSettings};
use crate::telemetry::Throttle;

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

/// The router is gone.
pub(super) fn log_nobody_listens() {
    tracing::debug!("nobody listens for commits any more; the server is stopping");
}

/// Retention runs again by itself.
pub(super) fn log_retention_failed(error: &StoreError) {
    tracing::warn!(%error, "retention failed; it is tried again");
}

/// A row that could not be loaded refuses the command that needs it. Its device may try again and again, so the log has one line
/// a second.
pub(super) fn not_loaded(error: &StoreError) -> Decided {
    static LINES: Throttle = Throttle::every(Duration::from_secs(1));
    if let Some(commands) = LINES.pass(1, Instant::now()) {
        tracing::error!(%error, commands, "a row that a command needs cannot be loaded; the command is refused");
    }
    Err(error.failure().into())
}

/// A command without a result, which no batch leaves.
pub(super) fn lost() -> Decided {
    Err(Failure::Internal.into())
}
