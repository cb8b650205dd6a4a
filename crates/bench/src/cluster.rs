//! `cluster` runs the same lifecycles on every store, and on several nodes where the two users of a pair sit on different
//! nodes.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use clap::Args;
use serde::Serialize;

use crate::layout::Layout;
use crate::lifecycle::{Flow, Measured, OPEN_INVITATIONS, Plan, measure};
use crate::process::server_binary;
use crate::report::{Budget, Figures, Report};
use crate::site::Site;

/// What is shown of the measurement at half load, beside that at saturation.
const AT_HALF: [&str; 7] = [
    "event p50 µs",
    "event p99 µs",
    "all CPU s/1k",
    "server CPU s/1k",
    "postgres CPU s/1k",
    "nats CPU s/1k",
    "commands/commit",
];

/// Options of `cluster`.
#[derive(Debug, Args, Serialize)]
pub(crate) struct Options {
    /// What to measure in turns: sqlite, postgres (one node without a bus), cluster:NODES (PostgreSQL and NATS)
    #[arg(
        long,
        value_name = "LAYOUTS",
        value_delimiter = ',',
        default_values_t = [Layout::Sqlite, Layout::Postgres, Layout::Cluster(3)]
    )]
    on: Vec<Layout>,
    /// Pairs of users, each with one lifecycle under way
    #[arg(long, default_value_t = 200)]
    pairs: usize,
    /// Seconds recorded at saturation, and again at half of it, in each round
    #[arg(long, default_value_t = 4.0)]
    seconds: f64,
    /// Seconds before recording
    #[arg(long, default_value_t = 1.0)]
    warmup: f64,
    /// Rounds, all layouts in turn; medians are reported
    #[arg(long, default_value_t = 3)]
    rounds: u32,
    /// The server's binary [default: `wigwag` next to this program]
    #[arg(long, value_name = "FILE")]
    server_bin: Option<PathBuf>,
}

/// Measures and reports.
pub(crate) fn run(options: &Options) -> Result<Report> {
    let binary = server_binary(options.server_bin.clone())?;
    ensure!(options.pairs > 0 && options.rounds > 0, "at least one pair and one round");
    let mut report = Report::new("cluster", options)?;
    for round in 1..=options.rounds {
        for &layout in &options.on {
            let mut site = Site::servers(layout, &binary, OPEN_INVITATIONS)?;
            let figures = figures(&site, options, &format!("{layout} {round}/{}", options.rounds))?;
            site.stop()?;
            report.add(&layout.to_string(), round, figures);
        }
    }
    report.summarise(&Layout::Postgres.to_string());
    report.budgets = options.on.iter().filter(|layout| layout.nodes() > 1).flat_map(budgets).collect();
    Ok(report)
}

/// Saturation, and half of it on the same nodes.
fn figures(site: &Site, options: &Options, what: &str) -> Result<Figures> {
    let mut plan = Plan {
        flow: Flow::Invitation,
        pairs: options.pairs,
        warmup: Duration::try_from_secs_f64(options.warmup)?,
        window: Duration::try_from_secs_f64(options.seconds)?,
        rate: None,
    };
    let mut figures = checked(site, plan, what)?;
    let rate = figures.get("lifecycles/s").filter(|rate| *rate > 0.0);
    plan.rate = Some(rate.with_context(|| format!("{what}: no lifecycle was complete"))? / 2.0);
    let half = checked(site, plan, &format!("{what}, half"))?;
    for name in AT_HALF {
        if let Some(value) = half.get(name) {
            figures.add(&format!("half: {name}"), value);
        }
    }
    Ok(figures)
}

fn checked(site: &Site, plan: Plan, what: &str) -> Result<Figures> {
    let measured: Measured = measure(site, plan, what)?;
    measured.check(what)?;
    Ok(measured.figures)
}

/// Several nodes on one machine cost at most 1.3 times the CPU of one node on PostgreSQL.
fn budgets(layout: &Layout) -> Vec<Budget> {
    let what = format!("{layout}/{}", Layout::Postgres);
    ["server CPU s/1k", "all CPU s/1k"].map(|figure| Budget::at_most(&what, figure, 1.3)).into()
}
