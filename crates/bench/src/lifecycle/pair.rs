//! A caller and a callee, and the lifecycle they are in:
//!
//! ```text
//! caller ── invite ─▶        ◀─ reply ── caller      received ─▶ callee
//! callee ── accept ─▶        ◀─ reply ── callee      accepted ─▶ caller
//! ```
//!
//! Every frame is checked: nothing refused, the right inviteID and version, a cursor that follows the one before, and
//! nothing twice.

use std::time::Instant;

use anyhow::{Result, bail, ensure};

use crate::wire::{self, Said, Told};

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
}

const ALL: u8 = 15;

/// Where a pair stands.
#[derive(Debug)]
pub(crate) struct Pair {
    cursors: [u64; 2],
    /// The request of the current lifecycle, the same number on both sides.
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
    pub(crate) fn new(caller: u64, callee: u64, now: Instant) -> Self {
        Self {
            cursors: [caller, callee],
            request: 0,
            invite_id: String::new(),
            heard: ALL,
            due: now,
            sent: now,
        }
    }

    /// Begins a lifecycle; the number of its requests.
    pub(crate) fn start(&mut self, invite_id: String, due: Instant, now: Instant) -> u64 {
        self.request += 1;
        (self.invite_id, self.due, self.sent, self.heard) = (invite_id, due, now, 0);
        self.request
    }

    /// The current lifecycle's inviteID.
    pub(crate) fn invite_id(&self) -> &str {
        &self.invite_id
    }

    /// The current lifecycle's request number.
    pub(crate) fn request(&self) -> u64 {
        self.request
    }

    /// Whether every frame of the lifecycle has come.
    pub(crate) fn is_idle(&self) -> bool {
        self.heard == ALL
    }

    /// How many frames of the lifecycle have not come.
    pub(crate) fn missing(&self) -> u32 {
        (!self.heard & ALL).count_ones()
    }

    /// Takes a frame; an error says what is wrong with it. The end of a node's look into the store is no step.
    pub(crate) fn hear(&mut self, side: Side, text: &str) -> Result<Option<Step>> {
        let said = wire::read(text)?;
        if let Said::CaughtUp(cursor) = said {
            ensure!(cursor == self.cursors[side as usize], "caught up to another place: {text}");
            return Ok(None);
        }
        let (step, told) = self.step(side, said)?;
        let version = if matches!(step, Step::InviteReplied | Step::Received) { 1 } else { 2 };
        ensure!(told.invite_id == Some(&self.invite_id), "not of invitation {}: {text}", self.invite_id);
        ensure!(told.version == Some(version), "not version {version}: {text}");
        ensure!(self.heard & step as u8 == 0, "a second time: {text}");
        let cursor = &mut self.cursors[side as usize];
        ensure!(told.cursor == Some(*cursor + 1), "the cursor does not follow {cursor}: {text}");
        *cursor += 1;
        self.heard |= step as u8;
        Ok(Some(step))
    }

    fn step<'a>(&self, side: Side, said: Said<'a>) -> Result<(Step, Told<'a>)> {
        match (side, said) {
            (Side::Caller, Said::Reply(id, told)) if id == self.request => Ok((Step::InviteReplied, told)),
            (Side::Callee, Said::Reply(id, told)) if id == self.request => Ok((Step::AcceptReplied, told)),
            (Side::Callee, Said::Event(told)) if told.kind == Some("invitation.received") => {
                Ok((Step::Received, told))
            }
            (Side::Caller, Said::Event(told)) if told.kind == Some("invitation.accepted") => {
                Ok((Step::Accepted, told))
            }
            (side, said) => bail!("the {side:?} should not hear {said:?}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(cursor: u64, version: u32) -> String {
        format!(
            r#"{{"jsonrpc":"2.0","id":1,"result":{{"inviteID":"i","cursor":{cursor},"version":{version}}}}}"#
        )
    }

    fn event(kind: &str, cursor: u64, version: u32) -> String {
        format!(
            r#"{{"jsonrpc":"2.0","method":"event","params":{{"cursor":{cursor},"type":"invitation.{kind}","inviteID":"i","version":{version}}}}}"#
        )
    }

    fn ringing() -> Pair {
        let now = Instant::now();
        let mut pair = Pair::new(4, 7, now);
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
            (Side::Caller, reply(5, 1).replace("\"id\":1", "\"id\":2")),
            (Side::Caller, event("received", 5, 1)),
            (Side::Callee, event("accepted", 8, 2)),
            (Side::Callee, r#"{"jsonrpc":"2.0","id":1,"error":{"code":8010}}"#.to_owned()),
        ];
        for (side, text) in wrong {
            assert!(ringing().hear(side, &text).is_err(), "{text}");
        }
        let mut pair = ringing();
        pair.hear(Side::Callee, &event("received", 8, 1)).unwrap();
        assert!(pair.hear(Side::Callee, &event("received", 9, 1)).is_err());
    }
}
