//! A device that never tries a command twice: whatever was in flight when the connection broke stays unknown.

use std::time::Duration;

use tokio::time::{Instant, sleep, timeout_at};

use crate::dice::between;
use crate::load::device::{BELL, Device, PATIENCE};
use crate::load::door::Door;
use crate::load::journal::{Ack, Journal, Outcome, Seen, now_ms};
use crate::load::wire::{Gone, Heard, Wire};
use crate::load::wish::Wish;

pub(crate) struct Raw {
    door: Door,
    dice: fastrand::Rng,
    wire: Option<Wire>,
    /// Everything up to here it was told.
    cursor: u64,
    heard_bell: bool,
}

impl Raw {
    pub(crate) fn new(door: Door, dice: fastrand::Rng) -> Self {
        Self { door, dice, wire: None, cursor: 0, heard_bell: false }
    }

    /// Signs in and catches up, as often as it takes.
    async fn connected(&mut self, journal: &mut Journal) {
        let until = Instant::now() + PATIENCE;
        while self.wire.is_none() {
            if Instant::now() > until {
                journal.complain("the server could not be reached");
                return;
            }
            if self.connect(journal).await.is_err() {
                self.wire = None;
                sleep(between(&mut self.dice, 5, 60)).await;
            }
        }
    }

    async fn connect(&mut self, journal: &mut Journal) -> Result<(), Gone> {
        let cursor = Some(self.cursor);
        let opening = Wire::open(self.door.port(), &journal.user, &journal.device, cursor);
        let since = now_ms();
        let opened = timeout_at(Instant::now() + PATIENCE, opening).await;
        journal.waited(self.door.node(), since);
        let (wire, opened) = opened.map_err(Gone::by)??;
        self.wire = Some(wire);
        journal.sessions += 1;
        if opened.resync || opened.cursor != self.cursor {
            journal.complain(&format!("cursor {} was not taken: {opened:?}", self.cursor));
        }
        while self.cursor < opened.head {
            self.hear(journal).await?;
        }
        Ok(())
    }

    async fn hear(&mut self, journal: &mut Journal) -> Result<Heard, Gone> {
        let wire = self.wire.as_mut().ok_or_else(|| Gone::by("there is none"))?;
        let heard = wire.hear().await.inspect_err(|_| self.wire = None)?;
        match &heard {
            Heard::Event { follows, seen } => self.take(*follows, seen, journal),
            // Also in the middle of a session, when the node has read from the store what it had not heard of.
            Heard::CaughtUp(cursor) => self.cursor = self.cursor.max(*cursor),
            Heard::Reply { .. } => {}
        }
        Ok(heard)
    }

    fn take(&mut self, follows: u64, seen: &Seen, journal: &mut Journal) {
        if seen.cursor <= self.cursor {
            journal.complain(&format!("{seen:?} was told again; the device had reached {}", self.cursor));
        } else if follows > self.cursor {
            journal
                .complain(&format!("{seen:?} follows {follows}, but the device had reached {}", self.cursor));
        }
        self.cursor = self.cursor.max(seen.cursor);
        self.heard_bell |= seen.kind == BELL;
        journal.saw(seen.clone());
    }

    fn place_reply(&mut self, ack: &Ack, journal: &mut Journal) {
        let Some(cursor) = ack.cursor else { return };
        if cursor > self.cursor + 1 {
            journal
                .complain(&format!("a reply at {cursor} came when the device had reached {}", self.cursor));
        }
        self.cursor = self.cursor.max(cursor);
    }

    async fn ask(&mut self, wish: &Wish, journal: &mut Journal) -> Result<Outcome, Gone> {
        let wire = self.wire.as_mut().ok_or_else(|| Gone::by("there is none"))?;
        let request = wire.send(wish.method(), &wish.params()).await?;
        loop {
            match self.hear(journal).await? {
                Heard::Reply { id, outcome } if id == request => {
                    return Ok(match outcome {
                        Ok(result) => {
                            let ack = wish.read_ack(&result);
                            self.place_reply(&ack, journal);
                            Outcome::Acked(ack)
                        }
                        Err(error) => Outcome::Refused(error),
                    });
                }
                Heard::Reply { .. } | Heard::Event { .. } | Heard::CaughtUp(_) => {}
            }
        }
    }
}

impl Device for Raw {
    async fn carry_out(&mut self, wish: &Wish, journal: &mut Journal) -> Outcome {
        self.connected(journal).await;
        let (until, since) = (Instant::now() + PATIENCE, now_ms());
        let asked = timeout_at(until, self.ask(wish, journal)).await;
        journal.waited(self.door.node(), since);
        match asked {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_)) => {
                self.wire = None;
                Outcome::Unknown
            }
            Err(_) => {
                journal.complain(&format!("no reply to {wish:?} within {PATIENCE:?}"));
                self.wire = None;
                Outcome::Unknown
            }
        }
    }

    async fn listen(&mut self, time: Duration, journal: &mut Journal) {
        let until = Instant::now() + time;
        loop {
            match timeout_at(until, self.hear(journal)).await {
                Ok(Ok(_)) => {}
                Ok(Err(_)) if Instant::now() < until => {
                    if self.connect(journal).await.is_err() {
                        self.wire = None;
                        sleep(between(&mut self.dice, 1, 30)).await;
                    }
                }
                Ok(Err(_)) | Err(_) => return,
            }
        }
    }

    async fn go_away(&mut self) {
        self.wire = None;
    }

    /// It connects when it wants something.
    fn come_back(&mut self) {}

    async fn listen_for_bell(&mut self, journal: &mut Journal) {
        while !self.heard_bell {
            self.connected(journal).await;
            if self.wire.is_none() {
                return;
            }
            while !self.heard_bell && self.hear(journal).await.is_ok() {}
        }
    }
}
