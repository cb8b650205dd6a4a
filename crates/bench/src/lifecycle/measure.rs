//! One measurement: sign in, warm up, record, drain.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use indicatif::ProgressBar;

use super::load::{Faults, Load, Pacing, Record};
use super::schedule::Schedule;
use crate::net::Fleet;
use crate::process::Process;
use crate::report::Figures;
use crate::sign_in::{identities, sign_in};
use crate::{procfs, progress};

/// How long lifecycles under way may take to complete after the end.
const DRAIN: Duration = Duration::from_secs(10);

/// What to measure.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    pub(crate) pairs: usize,
    pub(crate) warmup: Duration,
    pub(crate) window: Duration,
    /// Lifecycles per second of the open loop; closed when absent.
    pub(crate) rate: Option<f64>,
}

/// What came out.
pub(crate) struct Measured {
    pub(crate) figures: Figures,
    pub(crate) faults: Faults,
}

impl Measured {
    /// An error that names the first faults, if there are any.
    pub(crate) fn check(&self, what: &str) -> Result<()> {
        let Faults { wrong, missing, first } = &self.faults;
        ensure!(
            *wrong == 0 && *missing == 0,
            "{what}: {wrong} wrong and {missing} missing frames\n  {}",
            first.join("\n  ")
        );
        Ok(())
    }
}

/// Measures lifecycles between `plan.pairs` pairs of users who sign in with `key`.
pub(crate) fn measure(process: &Process, key: &str, plan: Plan, what: &str) -> Result<Measured> {
    let identities = identities("pair", 2 * plan.pairs, key);
    let mut fleet = Fleet::new(process.address(), identities.len())?;
    let cursors = sign_in(&mut fleet, &identities)?;
    let start = Instant::now();
    let pacing = plan.rate.map_or(Pacing::Closed, |rate| Pacing::Open(Schedule::new(start, rate)));
    let mut load = Load::new(&identities, &cursors, pacing)?;
    let bar = progress::clock(what, plan.warmup + plan.window);

    run(&mut load, &mut fleet, start, plan.warmup, &bar)?;
    load.record = Record::new()?;
    let before = Usage::now(process)?;
    run(&mut load, &mut fleet, start, plan.warmup + plan.window, &bar)?;
    let usage = Usage::now(process)?.since(&before);
    let behind =
        if let Pacing::Open(schedule) = &load.pacing { Some(schedule.behind(Instant::now())) } else { None };
    let record = std::mem::replace(&mut load.record, Record::new()?);
    let rss = process.rss()?;
    load.drain(&mut fleet, DRAIN)?;
    bar.finish_and_clear();

    let mut figures = figures(&record, &usage, rss);
    if let Some(behind) = behind {
        figures.add("behind schedule", behind);
    }
    Ok(Measured { figures, faults: load.faults })
}

/// Goes on until `length` after `start`, or until no pair is left.
fn run(
    load: &mut Load<'_>,
    fleet: &mut Fleet,
    start: Instant,
    length: Duration,
    bar: &ProgressBar,
) -> Result<()> {
    let end = start + length;
    while Instant::now() < end && load.living() > 0 {
        load.turn(fleet, end)?;
        bar.set_position(u64::try_from(start.elapsed().as_millis()).unwrap_or_default());
    }
    Ok(())
}

/// CPU time of both sides at a moment, or between two.
struct Usage {
    at: Instant,
    seconds: f64,
    server: procfs::Cpu,
    generator: procfs::Cpu,
}

impl Usage {
    fn now(process: &Process) -> Result<Self> {
        let generator = procfs::cpu(std::process::id())?;
        Ok(Self { at: Instant::now(), seconds: 0.0, server: process.cpu()?, generator })
    }

    fn since(&self, earlier: &Self) -> Self {
        Self {
            at: self.at,
            seconds: (self.at - earlier.at).as_secs_f64(),
            server: self.server.since(&earlier.server),
            generator: self.generator.since(&earlier.generator),
        }
    }
}

fn figures(record: &Record, usage: &Usage, rss: u64) -> Figures {
    let per_thousand = 1_000.0 / f64::from(record.lifecycles.max(1));
    let mut figures = Figures::default();
    figures.add("lifecycles/s", f64::from(record.lifecycles) / usage.seconds);
    for (name, histogram) in [("", &record.latency), ("event ", &record.event_latency)] {
        for (quantile, value) in [("p50", 0.5), ("p99", 0.99), ("p99.9", 0.999)] {
            let micros = u32::try_from(histogram.value_at_quantile(value)).unwrap_or(u32::MAX);
            figures.add(&format!("{name}{quantile} µs"), f64::from(micros));
        }
    }
    figures.add("server CPU s/1k", usage.server.total * per_thousand);
    figures.add("server cores", usage.server.total / usage.seconds);
    figures.add("generator CPU s/1k", usage.generator.total * per_thousand);
    figures.add("server RSS MB", mebibytes(rss));
    for (thread, seconds) in &usage.server.threads {
        figures.add_detail(&format!("thread {thread} CPU s/1k"), seconds * per_thousand);
    }
    figures
}

/// For people.
pub(crate) fn mebibytes(bytes: u64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "memory is far below 2^52 bytes")]
    let bytes = bytes as f64;
    bytes / f64::from(1 << 20)
}
