//! The address of an engine, which may carry a password.

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

/// An address such as `postgres://user:password@host/database`. Shown without what is secret in it.
#[derive(Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(transparent)]
pub struct EngineUrl(String);

impl EngineUrl {
    /// All of it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What stands before `://`.
    pub fn scheme(&self) -> Option<&str> {
        let (scheme, _) = self.0.split_once("://")?;
        let is_word = !scheme.is_empty() && scheme.bytes().all(|b| b.is_ascii_alphanumeric());
        is_word.then_some(scheme)
    }
}

impl FromStr for EngineUrl {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self(text.to_owned()))
    }
}

/// Without user, password and parameters.
impl fmt::Display for EngineUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(scheme) = self.scheme() else { return f.write_str("…") };
        let rest = self.0.get(scheme.len() + 3..).unwrap_or_default();
        let shown = match (rest.rfind('@'), rest.find('?')) {
            // A password with a question mark, or a parameter with an at sign: nobody knows which.
            (Some(at), Some(mark)) if mark < at => "…",
            (Some(at), _) => rest.get(at + 1..).unwrap_or_default(),
            (None, _) => rest,
        };
        let shown = shown.split('?').next().unwrap_or_default();
        write!(f, "{scheme}://{shown}")
    }
}

impl fmt::Debug for EngineUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_secret_is_not_shown() {
        let shown = |text: &str| {
            let url: EngineUrl = text.parse().unwrap();
            assert_eq!(format!("{url:?}"), url.to_string());
            url.to_string()
        };
        assert_eq!(shown("postgres://db:5432/wigwag"), "postgres://db:5432/wigwag");
        assert_eq!(shown("postgres://me:s3cret@db/wigwag?sslmode=require"), "postgres://db/wigwag");
        assert_eq!(shown("nats://me:s3cr@et@a:4222"), "nats://a:4222");
        assert_eq!(shown("nats://me:s3cret@a,nats://me:s3cret@b"), "nats://b");
        for secret in [
            "postgres://db/wigwag?user=me&password=s3cret",
            "postgres://me:s3?cret@db/wigwag",
            "postgres://db/wigwag?password=a@s3cret",
            "s3cret",
            "host=db password=s3cret",
        ] {
            assert!(!shown(secret).contains("cret"), "{secret}: {}", shown(secret));
        }
    }
}
