//! The service account as which messages are sent: a JSON file that Google makes.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::super::jwt::JwtKey;
use super::super::provider::SetupError;
use crate::config::is_safe_url;

/// What an account may do here (Google's OAuth scopes).
const SCOPE: &str = "https://www.googleapis.com/auth/firebase.messaging";
/// How long an assertion counts, seconds: the most that Google takes.
const COUNTS_FOR: u64 = 3_600;
/// Where to get the file, for who has another one.
const HOW: &str =
    "download one in the Firebase console under Project settings, Service accounts, Generate new private key";

/// A service account.
#[derive(Debug)]
pub(super) struct Account {
    pub(super) project: String,
    /// Where access tokens are given out.
    pub(super) token_uri: String,
    email: String,
    key_id: String,
    key: JwtKey,
}

#[derive(Deserialize)]
struct Written {
    r#type: String,
    project_id: String,
    private_key_id: String,
    private_key: String,
    client_email: String,
    token_uri: String,
}

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    scope: &'a str,
    aud: &'a str,
    iat: u64,
    exp: u64,
}

impl Account {
    /// Reads the file. What is wrong with it is told without what is in it.
    pub(super) fn read(path: &Path) -> Result<Self, SetupError> {
        let wrong =
            |what: &str| SetupError(format!("push.fcm.service_account: {} {what}: {HOW}", path.display()));
        let text =
            std::fs::read_to_string(path).map_err(|error| wrong(&format!("cannot be read ({error})")))?;
        Self::parse(&text).map_err(wrong)
    }

    fn parse(text: &str) -> Result<Self, &'static str> {
        let written: Written = serde_json::from_str(text).map_err(|_| "is no service account's JSON file")?;
        let Written { r#type, project_id, private_key_id, private_key, client_email, token_uri } = written;
        if r#type != "service_account" {
            return Err("is not of the type service_account");
        }
        // It becomes a part of an address.
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte);
        if project_id.is_empty() || !project_id.bytes().all(is_name) {
            return Err("has no project_id that could be one");
        }
        if !is_safe_url(&token_uri) {
            return Err("has a token_uri that is not https");
        }
        let key = JwtKey::rsa(&private_key).ok_or("has a private_key that is no RSA key in PEM (PKCS#8)")?;
        let (project, email, key_id) = (project_id, client_email, private_key_id);
        Ok(Self { project, token_uri, email, key_id, key })
    }

    /// With which an access token is asked for (RFC 7523). `now` is in seconds.
    pub(super) fn assertion(&self, now: u64) -> Option<String> {
        let Self { token_uri: aud, email: iss, key_id, key, .. } = self;
        let claims = Claims { iss, scope: SCOPE, aud, iat: now, exp: now + COUNTS_FOR };
        key.sign(Some(key_id), &claims)
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use ring::signature::{KeyPair, RSA_PKCS1_2048_8192_SHA256, RsaKeyPair, UnparsedPublicKey};
    use serde_json::{Value, json};
    use tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer;
    use tokio_rustls::rustls::pki_types::pem::PemObject;

    use super::*;

    const KEY: &str = include_str!("../../../tests/keys/rsa.pem");

    fn written() -> Value {
        json!({"type": "service_account", "project_id": "p-1", "private_key_id": "k1", "private_key": KEY,
            "client_email": "push@p-1.iam.gserviceaccount.com", "client_id": "1",
            "token_uri": "https://oauth2.googleapis.com/token"})
    }

    #[test]
    fn google_can_check_who_asks() {
        let account = Account::parse(&written().to_string()).unwrap();
        let assertion = account.assertion(1_000).unwrap();
        let (signed, signature) = assertion.rsplit_once('.').unwrap();
        let read = |text: &str| URL_SAFE_NO_PAD.decode(text).unwrap();
        let key = PrivatePkcs8KeyDer::from_pem_slice(KEY.as_bytes()).unwrap();
        let pair = RsaKeyPair::from_pkcs8(key.secret_pkcs8_der()).unwrap();
        let public = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, pair.public_key().as_ref());
        public.verify(signed.as_bytes(), &read(signature)).unwrap();
        let (header, claims) = signed.split_once('.').unwrap();
        let json = |text: &str| serde_json::from_slice::<Value>(&read(text)).unwrap();
        assert_eq!(json(header), json!({"typ": "JWT", "alg": "RS256", "kid": "k1"}));
        let expected = json!({"iss": "push@p-1.iam.gserviceaccount.com", "scope": SCOPE,
            "aud": "https://oauth2.googleapis.com/token", "iat": 1_000, "exp": 4_600});
        assert_eq!(json(claims), expected);
        assert!(!format!("{account:?}").contains("BEGIN"), "{account:?}");
    }

    #[test]
    fn another_file_is_told_from_it() {
        let of = |field: &str, value: &str| {
            let mut written = written();
            written[field] = json!(value);
            Account::parse(&written.to_string()).unwrap_err()
        };
        let no_key = "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n";
        assert!(of("type", "authorized_user").contains("type"));
        assert!(of("project_id", "").contains("project_id"));
        assert!(of("project_id", "p/../q").contains("project_id"));
        assert!(of("token_uri", "http://oauth2.example.org/token").contains("https"));
        assert!(of("private_key", no_key).contains("no RSA key"));
        assert!(of("private_key", "").contains("no RSA key"));
        assert!(
            Account::parse(r#"{"project_info":{"project_id":"p"}}"#)
                .unwrap_err()
                .contains("no service account")
        );
        let missing = Account::read("no-such.json".as_ref()).unwrap_err().to_string();
        assert!(missing.contains("no-such.json cannot be read") && missing.contains("download"), "{missing}");
    }
}
