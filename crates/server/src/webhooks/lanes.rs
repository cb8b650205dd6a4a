//! What is sent beside each other and what one after the other: pure rules, no I/O.

use super::payload::Payload;
use crate::store::{EventId, SetAside};

/// An event that is to be sent.
pub(super) struct Job {
    pub(super) event: EventId,
    pub(super) time: u64,
    pub(super) key: String,
    pub(super) attempts: u32,
    pub(super) payload: Payload,
}

impl Job {
    /// Another attempt.
    pub(super) fn again(aside: SetAside, payload: Payload) -> Self {
        let SetAside { event, key, time, attempts, .. } = aside;
        Self { event, time, key, attempts, payload }
    }

    pub(super) fn aside(self, next_at: u64) -> SetAside {
        let Self { event, key, time, attempts, .. } = self;
        SetAside { event, key, time, attempts, next_at }
    }
}

/// The events of one key.
struct Lane {
    /// One of them is among the first of the page.
    is_near: bool,
    jobs: Vec<Job>,
}

/// Jobs by key, in the order in which the keys came.
#[derive(Default)]
pub(super) struct Lanes(Vec<Lane>);

impl Lanes {
    pub(super) fn add(&mut self, job: Job, is_near: bool) {
        match self.0.iter_mut().find(|lane| lane.jobs.first().is_some_and(|first| first.key == job.key)) {
            Some(lane) => {
                lane.is_near |= is_near;
                lane.insert(job);
            }
            None => self.0.push(Lane { is_near, jobs: vec![job] }),
        }
    }

    pub(super) fn near(self) -> Vec<Vec<Job>> {
        self.0.into_iter().filter(|lane| lane.is_near).map(|lane| lane.jobs).collect()
    }
}

impl Lane {
    /// Before the later steps of the same invitation or call: nodes that write beside each other name events by when their batches
    /// began, and not in the order in which they took the rows. What is no step, such as how far an invitation is with a device, stays
    /// where it came.
    fn insert(&mut self, job: Job) {
        let Payload { version, is_of_call, .. } = job.payload;
        let is_later = |other: &Job| {
            version > 0 && other.payload.is_of_call == is_of_call && other.payload.version > version
        };
        let place = self.jobs.iter().position(is_later).unwrap_or(self.jobs.len());
        self.jobs.insert(place, job);
    }
}

/// What an endpoint that did not answer is tried with.
pub(super) fn first_alone(lanes: Vec<Vec<Job>>) -> Vec<Vec<Job>> {
    lanes.into_iter().filter_map(|lane| lane.into_iter().next()).take(1).map(|job| vec![job]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::JournalEvent;

    fn job(number: u64, body: &str) -> Job {
        let event = JournalEvent { id: EventId(number.into()), time: number, body: body.to_owned() };
        let payload = Payload::of(&event).unwrap();
        let key = payload.key.clone().unwrap();
        Job { event: event.id, time: number, key, attempts: 0, payload }
    }

    /// Two nodes whose batches overlapped: the one that began first took the invitation's row last.
    #[test]
    fn steps_that_were_named_in_another_order_are_sent_in_theirs() {
        let mut lanes = Lanes::default();
        lanes.add(job(1, r#""type":"invitation.modified","inviteID":"i","version":3}"#), true);
        lanes.add(job(2, r#""type":"invitation.received","inviteID":"j","version":1}"#), false);
        lanes.add(job(3, r#""type":"call.joined","callID":"i","version":2}"#), false);
        lanes.add(job(4, r#""type":"invitation.modified","inviteID":"i","version":2}"#), false);
        lanes.add(job(5, r#""type":"invitation.accepted","inviteID":"i","version":4}"#), false);
        let near = lanes.near();
        assert_eq!(near.len(), 1, "the other one waits for the next round");
        let order: Vec<u128> = near[0].iter().map(|job| job.event.0).collect();
        assert_eq!(order, [4, 1, 3, 5]);
    }

    #[test]
    fn what_is_no_step_comes_behind_what_was_before_it() {
        let mut lanes = Lanes::default();
        lanes.add(job(1, r#""type":"invitation.received","inviteID":"i","version":1}"#), true);
        lanes.add(job(2, r#""type":"invitation.progress","inviteID":"i","step":"sent"}"#), true);
        lanes.add(job(3, r#""type":"invitation.accepted","inviteID":"i","version":3}"#), true);
        lanes.add(job(4, r#""type":"invitation.modified","inviteID":"i","version":2}"#), true);
        let order: Vec<u128> = lanes.near()[0].iter().map(|job| job.event.0).collect();
        assert_eq!(order, [1, 2, 4, 3]);
    }
}
