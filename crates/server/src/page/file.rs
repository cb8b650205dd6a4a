//! One file of the page, in the forms it is sent in.

use std::io::Write;
use std::sync::OnceLock;

use axum::body::Bytes;
use axum::http::StatusCode;
use axum::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, HeaderMap, HeaderValue, VARY,
};
use axum::response::{IntoResponse, Response};
use flate2::Compression;
use flate2::write::GzEncoder;
use ring::digest::{SHA256, digest};

use super::conditions::{accepts_gzip, knows};

/// Browsers ask every time whether it is still the same.
pub(super) const REVALIDATED: &str = "no-cache";
/// The name holds a hash of the content, so what is behind it never changes.
const IMMUTABLE: &str = "public, max-age=31536000, immutable";
/// Where the build puts files with such names.
const HASHED: &str = "assets/";
const HASHED_OF_CONSOLE: &str = "console/assets/";

/// Bytes of a content's SHA-256 that name it.
const TAG_BYTES: usize = 16;

/// By the end of the name: the type, and whether it is text, which packs well.
const TYPES: [(&str, &str, bool); 17] = [
    ("html", "text/html; charset=utf-8", true),
    ("js", "text/javascript; charset=utf-8", true),
    ("css", "text/css; charset=utf-8", true),
    ("svg", "image/svg+xml", true),
    ("json", "application/json", true),
    ("map", "application/json", true),
    ("webmanifest", "application/manifest+json", true),
    ("txt", "text/plain; charset=utf-8", true),
    ("wasm", "application/wasm", true),
    ("png", "image/png", false),
    ("jpg", "image/jpeg", false),
    ("webp", "image/webp", false),
    ("ico", "image/x-icon", false),
    ("woff2", "font/woff2", false),
    ("mp3", "audio/mpeg", false),
    ("ogg", "audio/ogg", false),
    ("webm", "video/webm", false),
];

/// A file.
#[derive(Debug)]
pub(super) struct File {
    bytes: &'static [u8],
    kind: &'static str,
    is_text: bool,
    cache: &'static str,
    /// Made when it is first asked for: most servers are never asked for a page.
    made: OnceLock<Made>,
}

#[derive(Debug)]
struct Made {
    tag: HeaderValue,
    /// The content, gzipped. `None` when gzip does not make it shorter.
    packed: Option<Bytes>,
}

impl File {
    pub(super) fn new(name: &str, bytes: &'static [u8]) -> Self {
        let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
        let known = TYPES.into_iter().find(|(is, ..)| *is == ending);
        let (_, kind, is_text) = known.unwrap_or(("", "application/octet-stream", false));
        Self {
            bytes,
            kind,
            is_text,
            cache: if name.starts_with(HASHED) || name.starts_with(HASHED_OF_CONSOLE) {
                IMMUTABLE
            } else {
                REVALIDATED
            },
            made: OnceLock::new(),
        }
    }

    /// 200 with the content, packed if that is wanted; 304 without, when `asked` knows it.
    pub(super) fn answer(&self, asked: &HeaderMap) -> Response {
        let made = self.made.get_or_init(|| self.make());
        let mut headers = HeaderMap::new();
        headers.insert(ETAG, made.tag.clone());
        headers.insert(CACHE_CONTROL, HeaderValue::from_static(self.cache));
        if self.is_text {
            headers.insert(VARY, ACCEPT_ENCODING.into());
        }
        if knows(asked, &made.tag) {
            return (StatusCode::NOT_MODIFIED, headers).into_response();
        }
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(self.kind));
        let body = match &made.packed {
            Some(packed) if accepts_gzip(asked) => {
                headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
                packed.clone()
            }
            Some(_) | None => Bytes::from_static(self.bytes),
        };
        (headers, body).into_response()
    }

    fn make(&self) -> Made {
        Made { tag: tag(self.bytes), packed: self.is_text.then(|| packed(self.bytes)).flatten() }
    }
}

/// Weak, because it names the content in whichever form it is sent.
fn tag(bytes: &[u8]) -> HeaderValue {
    let digest = digest(&SHA256, bytes);
    let short = u128::from_be_bytes(*digest.as_ref().first_chunk::<TAG_BYTES>().expect("it has 32 bytes"));
    HeaderValue::try_from(format!("W/\"{short:032x}\"")).expect("hex digits may stand in a header")
}

fn packed(bytes: &[u8]) -> Option<Bytes> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    gzip.write_all(bytes).ok()?;
    let packed = gzip.finish().ok()?;
    (packed.len() < bytes.len()).then(|| packed.into())
}
