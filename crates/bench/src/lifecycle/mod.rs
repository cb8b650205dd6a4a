//! `lifecycle`: full lifecycles through the server and, in the same run, through the bare relay.

mod flow;
mod load;
mod measure;
mod pair;
mod schedule;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Result, ensure};
use clap::{Args, ValueEnum};
use serde::Serialize;

pub(crate) use flow::Flow;
pub(crate) use load::{Load, Pacing};
pub(crate) use measure::{Measured, Plan, measure, mebibytes};

use crate::layout::Layout;
use crate::process::server_binary;
use crate::report::{Budget, Report};
use crate::site::Site;

/// A pair has one invitation open at a time; what the first seconds leave behind is room enough.
pub(crate) const OPEN_INVITATIONS: u32 = 100;

/// What may be measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize)]
pub(crate) enum Only {
    /// The bare relay.
    Relay,
    /// The server.
    Server,
}

impl Only {
    /// Its name in the report.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Relay => "relay",
            Self::Server => "server",
        }
    }

    /// One of them, or both, the baseline first.
    pub(crate) fn chosen(only: Option<Self>) -> Vec<Self> {
        only.map_or_else(|| vec![Self::Relay, Self::Server], |only| vec![only])
    }
}

/// Which servers to measure.
#[derive(Debug, Clone, Args, Serialize)]
pub(crate) struct Targets {
    /// Measure only one of the two
    #[arg(long)]
    pub(crate) only: Option<Only>,
    /// What the server stands on: sqlite, postgres, or cluster:NODES with PostgreSQL and NATS
    #[arg(long, value_name = "LAYOUT", default_value_t = Layout::Sqlite)]
    pub(crate) on: Layout,
    /// The server's binary [default: `wigwag` next to this program]
    #[arg(long, value_name = "FILE")]
    pub(crate) server_bin: Option<PathBuf>,
}

impl Targets {
    /// Starts one of them.
    pub(crate) fn start(&self, which: Only, open_invitations: u32) -> Result<Site> {
        match which {
            Only::Relay => Site::relay(),
            Only::Server => {
                Site::servers(self.on, &server_binary(self.server_bin.clone())?, open_invitations)
            }
        }
    }

    /// An early error when a binary is missing.
    pub(crate) fn check(&self) -> Result<()> {
        if self.only != Some(Only::Relay) {
            server_binary(self.server_bin.clone())?;
        }
        Ok(())
    }
}

/// Options of `lifecycle`.
#[derive(Debug, Args, Serialize)]
pub(crate) struct Options {
    /// Pairs of users, each with one lifecycle under way
    #[arg(long, default_value_t = 200)]
    pairs: usize,
    /// Seconds recorded in each round
    #[arg(long, default_value_t = 3.0)]
    seconds: f64,
    /// Seconds before recording
    #[arg(long, default_value_t = 1.0)]
    warmup: f64,
    /// Rounds, relay and server in turn; medians are reported
    #[arg(long, default_value_t = 3)]
    rounds: u32,
    /// Lifecycles per second on a fixed schedule, latency counted from the scheduled time [default: as fast as possible]
    #[arg(long)]
    rate: Option<f64>,
    #[command(flatten)]
    targets: Targets,
}

/// Measures and reports.
pub(crate) fn run(options: &Options) -> Result<Report> {
    options.targets.check()?;
    ensure!(options.pairs > 0 && options.rounds > 0, "at least one pair and one round");
    ensure!(options.rate.is_none_or(|rate| rate > 0.0), "the rate must be above 0");
    let plan = Plan {
        flow: Flow::Invitation,
        pairs: options.pairs,
        warmup: Duration::try_from_secs_f64(options.warmup)?,
        window: Duration::try_from_secs_f64(options.seconds)?,
        rate: options.rate,
    };
    let mut report = Report::new("lifecycle", options)?;
    for round in 1..=options.rounds {
        for which in Only::chosen(options.targets.only) {
            let measured = round_of(options, which, plan, round)?;
            report.add(which.name(), round, measured.figures);
        }
    }
    report.summarise(Only::Relay.name());
    report.budgets = if options.rate.is_none() { saturation() } else { half_load() };
    Ok(report)
}

/// A fresh process for each round: none inherits another's data, caches or fragments.
fn round_of(options: &Options, which: Only, plan: Plan, round: u32) -> Result<Measured> {
    let mut site = options.targets.start(which, OPEN_INVITATIONS)?;
    let what = format!("{} {round}/{}", which.name(), options.rounds);
    let measured = measure(&site, plan, &what)?;
    measured.check(&what)?;
    site.stop()?;
    Ok(measured)
}

/// ARCHITECTURE.md, Budgets: 200 pairs at saturation.
fn saturation() -> Vec<Budget> {
    vec![
        Budget::at_most("server/relay", "server CPU s/1k", 2.0),
        Budget::at_least("server/relay", "lifecycles/s", 0.55),
    ]
}

/// ARCHITECTURE.md, Budgets: event latency at half of the server's saturation.
fn half_load() -> Vec<Budget> {
    vec![
        Budget::at_most("server", "event p50 µs", 1_500.0),
        Budget::at_most("server", "event p99 µs", 10_000.0),
    ]
}
