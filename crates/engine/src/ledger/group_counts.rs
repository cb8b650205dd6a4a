//! How many groups users are in.
//!
//! Whoever adds somebody to a group asks for their count; whoever removes them, or dismisses a group of thousands, does not. A request of
//! the same batch that asks for it later then counts the group still. None of the two could tell which came first, so that is one of
//! the orders that they may have; but the count must not outlive the batch.

use wigwag_protocol::UserId;

use super::{Key, Ledger, found};
use crate::Stop;

impl Ledger {
    /// How many groups `user` is in.
    pub fn group_count(&self, user: &UserId) -> Result<usize, Stop> {
        found(&self.group_counts, user, || Key::GroupCount(user.clone())).copied()
    }

    /// Stops unless the counts of all these users are loaded.
    pub fn have_group_counts<'a>(&self, users: impl Iterator<Item = &'a UserId>) -> Result<(), Stop> {
        let unknown = users.filter(|user| !self.group_counts.contains_key(*user));
        let missing: Vec<Key> = unknown.cloned().map(Key::GroupCount).collect();
        if missing.is_empty() { Ok(()) } else { Err(Stop::Missing(missing)) }
    }

    pub(super) fn came_to_group<'a>(&mut self, users: impl IntoIterator<Item = &'a UserId>) {
        for user in users {
            if let Some(count) = self.group_counts.get_mut(user) {
                *count += 1;
            }
        }
    }

    pub(super) fn left_group<'a>(&mut self, users: impl IntoIterator<Item = &'a UserId>) {
        for user in users {
            if let Some(count) = self.group_counts.get_mut(user) {
                *count = count.saturating_sub(1);
            }
        }
    }
}
