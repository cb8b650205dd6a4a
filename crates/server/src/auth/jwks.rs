//! A JSON Web Key Set (RFC 7517), reduced to the public keys that can verify a JWT here.

use std::path::Path;

use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, JwkSet, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey};

#[derive(Debug, Default)]
pub(super) struct KeySet(Vec<PublicKey>);

#[derive(Debug)]
struct PublicKey {
    kid: Option<String>,
    algorithm: Algorithm,
    key: DecodingKey,
}

impl KeySet {
    /// Passes over keys of other kinds, as RFC 7517 section 5 asks, but a set without any usable key is an error.
    pub(super) fn parse(json: &[u8]) -> Result<Self, String> {
        let set: JwkSet =
            serde_json::from_slice(json).map_err(|error| format!("not a JSON Web Key Set: {error}"))?;
        let keys: Vec<_> = set.keys.iter().filter_map(PublicKey::new).collect();
        if keys.is_empty() {
            return Err("no RSA, P-256 or Ed25519 signature key in the JSON Web Key Set".to_owned());
        }
        Ok(Self(keys))
    }

    /// Keys for `algorithm`: those with this kid, or all when the token does not name one.
    pub(super) fn candidates<'a>(
        &'a self,
        algorithm: Algorithm,
        kid: Option<&'a str>,
    ) -> impl Iterator<Item = &'a DecodingKey> {
        self.0
            .iter()
            .filter(move |key| key.algorithm == algorithm && (kid.is_none() || kid == key.kid.as_deref()))
            .map(|key| &key.key)
    }
}

/// The set in a file; the error names the file.
pub(super) fn read(path: &Path) -> Result<KeySet, String> {
    let wrong = |error: String| format!("auth.jwks_file {}: {error}", path.display());
    let json = std::fs::read(path).map_err(|error| wrong(error.to_string()))?;
    KeySet::parse(&json).map_err(wrong)
}

impl PublicKey {
    /// None for keys of other kinds or purposes. Symmetric ones too: a secret has no place in a public set.
    fn new(jwk: &Jwk) -> Option<Self> {
        let algorithm = match &jwk.algorithm {
            AlgorithmParameters::RSA(_) => Algorithm::RS256,
            AlgorithmParameters::EllipticCurve(key) if key.curve == EllipticCurve::P256 => Algorithm::ES256,
            AlgorithmParameters::OctetKeyPair(key) if key.curve == EllipticCurve::Ed25519 => Algorithm::EdDSA,
            AlgorithmParameters::EllipticCurve(_)
            | AlgorithmParameters::OctetKeyPair(_)
            | AlgorithmParameters::OctetKey(_)
            | AlgorithmParameters::Other(_)
            | _ => return None,
        };
        let common = &jwk.common;
        let for_signatures =
            common.public_key_use.as_ref().is_none_or(|use_| *use_ == PublicKeyUse::Signature);
        let fits = common.key_algorithm.is_none_or(|named| named.to_string() == format!("{algorithm:?}"));
        if !(for_signatures && fits) {
            return None;
        }
        let key = DecodingKey::from_jwk(jwk).ok()?;
        Some(Self { kid: common.key_id.clone(), algorithm, key })
    }
}
