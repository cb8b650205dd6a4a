//! Everything that can be asked of the server to change something.

use std::collections::HashMap;

use serde_json::Value;
use wigwag_protocol::group::{JoinPolicy, ReachableBy, Role};
use wigwag_protocol::invitation::{Notify, ProgressStep};
use wigwag_protocol::message::{MessageOptions, Peer};
use wigwag_protocol::params::CallWish;
use wigwag_protocol::quiet::Quiet;
use wigwag_protocol::signaling_claim::Claim;
use wigwag_protocol::signaling_text::{ActionType, SignalingText};
use wigwag_protocol::{CallId, GroupId, InviteId, RoomId, UserId};

use crate::Refusal;
use crate::board::AttributesWish;
use crate::invitation::Switches;
use crate::refusal::BadSignal;

/// What is asked.
#[derive(Debug, Clone)]
pub enum Command {
    /// Registers the actor, unless they are registered.
    Register,
    /// Registers the actor, unless they are registered, and sets what is given of their profile and of who may reach them: what a
    /// back end knows of a user, in one step.
    Provision(Box<Provision>),
    /// Changes nothing, and its reply names this time, ms since the epoch. Where replies are kept for repeats, a repeat hears the time
    /// that the first request named.
    MarkTime(u64),
    /// Disables (`true`) or enables the actor. Only a back end asks it for them.
    SetDisabled(bool),
    /// Deletes the actor, who must be in no group, no call and no open invitation any more. Only a back end asks it for them.
    DeleteUser,
    /// Goes out of an open invitation: takes it back as its inviter, or rejects it as an invitee, also one that they were never
    /// told of. Only a back end asks it for somebody who is being deleted.
    Withdraw(InviteId),
    /// Goes one step out of a group: its owner hands it over, or dismisses it when nobody else is in it, and others leave. Only a
    /// back end asks it for somebody who is being deleted.
    PartWith(GroupId),
    /// Invites one user or members of a group.
    Invite(Box<Invite>),
    /// Takes an invitation back, as its inviter, from everybody or from some.
    Cancel(Cancel),
    /// Accepts an invitation.
    Accept(Answer),
    /// Rejects an invitation.
    Reject(Answer),
    /// Replaces the payload of an invitation.
    Modify(Answer),
    /// A device of an invitee is so far with an invitation. The server says it; nothing changes, and the inviter is told.
    Progress(Progress),
    /// Enters a call without an invitation, or again.
    JoinCall(CallRef),
    /// Leaves a call. While it rings, the caller takes it back and an invitee rejects it.
    HangUp(CallRef),
    /// Lets everybody who is in a call hang up. Only a back end asks for it.
    EndCall(CallId),
    /// Sends a signal to the others in a call, who get it if they are online.
    SignalCall(Box<CallSignal>),
    /// Marks the actor's missed calls that began up to this time, server time in ms, as looked at.
    SeeCalls(u64),
    /// Sends a message.
    SendMessage(Box<SendMessage>),
    /// Sends a message that speaks as signaling: it is carried out as the command it means (docs/decisions/0004).
    Signal(Box<Signal>),
    /// Takes a message back.
    RevokeMessage {
        /// The conversation, by its other side.
        peer: Peer,
        /// The message's number in the conversation.
        seq: u64,
    },
    /// Marks a conversation read.
    MarkRead {
        /// The conversation, by its other side.
        peer: Peer,
        /// The number of the last message that was read.
        seq: u64,
    },
    /// Pins a conversation in the actor's list, or unpins it.
    PinConversation {
        /// The conversation, by its other side.
        peer: Peer,
        /// False takes the pin away.
        on: bool,
    },
    /// Takes a conversation out of the actor's list, until something is said in it.
    DeleteConversation(Peer),
    /// Creates a group.
    CreateGroup(Box<CreateGroup>),
    /// Joins a group that is free to join.
    JoinGroup(GroupId),
    /// Leaves a group.
    QuitGroup(GroupId),
    /// Deletes a group, as its owner.
    DismissGroup(GroupId),
    /// Adds users to a group.
    AddMembers(GroupId, Vec<UserId>),
    /// Removes members from a group.
    RemoveMembers(GroupId, Vec<UserId>),
    /// Changes a group's description.
    SetGroupInfo {
        /// Which group.
        group: GroupId,
        /// The new name; `None` keeps it.
        name: Option<String>,
        /// The new `ext`; `None` keeps it.
        ext: Option<String>,
        /// The new policy; `None` keeps it.
        join_policy: Option<JoinPolicy>,
    },
    /// Changes a member's role.
    SetRole {
        /// Which group.
        group: GroupId,
        /// The member whose role changes.
        user: UserId,
        /// The new role; `Owner` hands the group over.
        role: Role,
    },
    /// Writes a group's attributes and counters.
    SetAttributes(GroupId, Box<AttributesWish>),
    /// Tells members of a group something. Only a back end asks it, and nobody is told as whom.
    NotifyGroup(Box<GroupNotice>),
    /// Changes the actor's profile.
    SetProfile {
        /// The new nickname; `None` keeps it.
        nickname: Option<String>,
        /// The new address of a picture; `None` keeps it.
        face_url: Option<String>,
        /// The new `ext`; `None` keeps it.
        ext: Option<String>,
    },
    /// Blocks (`true`) or unblocks a user.
    SetBlock(UserId, bool),
    /// Says when the actor's devices ring without a sound.
    SetQuiet(Box<Quiet>),
    /// Replaces what the actor says of themselves; nothing when it is empty.
    SetStatus(String),
    /// Stops the ring of an invitation on all of the actor's devices, and answers nothing.
    Silence(InviteId),
    /// Says who may ring the actor, and who may add them to groups.
    SetReach {
        /// Who may ring them; `None` keeps it.
        ring: Option<ReachableBy>,
        /// Who may add them; `None` keeps it.
        add: Option<ReachableBy>,
    },
}

impl Command {
    /// The command that a message means: usually to send it. A message that speaks as signaling is a command on its
    /// invitation. One that speaks as signaling but cannot be understood is refused, because clients would believe it.
    pub fn sending(message: SendMessage) -> Result<Self, Refusal> {
        match message.custom_text().as_deref().and_then(Claim::read) {
            None => Ok(Self::SendMessage(Box::new(message))),
            Some(Claim::Clear(action, text)) => Ok(Self::Signal(Box::new(Signal { action, text, message }))),
            Some(Claim::Unclear(words)) => Err(Refusal::BadSignal(BadSignal::Unreadable(words))),
        }
    }

    /// The group whose rate limit the command counts against: that of a new message, a notice or a new invitation. Answers do not
    /// count, because there can be as many as there are invitees.
    pub fn group_written_to(&self) -> Option<&GroupId> {
        if let Self::NotifyGroup(notice) = self {
            return Some(&notice.group);
        }
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

    /// Whether it may make an invitation.
    pub fn invites(&self) -> bool {
        if let Self::Signal(signal) = self {
            return signal.action == ActionType::Invite;
        }
        matches!(self, Self::Invite(_))
    }

    /// Whether it can send a message that is no step of an invitation.
    pub fn sends(&self) -> bool {
        matches!(self, Self::SendMessage(_))
    }

    /// Whether it may make a group, or put somebody into one.
    pub fn fills_group(&self) -> bool {
        matches!(self, Self::CreateGroup(_) | Self::JoinGroup(_) | Self::AddMembers(..))
    }

    /// Leaves these users out of those who would come to a group by this command of `actor`. False, and nothing is changed, when nobody
    /// would come any more, or the group would have no owner.
    pub fn leave_out(&mut self, actor: &UserId, users: &[UserId]) -> bool {
        let comes = |user: &UserId| !users.contains(user);
        if let Self::AddMembers(_, new) = self {
            let somebody_comes = new.iter().any(comes);
            if somebody_comes {
                new.retain(comes);
            }
            return somebody_comes;
        }
        if self.fills_group() && !comes(actor) {
            return false;
        }
        if let Self::CreateGroup(create) = self {
            create.members.retain(comes);
        }
        true
    }

    /// Gives a new group without a name this one, so that it has the same each time it is decided.
    pub fn name_group(&mut self, id: impl FnOnce() -> Option<GroupId>) {
        if let Self::CreateGroup(create) = self
            && create.id.is_none()
        {
            create.id = id();
        }
    }

    /// Gives an invite without a name this one, so that it has the same each time it is decided.
    pub fn name_invitation(&mut self, id: impl FnOnce() -> Option<InviteId>) {
        if let Self::Invite(invite) = self
            && invite.id.is_none()
        {
            invite.id = id();
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

/// What a back end says of a user; `None` keeps what there is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Provision {
    /// The new nickname.
    pub nickname: Option<String>,
    /// The new address of a picture.
    pub face_url: Option<String>,
    /// The new `ext`.
    pub ext: Option<String>,
    /// Who may ring them.
    pub ring: Option<ReachableBy>,
    /// Who may add them to groups.
    pub add: Option<ReachableBy>,
}

/// The users a new invitation is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Invited {
    /// One user.
    User(UserId),
    /// Members of a group.
    Members {
        /// Which group.
        group: GroupId,
        /// As the inviter named them, with repeats and users who are not members.
        invitees: Vec<UserId>,
        /// Whether all members are told, or the parties alone.
        notify: Notify,
    },
}

impl Invited {
    /// The users whom the inviter names.
    pub fn users(&self) -> &[UserId] {
        match self {
            Self::User(user) => std::slice::from_ref(user),
            Self::Members { invitees, .. } => invitees,
        }
    }

    /// The invitee, or the group.
    pub fn peer(&self) -> Peer {
        match self {
            Self::User(user) => Peer::User(user.clone()),
            Self::Members { group, .. } => Peer::Group(group.clone()),
        }
    }
}

/// An invitation to be made.
#[derive(Debug, Clone)]
pub struct Invite {
    /// Chosen by the client; `None` lets the server make one.
    pub id: Option<InviteId>,
    /// The users who are invited.
    pub invited: Invited,
    /// The app's payload.
    pub data: String,
    /// Seconds; 0 = no deadline.
    pub timeout: u32,
    /// Set by the inviter once and for all.
    pub switches: Switches,
    /// Push settings as JSON, not read by the server.
    pub offline_push_info: Option<String>,
    /// The call that it invites into.
    pub call: Option<CallWish>,
    /// Those who cannot be reached now, if the inviter wants to know: none of their devices is connected, and none can be woken.
    pub unreachable: Vec<UserId>,
}

/// How far a device of the actor is with an invitation.
#[derive(Debug, Clone)]
pub struct Progress {
    /// Which invitation.
    pub id: InviteId,
    /// Whose invitation it is, so that nothing else has to be loaded for it.
    pub inviter: UserId,
    /// How far it is.
    pub step: ProgressStep,
}

/// A call by one of its names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallRef {
    /// This call.
    Call(CallId),
    /// The newest call of this room.
    Room(RoomId),
}

/// A signal to the others in a call.
#[derive(Debug, Clone)]
pub struct CallSignal {
    /// Which call.
    pub call: CallRef,
    /// The one user it is for; `None` when it is for all others.
    pub to: Option<UserId>,
    /// The app's payload.
    pub data: String,
}

/// What a party says about an invitation: an answer, a cancel or a new payload.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The invitation it is about.
    pub id: InviteId,
    /// The app's payload.
    pub data: String,
}

/// The inviter's cancel.
#[derive(Debug, Clone)]
pub struct Cancel {
    /// The invitation, and the payload.
    pub answer: Answer,
    /// The invitees from whom it is taken back; `None` for everybody who is pending.
    pub from: Option<Vec<UserId>>,
}

impl Cancel {
    /// Takes the invitation back from everybody who is pending.
    pub fn all(answer: Answer) -> Self {
        Self { answer, from: None }
    }
}

/// A message to be sent.
#[derive(Debug, Clone)]
pub struct SendMessage {
    /// The user or the group it goes to.
    pub peer: Peer,
    /// The sender's idempotency key: a second message with the same key gets the first reply.
    pub client_msg_id: Option<String>,
    /// The type's name, such as `text` or `custom`.
    pub kind: String,
    /// The content as a JSON object.
    pub content: Box<serde_json::value::RawValue>,
    /// Whether it is stored and counted, and the app's own addition.
    pub options: MessageOptions,
    /// Push settings as a JSON object, not read by the server.
    pub offline_push_info: Option<Box<serde_json::value::RawValue>>,
}

impl SendMessage {
    /// The text of a custom message. If there are several fields `data`, the last one counts, as in a browser.
    fn custom_text(&self) -> Option<String> {
        let content = (self.kind == "custom").then_some(self.content.get())?;
        let mut content: HashMap<String, Value> = serde_json::from_str(content).ok()?;
        if let Some(Value::String(text)) = content.remove("data") { Some(text) } else { None }
    }
}

/// A message that speaks as signaling.
#[derive(Debug, Clone)]
pub struct Signal {
    /// The command it means.
    pub action: ActionType,
    /// Its text, read.
    pub text: SignalingText,
    /// The message itself, for its conversation and its options.
    pub message: SendMessage,
}

/// What members of a group are told.
#[derive(Debug, Clone)]
pub struct GroupNotice {
    /// Which group.
    pub group: GroupId,
    /// The app's payload.
    pub data: String,
    /// Those who are told, in any order and perhaps twice; all members when it is `None`. Whoever is no member is passed over.
    pub to: Option<Vec<UserId>>,
}

/// A group to be created.
#[derive(Debug, Clone)]
pub struct CreateGroup {
    /// Chosen by the client; `None` lets the server make one.
    pub id: Option<GroupId>,
    /// The name that people see.
    pub name: String,
    /// The app's own text about the group, not read by the server.
    pub ext: String,
    /// Whether users may join without being added.
    pub join_policy: JoinPolicy,
    /// The first members besides the owner.
    pub members: Vec<UserId>,
}
