//! How far each user was told on each platform. OpenIM's clients have no cursor, so the server keeps one for them.
//!
//! A place is kept in memory while its platform is connected, and written when the last connection is over and every second
//! before that: a server that is killed may tell the events of its last second again.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use wigwag_protocol::{Platform, UserId};

use crate::door::Door;
use crate::store::KeptPlace;

/// How long a place may be in memory alone.
const WRITE_EVERY: Duration = Duration::from_secs(1);

/// The places of this node.
#[derive(Default)]
pub struct Places(Mutex<HashMap<Owner, Place>>);

/// Whose place it is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Owner {
    user: UserId,
    platform: Platform,
}

#[derive(Debug, Default)]
struct Place {
    connections: usize,
    cursor: u64,
    unwritten: bool,
}

impl Owner {
    fn of(place: &KeptPlace) -> Self {
        Self { user: place.user.clone(), platform: place.platform }
    }
}

impl Place {
    /// What is to be written of it, if it has changed since it was written.
    fn take(&mut self, owner: &Owner) -> Option<KeptPlace> {
        let Owner { user, platform } = owner.clone();
        std::mem::take(&mut self.unwritten).then_some(KeptPlace { user, platform, cursor: self.cursor })
    }
}

impl Places {
    /// Where a user goes on who comes on this platform. `None` when they start at the newest place: the platform was never
    /// seen, or it is connected already, and another window of the app has been told what there was.
    pub(in crate::gateway) async fn kept(
        &self,
        door: &Door,
        user: &UserId,
        platform: Platform,
    ) -> Option<u64> {
        let owner = Owner { user: user.clone(), platform };
        if let Some(place) = self.0.lock().get(&owner) {
            return (place.connections == 0).then_some(place.cursor);
        }
        door.kept_place(user, platform).await.unwrap_or_else(|error| {
            tracing::error!(%error, "the place of a platform could not be read");
            None
        })
    }

    /// A connection of this user and platform begins at this place.
    pub(super) fn enter(self: &Arc<Self>, user: &UserId, platform: Platform, cursor: u64) -> Standing {
        let owner = Owner { user: user.clone(), platform };
        let mut places = self.0.lock();
        let place = places.entry(owner.clone()).or_default();
        place.connections += 1;
        place.unwritten |= cursor > place.cursor || place.connections == 1;
        place.cursor = place.cursor.max(cursor);
        Standing { owner, places: Arc::clone(self) }
    }

    /// Writes what has changed, again and again, until it is dropped.
    pub async fn keep(self: Arc<Self>, door: Arc<Door>) {
        loop {
            tokio::time::sleep(WRITE_EVERY).await;
            let unwritten = self.take_unwritten();
            self.write(&door, unwritten).await;
        }
    }

    /// Writes these places. Those that are not connected any more are forgotten once they are written, and not before: who
    /// comes meanwhile is told from here.
    async fn write(&self, door: &Door, places: Vec<KeptPlace>) {
        if places.is_empty() {
            return;
        }
        match door.keep_places(places.clone()).await {
            Ok(()) => self.forget(&places),
            Err(error) => {
                tracing::error!(%error, "the places of platforms could not be written");
                self.put_back(&places);
            }
        }
    }

    fn take_unwritten(&self) -> Vec<KeptPlace> {
        let mut places = self.0.lock();
        let mut unwritten: Vec<KeptPlace> =
            places.iter_mut().filter_map(|(owner, place)| place.take(owner)).collect();
        unwritten
            .sort_unstable_by(|one, other| (&one.user, one.platform).cmp(&(&other.user, other.platform)));
        unwritten
    }

    /// One place, if it has changed since it was written.
    fn take(&self, owner: &Owner) -> Option<KeptPlace> {
        self.0.lock().get_mut(owner).and_then(|place| place.take(owner))
    }

    fn forget(&self, written: &[KeptPlace]) {
        let mut places = self.0.lock();
        for owner in written.iter().map(Owner::of) {
            if places.get(&owner).is_some_and(|place| place.connections == 0 && !place.unwritten) {
                places.remove(&owner);
            }
        }
    }

    fn put_back(&self, unwritten: &[KeptPlace]) {
        let mut places = self.0.lock();
        for owner in unwritten.iter().map(Owner::of) {
            if let Some(place) = places.get_mut(&owner) {
                place.unwritten = true;
            }
        }
    }
}

/// A connection's part in its platform's place.
pub(super) struct Standing {
    owner: Owner,
    places: Arc<Places>,
}

impl Standing {
    /// The client was told everything up to here.
    pub(super) fn told(&self, cursor: u64) {
        if let Some(place) = self.places.0.lock().get_mut(&self.owner)
            && cursor > place.cursor
        {
            place.cursor = cursor;
            place.unwritten = true;
        }
    }

    /// The connection is over. Its place is written at once, because the client may come back on another node within the second;
    /// alone, because very many may go at once.
    pub(super) async fn leave(self, door: &Door) {
        let (owner, places) = (self.owner.clone(), Arc::clone(&self.places));
        drop(self);
        let place = places.take(&owner);
        places.write(door, place.into_iter().collect()).await;
    }
}

impl Drop for Standing {
    fn drop(&mut self) {
        if let Some(place) = self.places.0.lock().get_mut(&self.owner) {
            place.connections -= 1;
            place.unwritten = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_moves_forward_and_is_written_once() {
        let places = Arc::new(Places::default());
        let bob = UserId::parse("bob").unwrap();
        let unwritten = || places.take_unwritten().into_iter().map(|place| place.cursor).collect::<Vec<_>>();
        let first = places.enter(&bob, Platform::WEB, 4);
        let second = places.enter(&bob, Platform::WEB, 9);
        first.told(7);
        assert_eq!(unwritten(), [9]);
        assert!(unwritten().is_empty());
        second.told(12);
        drop((first, second));
        assert_eq!(unwritten(), [12]);
    }

    #[test]
    fn a_place_is_forgotten_when_it_is_written_and_nobody_is_connected() {
        let places = Arc::new(Places::default());
        let bob = UserId::parse("bob").unwrap();
        let first = places.enter(&bob, Platform::WEB, 4);
        let owner = first.owner.clone();
        drop(first);
        let written = places.take(&owner).unwrap();
        let again = places.enter(&bob, Platform::WEB, 6);
        places.forget(std::slice::from_ref(&written));
        assert!(places.take(&owner).is_some(), "Bob came back meanwhile");
        drop(again);
        places.forget(std::slice::from_ref(&written));
        let last = places.take(&owner).expect("their leaving is not written yet");
        places.forget(&[last]);
        assert!(places.0.lock().is_empty());
    }
}
