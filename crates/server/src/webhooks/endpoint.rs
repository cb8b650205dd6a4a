//! An endpoint as it was configured.

use std::fmt;

use super::signature::SigningKey;
use crate::config::EndpointConfig;

/// Where events are sent.
#[derive(Clone)]
pub struct Endpoint {
    /// Names it in logs and figures.
    pub name: String,
    pub(super) url: String,
    pub(super) keys: Vec<SigningKey>,
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
    pub(super) fn new(config: &EndpointConfig) -> Result<Self, SetupError> {
        let wrong = |what: &str| SetupError(format!("webhooks.endpoints: {}: {what}", config.name));
        let read = |path: &std::path::PathBuf| {
            std::fs::read_to_string(path)
                .map_err(|error| wrong(&format!("cannot read secret_file {}: {error}", path.display())))
        };
        let secret = match (&config.secret, &config.secret_file) {
            (Some(secret), _) => secret.expose().to_owned(),
            (None, Some(path)) => read(path)?,
            (None, None) => return Err(wrong("it has no secret")),
        };
        let previous = config.previous_secret.as_ref().map(|secret| secret.expose().to_owned());
        let key = |text: String| {
            SigningKey::parse(text.trim())
                .ok_or_else(|| wrong("a secret is whsec_ and the base64 of 24 to 64 random bytes"))
        };
        let keys = [Some(secret), previous].into_iter().flatten().map(key).collect::<Result<_, _>>()?;
        let (name, url, events) =
            (config.name.clone(), config.url.expose().to_owned(), config.events.clone());
        Ok(Self { name, url, keys, events })
    }

    /// The patterns of events that are sent to it; all when there is none.
    pub(super) fn events(&self) -> &[String] {
        &self.events
    }

    /// Whether events of this type are sent to it.
    pub(super) fn wants(&self, kind: &str) -> bool {
        self.events.is_empty() || self.events.iter().any(|pattern| matches(pattern, kind))
    }
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
