//! What happens when: a queue in the order of time, and of making among equals, so that every run is the same.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::server::Link;

/// Something that happens to one part of the world.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Occurrence {
    /// A connection attempt succeeded.
    Connected(Link),
    /// It failed.
    NotConnected(Link),
    /// A frame reaches the server.
    ToServer(Link, String),
    /// A frame reaches the device.
    ToDevice(Link, String),
    /// A connection of the server's runs, and may write a frame.
    Write(Link),
    /// A connection of the server's looks at its time.
    Look(Link),
    /// A ping reaches the device.
    Ping(Link),
    /// The device's answer to it reaches the server.
    Pong(Link),
    /// Everything in flight is lost and nothing passes any more.
    Cut(Link),
    /// The server learns that a connection is gone.
    LostAtServer(Link),
    /// The device learns it, with the close code if the server sent one.
    LostAtDevice(Link, Option<u16>),
    /// A device's time may have come.
    Wake(usize),
    /// A person does something with their device.
    Act(usize),
    /// Something bad happens to a device: see [`Trouble`].
    Trouble(usize, Trouble),
    /// The server looks at what is due.
    Due,
    /// The server's process dies and comes back.
    Crash,
}

/// What can befall a device by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Trouble {
    /// Its app stops taking events.
    Busy,
    /// It takes them again.
    Free,
    /// Its clock jumps ahead, as after a sleep.
    ClockJump,
    /// Its process dies and comes back with the stored cursor.
    Restart,
    /// It is switched off for so long, ms.
    Off(u64),
}

#[derive(Debug, Default)]
pub(crate) struct Agenda {
    queue: BinaryHeap<Reverse<(u64, u64, Occurrence)>>,
    made: u64,
}

impl Agenda {
    pub(crate) fn add(&mut self, at: u64, what: Occurrence) {
        self.made += 1;
        self.queue.push(Reverse((at, self.made, what)));
    }

    /// The next thing to happen, if it happens before `until`.
    pub(crate) fn next(&mut self, until: u64) -> Option<(u64, Occurrence)> {
        let Reverse((at, ..)) = self.queue.peek()?;
        if *at >= until {
            return None;
        }
        self.queue.pop().map(|Reverse((at, _, what))| (at, what))
    }
}
