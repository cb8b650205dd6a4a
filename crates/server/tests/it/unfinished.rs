//! Messages that begin and do not end, and pings whose answers nobody takes: what they cost is bounded, before the sign-in and after it.

use crate::world::{Raw, World, frame};

const PING: u8 = 0x89;

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
