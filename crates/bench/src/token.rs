//! Tokens for the bench's users: JWT, HS256, signed with the key the bench writes into the server's configuration.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use serde::Serialize;
use sha2::Sha256;

/// Longer than any run, seconds.
const VALID: u64 = 24 * 60 * 60;

#[derive(Serialize)]
struct Claims<'a> {
    sub: &'a str,
    iat: u64,
    exp: u64,
}

/// A token for `user` made at `now`, seconds since 1970.
pub(crate) fn sign(key: &str, user: &str, now: u64) -> String {
    // A minute of slack, in case the server's clock is read a little earlier.
    let claims = Claims { sub: user, iat: now.saturating_sub(60), exp: now + VALID };
    let claims = serde_json::to_string(&claims).unwrap_or_default();
    seal(key, r#"{"alg":"HS256","typ":"JWT"}"#, &claims)
}

fn seal(key: &str, header: &str, claims: &str) -> String {
    let body = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key.as_bytes()) else {
        unreachable!("HMAC takes keys of any length")
    };
    mac.update(body.as_bytes());
    format!("{body}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_field_s_best_known_token_is_made() {
        let claims = r#"{"sub":"1234567890","name":"John Doe","iat":1516239022}"#;
        let token = seal("your-256-bit-secret", r#"{"alg":"HS256","typ":"JWT"}"#, claims);
        assert!(token.ends_with(".SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c"), "{token}");
    }

    #[test]
    fn a_token_names_its_user_and_ends() {
        let token = sign("key", "alice", 1_000);
        let claims = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
        assert_eq!(claims, br#"{"sub":"alice","iat":940,"exp":87400}"#);
    }
}
