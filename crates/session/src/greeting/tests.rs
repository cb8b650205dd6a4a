//! Stories of one connection before it is signed in, in virtual time.

use std::time::Duration;

use wigwag_protocol::result::Limits;
use wigwag_protocol::{DeviceId, Platform, Reason, UserId};

use super::*;
use crate::refused::Failure;
use crate::session::Breach;

#[derive(Debug)]
struct Plain;

impl Codec for Plain {
    type RequestId = u32;
    type Fault = &'static str;
}

/// What the greeting wanted done, as far as the stories tell it apart.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Wanted {
    Refuse(Option<u32>, Refused<&'static str>),
    Verify(String),
    TakeSeat,
    Leave,
    FindPlace,
    Register,
    ListOpen,
    /// Where the session starts, the head, whether it is a resync, and whether it is told what is open.
    Opened(u64, u64, bool, bool),
    Close(Ending),
}

struct World {
    greeting: Greeting<Plain>,
    now: u64,
}

fn user() -> UserId {
    UserId::parse("alice").unwrap()
}

fn settings(auto_register: bool) -> Arc<Settings> {
    let limits =
        Limits { data_bytes: 1, frame_bytes: 1, invitees: 1, commands_per_second: 1, command_burst: 1 };
    Arc::new(Settings { limits, ping_interval: 30, auto_register })
}

impl World {
    fn new() -> Self {
        Self { greeting: Greeting::new(settings(true), 0), now: 0 }
    }

    fn closed_to_strangers() -> Self {
        Self { greeting: Greeting::new(settings(false), 0), now: 0 }
    }

    fn gives(&mut self, input: Input<Plain>) -> Vec<Wanted> {
        self.greeting.handle(input, self.now);
        std::iter::from_fn(|| self.greeting.poll()).map(wanted).collect()
    }

    fn asks(&mut self, asked: FirstAsked<&'static str>) -> Vec<Wanted> {
        self.gives(Input::Request { id: Some(7), asked })
    }

    fn opens(&mut self, cursor: Option<u64>) -> Vec<Wanted> {
        self.asks(FirstAsked::Open(SessionOpen {
            token: "token".to_owned(),
            user_id: None,
            device_id: DeviceId::parse("phone").unwrap(),
            platform: Platform::WEB,
            cursor,
        }))
    }

    fn is_verified(&mut self) -> Vec<Wanted> {
        self.gives(Input::Verified(Ok(Identity { user: user(), ends_at: 1_000_000 })))
    }

    /// Signed in and seated: the place is asked for.
    fn arrives(&mut self, cursor: Option<u64>) {
        assert_eq!(self.opens(cursor), [Wanted::Verify("token".to_owned())]);
        assert_eq!(self.is_verified(), [Wanted::TakeSeat]);
        assert_eq!(self.gives(Input::Seated(Ok(Seat::Taken))), [Wanted::FindPlace]);
    }

    fn is_placed(&mut self, floor: u64, head: u64) -> Vec<Wanted> {
        self.gives(Input::Placed(Ok(Some(StreamBounds { floor, head, admission: Admission::Welcome }))))
    }

    fn passes(&mut self, ms: u64) -> Vec<Wanted> {
        self.now += ms;
        self.gives(Input::Time)
    }
}

fn wanted(output: Output<Plain>) -> Wanted {
    match output {
        Output::Refuse(id, refused) => Wanted::Refuse(id, *refused),
        Output::Verify { token, .. } => Wanted::Verify(token),
        Output::TakeSeat(_) => Wanted::TakeSeat,
        Output::Leave => Wanted::Leave,
        Output::FindPlace(_) => Wanted::FindPlace,
        Output::Register(_) => Wanted::Register,
        Output::ListOpen(_) => Wanted::ListOpen,
        Output::Opened(opened) => {
            assert_eq!(opened.session.cursor(), opened.reply.cursor);
            assert_eq!(opened.session.is_reading(), opened.reply.cursor < opened.reply.head);
            let SessionOpened { cursor, head, resync, open_invitations, .. } = opened.reply;
            Wanted::Opened(cursor, head, resync, open_invitations.is_some())
        }
        Output::Close(ending) => Wanted::Close(ending),
    }
}

fn refused(refused: Refused<&'static str>) -> Wanted {
    Wanted::Refuse(Some(7), refused)
}

fn closed(code: CloseCode) -> Wanted {
    Wanted::Close(Ending::Code(code))
}

#[test]
fn a_device_goes_on_from_its_cursor() {
    let mut world = World::new();
    world.arrives(Some(4));
    assert_eq!(world.is_placed(2, 9), [Wanted::Opened(4, 9, false, false)]);
    assert_eq!(world.greeting.poll_timeout(), None);
}

#[test]
fn a_device_without_a_cursor_goes_on_where_the_server_has_kept_it() {
    let mut world = World::new();
    world.arrives(None);
    assert_eq!(world.gives(Input::Kept(4)), []);
    assert_eq!(world.is_placed(2, 9), [Wanted::Opened(4, 9, false, false)]);
    let mut world = World::new();
    world.arrives(Some(6));
    world.gives(Input::Kept(4));
    assert_eq!(world.is_placed(2, 9), [Wanted::Opened(6, 9, false, false)], "its own cursor counts first");
    let mut world = World::new();
    world.arrives(None);
    world.gives(Input::Kept(1));
    assert_eq!(world.is_placed(2, 9), [Wanted::ListOpen], "what was kept is too old");
}

#[test]
fn a_device_that_lacks_nothing_is_live_at_once() {
    let mut world = World::new();
    world.arrives(Some(9));
    assert_eq!(world.is_placed(9, 9), [Wanted::Opened(9, 9, false, false)]);
}

#[test]
fn a_device_without_a_usable_cursor_starts_at_the_newest_place_and_is_told_what_is_open() {
    let table = [(None, false), (Some(1), true), (Some(10), true)];
    for (cursor, resync) in table {
        let mut world = World::new();
        world.arrives(cursor);
        assert_eq!(world.is_placed(2, 9), [Wanted::ListOpen]);
        assert_eq!(world.gives(Input::Listed(Ok(OpenPage::default()))), [Wanted::Opened(9, 9, resync, true)]);
    }
}

#[test]
fn a_new_user_is_registered_and_placed_again() {
    let mut world = World::new();
    world.arrives(None);
    assert_eq!(world.gives(Input::Placed(Ok(None))), [Wanted::Register]);
    assert_eq!(world.gives(Input::Registered(Ok(()))), [Wanted::FindPlace]);
    // Somebody was faster, and has written to the user since.
    assert_eq!(world.is_placed(0, 2), [Wanted::ListOpen]);
    assert_eq!(world.gives(Input::Listed(Ok(OpenPage::default()))), [Wanted::Opened(2, 2, false, true)]);
}

#[test]
fn a_user_whom_the_server_may_not_register_is_turned_away() {
    let mut world = World::closed_to_strangers();
    world.arrives(None);
    let turned_away = [Wanted::Leave, refused(Refused::NotRegistered), closed(CloseCode::SignInRefused)];
    assert_eq!(world.gives(Input::Placed(Ok(None))), turned_away);
}

#[test]
fn a_disabled_or_deleted_user_is_turned_away_whether_they_resume_or_not() {
    let barred = [(Admission::Disabled, Refused::Disabled), (Admission::Deleted, Refused::Deleted)];
    for ((admission, why), cursor) in barred.into_iter().flat_map(|how| [(how.clone(), None), (how, Some(3))])
    {
        let mut world = World::new();
        world.arrives(cursor);
        let turned_away = [Wanted::Leave, refused(why), closed(CloseCode::SignInRefused)];
        let bounds = StreamBounds { floor: 0, head: 9, admission };
        assert_eq!(world.gives(Input::Placed(Ok(Some(bounds)))), turned_away);
    }
}

#[test]
fn a_token_that_does_not_count_is_turned_away() {
    let mut world = World::new();
    world.opens(None);
    let turned_away = [refused(Refused::SignIn(Reason::TokenExpired)), closed(CloseCode::SignInRefused)];
    assert_eq!(world.gives(Input::Verified(Err(NotLetIn::Token(Reason::TokenExpired)))), turned_away);
    assert_eq!(world.opens(None), []);
}

#[test]
fn a_user_who_signs_in_too_often_may_try_again_on_the_same_connection() {
    let mut world = World::new();
    world.opens(None);
    let wait = Duration::from_millis(200);
    let too_fast = refused(Refused::TooFast(Allowance::SignIns, wait));
    assert_eq!(world.gives(Input::Verified(Err(NotLetIn::TooFast(wait)))), [too_fast]);
    world.passes(200);
    world.arrives(Some(0));
    assert_eq!(world.is_placed(0, 0), [Wanted::Opened(0, 0, false, false)]);
}

#[test]
fn a_device_that_is_refused_a_hundred_times_is_closed_the_next_time() {
    let mut world = World::new();
    for _ in 0..99 {
        assert_eq!(world.asks(FirstAsked::Other), [refused(Refused::NotSignedIn)]);
    }
    world.opens(None);
    let too_fast = Input::Verified(Err(NotLetIn::TooFast(Duration::from_millis(1))));
    assert!(matches!(world.gives(too_fast)[..], [Wanted::Refuse(..)]));
    assert_eq!(world.opens(None), [closed(CloseCode::ProtocolViolation)]);
    assert_eq!(world.asks(FirstAsked::Other), []);
}

#[test]
fn what_comes_before_the_sign_in_is_refused_and_the_device_may_still_sign_in() {
    let mut world = World::new();
    assert_eq!(world.asks(FirstAsked::Other), [refused(Refused::NotSignedIn)]);
    assert_eq!(world.asks(FirstAsked::Wrong("?")), [refused(Refused::Fault("?"))]);
    world.arrives(Some(0));
    assert_eq!(world.is_placed(0, 0), [Wanted::Opened(0, 0, false, false)]);
}

#[test]
fn a_device_has_ten_seconds() {
    let mut world = World::new();
    assert_eq!(world.greeting.poll_timeout(), Some(OPEN_LIMIT_MS));
    assert_eq!(world.passes(OPEN_LIMIT_MS - 1), []);
    world.asks(FirstAsked::Other);
    assert_eq!(world.passes(1), [closed(CloseCode::OpenTimeout)]);
    assert_eq!(world.passes(1), []);
}

#[test]
fn the_store_has_less_than_five_seconds_and_the_device_may_try_again() {
    let mut world = World::new();
    world.passes(1_000);
    world.arrives(Some(0));
    assert_eq!(world.greeting.poll_timeout(), Some(1_000 + STORE_LIMIT_MS));
    assert_eq!(world.passes(STORE_LIMIT_MS), [Wanted::Leave, refused(Refused::OpenedTooSlowly)]);
    // An answer that comes after all is left alone.
    assert_eq!(world.is_placed(0, 5), []);
    assert!(world.greeting.hears());
    world.arrives(Some(0));
    assert_eq!(world.is_placed(0, 0), [Wanted::Opened(0, 0, false, false)]);
}

#[test]
fn a_store_that_fails_at_any_step_leaves_the_connection_open() {
    let failure = || Failure::StoreUnavailable.into();
    let fails = [Wanted::Leave, refused(Refused::ByServer(failure()))];
    let mut world = World::new();
    world.opens(None);
    world.is_verified();
    assert_eq!(world.gives(Input::Seated(Err(failure()))), fails);
    world.arrives(None);
    assert_eq!(world.gives(Input::Placed(Err(failure()))), fails);
    world.arrives(None);
    world.gives(Input::Placed(Ok(None)));
    assert_eq!(world.gives(Input::Registered(Err(failure()))), fails);
    world.arrives(None);
    world.is_placed(0, 0);
    assert_eq!(world.gives(Input::Listed(Err(failure()))), fails);
    assert!(world.greeting.hears());
}

#[test]
fn a_connection_that_is_not_its_devices_newest_comes_again() {
    let mut world = World::new();
    world.opens(None);
    world.is_verified();
    let gives_way = [Wanted::Leave, closed(CloseCode::Resume)];
    assert_eq!(world.gives(Input::Seated(Ok(Seat::Refused))), gives_way);
}

#[test]
fn a_greeting_ends_with_its_code() {
    let ends = [
        (Input::Violation, closed(CloseCode::ProtocolViolation)),
        (Input::Breach(Breach::TooLarge), Wanted::Close(Ending::Breach(Breach::TooLarge))),
        (Input::Crowded, closed(CloseCode::OpenTimeout)),
        (Input::Stopping, closed(CloseCode::ResumeElsewhere)),
    ];
    for (input, wanted) in ends {
        let mut world = World::new();
        assert_eq!(world.gives(input), [wanted]);
        assert_eq!(world.gives(Input::Stopping), []);
    }
}
