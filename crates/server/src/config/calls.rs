//! `[calls]`

use std::convert::Infallible;
use std::str::FromStr;

use serde::Deserialize;
use wigwag_protocol::media::{IceServer, MediaProvider};

use super::{ConfigError, Secret};

/// Who carries the media of calls, and what callers are given to reach them.
#[derive(Debug, Clone, confique::Config)]
#[config(layer_attr(serde(deny_unknown_fields)))]
pub struct CallsConfig {
    /// Who carries the media of calls. "p2p": the devices themselves, with the STUN and TURN servers named below. "livekit": the
    /// LiveKit server of [calls.livekit]. "none": nobody that this server knows; the apps have media of their own.
    #[config(default = "p2p", env = "WIGWAG_CALLS_PROVIDER")]
    pub provider: MediaProvider,

    /// What becomes of a call to somebody who is in another one. "report": they are not rung, and the caller is told that they are busy.
    /// "ring": they are rung.
    #[config(default = "report", env = "WIGWAG_CALLS_BUSY")]
    pub busy: Busy,

    /// Seconds after which somebody whose devices are all gone has left their call, 1 to 600, and more than sessions.offline_grace_s.
    /// A phone that changes its network is back within half a minute.
    #[config(default = 45, env = "WIGWAG_CALLS_LEASE_S")]
    pub lease_s: u64,

    /// People one call may have, 2 to 1000, those included who declined or left. An invitation of more is refused (7008). The call is
    /// written as a whole at every step.
    #[config(default = 250, env = "WIGWAG_CALLS_PEOPLE")]
    pub people: usize,

    /// Calls that may run in one group at a time, 1 to 100. One more is refused (7008).
    #[config(default = 10, env = "WIGWAG_CALLS_PER_GROUP")]
    pub per_group: usize,

    /// Seconds for which TURN credentials and LiveKit tokens let their user join a call, 60 to 604800 (a week). When a call may ring
    /// for longer, they last ten minutes longer than the ring. Whoever has joined by then stays.
    #[config(default = 21_600, env = "WIGWAG_CALLS_ACCESS_TTL_S")]
    pub access_ttl_s: u64,

    /// For "p2p": STUN servers, each such as "stun:stun.example.org:3478", which tell a device behind a router its public address.
    /// A TURN server whose password never changes is a table with
    /// urls, username and credential; every caller is told that password, so calls.turn is better. In the environment: STUN servers alone, with commas between.
    #[config(default = [], env = "WIGWAG_CALLS_ICE_SERVERS", parse_env = confique::env::parse::list_by_comma)]
    pub ice_servers: Vec<IceServerConfig>,

    /// For "p2p": TURN servers, which relay media where two devices cannot reach each other.
    #[config(nested)]
    pub turn: TurnConfig,

    /// For "livekit".
    #[config(nested)]
    pub livekit: LivekitConfig,
}

impl CallsConfig {
    /// The address of the server through which devices send the media of calls; `None` where none does.
    pub fn media_server(&self) -> Option<&str> {
        match self.provider {
            MediaProvider::Livekit => self.livekit.url.as_deref(),
            MediaProvider::P2p | MediaProvider::None => None,
        }
    }
}

/// What becomes of a call to somebody who is in another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Busy {
    /// They are not rung, and the caller is told.
    Report,
    /// They are rung.
    Ring,
}

/// TURN servers of the operator's own.
#[derive(Debug, Clone, confique::Config)]
#[config(layer_attr(serde(deny_unknown_fields)))]
pub struct TurnConfig {
    /// TURN servers that share the secret below, each such as "turn:turn.example.org:3478?transport=udp" or
    /// "turns:turn.example.org:5349". In the environment: several with commas between.
    #[config(default = [], env = "WIGWAG_CALLS_TURN_URLS", parse_env = confique::env::parse::list_by_comma)]
    pub urls: Vec<String>,

    /// Secret that this server and the TURN servers share, at least 16 bytes; coturn's static-auth-secret. Each caller gets a username
    /// and a password of their own, made from it, which the TURN server takes until they have expired.
    #[config(env = "WIGWAG_CALLS_TURN_SECRET")]
    pub secret: Option<Secret>,
}

/// The LiveKit server.
#[derive(Debug, Clone, confique::Config)]
#[config(layer_attr(serde(deny_unknown_fields)))]
pub struct LivekitConfig {
    /// Where devices reach the LiveKit server, such as "wss://livekit.example.org".
    #[config(env = "WIGWAG_CALLS_LIVEKIT_URL")]
    pub url: Option<String>,

    /// Where this server reaches it, such as "http://livekit:7880" in an internal network. Without it: the address above, with
    /// https for wss and http for ws.
    #[config(env = "WIGWAG_CALLS_LIVEKIT_API_URL")]
    pub api_url: Option<String>,

    /// One of its API keys.
    #[config(env = "WIGWAG_CALLS_LIVEKIT_KEY")]
    pub key: Option<String>,

    /// The secret that belongs to that key, at least 32 bytes. Tokens are signed with it, and webhooks are verified.
    #[config(env = "WIGWAG_CALLS_LIVEKIT_SECRET")]
    pub secret: Option<Secret>,
}

/// What it takes to use a LiveKit server.
#[derive(Debug, Clone)]
pub struct LivekitAccount {
    /// For devices.
    pub url: String,
    /// For this server; without a slash at its end.
    pub api_url: String,
    /// Names the secret.
    pub key: String,
    /// Signs tokens.
    pub secret: Secret,
}

impl LivekitConfig {
    /// All of it, or what is missing.
    pub fn account(&self) -> Result<LivekitAccount, ConfigError> {
        let missing = |key: &str, advice: &str| {
            ConfigError::new(format!(
                "calls.provider is \"livekit\" but calls.livekit.{key} is not set: {advice}"
            ))
        };
        let url = self.url.clone().ok_or_else(|| {
            missing("url", "set it to the address that devices connect to, such as wss://livekit.example.org")
        })?;
        let key = self
            .key
            .clone()
            .ok_or_else(|| missing("key", "set it to a name under \"keys\" in LiveKit's configuration"))?;
        let secret = self.secret.clone().ok_or_else(|| {
            missing("secret", "set it to what stands behind that key in LiveKit's configuration")
        })?;
        let api_url = self.api_url.clone().unwrap_or_else(|| over_http(&url));
        Ok(LivekitAccount { api_url: api_url.trim_end_matches('/').to_owned(), url, key, secret })
    }
}

/// `ws` becomes `http`, and so `wss` becomes `https`.
fn over_http(url: &str) -> String {
    url.strip_prefix("ws").map_or_else(|| url.to_owned(), |rest| format!("http{rest}"))
}

/// A STUN or TURN server as an operator writes it: its address alone, or what a browser takes.
#[derive(Debug, Clone, Deserialize)]
#[serde(from = "Written")]
pub struct IceServerConfig(pub IceServer);

#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "calls.ice_servers takes texts such as \"stun:stun.example.org:3478\", and tables with urls, username and credential"
)]
enum Written {
    Url(String),
    Server(WrittenServer),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenServer {
    urls: Vec<String>,
    username: Option<String>,
    credential: Option<String>,
}

impl From<Written> for IceServerConfig {
    fn from(written: Written) -> Self {
        let server = match written {
            Written::Url(url) => WrittenServer { urls: vec![url], username: None, credential: None },
            Written::Server(server) => server,
        };
        let WrittenServer { urls, username, credential } = server;
        Self(IceServer { urls, username, credential })
    }
}

impl FromStr for IceServerConfig {
    type Err = Infallible;

    fn from_str(url: &str) -> Result<Self, Infallible> {
        Ok(Written::Url(url.to_owned()).into())
    }
}
