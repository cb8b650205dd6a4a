//! What a value of `[calls]` may be.

use ureq::http::Uri;
use wigwag_protocol::media::{IceServer, MediaProvider};

use super::{between, ensure};
use crate::config::{CallsConfig, ConfigError, LivekitAccount, TurnConfig};

/// Most addresses of STUN and TURN servers. Every caller gets all of them, and browsers warn from five on that trying each is slow.
const MOST_ICE_URLS: usize = 10;

/// Shortest secret for TURN that nobody finds from the passwords made with it, bytes.
const SHORTEST_TURN_SECRET: usize = 16;

/// Shortest secret that a LiveKit server takes without a warning, and that HMAC-SHA256 should have, bytes.
const SHORTEST_LIVEKIT_SECRET: usize = super::SHORTEST_KEY_BYTES;

pub(super) fn check(calls: &CallsConfig) -> Result<(), ConfigError> {
    between("calls.lease_s", &calls.lease_s, 1..=600)?;
    between("calls.people", &calls.people, 2..=1_000)?;
    between("calls.per_group", &calls.per_group, 1..=100)?;
    between("calls.access_ttl_s", &calls.access_ttl_s, 60..=604_800)?;
    calls.ice_servers.iter().try_for_each(|server| check_ice_server(&server.0))?;
    check_turn(&calls.turn)?;
    let urls =
        calls.turn.urls.len() + calls.ice_servers.iter().map(|server| server.0.urls.len()).sum::<usize>();
    ensure(urls <= MOST_ICE_URLS, || {
        format!(
            "calls.ice_servers and calls.turn.urls have {urls} addresses together: choose at most {MOST_ICE_URLS}"
        )
    })?;
    match calls.provider {
        MediaProvider::Livekit => check_livekit(&calls.livekit.account()?),
        MediaProvider::P2p | MediaProvider::None => Ok(()),
    }
}

fn check_ice_server(server: &IceServer) -> Result<(), ConfigError> {
    ensure(!server.urls.is_empty(), || {
        "calls.ice_servers has a server without urls: write them as urls = [\"turn:turn.example.org:3478\"]"
            .to_owned()
    })?;
    let has_password = server.username.is_some() && server.credential.is_some();
    server.urls.iter().try_for_each(|url| {
        let is_turn = is_address(url, &["turn:", "turns:"]);
        ensure(is_turn || is_address(url, &["stun:", "stuns:"]), || {
            format!(
                "calls.ice_servers has \"{url}\", which is neither a STUN nor a TURN server: write it as \
                 \"stun:stun.example.org:3478\""
            )
        })?;
        // Browsers refuse the whole list for one such entry.
        ensure(!is_turn || has_password, || {
            format!(
                "calls.ice_servers has the TURN server \"{url}\" without username and credential: add both, or name it in \
                 calls.turn.urls with calls.turn.secret"
            )
        })
    })
}

fn check_turn(turn: &TurnConfig) -> Result<(), ConfigError> {
    turn.urls.iter().try_for_each(|url| {
        ensure(is_address(url, &["turn:", "turns:"]), || {
            format!(
                "calls.turn.urls has \"{url}\", which is no TURN server: write it as \"turn:turn.example.org:3478\""
            )
        })
    })?;
    ensure(turn.urls.is_empty() || turn.secret.is_some(), || {
        "calls.turn.urls is set but calls.turn.secret is not: set it to the TURN server's static-auth-secret"
            .to_owned()
    })?;
    ensure(turn.secret.is_none() || !turn.urls.is_empty(), || {
        "calls.turn.secret is set but calls.turn.urls is not: name the TURN servers that have this secret"
            .to_owned()
    })?;
    let long_enough = turn.secret.as_ref().is_none_or(|secret| secret.expose().len() >= SHORTEST_TURN_SECRET);
    ensure(long_enough, || {
        format!(
            "calls.turn.secret is shorter than {SHORTEST_TURN_SECRET} bytes: make one with \"openssl rand -hex 32\""
        )
    })
}

fn check_livekit(account: &LivekitAccount) -> Result<(), ConfigError> {
    ensure(has_scheme(&account.url, &["ws", "wss"]), || {
        "calls.livekit.url must start with wss://, or with ws:// in tests: it is what devices connect to, such as \
         wss://livekit.example.org"
            .to_owned()
    })?;
    ensure(has_scheme(&account.api_url, &["http", "https"]), || {
        "calls.livekit.api_url must start with http:// or https://: it is where this server reaches LiveKit, such as \
         http://livekit:7880"
            .to_owned()
    })?;
    ensure(!account.key.is_empty(), || {
        "calls.livekit.key is empty: set it to a name under \"keys\" in LiveKit's configuration".to_owned()
    })?;
    ensure(account.secret.expose().len() >= SHORTEST_LIVEKIT_SECRET, || {
        format!(
            "calls.livekit.secret is shorter than {SHORTEST_LIVEKIT_SECRET} bytes: make one with \"openssl rand -hex 32\", and give \
             LiveKit the same"
        )
    })
}

/// Whether `url` is one of `schemes` and a host: RFC 7064 and 7065 have no slashes.
fn is_address(url: &str, schemes: &[&str]) -> bool {
    let host = schemes.iter().find_map(|scheme| url.strip_prefix(scheme));
    host.is_some_and(|host| !host.is_empty() && !host.contains([' ', ',', '/']))
}

fn has_scheme(url: &str, schemes: &[&str]) -> bool {
    url.parse::<Uri>().is_ok_and(|url| {
        url.host().is_some_and(|host| !host.is_empty())
            && url.scheme_str().is_some_and(|scheme| schemes.contains(&scheme))
    })
}
