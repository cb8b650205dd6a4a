//! An endpoint as it was configured.

use std::fmt;

use super::form::{Caller, Form};
use super::payload::Payload;
use super::signature::SigningKey;
use crate::config::{EndpointConfig, Secret, WebhookForm};
use crate::store::JournalEvent;

/// Length of the token that a back end of Tencent's knows, as their console takes it.
pub(crate) const TOKEN_BYTES: std::ops::RangeInclusive<usize> = 1..=128;

/// Where events are sent.
#[derive(Clone)]
pub struct Endpoint {
    /// Names it in logs and figures.
    pub name: String,
    pub(super) url: String,
    pub(super) form: Form,
    events: Vec<String>,
}

/// Why an endpoint cannot be served; one line without secrets.
#[derive(Debug)]
pub struct SetupError(String);

impl fmt::Display for SetupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for SetupError {}

impl Endpoint {
    /// `sdk_app_id` names this server's app to back ends that were written for Tencent's.
    pub(super) fn new(config: &EndpointConfig, sdk_app_id: u32) -> Result<Self, SetupError> {
        let secret = secret_of(config)?;
        let form = match config.form {
            WebhookForm::Standard => Form::Standard(keys(config, &secret)?),
            WebhookForm::Tencent => Form::Tencent(Caller { sdk_app_id, token: token(config, &secret)? }),
        };
        let (name, url, events) =
            (config.name.clone(), config.url.expose().to_owned(), config.events.clone());
        Ok(Self { name, url, form, events })
    }

    /// What is sent of an event; `None` when there is nothing.
    pub(super) fn payload(&self, event: &JournalEvent) -> Option<Payload> {
        self.form.payload(event)
    }

    /// What tries it, at this time in ms.
    pub(super) fn test(&self, at: u64) -> Payload {
        self.form.test(&self.name, at)
    }

    /// The patterns of events that are sent to it; all when there is none.
    pub(super) fn events(&self) -> &[String] {
        &self.events
    }

    /// Whether it asks for this type by a pattern of its own: what is told at most once is told to nobody who has not asked.
    pub(super) fn names(&self, kind: &str) -> bool {
        self.events.iter().any(|pattern| matches(pattern, kind))
    }

    /// Whether events of this type are sent to it.
    pub(super) fn wants(&self, kind: &str) -> bool {
        self.events.is_empty() || self.names(kind)
    }
}

fn wrong(config: &EndpointConfig, what: &str) -> SetupError {
    SetupError(format!("webhooks.endpoints: {}: {what}", config.name))
}

fn secret_of(config: &EndpointConfig) -> Result<String, SetupError> {
    match (&config.secret, &config.secret_file) {
        (Some(secret), _) => Ok(secret.expose().to_owned()),
        (None, Some(path)) => std::fs::read_to_string(path)
            .map(|text| text.trim().to_owned())
            .map_err(|error| wrong(config, &format!("cannot read secret_file {}: {error}", path.display()))),
        (None, None) => Err(wrong(config, "it has no secret")),
    }
}

fn keys(config: &EndpointConfig, secret: &str) -> Result<Vec<SigningKey>, SetupError> {
    let previous = config.previous_secret.as_ref().map(Secret::expose);
    let key = |text: &str| {
        SigningKey::parse(text.trim())
            .ok_or_else(|| wrong(config, "a secret is whsec_ and the base64 of 24 to 64 random bytes"))
    };
    [Some(secret), previous].into_iter().flatten().map(key).collect()
}

fn token(config: &EndpointConfig, secret: &str) -> Result<String, SetupError> {
    if TOKEN_BYTES.contains(&secret.len()) {
        return Ok(secret.to_owned());
    }
    Err(wrong(config, "its secret is the token of its callbacks, 1 to 128 characters"))
}

/// A pattern is a type, or the beginning of some with a star behind it.
pub(crate) fn matches(pattern: &str, kind: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(beginning) => kind.starts_with(beginning),
        None => pattern == kind,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_name_types_or_their_beginnings() {
        assert!(matches("invitation.*", "invitation.accepted") && matches("*", "call.ended"));
        assert!(matches("call.ended", "call.ended") && !matches("call.ended", "call.endedNot"));
        assert!(!matches("invitation.*", "call.invited"));
    }
}
