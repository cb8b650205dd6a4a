//! Commands that wait for the writer, and work that may outlast their patience.

use std::pin::Pin;

use tokio::time::{Instant, timeout_at};

use crate::store::Submission;

/// A command in the queue.
#[derive(Debug)]
pub(crate) struct WaitingCommand {
    pub(crate) submission: Submission,
    /// When it was submitted, server time in ms.
    pub(crate) came_at: u64,
    /// When its client stops waiting.
    pub(crate) until: Instant,
}

/// Work that may take longer than a command can wait. It goes on when a command is given up: if each command began it anew,
/// a steady stream of commands would keep it from ever finishing.
pub(super) type Unfinished<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// The outcome of the work, or the work itself when it has not finished at `until`.
pub(super) async fn no_longer_than<T>(
    until: Option<Instant>,
    mut pending: Unfinished<T>,
) -> Result<T, Unfinished<T>> {
    match until {
        Some(until) => timeout_at(until, &mut pending).await.map_err(|_| pending),
        None => Ok(pending.await),
    }
}
