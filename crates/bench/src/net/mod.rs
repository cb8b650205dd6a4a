//! Many client connections on one thread: epoll, level-triggered, and our own framing, because the generator shares
//! the machine with what it measures and must cost less than a bare relay does.

mod frame;
mod line;
mod link;

use std::net::{Ipv4Addr, SocketAddr};
use std::os::fd::OwnedFd;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use rustix::buffer::spare_capacity;
use rustix::event::epoll::{self, CreateFlags, Event, EventData, EventFlags};
use rustix::io::Errno;

use crate::stop;
use crate::tongue::NATIVE_PATH;
use frame::{Frame, Opcode, decode};
pub(crate) use line::Line;
use link::{Link, Stage};

/// Connections from one source address: far below the ephemeral ports an address has.
const PER_SOURCE: usize = 1_000;

/// Bytes read from a socket at once; larger than anything a lifecycle sends.
const READ_AT_ONCE: usize = 64 << 10;

/// Longest wait, so that Ctrl-C is noticed.
const LONGEST_WAIT: Duration = Duration::from_millis(200);

/// What happened on a connection.
#[derive(Debug)]
pub(crate) enum Heard<'a> {
    /// The WebSocket is open.
    Open,
    /// A text message.
    Text(&'a str),
    /// It ended, for this reason; its place is free for another.
    Closed(String),
}

/// Who is told what happened. An error ends the run.
pub(crate) trait Listener {
    /// `at` is the connection's place in the fleet.
    fn heard(&mut self, fleet: &mut Fleet, at: usize, heard: Heard<'_>) -> Result<()>;
}

/// Connections to one server or to the nodes of a cluster, each in its place. Neighbouring places are on different nodes.
pub(crate) struct Fleet {
    epoll: OwnedFd,
    targets: Vec<SocketAddr>,
    links: Vec<Option<Link>>,
    generation: u32,
    events: Vec<Event>,
    incoming: Vec<u8>,
    outgoing: Vec<u8>,
}

impl Fleet {
    /// `size` places, none connected, shared out among the targets in turn.
    pub(crate) fn new(targets: Vec<SocketAddr>, size: usize) -> Result<Self> {
        ensure!(!targets.is_empty(), "nothing to connect to");
        ensure!(targets.iter().all(SocketAddr::is_ipv4), "the generator speaks IPv4 only, not {targets:?}");
        Ok(Self {
            epoll: epoll::create(CreateFlags::CLOEXEC).context("cannot make an epoll")?,
            targets,
            links: (0..size).map(|_| None).collect(),
            generation: 0,
            events: Vec::with_capacity(1024),
            incoming: vec![0; READ_AT_ONCE],
            outgoing: Vec::new(),
        })
    }

    /// How many places there are.
    pub(crate) fn size(&self) -> usize {
        self.links.len()
    }

    /// Which target the place belongs to.
    pub(crate) fn target(&self, at: usize) -> SocketAddr {
        self.targets[at % self.targets.len()]
    }

    /// Starts to connect; the listener hears [`Heard::Open`] or [`Heard::Closed`].
    pub(crate) fn connect(&mut self, at: usize) -> Result<()> {
        self.connect_to(at, NATIVE_PATH.to_owned())
    }

    /// The same for a WebSocket at this path.
    pub(crate) fn connect_to(&mut self, at: usize, path: String) -> Result<()> {
        self.generation = self.generation.wrapping_add(1);
        let link = Link::connect(source(at), self.target(at), path, self.generation)?;
        epoll::add(&self.epoll, &link.socket, data(at, self.generation), EventFlags::OUT)?;
        self.links[at] = Some(link);
        Ok(())
    }

    /// Sends a text message; on a connection that has ended, nothing, and the listener hears of the end.
    pub(crate) fn send(&mut self, at: usize, text: &str) -> Result<()> {
        self.send_frame(at, Opcode::Text, text.as_bytes())
    }

    /// Says goodbye and closes; the listener hears nothing.
    pub(crate) fn close(&mut self, at: usize) -> Result<()> {
        const NORMAL: [u8; 2] = 1000_u16.to_be_bytes();
        self.send_frame(at, Opcode::Close, &NORMAL)?;
        self.links[at] = None;
        Ok(())
    }

    /// Waits until something happens or `wait` is over, and tells the listener all of it.
    pub(crate) fn poll(&mut self, wait: Duration, listener: &mut dyn Listener) -> Result<()> {
        stop::check()?;
        let mut events = std::mem::take(&mut self.events);
        let wait = wait.min(LONGEST_WAIT).try_into()?;
        match epoll::wait(&self.epoll, spare_capacity(&mut events), Some(&wait)) {
            Ok(_) | Err(Errno::INTR) => {}
            Err(error) => return Err(error).context("cannot wait for the sockets"),
        }
        for event in events.drain(..) {
            let (at, generation) = place(event.data);
            if self.is_current(at, generation)
                && let Err(error) = self.ready(at, event.flags, listener)?
            {
                self.links[at] = None;
                listener.heard(self, at, Heard::Closed(format!("{error:#}")))?;
            }
        }
        self.events = events;
        Ok(())
    }

    /// The outer result is the listener's, the inner the connection's.
    fn ready(&mut self, at: usize, flags: EventFlags, listener: &mut dyn Listener) -> Result<Result<()>> {
        let target = self.target(at);
        let Some(link) = &mut self.links[at] else { return Ok(Ok(())) };
        if matches!(link.stage, Stage::Connecting { .. }) {
            let outcome = link.upgrade(target);
            return Ok(outcome.and_then(|()| self.watch(at, EventFlags::IN)));
        }
        if flags.contains(EventFlags::OUT)
            && let Err(error) = self.flush(at)
        {
            return Ok(Err(error));
        }
        if flags.intersects(EventFlags::IN | EventFlags::HUP | EventFlags::ERR) {
            let mut incoming = std::mem::take(&mut self.incoming);
            let outcome = self.read(at, &mut incoming, listener);
            self.incoming = incoming;
            return outcome;
        }
        Ok(Ok(()))
    }

    fn read(&mut self, at: usize, incoming: &mut [u8], listener: &mut dyn Listener) -> Result<Result<()>> {
        let Some(link) = &mut self.links[at] else { return Ok(Ok(())) };
        let fresh = match link.read(incoming) {
            Ok(Some(read)) => &incoming[..read],
            Ok(None) => return Ok(Err(anyhow::anyhow!("the server closed the connection without a word"))),
            Err(error) => return Ok(Err(error)),
        };
        let generation = link.generation;
        let mut kept = std::mem::take(&mut link.unread);
        let bytes = if kept.is_empty() {
            fresh
        } else {
            kept.extend_from_slice(fresh);
            &kept
        };
        let used = match self.take_in(at, bytes, listener)? {
            Ok(used) => used,
            Err(error) => return Ok(Err(error)),
        };
        let rest = bytes.get(used..).unwrap_or_default().to_vec();
        if let Some(link) = self.links[at].as_mut().filter(|link| link.generation == generation) {
            link.unread = rest;
        }
        Ok(Ok(()))
    }

    /// Tells the listener every complete message in `bytes`; how many bytes they took.
    fn take_in(&mut self, at: usize, bytes: &[u8], listener: &mut dyn Listener) -> Result<Result<usize>> {
        let Some(link) = &mut self.links[at] else { return Ok(Ok(0)) };
        let generation = link.generation;
        let mut used = 0;
        if link.stage == Stage::Upgrading {
            match link.upgraded(bytes) {
                Ok(Some(answer)) => used = answer,
                Ok(None) => return Ok(Ok(0)),
                Err(error) => return Ok(Err(error)),
            }
            listener.heard(self, at, Heard::Open)?;
        }
        while self.is_current(at, generation) {
            let (frame, length) = match decode(&bytes[used..]) {
                Ok(Some(decoded)) => decoded,
                Ok(None) => break,
                Err(error) => return Ok(Err(error)),
            };
            used += length;
            match frame {
                Frame::Text(text) => listener.heard(self, at, Heard::Text(text))?,
                Frame::Ping(payload) => self.send_frame(at, Opcode::Pong, payload)?,
                Frame::Pong => {}
                Frame::Close(code) => return Ok(Err(closed(code))),
            }
        }
        Ok(Ok(used))
    }

    fn send_frame(&mut self, at: usize, opcode: Opcode, payload: &[u8]) -> Result<()> {
        let Some(link) = &mut self.links[at] else { return Ok(()) };
        // A socket that cannot be written to is reported by epoll, and so to the listener.
        if link.send(&mut self.outgoing, opcode, payload).unwrap_or(false) {
            self.watch(at, EventFlags::IN | EventFlags::OUT)?;
        }
        Ok(())
    }

    fn flush(&mut self, at: usize) -> Result<()> {
        let Some(link) = &mut self.links[at] else { return Ok(()) };
        let waiting = link.flush()?;
        if waiting { Ok(()) } else { self.watch(at, EventFlags::IN) }
    }

    fn watch(&self, at: usize, flags: EventFlags) -> Result<()> {
        if let Some(link) = &self.links[at] {
            epoll::modify(&self.epoll, &link.socket, data(at, link.generation), flags)?;
        }
        Ok(())
    }

    fn is_current(&self, at: usize, generation: u32) -> bool {
        self.links[at].as_ref().is_some_and(|link| link.generation == generation)
    }
}

fn closed(code: Option<u16>) -> anyhow::Error {
    match code {
        Some(code) => anyhow::anyhow!("the server closed the connection with code {code}"),
        None => anyhow::anyhow!("the server closed the connection without a code"),
    }
}

/// 127.0.1.1, 127.0.2.1 and so on.
fn source(at: usize) -> SocketAddr {
    let third = u8::try_from(1 + at / PER_SOURCE % 250).unwrap_or(u8::MAX);
    (Ipv4Addr::new(127, 0, third, 1), 0).into()
}

fn data(at: usize, generation: u32) -> EventData {
    EventData::new_u64((u64::from(generation) << 32) | at as u64)
}

#[expect(clippy::cast_possible_truncation, reason = "each half has 32 bits, and so have the places")]
fn place(data: EventData) -> (usize, u32) {
    let both = data.u64();
    ((both & u64::from(u32::MAX)) as usize, (both >> 32) as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_and_its_generation_travel_through_epoll() {
        assert_eq!(place(data(18_999, 7)), (18_999, 7));
    }

    #[test]
    fn sources_are_spread() {
        assert_eq!(source(0).to_string(), "127.0.1.1:0");
        assert_eq!(source(18_999).to_string(), "127.0.19.1:0");
    }
}
