//! How a store ends.

use wigwag_engine::Command;
use wigwag_session::refused::Failure;

use crate::words::{invite, invite_id, ring, send, set_profile, text, to};
use crate::world::World;

pub(crate) async fn what_was_queued_is_committed(world: &mut World) {
    const MANY: usize = 2_000;
    let [alice, bob] = [world.joins("alice").await, world.joins("bob").await];
    for number in 0..MANY {
        let words = send(text(to(&bob.user), &number.to_string()));
        world.submits(alice.clone(), words).unwrap();
    }
    world.submits(alice.clone(), invite(ring("last", &bob.user))).unwrap();
    let results = world.closes().await;
    assert_eq!(results.len(), MANY + 1);
    for result in &results {
        result.succeeds();
    }
    world.reopens().await;
    assert_eq!(world.open_for(&bob).await, [invite_id("last")]);
    // The recall after every case reads the messages.
}

pub(crate) async fn a_closed_store_refuses(world: &mut World) {
    let alice = world.joins("alice").await;
    world.closes().await;
    for _ in 0..2 {
        let refused = world.submits(alice.clone(), Command::Register);
        assert_eq!(refused, Err(Failure::StoreUnavailable));
        assert!(world.closes().await.is_empty(), "to close again does no harm");
    }
    world.reopens().await;
    world.does(&alice, set_profile(Some("back"), None, None)).await.succeeds();
}

pub(crate) async fn an_open_store_answers(world: &mut World) {
    for _ in 0..2 {
        world.store().ping().await.unwrap();
        world.reopens().await;
    }
}
