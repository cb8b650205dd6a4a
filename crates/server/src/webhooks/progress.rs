//! How far an endpoint has been served: pure rules, no I/O.
//!
//! ```text
//!  place ──────── done, later than one that is not ────────▶ new
//!    └ set aside: refused by the endpoint, or behind such a one
//! ```
//!
//! A round is: [`Progress::fresh`] of what the journal lists, attempts, then what became of each, then [`Progress::settle`].

use std::collections::BTreeSet;

use super::pace::is_given_up;
use crate::store::{EventId, ListedEvent, Served, SetAside, Wishes};

/// As many events as are set aside at which an endpoint counts as one that does not answer, and is sent no new ones. The round in which
/// that happens may bring a page more. They are written as one row.
pub(super) const MOST_ASIDE: usize = 200;
/// Most events that are remembered as done beyond the place, 16 bytes each: what nodes that write 1,600 a second write until it has settled.
/// With more, the next ones are sent when the oldest have settled, because one that appeared behind a place would never be sent.
const MOST_DONE: usize = 50_000;

#[derive(Debug, Default)]
pub(crate) struct Progress {
    place: EventId,
    done: BTreeSet<EventId>,
    aside: Vec<SetAside>,
    wishes: Wishes,
}

impl Progress {
    pub(crate) fn of(served: Served) -> Self {
        Self { place: served.place, done: BTreeSet::new(), aside: served.aside, wishes: served.wishes }
    }

    pub(crate) fn kept(&self) -> Served {
        Served { place: self.place, aside: self.aside.clone(), wishes: self.wishes }
    }

    /// An operator wants something else.
    pub(super) fn hears(&mut self, wishes: Wishes) {
        self.wishes = wishes;
    }

    /// Whether nothing is to be sent.
    pub(super) fn is_paused(&self) -> bool {
        self.wishes.paused_since.is_some()
    }

    /// Whether an event of this time is tried no more. What is told again is tried as long as what is new.
    pub(super) fn is_given_up(&self, time: u64, now: u64) -> bool {
        is_given_up(time.max(self.wishes.replayed_at), now)
    }

    pub(crate) fn place(&self) -> EventId {
        self.place
    }

    /// Of what comes after the place, how much is done.
    pub(crate) fn done_beyond(&self) -> usize {
        self.done.len()
    }

    /// How many more events can be done before the place has to move.
    pub(crate) fn room(&self) -> usize {
        if self.has_room_aside() { MOST_DONE.saturating_sub(self.done.len()) } else { 0 }
    }

    /// Those of the listed events that have not been dealt with.
    pub(crate) fn fresh(&self, listed: &[ListedEvent]) -> Vec<EventId> {
        listed.iter().map(|event| event.id).filter(|id| !self.done.contains(id)).collect()
    }

    /// Whether an event of this key has to wait behind one that was set aside.
    pub(crate) fn is_blocked(&self, key: &str) -> bool {
        self.aside.iter().any(|aside| aside.key == key)
    }

    pub(crate) fn has_room_aside(&self) -> bool {
        self.aside.len() < MOST_ASIDE
    }

    pub(crate) fn aside(&self) -> usize {
        self.aside.len()
    }

    /// When the oldest of them happened.
    pub(crate) fn oldest_aside(&self) -> Option<u64> {
        self.aside.iter().map(|aside| aside.time).min()
    }

    /// Those set aside whose time has come: of each key the first.
    pub(crate) fn due(&self, now: u64) -> Vec<SetAside> {
        let mut keys = BTreeSet::new();
        let first = |aside: &&SetAside| keys.insert(aside.key.clone());
        self.aside.iter().filter(first).filter(|aside| aside.next_at <= now).cloned().collect()
    }

    /// It was delivered, is not wanted, or is not there any more.
    pub(crate) fn done(&mut self, event: EventId) {
        let before = self.aside.len();
        self.aside.retain(|aside| aside.event != event);
        if self.aside.len() == before {
            self.done.insert(event);
        }
    }

    /// It waits, behind those of its key that wait already.
    pub(crate) fn set_aside(&mut self, aside: SetAside) {
        if let Some(known) = self.aside.iter_mut().find(|known| known.event == aside.event) {
            *known = aside;
            return;
        }
        self.done.insert(aside.event);
        self.aside.push(aside);
    }

    /// Takes out of what was set aside what is too old; returns how many.
    pub(crate) fn give_up(&mut self, now: u64) -> usize {
        let before = self.aside.len();
        let told_again = self.wishes.replayed_at;
        self.aside.retain(|aside| !is_given_up(aside.time.max(told_again), now));
        before - self.aside.len()
    }

    /// Moves the place over events that are done and before which none can appear any more: those made before `settled` (ms).
    pub(crate) fn settle(&mut self, listed: &[ListedEvent], settled: u64) {
        for event in listed {
            if event.time >= settled || !self.done.remove(&event.id) {
                break;
            }
            self.place = event.id;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(numbers: &[u64]) -> Vec<ListedEvent> {
        numbers.iter().map(|number| ListedEvent { id: EventId((*number).into()), time: *number }).collect()
    }

    fn aside(number: u64, key: &str, next_at: u64) -> SetAside {
        let event = EventId(number.into());
        SetAside { event, key: key.to_owned(), time: number, attempts: 1, next_at }
    }

    fn id(number: u64) -> EventId {
        EventId(number.into())
    }

    #[test]
    fn the_place_stops_before_what_is_not_done() {
        let mut progress = Progress::default();
        let events = listed(&[1, 2, 3, 4]);
        for number in [1, 2, 4] {
            progress.done(id(number));
        }
        progress.settle(&events, u64::MAX);
        assert_eq!((progress.place(), progress.done_beyond()), (id(2), 1));
        assert_eq!(progress.fresh(&events[2..]), [id(3)]);
        progress.done(id(3));
        progress.settle(&events[2..], u64::MAX);
        assert_eq!((progress.place(), progress.done_beyond()), (id(4), 0));
    }

    /// A node's event may appear before another's that was served.
    #[test]
    fn what_appears_late_before_one_that_is_done_is_served() {
        let mut progress = Progress::default();
        progress.done(id(20));
        progress.settle(&listed(&[20]), 15);
        let late = listed(&[10, 20]);
        assert_eq!(progress.fresh(&late), [id(10)]);
        progress.done(id(10));
        progress.settle(&late, 15);
        assert_eq!(progress.place(), id(10));
        progress.settle(&late[1..], 21);
        assert_eq!((progress.place(), progress.done_beyond()), (id(20), 0));
    }

    #[test]
    fn so_many_are_remembered_and_then_the_oldest_have_to_settle() {
        let mut progress = Progress::default();
        let numbers: Vec<u64> = (1..=MOST_DONE as u64).collect();
        numbers[1..].iter().for_each(|number| progress.done(id(*number)));
        assert_eq!(progress.room(), 1);
        progress.done(id(1));
        progress.settle(&listed(&numbers), 1);
        assert_eq!((progress.place(), progress.room()), (id(0), 0));
        progress.settle(&listed(&numbers), 4);
        assert_eq!((progress.place(), progress.room()), (id(3), 3));
    }

    #[test]
    fn what_was_refused_blocks_its_key_alone_and_goes_first() {
        let mut progress = Progress::default();
        progress.set_aside(aside(1, "i", 100));
        assert!(progress.is_blocked("i") && !progress.is_blocked("j"));
        progress.set_aside(aside(2, "i", 0));
        progress.set_aside(aside(3, "j", 50));
        progress.settle(&listed(&[1, 2, 3]), u64::MAX);
        assert_eq!(progress.place(), id(3), "they do not hold up what follows");
        assert_eq!(progress.due(49), []);
        assert_eq!(progress.due(50), [aside(3, "j", 50)]);
        assert_eq!(progress.due(100), [aside(1, "i", 100), aside(3, "j", 50)]);
        progress.set_aside(SetAside { attempts: 2, ..aside(1, "i", 200) });
        assert_eq!(progress.due(100), [aside(3, "j", 50)]);
        progress.done(id(1));
        assert_eq!(progress.due(100), [aside(2, "i", 0), aside(3, "j", 50)]);
        assert_eq!(progress.done_beyond(), 0);
        let again = Progress::of(progress.kept());
        assert_eq!((again.place(), again.aside()), (id(3), 2));
    }

    #[test]
    fn what_is_set_aside_has_a_bound_and_an_end() {
        let mut progress = Progress::default();
        for number in 1..=MOST_ASIDE as u64 {
            assert!(progress.has_room_aside());
            progress.set_aside(aside(number, "i", 0));
        }
        assert!(!progress.has_room_aside() && progress.room() == 0);
        assert_eq!(progress.oldest_aside(), Some(1));
        let three_days = 3 * 86_400_000;
        assert_eq!(progress.give_up(three_days + 10), 9);
        assert!(progress.has_room_aside());
    }

    #[test]
    fn what_is_told_again_is_tried_as_long_as_what_is_new() {
        let day = 86_400_000;
        let wishes = Wishes { replayed_at: 6 * day, ..Wishes::default() };
        let served = Served { aside: vec![aside(1, "i", 0)], wishes, ..Served::default() };
        let mut progress = Progress::of(served.clone());
        assert!(!progress.is_given_up(1, 9 * day) && progress.is_given_up(1, 9 * day + 1));
        assert_eq!((progress.give_up(9 * day), progress.give_up(9 * day + 1)), (0, 1));
        assert_eq!(progress.kept(), Served { aside: Vec::new(), ..served });
    }
}
