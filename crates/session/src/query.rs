//! What can be read, and what was found.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use serde::Serialize;
use wigwag_engine::command::CallRef;
use wigwag_engine::{Call, ConversationId, Invitation};
use wigwag_protocol::message::ConversationView;
use wigwag_protocol::params::Direction;
use wigwag_protocol::{CallId, GroupId, InviteId, UserId, result};

/// Most profiles that one request reads.
pub const MOST_PROFILES: usize = 100;

/// Something to read.
#[derive(Debug, Clone)]
pub enum Query {
    /// `signaling.get`
    Invitation {
        /// The invitation.
        id: InviteId,
        /// The last invitee whose answer the page before had.
        after: Option<UserId>,
    },
    /// `signaling.listOpen`
    OpenInvitations(OpenRange),
    /// `call.get`
    Call(WhichCall),
    /// `call.list`
    Calls(CallRange),
    /// `message.history`
    History(HistoryRange),
    /// `message.receipts`
    Receipts {
        /// The conversation.
        conversation: ConversationId,
        /// The message's place in it.
        seq: u64,
        /// The last reader of the page before.
        after: Option<UserId>,
        /// Most readers in the answer.
        limit: usize,
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
    /// `group.attributes`
    Attributes(GroupId),
    /// `group.onlineCount`
    OnlineCount(GroupId),
    /// `group.listNews`
    GroupNews {
        /// Behind this place of the stream.
        after: Option<u64>,
        /// Most events in the answer.
        limit: usize,
    },
    /// `group.list`
    Groups {
        /// The last group of the page before.
        after: Option<GroupId>,
        /// Most groups in the answer.
        limit: usize,
    },
    /// `user.get`, of at most [`MOST_PROFILES`] users
    Profiles(Vec<UserId>),
    /// `user.getReach`
    Reach,
    /// `user.getQuiet`
    Quiet,
    /// `user.getStatus`, of at most [`MOST_PROFILES`] users
    Statuses(BTreeSet<UserId>),
    /// `user.watch`, of at most [`MOST_PROFILES`] users
    Watch(BTreeSet<UserId>),
    /// `push.settings`
    PushSettings,
    /// `user.listBlocked`
    Blocked {
        /// The last user of the page before.
        after: Option<UserId>,
        /// Most users in the answer.
        limit: usize,
    },
}

/// Users whose status costs as much as one read: each costs a few look-ups, here and on other nodes.
const STATUSES_OF_A_READ: usize = 10;

/// Of what happened in groups: it looks at a part of the stream that is many times longer than a page.
const READS_OF_NEWS: u32 = 10;

impl Query {
    /// How many reads it counts as.
    pub fn reads(&self) -> u32 {
        match self {
            Self::Statuses(users) | Self::Watch(users) => {
                u32::try_from(users.len().div_ceil(STATUSES_OF_A_READ)).unwrap_or(u32::MAX).max(1)
            }
            Self::GroupNews { .. } => READS_OF_NEWS,
            Self::Invitation { .. }
            | Self::OpenInvitations(_)
            | Self::Call(_)
            | Self::Calls(_)
            | Self::History(_)
            | Self::Receipts { .. }
            | Self::Conversations(_)
            | Self::Members { .. }
            | Self::Group(_)
            | Self::Attributes(_)
            | Self::OnlineCount(_)
            | Self::Groups { .. }
            | Self::Profiles(_)
            | Self::Reach
            | Self::Quiet
            | Self::PushSettings
            | Self::Blocked { .. } => 1,
        }
    }
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

/// Most open invitations in one answer: what one inviter may have open by default.
pub const OPEN_INVITATIONS: u32 = 100;

/// Which page of a user's open invitations to read.
#[derive(Debug, Clone)]
pub struct OpenRange {
    /// The place of the last invitation that the page before looked at.
    pub after: Option<OpenPlace>,
    /// Most invitations in the answer.
    pub limit: usize,
}

impl OpenRange {
    /// The first page, as long as a page may be.
    pub fn first() -> Self {
        Self { after: None, limit: OPEN_INVITATIONS as usize }
    }
}

/// A page of a user's open invitations, oldest first.
#[derive(Debug, Default)]
pub struct OpenPage {
    /// The invitations.
    pub invitations: Vec<Arc<Invitation>>,
    /// Where the next page starts, if there is one.
    pub next: Option<OpenPlace>,
}

/// The place of an invitation among all, oldest first. Its text is `next` on the wire; clients give it back as it is.
///
/// It names no invitation that only the store could find, so a place stays good when its invitation ends.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct OpenPlace {
    /// When the invitation was made, server time in ms.
    pub created_at: u64,
    /// Its name, which orders invitations of the same millisecond.
    pub id: InviteId,
}

impl OpenPlace {
    /// Reads the text of a place.
    pub fn parse(text: &str) -> Option<Self> {
        let (created_at, id) = text.split_once('-')?;
        Some(Self { created_at: created_at.parse().ok()?, id: InviteId::parse(id).ok()? })
    }
}

impl fmt::Display for OpenPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.created_at, self.id)
    }
}

/// The call that is to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WhichCall {
    /// A call by one of its names.
    Ref(CallRef),
    /// The newest running call of a group.
    OfGroup(GroupId),
}

/// Which page of a user's calls to read.
#[derive(Debug, Clone)]
pub struct CallRange {
    /// Only those that the user missed.
    pub missed: bool,
    /// The place of the last call that the page before looked at.
    pub after: Option<CallPlace>,
    /// Most calls in the answer.
    pub limit: usize,
}

/// A page of a user's calls, the newest first.
#[derive(Debug, Default)]
pub struct CallPage {
    /// The calls.
    pub calls: Vec<Arc<Call>>,
    /// Where the next page starts, if there is one.
    pub next: Option<CallPlace>,
}

/// The place of a call among a user's calls. Its text is `next` on the wire; clients give it back as it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct CallPlace {
    /// When the call began, server time in ms.
    pub created_at: u64,
    /// Its name, which orders calls of the same millisecond.
    pub id: CallId,
}

impl CallPlace {
    /// The place of this call.
    pub fn of(call: &Call) -> Self {
        Self { created_at: call.created_at, id: call.id().clone() }
    }

    /// Reads the text of a place.
    pub fn parse(text: &str) -> Option<Self> {
        let (created_at, id) = text.split_once('-')?;
        Some(Self { created_at: created_at.parse().ok()?, id: CallId::parse(id).ok()? })
    }
}

impl fmt::Display for CallPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.created_at, self.id)
    }
}

/// Which page of a user's conversations to read.
#[derive(Debug, Clone)]
pub struct PageRange {
    /// The place of the last conversation of the page before.
    pub after: Option<ConversationPlace>,
    /// Most conversations in the answer.
    pub limit: usize,
}

/// The place of a conversation in a user's list: the pinned ones stand first, and each part is ordered by the newest messages. Its text is `next` on the wire; clients
/// give it back as it is.
///
/// It names a message and not only a conversation, so it stays where it is when the conversation moves to the front: what has
/// moved between two pages is neither told twice nor does it hide what stands behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConversationPlace {
    /// The conversation.
    pub conversation: ConversationId,
    /// Its newest seq when the page was read. A node of the version before names the conversation alone: it is then looked for
    /// where it stands now.
    pub last_seq: Option<u64>,
    /// Whether it was pinned then.
    pub pinned: bool,
}

impl ConversationPlace {
    /// The text of the place of this conversation, as the user sees it.
    pub fn text_of(view: &ConversationView) -> String {
        format!("{}{}-{}", pin_mark(view.pinned), view.last_seq, view.conversation)
    }

    /// Reads the text of a place.
    pub fn parse(text: &str) -> Option<Self> {
        if let Some(conversation) = ConversationId::parse(text) {
            return Some(Self { conversation, last_seq: None, pinned: false });
        }
        let (place, conversation) = text.split_once('-')?;
        let unpinned = place.strip_prefix(pin_mark(true));
        let last_seq = Some(unpinned.unwrap_or(place).parse().ok()?);
        let conversation = ConversationId::parse(conversation)?;
        Some(Self { conversation, last_seq, pinned: unpinned.is_some() })
    }
}

impl fmt::Display for ConversationPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(last_seq) = self.last_seq {
            write!(f, "{}{last_seq}-", pin_mark(self.pinned))?;
        }
        self.conversation.fmt(f)
    }
}

/// What the text of a place in the pinned part begins with.
fn pin_mark(pinned: bool) -> &'static str {
    if pinned { "p" } else { "" }
}

/// What a query found, as the user who asked may see it.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
pub enum Found {
    /// For [`Query::Invitation`].
    Invitation(result::Got),
    /// For [`Query::OpenInvitations`].
    OpenInvitations(result::OpenList),
    /// For [`Query::Call`].
    Call(Box<result::GotCall>),
    /// For [`Query::Calls`].
    Calls(result::Calls),
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
    /// For [`Query::Attributes`].
    Attributes(result::Attributes),
    /// For [`Query::OnlineCount`].
    OnlineCount(result::OnlineCount),
    /// For [`Query::GroupNews`].
    GroupNews(result::News),
    /// For [`Query::Groups`].
    Groups(result::Groups),
    /// For [`Query::Profiles`].
    Profiles(result::Profiles),
    /// For [`Query::Reach`].
    Reach(result::OwnReach),
    /// For [`Query::Quiet`].
    Quiet(result::OwnQuiet),
    /// For [`Query::Statuses`] and [`Query::Watch`].
    Statuses(result::Statuses),
    /// For [`Query::PushSettings`].
    PushSettings(result::PushOffer),
    /// For [`Query::Blocked`].
    Blocked(result::Blocked),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_ten_users_who_are_looked_at_count_as_one_read() {
        let some = |number: usize| {
            let users: BTreeSet<UserId> =
                (0..number).map(|name| UserId::parse(&format!("u{name}")).unwrap()).collect();
            [Query::Watch(users.clone()).reads(), Query::Statuses(users).reads()]
        };
        let reads = [0, 1, 10, 11, 100].map(some);
        assert_eq!(reads, [[1, 1], [1, 1], [1, 1], [2, 2], [10, 10]]);
        assert_eq!(Query::Reach.reads(), 1);
        assert_eq!(Query::GroupNews { after: None, limit: 1 }.reads(), 10);
    }
}
