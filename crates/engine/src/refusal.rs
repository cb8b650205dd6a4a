//! Why the rules say no.
//!
//! A refusal holds what the rules know: the field, the bound, what beat the command. The number and the words that a client
//! is told are the codec's, so that each protocol can have its own.

use wigwag_protocol::UserId;
use wigwag_protocol::error::Outcome;

use crate::quiet::BadQuiet;

/// Why the rules say no. Nothing has changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// A value is longer than this many bytes.
    TooLong(Field, usize),
    /// A value is empty or longer than this many bytes.
    BadLength(Field, usize),
    /// The timeout is longer than this many seconds.
    TimeoutTooLong(u32),
    /// More than this many invitees are named.
    TooManyInvitees(usize),
    /// Nobody is named, or more than this many users.
    BadUserCount(usize),
    /// The field names the actor, where only somebody else makes sense.
    Oneself(Field),
    /// The content is not the object that a message of this kind must have.
    BadContent(Content),
    /// The message speaks as signaling, but not in a way that can be carried out.
    BadSignal(BadSignal),
    /// The message speaks as signaling, and what it says of its sender or its invitation is not true.
    FalseSignal(FalseSignal),

    /// There is no such invitation, or none that the actor may see.
    UnknownInvitation,
    /// The inviteID belongs to a different invitation.
    InviteIdTaken,
    /// None of the named users is a member of the group besides the inviter.
    NoValidInvitee,
    /// As many of the inviter's invitations are open as may be.
    TooManyOpenInvitations,
    /// As many invitations of the group are open as may be.
    TooManyOpenInGroup,
    /// As many of the inviter's invitations are pending for this invitee as may be.
    TooManyOpenForPair,
    /// As many invitations are pending for this invitee as may be.
    TooManyOpenForInvitee,
    /// Only the inviter may do this.
    NotInviter,
    /// Only an invitee may do this.
    NotInvitee,
    /// The cancel names this user, whom nobody invited.
    NotInvited(UserId),
    /// Only the inviter or an invitee may do this.
    NotParty,
    /// An `onlineUserOnly` invitation cannot be modified.
    OnlineOnly,
    /// The invitee has answered or left, or the invitation has ended: this beat the command.
    Settled(Box<Outcome>),
    /// The deadline beat the command.
    TimedOut(Box<Outcome>),
    /// The inviter's cancel beat the answer, or the end of the group did.
    Cancelled(Box<Outcome>),

    /// There is no such call, or none that the actor may see.
    UnknownCall,
    /// The call is over.
    CallEnded,
    /// Only somebody who is in the call may do this.
    NotInCall,
    /// The user is in the call already, or rings in it.
    AlreadyInCall,
    /// The room has a running call that the actor is not in and cannot join.
    RoomTaken,
    /// The call would have more than this many people.
    TooManyInCall(usize),
    /// As many calls of the group are running as may be.
    TooManyCallsInGroup,

    /// The idempotency key belongs to a message of another conversation or content.
    ClientMsgIdTaken,
    /// There is no such message in the conversation.
    UnknownMessage,
    /// Only the sender may take a message back.
    NotSender,
    /// The message is too old to be taken back.
    RevokeWindow,

    /// There is no such group.
    UnknownGroup,
    /// The groupID is in use.
    GroupIdTaken,
    /// The group would have more members than it may have.
    GroupFull,
    /// The actor is in as many groups as they may be.
    TooManyGroups,
    /// This user is in as many groups as they may be.
    TooManyGroupsOfNewMember(UserId),
    /// The actor is a member already.
    AlreadyMember,
    /// Only members may do this.
    NotMember,
    /// The actor's role does not allow this.
    NotAllowed,
    /// This user left the group by their own wish, so only they can put themselves back.
    HasLeft(UserId),
    /// An owner must hand the group over, or dismiss it, before they can leave.
    OwnerMayNotQuit,
    /// This member's role is not below the actor's.
    NotBelow(UserId),
    /// The owner's own role changes only when they hand the group over.
    OwnRole,

    /// A later write than the one that the actor knows has changed what they write.
    AttributesChanged,
    /// The write does not fit on the group's board.
    OffBoard(OffBoard),
    /// The conversation is not in the user's list.
    NotListed,
    /// The user has pinned this many conversations, which is the most.
    TooManyPinned(usize),
    /// The group's board is written to too fast: wait this long, ms.
    BoardTooFast(u64),

    /// When the actor wants to be quiet cannot be kept, for this reason.
    BadQuiet(BadQuiet),

    /// There is no such user; the field that named them, if one did.
    UnknownUser(Option<Field>),
    /// One of the users to be added does not exist.
    UnknownNewMember(UserId),
    /// The user was deleted, and their name is never given out again.
    UserDeleted,
    /// The user is still in a group, in a call or in an open invitation.
    StillInvolved,
    /// The other user blocks the actor, or does not let them ring. Which of the two is not told.
    BlockedByPeer,
    /// One of the users to be added blocks the actor, or does not let them add.
    BlockedByNewMember(UserId),

    /// The server made an identifier that is none: a bug.
    Internal,
}

/// The part of a request that is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// The payload of an invitation or an answer.
    Data,
    /// Push settings.
    OfflinePushInfo,
    /// The one invitee of a one-to-one invitation.
    Invitee,
    /// What a call carries.
    MediaType,
    /// Another user.
    UserId,
    /// A message's content.
    Content,
    /// The app's addition to a message.
    CloudCustomData,
    /// A message's type.
    Kind,
    /// A message's idempotency key.
    ClientMsgId,
    /// A group's name.
    Name,
    /// The app's own text about a user or a group.
    Ext,
    /// The value of a group's attribute.
    Attribute,
    /// A user's nickname.
    Nickname,
    /// The address of a user's picture.
    FaceUrl,
    /// What a user says of themselves.
    Status,
}

/// The object that a message's content must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    /// A text message: an object with the string `text`.
    Text,
    /// A custom message: an object with the string `data`.
    Custom,
    /// Any other message: any object.
    Other,
}

/// Why a write does not fit on a group's board.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OffBoard {
    /// The key of an attribute is empty or longer than this many bytes.
    AttributeKey(usize),
    /// The group would have more attributes than this.
    TooManyAttributes(usize),
    /// The group's attributes would be longer than this many bytes.
    AttributesTooLong(usize),
    /// The key of a counter is empty or longer than this many bytes.
    CounterKey(usize),
    /// The group would have more counters than this.
    TooManyCounters(usize),
    /// A counter would be further from 0 than this.
    CounterTooLarge(i64),
}

impl From<OffBoard> for Refusal {
    fn from(why: OffBoard) -> Self {
        Self::OffBoard(why)
    }
}

impl From<BadQuiet> for Refusal {
    fn from(why: BadQuiet) -> Self {
        Self::BadQuiet(why)
    }
}

/// Why a message that speaks as signaling cannot be carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BadSignal {
    /// Its text cannot be read, for this reason.
    Unreadable(String),
    /// An invite to one user must name its receiver alone, and no group.
    OtherReceiver,
    /// An invite to a group must name that group.
    OtherGroup,
    /// It was not sent to the conversation of its invitation, or does not name its group.
    Elsewhere,
}

/// A false claim in a message that speaks as signaling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FalseSignal {
    /// An invite names another inviter than the actor.
    NotTheInviter,
    /// It names a user as the inviter who did not make this invitation.
    OtherInviter,
    /// It answers for other users than the actor.
    OtherInvitees,
}
