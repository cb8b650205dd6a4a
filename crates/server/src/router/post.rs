//! The post of a node: events and replies into the mailboxes of the devices here.

use std::sync::Arc;

use wigwag_protocol::{CloseCode, UserId};
use wigwag_session::LoggedEvent;
use wigwag_session::refused::ReplyOrRefusal;

use super::registry::{Mail, Online, Registry};
use crate::clock::Clock;
use crate::store::{Committed, SessionId};
use crate::telemetry::Metrics;

/// Delivers to the sessions of this node. A session whose mailbox is full is ended: it resumes from the store.
#[derive(Clone)]
pub struct Post {
    /// The sessions of this node.
    pub registry: Arc<Registry>,
    /// What it counts.
    pub metrics: Arc<Metrics>,
    /// For when a session was ended.
    pub clock: Clock,
}

impl Post {
    /// Delivers what this node has committed, in order.
    pub fn committed(&self, batch: &mut [Committed]) {
        self.round(|round| batch.iter_mut().for_each(|committed| round.committed(committed)));
    }

    /// Delivers events that another node has committed.
    pub fn heard(&self, events: &[Arc<LoggedEvent>]) {
        self.round(|round| events.iter().for_each(|event| round.event(event, None)));
    }

    /// Those of the heads that lie beyond what was delivered here.
    pub fn undelivered(&self, mut heads: Vec<(UserId, u64)>) -> Vec<(UserId, u64)> {
        self.registry.with_online(|online| {
            heads.retain(|(user, head)| online.of(user).is_some_and(|presence| !presence.has_reached(*head)));
        });
        heads
    }

    /// Tells sessions to read the store, as far as their user's stream goes on beyond what was delivered here.
    pub fn heads(&self, heads: &[(UserId, u64)]) {
        self.round(|round| heads.iter().for_each(|(user, head)| round.head(user, *head)));
    }

    fn round(&self, deliver: impl FnOnce(&mut Round<'_>)) {
        let overflowed = self.registry.with_online(|online| {
            let mut round = Round { online, overflowed: Vec::new(), delivered: 0 };
            deliver(&mut round);
            self.metrics.events_delivered.inc_by(round.delivered);
            round.overflowed
        });
        for (user, session) in overflowed {
            self.metrics.mailbox_overflows.inc();
            self.registry.end(&user, session, CloseCode::Resume, self.clock.now_ms());
        }
    }
}

struct Round<'a> {
    online: &'a Online,
    overflowed: Vec<(UserId, SessionId)>,
    delivered: u64,
}

/// The session that waits for the reply to a command, until it has it.
struct Origin<'a> {
    user: &'a UserId,
    session: SessionId,
    /// The place in the actor's stream that the reply stands for.
    in_place: Option<u64>,
    reply: Option<ReplyOrRefusal>,
}

impl Round<'_> {
    /// Events and the reply in the order of the actor's stream: the reply stands for the event it names.
    fn committed(&mut self, committed: &mut Committed) {
        let in_place = committed.reply().ok().and_then(wigwag_engine::Reply::cursor);
        let reply = if committed.origin().is_some() { committed.take_reply() } else { None };
        let mut origin = committed.origin().map(|(user, session)| Origin { user, session, in_place, reply });
        for event in committed.events() {
            self.event(event, origin.as_mut());
        }
        if let Some(origin) = origin {
            self.reply_without_event(origin);
        }
    }

    fn event(&mut self, event: &Arc<LoggedEvent>, mut origin: Option<&mut Origin<'_>>) {
        for place in &event.places {
            let Some(presence) = self.online.of(&place.user) else { continue };
            for handle in presence.sessions() {
                let reply =
                    origin.as_mut().and_then(|origin| origin.reply_at(&place.user, handle.id, place.cursor));
                let mail = if let Some(reply) = reply {
                    Mail::Reply(Box::new(reply))
                } else {
                    self.delivered += 1;
                    Mail::Event(Arc::clone(event), place.cursor)
                };
                if handle.mailbox.try_send(mail).is_err() {
                    self.overflowed.push((place.user.clone(), handle.id));
                }
            }
            presence.advance(place.cursor);
        }
    }

    /// A reply that stands for no event: a refusal, a repeat, or nothing to tell.
    fn reply_without_event(&mut self, origin: Origin<'_>) {
        let Some(reply) = origin.reply else { return };
        let sessions = self.online.sessions(origin.user);
        let Some(handle) = sessions.iter().find(|handle| handle.id == origin.session) else { return };
        if handle.mailbox.try_send(Mail::Reply(Box::new(reply))).is_err() {
            self.overflowed.push((origin.user.clone(), origin.session));
        }
    }

    fn head(&mut self, user: &UserId, head: u64) {
        let Some(presence) = self.online.of(user) else { return };
        if !presence.advance(head) {
            return;
        }
        for handle in presence.sessions() {
            if handle.mailbox.try_send(Mail::Behind(head)).is_err() {
                self.overflowed.push((user.clone(), handle.id));
            }
        }
    }
}

impl Origin<'_> {
    /// The reply, if it stands for the event at this place and this session waits for it.
    fn reply_at(&mut self, user: &UserId, session: SessionId, cursor: u64) -> Option<ReplyOrRefusal> {
        let is_here = self.in_place == Some(cursor) && self.session == session && self.user == user;
        if is_here { self.reply.take() } else { None }
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use wigwag_engine::decision::Place;
    use wigwag_protocol::{Device, DeviceId, Platform};

    use super::*;
    use crate::router::registry::{Joined, SessionBounds};

    fn post() -> Post {
        let bounds = SessionBounds {
            mailbox: 3,
            per_platform: 0,
            commands_per_second: NonZeroU32::MIN,
            command_burst: NonZeroU32::MIN,
            grace_ms: 30_000,
        };
        let (registry, metrics) = (Arc::new(Registry::new(bounds)), Arc::new(Metrics::new()));
        Post { registry, metrics, clock: Clock::starting_not_before(0) }
    }

    fn join(post: &Post, user: &UserId, device: &str) -> Joined {
        let device = Device { device_id: DeviceId::parse(device).unwrap(), platform: Platform::LINUX };
        post.registry.join(post.registry.new_session(), user, &device, 0)
    }

    fn event(user: &UserId, cursor: u64) -> Arc<LoggedEvent> {
        let places = vec![Place { user: user.clone(), cursor }];
        let body = r#""type":"test"}"#.to_owned();
        Arc::new(LoggedEvent {
            time: 1,
            body,
            event: None,
            actor: None,
            online_only: false,
            invitation: None,
            message: None,
            places,
        })
    }

    #[test]
    fn what_another_node_says_reaches_every_device_here() {
        let (post, bob) = (post(), UserId::parse("bob").unwrap());
        let mut devices = [join(&post, &bob, "phone"), join(&post, &bob, "tablet")];
        post.heard(&[event(&bob, 4), event(&UserId::parse("carol").unwrap(), 9)]);
        for device in &mut devices {
            assert!(matches!(device.mailbox.try_recv(), Ok(Mail::Event(_, 4))));
            assert!(device.mailbox.try_recv().is_err());
        }
        assert_eq!(post.metrics.events_delivered.get(), 2);
    }

    #[test]
    fn only_a_head_beyond_what_was_delivered_is_told_and_only_once() {
        let (post, bob) = (post(), UserId::parse("bob").unwrap());
        let mut phone = join(&post, &bob, "phone");
        post.heard(&[event(&bob, 4)]);
        assert!(matches!(phone.mailbox.try_recv(), Ok(Mail::Event(_, 4))));
        post.heads(&[(bob.clone(), 4)]);
        assert!(phone.mailbox.try_recv().is_err());
        post.heads(&[(bob.clone(), 6)]);
        post.heads(&[(bob.clone(), 6)]);
        assert!(matches!(phone.mailbox.try_recv(), Ok(Mail::Behind(6))));
        assert!(phone.mailbox.try_recv().is_err());
    }

    #[test]
    fn what_the_bus_brought_meanwhile_is_not_read_from_the_store() {
        let (post, bob, carol) = (post(), UserId::parse("bob").unwrap(), UserId::parse("carol").unwrap());
        let mut phone = join(&post, &bob, "phone");
        post.heard(&[event(&bob, 4)]);
        let behind = post.undelivered(vec![(bob.clone(), 4), (carol, 9)]);
        assert!(behind.is_empty());
        let behind = post.undelivered(vec![(bob.clone(), 5)]);
        assert_eq!(behind, [(bob.clone(), 5)]);
        post.heard(&[event(&bob, 5)]);
        post.heads(&behind);
        assert!(matches!(phone.mailbox.try_recv(), Ok(Mail::Event(_, 4))));
        assert!(matches!(phone.mailbox.try_recv(), Ok(Mail::Event(_, 5))));
        assert!(phone.mailbox.try_recv().is_err());
    }

    #[test]
    fn a_device_that_does_not_keep_up_is_told_to_resume() {
        let (post, bob) = (post(), UserId::parse("bob").unwrap());
        let phone = join(&post, &bob, "phone");
        post.heard(&[1, 2, 3, 4].map(|cursor| event(&bob, cursor)));
        assert_eq!(phone.ending.code(), CloseCode::Resume);
        assert_eq!(post.metrics.mailbox_overflows.get(), 1);
        assert!(post.registry.with_online(|online| online.sessions(&bob).is_empty()));
    }
}
