//! Rate limits that hold over all nodes: a number in a row that is locked anyway.
//!
//! The generic cell rate algorithm, as the limiter in memory uses it: each command takes its share of time, and who is
//! further ahead of the clock than the burst allows has to wait. What is kept is the time at which everything given so
//! far would be over at the allowed rate.

use std::num::NonZeroU32;
use std::time::Duration;

/// How fast commands may come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// Microseconds each command takes.
    share: u64,
    /// Microseconds one may be ahead.
    ahead: u64,
}

impl Pace {
    /// So many a second, and so many at once. Each node checks the same in memory first, with a finer clock; one share is
    /// allowed more here, so that rounding never refuses what passed there.
    pub fn new(per_second: NonZeroU32, burst: NonZeroU32) -> Self {
        let share = 1_000_000 / u64::from(per_second.get());
        Self { share, ahead: share * u64::from(burst.get()) }
    }

    /// A command at `now` (microseconds) after all that are over at `until`. Returns when they are over with it, or how
    /// long to wait.
    pub(super) fn admit(&self, until: u64, now: u64) -> Result<u64, Duration> {
        match until.saturating_sub(now).checked_sub(self.ahead + 1) {
            None => Ok(until.max(now) + self.share),
            Some(early) => Err(Duration::from_micros(early + 1)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pace(per_second: u32, burst: u32) -> Pace {
        Pace::new(NonZeroU32::new(per_second).unwrap(), NonZeroU32::new(burst).unwrap())
    }

    #[test]
    fn a_burst_passes_then_the_rate_holds() {
        let pace = pace(20, 40);
        let mut until = 0;
        let start = 1_000_000_000;
        for _ in 0..41 {
            until = pace.admit(until, start).unwrap();
        }
        let wait = pace.admit(until, start).unwrap_err();
        assert_eq!(wait, Duration::from_millis(50));
        let later = start + 50_000;
        until = pace.admit(until, later).unwrap();
        pace.admit(until, later).unwrap_err();
    }

    #[test]
    fn a_quiet_time_gives_the_burst_back_and_no_more() {
        let pace = pace(10, 2);
        let mut until = pace.admit(0, 5_000_000).unwrap();
        until = pace.admit(until, 90_000_000).unwrap();
        assert_eq!(until, 90_100_000);
    }
}
