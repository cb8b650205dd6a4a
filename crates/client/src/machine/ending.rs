//! Ends: of a connection, of a command's patience, of it all.

use std::time::Duration;

use wigwag_protocol::params::Nothing;
use wigwag_protocol::{CloseCode, Method, frame};

use super::{Machine, Output, Phase};
use crate::error::{Error, StopReason};
use crate::events::{ClientEvent, ConnectionState};

/// A session that lived this long was a sound one, ms: the next attempt may come soon.
const SOUND_SESSION: u64 = 5_000;

impl Machine {
    pub(super) fn disconnected(&mut self, code: Option<u16>, why: &str, now: u64) {
        match code {
            _ if !self.expects_connection() => {}
            Some(code) if code == CloseCode::TokenExpired.number() => {
                self.end_session(now);
                self.token_expired(now);
            }
            Some(code) if !CloseCode::may_reconnect(code) => self.stop(StopReason::Closed(code)),
            _ => {
                self.end_session(now);
                self.wait(0, why, now);
            }
        }
    }

    pub(super) fn expects_connection(&self) -> bool {
        matches!(self.phase, Phase::Connecting { .. } | Phase::Opening { .. } | Phase::Open(_))
    }

    /// Gives the connection up from this side.
    pub(super) fn lost(&mut self, why: &str, now: u64) {
        if self.expects_connection() {
            self.outputs.push_back(Output::Disconnect);
            self.end_session(now);
            self.wait(0, why, now);
        }
    }

    fn end_session(&mut self, now: u64) {
        if let Phase::Open(session) = &self.phase
            && now.saturating_sub(session.opened_at) >= SOUND_SESSION
        {
            self.backoff.reset();
        }
        for request in self.requests.connection_lost() {
            self.settle(request, Error::Disconnected);
        }
    }

    pub(super) fn wait(&mut self, floor: u64, why: &str, now: u64) {
        let delay = self.backoff.next_ms(floor);
        self.phase = Phase::Waiting { until: now + delay };
        let after = Duration::from_millis(delay);
        self.tell(ClientEvent::State(ConnectionState::Reconnecting { after, why: why.to_owned() }));
    }

    pub(super) fn time_passed(&mut self, now: u64) {
        for request in self.requests.overdue(now) {
            self.settle(request, Error::TimedOut);
        }
        match &self.phase {
            Phase::Connecting { until } if *until <= now => self.lost("no connection in time", now),
            Phase::Opening { until, .. } if *until <= now => {
                self.lost("no answer to the sign-in in time", now);
            }
            Phase::Waiting { until } if *until <= now => self.connect(now),
            Phase::Open(session) if self.idle_at(session).is_some_and(|at| at <= now) => {
                self.lost("nothing was heard from the server for too long", now);
            }
            Phase::Open(_) => self.ack(now),
            Phase::Idle
            | Phase::FetchingToken
            | Phase::Connecting { .. }
            | Phase::Opening { .. }
            | Phase::Waiting { .. }
            | Phase::Stopped(_) => {}
        }
    }

    pub(super) fn stop_as_asked(&mut self) {
        if matches!(self.phase, Phase::Open(_)) {
            let request = self.take_id();
            self.outputs.push_back(Output::Send(frame::request(request, Method::SessionClose, &Nothing {})));
        }
        if self.expects_connection() {
            self.outputs.push_back(Output::Disconnect);
        }
        if self.stopped().is_none() {
            self.stop(StopReason::Asked);
        }
    }

    pub(super) fn stop(&mut self, reason: StopReason) {
        for request in self.requests.all() {
            self.settle(request, Error::Stopped(reason.clone()));
        }
        self.phase = Phase::Stopped(reason.clone());
        self.tell(ClientEvent::State(ConnectionState::Stopped(reason)));
    }
}
