//! The door: from a method and its parameters to a command for the store or a query, whatever entrance it came by.

mod query;
mod rates;
mod read;

use wigwag_engine::Command;
use wigwag_protocol::params;
use wigwag_protocol::{ErrorBody, Method};

pub use query::{Queries, Query};
pub use rates::within_user_rate;

/// What a request asks for once it is understood.
#[derive(Debug)]
pub enum Call {
    /// To change something: goes to the store.
    Command(Command),
    /// To read something.
    Query(Box<Query>),
    /// To note how far the device has taken its stream over.
    Ack(params::SessionAck),
    /// To end the session.
    Close,
    /// To open a session, which only a connection without one can.
    Open,
}

/// Understands a request. `params` is the JSON text, `user` who asks.
pub fn understand(method: Method, params: &str, user: &wigwag_protocol::UserId) -> Result<Call, ErrorBody> {
    read::Reading { params, user }.call(method)
}

/// Reads parameters, or says which field is wrong.
pub fn parse<T: serde::de::DeserializeOwned>(params: &str) -> Result<T, ErrorBody> {
    serde_json::from_str(params).or_else(|_| read::explain(params))
}
