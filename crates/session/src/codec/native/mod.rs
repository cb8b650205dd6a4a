//! The native protocol: JSON-RPC 2.0 text, as docs/protocol.md describes it.
//!
//! [`read`] makes a request of a frame; [`Incoming::asks`] and [`Incoming::asks_first`] say what it asks, with or without a
//! signed-in user. [`write`] holds a function for each kind of frame that a server sends.

mod fault;
mod incoming;
mod pages;
mod refusal;
mod understand;
pub mod write;

use wigwag_protocol::ErrorBody;
use wigwag_protocol::frame::RequestId;

pub use fault::{error_of, parse};
pub use incoming::{Incoming, Unread, read};
pub use refusal::error_of_refusal;
pub use understand::{Understood, understood};

/// The native protocol.
#[derive(Debug, Clone, Copy)]
pub struct Native;

impl super::Codec for Native {
    type RequestId = RequestId;
    type Fault = ErrorBody;
}
