//! Action tokens: a push carries one, with which a device answers its ring from an app that is not running, without a session
//! (docs/decisions/0026-action-tokens.md).
//!
//! They are JWTs under a key of their own, derived from the app key: no sign-in takes one, and no action takes a token of a sign-in.

use std::collections::HashSet;
use std::fmt;

use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use serde::{Deserialize, Serialize};
use wigwag_protocol::{DeviceId, InviteId, Reason, UserId};

use super::{App, ring_provider};

/// Longest token that is looked at, bytes: three identifiers at their longest, as JSON in base64url, take 600.
const LONGEST: usize = 1_024;
/// What sets the derived key apart from all others of this app key.
const PURPOSE: &[u8] = b"wigwag action tokens";

/// Whose ring it is, at which device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnRing {
    /// The invitee.
    #[serde(rename = "sub")]
    pub user: UserId,
    /// Their device.
    #[serde(rename = "deviceID")]
    pub device: DeviceId,
    /// What rings.
    #[serde(rename = "inviteID")]
    pub invite: InviteId,
}

/// Makes action tokens and reads them; every node of an app reads those of the others.
#[derive(Clone)]
pub struct ActionTokens {
    signs: EncodingKey,
    checks: DecodingKey,
    validation: Validation,
}

impl fmt::Debug for ActionTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ActionTokens(secret)")
    }
}

impl ActionTokens {
    /// Those of an app.
    pub fn of(app: &App) -> Self {
        ring_provider::install();
        let derived = app.key.sign(PURPOSE);
        let mut validation = Validation::new(Algorithm::HS256);
        validation.validate_exp = false;
        validation.validate_aud = false;
        validation.required_spec_claims = HashSet::new();
        Self {
            signs: EncodingKey::from_secret(derived.as_ref()),
            checks: DecodingKey::from_secret(derived.as_ref()),
            validation,
        }
    }

    /// A token for this ring. It says nothing of time: what it may do ends with the ring.
    pub fn mint(&self, ring: &OwnRing) -> String {
        encode(&Header::new(Algorithm::HS256), ring, &self.signs).expect("texts can always be signed")
    }

    /// The ring that a token is for: `TokenMalformed`, or `TokenWrongKey` for one that this app has not made.
    pub fn read(&self, token: &str) -> Result<OwnRing, Reason> {
        if token.len() > LONGEST {
            return Err(Reason::TokenMalformed);
        }
        let read = decode(token, &self.checks, &self.validation);
        read.map(|token| token.claims).map_err(|error| {
            let is_signed_by_another = *error.kind() == ErrorKind::InvalidSignature;
            if is_signed_by_another { Reason::TokenWrongKey } else { Reason::TokenMalformed }
        })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::{AppKey, mint_jwt};
    use super::*;

    fn app(key: &str) -> App {
        App { sdk_app_id: 7, key: AppKey::new(key) }
    }

    fn ring() -> OwnRing {
        OwnRing {
            user: UserId::parse("bob").unwrap(),
            device: DeviceId::parse("bob-phone").unwrap(),
            invite: InviteId::parse("i").unwrap(),
        }
    }

    #[test]
    fn a_token_names_its_ring_to_every_node_of_its_app() {
        let token = ActionTokens::of(&app("a key that only tests know, 32 bytes and more")).mint(&ring());
        let read = |key: &str| ActionTokens::of(&app(key)).read(&token);
        assert_eq!(read("a key that only tests know, 32 bytes and more"), Ok(ring()));
        assert_eq!(read("another key that only tests know, 32 bytes"), Err(Reason::TokenWrongKey));
    }

    #[test]
    fn a_token_at_its_longest_is_read_and_nothing_longer() {
        let tokens = ActionTokens::of(&app("a key that only tests know, 32 bytes and more"));
        let long = OwnRing {
            user: UserId::parse(&"u".repeat(64)).unwrap(),
            device: DeviceId::parse(&"d".repeat(64)).unwrap(),
            invite: InviteId::parse(&"i".repeat(64)).unwrap(),
        };
        let token = tokens.mint(&long);
        assert!(token.len() < LONGEST, "{}", token.len());
        assert_eq!(tokens.read(&token), Ok(long));
        assert_eq!(tokens.read(&"a".repeat(LONGEST + 1)), Err(Reason::TokenMalformed));
    }

    #[test]
    fn a_token_of_a_sign_in_is_none_and_the_other_way_round() {
        let app = app("a key that only tests know, 32 bytes and more");
        let auth = crate::config::parse("").unwrap().auth;
        let sign_in = mint_jwt(&auth, &app, &ring().user, 1_000, Duration::from_mins(1));
        let tokens = ActionTokens::of(&app);
        assert_eq!(tokens.read(&sign_in), Err(Reason::TokenWrongKey));
        let folder = tempfile::tempdir().unwrap();
        let sign_ins = super::super::Authenticator::new(&auth, app, folder.path()).unwrap();
        assert_eq!(sign_ins.verify(&tokens.mint(&ring()), 1_000), Err(Reason::TokenWrongKey));
    }
}
