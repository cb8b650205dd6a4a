//! The journal as webhooks read it, and how far endpoints were served.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use wigwag_engine::Actor;
use wigwag_server::clock::Clock;
use wigwag_server::config::parse;
use wigwag_server::store::{EventId, JOURNAL_BYTES, Served, SetAside, Wishes};
use wigwag_server::telemetry::Metrics;
use wigwag_server::webhooks::{Source, Webhooks};

use crate::words::{send, text, to};
use crate::world::World;

async fn says(world: &mut World, alice: &Actor, bob: &Actor, words: &str) {
    world.does(alice, send(text(to(&bob.user), words))).await.succeeds();
}

/// The bodies of all events after a place.
async fn bodies(world: &World, place: EventId) -> Vec<String> {
    let store = world.store();
    let listed = store.journal_after(place, 100).await.unwrap();
    let ids: Vec<EventId> = listed.iter().map(|event| event.id).collect();
    assert!(ids.is_sorted_by(|one, next| one < next), "{ids:?}");
    let events = store.journal_events(&ids).await.unwrap();
    events.into_iter().map(|event| event.unwrap().body).collect()
}

fn has(body: &str, words: &str) -> bool {
    body.contains(&format!("\"{words}\""))
}

/// Also when everything is moved to another store, where events have other names.
pub(crate) async fn an_endpoint_goes_on_where_it_was_served(world: &mut World) {
    let [alice, bob] = [world.joins("alice").await, world.joins("bob").await];
    assert_eq!(world.store().served("shop").await.unwrap(), None);
    for words in ["one", "two", "three"] {
        says(world, &alice, &bob, words).await;
    }
    let listed = world.store().journal_after(EventId(0), 100).await.unwrap();
    let [first, second, third] = listed[..] else { panic!("{listed:?}") };
    let end = world.store().journal_end().await.unwrap();
    assert!(end <= third.id && (world.store().journal_settles_ms() > 0 || end == third.id), "{end}");
    let aside = SetAside { event: first.id, key: "k".into(), time: first.time, attempts: 3, next_at: 7 };
    let wishes = Wishes { paused_since: Some(5), replayed_at: 6, changed_at: 7 };
    let mut known = None;
    for (place, wishes) in [(first.id, Wishes::default()), (second.id, wishes)] {
        let served = Served { place, aside: vec![aside.clone()], wishes };
        assert!(world.store().keep_served("shop", known.as_ref(), &served).await.unwrap());
        assert_eq!(world.store().served("shop").await.unwrap().as_ref(), Some(&served));
        known = Some(served);
    }
    assert!(world.store().keep_served("new", None, &Served::default()).await.unwrap());
    world.reopens().await;
    let served = world.store().served("shop").await.unwrap().unwrap();
    let left = bodies(world, served.place).await;
    assert!(left.len() == 1 && has(&left[0], "three"), "{left:?}");
    assert_eq!(served.aside, [SetAside { event: served.aside[0].event, ..aside }]);
    let found = world.store().journal_events(&[served.aside[0].event]).await.unwrap();
    assert!(has(&found[0].as_ref().unwrap().body, "one"), "{found:?}");
    assert_eq!(served.wishes, wishes);
    assert_eq!(world.store().served("new").await.unwrap(), Some(Served::default()));
    assert_eq!(bodies(world, EventId(0)).await.len(), 3);
}

/// A node that served it before, or an operator.
pub(crate) async fn of_two_who_write_a_place_one_is_told_to_read_it_again(world: &mut World) {
    let store = world.store();
    let at = |place| Served { place: EventId(place), ..Served::default() };
    assert!(store.keep_served("shop", None, &at(1)).await.unwrap());
    assert!(!store.keep_served("shop", None, &at(2)).await.unwrap(), "there is one");
    assert!(!store.keep_served("shop", Some(&at(3)), &at(4)).await.unwrap(), "it is elsewhere");
    let paused = Wishes { paused_since: Some(1), ..Wishes::default() };
    assert!(store.keep_served("shop", Some(&at(1)), &Served { wishes: paused, ..at(1) }).await.unwrap());
    assert!(!store.keep_served("shop", Some(&at(1)), &at(2)).await.unwrap(), "it is paused");
    assert!(!store.keep_served("other", Some(&at(1)), &at(2)).await.unwrap(), "there is none");
    assert_eq!(store.served("shop").await.unwrap(), Some(Served { wishes: paused, ..at(1) }));
    assert_eq!(store.served("other").await.unwrap(), None);
}

pub(crate) async fn a_place_is_found_by_its_time(world: &mut World) {
    let [alice, bob] = [world.joins("alice").await, world.joins("bob").await];
    assert_eq!(bodies(world, world.store().journal_before(world.now()).await.unwrap()).await.len(), 0);
    for number in 0..20 {
        says(world, &alice, &bob, &number.to_string()).await;
    }
    let listed = world.store().journal_after(EventId(0), 100).await.unwrap();
    let times: BTreeSet<u64> = listed.iter().flat_map(|event| [event.time, event.time + 1]).collect();
    for time in times.into_iter().chain([0, world.now() + 60_000]) {
        let before = world.store().journal_before(time).await.unwrap();
        let after = world.store().journal_after(before, 100).await.unwrap();
        let expected: Vec<_> = listed.iter().filter(|event| event.time >= time).copied().collect();
        assert_eq!(after, expected, "{time}");
    }
}

pub(crate) async fn the_journal_is_read_in_pages(world: &mut World) {
    let [alice, bob] = [world.joins("alice").await, world.joins("bob").await];
    let store_is_new = world.store().journal_end().await.unwrap();
    assert_eq!(store_is_new, EventId(0));
    for number in 0..5 {
        says(world, &alice, &bob, &format!("words {number}")).await;
    }
    let store = world.store();
    let listed = store.journal_after(EventId(0), 2).await.unwrap();
    let next = store.journal_after(listed[1].id, 2).await.unwrap();
    assert_eq!((listed.len(), next.len()), (2, 2));
    assert!(listed[1].id < next[0].id && next[0].time.abs_diff(world.now()) < 60_000);
    assert_eq!(store.journal_waiting(EventId(0)).await.unwrap(), 5);
    assert_eq!(store.journal_waiting(next[1].id).await.unwrap(), 1);
    let events = store.journal_events(&[next[0].id, EventId(u128::MAX), listed[0].id]).await.unwrap();
    let found: Vec<bool> = events.iter().map(Option::is_some).collect();
    assert_eq!(found, [true, false, true], "in the order in which they were asked for");
    assert!(has(&events[2].as_ref().unwrap().body, "words 0"));
    assert_eq!(store.journal_events(&[]).await.unwrap(), []);
}

pub(crate) async fn a_page_of_the_journal_ends_by_its_bytes(world: &mut World) {
    let [alice, bob] = [world.joins("alice").await, world.joins("bob").await];
    let long = "x".repeat(12_000);
    let needed = JOURNAL_BYTES / 12_000 + 2;
    for _ in 0..=needed {
        says(world, &alice, &bob, &long).await;
    }
    let listed = world.store().journal_after(EventId(0), 1_000).await.unwrap();
    let ids: Vec<EventId> = listed.iter().map(|event| event.id).collect();
    let read = world.store().journal_events(&ids).await.unwrap();
    let bytes: Vec<usize> = read.iter().map(|event| event.as_ref().unwrap().body.len()).collect();
    let but_one: usize = bytes[..bytes.len() - 1].iter().sum();
    assert!(read.len() < ids.len(), "{} of {}", read.len(), ids.len());
    assert!(but_one < JOURNAL_BYTES && but_one + bytes[bytes.len() - 1] >= JOURNAL_BYTES, "{but_one}");
}

/// Of an endpoint that was away for so long, and while it is: nothing is sent to it.
pub(crate) async fn what_is_older_than_three_days_is_given_up(world: &mut World) {
    let [alice, bob] = [world.joins("alice").await, world.joins("bob").await];
    world.store().keep_served("shop", None, &Served::default()).await.unwrap();
    for number in 0..5 {
        says(world, &alice, &bob, &number.to_string()).await;
    }
    let last = *world.store().journal_after(EventId(0), 1_000).await.unwrap().last().unwrap();
    let secret = format!("whsec_{}", "QUFB".repeat(11));
    let config = format!(
        "[retention]\nevents_days = 10\n[[webhooks.endpoints]]\nname = \"shop\"\nurl = \"https://localhost:1\"\nsecret = \"{secret}\"\n"
    );
    let (metrics, stop) = (Arc::new(Metrics::new()), CancellationToken::new());
    let source = Source {
        store: world.shared_store(),
        shared: None,
        clock: Clock::starting_not_before(last.time + 3 * 86_400_000 + 60_000),
        metrics: Arc::clone(&metrics),
        stop: stop.clone(),
    };
    let serving = Webhooks::new(&parse(&config).unwrap().webhooks, 1).unwrap().begin(&source);
    let given_up = "wigwag_webhook_deliveries_total{endpoint=\"shop\",outcome=\"givenUp\"} 5\n";
    let waiting = async {
        while !metrics.encode().contains(given_up) {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_mins(2), waiting).await.expect("all are given up");
    stop.cancel();
    for task in serving {
        task.await.unwrap();
    }
    assert!(!metrics.encode().contains("outcome=\"unanswered\""), "nothing was sent");
    assert_eq!(world.store().served("shop").await.unwrap().unwrap().place, last.id, "kept when it stopped");
}
