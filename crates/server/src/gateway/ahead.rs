//! Requests that are heard while another one of the same device is under way, so that it is known since when each of them waits.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;
use tungstenite::Utf8Bytes;

use crate::router::backlog::Held;

/// Requests that are heard ahead: a client that sends more at once has them wait in the kernel.
const MOST: usize = 16;
/// Bytes of requests after which no more are heard ahead.
const MOST_BYTES: usize = 64 * 1024;
/// A request is answered within this from when it came, as commands are (`store/postgres/write/writer.rs`).
pub(super) const ANSWERED_WITHIN: Duration = Duration::from_millis(4_500);

/// Requests that wait, in their order. They count in the device's backlog.
pub(super) struct Ahead {
    requests: VecDeque<Waiting>,
    bytes: usize,
    held: Held,
}

/// A request that waits.
pub(super) struct Waiting {
    pub(super) heard_at: Instant,
    pub(super) text: Utf8Bytes,
}

impl Ahead {
    pub(super) fn counted_in(held: Held) -> Self {
        Self { requests: VecDeque::new(), bytes: 0, held }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.requests.is_empty()
    }

    pub(super) fn has_room(&self) -> bool {
        self.requests.len() < MOST && self.bytes < MOST_BYTES
    }

    /// A request has come now.
    pub(super) fn put(&mut self, text: Utf8Bytes) {
        self.bytes += text.len();
        self.held.set(self.bytes);
        self.requests.push_back(Waiting { heard_at: Instant::now(), text });
    }

    /// The next request.
    pub(super) fn take(&mut self) -> Option<Waiting> {
        let next = self.requests.pop_front()?;
        self.bytes -= next.text.len();
        self.held.set(self.bytes);
        Some(next)
    }
}
