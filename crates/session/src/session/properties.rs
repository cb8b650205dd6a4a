//! A session against a small model of its world, in random order. A failing case prints the steps that lead to it.

use std::collections::{BTreeSet, VecDeque};

use proptest::prelude::*;
use wigwag_engine::Command;

use super::world::{Kind, PAGE, PING_INTERVAL, PLENTY, Sent, World};
use super::*;
use crate::Query;

/// What happens next.
#[derive(Debug, Clone)]
enum Step {
    /// Somebody else makes an event for the user; it reaches the mailbox, or is lost on the way.
    Elsewhere(Kind, Way),
    /// The device sends a frame.
    Frame(Wish),
    /// The session is given the next frame, if it hears.
    Hear,
    /// The session is given its next mail; `true`: also while it reads.
    Deliver(bool),
    /// The door carries the command out.
    CarryOut(Outcome),
    /// The door answers the query.
    Find,
    /// The store gives the page that was asked for.
    Page,
    /// The store cannot.
    NoPage,
    /// A ping or pong of the device's.
    Sign,
    /// ms pass.
    Pass(u64),
    /// The operator takes the token back.
    Revoke,
    /// The session is ended from outside.
    End,
}

#[derive(Debug, Clone, Copy)]
enum Way {
    Mailbox,
    Lost,
    /// Lost, but the session is told that its stream goes on.
    Told,
}

#[derive(Debug, Clone, Copy)]
enum Wish {
    Command,
    Query,
    Ack(u64),
    Wrong,
    Unreadable,
    Open,
    Close,
}

#[derive(Debug, Clone, Copy)]
enum Outcome {
    /// It makes an event, for which the reply stands.
    Event,
    /// It was carried out before, at this part of the stream.
    Repeat(u64),
    Nothing,
    Refusal,
}

fn step() -> impl Strategy<Value = Step> {
    let kind = prop_oneof![3 => Just(Kind::Plain), 1 => Just(Kind::Folded), 1 => Just(Kind::Gone)];
    let way = prop_oneof![4 => Just(Way::Mailbox), 1 => Just(Way::Lost), 1 => Just(Way::Told)];
    prop_oneof![
        8 => (kind, way).prop_map(|(kind, way)| Step::Elsewhere(kind, way)),
        6 => wish().prop_map(Step::Frame),
        8 => Just(Step::Hear),
        10 => any::<bool>().prop_map(Step::Deliver),
        6 => outcome().prop_map(Step::CarryOut),
        3 => Just(Step::Find),
        8 => Just(Step::Page),
        2 => Just(Step::Sign),
        2 => (0..PING_INTERVAL).prop_map(Step::Pass),
        1 => rare(),
    ]
}

/// What ends most sessions, so that it must not come often.
fn rare() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => Just(Step::Sign),
        1 => Just(Step::Frame(Wish::Close)),
        1 => Just(Step::NoPage),
        1 => Just(Step::Revoke),
        1 => Just(Step::End),
    ]
}

fn wish() -> impl Strategy<Value = Wish> {
    prop_oneof![
        6 => Just(Wish::Command),
        2 => Just(Wish::Query),
        2 => (0..40u64).prop_map(Wish::Ack),
        1 => Just(Wish::Wrong),
        1 => Just(Wish::Unreadable),
        1 => Just(Wish::Open),
    ]
}

fn outcome() -> impl Strategy<Value = Outcome> {
    prop_oneof![
        4 => Just(Outcome::Event),
        1 => (1..40u64).prop_map(Outcome::Repeat),
        1 => Just(Outcome::Nothing),
        1 => Just(Outcome::Refusal),
    ]
}

#[derive(Debug)]
enum Mail {
    Event(u64),
    Behind(u64),
    Reply(Outcome, Option<u64>),
}

/// The world, and what must be true of what the session sends.
struct Model {
    world: World,
    mailbox: VecDeque<Mail>,
    socket: VecDeque<(u32, Wish)>,
    frames: u32,
    /// The command that the door has taken and not answered.
    asked: bool,
    /// The request that was heard and has not been answered.
    unanswered: Option<u32>,
    /// The device's own cursor, as a client keeps it.
    cursor: u64,
    /// The places of what this session's commands made: told by their replies alone.
    own: BTreeSet<u64>,
    /// The newest place that the session is bound to find out about.
    announced: u64,
    heard_at: u64,
    revoked: bool,
    ended: bool,
    close_asked: bool,
    store_failed: bool,
}

impl Model {
    fn new(stream: Vec<Kind>, cursor: u64) -> Self {
        let mut model = Self {
            own: BTreeSet::new(),
            announced: stream.len() as u64,
            world: World::resuming(cursor, stream),
            mailbox: VecDeque::new(),
            socket: VecDeque::new(),
            frames: 0,
            asked: false,
            unanswered: None,
            cursor,
            heard_at: 0,
            revoked: false,
            ended: false,
            close_asked: false,
            store_failed: false,
        };
        model.takes_in();
        model
    }

    fn does(&mut self, step: &Step) {
        match *step {
            Step::Elsewhere(kind, way) => self.elsewhere(kind, way),
            Step::Frame(wish) => {
                self.frames += 1;
                self.socket.push_back((self.frames, wish));
            }
            Step::Hear => self.hear(),
            Step::Deliver(always) if always || !self.world.session.is_reading() => self.deliver(),
            Step::CarryOut(outcome) if self.asks() => self.carry_out(outcome),
            Step::Find if self.world.queries > 0 => self.world.is_found(),
            Step::Page if self.world.reads.is_some() => {
                let outputs = self.world.reads_a_page();
                assert!(outputs <= PAGE + 3, "{outputs} outputs of one page");
            }
            Step::NoPage if self.world.reads.is_some() => {
                self.store_failed = true;
                self.world.gives(Input::NoPage);
            }
            Step::Sign => {
                self.heard_at = self.world.now;
                self.world.gives(Input::Sign);
            }
            Step::Pass(ms) => self.world.passes(ms),
            Step::Revoke => {
                self.revoked = true;
                self.world.gives(Input::Time { token_is_over: true });
            }
            Step::End => {
                self.ended = true;
                self.world.gives(Input::Ended(CloseCode::Replaced));
            }
            Step::Deliver(_) | Step::CarryOut(_) | Step::Find | Step::Page | Step::NoPage => {}
        }
        self.takes_in();
    }

    fn elsewhere(&mut self, kind: Kind, way: Way) {
        let place = self.world.happens(kind);
        let mail = match way {
            Way::Mailbox => Mail::Event(place),
            Way::Told => Mail::Behind(place),
            Way::Lost => return,
        };
        self.announced = place;
        self.mailbox.push_back(mail);
    }

    fn hear(&mut self) {
        if !self.world.session.hears() {
            return;
        }
        let Some((id, wish)) = self.socket.pop_front() else { return };
        assert_eq!(self.unanswered, None, "a frame is heard before the last one was answered");
        self.unanswered = Some(id);
        self.heard_at = self.world.now;
        let asked = match wish {
            Wish::Command => Asked::Command(Command::Register),
            Wish::Query => Asked::Query(Box::new(Query::Groups { after: None, limit: 1 })),
            Wish::Ack(cursor) => Asked::Ack(Ok(cursor)),
            Wish::Wrong => Asked::Wrong("wrong"),
            Wish::Unreadable => Asked::Unreadable("unreadable"),
            Wish::Open => Asked::Open,
            Wish::Close => {
                self.close_asked = true;
                Asked::Close
            }
        };
        let outputs = self.world.gives(Input::Request { id: Some(id), asked, allowances: &PLENTY });
        assert!((1..=2).contains(&outputs), "{outputs} outputs of one frame");
    }

    fn asks(&self) -> bool {
        !self.world.commands.is_empty() && !self.asked
    }

    /// The door commits, and puts the reply into the mailbox in the place of its event.
    fn carry_out(&mut self, outcome: Outcome) {
        let place = match outcome {
            Outcome::Event => {
                let place = self.world.happens(Kind::Plain);
                self.own.insert(place);
                self.announced = place;
                Some(place)
            }
            Outcome::Repeat(place) => {
                Some(place).filter(|place| *place <= self.cursor && !self.own.contains(place))
            }
            Outcome::Nothing | Outcome::Refusal => None,
        };
        self.asked = true;
        self.mailbox.push_back(Mail::Reply(outcome, place));
    }

    fn deliver(&mut self) {
        match self.mailbox.pop_front() {
            Some(Mail::Event(place)) => self.world.hands_over(place),
            Some(Mail::Behind(head)) => {
                self.world.gives(Input::Behind(head));
            }
            Some(Mail::Reply(outcome, place)) => {
                self.asked = false;
                match outcome {
                    Outcome::Refusal => {
                        self.world.is_refused(wigwag_engine::Refusal::UnknownUser(None).into());
                    }
                    Outcome::Event | Outcome::Repeat(_) | Outcome::Nothing => self.world.is_done(place),
                }
            }
            None => {}
        }
    }

    /// What was sent since the last step is checked as a client would.
    fn takes_in(&mut self) {
        for sent in self.world.hears() {
            match sent {
                Sent::Event { cursor, after } => {
                    assert_eq!(after.unwrap_or(cursor - 1), self.cursor, "{cursor} does not follow");
                    assert!(!self.own.contains(&cursor), "{cursor} was told besides its reply");
                    self.steps_over(cursor - 1);
                    self.cursor = cursor;
                }
                Sent::CaughtUp(cursor) => self.steps_over(cursor),
                Sent::Status(user) => panic!("{user} is watched by nobody here"),
                Sent::Answer(id, place) => self.is_answered(id, place),
                Sent::Refused(id, _) => self.is_answered(id, None),
                Sent::Ping => assert!(self.world.now >= self.heard_at + PING_INTERVAL, "an early ping"),
                Sent::Closed(ending) => self.is_closed(ending),
            }
        }
    }

    /// The device is not told of what lies between: it was folded away, or the store has it no more.
    fn steps_over(&mut self, through: u64) {
        assert!(through >= self.cursor, "the stream went back");
        for place in self.cursor + 1..=through {
            assert_ne!(self.world.kind(place), Kind::Plain, "{place} was left out");
        }
        self.cursor = through;
    }

    fn is_answered(&mut self, id: Option<u32>, place: Option<u64>) {
        assert_eq!(self.unanswered.take(), id, "answers come in the order of requests");
        let Some(place) = place else { return };
        if self.own.contains(&place) {
            assert_eq!(place, self.cursor + 1, "a reply does not follow");
            self.cursor = place;
        }
    }

    fn is_closed(&mut self, ending: Ending) {
        let now = self.world.now;
        let deserved = match ending {
            Ending::Code(CloseCode::Idle) => now >= self.heard_at + 2 * PING_INTERVAL,
            Ending::Code(CloseCode::TokenExpired) => self.revoked || now >= 10 * PING_INTERVAL,
            Ending::Code(CloseCode::Replaced) => self.ended,
            Ending::Code(CloseCode::Closed) => self.close_asked,
            Ending::Code(CloseCode::StoreUnavailable) => self.store_failed,
            Ending::Code(_) | Ending::Breach(_) => false,
        };
        assert!(deserved, "{ending:?} for nothing");
    }

    fn is_over(&self) -> bool {
        self.revoked || self.ended || self.close_asked || self.store_failed || self.world.closed.is_some()
    }

    /// Nothing more is lost, and everything that is under way is carried out.
    fn comes_to_rest(&mut self) {
        for _ in 0..400 {
            for step in [
                Step::Page,
                Step::Find,
                Step::CarryOut(Outcome::Event),
                Step::Hear,
                Step::Deliver(false),
                Step::Sign,
            ] {
                self.does(&step);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1_024) })]

    #[test]
    fn every_event_is_sent_once_in_order_every_request_answered_in_its_place_and_the_end_comes_once(
        stream in prop::collection::vec(
            prop_oneof![3 => Just(Kind::Plain), 1 => Just(Kind::Folded), 1 => Just(Kind::Gone)], 0..12),
        behind in 0..12usize,
        steps in prop::collection::vec(step(), 1..300),
    ) {
        let cursor = stream.len().saturating_sub(behind) as u64;
        let mut model = Model::new(stream, cursor);
        for step in &steps {
            model.does(step);
        }
        model.comes_to_rest();
        prop_assert!(model.is_over() || model.cursor >= model.announced, "{} was not found out", model.announced);
        // What was lost at the end of a stream is found when the nodes compare their heads.
        model.mailbox.push_back(Mail::Behind(model.world.head()));
        model.comes_to_rest();
        // That nothing is put out after the close, the world has seen to.
        prop_assert_eq!(model.world.closed.is_some(), model.is_over());
        if !model.is_over() {
            prop_assert_eq!(model.cursor, model.world.head());
            prop_assert_eq!(model.unanswered, None);
            prop_assert!(model.socket.is_empty() && model.mailbox.is_empty());
        }
    }
}
