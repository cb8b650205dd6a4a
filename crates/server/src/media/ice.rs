//! `p2p`: STUN and TURN servers, with credentials that only count for a while.
//!
//! The credentials are those of draft-uberti-behave-turn-rest-00 section 2.2, which coturn takes with `use-auth-secret`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::hmac;
use wigwag_protocol::media::{IceServer, MediaAccess, MediaProvider};

use super::Guest;
use crate::config::{CallsConfig, IceServerConfig};

#[derive(Debug)]
pub(super) struct IceServers {
    /// The same for everybody.
    fixed: Vec<IceServer>,
    turn: Option<Turn>,
}

#[derive(Debug)]
struct Turn {
    urls: Vec<String>,
    secret: hmac::Key,
}

impl IceServers {
    pub(super) fn new(config: &CallsConfig) -> Self {
        let fixed = config.ice_servers.iter().map(|IceServerConfig(server)| server.clone()).collect();
        let turn = config.turn.secret.as_ref().map(|secret| Turn {
            urls: config.turn.urls.clone(),
            // The draft has no other hash.
            secret: hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret.expose().as_bytes()),
        });
        Self { fixed, turn }
    }

    pub(super) fn access(&self, guest: &Guest<'_>, until_s: u64) -> MediaAccess {
        let turn = self.turn.as_ref().map(|turn| turn.server(guest.profile.user_id.as_str(), until_s));
        MediaAccess {
            expires_at: turn.as_ref().map(|_| until_s.saturating_mul(1_000)),
            ice_servers: self.fixed.iter().cloned().chain(turn).collect(),
            ..MediaAccess::new(MediaProvider::P2p)
        }
    }
}

impl Turn {
    fn server(&self, user: &str, until_s: u64) -> IceServer {
        let username = format!("{until_s}:{user}");
        let credential = STANDARD.encode(hmac::sign(&self.secret, username.as_bytes()));
        IceServer { urls: self.urls.clone(), username: Some(username), credential: Some(credential) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_those_that_coturn_computes() {
        let config = crate::config::parse(
            "[calls.turn]\nurls = [\"turn:t.example:3478\"]\nsecret = \"north-wind-and-sun\"",
        );
        let servers = IceServers::new(&config.unwrap().calls);
        let server = servers.turn.unwrap().server("alice", 1_700_000_000);
        assert_eq!(server.username.as_deref(), Some("1700000000:alice"));
        // printf 1700000000:alice | openssl dgst -sha1 -hmac north-wind-and-sun -binary | base64
        assert_eq!(server.credential.as_deref(), Some("0n9FqWvKGgsjL/oVlUSh/D/d6Ls="));
    }

    #[test]
    fn fixed_servers_come_first_as_they_were_written() {
        let config = crate::config::parse(
            "[calls]\nice_servers = [\"stun:s.example\", { urls = [\"turn:u.example\"], username = \"u\", credential = \"p\" }]",
        );
        let servers = IceServers::new(&config.unwrap().calls);
        let shown: Vec<_> =
            servers.fixed.iter().map(|server| (&*server.urls, server.credential.as_deref())).collect();
        assert_eq!(
            shown,
            [(&["stun:s.example".to_owned()][..], None), (&["turn:u.example".to_owned()][..], Some("p"))]
        );
    }
}
