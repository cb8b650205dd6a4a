//! From nothing to an open session: token, connection, sign-in.

use wigwag_protocol::params::SessionOpen;
use wigwag_protocol::result::{OpenList, SessionOpened};
use wigwag_protocol::{ErrorBody, Method, Reason};

use super::listing::{Listing, Question};
use super::session::Session;
use super::{Machine, Output, Phase, ServerClock};
use crate::book::{Book, CallBook};
use crate::error::{Error, StopReason};
use crate::events::{ClientEvent, ConnectionState, ResyncReason};

/// Longest wait for a token, ms: an app's own back end may be slow, but not for ever.
const TOKEN_TIMEOUT: u64 = 30_000;
/// Longest wait for a connection, and then for the reply to `session.open`, ms.
const CONNECT_TIMEOUT: u64 = 10_000;
/// Expired tokens in a row after which the provider is taken to have no better one.
const MOST_EXPIRED_TOKENS: u32 = 3;

impl Machine {
    pub(super) fn connect(&mut self, now: u64) {
        self.outbox.tell(ClientEvent::State(ConnectionState::Connecting));
        if self.token.is_some() {
            self.dial(now);
        } else {
            self.phase = Phase::FetchingToken { until: now + TOKEN_TIMEOUT };
            self.outbox.push(Output::FetchToken);
        }
    }

    fn dial(&mut self, now: u64) {
        self.phase = Phase::Connecting { until: now + CONNECT_TIMEOUT };
        self.outbox.push(Output::Connect);
    }

    pub(super) fn token_given(&mut self, token: Result<String, String>, now: u64) {
        match (&self.phase, token) {
            (Phase::FetchingToken { .. }, Ok(token)) => {
                self.token = Some(token);
                self.dial(now);
            }
            (Phase::FetchingToken { .. }, Err(why)) => self.wait(0, &format!("no token: {why}"), now),
            // It was given up before it came; the next attempt has it.
            (Phase::Waiting { .. }, Ok(token)) => self.token = Some(token),
            (Phase::Waiting { .. }, Err(_))
            | (
                Phase::Idle
                | Phase::Connecting { .. }
                | Phase::Opening { .. }
                | Phase::Open(_)
                | Phase::Stopped(_),
                _,
            ) => {}
        }
    }

    pub(super) fn open(&mut self, now: u64) {
        let (Phase::Connecting { .. }, Some(token)) = (&self.phase, self.token.clone()) else { return };
        let params = SessionOpen {
            token,
            user_id: self.settings.user_id.clone(),
            device_id: self.settings.device_id.clone(),
            platform: self.settings.platform,
            cursor: self.left.as_ref().map(|place| place.cursor),
        };
        let request = self.outbox.ask(Method::SessionOpen, &params);
        self.phase = Phase::Opening { request, until: now + CONNECT_TIMEOUT };
    }

    pub(super) fn open_answered(&mut self, outcome: Result<String, Error>, now: u64) {
        match outcome {
            Ok(result) => match serde_json::from_str(&result) {
                Ok(opened) => self.opened(opened, now),
                Err(error) => self.lost(&format!("unreadable session.open reply: {error}"), now),
            },
            Err(Error::Refused(body)) => self.open_refused(body, now),
            Err(error) => self.lost(&error.to_string(), now),
        }
    }

    fn opened(&mut self, opened: SessionOpened, now: u64) {
        let owner = self.left.as_ref().and_then(|place| place.user_id.as_ref());
        if owner.is_some_and(|owner| *owner != opened.user_id) {
            return self.start_over(now);
        }
        let why = self.resync_reason(&opened);
        self.expired_tokens = 0;
        self.clock = Some(ServerClock { time: opened.time, read_at: now });
        self.phase = Phase::Open(Box::new(Session::new(&opened, now)));
        self.outbox.tell(ClientEvent::State(ConnectionState::Connected { user_id: opened.user_id }));
        if let Some(why) = why {
            self.resyncing = Some(why);
            // Their steps may be among the events that are missing, and no listing shows them.
            self.calls = CallBook::default();
            self.listed = false;
            let invitations = opened.open_invitations.unwrap_or_default();
            let first = OpenList { invitations, next: opened.open_invitations_next };
            self.page_listed(Listing::new(self.book.edition()), first, now);
        }
        if let Some(watched) = self.watched.clone() {
            self.ask(Question::Watch(watched));
        }
        self.send_waiting(now);
    }

    /// The cursor is of another user's stream, and so is the book: sign in once more without them.
    fn start_over(&mut self, now: u64) {
        self.left = None;
        self.book = Book::default();
        self.calls = CallBook::default();
        self.listed = false;
        self.watched = None;
        self.resyncing = None;
        self.outbox.push(Output::Disconnect);
        self.connect(now);
    }

    fn resync_reason(&self, opened: &SessionOpened) -> Option<ResyncReason> {
        match &self.left {
            None => Some(ResyncReason::NoCursor),
            Some(left) => {
                (opened.resync || opened.cursor != left.cursor).then_some(ResyncReason::CursorTooOld)
            }
        }
    }

    fn open_refused(&mut self, body: Box<ErrorBody>, now: u64) {
        self.outbox.push(Output::Disconnect);
        if body.data.reason == Reason::TokenExpired {
            self.token_expired(now);
        } else if body.data.retryable {
            self.wait(body.data.retry_after_ms.unwrap_or(0), &body.to_string(), now);
        } else {
            self.stop(StopReason::SignInRefused(body));
        }
    }

    pub(super) fn token_expired(&mut self, now: u64) {
        self.expired_tokens += 1;
        self.token = None;
        if self.settings.renews_token && self.expired_tokens < MOST_EXPIRED_TOKENS {
            self.wait(0, "the token has expired", now);
        } else {
            self.stop(StopReason::TokenExpired);
        }
    }
}
