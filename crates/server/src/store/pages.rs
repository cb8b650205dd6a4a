//! What readers get: pages of histories and of a user's conversations. What they ask for, and pages of streams, are the
//! session's (`wigwag_session::query`, `wigwag_session::stream`).

use wigwag_engine::ConversationId;
use wigwag_protocol::message::Message;

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
