//! JWTs: HS256 with the app key; RS256, ES256 and EdDSA with public keys from a JSON Web Key Set.

use std::time::Duration;

use jsonwebtoken::errors::{Error as JwtError, ErrorKind};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, decode_header, encode};
use serde::{Deserialize, Serialize};
use wigwag_protocol::{Reason, UserId};

use super::jwks::{self, KeySet};
use super::jwks_url::JwksUrl;
use super::watched::Watched;
use super::{App, AuthError, Identity, ring_provider};
use crate::config::AuthConfig;

/// How far the clock of a token's maker may be ahead of ours in "not before", ms.
const LEEWAY_MS: u64 = 60_000;

/// An HS256 JWT for `user`, valid from `now_ms` for `ttl` (whole seconds of both), with the issuer and audience that
/// a server with this configuration asks for.
pub fn mint_jwt(auth: &AuthConfig, app: &App, user: &UserId, now_ms: u64, ttl: Duration) -> String {
    ring_provider::install();
    let claims = MintedClaims {
        sub: user.as_str(),
        iat: now_ms / 1000,
        exp: (now_ms / 1000).saturating_add(ttl.as_secs()),
        iss: auth.jwt_issuer.as_deref(),
        aud: auth.jwt_audience.as_deref(),
    };
    let key = EncodingKey::from_secret(app.key.text().as_bytes());
    encode(&Header::new(Algorithm::HS256), &claims, &key).expect("texts and numbers can always be signed")
}

#[derive(Serialize)]
struct MintedClaims<'a> {
    sub: &'a str,
    iat: u64,
    exp: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    iss: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    aud: Option<&'a str>,
}

/// The claims we read; times are seconds since the epoch, with or without a fraction (RFC 7519 section 2).
#[derive(Debug, Deserialize)]
struct Claims {
    #[serde(flatten)]
    who: Who,
    exp: f64,
    iat: Option<f64>,
    nbf: Option<f64>,
}

/// Under which name a token's maker writes the user: the standard's, or that of OpenIM's servers of version 3 or 2. The first
/// that is there counts.
#[derive(Debug, Deserialize)]
struct Who {
    sub: Option<String>,
    #[serde(rename = "UserID")]
    user_id: Option<String>,
    #[serde(rename = "UID")]
    uid: Option<String>,
}

impl Who {
    /// An app that comes from OpenIM keeps its makers of tokens, which share the app key. Elsewhere only `sub` is known to be
    /// the user.
    fn user(&self, signed_with: Algorithm) -> Option<UserId> {
        let by_openim =
            self.user_id.as_ref().or(self.uid.as_ref()).filter(|_| signed_with == Algorithm::HS256);
        UserId::parse(self.sub.as_ref().or(by_openim)?).ok()
    }
}

#[derive(Debug)]
pub(super) struct JwtVerifier {
    app_key: DecodingKey,
    validation: Validation,
    file: Option<Watched<KeySet>>,
    url: Option<JwksUrl>,
}

impl JwtVerifier {
    pub(super) fn new(auth: &AuthConfig, app: &App) -> Result<Self, AuthError> {
        ring_provider::install();
        let watch = |path| Watched::new(path, jwks::read).map_err(AuthError);
        let every = Duration::from_secs(60 * auth.jwks_refresh_minutes);
        Ok(Self {
            app_key: DecodingKey::from_secret(app.key.text().as_bytes()),
            validation: validation(auth),
            file: auth.jwks_file.clone().map(watch).transpose()?,
            url: auth.jwks_url.clone().map(|url| JwksUrl::new(url, every)).transpose()?,
        })
    }

    /// Whom an untampered token speaks for. Whether it has expired is for the caller to see.
    pub(super) fn verify(&self, token: &str, now_ms: u64) -> Result<Identity, Reason> {
        let header = decode_header(token).map_err(|_| Reason::TokenMalformed)?;
        let claims = if header.alg == Algorithm::HS256 {
            self.claims(token, header.alg, &self.app_key).map_err(|error| reason(&error))?
        } else {
            self.verify_with_key_sets(token, &header, now_ms)?
        };
        if claims.nbf.is_some_and(|nbf| ms(nbf).is_none_or(|nbf| nbf > now_ms.saturating_add(LEEWAY_MS))) {
            return Err(Reason::TokenExpired);
        }
        identity(&claims, header.alg).ok_or(Reason::TokenMalformed)
    }

    /// Reads the key set file again if it has changed.
    pub(super) fn refresh(&self) {
        if let Some(file) = &self.file {
            file.refresh();
        }
    }

    /// Tries the keys that fit the header; an issuer that names no kid usually has one.
    fn verify_with_key_sets(&self, token: &str, header: &Header, now_ms: u64) -> Result<Claims, Reason> {
        let file = self.file.as_ref().map(Watched::current);
        let url = self.url.as_ref().map(JwksUrl::current);
        for set in [file, url].into_iter().flatten() {
            for key in set.candidates(header.alg, header.kid.as_deref()) {
                match self.claims(token, header.alg, key) {
                    Ok(claims) => return Ok(claims),
                    Err(error) if *error.kind() == ErrorKind::InvalidSignature => {}
                    Err(error) => return Err(reason(&error)),
                }
            }
        }
        if let Some(url) = &self.url {
            url.ask_for_newer_keys(now_ms);
        }
        Err(Reason::TokenWrongKey)
    }

    fn claims(&self, token: &str, algorithm: Algorithm, key: &DecodingKey) -> Result<Claims, JwtError> {
        let validation = Validation { algorithms: vec![algorithm], ..self.validation.clone() };
        decode(token, key, &validation).map(|token| token.claims)
    }
}

/// Issuer and audience if they are configured. Times are checked by us, against the time that is passed in.
fn validation(auth: &AuthConfig) -> Validation {
    let mut validation = Validation {
        validate_exp: false,
        validate_aud: auth.jwt_audience.is_some(),
        ..Validation::default()
    };
    let mut required = vec!["exp"];
    if let Some(issuer) = &auth.jwt_issuer {
        validation.set_issuer(&[issuer]);
        required.push("iss");
    }
    if let Some(audience) = &auth.jwt_audience {
        validation.set_audience(&[audience]);
        required.push("aud");
    }
    validation.set_required_spec_claims(&required);
    validation
}

fn identity(claims: &Claims, signed_with: Algorithm) -> Option<Identity> {
    Some(Identity {
        user: claims.who.user(signed_with)?,
        issued_at_ms: claims.iat.map_or(Some(0), ms)?,
        expires_at_ms: ms(claims.exp)?,
    })
}

/// Milliseconds; none for times before the epoch or too far away to be one.
fn ms(seconds: f64) -> Option<u64> {
    Duration::try_from_secs_f64(seconds).ok()?.as_millis().try_into().ok()
}

fn reason(error: &JwtError) -> Reason {
    let kind = error.kind();
    if *kind == ErrorKind::InvalidSignature {
        Reason::TokenWrongKey
    } else if [ErrorKind::InvalidIssuer, ErrorKind::InvalidAudience].contains(kind) {
        Reason::TokenWrongApp
    } else {
        Reason::TokenMalformed
    }
}
