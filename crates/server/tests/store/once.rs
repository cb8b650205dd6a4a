//! Requests of back ends that are carried out once, whoever repeats them.

use wigwag_engine::{Actor, Command, ConversationId};
use wigwag_server::store::{Once, RetentionCutoffs};
use wigwag_session::refused::Refusal;

use crate::retention::{NOTHING, a_moment_passes, drops};
use crate::words::{send, text, to};
use crate::world::World;

fn once(holder: &str, fingerprint: u8) -> Once {
    Once { holder: holder.into(), key: "k".into(), fingerprint: [fingerprint; 32] }
}

fn hello(alice: &Actor, bob: &Actor) -> (Actor, Command) {
    (Actor::back_end(alice.user.clone()), send(text(to(&bob.user), "hello")))
}

/// Alice says hello to Bob under this key; the seq of the message that the reply names.
async fn says(world: &mut World, once: &Once, alice: &Actor, bob: &Actor) -> u64 {
    let (actor, command) = hello(alice, bob);
    world.does_once(vec![(once, actor, command)]).await.remove(0).sent().seq.unwrap()
}

pub(crate) async fn a_repeat_hears_the_first_reply(world: &mut World) {
    let [alice, bob] = [world.joins("alice").await, world.joins("bob").await];
    let conversation = ConversationId::between(&alice.user, &bob.user);
    let key = once("shop", 1);
    for _ in 0..2 {
        assert_eq!(says(world, &key, &alice, &bob).await, 1);
        assert_eq!(says(world, &key, &alice, &bob).await, 1);
        let (actor, command) = hello(&alice, &bob);
        let other = world.does_once(vec![(&once("shop", 2), actor, command)]).await.remove(0);
        assert_eq!(*other.0.reply().unwrap_err(), Refusal::KeyTaken);
        assert_eq!(world.history(&conversation).await.len(), 1);
        world.reopens().await;
    }
    assert_eq!(says(world, &once("other shop", 2), &alice, &bob).await, 2, "keys are each holder's own");
}

pub(crate) async fn repeats_in_one_batch_are_carried_out_once(world: &mut World) {
    let [alice, bob] = [world.joins("alice").await, world.joins("bob").await];
    let (key, other) = (once("shop", 1), once("shop", 2));
    let asked = [&key, &key, &other].map(|once| {
        let (actor, command) = hello(&alice, &bob);
        (once, actor, command)
    });
    let outcomes = world.does_once(asked.into()).await;
    let refused = outcomes.iter().filter(|outcome| outcome.0.reply().is_err()).count();
    assert_eq!(refused, 1, "{outcomes:?}");
    let conversation = ConversationId::between(&alice.user, &bob.user);
    assert_eq!(world.history(&conversation).await.len(), 1);
}

/// A token that is made from the time of its request is made again by a repeat, whatever the clocks say meanwhile.
pub(crate) async fn a_repeated_mark_hears_the_time_that_was_named_first(world: &mut World) {
    let alice = Actor::back_end(world.joins("alice").await.user);
    let key = once("shop", 1);
    for time in [7, 9, 5] {
        let marks = vec![(&key, alice.clone(), Command::MarkTime(time))];
        assert_eq!(world.does_once(marks).await.remove(0).done_at(), 7);
        world.reopens().await;
    }
}

pub(crate) async fn a_reply_is_forgotten_after_its_time(world: &mut World) {
    let [alice, bob] = [world.joins("alice").await, world.joins("bob").await];
    let key = once("shop", 1);
    assert_eq!(says(world, &key, &alice, &bob).await, 1);
    let replies = a_moment_passes(world).await;
    let young = once("young shop", 1);
    assert_eq!(says(world, &young, &alice, &bob).await, 2);
    drops(world, RetentionCutoffs { replies, ..NOTHING }).await;
    assert_eq!(says(world, &key, &alice, &bob).await, 3, "it is a first request again");
    assert_eq!(says(world, &young, &alice, &bob).await, 2);
}
