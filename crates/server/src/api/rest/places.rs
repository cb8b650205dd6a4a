//! How much the back ends may ask at once: places for requests, the pace of each key, and which idempotency keys are being used.

use std::collections::{HashMap, HashSet};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use wigwag_session::rates::Pace;

use crate::auth::MOST_KEYS;
use crate::clock::Clock;
use crate::rates::Bucket;

/// Wrong keys a second and at once, from everybody together: whoever mistypes is told so, and nobody tries many. A right key is
/// never kept waiting by them.
const WRONG_KEYS: Pace = Pace::new(NonZeroU32::new(10).unwrap(), NonZeroU32::new(50).unwrap());
/// Names of keys whose pace is remembered: those that count, and as many again that were revoked.
const REMEMBERED: usize = 2 * MOST_KEYS;

/// The bounds of a node's API.
pub struct Places {
    requests: Arc<Semaphore>,
    pace: Pace,
    paces: Mutex<HashMap<Arc<str>, Arc<Bucket>>>,
    wrong: Bucket,
    /// The idempotency keys of the requests that are being carried out.
    running: Arc<Mutex<HashSet<KeyInUse>>>,
    clock: Clock,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct KeyInUse {
    holder: Arc<str>,
    key: Arc<str>,
}

impl Places {
    /// Places for this many requests at once, and the pace of each key.
    pub fn new(at_once: usize, pace: Pace) -> Self {
        Self {
            requests: Arc::new(Semaphore::new(at_once.min(Semaphore::MAX_PERMITS))),
            pace,
            paces: Mutex::default(),
            wrong: Bucket::default(),
            running: Arc::default(),
            clock: Clock::starting_not_before(0),
        }
    }

    /// Notes that a wrong key was shown, or gives the time after which another may be.
    pub(super) fn wrong_key(&self) -> Result<(), Duration> {
        self.wrong.take(WRONG_KEYS, self.clock.now_ms())
    }

    /// Takes a request of this key, or gives the time after which there is room for one.
    pub(super) fn request_of(&self, holder: &Arc<str>) -> Result<(), Duration> {
        let mut paces = self.paces.lock();
        if paces.len() >= REMEMBERED && !paces.contains_key(holder) {
            let now = self.clock.now_ms();
            paces.retain(|_, bucket| !bucket.is_full(now));
        }
        let bucket = Arc::clone(paces.entry(Arc::clone(holder)).or_default());
        drop(paces);
        bucket.take(self.pace, self.clock.now_ms())
    }

    /// A place for a request, if there is one.
    pub(super) fn enter(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.requests).try_acquire_owned().ok()
    }

    /// Marks an idempotency key as being used; `None` when it is already.
    pub(super) fn begin(&self, holder: &Arc<str>, key: &Arc<str>) -> Option<Running> {
        let used = KeyInUse { holder: Arc::clone(holder), key: Arc::clone(key) };
        let began = self.running.lock().insert(used.clone());
        began.then(|| Running { running: Arc::clone(&self.running), used })
    }
}

/// An idempotency key that is being used, until this is dropped.
pub(super) struct Running {
    running: Arc<Mutex<HashSet<KeyInUse>>>,
    used: KeyInUse,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.running.lock().remove(&self.used);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places() -> Places {
        Places::new(2, Pace::new(NonZeroU32::MIN, NonZeroU32::new(3).unwrap()))
    }

    #[test]
    fn there_are_so_many_places() {
        let places = places();
        let (first, second) = (places.enter(), places.enter());
        assert!(first.is_some() && second.is_some() && places.enter().is_none());
        drop(first);
        assert!(places.enter().is_some());
    }

    #[test]
    fn each_key_has_a_pace_of_its_own() {
        let places = places();
        let (one, other): (Arc<str>, Arc<str>) = ("one".into(), "other".into());
        // One more for each second that this takes.
        let taken = (0..1_000).take_while(|_| places.request_of(&one).is_ok()).count();
        assert!((3..1_000).contains(&taken), "{taken}");
        places.request_of(&other).unwrap();
    }

    #[test]
    fn an_idempotency_key_is_busy_until_its_request_is_answered() {
        let places = places();
        let (holder, key): (Arc<str>, Arc<str>) = ("one".into(), "key".into());
        let running = places.begin(&holder, &key);
        assert!(running.is_some() && places.begin(&holder, &key).is_none());
        assert!(places.begin(&"other".into(), &key).is_some(), "another holder's keys are their own");
        drop(running);
        assert!(places.begin(&holder, &key).is_some());
    }
}
