//! What other nodes say.

use std::sync::Arc;

use tokio::time::Instant;
use wigwag_protocol::UserId;
use wigwag_session::LoggedEvent;

use super::Cluster;
use crate::bus::{Heard, Hearing};

/// Dealt with in one go, so that the registry is locked once for many events.
const AT_ONCE: usize = 64;

impl Cluster {
    pub(super) async fn hear(self: Arc<Self>, mut hearing: Hearing) {
        let mut heard = Vec::with_capacity(AT_ONCE);
        let mut events = Vec::with_capacity(AT_ONCE);
        while hearing.recv_many(&mut heard, AT_ONCE).await > 0 {
            for heard in heard.drain(..) {
                self.understand(heard, &mut events);
            }
            self.deliver(&mut events);
        }
    }

    /// Events are gathered; what else is said may depend on them, and comes after them.
    fn understand(&self, heard: Heard, events: &mut Vec<Arc<LoggedEvent>>) {
        match heard {
            Heard::Event(event) => events.push(event),
            Heard::End { user, session, code } => {
                self.deliver(events);
                if session.node == self.node() && self.end_here(&user, session, code) {
                    self.post.metrics.seats_displaced.inc();
                }
            }
            Heard::Beat(node) => {
                if node != self.node() {
                    self.others.hears(node);
                }
                self.roll.lock().hear(node, Instant::now());
            }
            Heard::Who(users, asker) => self.bus.answer(asker, self.node(), self.online_among(&users)),
            Heard::Moved(users) => self.watching.heard(&users),
            Heard::Disconnected => self.look_now.notify_one(),
            Heard::Reconnected => {
                self.look_now.notify_one();
                self.watching.compare();
            }
        }
    }

    /// The places of those of these users who are online here.
    fn online_among(&self, users: &[UserId]) -> Vec<usize> {
        let now = self.post.clock.now_ms();
        let online = |(place, user)| self.post.registry.is_online(user, now).then_some(place);
        users.iter().enumerate().filter_map(online).collect()
    }

    fn deliver(&self, events: &mut Vec<Arc<LoggedEvent>>) {
        if !events.is_empty() {
            self.post.metrics.bus_heard.inc_by(events.len() as u64);
            self.post.heard(events);
            events.clear();
        }
    }
}
