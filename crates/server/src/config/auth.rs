//! `[auth]`

use std::path::PathBuf;

/// Who may sign in.
#[derive(Debug, Clone, confique::Config)]
#[config(layer_attr(serde(deny_unknown_fields)))]
pub struct AuthConfig {
    /// Secret that signs UserSigs and HS256 JWTs; your own servers hold the same one. At least 32 bytes (RFC 7518
    /// section 3.2), as "openssl rand -hex 32" makes them. Without it the server makes one for development at its
    /// first start and keeps it in the file app.key of the data folder.
    #[config(env = "WIGWAG_AUTH_KEY")]
    pub key: Option<Secret>,

    /// JSON Web Key Set with public keys whose JWTs are accepted (RS256, ES256, EdDSA). Read again when it changes.
    #[config(env = "WIGWAG_AUTH_JWKS_FILE")]
    pub jwks_file: Option<PathBuf>,

    /// Where to fetch such a set, usually from your identity provider: https, or http on this machine. The server
    /// also starts, and accepts other tokens, while it cannot be fetched.
    #[config(env = "WIGWAG_AUTH_JWKS_URL")]
    pub jwks_url: Option<String>,

    /// Minutes between two fetches of jwks_url, 1 to 1440. A token that names an unknown key asks for a fetch of
    /// its own, at most once a minute, so a change of keys is seen much earlier than this.
    #[config(default = 60, env = "WIGWAG_AUTH_JWKS_REFRESH_MINUTES")]
    pub jwks_refresh_minutes: u64,

    /// When set, a JWT must carry exactly this in "iss".
    #[config(env = "WIGWAG_AUTH_JWT_ISSUER")]
    pub jwt_issuer: Option<String>,

    /// When set, a JWT must carry this in "aud", alone or in a list. Set it when your identity provider also signs
    /// tokens for other apps.
    #[config(env = "WIGWAG_AUTH_JWT_AUDIENCE")]
    pub jwt_audience: Option<String>,

    /// Whether the first sign-in with a valid token creates the user. When false, unknown users are refused (70107).
    #[config(default = true, env = "WIGWAG_AUTH_AUTO_REGISTER")]
    pub auto_register: bool,

    /// For development only: POST /v1/dev/token gives a token for any userID to programs and pages of this machine, so
    /// that the web page's sign-in is a name and a click. Refused when other machines could ask too: with an address that
    /// they can reach, behind a proxy (tls.plain), and on several servers (bus.url).
    #[config(default = false, env = "WIGWAG_AUTH_DEV_TOKENS")]
    pub dev_tokens: bool,
}

/// A text that debug output and logs never show.
#[derive(Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// The secret itself.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("(secret)")
    }
}
