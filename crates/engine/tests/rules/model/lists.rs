//! Users' lists of conversations.

use super::{Conversation, Expected, Model, Name, Names, Reason, To, Told, conversation, owned};

/// What a user says of a conversation in their list.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Listing {
    read: u64,
    deleted: Option<u64>,
    pinned: bool,
}

impl Listing {
    pub(super) fn from(read: u64) -> Self {
        Self { read, ..Self::default() }
    }
}

impl Model {
    pub(super) fn read(&mut self, by: Name, to: To, seq: u64) -> Expected {
        self.may_see(by, to)?;
        let place = conversation(by, to);
        let seq = seq.min(self.newest(place));
        Ok(self.moves_mark(by, to, seq).into_iter().collect())
    }

    pub(super) fn pin(&mut self, by: Name, to: To, on: bool) -> Expected {
        self.may_see(by, to)?;
        let place = conversation(by, to);
        if self.listing(by, place).pinned == on {
            return Ok(Vec::new());
        }
        if on && !self.is_listed(by, place) {
            return Err(Reason::InvalidParameter);
        }
        self.listing(by, place).pinned = on;
        Ok(vec![own("conversation.pinned", by)])
    }

    pub(super) fn delete(&mut self, by: Name, to: To) -> Expected {
        self.may_see(by, to)?;
        let place = conversation(by, to);
        if !self.is_listed(by, place) {
            return Ok(Vec::new());
        }
        let newest = self.newest(place);
        let mut told: Vec<Told> = self.moves_mark(by, to, newest).into_iter().collect();
        let listing = self.listing(by, place);
        (listing.deleted, listing.pinned) = (Some(newest), false);
        told.push(own("conversation.deleted", by));
        Ok(told)
    }

    fn moves_mark(&mut self, by: Name, to: To, seq: u64) -> Option<Told> {
        let listing = self.listing(by, conversation(by, to));
        if seq <= listing.read {
            return None;
        }
        listing.read = seq;
        let to = match to {
            To::User(user) => Names::from([by, user]),
            To::Group(_) => Names::from([by]),
        };
        Some(Told { kind: "message.read".to_owned(), to: owned(&to), stored: false })
    }

    fn is_listed(&mut self, by: Name, place: Conversation) -> bool {
        let newest = self.newest(place);
        let is_group = place.1.is_none();
        (is_group || newest > 0) && self.listing(by, place).deleted.is_none_or(|deleted| deleted < newest)
    }

    fn newest(&self, place: Conversation) -> u64 {
        self.messages.get(&place).map_or(0, Vec::len) as u64
    }

    fn listing(&mut self, by: Name, place: Conversation) -> &mut Listing {
        self.lists.entry((by, place)).or_default()
    }
}

fn own(kind: &str, by: Name) -> Told {
    Told { kind: kind.to_owned(), to: owned(&Names::from([by])), stored: false }
}
