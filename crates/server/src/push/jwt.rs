//! JSON Web Tokens by which a provider of pushes knows this server, signed with a key of the operator's (RFC 7519).

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::signature::{self, EcdsaKeyPair, RsaKeyPair};
use serde::Serialize;
use tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;

/// A private key; it is not shown.
pub(super) enum JwtKey {
    /// For `RS256`.
    Rsa(Box<RsaKeyPair>),
    /// For `ES256`.
    Ec(Box<EcdsaKeyPair>),
}

impl fmt::Debug for JwtKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JwtKey(secret)")
    }
}

#[derive(Serialize)]
struct Header<'a> {
    typ: &'a str,
    alg: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    kid: Option<&'a str>,
}

impl JwtKey {
    /// An RSA key of 2,048 to 4,096 bits, in PKCS#8 and PEM; `None` when it is none.
    pub(super) fn rsa(pem: &str) -> Option<Self> {
        let key = PrivatePkcs8KeyDer::from_pem_slice(pem.as_bytes()).ok()?;
        Some(Self::Rsa(Box::new(RsaKeyPair::from_pkcs8(key.secret_pkcs8_der()).ok()?)))
    }

    /// A P-256 key in PKCS#8 and PEM; `None` when it is none.
    pub(super) fn ec(pem: &str) -> Option<Self> {
        let key = PrivatePkcs8KeyDer::from_pem_slice(pem.as_bytes()).ok()?;
        let (algorithm, random) = (&signature::ECDSA_P256_SHA256_FIXED_SIGNING, SystemRandom::new());
        let pair = EcdsaKeyPair::from_pkcs8(algorithm, key.secret_pkcs8_der(), &random).ok()?;
        Some(Self::Ec(Box::new(pair)))
    }

    /// A token with these claims. `kid` names the key to who checks it.
    pub(super) fn sign(&self, kid: Option<&str>, claims: &impl Serialize) -> Option<String> {
        let encode = |json: &[u8]| URL_SAFE_NO_PAD.encode(json);
        let header = Header { typ: "JWT", alg: self.algorithm(), kid };
        let header = encode(&serde_json::to_vec(&header).ok()?);
        let signed = format!("{header}.{}", encode(&serde_json::to_vec(claims).ok()?));
        let signature = encode(&self.signature(signed.as_bytes())?);
        Some(format!("{signed}.{signature}"))
    }

    fn algorithm(&self) -> &'static str {
        match self {
            Self::Rsa(_) => "RS256",
            Self::Ec(_) => "ES256",
        }
    }

    fn signature(&self, text: &[u8]) -> Option<Vec<u8>> {
        let random = SystemRandom::new();
        match self {
            Self::Rsa(key) => {
                let mut made = vec![0; key.public().modulus_len()];
                key.sign(&signature::RSA_PKCS1_SHA256, &random, text, &mut made).ok()?;
                Some(made)
            }
            Self::Ec(key) => Some(key.sign(&random, text).ok()?.as_ref().to_vec()),
        }
    }
}
