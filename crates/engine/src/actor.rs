//! Who acts: always the signed-in user, never an identity from a request's body.

use wigwag_protocol::{Device, UserId};

/// A user on one of his devices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// The user the token named.
    pub user: UserId,
    /// The device the session was opened with.
    pub device: Device,
}
