//! Who pushes: a token for each push service (RFC 8292), signed with the operator's key.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use serde::Serialize;
use ureq::http::Uri;

use super::jwt::JwtKey;

/// How long a token counts, seconds; a day is the most that services take.
const COUNTS_FOR: u64 = 12 * 3_600;

/// The keys that name this server to push services.
pub struct VapidKey {
    key: JwtKey,
    public: String,
}

impl fmt::Debug for VapidKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VapidKey").field("public", &self.public).finish_non_exhaustive()
    }
}

#[derive(Serialize)]
struct Claims<'a> {
    aud: &'a str,
    exp: u64,
    sub: &'a str,
}

impl VapidKey {
    /// Both in base64url; `None` when they are no pair.
    pub fn parse(public: &str, private: &str) -> Option<Self> {
        let read = |text: &str| URL_SAFE_NO_PAD.decode(text.trim().trim_end_matches('=')).ok();
        let (bytes, secret) = (read(public)?, read(private)?);
        let pair = EcdsaKeyPair::from_private_key_and_public_key(
            &ECDSA_P256_SHA256_FIXED_SIGNING,
            &secret,
            &bytes,
            &SystemRandom::new(),
        );
        Some(Self { key: JwtKey::Ec(Box::new(pair.ok()?)), public: URL_SAFE_NO_PAD.encode(bytes) })
    }

    /// What pages subscribe with.
    pub fn public(&self) -> &str {
        &self.public
    }

    /// The header that a request to this address needs; `None` when it is no address. `now` is in seconds.
    pub(super) fn authorization(&self, address: &str, contact: &str, now: u64) -> Option<String> {
        let address = address.parse::<Uri>().ok()?;
        let origin = format!("{}://{}", address.scheme_str()?, address.authority()?);
        let claims = Claims { aud: &origin, exp: now + COUNTS_FOR, sub: contact };
        Some(format!("vapid t={}, k={}", self.key.sign(None, &claims)?, self.public))
    }
}

#[cfg(test)]
mod tests {
    use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};

    use super::*;

    /// A pair of RFC 8291, appendix A.
    const PUBLIC: &str =
        "BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8";
    const PRIVATE: &str = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw";

    #[test]
    fn a_service_can_check_who_pushes() {
        let key = VapidKey::parse(PUBLIC, PRIVATE).unwrap();
        let header = key.authorization("https://push.example.net:8443/p/x?y", "mailto:a@b.c", 1_000).unwrap();
        let (token, public) = header.strip_prefix("vapid t=").unwrap().split_once(", k=").unwrap();
        let (signed, signature) = token.rsplit_once('.').unwrap();
        let read = |text: &str| URL_SAFE_NO_PAD.decode(text).unwrap();
        let verifier = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, read(public));
        verifier.verify(signed.as_bytes(), &read(signature)).unwrap();
        let claims: serde_json::Value =
            serde_json::from_slice(&read(signed.split_once('.').unwrap().1)).unwrap();
        assert_eq!(
            claims,
            serde_json::json!({"aud": "https://push.example.net:8443", "exp": 44_200, "sub": "mailto:a@b.c"})
        );
        assert_eq!(key.authorization("nowhere", "", 0), None);
    }

    #[test]
    fn keys_are_a_pair_and_the_secret_one_is_not_shown() {
        assert!(VapidKey::parse(&format!("{PUBLIC}="), &format!(" {PRIVATE}=\n")).is_some());
        for (public, private) in [("", ""), (PUBLIC, PUBLIC), (PRIVATE, PRIVATE), (PUBLIC, "!")] {
            assert!(VapidKey::parse(public, private).is_none(), "{public} {private}");
        }
        let other = "q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94";
        assert!(VapidKey::parse(PUBLIC, other).is_none(), "of another pair");
        let shown = format!("{:?}", VapidKey::parse(PUBLIC, PRIVATE).unwrap());
        assert!(!shown.contains(PRIVATE) && shown.contains(PUBLIC), "{shown}");
    }
}
