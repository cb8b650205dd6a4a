//! Which rings devices here have acknowledged, so that nobody is woken for them. Only kept where devices are woken at all.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use serde::Deserialize;
use tokio::sync::Notify;
use wigwag_engine::Actor;
use wigwag_protocol::InviteId;
use wigwag_protocol::invitation::InvitationView;
use wigwag_session::{Body, Viewer};

use crate::door::Door;
use crate::store::{OwnDevice, Rung};

/// Between two writes, so that they are few beside the commits of commands. A device has three seconds to acknowledge.
const WRITE_EVERY: Duration = Duration::from_millis(100);
/// Most that wait to be written: a second of 100 times what one node rings. A device of which one is lost is woken although it has the ring.
const MOST_UNWRITTEN: usize = 100_000;
/// Most rings that a device is remembered to have been sent; the oldest is forgotten, and may wake it.
const MOST_SENT: usize = 16;

/// What devices of this node have acknowledged lately.
pub struct HeardRings {
    is_on: bool,
    unwritten: Mutex<Vec<Rung>>,
    news: Notify,
}

impl HeardRings {
    /// `is_on`: whether the server wakes devices.
    pub fn new(is_on: bool) -> Self {
        Self { is_on, unwritten: Mutex::default(), news: Notify::new() }
    }

    fn note(&self, actor: &Actor, invite: InviteId) {
        let Some(device) = &actor.device else { return };
        let of = OwnDevice { user: actor.user.clone(), device: device.device_id.clone() };
        let mut unwritten = self.unwritten.lock();
        if unwritten.len() < MOST_UNWRITTEN {
            unwritten.push(Rung { invite, of });
            self.news.notify_one();
        }
    }

    /// A device whose protocol has no acknowledgements was given an event.
    pub(super) fn told(&self, actor: &Actor, viewer: &Viewer, body: &Body) {
        if let Some(invite) = ring_in(viewer, body).filter(|_| self.is_on) {
            self.note(actor, invite);
        }
    }

    /// A device has signed in, and heard in the reply what is open.
    pub(super) fn opened(&self, actor: &Actor, open: &[InvitationView]) {
        let rings =
            |view: &&InvitationView| self.is_on && view.deadline.is_some() && view.inviter != actor.user;
        for view in open.iter().filter(rings) {
            self.note(actor, view.invite_id.clone());
        }
    }

    /// Writes what was acknowledged, until it is dropped.
    pub async fn keep(self: Arc<Self>, door: Arc<Door>) {
        loop {
            self.news.notified().await;
            let heard = std::mem::take(&mut *self.unwritten.lock());
            if let Err(error) = door.rings_heard(heard).await {
                // The devices are woken although they have the ring.
                tracing::debug!(%error, "acknowledged rings could not be written");
            }
            tokio::time::sleep(WRITE_EVERY).await;
        }
    }
}

/// The rings that a device was sent and has not acknowledged, with their places in its stream.
#[derive(Debug, Default)]
pub(super) struct SentRings(Vec<(u64, InviteId)>);

impl SentRings {
    /// An event is on its way to the device.
    pub(super) fn sends(&mut self, heard: &HeardRings, viewer: &Viewer, body: &Body) {
        if !heard.is_on {
            return;
        }
        if let Some(invite) = ring_in(viewer, body) {
            if self.0.len() == MOST_SENT {
                self.0.remove(0);
            }
            self.0.push((viewer.cursor, invite));
        }
    }

    /// The device has taken its stream over up to there.
    pub(super) fn acknowledged(&mut self, cursor: u64, heard: &HeardRings, actor: &Actor) {
        let acknowledged = self.0.iter().take_while(|(place, _)| *place <= cursor).count();
        for (_, invite) in self.0.drain(..acknowledged) {
            heard.note(actor, invite);
        }
        if self.0.is_empty() {
            // Most devices are not rung for hours.
            self.0 = Vec::new();
        }
    }
}

/// The invitation of an event that rings.
fn ring_in(viewer: &Viewer, body: &Body) -> Option<InviteId> {
    #[derive(Deserialize)]
    struct Named {
        #[serde(rename = "inviteID")]
        invite: InviteId,
    }
    viewer.remaining_ms?;
    match body {
        Body::Live(event) => event.invitation.as_ref().map(|mark| mark.id.clone()),
        Body::Stored(text) => {
            serde_json::from_str::<Named>(&format!("{{{text}")).ok().map(|named| named.invite)
        }
    }
}

#[cfg(test)]
mod tests {
    use wigwag_protocol::{Device, DeviceId, Platform, UserId};

    use super::*;

    fn sends(sent: &mut SentRings, heard: &HeardRings, cursor: u64, remaining_ms: Option<u64>) {
        let viewer = Viewer { cursor, after: None, time: 0, by_self: false, remaining_ms };
        let body = Body::Stored(format!(r#""type":"invitation.received","inviteID":"i-{cursor}"}}"#));
        sent.sends(heard, &viewer, &body);
    }

    #[test]
    fn what_was_sent_and_acknowledged_is_heard_once() {
        let device = Device { device_id: DeviceId::parse("phone").unwrap(), platform: Platform::WEB };
        let actor = Actor { user: UserId::parse("bob").unwrap(), device: Some(device) };
        let (heard, mut sent) = (HeardRings::new(true), SentRings::default());
        for cursor in 1..=20 {
            sends(&mut sent, &heard, cursor, (cursor != 7).then_some(5));
        }
        assert_eq!(sent.0.len(), MOST_SENT);
        sent.acknowledged(6, &heard, &actor);
        sent.acknowledged(6, &heard, &actor);
        let written = std::mem::take(&mut *heard.unwritten.lock());
        let invites: Vec<&str> = written.iter().map(|rung| rung.invite.as_str()).collect();
        assert_eq!(invites, ["i-4", "i-5", "i-6"], "the first three are forgotten");
        assert!(written.iter().all(|rung| rung.of.device.as_str() == "phone"));
        sent.acknowledged(20, &heard, &actor);
        assert_eq!((heard.unwritten.lock().len(), sent.0.len()), (13, 0), "what does not ring is not heard");
    }

    #[test]
    fn nothing_is_noted_where_nobody_is_woken() {
        let (heard, mut sent) = (HeardRings::new(false), SentRings::default());
        sends(&mut sent, &heard, 1, Some(5));
        assert!(sent.0.is_empty());
    }
}
