//! A browser asks for a page.

use std::io::Read;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::header::{
    ACCEPT_ENCODING, ALLOW, CONTENT_ENCODING, CONTENT_LENGTH, ETAG, IF_NONE_MATCH, LOCATION, VARY,
};
use axum::http::{Method, Request};
use flate2::read::GzDecoder;
use tower_service::Service;

use super::*;

const SCRIPT: &[u8] = &[b'x'; 5_000];
const FILES: Files = &[
    ("assets/index-BfY3qk2L.js", SCRIPT),
    ("assets/ring-1a2b3c4d.mp3", SCRIPT),
    ("favicon.svg", b"<svg/>"),
    ("index.html", b"<!doctype html><title>Wigwag</title>"),
];

async fn asks(files: Files, method: Method, path: &str, headers: &[(HeaderName, &str)]) -> Response {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(name, *value);
    }
    let request = request.body(Body::empty()).unwrap();
    Router::new().fallback_service(served(files, None)).call(request).await.unwrap()
}

async fn gets(path: &str, headers: &[(HeaderName, &str)]) -> Response {
    asks(FILES, Method::GET, path, headers).await
}

fn header<'a>(response: &'a Response, name: &HeaderName) -> &'a str {
    response.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

async fn body(response: Response) -> Vec<u8> {
    to_bytes(response.into_body(), usize::MAX).await.unwrap().to_vec()
}

#[tokio::test]
async fn the_page_is_at_the_root_and_asked_for_again_each_time() {
    for path in ["/", "/index.html", "/?room=7"] {
        let page = gets(path, &[]).await;
        assert_eq!(page.status(), StatusCode::OK, "{path}");
        assert_eq!(header(&page, &CONTENT_TYPE), "text/html; charset=utf-8");
        assert_eq!(header(&page, &CACHE_CONTROL), "no-cache");
        assert!(body(page).await.starts_with(b"<!doctype html>"), "{path}");
    }
}

#[tokio::test]
async fn what_has_its_hash_in_its_name_is_kept_for_ever() {
    for (path, kind, cache) in [
        (
            "/assets/index-BfY3qk2L.js",
            "text/javascript; charset=utf-8",
            "public, max-age=31536000, immutable",
        ),
        ("/assets/ring-1a2b3c4d.mp3", "audio/mpeg", "public, max-age=31536000, immutable"),
        ("/favicon.svg", "image/svg+xml", "no-cache"),
    ] {
        let file = gets(path, &[]).await;
        assert_eq!((header(&file, &CONTENT_TYPE), header(&file, &CACHE_CONTROL)), (kind, cache), "{path}");
    }
}

#[tokio::test]
async fn every_answer_says_what_the_page_may_do() {
    for path in ["/", "/assets/index-BfY3qk2L.js", "/nothing"] {
        let answer = gets(path, &[]).await;
        let policy = header(&answer, &CONTENT_SECURITY_POLICY);
        for part in
            ["default-src 'self';", "connect-src 'self';", "frame-ancestors 'none'", "object-src 'none'"]
        {
            assert!(policy.contains(part), "{path}: {policy}");
        }
        assert!(!policy.contains("unsafe") && !policy.contains("  "), "{policy}");
        assert_eq!(header(&answer, &X_CONTENT_TYPE_OPTIONS), "nosniff");
        assert_eq!(header(&answer, &REFERRER_POLICY), "no-referrer");
        let may = header(&answer, &HeaderName::from_static("permissions-policy"));
        assert_eq!(may, "camera=(self), microphone=(self), display-capture=(self)");
    }
}

#[tokio::test]
async fn text_is_packed_for_who_can_unpack_it() {
    let plain = gets("/assets/index-BfY3qk2L.js", &[]).await;
    let packed = gets("/assets/index-BfY3qk2L.js", &[(ACCEPT_ENCODING, "gzip, br")]).await;
    assert_eq!((header(&plain, &CONTENT_ENCODING), header(&packed, &CONTENT_ENCODING)), ("", "gzip"));
    assert_eq!((header(&plain, &VARY), header(&packed, &VARY)), ("accept-encoding", "accept-encoding"));
    let (plain, packed) = (body(plain).await, body(packed).await);
    assert!(packed.len() < 100 && plain == SCRIPT);
    let mut unpacked = Vec::new();
    GzDecoder::new(&packed[..]).read_to_end(&mut unpacked).unwrap();
    assert_eq!(unpacked, SCRIPT);
    for path in ["/assets/ring-1a2b3c4d.mp3", "/favicon.svg"] {
        let whole = gets(path, &[(ACCEPT_ENCODING, "gzip")]).await;
        assert_eq!(header(&whole, &CONTENT_ENCODING), "", "{path} would not get shorter");
    }
}

#[tokio::test]
async fn what_the_browser_has_is_not_sent_again() {
    let first = gets("/", &[]).await;
    let tag = header(&first, &ETAG).to_owned();
    assert!(tag.starts_with("W/\"") && tag.len() == 36, "{tag}");
    assert_ne!(header(&gets("/favicon.svg", &[]).await, &ETAG), tag);
    let again = gets("/", &[(IF_NONE_MATCH, &tag), (ACCEPT_ENCODING, "gzip")]).await;
    assert_eq!((again.status(), header(&again, &ETAG)), (StatusCode::NOT_MODIFIED, tag.as_str()));
    assert_eq!(header(&again, &CACHE_CONTROL), "no-cache");
    assert!(body(again).await.is_empty());
    let old = gets("/", &[(IF_NONE_MATCH, "W/\"00000000000000000000000000000000\"")]).await;
    assert_eq!(old.status(), StatusCode::OK);
}

#[tokio::test]
async fn head_tells_the_length_and_nothing_else() {
    let head = asks(FILES, Method::HEAD, "/assets/ring-1a2b3c4d.mp3", &[]).await;
    assert_eq!((head.status(), header(&head, &CONTENT_LENGTH)), (StatusCode::OK, "5000"));
    assert!(body(head).await.is_empty());
    let posted = asks(FILES, Method::POST, "/", &[]).await;
    assert_eq!((posted.status(), header(&posted, &ALLOW)), (StatusCode::METHOD_NOT_ALLOWED, "GET,HEAD"));
}

#[tokio::test]
async fn nothing_is_made_up_for_other_paths() {
    for path in ["/room", "/assets/", "/assets/../index.html", "/%69ndex.html", "/index.html/", "/INDEX.HTML"]
    {
        let answer = gets(path, &[]).await;
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{path}");
        assert!(!String::from_utf8(body(answer).await).unwrap().contains("doctype"), "{path}");
    }
}

#[tokio::test]
async fn without_a_page_the_root_says_how_to_get_it() {
    let answer = asks(&[], Method::GET, "/", &[]).await;
    assert_eq!((answer.status(), header(&answer, &CONTENT_TYPE)), (StatusCode::OK, TEXT));
    let words = String::from_utf8(body(answer).await).unwrap();
    assert!(words.contains("make run") && words.contains("Node"), "{words}");
    assert_eq!(asks(&[], Method::GET, "/index.html", &[]).await.status(), StatusCode::NOT_FOUND);
}

const WITH_CONSOLE: Files = &[
    ("console/assets/index-1.js", SCRIPT),
    ("console/index.html", b"<!doctype html><title>Console</title>"),
    ("index.html", b"<!doctype html><title>Wigwag</title>"),
];

async fn console_gets(is_on: bool, path: &str) -> Response {
    let request = Request::builder().uri(path).body(Body::empty()).unwrap();
    console(WITH_CONSOLE, move || is_on).call(request).await.unwrap()
}

#[tokio::test]
async fn the_console_is_a_page_of_its_own() {
    let page = console_gets(true, "/console/").await;
    assert_eq!((page.status(), header(&page, &CACHE_CONTROL)), (StatusCode::OK, "no-cache"));
    let policy = header(&page, &CONTENT_SECURITY_POLICY);
    assert!(policy.starts_with("default-src 'none';") && !policy.contains("unsafe"), "{policy}");
    assert!(body(page).await.ends_with(b"<title>Console</title>"));
    let script = console_gets(true, "/console/assets/index-1.js").await;
    assert_eq!(header(&script, &CACHE_CONTROL), "public, max-age=31536000, immutable");
    let bare = console_gets(true, "/console").await;
    assert_eq!((bare.status(), header(&bare, &LOCATION)), (StatusCode::PERMANENT_REDIRECT, "console/"));
    assert_eq!(console_gets(true, "/console/other").await.status(), StatusCode::NOT_FOUND);
    for path in ["/console/index.html", "/console/assets/index-1.js"] {
        assert_eq!(
            asks(WITH_CONSOLE, Method::GET, path, &[]).await.status(),
            StatusCode::NOT_FOUND,
            "{path}"
        );
    }
}

#[tokio::test]
async fn without_a_key_there_is_no_console() {
    for path in ["/console", "/console/", "/console/assets/index-1.js"] {
        let answer = console_gets(false, path).await;
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{path}");
        assert!(String::from_utf8(body(answer).await).unwrap().contains("wigwag key create"), "{path}");
    }
}
