//! How devices of users are woken.
//!
//! No command changes it, so a wish has the time of its first request ([`wished`](super::wished)). A repeat finds what that has done, or
//! what the device has done since, and leaves it.

use wigwag_engine::Actor;
use wigwag_protocol::rest::operations::{ListRegistrations, RegisterPush, UnregisterPush};
use wigwag_protocol::rest::push::{Registration, RegistrationParams, Registrations};
use wigwag_protocol::rest::{Changed, Problem};
use wigwag_protocol::{Device, Platform, Reason};
use wigwag_session::{Keeping, PushToken};

use super::asked::Asked;
use super::problem::problem_of;
use super::{Answer, Answered, BackEnds};
use crate::clock::wall_ms;
use crate::door::Keeper;
use crate::store::{KeptToken, Once};

impl Answer for ListRegistrations {
    async fn answer(api: &BackEnds, asked: Asked<Self>) -> Answered<Self> {
        let user = asked.params.user_id;
        api.profile(&user).await?;
        let mut kept = api.door.woken(&user).await.map_err(|refusal| problem_of(&refusal))?;
        // The next push would find these and drop them.
        kept.retain(|one| !api.tokens.is_revoked(&user, one.signed_at));
        Ok(Registrations { registrations: kept.into_iter().map(shown).collect() })
    }
}

impl Answer for RegisterPush {
    async fn answer(api: &BackEnds, asked: Asked<Self>) -> Answered<Self> {
        let (platform, wish) = asked.body.parts();
        let token = PushToken::read(wish).map_err(|(field, words)| wrong(field, &words))?;
        // Before the key is taken: a refusal leaves it free.
        api.door.can_push(&token).map_err(|refusal| problem_of(&refusal))?;
        let changed = api.keep_push(&asked.params, platform, Keeping::Push(token), asked.once).await?;
        let RegistrationParams { user_id, device_id } = asked.params;
        tracing::info!(key = %asked.key.name, user = %user_id, device = %device_id, "a back end has registered a device for pushes");
        Ok(changed)
    }
}

impl Answer for UnregisterPush {
    async fn answer(api: &BackEnds, asked: Asked<Self>) -> Answered<Self> {
        api.keep_push(&asked.params, Platform::WEB, Keeping::NoPush, asked.once).await
    }
}

impl BackEnds {
    /// Keeps what a back end says of a device, as if the device had said it after a sign-in at that time.
    async fn keep_push(
        &self,
        params: &RegistrationParams,
        platform: Platform,
        keeping: Keeping,
        once: Option<Once>,
    ) -> Result<Changed, Box<Problem>> {
        let RegistrationParams { user_id, device_id } = params;
        self.profile(user_id).await?;
        let wished = self.wished(self.door.now_ms(), once).await?;
        let refused = |refusal| problem_of(&refusal);
        let before = self.door.woken_by(user_id, device_id).await.map_err(refused)?;
        if !wished.is_repeat || before.is_none_or(|kept| kept.registered_at < wished.at) {
            let device = Device { device_id: device_id.clone(), platform };
            let actor = Actor { user: user_id.clone(), device: Some(device) };
            // Tokens are taken back by the machine's clock, of which the server's may be ahead.
            let signed_at = wished.at.min(wall_ms());
            self.door.keep(Keeper { actor, signed_at }, keeping).await.map_err(refused)?;
        }
        Ok(Changed { time: wished.at })
    }
}

fn wrong(field: &str, words: &str) -> Box<Problem> {
    Reason::InvalidParameter.field(field, words).into()
}

fn shown(kept: KeptToken) -> Registration {
    let (channel, voip) = match &kept.token {
        PushToken::WebPush { .. } | PushToken::Fcm { .. } => (None, None),
        PushToken::Apns { voip, .. } => (None, Some(voip.is_some())),
        PushToken::Adapter { channel, .. } => (Some(channel.clone()), None),
    };
    Registration {
        device_id: kept.of.device,
        platform: kept.platform,
        provider: kept.token.provider(),
        channel,
        voip,
        registered_at: kept.registered_at,
    }
}
