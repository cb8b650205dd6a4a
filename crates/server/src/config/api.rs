//! `[api]`

use std::net::SocketAddr;

use wigwag_protocol::UserId;

/// The API for back ends (docs/rest.md). Without a key ("wigwag key create") it refuses everybody.
#[derive(Debug, Clone, confique::Config)]
#[config(layer_attr(serde(deny_unknown_fields)))]
pub struct ApiConfig {
    /// IP address and port for the API alone, with the encryption of [tls], such as an address of your internal network. Without it,
    /// the API is on the address of sessions. With it, a flood of strangers there cannot keep your back end away.
    #[config(env = "WIGWAG_API_LISTEN")]
    pub listen: Option<SocketAddr>,

    /// Requests a second with one key, on each node, 1 to 100000. What comes faster is refused with 429.
    #[config(default = 100, env = "WIGWAG_API_REQUESTS_PER_SECOND")]
    pub requests_per_second: u32,

    /// Requests with one key that may come at once, 1 to 100000.
    #[config(default = 200, env = "WIGWAG_API_REQUEST_BURST")]
    pub request_burst: u32,

    /// Requests that are carried out at once on a node, 1 to 10000. Each may hold a body of 1 MiB. Further ones are refused with 503.
    #[config(default = 64, env = "WIGWAG_API_REQUESTS_AT_ONCE")]
    pub requests_at_once: usize,

    /// UserIDs of administrators of Tencent's REST API (docs/tencent-rest.md), at most 16. Whoever has a
    /// UserSig of one of them may do everything that the API can. Without any, "/v4/" refuses everybody.
    #[config(default = [], env = "WIGWAG_API_TENCENT_ADMINISTRATORS", parse_env = confique::env::parse::list_by_comma)]
    pub tencent_administrators: Vec<String>,

    /// UserIDs of administrators of OpenIM's REST API (docs/openim-rest.md), at most 16, such as "imAdmin". Whoever has a token of one of
    /// them, or the app key, may do everything that the API can. Without any, "/openim-api/auth/…" and what is beside it refuse everybody.
    #[config(default = [], env = "WIGWAG_API_OPENIM_ADMINISTRATORS", parse_env = confique::env::parse::list_by_comma)]
    pub openim_administrators: Vec<String>,
}

impl ApiConfig {
    /// The administrators of Tencent's API. What is no userID is passed over; the check of the configuration refuses it before.
    pub fn tencent_administrators(&self) -> Vec<UserId> {
        users(&self.tencent_administrators)
    }

    /// The administrators of OpenIM's API, in the same way.
    pub fn openim_administrators(&self) -> Vec<UserId> {
        users(&self.openim_administrators)
    }
}

fn users(names: &[String]) -> Vec<UserId> {
    names.iter().filter_map(|name| UserId::parse(name).ok()).collect()
}
