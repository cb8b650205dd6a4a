//! Why a request was refused, before a codec has words for it.

use std::time::Duration;

use wigwag_engine::Reply;
use wigwag_engine::refusal;
use wigwag_protocol::Reason;

use crate::rates::Allowance;

/// The reply to a command that was carried out, or why it was not.
pub type ReplyOrRefusal = Result<Reply, Box<Refusal>>;

/// Why a command or a query was not carried out. A codec finds the number and the words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// The rules said no.
    Rules(refusal::Refusal),
    /// The user's rate of commands is used up for this long.
    UserTooFast(Duration),
    /// The group's rate of messages is used up for this long.
    GroupTooFast(Duration),
    /// A newer connection of the device counts, and this session is about to end.
    Displaced,
    /// The idempotency key belongs to another request of the back end.
    KeyTaken,
    /// The server has no such way to wake a device.
    NoSuchPush,
    /// A subscription leads to a push service that the server does not send to.
    UnknownPushService,
    /// The app's back end said no.
    ByHook(Box<HookRefusal>),
    /// The app's back end was asked and said nothing that counts.
    HookSilent,
    /// The server could not do it, whatever the rules say.
    Failed(Failure),
}

/// How an app's back end says no.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HookRefusal {
    /// Its own number; `None` when it gave none.
    pub code: Option<i32>,
    /// Its own words; `None` when it gave none.
    pub words: Option<String>,
}

/// Why the server could not do what was asked. The same request can succeed later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// The store did not answer, or could not read or write.
    StoreUnavailable,
    /// The store's disk has no room.
    StoreFull,
    /// As many commands wait for the store as may.
    Overloaded,
    /// The server has a bug.
    Internal,
}

impl Refusal {
    /// Whether the server failed, so that the rules may still say yes to the same request.
    pub fn is_failure(&self) -> bool {
        match self {
            Self::Failed(_) => true,
            Self::Rules(refusal) => *refusal == refusal::Refusal::Internal,
            Self::UserTooFast(_)
            | Self::GroupTooFast(_)
            | Self::Displaced
            | Self::KeyTaken
            | Self::NoSuchPush
            | Self::UnknownPushService
            | Self::ByHook(_)
            | Self::HookSilent => false,
        }
    }
}

impl From<refusal::Refusal> for Refusal {
    fn from(refusal: refusal::Refusal) -> Self {
        Self::Rules(refusal)
    }
}

impl From<Failure> for Refusal {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl From<Failure> for Box<Refusal> {
    fn from(failure: Failure) -> Self {
        Self::new(failure.into())
    }
}

/// A refusal on its way to the device. `F` is the codec's fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused<F> {
    /// The codec could not understand the request.
    Fault(F),
    /// The rules, the door or the store said no.
    ByServer(Box<Refusal>),
    /// The token does not count, or not for this user.
    SignIn(Reason),
    /// The user is unknown, and the server does not register users by itself.
    NotRegistered,
    /// A back end has disabled the user.
    Disabled,
    /// The user was deleted.
    Deleted,
    /// The store did not answer in time while the session opened.
    OpenedTooSlowly,
    /// The request has to wait for `session.open`.
    NotSignedIn,
    /// The connection has a session already.
    AlreadyOpen,
    /// The user's allowance for this kind of request is used up for this long.
    TooFast(Allowance, Duration),
    /// The device acknowledged a cursor that it was not sent.
    NeverSent,
}
