//! Who is online, here or on another node.

use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use wigwag_protocol::UserId;

use crate::bus::Bus;
use crate::clock::Clock;
use crate::router::registry::Registry;
use crate::store::OnlineUsers;

/// Asks the registry, then the other nodes.
pub struct OnlineAnywhere {
    /// The sessions of this node.
    pub registry: Arc<Registry>,
    /// To the other nodes.
    pub bus: Arc<dyn Bus>,
    /// Starts with the store, which asks only later.
    pub clock: Arc<OnceLock<Clock>>,
}

#[async_trait]
impl OnlineUsers for OnlineAnywhere {
    fn here(&self, user: &UserId) -> bool {
        self.registry.is_online(user, self.clock.get().map_or(0, Clock::now_ms))
    }

    async fn elsewhere(&self, users: &[UserId]) -> Vec<bool> {
        self.bus.followed(users).await
    }
}
