//! What a session reads of its user's stream: where it begins and ends, what it holds, and what is open beside it.

use std::collections::HashMap;

use parking_lot::Mutex;
use wigwag_protocol::{Platform, UserId};

use super::Door;
use crate::store::{KeptPlace, OpenPage, OpenRange, StoreError, StreamBounds, StreamPage};

/// Users whose broken streams are remembered. A stream that is forgotten is found to be broken once more.
const BROKEN: usize = 10_000;
/// Nodes take the time from clocks of their own.
pub(super) const CLOCKS_MS: u64 = 10_000;
/// Events that are read to find the time at a place of a stream: some are gone, those that are kept for a minute only.
const PROBE: usize = 20;

/// Where streams were found to be broken: the newest event of each user that cannot be read. It counts as one that retention
/// has dropped, so a device that lacks it is told to resync instead of failing at it again and again.
#[derive(Default)]
pub(super) struct BrokenStreams(Mutex<HashMap<UserId, u64>>);

impl BrokenStreams {
    fn note(&self, user: &UserId, cursor: u64) {
        let mut broken = self.0.lock();
        if broken.len() >= BROKEN {
            broken.clear();
        }
        let newest = broken.entry(user.clone()).or_default();
        *newest = cursor.max(*newest);
    }

    fn floor(&self, user: &UserId, floor: u64) -> u64 {
        self.0.lock().get(user).map_or(floor, |broken| floor.max(*broken))
    }
}

impl Door {
    /// The bounds of a user's stream; `None` when the user is not registered.
    pub async fn stream_bounds(&self, user: &UserId) -> Result<Option<StreamBounds>, StoreError> {
        let bounds = self.store.stream_bounds(user).await?;
        Ok(bounds.map(|bounds| StreamBounds { floor: self.broken.floor(user, bounds.floor), ..bounds }))
    }

    /// Events after a cursor, at most `limit`. Where the stream is broken, devices that are before that place are told to
    /// resync when they come again.
    pub async fn events_after(
        &self,
        user: &UserId,
        cursor: u64,
        limit: usize,
    ) -> Result<StreamPage, StoreError> {
        let page = self.store.events_after(user, cursor, limit).await;
        if let Err(StoreError::BrokenStream { cursor }) = page {
            self.broken.note(user, cursor);
        }
        page
    }

    /// A place of a user's stream before everything that happened at `time` or later, by halving. `None` when there is no such user.
    pub(super) async fn place_before(&self, user: &UserId, time: u64) -> Result<Option<u64>, StoreError> {
        let Some(bounds) = self.stream_bounds(user).await? else { return Ok(None) };
        let (mut low, mut high) = (bounds.floor, bounds.head);
        while low < high {
            let middle = low + (high - low) / 2;
            let next = match self.events_after(user, middle, PROBE).await {
                Err(StoreError::BrokenStream { .. }) => None,
                page => page?.events.first().map(|event| event.time),
            };
            match next {
                Some(at) if at < time => low = middle + 1,
                Some(_) | None => high = middle,
            }
        }
        Ok(Some(low))
    }

    /// How far a user was told on a platform; `None` when they never were.
    pub async fn kept_place(&self, user: &UserId, platform: Platform) -> Result<Option<u64>, StoreError> {
        self.store.kept_place(user, platform).await
    }

    /// Keeps how far users were told on their platforms.
    pub async fn keep_places(&self, places: Vec<KeptPlace>) -> Result<(), StoreError> {
        self.store.keep_places(places).await
    }

    /// The first page of the open invitations the user has to do with, oldest first.
    pub async fn open_invitations(&self, user: &UserId) -> Result<OpenPage, StoreError> {
        self.store.open_invitations(user, OpenRange::first()).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_stream_has_a_higher_floor_and_memory_has_a_bound() {
        let user = |name: &str| UserId::parse(name).unwrap();
        let broken = BrokenStreams::default();
        broken.note(&user("bob"), 7);
        broken.note(&user("bob"), 5);
        assert_eq!(broken.floor(&user("bob"), 3), 7);
        assert_eq!(broken.floor(&user("bob"), 9), 9);
        assert_eq!(broken.floor(&user("carol"), 3), 3);
        for number in 0..BROKEN {
            broken.note(&user(&format!("u{number}")), 1);
        }
        assert!(broken.0.lock().len() <= BROKEN);
    }
}
