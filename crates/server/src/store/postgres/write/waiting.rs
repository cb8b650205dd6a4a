//! Commands that wait to be carried out, and what they may have to wait for.

use std::pin::Pin;

use tokio::time::{Instant, timeout_at};

use crate::store::Submission;

/// A command with the time it came.
#[derive(Debug)]
pub(crate) struct WaitingCommand {
    pub(crate) submission: Submission,
    /// Server time in ms.
    pub(crate) came_at: u64,
    /// When nobody waits for it any more.
    pub(crate) until: Instant,
}

/// Something that may take longer than a command may wait for it. It is not begun anew for every command: while they keep
/// coming, there is always one that may not wait any longer, and nothing would ever be finished.
pub(super) type Unfinished<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// Its outcome, or itself when there is none yet at `until`.
pub(super) async fn no_longer_than<T>(
    until: Option<Instant>,
    mut pending: Unfinished<T>,
) -> Result<T, Unfinished<T>> {
    match until {
        Some(until) => timeout_at(until, &mut pending).await.map_err(|_| pending),
        None => Ok(pending.await),
    }
}
