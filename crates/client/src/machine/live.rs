//! While a session is open: frames in, commands and acks out.

use serde::de::DeserializeOwned;
use wigwag_protocol::event::EventHead;
use wigwag_protocol::params::{ListOpen, SessionAck};
use wigwag_protocol::presence::UserStatus;
use wigwag_protocol::result::{Acted, Calls, GotCall};
use wigwag_protocol::{Device, Event, InviteId, Method, Reason, frame};

use super::acts::{Act, Actor, acted_on, device_of, met, params};
use super::answered::reply_in;
use super::calling::{Done, Guess, call_of, deed, guess};
use super::heard::{self, Heard};
use super::listing::{Listing, Question};
use super::pending::{Completion, Pending, wait_asked_for};
use super::session::Verdict;
use super::{Machine, Output, Phase};
use crate::book::Moment;
use crate::error::Error;
use crate::events::{ClientEvent, Happened};

/// Frames in.
impl Machine {
    pub(super) fn frame(&mut self, text: &str, now: u64) {
        self.alive(now);
        match Heard::read(text) {
            Heard::Reply { request, outcome } => self.reply(request, outcome, now),
            Heard::Event { head, event, params } => self.event(&head, event, params, now),
            Heard::CaughtUp(cursor) => self.caught_up(cursor, now),
            Heard::Status(status) => self.status(status),
            Heard::Nothing => {}
            Heard::Unreadable(why) => self.lost(&format!("unreadable frame: {why}"), now),
        }
    }

    fn event(&mut self, head: &EventHead, event: Option<Event>, params: String, now: u64) {
        let Phase::Open(session) = &mut self.phase else {
            return self.lost("an event came before the session was open", now);
        };
        match session.event(head, self.room) {
            Verdict::Taken => self.happened(head, event, params, now),
            Verdict::Old | Verdict::Skipped => {}
            Verdict::Lost(why) => self.lost(why, now),
        }
    }

    fn happened(&mut self, head: &EventHead, event: Option<Event>, params: String, now: u64) {
        let Some(event) = event else {
            return self.outbox.tell(ClientEvent::Unknown { cursor: head.cursor, params });
        };
        let EventHead { time, remaining_ms, quiet, .. } = *head;
        let moment = Moment { time, remaining_ms, quiet, heard_at: now };
        self.write_down(&event, moment);
        let own = self.settings.own_acts && self.is_act_of_this_device(head, &event);
        let answered = self.take_answered(head, &event);
        if answered.is_none() || own {
            self.outbox.tell(ClientEvent::Happened(Box::new(Happened {
                cursor: head.cursor,
                time: head.time,
                by_self: head.by_self,
                own,
                remaining_ms: head.remaining_ms,
                quiet: head.quiet,
                event,
            })));
        }
        if let Some(Completion::Settled { request, result }) = answered {
            self.outbox.settle(request, Ok(result));
        }
    }

    /// This device is told of its own acts when their replies were lost.
    fn is_act_of_this_device(&self, head: &EventHead, event: &Event) -> bool {
        let device = event.of_invitation().as_ref().and_then(device_of).filter(|_| head.by_self);
        device.is_some_and(|device| device.device_id == self.settings.device_id)
    }

    /// What becomes of the command that made this event, if it still waits for its reply.
    fn take_answered(&mut self, head: &EventHead, event: &Event) -> Option<Completion> {
        let is_message = matches!(event, Event::MessageReceived(_));
        let may_answer = head.by_self && (is_message || self.is_act_of_this_device(head, event));
        if !may_answer {
            return None;
        }
        let about = event.of_invitation().and_then(|about| self.book.view(about.invite_id()));
        self.outbox.requests.take_answered(|command| reply_in(head, event, about, command))
    }

    /// While the app takes nothing it is not kept: the session is resumed when there is room, and whoever is watched is told then.
    fn status(&mut self, status: UserStatus) {
        let Phase::Open(session) = &mut self.phase else { return };
        if self.room {
            self.outbox.tell(ClientEvent::Status(status));
        } else {
            session.skips();
        }
    }

    fn caught_up(&mut self, cursor: u64, now: u64) {
        if let Phase::Open(session) = &mut self.phase {
            session.catches_up(cursor);
            self.send_waiting(now);
        }
    }

    fn reply(&mut self, request: u64, outcome: Result<String, Error>, now: u64) {
        match &mut self.phase {
            Phase::Opening { request: open, .. } if *open == request => self.open_answered(outcome, now),
            Phase::Open(session) => match session.answered(request) {
                Some(question) => self.answered(question, outcome, now),
                None => self.command_answered(request, outcome, now),
            },
            // Nothing else was asked.
            Phase::Idle
            | Phase::FetchingToken { .. }
            | Phase::Connecting { .. }
            | Phase::Opening { .. }
            | Phase::Waiting { .. }
            | Phase::Stopped(_) => {}
        }
    }

    fn command_answered(&mut self, request: u64, outcome: Result<String, Error>, now: u64) {
        let wait = outcome.as_ref().err().and_then(wait_asked_for);
        if wait.is_some_and(|wait| self.outbox.requests.hold_back(request, now + wait)) {
            return;
        }
        let command = self.outbox.requests.take(request);
        let cursor = outcome.as_deref().ok().and_then(heard::cursor_of);
        let verdict = match (&mut self.phase, cursor) {
            (Phase::Open(session), Some(cursor)) => Some(session.reply(cursor, command.is_some())),
            _ => None,
        };
        if let Some(command) = command {
            if let Ok(result) = &outcome {
                self.learn(&command, result, verdict, now);
            }
            self.outbox.settle(request, command.outcome(outcome));
        }
        if let Some(Verdict::Lost(why)) = verdict {
            self.lost(why, now);
        }
    }
}

/// What the replies tell the book, and the app of its own acts.
impl Machine {
    fn learn(&mut self, command: &Pending, result: &str, verdict: Option<Verdict>, now: u64) {
        match (command.method, command.sent_at) {
            (Method::ListOpen, Some(asked)) => {
                let is_first = params::<ListOpen>(&command.frame).is_some_and(|page| page.after.is_none());
                self.listed_for_app(result, asked, is_first, now);
            }
            (Method::Get, _) => self.looked_up(result, now),
            (Method::CallGet | Method::CallList, _) => self.calls_shown(result, now),
            (Method::CallJoin | Method::CallHangUp, _) => {
                if verdict == Some(Verdict::Taken) {
                    self.acted_in_call(command, result, now);
                }
            }
            (Method::UserWatch, _) => self.watched = params(&command.frame),
            (method, _) => {
                if let (Some(verdict), Some(act)) = (verdict, Act::read(method, &command.frame)) {
                    self.acted(act, result, verdict, now);
                }
            }
        }
    }

    /// Of a list or of one call.
    fn calls_shown(&mut self, result: &str, now: u64) {
        let one = read::<GotCall>(result).map(|got| vec![got.call]);
        let shown = one.or_else(|| read::<Calls>(result).map(|page| page.calls));
        for view in shown.unwrap_or_default() {
            self.calls.take(view, now);
        }
    }

    fn acted(&mut self, act: Act, result: &str, verdict: Verdict, now: u64) {
        let (Some(by), Some(acted)) = (self.actor(), read::<Acted>(result)) else { return };
        let held = self.book.view(acted_on(&acted));
        match verdict {
            Verdict::Taken => match act.event(&acted, by, held) {
                Some(event) => self.did(event, &acted, now),
                None => self.book.note(acted_on(&acted), acted.version),
            },
            // The reply to a repeated command. It completes what is held, and must not make ring again what is not.
            Verdict::Old if held.is_some() && !met(&acted) => {
                if let Some(event) = act.event(&acted, by, held) {
                    self.follow(&event, &acted, now);
                }
            }
            // It came before, or comes again, as an event.
            Verdict::Old | Verdict::Skipped | Verdict::Lost(_) => {}
        }
    }

    /// Even an app whose queue is full is told: there is one such event for each command that it waits for.
    fn did(&mut self, event: Event, acted: &Acted, now: u64) {
        let moment = self.follow(&event, acted, now);
        if let (true, Some(cursor)) = (self.settings.own_acts, acted.cursor) {
            self.outbox.tell(ClientEvent::Happened(Box::new(Happened {
                cursor,
                time: moment.time,
                by_self: true,
                own: true,
                remaining_ms: moment.remaining_ms,
                quiet: false,
                event,
            })));
        }
    }

    fn follow(&mut self, event: &Event, acted: &Acted, now: u64) -> Moment {
        let deadline = acted.deadline.filter(|_| matches!(event, Event::InvitationReceived(_)));
        let remaining_ms = deadline.map(|deadline| deadline.saturating_sub(acted.time));
        let moment = Moment { time: acted.time, remaining_ms, quiet: false, heard_at: now };
        self.write_down(event, moment);
        moment
    }

    fn write_down(&mut self, event: &Event, moment: Moment) {
        if let Some(about) = event.of_invitation() {
            self.book.hear(about, moment);
        }
        if let Event::InvitationSilenced(silenced) = event {
            self.book.silence(&silenced.invite_id);
        }
        if let Phase::Open(session) = &self.phase {
            self.calls.hear(event, moment, session.user_id());
        }
    }

    /// The app has entered a call, or left it.
    fn acted_in_call(&mut self, command: &Pending, result: &str, now: u64) {
        let Some(which) = call_of(command.method, &command.frame) else { return };
        let (Some(by), Some(Done { time })) = (self.actor(), read(result)) else { return };
        let done = match self.calls.find(&which) {
            Some(call) => deed(command.method, call, &self.book, by, time).map(Box::new).map(Guess::Deed),
            None => guess(command.method, &which, &self.book, by),
        };
        match done {
            Some(Guess::Deed(event)) => {
                self.write_down(&event, Moment { time, remaining_ms: None, quiet: false, heard_at: now });
            }
            Some(Guess::Ask(ids)) => ids.into_iter().for_each(|id| self.ask(Question::Invitation(id))),
            None => {}
        }
    }

    fn actor(&self) -> Option<Actor> {
        let Phase::Open(session) = &self.phase else { return None };
        let device = Device { device_id: self.settings.device_id.clone(), platform: self.settings.platform };
        Some(Actor { user_id: session.user_id().clone(), device })
    }
}

/// Commands and acks out.
impl Machine {
    pub(super) fn send_waiting(&mut self, now: u64) {
        let Phase::Open(session) = &self.phase else { return };
        let Some(frame_bytes) = session.sends_up_to() else { return };
        if !self.listed && !session.has_asked_for_listing() {
            self.ask(Question::Listing(Listing::new(self.book.edition())));
        }
        while let Some((request, command)) = self.outbox.requests.next_unsent(self.book.edition(), now) {
            let (method, frame) = (command.method, command.frame.clone());
            if frame.len() <= frame_bytes {
                self.look_up_before(method, &frame);
                self.outbox.push(Output::Send(frame));
            } else {
                self.outbox.requests.take(request);
                // The server could not say which request it was.
                self.outbox.settle(request, Err(Error::Refused(Box::new(Reason::FrameTooLarge.error()))));
            }
        }
    }

    /// An act can be told only when its invitation is known.
    fn look_up_before(&mut self, method: Method, frame: &str) {
        if !self.settings.own_acts {
            return;
        }
        let act = Act::read(method, frame);
        if let Some(id) = act.as_ref().and_then(Act::acts_on).filter(|id| self.book.view(id).is_none()) {
            let invite_id: InviteId = id.clone();
            self.ask(Question::Invitation(invite_id));
        }
    }

    pub(super) fn alive(&mut self, now: u64) {
        if let Phase::Open(session) = &mut self.phase {
            session.alive(now);
        }
    }

    /// Asks for a sign of life.
    pub(super) fn probe(&mut self, now: u64) {
        if let Phase::Open(session) = &mut self.phase {
            let cursor = session.probe(now);
            self.outbox.ask(Method::SessionAck, &SessionAck { cursor });
        }
    }

    pub(super) fn room_again(&mut self, now: u64) {
        self.room = true;
        // Nothing was read while there was no room, so silence meant nothing.
        self.alive(now);
        if matches!(&self.phase, Phase::Open(session) if session.has_skipped()) {
            self.lost("the app did not keep up with its events", now);
        }
    }

    pub(super) fn taken(&mut self, cursor: u64, now: u64) {
        if let Phase::Open(session) = &mut self.phase {
            session.took(cursor);
            self.ack(now);
        }
    }

    pub(super) fn ack(&mut self, now: u64) {
        if let Phase::Open(session) = &mut self.phase
            && let Some(cursor) = session.take_due_ack(now)
        {
            let frame = frame::notification(Method::SessionAck.as_str(), &SessionAck { cursor });
            self.outbox.push(Output::Send(frame));
        }
    }
}

fn read<T: DeserializeOwned>(result: &str) -> Option<T> {
    serde_json::from_str(result).ok()
}
