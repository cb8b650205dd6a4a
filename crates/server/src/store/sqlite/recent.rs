//! What the journal's tail adds to users' lists of conversations (docs/decisions/0014): the one-to-one conversations that have
//! messages in the tail, in the order of each user's list, and what is unread of those messages.

use std::collections::{BTreeSet, HashMap};

use super::tail::{COUNTED, TailEntry};

/// A place in a user's list: the newest message's event, and the conversation. A list goes from the greatest place down.
pub(super) type Place = (i64, i64);

/// The one-to-one conversations in the tail.
#[derive(Debug, Default)]
pub(super) struct Recent {
    pairs: HashMap<i64, Pair>,
    lists: HashMap<i64, List>,
}

/// A conversation of two users.
#[derive(Debug)]
struct Pair {
    newest: i64,
    sides: [Side; 2],
}

#[derive(Debug)]
struct Side {
    user: i64,
    /// Messages in the tail that are unread for this user.
    unread: u64,
}

/// A user's conversations among them.
#[derive(Debug, Default)]
struct List {
    places: BTreeSet<Place>,
    /// The sum over them.
    unread: u64,
}

impl Recent {
    /// A message is in the tail from now on, and unread.
    pub(super) fn said(&mut self, conversation: i64, users: [i64; 2], entry: &TailEntry) {
        let sides = users.map(|user| Side { user, unread: 0 });
        let pair = self.pairs.entry(conversation).or_insert(Pair { newest: 0, sides });
        let before = std::mem::replace(&mut pair.newest, entry.event);
        for side in &mut pair.sides {
            let list = self.lists.entry(side.user).or_default();
            list.places.remove(&(before, conversation));
            list.places.insert((entry.event, conversation));
            if is_unread(entry, side.user) {
                side.unread += 1;
                list.unread += 1;
            }
        }
    }

    /// So many messages of the conversation in the tail are unread for the user from now on.
    pub(super) fn set_unread(&mut self, conversation: i64, user: i64, unread: u64) {
        let sides = self.pairs.get_mut(&conversation).into_iter().flat_map(|pair| &mut pair.sides);
        for side in sides.filter(|side| side.user == user) {
            let before = std::mem::replace(&mut side.unread, unread);
            if let Some(list) = self.lists.get_mut(&user) {
                list.unread = list.unread - before + unread;
            }
        }
    }

    /// The user has deleted the conversation up to its newest message: it is in their list again when something is said.
    pub(super) fn hide(&mut self, conversation: i64, user: i64) {
        if let Some(pair) = self.pairs.get(&conversation)
            && let Some(list) = self.lists.get_mut(&user)
        {
            list.places.remove(&(pair.newest, conversation));
        }
    }

    /// These conversations have no messages in the tail any more.
    pub(super) fn forget(&mut self, conversations: &[i64]) {
        for conversation in conversations {
            let Some(pair) = self.pairs.remove(conversation) else { continue };
            for side in pair.sides {
                let Some(list) = self.lists.get_mut(&side.user) else { continue };
                list.places.remove(&(pair.newest, *conversation));
                list.unread -= side.unread;
                // What is hidden has no place and nothing unread, so a list without places has nothing left to add.
                if list.places.is_empty() {
                    self.lists.remove(&side.user);
                }
            }
        }
    }

    /// The two users of a one-to-one conversation with messages in the tail.
    pub(super) fn users(&self, conversation: i64) -> Option<[i64; 2]> {
        self.pairs.get(&conversation).map(|pair| [pair.sides[0].user, pair.sides[1].user])
    }

    /// All of them, with their users.
    pub(super) fn all(&self) -> impl Iterator<Item = (i64, [i64; 2])> {
        self.pairs
            .iter()
            .map(|(conversation, pair)| (*conversation, [pair.sides[0].user, pair.sides[1].user]))
    }

    /// The user's conversations behind a place of their list, from the front on.
    pub(super) fn behind(&self, user: i64, place: Place) -> impl Iterator<Item = Place> {
        self.lists.get(&user).into_iter().flat_map(move |list| list.places.range(..place).rev().copied())
    }

    /// Messages in the tail that are unread for the user, in all of their one-to-one conversations.
    pub(super) fn unread(&self, user: i64) -> u64 {
        self.lists.get(&user).map_or(0, |list| list.unread)
    }
}

/// Whether a message counts as unread for a user who has not read so far.
pub(super) fn is_unread(entry: &TailEntry, user: i64) -> bool {
    entry.sender != user && entry.flags & COUNTED != 0
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALICE: i64 = 1;
    const BOB: i64 = 2;
    const CAROL: i64 = 3;
    const FRONT: Place = (i64::MAX, i64::MAX);

    fn message(event: i64, sender: i64) -> TailEntry {
        TailEntry { position: event.unsigned_abs(), event, sender, flags: COUNTED }
    }

    #[test]
    fn a_list_is_in_the_order_of_the_newest_messages_and_forgets_what_is_merged() {
        let mut recent = Recent::default();
        recent.said(10, [ALICE, BOB], &message(1, ALICE));
        recent.said(11, [ALICE, CAROL], &message(2, CAROL));
        recent.said(10, [ALICE, BOB], &message(3, BOB));
        let list = |recent: &Recent, place| recent.behind(ALICE, place).collect::<Vec<_>>();
        assert_eq!(list(&recent, FRONT), [(3, 10), (2, 11)]);
        assert_eq!(list(&recent, (3, 10)), [(2, 11)]);
        assert_eq!([ALICE, BOB, CAROL].map(|user| recent.unread(user)), [2, 1, 0]);
        recent.set_unread(10, ALICE, 0);
        assert_eq!(recent.unread(ALICE), 1);
        recent.forget(&[11, 12]);
        assert_eq!((list(&recent, FRONT), recent.unread(ALICE)), (vec![(3, 10)], 0));
        recent.forget(&[10]);
        assert!(recent.lists.is_empty() && recent.pairs.is_empty());
    }

    #[test]
    fn what_is_hidden_comes_back_with_the_next_message_and_for_its_user_alone() {
        let mut recent = Recent::default();
        recent.said(10, [ALICE, BOB], &message(1, BOB));
        recent.set_unread(10, ALICE, 0);
        recent.hide(10, ALICE);
        let list = |recent: &Recent, user| recent.behind(user, FRONT).collect::<Vec<_>>();
        assert_eq!((list(&recent, ALICE), list(&recent, BOB)), (vec![], vec![(1, 10)]));
        recent.said(10, [ALICE, BOB], &message(2, BOB));
        assert_eq!((list(&recent, ALICE), recent.unread(ALICE)), (vec![(2, 10)], 1));
        recent.set_unread(10, ALICE, 0);
        recent.hide(10, ALICE);
        recent.forget(&[10]);
        assert!(recent.lists.is_empty() && recent.pairs.is_empty());
    }
}
