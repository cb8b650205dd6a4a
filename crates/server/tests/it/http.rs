//! What a browser gets from the server besides the socket: the page, and signing in during development.

use serde_json::json;
use wigwag_protocol::UserId;

use crate::world::{Answer, SDK_APP_ID, World, user_sig};

const DEV: &str = "[auth]\ndev_tokens = true\n";
const LIVEKIT: &str = "[calls]\nprovider = \"livekit\"\n[calls.livekit]\nurl = \"wss://l.example\"\nkey = \"k\"\n\
    secret = \"a livekit secret of 32 characters\"\n";
const JSON: &str = "Content-Type: application/json";
const TOKEN: &str = "POST /v1/dev/token";
const ALICE: &str = r#"{"userID": "alice"}"#;

/// An error in the shape of the protocol.
fn refused(answer: &Answer, status: u16, code: i32) {
    assert_eq!(answer.status, status, "{answer:?}");
    assert_eq!(answer.header("content-type"), "application/json", "{answer:?}");
    let error = answer.json();
    assert_eq!(error["code"], code, "{error}");
    assert!(error["message"].is_string() && error["data"]["reason"].is_string(), "{error}");
}

#[tokio::test]
async fn the_server_is_a_page() {
    let world = World::start();
    let page = world.asks("GET /?as=alice", &[], "").await;
    assert_eq!((page.status, page.header("cache-control")), (200, "no-cache"));
    assert!(page.header("content-security-policy").starts_with("default-src 'self'; "), "{page:?}");
    let is_built = page.header("content-type").starts_with("text/html");
    assert!(is_built || page.body.contains("make run"), "{page:?}");
    let head = world.asks("HEAD /", &[], "").await;
    assert_eq!((head.status, head.body.as_str()), (200, ""));
    assert_eq!(head.header("content-length"), page.header("content-length"));
    for path in ["/nothing", "/assets/nothing.js", "/../Cargo.toml", "/%2e%2e/Cargo.toml", "//"] {
        let answer = world.asks(&format!("GET {path}"), &[], "").await;
        assert_eq!((answer.status, answer.body.as_str()), (404, "there is nothing here\n"), "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
    }
    assert_eq!(world.asks("POST /", &[], "").await.status, 405);
}

#[tokio::test]
async fn a_page_learns_whose_server_it_is() {
    let world = World::start();
    let answer = world.asks("GET /v1/app", &[], "").await;
    assert_eq!((answer.status, answer.header("cache-control")), (200, "no-store"));
    assert_eq!(
        answer.json(),
        json!({"name": "wigwag", "version": "0.1.0", "sdkAppID": SDK_APP_ID, "devSignIn": false, "stun": [], "media": "p2p"})
    );
    refused(&world.asks("POST /v1/app", &[], "").await, 405, -32601);
    for path in ["/v1/", "/v1/nothing", "/v1/dev/token", "/v1/app/more"] {
        refused(&world.asks(&format!("GET {path}"), &[], "").await, 404, -32601);
    }
    refused(&world.asks(TOKEN, &[JSON], ALICE).await, 404, -32601);
}

#[tokio::test]
async fn a_page_learns_how_browsers_find_each_other() {
    let world = World::start_with("[web]\nstun = [\"stun:stun.example.org:3478\"]");
    let card = world.asks("GET /v1/app", &[], "").await.json();
    assert_eq!(card["stun"], json!(["stun:stun.example.org:3478"]));
}

#[tokio::test]
async fn a_page_learns_who_carries_the_media_before_its_first_call() {
    for (lines, media) in [("", "p2p"), ("[calls]\nprovider = \"none\"", "none"), (LIVEKIT, "livekit")] {
        let world = World::start_with(lines);
        assert_eq!(world.asks("GET /v1/app", &[], "").await.json()["media"], media);
    }
}

#[tokio::test]
async fn the_page_may_connect_to_the_media_server_besides() {
    let world = World::start_with(LIVEKIT);
    let policy = world.asks("GET /", &[], "").await.header("content-security-policy").to_owned();
    assert!(policy.contains("connect-src 'self' wss://l.example https://l.example;"), "{policy}");
}

#[tokio::test]
async fn a_name_is_enough_during_development() {
    let mut world = World::start_with(DEV);
    assert_eq!(world.asks("GET /v1/app", &[], "").await.json()["devSignIn"], true);
    let answer = world.asks(TOKEN, &[JSON], ALICE).await;
    assert_eq!((answer.status, answer.header("cache-control")), (200, "no-store"));
    let given = answer.json();
    assert_eq!(
        given,
        json!({"userID": "alice", "token": given["token"], "sdkAppID": SDK_APP_ID, "expiresIn": 86_400})
    );
    let mut alice = world.device("alice");
    alice.connects().await;
    let params = json!({"token": given["token"], "deviceID": "tab", "platform": 5});
    assert_eq!(alice.does("session.open", params).await["userID"], "alice");
    let mut bob = world.person("bob").await;
    bob.invites(&alice).await;
    alice.hears("invitation.received").await;
    // The page of this server, whatever it is called, and a development server's that hands the request on as it is.
    for (host, origin) in [
        (world.address().to_owned(), format!("http://{}", world.address())),
        ("localhost:5173".to_owned(), "http://localhost:5173".to_owned()),
        ("[::1]:8710".to_owned(), "http://[::1]:8710".to_owned()),
    ] {
        let (host, origin) = (format!("Host: {host}"), format!("Origin: {origin}"));
        let headers = [
            host.as_str(),
            &origin,
            "Sec-Fetch-Site: same-origin",
            "Content-Type: application/json; charset=utf-8",
        ];
        assert_eq!(world.asks(TOKEN, &headers, ALICE).await.status, 200, "{headers:?}");
    }
    assert!(world.stop().succeeded);
    let log = world.log();
    assert!(log.contains("sign in as anybody"), "{log}");
    assert!(
        !log.contains(&user_sig("alice")[..30]) && !log.contains(given["token"].as_str().unwrap()),
        "{log}"
    );
}

#[tokio::test]
async fn tokens_are_for_this_machines_own_pages_alone() {
    let world = World::start_with(DEV);
    for headers in [
        &["Host: evil.example"][..],
        &["Host: 192.0.2.1:8710"],
        &["Origin: https://evil.example"],
        &["Origin: null"],
        &["Origin: http://localhost:3000"],
        &["Sec-Fetch-Site: cross-site"],
        &["Sec-Fetch-Site: same-site", "Origin: http://localhost"],
        &["X-Forwarded-For: 203.0.113.7"],
    ] {
        let headers = [headers, &[JSON]].concat();
        let answer = world.asks(TOKEN, &headers, ALICE).await;
        refused(&answer, 403, 8011);
        assert_eq!(answer.json()["data"]["reason"], "identityMismatch");
        assert_eq!(answer.header("access-control-allow-origin"), "");
    }
    let asked = ["Origin: https://evil.example", "Access-Control-Request-Method: POST"];
    let preflight = world.asks("OPTIONS /v1/dev/token", &asked, "").await;
    refused(&preflight, 405, -32601);
    assert_eq!((preflight.header("allow"), preflight.header("access-control-allow-origin")), ("POST", ""));
}

#[tokio::test]
async fn what_is_no_request_for_a_token_is_told_why() {
    let world = World::start_with(DEV);
    for kind in ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", ""] {
        let kind = format!("Content-Type: {kind}");
        refused(&world.asks(TOKEN, &[&kind], ALICE).await, 415, -32602);
    }
    refused(&world.asks(TOKEN, &[], ALICE).await, 415, -32602);
    for body in [
        "{}",
        r#"{"userID": 7}"#,
        r#"{"userID": ""}"#,
        r#"{"userID": "al ice"}"#,
        r#"{"userID": "爱丽丝"}"#,
        &format!(r#"{{"userID": "{}"}}"#, "x".repeat(UserId::LONGEST + 1)),
    ] {
        let answer = world.asks(TOKEN, &[JSON], body).await;
        refused(&answer, 400, -32602);
        assert_eq!(answer.json()["data"]["field"], "userID", "{body}");
    }
    for body in ["", "{", "userID=alice", "7"] {
        refused(&world.asks(TOKEN, &[JSON], body).await, 400, -32602);
    }
    let long = format!(r#"{{"userID": "alice", "more": "{}"}}"#, "x".repeat(1_024));
    refused(&world.asks(TOKEN, &[JSON], &long).await, 413, -32602);
    let more = r#"{"userID": "alice", "nickname": "爱丽丝"}"#;
    assert_eq!(world.asks(TOKEN, &[JSON], more).await.status, 200);
}

#[tokio::test]
async fn tokens_are_not_given_without_end() {
    let world = World::start_with(DEV);
    let mut given = 0;
    let answer = loop {
        let answer = world.asks(TOKEN, &[JSON], ALICE).await;
        if answer.status != 200 {
            break answer;
        }
        given += 1;
        assert!(given < 10_000, "there is no end");
    };
    refused(&answer, 429, 7008);
    assert_eq!(answer.header("retry-after"), "1");
    assert!(answer.json()["data"]["retryAfterMs"].as_u64().unwrap() <= 51, "{answer:?}");
    assert!(given >= 100, "{given}");
}
