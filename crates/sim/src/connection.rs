//! One connection at the virtual server: the real greeting or session, and the queues before and behind it.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use wigwag_engine::Actor;
use wigwag_protocol::CloseCode;
use wigwag_session::codec::native::{self, Native};
use wigwag_session::rates::{Allowance, Allowances};
use wigwag_session::refused::ReplyOrRefusal;
use wigwag_session::{Greeting, LoggedEvent, Session, greeting, session};

/// Longest frame, bytes.
pub(crate) const FRAME_BYTES: usize = 65_536;

/// What a session is handed.
#[derive(Debug)]
pub(crate) enum Mail {
    Event(Arc<LoggedEvent>, u64),
    Reply(Box<ReplyOrRefusal>),
}

/// What came from the device and was not heard yet.
#[derive(Debug)]
pub(crate) enum Heard {
    Frame(String),
    Pong,
}

/// What the connection is.
#[derive(Debug)]
pub(crate) enum Stage {
    Greeting(Greeting<Native>),
    Open(Session<Native>),
}

/// An output of either machine.
#[derive(Debug)]
pub(crate) enum Output {
    Greeting(greeting::Output<Native>),
    Session(session::Output<Native>),
}

/// A connection.
#[derive(Debug)]
pub(crate) struct Connection {
    pub(crate) stage: Stage,
    /// Who it is, once that is known.
    pub(crate) actor: Option<Actor>,
    /// Gets mail, and makes its user count as online.
    pub(crate) registered: bool,
    pub(crate) mailbox: VecDeque<Mail>,
    pub(crate) socket: VecDeque<Heard>,
    /// The close code, once something outside has ended the session. No more mail comes, and the connection closes when the
    /// mailbox is empty.
    pub(crate) ended: Option<CloseCode>,
    /// When the world will look at its time.
    look_at: Option<u64>,
    /// That time has come, and the machine has not been told.
    time_came: bool,
}

/// People here do not flood.
struct Unlimited;

impl Allowances for Unlimited {
    fn take_some(&self, _: Allowance, _: u32, _: u64) -> Result<(), Duration> {
        Ok(())
    }
}

impl Connection {
    pub(crate) fn new(greeting: Greeting<Native>) -> Self {
        Self {
            stage: Stage::Greeting(greeting),
            actor: None,
            registered: false,
            mailbox: VecDeque::new(),
            socket: VecDeque::new(),
            ended: None,
            look_at: None,
            time_came: false,
        }
    }

    pub(crate) fn poll(&mut self, now: u64) -> Option<Output> {
        match &mut self.stage {
            Stage::Greeting(greeting) => greeting.poll().map(Output::Greeting),
            Stage::Open(session) => session.poll(now).map(Output::Session),
        }
    }

    /// Gives the machine the next thing that it takes now, in the order of the server: the time, what the device sent, mail.
    /// False when there is nothing.
    pub(crate) fn feed(&mut self, now: u64) -> bool {
        if std::mem::take(&mut self.time_came) {
            self.time(now);
            return true;
        }
        match &mut self.stage {
            Stage::Greeting(greeting) => {
                let heard = if greeting.hears() { self.socket.pop_front() } else { None };
                heard.map(|heard| greets(greeting, &heard, now)).is_some()
            }
            Stage::Open(session) => {
                let heard = if session.hears() { self.socket.pop_front() } else { None };
                if let Some(heard) = heard {
                    let actor = self.actor.as_ref().expect("an open session has an actor");
                    hears(session, actor, &heard, now);
                    return true;
                }
                if session.is_reading() {
                    return false;
                }
                let ended = self.ended.take_if(|_| self.mailbox.is_empty());
                let input = match (self.mailbox.pop_front(), ended) {
                    (Some(Mail::Event(event, cursor)), _) => session::Input::Event(event, cursor),
                    (Some(Mail::Reply(reply)), _) => session::Input::Reply(reply),
                    (None, Some(code)) => session::Input::Ended(code),
                    (None, None) => return false,
                };
                session.handle(input, now);
                true
            }
        }
    }

    /// The time that was asked for has come. The machine is told when all its outputs are carried out.
    pub(crate) fn time_comes(&mut self) {
        self.look_at = None;
        self.time_came = true;
    }

    fn time(&mut self, now: u64) {
        match &mut self.stage {
            Stage::Greeting(greeting) => greeting.handle(greeting::Input::Time, now),
            Stage::Open(session) => session.handle(session::Input::Time { token_is_over: false }, now),
        }
    }

    /// When the world has to look at its time, if that is earlier than it will anyway.
    pub(crate) fn next_look(&mut self) -> Option<u64> {
        let at = match &self.stage {
            Stage::Greeting(greeting) => greeting.poll_timeout(),
            Stage::Open(session) => session.poll_timeout(),
        };
        let at = at.filter(|at| self.look_at.is_none_or(|known| *at < known))?;
        self.look_at = Some(at);
        Some(at)
    }
}

fn greets(greeting: &mut Greeting<Native>, heard: &Heard, now: u64) {
    let Heard::Frame(text) = heard else { return };
    let request = native::read(text, FRAME_BYTES).expect("a client sends requests");
    let asked = request.asks_first();
    greeting.handle(greeting::Input::Request { id: request.id, asked }, now);
}

fn hears(session: &mut Session<Native>, actor: &Actor, heard: &Heard, now: u64) {
    let Heard::Frame(text) = heard else { return session.handle(session::Input::Sign, now) };
    let request = native::read(text, FRAME_BYTES).expect("a client sends requests");
    let asked = request.asks(&actor.user);
    session.handle(session::Input::Request { id: request.id, asked, allowances: &Unlimited }, now);
}
