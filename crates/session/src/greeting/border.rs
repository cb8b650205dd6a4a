//! What may cross the border of a greeting.

use std::time::Duration;

use wigwag_engine::Actor;
use wigwag_protocol::result::{Limits, SessionOpened};
use wigwag_protocol::{Reason, UserId};

use crate::query::OpenPage;
use crate::refused::Refusal;
use crate::session::{Breach, Ending};
use crate::{Codec, FirstAsked, Refused, Session, StreamBounds};

/// What holds for every connection.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Told to every device.
    pub limits: Limits,
    /// Seconds of silence after which a device is asked for a sign of life.
    pub ping_interval: u32,
    /// A valid token is enough to become a user.
    pub auto_register: bool,
}

/// What a greeting is given.
#[derive(Debug)]
pub enum Input<C: Codec> {
    /// A frame came, and the codec has understood it. Only while [`super::Greeting::hears`].
    Request {
        /// The name of the request, as far as the frame could be read.
        id: Option<C::RequestId>,
        /// What it asks.
        asked: FirstAsked<C::Fault>,
    },
    /// A frame came that the protocol does not have, such as a binary one.
    Violation,
    /// The device broke the rules of its transport. The connection cannot be read any further.
    Breach(Breach),
    /// Too much has begun and not ended on all connections that are not signed in, and this one has a part in it.
    Crowded,
    /// The server stops.
    Stopping,
    /// The token speaks for this user, or they are not let in with it, or not now.
    Verified(Result<Identity, NotLetIn>),
    /// Whether the device has its seat.
    Seated(Result<Seat, Box<Refusal>>),
    /// How far the server has told this device, which has no cursor of its own. Given before [`Input::Placed`], if at all.
    Kept(u64),
    /// The bounds of the user's stream; `None` when the server does not know the user.
    Placed(Result<Option<StreamBounds>, Box<Refusal>>),
    /// The user is registered, or was refused.
    Registered(Result<(), Box<Refusal>>),
    /// The first page of the user's open invitations.
    Listed(Result<OpenPage, Box<Refusal>>),
    /// The time of [`super::Greeting::poll_timeout`] may have come.
    Time,
}

/// What a greeting wants done.
#[derive(Debug)]
pub enum Output<C: Codec> {
    /// Send a refusal.
    Refuse(Option<C::RequestId>, Box<Refused<C::Fault>>),
    /// Look at a token. [`Input::Verified`] answers it.
    Verify {
        /// The token.
        token: String,
        /// The user whom the device says it is.
        claimed: Option<UserId>,
    },
    /// Register the session's mailbox, then take the device's seat. [`Input::Seated`] answers it.
    TakeSeat(Actor),
    /// Give up what was taken with [`Output::TakeSeat`]. Answers to what was asked before are not expected any more.
    Leave,
    /// Read the bounds of the user's stream. [`Input::Placed`] answers it.
    FindPlace(UserId),
    /// Let the door register the user. [`Input::Registered`] answers it.
    Register(Actor),
    /// Read the first page of what is open for the user. [`Input::Listed`] answers it.
    ListOpen(UserId),
    /// Send the reply, and go on with the session. The last output.
    Opened(Box<Opened<C>>),
    /// Close the connection. The last output.
    Close(Ending),
}

/// A device is signed in.
#[derive(Debug)]
pub struct Opened<C: Codec> {
    /// The name of the request that opened the session.
    pub id: Option<C::RequestId>,
    /// Its reply.
    pub reply: SessionOpened,
    /// What the connection is from now on.
    pub session: Session<C>,
}

/// Who a token speaks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The user.
    pub user: UserId,
    /// When the token stops counting, server time in ms.
    pub ends_at: u64,
}

/// Why a token does not let its user in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotLetIn {
    /// It does not count, or not for this user. It will not count later either.
    Token(Reason),
    /// It counts, and its user signs in too often: after this time they may.
    TooFast(Duration),
}

/// Whether a device may have a session on this connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seat {
    /// It may.
    Taken,
    /// A connection of the device that counts as newer has the seat.
    Refused,
}
