//! Many pairs at once: who starts when, what is recorded, what went wrong.

use std::time::{Duration, Instant};

use anyhow::Result;
use hdrhistogram::Histogram;
use uuid::Uuid;

use super::flow::Flow;
use super::pair::{Names, Pair, Side, Step};
use super::schedule::Schedule;
use crate::net::{Fleet, Heard, Listener};
use crate::sign_in::Identity;

/// Descriptions kept of what went wrong; the rest is only counted.
const FAULTS_KEPT: usize = 5;

/// Lifecycles under way when each pair has one: more would only measure the server's queue.
const ONCE_AT_ONCE: usize = 200;

/// Longest latency told apart, microseconds.
const LONGEST: u64 = 60_000_000;

/// When a pair starts its next lifecycle.
pub(crate) enum Pacing {
    /// As soon as the one before is complete.
    Closed,
    /// When the schedule says so and a pair is free.
    Open(Schedule),
    /// Once per pair; this many pairs have started.
    Once(usize),
    /// No more.
    Ended,
}

/// What was recorded.
pub(crate) struct Record {
    /// Complete lifecycles.
    pub(crate) lifecycles: u32,
    /// Invite due → caller hears accepted, microseconds.
    pub(crate) latency: Histogram<u64>,
    /// Invite sent → callee hears received, microseconds.
    pub(crate) event_latency: Histogram<u64>,
}

impl Record {
    pub(crate) fn new() -> Result<Self> {
        let histogram = Histogram::new_with_bounds(1, LONGEST, 3)?;
        Ok(Self { lifecycles: 0, latency: histogram.clone(), event_latency: histogram })
    }
}

/// What went wrong.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    /// Frames that are wrong, refusals, and connections that ended.
    pub(crate) wrong: u32,
    /// Frames that never came.
    pub(crate) missing: u32,
    /// The first few.
    pub(crate) first: Vec<String>,
}

impl Faults {
    fn note(&mut self, fault: String) {
        self.wrong += 1;
        if self.first.len() < FAULTS_KEPT {
            self.first.push(fault);
        }
    }
}

/// The pairs; pair `n` has its caller in place `2n` and its callee in place `2n + 1` of the fleet.
pub(crate) struct Load<'a> {
    flow: Flow,
    identities: &'a [Identity],
    pairs: Vec<Pair>,
    /// Free for a lifecycle; the longest free first.
    free: std::collections::VecDeque<usize>,
    /// In a lifecycle.
    busy: usize,
    pub(crate) pacing: Pacing,
    pub(crate) record: Record,
    pub(crate) faults: Faults,
    request: String,
}

impl<'a> Load<'a> {
    /// All pairs free, signed in at these cursors.
    pub(crate) fn new(
        flow: Flow,
        identities: &'a [Identity],
        cursors: &[u64],
        pacing: Pacing,
    ) -> Result<Self> {
        let now = Instant::now();
        let pairs: Vec<Pair> =
            cursors.chunks_exact(2).map(|two| Pair::new(flow, (two[0], two[1]), now)).collect();
        Ok(Self {
            flow,
            identities,
            free: (0..pairs.len()).collect(),
            busy: 0,
            pairs,
            pacing,
            record: Record::new()?,
            faults: Faults::default(),
            request: String::new(),
        })
    }

    /// Starts what is due, and waits for frames until `until` at most.
    pub(crate) fn turn(&mut self, fleet: &mut Fleet, until: Instant) -> Result<()> {
        let now = Instant::now();
        let mut wake = until;
        while let Some(&pair) = self.free.front() {
            let due = match &mut self.pacing {
                Pacing::Closed => Some(now),
                Pacing::Open(schedule) => schedule.take(now),
                Pacing::Once(started) if *started < self.pairs.len() && self.busy < ONCE_AT_ONCE => {
                    *started += 1;
                    Some(now)
                }
                Pacing::Once(_) | Pacing::Ended => None,
            };
            let Some(due) = due else {
                if let Pacing::Open(schedule) = &self.pacing {
                    wake = wake.min(schedule.next_due());
                }
                break;
            };
            self.free.pop_front();
            self.start(fleet, pair, due)?;
        }
        fleet.poll(wake.saturating_duration_since(Instant::now()), self)
    }

    /// Waits for the lifecycles under way; those that are not complete by then count as missing frames.
    pub(crate) fn drain(&mut self, fleet: &mut Fleet, patience: Duration) -> Result<()> {
        self.pacing = Pacing::Ended;
        let until = Instant::now() + patience;
        while self.busy > 0 && Instant::now() < until {
            self.turn(fleet, until)?;
        }
        self.faults.missing += self.pairs.iter().map(Pair::missing).sum::<u32>();
        Ok(())
    }

    /// Pairs that can still start a lifecycle or are in one.
    pub(crate) fn living(&self) -> usize {
        self.busy + self.free.len()
    }

    /// Whether every pair has had its one lifecycle.
    pub(crate) fn finished_once(&self) -> bool {
        matches!(self.pacing, Pacing::Once(started) if started == self.pairs.len()) && self.busy == 0
    }

    fn start(&mut self, fleet: &mut Fleet, pair: usize, due: Instant) -> Result<()> {
        let invite_id = Uuid::now_v7().to_string();
        self.pairs[pair].start(invite_id, due, Instant::now());
        self.busy += 1;
        self.pairs[pair].invite(names(self.identities, pair), &mut self.request);
        fleet.send(2 * pair, &self.request)
    }

    fn step(&mut self, fleet: &mut Fleet, number: usize, step: Step) -> Result<()> {
        let pair = &self.pairs[number];
        match step {
            Step::Received => self.record.event_latency.saturating_record(micros(pair.sent)),
            Step::Accepted => self.record.latency.saturating_record(micros(pair.due)),
            Step::InviteReplied | Step::AcceptReplied | Step::HangUpReplied | Step::HungUp => {}
        }
        if let Some(side) = pair.follow(step, names(self.identities, number), &mut self.request) {
            fleet.send(2 * number + side as usize, &self.request)?;
        }
        if pair.is_idle() {
            self.record.lifecycles += 1;
            self.busy -= 1;
            self.free.push_back(number);
        }
        Ok(())
    }

    /// A pair with a wrong frame takes no further part.
    fn retire(&mut self, fleet: &mut Fleet, number: usize, fault: String) -> Result<()> {
        self.faults.note(fault);
        if self.pairs[number].is_idle() {
            self.free.retain(|&free| free != number);
        } else {
            self.busy -= 1;
            self.faults.missing += self.pairs[number].missing();
        }
        self.pairs[number] = Pair::new(self.flow, (0, 0), Instant::now());
        fleet.close(2 * number)?;
        fleet.close(2 * number + 1)
    }
}

impl Listener for Load<'_> {
    fn heard(&mut self, fleet: &mut Fleet, at: usize, heard: Heard<'_>) -> Result<()> {
        let (number, side) = (at / 2, if at.is_multiple_of(2) { Side::Caller } else { Side::Callee });
        match heard {
            Heard::Text(text) => match self.pairs[number].hear(side, text) {
                Ok(Some(step)) => self.step(fleet, number, step),
                Ok(None) => Ok(()),
                Err(wrong) => self.retire(fleet, number, format!("{}: {wrong:#}", self.identities[at].user)),
            },
            Heard::Closed(why) => self.retire(fleet, number, format!("{}: {why}", self.identities[at].user)),
            Heard::Open => Ok(()),
        }
    }
}

fn names(identities: &[Identity], pair: usize) -> Names<'_> {
    Names { caller: &identities[2 * pair].user, callee: &identities[2 * pair + 1].user }
}

fn micros(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_micros()).unwrap_or(u64::MAX)
}
