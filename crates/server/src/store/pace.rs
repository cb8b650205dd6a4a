//! Rate limits that stores keep: with several nodes in a row that is locked anyway, so that they hold over all of them.
//!
//! The generic cell rate algorithm: each command takes its share of time, and who is further ahead of the clock than the
//! burst allows has to wait. What is kept is the time at which everything given so far would be over at the allowed rate.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::time::Duration;

use wigwag_protocol::GroupId;

/// How fast commands may come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// Microseconds each command takes.
    share: u64,
    /// Microseconds one may be ahead.
    ahead: u64,
}

impl Pace {
    /// So many a second, and so many at once.
    pub fn new(per_second: NonZeroU32, burst: NonZeroU32) -> Self {
        let share = 1_000_000 / u64::from(per_second.get());
        Self { share, ahead: share * (u64::from(burst.get()) - 1) }
    }

    /// One more at once, so that rounding never refuses what a limiter with a finer clock has let pass.
    #[must_use]
    pub fn and_one(self) -> Self {
        Self { ahead: self.ahead + self.share, ..self }
    }

    /// A command at `now` (microseconds) after all that are over at `until`. Returns when they are over with it, or how
    /// long to wait.
    pub fn admit(&self, until: u64, now: u64) -> Result<u64, Duration> {
        match until.saturating_sub(now).checked_sub(self.ahead + 1) {
            None => Ok(until.max(now) + self.share),
            Some(early) => Err(Duration::from_micros(early + 1)),
        }
    }
}

/// The paces of groups, kept in memory: for a store that no other node writes to.
#[derive(Debug, Default)]
pub(super) struct GroupPaces(HashMap<GroupId, u64>);

impl GroupPaces {
    /// Counts something said in a group at `now` (microseconds), or refuses it with the time to wait.
    pub(super) fn admit(&mut self, pace: Pace, group: &GroupId, now: u64) -> Result<(), Duration> {
        if let Some(until) = self.0.get_mut(group) {
            *until = pace.admit(*until, now)?;
        } else {
            self.0.insert(group.clone(), pace.admit(0, now)?);
        }
        Ok(())
    }

    /// Groups that have been quiet; forgetting them is the same as remembering.
    pub(super) fn forget_quiet(&mut self, now: u64) {
        self.0.retain(|_, until| *until > now);
    }

    pub(super) fn forget(&mut self) {
        self.0.clear();
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
    fn a_quiet_time_gives_the_burst_back_and_no_more() {
        let pace = pace(10, 2);
        let mut until = pace.admit(0, 5_000_000).unwrap();
        until = pace.admit(until, 90_000_000).unwrap();
        assert_eq!(until, 90_100_000);
    }

    #[test]
    fn each_group_has_a_pace_of_its_own() {
        let (pace, mut paces) = (pace(2, 2), GroupPaces::default());
        let [busy, other] = ["busy", "other"].map(|name| GroupId::parse(name).unwrap());
        paces.admit(pace, &busy, 1_000_000).unwrap();
        paces.admit(pace, &busy, 1_000_000).unwrap();
        assert_eq!(paces.admit(pace, &busy, 1_000_000), Err(Duration::from_millis(500)));
        paces.admit(pace, &other, 1_000_000).unwrap();
        paces.forget_quiet(1_500_000);
        assert_eq!(paces.0.keys().collect::<Vec<_>>(), [&busy]);
    }
}
