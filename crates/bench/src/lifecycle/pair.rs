//! A caller and a callee, and the lifecycle they are in:
//!
//! ```text
//! caller ── invite ─▶        ◀─ reply ── caller      received ─▶ callee
//! callee ── accept ─▶        ◀─ reply ── callee      accepted ─▶ caller
//! caller ── hang up ─▶       ◀─ reply ── caller      hung up ─▶ callee       in a call alone
//! ```
//!
//! Every frame is checked: nothing refused, of this invitation, and nothing twice; in the native protocol also the version, and a
//! cursor that follows the one before.

use std::time::Instant;

use anyhow::{Result, bail, ensure};

use super::flow::Flow;
use crate::openim;
use crate::tongue::Tongue;
use crate::wire::{self, Ring, Said, Told};

/// Seconds an invitation rings; far longer than a lifecycle takes.
const TIMEOUT: u32 = 30;

/// Which of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Caller,
    Callee,
}

/// The frames a lifecycle brings from the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    InviteReplied = 1,
    Received = 2,
    AcceptReplied = 4,
    Accepted = 8,
    HangUpReplied = 16,
    HungUp = 32,
}

const UP_TO_THE_ANSWER: u8 = 15;
const UP_TO_THE_HANG_UP: u8 = 63;

/// Who the two are.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Names<'a> {
    pub(crate) caller: &'a str,
    pub(crate) callee: &'a str,
}

/// Where a pair stands.
#[derive(Debug)]
pub(crate) struct Pair {
    flow: Flow,
    cursors: [u64; 2],
    /// The invite and the accept of the current lifecycle; the hang-up has the next number.
    request: u64,
    invite_id: String,
    heard: u8,
    /// When the invite was due: sent at once in a closed loop, scheduled in an open one.
    pub(crate) due: Instant,
    /// When the invite was sent.
    pub(crate) sent: Instant,
}

impl Pair {
    /// Idle, with the cursors their sessions started at.
    pub(crate) fn new(flow: Flow, (caller, callee): (u64, u64), now: Instant) -> Self {
        let (request, invite_id) = (0, String::new());
        Self { flow, cursors: [caller, callee], request, invite_id, heard: all(flow), due: now, sent: now }
    }

    /// Begins a lifecycle.
    pub(crate) fn start(&mut self, invite_id: String, due: Instant, now: Instant) {
        self.request += 2;
        (self.invite_id, self.due, self.sent, self.heard) = (invite_id, due, now, 0);
    }

    /// Writes the caller's invite.
    pub(crate) fn invite(&self, names: Names<'_>, out: &mut String) {
        match self.flow.tongue() {
            Tongue::Native => {
                let Self { flow, invite_id, .. } = self;
                let ring = Ring { invite_id, invitee: names.callee, timeout: TIMEOUT, call: flow.is_call() };
                wire::invite(out, self.request, ring);
            }
            Tongue::OpenIm => openim::invite(out, self.request, self.call(names)),
        }
    }

    /// Writes the request that follows a step, and says who sends it.
    pub(crate) fn follow(&self, step: Step, names: Names<'_>, out: &mut String) -> Option<Side> {
        match (step, self.flow.tongue()) {
            (Step::Received, Tongue::Native) => wire::accept(out, self.request, &self.invite_id),
            (Step::Received, Tongue::OpenIm) => openim::accept(out, self.request, self.call(names)),
            (Step::Accepted, _) if !self.flow.hangs_up() => return None,
            (Step::Accepted, Tongue::Native) => wire::hang_up(out, self.request + 1, &self.invite_id),
            (Step::Accepted, Tongue::OpenIm) => openim::hang_up(out, self.request + 1, self.call(names)),
            (Step::InviteReplied | Step::AcceptReplied | Step::HangUpReplied | Step::HungUp, _) => {
                return None;
            }
        }
        Some(if step == Step::Received { Side::Callee } else { Side::Caller })
    }

    /// Whether every frame of the lifecycle has come.
    pub(crate) fn is_idle(&self) -> bool {
        self.heard == all(self.flow)
    }

    /// How many frames of the lifecycle have not come.
    pub(crate) fn missing(&self) -> u32 {
        (!self.heard & all(self.flow)).count_ones()
    }

    /// Takes a frame; an error says what is wrong with it. The end of a node's look into the store is no step.
    pub(crate) fn hear(&mut self, side: Side, text: &str) -> Result<Option<Step>> {
        let step = match self.flow.tongue() {
            Tongue::Native => self.hear_natively(side, text)?,
            Tongue::OpenIm => Some(self.hear_by_openim(side, text)?),
        };
        if let Some(step) = step {
            ensure!(self.heard & step as u8 == 0, "a second time: {text}");
            self.heard |= step as u8;
        }
        Ok(step)
    }

    fn hear_natively(&mut self, side: Side, text: &str) -> Result<Option<Step>> {
        let said = wire::read(text)?;
        if let Said::CaughtUp(cursor) = said {
            ensure!(cursor == self.cursors[side as usize], "caught up to another place: {text}");
            return Ok(None);
        }
        let (step, told) = self.step(side, said)?;
        let (named, version) = match step {
            Step::InviteReplied | Step::Received => (told.invite_id, Some(1)),
            Step::AcceptReplied | Step::Accepted => (told.invite_id, Some(2)),
            // The reply to a hang-up says when, and no more.
            Step::HangUpReplied => (Some(self.invite_id.as_str()), None),
            Step::HungUp => (told.call_id, Some(3)),
        };
        ensure!(named == Some(&self.invite_id), "not of invitation {}: {text}", self.invite_id);
        ensure!(told.version == version, "not version {version:?}: {text}");
        let cursor = &mut self.cursors[side as usize];
        ensure!(told.cursor == Some(*cursor + 1), "the cursor does not follow {cursor}: {text}");
        *cursor += 1;
        Ok(Some(step))
    }

    fn step<'a>(&self, side: Side, said: Said<'a>) -> Result<(Step, Told<'a>)> {
        match (side, said) {
            (Side::Caller, Said::Reply(id, told)) if id == self.request => Ok((Step::InviteReplied, told)),
            (Side::Callee, Said::Reply(id, told)) if id == self.request => Ok((Step::AcceptReplied, told)),
            (Side::Caller, Said::Reply(id, told)) if id == self.request + 1 => {
                Ok((Step::HangUpReplied, told))
            }
            (Side::Callee, Said::Event(told)) if told.kind == Some("invitation.received") => {
                Ok((Step::Received, told))
            }
            (Side::Caller, Said::Event(told)) if told.kind == Some("invitation.accepted") => {
                Ok((Step::Accepted, told))
            }
            (Side::Callee, Said::Event(told)) if told.kind == Some("call.hungUp") => Ok((Step::HungUp, told)),
            (side, said) => bail!("the {side:?} should not hear {said:?}"),
        }
    }

    fn hear_by_openim(&self, side: Side, text: &str) -> Result<Step> {
        let frame = openim::read(text)?;
        let (step, request) = match (side, frame.event) {
            (Side::Caller, "SignalingInvite") => (Step::InviteReplied, Some(self.request)),
            (Side::Callee, "OnReceiveNewInvitation") => (Step::Received, None),
            (Side::Callee, "SignalingAccept") => (Step::AcceptReplied, Some(self.request)),
            (Side::Caller, "OnInviteeAccepted") => (Step::Accepted, None),
            (Side::Caller, "SignalingHungUp") => (Step::HangUpReplied, Some(self.request + 1)),
            (Side::Callee, "OnHangUp") => (Step::HungUp, None),
            (side, other) => bail!("the {side:?} should not hear {other}"),
        };
        let fits = request.map_or_else(|| frame.is_about(&self.invite_id), |id| frame.answers(id));
        ensure!(fits, "not of the call in room {}: {text}", self.invite_id);
        Ok(step)
    }

    /// OpenIM's clients name a call by its room.
    fn call<'a>(&'a self, names: Names<'a>) -> openim::Call<'a> {
        let Names { caller, callee } = names;
        openim::Call { caller, callee, room: &self.invite_id, timeout: TIMEOUT }
    }
}

fn all(flow: Flow) -> u8 {
    if flow.hangs_up() { UP_TO_THE_HANG_UP } else { UP_TO_THE_ANSWER }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(cursor: u64, version: u32) -> String {
        format!(
            r#"{{"jsonrpc":"2.0","id":2,"result":{{"inviteID":"i","cursor":{cursor},"version":{version}}}}}"#
        )
    }

    fn event(kind: &str, cursor: u64, version: u32) -> String {
        format!(
            r#"{{"jsonrpc":"2.0","method":"event","params":{{"cursor":{cursor},"type":"invitation.{kind}","inviteID":"i","version":{version}}}}}"#
        )
    }

    fn ringing() -> Pair {
        let now = Instant::now();
        let mut pair = Pair::new(Flow::Invitation, (4, 7), now);
        pair.start("i".to_owned(), now, now);
        pair
    }

    #[test]
    fn four_frames_make_a_lifecycle() {
        let mut pair = ringing();
        assert_eq!(pair.hear(Side::Caller, &reply(5, 1)).unwrap(), Some(Step::InviteReplied));
        assert_eq!(pair.hear(Side::Callee, &event("received", 8, 1)).unwrap(), Some(Step::Received));
        assert_eq!(pair.missing(), 2);
        assert_eq!(pair.hear(Side::Caller, &event("accepted", 6, 2)).unwrap(), Some(Step::Accepted));
        assert!(!pair.is_idle());
        let caught_up = r#"{"jsonrpc":"2.0","method":"session.caughtUp","params":{"cursor":8}}"#;
        assert_eq!(pair.hear(Side::Callee, caught_up).unwrap(), None);
        assert!(pair.hear(Side::Caller, caught_up).is_err());
        assert_eq!(pair.hear(Side::Callee, &reply(9, 2)).unwrap(), Some(Step::AcceptReplied));
        assert!(pair.is_idle());
    }

    #[test]
    fn wrong_frames_are_found() {
        let wrong = [
            (Side::Caller, reply(6, 1)),
            (Side::Caller, reply(4, 1)),
            (Side::Caller, reply(5, 2)),
            (Side::Caller, reply(5, 1).replace("\"i\"", "\"j\"")),
            (Side::Caller, reply(5, 1).replace("\"id\":2", "\"id\":4")),
            (Side::Caller, event("received", 5, 1)),
            (Side::Callee, event("accepted", 8, 2)),
            (Side::Callee, r#"{"jsonrpc":"2.0","id":2,"error":{"code":8010}}"#.to_owned()),
        ];
        for (side, text) in wrong {
            assert!(ringing().hear(side, &text).is_err(), "{text}");
        }
        let mut pair = ringing();
        pair.hear(Side::Callee, &event("received", 8, 1)).unwrap();
        assert!(pair.hear(Side::Callee, &event("received", 9, 1)).is_err());
    }

    #[test]
    fn a_call_goes_on_to_the_hang_up() {
        let now = Instant::now();
        let mut pair = Pair::new(Flow::Call, (4, 7), now);
        pair.start("i".to_owned(), now, now);
        for (side, text) in [
            (Side::Caller, reply(5, 1)),
            (Side::Callee, event("received", 8, 1)),
            (Side::Callee, reply(9, 2)),
            (Side::Caller, event("accepted", 6, 2)),
        ] {
            pair.hear(side, &text).unwrap();
        }
        assert!(!pair.is_idle());
        let mut request = String::new();
        let names = Names { caller: "alice", callee: "bob" };
        assert_eq!(pair.follow(Step::Accepted, names, &mut request), Some(Side::Caller));
        assert!(request.contains(r#""id":3,"method":"call.hangUp""#), "{request}");
        let done = r#"{"jsonrpc":"2.0","id":3,"result":{"cursor":7,"time":1}}"#;
        assert_eq!(pair.hear(Side::Caller, done).unwrap(), Some(Step::HangUpReplied));
        let hung_up = r#"{"jsonrpc":"2.0","method":"event","params":{"cursor":10,"type":"call.hungUp","callID":"i","version":3}}"#;
        assert_eq!(pair.hear(Side::Callee, hung_up).unwrap(), Some(Step::HungUp));
        assert!(pair.is_idle());
    }
}
