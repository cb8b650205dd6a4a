//! What a store's tables say, whichever store it is. Rows have numbers here; where a store has none, they are given some.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::record::{Call, Invitation};

/// A row of users or conversations, and a place in its stream or history.
pub(crate) type Place = (i64, u64);

/// An event of the journal.
#[derive(Debug)]
pub(crate) struct Event {
    pub(crate) time: u64,
    pub(crate) online_only: bool,
    pub(crate) invitation: Option<i64>,
    pub(crate) version: Option<u32>,
    /// The params from `type` on.
    pub(crate) body: Value,
    /// Conversation row and seq.
    pub(crate) message: Option<Place>,
    /// User rows and cursors.
    pub(crate) streams: Vec<Place>,
}

impl Event {
    pub(crate) fn kind(&self) -> &str {
        self.text("type")
    }

    /// A field of the body; empty when absent.
    pub(crate) fn text(&self, field: &str) -> &str {
        self.body[field].as_str().unwrap_or_default()
    }

    /// The word of the command that made it.
    pub(crate) fn token(&self) -> &str {
        if self.kind() == "message.received" {
            self.body["message"]["clientMsgID"].as_str().unwrap_or_default()
        } else {
            self.text("data")
        }
    }

    /// Users named in `inviteeList`.
    pub(crate) fn invitees(&self) -> impl Iterator<Item = &str> {
        self.names("inviteeList")
    }

    /// The names in a list of the body; none when it is absent.
    pub(crate) fn names(&self, list: &str) -> impl Iterator<Item = &str> {
        self.body[list].as_array().into_iter().flatten().filter_map(Value::as_str)
    }
}

/// Everything.
#[derive(Debug)]
pub(crate) struct Tables {
    pub(crate) users: BTreeMap<i64, String>,
    pub(crate) conversations: BTreeMap<i64, String>,
    pub(crate) events: BTreeMap<i64, Event>,
    /// User row and cursor to event.
    pub(crate) streams: BTreeMap<Place, i64>,
    /// Conversation row and seq to event.
    pub(crate) messages: BTreeMap<Place, i64>,
    pub(crate) invitations: BTreeMap<i64, Invitation>,
    /// Rows of the invitations that are open.
    pub(crate) open: BTreeSet<i64>,
    /// By callID.
    pub(crate) calls: BTreeMap<String, Call>,
    /// The callIDs that are kept as running.
    pub(crate) running: BTreeSet<String>,
    /// Sender row and clientMsgID.
    pub(crate) client_messages: BTreeMap<(i64, String), Value>,
}
