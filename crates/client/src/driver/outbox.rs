//! The driver's side of the event queue: never blocks, and knows what the app is done with.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;

use crate::cursor::StreamPlace;
use crate::events::{ClientEvent, Events, Progress};

/// Events on their way to the app.
pub(super) struct Outbox {
    queue: mpsc::Sender<ClientEvent>,
    /// What did not fit. Bounded: the server's events come only while there is room, own acts only for a command that the app
    /// waits for, and of states, resyncs and statuses of a user only the newest is kept.
    waiting: VecDeque<ClientEvent>,
    progress: Arc<Progress>,
    /// Counted events pushed so far.
    pushed: u64,
    /// Places with the number of counted events the app must be done with before they are safe.
    marks: VecDeque<(u64, StreamPlace)>,
}

impl Outbox {
    pub(super) fn new(capacity: usize) -> (Self, Events) {
        let (queue, receiver) = mpsc::channel(capacity);
        let progress = Arc::new(Progress::default());
        let events = Events::new(receiver, Arc::clone(&progress));
        (Self { queue, waiting: VecDeque::new(), progress, pushed: 0, marks: VecDeque::new() }, events)
    }

    /// Waits until the app took or finished something. Safe to cancel.
    pub(super) async fn changed(&self) {
        self.progress.changed.notified().await;
    }

    /// True when the app no longer listens; events are then dropped.
    pub(super) fn is_closed(&self) -> bool {
        self.queue.is_closed()
    }

    /// Whether one more frame's events would fit.
    pub(super) fn has_room(&self) -> bool {
        self.is_closed() || (self.waiting.is_empty() && self.queue.capacity() > 0)
    }

    pub(super) fn push(&mut self, event: ClientEvent) {
        let replaced = self.waiting.iter().position(|old| supersedes(&event, old));
        match replaced.and_then(|at| self.waiting.remove(at)) {
            // Its place in the count is taken over.
            Some(_) => {}
            None => self.pushed += u64::from(event.is_counted()),
        }
        self.waiting.push_back(event);
        self.flush();
    }

    pub(super) fn flush(&mut self) {
        while let Some(event) = self.waiting.pop_front() {
            match self.queue.try_send(event) {
                Ok(()) => {}
                Err(TrySendError::Full(event)) => return self.waiting.push_front(event),
                Err(TrySendError::Closed(_)) => self.waiting.clear(),
            }
        }
    }

    /// Hands over what still waits, as the app makes room or leaves.
    pub(super) async fn finish(self) {
        for event in self.waiting {
            if self.queue.send(event).await.is_err() {
                return;
            }
        }
    }

    /// The stream stands at `place` once everything pushed so far is finished.
    pub(super) fn mark(&mut self, place: StreamPlace) {
        match self.marks.back_mut() {
            Some((count, last)) if *count == self.pushed => *last = place,
            _ => self.marks.push_back((self.pushed, place)),
        }
    }

    /// The newest place that is safe now, if it is news.
    pub(super) fn take_finished(&mut self) -> Option<StreamPlace> {
        let finished =
            if self.is_closed() { self.pushed } else { self.progress.finished.load(Ordering::Acquire) };
        let mut place = None;
        while self.marks.front().is_some_and(|(count, _)| *count <= finished) {
            place = self.marks.pop_front().map(|(_, place)| place);
        }
        place
    }
}

fn supersedes(new: &ClientEvent, old: &ClientEvent) -> bool {
    match new {
        ClientEvent::State(_) => matches!(old, ClientEvent::State(_)),
        ClientEvent::Status(now) => {
            matches!(old, ClientEvent::Status(before) if before.user_id == now.user_id)
        }
        ClientEvent::Resynced { .. } => matches!(old, ClientEvent::Resynced { .. }),
        ClientEvent::CursorNotStored(_) => matches!(old, ClientEvent::CursorNotStored(_)),
        ClientEvent::Happened(_) | ClientEvent::Unknown { .. } | ClientEvent::RingOver { .. } => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::events::ConnectionState;

    fn event(cursor: u64) -> ClientEvent {
        ClientEvent::Unknown { cursor, params: String::new() }
    }

    fn place(cursor: u64) -> StreamPlace {
        StreamPlace { user_id: None, cursor }
    }

    #[tokio::test]
    async fn a_cursor_is_safe_when_the_app_asks_for_the_next_event() {
        let (mut outbox, mut events) = Outbox::new(8);
        outbox.mark(place(4));
        assert_eq!(outbox.take_finished(), Some(place(4)));
        outbox.push(event(5));
        outbox.mark(place(5));
        outbox.mark(place(6));
        assert_eq!(outbox.take_finished(), None);
        assert!(events.next().await.is_some());
        assert_eq!(outbox.take_finished(), None);
        assert!(events.try_next().is_none());
        assert_eq!(outbox.take_finished(), Some(place(6)));
        assert_eq!(outbox.take_finished(), None);
    }

    #[tokio::test]
    async fn an_app_that_is_done_may_say_so_without_asking_for_more() {
        let (mut outbox, mut events) = Outbox::new(8);
        outbox.push(event(5));
        outbox.mark(place(5));
        outbox.push(event(6));
        outbox.mark(place(6));
        assert!(events.next().await.is_some());
        events.finish();
        events.finish();
        assert_eq!(outbox.take_finished(), Some(place(5)), "the next one is not taken with it");
    }

    #[tokio::test]
    async fn without_room_only_the_newest_state_waits() {
        let (mut outbox, mut events) = Outbox::new(1);
        outbox.push(event(1));
        assert!(!outbox.has_room());
        for _ in 0..10 {
            outbox.push(ClientEvent::State(ConnectionState::Connecting));
        }
        assert_eq!(outbox.waiting.len(), 1);
        assert!(events.next().await.is_some());
        outbox.flush();
        assert!(matches!(events.try_next(), Some(ClientEvent::State(_))));
        assert!(outbox.has_room());
    }

    #[tokio::test]
    async fn nobody_listening_is_everything_finished() {
        let (mut outbox, events) = Outbox::new(1);
        drop(events);
        outbox.push(event(1));
        outbox.mark(place(1));
        assert!(outbox.has_room());
        assert_eq!(outbox.take_finished(), Some(place(1)));
    }
}
