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
    /// list of types such as "invitation.*" and "call.ended" (all without it; "session.*" only when it is named), previous_secret while one is replaced, and form = "tencent" for a back end that was
    /// written for Tencent's callbacks, whose token is the secret then. With one, retention.events_days is
    /// at least 10. In the environment: JSON.
    #[config(default = [], env = "WIGWAG_WEBHOOKS_ENDPOINTS", parse_env = endpoints)]
    pub endpoints: Vec<EndpointConfig>,

    /// Who is asked before an invitation is made: a table with url, secret or secret_file, previous_secret and form as endpoints have them, timeout_ms (100 to
    /// 30000, 2000 without it) and unanswered, what happens when no answer comes in time: "allow" (without it) or "refuse". In the environment: JSON.
    #[config(env = "WIGWAG_WEBHOOKS_BEFORE_INVITE", parse_env = before)]
    pub before_invite: Option<BeforeConfig>,

    /// Who is asked before a message is sent; a table as that of before_invite. In the environment: JSON.
    #[config(env = "WIGWAG_WEBHOOKS_BEFORE_MESSAGE", parse_env = before)]
    pub before_message: Option<BeforeConfig>,

    /// Who is asked before a group is made, and before somebody joins one or is added; a table as that of before_invite. In the environment: JSON.
    #[config(env = "WIGWAG_WEBHOOKS_BEFORE_GROUP", parse_env = before)]
    pub before_group: Option<BeforeConfig>,
}

/// Who is asked before something is done, as an operator writes it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BeforeConfig {
    /// Where requests go. It may have a secret in it.
    pub url: Secret,
    /// What they are signed with.
    pub secret: Option<Secret>,
    /// The file that it is in.
    pub secret_file: Option<PathBuf>,
    /// A secret that receivers may still know.
    pub previous_secret: Option<Secret>,
    /// For a whole request, ms.
    #[serde(default = "usual_timeout_ms")]
    pub timeout_ms: u64,
    /// What happens when no answer comes.
    #[serde(default)]
    pub unanswered: Unanswered,
    /// In which form it is asked.
    #[serde(default)]
    pub form: WebhookForm,
}

/// What becomes of what nobody answers for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Unanswered {
    /// It is done.
    #[default]
    Allow,
    /// It is refused.
    Refuse,
}

/// Somebody waits before their call begins to ring, their message is sent, or they come to a group.
fn usual_timeout_ms() -> u64 {
    2_000
}

impl BeforeConfig {
    /// How the one before invitations is called.
    pub(crate) const INVITE: &str = "before_invite";
    /// How the one before messages is called.
    pub(crate) const MESSAGE: &str = "before_message";
    /// How the one before somebody comes to a group is called.
    pub(crate) const GROUP: &str = "before_group";

    /// What it has of an endpoint of webhooks.
    pub(crate) fn as_endpoint(&self, name: &str) -> EndpointConfig {
        EndpointConfig {
            name: name.to_owned(),
            url: self.url.clone(),
            secret: self.secret.clone(),
            secret_file: self.secret_file.clone(),
            previous_secret: self.previous_secret.clone(),
            events: Vec::new(),
            form: self.form,
        }
    }
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
    /// In which form it is told.
    #[serde(default)]
    pub form: WebhookForm,
}

/// In which form an endpoint is told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum WebhookForm {
    /// That of Standard Webhooks.
    #[default]
    Standard,
    /// That of Tencent's callbacks; the secret is their token.
    Tencent,
}

fn before(json: &str) -> Result<BeforeConfig, ConfigError> {
    serde_json::from_str(json).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        ConfigError::new(format!("it is no JSON object with a url: see line {line}, column {column}"))
    })
}

/// The message names a place and nothing of the text, which has secrets in it.
fn endpoints(json: &str) -> Result<Vec<EndpointConfig>, ConfigError> {
    serde_json::from_str(json).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        ConfigError::new(format!("it is no JSON array of endpoints: see line {line}, column {column}"))
    })
}
