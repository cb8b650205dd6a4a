//! A device, a store and a door around one session, for the tests.

use std::sync::Arc;
use std::time::Duration;

use wigwag_engine::decision::{InvitationMark, Place};
use wigwag_engine::{Command, Reply};
use wigwag_protocol::InviteId;

use super::*;
use crate::{StoredEvent, StreamPage};

/// A codec of small numbers and words.
#[derive(Debug)]
pub(super) struct Plain;

impl Codec for Plain {
    type RequestId = u32;
    type Fault = &'static str;
}

pub(super) const PING_INTERVAL: u64 = 30_000;
/// Events of one page.
pub(super) const PAGE: usize = 3;

/// What the device was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Sent {
    Event {
        cursor: u64,
        after: Option<u64>,
    },
    CaughtUp(u64),
    Status(UserId),
    /// An answer, with its place in the stream.
    Answer(Option<u32>, Option<u64>),
    Refused(Option<u32>, Refused<&'static str>),
    Ping,
    Closed(Ending),
}

/// An event of the user's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Plain,
    /// An invitation that has been settled since: only its end is told when it is read from the store.
    Folded,
    /// It was kept only briefly: the store has it no more.
    Gone,
}

/// Allowances of which some are used up for this many ms.
pub(super) struct UsedUp(pub(super) &'static [Allowance], pub(super) u64);

/// Allowances without end.
pub(super) const PLENTY: UsedUp = UsedUp(&[], 0);

impl Allowances for UsedUp {
    fn take_some(&self, of: Allowance, _: u32, _: u64) -> Result<(), Duration> {
        let Self(used_up, ms) = self;
        if used_up.contains(&of) { Err(Duration::from_millis(*ms)) } else { Ok(()) }
    }
}

pub(super) struct World {
    pub(super) session: Session<Plain>,
    pub(super) now: u64,
    /// The user's stream; place 1 first.
    pub(super) stream: Vec<Kind>,
    pub(super) sent: Vec<Sent>,
    /// What the door was asked and has not answered.
    pub(super) commands: Vec<Command>,
    pub(super) queries: usize,
    pub(super) kept: usize,
    /// The place after which the store was asked to read.
    pub(super) reads: Option<u64>,
    pub(super) closed: Option<Ending>,
}

impl World {
    /// A session of a device that has everything up to `cursor` of a stream.
    pub(super) fn resuming(cursor: u64, stream: Vec<Kind>) -> Self {
        let start = Start {
            user: user("alice"),
            token_ends_at: 10 * PING_INTERVAL,
            ping_interval: PING_INTERVAL,
            cursor,
            head: stream.len() as u64,
        };
        let session = Session::new(start, 0);
        let mut world = Self {
            session,
            now: 0,
            stream,
            sent: Vec::new(),
            commands: Vec::new(),
            queries: 0,
            kept: 0,
            reads: None,
            closed: None,
        };
        world.carries_out();
        world.gives(Input::Time { token_is_over: false });
        world
    }

    pub(super) fn live() -> Self {
        Self::resuming(0, Vec::new())
    }

    /// Gives an input, and carries out what follows from it. Gives the number of outputs.
    pub(super) fn gives(&mut self, input: Input<'_, Plain>) -> usize {
        self.session.handle(input, self.now);
        self.carries_out()
    }

    fn carries_out(&mut self) -> usize {
        let mut outputs = 0;
        while let Some(output) = self.session.poll(self.now) {
            outputs += 1;
            assert_eq!(self.closed, None, "{output:?} came after the close");
            match output {
                Output::Ask(command) => self.commands.push(command),
                Output::Query(_) => self.queries += 1,
                Output::Keep(_) => self.kept += 1,
                Output::Read { after } => assert_eq!(self.reads.replace(after), None, "two reads at once"),
                Output::Answer(id, answer) => self.sent.push(Sent::Answer(id, place_of(&answer))),
                Output::Refuse(id, refused) => self.sent.push(Sent::Refused(id, *refused)),
                Output::Event(viewer, _) => {
                    self.sent.push(Sent::Event { cursor: viewer.cursor, after: viewer.after });
                }
                Output::CaughtUp { cursor, .. } => self.sent.push(Sent::CaughtUp(cursor)),
                Output::Status(status) => self.sent.push(Sent::Status(status.user_id)),
                Output::Ping => self.sent.push(Sent::Ping),
                Output::Close(ending) => {
                    self.closed = Some(ending);
                    self.sent.push(Sent::Closed(ending));
                }
            }
        }
        assert!(self.commands.len() + self.queries + self.kept <= 1, "two requests are under way");
        outputs
    }

    pub(super) fn head(&self) -> u64 {
        self.stream.len() as u64
    }

    /// Something happens to the user. Gives its place; the session does not know of it yet.
    pub(super) fn happens(&mut self, kind: Kind) -> u64 {
        self.stream.push(kind);
        self.head()
    }

    /// The session is handed the live event at this place.
    pub(super) fn hands_over(&mut self, cursor: u64) {
        self.gives(Input::Event(event(cursor), cursor));
    }

    pub(super) fn asks(&mut self, id: u32, asked: Asked<&'static str>) {
        self.gives(Input::Request { id: Some(id), asked, allowances: &PLENTY });
    }

    pub(super) fn commands(&mut self, id: u32) {
        self.asks(id, Asked::Command(Command::Register));
    }

    /// The command under way has made the event at this place, or none.
    pub(super) fn is_done(&mut self, place: Option<u64>) {
        self.commands.pop().expect("a command is under way");
        let done = Done { cursor: place, time: self.now };
        self.gives(Input::Reply(Box::new(Ok(Reply::Done(done)))));
    }

    pub(super) fn is_refused(&mut self, refusal: Refusal) {
        self.commands.pop().expect("a command is under way");
        self.gives(Input::Reply(Box::new(Err(Box::new(refusal)))));
    }

    pub(super) fn is_found(&mut self) {
        self.queries -= 1;
        let found = Found::Groups(wigwag_protocol::result::Groups { groups: Vec::new(), next: None });
        self.gives(Input::Found(Box::new(Ok(found))));
    }

    /// The store gives the page that was asked for. Gives the number of outputs.
    pub(super) fn reads_a_page(&mut self) -> usize {
        let after = self.reads.take().expect("a page was asked for");
        let places = (after + 1..=self.head()).take(PAGE);
        let through = places.clone().last().unwrap_or(after);
        let kept = places.filter(|place| self.kind(*place) != Kind::Gone);
        let events = kept.map(|place| stored(place, self.kind(place))).collect();
        let complete = self.head() - after < PAGE as u64;
        self.gives(Input::Page(StreamPage { events, through, complete }))
    }

    pub(super) fn reads_everything(&mut self) {
        while self.reads.is_some() {
            self.reads_a_page();
        }
    }

    pub(super) fn kind(&self, place: u64) -> Kind {
        self.stream[usize::try_from(place).unwrap() - 1]
    }

    /// Time passes; the session is woken as often as it wishes.
    pub(super) fn passes(&mut self, ms: u64) {
        let until = self.now + ms;
        while let Some(at) = self.session.poll_timeout().filter(|at| *at <= until) {
            self.now = self.now.max(at);
            self.gives(Input::Time { token_is_over: false });
        }
        self.now = until;
    }

    /// What was sent since the last look.
    pub(super) fn hears(&mut self) -> Vec<Sent> {
        std::mem::take(&mut self.sent)
    }
}

pub(super) fn live(cursor: u64) -> Sent {
    Sent::Event { cursor, after: None }
}

pub(super) fn after(after: u64, cursor: u64) -> Sent {
    Sent::Event { cursor, after: Some(after) }
}

pub(super) fn user(name: &str) -> UserId {
    UserId::parse(name).unwrap()
}

fn place_of(answer: &Answer) -> Option<u64> {
    match answer {
        Answer::Reply(reply) => reply.cursor(),
        Answer::Done(done) => done.cursor,
        Answer::Found(_) => None,
    }
}

pub(super) fn event(cursor: u64) -> Arc<LoggedEvent> {
    Arc::new(LoggedEvent {
        time: 1,
        body: String::new(),
        event: None,
        actor: None,
        online_only: false,
        invitation: None,
        message: None,
        places: vec![Place { user: user("alice"), cursor }],
        quiet: Vec::new(),
    })
}

fn stored(cursor: u64, kind: Kind) -> StoredEvent {
    let id = InviteId::parse(&format!("i{cursor}")).unwrap();
    let folded = kind == Kind::Folded;
    StoredEvent {
        cursor,
        time: 1,
        body: String::new(),
        by_self: false,
        invitation: folded.then_some(InvitationMark { id, version: 1, deadline: None }),
        is_quiet: false,
        rings_in_vain: folded,
    }
}
