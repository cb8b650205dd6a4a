//! What a frame asks, with its arguments read. Shapes only; rules are the engine's.

mod reading;
#[cfg(test)]
mod tests;

use serde_json::Value;
use wigwag_engine::command::CreateGroup;
use wigwag_protocol::group::Role;
use wigwag_protocol::message::Peer;
use wigwag_protocol::{GroupId, Reason, RoomId, UserId};

use self::reading::Reading;
use super::arguments::{Arguments, Read, required};
use super::chat::{Draft, Sending, Which};
use super::error::Kind;
use super::frame::Incoming;
use super::method::{Function, Named};
use super::people::Wanted;
use super::{Dialect, Error};
use crate::rates::Allowance;

pub(super) use self::reading::text_of;

/// A sign-in.
#[derive(Clone, PartialEq, Eq)]
pub struct Login {
    /// Which version the client is of: the form of the arguments shows it.
    pub dialect: Dialect,
    /// Who the client says it is.
    pub user: UserId,
    /// Kept out of debug output.
    pub token: String,
    /// Whether messages are wanted in lists.
    pub in_batches: bool,
}

impl std::fmt::Debug for Login {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { dialect, user, in_batches, .. } = self;
        f.debug_struct("Login")
            .field("dialect", dialect)
            .field("user", user)
            .field("in_batches", in_batches)
            .finish_non_exhaustive()
    }
}

/// Reads the arguments of Login.
pub fn login(frame: &Incoming) -> Read<Login> {
    let given: Value = serde_json::from_str(&frame.data).unwrap_or(Value::Null);
    let (dialect, user, token) = match &given {
        Value::Object(fields) => (Dialect::Two, fields.get("userID"), fields.get("token")),
        Value::Array(list) => (Dialect::Three, list.first(), list.get(1)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            return Err(Error::arguments("Login wants userID and token"));
        }
    };
    let text = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or_default().to_owned();
    let user = required(&text(user), UserId::parse)?;
    Ok(Login { dialect, user, token: text(token), in_batches: frame.in_batches })
}

/// What is asked of an open session.
#[derive(Debug, Clone)]
pub enum Request {
    /// It is done already.
    Nothing,
    /// A list of what does not exist here.
    EmptyList,
    /// To sign in once more.
    Login(Login),
    /// To end the session.
    Logout,
    /// Whether one is signed in.
    Status,
    /// Who is signed in.
    Myself,
    /// One's own profile.
    MyProfile,
    /// To change one's profile.
    SetProfile {
        /// `None` keeps it.
        nickname: Option<String>,
        /// `None` keeps it.
        face_url: Option<String>,
        /// `None` keeps it.
        ext: Option<String>,
    },
    /// Profiles.
    Profiles(Vec<UserId>),
    /// To block somebody, or not any more.
    Block(UserId, bool),
    /// Who is blocked.
    Blocked,
    /// To call.
    Invite(Box<Calling>),
    /// To say something about a call that is known by its invitation object.
    Act(Act, Box<Known>),
    /// The running call of a group.
    RoomOf(GroupId),
    /// What is needed to come into a room.
    TokenOf(RoomId),
    /// To signal to the others in a room.
    Signal(RoomId, String),
    /// What rings.
    StartApp,
    /// To make a message object.
    Create(Draft),
    /// To send a message.
    Send(Box<Sending>),
    /// To have a message shown that is not sent: it is given back.
    Insert(Box<Sending>),
    /// A part of a conversation.
    History(History),
    /// To take a message back.
    Revoke {
        /// Where.
        place: Where,
        /// Which.
        which: Which,
        /// Whether the client knows the newer of the two events.
        with_details: bool,
    },
    /// To mark messages read.
    MarkRead {
        /// Where.
        place: Where,
        /// Which; none: all.
        messages: Vec<String>,
    },
    /// A part of the conversation list.
    Conversations {
        /// How many to leave out.
        offset: usize,
        /// How many to show.
        count: usize,
    },
    /// One conversation.
    Conversation(Peer),
    /// Its name.
    ConversationId(Peer),
    /// Some of them.
    ConversationsNamed(Vec<String>),
    /// How much is unread.
    Unread,
    /// To make a group.
    CreateGroup(Box<NewGroup>),
    /// To come into a group.
    JoinGroup(GroupId),
    /// To leave it.
    QuitGroup(GroupId),
    /// To end it.
    DismissGroup(GroupId),
    /// To add members.
    AddMembers(GroupId, Vec<UserId>),
    /// To remove members.
    RemoveMembers(GroupId, Vec<UserId>),
    /// A part of the members.
    Members {
        /// Of this group.
        group: GroupId,
        /// Those of these roles.
        wanted: Wanted,
        /// How many to leave out.
        offset: usize,
        /// How many to show.
        count: usize,
    },
    /// Some of the members.
    MembersNamed(GroupId, Vec<UserId>),
    /// Groups by name.
    Groups(Vec<GroupId>),
    /// One's own groups.
    MyGroups,
    /// To change a group's description.
    SetGroup {
        /// Which.
        group: GroupId,
        /// `None` keeps it.
        name: Option<String>,
        /// `None` keeps it.
        ext: Option<String>,
    },
    /// To change a member's role.
    SetRole(GroupId, UserId, Role),
}

impl Request {
    /// What it draws on of what the user may ask for. Commands that follow from it draw on nothing more.
    pub fn draws_on(&self) -> Allowance {
        match self {
            Self::Login(_) => Allowance::SignIns,
            Self::Invite(_) => Allowance::Calls,
            Self::Act(..) | Self::TokenOf(_) => Allowance::Answers,
            Self::SetProfile { .. }
            | Self::Block(..)
            | Self::Signal(..)
            | Self::Send(_)
            | Self::Revoke { .. }
            | Self::MarkRead { .. }
            | Self::CreateGroup(_)
            | Self::JoinGroup(_)
            | Self::QuitGroup(_)
            | Self::DismissGroup(_)
            | Self::AddMembers(..)
            | Self::RemoveMembers(..)
            | Self::SetGroup { .. }
            | Self::SetRole(..) => Allowance::Commands,
            Self::Nothing
            | Self::EmptyList
            | Self::Logout
            | Self::Status
            | Self::Myself
            | Self::MyProfile
            | Self::Profiles(_)
            | Self::Blocked
            | Self::RoomOf(_)
            | Self::StartApp
            | Self::Create(_)
            | Self::Insert(_)
            | Self::History(_)
            | Self::Conversations { .. }
            | Self::Conversation(_)
            | Self::ConversationId(_)
            | Self::ConversationsNamed(_)
            | Self::Unread
            | Self::Members { .. }
            | Self::MembersNamed(..)
            | Self::Groups(_)
            | Self::MyGroups => Allowance::Reads,
        }
    }
}

/// A call to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calling {
    /// Who is called.
    pub invitees: Vec<UserId>,
    /// The group they are members of; `None` one-to-one.
    pub group: Option<GroupId>,
    /// `None` lets the server choose.
    pub room: Option<RoomId>,
    /// Seconds.
    pub timeout: u32,
    /// `audio`, `video`, or a word of the app's.
    pub media_type: String,
    /// The app's own payload.
    pub data: String,
    /// Push settings as JSON.
    pub offline_push_info: Option<String>,
}

/// What can be said about a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// Yes.
    Accept,
    /// No.
    Reject,
    /// The inviter takes it back.
    Cancel,
    /// To leave.
    HangUp,
}

/// A call as its invitation object names it. Of that object only this counts: the rest is as some client got it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// Who invited.
    pub inviter: UserId,
    /// Where; empty in the object that the inviter has made, when the server chose the room.
    pub room: String,
    /// The group.
    pub group: Option<GroupId>,
    /// Who was invited.
    pub invitees: Vec<UserId>,
}

/// A conversation as a client names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Where {
    /// With this user, or of this group.
    With(Peer),
    /// By OpenIM's name for it, which only the user of the session can understand.
    Named(String),
}

/// A part of a conversation's history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct History {
    /// The conversation.
    pub place: Where,
    /// Beside the message of this number; 0: see `start`.
    pub min_seq: u64,
    /// Beside this message; empty: from the end.
    pub start: String,
    /// How many.
    pub count: usize,
    /// Towards newer messages.
    pub forward: bool,
    /// Whether the answer says how to go on.
    pub advanced: bool,
}

/// A group to be made.
#[derive(Debug, Clone)]
pub struct NewGroup {
    /// As the engine makes it.
    pub create: CreateGroup,
    /// Who is to become an admin.
    pub admins: Vec<UserId>,
}

/// Reads what a frame of `user` asks.
pub fn asked(dialect: Dialect, frame: &Incoming, user: &UserId) -> Read<Request> {
    let function = match Named::by(&frame.heading.name) {
        Named::Function(function) => function,
        Named::EmptyList => return Ok(Request::EmptyList),
        Named::NotSupported => {
            let words = format!("this server has no {}", frame.heading.name);
            return Err(Error::new(Kind::NotSupported, &words));
        }
        Named::Nothing => {
            return Err(Error::new(Kind::NoSuchFunction, "Request Parameter Error: no such reqFuncName"));
        }
    };
    if function == Function::Login {
        return login(frame).map(Request::Login);
    }
    if !frame.user_id.is_empty() && frame.user_id != user.as_str() {
        return Err(Error::because(Reason::IdentityMismatch));
    }
    let arguments = Arguments::read(dialect, &frame.data)?;
    Reading::new(dialect, arguments, user).call(function)
}
