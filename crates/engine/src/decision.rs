//! A decision: the changes to be written, the events to be told, and the reply.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use wigwag_protocol::event::GroupMembersAdded;
use wigwag_protocol::group::{JoinPolicy, Profile, Reach};
use wigwag_protocol::message::Message;
use wigwag_protocol::quiet::Quiet;
use wigwag_protocol::result::{Acted, AttributesSet, Done, GroupCreated, Joined, MessageSent};
use wigwag_protocol::{Event, GroupId, InviteId, UserId};

use crate::board::Board;
use crate::call::{Call, Person};
use crate::group::Membership;
use crate::ledger::KeyedMessage;
use crate::quiet::Rang;
use crate::{ConversationId, Group, Invitation, Key, Refusal};

/// A command carried out.
#[derive(Debug, Clone)]
pub struct Decision {
    /// What changes, in this order.
    pub changes: Vec<Change>,
    /// What is told, in this order. Each event takes the next place in the streams of the users that it names.
    pub events: Vec<Arc<PlacedEvent>>,
    /// The answer to the actor. Nobody reads it when the request was something due.
    pub reply: Reply,
}

impl Decision {
    /// Whether nothing changes and nothing is told: the request repeated an earlier one, or asked for what was so already.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.events.is_empty()
    }

    /// The invitation that it makes. One that was merged into its invitee's own is none: nobody rings for it.
    pub fn invitation_made(&self) -> Option<&Arc<Invitation>> {
        let made = self
            .changes
            .iter()
            .filter_map(|change| if let Change::InvitationMade(made) = change { Some(made) } else { None });
        made.into_iter().find(|made| made.merged_into().is_none())
    }

    /// The message that it sends; a step of an invitation is none, although histories show it as one.
    pub fn message_sent(&self) -> Option<&Message> {
        self.events.iter().find_map(|placed| {
            if let Event::MessageReceived(received) = &placed.event { Some(&received.message) } else { None }
        })
    }

    /// Who comes to a group by it, if somebody does.
    pub fn members_added(&self) -> Option<&GroupMembersAdded> {
        self.events.iter().find_map(|placed| {
            if let Event::GroupMembersAdded(added) = &placed.event { Some(added) } else { None }
        })
    }

    /// The group that it makes.
    pub fn group_made(&self) -> Option<&Group> {
        self.changes
            .iter()
            .find_map(|change| if let Change::GroupCreated(group) = change { Some(&**group) } else { None })
    }

    /// Gives the invitation that it makes these push settings (JSON) in place of the inviter's.
    pub fn replace_push_info(&mut self, info: &str) {
        for change in &mut self.changes {
            if let Change::InvitationMade(made) = change {
                Arc::make_mut(made).replace_push_info(info);
            }
        }
    }
}

/// Why there is no decision.
#[derive(Debug, Clone, PartialEq)]
pub enum Stop {
    /// The ledger has not loaded these yet. Load them and decide again.
    Missing(Vec<Key>),
    /// The rules say no.
    Refused(Refusal),
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// One change to the state.
#[derive(Debug, Clone)]
pub enum Change {
    /// A new user.
    UserRegistered(Profile),
    /// A profile, with its new content.
    Profile(Profile),
    /// Whether one user blocks another from now on.
    Block {
        /// The user whose block list changes.
        by: UserId,
        /// The user who is blocked or not.
        target: UserId,
        /// True when they are blocked.
        on: bool,
    },
    /// Who may ring and add a user from now on.
    Reach {
        /// The user who is reached.
        user: UserId,
        /// Their rules.
        reach: Reach,
    },
    /// When a user is quiet from now on.
    Quiet {
        /// Which user.
        user: UserId,
        /// What they set; `None` when that is nothing, and nobody who rang is remembered any more.
        quiet: Option<Arc<Quiet>>,
    },
    /// What a user says of themselves from now on.
    Status {
        /// Which user.
        user: UserId,
        /// Their words; empty when that is nothing.
        status: String,
    },
    /// Who rang a user lately while they were quiet, from now on.
    Rang {
        /// The user who was rung.
        user: UserId,
        /// Who rang, the oldest first.
        rang: Vec<Rang>,
    },
    /// A user is disabled from now on, or may sign in again.
    Disabled {
        /// Which user.
        user: UserId,
        /// Since when, server time in ms; `None` when they may sign in.
        since: Option<u64>,
    },
    /// A user is deleted: nothing is left of them but their name.
    UserDeleted {
        /// Which user.
        user: UserId,
        /// When, server time in ms.
        at: u64,
        /// The newest place of their stream, which nothing is told in any more.
        head: u64,
    },
    /// A user writes to another for the first time, and knows them from now on.
    Acquainted {
        /// The user who writes.
        user: UserId,
        /// The user whom they write to.
        with: UserId,
    },
    /// A new invitation.
    InvitationMade(Arc<Invitation>),
    /// An invitation in its next version.
    InvitationChanged(Arc<Invitation>),
    /// An invitation rings for an invitee no more. Its version is the same.
    InvitationSilenced(Arc<Invitation>),
    /// A new call, or a call in its next version.
    Call(Box<CallChange>),
    /// A user has looked at their missed calls that began up to this time, server time in ms.
    CallsSeen(UserId, u64),
    /// A one-to-one conversation gets its first message.
    ConversationStarted(UserId, UserId),
    /// A message uses up its sender's idempotency key; a repeat of it gets its reply.
    ClientMessage {
        /// The user who sent the message.
        sender: UserId,
        /// The sender's idempotency key.
        client_msg_id: String,
        /// The message.
        message: KeyedMessage,
    },
    /// A message is taken back.
    MessageRevoked(ConversationId, u64),
    /// How far a user has read.
    Read {
        /// The reader.
        user: UserId,
        /// Which conversation.
        conversation: ConversationId,
        /// The number of the last message that they have read.
        seq: u64,
    },
    /// Whether a conversation is pinned in a user's list.
    Pinned {
        /// Whose list.
        user: UserId,
        /// Which conversation.
        conversation: ConversationId,
        /// False when it is not pinned any more.
        on: bool,
    },
    /// A conversation leaves a user's list until something is said in it.
    ConversationDeleted {
        /// Whose list.
        user: UserId,
        /// Which conversation.
        conversation: ConversationId,
        /// The newest message that the user does not see any more.
        seq: u64,
    },
    /// A new group with its first members.
    GroupCreated(Box<Group>),
    /// A group's description, with its new content.
    GroupDescribed {
        /// Which group.
        id: GroupId,
        /// The name that people see.
        name: String,
        /// The app's own text about the group.
        ext: String,
        /// Whether users may join without being added.
        join_policy: JoinPolicy,
    },
    /// A new member, or a member whose role changes.
    Member {
        /// Which group.
        group: GroupId,
        /// The member.
        user: UserId,
        /// Their role from now on, and when they joined.
        membership: Membership,
        /// For a new member: the conversation's newest seq, from which they count unread messages.
        joined_at_seq: Option<u64>,
    },
    /// A member left or was removed.
    MemberGone(GroupId, UserId),
    /// A user has left the group by their own wish, or has come back by it.
    Departure {
        /// Which group.
        group: GroupId,
        /// The user who left or came back.
        user: UserId,
        /// False when they are back.
        has_left: bool,
    },
    /// What stands on a group's board from now on.
    Board(GroupId, Box<Board>),
    /// The group is deleted, with its conversation.
    GroupDismissed(GroupId),
}

/// A call after a step, and whom the step concerned.
#[derive(Debug, Clone)]
pub struct CallChange {
    /// The call as it is from now on.
    pub next: Arc<Call>,
    /// People who were not in its list before.
    pub new: Vec<UserId>,
    /// People who are in the call from now on.
    pub entered: Vec<UserId>,
    /// People who are in the call no more.
    pub exited: Vec<UserId>,
}

impl CallChange {
    /// What leads from one version to the next; `None` before the first.
    pub fn between(before: Option<&Call>, next: Arc<Call>) -> Self {
        let (mut new, mut entered, mut exited) = (Vec::new(), Vec::new(), Vec::new());
        for person in &next.people {
            let earlier = before.and_then(|before| before.person(&person.user));
            if earlier.is_none() {
                new.push(person.user.clone());
            }
            match (earlier.is_some_and(Person::is_joined), person.is_joined()) {
                (false, true) => entered.push(person.user.clone()),
                (true, false) => exited.push(person.user.clone()),
                (true, true) | (false, false) => {}
            }
        }
        Self { next, new, entered, exited }
    }
}

/// A user's place for an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The user whose stream it is.
    pub user: UserId,
    /// The place in that stream.
    pub cursor: u64,
}

/// An event with its place in everybody's stream.
#[derive(Debug, Clone)]
pub struct PlacedEvent {
    /// Server time in ms.
    pub time: u64,
    /// What happened.
    pub event: Event,
    /// The user who did it; `None` when something was due.
    pub actor: Option<UserId>,
    /// Whether it is kept for a minute only and not in history.
    pub online_only: bool,
    /// The invitation it is about, for folding.
    pub invitation: Option<InvitationMark>,
    /// Its place in a conversation's history.
    pub message: Option<MessageMark>,
    /// Its place in the stream of each user who is told; each user once.
    pub places: Vec<Place>,
    /// On `invitation.received`: those of them whose devices ring without a sound, in byte order. Each is told it of themselves alone, so it is in no
    /// text that others are given.
    pub quiet: Vec<UserId>,
}

/// What folding needs to know of an invitation's event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvitationMark {
    /// The invitation's name.
    pub id: InviteId,
    /// The version the event carries; 1 is `invitation.received`.
    pub version: u32,
    /// On `invitation.received`: server time in ms.
    pub deadline: Option<u64>,
}

/// An event's place in a conversation's history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageMark {
    /// The conversation it is a message of.
    pub conversation: ConversationId,
    /// The message's number in the conversation: 1, 2, 3 …
    pub seq: u64,
    /// The user who sent it.
    pub sender: UserId,
    /// The message's name, unique on this server.
    pub message_id: String,
    /// Whether it counts as unread for the others.
    pub counted: bool,
    /// Whether it may be shown as the conversation's last message.
    pub shown_last: bool,
}

impl PlacedEvent {
    /// The place in `user`'s stream.
    pub fn cursor_of(&self, user: &UserId) -> Option<u64> {
        self.places.iter().find(|place| place.user == *user).map(|place| place.cursor)
    }
}

/// The result of a command, as the protocol words it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Reply {
    /// To a command on an invitation.
    Acted(Acted),
    /// To `message.send`.
    Sent(MessageSent),
    /// To `group.create`.
    Created(GroupCreated),
    /// To `group.setAttributes`.
    AttributesSet(AttributesSet),
    /// To `call.join`.
    Joined(Box<Joined>),
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
            Self::AttributesSet(set) => set.cursor,
            Self::Joined(joined) => joined.cursor,
            Self::Done(done) => done.cursor,
        }
    }
}
