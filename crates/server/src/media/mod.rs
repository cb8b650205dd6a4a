//! The media of calls: what a user needs to join, by the provider that `[calls]` names.
//!
//! [`Media::access`] makes it when a call is begun, accepted or joined. The result goes into the reply of the one user it is for,
//! and nowhere else. Nothing is kept and nobody is asked: tokens and TURN credentials are computed.

mod ice;
mod livekit;

use wigwag_protocol::group::Profile;
use wigwag_protocol::media::{MediaAccess, MediaProvider};

use crate::config::{CallsConfig, ConfigError};
use ice::IceServers;
use livekit::Livekit;
pub use livekit::{Announced, Present, RoomCalls, WebhookRefusal, Webhooks};

/// How much longer than the ring access lasts, ms: whoever answers at the last moment still has to ask for a microphone and connect.
const AFTER_RING_MS: u64 = 10 * 60 * 1_000;

/// The provider of media.
#[derive(Debug)]
pub struct Media {
    provider: Provider,
    ttl_ms: u64,
}

#[derive(Debug)]
enum Provider {
    P2p(IceServers),
    Livekit(Livekit),
    None,
}

/// A user who may join the media of a call.
#[derive(Debug, Clone, Copy)]
pub struct Guest<'a> {
    /// Who; others in the room see this.
    pub profile: &'a Profile,
    /// The call's room.
    pub room_id: &'a str,
    /// How long the call may still ring, ms. 0 when it does not.
    pub ring_ms: u64,
}

impl Media {
    /// Refuses what [`crate::config::load`] refuses too.
    pub fn new(config: &CallsConfig) -> Result<Self, ConfigError> {
        let provider = match config.provider {
            MediaProvider::P2p => Provider::P2p(IceServers::new(config)),
            MediaProvider::Livekit => Provider::Livekit(Livekit::new(&config.livekit.account()?)),
            MediaProvider::None => Provider::None,
        };
        Ok(Self { provider, ttl_ms: config.access_ttl_s.saturating_mul(1_000) })
    }

    /// What `guest` needs to join, made at `wall_ms` by the machine's clock ([`crate::clock::wall_ms`]): other machines judge when it
    /// has expired, and theirs agree with it, as server time may not.
    pub fn access(&self, guest: &Guest<'_>, wall_ms: u64) -> MediaAccess {
        let life_ms = self.ttl_ms.max(guest.ring_ms.saturating_add(AFTER_RING_MS));
        let until_s = wall_ms.saturating_add(life_ms).div_ceil(1_000);
        match &self.provider {
            Provider::P2p(servers) => servers.access(guest, until_s),
            Provider::Livekit(livekit) => livekit.access(guest, wall_ms / 1_000, until_s),
            Provider::None => MediaAccess::new(MediaProvider::None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wigwag_protocol::UserId;

    fn alice() -> Profile {
        Profile {
            user_id: UserId::parse("alice").unwrap(),
            nickname: "Alice".to_owned(),
            face_url: String::new(),
            ext: String::new(),
        }
    }

    fn access(config: &str, ring_ms: u64) -> MediaAccess {
        let config = crate::config::parse(config).unwrap();
        let guest = Guest { profile: &alice(), room_id: "room", ring_ms };
        Media::new(&config.calls).unwrap().access(&guest, 1_700_000_000_500)
    }

    const TURN: &str = "[calls]\nprovider = \"p2p\"\naccess_ttl_s = 3600\n[calls.turn]\nurls = [\"turn:t.example\"]\nsecret = \"0123456789abcdef\"";

    #[test]
    fn access_lasts_for_the_set_time_and_longer_than_any_ring() {
        let until_s = |ring_ms| access(TURN, ring_ms).expires_at.unwrap() / 1_000;
        assert_eq!(until_s(0), 1_700_000_001 + 3_600);
        assert_eq!(until_s(50 * 60_000), 1_700_000_001 + 3_600, "to the second");
        assert_eq!(until_s(86_400_000), 1_700_000_001 + 86_400 + 600);
        assert_eq!(until_s(u64::MAX), u64::MAX / 1_000, "and never overflows");
    }

    #[test]
    fn without_a_provider_there_is_nothing_to_join() {
        let none = access("[calls]\nprovider = \"none\"\nice_servers = [\"stun:s.example\"]", 30_000);
        assert_eq!(none, MediaAccess::new(MediaProvider::None));
    }

    #[test]
    fn by_default_devices_carry_media_themselves() {
        assert_eq!(access("", 30_000), MediaAccess::new(MediaProvider::P2p));
    }
}
