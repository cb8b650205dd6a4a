//! By which APNs knows this server: a token that is signed with the operator's key, and used for as long as Apple wants it to be.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use serde::Serialize;

use super::super::jwt::JwtKey;
use super::super::provider::SetupError;

/// Apple takes a token for an hour, and no new one within 20 minutes ("Establishing a token-based connection to APNs").
const USED_FOR: Duration = Duration::from_mins(40);
const LEAST_USED_FOR: Duration = Duration::from_mins(20);
/// Where to get the file, for who has another one.
const HOW: &str = "download a key for APNs (AuthKey_….p8) at developer.apple.com under Certificates, Identifiers & Profiles, Keys";

/// Makes tokens.
#[derive(Debug)]
pub(super) struct Signer {
    key: JwtKey,
    key_id: String,
    team_id: String,
    held: Mutex<Option<Made>>,
}

struct Made {
    token: Arc<str>,
    at: Instant,
}

impl std::fmt::Debug for Made {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Made(secret)")
    }
}

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    iat: u64,
}

impl Signer {
    /// Reads the key. What is wrong with the file is told without what is in it.
    pub(super) fn read(file: &Path, key_id: &str, team_id: &str) -> Result<Self, SetupError> {
        let wrong = |what: &str| SetupError(format!("push.apns.key_file: {} {what}: {HOW}", file.display()));
        let pem =
            std::fs::read_to_string(file).map_err(|error| wrong(&format!("cannot be read ({error})")))?;
        let key = JwtKey::ec(&pem).ok_or_else(|| wrong("is no P-256 key in PEM (PKCS#8)"))?;
        Ok(Self { key, key_id: key_id.to_owned(), team_id: team_id.to_owned(), held: Mutex::default() })
    }

    /// The token of this time. `wall` is in seconds since the epoch.
    pub(super) fn token(&self, now: Instant, wall: u64) -> Option<Arc<str>> {
        let mut held = self.held.lock();
        if let Some(made) = held.as_ref().filter(|made| now.saturating_duration_since(made.at) < USED_FOR) {
            return Some(Arc::clone(&made.token));
        }
        let token: Arc<str> =
            self.key.sign(Some(&self.key_id), &Claims { iss: &self.team_id, iat: wall })?.into();
        *held = Some(Made { token: Arc::clone(&token), at: now });
        Some(token)
    }

    /// APNs takes this token for too old. Whether the next one is another, which is not so when Apple would not want that yet.
    pub(super) fn renews(&self, refused: &str, now: Instant) -> bool {
        let mut held = self.held.lock();
        let is_young = |made: &Made| now.saturating_duration_since(made.at) < LEAST_USED_FOR;
        match held.as_ref() {
            Some(made) if &*made.token == refused && is_young(made) => false,
            Some(made) if &*made.token == refused => {
                *held = None;
                true
            }
            // Somebody was faster.
            Some(_) | None => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
    use ring::rand::SystemRandom;
    use ring::signature::{
        ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair, UnparsedPublicKey,
    };

    use super::*;

    fn written(pem: &str) -> (tempfile::TempDir, std::path::PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("AuthKey_ABC1234567.p8");
        std::fs::write(&file, pem).unwrap();
        (folder, file)
    }

    fn signer() -> (Signer, EcdsaKeyPair) {
        let random = SystemRandom::new();
        let made = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
        let pair =
            EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, made.as_ref(), &random).unwrap();
        let body = STANDARD.encode(made.as_ref());
        let pem = format!("-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n");
        let (_folder, file) = written(&pem);
        (Signer::read(&file, "ABC1234567", "TEAM123456").unwrap(), pair)
    }

    #[test]
    fn apple_can_check_who_pushes() {
        let (signer, pair) = signer();
        let token = signer.token(Instant::now(), 1_000).unwrap();
        let (text, signature) = token.rsplit_once('.').unwrap();
        let read = |text: &str| URL_SAFE_NO_PAD.decode(text).unwrap();
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, pair.public_key().as_ref())
            .verify(text.as_bytes(), &read(signature))
            .unwrap();
        let (header, claims) = text.split_once('.').unwrap();
        let json = |text: &str| serde_json::from_slice::<serde_json::Value>(&read(text)).unwrap();
        assert_eq!(json(header), serde_json::json!({"typ": "JWT", "alg": "ES256", "kid": "ABC1234567"}));
        assert_eq!(json(claims), serde_json::json!({"iss": "TEAM123456", "iat": 1_000}));
        assert!(!format!("{signer:?}").contains(&*token), "{signer:?}");
    }

    #[test]
    fn a_token_is_used_for_forty_minutes_and_no_new_one_is_made_within_twenty() {
        let (signer, _) = signer();
        let start = Instant::now();
        let at = |minutes: u64| start + Duration::from_mins(minutes);
        let first = signer.token(at(0), 0).unwrap();
        assert_eq!(signer.token(at(39), 39 * 60).unwrap(), first);
        assert!(!signer.renews(&first, at(19)), "Apple does not want another one yet");
        assert_eq!(signer.token(at(19), 19 * 60).unwrap(), first);
        assert!(signer.renews(&first, at(20)));
        let second = signer.token(at(20), 20 * 60).unwrap();
        assert_ne!(second, first);
        assert!(signer.renews(&first, at(21)), "somebody has renewed it");
        assert_eq!(signer.token(at(59), 59 * 60).unwrap(), second);
        assert_ne!(signer.token(at(60), 60 * 60).unwrap(), second);
    }

    #[test]
    fn another_file_is_told_from_a_key() {
        for pem in [
            "s3cret",
            "-----BEGIN PRIVATE KEY-----\nczNjcmV0\n-----END PRIVATE KEY-----\n",
            include_str!("../../../tests/keys/rsa.pem"),
        ] {
            let (_folder, file) = written(pem);
            let error = Signer::read(&file, "k", "t").unwrap_err().to_string();
            assert!(error.contains("no P-256 key") && error.contains("AuthKey_ABC1234567.p8"), "{error}");
            assert!(!error.contains("cret") && !error.contains("BEGIN"), "{error}");
        }
        let missing = Signer::read("no-such.p8".as_ref(), "k", "t").unwrap_err().to_string();
        assert!(missing.contains("no-such.p8 cannot be read") && missing.contains("download"), "{missing}");
    }
}
