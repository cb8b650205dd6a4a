//! Stories of one machine, told by hand.

use wigwag_protocol::{DeviceId, Platform, Reason, UserId, frame};

use super::*;
use crate::events::{ClientEvent, ConnectionState, ResyncReason};

/// A machine with a clock and a notebook.
struct World {
    machine: Machine,
    now: u64,
}

impl World {
    fn new(cursor: Option<u64>) -> Self {
        Self::with(cursor, true)
    }

    fn with(cursor: Option<u64>, renews_token: bool) -> Self {
        let machine = Machine::new(Settings {
            user_id: None,
            device_id: DeviceId::parse("d").unwrap(),
            platform: Platform::LINUX,
            place: cursor
                .map(|cursor| StreamPlace { user_id: Some(UserId::parse("alice").unwrap()), cursor }),
            own_acts: false,
            renews_token,
            request_timeout: 10_000,
            seed: 7,
        });
        Self { machine, now: 1_000 }
    }

    fn gets(&mut self, input: Input<'_>) -> Vec<Output> {
        self.machine.handle(input, self.now);
        self.outputs()
    }

    fn hears(&mut self, text: &str) -> Vec<Output> {
        self.gets(Input::Frame(text))
    }

    fn asks(&mut self, method: Method) -> (u64, Vec<Output>) {
        let request = self.machine.command(method, "{}", self.now);
        (request, self.outputs())
    }

    fn outputs(&mut self) -> Vec<Output> {
        std::iter::from_fn(|| self.machine.poll()).collect()
    }

    fn dials(&mut self) {
        self.gets(Input::Start);
        self.gets(Input::Token(Ok("t".to_owned())));
    }

    /// Asks to sign in on a connection that is being made; gives the request's number.
    fn signs_in(&mut self) -> u64 {
        let sent = self.gets(Input::Connected);
        let [Output::Send(open)] = &sent[..] else { panic!("{sent:?}") };
        assert!(open.contains("session.open"), "{open}");
        id_of(open)
    }

    /// Signs in on a connection that is being made; gives what followed the reply. If the machine then asks what is open,
    /// it is told: nothing.
    fn opens(&mut self, cursor: u64, head: u64) -> Vec<Output> {
        let request = self.signs_in();
        let outputs = self.hears(&opened(request, cursor, head, ""));
        for output in &outputs {
            if let Output::Send(text) = output
                && text.contains("signaling.listOpen")
            {
                self.hears(&format!(
                    r#"{{"jsonrpc":"2.0","id":{},"result":{{"invitations":[]}}}}"#,
                    id_of(text)
                ));
            }
        }
        outputs
    }

    fn passes(&mut self, ms: u64) -> Vec<Output> {
        self.now += ms;
        self.machine.handle_timeout(self.now);
        self.outputs()
    }

    fn wakes(&mut self) -> Vec<Output> {
        let at = self.machine.poll_timeout().unwrap();
        self.passes(at.saturating_sub(self.now))
    }

    fn waits_and_opens(&mut self, cursor: u64, head: u64) -> Vec<Output> {
        let outputs = self.wakes();
        assert!(outputs.iter().any(|output| matches!(output, Output::Connect)), "{outputs:?}");
        self.opens(cursor, head)
    }
}

fn id_of(frame: &str) -> u64 {
    let frame: serde_json::Value = serde_json::from_str(frame).unwrap();
    frame["id"].as_u64().unwrap()
}

fn opened(request: u64, cursor: u64, head: u64, more: &str) -> String {
    format!(
        r#"{{"jsonrpc":"2.0","id":{request},"result":{{"userID":"alice","time":1,"cursor":{cursor},"head":{head},"pingInterval":30,{more}"limits":{{"dataBytes":16384,"frameBytes":65536,"invitees":9,"commandsPerSecond":20,"commandBurst":40}}}}}}"#
    )
}

fn event(cursor: u64, after: &str) -> String {
    format!(
        r#"{{"jsonrpc":"2.0","method":"event","params":{{"cursor":{cursor},{after}"time":5,"type":"user.blocked","userID":"eve"}}}}"#
    )
}

fn caught_up(cursor: u64) -> String {
    format!(r#"{{"jsonrpc":"2.0","method":"session.caughtUp","params":{{"cursor":{cursor}}}}}"#)
}

fn done(request: u64, cursor: u64) -> String {
    format!(r#"{{"jsonrpc":"2.0","id":{request},"result":{{"cursor":{cursor},"time":1}}}}"#)
}

fn refusal(request: u64, reason: Reason) -> String {
    frame::error(&frame::RequestId::Number(request), &reason.error())
}

fn told_cursors(outputs: &[Output]) -> Vec<u64> {
    let told = outputs.iter().filter_map(|output| {
        if let Output::Tell(ClientEvent::Happened(happened)) = output { Some(happened.cursor) } else { None }
    });
    told.collect()
}

fn sent_ids(outputs: &[Output], of: &[u64]) -> Vec<u64> {
    let sent = |id: &&u64| {
        let mark = format!(r#""id":{id},"#);
        outputs.iter().any(|output| matches!(output, Output::Send(text) if text.contains(&mark)))
    };
    of.iter().filter(sent).copied().collect()
}

fn settled(outputs: Vec<Output>) -> Vec<(u64, Result<String, Error>)> {
    let settled = outputs.into_iter().filter_map(|output| {
        if let Output::Settle { request, outcome } = output { Some((request, outcome)) } else { None }
    });
    settled.collect()
}

fn hangs_up(outputs: &[Output]) -> bool {
    outputs.iter().any(|output| matches!(output, Output::Disconnect))
}

#[test]
fn the_first_session_gives_the_open_invitations() {
    let mut world = World::new(None);
    world.dials();
    let sent = world.gets(Input::Connected);
    assert!(
        matches!(&sent[..], [Output::Send(open)] if !open.contains("cursor") && open.contains(r#""token":"t""#))
    );
    let outputs = world.hears(&opened(1, 40, 40, r#""openInvitations":[],"#));
    let resynced = |output: &Output| {
        matches!(output, Output::Tell(ClientEvent::Resynced { why: ResyncReason::NoCursor, .. }))
    };
    assert!(outputs.iter().any(resynced), "{outputs:?}");
    assert_eq!(told_cursors(&world.hears(&event(41, ""))), [41]);
    assert_eq!(world.machine.cursor(), Some(41));
}

#[test]
fn the_servers_clock_goes_on_from_what_the_sign_in_told() {
    let mut world = World::new(Some(5));
    assert_eq!(world.machine.server_time(world.now), None);
    world.dials();
    world.opens(5, 5);
    assert_eq!(world.machine.server_time(world.now), Some(1));
    assert_eq!(world.machine.server_time(world.now + 250), Some(251));
}

#[test]
fn a_cursor_too_old_is_told() {
    let mut world = World::new(Some(3));
    world.dials();
    world.gets(Input::Connected);
    let outputs = world.hears(&opened(1, 40, 40, r#""resync":true,"openInvitations":[],"#));
    let resynced = |output: &Output| {
        matches!(output, Output::Tell(ClientEvent::Resynced { why: ResyncReason::CursorTooOld, .. }))
    };
    assert!(outputs.iter().any(resynced), "{outputs:?}");
}

#[test]
fn events_are_told_once_and_a_gap_resumes() {
    let mut world = World::new(Some(5));
    world.dials();
    assert!(told_cursors(&world.opens(5, 5)).is_empty());
    assert_eq!(told_cursors(&world.hears(&event(6, ""))), [6]);
    assert!(world.hears(&event(6, "")).is_empty());
    let outputs = world.hears(&event(8, ""));
    assert!(hangs_up(&outputs) && told_cursors(&outputs).is_empty());
    world.waits_and_opens(6, 8);
    assert_eq!(told_cursors(&world.hears(&event(8, r#""after":6,"#))), [8]);
}

#[test]
fn commands_wait_until_the_backlog_is_read() {
    let mut world = World::new(Some(5));
    world.dials();
    let (request, outputs) = world.asks(Method::Modify);
    assert!(outputs.is_empty());
    let outputs = world.opens(5, 7);
    assert!(sent_ids(&outputs, &[request]).is_empty());
    assert_eq!(told_cursors(&world.hears(&event(6, ""))), [6]);
    let outputs = world.hears(&caught_up(7));
    assert_eq!(sent_ids(&outputs, &[request]), [request]);
    assert_eq!(world.machine.cursor(), Some(7));
}

#[test]
fn a_reply_takes_its_place_in_the_stream() {
    let mut world = World::new(Some(5));
    world.dials();
    world.opens(5, 5);
    let (first, _) = world.asks(Method::Accept);
    let (second, _) = world.asks(Method::Accept);
    assert_eq!(settled(world.hears(&done(first, 6))).len(), 1);
    assert_eq!(told_cursors(&world.hears(&event(7, ""))), [7]);
    assert_eq!(settled(world.hears(&done(second, 6))).len(), 1, "the reply of a repeat is old");
    assert_eq!(world.machine.cursor(), Some(7));
    let (third, _) = world.asks(Method::Accept);
    let outputs = world.hears(&done(third, 9));
    assert!(hangs_up(&outputs), "cursor 8 is missing");
    assert_eq!(settled(outputs).len(), 1);
}

#[test]
fn what_is_safe_is_repeated_and_what_is_not_settles() {
    let mut world = World::new(Some(5));
    world.dials();
    world.opens(5, 5);
    let (invite, _) = world.asks(Method::Invite);
    let (create, _) = world.asks(Method::GroupCreate);
    let outputs = world.gets(Input::Disconnected { code: Some(1006), why: "gone".to_owned() });
    let lost = settled(outputs);
    assert!(matches!(&lost[..], [(id, Err(Error::Disconnected))] if *id == create), "{lost:?}");
    let (join, _) = world.asks(Method::GroupJoin);
    let outputs = world.waits_and_opens(5, 5);
    assert_eq!(sent_ids(&outputs, &[invite, create, join]), [invite, join]);
}

#[test]
fn a_command_without_reply_times_out_and_its_late_reply_is_heard_as_an_event() {
    let mut world = World::new(Some(5));
    world.dials();
    world.opens(5, 5);
    let (request, _) = world.asks(Method::MessageSend);
    assert!(settled(world.passes(9_999)).is_empty());
    let lost = settled(world.passes(1));
    assert!(matches!(&lost[..], [(id, Err(Error::TimedOut))] if *id == request), "{lost:?}");
    assert!(settled(world.hears(&done(request, 6))).is_empty());
    assert_eq!(world.machine.cursor(), Some(5), "the event is read when the session is resumed");
    assert_eq!(world.machine.stopped(), None);
}

#[test]
fn final_codes_stop_and_others_do_not() {
    for (code, stops) in
        [(4000, false), (4004, false), (1001, false), (4500, true), (4505, true), (4999, true)]
    {
        let mut world = World::new(Some(5));
        world.dials();
        world.opens(5, 5);
        let (request, _) = world.asks(Method::Invite);
        let outputs = world.gets(Input::Disconnected { code: Some(code), why: String::new() });
        assert_eq!(world.machine.stopped() == Some(&StopReason::Closed(code)), stops, "{code}");
        assert_eq!(settled(outputs).iter().any(|(id, _)| *id == request), stops, "{code}");
        let (_, outputs) = world.asks(Method::Invite);
        assert_eq!(settled(outputs).len(), usize::from(stops), "{code}");
    }
}

#[test]
fn an_expired_token_is_renewed_if_there_is_a_provider() {
    let mut world = World::new(Some(5));
    world.dials();
    world.opens(5, 5);
    world.gets(Input::Disconnected { code: Some(4502), why: String::new() });
    let outputs = world.wakes();
    assert!(outputs.iter().any(|output| matches!(output, Output::FetchToken)), "{outputs:?}");
    world.gets(Input::Token(Ok("fresh".to_owned())));
    let sent = world.gets(Input::Connected);
    assert!(matches!(&sent[..], [Output::Send(open)] if open.contains("fresh")), "{sent:?}");

    let mut world = World::with(Some(5), false);
    world.dials();
    world.opens(5, 5);
    world.gets(Input::Disconnected { code: Some(4502), why: String::new() });
    assert_eq!(world.machine.stopped(), Some(&StopReason::TokenExpired));
}

#[test]
fn a_token_that_comes_after_its_time_is_used_for_the_next_attempt() {
    let mut world = World::new(None);
    world.gets(Input::Start);
    // The time for the token is over.
    world.wakes();
    assert!(world.gets(Input::Token(Ok("late".to_owned()))).is_empty());
    let outputs = world.wakes();
    assert!(outputs.iter().any(|output| matches!(output, Output::Connect)), "{outputs:?}");
    let sent = world.gets(Input::Connected);
    assert!(matches!(&sent[..], [Output::Send(open)] if open.contains("late")), "{sent:?}");
}

#[test]
fn a_provider_that_only_has_expired_tokens_is_not_asked_for_ever() {
    let mut world = World::new(None);
    world.gets(Input::Start);
    for _ in 0..3 {
        world.gets(Input::Token(Ok("old".to_owned())));
        let request = world.signs_in();
        world.hears(&refusal(request, Reason::TokenExpired));
        if world.machine.poll_timeout().is_some() {
            world.wakes();
        }
    }
    assert_eq!(world.machine.stopped(), Some(&StopReason::TokenExpired));
}

#[test]
fn a_refused_sign_in_stops_unless_trying_again_helps() {
    for (reason, stops) in [(Reason::TokenWrongKey, true), (Reason::StoreUnavailable, false)] {
        let mut world = World::new(None);
        world.dials();
        world.gets(Input::Connected);
        let outputs = world.hears(&refusal(1, reason));
        assert!(hangs_up(&outputs));
        assert_eq!(world.machine.stopped().is_some(), stops, "{reason:?}");
    }
}

#[test]
fn silence_is_probed_and_then_a_lost_connection() {
    let mut world = World::new(Some(5));
    world.dials();
    world.opens(5, 5);
    assert!(world.passes(29_999).is_empty());
    world.gets(Input::Alive);
    assert!(world.passes(29_999).is_empty());
    let outputs = world.passes(1);
    assert!(
        matches!(&outputs[..], [Output::Send(ack)] if ack.contains(r#""method":"session.ack""#) && ack.contains(r#""id":"#))
    );
    world.gets(Input::Alive);
    assert!(world.passes(29_999).is_empty());
    assert!(matches!(&world.passes(1)[..], [Output::Send(_)]));
    assert!(!hangs_up(&world.passes(9_999)));
    assert!(hangs_up(&world.passes(1)));
}

#[test]
fn while_nothing_is_read_silence_means_nothing() {
    let mut world = World::new(Some(5));
    world.dials();
    world.opens(5, 5);
    world.gets(Input::Full);
    assert!(world.passes(3_600_000).is_empty());
    world.gets(Input::Room);
    assert!(world.passes(29_999).is_empty());
    assert!(matches!(&world.passes(1)[..], [Output::Send(_)]));
}

#[test]
fn no_connection_and_no_answer_are_given_up() {
    let mut world = World::new(Some(5));
    world.dials();
    assert!(hangs_up(&world.passes(10_000)));
    world.wakes();
    world.gets(Input::Connected);
    assert!(hangs_up(&world.passes(10_000)));
}

#[test]
fn a_cursor_without_an_owner_is_taken_for_that_of_whoever_signs_in() {
    let mut world = World::new(None);
    world.machine.left = Some(StreamPlace { user_id: None, cursor: 5 });
    world.dials();
    world.opens(5, 5);
    assert_eq!(told_cursors(&world.hears(&event(6, ""))), [6]);
    assert_eq!(world.machine.place().unwrap().user_id.unwrap().as_str(), "alice");
}

#[test]
fn without_room_replies_come_through_and_events_are_resumed() {
    let mut world = World::new(Some(5));
    world.dials();
    world.opens(5, 5);
    let (request, _) = world.asks(Method::Accept);
    world.gets(Input::Full);
    assert!(told_cursors(&world.hears(&event(6, ""))).is_empty());
    let outputs = world.hears(&done(request, 7));
    assert!(!hangs_up(&outputs));
    assert_eq!(settled(outputs).len(), 1);
    assert!(world.hears(&caught_up(7)).is_empty());
    assert_eq!(world.machine.cursor(), Some(5));
    assert!(hangs_up(&world.gets(Input::Room)));
    world.waits_and_opens(5, 7);
    assert_eq!(told_cursors(&world.hears(&event(6, ""))), [6]);
}

#[test]
fn acks_tell_what_the_app_has_taken() {
    let mut world = World::new(Some(5));
    world.dials();
    world.opens(5, 5);
    world.hears(&event(6, ""));
    assert!(world.gets(Input::Taken(6)).is_empty());
    let outputs = world.wakes();
    assert!(
        matches!(&outputs[..], [Output::Send(ack)] if ack.contains("session.ack") && ack.contains(r#""cursor":6"#)),
        "{outputs:?}"
    );
}

#[test]
fn a_frame_over_the_servers_limit_is_refused_here() {
    let mut world = World::new(Some(5));
    world.dials();
    world.opens(5, 5);
    let params = format!(r#"{{"data":"{}"}}"#, "x".repeat(65_536));
    world.machine.command(Method::Invite, &params, world.now);
    let lost = settled(world.outputs());
    assert!(
        matches!(&lost[..], [(_, Err(Error::Refused(body)))] if body.data.reason == Reason::FrameTooLarge),
        "{lost:?}"
    );
}

#[test]
fn stopping_says_farewell_and_settles_everything() {
    let mut world = World::new(Some(5));
    world.dials();
    world.opens(5, 5);
    let (request, _) = world.asks(Method::Invite);
    let outputs = world.gets(Input::Stop);
    assert!(matches!(&outputs[0], Output::Send(text) if text.contains(r#""method":"session.close""#)));
    let stopped = ConnectionState::Stopped(StopReason::Asked);
    assert!(outputs.iter().any(|o| matches!(o, Output::Tell(ClientEvent::State(s)) if *s == stopped)));
    let lost = settled(outputs);
    assert!(
        matches!(&lost[..], [(id, Err(Error::Stopped(StopReason::Asked)))] if *id == request),
        "{lost:?}"
    );
}
