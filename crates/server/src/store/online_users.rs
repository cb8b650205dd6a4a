//! Who is online, as far as a store needs to know.

use std::collections::BTreeSet;

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

    /// For each of these users, whether they are online, here or elsewhere, for those whom it is told: `None` when it cannot be found
    /// out, because people believe what they read.
    async fn look(&self, users: &[UserId]) -> Vec<Option<bool>>;
}

impl dyn OnlineUsers {
    /// Those of these users who are online, here or elsewhere.
    pub async fn among(&self, users: impl IntoIterator<Item = &UserId>) -> BTreeSet<UserId> {
        let (here, rest): (Vec<&UserId>, Vec<&UserId>) = users.into_iter().partition(|user| self.here(user));
        let rest: Vec<UserId> = rest.into_iter().cloned().collect();
        let elsewhere = self.elsewhere(&rest).await;
        let there = rest.into_iter().zip(elsewhere).filter_map(|(user, is_there)| is_there.then_some(user));
        here.into_iter().cloned().chain(there).collect()
    }
}
