//! `idle`: what a connection costs that is signed in and quiet, before and after it has exchanged something.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use clap::Args;
use serde::Serialize;

use crate::lifecycle::{Flow, Load, OPEN_INVITATIONS, Only, Pacing, Targets, mebibytes};
use crate::net::Fleet;
use crate::possible_connections;
use crate::report::{Budget, Figures, Report};
use crate::sign_in::{identities, sign_in};
use crate::site::{Consumption, Site};

/// Time for the server's allocator and tasks to come to rest, and the window of the idle CPU figure.
const REST: Duration = Duration::from_secs(2);

/// Longest time for one exchange on every connection.
const EXCHANGE: Duration = Duration::from_mins(2);

/// Options of `idle`.
#[derive(Debug, Args, Serialize)]
pub(crate) struct Options {
    /// Connections, an even number
    #[arg(long, default_value_t = 19_000)]
    connections: usize,
    #[command(flatten)]
    targets: Targets,
}

/// Measures and reports.
pub(crate) fn run(options: &Options) -> Result<Report> {
    options.targets.check()?;
    let connections = possible_connections(options.connections) / 2 * 2;
    ensure!(connections > 0, "at least two connections");
    let mut report = Report::new("idle", options)?;
    for which in Only::chosen(options.targets.only) {
        report.add(which.name(), 1, measure(&options.targets, which, connections)?);
    }
    report.summarise(Only::Relay.name());
    // ARCHITECTURE.md, Budgets: 8 KiB.
    report.budgets = vec![Budget::at_most("server", "after exchange B/conn", 8_192.0)];
    Ok(report)
}

fn measure(targets: &Targets, which: Only, connections: usize) -> Result<Figures> {
    let mut site = targets.start(which, OPEN_INVITATIONS)?;
    let identities = identities("idle", connections, site.key());
    let empty = site.rss()?;
    let mut fleet = Fleet::new(site.addresses(), connections)?;
    let (before, start) = (site.consumption()?, Instant::now());
    let cursors = sign_in(&mut fleet, &identities)?;
    let (signing_in, greeted) = (start.elapsed(), site.consumption()?.since(&before));
    let mut load = Load::new(Flow::Invitation, &identities, &cursors, Pacing::Ended)?;
    rest(&mut load, &mut fleet)?;
    let fresh = site.rss()?;
    let idle = idle(&site, &mut load, &mut fleet)?;
    exchange(&mut load, &mut fleet)?;
    rest(&mut load, &mut fleet)?;
    let used = site.rss()?;
    ensure!(load.faults.wrong == 0 && load.faults.missing == 0, "{}: {:?}", which.name(), load.faults);
    drop(fleet);
    site.stop()?;

    let per_connection =
        |rss: u64| mebibytes(rss.saturating_sub(empty)) * f64::from(1 << 20) / count(connections);
    let mut figures = Figures::default();
    figures.add("connections", count(connections));
    figures.add("fresh B/conn", per_connection(fresh));
    figures.add("after exchange B/conn", per_connection(used));
    figures.add("server RSS MB", mebibytes(used));
    figures.add("idle CPU cores", idle.nodes.total);
    figures.add("sign-ins/s", count(connections) / signing_in.as_secs_f64());
    figures.add("server CPU µs/sign-in", greeted.nodes.total * 1e6 / count(connections));
    if let (Some(idle), Some(greeted)) = (idle.postgres, greeted.postgres) {
        figures.add("postgres idle CPU cores", idle);
        figures.add("postgres CPU µs/sign-in", greeted * 1e6 / count(connections));
    }
    Ok(figures)
}

/// Every connection sends one request and hears one reply and one event.
pub(crate) fn exchange(load: &mut Load<'_>, fleet: &mut Fleet) -> Result<()> {
    load.pacing = Pacing::Once(0);
    let until = Instant::now() + EXCHANGE;
    while !load.finished_once() && load.living() > 0 && Instant::now() < until {
        load.turn(fleet, until)?;
    }
    load.drain(fleet, Duration::ZERO)
}

pub(crate) fn rest(load: &mut Load<'_>, fleet: &mut Fleet) -> Result<()> {
    let until = Instant::now() + REST;
    while Instant::now() < until {
        load.turn(fleet, until)?;
    }
    Ok(())
}

/// CPU of the nodes while nobody says anything, cores.
pub(crate) fn idle_cpu(site: &Site, load: &mut Load<'_>, fleet: &mut Fleet) -> Result<f64> {
    Ok(idle(site, load, fleet)?.nodes.total)
}

/// CPU while nobody says anything, cores.
fn idle(site: &Site, load: &mut Load<'_>, fleet: &mut Fleet) -> Result<Consumption> {
    let (before, start) = (site.consumption()?, Instant::now());
    rest(load, fleet)?;
    Ok(site.consumption()?.since(&before).per_second(start.elapsed().as_secs_f64()))
}

pub(crate) fn count(number: usize) -> f64 {
    u32::try_from(number).map_or(f64::NAN, f64::from)
}
