//! Stores the place in the stream, seldom enough to cost nothing.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::cursor::{CursorStore, StreamPlace};

/// Longest time a place stays unstored: what a crash makes the app hear again.
const EVERY: Duration = Duration::from_secs(1);

/// Debounces writes to the app's store.
pub(super) struct Saver {
    store: Option<Arc<dyn CursorStore>>,
    wanted: Option<StreamPlace>,
    due: Option<Instant>,
    failing: bool,
}

impl Saver {
    pub(super) fn new(store: Option<Arc<dyn CursorStore>>) -> Self {
        Self { store, wanted: None, due: None, failing: false }
    }

    /// This place is safe to store.
    pub(super) fn want(&mut self, place: StreamPlace) {
        if self.store.is_some() {
            self.wanted = Some(place);
            self.due.get_or_insert_with(|| Instant::now() + EVERY);
        }
    }

    /// When [`Saver::save`] is due.
    pub(super) fn due(&self) -> Option<Instant> {
        self.due
    }

    /// Stores what is wanted; gives the first error of a row, for the app.
    pub(super) async fn save(&mut self) -> Option<String> {
        self.due = None;
        let (Some(store), Some(place)) = (self.store.clone(), self.wanted.clone()) else { return None };
        let saved = tokio::task::spawn_blocking(move || store.save(&place)).await;
        let error = match saved {
            Ok(Ok(())) => {
                self.wanted = None;
                self.failing = false;
                return None;
            }
            Ok(Err(error)) => error.to_string(),
            Err(panicked) => panicked.to_string(),
        };
        self.due = Some(Instant::now() + EVERY);
        (!std::mem::replace(&mut self.failing, true)).then_some(error)
    }
}
