//! Rate limits that stores keep. With several nodes a limit is a column of a row that is locked anyway, so it holds over all
//! nodes.

use std::collections::HashMap;
use std::time::Duration;

use wigwag_protocol::{GroupId, UserId};
use wigwag_session::rates::Pace;

/// Whose commands are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Paced<'a> {
    /// The commands of a user that draw on [`Allowance::Commands`](wigwag_session::rates::Allowance).
    User(&'a UserId),
    /// Messages and invitations that are started in a group.
    Group(&'a GroupId),
}

/// Where a store keeps paces.
pub(crate) trait Paces {
    /// The pace to keep, and when (µs) everything admitted so far is over at that pace. `None`: not limited here.
    fn pace(&self, of: Paced<'_>) -> Option<(Pace, u64)>;

    /// Keeps when everything admitted so far is over, µs.
    fn set(&mut self, of: Paced<'_>, until: u64);
}

/// Counts a command that came at `now` (server time in µs), or refuses it with the time to wait.
pub(crate) fn admit(paces: &mut impl Paces, of: Paced<'_>, now: u64) -> Result<(), Duration> {
    if let Some((pace, until)) = paces.pace(of) {
        paces.set(of, pace.admit(until, now)?);
    }
    Ok(())
}

/// The paces of groups, kept in memory: for a store that no other node writes to. Such a node limits users before their
/// commands reach the store.
#[derive(Debug)]
pub(crate) struct GroupPaces {
    pace: Pace,
    until: HashMap<GroupId, u64>,
}

impl GroupPaces {
    /// The same pace for every group.
    pub(crate) fn new(pace: Pace) -> Self {
        Self { pace, until: HashMap::new() }
    }

    /// Forgets groups that have been quiet. They count from zero again, which is where they are.
    pub(crate) fn forget_quiet(&mut self, now: u64) {
        self.until.retain(|_, until| *until > now);
    }

    /// Forgets all of them, after a commit failed.
    pub(crate) fn forget(&mut self) {
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
    use std::num::NonZeroU32;

    use super::*;

    #[test]
    fn each_group_has_a_pace_of_its_own() {
        let two = NonZeroU32::new(2).unwrap();
        let mut paces = GroupPaces::new(Pace::new(two, two));
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
