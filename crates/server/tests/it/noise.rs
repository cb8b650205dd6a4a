//! Frames that ask for nothing that can be done: answered, then refused, and who goes on is closed.

use serde_json::json;
use tokio_tungstenite::tungstenite::Message;
use wigwag_protocol::CloseCode;

use crate::world::{Device, World, request};

/// What was said before the close.
#[derive(Debug, Default)]
struct Told {
    /// That the frame is wrong, or that it was taken.
    answered: usize,
    rate_limited: usize,
    closed: u16,
}

/// Sends the same frame until the server ends the connection, or 400 times.
async fn makes_noise(device: &mut Device, frame: &str) -> Told {
    for _ in 0..400 {
        device.says(frame).await;
    }
    let mut told = Told::default();
    loop {
        match device.next_message().await {
            Message::Text(text) if text.contains("rateLimited") => told.rate_limited += 1,
            Message::Text(_) => told.answered += 1,
            Message::Close(frame) => {
                told.closed = frame.expect("a code").code.into();
                return told;
            }
            other @ (Message::Binary(_) | Message::Ping(_) | Message::Pong(_) | Message::Frame(_)) => {
                panic!("{other:?}")
            }
        }
    }
}

#[tokio::test]
async fn whoever_goes_on_with_noise_is_closed_and_their_other_device_is_not() {
    let world = World::start_with("");
    let table = [
        ("no JSON", "{".to_owned()),
        ("too large", "x".repeat(65_537)),
        ("no method", request(&json!(1), "signaling.dance", &json!({}))),
        ("a wrong parameter", request(&json!(1), "signaling.invite", &json!({"invitee": 5}))),
        ("a second sign-in", request(&json!(1), "session.open", &world.device("x").opening())),
        ("what was never sent", request(&json!(1), "session.ack", &json!({"cursor": 99}))),
        ("what is acknowledged", request(&json!(1), "session.ack", &json!({"cursor": 0}))),
    ];
    for (number, (what, frame)) in table.into_iter().enumerate() {
        let user = format!("alice-{number}");
        let mut quiet = world.another(&user, "quiet", 1);
        quiet.opens().await;
        let mut loud = world.person(&user).await;
        let told = makes_noise(&mut loud, &frame).await;
        println!("{what}: {told:?}");
        // A slow machine gives some back while it works.
        assert!((40..60).contains(&told.answered), "{what}: {told:?}");
        assert!((100..110).contains(&told.rate_limited), "{what}: {told:?}");
        assert_eq!(told.closed, CloseCode::ProtocolViolation.number(), "{what}");
        quiet.does("signaling.listOpen", json!({})).await;
    }
}

/// An acknowledgement without id has no reply; a refused one says so with the id null.
#[tokio::test]
async fn acknowledgements_of_nothing_new_are_refused_and_then_closed() {
    let world = World::start_with("");
    let mut alice = world.person("alice").await;
    let ack = json!({"jsonrpc": "2.0", "method": "session.ack", "params": {"cursor": 0}}).to_string();
    let told = makes_noise(&mut alice, &ack).await;
    assert_eq!((told.answered, told.closed), (0, CloseCode::ProtocolViolation.number()), "{told:?}");
    assert!((100..110).contains(&told.rate_limited), "{told:?}");
}

#[tokio::test]
async fn a_device_may_acknowledge_every_event() {
    let world = World::start_with("[limits]\nnoise_per_second = 1\nnoise_burst = 1\n");
    let [mut alice, mut bob] = world.people(["alice", "bob"]).await;
    for number in 1..=30 {
        alice.texts("bob", "x").await;
        bob.hears("message.received").await;
        bob.does("session.ack", json!({"cursor": number})).await;
    }
}

#[tokio::test]
async fn whoever_goes_on_before_the_sign_in_is_closed() {
    let world = World::start_with("");
    let mut stranger = world.device("stranger");
    stranger.connects().await;
    let told = makes_noise(&mut stranger, "{").await;
    assert_eq!((told.answered, told.closed), (100, CloseCode::ProtocolViolation.number()), "{told:?}");
}
