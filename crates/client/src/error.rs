//! What can go wrong, as one closed list.

use std::fmt;
use std::io;

use wigwag_protocol::{CloseCode, ErrorBody};

/// Why a call did not give its result.
#[derive(Debug)]
pub enum Error {
    /// The server said no. [`ErrorBody::data`] tells programs why and whether trying again can help.
    Refused(Box<ErrorBody>),
    /// No reply came within the request timeout. The command may or may not have been carried out.
    TimedOut,
    /// The connection was lost after the command was sent, and the command is not one that can be repeated safely.
    /// It may or may not have been carried out; if it was, its event follows.
    Disconnected,
    /// The client has stopped and will not connect again.
    Stopped(StopReason),
    /// A reply came that this version cannot read.
    Unreadable(String),
    /// The address is not a `ws://` or `wss://` URL.
    InvalidUrl(String),
    /// The TLS settings could not be made.
    Tls(String),
    /// The stored cursor could not be read.
    CursorStore(io::Error),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(body) => body.fmt(f),
            Self::TimedOut => f.write_str("the server did not answer in time"),
            Self::Disconnected => {
                f.write_str("the connection was lost before the reply; the command may have been carried out")
            }
            Self::Stopped(reason) => write!(f, "the client has stopped: {reason}"),
            Self::Unreadable(why) => write!(f, "the reply cannot be read by this version: {why}"),
            Self::InvalidUrl(why) => write!(f, "not a ws:// or wss:// address: {why}"),
            Self::Tls(why) => write!(f, "TLS cannot be set up: {why}"),
            Self::CursorStore(error) => write!(f, "the stored cursor cannot be read: {error}"),
        }
    }
}

impl std::error::Error for Error {}

/// Why a client will not connect again by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StopReason {
    /// The app asked for it.
    Asked,
    /// The server closed the session with a code of 4500–4999; see [`CloseCode`].
    Closed(u16),
    /// The server refused to sign in: wrong, revoked or somebody else's token, or an unknown user.
    SignInRefused(Box<ErrorBody>),
    /// The token expired and there is no provider that could give a new one.
    TokenExpired,
}

impl fmt::Display for StopReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Asked => f.write_str("closed as asked"),
            Self::Closed(code) => match CloseCode::ALL.iter().find(|known| known.number() == *code) {
                Some(known) => write!(f, "{} (close code {code})", known.reason()),
                None => write!(f, "the server closed the session for good (close code {code})"),
            },
            Self::SignInRefused(body) => write!(f, "sign-in refused: {body}"),
            Self::TokenExpired => f.write_str("the token has expired; get a new one"),
        }
    }
}
