//! Opens many invitations and leaves them open.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use indicatif::ProgressBar;
use uuid::Uuid;

use crate::net::{Fleet, Heard, Listener};
use crate::progress;
use crate::sign_in::Identity;
use crate::wire::{self, Ring, Said};

/// Seconds they stay open: longer than any run.
const TIMEOUT: u32 = 3_600;

/// Requests under way on each connection.
const IN_FLIGHT: usize = 8;

/// Without a single reply for this long, something is wrong.
const PATIENCE: Duration = Duration::from_secs(20);

/// Whom the n-th inviter invites with their m-th invitation; `None` when they have no more.
pub(crate) type Plan<'a> = dyn Fn(usize, usize) -> Option<&'a str> + 'a;

/// Hears, before each invitation is sent, the invitee and the inviteID.
pub(crate) type Told<'a> = dyn FnMut(&str, &str) + 'a;

/// Sends, from each connection in turn, invitations to a list of users.
pub(crate) struct Opener<'a> {
    inviters: &'a [Identity],
    total: usize,
    plan: &'a Plan<'a>,
    sent: Vec<usize>,
    opened: usize,
    told: &'a mut Told<'a>,
    request: String,
    bar: ProgressBar,
}

impl<'a> Opener<'a> {
    /// Nothing sent yet; `total` is what the plan comes to.
    pub(crate) fn new(
        inviters: &'a [Identity],
        total: usize,
        plan: &'a Plan<'a>,
        told: &'a mut Told<'a>,
    ) -> Self {
        let sent = vec![0; inviters.len()];
        let bar = progress::bar("inviting", total);
        Self { inviters, total, plan, told, sent, opened: 0, request: String::new(), bar }
    }

    /// Invites until all invitations are acknowledged.
    pub(crate) fn run(mut self, fleet: &mut Fleet) -> Result<()> {
        let total = self.total;
        for at in 0..self.inviters.len() {
            for _ in 0..IN_FLIGHT {
                self.next(fleet, at)?;
            }
        }
        let (mut before, mut moved) = (0, Instant::now());
        while self.opened < total {
            fleet.poll(PATIENCE, &mut self)?;
            if self.opened > before {
                (before, moved) = (self.opened, Instant::now());
            }
            ensure!(moved.elapsed() < PATIENCE, "only {before} of {total} invitations were answered");
        }
        self.bar.finish_and_clear();
        Ok(())
    }

    fn next(&mut self, fleet: &mut Fleet, at: usize) -> Result<()> {
        let Some(invitee) = (self.plan)(at, self.sent[at]) else { return Ok(()) };
        self.sent[at] += 1;
        let invite_id = Uuid::now_v7().to_string();
        (self.told)(invitee, &invite_id);
        let ring = Ring { invite_id: &invite_id, invitee, timeout: TIMEOUT, call: false };
        wire::invite(&mut self.request, self.sent[at] as u64, ring);
        fleet.send(at, &self.request)
    }
}

impl Listener for Opener<'_> {
    fn heard(&mut self, fleet: &mut Fleet, at: usize, heard: Heard<'_>) -> Result<()> {
        let who = &self.inviters[at].user;
        match heard {
            Heard::Text(text) => {
                let said = wire::read(text).with_context(|| format!("{who} cannot invite"))?;
                ensure!(matches!(&said, Said::Reply(..)), "{who} should not hear {said:?}");
                self.opened += 1;
                self.bar.inc(1);
                self.next(fleet, at)
            }
            Heard::Closed(why) => anyhow::bail!("{who} cannot invite: {why}"),
            Heard::Open => Ok(()),
        }
    }
}
