//! `storm`: every device was connected, went away, and missed events; then all of them come back at the same moment with
//! their cursors. Nothing may be lost, nothing may come twice.

mod tally;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use clap::Args;
use indicatif::ProgressBar;
use serde::Serialize;

use crate::layout::Layout;
use crate::lifecycle::mebibytes;
use crate::net::{Fleet, Heard, Listener};
use crate::opener::Opener;
use crate::process::server_binary;
use crate::report::{Budget, Figures, Report};
use crate::sign_in::{Identity, identities, sign_in};
use crate::site::{Consumption, Site};
use crate::wire::{self, Said};
use crate::{possible_connections, progress};
use tally::Tally;

/// Connections that invite the devices while they are away.
const INVITERS: usize = 100;

/// Longest wait until all have caught up.
const LONGEST: Duration = Duration::from_mins(3);

/// How long to listen for events that come late or again once all have caught up.
const AFTERMATH: Duration = Duration::from_secs(2);

/// Options of `storm`.
#[derive(Debug, Args, Serialize)]
pub(crate) struct Options {
    /// Devices, one user each
    #[arg(long, default_value_t = 19_000)]
    devices: usize,
    /// Events each device misses
    #[arg(long, default_value_t = 5)]
    events: usize,
    /// What the server stands on: sqlite, postgres, or cluster:NODES with PostgreSQL and NATS; in a cluster every
    /// device comes back to another node
    #[arg(long, value_name = "LAYOUT", default_value_t = Layout::Sqlite)]
    on: Layout,
    /// The server's binary [default: `wigwag` next to this program]
    #[arg(long, value_name = "FILE")]
    server_bin: Option<PathBuf>,
}

/// Measures and reports; the run has failed when an event was lost or repeated.
pub(crate) fn run(options: &Options) -> Result<Report> {
    let binary = server_binary(options.server_bin.clone())?;
    let devices = possible_connections(options.devices);
    ensure!(devices > 0 && options.events > 0, "nothing to measure");
    let each = devices.div_ceil(INVITERS) * options.events;
    let mut site = Site::servers(options.on, &binary, u32::try_from(each)?)?;

    let identities = identities("device", devices, site.key());
    let mut tallies = leave(&site, &identities)?;
    ring(&site, &identities, (options.events, &mut tallies))?;
    let storm = reconnect(&site, &identities, tallies)?;
    let rss = site.rss()?;
    site.stop()?;

    let mut report = Report::new("storm", options)?;
    report.add("storm", 1, storm.figures(rss));
    report.summarise("");
    report.failure = storm.failure();
    // ARCHITECTURE.md, Budgets: 19,000 devices within 10 s without a lost or repeated event.
    report.budgets = vec![
        Budget::at_most("storm", "all caught up s", 10.0),
        Budget::at_most("storm", "lost events", 0.0),
        Budget::at_most("storm", "repeated events", 0.0),
    ];
    Ok(report)
}

/// All devices connect, note their cursor, and go.
fn leave(site: &Site, identities: &[Identity]) -> Result<Vec<Tally>> {
    let mut fleet = Fleet::new(site.addresses(), identities.len())?;
    let cursors = sign_in(&mut fleet, identities)?;
    (0..identities.len()).try_for_each(|at| fleet.close(at))?;
    Ok(cursors.into_iter().map(Tally::new).collect())
}

/// Every device is invited `events` times; the tallies learn which invitations to expect.
fn ring(site: &Site, devices: &[Identity], (events, tallies): (usize, &mut [Tally])) -> Result<()> {
    let inviters = identities("inviter", INVITERS.min(devices.len()), site.key());
    let mut fleet = Fleet::new(site.addresses(), inviters.len())?;
    sign_in(&mut fleet, &inviters)?;
    let total = devices.len() * events;
    let plan = |at: usize, n: usize| {
        let device = devices.get(at + n / events * inviters.len())?;
        Some(device.user.as_str())
    };
    let mut expect = |user: &str, invite_id: &str| {
        let number = devices.binary_search_by(|device| device.user.as_str().cmp(user));
        if let Ok(number) = number {
            tallies[number].expect(invite_id);
        }
    };
    Opener::new(&inviters, total, &plan, &mut expect).run(&mut fleet)
}

fn reconnect(site: &Site, identities: &[Identity], tallies: Vec<Tally>) -> Result<Storm> {
    let mut fleet = Fleet::new(site.next_addresses(), identities.len())?;
    let mut reconnect = Reconnect::new(identities, tallies);
    let before = site.consumption()?;
    let start = Instant::now();
    for at in 0..fleet.size() {
        fleet.connect(at)?;
    }
    let connecting = start.elapsed();
    while reconnect.left > 0 {
        ensure!(start.elapsed() < LONGEST, "{} devices have not caught up after {LONGEST:?}", reconnect.left);
        fleet.poll(LONGEST, &mut reconnect)?;
    }
    let took = start.elapsed();
    let spent = site.consumption()?.since(&before);
    let until = Instant::now() + AFTERMATH;
    while Instant::now() < until {
        fleet.poll(AFTERMATH, &mut reconnect)?;
    }
    reconnect.bar.finish_and_clear();
    Ok(Storm { tallies: reconnect.tallies, ended: reconnect.ended, connecting, took, spent })
}

/// What came out.
struct Storm {
    tallies: Vec<Tally>,
    /// Connections that the server ended and the device made again.
    ended: u32,
    /// The generator's own time to begin all connections.
    connecting: Duration,
    took: Duration,
    spent: Consumption,
}

impl Storm {
    fn sum(&self, count: fn(&Tally) -> u32) -> u32 {
        self.tallies.iter().map(count).sum()
    }

    fn failure(&self) -> Option<String> {
        let (lost, repeated, gaps) =
            (self.sum(Tally::lost), self.sum(Tally::repeated), self.sum(Tally::gaps));
        (lost + repeated + gaps > 0)
            .then(|| format!("{lost} events lost, {repeated} repeated, {gaps} gaps between cursors"))
    }

    fn figures(&self, rss: u64) -> Figures {
        let sum = |count| f64::from(self.sum(count));
        let mut figures = Figures::default();
        figures.add("devices", f64::from(u32::try_from(self.tallies.len()).unwrap_or(u32::MAX)));
        figures.add("expected events", sum(Tally::expected));
        figures.add("lost events", sum(Tally::lost));
        figures.add("repeated events", sum(Tally::repeated));
        figures.add("cursor gaps", sum(Tally::gaps));
        figures.add("connections ended", f64::from(self.ended));
        figures.add("connections begun s", self.connecting.as_secs_f64());
        figures.add("all caught up s", self.took.as_secs_f64());
        figures.add("server CPU s", self.spent.nodes.total);
        figures.add("all CPU s", self.spent.all());
        figures.add("server RSS MB", mebibytes(rss));
        figures
    }
}

struct Reconnect<'a> {
    identities: &'a [Identity],
    tallies: Vec<Tally>,
    left: usize,
    ended: u32,
    bar: ProgressBar,
}

impl<'a> Reconnect<'a> {
    fn new(identities: &'a [Identity], tallies: Vec<Tally>) -> Self {
        let bar = progress::bar("catching up", tallies.len());
        Self { identities, left: tallies.len(), tallies, ended: 0, bar }
    }

    fn take(&mut self, at: usize, text: &str) -> Result<()> {
        let tally = &mut self.tallies[at];
        let was = tally.is_caught_up();
        match wire::read(text)? {
            Said::Reply(_, told) => {
                ensure!(!told.resync, "its cursor was refused: {text}");
                tally.opened(told.head.context("the reply to session.open has no head")?);
            }
            Said::Event(told) => tally.event(&told),
            Said::CaughtUp(cursor) => tally.caught_up(cursor),
        }
        if !was && tally.is_caught_up() {
            self.left -= 1;
            self.bar.inc(1);
        }
        Ok(())
    }
}

impl Listener for Reconnect<'_> {
    fn heard(&mut self, fleet: &mut Fleet, at: usize, heard: Heard<'_>) -> Result<()> {
        let who = &self.identities[at];
        match heard {
            Heard::Open => {
                let mut request = String::new();
                wire::open(&mut request, 0, &who.user, &who.token, Some(self.tallies[at].cursor()));
                fleet.send(at, &request)
            }
            Heard::Text(text) => {
                self.take(at, text).with_context(|| format!("{} cannot resume", self.identities[at].user))
            }
            // As a client does, though without its delay.
            Heard::Closed(_) => {
                self.ended += 1;
                fleet.connect(at)
            }
        }
    }
}
