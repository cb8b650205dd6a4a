//! From nothing to an open session: token, connection, sign-in.

use wigwag_protocol::params::SessionOpen;
use wigwag_protocol::result::SessionOpened;
use wigwag_protocol::{ErrorBody, Method, Reason, frame};

use super::{Machine, Output, Phase, Session};
use crate::error::{Error, StopReason};
use crate::events::{ClientEvent, ConnectionState, ResyncReason};

/// Longest wait for a connection, and then for the reply to `session.open`, ms.
const CONNECT_TIMEOUT: u64 = 10_000;
/// Expired tokens in a row after which the provider is taken to have no better one.
const MOST_EXPIRED_TOKENS: u32 = 3;

impl Machine {
    pub(super) fn connect(&mut self, now: u64) {
        self.tell(ClientEvent::State(ConnectionState::Connecting));
        if self.token.is_some() {
            self.phase = Phase::Connecting { until: now + CONNECT_TIMEOUT };
            self.outputs.push_back(Output::Connect);
        } else {
            self.phase = Phase::FetchingToken;
            self.outputs.push_back(Output::FetchToken);
        }
    }

    pub(super) fn token_given(&mut self, token: Result<String, String>, now: u64) {
        if !matches!(self.phase, Phase::FetchingToken) {
            return;
        }
        match token {
            Ok(token) => {
                self.token = Some(token);
                self.phase = Phase::Connecting { until: now + CONNECT_TIMEOUT };
                self.outputs.push_back(Output::Connect);
            }
            Err(why) => self.wait(0, &format!("no token: {why}"), now),
        }
    }

    pub(super) fn open(&mut self, now: u64) {
        let (Phase::Connecting { .. }, Some(token)) = (&self.phase, self.token.clone()) else { return };
        let params = SessionOpen {
            token,
            user_id: self.settings.user_id.clone(),
            device_id: self.settings.device_id.clone(),
            platform: self.settings.platform,
            cursor: self.cursor,
        };
        let request = self.take_id();
        self.phase = Phase::Opening { request, until: now + CONNECT_TIMEOUT };
        self.outputs.push_back(Output::Send(frame::request(request, Method::SessionOpen, &params)));
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
        self.expired_tokens = 0;
        let why = self.resync_reason(&opened);
        self.cursor = Some(opened.cursor);
        self.acks.opened(opened.cursor, now);
        self.phase = Phase::Open(Session {
            opened_at: now,
            heard_at: now,
            idle_limit: (opened.ping_interval > 0).then(|| u64::from(opened.ping_interval) * 2_000),
            frame_bytes: opened.limits.frame_bytes as usize,
            caught_up: opened.head <= opened.cursor,
            skipped: false,
        });
        self.tell(ClientEvent::State(ConnectionState::Connected { user_id: opened.user_id }));
        if let Some(why) = why {
            let open_invitations = opened.open_invitations.unwrap_or_default();
            self.tell(ClientEvent::Resynced { open_invitations, why });
        }
        self.send_waiting();
    }

    fn resync_reason(&self, opened: &SessionOpened) -> Option<ResyncReason> {
        match self.cursor {
            None => Some(ResyncReason::NoCursor),
            Some(cursor) => (opened.resync || opened.cursor != cursor).then_some(ResyncReason::CursorTooOld),
        }
    }

    fn open_refused(&mut self, body: Box<ErrorBody>, now: u64) {
        if body.data.reason == Reason::TokenExpired {
            self.outputs.push_back(Output::Disconnect);
            self.token_expired(now);
        } else if body.data.retryable {
            self.outputs.push_back(Output::Disconnect);
            self.wait(body.data.retry_after_ms.unwrap_or(0), &body.to_string(), now);
        } else {
            self.outputs.push_back(Output::Disconnect);
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
