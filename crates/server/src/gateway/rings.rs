//! Which rings devices here were sent and have acknowledged: so that nobody is woken for them, where devices are woken at all, and for
//! inviters who want to know.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use serde::Deserialize;
use tokio::sync::Notify;
use wigwag_engine::Actor;
use wigwag_protocol::invitation::{InvitationView, Invitee, InviteeState};
use wigwag_protocol::{InviteId, UserId};
use wigwag_session::{Body, Viewer};

use crate::door::{Door, RingReport};
use crate::store::RingState;

/// Between two writes, so that they are few beside the commits of commands. A device has three seconds to acknowledge.
const WRITE_EVERY: Duration = Duration::from_millis(100);
/// Most that wait to be written: a second of 100 times what one node rings. A device of which one is lost is woken although it has the ring.
const MOST_UNWRITTEN: usize = 100_000;
/// Most rings that a device is remembered to have been sent; the oldest is forgotten, and may wake it.
const MOST_SENT: usize = 16;

/// What devices of this node have acknowledged lately.
pub struct HeardRings {
    is_on: bool,
    unwritten: Mutex<Vec<RingReport>>,
    news: Notify,
}

impl HeardRings {
    /// `is_on`: whether the server wakes devices.
    pub fn new(is_on: bool) -> Self {
        Self { is_on, unwritten: Mutex::default(), news: Notify::new() }
    }

    fn note(&self, actor: &Actor, Ring { invite, watcher }: Ring, state: RingState) {
        let mut unwritten = self.unwritten.lock();
        if unwritten.len() < MOST_UNWRITTEN {
            unwritten.push(RingReport { actor: actor.clone(), invite, state, watcher });
            self.news.notify_one();
        }
    }

    /// A device whose protocol has no acknowledgements was given an event.
    pub(super) fn told(&self, actor: &Actor, viewer: &Viewer, body: &Body) {
        if let Some(ring) = self.ring_in(actor, viewer, body) {
            self.note(actor, ring, RingState::Heard);
        }
    }

    /// A device has signed in, and heard in the reply what is open.
    pub(super) fn opened(&self, actor: &Actor, open: &[InvitationView]) {
        let rings = |view: &&InvitationView| {
            let is_rung = |one: &Invitee| one.user_id == actor.user && one.state == InviteeState::Pending;
            (self.is_on || view.progress) && view.deadline.is_some() && view.invitees.iter().any(is_rung)
        };
        for view in open.iter().filter(rings) {
            let watcher = view.progress.then(|| view.inviter.clone());
            self.note(actor, Ring { invite: view.invite_id.clone(), watcher }, RingState::Heard);
        }
    }

    /// Writes what was acknowledged, until it is dropped.
    pub async fn keep(self: Arc<Self>, door: Arc<Door>) {
        loop {
            self.news.notified().await;
            let reports = std::mem::take(&mut *self.unwritten.lock());
            if let Err(error) = door.rings_reported(reports).await {
                // The devices are woken although they have the ring.
                tracing::debug!(%error, "acknowledged rings could not be written");
            }
            tokio::time::sleep(WRITE_EVERY).await;
        }
    }

    /// The invitation of an event that rings for this user. `None` also when nobody has to know how far it is.
    fn ring_in(&self, actor: &Actor, viewer: &Viewer, body: &Body) -> Option<Ring> {
        #[derive(Deserialize)]
        struct Named {
            #[serde(rename = "inviteID")]
            invite: InviteId,
            inviter: UserId,
            #[serde(rename = "inviteeList")]
            invitees: Vec<UserId>,
            #[serde(default)]
            progress: bool,
        }
        viewer.remaining_ms?;
        let text = body.text();
        // No string has this in it, because the quotation marks in a string are escaped.
        if !self.is_on && !text.contains(r#""progress":true"#) {
            return None;
        }
        let named: Named = serde_json::from_str(&format!("{{{text}")).ok()?;
        let is_rung = (self.is_on || named.progress) && named.invitees.contains(&actor.user);
        is_rung.then(|| Ring { invite: named.invite, watcher: named.progress.then_some(named.inviter) })
    }
}

/// The rings that a device was sent and has not acknowledged, with their places in its stream.
#[derive(Debug, Default)]
pub(super) struct SentRings(Vec<(u64, Ring)>);

/// A ring at a device.
#[derive(Debug, Clone)]
struct Ring {
    invite: InviteId,
    /// The inviter, if they want to know how far it is.
    watcher: Option<UserId>,
}

impl SentRings {
    /// An event is on its way to the device.
    pub(super) fn sends(&mut self, heard: &HeardRings, actor: &Actor, viewer: &Viewer, body: &Body) {
        let Some(ring) = heard.ring_in(actor, viewer, body) else { return };
        if ring.watcher.is_some() {
            heard.note(actor, ring.clone(), RingState::Sent);
        }
        if self.0.len() == MOST_SENT {
            self.0.remove(0);
        }
        self.0.push((viewer.cursor, ring));
    }

    /// The device has taken its stream over up to there.
    pub(super) fn acknowledged(&mut self, cursor: u64, heard: &HeardRings, actor: &Actor) {
        let acknowledged = self.0.iter().take_while(|(place, _)| *place <= cursor).count();
        for (_, ring) in self.0.drain(..acknowledged) {
            heard.note(actor, ring, RingState::Heard);
        }
        if self.0.is_empty() {
            // Most devices are not rung for hours.
            self.0 = Vec::new();
        }
    }
}

#[cfg(test)]
mod tests {
    use wigwag_protocol::{Device, DeviceId, Platform, UserId};

    use super::*;

    fn bob() -> Actor {
        let device = Device { device_id: DeviceId::parse("phone").unwrap(), platform: Platform::WEB };
        Actor { user: UserId::parse("bob").unwrap(), device: Some(device) }
    }

    fn sends(sent: &mut SentRings, heard: &HeardRings, cursor: u64, (to, more): (&str, &str)) {
        let remaining_ms = (cursor != 7).then_some(5);
        let viewer = Viewer { cursor, after: None, time: 0, by_self: false, remaining_ms, is_quiet: false };
        let body = format!(
            r#""type":"invitation.received","inviteID":"i-{cursor}","inviter":"alice","inviteeList":["{to}"]{more}}}"#
        );
        sent.sends(heard, &bob(), &viewer, &Body::Stored(body));
    }

    #[test]
    fn what_was_sent_and_acknowledged_is_heard_once() {
        let (actor, heard, mut sent) = (bob(), HeardRings::new(true), SentRings::default());
        for cursor in 1..=20 {
            sends(&mut sent, &heard, cursor, ("bob", ""));
        }
        sends(&mut sent, &heard, 21, ("carol", ""));
        assert_eq!(sent.0.len(), MOST_SENT);
        sent.acknowledged(6, &heard, &actor);
        sent.acknowledged(6, &heard, &actor);
        let written = std::mem::take(&mut *heard.unwritten.lock());
        let invites: Vec<&str> = written.iter().map(|rung| rung.invite.as_str()).collect();
        assert_eq!(invites, ["i-4", "i-5", "i-6"], "the first three are forgotten");
        assert!(written.iter().all(|report| report.actor == actor && report.state == RingState::Heard));
        sent.acknowledged(21, &heard, &actor);
        let heard = heard.unwritten.lock().len();
        assert_eq!((heard, sent.0.len()), (13, 0), "what does not ring, or not for bob, is not heard");
    }

    #[test]
    fn what_cannot_be_written_is_bounded() {
        let (actor, heard) = (bob(), HeardRings::new(true));
        let ring = Ring { invite: InviteId::parse("i").unwrap(), watcher: None };
        for _ in 0..MOST_UNWRITTEN {
            heard.note(&actor, ring.clone(), RingState::Heard);
        }
        assert_eq!(heard.unwritten.lock().len(), MOST_UNWRITTEN);
        heard.note(&actor, ring, RingState::Heard);
        assert_eq!(heard.unwritten.lock().len(), MOST_UNWRITTEN);
    }

    #[test]
    fn where_nobody_is_woken_only_what_the_inviter_wants_to_know_is_noted() {
        let (heard, mut sent) = (HeardRings::new(false), SentRings::default());
        sends(&mut sent, &heard, 1, ("bob", ""));
        sends(&mut sent, &heard, 2, ("bob", r#","data":"\"progress\":true""#));
        assert!(sent.0.is_empty() && heard.unwritten.lock().is_empty());
        sends(&mut sent, &heard, 3, ("carol", r#","progress":true"#));
        sends(&mut sent, &heard, 4, ("bob", r#","progress":true"#));
        sent.acknowledged(4, &heard, &bob());
        let reports = std::mem::take(&mut *heard.unwritten.lock());
        let states: Vec<_> = reports.iter().map(|one| (one.invite.as_str(), one.state)).collect();
        assert_eq!(states, [("i-4", RingState::Sent), ("i-4", RingState::Heard)]);
    }
}
