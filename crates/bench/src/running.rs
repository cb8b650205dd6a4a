//! `running`: what calls cost that go on: CPU while their people are connected and quiet, against the same people without calls; and
//! memory, of calls whose people have gone and may come back.

use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use clap::Args;
use serde::Serialize;

use crate::idle::{count, exchange, idle_cpu, rest};
use crate::layout::Layout;
use crate::lifecycle::{Flow, Load, OPEN_INVITATIONS, Pacing, mebibytes};
use crate::net::Fleet;
use crate::possible_connections;
use crate::process::server_binary;
use crate::report::{Budget, Figures, Report};
use crate::sign_in::{identities, sign_in};
use crate::site::Site;

/// Calls whose people sign in, talk and go at a time.
const WAVE: usize = 4_000;

/// The registry has forgotten those who went, and the allocator has come to rest.
const FORGOTTEN: Duration = Duration::from_secs(45);

/// After a restart everybody in a call is looked for, and the allocator comes to rest.
const RESTARTED: Duration = Duration::from_secs(5);

/// How long the idle CPU of a site is counted to which nobody is connected.
const WINDOW: Duration = Duration::from_secs(3);

/// Options of `running`.
#[derive(Debug, Args, Serialize)]
pub(crate) struct Options {
    /// Calls that run while memory is measured
    #[arg(long, default_value_t = 100_000)]
    calls: usize,
    /// Calls between connected people that run while CPU is measured
    #[arg(long, default_value_t = 4_000)]
    connected: usize,
    /// Rounds in which CPU is measured; medians are reported
    #[arg(long, default_value_t = 3)]
    rounds: u32,
    /// The server's binary [default: `wigwag` next to this program]
    #[arg(long, value_name = "FILE")]
    server_bin: Option<PathBuf>,
}

/// Measures and reports. CPU is measured while the site of the many calls comes to rest.
pub(crate) fn run(options: &Options) -> Result<Report> {
    let binary = server_binary(options.server_bin.clone())?;
    ensure!(options.calls > 0 && options.connected > 0 && options.rounds > 0, "nothing to measure");
    let pairs = possible_connections(2 * options.connected) / 2;
    let mut report = Report::new("running", options)?;
    let many = Many::called(&binary, options.calls)?;
    let since = Instant::now();
    for round in 1..=options.rounds {
        let (without, with) = quiet(&binary, pairs)?;
        report.add("no calls", round, without);
        report.add("calls", round, with);
    }
    thread::sleep(FORGOTTEN.saturating_sub(since.elapsed()));
    let (running, restarted) = many.remembered()?;
    report.add("running calls", 1, running);
    report.add("restarted", 1, restarted);
    report.summarise_against(&[("calls", "no calls")]);
    report.budgets = vec![
        Budget::at_most("calls", "added idle CPU cores", 0.01),
        Budget::at_most("restarted", "growth MB", 100.0),
    ];
    Ok(report)
}

/// The same people, connected and quiet: before they call each other, and while all their calls run.
fn quiet(binary: &Path, pairs: usize) -> Result<(Figures, Figures)> {
    let mut site = Site::servers(Layout::Sqlite, binary, OPEN_INVITATIONS)?;
    let people = identities("quiet", 2 * pairs, site.key());
    let mut fleet = Fleet::new(site.addresses(), people.len())?;
    let cursors = sign_in(&mut fleet, &people)?;
    let mut load = Load::new(Flow::RunningCall, &people, &cursors, Pacing::Ended)?;
    rest(&mut load, &mut fleet)?;
    let without = idle_cpu(&site, &mut load, &mut fleet)?;
    exchange(&mut load, &mut fleet)?;
    rest(&mut load, &mut fleet)?;
    let with = idle_cpu(&site, &mut load, &mut fleet)?;
    ensure!(load.faults.wrong == 0 && load.faults.missing == 0, "{:?}", load.faults);
    drop(fleet);
    site.stop()?;

    let mut before = Figures::default();
    before.add("people", count(people.len()));
    before.add("idle CPU cores", without);
    let mut after = before.clone();
    after.0.pop();
    after.add("idle CPU cores", with);
    after.add("added idle CPU cores", with - without);
    Ok((before, after))
}

/// A site on which very many calls run. Nobody is connected to it; their leases are longer than the run.
struct Many {
    site: Site,
    calls: usize,
    /// Of the server before anybody came, bytes.
    fresh: u64,
    calling: Duration,
}

impl Many {
    /// So many pairs sign in, call each other, and go.
    fn called(binary: &Path, calls: usize) -> Result<Self> {
        let site = Site::servers(Layout::Sqlite, binary, OPEN_INVITATIONS)?;
        let fresh = site.rss()?;
        let people = identities("called", 2 * calls, site.key());
        let start = Instant::now();
        for wave in people.chunks(possible_connections(2 * WAVE).max(2) / 2 * 2) {
            let mut fleet = Fleet::new(site.addresses(), wave.len())?;
            let cursors = sign_in(&mut fleet, wave)?;
            let mut load = Load::new(Flow::RunningCall, wave, &cursors, Pacing::Ended)?;
            exchange(&mut load, &mut fleet)?;
            ensure!(load.faults.wrong == 0 && load.faults.missing == 0, "{:?}", load.faults);
            (0..wave.len()).try_for_each(|at| fleet.close(at))?;
        }
        Ok(Self { site, calls, fresh, calling: start.elapsed() })
    }

    /// What the process has kept of it all, its people included; and what it needs for the calls alone, after a restart.
    fn remembered(mut self) -> Result<(Figures, Figures)> {
        let mut running = self.figures()?;
        running.add("seconds to call", self.calling.as_secs_f64());
        self.site.stop()?;
        let start = Instant::now();
        self.site.start()?;
        let ready = start.elapsed();
        thread::sleep(RESTARTED);
        let mut restarted = self.figures()?;
        restarted.add("ready after s", ready.as_secs_f64());
        self.site.stop()?;
        Ok((running, restarted))
    }

    fn figures(&self) -> Result<Figures> {
        let growth = mebibytes(self.site.rss()?.saturating_sub(self.fresh));
        let before = self.site.consumption()?;
        thread::sleep(WINDOW);
        let cpu = self.site.consumption()?.since(&before).nodes.total;
        let mut figures = Figures::default();
        figures.add("running calls", count(self.calls));
        figures.add("idle CPU cores", cpu / WINDOW.as_secs_f64());
        figures.add("growth MB", growth);
        figures.add("growth B/call", growth * f64::from(1 << 20) / count(self.calls));
        Ok(figures)
    }
}
