//! Stories of one session, in virtual time.

use std::time::Duration;

use wigwag_engine::decision::InvitationMark;
use wigwag_protocol::InviteId;

use super::world::{Kind, PING_INTERVAL, PLENTY, Plain, Sent, UsedUp, World, after, event, live, user};
use super::*;
use crate::{Query, StreamPage};

const KEPT: Kind = Kind::Plain;

fn closed(code: CloseCode) -> Sent {
    Sent::Closed(Ending::Code(code))
}

fn answer(id: u32, place: Option<u64>) -> Sent {
    Sent::Answer(Some(id), place)
}

#[test]
fn events_are_sent_once_and_in_order() {
    let mut world = World::live();
    for place in [1, 2, 2, 1, 3] {
        world.hands_over(place);
    }
    assert_eq!(world.hears(), [live(1), live(2), live(3)]);
}

#[test]
fn an_event_that_was_lost_on_the_way_is_read_from_the_store() {
    let mut world = World::live();
    world.stream = vec![KEPT; 3];
    world.hands_over(1);
    world.hands_over(3);
    assert_eq!(world.hears(), [live(1)]);
    assert_eq!(world.reads, Some(1));
    world.reads_a_page();
    assert_eq!(world.hears(), [live(2), live(3), Sent::CaughtUp(3)]);
    world.hands_over(3);
    world.happens(KEPT);
    world.hands_over(4);
    assert_eq!(world.hears(), [live(4)]);
}

#[test]
fn a_session_that_hears_that_its_stream_goes_on_reads_it() {
    let mut world = World::live();
    world.stream = vec![KEPT; 2];
    world.gives(Input::Behind(2));
    world.reads_a_page();
    assert_eq!(world.hears(), [live(1), live(2), Sent::CaughtUp(2)]);
    world.gives(Input::Behind(2));
    assert_eq!((world.reads, world.hears()), (None, Vec::new()));
}

#[test]
fn a_device_that_was_away_is_told_what_it_lacks_page_by_page() {
    let mut world = World::resuming(2, vec![KEPT; 9]);
    assert!(world.session.is_reading() && !world.session.hears());
    assert_eq!(world.reads, Some(2));
    world.reads_a_page();
    assert_eq!(world.hears(), [live(3), live(4), live(5)]);
    assert_eq!(world.reads, Some(5));
    world.reads_everything();
    assert_eq!(world.hears(), [live(6), live(7), live(8), live(9), Sent::CaughtUp(9)]);
    assert!(world.session.hears());
}

#[test]
fn what_was_settled_meanwhile_is_folded_away_and_what_is_gone_is_stepped_over() {
    let stream = vec![Kind::Folded, KEPT, Kind::Gone, Kind::Folded, KEPT, Kind::Gone];
    let mut world = World::resuming(0, stream);
    world.reads_everything();
    assert_eq!(world.hears(), [after(0, 2), after(2, 5), Sent::CaughtUp(6)]);
    assert_eq!(world.session.cursor(), 6);
}

#[test]
fn an_event_that_arrives_while_the_session_reads_is_read_too() {
    let mut world = World::resuming(0, vec![KEPT]);
    world.happens(KEPT);
    world.hands_over(2);
    world.reads_a_page();
    assert_eq!(world.hears(), [live(1), Sent::CaughtUp(1)]);
    world.reads_a_page();
    assert_eq!(world.hears(), [live(2), Sent::CaughtUp(2)]);
}

#[test]
fn a_reply_stands_for_its_event() {
    let mut world = World::live();
    world.commands(7);
    world.happens(KEPT);
    world.hands_over(1);
    let own = world.happens(KEPT);
    world.is_done(Some(own));
    world.happens(KEPT);
    world.hands_over(3);
    assert_eq!(world.hears(), [live(1), answer(7, Some(2)), live(3)]);
}

#[test]
fn a_reply_that_comes_after_a_gap_waits_for_what_lies_before_it() {
    let mut world = World::live();
    world.commands(7);
    world.stream = vec![KEPT; 5];
    world.is_done(Some(3));
    assert!(!world.session.hears());
    world.reads_everything();
    assert_eq!(world.hears(), [live(1), live(2), Sent::CaughtUp(2), answer(7, Some(3))]);
    world.hands_over(4);
    assert_eq!(world.hears(), [live(4)]);
}

#[test]
fn a_gap_is_not_read_before_the_reply_that_may_lie_in_it() {
    let mut world = World::live();
    world.commands(7);
    world.stream = vec![KEPT; 4];
    world.hands_over(4);
    assert_eq!((world.reads, world.session.hears()), (None, false));
    world.is_done(Some(2));
    world.reads_everything();
    let heard = world.hears();
    let expected = [live(1), Sent::CaughtUp(1), answer(7, Some(2)), live(3), live(4), Sent::CaughtUp(4)];
    assert_eq!(heard, expected);
}

#[test]
fn a_repeat_is_answered_with_its_first_place_and_moves_nothing() {
    let mut world = World::resuming(5, vec![KEPT; 5]);
    world.commands(7);
    world.is_done(Some(2));
    assert_eq!(world.hears(), [answer(7, Some(2))]);
    assert_eq!(world.session.cursor(), 5);
}

#[test]
fn nothing_is_heard_while_a_request_is_under_way() {
    let mut world = World::live();
    world.commands(1);
    assert!(!world.session.hears());
    let refusal = Refusal::Rules(wigwag_engine::Refusal::UnknownUser(None));
    world.is_refused(refusal.clone());
    world.asks(2, Asked::Query(Box::new(Query::Groups { after: None, limit: 1 })));
    assert!(!world.session.hears());
    world.is_found();
    let refusal = Refused::ByServer(Box::new(refusal));
    assert_eq!(world.hears(), [Sent::Refused(Some(1), refusal), answer(2, None)]);
    assert!(world.session.hears());
}

fn reads() -> Asked<&'static str> {
    Asked::Query(Box::new(Query::Groups { after: None, limit: 1 }))
}

/// Asks while these allowances are used up for 40 ms.
fn asks_with_used_up(
    world: &mut World,
    used_up: &'static [Allowance],
    asked: Asked<&'static str>,
) -> Vec<Sent> {
    world.gives(Input::Request { id: Some(1), asked, allowances: &UsedUp(used_up, 40) });
    world.hears()
}

fn too_fast(of: Allowance) -> [Sent; 1] {
    [Sent::Refused(Some(1), Refused::TooFast(of, Duration::from_millis(40)))]
}

#[test]
fn a_request_over_its_allowance_is_told_how_long_to_wait_and_others_are_not() {
    let mut world = World::resuming(1, vec![KEPT]);
    let all = &Allowance::ALL;
    assert_eq!(asks_with_used_up(&mut world, all, reads()), too_fast(Allowance::Reads));
    assert!(world.session.hears());
    let all_but_reads = &[Allowance::Commands, Allowance::Answers, Allowance::Calls, Allowance::Noise];
    assert_eq!(asks_with_used_up(&mut world, all_but_reads, reads()), []);
    world.is_found();
    world.hears();
    assert_eq!(
        asks_with_used_up(&mut world, all, Asked::Close),
        [answer(1, None), closed(CloseCode::Closed)]
    );
}

#[test]
fn what_asks_for_nothing_that_can_be_done_is_noise() {
    let mut world = World::resuming(1, vec![KEPT; 2]);
    world.reads_everything();
    world.hears();
    let noise = &[Allowance::Noise];
    let new = asks_with_used_up(&mut world, noise, Asked::Ack(Ok(2)));
    assert_eq!(new, [answer(1, None)], "what is acknowledged for the first time is no noise");
    for asked in [
        Asked::Wrong("?"),
        Asked::Unreadable("?"),
        Asked::Open,
        Asked::Ack(Err("?")),
        Asked::Ack(Ok(2)),
        Asked::Ack(Ok(1)),
        Asked::Ack(Ok(3)),
    ] {
        assert_eq!(asks_with_used_up(&mut world, noise, asked), too_fast(Allowance::Noise));
    }
    assert!(world.session.hears());
}

#[test]
fn a_device_that_goes_on_with_noise_is_closed_with_a_code_that_it_should_not_come_back() {
    let mut world = World::live();
    let makes_noise =
        |world: &mut World| asks_with_used_up(world, &[Allowance::Noise], Asked::Unreadable("?"));
    for _ in 0..100 {
        assert_eq!(makes_noise(&mut world), too_fast(Allowance::Noise));
    }
    world.passes(999);
    world.gives(Input::Sign);
    world.passes(1);
    assert_eq!(makes_noise(&mut world), too_fast(Allowance::Noise));
    assert_eq!(makes_noise(&mut world), [closed(CloseCode::ProtocolViolation)]);
    assert!(!CloseCode::may_reconnect(CloseCode::ProtocolViolation.number()));
}

#[test]
fn a_device_that_reads_too_fast_is_told_to_wait_for_ever() {
    let mut world = World::live();
    for _ in 0..1_000 {
        assert_eq!(asks_with_used_up(&mut world, &[Allowance::Reads], reads()), too_fast(Allowance::Reads));
    }
}

#[test]
fn only_a_cursor_that_was_sent_can_be_acknowledged() {
    let mut world = World::resuming(3, vec![KEPT; 3]);
    world.asks(1, Asked::Ack(Ok(3)));
    world.asks(2, Asked::Ack(Ok(4)));
    world.gives(Input::Request { id: None, asked: Asked::Ack(Ok(2)), allowances: &PLENTY });
    assert_eq!(world.hears(), [answer(1, None), Sent::Refused(Some(2), Refused::NeverSent)]);
}

#[test]
fn a_second_open_is_refused() {
    let mut world = World::live();
    world.asks(1, Asked::Open);
    assert_eq!(world.hears(), [Sent::Refused(Some(1), Refused::AlreadyOpen)]);
}

#[test]
fn a_quiet_device_is_pinged_and_then_given_up() {
    let mut world = World::live();
    world.passes(PING_INTERVAL - 1);
    assert_eq!(world.hears(), []);
    world.passes(1);
    assert_eq!(world.hears(), [Sent::Ping]);
    world.passes(PING_INTERVAL - 1);
    world.gives(Input::Sign);
    world.passes(PING_INTERVAL);
    assert_eq!(world.hears(), [Sent::Ping]);
    world.passes(PING_INTERVAL);
    assert_eq!(world.hears(), [closed(CloseCode::Idle)]);
    assert_eq!(world.session.poll_timeout(), None);
}

#[test]
fn a_device_that_speaks_is_not_pinged() {
    let mut world = World::live();
    for _ in 0..5 {
        world.passes(PING_INTERVAL - 1);
        world.asks(1, Asked::Ack(Ok(0)));
    }
    assert!(!world.hears().contains(&Sent::Ping));
}

#[test]
fn a_token_that_ends_or_is_over_early_ends_the_session() {
    let mut world = World::live();
    for _ in 0..20 {
        world.passes(PING_INTERVAL / 2);
        world.gives(Input::Sign);
    }
    assert_eq!(world.hears().last(), Some(&closed(CloseCode::TokenExpired)));
    assert_eq!(world.now, 10 * PING_INTERVAL);

    let mut world = World::live();
    world.gives(Input::Time { token_is_over: true });
    assert_eq!(world.hears(), [closed(CloseCode::TokenExpired)]);
}

#[test]
fn the_token_of_a_device_that_speaks_all_the_time_is_looked_at_all_the_same() {
    let mut world = World::live();
    for _ in 0..8 {
        world.gives(Input::Sign);
        let look = world.session.poll_timeout().unwrap();
        assert!(look <= world.now + PING_INTERVAL);
        world.passes(PING_INTERVAL / 3);
    }
}

#[test]
fn every_end_has_its_code_and_comes_once() {
    let ends: [(Input<'_, Plain>, Ending); 5] = [
        (Input::Violation, Ending::Code(CloseCode::ProtocolViolation)),
        (Input::Breach(Breach::TooLarge), Ending::Breach(Breach::TooLarge)),
        (Input::Ended(CloseCode::Replaced), Ending::Code(CloseCode::Replaced)),
        (Input::NoPage, Ending::Code(CloseCode::StoreUnavailable)),
        (Input::Page(StreamPage::default()), Ending::Code(CloseCode::StoreUnavailable)),
    ];
    for (input, ending) in ends {
        let mut world = World::resuming(0, vec![KEPT]);
        world.gives(input);
        world.gives(Input::Violation);
        world.gives(Input::Time { token_is_over: true });
        world.hands_over(1);
        assert_eq!(world.hears(), [Sent::Closed(ending)]);
        assert!(!world.session.hears());
    }
}

#[test]
fn an_event_says_whose_it_is_and_how_long_an_invitation_still_rings() {
    let mut session = World::live().session;
    let mut placed = LoggedEvent::clone(&event(1));
    placed.actor = Some(user("alice"));
    let id = InviteId::parse("i").unwrap();
    placed.invitation = Some(InvitationMark { id, version: 1, deadline: Some(900) });
    session.handle(Input::Event(Arc::new(placed), 1), 400);
    let Some(Output::Event(viewer, Body::Live(_))) = session.poll(400) else { panic!("no event") };
    assert!(viewer.by_self);
    assert_eq!(viewer.remaining_ms, Some(500));
}

#[test]
fn an_idle_session_is_small() {
    let bytes = size_of::<Session<crate::codec::native::Native>>();
    println!("a session machine has {bytes} bytes");
    assert!(bytes <= 320, "{bytes} bytes");
}
