//! Deadlines: a heap of what is due when, and a task that brings each to the door when its time has come.
//!
//! Nothing is taken out when an invitation is settled: the rules look at it when it is due, and find nothing to do. That look is the
//! cancel. Likewise a user who went is looked at once, if they are in a call by then or say something of themselves. An entry is 32 bytes; a million open invitations are 32 MB.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::Notify;
use uuid::Uuid;
use wigwag_engine::Due;
use wigwag_protocol::{InviteId, RoomId, UserId};

use crate::clock::Clock;
use crate::door::Door;
use crate::router::Deadlines;
use crate::telemetry::Metrics;

/// Most deadlines brought to the door at once; a quarter of a batch's bound, so that users' commands go between.
const AT_ONCE: usize = 128;
/// Pause after a full lot, ms: with 128 each, 12,800 a second after a long stop, and commands of users in between.
const PAUSE_MS: u64 = 10;
/// How long to wait when the store's queue is full, ms.
const OVERLOADED_MS: u64 = 50;

/// A [`Due`] in 24 bytes: nearly all inviteIDs are UUIDs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum SmallDue {
    /// An invitation whose inviteID is a UUID in the usual spelling.
    Invitation(Uuid),
    /// An invitation with any other inviteID.
    NamedInvitation(Box<str>),
    /// Somebody who may have left their call.
    Absence(UserId),
    /// Somebody who is gone from a media room.
    RoomLeft(Box<(RoomId, UserId)>),
}

impl SmallDue {
    fn of(due: &Due) -> Self {
        match due {
            Due::Invitation(id) => {
                let uuid = Uuid::try_parse(id.as_str()).ok();
                // Only the usual spelling can be written again from the number.
                match uuid.filter(|uuid| uuid.hyphenated().to_string() == id.as_str()) {
                    Some(uuid) => Self::Invitation(uuid),
                    None => Self::NamedInvitation(id.as_str().into()),
                }
            }
            Due::Absence(user) => Self::Absence(user.clone()),
            Due::RoomLeft(room, user) => Self::RoomLeft(Box::new((room.clone(), user.clone()))),
        }
    }

    /// Somebody who is only looked at if they are in a call or say something of themselves.
    fn absent(&self) -> Option<&UserId> {
        match self {
            Self::Absence(user) => Some(user),
            Self::Invitation(_) | Self::NamedInvitation(_) | Self::RoomLeft(_) => None,
        }
    }

    fn due(&self) -> Option<Due> {
        let id = match self {
            Self::Invitation(uuid) => InviteId::parse(&uuid.hyphenated().to_string()),
            Self::NamedInvitation(text) => InviteId::parse(text),
            Self::Absence(user) => return Some(Due::Absence(user.clone())),
            Self::RoomLeft(left) => return Some(Due::RoomLeft(left.0.clone(), left.1.clone())),
        };
        id.ok().map(Due::Invitation)
    }
}

/// What is due when (server time in ms).
pub struct Timers {
    heap: Mutex<BinaryHeap<Reverse<(u64, SmallDue)>>>,
    /// Rung when something is due earlier than all before.
    earlier: Notify,
    metrics: Arc<Metrics>,
}

impl Timers {
    /// With nothing to watch yet.
    pub fn new(metrics: Arc<Metrics>) -> Self {
        Self { heap: Mutex::new(BinaryHeap::new()), earlier: Notify::new(), metrics }
    }

    /// Runs until it is dropped.
    pub async fn run(&self, door: Arc<Door>, clock: Clock) {
        loop {
            let wait = self.bring_due(&door, clock.now_ms()).await;
            match wait {
                Some(wait) => {
                    // Woken early by something that is due earlier: look again.
                    tokio::time::timeout(wait, self.earlier.notified()).await.ok();
                }
                None => self.earlier.notified().await,
            }
        }
    }

    /// Brings what is due to the door. Returns how long until the next, if there is one.
    async fn bring_due(&self, door: &Door, now: u64) -> Option<Duration> {
        let lot = self.take_due(now);
        let is_full = lot.len() == AT_ONCE;
        let lot = without_those_in_vain(door, lot).await;
        for (place, (at, small)) in lot.iter().enumerate() {
            let Some(due) = small.due() else { continue };
            if door.due(due).is_err() {
                let rest = lot.get(place..).unwrap_or_default();
                self.heap.lock().extend(rest.iter().cloned().map(Reverse));
                return Some(Duration::from_millis(OVERLOADED_MS));
            }
            self.metrics.deadline_fired(Duration::from_millis(now.saturating_sub(*at)));
        }
        let heap = self.heap.lock();
        self.metrics.pending_deadlines.set(i64::try_from(heap.len()).unwrap_or(i64::MAX));
        if is_full {
            return Some(Duration::from_millis(PAUSE_MS));
        }
        heap.peek().map(|Reverse((at, _))| Duration::from_millis(at.saturating_sub(now)))
    }

    fn take_due(&self, now: u64) -> Vec<(u64, SmallDue)> {
        let mut heap = self.heap.lock();
        let mut due = Vec::new();
        while due.len() < AT_ONCE
            && let Some(next) = heap.peek_mut()
            && next.0.0 <= now
        {
            due.push(std::collections::binary_heap::PeekMut::pop(next).0);
        }
        due
    }
}

/// Leaves out users who went and have nothing to end, as nearly all who go: each would cost the writer a command to find nothing.
async fn without_those_in_vain(door: &Door, lot: Vec<(u64, SmallDue)>) -> Vec<(u64, SmallDue)> {
    let gone: Vec<UserId> = lot.iter().filter_map(|(_, due)| due.absent()).cloned().collect();
    if gone.is_empty() {
        return lot;
    }
    let ending: HashSet<UserId> = door.may_end_something(gone).await.into_iter().collect();
    let counts = |due: &SmallDue| due.absent().is_none_or(|user| ending.contains(user));
    lot.into_iter().filter(|(_, due)| counts(due)).collect()
}

impl Deadlines for Timers {
    fn watch(&self, due: Vec<(u64, Due)>) {
        if due.is_empty() {
            return;
        }
        let mut heap = self.heap.lock();
        let before = heap.peek().map(|Reverse((at, _))| *at);
        heap.extend(due.iter().map(|(at, due)| Reverse((*at, SmallDue::of(due)))));
        let first = heap.peek().map(|Reverse((at, _))| *at);
        self.metrics.pending_deadlines.set(i64::try_from(heap.len()).unwrap_or(i64::MAX));
        drop(heap);
        if before.is_none() || first < before {
            self.earlier.notify_one();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_small_and_everything_comes_back() {
        assert_eq!(size_of::<(u64, SmallDue)>(), 32);
        for text in
            ["0192f0c4-7b3e-7c4a-9d3e-2f1a5b6c7d8e", "0192F0C4-7B3E-7C4A-9D3E-2F1A5B6C7D8E", "call-1", "a b"]
        {
            let due = Due::Invitation(InviteId::parse(text).unwrap());
            assert_eq!(SmallDue::of(&due).due(), Some(due));
        }
        let (room, user) = (RoomId::parse("r").unwrap(), UserId::parse("bob").unwrap());
        for due in [Due::Absence(user.clone()), Due::RoomLeft(room, user)] {
            assert_eq!(SmallDue::of(&due).due(), Some(due));
        }
    }
}
