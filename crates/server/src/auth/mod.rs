//! Sign-in: whose token it is, and whether it still counts.
//!
//! Two kinds of token are told apart by shape: a JWT has dots, a UserSig cannot have any. Nothing here knows sessions;
//! an [`Authenticator`] is shared by all of them. It reads its files again when [`Authenticator::refresh`] finds them changed.
//!
//! Times of tokens are compared with the machine's clock ([`crate::clock::wall_ms`]), not with server time: that one goes on from
//! the newest time in the database, and after a run with a wrong clock it is ahead of those who make tokens.

mod action_token;
mod api_keys;
mod app;
mod handing_over;
mod jwks;
mod jwks_url;
mod jwt;
mod revocations;
mod ring_provider;
mod user_sig;
mod watched;

use std::path::Path;

use wigwag_protocol::{Reason, UserId};

pub use action_token::{ActionTokens, OwnRing};
pub use api_keys::{
    API_KEYS_FILE, ApiKey, ApiKeys, KeyDigest, KeyName, MOST_KEYS, add_api_key, drop_api_key, kept_api_keys,
    key_name_taken, too_many_keys,
};
pub use app::{App, AppKey, KEY_FILE, KeyError, KeyOrigin};
pub use jwt::mint_jwt;
pub use revocations::{REVOKED_FILE, Revocation, kept_revocations, revoke};
pub(crate) use ring_provider::install as use_ring_for_jwts;
pub use user_sig::mint_user_sig;

use crate::config::AuthConfig;
use jwt::JwtVerifier;
use revocations::Revocations;

/// Longest token that is looked at, bytes: an RS256 JWT with generous claims has 2 KiB.
const LONGEST_TOKEN: usize = 8 * 1024;

/// Who a token speaks for, and for how long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The user.
    pub user: UserId,
    /// When the token was made, ms since the epoch; 0 when it does not say.
    pub issued_at_ms: u64,
    /// When it stops counting, ms since the epoch.
    pub expires_at_ms: u64,
}

impl Identity {
    /// The same identity, unless the client says that it is somebody else: [`Reason::TokenWrongUser`].
    pub fn claimed_by(self, user: Option<&UserId>) -> Result<Self, Reason> {
        if user.is_none_or(|user| *user == self.user) { Ok(self) } else { Err(Reason::TokenWrongUser) }
    }
}

/// Why no authenticator could be made; one line that says what to change.
#[derive(Debug)]
pub struct AuthError(String);

impl std::fmt::Display for AuthError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for AuthError {}

/// Checks tokens. Cheap to call and safe to share; holds no state of any session.
#[derive(Debug)]
pub struct Authenticator {
    app: App,
    jwt: JwtVerifier,
    revocations: Revocations,
}

impl Authenticator {
    /// Reads the key set file and starts fetching the key set URL, if there are any. Revocations are read from
    /// [`REVOKED_FILE`] in `data_dir`.
    pub fn new(auth: &AuthConfig, app: App, data_dir: &Path) -> Result<Self, AuthError> {
        let jwt = JwtVerifier::new(auth, &app)?;
        let revocations = Revocations::new(data_dir.join(REVOKED_FILE))?;
        Ok(Self { app, jwt, revocations })
    }

    /// Who `token` speaks for at `now_ms` by the machine's clock (ms since the epoch).
    ///
    /// Refuses with `TokenMalformed` (neither kind, truncated, no expiry, or a userID that cannot be one),
    /// `TokenWrongApp` (other sdkAppID, issuer or audience), `TokenWrongKey`, `TokenExpired` (also: not valid yet)
    /// and `TokenRevoked`.
    pub fn verify(&self, token: &str, now_ms: u64) -> Result<Identity, Reason> {
        if token.len() > LONGEST_TOKEN {
            return Err(Reason::TokenMalformed);
        }
        let identity = if token.contains('.') {
            self.jwt.verify(token, now_ms)?
        } else {
            user_sig::verify(&self.app, token)?
        };
        if identity.expires_at_ms <= now_ms {
            return Err(Reason::TokenExpired);
        }
        if self.revocations.covers(&identity) {
            return Err(Reason::TokenRevoked);
        }
        Ok(identity)
    }

    /// Whether the token behind `identity`, which was accepted once, still counts at `now_ms` by the machine's clock. For sessions
    /// that live long.
    pub fn still_counts(&self, identity: &Identity, now_ms: u64) -> bool {
        now_ms < identity.expires_at_ms && !self.revocations.covers(identity)
    }

    /// Whether a user's tokens that were made at this time, ms since the epoch, were taken back; 0 for one that does not say.
    pub fn is_revoked(&self, user: &UserId, issued_at_ms: u64) -> bool {
        self.revocations.cover(user, issued_at_ms)
    }

    /// Reads the files again that have changed; costs a stat each otherwise. Returns the revocations that are new.
    pub fn refresh(&self) -> Vec<Revocation> {
        self.jwt.refresh();
        self.revocations.refresh()
    }

    /// Takes over revocations of a shared store, `complete` when they are all that it has. Returns those that are new.
    pub fn learn(&self, found: Vec<Revocation>, complete: bool) -> Vec<Revocation> {
        self.revocations.learn(found, complete)
    }
}
