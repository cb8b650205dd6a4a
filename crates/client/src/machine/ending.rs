//! Ends: of a connection, of a command's patience, of it all.

use std::time::Duration;

use wigwag_protocol::params::Nothing;
use wigwag_protocol::{CloseCode, Method};

use super::{Machine, Output, Phase};
use crate::error::{Error, StopReason};
use crate::events::{ClientEvent, ConnectionState};

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
            self.outbox.push(Output::Disconnect);
            self.end_session(now);
            self.wait(0, why, now);
        }
    }

    fn end_session(&mut self, now: u64) {
        if matches!(&self.phase, Phase::Open(session) if session.was_sound(now)) {
            self.backoff.reset();
        }
        self.left = self.reached();
        for (request, command) in self.outbox.requests.connection_lost() {
            self.outbox.settle(request, command.outcome(Err(Error::Disconnected)));
        }
    }

    pub(super) fn wait(&mut self, floor: u64, why: &str, now: u64) {
        let delay = self.backoff.next_ms(floor);
        self.phase = Phase::Waiting { until: now + delay };
        let after = Duration::from_millis(delay);
        self.outbox.tell(ClientEvent::State(ConnectionState::Reconnecting { after, why: why.to_owned() }));
    }

    pub(super) fn give_up_overdue(&mut self, now: u64) {
        for (request, command) in self.outbox.requests.overdue(now) {
            self.outbox.settle(request, command.outcome(Err(Error::TimedOut)));
        }
    }

    pub(super) fn stop_as_asked(&mut self) {
        if matches!(self.phase, Phase::Open(_)) {
            self.outbox.ask(Method::SessionClose, &Nothing {});
        }
        if self.expects_connection() {
            self.outbox.push(Output::Disconnect);
        }
        if self.stopped().is_none() {
            self.stop(StopReason::Asked);
        }
    }

    pub(super) fn stop(&mut self, reason: StopReason) {
        for (request, command) in self.outbox.requests.all() {
            self.outbox.settle(request, command.outcome(Err(Error::Stopped(reason.clone()))));
        }
        self.left = self.reached();
        self.phase = Phase::Stopped(reason.clone());
        self.outbox.tell(ClientEvent::State(ConnectionState::Stopped(reason)));
    }
}
