//! `[webhooks]`

use std::path::PathBuf;

use serde::Deserialize;

use super::{ConfigError, Secret};
use crate::webhooks::AddressRange;

/// HTTP requests of this server to your back ends, which tell them what has happened (docs/webhooks.md).
#[derive(Debug, Clone, confique::Config)]
#[config(layer_attr(serde(deny_unknown_fields)))]
pub struct WebhooksConfig {
    /// Private, link-local and loopback addresses that endpoints may have all the same, such as "10.1.0.0/16". Others are refused, also
    /// when a name leads to them, so that nobody reaches inside your network through this server. In the environment: several with
    /// commas between.
    #[config(default = [], env = "WIGWAG_WEBHOOKS_ALLOW", parse_env = confique::env::parse::list_by_comma)]
    pub allow: Vec<AddressRange>,

    /// Who is told, at most 20: tables with name (letters, digits, "-" and "_"; how far it was told is kept under it), url (https, or http
    /// to an address that allow names), secret ("whsec_" and the base64 of 32 random bytes) or secret_file, and if you like events, a
    /// list of types such as "invitation.*" and "call.ended" (all without it), and previous_secret while one is replaced. With one, retention.events_days is
    /// at least 10. In the environment: JSON.
    #[config(default = [], env = "WIGWAG_WEBHOOKS_ENDPOINTS", parse_env = endpoints)]
    pub endpoints: Vec<EndpointConfig>,
}

/// An endpoint as an operator writes it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EndpointConfig {
    /// Names it in the store, in logs and in figures.
    pub name: String,
    /// Where requests go. It may have a secret in it.
    pub url: Secret,
    /// What they are signed with.
    pub secret: Option<Secret>,
    /// The file that it is in.
    pub secret_file: Option<PathBuf>,
    /// A secret that receivers may still know.
    pub previous_secret: Option<Secret>,
    /// Types of events, or their beginnings with a star behind; all when there is none.
    #[serde(default)]
    pub events: Vec<String>,
}

/// The message names a place and nothing of the text, which has secrets in it.
fn endpoints(json: &str) -> Result<Vec<EndpointConfig>, ConfigError> {
    serde_json::from_str(json).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        ConfigError::new(format!("it is no JSON array of endpoints: see line {line}, column {column}"))
    })
}
