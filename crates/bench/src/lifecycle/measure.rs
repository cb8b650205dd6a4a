//! One measurement: sign in, warm up, record, drain.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use indicatif::ProgressBar;

use super::flow::Flow;
use super::load::{Faults, Load, Pacing, Record};
use super::schedule::Schedule;
use crate::net::Fleet;
use crate::report::Figures;
use crate::scrape::Counts;
use crate::sign_in::{identities, sign_in_as};
use crate::site::{Consumption, Site, Written};
use crate::{procfs, progress};

/// How long lifecycles under way may take to complete after the end.
const DRAIN: Duration = Duration::from_secs(10);

/// What to measure.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    pub(crate) flow: Flow,
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

/// Measures lifecycles between `plan.pairs` pairs of users. In a cluster, the two of a pair are on different nodes.
pub(crate) fn measure(site: &Site, plan: Plan, what: &str) -> Result<Measured> {
    let identities = identities("pair", 2 * plan.pairs, site.key());
    let mut fleet = Fleet::new(site.addresses(), identities.len())?;
    let cursors = sign_in_as(plan.flow.tongue(), &mut fleet, &identities)?;
    let start = Instant::now();
    let pacing = plan.rate.map_or(Pacing::Closed, |rate| Pacing::Open(Schedule::new(start, rate)));
    let mut load = Load::new(plan.flow, &identities, &cursors, pacing)?;
    let bar = progress::clock(what, plan.warmup + plan.window);

    run(&mut load, &mut fleet, start, plan.warmup, &bar)?;
    load.record = Record::new()?;
    let (written, before) = (site.written()?, Usage::now(site)?);
    run(&mut load, &mut fleet, start, plan.warmup + plan.window, &bar)?;
    let usage = Usage::now(site)?.since(&before);
    let now_written = site.written()?;
    let behind =
        if let Pacing::Open(schedule) = &load.pacing { Some(schedule.behind(Instant::now())) } else { None };
    let record = std::mem::replace(&mut load.record, Record::new()?);
    let rss = site.rss()?;
    load.drain(&mut fleet, DRAIN)?;
    bar.finish_and_clear();

    let mut figures = figures(&record, &usage, rss);
    grown(written, now_written, record.lifecycles, &mut figures);
    if site.addresses().len() > 1 {
        let apart =
            (0..plan.pairs).filter(|pair| fleet.target(2 * pair) != fleet.target(2 * pair + 1)).count();
        figures.add("pairs on two nodes %", percent(apart, plan.pairs));
    }
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

/// CPU time of both sides and what the nodes have counted, at a moment or between two.
struct Usage {
    at: Instant,
    seconds: f64,
    site: Consumption,
    generator: procfs::Cpu,
    counts: Counts,
}

impl Usage {
    fn now(site: &Site) -> Result<Self> {
        let (counts, generator) = (site.counts()?, procfs::cpu(std::process::id())?);
        Ok(Self { at: Instant::now(), seconds: 0.0, site: site.consumption()?, generator, counts })
    }

    fn since(&self, earlier: &Self) -> Self {
        Self {
            at: self.at,
            seconds: (self.at - earlier.at).as_secs_f64(),
            site: self.site.since(&earlier.site),
            generator: self.generator.since(&earlier.generator),
            counts: self.counts.since(&earlier.counts),
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
    let site = &usage.site;
    figures.add("server CPU s/1k", site.nodes.total * per_thousand);
    for (name, seconds) in [("postgres", site.postgres), ("nats", site.nats)] {
        if let Some(seconds) = seconds {
            figures.add(&format!("{name} CPU s/1k"), seconds * per_thousand);
        }
    }
    figures.add("all CPU s/1k", site.all() * per_thousand);
    figures.add("server cores", site.nodes.total / usage.seconds);
    figures.add("generator CPU s/1k", usage.generator.total * per_thousand);
    figures.add("server RSS MB", mebibytes(rss));
    for (thread, seconds) in &site.nodes.threads {
        figures.add_detail(&format!("thread {thread} CPU s/1k"), seconds * per_thousand);
    }
    count(&usage.counts, per_thousand, &mut figures);
    figures
}

/// What the nodes counted; the relay counts nothing.
fn count(counts: &Counts, per_thousand: f64, figures: &mut Figures) {
    let commits = counts.get("wigwag_commit_commands_count");
    if commits > 0.0 {
        figures.add("commands/commit", counts.get("wigwag_commit_commands_sum") / commits);
        figures.add("commits/1k", commits * per_thousand);
        for name in ["batches_repeated", "stream_repairs", "bus_dropped"] {
            let counted = counts.get(&format!("wigwag_{name}_total")) * per_thousand;
            figures.add_detail(&format!("{name}/1k"), counted);
        }
    }
}

/// What the lifecycles left on the disk. Dividing by few of them tells more of what was written beside them.
fn grown(before: Written, now: Written, lifecycles: u32, figures: &mut Figures) {
    let each = |before: u64, now: u64| count_of(now.saturating_sub(before)) / f64::from(lifecycles.max(1));
    if let (Some(before), Some(now)) = (before.log, now.log) {
        figures.add("log bytes/lifecycle", each(before, now));
    }
    figures.add("kept bytes/lifecycle", each(before.kept, now.kept));
}

fn percent(part: usize, whole: usize) -> f64 {
    let count = |number| u32::try_from(number).map_or(f64::NAN, f64::from);
    100.0 * count(part) / count(whole)
}

/// For people.
pub(crate) fn mebibytes(bytes: u64) -> f64 {
    count_of(bytes) / f64::from(1 << 20)
}

#[expect(clippy::cast_precision_loss, reason = "memory and files are far below 2^52 bytes")]
fn count_of(bytes: u64) -> f64 {
    bytes as f64
}
