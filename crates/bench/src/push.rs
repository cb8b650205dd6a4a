//! `push`: how soon a push leaves. Users who are away have registered a device at the operator's adapter, which is a receiver in this
//! program; somebody rings each of them once, at a pace that keeps no server busy. Measured is from the reply to the invite, which comes when
//! the decision is durable, to the request at the receiver.

use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use clap::Args;
use serde::Serialize;

use crate::layout::Layout;
use crate::net::Line;
use crate::process::server_binary;
use crate::report::{Budget, Figures, Report};
use crate::sign_in::{identities, identity};
use crate::site::Site;
use crate::{stop, wire};

/// The budget of docs/performance.md, ms.
const SOON_MS: f64 = 50.0;
/// A push that has not come by then is missing. A ring that nobody has acknowledged is pushed after 3 s at the latest.
const LATEST: Duration = Duration::from_secs(10);
/// How long it rings, s: longer than the run, so that nothing but rings is pushed.
const RINGS: u32 = 600;

/// Options of `push`.
#[derive(Debug, Args, Serialize)]
pub(crate) struct Options {
    /// Invitations per second
    #[arg(long, default_value_t = 200)]
    rate: u32,
    /// Seconds recorded
    #[arg(long, default_value_t = 20)]
    seconds: u32,
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
    ensure!(options.rate > 0 && options.seconds > 0, "nothing to measure");
    let mut report = Report::new("push", options)?;
    report.add("push", 1, measured(options, &binary)?);
    report.summarise("");
    report.budgets =
        vec![Budget::at_most("push", "p99 ms", SOON_MS), Budget::at_most("push", "missing", 0.0)];
    Ok(report)
}

fn measured(options: &Options, binary: &Path) -> Result<Figures> {
    let count = options.rate.saturating_mul(options.seconds);
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let url = format!("http://{}/", listener.local_addr()?);
    let (tell, told) = mpsc::channel();
    thread::spawn(move || receive(&listener, &tell));
    let mut site = Site::pushing(options.on, binary, count.saturating_add(1), url)?;
    register(&site, count as usize)?;
    let rung = ring(&site, options, count)?;
    let arrived = gather(&told, rung.len());
    site.stop()?;
    figures(&rung, &arrived)
}

/// Everybody registers the device that is to be woken, and goes away.
fn register(site: &Site, count: usize) -> Result<()> {
    let address = site.addresses()[0];
    for who in identities("away", count, site.key()) {
        stop::check()?;
        Line::open(address, &who, "phone")?.asks(&wire::register(1, &who.user))?;
    }
    Ok(())
}

/// When the reply to each invite came, by its invitation.
fn ring(site: &Site, options: &Options, count: u32) -> Result<HashMap<String, Instant>> {
    let mut caller = Line::open(site.addresses()[0], &identity("caller", site.key()), "desk")?;
    let (began, mut rung, mut text) = (Instant::now(), HashMap::new(), String::new());
    for number in 0..count {
        stop::check()?;
        let due = Duration::from_secs(1) * number / options.rate;
        thread::sleep(due.saturating_sub(began.elapsed()));
        let (invite_id, invitee) = (format!("i-{number:05}"), format!("away{number:05}"));
        let ring = wire::Ring { invite_id: &invite_id, invitee: &invitee, timeout: RINGS, call: false };
        wire::invite(&mut text, u64::from(number) + 1, ring);
        caller.asks(&text)?;
        rung.insert(invite_id, Instant::now());
    }
    Ok(rung)
}

/// When each push came, by its invitation; as many as there are to be, or those that came in time.
fn gather(told: &Receiver<(String, Instant)>, wanted: usize) -> HashMap<String, Instant> {
    let until = Instant::now() + LATEST;
    let mut arrived = HashMap::new();
    while arrived.len() < wanted {
        match told.recv_timeout(until.saturating_duration_since(Instant::now())) {
            Ok((id, at)) => drop(arrived.insert(id, at)),
            Err(_) => break,
        }
    }
    arrived
}

fn figures(rung: &HashMap<String, Instant>, arrived: &HashMap<String, Instant>) -> Result<Figures> {
    // A push may leave before the reply is read here, which is as soon as can be.
    let times = rung.iter().filter_map(|(id, rung)| Some(arrived.get(id)?.saturating_duration_since(*rung)));
    let mut times: Vec<Duration> = times.collect();
    times.sort_unstable();
    ensure!(!times.is_empty(), "no push came");
    let at = |share: usize| {
        let place = (times.len() * share).div_ceil(1_000).saturating_sub(1);
        times.get(place).map_or(f64::NAN, |time| time.as_secs_f64() * 1_000.0)
    };
    let number = |count: usize| u32::try_from(count).map_or(f64::NAN, f64::from);
    let mut figures = Figures::default();
    figures.add("pushes", number(times.len()));
    figures.add("missing", number(rung.len() - times.len()));
    figures.add("p50 ms", at(500));
    figures.add("p99 ms", at(990));
    figures.add("max ms", at(1_000));
    Ok(figures)
}

/// Takes connections for as long as the program lives.
fn receive(listener: &TcpListener, tell: &Sender<(String, Instant)>) {
    while let Ok((stream, _)) = listener.accept() {
        let tell = tell.clone();
        // Its end is the end of the connection.
        thread::spawn(move || take(stream, &tell).ok());
    }
}

/// Answers request after request of a connection.
fn take(mut stream: TcpStream, tell: &Sender<(String, Instant)>) -> Result<()> {
    stream.set_nodelay(true)?;
    let (mut unread, mut room) = (Vec::new(), [0; 4_096]);
    loop {
        match stream.read(&mut room)? {
            0 => return Ok(()),
            read => unread.extend_from_slice(&room[..read]),
        }
        let at = Instant::now();
        while let Some((head, length)) = whole(&unread) {
            let body: serde_json::Value = serde_json::from_slice(&unread[head..length])?;
            unread.drain(..length);
            let id = body["data"]["note"]["inviteID"].as_str().context("a push has an inviteID")?;
            tell.send((id.to_owned(), at))?;
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")?;
        }
    }
}

/// How long the head of the first request is, and the request, once it is there as a whole.
fn whole(unread: &[u8]) -> Option<(usize, usize)> {
    let head = unread.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let text = std::str::from_utf8(&unread[..head]).ok()?.to_ascii_lowercase();
    let length = text.lines().find_map(|line| line.strip_prefix("content-length:"))?.trim().parse().ok();
    length.map(|length: usize| head + length).filter(|end| *end <= unread.len()).map(|end| (head, end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_whole_with_its_last_byte() {
        let request = b"POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}";
        assert_eq!(whole(request), Some((request.len() - 2, request.len())));
        assert_eq!(whole(&request[..request.len() - 1]), None);
        assert_eq!(whole(b"POST / HTTP/1.1\r\n"), None);
    }
}
