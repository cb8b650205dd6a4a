//! From commits to mailboxes: what has become true is told to the devices on this node, and to the other nodes.

pub mod backlog;
pub mod post;
pub mod registry;

use std::sync::Arc;

use tokio::sync::mpsc;
use wigwag_engine::{Due, Limits};
use wigwag_protocol::UserId;

use self::post::Post;
use crate::bus::Bus;
use crate::push::Bell;
use crate::store::{Committed, Question};
use crate::watching::Watching;

/// How long to wait before a deadline that could not be decided is brought again, ms.
const RETRY_MS: u64 = 1_000;

/// Watches the clock.
pub trait Deadlines: Send + Sync {
    /// Brings each of these to the door when its time has come (server time in ms).
    fn watch(&self, due: Vec<(u64, Due)>);
}

/// Asks those who have to be asked first.
pub trait Questions: Send + Sync {
    /// Asks, and hands the request in again with what was said.
    fn ask(&self, question: Question);
}

/// Hands committed batches on, in their order.
pub struct Router {
    /// To the devices here.
    pub post: Post,
    /// To the other nodes, if there can be any.
    pub bus: Option<Arc<dyn Bus>>,
    /// To whoever pushes, if somebody does.
    pub bell: Option<Arc<Bell>>,
    /// Learns of new deadlines.
    pub deadlines: Arc<dyn Deadlines>,
    /// Learns of those whom others may see in a new way.
    pub watching: Arc<Watching>,
    /// Asks before something is done, if somebody does.
    pub questions: Option<Arc<dyn Questions>>,
    /// For the age of invitations without deadline.
    pub limits: Limits,
    /// How long somebody may be gone from a call, ms.
    pub lease_ms: u64,
}

impl Router {
    /// Runs until the store is closed.
    pub async fn run(self, mut committed: mpsc::Receiver<Vec<Committed>>) {
        while let Some(mut batch) = committed.recv().await {
            self.watch_deadlines(&batch);
            batch.iter().flat_map(Committed::status_set).for_each(|user| self.watching.moved(user));
            self.post.committed(&mut batch);
            if let Some(bus) = &self.bus {
                batch.iter().flat_map(Committed::events).for_each(|event| bus.publish(event));
            }
            if let Some(bell) = &self.bell {
                bell.committed(batch.iter().flat_map(Committed::events));
            }
            batch.iter_mut().for_each(Committed::answer_waiter);
            if let Some(questions) = &self.questions {
                batch
                    .iter_mut()
                    .filter_map(Committed::take_question)
                    .for_each(|question| questions.ask(question));
            }
        }
    }

    fn watch_deadlines(&self, batch: &[Committed]) {
        let age = self.limits.no_deadline_age_ms;
        let made = batch.iter().flat_map(Committed::invitations_made);
        let made = made.map(|invitation| (invitation.due(age), Due::Invitation(invitation.id.clone())));
        let again = batch.iter().filter_map(Committed::still_due);
        let again = again.map(|due| (self.post.clock.now_ms() + RETRY_MS, due.clone()));
        self.deadlines.watch(made.chain(again).chain(self.absent(batch)).collect());
    }

    /// Whoever came into a call without a device that is here, by an action of a push or by a back end: nobody will see them go. They may
    /// be on another node, which the rules know.
    fn absent(&self, batch: &[Committed]) -> impl Iterator<Item = (u64, Due)> {
        let now = self.post.clock.now_ms();
        let away = move |user: &&UserId| !self.post.registry.is_online(user, now);
        let entered = batch.iter().flat_map(Committed::entered_a_call).filter(away);
        entered.map(move |user| (now + self.lease_ms, Due::Absence(user.clone())))
    }
}
