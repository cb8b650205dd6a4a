//! The client's rules: pure, without socket, clock, task or chance.
//!
//! ```text
//!                    ┌──────────── token ───────────┐
//!  Idle ─start─▶ FetchingToken ─token─▶ Connecting ─connected─▶ Opening ─reply─▶ Open
//!                    ▲   ▲                  │                      │              │
//!                    │   └──expired─────────┼──────────────────────┤              │
//!                    └────timeout─── Waiting ◀──── lost ───────────┴──────────────┘
//!                                                       any ──close 4500–4999, refused, asked──▶ Stopped
//! ```
//!
//! Its caller
//!
//! 1. tells it what happened with [`Machine::handle`], and what the app wants with [`Machine::command`],
//! 2. calls [`Machine::handle_timeout`] when the time that [`Machine::poll_timeout`] gave has come; calling it earlier or
//!    more often does no harm,
//! 3. after each of these carries out what [`Machine::poll`] gives, in order, until there is nothing more; then
//!    [`Machine::place`] may be stored as soon as the app has taken over what it was told,
//! 4. and asks again for the next timeout, which any of these may have changed.
//!
//! Times are ms on a clock that never goes back and may start anywhere.

mod acts;
mod answered;
mod backoff;
mod border;
mod calling;
mod ending;
mod heard;
mod listing;
mod live;
mod opening;
mod outbox;
mod pending;
mod session;
mod stream;
mod timer;

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;

use wigwag_protocol::Method;
use wigwag_protocol::params::UserWatch;

use self::backoff::Backoff;
pub use self::border::{Input, Output, Settings};
use self::outbox::Outbox;
use self::session::Session;
use self::timer::{Deadline, Timer};
use crate::book::{Book, CallBook};
use crate::cursor::StreamPlace;
use crate::error::{Error, StopReason};
use crate::events::{ClientEvent, ResyncReason};

#[derive(Debug)]
enum Phase {
    Idle,
    FetchingToken { until: u64 },
    Connecting { until: u64 },
    Opening { request: u64, until: u64 },
    Open(Box<Session>),
    Waiting { until: u64 },
    Stopped(StopReason),
}

/// A client of one user on one device.
#[derive(Debug)]
pub struct Machine {
    settings: Settings,
    phase: Phase,
    outbox: Outbox,
    backoff: Backoff,
    /// Where the last session left the stream.
    left: Option<StreamPlace>,
    token: Option<String>,
    /// Sign-ins in a row that were refused because the token had expired.
    expired_tokens: u32,
    book: Book,
    calls: CallBook,
    /// The book has had a complete listing.
    listed: bool,
    /// Whom the app watches, to be watched again in every session.
    watched: Option<UserWatch>,
    /// The app has to be told of a resync, once everything that is open is listed.
    resyncing: Option<ResyncReason>,
    /// The app's queue takes events.
    room: bool,
    /// What the server's clock said when the last session was opened.
    clock: Option<ServerClock>,
}

/// A reading of the server's clock.
#[derive(Debug, Clone, Copy)]
struct ServerClock {
    /// Server time, ms since 1970.
    time: u64,
    /// When it was read, by the machine's clock in ms.
    read_at: u64,
}

/// Most commands without a reply: the server's default burst of 40 a user, with much to spare.
pub(crate) const MOST_PENDING: usize = 1_024;

/// The public face: in, out, and when.
impl Machine {
    /// One that has not begun: give it [`Input::Start`].
    pub fn new(settings: Settings) -> Self {
        Self {
            phase: Phase::Idle,
            outbox: Outbox::new(),
            backoff: Backoff::new(settings.seed),
            left: settings.place.clone(),
            token: None,
            expired_tokens: 0,
            book: Book::default(),
            calls: CallBook::default(),
            listed: false,
            watched: None,
            resyncing: None,
            room: true,
            clock: None,
            settings,
        }
    }

    /// Takes in what happened.
    pub fn handle(&mut self, input: Input<'_>, now: u64) {
        match input {
            Input::Start => self.connect(now),
            Input::Token(token) => self.token_given(token, now),
            Input::Connected => self.open(now),
            Input::Frame(text) => self.frame(text, now),
            Input::Alive => self.alive(now),
            Input::Disconnected { code, why } => self.disconnected(code, &why, now),
            Input::Room => self.room_again(now),
            Input::Full => self.room = false,
            Input::Taken(cursor) => self.taken(cursor, now),
            Input::Stop => self.stop_as_asked(),
        }
    }

    /// Acts on every timer that has run out by now.
    pub fn handle_timeout(&mut self, now: u64) {
        let due: Vec<Timer> =
            self.deadlines().filter(|deadline| deadline.at <= now).map(|deadline| deadline.timer).collect();
        for timer in due {
            self.expired(timer, now);
        }
    }

    /// Takes in a command of the app's; `params` is its JSON. Gives the name under which it will be settled.
    pub fn command(&mut self, method: Method, params: &str, now: u64) -> u64 {
        if let Phase::Stopped(reason) = &self.phase {
            let request = self.outbox.take_id();
            self.outbox.settle(request, Err(Error::Stopped(reason.clone())));
            return request;
        }
        let request = self.outbox.command(method, params, now + self.settings.request_timeout);
        self.send_waiting(now);
        request
    }

    /// The next thing to do, if any.
    pub fn poll(&mut self) -> Option<Output> {
        self.outbox.poll()
    }

    /// When to call [`Machine::handle_timeout`] at the latest, if ever.
    pub fn poll_timeout(&self) -> Option<u64> {
        self.deadlines().map(|deadline| deadline.at).min()
    }

    /// Where a new process goes on. `None` before the first session without a stored place, and while a resync is not told yet: a
    /// process that ends then has to be told of it in its next life, so what was stored before stays.
    pub fn place(&self) -> Option<StreamPlace> {
        if self.resyncing.is_some() { None } else { self.reached() }
    }

    /// Everything up to here has been told, or stood in a reply.
    fn reached(&self) -> Option<StreamPlace> {
        match &self.phase {
            Phase::Open(session) => Some(session.place()),
            Phase::Idle
            | Phase::FetchingToken { .. }
            | Phase::Connecting { .. }
            | Phase::Opening { .. }
            | Phase::Waiting { .. }
            | Phase::Stopped(_) => self.left.clone(),
        }
    }

    /// Everything up to here has been told, or stood in a reply. `None` before the first session without a stored place.
    pub fn cursor(&self) -> Option<u64> {
        self.reached().map(|place| place.cursor)
    }

    /// The invitations it knows of. Never older than the last event that was told.
    pub fn book(&self) -> &Book {
        &self.book
    }

    /// The calls it knows of. Never older than the last event that was told.
    pub fn calls(&self) -> &CallBook {
        &self.calls
    }

    /// What the server's clock says now, ms since 1970, as far as the last sign-in told. `None` before the first one.
    pub fn server_time(&self, now: u64) -> Option<u64> {
        self.clock.map(|clock| clock.time.saturating_add(now.saturating_sub(clock.read_at)))
    }

    /// Whether another command may be given.
    pub fn takes_commands(&self) -> bool {
        self.outbox.requests.len() < MOST_PENDING
    }

    /// Whether the app waits for a reply.
    pub fn has_pending(&self) -> bool {
        self.outbox.requests.len() > 0
    }

    /// Why it ended, once it has.
    pub fn stopped(&self) -> Option<&StopReason> {
        match &self.phase {
            Phase::Stopped(reason) => Some(reason),
            Phase::Idle
            | Phase::FetchingToken { .. }
            | Phase::Connecting { .. }
            | Phase::Opening { .. }
            | Phase::Open(_)
            | Phase::Waiting { .. } => None,
        }
    }
}

/// Timers.
impl Machine {
    /// Everything that is waited for now: a phase ends, a session is not silent for ever, and no command is either.
    fn deadlines(&self) -> impl Iterator<Item = Deadline> {
        let of_phase = match &self.phase {
            Phase::FetchingToken { until } => [Some(Timer::Token.at(*until)), None],
            Phase::Connecting { until } => [Some(Timer::Connection.at(*until)), None],
            Phase::Opening { until, .. } => [Some(Timer::SignIn.at(*until)), None],
            Phase::Waiting { until } => [Some(Timer::Reconnect.at(*until)), None],
            // While the app's queue is full nothing is read, so silence means nothing.
            Phase::Open(session) => [session.silence_ends().filter(|_| self.room), session.ack_due()],
            Phase::Idle | Phase::Stopped(_) => [None, None],
        };
        let again = match &self.phase {
            Phase::Open(session) => [session.next_postponed(), self.outbox.requests.next_held_back()],
            Phase::Idle
            | Phase::FetchingToken { .. }
            | Phase::Connecting { .. }
            | Phase::Opening { .. }
            | Phase::Waiting { .. }
            | Phase::Stopped(_) => [None, None],
        };
        let requests = self.outbox.requests.next_overdue();
        let ring = if self.is_offline() { self.book.next_end() } else { None };
        let ring = ring.map(|at| Timer::Ring.at(at));
        requests.into_iter().chain(ring).chain(of_phase.into_iter().chain(again).flatten())
    }

    /// Whether a session is wanted and there is none.
    fn is_offline(&self) -> bool {
        match &self.phase {
            Phase::FetchingToken { .. }
            | Phase::Connecting { .. }
            | Phase::Opening { .. }
            | Phase::Waiting { .. } => true,
            Phase::Idle | Phase::Open(_) | Phase::Stopped(_) => false,
        }
    }

    fn expired(&mut self, timer: Timer, now: u64) {
        match timer {
            Timer::Request => self.give_up_overdue(now),
            Timer::Token => self.wait(0, "no token in time", now),
            Timer::Connection => self.lost("no connection in time", now),
            Timer::SignIn => self.lost("no answer to the sign-in in time", now),
            Timer::Reconnect => self.connect(now),
            Timer::Silence => self.probe(now),
            Timer::Probe => self.lost("nothing was heard from the server for too long", now),
            Timer::Ack => self.ack(now),
            Timer::Ring => {
                for invite_id in self.book.end_overdue(now) {
                    self.outbox.tell(ClientEvent::RingOver { invite_id });
                }
            }
            Timer::Again => {
                self.ask_again(now);
                self.send_waiting(now);
            }
        }
    }
}
