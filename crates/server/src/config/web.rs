//! `[web]`

/// The web page that the server gives out.
#[derive(Debug, Clone, confique::Config)]
#[config(layer_attr(serde(deny_unknown_fields)))]
pub struct WebConfig {
    /// STUN servers, each such as "stun:stun.example.org:3478". Calls go from browser to browser; behind routers, browsers
    /// learn from these under which address the other side can reach them. Without any, both have to be in one network.
    /// In the environment: several with commas between.
    #[config(default = [], env = "WIGWAG_WEB_STUN", parse_env = confique::env::parse::list_by_comma)]
    pub stun: Vec<String>,
}
