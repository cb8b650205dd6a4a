//! The post of a node: events and replies into the mailboxes of the devices here.

use std::sync::Arc;

use wigwag_protocol::UserId;
use wigwag_session::LoggedEvent;
use wigwag_session::refused::{Failure, ReplyOrRefusal};

use super::registry::{Behind, Mail, Online, Registry, Slow};
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

    /// Tells a session that its request failed before it could be decided.
    pub fn failed(&self, user: &UserId, session: SessionId, failure: Failure) {
        let reply = Some(Err(failure.into()));
        self.round(|round| round.reply_without_event(Origin { user, session, in_place: None, reply }));
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

    /// Tells sessions that there is news of users whom they watch.
    pub fn news(&self, of: &[(UserId, SessionId)]) {
        self.round(|round| of.iter().for_each(|(user, session)| round.news(user, *session)));
    }

    /// Ends the sessions that have been behind for the longest, until what waits on this node is within its budget.
    pub fn relieve(&self) {
        let mut excess = self.registry.budget().excess();
        if excess == 0 {
            return;
        }
        for Behind { user, session, .. } in self.registry.with_online(Online::behind) {
            let bytes = self.registry.end_slow(&user, session, Slow::CutOff, self.clock.now_ms());
            self.metrics.budget_overflows.inc();
            excess = excess.saturating_sub(bytes);
            if excess == 0 {
                return;
            }
        }
    }

    /// Relieves the node whenever too much waits on it; runs until it is dropped.
    pub async fn keep_within_budget(self) {
        loop {
            self.registry.budget().overdrawn().await;
            self.relieve();
        }
    }

    fn round(&self, deliver: impl FnOnce(&mut Round<'_>)) {
        let overflowed = self.registry.with_online(|online| {
            let mut round = Round { registry: &self.registry, online, overflowed: Vec::new(), delivered: 0 };
            deliver(&mut round);
            self.metrics.events_delivered.inc_by(round.delivered);
            round.overflowed
        });
        for (user, session) in overflowed {
            self.metrics.mailbox_overflows.inc();
            self.registry.end_slow(&user, session, Slow::Overflowed, self.clock.now_ms());
        }
    }
}

struct Round<'a> {
    registry: &'a Registry,
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
        // Made for the first who is here: most events are for people who are not.
        let mut parcel = None;
        for place in &event.places {
            let Some(presence) = self.online.of(&place.user) else { continue };
            for handle in presence.sessions() {
                let reply =
                    origin.as_mut().and_then(|origin| origin.reply_at(&place.user, handle.id, place.cursor));
                let mail = if let Some(reply) = reply {
                    Mail::Reply(Box::new(reply))
                } else {
                    self.delivered += 1;
                    let parcel = parcel.get_or_insert_with(|| self.registry.parcel(event));
                    Mail::Event(Arc::clone(parcel), place.cursor)
                };
                if !handle.deliver(mail) {
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
        if !handle.deliver(Mail::Reply(Box::new(reply))) {
            self.overflowed.push((origin.user.clone(), origin.session));
        }
    }

    fn news(&mut self, user: &UserId, session: SessionId) {
        let handle = self.online.sessions(user).iter().find(|handle| handle.id == session);
        if handle.is_some_and(|handle| !handle.deliver(Mail::News)) {
            self.overflowed.push((user.clone(), session));
        }
    }

    fn head(&mut self, user: &UserId, head: u64) {
        let Some(presence) = self.online.of(user) else { return };
        if !presence.advance(head) {
            return;
        }
        for handle in presence.sessions() {
            if !handle.deliver(Mail::Behind(head)) {
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
    use std::time::Duration;

    use wigwag_engine::decision::Place;
    use wigwag_protocol::{CloseCode, Device, DeviceId, Platform};

    use super::*;
    use crate::router::backlog::Budget;
    use crate::router::registry::{Joined, SessionBounds};

    fn post() -> Post {
        let bounds = SessionBounds {
            mailbox: 3,
            backlog_bytes: 10_000,
            per_user: 64,
            per_platform: 0,
            grace_ms: 30_000,
        };
        let metrics = Arc::new(Metrics::new());
        let budget = Budget::new(20_000, metrics.backlog_bytes.clone());
        let registry = Arc::new(Registry::new(bounds, budget));
        Post { registry, metrics, clock: Clock::starting_not_before(0) }
    }

    fn join(post: &Post, user: &UserId, device: &str) -> Joined {
        let device = Device { device_id: DeviceId::parse(device).unwrap(), platform: Platform::LINUX };
        post.registry.join(post.registry.new_session(), user, &device, 0)
    }

    fn event(user: &UserId, cursor: u64) -> Arc<LoggedEvent> {
        event_of(user, cursor, 14)
    }

    fn event_of(user: &UserId, cursor: u64, bytes: usize) -> Arc<LoggedEvent> {
        let places = vec![Place { user: user.clone(), cursor }];
        let body = "x".repeat(bytes);
        Arc::new(LoggedEvent {
            time: 1,
            body,
            event: None,
            actor: None,
            online_only: false,
            invitation: None,
            message: None,
            places,
            quiet: Vec::new(),
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

    #[test]
    fn a_mailbox_is_full_by_its_bytes_too() {
        let (post, bob) = (post(), UserId::parse("bob").unwrap());
        let phone = join(&post, &bob, "phone");
        let place = size_of::<Mail>();
        let fits = 10_000 - 2 * place - 1;
        post.heard(&[event_of(&bob, 1, fits), event_of(&bob, 2, 1)]);
        assert_eq!((phone.backlog.bytes(), post.metrics.mailbox_overflows.get()), (10_000, 0));
        post.heard(&[event_of(&bob, 3, 0)]);
        assert_eq!(phone.ending.code(), CloseCode::Resume);
        assert_eq!(post.metrics.mailbox_overflows.get(), 1);
    }

    #[test]
    fn an_event_that_waits_for_many_counts_once_against_the_budget() {
        let (post, bob) = (post(), UserId::parse("bob").unwrap());
        let devices = ["phone", "tablet", "watch"].map(|device| join(&post, &bob, device));
        post.heard(&[event_of(&bob, 1, 5_000)]);
        let once = i64::try_from(size_of::<LoggedEvent>() + 5_000).unwrap();
        assert_eq!(post.metrics.backlog_bytes.get(), once);
        drop(devices);
        assert_eq!(post.metrics.backlog_bytes.get(), 0);
    }

    /// Each holds 6,000 bytes; the budget is 20,000, so that three may, and of four two must go.
    #[tokio::test(start_paused = true)]
    async fn over_the_budget_those_go_that_have_been_behind_for_the_longest() {
        let post = post();
        let names = ["first", "second", "third", "reads", "last"];
        let people = names.map(|name| UserId::parse(name).unwrap());
        let devices: Vec<Joined> = people.iter().map(|user| join(&post, user, "phone")).collect();
        let mut held: Vec<_> = devices.iter().map(|device| device.backlog.hold()).collect();
        for (at, held) in held.iter_mut().enumerate() {
            if names[at] != "reads" {
                held.backlog().falls_behind();
                tokio::time::advance(Duration::from_millis(1)).await;
            }
        }
        held[..3].iter_mut().for_each(|held| held.set(6_000));
        post.relieve();
        assert_eq!(post.metrics.budget_overflows.get(), 0);
        held[3].set(6_000);
        post.relieve();
        post.relieve();
        assert_eq!(
            post.metrics.budget_overflows.get(),
            2,
            "a quarter is free then, and nobody else goes for it"
        );
        let here = people.map(|user| post.registry.with_online(|online| online.sessions(&user).len()));
        assert_eq!(here, [0, 0, 1, 1, 1]);
        assert!(devices[0].ending.is_cut_off() && !devices[2].ending.is_cut_off());
    }
}
