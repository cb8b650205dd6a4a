//! Messages that begin and do not end, and pings whose answers nobody takes: what they cost is bounded, before the sign-in and after it.

use serde_json::json;
use wigwag_protocol::CloseCode;

use crate::world::{NO_RATE, Raw, TEXT, World, frame, request, tls};

const TEXT_BEGINS: u8 = 0x01;
const PING: u8 = 0x89;
/// A mebibyte may wait for all devices, a quarter of it for one.
const BUDGET: &str = "[sessions]\ntotal_backlog_bytes = 1048576\nbacklog_bytes = 262144\n";
/// Bytes of a message whose last is missing.
const LARGE: usize = 60_000;

/// A request of so many bytes, as a frame.
fn large_request() -> Vec<u8> {
    let empty = request(&json!(2), "signaling.listOpen", &json!({}));
    frame(TEXT, format!("{empty:LARGE$}").as_bytes())
}

impl World {
    /// A device that has signed in, begun a large message, and not sent its last byte.
    async fn begins_a_message(&self, number: usize) -> Raw {
        let device = self.another(&format!("user-{}", number / 50), &format!("device-{number}"), 7);
        let mut raw = Raw::signs_in(&device, self.address()).await;
        let whole = large_request();
        raw.sends(&whole[..whole.len() - 1]).await;
        raw
    }
}

/// 1,048,576 bytes: seventeen such messages, and not an eighteenth. Then so many go that a quarter is free.
#[tokio::test]
async fn past_the_budget_those_whose_messages_began_first_are_told_to_resume() {
    let world = World::start_with(&format!("{NO_RATE}{BUDGET}"));
    let mut devices = Vec::new();
    for number in 0..17 {
        devices.push(world.begins_a_message(number).await);
        world.shows("backlog_bytes", (number + 1) * LARGE).await;
    }
    let (_, metrics) = world.get("/metrics").await;
    assert!(metrics.contains("wigwag_budget_overflows_total 0"), "{metrics}");
    devices.push(world.begins_a_message(17).await);
    for device in devices.drain(..5) {
        device_is_told_to_resume(device).await;
    }
    world.shows("backlog_bytes", 13 * LARGE).await;
    world.shows("budget_overflows_total", 5).await;
    for mut device in devices {
        device.sends(b" ").await;
        let (first, reply) = device.hears().await;
        assert!(first == TEXT && String::from_utf8(reply).unwrap().contains("\"result\""));
    }
    world.shows("backlog_bytes", 0).await;
}

async fn device_is_told_to_resume(mut device: Raw) {
    device.is_closed_with(CloseCode::Resume.number()).await;
}

/// Together they have begun 24 MB. What is kept of it is a mebibyte; the rest is what a connection costs, and what the allocator has
/// not given back yet of messages that were given up.
#[tokio::test]
async fn four_hundred_signed_in_devices_with_an_unfinished_message_cost_the_budget_and_no_more() {
    const PER_CONNECTION: usize = 24 * 1_024;
    let world = World::start_with(&format!("{NO_RATE}{BUDGET}"));
    // Whoever is first makes the server set up what it keeps for all.
    drop(world.begins_a_message(0).await);
    world.shows("backlog_bytes", 0).await;
    let before = world.memory();
    let mut devices = Vec::new();
    for number in 0..400 {
        devices.push(world.begins_a_message(number).await);
    }
    let grown = world.memory().saturating_sub(before);
    println!("{grown} bytes more for {} devices", devices.len());
    assert!(grown < (1 << 20) + devices.len() * PER_CONNECTION, "{grown}");
}

/// What a message has needed is given back when it has ended: one large message does not make a connection larger for its life.
#[tokio::test]
async fn four_hundred_devices_that_have_sent_a_large_message_are_as_small_as_others() {
    let world = World::start();
    let mut devices = Vec::new();
    for number in 0..400 {
        let device = world.another(&format!("user-{}", number / 50), &format!("device-{number}"), 7);
        devices.push(Raw::signs_in(&device, world.address()).await);
    }
    let before = world.memory();
    for device in &mut devices {
        device.sends(&large_request()).await;
        device.hears().await;
    }
    let grown = world.memory().saturating_sub(before);
    println!("{grown} bytes more for {} devices", devices.len());
    assert!(grown < devices.len() * LARGE / 4, "{grown}");
}

#[tokio::test]
async fn a_ping_between_two_fragments_does_not_hide_a_strangers_message() {
    let world = World::start();
    let mut stranger = Raw::connects(world.address()).await;
    stranger.sends(&[frame(TEXT_BEGINS, &[b' '; 4_000]), frame(PING, b"x")].concat()).await;
    assert_eq!(stranger.hears().await, (0x8A, b"x".to_vec()), "pings are answered before the sign-in");
    world.shows("unsigned_bytes", 8_000).await;
}

/// They send pings and read nothing: the server reads on only as fast as its answers are taken, so memory stays where it was.
#[tokio::test]
async fn a_stranger_cannot_pile_up_answers_to_pings() {
    const PINGS: usize = 500_000;
    const ROOM: usize = 8 << 20;
    let world = World::start();
    let mut stranger = Raw::connects(world.address()).await;
    let before = world.memory();
    let all_taken = stranger.can_send(&frame(PING, &[b'x'; 125]).repeat(PINGS)).await;
    let grown = world.memory().saturating_sub(before);
    assert!(!all_taken && grown < ROOM, "{grown} bytes more");
}

/// What TLS keeps of a record whose end does not come counts like the begin of a message, before the sign-in and after it.
#[tokio::test]
async fn a_record_that_has_not_ended_counts_under_tls() {
    let (world, trusted) = World::sealed("");
    let stream = tls(world.address(), &trusted).await.unwrap();
    let mut raw = Raw::upgrades(stream).await;
    raw.begins_a_record(8_000).await;
    world.shows("unsigned_bytes", 8_000).await;
    drop(raw);
    world.shows("unsigned_bytes", 0).await;
    let stream = tls(world.address(), &trusted).await.unwrap();
    let mut raw = Raw::upgrades(stream).await;
    raw.opens(&world.another("alice", "phone", 1)).await;
    raw.begins_a_record(9_000).await;
    world.shows("backlog_bytes", 9_000).await;
    drop(raw);
    world.shows("backlog_bytes", 0).await;
}

/// 65,536 bytes: eight such records, and not a ninth.
#[tokio::test]
async fn strangers_whose_records_do_not_end_share_a_budget() {
    let (world, trusted) = World::sealed("[limits]\nunsigned_bytes = 65536\n");
    let mut strangers = Vec::new();
    for number in 1..=8 {
        let mut raw = Raw::upgrades(tls(world.address(), &trusted).await.unwrap()).await;
        raw.begins_a_record(8_192).await;
        world.shows("unsigned_bytes", number * 8_192).await;
        strangers.push(raw);
    }
    let mut ninth = Raw::upgrades(tls(world.address(), &trusted).await.unwrap()).await;
    ninth.begins_a_record(8_192).await;
    let (_, payload) = ninth.hears().await;
    assert_eq!(payload[..2], CloseCode::OpenTimeout.number().to_be_bytes());
    world.shows("unsigned_bytes", 8 * 8_192).await;
}
