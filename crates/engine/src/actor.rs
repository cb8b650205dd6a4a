//! Who acts: always the signed-in user, never an identity from a request's body.

use wigwag_protocol::{Device, UserId};

/// A user who acts: on a device of theirs, or through a back end that acts for them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// The user the token named, or the one a back end acts for.
    pub user: UserId,
    /// The device the session was opened with; `None` when a back end acts.
    pub device: Option<Device>,
}

impl Actor {
    /// A back end that acts for this user.
    pub fn back_end(user: UserId) -> Self {
        Self { user, device: None }
    }

    /// Whether a back end acts.
    pub fn is_back_end(&self) -> bool {
        self.device.is_none()
    }
}
