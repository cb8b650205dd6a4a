//! What users' lists of conversations say.
//!
//! How many a user has pinned is asked for by pinning alone. Whoever takes somebody out of a group does not know whether they had pinned
//! it, so the count must not outlive the batch, as with [`group_counts`](super::group_counts).

use wigwag_protocol::UserId;

use super::{Key, Ledger, found};
use crate::{ConversationId, Stop};

/// What a user's list says of a conversation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Reader {
    /// How far they have read.
    pub read_seq: u64,
    /// Up to where they have deleted it; `None` when they never did.
    pub deleted_seq: Option<u64>,
    /// Whether they have pinned it.
    pub pinned: bool,
}

impl Reader {
    /// Whether the conversation, whose newest seq is this, is in the list of a user who may see it. One of two users begins with its
    /// first message.
    pub fn lists(&self, conversation: &ConversationId, last_seq: u64) -> bool {
        let has_begun = last_seq > 0 || matches!(conversation, ConversationId::Group(_));
        has_begun && self.deleted_seq.is_none_or(|deleted| deleted < last_seq)
    }
}

impl Ledger {
    /// What the list of `user` says of a conversation.
    pub fn reader(&self, user: &UserId, conversation: &ConversationId) -> Result<&Reader, Stop> {
        let key = (user.clone(), conversation.clone());
        found(&self.readers, &key, || Key::Read(user.clone(), conversation.clone()))
    }

    /// How many conversations `user` has pinned.
    pub fn pin_count(&self, user: &UserId) -> Result<usize, Stop> {
        found(&self.pin_counts, user, || Key::PinCount(user.clone())).copied()
    }

    /// A mark that was not loaded is written for somebody who is new in the conversation: they have nothing else there.
    pub(super) fn read(&mut self, user: &UserId, conversation: ConversationId, seq: u64) {
        self.readers.entry((user.clone(), conversation)).or_default().read_seq = seq;
    }

    pub(super) fn pinned(&mut self, user: &UserId, conversation: &ConversationId, on: bool) {
        self.readers.entry((user.clone(), conversation.clone())).or_default().pinned = on;
        if let Some(count) = self.pin_counts.get_mut(user) {
            *count = if on { *count + 1 } else { count.saturating_sub(1) };
        }
    }

    pub(super) fn deleted(&mut self, user: &UserId, conversation: &ConversationId, seq: u64) {
        self.readers.entry((user.clone(), conversation.clone())).or_default().deleted_seq = Some(seq);
    }
}
