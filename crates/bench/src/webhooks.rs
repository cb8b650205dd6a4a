//! `webhooks`: what an endpoint of webhooks that does not answer costs the others: lifecycles beside many events that wait for it,
//! against the same lifecycles on a server that has no endpoint. Both have the same rows.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use clap::Args;
use serde::Serialize;

use crate::deadlines::{self, INVITERS};
use crate::layout::Layout;
use crate::lifecycle::{Flow, Plan, measure, mebibytes};
use crate::process::server_binary;
use crate::report::{Budget, Figures, Report};
use crate::site::Site;
use crate::stop;

/// The first requests are given up after 15 s, the next one after a pause of 2 s and 15 more; then all that waits was counted.
const LONGEST_NOTICE: Duration = Duration::from_mins(2);
/// Between two looks at the figures.
const LOOK: Duration = Duration::from_millis(200);
/// As far as a server on PostgreSQL counts what waits.
const MOST_COUNTED: usize = 100_000;

/// Options of `webhooks`.
#[derive(Debug, Args, Serialize)]
pub(crate) struct Options {
    /// Events that wait for the endpoint
    #[arg(long, default_value_t = 100_000)]
    waiting: usize,
    /// Lifecycles per second while latency is measured
    #[arg(long, default_value_t = 2_000.0)]
    rate: f64,
    /// Pairs of users in those lifecycles
    #[arg(long, default_value_t = 100)]
    pairs: usize,
    /// Seconds recorded
    #[arg(long, default_value_t = 10.0)]
    seconds: f64,
    /// Rounds; medians are reported
    #[arg(long, default_value_t = 3)]
    rounds: u32,
    /// What the server stands on: sqlite, postgres, or cluster:NODES with PostgreSQL and NATS
    #[arg(long, value_name = "LAYOUT", default_value_t = Layout::Sqlite)]
    on: Layout,
    /// The server's binary [default: `wigwag` next to this program]
    #[arg(long, value_name = "FILE")]
    server_bin: Option<PathBuf>,
}

/// Measures and reports.
pub(crate) fn run(options: &Options) -> Result<Report> {
    let binary = server_binary(options.server_bin.clone())?;
    ensure!(options.waiting > 0 && options.pairs > 0 && options.rounds > 0, "nothing to measure");
    let mut report = Report::new("webhooks", options)?;
    for round in 1..=options.rounds {
        report.add("off", round, beside(options, &binary, None)?);
        // The kernel takes connections and requests, and nobody answers them.
        let dead = TcpListener::bind("127.0.0.1:0")?;
        report.add("dead", round, beside(options, &binary, Some(&dead))?);
    }
    report.summarise("off");
    // Issue 13: neither latency nor memory changes, and CPU by at most 10 %. The p99 of two runs of the same thing differs by up to a half.
    report.budgets = vec![
        Budget::at_most("dead/off", "server CPU s/1k", 1.1),
        Budget::at_most("dead/off", "server RSS MB", 1.1),
        Budget::at_most("dead/off", "p99 µs", 1.5),
    ];
    Ok(report)
}

/// Lifecycles on a new site, beside so many events that nobody was told of.
fn beside(options: &Options, binary: &Path, dead: Option<&TcpListener>) -> Result<Figures> {
    let plan = Plan {
        flow: Flow::Invitation,
        pairs: options.pairs,
        warmup: Duration::from_secs(1),
        window: Duration::try_from_secs_f64(options.seconds)?,
        rate: Some(options.rate),
    };
    let each = u32::try_from(options.waiting.div_ceil(INVITERS))?.saturating_add(100);
    let address = dead.map(TcpListener::local_addr).transpose()?;
    let url = address.map(|address| format!("http://{address}/"));
    let mut site = Site::telling(options.on, binary, each, url)?;
    deadlines::open(&site, options.waiting)?;
    let waiting = if dead.is_some() { noticed(&site, options.waiting)? } else { 0.0 };
    let rss = site.rss()?;
    let what = if dead.is_some() { "dead" } else { "off" };
    let measured = measure(&site, plan, what)?;
    measured.check(what)?;
    site.stop()?;
    let mut figures = measured.figures;
    figures.add("RSS before lifecycles MB", mebibytes(rss));
    figures.add("events waiting before", waiting);
    Ok(figures)
}

/// Waits until the server has found that the endpoint is dead, and has counted what waits for it.
fn noticed(site: &Site, waiting: usize) -> Result<f64> {
    let wanted = u32::try_from(waiting.min(MOST_COUNTED)).map_or(f64::NAN, f64::from);
    let until = Instant::now() + LONGEST_NOTICE;
    loop {
        stop::check()?;
        let counted = site.counts()?.get("wigwag_webhook_waiting");
        if counted >= wanted {
            return Ok(counted);
        }
        ensure!(Instant::now() < until, "only {counted} of {wanted} events wait for the endpoint");
        thread::sleep(LOOK);
    }
}
