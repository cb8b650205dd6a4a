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
/// What a look at the store gets at least, even if a request that waits for its end has to be answered sooner: a store that has just come
/// back answers in this time. Clients are promised an answer within five seconds.
const LEAST: Duration = Duration::from_millis(400);

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

    /// Until when the driver may look into the store for something else than a request: the one that is under way since then, or else the
    /// oldest one here, waits for it.
    pub(super) fn answered_by(&self, under_way: Option<Instant>) -> Instant {
        let now = Instant::now();
        let oldest = under_way.or_else(|| self.requests.front().map(|waiting| waiting.heard_at));
        (oldest.unwrap_or(now) + ANSWERED_WITHIN).max(now + LEAST)
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

#[cfg(test)]
mod tests {
    use prometheus_client::metrics::gauge::Gauge;

    use super::*;
    use crate::router::backlog::{Backlog, Budget};

    fn ahead() -> Ahead {
        let budget = Budget::new(MOST_BYTES, Gauge::default());
        Ahead::counted_in(Backlog::new(MOST_BYTES, budget).hold())
    }

    #[tokio::test(start_paused = true)]
    async fn a_look_lasts_as_long_as_the_oldest_request_may_wait() {
        let (begun, seconds) = (Instant::now(), Duration::from_secs);
        let mut ahead = ahead();
        assert_eq!(ahead.answered_by(None), begun + ANSWERED_WITHIN, "nobody waits");
        ahead.put("first".into());
        tokio::time::advance(seconds(1)).await;
        ahead.put("second".into());
        assert_eq!(ahead.answered_by(None), begun + ANSWERED_WITHIN, "the first waits since then");
        let under_way = begun.checked_sub(seconds(2));
        assert_eq!(
            ahead.answered_by(under_way),
            begun + ANSWERED_WITHIN - seconds(2),
            "an older one is under way"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_store_that_has_just_come_back_is_asked_all_the_same() {
        let begun = Instant::now();
        let ahead = ahead();
        for (waited, left) in [(4_099, 401), (4_100, 400), (4_500, 400), (9_000, 400)] {
            let under_way = begun.checked_sub(Duration::from_millis(waited));
            let until = ahead.answered_by(under_way);
            assert_eq!(until, begun + Duration::from_millis(left), "after {waited} ms");
        }
    }
}
