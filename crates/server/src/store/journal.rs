//! The journal as webhooks read it (docs/decisions/0017-webhooks.md): which events come after a place, and how far an endpoint has been
//! served.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Bytes of bodies after which [`Store::journal_events`](super::Store::journal_events) stops reading.
pub const JOURNAL_BYTES: usize = 1 << 20;

/// Names an event of the journal. Zero is before all of them. What one node writes grows; what nodes write beside each other may become
/// readable out of order, until [`Store::journal_settles_ms`](super::Store::journal_settles_ms) is over.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventId(pub u128);

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:x}", self.0)
    }
}

/// As text in hexadecimal: many readers of JSON have no such numbers.
impl Serialize for EventId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for EventId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        u128::from_str_radix(&text, 16).map(Self).map_err(serde::de::Error::custom)
    }
}

/// That there is an event, and since when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListedEvent {
    /// Its name.
    pub id: EventId,
    /// Server time in ms.
    pub time: u64,
}

/// An event of the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalEvent {
    /// Its name.
    pub id: EventId,
    /// Server time in ms.
    pub time: u64,
    /// As the log keeps it: [`LoggedEvent::body`](wigwag_session::LoggedEvent::body).
    pub body: String,
}

/// How far an endpoint has been served. All but the place is kept as JSON.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Served {
    /// Nothing up to here has to be sent any more, but for what is set aside.
    #[serde(skip)]
    pub place: EventId,
    /// Events before the place that the endpoint refused, or that follow such a one.
    pub aside: Vec<SetAside>,
    /// What operators want of it.
    // Left out when there are none: the store compares the text, and the one of an older version has no such field.
    #[serde(default, skip_serializing_if = "Wishes::are_none")]
    pub wishes: Wishes,
}

/// What operators want of an endpoint.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wishes {
    /// Since when nothing is sent to it, ms; `None` when it is not paused.
    pub paused_since: Option<u64>,
    /// When events were last to be told again, ms; 0 = never. None of those before is given up until three days after it.
    pub replayed_at: u64,
    /// When the last of these wishes was made, ms. An older one that is repeated changes nothing.
    pub changed_at: u64,
}

/// An event that waits for its next attempt while later ones of other keys go on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetAside {
    /// The event.
    pub event: EventId,
    /// What it belongs to; events of one key stay in order.
    pub key: String,
    /// Server time of the event in ms.
    pub time: u64,
    /// How often it was tried.
    pub attempts: u32,
    /// Not before this, server time in ms.
    pub next_at: u64,
}

impl Wishes {
    fn are_none(&self) -> bool {
        *self == Self::default()
    }
}

impl Served {
    /// As the store keeps it.
    pub(super) fn read(place: EventId, state: &str) -> serde_json::Result<Self> {
        Ok(Self { place, ..serde_json::from_str(state)? })
    }

    /// All but the place, for the store.
    pub(super) fn state(&self) -> serde_json::Result<String> {
        serde_json::to_string(self)
    }
}

/// What is wrong with the state of an endpoint, as the store keeps it.
pub(super) fn unreadable(state: &str) -> Option<String> {
    Served::read(EventId(0), state).err().map(|error| error.to_string())
}
