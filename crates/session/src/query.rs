//! What can be read, and what was found.

use serde::Serialize;
use wigwag_engine::ConversationId;
use wigwag_protocol::params::Direction;
use wigwag_protocol::{GroupId, InviteId, UserId, result};

/// Most profiles that one request reads.
pub const MOST_PROFILES: usize = 100;

/// Something to read.
#[derive(Debug, Clone)]
pub enum Query {
    /// `signaling.get`
    Invitation(InviteId),
    /// `signaling.listOpen`
    OpenInvitations,
    /// `message.history`
    History(HistoryRange),
    /// `message.receipts`
    Receipts {
        /// The conversation.
        conversation: ConversationId,
        /// The message's place in it.
        seq: u64,
    },
    /// `conversation.list`
    Conversations(PageRange),
    /// `group.members`
    Members {
        /// The group.
        group: GroupId,
        /// The last member of the page before.
        after: Option<UserId>,
        /// Most members in the answer.
        limit: usize,
    },
    /// `group.info`
    Group(GroupId),
    /// `group.list`
    Groups,
    /// `user.get`, of at most [`MOST_PROFILES`] users
    Profiles(Vec<UserId>),
    /// `user.listBlocked`
    Blocked,
}

/// Which part of a conversation to read.
#[derive(Debug, Clone)]
pub struct HistoryRange {
    /// The conversation.
    pub conversation: ConversationId,
    /// Start here, inclusive; `None`: at the end that the direction starts from.
    pub from_seq: Option<u64>,
    /// Towards newer or older messages.
    pub direction: Direction,
    /// Most messages in the answer.
    pub limit: usize,
}

/// Which page of a list to read.
#[derive(Debug, Clone)]
pub struct PageRange {
    /// `next` of the page before.
    pub after: Option<String>,
    /// Most rows in the answer.
    pub limit: usize,
}

/// What a query found, as the user who asked may see it.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
pub enum Found {
    /// For [`Query::Invitation`].
    Invitation(result::Got),
    /// For [`Query::OpenInvitations`].
    OpenInvitations(result::OpenList),
    /// For [`Query::History`].
    History(result::History),
    /// For [`Query::Receipts`].
    Receipts(result::Receipts),
    /// For [`Query::Conversations`].
    Conversations(result::Conversations),
    /// For [`Query::Members`].
    Members(result::Members),
    /// For [`Query::Group`].
    Group(result::GroupInfo),
    /// For [`Query::Groups`].
    Groups(result::Groups),
    /// For [`Query::Profiles`].
    Profiles(result::Profiles),
    /// For [`Query::Blocked`].
    Blocked(result::Blocked),
}
