//! One allowance in memory.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use wigwag_session::rates::Pace;

/// How much of one allowance is used. Eight bytes, and no lock.
#[derive(Debug, Default)]
pub struct Bucket {
    /// When everything admitted so far is over, µs.
    until: AtomicU64,
}

impl Bucket {
    /// Takes one request at `now` (ms), or gives the time after which there is room for one.
    pub fn take(&self, pace: Pace, now: u64) -> Result<(), Duration> {
        self.take_some(pace, 1, now)
    }

    /// The same for several, all or none.
    pub fn take_some(&self, pace: Pace, several: u32, now: u64) -> Result<(), Duration> {
        let now = now.saturating_mul(1_000);
        let mut until = self.until.load(Ordering::Relaxed);
        loop {
            let next = pace.admit_some(several, until, now)?;
            match self.until.compare_exchange_weak(until, next, Ordering::Relaxed, Ordering::Relaxed) {
                Ok(_) => return Ok(()),
                Err(meanwhile) => until = meanwhile,
            }
        }
    }

    /// Whether nothing of it is used at `now` (ms).
    pub fn is_full(&self, now: u64) -> bool {
        self.until.load(Ordering::Relaxed) <= now.saturating_mul(1_000)
    }
}
