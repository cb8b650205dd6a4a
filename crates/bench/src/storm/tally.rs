//! What one device must hear, and what it heard, by cursor and by inviteID.

use crate::wire::Told;

/// The account of one device.
#[derive(Debug)]
pub(super) struct Tally {
    cursor: u64,
    invite_ids: Vec<String>,
    heard: Vec<bool>,
    repeated: u32,
    gaps: u32,
    caught_up: bool,
}

impl Tally {
    /// A device that went away at this cursor.
    pub(super) fn new(cursor: u64) -> Self {
        let (invite_ids, heard) = (Vec::new(), Vec::new());
        Self { cursor, invite_ids, heard, repeated: 0, gaps: 0, caught_up: false }
    }

    /// It is invited while away.
    pub(super) fn expect(&mut self, invite_id: &str) {
        self.invite_ids.push(invite_id.to_owned());
        self.heard.push(false);
    }

    /// Its session is open again; with nothing to read it has caught up.
    pub(super) fn opened(&mut self, head: u64) {
        self.caught_up |= head <= self.cursor;
    }

    /// An event came.
    pub(super) fn event(&mut self, told: &Told<'_>) {
        let cursor = told.cursor.unwrap_or_default();
        let place = self.invite_ids.iter().position(|id| Some(id.as_str()) == told.invite_id);
        let again = place.is_some_and(|place| std::mem::replace(&mut self.heard[place], true));
        if cursor <= self.cursor || again {
            self.repeated += 1;
        } else if told.after.unwrap_or(cursor - 1) != self.cursor {
            self.gaps += 1;
        }
        self.cursor = self.cursor.max(cursor);
    }

    /// Everything it missed has been sent, up to this cursor.
    pub(super) fn caught_up(&mut self, cursor: u64) {
        if cursor != self.cursor {
            self.gaps += 1;
        }
        self.caught_up = true;
    }

    /// Up to where it has read.
    pub(super) fn cursor(&self) -> u64 {
        self.cursor
    }

    pub(super) fn is_caught_up(&self) -> bool {
        self.caught_up
    }

    pub(super) fn expected(&self) -> u32 {
        u32::try_from(self.heard.len()).unwrap_or(u32::MAX)
    }

    /// Invitations it never heard of.
    pub(super) fn lost(&self) -> u32 {
        u32::try_from(self.heard.iter().filter(|heard| !**heard).count()).unwrap_or(u32::MAX)
    }

    /// Events with a cursor or an inviteID it had heard before.
    pub(super) fn repeated(&self) -> u32 {
        self.repeated
    }

    /// Events that do not follow the one before.
    pub(super) fn gaps(&self) -> u32 {
        self.gaps
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(cursor: u64, invite_id: &str) -> Told<'_> {
        Told { cursor: Some(cursor), invite_id: Some(invite_id), ..Told::default() }
    }

    fn away() -> Tally {
        let mut tally = Tally::new(4);
        for invite_id in ["a", "b", "c"] {
            tally.expect(invite_id);
        }
        tally
    }

    #[test]
    fn everything_once_and_in_order_is_well() {
        let mut tally = away();
        tally.opened(7);
        assert!(!tally.is_caught_up());
        for (cursor, invite_id) in [(5, "a"), (6, "b"), (7, "c")] {
            tally.event(&event(cursor, invite_id));
        }
        tally.caught_up(7);
        assert!(tally.is_caught_up());
        assert_eq!((tally.lost(), tally.repeated(), tally.gaps(), tally.cursor()), (0, 0, 0, 7));
    }

    #[test]
    fn what_is_left_out_is_lost_and_leaves_a_gap() {
        let mut tally = away();
        tally.event(&event(5, "a"));
        tally.event(&event(7, "c"));
        tally.caught_up(7);
        assert_eq!((tally.lost(), tally.repeated(), tally.gaps()), (1, 0, 1));
    }

    #[test]
    fn what_comes_again_is_counted_by_cursor_and_by_id() {
        let mut tally = away();
        tally.event(&event(5, "a"));
        tally.event(&event(5, "a"));
        tally.event(&event(6, "a"));
        assert_eq!((tally.lost(), tally.repeated()), (2, 2));
    }

    #[test]
    fn folded_places_are_no_gap() {
        let mut tally = away();
        tally.event(&Told { after: Some(4), ..event(7, "c") });
        assert_eq!(tally.gaps(), 0);
    }
}
