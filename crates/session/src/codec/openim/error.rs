//! Errors: OpenIM's numbers for what this server refuses. Apps show the words, so these are the server's own.

use wigwag_protocol::Reason;

use super::Dialect;
use crate::Refused;
use crate::codec::native;
use crate::refused::Refusal;

/// Why a request was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    kind: Kind,
    words: String,
}

/// What an error's number says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The frame is not JSON, or no request.
    NotJson,
    /// The frame is too long.
    TooLarge,
    /// There is no function of this name.
    NoSuchFunction,
    /// The function exists, and this server has nothing for it.
    NotSupported,
    /// An argument is missing or has another form.
    Arguments,
    /// It has to wait for Login.
    NotSignedIn,
    /// Everybody who was invited is in another call.
    AllBusy,
    /// The app's back end refuses it with a number of its own.
    ByBackEnd(i32),
    /// For one of the server's own reasons.
    Because(Reason),
}

impl Error {
    /// An error with these words.
    pub fn new(kind: Kind, words: &str) -> Self {
        Self { kind, words: words.to_owned() }
    }

    /// An argument is missing or has another form.
    pub fn arguments(words: &str) -> Self {
        Self::new(Kind::Arguments, words)
    }

    /// For a reason, with its own words.
    pub fn because(reason: Reason) -> Self {
        Self::new(Kind::Because(reason), reason.message())
    }

    /// What the number says.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// For people.
    pub fn words(&self) -> &str {
        &self.words
    }

    /// The number in this version of the protocol.
    pub fn code(&self, dialect: Dialect) -> i32 {
        let (two, three) = match self.kind {
            Kind::NotJson => (100, 20_000),
            Kind::TooLarge | Kind::NoSuchFunction => (1001, 20_000),
            Kind::NotSupported => (1005, 10_005),
            Kind::Arguments => (1001, 10_002),
            Kind::NotSignedIn => (1003, 10_004),
            Kind::AllBusy => (35_001, 35_001),
            Kind::ByBackEnd(code) => (code, code),
            Kind::Because(reason) => numbers(reason),
        };
        dialect.pick(two, three)
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        let body = native::error_of_refusal(&refusal);
        let kind = if body.data.reason == Reason::RefusedByHook {
            Kind::ByBackEnd(body.code)
        } else {
            Kind::Because(body.data.reason)
        };
        Self { kind, words: body.message }
    }
}

impl From<Box<Refusal>> for Error {
    fn from(refusal: Box<Refusal>) -> Self {
        (*refusal).into()
    }
}

impl From<Refused<Self>> for Error {
    fn from(refused: Refused<Self>) -> Self {
        match refused {
            Refused::Fault(error) => error,
            Refused::ByServer(refusal) => refusal.into(),
            Refused::SignIn(reason) => Self::because(reason),
            Refused::NotRegistered => Self::because(Reason::UserNotRegistered),
            Refused::Disabled => Self::because(Reason::UserDisabled),
            Refused::Deleted => Self::because(Reason::UserDeleted),
            Refused::OpenedTooSlowly => Self::because(Reason::StoreUnavailable),
            Refused::NotSignedIn => Self::new(Kind::NotSignedIn, "call Login first"),
            Refused::AlreadyOpen | Refused::NeverSent => Self::because(Reason::AlreadyOpen),
            Refused::TooFast(..) => Self::because(Reason::RateLimited),
        }
    }
}

/// The numbers of both versions for a reason. Where OpenIM has none, the server's own says more than a neighbour's would.
fn numbers(reason: Reason) -> (i32, i32) {
    match reason {
        Reason::MalformedJson | Reason::InvalidRequest | Reason::FrameTooLarge => (100, 20_000),
        Reason::UnknownMethod => (1001, 20_000),
        Reason::InvalidParams
        | Reason::InvalidParameter
        | Reason::InvalidGroupParameter
        | Reason::TooLarge => (1001, 10_002),
        Reason::Internal
        | Reason::StoreUnavailable
        | Reason::StoreFull
        | Reason::Overloaded
        | Reason::HookSilent => (1004, 500),
        Reason::NotSignedIn => (1003, 10_004),
        Reason::AlreadyOpen => (1002, 10_102),
        Reason::IdentityMismatch
        | Reason::NotInviter
        | Reason::NotInvitee
        | Reason::NotParty
        | Reason::NotInCall
        | Reason::NotAllowed
        | Reason::HasLeft
        | Reason::NotSender => (801, 1002),
        Reason::UnknownInvitation | Reason::UnknownCall | Reason::UnknownMessage => (3004, 1004),
        Reason::UnknownUser | Reason::UserNotRegistered | Reason::UserDeleted => (801, 1101),
        Reason::UnknownGroup => (208, 1201),
        Reason::NotMember | Reason::NoValidInvitee => (208, 1203),
        Reason::BlockedByPeer => (600, 1302),
        Reason::ClientMsgIdTaken => (202, 10_204),
        Reason::TokenExpired => (701, 1501),
        Reason::TokenMalformed => (703, 1503),
        Reason::TokenWrongKey | Reason::TokenWrongApp | Reason::TokenWrongUser => (702, 1502),
        Reason::TokenRevoked => (706, 1506),
        Reason::RateLimited
        | Reason::TooManyOpenInvitations
        | Reason::TooManyOpenInGroup
        | Reason::TooManyOpenForPair
        | Reason::TooManyOpenForInvitee
        | Reason::Settled
        | Reason::TimedOut
        | Reason::Cancelled
        | Reason::OnlineOnly
        | Reason::InviteIdTaken
        | Reason::CallEnded
        | Reason::AlreadyInCall
        | Reason::RoomTaken
        | Reason::TooManyInCall
        | Reason::TooManyCallsInGroup
        | Reason::AlreadyMember
        | Reason::GroupFull
        | Reason::TooManyGroups
        | Reason::GroupIdTaken
        | Reason::GroupRateLimited
        | Reason::BoardRateLimited
        | Reason::AttributesChanged
        | Reason::RevokeWindow
        | Reason::RefusedByHook
        | Reason::UserDisabled => (reason.code(), reason.code()),
    }
}
