//! The events of a client, which are read by one at a time.

use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

use wigwag_client::{Ringing, RingingEvent};

/// Events until the client is closed. Clones are the same.
#[derive(Clone)]
pub(crate) struct Reading(Arc<Mutex<State>>);

struct State {
    events: Option<Ringing>,
    /// Who waits for the next one.
    reader: Option<Waker>,
}

impl Reading {
    pub(crate) fn new(events: Ringing) -> Self {
        Self(Arc::new(Mutex::new(State { events: Some(events), reader: None })))
    }

    /// The next event; the one before counts as taken over. None when all was told, or the client is closed.
    pub(crate) fn poll_next(&self, waker: Waker) -> Poll<Option<RingingEvent>> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let State { events, reader } = &mut *state;
        let Some(events) = events else { return Poll::Ready(None) };
        let event = events.poll_next(&mut Context::from_waker(&waker));
        *reader = event.is_pending().then_some(waker);
        event
    }

    /// Counts the event in hand as taken over.
    pub(crate) fn finish(&self) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.events.as_mut().into_iter().for_each(Ringing::finish);
    }

    /// Ends it, once the client is closed: before, the events that were not read would count as taken over.
    pub(crate) fn end(&self) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let events = state.events.take();
        let reader = state.reader.take();
        drop(state);
        drop(events);
        reader.into_iter().for_each(Waker::wake);
    }
}
