//! Everything that can be asked of the server to change something.

use std::collections::HashMap;

use serde_json::Value;
use wigwag_protocol::group::{JoinPolicy, Role};
use wigwag_protocol::invitation::Notify;
use wigwag_protocol::message::{MessageOptions, Peer};
use wigwag_protocol::signaling_claim::Claim;
use wigwag_protocol::signaling_text::{ActionType, SignalingText};
use wigwag_protocol::{ErrorBody, GroupId, InviteId, Reason, UserId};

use crate::invitation::Switches;

/// What is asked.
#[derive(Debug, Clone)]
pub enum Command {
    /// Makes the actor known to the server, if he is not.
    Register,
    /// Invites one user or members of a group.
    Invite(Box<Invite>),
    /// Takes an invitation back.
    Cancel(Answer),
    /// Accepts one.
    Accept(Answer),
    /// Rejects one.
    Reject(Answer),
    /// Replaces its payload.
    Modify(Answer),
    /// Sends a message.
    SendMessage(Box<SendMessage>),
    /// Sends a message that speaks as signaling: a command on its invitation.
    Signal(Box<Signal>),
    /// Takes one back.
    RevokeMessage {
        /// The conversation.
        peer: Peer,
        /// The message's place in it.
        seq: u64,
    },
    /// Marks a conversation read.
    MarkRead {
        /// The conversation.
        peer: Peer,
        /// Up to where.
        seq: u64,
    },
    /// Creates a group.
    CreateGroup(Box<CreateGroup>),
    /// Joins one.
    JoinGroup(GroupId),
    /// Leaves one.
    QuitGroup(GroupId),
    /// Dismisses one.
    DismissGroup(GroupId),
    /// Adds members.
    AddMembers(GroupId, Vec<UserId>),
    /// Removes members.
    RemoveMembers(GroupId, Vec<UserId>),
    /// Changes a group's description.
    SetGroupInfo {
        /// The group.
        group: GroupId,
        /// Absent: stays.
        name: Option<String>,
        /// Absent: stays.
        ext: Option<String>,
        /// Absent: stays.
        join_policy: Option<JoinPolicy>,
    },
    /// Changes a member's role.
    SetRole {
        /// The group.
        group: GroupId,
        /// Whose.
        user: UserId,
        /// The new one; `Owner` hands the group over.
        role: Role,
    },
    /// Changes the actor's profile.
    SetProfile {
        /// Absent: stays.
        nickname: Option<String>,
        /// Absent: stays.
        face_url: Option<String>,
        /// Absent: stays.
        ext: Option<String>,
    },
    /// Blocks (`true`) or unblocks a user.
    SetBlock(UserId, bool),
}

impl Command {
    /// The command a message means: usually to send it. One that speaks as signaling is a command on its invitation; one
    /// that does so and cannot be understood is refused, since clients would believe it.
    pub fn sending(message: SendMessage) -> Result<Self, ErrorBody> {
        match message.custom_text().as_deref().and_then(Claim::read) {
            None => Ok(Self::SendMessage(Box::new(message))),
            Some(Claim::Clear(action, text)) => Ok(Self::Signal(Box::new(Signal { action, text, message }))),
            Some(Claim::Unclear(words)) => {
                let words = format!("speaks as signaling, but cannot be read: {words}");
                Err(Reason::InvalidParameter.field("content", &words))
            }
        }
    }

    /// The group something new is said to: a message or an invitation. Answers are as many as there are invitees, and do
    /// not count as something new.
    pub fn group_written_to(&self) -> Option<&GroupId> {
        if let Self::Invite(invite) = self {
            return match &invite.invited {
                Invited::Members { group, .. } => Some(group),
                Invited::User(_) => None,
            };
        }
        match &self.message_started()?.peer {
            Peer::Group(group) => Some(group),
            Peer::User(_) => None,
        }
    }

    fn message_started(&self) -> Option<&SendMessage> {
        if let Self::SendMessage(send) = self {
            return Some(send);
        }
        let Self::Signal(signal) = self else { return None };
        (signal.action == ActionType::Invite).then_some(&signal.message)
    }
}

/// Whom an invitation is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Invited {
    /// One user.
    User(UserId),
    /// Members of a group.
    Members {
        /// The group.
        group: GroupId,
        /// In the order given.
        invitees: Vec<UserId>,
        /// Who is told.
        notify: Notify,
    },
}

/// An invitation to be made.
#[derive(Debug, Clone)]
pub struct Invite {
    /// Chosen by the client, or to be made.
    pub id: Option<InviteId>,
    /// For whom.
    pub invited: Invited,
    /// The app's payload.
    pub data: String,
    /// Seconds; 0 = no deadline.
    pub timeout: u32,
    /// What the inviter sets.
    pub switches: Switches,
    /// Push settings, JSON.
    pub offline_push_info: Option<String>,
}

/// A word on an invitation.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Which.
    pub id: InviteId,
    /// The app's payload.
    pub data: String,
}

/// A message to be sent.
#[derive(Debug, Clone)]
pub struct SendMessage {
    /// To whom.
    pub peer: Peer,
    /// Idempotency key.
    pub client_msg_id: Option<String>,
    /// Type name.
    pub kind: String,
    /// JSON object.
    pub content: Box<serde_json::value::RawValue>,
    /// Switches and extras.
    pub options: MessageOptions,
    /// Push settings, a JSON object.
    pub offline_push_info: Option<Box<serde_json::value::RawValue>>,
}

impl SendMessage {
    /// The text of a custom message. Of several fields `data` the last one counts, as in a browser.
    fn custom_text(&self) -> Option<String> {
        let content = (self.kind == "custom").then_some(self.content.get())?;
        let mut content: HashMap<String, Value> = serde_json::from_str(content).ok()?;
        if let Some(Value::String(text)) = content.remove("data") { Some(text) } else { None }
    }
}

/// A message that speaks as signaling.
#[derive(Debug, Clone)]
pub struct Signal {
    /// What it wants.
    pub action: ActionType,
    /// What its text says.
    pub text: SignalingText,
    /// The message itself, for where it goes and what the sender set.
    pub message: SendMessage,
}

/// A group to be created.
#[derive(Debug, Clone)]
pub struct CreateGroup {
    /// Chosen by the client, or to be made.
    pub id: Option<GroupId>,
    /// Shown to people.
    pub name: String,
    /// Opaque.
    pub ext: String,
    /// Who may join by himself.
    pub join_policy: JoinPolicy,
    /// Besides the owner.
    pub members: Vec<UserId>,
}
