//! Handles. A handle has a place and how often the place has been given; an old handle has an old count, and is refused.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::abi::types::{WigwagClient, WigwagResult};
use crate::guard::Fault;
use crate::library;
use crate::life::Life;

/// Most clients of a process: more than it may have files open by the defaults of most systems.
const MOST_CLIENTS: usize = 16_384;

static REGISTRY: Mutex<Registry<Life>> = Mutex::new(Registry::new());

/// Clients by their handles.
struct Registry<T> {
    places: Vec<Place<T>>,
    free: Vec<u32>,
}

struct Place<T> {
    /// How often it was given, wrapping after four billion times.
    generation: u32,
    client: Option<Arc<T>>,
}

/// Makes a client that knows its own handle, and what is to be started when the handle can be used.
pub(crate) fn insert<S>(
    make: impl FnOnce(WigwagClient) -> Result<(Life, S), Fault>,
) -> Result<(WigwagClient, S), Fault> {
    let reserved = locked().reserve().ok_or_else(|| {
        Fault::new(WigwagResult::Busy, format!("a process may have {MOST_CLIENTS} clients; close some"))
    })?;
    match make(reserved) {
        Ok((life, start)) => {
            locked().fill(reserved, life);
            Ok((reserved, start))
        }
        Err(fault) => {
            locked().remove(reserved);
            Err(fault)
        }
    }
}

/// The client of a handle.
pub(crate) fn find(client: WigwagClient) -> Result<Arc<Life>, Fault> {
    in_use()?.get(client).ok_or_else(unknown)
}

/// Takes a client out: its handle is refused from now on.
pub(crate) fn remove(client: WigwagClient) -> Result<Arc<Life>, Fault> {
    in_use()?.remove(client).ok_or_else(unknown)
}

/// Takes all clients out.
pub(crate) fn remove_all() -> Vec<Arc<Life>> {
    locked().remove_all()
}

/// Before the first client there is nothing to find, and no lock that a fork could leave behind.
fn in_use() -> Result<MutexGuard<'static, Registry<Life>>, Fault> {
    if library::is_used() { Ok(locked()) } else { Err(unknown()) }
}

fn locked() -> MutexGuard<'static, Registry<Life>> {
    REGISTRY.lock().unwrap_or_else(PoisonError::into_inner)
}

fn unknown() -> Fault {
    Fault::new(WigwagResult::UnknownClient, "the handle is of no client: it was closed, or never opened")
}

impl<T> Registry<T> {
    const fn new() -> Self {
        Self { places: Vec::new(), free: Vec::new() }
    }

    fn reserve(&mut self) -> Option<WigwagClient> {
        let index = match self.free.pop() {
            Some(index) => index,
            None if self.places.len() < MOST_CLIENTS => {
                self.places.push(Place { generation: 0, client: None });
                u32::try_from(self.places.len() - 1).ok()?
            }
            None => return None,
        };
        let place = self.places.get_mut(index as usize)?;
        place.generation = place.generation.wrapping_add(1);
        // Never 0, because the place counts from 1.
        Some(WigwagClient { id: (u64::from(place.generation) << 32) | (u64::from(index) + 1) })
    }

    fn fill(&mut self, client: WigwagClient, value: T) {
        if let Some(place) = self.place(client) {
            place.client = Some(Arc::new(value));
        }
    }

    fn get(&mut self, client: WigwagClient) -> Option<Arc<T>> {
        self.place(client)?.client.clone()
    }

    /// Frees the place; its next handle has another generation.
    fn remove(&mut self, client: WigwagClient) -> Option<Arc<T>> {
        let place = self.place(client)?;
        let taken = place.client.take();
        place.generation = place.generation.wrapping_add(1);
        self.free.push(index_of(client)?);
        taken
    }

    fn remove_all(&mut self) -> Vec<Arc<T>> {
        let handles: Vec<WigwagClient> = (1..)
            .zip(&self.places)
            .filter(|(_, place)| place.client.is_some())
            .map(|(number, place)| WigwagClient { id: (u64::from(place.generation) << 32) | number })
            .collect();
        handles.into_iter().filter_map(|handle| self.remove(handle)).collect()
    }

    fn place(&mut self, client: WigwagClient) -> Option<&mut Place<T>> {
        let generation = u32::try_from(client.id >> 32).ok()?;
        self.places.get_mut(index_of(client)? as usize).filter(|place| place.generation == generation)
    }
}

fn index_of(client: WigwagClient) -> Option<u32> {
    u32::try_from(client.id & u64::from(u32::MAX)).ok()?.checked_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handle_that_was_freed_is_refused_when_its_place_is_given_again() {
        let mut registry = Registry::new();
        let first = registry.reserve().unwrap();
        registry.fill(first, "alice");
        assert_eq!(registry.get(first).as_deref(), Some(&"alice"));
        assert!(registry.remove(first).is_some());
        assert!(registry.get(first).is_none() && registry.remove(first).is_none());
        let second = registry.reserve().unwrap();
        registry.fill(second, "bob");
        assert_eq!(index_of(first), index_of(second), "the place is used again");
        assert!(registry.get(first).is_none());
        assert_eq!(registry.get(second).as_deref(), Some(&"bob"));
    }

    #[test]
    fn numbers_that_were_never_handles_are_refused() {
        let mut registry = Registry::new();
        let real = registry.reserve().unwrap();
        registry.fill(real, ());
        for id in [0, 1, u64::MAX, u64::from(u32::MAX), real.id + 1, real.id - 1, real.id ^ (1 << 32)] {
            assert!(registry.get(WigwagClient { id }).is_none(), "{id:x}");
        }
    }

    #[test]
    fn the_last_place_is_given_and_no_more() {
        let mut registry = Registry::new();
        let handles: Vec<WigwagClient> = std::iter::from_fn(|| registry.reserve()).collect();
        assert_eq!(handles.len(), MOST_CLIENTS);
        registry.fill(handles[7], ());
        assert_eq!(registry.remove_all().len(), 1);
        assert!(registry.reserve().is_some() && registry.reserve().is_none());
    }
}
