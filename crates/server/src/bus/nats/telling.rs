//! What this node says: a bounded queue, and one task that empties it, so that nobody waits for the bus.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;
use wigwag_session::LoggedEvent;

use super::Line;
use crate::bus::wire;

/// Pieces that may wait: some hundred milliseconds of a busy node. What comes when it is full is dropped and found in
/// the store.
const QUEUE: usize = 4_096;
/// Taken out of the queue at once.
const AT_ONCE: usize = 64;
/// An event for more users than this is told once to all nodes instead of once to each user: a message with this many
/// places is about as long as the subjects of as many messages.
const WIDE: usize = 32;

/// The queue.
pub(super) struct Telling {
    queue: mpsc::Sender<Piece>,
    line: Line,
}

enum Piece {
    Event(Arc<LoggedEvent>),
    Message {
        subject: String,
        bytes: Vec<u8>,
    },
    /// Nothing comes after it.
    Last(oneshot::Sender<()>),
}

impl Telling {
    pub(super) fn start(line: Line) -> Self {
        let (queue, pieces) = mpsc::channel(QUEUE);
        tokio::spawn(line.clone().tell(pieces));
        Self { queue, line }
    }

    pub(super) fn event(&self, event: &Arc<LoggedEvent>) {
        if !event.places.is_empty() {
            self.put(Piece::Event(Arc::clone(event)));
        }
    }

    pub(super) fn message(&self, subject: String, bytes: Vec<u8>) {
        self.put(Piece::Message { subject, bytes });
    }

    fn put(&self, piece: Piece) {
        if self.queue.try_send(piece).is_err() {
            self.line.metrics.bus_dropped.inc();
        }
    }

    /// Waits until what is queued is handed over.
    pub(super) async fn close(&self, within: Duration) {
        let (told, all) = oneshot::channel();
        let closing = async {
            if self.queue.send(Piece::Last(told)).await.is_ok() {
                all.await.ok();
            }
        };
        timeout(within, closing).await.ok();
    }
}

impl Line {
    async fn tell(self, mut pieces: mpsc::Receiver<Piece>) {
        let mut taken = Vec::with_capacity(AT_ONCE);
        while pieces.recv_many(&mut taken, AT_ONCE).await > 0 {
            for piece in taken.drain(..) {
                match piece {
                    Piece::Event(event) => self.tell_event(&event).await,
                    Piece::Message { subject, bytes } => self.send(subject, bytes).await,
                    Piece::Last(told) => {
                        // Nobody waits any more when it took too long.
                        told.send(()).ok();
                        return;
                    }
                }
            }
        }
    }

    async fn tell_event(&self, event: &LoggedEvent) {
        self.metrics.bus_published.inc();
        if event.places.len() > WIDE {
            for places in wire::split(event, self.client.max_payload()) {
                self.send(self.subjects.all(), wire::event(event, places)).await;
            }
            return;
        }
        for place in &event.places {
            let bytes = wire::event(event, std::slice::from_ref(place));
            self.send(self.subjects.user(&place.user), bytes).await;
        }
    }

    async fn send(&self, subject: String, bytes: Vec<u8>) {
        // The client would keep it until the connection is back, when nobody waits for it any more.
        if !self.is_connected() || self.client.publish(subject, bytes.into()).await.is_err() {
            self.metrics.bus_dropped.inc();
        }
    }
}
