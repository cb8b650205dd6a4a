//! A command that waits to be carried out.

use tokio::time::Instant;

use crate::store::Submission;

/// A command with the time it came.
#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) submission: Submission,
    /// Server time in ms.
    pub(super) came_at: u64,
    /// When nobody waits for it any more.
    pub(super) until: Instant,
}
