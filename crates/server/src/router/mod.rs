//! From commits to mailboxes: what has become true is told to the devices on this node.

pub mod registry;

use std::sync::Arc;

use tokio::sync::mpsc;
use wigwag_engine::Limits;
use wigwag_protocol::{CloseCode, InviteId};

use self::registry::{Mail, Online, Registry};
use crate::clock::Clock;
use crate::store::Committed;
use crate::telemetry::Metrics;

/// How long to wait before a deadline that could not be written is tried again, ms.
const EXPIRY_RETRY_MS: u64 = 1_000;

/// Who watches the clock for invitations.
pub trait Deadlines: Send + Sync {
    /// Brings each of these back to the store when it is due (server time in ms).
    fn watch(&self, due: Vec<(u64, InviteId)>);
}

/// Hands committed batches on, in their order.
pub struct Router {
    /// The sessions of this node.
    pub registry: Arc<Registry>,
    /// Learns of new deadlines.
    pub deadlines: Arc<dyn Deadlines>,
    /// What it counts.
    pub metrics: Arc<Metrics>,
    /// For deadlines that have to be tried again.
    pub clock: Clock,
    /// For the age of invitations without deadline.
    pub limits: Limits,
}

impl Router {
    /// Runs until the store is closed.
    pub async fn run(self, mut committed: mpsc::Receiver<Vec<Committed>>) {
        while let Some(batch) = committed.recv().await {
            self.watch_deadlines(&batch);
            let overflowed = self.registry.with_online(|online| {
                let mut delivery = Delivery { online, overflowed: Vec::new(), delivered: 0 };
                for committed in &batch {
                    delivery.deliver(committed);
                }
                self.metrics.events_delivered.inc_by(delivery.delivered);
                delivery.overflowed
            });
            for (user, session) in overflowed {
                self.metrics.mailbox_overflows.inc();
                self.registry.end(&user, session, CloseCode::Resume, self.clock.now_ms());
            }
        }
    }

    fn watch_deadlines(&self, batch: &[Committed]) {
        let made = batch.iter().flat_map(Committed::invitations_made);
        let made =
            made.map(|invitation| (invitation.due(self.limits.no_deadline_age_ms), invitation.id.clone()));
        let again = batch.iter().filter_map(Committed::expiry_to_retry);
        let again = again.map(|id| (self.clock.now_ms() + EXPIRY_RETRY_MS, id.clone()));
        self.deadlines.watch(made.chain(again).collect());
    }
}

struct Delivery<'a> {
    online: &'a Online,
    overflowed: Vec<(wigwag_protocol::UserId, crate::store::SessionId)>,
    delivered: u64,
}

impl Delivery<'_> {
    /// Events and the reply in the order of the actor's stream: the reply stands for the event it names.
    fn deliver(&mut self, committed: &Committed) {
        let origin = committed.origin();
        let in_place = committed.reply().ok().and_then(wigwag_engine::Reply::cursor);
        let mut replied = false;
        for event in committed.events() {
            for place in &event.places {
                for handle in self.online.sessions(&place.user) {
                    let acted = origin == Some((&place.user, handle.id));
                    let mail = if acted && in_place == Some(place.cursor) {
                        replied = true;
                        Mail::Reply(Box::new(committed.reply().cloned().map_err(Clone::clone)))
                    } else {
                        self.delivered += 1;
                        Mail::Event(Arc::clone(event), place.cursor)
                    };
                    if handle.mailbox.try_send(mail).is_err() {
                        self.overflowed.push((place.user.clone(), handle.id));
                    }
                }
            }
        }
        if !replied {
            self.reply(committed);
        }
    }

    /// A reply that stands for no event: a refusal, a repeat, or nothing to tell.
    fn reply(&mut self, committed: &Committed) {
        let Some((user, session)) = committed.origin() else { return };
        let Some(handle) = self.online.sessions(user).iter().find(|handle| handle.id == session) else {
            return;
        };
        let reply = Mail::Reply(Box::new(committed.reply().cloned().map_err(Clone::clone)));
        if handle.mailbox.try_send(reply).is_err() {
            self.overflowed.push((user.clone(), session));
        }
    }
}
