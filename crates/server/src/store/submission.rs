//! Requests on their way into a store, and the decided requests that a store hands out.

use std::sync::Arc;

use tokio::sync::oneshot;
use tokio::time::Instant;
use wigwag_engine::{Change, Due, Invitation, Reply, Request};
use wigwag_protocol::UserId;
use wigwag_session::LoggedEvent;
use wigwag_session::refused::{Refusal, ReplyOrRefusal};

use super::Once;
use super::deciding::{Decided, ToWrite};

/// A request on its way to the store.
#[derive(Debug)]
pub struct Submission {
    /// Who asks what, or what is due.
    pub request: Request,
    /// Where the reply goes.
    pub reply_to: ReplyTo,
    /// The key under which the reply is kept for repeats, if it is.
    pub once: Option<Box<Once>>,
}

/// Where a reply goes.
#[derive(Debug)]
pub enum ReplyTo {
    /// To a session's mailbox, in its place in the actor's stream.
    Session(Asker),
    /// To a task that waits for it. It is answered after the events have been told.
    Waiter(oneshot::Sender<ReplyOrRefusal>),
    /// To nobody.
    Nobody,
}

/// A session that asks. A store that several nodes share carries its command out only while no newer connection of its device
/// has the device's seat ([`shared`](super::shared)).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asker {
    /// Its name on this node.
    pub session: SessionId,
    /// When its connection was made, server time in ms.
    pub connected_at: u64,
    /// When the request was heard. How long its device waits for the answer counts from then.
    pub heard_at: Instant,
}

/// Names a session on this node; never used twice while the process lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SessionId(pub u64);

/// A request that was carried out and is durable, or that was refused.
#[derive(Debug)]
pub struct Committed {
    asked: Asked,
    reply_to: ReplyTo,
    /// `None` once the router has taken it.
    reply: Option<ReplyOrRefusal>,
    changes: Vec<Change>,
    events: Vec<Arc<LoggedEvent>>,
}

/// What a request was about, once it is decided.
#[derive(Debug)]
enum Asked {
    By(UserId),
    Due(Due),
}

impl ReplyTo {
    /// When whoever waits for the reply began to wait.
    pub(super) fn waits_since(&self) -> Instant {
        match self {
            Self::Session(asker) => asker.heard_at,
            Self::Waiter(_) | Self::Nobody => Instant::now(),
        }
    }
}

impl Committed {
    pub(super) fn new(submission: Submission, decided: Decided) -> Self {
        let asked = match submission.request {
            Request::By(actor, _) => Asked::By(actor.user),
            Request::Due(due) => Asked::Due(due),
        };
        let reply_to = submission.reply_to;
        match decided {
            Ok(ToWrite { changes, events, reply, keep: _ }) => {
                Self { asked, reply_to, reply: Some(Ok(reply)), changes, events }
            }
            Err(refusal) => {
                Self { asked, reply_to, reply: Some(Err(refusal)), changes: Vec::new(), events: Vec::new() }
            }
        }
    }

    /// The session that waits for the reply, and its user.
    pub fn origin(&self) -> Option<(&UserId, SessionId)> {
        match (&self.asked, &self.reply_to) {
            (Asked::By(user), ReplyTo::Session(asker)) => Some((user, asker.session)),
            (Asked::By(_) | Asked::Due(_), _) => None,
        }
    }

    /// What to answer. Not to be asked once the reply is taken.
    pub fn reply(&self) -> Result<&Reply, &Refusal> {
        let reply = self.reply.as_ref().expect("a reply is taken once, at the end");
        reply.as_ref().map_err(|refusal| &**refusal)
    }

    /// Takes the reply for the session that waits for it.
    pub fn take_reply(&mut self) -> Option<ReplyOrRefusal> {
        self.reply.take()
    }

    /// Answers a task that waits for the reply, if one does.
    pub fn answer_waiter(&mut self) {
        if let ReplyTo::Waiter(waiter) = std::mem::replace(&mut self.reply_to, ReplyTo::Nobody)
            && let Some(reply) = self.reply.take()
        {
            // A task that has stopped waiting misses nothing: the outcome is durable.
            waiter.send(reply).ok();
        }
    }

    /// What to tell, in order.
    pub fn events(&self) -> &[Arc<LoggedEvent>] {
        &self.events
    }

    /// What is still due, because the store could not decide it this time.
    pub fn still_due(&self) -> Option<&Due> {
        let failed = matches!(&self.reply, Some(Err(refusal)) if refusal.is_failure());
        match &self.asked {
            Asked::Due(due) if failed => Some(due),
            Asked::By(_) | Asked::Due(_) => None,
        }
    }

    /// The invitations it made, whose time has to be watched.
    pub fn invitations_made(&self) -> impl Iterator<Item = &Arc<Invitation>> {
        self.changes
            .iter()
            .filter_map(|change| if let Change::InvitationMade(made) = change { Some(made) } else { None })
    }
}
