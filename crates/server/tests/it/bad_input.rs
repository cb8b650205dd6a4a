//! What is wrong is answered with its own error, and the connection lives on where it can.

use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;
use wigwag_protocol::CloseCode;

use crate::world::{Device, Raw, TEXT, World, frame, request};

async fn says_wrongly(device: &mut Device, text: &str) -> Value {
    device.says(text).await;
    device.hears_frame().await
}

#[tokio::test]
async fn frames_that_are_no_requests_are_answered_and_the_session_lives() {
    let world = World::start();
    let mut alice = world.person("alice").await;
    let table = [
        ("{", -32700, "malformedJson", Value::Null),
        ("", -32700, "malformedJson", Value::Null),
        ("hello", -32700, "malformedJson", Value::Null),
        ("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"user.get\"} x", -32700, "malformedJson", Value::Null),
        ("[]", -32600, "invalidRequest", Value::Null),
        ("null", -32600, "invalidRequest", Value::Null),
        ("\"text\"", -32600, "invalidRequest", Value::Null),
        ("{}", -32600, "invalidRequest", Value::Null),
        (
            r#"[{"jsonrpc":"2.0","id":1,"method":"session.ack","params":{"cursor":0}}]"#,
            -32600,
            "invalidRequest",
            Value::Null,
        ),
        (r#"{"jsonrpc":"2.0","id":1,"method":5}"#, -32600, "invalidRequest", Value::Null),
        (r#"{"jsonrpc":"1.0","id":1,"method":"session.ack"}"#, -32600, "invalidRequest", json!(1)),
        (r#"{"jsonrpc":"2.0","id":[1],"method":"session.ack"}"#, -32600, "invalidRequest", Value::Null),
        (
            r#"{"jsonrpc":"2.0","id":null,"method":"signaling.listOpen"}"#,
            -32600,
            "invalidRequest",
            Value::Null,
        ),
        (r#"{"jsonrpc":"2.0","method":"signaling.listOpen"}"#, -32600, "invalidRequest", Value::Null),
        (r#"{"jsonrpc":"2.0","id":"x-1","method":"signaling.dance"}"#, -32601, "unknownMethod", json!("x-1")),
        (r#"{"jsonrpc":"2.0","id":-7,"method":""}"#, -32601, "unknownMethod", json!(-7)),
        (
            r#"{"jsonrpc":"2.0","id":8,"method":"signaling.listOpen","params":[1]}"#,
            -32602,
            "invalidParams",
            json!(8),
        ),
        (
            r#"{"jsonrpc":"2.0","id":9,"method":"signaling.listOpen","params":"x"}"#,
            -32602,
            "invalidParams",
            json!(9),
        ),
    ];
    for (text, code, reason, id) in table {
        let answer = says_wrongly(&mut alice, text).await;
        assert_eq!((&answer["error"]["code"], &answer["id"]), (&json!(code), &id), "{text}: {answer}");
        assert_eq!(answer["error"]["data"]["reason"], reason, "{text}");
        assert!(answer["id"] == id && answer.get("id").is_some(), "{text}");
        assert!(!answer["error"]["message"].as_str().unwrap().is_empty());
    }
    alice.hears_nothing().await;
}

#[tokio::test]
async fn a_wrong_parameter_is_named() {
    let world = World::start();
    let mut alice = world.person("alice").await;
    let table = [
        ("signaling.invite", json!({}), "invitee"),
        ("signaling.invite", json!({"invitee": 5}), "invitee"),
        ("signaling.invite", json!({"invitee": null}), "invitee"),
        ("signaling.invite", json!({"invitee": "b c"}), "invitee"),
        ("signaling.invite", json!({"invitee": "b".repeat(65)}), "invitee"),
        ("signaling.invite", json!({"invitee": "bob", "timeout": -1}), "timeout"),
        ("signaling.invite", json!({"invitee": "bob", "timeout": 1.5}), "timeout"),
        ("signaling.invite", json!({"invitee": "bob", "timeout": "30"}), "timeout"),
        ("signaling.invite", json!({"invitee": "bob", "data": {"a": 1}}), "data"),
        ("signaling.invite", json!({"invitee": "bob", "inviteID": ""}), "inviteID"),
        ("signaling.invite", json!({"invitee": "bob", "inviteID": "i".repeat(129)}), "inviteID"),
        ("signaling.invite", json!({"invitee": "bob", "onlineUserOnly": "yes"}), "onlineUserOnly"),
        ("signaling.inviteInGroup", json!({"groupID": "g", "inviteeList": ["ok", 7]}), "inviteeList[1]"),
        ("signaling.inviteInGroup", json!({"groupID": "g", "inviteeList": ["a"], "notify": "all"}), "notify"),
        ("signaling.accept", json!({}), "inviteID"),
        ("signaling.modify", json!({"inviteID": "i"}), "data"),
        ("message.send", json!({"type": "text", "content": {}}), "userID"),
        ("message.send", json!({"userID": "bob", "groupID": "g", "type": "text", "content": {}}), "userID"),
        ("message.send", json!({"userID": "bob", "content": {}}), "type"),
        ("message.history", json!({"userID": "bob", "limit": 0}), "limit"),
        ("message.history", json!({"userID": "bob", "direction": "up"}), "direction"),
        ("message.markRead", json!({"userID": "bob", "seq": -1}), "seq"),
        ("group.members", json!({"groupID": "g", "limit": 501}), "limit"),
        ("group.setRole", json!({"groupID": "g", "userID": "bob", "role": "king"}), "role"),
        ("user.get", json!({"userIDs": []}), "userIDs"),
        ("session.ack", json!({"cursor": "1"}), "cursor"),
    ];
    for (method, params, field) in table {
        let asked = params.to_string();
        let error = alice.asks(method, params).await.expect_err(&asked);
        assert_eq!(error["data"]["field"], field, "{method} {asked}: {error}");
        assert_eq!(error["data"]["retryable"], false);
        assert!([-32602, 6017].map(Value::from).contains(&error["code"]), "{method} {asked}: {error}");
    }
    let error = alice.is_refused("invalidParameter", "session.ack", json!({"cursor": 9_999})).await;
    assert_eq!(error["data"]["field"], "cursor");
    alice.does("signaling.listOpen", json!({"something": "new"})).await;
}

#[tokio::test]
async fn what_is_nested_deeper_than_32_levels_is_refused() {
    let world = World::start();
    let [mut alice, mut bob] = world.people(["alice", "bob"]).await;
    // The object itself is a level, and each array in it is one.
    let nested = |levels: usize| -> Value {
        let arrays = levels - 1;
        serde_json::from_str(&format!("{{\"a\":{}{}}}", "[".repeat(arrays), "]".repeat(arrays))).unwrap()
    };
    let plain = json!({});
    let message = |content: &Value, push: &Value| json!({"userID": "bob", "type": "note", "content": content, "offlinePushInfo": push});
    let invite = |push: &Value| json!({"invitee": "bob", "offlinePushInfo": push});
    let group = |push: &Value| json!({"groupID": "g", "inviteeList": ["bob"], "offlinePushInfo": push});
    alice.makes_group("g", &["bob"]).await;
    bob.hears("group.membersAdded").await;
    let (deepest, deeper) = (nested(32), nested(33));
    for (method, field, taken, refused) in [
        ("message.send", "content", message(&deepest, &plain), message(&deeper, &plain)),
        ("message.send", "offlinePushInfo", message(&plain, &deepest), message(&plain, &deeper)),
        ("signaling.invite", "offlinePushInfo", invite(&deepest), invite(&deeper)),
        ("signaling.inviteInGroup", "offlinePushInfo", group(&deepest), group(&deeper)),
    ] {
        let error = alice.is_refused("invalidParams", method, refused).await;
        assert_eq!(error["data"]["field"], field, "{method}: {error}");
        alice.does(method, taken).await;
    }
    let heard = bob.listens().await;
    assert_eq!(heard.len(), 4, "only what was taken is passed on: {heard:?}");
    assert_eq!(heard[0]["params"]["message"]["content"], deepest);
}

#[tokio::test]
async fn a_large_frame_is_refused_and_a_huge_one_ends_the_connection() {
    let world = World::start();
    let mut alice = world.person("alice").await;
    let answer = says_wrongly(&mut alice, &"x".repeat(65_537)).await;
    assert_eq!((&answer["error"]["code"], &answer["id"]), (&json!(-32004), &Value::Null));
    let padded = |bytes: usize| {
        let bare = request(&json!(1), "signaling.listOpen", &json!({"pad": ""}));
        request(&json!(1), "signaling.listOpen", &json!({"pad": "x".repeat(bytes - bare.len())}))
    };
    assert!(says_wrongly(&mut alice, &padded(65_536)).await.get("result").is_some());
    let answer = says_wrongly(&mut alice, &padded(128 * 1024)).await;
    assert_eq!(answer["error"]["data"]["reason"], "frameTooLarge");
    alice.hears_nothing().await;
    alice.says(&padded(128 * 1024 + 1)).await;
    assert_eq!(alice.is_closed().await.0, 1009);
    let mut stranger = world.device("stranger");
    stranger.connects().await;
    let answer = says_wrongly(&mut stranger, &padded(8_192)).await;
    assert_eq!(answer["error"]["data"]["reason"], "notSignedIn");
    stranger.says(&padded(8_193)).await;
    assert_eq!(stranger.is_closed().await.0, 1009);
    alice.resumes().await;
    alice.hears_nothing().await;
}

/// A text frame of 8,000 bytes of which the last is missing.
async fn begins(world: &World) -> Raw {
    let mut stranger = Raw::connects(world.address()).await;
    let whole = frame(TEXT, &[b' '; 8_000]);
    stranger.sends(&whole[..whole.len() - 1]).await;
    stranger
}

/// 65,536 bytes: eight such frames, and not a ninth.
#[tokio::test]
async fn what_strangers_leave_unfinished_is_bounded_and_shuts_nobody_out() {
    let world = World::start_with("[limits]\nunsigned_bytes = 65536\n");
    let mut held = Vec::new();
    for _ in 0..8 {
        held.push(begins(&world).await);
    }
    world.shows("unsigned_bytes", 64_000).await;
    let mut ninth = begins(&world).await;
    ninth.is_closed_with(CloseCode::OpenTimeout.number()).await;
    let mut alice = world.person("alice").await;
    alice.hears_nothing().await;
    assert!(world.get("/metrics").await.1.contains("wigwag_unsigned_refused_total 1"));
}

#[tokio::test]
async fn so_many_may_sign_in_at_once_and_the_others_are_told_to_come_later() {
    let world = World::start_with("[limits]\nunsigned_connections = 2\n");
    let (mut one, mut two) = (world.device("one"), world.device("two"));
    one.connects().await;
    two.connects().await;
    let upgrade =
        ["Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="];
    let refused = world.asks("GET /v1/ws", &upgrade, "").await;
    assert_eq!((refused.status, refused.header("retry-after")), (503, "5"), "{refused:?}");
    assert_eq!(world.get("/readyz").await.0, 200, "others are heard");
    let opening = one.opening();
    one.does("session.open", opening).await;
    let mut three = world.person("three").await;
    three.hears_nothing().await;
}

#[tokio::test]
async fn a_binary_frame_ends_the_connection() {
    let world = World::start();
    let mut alice = world.person("alice").await;
    alice.sends(Message::binary(b"{}".to_vec())).await;
    alice.is_closed_with(CloseCode::ProtocolViolation).await;
    let mut stranger = world.device("stranger");
    stranger.connects().await;
    stranger.sends(Message::binary(b"{}".to_vec())).await;
    stranger.is_closed_with(CloseCode::ProtocolViolation).await;
}

#[tokio::test]
async fn a_ping_is_answered() {
    let world = World::start();
    let mut alice = world.person("alice").await;
    alice.sends(Message::Ping(b"there?".to_vec().into())).await;
    assert_eq!(alice.next_message().await, Message::Pong(b"there?".to_vec().into()));
}

#[tokio::test]
async fn what_is_not_ones_own_cannot_be_touched() {
    let world = World::start();
    let [mut alice, mut bob, mut mallory] = world.people(["alice", "bob", "mallory"]).await;
    let id = alice.invites(&bob).await["inviteID"].clone();
    bob.hears("invitation.received").await;
    let on_it = json!({"inviteID": id, "data": "x"});
    let error = mallory.is_refused("unknown", "signaling.get", on_it.clone()).await;
    assert_eq!(error["code"], 8010);
    // Whether it exists is nobody's business either.
    for method in ["signaling.accept", "signaling.reject", "signaling.cancel", "signaling.modify"] {
        mallory.is_refused("unknown", method, on_it.clone()).await;
    }
    assert_eq!(bob.is_refused("notInviter", "signaling.cancel", on_it.clone()).await["code"], 8011);
    assert_eq!(alice.is_refused("notInvitee", "signaling.accept", on_it).await["code"], 8011);
    let posing = json!({"invitee": "bob", "inviter": "alice"});
    let error = mallory.is_refused("identityMismatch", "signaling.invite", posing).await;
    assert_eq!((&error["code"], &error["data"]["field"]), (&json!(8011), &json!("inviter")));
    let posing = json!({"inviteID": id, "userID": "bob"});
    mallory.is_refused("identityMismatch", "signaling.accept", posing).await;
    alice.is_refused("unknownUser", "signaling.invite", json!({"invitee": "nobody"})).await;
    alice.is_refused("invalidParameter", "signaling.invite", json!({"invitee": "alice"})).await;
    for method in ["signaling.accept", "signaling.cancel", "signaling.get"] {
        alice.is_refused("unknown", method, json!({"inviteID": "never made"})).await;
    }
    bob.hears_nothing().await;
}

#[tokio::test]
async fn a_group_one_is_not_in_is_closed() {
    let world = World::start();
    let [mut alice, _bob, mut mallory] = world.people(["alice", "bob", "mallory"]).await;
    alice.makes_group("g", &["bob"]).await;
    let asked = alice.invites_in("g", &["bob"]).await;
    let text = json!({"groupID": "g", "type": "text", "content": {"text": "x"}});
    let at = json!({"groupID": "g", "seq": 1});
    let table = [
        ("signaling.inviteInGroup", json!({"groupID": "g", "inviteeList": ["bob"]})),
        ("message.send", text),
        ("message.history", json!({"groupID": "g"})),
        ("message.revoke", at.clone()),
        ("message.markRead", at),
        ("group.members", json!({"groupID": "g"})),
        ("group.quit", json!({"groupID": "g"})),
        ("group.dismiss", json!({"groupID": "g"})),
        ("group.addMembers", json!({"groupID": "g", "userIDs": ["mallory"]})),
        ("group.setInfo", json!({"groupID": "g", "name": "mine"})),
        ("group.attributes", json!({"groupID": "g"})),
        ("group.onlineCount", json!({"groupID": "g"})),
        ("group.setAttributes", json!({"groupID": "g", "set": {"topic": "mine"}})),
    ];
    for (method, params) in table {
        assert_eq!(mallory.is_refused("notMember", method, params).await["code"], 10007);
    }
    mallory.is_refused("unknown", "signaling.get", json!({"inviteID": asked["inviteID"]})).await;
    mallory.is_refused("unknownGroup", "group.join", json!({"groupID": "no-such"})).await;
    alice
        .is_refused(
            "noValidInvitee",
            "signaling.inviteInGroup",
            json!({"groupID": "g", "inviteeList": ["mallory"]}),
        )
        .await;
    assert_eq!(mallory.does("signaling.listOpen", json!({})).await, json!({"invitations": []}));
}
