//! Rate limits that stores keep. With several nodes a limit is a column of a row that is locked anyway, so it holds over all
//! nodes.
//!
//! The algorithm is the generic cell rate algorithm (GCRA). Each command takes its share of time; a command that would be
//! further ahead of the clock than the burst allows has to wait. The one number kept is the time at which everything admitted
//! so far would be over at the allowed rate.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::time::Duration;

use wigwag_protocol::{GroupId, UserId};

/// How fast commands may come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// Microseconds each command takes.
    share: u64,
    /// Microseconds that commands may be ahead of the clock.
    ahead: u64,
}

impl Pace {
    /// A limit of `per_second` commands, and of `burst` at once.
    pub fn new(per_second: NonZeroU32, burst: NonZeroU32) -> Self {
        let share = 1_000_000 / u64::from(per_second.get());
        Self { share, ahead: share * (u64::from(burst.get()) - 1) }
    }

    /// The same limit with one more at once, so that rounding never refuses a command that a limiter with a finer clock has
    /// admitted.
    #[must_use]
    pub fn and_one(self) -> Self {
        Self { ahead: self.ahead + self.share, ..self }
    }

    /// Admits a command at `now` when those before are over at `until` (both µs). Returns when it is over, or how long to
    /// wait.
    pub fn admit(&self, until: u64, now: u64) -> Result<u64, Duration> {
        match until.saturating_sub(now).checked_sub(self.ahead + 1) {
            None => Ok(until.max(now) + self.share),
            Some(early) => Err(Duration::from_micros(early + 1)),
        }
    }
}

/// Whose commands are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Paced<'a> {
    /// All commands of a user.
    User(&'a UserId),
    /// Messages and invitations that are started in a group.
    Group(&'a GroupId),
}

/// Where a store keeps paces.
pub(super) trait Paces {
    /// The pace to keep, and when (µs) everything admitted so far is over at that pace. `None`: not limited here.
    fn pace(&self, of: Paced<'_>) -> Option<(Pace, u64)>;

    /// Keeps when everything admitted so far is over, µs.
    fn set(&mut self, of: Paced<'_>, until: u64);
}

/// Counts a command that came at `now` (server time in µs), or refuses it with the time to wait.
pub(super) fn admit(paces: &mut impl Paces, of: Paced<'_>, now: u64) -> Result<(), Duration> {
    if let Some((pace, until)) = paces.pace(of) {
        paces.set(of, pace.admit(until, now)?);
    }
    Ok(())
}

/// The paces of groups, kept in memory: for a store that no other node writes to. Such a node limits users before their
/// commands reach the store.
#[derive(Debug)]
pub(super) struct GroupPaces {
    pace: Pace,
    until: HashMap<GroupId, u64>,
}

impl GroupPaces {
    /// The same pace for every group.
    pub(super) fn new(pace: Pace) -> Self {
        Self { pace, until: HashMap::new() }
    }

    /// Forgets groups that have been quiet. They count from zero again, which is where they are.
    pub(super) fn forget_quiet(&mut self, now: u64) {
        self.until.retain(|_, until| *until > now);
    }

    /// Forgets all of them, after a commit failed.
    pub(super) fn forget(&mut self) {
        self.until.clear();
    }
}

impl Paces for GroupPaces {
    fn pace(&self, of: Paced<'_>) -> Option<(Pace, u64)> {
        match of {
            Paced::User(_) => None,
            Paced::Group(group) => Some((self.pace, self.until.get(group).copied().unwrap_or(0))),
        }
    }

    fn set(&mut self, of: Paced<'_>, until: u64) {
        match of {
            Paced::User(_) => {}
            Paced::Group(group) => {
                self.until.insert(group.clone(), until);
            }
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
    fn a_quiet_time_gives_the_burst_back_and_no_more() {
        let pace = pace(10, 2);
        let mut until = pace.admit(0, 5_000_000).unwrap();
        until = pace.admit(until, 90_000_000).unwrap();
        assert_eq!(until, 90_100_000);
    }

    #[test]
    fn each_group_has_a_pace_of_its_own() {
        let mut paces = GroupPaces::new(pace(2, 2));
        let [busy, other] = ["busy", "other"].map(|name| GroupId::parse(name).unwrap());
        let mut says = |group, now| admit(&mut paces, Paced::Group(group), now);
        says(&busy, 1_000_000).unwrap();
        says(&busy, 1_000_000).unwrap();
        assert_eq!(says(&busy, 1_000_000), Err(Duration::from_millis(500)));
        says(&other, 1_000_000).unwrap();
        paces.forget_quiet(1_500_000);
        assert_eq!(paces.until.keys().collect::<Vec<_>>(), [&busy]);
    }
}
