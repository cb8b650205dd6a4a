//! What went wrong when.

use std::fmt::Write as _;
use std::time::Duration;

use crate::load::journal::now_ms;

/// What was away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Away {
    /// From the kill until it listened again.
    Killed(usize),
    Frozen(usize),
    Bus,
    /// From its end until it took connections again, or answered.
    Store(StoreEnd),
}

/// How PostgreSQL ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StoreEnd {
    /// Shut down in order, without waiting for its clients.
    Stopped,
    /// As in a crash.
    Killed,
    /// Its connections stay and it does not answer.
    Hung,
}

/// From when until when, server time in ms.
#[derive(Debug, Clone, Copy)]
pub(super) struct Absence {
    pub(super) what: Away,
    pub(super) from: u64,
    pub(super) until: u64,
}

impl Absence {
    /// Whether it was so at any time between.
    pub(super) fn touches(&self, from: u64, until: u64) -> bool {
        self.from <= until && from <= self.until
    }
}

/// When the machine had other things to do, server time in ms.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stall {
    pub(super) from: u64,
    pub(super) until: u64,
}

/// All of it.
#[derive(Debug)]
pub(super) struct Timeline {
    /// Server time when the run began, ms.
    pub(super) start: u64,
    pub(super) absences: Vec<Absence>,
    pub(super) stalls: Vec<Stall>,
    /// What else is worth a line, and when.
    pub(super) notes: Vec<(u64, String)>,
}

impl Timeline {
    /// Of a run that begins now.
    pub(super) fn begins() -> Self {
        Self { start: now_ms(), absences: Vec::new(), stalls: Vec::new(), notes: Vec::new() }
    }

    /// In lines, with seconds since the start.
    pub(super) fn words(&self) -> String {
        let mut lines = self.notes.clone();
        for Absence { what, from, until } in &self.absences {
            lines.push((*from, format!("{what:?} for {} ms", until - from)));
        }
        lines.sort();
        let mut text = String::new();
        for (at, line) in lines {
            writeln!(text, "  {:7.3} s  {line}", self.seconds(at)).unwrap();
        }
        text
    }

    /// The absences, the first one first.
    pub(super) fn in_order(&self) -> Vec<Absence> {
        let mut absences = self.absences.clone();
        absences.sort_by_key(|absence| absence.from);
        absences
    }

    /// How long the machine had other things to do between these times, ms.
    pub(super) fn stalled(&self, from: u64, until: u64) -> u64 {
        let overlap = |stall: &Stall| stall.until.min(until).saturating_sub(stall.from.max(from));
        // It is asked for each answer and each deadline of a run, and few stalls lie within: whether one counts is looked at last.
        let within = self.stalls.iter().filter(|stall| overlap(stall) > 0);
        within.filter(|stall| self.machine_was_slow(stall)).map(overlap).sum()
    }

    /// Whether no absence of the store explains the stall.
    fn machine_was_slow(&self, stall: &Stall) -> bool {
        let mut absences = self.absences.iter().filter(|absence| matches!(absence.what, Away::Store(_)));
        !absences.any(|absence| absence.touches(stall.from, stall.until))
    }

    /// Server time in ms as seconds since the start.
    pub(super) fn seconds(&self, at: u64) -> f32 {
        Duration::from_millis(at.saturating_sub(self.start)).as_secs_f32()
    }

    /// How often each kind of thing was away, and how the machine fared.
    pub(super) fn counts(&self) -> String {
        let slow = self.stalls.iter().filter(|stall| self.machine_was_slow(stall));
        let stalls: Vec<u64> = slow.map(|stall| stall.until - stall.from).collect();
        let count = |is: fn(Away) -> bool| self.absences.iter().filter(|absence| is(absence.what)).count();
        format!(
            "faults: {} nodes killed, {} nodes stopped, NATS away {} times, PostgreSQL stopped {}, killed {} and hung {} times\n\
             the machine was slow {} times, {} ms at the longest\n",
            count(|what| matches!(what, Away::Killed(_))),
            count(|what| matches!(what, Away::Frozen(_))),
            count(|what| what == Away::Bus),
            count(|what| what == Away::Store(StoreEnd::Stopped)),
            count(|what| what == Away::Store(StoreEnd::Killed)),
            count(|what| what == Away::Store(StoreEnd::Hung)),
            stalls.len(),
            stalls.iter().max().unwrap_or(&0),
        )
    }
}
