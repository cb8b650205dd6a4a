//! What a store has told must be what it remembers: after every case all streams and histories are read and compared.

use std::collections::BTreeMap;
use std::sync::Arc;

use wigwag_engine::ConversationId;
use wigwag_protocol::message::Message;
use wigwag_protocol::params::Direction;
use wigwag_protocol::{Event, UserId};
use wigwag_server::store::{HistoryRange, StoredEvent};
use wigwag_session::LoggedEvent;

use crate::world::World;

/// Small, so that every stream has several pages.
const PAGE: usize = 7;

/// Everything that was told, by its place.
#[derive(Default)]
pub(crate) struct Told {
    streams: BTreeMap<UserId, BTreeMap<u64, Arc<LoggedEvent>>>,
    conversations: BTreeMap<ConversationId, BTreeMap<u64, Arc<LoggedEvent>>>,
    retained: bool,
}

impl Told {
    pub(crate) fn takes(&mut self, events: &[Arc<LoggedEvent>]) {
        for event in events {
            for place in &event.places {
                let stream = self.streams.entry(place.user.clone()).or_default();
                let before = stream.insert(place.cursor, Arc::clone(event));
                assert!(before.is_none(), "{} has two events at {}", place.user, place.cursor);
            }
            if let Some(mark) = &event.message {
                let messages = self.conversations.entry(mark.conversation.clone()).or_default();
                let before = messages.insert(mark.seq, Arc::clone(event));
                assert!(before.is_none(), "{} has two messages at {}", mark.conversation, mark.seq);
            }
            if let Some(Event::GroupDismissed(gone)) = Event::read(&format!("{{{}", event.body)).unwrap() {
                // The group takes its conversation along.
                self.conversations.remove(&ConversationId::Group(gone.group_id));
            }
        }
    }

    /// Takes over what another node told.
    pub(crate) fn joins(&mut self, other: Self) {
        for (user, stream) in other.streams {
            let own = self.streams.entry(user.clone()).or_default();
            for (cursor, event) in stream {
                assert!(own.insert(cursor, event).is_none(), "{user} has two events at {cursor}");
            }
        }
        for (conversation, messages) in other.conversations {
            let own = self.conversations.entry(conversation.clone()).or_default();
            for (seq, event) in messages {
                assert!(own.insert(seq, event).is_none(), "{conversation} has two messages at {seq}");
            }
        }
        self.retained |= other.retained;
    }

    /// The user was deleted, and their stream with them.
    pub(crate) fn forgets(&mut self, user: &UserId) {
        self.streams.remove(user);
    }

    /// Retention has dropped some of it: nothing is compared any more.
    pub(crate) fn is_thinned_out(&mut self) {
        self.retained = true;
    }
}

impl World {
    /// Every stream and every history is what was told, without gap or repeat.
    pub(crate) async fn recalls_what_it_told(&self) {
        if self.told.retained {
            return;
        }
        for (user, told) in &self.told.streams {
            assert!(told.keys().copied().eq(1..=told.len() as u64), "{user} has a gap: {:?}", told.keys());
            let bounds = self.store().stream_bounds(user).await.unwrap().unwrap();
            assert_eq!((bounds.floor, bounds.head), (0, told.len() as u64), "the bounds of {user}");
            let stored = self.stream(user).await;
            assert_eq!(stored.len(), told.len(), "the length of {user}'s stream");
            for (stored, (cursor, told)) in stored.iter().zip(told) {
                assert_eq!(stored.cursor, *cursor);
                assert_same(user, stored, told);
            }
        }
        for (conversation, told) in &self.told.conversations {
            let stored = self.history(conversation).await;
            let stored: Vec<_> =
                stored.iter().map(|message| (message.seq.unwrap(), message.message_id.clone())).collect();
            let marks = told.values().filter_map(|event| event.message.as_ref());
            let told: Vec<_> = marks.map(|mark| (mark.seq, mark.message_id.clone())).collect();
            assert_eq!(stored, told, "the history of {conversation}");
            assert!(told.iter().map(|(seq, _)| *seq).eq(1..=told.len() as u64), "{conversation} has a gap");
        }
    }

    /// A whole stream, read in pages.
    pub(crate) async fn stream(&self, user: &UserId) -> Vec<StoredEvent> {
        let mut events = Vec::new();
        let mut cursor = 0;
        loop {
            let page = self.store().events_after(user, cursor, PAGE).await.unwrap();
            assert!(page.events.len() <= PAGE && page.through >= cursor, "{page:?} after {cursor}");
            assert!(page.complete || page.through > cursor, "an unfinished page gets ahead");
            cursor = page.through;
            events.extend(page.events);
            if page.complete {
                return events;
            }
        }
    }

    /// A whole history, oldest first, read in pages.
    pub(crate) async fn history(&self, conversation: &ConversationId) -> Vec<Message> {
        let mut messages: Vec<Message> = Vec::new();
        loop {
            let from_seq = messages.last().map(|last| last.seq.unwrap() + 1);
            let range = HistoryRange {
                conversation: conversation.clone(),
                from_seq,
                direction: Direction::Newer,
                limit: PAGE,
            };
            let page = self.store().history(range).await.unwrap();
            assert!(page.messages.len() <= PAGE);
            assert!(page.complete || !page.messages.is_empty(), "an unfinished page gets ahead");
            messages.extend(page.messages);
            if page.complete {
                return messages;
            }
        }
    }
}

fn assert_same(user: &UserId, stored: &StoredEvent, told: &LoggedEvent) {
    let place = format!("{user} at {}", stored.cursor);
    assert_eq!(stored.time, told.time, "{place}");
    assert_eq!(stored.body, told.body, "{place}");
    assert_eq!(stored.by_self, told.actor.as_ref() == Some(user), "{place}");
    assert_eq!(stored.invitation, told.invitation, "{place}");
    let received = told.invitation.as_ref().is_some_and(|mark| mark.version == 1);
    assert!(received || !stored.rings_in_vain, "{place}: only what was received rings");
}
