//! An open session: one signed-in device on one connection.
//!
//! ```text
//!              ┌──── command, query ────▶ Asking ───── answer ───────┐
//!              │                            │ answer after a gap      │
//!  Listening ──┤                            ▼                         ├──▶ Listening
//!     │        └──── gap, behind ───────▶ Reading ───── up to date ───┘
//!     │                                     │
//!     └── asked to, idle, token ended, ended from outside, ── store failed ──▶ Closing ──▶ Closed
//!         protocol violated (from every state)
//! ```
//!
//! - **Listening**: frames are heard, events that follow the last one are sent.
//! - **Asking**: one command or query is under way. No frame is heard until its answer has been sent, so replies come in the
//!   order of requests, and a query after a command sees what the command did. Events that follow the last one are sent.
//!   After a gap the stream is not read yet: the command's own event may lie in the gap, and its reply stands for that event.
//! - **Reading**: the device lacks events up to a known place. They are read from the store, folded, sent, and followed by
//!   `caughtUp`. A session that resumes begins here.
//! - **Closing, Closed**: the close is put out once; everything after it is ignored.

mod border;
mod noise;
mod reading;
mod silence;

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod world;

use std::sync::Arc;
use std::time::Duration;

use wigwag_engine::stream::{Next, Position};
use wigwag_protocol::result::Done;
use wigwag_protocol::{CloseCode, UserId};

pub use self::border::{Answer, Breach, Ending, Input, Output, Start};
use self::noise::Noise;
use self::reading::Reading;
use self::silence::Silence;
use crate::rates::{Allowance, Allowances};
use crate::refused::{Refusal, ReplyOrRefusal};
use crate::told::remaining_ms;
use crate::{Asked, Body, Codec, Found, LoggedEvent, Refused, Viewer};

/// An open session.
#[derive(Debug)]
pub struct Session<C: Codec> {
    user: UserId,
    token_ends_at: u64,
    silence: Silence,
    noise: Noise,
    position: Position,
    /// The newest place that the device has acknowledged.
    acknowledged: u64,
    /// The newest place of the stream that is known.
    head: u64,
    doing: Doing<C>,
    /// An output that does not follow from what the session is doing.
    next: Option<Output<C>>,
}

#[derive(Debug)]
enum Doing<C: Codec> {
    Listening,
    Asking(Asking<C>),
    Reading(Box<Reading<C>>),
    Closing(Ending),
    Closed,
}

/// The request that is under way.
#[derive(Debug)]
struct Asking<C: Codec> {
    id: Option<C::RequestId>,
}

/// The public face: in, out, and when.
impl<C: Codec> Session<C> {
    /// A session whose device has just signed in. It begins with reading when the device lacks events.
    pub fn new(start: Start, now: u64) -> Self {
        let mut session = Self {
            user: start.user,
            token_ends_at: start.token_ends_at,
            silence: Silence::new(start.ping_interval, now),
            noise: Noise::default(),
            position: Position::at(start.cursor),
            acknowledged: start.cursor,
            head: start.head,
            doing: Doing::Listening,
            next: None,
        };
        if session.is_behind() {
            session.doing = Doing::Reading(Box::new(Reading::resuming(start.head)));
        }
        session
    }

    /// Takes in what happened. Call [`Session::poll`] until it gives `None` afterwards.
    pub fn handle(&mut self, input: Input<'_, C>, now: u64) {
        debug_assert!(self.next.is_none(), "outputs were left behind");
        if self.is_over() {
            return;
        }
        match input {
            Input::Request { id, asked, allowances } => self.request(id, asked, allowances, now),
            Input::Sign => self.silence.broken(now),
            Input::Violation => self.close(Ending::Code(CloseCode::ProtocolViolation)),
            Input::Breach(breach) => self.close(Ending::Breach(breach)),
            Input::Event(event, cursor) => self.event(event, cursor, now),
            Input::Behind(head) => self.behind(head),
            Input::Reply(reply) => self.reply(*reply),
            Input::Found(found) => self.found(*found),
            Input::Kept(kept) => self.kept(kept, now),
            Input::Status(status) => self.next = Some(Output::Status(status)),
            Input::Page(page) => self.page(page),
            Input::NoPage => self.close(Ending::Code(CloseCode::StoreUnavailable)),
            Input::Ended(code) => self.close(Ending::Code(code)),
            Input::Time { token_is_over } => self.time(token_is_over, now),
        }
    }

    /// The next thing to do, if any.
    pub fn poll(&mut self, now: u64) -> Option<Output<C>> {
        if let Some(output) = self.next.take() {
            return Some(output);
        }
        match &self.doing {
            Doing::Listening | Doing::Asking(_) | Doing::Closed => None,
            Doing::Reading(_) => self.read_on(now),
            Doing::Closing(ending) => {
                let ending = *ending;
                self.doing = Doing::Closed;
                Some(Output::Close(ending))
            }
        }
    }

    /// When to give [`Input::Time`] at the latest, server time in ms. `None` once the session is closed.
    pub fn poll_timeout(&self) -> Option<u64> {
        (!self.is_over()).then(|| self.silence.next_look().min(self.token_ends_at))
    }

    /// Whether a frame may be given: nothing is under way.
    pub fn hears(&self) -> bool {
        match self.doing {
            Doing::Listening => true,
            Doing::Asking(_) | Doing::Reading(_) | Doing::Closing(_) | Doing::Closed => false,
        }
    }

    /// Whether a request is under way. Frames may be heard meanwhile, to be given when it is answered.
    pub fn is_asking(&self) -> bool {
        match self.doing {
            Doing::Asking(_) => true,
            Doing::Listening | Doing::Reading(_) | Doing::Closing(_) | Doing::Closed => false,
        }
    }

    /// Whether the session reads its stream. Events that are given meanwhile are read from the store once more.
    pub fn is_reading(&self) -> bool {
        match self.doing {
            Doing::Reading(_) => true,
            Doing::Listening | Doing::Asking(_) | Doing::Closing(_) | Doing::Closed => false,
        }
    }

    /// The newest place that was dealt with: sent, answered, or folded away.
    pub fn cursor(&self) -> u64 {
        self.position.cursor()
    }

    fn is_over(&self) -> bool {
        match self.doing {
            Doing::Closing(_) | Doing::Closed => true,
            Doing::Listening | Doing::Asking(_) | Doing::Reading(_) => false,
        }
    }
}

/// Requests.
impl<C: Codec> Session<C> {
    fn request(
        &mut self,
        id: Option<C::RequestId>,
        asked: Asked<C::Fault>,
        allowances: &dyn Allowances,
        now: u64,
    ) {
        self.silence.broken(now);
        debug_assert!(self.hears(), "a frame was given while {:?}", self.doing);
        if !self.hears() {
            return;
        }
        if let Some(of) = self.draws_on(&asked)
            && let Err(wait) = allowances.take_some(of, asked.weight(), now)
        {
            return self.too_fast(id, of, wait, now);
        }
        match asked {
            Asked::Command(command) => {
                self.doing = Doing::Asking(Asking { id });
                self.next = Some(Output::Ask(command));
            }
            Asked::Query(query) => {
                self.doing = Doing::Asking(Asking { id });
                self.next = Some(Output::Query(query));
            }
            Asked::Keep(keeping) => {
                self.doing = Doing::Asking(Asking { id });
                self.next = Some(Output::Keep(keeping));
            }
            Asked::Ack(Ok(cursor)) => self.acknowledge(id, cursor, now),
            Asked::Close => {
                self.done(id, now);
                self.close(Ending::Code(CloseCode::Closed));
            }
            Asked::Open => self.refuse(id, Refused::AlreadyOpen),
            Asked::Wrong(fault) | Asked::Unreadable(fault) | Asked::Ack(Err(fault)) => {
                self.refuse(id, Refused::Fault(fault));
            }
        }
    }

    /// Which allowance it draws on. An acknowledgement of something new is free: there are as many as there are events.
    fn draws_on(&self, asked: &Asked<C::Fault>) -> Option<Allowance> {
        match asked {
            Asked::Command(command) => Some(Allowance::of(command)),
            Asked::Query(_) => Some(Allowance::Reads),
            Asked::Keep(_) => Some(Allowance::Commands),
            Asked::Ack(Ok(cursor)) if self.is_news(*cursor) => None,
            Asked::Ack(_) | Asked::Open | Asked::Wrong(_) | Asked::Unreadable(_) => Some(Allowance::Noise),
            Asked::Close => None,
        }
    }

    fn is_news(&self, cursor: u64) -> bool {
        self.acknowledged < cursor && cursor <= self.position.cursor()
    }

    /// A device that goes on with noise after it was told to wait will not stop when it is told once more.
    fn too_fast(&mut self, id: Option<C::RequestId>, of: Allowance, wait: Duration, now: u64) {
        if of == Allowance::Noise && !self.noise.is_bearable(now) {
            return self.close(Ending::Code(CloseCode::ProtocolViolation));
        }
        self.refuse(id, Refused::TooFast(of, wait));
    }

    /// A cursor that was never sent is a mistake that the developer should see. Nothing depends on other cursors: what a
    /// device has is in the cursor it resumes with. An acknowledgement without id is not answered.
    fn acknowledge(&mut self, id: Option<C::RequestId>, cursor: u64, now: u64) {
        if cursor > self.position.cursor() {
            return self.refuse(id, Refused::NeverSent);
        }
        self.acknowledged = self.acknowledged.max(cursor);
        if id.is_some() {
            self.done(id, now);
        }
    }

    fn done(&mut self, id: Option<C::RequestId>, now: u64) {
        self.next = Some(Output::Answer(id, Answer::Done(Done { cursor: None, time: now })));
    }

    fn refuse(&mut self, id: Option<C::RequestId>, refused: Refused<C::Fault>) {
        self.next = Some(Output::Refuse(id, Box::new(refused)));
    }
}

/// Answers.
impl<C: Codec> Session<C> {
    fn reply(&mut self, reply: ReplyOrRefusal) {
        let Some(Asking { id }) = self.asked() else { return };
        match reply {
            Err(refusal) => self.refuse(id, Refused::ByServer(refusal)),
            Ok(reply) => {
                let place = reply.cursor();
                if place.map(|place| self.position.offer(place)) == Some(Next::Gap) {
                    // What lies before the reply's place is read from the store; then the reply takes its place.
                    let before = place.unwrap_or_default().saturating_sub(1);
                    let reading = Reading::before_reply(before, id, Box::new(reply));
                    self.doing = Doing::Reading(Box::new(reading));
                    return;
                }
                self.next = Some(Output::Answer(id, Answer::Reply(Box::new(reply))));
            }
        }
        self.read_if_behind();
    }

    fn found(&mut self, found: Result<Found, Box<Refusal>>) {
        let Some(Asking { id }) = self.asked() else { return };
        match found {
            Ok(found) => self.next = Some(Output::Answer(id, Answer::Found(Box::new(found)))),
            Err(refusal) => self.refuse(id, Refused::ByServer(refusal)),
        }
        self.read_if_behind();
    }

    fn kept(&mut self, kept: Result<(), Box<Refusal>>, now: u64) {
        let Some(Asking { id }) = self.asked() else { return };
        match kept {
            Ok(()) => self.done(id, now),
            Err(refusal) => self.refuse(id, Refused::ByServer(refusal)),
        }
        self.read_if_behind();
    }

    /// Ends the request that is under way; `None` when there is none.
    fn asked(&mut self) -> Option<Asking<C>> {
        match std::mem::replace(&mut self.doing, Doing::Listening) {
            Doing::Asking(asking) => Some(asking),
            other @ (Doing::Listening | Doing::Reading(_) | Doing::Closing(_) | Doing::Closed) => {
                self.doing = other;
                None
            }
        }
    }
}

/// The stream.
impl<C: Codec> Session<C> {
    fn event(&mut self, event: Arc<LoggedEvent>, cursor: u64, now: u64) {
        if self.is_reading() {
            // It lies after what is being read, and is read next.
            self.head = self.head.max(cursor);
            return;
        }
        match self.position.offer(cursor) {
            Next::Send => {
                let viewer = Viewer {
                    cursor,
                    after: None,
                    time: event.time,
                    by_self: event.actor.as_ref() == Some(&self.user),
                    remaining_ms: remaining_ms(event.invitation.as_ref(), now),
                    is_quiet: event.quiet.binary_search(&self.user).is_ok(),
                };
                self.next = Some(Output::Event(viewer, Body::Live(event)));
            }
            Next::Skip => {}
            Next::Gap => self.behind(cursor),
        }
    }

    fn behind(&mut self, head: u64) {
        self.head = self.head.max(head);
        if self.hears() {
            self.read_if_behind();
        }
    }

    fn is_behind(&self) -> bool {
        self.head > self.position.cursor()
    }

    fn read_if_behind(&mut self) {
        if self.is_behind() {
            self.doing = Doing::Reading(Box::new(Reading::repairing(self.head)));
        }
    }
}

/// The end.
impl<C: Codec> Session<C> {
    fn time(&mut self, token_is_over: bool, now: u64) {
        if token_is_over || now >= self.token_ends_at {
            return self.close(Ending::Code(CloseCode::TokenExpired));
        }
        match self.silence.look(now) {
            silence::Verdict::Fine => {}
            silence::Verdict::Quiet => self.next = Some(Output::Ping),
            silence::Verdict::Dead => self.close(Ending::Code(CloseCode::Idle)),
        }
    }

    fn close(&mut self, ending: Ending) {
        self.doing = Doing::Closing(ending);
    }
}
