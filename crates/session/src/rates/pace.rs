//! The arithmetic of rates: the generic cell rate algorithm (GCRA).
//!
//! Each request takes its share of time; one that would be further ahead of the clock than the burst allows has to wait. The one
//! number kept is the time at which everything admitted so far would be over at the allowed rate. So it fits into an atomic, a
//! map or a column of a row, and a number that is not later than now means that nothing was used.

use std::num::NonZeroU32;
use std::time::Duration;

/// How fast requests may come. Times are in µs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// What each request takes.
    share: u64,
    /// What requests may be ahead of the clock.
    ahead: u64,
}

impl Pace {
    /// A limit of `per_second` requests, and of `burst` at once.
    pub const fn new(per_second: NonZeroU32, burst: NonZeroU32) -> Self {
        let share = 1_000_000 / per_second.get() as u64;
        Self { share, ahead: share * (burst.get() as u64 - 1) }
    }

    /// The same limit with one more at once, so that rounding never refuses a request that a limiter with a finer clock has
    /// admitted.
    #[must_use]
    pub fn and_one(self) -> Self {
        Self { ahead: self.ahead + self.share, ..self }
    }

    /// Admits a request at `now` when those before are over at `until`. Returns when it is over, or how long to wait.
    pub fn admit(&self, until: u64, now: u64) -> Result<u64, Duration> {
        self.admit_some(1, until, now)
    }

    /// The same for several requests, all or none; for as many as may be at once, when there are more.
    pub fn admit_some(&self, several: u32, until: u64, now: u64) -> Result<u64, Duration> {
        let others = (self.share * u64::from(several.saturating_sub(1))).min(self.ahead);
        match until.saturating_sub(now).checked_sub(self.ahead - others + 1) {
            None => Ok(until.max(now) + self.share + others),
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
        for _ in 0..40 {
            until = pace.admit(until, start).unwrap();
        }
        let wait = pace.admit(until, start).unwrap_err();
        assert_eq!(wait, Duration::from_millis(50));
        assert!(pace.and_one().admit(until, start).is_ok());
        let later = start + 50_000;
        until = pace.admit(until, later).unwrap();
        pace.admit(until, later).unwrap_err();
    }

    #[test]
    fn several_are_admitted_together_or_not_at_all() {
        let (pace, start) = (pace(20, 40), 1_000_000_000);
        let until = pace.admit_some(31, 0, start).unwrap();
        assert_eq!(pace.admit_some(10, until, start), Err(Duration::from_millis(50)));
        assert_eq!(pace.admit_some(9, until, start), Ok(start + 40 * 50_000));
        let all = pace.admit_some(1_000, 0, start).unwrap();
        assert_eq!(all, start + 40 * 50_000, "no more than may be at once, or it would wait for ever");
        assert_eq!(pace.admit_some(1_000, all, start), Err(Duration::from_secs(2)));
    }

    #[test]
    fn a_quiet_time_gives_the_burst_back_and_no_more() {
        let pace = pace(10, 2);
        let mut until = pace.admit(0, 5_000_000).unwrap();
        until = pace.admit(until, 90_000_000).unwrap();
        assert_eq!(until, 90_100_000);
    }
}
