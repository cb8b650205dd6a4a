//! What readers ask for and get: pages of streams, of histories and of a user's conversations.

use wigwag_engine::ConversationId;
use wigwag_engine::decision::InvitationMark;
use wigwag_protocol::message::Message;
use wigwag_protocol::params::Direction;

/// The part of a user's stream that is still kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StreamBounds {
    /// Retention dropped the events up to this cursor. A device with an older cursor has to resync.
    pub floor: u64,
    /// The newest cursor.
    pub head: u64,
}

/// An event read back from a stream.
#[derive(Debug, Clone)]
pub struct StoredEvent {
    /// Its place in the reader's stream.
    pub cursor: u64,
    /// Server time in ms.
    pub time: u64,
    /// The shared part of its params, as [`PlacedEvent::body`].
    pub body: String,
    /// Whether the reader acted, on this or another device.
    pub by_self: bool,
    /// The invitation it belongs to.
    pub invitation: Option<InvitationMark>,
    /// On `invitation.received`: the version that has settled the invitation for the reader since.
    pub settled_for_reader: Option<u32>,
}

/// A page of a stream.
#[derive(Debug, Default)]
pub struct StreamPage {
    /// The events in the order of their cursors.
    pub events: Vec<StoredEvent>,
    /// The last cursor that was looked at. Retention dropped the events that are missing before it.
    pub through: u64,
    /// Whether nothing is left after them.
    pub complete: bool,
}

/// A page of a conversation.
#[derive(Debug, Default)]
pub struct HistoryPage {
    /// The messages in the direction asked for.
    pub messages: Vec<Message>,
    /// Whether nothing is left in that direction.
    pub complete: bool,
}

/// A conversation of a user.
#[derive(Debug)]
pub struct ConversationRow {
    /// The conversation's name.
    pub conversation: ConversationId,
    /// The newest message that may be shown as last.
    pub last_message: Option<Message>,
    /// The newest seq.
    pub last_seq: u64,
    /// How far this user has read.
    pub read_seq: u64,
    /// How far the other user has read; `None` for groups.
    pub peer_read_seq: Option<u64>,
    /// Messages of others after `read_seq` that count.
    pub unread: u64,
}

/// A page of a user's conversations.
#[derive(Debug, Default)]
pub struct ConversationPage {
    /// The conversations, newest first.
    pub rows: Vec<ConversationRow>,
    /// Unread messages in all conversations, on this page or not.
    pub total_unread: u64,
    /// Where the next page starts, if there is one.
    pub next: Option<String>,
}

/// Which page of a user's conversations to read.
#[derive(Debug, Clone)]
pub struct PageRange {
    /// `next` of the page before; `None` for the first page.
    pub after: Option<String>,
    /// At most this many.
    pub limit: usize,
}

/// Which part of a conversation to read.
#[derive(Debug, Clone)]
pub struct HistoryRange {
    /// The conversation to read.
    pub conversation: ConversationId,
    /// The first seq to read; `None` starts at the end that the direction comes from.
    pub from_seq: Option<u64>,
    /// Towards older or newer messages.
    pub direction: Direction,
    /// At most this many.
    pub limit: usize,
}
