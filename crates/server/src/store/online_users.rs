//! Who is online, as far as a store needs to know.

use async_trait::async_trait;
use wigwag_protocol::UserId;

/// Tells whether users are online, for actions with `onlineUserOnly` (docs/semantics.md).
#[async_trait]
pub trait OnlineUsers: Send + Sync {
    /// Whether the user has a session on this node, or lost their last one less than the grace period ago.
    fn here(&self, user: &UserId) -> bool;

    /// For each of these users, whether they have a session on another node. `users` are not here. When it cannot be found
    /// out they count as online: an event too many is dropped after a minute.
    async fn elsewhere(&self, users: &[UserId]) -> Vec<bool>;
}
