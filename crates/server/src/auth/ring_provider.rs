//! Signatures of JWTs by ring, the library TLS uses already, so that there is one implementation to keep current.

use jsonwebtoken::crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils};
use jsonwebtoken::errors::{ErrorKind, Result};
use jsonwebtoken::signature::{Error as SignatureError, Signer, Verifier};
use jsonwebtoken::{Algorithm, DecodingKey, DecodingKeyKind, EncodingKey};
use ring::{hmac, signature};

static PROVIDER: CryptoProvider = CryptoProvider {
    signer_factory: |algorithm, key| new_signer(*algorithm, key),
    verifier_factory: |algorithm, key| new_verifier(*algorithm, key),
    key_utils: KeyUtils::new_unimplemented(),
};

/// Makes the JWT library use ring from now on in this process. Calling it again changes nothing.
pub(crate) fn install() {
    if PROVIDER.install_default().is_err() {
        tracing::trace!("the JWT library has its cryptography already");
    }
}

struct HmacSigner(hmac::Key);

impl Signer<Vec<u8>> for HmacSigner {
    fn try_sign(&self, message: &[u8]) -> std::result::Result<Vec<u8>, SignatureError> {
        Ok(hmac::sign(&self.0, message).as_ref().to_vec())
    }
}

impl JwtSigner for HmacSigner {
    fn algorithm(&self) -> Algorithm {
        Algorithm::HS256
    }
}

struct RingVerifier {
    algorithm: Algorithm,
    key: DecodingKey,
}

impl Verifier<Vec<u8>> for RingVerifier {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> std::result::Result<(), SignatureError> {
        let verified = match self.key.kind() {
            DecodingKeyKind::RsaModulusExponent { n, e } => signature::RsaPublicKeyComponents { n, e }
                .verify(&signature::RSA_PKCS1_2048_8192_SHA256, message, signature),
            DecodingKeyKind::SecretOrDer(key) => self.verify_with_bytes(key, message, signature),
        };
        verified.map_err(|_| SignatureError::new())
    }
}

impl RingVerifier {
    fn verify_with_bytes(
        &self,
        key: &[u8],
        message: &[u8],
        signature: &[u8],
    ) -> std::result::Result<(), ring::error::Unspecified> {
        if self.algorithm == Algorithm::HS256 {
            return hmac::verify(&hmac::Key::new(hmac::HMAC_SHA256, key), message, signature);
        }
        let algorithm: &dyn signature::VerificationAlgorithm = if self.algorithm == Algorithm::ES256 {
            &signature::ECDSA_P256_SHA256_FIXED
        } else {
            &signature::ED25519
        };
        signature::UnparsedPublicKey::new(algorithm, key).verify(message, signature)
    }
}

impl JwtVerifier for RingVerifier {
    fn algorithm(&self) -> Algorithm {
        self.algorithm
    }
}

fn new_signer(algorithm: Algorithm, key: &EncodingKey) -> Result<Box<dyn JwtSigner>> {
    if algorithm != Algorithm::HS256 {
        return Err(ErrorKind::UnsupportedAlgorithm.into());
    }
    let key = hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes());
    Ok(Box::new(HmacSigner(key)))
}

fn new_verifier(algorithm: Algorithm, key: &DecodingKey) -> Result<Box<dyn JwtVerifier>> {
    let supported = [Algorithm::HS256, Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA];
    if !supported.contains(&algorithm) || algorithm.family() != key.family() {
        return Err(ErrorKind::UnsupportedAlgorithm.into());
    }
    Ok(Box::new(RingVerifier { algorithm, key: key.clone() }))
}
