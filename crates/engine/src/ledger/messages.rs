//! Conversations and their messages.

use wigwag_protocol::UserId;

use super::{Key, KeyedMessage, Ledger, StoredMessage, found};
use crate::decision::MessageMark;
use crate::{ConversationId, Stop};

impl Ledger {
    /// The conversation's newest seq; 0 when it has no message.
    pub fn last_seq(&self, id: &ConversationId) -> Result<u64, Stop> {
        found(&self.conversations, id, || Key::Conversation(id.clone())).map(|head| head.last_seq)
    }

    /// The conversation's message with this number; `None` when there is none.
    pub fn message(&self, id: &ConversationId, seq: u64) -> Result<Option<&StoredMessage>, Stop> {
        let key = (id.clone(), seq);
        found(&self.messages, &key, || Key::Message(id.clone(), seq)).map(Option::as_ref)
    }

    /// The message that was sent under this key.
    pub fn client_message(&self, sender: &UserId, id: &str) -> Result<Option<&KeyedMessage>, Stop> {
        let key = (sender.clone(), id.to_owned());
        found(&self.client_messages, &key, || Key::ClientMessage(sender.clone(), id.to_owned()))
            .map(Option::as_ref)
    }

    /// Enters a new message. If its place was looked up before and found empty, that answer is replaced.
    pub(super) fn posted(&mut self, mark: &MessageMark, time: u64) {
        let message = StoredMessage {
            message_id: mark.message_id.clone(),
            sender: mark.sender.clone(),
            time,
            revoked: false,
        };
        self.messages.insert((mark.conversation.clone(), mark.seq), Some(message));
        self.conversations.entry(mark.conversation.clone()).or_default().last_seq = mark.seq;
    }
}
