//! What an operator sees and does.

use std::time::{Duration, Instant};

use serde_json::json;
use wigwag_protocol::CloseCode;

use crate::world::{World, certificate, get_from, tls, user_sig};

#[tokio::test]
async fn health_readiness_and_figures() {
    let world = World::start();
    assert_eq!(world.get("/healthz").await, (200, "ok\n".to_owned()));
    assert_eq!(world.get("/readyz").await, (200, "ready\n".to_owned()));
    assert_eq!(world.get("/nothing-here").await.0, 404);
    let [mut alice, mut bob] = world.people(["alice", "bob"]).await;
    let invited = alice.invites(&bob).await;
    alice.invites(&bob).await;
    bob.accepts(&invited["inviteID"]).await;
    bob.is_refused("settled", "signaling.reject", json!({"inviteID": invited["inviteID"]})).await;
    bob.says("{").await;
    bob.hears("invitation.received").await;
    bob.hears("invitation.received").await;
    assert_eq!(bob.hears_frame().await["error"]["data"]["reason"], "malformedJson");
    let mut gone = world.person("gone").await;
    gone.does("session.close", json!({})).await;
    gone.is_closed_with(CloseCode::Closed).await;
    bob.vanishes();
    bob.resumes().await;
    // An opening is counted when all of it is done, which is before the next request is read.
    bob.hears_nothing().await;
    let (status, text) = world.get("/metrics").await;
    assert_eq!(status, 200);
    for line in [
        "wigwag_commands_total{method=\"signaling.invite\",outcome=\"ok\"} 2",
        "wigwag_commands_total{method=\"signaling.accept\",outcome=\"ok\"} 1",
        "wigwag_commands_total{method=\"signaling.reject\",outcome=\"settled\"} 1",
        "wigwag_commands_total{method=\"session.open\",outcome=\"ok\"} 4",
        "wigwag_commands_total{method=\"session.close\",outcome=\"ok\"} 1",
        "wigwag_command_latency_seconds_count{method=\"signaling.invite\"} 2",
        "wigwag_frames_refused_total{reason=\"malformedJson\"} 1",
        "wigwag_sessions_opened_total 4",
        "wigwag_sessions_closed_total{code=\"4505\"} 1",
        "wigwag_resumes_total 1",
        "wigwag_pending_deadlines 2",
        "wigwag_events_delivered_total 3",
        "wigwag_mailbox_overflows_total 0",
    ] {
        assert!(text.lines().any(|is| is == line), "{line} is not in\n{text}");
    }
    for name in ["wigwag_connections ", "wigwag_commit_commands_bucket", "wigwag_commit_latency_seconds_sum"]
    {
        assert!(text.contains(name), "{name} is not in\n{text}");
    }
    assert!(text.ends_with("# EOF\n"));
}

#[tokio::test]
async fn figures_can_be_turned_off() {
    let world = World::start_with("[metrics]\nenabled = false\n");
    assert_eq!(world.get("/metrics").await.0, 404);
    assert_eq!(world.get("/healthz").await.0, 200);
}

#[tokio::test]
async fn figures_can_have_an_address_and_a_token_of_their_own() {
    let token = "a token of the operators";
    let world = World::start_with(&format!("[metrics]\nlisten = \"127.0.0.1:0\"\ntoken = \"{token}\"\n"));
    assert_eq!(world.get("/metrics").await.0, 404);
    let address = &world.figures_address();
    for (header, status) in [
        (String::new(), 401),
        ("Authorization: Bearer a token of strangers\r\n".to_owned(), 401),
        (format!("Authorization: Basic {token}\r\n"), 401),
        (format!("Authorization: Bearer {token}\r\n"), 200),
    ] {
        let answer = get_from(address, "/metrics", &header).await;
        assert_eq!(answer.0, status, "{header}");
        assert_eq!(answer.1.contains("wigwag_sessions_opened_total"), status == 200);
    }
    assert_eq!(get_from(address, "/v1/app", "").await.0, 404);
    let world = World::start_with("[tls]\nplain = true\n");
    assert_eq!(world.get("/metrics").await.0, 404, "a proxy would hand on everybody's requests");
    assert!(world.log().contains("set metrics.listen or metrics.token"), "{}", world.log());
}

#[tokio::test]
async fn who_signs_in_and_who_is_refused_is_logged_for_those_who_ask() {
    let mut world = World::start_with("[log]\nsessions = true\n");
    let mut alice = world.person("alice").await;
    let mut mallory = world.device("mallory");
    mallory.connects().await;
    let bad = json!({"token": "not.a.token", "userID": "mallory", "deviceID": "m", "platform": 7});
    mallory.is_refused("tokenMalformed", "session.open", bad).await;
    alice.does("session.close", json!({})).await;
    alice.is_closed_with(CloseCode::Closed).await;
    assert!(world.stop().succeeded);
    let log = world.log();
    for words in [
        ["a session was opened", "user=alice", "device=alice-1", "platform=7", "peer=127.0.0.1:"],
        ["a sign-in was refused", "tokenMalformed", "code=70003", "claimed=mallory", "peer=127.0.0.1:"],
        ["a session ended", "user=alice", "device=alice-1", "code=4505", "seconds="],
    ] {
        let told = log.lines().any(|line| words.iter().all(|word| line.contains(word)));
        assert!(told, "{words:?} is not in {log}");
    }
    assert!(!log.contains("not.a.token") && !log.contains(&user_sig("alice")[..30]));
    // Nobody has asked here.
    let mut quiet = World::start();
    quiet.person("alice").await;
    assert!(quiet.stop().succeeded);
    assert!(!quiet.log().contains("alice"), "{}", quiet.log());
}

#[tokio::test]
async fn neither_tokens_nor_data_are_in_the_log() {
    let mut world = World::start_with("[log]\nlevel = \"trace\"\n");
    let [mut alice, mut bob] = world.people(["alice", "bob"]).await;
    let params = json!({"invitee": "bob", "data": "secret-payload", "timeout": 60, "offlinePushInfo": {"title": "secret-title"}});
    let invited = alice.does("signaling.invite", params).await;
    bob.does("signaling.accept", json!({"inviteID": invited["inviteID"], "data": "secret-answer"})).await;
    alice.texts("bob", "secret-text").await;
    let mut stranger = world.device("stranger");
    stranger.connects().await;
    let bad = json!({"token": "secret.bad.token", "deviceID": "d", "platform": 7});
    stranger.is_refused("tokenMalformed", "session.open", bad).await;
    assert!(world.stop().succeeded);
    let log = world.log();
    assert!(log.contains("stopped"), "{log}");
    let token = user_sig("alice");
    for secret in ["secret", &token[..30], crate::world::KEY] {
        assert!(!log.contains(secret), "{secret} is in the log");
    }
}

#[tokio::test]
async fn ctrl_c_tells_everybody_to_resume_and_ends_well() {
    let mut world = World::start();
    let [mut alice, mut bob] = world.people(["alice", "bob"]).await;
    let mut stranger = world.device("stranger");
    stranger.connects().await;
    alice.invites(&bob).await;
    let began = Instant::now();
    world.asks_to_stop();
    alice.is_closed_with(CloseCode::ResumeElsewhere).await;
    bob.is_closed_with(CloseCode::ResumeElsewhere).await;
    stranger.is_closed_with(CloseCode::ResumeElsewhere).await;
    assert!(world.stopped().succeeded);
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    assert!(world.log().contains("stopped") && !world.log().contains("panicked"), "{}", world.log());
    world.resume();
    bob.resumes_at(world.address()).await;
    bob.hears_nothing().await;
}

#[tokio::test]
async fn a_connection_is_encrypted_and_a_new_certificate_is_taken_over() {
    let mut world = World::prepared("");
    let (cert, key) = (world.file("cert.pem"), world.file("key.pem"));
    let first = certificate(&cert, &key);
    world.configure(&format!("[tls]\ncert = {cert:?}\nkey = {key:?}\n"));
    world.resume();
    let mut alice = world.device("alice");
    alice.connects_over(Box::new(tls(world.address(), &first).await.unwrap()), "wss").await;
    let params = alice.opening();
    alice.does("session.open", params).await;
    let second = certificate(&cert, &key);
    let began = Instant::now();
    let stream = loop {
        if let Some(stream) = tls(world.address(), &second).await {
            break stream;
        }
        assert!(began.elapsed() < Duration::from_secs(20), "the new certificate is never used");
        tokio::time::sleep(Duration::from_millis(200)).await;
    };
    let mut bob = world.device("bob");
    bob.connects_over(Box::new(stream), "wss").await;
    let params = bob.opening();
    bob.does("session.open", params).await;
    // The old connection lives on.
    alice.invites(&bob).await;
    bob.hears("invitation.received").await;
    assert!(tls(world.address(), &first).await.is_none());
}
