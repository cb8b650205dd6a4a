//! Where the token comes from.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

/// Whatever kept a provider from giving a token; the client tries again after a while.
pub type TokenError = Box<dyn std::error::Error + Send + Sync>;

type Fetch = dyn Fn() -> Pin<Box<dyn Future<Output = Result<String, TokenError>> + Send>> + Send + Sync;

/// A UserSig or JWT, or a way to get one.
#[derive(Clone)]
pub enum Token {
    /// Always this one. When it expires the client stops.
    Fixed(String),
    /// Asked before the first sign-in and again whenever the last token has expired.
    Provider(Arc<Fetch>),
}

impl Token {
    /// A token that is fetched, typically from the app's own backend.
    pub fn provider<F, Fut>(fetch: F) -> Self
    where
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<String, TokenError>> + Send + 'static,
    {
        Self::Provider(Arc::new(move || Box::pin(fetch())))
    }

    pub(crate) fn renews(&self) -> bool {
        match self {
            Self::Fixed(_) => false,
            Self::Provider(_) => true,
        }
    }

    pub(crate) async fn fetch(self) -> Result<String, String> {
        match self {
            Self::Fixed(token) => Ok(token),
            Self::Provider(fetch) => fetch().await.map_err(|error| error.to_string()),
        }
    }
}

impl From<String> for Token {
    fn from(token: String) -> Self {
        Self::Fixed(token)
    }
}

impl From<&str> for Token {
    fn from(token: &str) -> Self {
        Self::Fixed(token.to_owned())
    }
}

/// Tokens are secrets: never printed.
impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fixed(_) => f.write_str("Token::Fixed(…)"),
            Self::Provider(_) => f.write_str("Token::Provider(…)"),
        }
    }
}
