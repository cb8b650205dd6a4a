//! How a session reads its user's stream: in order, once, without gap (docs/protocol.md, "The stream").
//!
//! A session keeps one [`Position`] for as long as it lives. It begins at the cursor of the `session.open` reply.
//!
//! While it catches up, a session reads the stream from the store, page by page. For each event it calls
//! [`Position::send`], or [`Position::pass`] when the event is the ring of an invitation that is over for the user
//! ([`Invitation::is_over_for`](crate::Invitation::is_over_for)). At the end it calls [`Position::settle`]. Afterwards it
//! offers each live event to [`Position::offer`]; a [`Next::Gap`] means that an event did not arrive here, and that the
//! session has to catch up again.

/// What to do with a live event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// It follows directly.
    Send,
    /// It was dealt with before.
    Skip,
    /// Something before it has not arrived here: read the store from the position on.
    Gap,
}

/// How far a session has got with its stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// The newest cursor the device was told.
    told: u64,
    /// The newest cursor that was dealt with: told, or folded away.
    dealt: u64,
}

impl Position {
    /// Everything up to `cursor` is the device's already.
    pub fn at(cursor: u64) -> Self {
        Self { told: cursor, dealt: cursor }
    }

    /// The newest cursor that was dealt with.
    pub fn cursor(self) -> u64 {
        self.dealt
    }

    /// Decides about a live event, and moves on when it is to be sent.
    pub fn offer(&mut self, cursor: u64) -> Next {
        if cursor <= self.dealt {
            return Next::Skip;
        }
        if cursor > self.dealt + 1 {
            return Next::Gap;
        }
        *self = Self::at(cursor);
        Next::Send
    }

    /// While catching up: this one is sent. Returns the place it follows when that is not simply the one before.
    pub fn send(&mut self, cursor: u64) -> Option<u64> {
        let after = (cursor != self.told + 1).then_some(self.told);
        *self = Self::at(cursor);
        after
    }

    /// While catching up: everything up to `cursor` is folded away or gone.
    pub fn pass(&mut self, cursor: u64) {
        self.dealt = self.dealt.max(cursor);
    }

    /// The catching-up is over. Returns what the device has to be told when the last events were folded away.
    pub fn settle(&mut self) -> Option<u64> {
        let behind = self.told < self.dealt;
        self.told = self.dealt;
        behind.then_some(self.dealt)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn live_events_are_sent_once_and_in_order() {
        let mut position = Position::at(5);
        assert_eq!(position.offer(5), Next::Skip);
        assert_eq!(position.offer(6), Next::Send);
        assert_eq!(position.offer(6), Next::Skip);
        assert_eq!(position.offer(8), Next::Gap);
        assert_eq!(position.cursor(), 6);
    }

    #[test]
    fn what_is_folded_away_is_spanned_by_after_or_told_at_the_end() {
        let mut position = Position::at(6);
        position.pass(7);
        assert_eq!(position.send(8), Some(6));
        assert_eq!(position.send(9), None);
        assert_eq!(position.settle(), None);
        position.pass(11);
        assert_eq!(position.offer(11), Next::Skip);
        assert_eq!(position.settle(), Some(11));
        assert_eq!(position.offer(12), Next::Send);
    }
}
