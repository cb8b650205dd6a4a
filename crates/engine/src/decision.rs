//! What a command came to: changes to be written, events to be told, and the reply.

use std::sync::Arc;

use wigwag_protocol::group::{JoinPolicy, Profile};
use wigwag_protocol::result::{Acted, Done, GroupCreated, MessageSent};
use wigwag_protocol::{ErrorBody, GroupId, InviteId, Reason, UserId};

use crate::group::Membership;
use crate::invitation::Refusal;
use crate::{ConversationId, Group, Invitation, Key};

/// A command carried out.
#[derive(Debug, Clone)]
pub struct Decision {
    /// What becomes of the state, in this order.
    pub changes: Vec<Change>,
    /// What is told, in this order; each takes the next place in the streams of those it names.
    pub events: Vec<Arc<PlacedEvent>>,
    /// What the actor's device is answered.
    pub reply: Reply,
}

impl Decision {
    /// Whether nothing changes and nothing is told: a repeat, or what was so already.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.events.is_empty()
    }
}

/// Why there is no decision.
#[derive(Debug, Clone, PartialEq)]
pub enum Stop {
    /// The ledger has not loaded these yet. Load them and decide again.
    Missing(Vec<Key>),
    /// The rules say no.
    Refused(Box<ErrorBody>),
}

impl From<Reason> for Stop {
    fn from(reason: Reason) -> Self {
        Self::Refused(Box::new(reason.error()))
    }
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(Box::new(refusal.into()))
    }
}

impl From<ErrorBody> for Stop {
    fn from(error: ErrorBody) -> Self {
        Self::Refused(Box::new(error))
    }
}

/// One change to the state.
#[derive(Debug, Clone)]
pub enum Change {
    /// A user the server did not know.
    UserRegistered(Profile),
    /// A profile, as it is from now on.
    Profile(Profile),
    /// Whether `by` blocks `target` from now on.
    Block {
        /// Who blocks.
        by: UserId,
        /// Whom.
        target: UserId,
        /// From now on.
        on: bool,
    },
    /// A new invitation.
    InvitationMade(Arc<Invitation>),
    /// An invitation, as it is from now on.
    InvitationChanged(Arc<Invitation>),
    /// A one-to-one conversation gets its first message.
    ConversationStarted(UserId, UserId),
    /// The sender's idempotency key is used up by this reply.
    ClientMessage {
        /// Who sent.
        sender: UserId,
        /// His key.
        client_msg_id: String,
        /// What he was answered.
        sent: MessageSent,
    },
    /// A message is taken back.
    MessageRevoked(ConversationId, u64),
    /// How far a user has read.
    Read {
        /// Who.
        user: UserId,
        /// Where.
        conversation: ConversationId,
        /// Up to.
        seq: u64,
    },
    /// A new group with its first members.
    GroupCreated(Box<Group>),
    /// A group's description, as it is from now on.
    GroupDescribed {
        /// The group.
        id: GroupId,
        /// Shown to people.
        name: String,
        /// Opaque.
        ext: String,
        /// Who may join by himself.
        join_policy: JoinPolicy,
    },
    /// A member, as he is from now on; `from_seq` is where a new one starts to count unread messages.
    Member {
        /// The group.
        group: GroupId,
        /// Who.
        user: UserId,
        /// His part.
        membership: Membership,
        /// The conversation's newest seq when he came; `None` when he was there before.
        joined_at_seq: Option<u64>,
    },
    /// A member went.
    MemberGone(GroupId, UserId),
    /// The group is no more.
    GroupDismissed(GroupId),
}

/// A user's place for an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Whose stream.
    pub user: UserId,
    /// Where in it.
    pub cursor: u64,
}

/// An event with its place in everybody's stream, encoded once.
#[derive(Debug, Clone)]
pub struct PlacedEvent {
    /// Server time in ms.
    pub time: u64,
    /// `"type":…}`: the shared part of the event's params, without the opening brace.
    pub body: String,
    /// Who did it; `None` for the server.
    pub actor: Option<UserId>,
    /// Kept only briefly, never in history.
    pub online_only: bool,
    /// Which invitation it belongs to, for folding.
    pub invitation: Option<InvitationMark>,
    /// Its place in a conversation's history.
    pub message: Option<MessageMark>,
    /// In the streams of those who are told; without repeats.
    pub places: Vec<Place>,
}

/// What folding needs to know of an invitation's event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvitationMark {
    /// Which invitation.
    pub id: InviteId,
    /// The version the event carries; 1 is `invitation.received`.
    pub version: u32,
    /// On `invitation.received`: server time in ms.
    pub deadline: Option<u64>,
}

/// An event's place in a conversation's history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageMark {
    /// Where.
    pub conversation: ConversationId,
    /// 1, 2, 3 …
    pub seq: u64,
    /// Who sent it.
    pub sender: UserId,
    /// Unique.
    pub message_id: String,
    /// Counts as unread for others.
    pub counted: bool,
    /// May be shown as the conversation's last message.
    pub shown_last: bool,
}

impl PlacedEvent {
    /// The place in `user`'s stream.
    pub fn cursor_of(&self, user: &UserId) -> Option<u64> {
        self.places.iter().find(|place| place.user == *user).map(|place| place.cursor)
    }
}

/// The result of a command, as the protocol words it.
#[derive(Debug, Clone)]
pub enum Reply {
    /// To a command on an invitation.
    Acted(Acted),
    /// To `message.send`.
    Sent(MessageSent),
    /// To `group.create`.
    Created(GroupCreated),
    /// To everything else.
    Done(Done),
}

impl Reply {
    /// The event's place in the actor's stream.
    pub fn cursor(&self) -> Option<u64> {
        match self {
            Self::Acted(acted) => acted.cursor,
            Self::Sent(sent) => sent.cursor,
            Self::Created(created) => created.cursor,
            Self::Done(done) => done.cursor,
        }
    }
}
