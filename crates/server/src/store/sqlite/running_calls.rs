//! Who is in which running call, and which calls a group has running, in memory. An index on disk would dirty a random page
//! whenever somebody comes or goes. It is rebuilt at start from the running calls' records.

use std::collections::HashMap;

use wigwag_engine::Call;

use super::rows::NamedRows;
use crate::store::StoreError;

/// Rows of running calls.
#[derive(Debug, Default)]
pub(super) struct RunningCalls {
    /// By user: the call that they are in.
    with: HashMap<i64, i64>,
    /// By group, oldest first.
    groups: HashMap<i64, Vec<i64>>,
    /// By call of a group: its group, which may be dismissed by the time the call is taken out.
    group_of: HashMap<i64, i64>,
}

/// What happened to the index, by rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CallMove {
    /// A call of this group runs from now on.
    Begun { call: i64, group: i64 },
    /// The call has ended.
    Over { call: i64 },
    /// The user is in the call from now on.
    Entered { user: i64, call: i64 },
    /// The user is not in the call any more.
    Exited { user: i64, call: i64 },
}

impl RunningCalls {
    /// Takes a call in at start.
    pub(super) fn add(&mut self, call: &Call, row: i64, names: &impl NamedRows) -> Result<(), StoreError> {
        let group = call.group().map(|group| names.group(group)).transpose()?;
        if let Some(group) = group.flatten() {
            self.make(CallMove::Begun { call: row, group });
        }
        for user in names.users(call.joined())? {
            self.make(CallMove::Entered { user, call: row });
        }
        Ok(())
    }

    pub(super) fn make(&mut self, step: CallMove) {
        match step {
            CallMove::Begun { call, group } => {
                self.groups.entry(group).or_default().push(call);
                self.group_of.insert(call, group);
            }
            CallMove::Over { call } => {
                let Some(group) = self.group_of.remove(&call) else { return };
                let Some(running) = self.groups.get_mut(&group) else { return };
                running.retain(|other| *other != call);
                if running.is_empty() {
                    self.groups.remove(&group);
                }
            }
            CallMove::Entered { user, call } => {
                self.with.insert(user, call);
            }
            CallMove::Exited { user, call } => {
                if self.with.get(&user) == Some(&call) {
                    self.with.remove(&user);
                }
            }
        }
    }

    /// The call that the user is in.
    pub(super) fn with(&self, user: i64) -> Option<i64> {
        self.with.get(&user).copied()
    }

    /// The running calls of a group, oldest first.
    pub(super) fn of_group(&self, group: i64) -> &[i64] {
        self.groups.get(&group).map_or(&[], Vec::as_slice)
    }

    /// Everybody who is in a running call, in the order of their rows.
    pub(super) fn people(&self) -> Vec<i64> {
        let mut people: Vec<i64> = self.with.keys().copied().collect();
        people.sort_unstable();
        people
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_goes_on_to_another_call_stays_in_that_one() {
        let mut running = RunningCalls::default();
        for step in [
            CallMove::Entered { user: 1, call: 10 },
            CallMove::Entered { user: 1, call: 11 },
            CallMove::Exited { user: 1, call: 10 },
        ] {
            running.make(step);
        }
        assert_eq!(running.with(1), Some(11));
        running.make(CallMove::Exited { user: 1, call: 11 });
        assert_eq!((running.with(1), running.people()), (None, vec![]));
    }

    #[test]
    fn a_group_has_its_calls_until_each_is_over() {
        let mut running = RunningCalls::default();
        for call in [10, 11] {
            running.make(CallMove::Begun { call, group: 5 });
        }
        running.make(CallMove::Over { call: 10 });
        assert_eq!(running.of_group(5), [11]);
        running.make(CallMove::Over { call: 11 });
        running.make(CallMove::Over { call: 11 });
        assert!(running.of_group(5).is_empty() && running.groups.is_empty() && running.group_of.is_empty());
    }
}
