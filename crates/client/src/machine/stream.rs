//! Where a cursor stands against the last one: the one rule that keeps a stream free of gaps and repeats.

/// What to do with something that carries a cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// It follows directly: take it and move on to its cursor.
    Next,
    /// It was taken before: a duplicate, or the repeated reply of an idempotent command.
    Old,
    /// Something in between is missing: reconnect and resume.
    Gap,
}

/// Places `cursor` after `last`. `after` is given while catching up: what lies between it and `cursor` is folded away.
pub(super) fn place(last: u64, cursor: u64, after: Option<u64>) -> Place {
    let follows = after.unwrap_or(cursor.saturating_sub(1));
    if cursor <= last {
        Place::Old
    } else if follows <= last {
        Place::Next
    } else {
        Place::Gap
    }
}

/// When to tell the server how far the app has come.
#[derive(Debug)]
pub(super) struct Acks {
    taken: u64,
    acked: u64,
    acked_at: u64,
    /// The newest ring: the server wakes devices by a push unless one acknowledges it within three seconds.
    rang: u64,
}

impl Acks {
    /// Longest delay of an ack, ms: short enough that an operator sees the truth, long enough to cost nothing.
    const EVERY_MS: u64 = 5_000;
    /// Most events left without an ack.
    const EVERY_EVENTS: u64 = 100;

    /// A session opened at `cursor`, which tells the server as much as an ack does.
    pub(super) fn opened(cursor: u64, now: u64) -> Self {
        Self { taken: cursor, acked: cursor, acked_at: now, rang: 0 }
    }

    pub(super) fn took(&mut self, cursor: u64) {
        self.taken = cursor;
    }

    /// The event at this cursor rings: it is acknowledged as soon as the app has taken it.
    pub(super) fn rings(&mut self, cursor: u64) {
        self.rang = cursor;
    }

    /// When the next ack is due; `None` when there is nothing to tell.
    pub(super) fn due_at(&self) -> Option<u64> {
        let news = self.taken.saturating_sub(self.acked);
        if (self.acked + 1..=self.taken).contains(&self.rang) {
            return Some(self.acked_at);
        }
        match news {
            0 => None,
            Self::EVERY_EVENTS.. => Some(self.acked_at),
            _ => Some(self.acked_at + Self::EVERY_MS),
        }
    }

    /// The cursor to tell now.
    pub(super) fn tell(&mut self, now: u64) -> u64 {
        self.acked = self.taken;
        self.acked_at = now;
        self.taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursors_are_placed() {
        let table = [
            (5, 6, None, Place::Next),
            (5, 5, None, Place::Old),
            (5, 2, None, Place::Old),
            (5, 7, None, Place::Gap),
            (5, 9, Some(5), Place::Next),
            (5, 9, Some(3), Place::Next),
            (5, 9, Some(6), Place::Gap),
            (5, 4, Some(2), Place::Old),
            (0, 1, None, Place::Next),
            (0, 0, None, Place::Old),
        ];
        for (last, cursor, after, expected) in table {
            assert_eq!(place(last, cursor, after), expected, "{cursor} (after {after:?}) behind {last}");
        }
    }

    #[test]
    fn a_ring_is_acknowledged_at_once() {
        let mut acks = Acks::opened(10, 1_000);
        acks.took(11);
        acks.rings(12);
        assert_eq!(acks.due_at(), Some(6_000), "the app has not taken it");
        acks.took(12);
        assert_eq!((acks.due_at(), acks.tell(1_200)), (Some(1_000), 12));
        acks.took(13);
        assert_eq!(acks.due_at(), Some(6_200));
    }

    #[test]
    fn acks_are_rare_but_not_forgotten() {
        let mut acks = Acks::opened(10, 1_000);
        assert_eq!(acks.due_at(), None);
        acks.took(11);
        assert_eq!(acks.due_at(), Some(6_000));
        assert_eq!(acks.tell(6_000), 11);
        acks.took(111);
        assert_eq!(acks.due_at(), Some(6_000));
        assert_eq!(acks.tell(6_001), 111);
        assert_eq!(acks.due_at(), None);
    }
}
