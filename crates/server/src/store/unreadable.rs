//! Rows that cannot be read although their database is sound. What is asked for is answered without them: one bad row must
//! not keep a user from everything else. Each is named in the log and counted.

use std::fmt;
use std::time::{Duration, Instant};

use wigwag_protocol::UserId;

use super::{StoreError, StoredEvent, StreamPage};
use crate::telemetry::{Metrics, Throttle};

/// An event of a stream that cannot be read.
pub(super) struct UnreadableEvent<'a> {
    pub(super) user: &'a UserId,
    pub(super) cursor: u64,
    /// Its id in the store.
    pub(super) event: &'a dyn fmt::Debug,
    pub(super) why: &'a dyn fmt::Display,
}

impl UnreadableEvent<'_> {
    /// The page that ends before it. When nothing is before it, the stream is broken there: see
    /// [`StoreError::BrokenStream`].
    pub(super) fn ends(&self, before: Vec<StoredEvent>, metrics: &Metrics) -> Result<StreamPage, StoreError> {
        if !before.is_empty() {
            return Ok(StreamPage { events: before, through: self.cursor - 1, complete: false });
        }
        let Self { user, cursor, event, why } = self;
        tracing::error!(
            %user, cursor, ?event, error = %why,
            "an event cannot be read; devices that lack it start again from what is open (resync). \"wigwag check\" says more"
        );
        metrics.unreadable_rows.inc();
        Err(StoreError::BrokenStream { cursor: self.cursor })
    }
}

/// A row that an answer leaves out: what it is and its key. Clients may ask for the same row again and again, so the log has one
/// line a second, with the number of times it stands for.
pub(super) fn left_out(what: &str, key: &dyn fmt::Debug, why: &dyn fmt::Display, metrics: &Metrics) {
    static LINES: Throttle = Throttle::every(Duration::from_secs(1));
    metrics.unreadable_rows.inc();
    if let Some(times) = LINES.pass(1, Instant::now()) {
        tracing::error!(row = ?key, error = %why, times, "{what} cannot be read and is left out. \"wigwag check\" names every such row");
    }
}
