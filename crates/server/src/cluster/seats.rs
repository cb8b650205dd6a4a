//! The seats of this node's sessions.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::Notify;
use tokio::time::sleep;

use super::Cluster;
use crate::store::SessionId;
use crate::store::shared::Seat;

/// Seats given back in one go.
const CHUNK: usize = 1_000;
/// How long seats are gathered before they are given back: short for a person who changes devices.
const GATHER: Duration = Duration::from_millis(50);
/// Before it is tried again.
const AGAIN: Duration = Duration::from_secs(1);

/// Which sessions have, or want, which seats; and the seats that are free again.
#[derive(Default)]
pub(super) struct Seats {
    book: Mutex<HashMap<SessionId, Entry>>,
    /// Bounded by the sessions that were here: each leaves once.
    vacated: Mutex<Vec<Seat>>,
    someone_left: Notify,
}

struct Entry {
    seat: Seat,
    /// Until then the store may not know it yet, and must not be told that it has it.
    is_taken: bool,
}

impl Seats {
    /// A session is about to claim its seat.
    pub(super) fn want(&self, seat: Seat) {
        self.book.lock().insert(seat.session.session, Entry { seat, is_taken: false });
    }

    /// It has it.
    pub(super) fn take(&self, session: SessionId) {
        if let Some(entry) = self.book.lock().get_mut(&session) {
            entry.is_taken = true;
        }
    }

    /// The session has ended. Its seat is given back even if it is not known to have got it: the answer may have been lost.
    pub(super) fn leave(&self, session: SessionId) {
        let entry = self.book.lock().remove(&session);
        if let Some(Entry { seat, .. }) = entry {
            self.vacated.lock().push(seat);
            self.someone_left.notify_one();
        }
    }

    /// Of seats that were just compared with the store, and so given back to their sessions if nobody had them: those
    /// whose session has ended meanwhile are given back to everybody.
    pub(super) fn clear(&self, compared: &[Seat]) {
        let book = self.book.lock();
        let gone = compared.iter().filter(|seat| !book.contains_key(&seat.session.session));
        let gone: Vec<Seat> = gone.cloned().collect();
        drop(book);
        if !gone.is_empty() {
            self.vacated.lock().extend(gone);
            self.someone_left.notify_one();
        }
    }

    /// The seats that are taken.
    pub(super) fn taken(&self) -> Vec<Seat> {
        let book = self.book.lock();
        book.values().filter(|entry| entry.is_taken).map(|entry| entry.seat.clone()).collect()
    }
}

impl Cluster {
    /// Gives seats back, some at once.
    pub(super) async fn release(self: Arc<Self>) {
        loop {
            self.seats.someone_left.notified().await;
            sleep(GATHER).await;
            let mut vacated = std::mem::take(&mut *self.seats.vacated.lock());
            while !vacated.is_empty() {
                let chunk = &vacated[..vacated.len().min(CHUNK)];
                match self.store.release(chunk).await {
                    Ok(()) => drop(vacated.drain(..vacated.len().min(CHUNK))),
                    Err(error) => {
                        tracing::debug!(%error, "seats could not be given back yet");
                        sleep(AGAIN).await;
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;
    use wigwag_protocol::{Device, DeviceId, Platform, UserId};

    use super::*;
    use crate::store::shared::{NodeId, SessionName};

    fn seat(session: u64) -> Seat {
        let session = SessionName { node: NodeId(Uuid::nil()), session: SessionId(session) };
        let device = Device { device_id: DeviceId::parse("d").unwrap(), platform: Platform::LINUX };
        Seat { user: UserId::parse("bob").unwrap(), device, session, connected_at: 1 }
    }

    #[test]
    fn only_seats_that_are_taken_are_compared_and_every_wanted_one_is_given_back() {
        let seats = Seats::default();
        seats.want(seat(1));
        seats.want(seat(2));
        seats.take(SessionId(1));
        assert_eq!(seats.taken(), [seat(1)]);
        seats.leave(SessionId(2));
        seats.leave(SessionId(1));
        seats.leave(SessionId(1));
        assert_eq!(seats.taken(), []);
        assert_eq!(*seats.vacated.lock(), [seat(2), seat(1)]);
    }

    #[test]
    fn a_session_that_ends_while_it_is_compared_does_not_get_its_seat_again() {
        let seats = Seats::default();
        seats.want(seat(1));
        seats.clear(&[seat(1), seat(2)]);
        assert_eq!(*seats.vacated.lock(), [seat(2)]);
    }
}
