//! What a device asks for, once a codec has understood it.

use wigwag_engine::Command;
use wigwag_protocol::params::SessionOpen;

use crate::{Keeping, Query};

/// What a frame asks of an open session. `F` is the codec's fault: what it answers to a request that it cannot understand.
#[derive(Debug)]
pub enum Asked<F> {
    /// To change something.
    Command(Command),
    /// To read something.
    Query(Box<Query>),
    /// To keep something about the device, which the rules do not look at.
    Keep(Box<Keeping>),
    /// To note how far the device has taken over its stream. The cursor may be unreadable; an acknowledgement is answered only
    /// when it has an id, so it is told apart from other faults.
    Ack(Result<u64, F>),
    /// To end the session.
    Close,
    /// To open a session, which only a connection without one can do.
    Open,
    /// A known method with parameters that cannot be understood.
    Wrong(F),
    /// The frame is not a request.
    Unreadable(F),
}

impl<F> Asked<F> {
    /// How much of its allowance it takes.
    pub(crate) fn weight(&self) -> u32 {
        match self {
            Self::Query(query) => query.reads(),
            Self::Command(_)
            | Self::Keep(_)
            | Self::Ack(_)
            | Self::Close
            | Self::Open
            | Self::Wrong(_)
            | Self::Unreadable(_) => 1,
        }
    }
}

/// What a frame asks before the sign-in.
#[derive(Debug)]
pub enum FirstAsked<F> {
    /// To sign in and open a session.
    Open(SessionOpen),
    /// Anything else, which has to wait for the sign-in. Its parameters were not read.
    Other,
    /// The frame is not a request, or its parameters cannot be understood.
    Wrong(F),
}
