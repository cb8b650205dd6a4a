//! Who is online, here or on another node.

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use parking_lot::Mutex;
use wigwag_protocol::UserId;

use crate::bus::Bus;
use crate::clock::Clock;
use crate::router::registry::Registry;
use crate::store::OnlineUsers;
use crate::store::shared::NodeId;

/// Asks the registry, then the other nodes.
pub struct OnlineAnywhere {
    /// The sessions of this node.
    pub registry: Arc<Registry>,
    /// To the other nodes.
    pub bus: Arc<dyn Bus>,
    /// Which there are.
    pub others: Arc<Others>,
    /// Starts with the store, which asks only later.
    pub clock: Arc<OnceLock<Clock>>,
}

/// The other nodes that live, as far as this one knows.
#[derive(Debug)]
pub struct Others(Mutex<Option<BTreeSet<NodeId>>>);

impl Others {
    /// There can be none.
    pub fn none() -> Self {
        Self(Mutex::new(Some(BTreeSet::new())))
    }

    /// There may be some; the store has not said yet which.
    pub fn unknown() -> Self {
        Self(Mutex::new(None))
    }

    /// The store says who lives besides this node.
    pub(super) fn are(&self, others: BTreeSet<NodeId>) {
        *self.0.lock() = Some(others);
    }

    /// One of them is heard, perhaps before the store has said that it lives.
    pub(super) fn hears(&self, node: NodeId) {
        if let Some(others) = &mut *self.0.lock() {
            others.insert(node);
        }
    }

    fn known(&self) -> Option<BTreeSet<NodeId>> {
        self.0.lock().clone()
    }
}

impl OnlineAnywhere {
    /// Of users who are not here.
    async fn look_elsewhere(&self, users: &[UserId]) -> Vec<Option<bool>> {
        match self.others.known() {
            Some(others) if !users.is_empty() => self.bus.ask(users, &others).await,
            Some(_) | None => vec![None; users.len()],
        }
    }
}

#[async_trait]
impl OnlineUsers for OnlineAnywhere {
    fn here(&self, user: &UserId) -> bool {
        self.registry.is_online(user, self.clock.get().map_or(0, Clock::now_ms))
    }

    async fn elsewhere(&self, users: &[UserId]) -> Vec<bool> {
        self.bus.followed(users).await
    }

    async fn look(&self, users: &[UserId]) -> Vec<Option<bool>> {
        let mut found: Vec<Option<bool>> = users.iter().map(|user| self.here(user).then_some(true)).collect();
        let away = users.iter().zip(&found).filter(|(_, found)| found.is_none());
        let away: Vec<UserId> = away.map(|(user, _)| user.clone()).collect();
        let unsettled = found.iter_mut().filter(|found| found.is_none());
        for (found, elsewhere) in unsettled.zip(self.look_elsewhere(&away).await) {
            *found = elsewhere;
        }
        found
    }
}
