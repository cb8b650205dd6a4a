//! UserSig, version 2.0: zlib-compressed JSON in Tencent's variant of base64, signed with HMAC-SHA256.

use std::io::{Read, Write};
use std::time::Duration;

use base64::Engine as _;
use base64::alphabet::Alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use base64::prelude::BASE64_STANDARD;
use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;
use serde::{Deserialize, Serialize};
use wigwag_protocol::{Reason, UserId};

use super::{App, Identity};

/// Most bytes a UserSig may inflate to; a full one with a userbuf has under 1 KiB.
const LONGEST_JSON: u64 = 8 * 1024;

#[derive(Serialize, Deserialize)]
struct Document {
    #[serde(rename = "TLS.ver")]
    version: String,
    #[serde(rename = "TLS.identifier")]
    identifier: String,
    #[serde(rename = "TLS.sdkappid")]
    sdk_app_id: u64,
    #[serde(rename = "TLS.time")]
    time: u64,
    #[serde(rename = "TLS.expire")]
    expire: u64,
    #[serde(rename = "TLS.userbuf", default, skip_serializing_if = "Option::is_none")]
    userbuf: Option<String>,
    #[serde(rename = "TLS.sig")]
    signature: String,
}

/// A UserSig for `user`, valid from `now_ms` for `ttl` (whole seconds of both).
pub fn mint_user_sig(app: &App, user: &UserId, now_ms: u64, ttl: Duration) -> String {
    let mut document = Document {
        version: "2.0".to_owned(),
        identifier: user.as_str().to_owned(),
        sdk_app_id: app.sdk_app_id.into(),
        time: now_ms / 1000,
        expire: ttl.as_secs(),
        userbuf: None,
        signature: String::new(),
    };
    document.signature = BASE64_STANDARD.encode(app.key.sign(signed_text(&document).as_bytes()));
    encode(&document)
}

/// Whom an untampered UserSig of this app speaks for. Does not look at the time.
pub(super) fn verify(app: &App, token: &str) -> Result<Identity, Reason> {
    let document = decode(token).ok_or(Reason::TokenMalformed)?;
    if document.version != "2.0" {
        return Err(Reason::TokenMalformed);
    }
    if document.sdk_app_id != u64::from(app.sdk_app_id) {
        return Err(Reason::TokenWrongApp);
    }
    let signature = BASE64_STANDARD.decode(&document.signature).map_err(|_| Reason::TokenMalformed)?;
    if !app.key.has_signed(signed_text(&document).as_bytes(), &signature) {
        return Err(Reason::TokenWrongKey);
    }
    let user = UserId::parse(&document.identifier).map_err(|_| Reason::TokenMalformed)?;
    let expires = document.time.saturating_add(document.expire);
    Ok(Identity {
        user,
        issued_at_ms: document.time.saturating_mul(1000),
        expires_at_ms: expires.saturating_mul(1000),
    })
}

fn signed_text(document: &Document) -> String {
    let Document { identifier, sdk_app_id, time, expire, .. } = document;
    let userbuf =
        document.userbuf.as_ref().map(|userbuf| format!("TLS.userbuf:{userbuf}\n")).unwrap_or_default();
    format!(
        "TLS.identifier:{identifier}\nTLS.sdkappid:{sdk_app_id}\nTLS.time:{time}\nTLS.expire:{expire}\n{userbuf}"
    )
}

fn encode(document: &Document) -> String {
    let json = serde_json::to_vec(document).expect("texts and numbers can always be JSON");
    let mut zlib = ZlibEncoder::new(Vec::new(), Compression::default());
    zlib.write_all(&json).expect("a Vec takes every byte");
    let compressed = zlib.finish().expect("a Vec takes every byte");
    base64_variant().encode(compressed).replace('=', "_")
}

fn decode(token: &str) -> Option<Document> {
    let compressed = base64_variant().decode(token.trim_end_matches('_')).ok()?;
    let mut json = Vec::new();
    let read = ZlibDecoder::new(&compressed[..]).take(LONGEST_JSON + 1).read_to_end(&mut json).ok()?;
    if read as u64 > LONGEST_JSON { None } else { serde_json::from_slice(&json).ok() }
}

/// Base64 with `*` for `+` and `-` for `/`; the padding, `_` for `=`, is the caller's. Not RFC 4648's base64url.
fn base64_variant() -> GeneralPurpose {
    const ALPHABET: Result<Alphabet, base64::alphabet::ParseAlphabetError> =
        Alphabet::new("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789*-");
    const VARIANT: GeneralPurpose = match &ALPHABET {
        Ok(alphabet) => GeneralPurpose::new(
            alphabet,
            GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
        ),
        Err(_) => panic!("64 different characters are an alphabet"),
    };
    VARIANT
}
