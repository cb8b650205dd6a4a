//! `deadlines`: what many open invitations cost: memory while they are opened, memory after a restart (which has nothing but
//! their deadlines), latency of lifecycles beside them, and how long the restart takes.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use clap::Args;
use serde::Serialize;

use crate::layout::Layout;
use crate::lifecycle::{Flow, Measured, Plan, measure, mebibytes};
use crate::net::Fleet;
use crate::opener::Opener;
use crate::process::server_binary;
use crate::report::{Budget, Figures, Report};
use crate::sign_in::{Identity, identities, sign_in};
use crate::site::Site;

/// Connections that invite; each invites one user who is not connected, so that opening costs no pushes.
pub(crate) const INVITERS: usize = 500;

/// Options of `deadlines`.
#[derive(Debug, Args, Serialize)]
pub(crate) struct Options {
    /// Open invitations; a million takes about 2 GB of disk below TMPDIR
    #[arg(long, default_value_t = 1_000_000)]
    open: usize,
    /// Lifecycles per second while latency is measured
    #[arg(long, default_value_t = 2_000.0)]
    rate: f64,
    /// Pairs of users in those lifecycles
    #[arg(long, default_value_t = 100)]
    pairs: usize,
    /// Seconds recorded
    #[arg(long, default_value_t = 5.0)]
    seconds: f64,
    /// What the server stands on: sqlite, postgres, or cluster:NODES with PostgreSQL and NATS
    #[arg(long, value_name = "LAYOUT", default_value_t = Layout::Sqlite)]
    on: Layout,
    /// The server's binary [default: `wigwag` next to this program]
    #[arg(long, value_name = "FILE")]
    server_bin: Option<std::path::PathBuf>,
}

/// Measures and reports.
pub(crate) fn run(options: &Options) -> Result<Report> {
    let binary = server_binary(options.server_bin.clone())?;
    ensure!(options.open > 0 && options.pairs > 0 && options.rate > 0.0, "nothing to measure");
    let plan = Plan {
        flow: Flow::Invitation,
        pairs: options.pairs,
        warmup: Duration::from_secs(1),
        window: Duration::try_from_secs_f64(options.seconds)?,
        rate: Some(options.rate),
    };
    let each = options.open.div_ceil(INVITERS);
    let mut report = Report::new("deadlines", options)?;

    let mut site = Site::servers(options.on, &binary, u32::try_from(each)?.saturating_add(100))?;
    let fresh = site.rss()?;
    let without = lifecycles(&site, plan, "without")?;
    let before = site.rss()?;
    let opening = open(&site, options.open)?;
    let after = site.rss()?;
    let with = lifecycles(&site, plan, "with")?;
    site.stop()?;
    let ready = start_again(&mut site)?;
    let restarted = site.rss()?;
    let again = lifecycles(&site, plan, "restarted")?;
    site.stop()?;

    report.add("without", 1, with_memory(without, before, fresh, 0));
    let mut figures = with_memory(with, after, before, options.open);
    figures.add("opened/s", to_f64(options.open) / opening.as_secs_f64());
    report.add("with", 1, figures);
    let mut figures = with_memory(again, restarted, fresh, options.open);
    figures.add("ready after s", ready.as_secs_f64());
    report.add("restarted", 1, figures);
    report.summarise("without");
    report.budgets = budgets();
    Ok(report)
}

fn lifecycles(site: &Site, plan: Plan, what: &str) -> Result<Measured> {
    let measured = measure(site, plan, what)?;
    measured.check(what)?;
    Ok(measured)
}

/// Opens so many and leaves them open; says how long that took.
pub(crate) fn open(site: &Site, total: usize) -> Result<Duration> {
    let inviters = identities("inviter", INVITERS.min(total), site.key());
    let invitees = identities("invitee", inviters.len(), site.key());
    register(site, &invitees)?;
    let mut fleet = Fleet::new(site.addresses(), inviters.len())?;
    sign_in(&mut fleet, &inviters)?;
    let start = Instant::now();
    let plan = |at: usize, n: usize| (at + n * invitees.len() < total).then(|| invitees[at].user.as_str());
    Opener::new(&inviters, total, &plan, &mut |_, _| {}).run(&mut fleet)?;
    Ok(start.elapsed())
}

/// A user exists once they have signed in.
fn register(site: &Site, users: &[Identity]) -> Result<()> {
    let mut fleet = Fleet::new(site.addresses(), users.len())?;
    sign_in(&mut fleet, users)?;
    (0..users.len()).try_for_each(|at| fleet.close(at))
}

/// From the start of the processes to the first session.
fn start_again(site: &mut Site) -> Result<Duration> {
    let start = Instant::now();
    site.start().context("cannot restart")?;
    let mut fleet = Fleet::new(site.addresses(), 1)?;
    sign_in(&mut fleet, &identities("first", 1, site.key()))?;
    Ok(start.elapsed())
}

/// Adds the process's memory, and its growth over `base` for each of `open` invitations.
fn with_memory(measured: Measured, rss: u64, base: u64, open: usize) -> Figures {
    let mut figures = measured.figures;
    figures.add("RSS before lifecycles MB", mebibytes(rss));
    if open > 0 {
        let growth = mebibytes(rss.saturating_sub(base));
        figures.add("growth MB", growth);
        figures.add("growth B/invitation", growth * f64::from(1 << 20) / to_f64(open));
    }
    figures
}

/// ARCHITECTURE.md, Budgets: 1,000,000 open invitations. The p99 of two runs of the same thing differs by up to a half.
fn budgets() -> Vec<Budget> {
    vec![
        Budget::at_most("with", "server RSS MB", 400.0),
        Budget::at_most("with/without", "p99 µs", 1.5),
        Budget::at_most("restarted", "growth MB", 64.0),
        Budget::at_most("restarted", "server RSS MB", 400.0),
    ]
}

fn to_f64(number: usize) -> f64 {
    u32::try_from(number).map_or(f64::NAN, f64::from)
}
