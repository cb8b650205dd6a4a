//! Why a request was refused.

use std::time::Duration;

use wigwag_engine::Reply;
use wigwag_protocol::{ErrorBody, Reason};

/// What the rules, the door or the store refuse with.
pub type Refusal = ErrorBody;

/// The reply to a command that was carried out, or its refusal.
pub type Outcome = Result<Reply, Box<Refusal>>;

/// A refusal on its way to the device. The codec has the words for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused<F> {
    /// The codec could not understand the request.
    Fault(F),
    /// The rules, the door or the store said no.
    ByRules(Box<Refusal>),
    /// The token does not count, or not for this user.
    SignIn(Reason),
    /// The user is unknown, and the server does not register users by itself.
    NotRegistered,
    /// The store did not answer in time while the session opened.
    OpenedTooSlowly,
    /// The request has to wait for `session.open`.
    NotSignedIn,
    /// The connection has a session already.
    AlreadyOpen,
    /// The user's rate is used up for this long.
    TooFast(Duration),
    /// The device acknowledged a cursor that it was not sent.
    NeverSent,
}
