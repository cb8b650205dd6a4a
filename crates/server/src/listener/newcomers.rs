//! The connections that have not signed in: until they do, nobody answers for what they cost.

use std::sync::Arc;

use parking_lot::Mutex;
use prometheus_client::metrics::gauge::Gauge;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Connections beyond the limit that are still heard, so that they can be told in HTTP that there is no place, and so
/// that those who watch the server are not shut out with the others.
const RESERVE: usize = 256;

/// The places for connections that have not signed in.
#[derive(Debug)]
pub(super) struct Newcomers {
    places: Arc<Semaphore>,
    reserve: Arc<Semaphore>,
    here: Gauge,
}

impl Newcomers {
    /// `most` places; those that are taken are counted in `here`.
    pub(super) fn new(most: usize, here: Gauge) -> Self {
        let places = Arc::new(Semaphore::new(most.min(Semaphore::MAX_PERMITS)));
        Self { places, reserve: Arc::new(Semaphore::new(RESERVE)), here }
    }

    /// `None` when there is not even a place to be refused.
    pub(super) fn admit(&self) -> Option<Newcomer> {
        let place = Arc::clone(&self.places).try_acquire_owned();
        let may_sign_in = place.is_ok();
        let permit = place.or_else(|_| Arc::clone(&self.reserve).try_acquire_owned()).ok()?;
        self.here.inc();
        let place = Place { _permit: permit, here: self.here.clone() };
        Some(Newcomer { may_sign_in, place: Arc::new(Mutex::new(Some(place))) })
    }
}

/// A connection that has not signed in. Handlers find it in the extensions of a request; its place is free again when it has signed
/// in, or when its last copy is dropped.
#[derive(Debug, Clone)]
pub struct Newcomer {
    may_sign_in: bool,
    place: Arc<Mutex<Option<Place>>>,
}

impl Newcomer {
    /// Whether there was room for one more who signs in.
    pub fn may_sign_in(&self) -> bool {
        self.may_sign_in
    }

    /// The connection belongs to a user now.
    pub fn has_signed_in(&self) {
        self.place.lock().take();
    }
}

#[derive(Debug)]
struct Place {
    _permit: OwnedSemaphorePermit,
    here: Gauge,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.here.dec();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_more_than_there_are_places_is_heard_and_may_not_sign_in() {
        let newcomers = Newcomers::new(2, Gauge::default());
        let two = [newcomers.admit().unwrap(), newcomers.admit().unwrap()];
        assert!(two.iter().all(Newcomer::may_sign_in));
        let third = newcomers.admit().unwrap();
        assert!(!third.may_sign_in());
        two[0].has_signed_in();
        assert!(newcomers.admit().unwrap().may_sign_in());
    }

    #[test]
    fn even_the_reserve_ends() {
        let newcomers = Newcomers::new(1, Gauge::default());
        let held: Vec<Newcomer> = (0..=RESERVE).map(|_| newcomers.admit().unwrap()).collect();
        assert!(newcomers.admit().is_none());
        drop(held);
        assert_eq!(newcomers.here.get(), 0);
        assert!(newcomers.admit().unwrap().may_sign_in());
    }
}
