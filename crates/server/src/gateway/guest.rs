//! A device with a place on this node: in the registry, and at the seat of its device.

use std::sync::Arc;

use wigwag_engine::Actor;

use super::Gateway;
use super::diary::Signing;
use crate::auth::Identity;
use crate::rates::UserRates;
use crate::router::registry::Joined;

/// A user whose token counts.
pub(super) struct Admitted {
    pub(super) identity: Identity,
    /// What they may still ask for.
    pub(super) rates: Arc<UserRates>,
}

/// A registered device. Dropping it takes it out of the registry and gives its seat back.
pub(super) struct Guest {
    pub(super) actor: Actor,
    /// Whose token it is, to ask whether the token still counts.
    pub(super) identity: Identity,
    pub(super) rates: Arc<UserRates>,
    pub(super) joined: Joined,
    /// When its connection was made, server time in ms.
    pub(super) connected_at: u64,
    gateway: Arc<Gateway>,
}

impl Guest {
    pub(super) fn new(
        gateway: &Arc<Gateway>,
        actor: Actor,
        Admitted { identity, rates }: Admitted,
        joined: Joined,
        connected_at: u64,
    ) -> Self {
        Self { actor, identity, rates, joined, connected_at, gateway: Arc::clone(gateway) }
    }

    /// What the log says of it.
    pub(super) fn signing(&self) -> Signing<'_> {
        let Actor { user, device } = &self.actor;
        let connected_at = self.connected_at;
        Signing { user, device: device.as_ref(), session: self.joined.id, connected_at }
    }

    /// How long ago it connected.
    pub(super) fn seconds(&self) -> u64 {
        self.gateway.clock.now_ms().saturating_sub(self.connected_at) / 1_000
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        self.gateway.registry.leave(&self.actor.user, self.joined.id, self.gateway.clock.now_ms());
        self.gateway.neighbours.leave(self.joined.id);
        self.gateway.watching.leave(self.joined.id);
    }
}
