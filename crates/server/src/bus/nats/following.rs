//! Whom this node follows: a subscription per user with a device here, and one for what is said to all nodes.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use async_nats::{Message, Subscriber};
use bytes::Bytes;
use futures_util::StreamExt;
use parking_lot::Mutex;
use tokio::sync::mpsc;
use tokio::task::AbortHandle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use wigwag_protocol::UserId;
use wigwag_session::LoggedEvent;

use super::Line;
use crate::bus::{Asker, Heard, wire};

/// How long a session that opens waits for its subscription. A bus that takes longer is as good as away: what is missed
/// is found in the store.
const FOLLOW_LIMIT: Duration = Duration::from_millis(500);

/// The users of this node.
pub(super) struct Following {
    ears: Ears,
    _all: Follow,
    _presence: Follow,
}

/// What every subscription needs.
#[derive(Clone)]
struct Ears {
    line: Line,
    heard: mpsc::Sender<Heard>,
    users: Arc<Mutex<HashMap<UserId, Follow>>>,
}

/// A subscription; ends when it is dropped.
struct Follow {
    task: AbortHandle,
    /// Cancelled when it is in force: what is cancelled is only the waiting for it.
    in_force: CancellationToken,
}

impl Follow {
    async fn wait(&self) {
        timeout(FOLLOW_LIMIT, self.in_force.cancelled()).await.ok();
    }
}

impl Drop for Follow {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Following {
    /// Follows nobody yet, but hears what is said to all nodes.
    pub(super) async fn start(line: Line, heard: mpsc::Sender<Heard>) -> Self {
        let (subject, presence) = (line.subjects.all(), line.subjects.presence());
        let ears = Ears { line, heard, users: Arc::new(Mutex::new(HashMap::new())) };
        let (all, presence) = (ears.attend(subject), ears.attend(presence));
        all.wait().await;
        presence.wait().await;
        Self { ears, _all: all, _presence: presence }
    }

    /// From when this returns on, what is said to the user is heard; unless the bus is away or slow.
    pub(super) async fn follow(&self, user: &UserId) {
        let in_force = {
            let mut users = self.ears.users.lock();
            let subject = || self.ears.line.subjects.user(user);
            let follow = users.entry(user.clone()).or_insert_with(|| self.ears.attend(subject()));
            follow.in_force.clone()
        };
        timeout(FOLLOW_LIMIT, in_force.cancelled()).await.ok();
    }

    pub(super) fn unfollow(&self, user: &UserId) {
        self.ears.users.lock().remove(user);
    }

    /// Follows nobody any more.
    pub(super) fn end(&self) {
        self.ears.users.lock().clear();
    }
}

impl Ears {
    fn attend(&self, subject: String) -> Follow {
        let in_force = CancellationToken::new();
        let attending = self.clone().subscribe(subject, in_force.clone());
        Follow { task: tokio::spawn(attending).abort_handle(), in_force }
    }

    async fn subscribe(self, subject: String, in_force: CancellationToken) {
        // The client is closed only when the node goes.
        let Ok(mut subscriber) = self.line.client.subscribe(subject).await else { return };
        if self.line.is_connected() {
            Box::pin(self.line.settle(FOLLOW_LIMIT)).await;
        }
        in_force.cancel();
        self.listen(&mut subscriber).await;
    }

    async fn listen(&self, subscriber: &mut Subscriber) {
        while let Some(message) = subscriber.next().await {
            let Some(heard) = self.understand(message).await else { continue };
            if self.heard.send(heard).await.is_err() {
                return;
            }
        }
    }

    async fn understand(&self, message: Message) -> Option<Heard> {
        let Ok(said) = wire::read(&message.payload) else {
            self.line.metrics.bus_ignored.inc();
            return None;
        };
        match said {
            wire::Message::Event(event) => self.ours(*event),
            wire::Message::End { user, session, code } => Some(Heard::End { user, session, code }),
            wire::Message::Beat(node) => Some(Heard::Beat(node)),
            wire::Message::Question => {
                if let Some(reply) = message.reply {
                    // Whoever asked and hears nothing takes the user as online, which is so.
                    self.line.client.publish(reply, Bytes::new()).await.ok();
                }
                None
            }
            wire::Message::Who(users) => {
                message.reply.map(|reply| Heard::Who(users, Asker(reply.into_string())))
            }
            wire::Message::Moved(users) => Some(Heard::Moved(users)),
            // Answers go to whoever asked, at a subject of its own.
            wire::Message::Here { .. } => None,
        }
    }

    /// The event with the places of the users of this node, if there are any.
    fn ours(&self, mut event: LoggedEvent) -> Option<Heard> {
        if event.places.len() > 1 {
            let users = self.users.lock();
            event.places.retain(|place| users.contains_key(&place.user));
        }
        (!event.places.is_empty()).then(|| Heard::Event(Arc::new(event)))
    }
}
