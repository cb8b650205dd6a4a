//! While a session is open: frames in, commands and acks out, and the place of everything in the stream.

use wigwag_protocol::event::EventHead;
use wigwag_protocol::params::SessionAck;
use wigwag_protocol::{Event, Method, Reason, frame};

use super::heard::{self, Heard};
use super::stream::{Place, place};
use super::{Machine, Output, Phase, Session};
use crate::error::Error;
use crate::events::{ClientEvent, Happened};

impl Machine {
    pub(super) fn frame(&mut self, text: &str, now: u64) {
        self.alive(now);
        match Heard::read(text) {
            Heard::Reply { request, outcome } => self.reply(request, outcome, now),
            Heard::Event { head, event, params } => self.event(&head, event, params, now),
            Heard::CaughtUp(cursor) => self.caught_up(cursor),
            Heard::Nothing => {}
            Heard::Unreadable(why) => self.lost(&format!("unreadable frame: {why}"), now),
        }
    }

    fn reply(&mut self, request: u64, outcome: Result<String, Error>, now: u64) {
        if matches!(self.phase, Phase::Opening { request: open, .. } if open == request) {
            return self.open_answered(outcome, now);
        }
        let cursor = outcome.as_deref().ok().and_then(heard::cursor_of);
        let awaited = self.requests.settle(request);
        if awaited {
            self.outputs.push_back(Output::Settle { request, outcome });
        }
        if let Some(cursor) = cursor {
            self.reply_placed(cursor, awaited, now);
        }
    }

    fn reply_placed(&mut self, cursor: u64, awaited: bool, now: u64) {
        let (Phase::Open(session), Some(last)) = (&self.phase, self.cursor) else { return };
        match place(last, cursor, None) {
            Place::Next if awaited => self.cursor = Some(cursor),
            // The app was told that the command is in doubt, so it has to hear of it as an event, by resuming.
            Place::Next => self.lost("a command was carried out after it had been given up", now),
            Place::Old => {}
            // While events are skipped a gap is no news: the session is resumed anyway.
            Place::Gap if session.skipped => {}
            Place::Gap => self.lost("a reply came out of its place in the stream", now),
        }
    }

    fn event(&mut self, head: &EventHead, event: Option<Event>, params: String, now: u64) {
        let (Phase::Open(session), Some(last)) = (&mut self.phase, self.cursor) else {
            return self.lost("an event came before the session was open", now);
        };
        match place(last, head.cursor, head.after) {
            Place::Old => {}
            Place::Next if self.room => {
                self.cursor = Some(head.cursor);
                self.tell(told(head, event, params));
            }
            Place::Gap if !session.skipped => self.lost("an event is missing", now),
            Place::Next | Place::Gap => session.skipped = true,
        }
    }

    fn caught_up(&mut self, cursor: u64) {
        let Phase::Open(session) = &mut self.phase else { return };
        session.caught_up = true;
        if !session.skipped {
            self.cursor = self.cursor.max(Some(cursor));
        }
        self.send_waiting();
    }

    pub(super) fn send_waiting(&mut self) {
        let Phase::Open(Session { caught_up: true, frame_bytes, .. }) = self.phase else { return };
        for (request, frame) in self.requests.take_unsent() {
            if frame.len() <= frame_bytes {
                self.outputs.push_back(Output::Send(frame));
            } else {
                // The server could not say which request it was.
                self.settle(request, Error::Refused(Box::new(Reason::FrameTooLarge.error())));
            }
        }
    }

    pub(super) fn alive(&mut self, now: u64) {
        if let Phase::Open(session) = &mut self.phase {
            session.heard_at = now;
        }
    }

    pub(super) fn room_again(&mut self, now: u64) {
        self.room = true;
        // Nothing was read while there was no room, so silence meant nothing.
        self.alive(now);
        if matches!(self.phase, Phase::Open(Session { skipped: true, .. })) {
            self.lost("the app did not keep up with its events", now);
        }
    }

    pub(super) fn taken(&mut self, cursor: u64, now: u64) {
        // After a resync an older, higher cursor may still be on its way.
        self.acks.took(cursor.min(self.cursor.unwrap_or(cursor)));
        self.ack(now);
    }

    pub(super) fn ack(&mut self, now: u64) {
        if !matches!(self.phase, Phase::Open(_)) {
            return;
        }
        if let Some(cursor) = self.acks.take_due(now) {
            let frame = frame::notification(Method::SessionAck.as_str(), &SessionAck { cursor });
            self.outputs.push_back(Output::Send(frame));
        }
    }

    pub(super) fn idle_at(&self, session: &Session) -> Option<u64> {
        session.idle_limit.filter(|_| self.room).map(|limit| session.heard_at + limit)
    }
}

fn told(head: &EventHead, event: Option<Event>, params: String) -> ClientEvent {
    match event {
        Some(event) => ClientEvent::Happened(Box::new(Happened {
            cursor: head.cursor,
            time: head.time,
            by_self: head.by_self,
            remaining_ms: head.remaining_ms,
            event,
        })),
        None => ClientEvent::Unknown { cursor: head.cursor, params },
    }
}
