//! `running`: what calls cost that go on: CPU while their people are connected and quiet, against the same people without calls; and
//! memory, of calls in which somebody waits for an answer.

use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use anyhow::{Result, ensure};
use clap::Args;
use serde::Serialize;

use crate::idle::{count, exchange, idle_cpu, rest};
use crate::layout::Layout;
use crate::lifecycle::{Flow, Load, OPEN_INVITATIONS, Pacing, mebibytes};
use crate::net::Fleet;
use crate::opener::Opener;
use crate::possible_connections;
use crate::process::server_binary;
use crate::report::{Budget, Figures, Report};
use crate::sign_in::{Identity, identities, sign_in};
use crate::site::Site;

/// People who sign in, call and go at a time.
const WAVE: usize = 5_000;

/// The registry has forgotten those who went, and the allocator has come to rest.
const FORGOTTEN: Duration = Duration::from_secs(45);

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
    #[arg(long, default_value_t = 5)]
    rounds: u32,
    /// The server's binary [default: `wigwag` next to this program]
    #[arg(long, value_name = "FILE")]
    server_bin: Option<PathBuf>,
}

/// Measures and reports.
pub(crate) fn run(options: &Options) -> Result<Report> {
    let binary = server_binary(options.server_bin.clone())?;
    ensure!(options.calls > 0 && options.connected > 0 && options.rounds > 0, "nothing to measure");
    let pairs = possible_connections(2 * options.connected) / 2;
    let mut report = Report::new("running", options)?;
    for round in 1..=options.rounds {
        let (without, with) = quiet(&binary, pairs)?;
        report.add("no calls", round, without);
        report.add("calls", round, with);
    }
    for (name, into_calls) in [("open invitations", false), ("running calls", true)] {
        report.add(name, 1, remembered(&binary, options.calls, into_calls)?);
    }
    report.summarise_against(&[("calls", "no calls"), ("running calls", "open invitations")]);
    report.budgets = vec![
        Budget::at_most("calls", "added idle CPU cores", 0.01),
        Budget::at_most("running calls", "growth MB", 100.0),
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

/// Memory of so many invitations that wait for an answer, of callers who have gone: each into a call of its own, or into none.
fn remembered(binary: &Path, calls: usize, into_calls: bool) -> Result<Figures> {
    let mut site = Site::servers(Layout::Sqlite, binary, OPEN_INVITATIONS)?;
    let callers = identities("caller", calls, site.key());
    let callees = identities("callee", calls, site.key());
    for wave in callees.chunks(WAVE).chain(callers.chunks(WAVE)) {
        visit(&site, wave, |_| Ok(()))?;
    }
    thread::sleep(FORGOTTEN);
    let before = site.rss()?;
    for (wave, called) in callers.chunks(WAVE).zip(callees.chunks(WAVE)) {
        visit(&site, wave, |fleet| call(fleet, wave, called, into_calls))?;
    }
    thread::sleep(FORGOTTEN);
    let growth = site.rss()?.saturating_sub(before);
    site.stop()?;

    let mut figures = Figures::default();
    figures.add("invitations", count(calls));
    figures.add("RSS before MB", mebibytes(before));
    figures.add("growth MB", mebibytes(growth));
    figures.add("growth B/invitation", mebibytes(growth) * f64::from(1 << 20) / count(calls));
    Ok(figures)
}

/// These people sign in, do something, and go.
fn visit(site: &Site, people: &[Identity], doing: impl FnOnce(&mut Fleet) -> Result<()>) -> Result<()> {
    let mut fleet = Fleet::new(site.addresses(), people.len())?;
    sign_in(&mut fleet, people)?;
    doing(&mut fleet)?;
    (0..people.len()).try_for_each(|at| fleet.close(at))
}

/// Each calls one who is not connected.
fn call(fleet: &mut Fleet, callers: &[Identity], callees: &[Identity], into_calls: bool) -> Result<()> {
    let plan = |at: usize, n: usize| (n == 0).then(|| callees[at].user.as_str());
    let mut told = |_: &str, _: &str| {};
    let opener = Opener::new(callers, callers.len(), &plan, &mut told);
    let opener = if into_calls { opener.into_calls() } else { opener };
    opener.run(fleet)
}
