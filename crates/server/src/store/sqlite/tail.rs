//! The tail of the journal: places of events that are in `events` but not yet in `streams` and `messages`; and calls that are in
//! `calls` but not yet in `call_lists`.
//!
//! Readers look here first and into the tables second, so they may see an entry twice but never miss one.

use std::collections::{HashMap, VecDeque};

use super::recent::{Recent, is_unread};

/// A place: a cursor in a stream or a seq in a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TailEntry {
    /// Cursor or seq; in lists of calls, when the call began.
    pub(super) position: u64,
    /// Row of `events`; in lists of calls, of `calls`.
    pub(super) event: i64,
    /// Row of the sender; 0 elsewhere than in histories.
    pub(super) sender: i64,
    /// See [`COUNTED`] and [`SHOWN_LAST`]; 0 elsewhere than in histories.
    pub(super) flags: u8,
}

/// The message counts as unread.
pub(super) const COUNTED: u8 = 1;
/// The message may be shown as the conversation's last.
pub(super) const SHOWN_LAST: u8 = 2;

/// Entries by owner (a row of `users` or `conversations`).
#[derive(Debug, Default)]
pub(super) struct Tail {
    owners: HashMap<i64, VecDeque<TailEntry>>,
    /// Owners in the order of their oldest entry.
    order: VecDeque<i64>,
    len: usize,
}

impl Tail {
    pub(super) fn push(&mut self, owner: i64, entry: TailEntry) {
        let entries = self.owners.entry(owner).or_default();
        if entries.is_empty() {
            self.order.push_back(owner);
        }
        entries.push_back(entry);
        self.len += 1;
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// The newest position of an owner.
    pub(super) fn newest(&self, owner: i64) -> Option<u64> {
        self.owners.get(&owner).and_then(VecDeque::back).map(|entry| entry.position)
    }

    /// An owner's entries, oldest first.
    pub(super) fn entries(&self, owner: i64) -> impl DoubleEndedIterator<Item = &TailEntry> {
        self.owners.get(&owner).into_iter().flatten()
    }

    /// The owners to be written next, oldest first, until at least `rows` entries are together.
    pub(super) fn oldest(&self, rows: usize) -> Vec<i64> {
        let mut together = 0;
        let due = self.order.iter().take_while(|owner| {
            let enough = together >= rows;
            together += self.owners.get(*owner).map_or(0, VecDeque::len);
            !enough
        });
        due.copied().collect()
    }

    /// Forgets all entries of these owners, which must be the first of [`Tail::oldest`].
    pub(super) fn forget(&mut self, owners: &[i64]) {
        for owner in owners {
            let entries = self.owners.remove(owner).unwrap_or_default();
            self.len -= entries.len();
        }
        self.order.drain(..owners.len());
    }

    /// The oldest event that has an entry here, leaving out the first `skip` owners.
    pub(super) fn oldest_event(&self, skip: usize) -> Option<i64> {
        // Owners stand in the order of their oldest entry, so the first one has the oldest of all.
        self.order
            .get(skip)
            .and_then(|owner| self.owners.get(owner))
            .and_then(VecDeque::front)
            .map(|entry| entry.event)
    }
}

/// The tails of the index tables.
#[derive(Debug, Default)]
pub(super) struct Tails {
    /// Places in streams, by user.
    pub(super) streams: Tail,
    /// Places in histories, by conversation.
    pub(super) messages: Tail,
    /// Calls, by user in whose list they are.
    pub(super) calls: Tail,
    /// What the messages add to users' lists of conversations.
    pub(super) recent: Recent,
    /// How often rows were merged, as the mark of that name in the database counts it.
    pub(super) merges: i64,
}

impl Tails {
    /// A message is in the tail from now on. `pair` is the users of a one-to-one conversation.
    pub(super) fn push_message(&mut self, conversation: i64, pair: Option<[i64; 2]>, entry: TailEntry) {
        if let Some(users) = pair {
            self.recent.said(conversation, users, &entry);
        }
        self.messages.push(conversation, entry);
    }

    /// The user has read the conversation up to `seq`.
    pub(super) fn read(&mut self, conversation: i64, user: i64, seq: u64) {
        let behind = self.messages.entries(conversation).rev().take_while(|entry| entry.position > seq);
        let unread = behind.filter(|entry| is_unread(entry, user)).count() as u64;
        self.recent.set_unread(conversation, user, unread);
    }

    /// The user has deleted the conversation up to `seq`.
    pub(super) fn deleted(&mut self, conversation: i64, user: i64, seq: u64) {
        if self.messages.newest(conversation).is_some_and(|newest| newest <= seq) {
            self.recent.hide(conversation, user);
        }
    }

    /// Forgets the messages of these conversations, which must be the first of [`Tail::oldest`].
    pub(super) fn forget_messages(&mut self, conversations: &[i64]) {
        self.messages.forget(conversations);
        self.recent.forget(conversations);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(position: u64, event: i64) -> TailEntry {
        TailEntry { position, event, sender: 0, flags: 0 }
    }

    #[test]
    fn owners_are_written_in_the_order_of_their_oldest_entry() {
        let mut tail = Tail::default();
        tail.push(7, entry(1, 10));
        tail.push(8, entry(1, 11));
        tail.push(7, entry(2, 12));
        assert_eq!(tail.oldest(1), [7]);
        assert_eq!(tail.oldest(3), [7, 8]);
        assert_eq!(tail.oldest_event(0), Some(10));
        assert_eq!(tail.oldest_event(1), Some(11));
        tail.forget(&[7]);
        assert_eq!(tail.len(), 1);
        assert_eq!(tail.newest(7), None);
        tail.push(7, entry(3, 13));
        assert_eq!(tail.oldest(9), [8, 7]);
    }
}
