//! Places in streams that the server keeps for clients without a cursor of their own.

use wigwag_protocol::{Platform, UserId};

/// How far a user was told on a platform.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptPlace {
    /// Whose stream.
    pub user: UserId,
    /// On which platform.
    pub platform: Platform,
    /// The newest place that was told there.
    pub cursor: u64,
}
