//! Requests on their way into a store, and the decided requests that a store hands out.

use std::sync::Arc;

use tokio::sync::oneshot;
use tokio::time::Instant;
use wigwag_engine::{Change, Due, Invitation, Reply, Request};
use wigwag_protocol::UserId;
use wigwag_protocol::event::GroupMembersAdded;
use wigwag_protocol::message::Message;
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
    /// Whether an invitation that it makes may be made, a message that it sends be sent, or whoever it brings come to their group.
    pub permission: Permission,
}

/// Whether an invitation may be made, a message be sent, or somebody come to a group (docs/decisions/0020-asked-before.md). It counts for nothing
/// else that is asked.
#[derive(Debug, Clone)]
pub enum Permission {
    /// Nobody is asked.
    NotNeeded,
    /// The app's back end is asked first: the submission comes out as a [`Question`].
    Needed,
    /// It was asked, and this may be done.
    Given(Box<Grant>),
    /// It was asked, and this is refused so.
    Denied(Box<Refusal>),
}

/// How it may be done.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Grant {
    /// An invitation's push settings, JSON, in place of the inviter's.
    pub push_info: Option<String>,
    /// Those who do not come to the group.
    pub left_out: Vec<UserId>,
}

/// What somebody is asked about, as it would be now.
#[derive(Debug, Clone)]
pub enum Planned {
    /// An invitation that would be made.
    Invitation(Arc<Invitation>),
    /// A message that would be sent. Its name, its number and its time would be others when it is.
    Message(Box<Message>),
    /// Users who would come to a group.
    Growth(Box<Growth>),
}

/// Users who would come to a group that there is, or that would be made with them.
#[derive(Debug, Clone)]
pub struct Growth {
    /// Who, by whom, to which group, and whether it would be made.
    pub added: GroupMembersAdded,
    /// The app's own text about the group.
    pub ext: String,
}

/// A request about which somebody has to be asked first. Nothing was written.
#[derive(Debug)]
pub struct Question {
    /// The request, to be handed in again with what was said.
    pub submission: Submission,
    /// What it would do now.
    pub planned: Planned,
}

impl Question {
    /// Whether somebody still waits for the reply.
    pub fn is_waited_for(&self) -> bool {
        !matches!(self.submission.reply_to, ReplyTo::Nobody)
    }

    /// The session that waits for the reply, and its user.
    pub fn asker(&self) -> Option<(UserId, SessionId)> {
        match (&self.submission.request, &self.submission.reply_to) {
            (Request::By(actor, _), ReplyTo::Session(asker)) => Some((actor.user.clone(), asker.session)),
            (Request::By(..) | Request::Due(_), _) => None,
        }
    }
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
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
    question: Option<Box<Question>>,
}

/// What a request was about, once it is decided.
#[derive(Debug)]
enum Asked {
    By(UserId),
    Due(Due),
}

impl Submission {
    /// The same with this permission. The store's time to answer begins anew.
    #[must_use]
    pub fn permitted(mut self, mut permission: Permission) -> Self {
        if let (Permission::Given(grant), Request::By(actor, command)) = (&permission, &mut self.request)
            && !command.leave_out(&actor.user, &grant.left_out)
        {
            // Nobody is left who might come.
            permission = Permission::Denied(Box::new(Refusal::ByHook(Box::default())));
        }
        if let ReplyTo::Session(asker) = &mut self.reply_to {
            asker.heard_at = Instant::now();
        }
        Self { permission, ..self }
    }

    /// Takes itself out, with whoever waits for the reply, to be handed in again.
    fn asked_about(&mut self, planned: Planned) -> Box<Question> {
        let reply_to = std::mem::replace(&mut self.reply_to, ReplyTo::Nobody);
        let submission = Self {
            request: self.request.clone(),
            reply_to,
            once: self.once.take(),
            permission: Permission::Needed,
        };
        Box::new(Question { submission, planned })
    }
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
    pub(super) fn new(mut submission: Submission, mut decided: Decided) -> Self {
        let about = decided.as_mut().ok().and_then(|to_write| to_write.asks_about.take());
        let question = about.map(|planned| submission.asked_about(planned));
        let asked = match submission.request {
            Request::By(actor, _) => Asked::By(actor.user),
            Request::Due(due) => Asked::Due(due),
        };
        let reply_to = submission.reply_to;
        match decided {
            Ok(ToWrite { changes, events, reply, keep: _, asks_about: _ }) => {
                Self { asked, reply_to, reply: Some(Ok(reply)), changes, events, question }
            }
            Err(refusal) => {
                let (changes, events) = (Vec::new(), Vec::new());
                Self { asked, reply_to, reply: Some(Err(refusal)), changes, events, question }
            }
        }
    }

    /// What has to be asked before it can be decided. Whoever waits for the reply goes with it.
    pub fn take_question(&mut self) -> Option<Question> {
        self.question.take().map(|question| *question)
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

    /// Who is in a call from now on.
    pub fn entered_a_call(&self) -> impl Iterator<Item = &UserId> {
        let calls = self
            .changes
            .iter()
            .filter_map(|change| if let Change::Call(change) = change { Some(change) } else { None });
        calls.flat_map(|change| &change.entered)
    }

    /// Who says something else of themselves from now on.
    pub fn status_set(&self) -> impl Iterator<Item = &UserId> {
        self.changes
            .iter()
            .filter_map(|change| if let Change::Status { user, .. } = change { Some(user) } else { None })
    }

    /// The invitations it made, whose time has to be watched.
    pub fn invitations_made(&self) -> impl Iterator<Item = &Arc<Invitation>> {
        self.changes
            .iter()
            .filter_map(|change| if let Change::InvitationMade(made) = change { Some(made) } else { None })
    }
}
