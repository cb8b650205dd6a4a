//! What is kept of devices beside the rules: how they are woken, and which rings they have.

use wigwag_engine::Actor;
use wigwag_protocol::result::PushOffer;
use wigwag_protocol::{DeviceId, UserId};
use wigwag_session::refused::Refusal;
use wigwag_session::{Keeping, PushService, PushToken};

use super::Door;
use super::query::unavailable;
use crate::store::{KeptToken, OwnDevice, PushChange};

/// How this server wakes devices.
#[derive(Debug, Clone, Default)]
pub struct Pushes {
    /// What devices are told.
    pub offer: PushOffer,
    /// The push services that subscriptions may lead to, as the operator names them.
    pub services: Vec<String>,
    /// Whether subscriptions may have addresses without encryption: the operator has named some.
    pub in_the_clear: bool,
}

impl Pushes {
    fn check(&self, token: &PushToken) -> Result<(), Refusal> {
        if !self.offer.providers.contains(&token.provider()) {
            return Err(Refusal::NoSuchPush);
        }
        let PushToken::WebPush { endpoint, .. } = token else { return Ok(()) };
        let is_known = |service: PushService<'_>| {
            (service.is_encrypted || self.in_the_clear) && self.services.iter().any(|one| service.is_of(one))
        };
        if PushService::of(endpoint).is_some_and(is_known) {
            Ok(())
        } else {
            Err(Refusal::UnknownPushService)
        }
    }
}

/// Which device wants something to be kept.
#[derive(Debug, Clone)]
pub struct Keeper {
    /// The user, on the device.
    pub actor: Actor,
    /// When the token was made with which it signed in, ms; 0 when that does not say.
    pub signed_at: u64,
}

impl Door {
    /// Server time in ms, by which what is kept was kept.
    pub fn now_ms(&self) -> u64 {
        self.clock.now_ms()
    }

    /// Whether a device can be woken by this token on this server.
    pub fn can_push(&self, token: &PushToken) -> Result<(), Refusal> {
        self.pushes.check(token)
    }

    /// How the devices of this user are woken, in byte order of their deviceIDs.
    pub async fn woken(&self, user: &UserId) -> Result<Vec<KeptToken>, Refusal> {
        self.store.push_tokens(std::slice::from_ref(user)).await.map_err(unavailable)
    }

    /// How a device of this user is woken, if it has registered.
    pub async fn woken_by(&self, user: &UserId, device: &DeviceId) -> Result<Option<KeptToken>, Refusal> {
        Ok(self.woken(user).await?.into_iter().find(|kept| kept.of.device == *device))
    }

    /// Keeps something about the actor's device.
    pub async fn keep(&self, keeper: Keeper, keeping: Keeping) -> Result<(), Refusal> {
        let Keeper { actor, signed_at } = keeper;
        let device = actor.device.clone().ok_or(Refusal::NoSuchPush)?;
        let user = actor.user.clone();
        let change = match keeping {
            Keeping::Ringing(id) => return self.rings(actor, id).await,
            Keeping::Push(token) => {
                self.can_push(&token)?;
                PushChange::Registered { user, device, token, signed_at }
            }
            Keeping::NoPush => PushChange::Unregistered(OwnDevice { user, device: device.device_id }),
        };
        self.store.keep_push(vec![change], self.clock.now_ms()).await.map_err(unavailable)
    }
}
