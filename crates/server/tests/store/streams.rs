//! Streams: pages, bounds, and the reader's own part.

use wigwag_engine::{Command, ConversationId};
use wigwag_protocol::{Platform, UserId};
use wigwag_server::store::{KeptPlace, STREAM_PAGE_BYTES};

use crate::words::{
    accept, create_group, group, invite, on_tablet, ring_members, send, set_profile, text, to, user,
};
use crate::world::World;

pub(crate) async fn a_stream_is_read_in_pages(world: &mut World) {
    let alice = world.joins("alice").await;
    for number in 1..=10 {
        world.does(&alice, set_profile(Some(&number.to_string()), None, None)).await.succeeds();
    }
    for _ in 0..2 {
        let cursors = async |after, limit| {
            let page = world.store().events_after(&alice.user, after, limit).await.unwrap();
            let cursors: Vec<u64> = page.events.iter().map(|event| event.cursor).collect();
            (cursors, page.through, page.complete)
        };
        assert_eq!(cursors(0, 4).await, (vec![1, 2, 3, 4], 4, false));
        assert_eq!(cursors(4, 5).await, (vec![5, 6, 7, 8, 9], 9, false));
        assert_eq!(cursors(9, 5).await, (vec![10], 10, true));
        assert_eq!(cursors(10, 5).await, (vec![], 10, true));
        assert_eq!(cursors(25, 5).await, (vec![], 25, true));
        assert_eq!(cursors(0, 1_000).await, ((1..=10).collect(), 10, true));
        world.reopens().await;
    }
}

pub(crate) async fn a_page_of_a_stream_ends_by_its_bytes(world: &mut World) {
    const EVENTS: u64 = 20;
    let [alice, bob] = [world.joins("alice").await, world.joins("bob").await];
    let long = "x".repeat(16_000);
    for _ in 0..EVENTS {
        world.does(&alice, send(text(to(&bob.user), &long))).await.succeeds();
    }
    for _ in 0..2 {
        let (mut after, mut pages) = (0, 0);
        loop {
            let page = world.store().events_after(&bob.user, after, 1_000).await.unwrap();
            let bytes = page.events.iter().map(|event| event.body.len()).sum::<usize>();
            let last = page.events.last().unwrap();
            assert!(bytes - last.body.len() < STREAM_PAGE_BYTES, "one event less would have been enough");
            assert_eq!(
                (page.events[0].cursor, last.cursor),
                (after + 1, page.through),
                "nothing is left out"
            );
            (after, pages) = (page.through, pages + 1);
            if page.complete {
                break;
            }
            assert!(bytes >= STREAM_PAGE_BYTES);
        }
        assert_eq!((after, pages), (EVENTS, 3));
        world.reopens().await;
    }
}

pub(crate) async fn a_stream_goes_on_after_reopening(world: &mut World) {
    let [alice, bob] = [world.joins("alice").await, world.joins("bob").await];
    for round in 1..=3 {
        let sent = world.does(&alice, send(text(to(&bob.user), "hi"))).await;
        assert_eq!((sent.sent().cursor, sent.sent().seq), (Some(2 * round - 1), Some(2 * round - 1)));
        let sent = world.does(&bob, send(text(to(&alice.user), "hi"))).await;
        assert_eq!((sent.sent().cursor, sent.sent().seq), (Some(2 * round), Some(2 * round)));
        let before = sent.sent().time;
        world.reopens().await;
        assert!(world.now() >= before, "time does not go back");
        let bounds = world.store().stream_bounds(&bob.user).await.unwrap().unwrap();
        assert_eq!((bounds.floor, bounds.head), (0, 2 * round));
    }
}

pub(crate) async fn the_reader_is_told_what_was_his_own(world: &mut World) {
    let [alice, bob] = [world.joins("alice").await, world.joins("bob").await];
    world.does(&alice, send(text(to(&bob.user), "one"))).await.succeeds();
    world.does(&on_tablet(&bob.user), send(text(to(&alice.user), "two"))).await.succeeds();
    world.reopens().await;
    for (actor, own) in [(&alice, [true, false]), (&bob, [false, true])] {
        let events = world.stream(&actor.user).await;
        assert_eq!(events.iter().map(|event| event.by_self).collect::<Vec<_>>(), own);
    }
    let conversation = ConversationId::between(&alice.user, &bob.user);
    let senders: Vec<_> =
        world.history(&conversation).await.into_iter().map(|message| message.sender).collect();
    assert_eq!(senders, [alice.user, bob.user]);
}

pub(crate) async fn a_ring_is_in_vain_for_each_reader_to_whom_the_invitation_is_over(world: &mut World) {
    let [alice, bob, carol, dave] = [
        world.joins("alice").await,
        world.joins("bob").await,
        world.joins("carol").await,
        world.joins("dave").await,
    ];
    let team = group("team");
    world.does(&alice, create_group(&team, &[&bob.user, &carol.user, &dave.user])).await.succeeds();
    world.does(&alice, invite(ring_members("all", &team, &[&bob.user, &carol.user]))).await.succeeds();
    let rings_in_vain = async |world: &World, actor: &wigwag_engine::Actor| {
        let events = world.stream(&actor.user).await;
        let received =
            events.iter().find(|event| event.invitation.as_ref().is_some_and(|mark| mark.version == 1));
        received.unwrap().rings_in_vain
    };
    world.does(&bob, accept("all")).await.succeeds();
    for (actor, expected) in [(&alice, false), (&bob, true), (&carol, false), (&dave, false)] {
        assert_eq!(rings_in_vain(world, actor).await, expected, "{:?}", actor.user);
    }
    world.does(&carol, Command::QuitGroup(team)).await.succeeds();
    world.reopens().await;
    for actor in [&alice, &bob, &carol, &dave] {
        assert!(rings_in_vain(world, actor).await, "{:?}", actor.user);
    }
}

pub(crate) async fn a_platform_goes_on_where_it_was_told(world: &mut World) {
    let (alice, bob) = (world.joins("alice").await.user, world.joins("bob").await.user);
    let (web, phone) = (Platform::WEB, Platform::new(1).unwrap());
    let place = |user: &UserId, platform, cursor| KeptPlace { user: user.clone(), platform, cursor };
    assert_eq!(world.store().kept_place(&bob, web).await.unwrap(), None);
    let stranger = user("nobody");
    let places = vec![place(&bob, web, 7), place(&alice, web, 2), place(&stranger, web, 5)];
    world.store().keep_places(places).await.unwrap();
    world.store().keep_places(vec![place(&bob, web, 6), place(&bob, phone, 0)]).await.unwrap();
    for _ in 0..2 {
        let kept = async |user: &UserId, platform| world.store().kept_place(user, platform).await.unwrap();
        assert_eq!(kept(&bob, web).await, Some(7), "a place never goes back");
        assert_eq!(kept(&bob, phone).await, Some(0));
        assert_eq!((kept(&alice, web).await, kept(&alice, phone).await), (Some(2), None));
        assert_eq!(kept(&stranger, web).await, None);
        world.reopens().await;
    }
}
