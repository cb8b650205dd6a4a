//! Pages of histories, lists and conversations, as readers get them. The ranges that readers ask for, and pages of streams, are
//! in `wigwag_session::query` and `wigwag_session::stream`.

use std::sync::Arc;

use wigwag_engine::{Call, ConversationId};
use wigwag_protocol::UserId;
use wigwag_protocol::message::Message;
use wigwag_protocol::params::Direction;
use wigwag_session::query::{CallPage, CallPlace, CallRange, ConversationPlace, HistoryRange};

/// A page of rows ends with the row that brings it to this many bytes as they are stored: half of what a frame to a client may have, so
/// that most pages go out as they were read. What is read for one request is then bounded by this and one row.
pub(super) const PAGE_BYTES: u32 = 128 * 1024;
const _: () = assert!(PAGE_BYTES as usize == wigwag_protocol::frame::TO_CLIENT_BYTES / 2);

/// Most calls that are looked at for a page of missed ones that is not longer itself: a user who misses few would otherwise read their whole list at
/// once.
pub(super) const CALLS_LOOKED_AT: usize = 500;

/// Most open invitations that are looked at for a page of them that is not longer itself: a member of groups is not told of all.
pub(super) const OPEN_LOOKED_AT: usize = 500;

/// How many messages at the end of a conversation are looked at for its line in a list: for what is unread in a group, which is counted
/// anew for each page, and for the newest message that may be shown. Others decide how many there are, so without a bound they would
/// decide what a user's list costs. A line then costs about 0.1 ms at most.
pub(super) const LOOKED_BACK: u64 = 1_000;

/// Counts the bytes of a page.
#[derive(Debug, Default)]
pub(super) struct PageBytes(usize);

impl PageBytes {
    /// Whether the page has as many bytes as it may have.
    pub(super) fn is_full(&self) -> bool {
        self.0 >= PAGE_BYTES as usize
    }

    /// A row of this many bytes is on the page.
    pub(super) fn add(&mut self, bytes: usize) {
        self.0 += bytes;
    }

    /// A message is on the page.
    pub(super) fn add_message(&mut self, message: &Message) {
        let push = message.offline_push_info.as_ref().map_or(0, |info| info.get().len());
        self.add(message.content.get().len() + message.options.cloud_custom_data.len() + push);
    }
}

/// A page of calls in the making. The store shows it the user's calls after the range's place, newest first, until it is
/// full.
#[derive(Debug)]
pub(super) struct CallPageMaking<'a> {
    user: &'a UserId,
    range: &'a CallRange,
    looked_at: usize,
    bytes: PageBytes,
    last: Option<CallPlace>,
    page: CallPage,
}

impl<'a> CallPageMaking<'a> {
    pub(super) fn new(user: &'a UserId, range: &'a CallRange) -> Self {
        let (bytes, page) = (PageBytes::default(), CallPage::default());
        Self { user, range, looked_at: 0, bytes, last: None, page }
    }

    /// Looks at the next call, whose record has so many bytes. False when the page has ended before it.
    pub(super) fn takes(&mut self, call: Call, bytes: usize) -> bool {
        let is_full = self.page.calls.len() >= self.range.limit || self.bytes.is_full();
        if is_full || self.looked_at == CALLS_LOOKED_AT.max(self.range.limit) {
            self.page.next = self.last.take();
            return false;
        }
        self.looked_at += 1;
        self.last = Some(CallPlace::of(&call));
        if !self.range.missed || call.was_missed_by(self.user) {
            self.bytes.add(bytes);
            self.page.calls.push(Arc::new(call));
        }
        true
    }

    pub(super) fn done(self) -> CallPage {
        self.page
    }
}

/// A page of a list in the order of its names.
#[derive(Debug)]
pub struct NamedPage<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// Whether nothing follows.
    pub complete: bool,
}

impl<T> Default for NamedPage<T> {
    fn default() -> Self {
        Self { rows: Vec::new(), complete: true }
    }
}

impl<T> NamedPage<T> {
    /// A page of these rows. The caller reads one row more than `limit`, which tells whether something follows.
    pub(crate) fn of(mut rows: Vec<T>, limit: usize) -> Self {
        let complete = rows.len() <= limit;
        rows.truncate(limit);
        Self { rows, complete }
    }

    /// When none of the names that were looked at can be read and others follow, the last of them: a client would have no name
    /// to go on from, so the store has to.
    pub(super) fn goes_on_behind<N>(&self, looked_at: NamedPage<N>) -> Option<N> {
        looked_at.rows.into_iter().next_back().filter(|_| self.rows.is_empty() && !self.complete)
    }
}

/// Who of a conversation has read a message. All who have the conversation in their list are asked but its sender: of a group these are
/// its members.
#[derive(Debug, Clone)]
pub struct ReaderRange {
    /// The conversation.
    pub conversation: ConversationId,
    /// The message.
    pub seq: u64,
    /// Who sent it.
    pub sender: UserId,
    /// The page begins behind this name.
    pub after: Option<UserId>,
    /// Most names of a page.
    pub limit: usize,
}

/// A page of the readers of a message.
#[derive(Debug, Default)]
pub struct ReaderPage {
    /// The names, in byte order.
    pub readers: NamedPage<UserId>,
    /// How many have not read it.
    pub unread: u64,
}

/// A page of a conversation.
#[derive(Debug, Default)]
pub struct HistoryPage {
    /// The messages in the direction asked for.
    pub messages: Vec<Message>,
    /// Whether nothing is left in that direction.
    pub complete: bool,
}

impl HistoryPage {
    /// When none of the messages that were looked at can be read and others follow, the range behind the last of them: a client
    /// would have no seq to go on from, so the store has to.
    pub(super) fn goes_on_in(&self, range: &HistoryRange, last: Option<u64>) -> Option<HistoryRange> {
        let last = last.filter(|_| self.messages.is_empty() && !self.complete)?;
        let from_seq = match range.direction {
            Direction::Older => last.checked_sub(1)?,
            Direction::Newer => last + 1,
        };
        Some(HistoryRange { from_seq: Some(from_seq), ..range.clone() })
    }
}

/// A conversation of a user.
#[derive(Debug)]
pub struct ConversationRow {
    /// The conversation's name.
    pub conversation: ConversationId,
    /// The newest message that may be shown as last, among the newest.
    pub last_message: Option<Message>,
    /// The newest seq.
    pub last_seq: u64,
    /// How far this user has read.
    pub read_seq: u64,
    /// How far the other user has read; `None` for groups.
    pub peer_read_seq: Option<u64>,
    /// Messages of others after `read_seq` that count, of a group among the newest.
    pub unread: u64,
    /// Whether this user has pinned it.
    pub pinned: bool,
}

impl ConversationRow {
    /// Its place in the user's list.
    pub(crate) fn place(&self) -> ConversationPlace {
        let (last_seq, pinned) = (Some(self.last_seq), self.pinned);
        ConversationPlace { conversation: self.conversation.clone(), last_seq, pinned }
    }
}

/// What of a list of conversations fits on a page, without those that cannot be read.
#[derive(Debug)]
pub(super) struct ShownConversations {
    pub(super) rows: Vec<ConversationRow>,
    /// How many of the list the page has come past, and at least one of a list that has any. What cannot be read counts, so that
    /// it does not end the list.
    pub(super) looked_at: usize,
}

impl ShownConversations {
    /// When none of these can be read and the list does not end with them, the last of them: a client would have no place to go
    /// on from, so the store has to.
    pub(super) fn goes_on_behind<'a, T>(&self, behind: &'a [T]) -> Option<&'a T> {
        let skipped = behind.get(..self.looked_at).unwrap_or(behind);
        skipped.last().filter(|_| self.rows.is_empty() && skipped.len() < behind.len())
    }

    /// The page. It was taken from the front of `found` conversations.
    pub(super) fn page(self, found: usize, total_unread: u64) -> ConversationPage {
        let next = self.rows.last().filter(|_| self.looked_at < found).map(ConversationRow::place);
        ConversationPage { rows: self.rows, total_unread, next }
    }
}

/// A page of a user's conversations.
#[derive(Debug, Default)]
pub struct ConversationPage {
    /// The conversations, newest first.
    pub rows: Vec<ConversationRow>,
    /// Unread messages in all conversations, on this page or not.
    pub total_unread: u64,
    /// Where the next page starts, if there is one.
    pub next: Option<ConversationPlace>,
}
