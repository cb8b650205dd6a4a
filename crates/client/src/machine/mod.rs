//! The client's rules: pure, without socket, clock, task or chance.
//!
//! ```text
//!                    ┌──────────── token ───────────┐
//!  Idle ─start─▶ FetchingToken ─token─▶ Connecting ─connected─▶ Opening ─reply─▶ Open
//!                    ▲   ▲                  │                      │              │
//!                    │   └──expired─────────┼──────────────────────┤              │
//!                    └───time passed── Waiting ◀──── lost ─────────┴──────────────┘
//!                                                       any ──close 4500–4999, refused, asked──▶ Stopped
//! ```
//!
//! The driver feeds it what happened and carries out what [`Machine::poll`] gives, in order. Times are ms on a clock that
//! never goes back and may start anywhere.

mod backoff;
mod ending;
mod heard;
mod opening;
mod pending;
mod session;
mod stream;

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;

use wigwag_protocol::{DeviceId, Method, Platform, UserId};

use self::backoff::Backoff;
use self::pending::Requests;
use self::stream::Acks;
use crate::error::{Error, StopReason};
use crate::events::ClientEvent;

/// What a machine is told once.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Sent with the sign-in, to be told early when the token is another user's.
    pub user_id: Option<UserId>,
    /// This device.
    pub device_id: DeviceId,
    /// What kind of device it is.
    pub platform: Platform,
    /// The stored cursor.
    pub cursor: Option<u64>,
    /// Whether asking for a token again can give a new one.
    pub renews_token: bool,
    /// How long a command waits for its reply, ms, reconnects included.
    pub request_timeout: u64,
    /// Seed of the reconnect delays.
    pub seed: u64,
}

/// What happened outside.
#[derive(Debug)]
pub enum Input<'a> {
    /// Begin.
    Start,
    /// The provider gave a token, or says why not.
    Token(Result<String, String>),
    /// The connection asked for is there.
    Connected,
    /// A text frame came.
    Frame(&'a str),
    /// Another sign of life came, such as a ping.
    Alive,
    /// The connection, or the attempt to make one, ended.
    Disconnected {
        /// The close code, if the other side sent one.
        code: Option<u16>,
        /// For people.
        why: String,
    },
    /// The app's queue has room again.
    Room,
    /// The app's queue is full: events cannot be taken until [`Input::Room`].
    Full,
    /// The app has taken over everything up to this cursor.
    Taken(u64),
    /// The time of [`Machine::next_wake`] may have come.
    TimePassed,
    /// End for good.
    Stop,
}

/// What is to be done outside.
#[derive(Debug)]
pub enum Output {
    /// Ask the provider for a token.
    FetchToken,
    /// Make a connection.
    Connect,
    /// Drop the connection, or the attempt to make one. Nothing more is expected from it.
    Disconnect,
    /// Send a text frame.
    Send(String),
    /// Tell the app.
    Tell(ClientEvent),
    /// Complete a command.
    Settle {
        /// What [`Machine::command`] gave.
        request: u64,
        /// The result as JSON text.
        outcome: Result<String, Error>,
    },
}

#[derive(Debug)]
enum Phase {
    Idle,
    FetchingToken,
    Connecting { until: u64 },
    Opening { request: u64, until: u64 },
    Open(Session),
    Waiting { until: u64 },
    Stopped(StopReason),
}

#[derive(Debug)]
struct Session {
    opened_at: u64,
    heard_at: u64,
    /// ms without a sign of life after which the connection is dead; `None` when the server does not ping.
    idle_limit: Option<u64>,
    frame_bytes: usize,
    /// Commands wait until then, so that their replies meet a complete stream.
    caught_up: bool,
    /// An event was not taken because the app's queue was full: resume when there is room.
    skipped: bool,
}

/// A client of one user on one device.
#[derive(Debug)]
pub struct Machine {
    settings: Settings,
    phase: Phase,
    token: Option<String>,
    /// Sign-ins in a row that were refused because the token had expired.
    expired_tokens: u32,
    cursor: Option<u64>,
    acks: Acks,
    room: bool,
    requests: Requests,
    next_id: u64,
    backoff: Backoff,
    outputs: VecDeque<Output>,
}

/// Most commands without a reply: the server's default burst of 40 a user, with much to spare.
const MOST_PENDING: usize = 1_024;

/// The public face: in, out, and when.
impl Machine {
    /// One that has not begun: give it [`Input::Start`].
    pub fn new(settings: Settings) -> Self {
        Self {
            phase: Phase::Idle,
            token: None,
            expired_tokens: 0,
            cursor: settings.cursor,
            acks: Acks::default(),
            room: true,
            requests: Requests::default(),
            next_id: 1,
            backoff: Backoff::new(settings.seed),
            outputs: VecDeque::new(),
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
            Input::TimePassed => self.time_passed(now),
            Input::Stop => self.stop_as_asked(),
        }
    }

    /// Takes in a command of the app's; `params` is its JSON. Gives the name under which it will be settled.
    pub fn command(&mut self, method: Method, params: &str, now: u64) -> u64 {
        let request = self.take_id();
        if let Phase::Stopped(reason) = &self.phase {
            let outcome = Err(Error::Stopped(reason.clone()));
            self.outputs.push_back(Output::Settle { request, outcome });
            return request;
        }
        let frame =
            format!(r#"{{"jsonrpc":"2.0","id":{request},"method":"{}","params":{params}}}"#, method.as_str());
        self.requests.add(request, method, frame, now + self.settings.request_timeout);
        self.send_waiting();
        request
    }

    /// The next thing to do, if any.
    pub fn poll(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When to give [`Input::TimePassed`] at the latest, if ever.
    pub fn next_wake(&self) -> Option<u64> {
        let phase = match &self.phase {
            Phase::Connecting { until } | Phase::Opening { until, .. } | Phase::Waiting { until } => {
                Some(*until)
            }
            Phase::Open(session) => earlier(self.idle_at(session), self.acks.due_at()),
            Phase::Idle | Phase::FetchingToken | Phase::Stopped(_) => None,
        };
        earlier(phase, self.requests.next_overdue())
    }

    /// Everything up to here has been told, or stood in a reply. `None` before the first session without a stored cursor.
    pub fn cursor(&self) -> Option<u64> {
        self.cursor
    }

    /// Whether another command may be given.
    pub fn takes_commands(&self) -> bool {
        self.requests.len() < MOST_PENDING
    }

    /// Whether the app waits for a reply.
    pub fn has_pending(&self) -> bool {
        self.requests.len() > 0
    }

    /// Why it ended, once it has.
    pub fn stopped(&self) -> Option<&StopReason> {
        match &self.phase {
            Phase::Stopped(reason) => Some(reason),
            Phase::Idle
            | Phase::FetchingToken
            | Phase::Connecting { .. }
            | Phase::Opening { .. }
            | Phase::Open(_)
            | Phase::Waiting { .. } => None,
        }
    }
}

/// Small words the parts share.
impl Machine {
    fn settle(&mut self, request: u64, error: Error) {
        self.outputs.push_back(Output::Settle { request, outcome: Err(error) });
    }

    fn tell(&mut self, event: ClientEvent) {
        self.outputs.push_back(Output::Tell(event));
    }

    fn take_id(&mut self) -> u64 {
        let id = self.next_id;
        self.next_id += 1;
        id
    }
}

fn earlier(one: Option<u64>, other: Option<u64>) -> Option<u64> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}
