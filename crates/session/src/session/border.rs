//! What may cross the border of a session.

use std::sync::Arc;

use wigwag_engine::{Command, Reply};
use wigwag_protocol::presence::UserStatus;
use wigwag_protocol::result::Done;
use wigwag_protocol::{CloseCode, UserId};

use crate::rates::Allowances;
use crate::refused::{Refusal, ReplyOrRefusal};
use crate::{Asked, Body, Codec, Found, Keeping, LoggedEvent, Query, Refused, StreamPage, Viewer};

/// What a session is given.
#[derive(Debug)]
pub enum Input<'a, C: Codec> {
    /// A frame came, and the codec has understood it. Only while [`super::Session::hears`].
    Request {
        /// The name of the request; `None` when it has none or the frame could not be read far enough.
        id: Option<C::RequestId>,
        /// What it asks.
        asked: Asked<C::Fault>,
        /// What the user may ask for. Asked for one request at the most.
        allowances: &'a dyn Allowances,
    },
    /// A ping or pong came: the device lives.
    Sign,
    /// A frame came that the protocol does not have, such as a binary one.
    Violation,
    /// The device broke the rules of its transport. The connection cannot be read any further.
    Breach(Breach),
    /// An event of the user's, and its place in the stream.
    Event(Arc<LoggedEvent>, u64),
    /// The stream goes up to this place at least.
    Behind(u64),
    /// The command that was asked is carried out and durable, or refused.
    Reply(Box<ReplyOrRefusal>),
    /// What the query found, or why it was refused.
    Found(Box<Result<Found, Box<Refusal>>>),
    /// What was to be kept is durable, or why it is not.
    Kept(Result<(), Box<Refusal>>),
    /// A user whom the session watches is like this from now on.
    Status(UserStatus),
    /// A page of the stream after the place that was asked for.
    Page(StreamPage),
    /// The stream could not be read.
    NoPage,
    /// The session was ended from outside, and no more mail comes.
    Ended(CloseCode),
    /// The time of [`super::Session::poll_timeout`] may have come.
    Time {
        /// The token does not count any more: the operator has taken it back, or it has expired by the clock that tokens are
        /// judged by.
        token_is_over: bool,
    },
}

/// What a session wants done.
#[derive(Debug)]
pub enum Output<C: Codec> {
    /// Send the answer to a request.
    Answer(Option<C::RequestId>, Answer),
    /// Send a refusal of a request.
    Refuse(Option<C::RequestId>, Box<Refused<C::Fault>>),
    /// Send an event.
    Event(Viewer, Body),
    /// Send that the stream was read up to this place, and that live events follow.
    CaughtUp {
        /// The place.
        cursor: u64,
        /// Events were missing in an open session; `false` when the session resumed.
        repaired: bool,
    },
    /// Send how a user is whom the session watches.
    Status(UserStatus),
    /// Ask the door to carry a command out. [`Input::Reply`] answers it.
    Ask(Command),
    /// Ask the door to read something. [`Input::Found`] answers it.
    Query(Box<Query>),
    /// Ask the door to keep something about the device. [`Input::Kept`] answers it.
    Keep(Box<Keeping>),
    /// Read a page of the stream after this place. [`Input::Page`] or [`Input::NoPage`] answers it.
    Read {
        /// The place.
        after: u64,
    },
    /// Ask the device for a sign of life.
    Ping,
    /// Close the connection. The last output.
    Close(Ending),
}

/// The content of a reply that is no refusal.
#[derive(Debug)]
pub enum Answer {
    /// A command's result.
    Reply(Box<Reply>),
    /// A query's result.
    Found(Box<Found>),
    /// A request that concerns the session alone is done; it has no place in the stream.
    Done(Done),
}

/// How a connection is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// With a code of the protocol.
    Code(CloseCode),
    /// Because the device broke the rules of its transport, with WebSocket's own code for it.
    Breach(Breach),
}

/// Which rule of its transport a device broke.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Breach {
    /// A frame is over the hard limit.
    TooLarge,
    /// A text is not UTF-8.
    NotUtf8,
    /// What came is no frame: it is not masked, or has bits, an opcode or a length that the transport does not know.
    NoFrame,
}

impl Ending {
    /// The close code. For a breach it is WebSocket's own (RFC 6455 section 7.4.1).
    pub const fn number(self) -> u16 {
        match self {
            Self::Code(code) => code.number(),
            Self::Breach(Breach::TooLarge) => 1009,
            Self::Breach(Breach::NotUtf8) => 1007,
            Self::Breach(Breach::NoFrame) => 1002,
        }
    }

    /// The reason text that is sent with the code.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Code(code) => code.reason(),
            Self::Breach(Breach::TooLarge) => "frame over the hard limit",
            Self::Breach(Breach::NotUtf8) => "text that is not UTF-8",
            Self::Breach(Breach::NoFrame) => "not a WebSocket frame",
        }
    }
}

/// What a session begins with.
#[derive(Debug, Clone)]
pub struct Start {
    /// The signed-in user.
    pub user: UserId,
    /// When the token stops counting, server time in ms.
    pub token_ends_at: u64,
    /// ms of silence after which the device is asked for a sign of life. Twice that ends the session.
    pub ping_interval: u64,
    /// Everything up to here is the device's already.
    pub cursor: u64,
    /// The newest place of the stream that is known.
    pub head: u64,
}
