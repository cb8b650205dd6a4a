//! `silent`: what those cost the server who never read, or never end what they say: 500 devices that have each asked for a page of
//! history, the same number to whom messages are sent, the same number that have begun a message, and connections that never sign
//! in. Memory of the process, and of the kernel beside it.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Result;
use clap::Args;
use serde::Serialize;

use crate::layout::Layout;
use crate::lifecycle::{OPEN_INVITATIONS, mebibytes};
use crate::net::Line;
use crate::process::server_binary;
use crate::report::{Budget, Figures, Report};
use crate::sign_in::{Identity, identities, identity};
use crate::site::Site;
use crate::{possible_connections, procfs, stop, wire};

/// Devices of each silent user: as an attacker with few accounts has them.
const DEVICES: usize = 50;
/// Messages in each history; 48 KB each, which is the most that the limits allow.
const MESSAGES: usize = 100;
/// Bytes of each of the three parts of such a message.
const PART: usize = 16_000;
/// How long memory is watched after everything was asked for: longer than the server waits for a device that takes nothing.
const WATCHED: Duration = Duration::from_secs(25);
/// How long messages are sent to the silent, and how many a second.
const FLOOD: Duration = Duration::from_secs(12);
const PER_SECOND: u32 = 200;
/// Between two looks at the memory.
const LOOK: Duration = Duration::from_millis(100);
/// Bytes of the message that a connection begins and does not finish before it has signed in.
const UNFINISHED: usize = 250_000;
/// Bytes of the message that a signed-in device begins: almost the hard limit, which is twice `limits.frame_bytes`.
const BEGUN: usize = 130_000;
/// Time for the server's allocator to give back what it can.
const REST: Duration = Duration::from_secs(5);

/// Options of `silent`.
#[derive(Debug, Args, Serialize)]
pub(crate) struct Options {
    /// Devices that never read
    #[arg(long, default_value_t = 500)]
    devices: usize,
    /// Connections that never sign in
    #[arg(long, default_value_t = 2_000)]
    strangers: usize,
    /// The server's binary [default: `wigwag` next to this program]
    #[arg(long, value_name = "FILE")]
    server_bin: Option<PathBuf>,
}

/// Measures and reports.
pub(crate) fn run(options: &Options) -> Result<Report> {
    let binary = server_binary(options.server_bin.clone())?;
    let devices = possible_connections(options.devices);
    let mut report = Report::new("silent", options)?;
    let site = || Site::servers(Layout::Sqlite, &binary, OPEN_INVITATIONS);
    report.add("history", 1, history(&site()?, devices)?);
    report.add("flood", 1, flood(&site()?, devices)?);
    report.add("begun", 1, begun(&site()?, devices)?);
    report.add("strangers", 1, strangers(&site()?, possible_connections(options.strangers))?);
    report.summarise("");
    // 500 connections that never read cost at most 64 MB, and strangers no more than that either.
    report.budgets = ["history", "flood", "begun", "strangers"]
        .map(|row| Budget::at_most(row, "RSS grew MB", 64.0))
        .into();
    Ok(report)
}

/// Every device asks for the largest page there is, and reads none of it.
fn history(site: &Site, devices: usize) -> Result<Figures> {
    let users = users(site, devices);
    let address = site.addresses()[0];
    let mut author = author(site)?;
    for user in &users {
        Line::open(address, user, "first")?;
        for number in 0..MESSAGES {
            author.asks(&message(number, &user.user, PART))?;
        }
    }
    let mut watch = Watch::new(site)?;
    let mut silent = sign_in(site, &users, devices)?;
    for (at, line) in silent.iter_mut().enumerate() {
        line.says(&wire::history(1, "author", MESSAGES))?;
        if at % DEVICES == 0 {
            watch.look()?;
        }
    }
    watch.for_a_while(WATCHED)?;
    watch.figures(silent)
}

/// Messages are sent to every device, and nobody reads them.
fn flood(site: &Site, devices: usize) -> Result<Figures> {
    let users = users(site, devices);
    let mut author = author(site)?;
    let mut watch = Watch::new(site)?;
    let silent = sign_in(site, &users, devices)?;
    let (began, mut sent) = (Instant::now(), 0);
    while began.elapsed() < FLOOD {
        for user in &users {
            author.asks(&message(sent, &user.user, PART))?;
            sent += 1;
        }
        watch.look()?;
        let due = Duration::from_secs(1) / PER_SECOND * u32::try_from(sent)?;
        thread::sleep(due.saturating_sub(began.elapsed()));
    }
    watch.for_a_while(WATCHED)?;
    watch.figures(silent)
}

/// Every device begins a message and does not end it.
fn begun(site: &Site, devices: usize) -> Result<Figures> {
    let users = users(site, devices);
    let mut watch = Watch::new(site)?;
    let mut silent = sign_in(site, &users, devices)?;
    for (at, line) in silent.iter_mut().enumerate() {
        // Whoever has been told to come again is not heard any more.
        line.begins(BEGUN).ok();
        if at % DEVICES == 0 {
            watch.look()?;
        }
    }
    watch.for_a_while(Duration::from_secs(12))?;
    watch.figures(silent)
}

/// Connections that begin a large message and neither end it nor sign in.
fn strangers(site: &Site, count: usize) -> Result<Figures> {
    let mut watch = Watch::new(site)?;
    let address = site.addresses()[0];
    let mut lines = Vec::with_capacity(count);
    for at in 0..count {
        let mut line = Line::connect(address)?;
        // It is refused as soon as the server sees how long it is to be.
        line.begins(UNFINISHED).ok();
        lines.push(line);
        if at % DEVICES == 0 {
            watch.look()?;
        }
    }
    watch.for_a_while(Duration::from_secs(12))?;
    watch.figures(lines)
}

fn users(site: &Site, devices: usize) -> Vec<Identity> {
    identities("silent", devices.div_ceil(DEVICES), site.key())
}

fn author(site: &Site) -> Result<Line> {
    Line::open(site.addresses()[0], &identity("author", site.key()), "desk")
}

fn sign_in(site: &Site, users: &[Identity], devices: usize) -> Result<Vec<Line>> {
    let address: SocketAddr = site.addresses()[0];
    (0..devices).map(|at| Line::open(address, &users[at / DEVICES], &format!("device{at}"))).collect()
}

fn message(number: usize, user: &str, bytes: usize) -> String {
    wire::message(number as u64 + 1, user, &"x".repeat(bytes))
}

/// Looks at memory while something goes on.
struct Watch<'a> {
    site: &'a Site,
    before: Memory,
    peak: Memory,
}

/// Bytes.
#[derive(Clone, Copy)]
struct Memory {
    /// Of the server.
    rss: u64,
    /// Of all TCP sockets of this machine, at both ends: what is measured is how it grows.
    kernel: u64,
}

impl Memory {
    fn of(site: &Site) -> Result<Self> {
        Ok(Self { rss: site.rss()?, kernel: procfs::tcp_memory()? })
    }
}

impl<'a> Watch<'a> {
    fn new(site: &'a Site) -> Result<Self> {
        let before = Memory::of(site)?;
        Ok(Self { site, before, peak: before })
    }

    fn look(&mut self) -> Result<()> {
        stop::check()?;
        let now = Memory::of(self.site)?;
        self.peak.rss = self.peak.rss.max(now.rss);
        self.peak.kernel = self.peak.kernel.max(now.kernel);
        Ok(())
    }

    fn for_a_while(&mut self, time: Duration) -> Result<()> {
        let until = Instant::now() + time;
        while Instant::now() < until {
            self.look()?;
            thread::sleep(LOOK);
        }
        Ok(())
    }

    /// How memory grew, and what is left of that once everybody has gone.
    fn figures(self, lines: Vec<Line>) -> Result<Figures> {
        let connections = lines.len();
        drop(lines);
        thread::sleep(REST);
        let after = Memory::of(self.site)?;
        let grown = |now: u64, before: u64| mebibytes(now.saturating_sub(before));
        let mut figures = Figures::default();
        figures.add("connections", u32::try_from(connections).map_or(f64::NAN, f64::from));
        figures.add("RSS before MB", mebibytes(self.before.rss));
        figures.add("RSS grew MB", grown(self.peak.rss, self.before.rss));
        figures.add("kernel TCP grew MB", grown(self.peak.kernel, self.before.kernel));
        figures.add("RSS left MB", grown(after.rss, self.before.rss));
        figures.add("kernel TCP left MB", grown(after.kernel, self.before.kernel));
        Ok(figures)
    }
}
