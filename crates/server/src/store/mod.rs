//! Where everything is kept. The trait speaks the domain; SQL stands only in the back-ends below it.
//!
//! Commands go in by [`Store::submit`] and come out, after they are durable, as [`Committed`] batches. Only a store can
//! make a [`Committed`], so nothing can be told that is not written.

mod batching;
mod deciding;
pub mod pace;
pub mod postgres;
mod record;
pub mod shared;
pub mod sqlite;
mod words;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::oneshot;
use wigwag_engine::{
    Change, ConversationId, Decision, Due, Group, Invitation, Limits, PlacedEvent, Reply, Request,
};
use wigwag_protocol::group::Profile;
use wigwag_protocol::message::Message;
use wigwag_protocol::{ErrorBody, GroupId, InviteId, Reason, UserId};

pub use wigwag_session::query::{HistoryRange, PageRange};
pub use wigwag_session::stream::{StoredEvent, StreamBounds, StreamPage};

use self::pace::Pace;

/// A request on its way to the store.
#[derive(Debug)]
pub struct Submission {
    /// Who asks what, or what is due.
    pub request: Request,
    /// Where the reply goes.
    pub reply_to: ReplyTo,
}

/// Where a reply goes.
#[derive(Debug)]
pub enum ReplyTo {
    /// To a session's mailbox, in its place in the actor's stream.
    Session(SessionId),
    /// To a task that waits for it. It is answered after the events have been told.
    Waiter(oneshot::Sender<Outcome>),
    /// To nobody.
    Nobody,
}

/// What a request came to.
pub type Outcome = Result<Reply, Box<ErrorBody>>;

/// Names a session on this node; never used twice while the process lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SessionId(pub u64);

/// A request that was carried out and is durable, or that was refused.
#[derive(Debug)]
pub struct Committed {
    asked: Asked,
    reply_to: ReplyTo,
    /// `None` once the router has taken it.
    reply: Option<Outcome>,
    changes: Vec<Change>,
    events: Vec<Arc<PlacedEvent>>,
}

/// What a request was about, once it is decided.
#[derive(Debug)]
enum Asked {
    By(UserId),
    Due(Due),
}

impl Committed {
    fn new(submission: Submission, result: Result<Decision, Box<ErrorBody>>) -> Self {
        let asked = match submission.request {
            Request::By(actor, _) => Asked::By(actor.user),
            Request::Due(due) => Asked::Due(due),
        };
        let reply_to = submission.reply_to;
        match result {
            Ok(Decision { changes, events, reply }) => {
                Self { asked, reply_to, reply: Some(Ok(reply)), changes, events }
            }
            Err(error) => {
                Self { asked, reply_to, reply: Some(Err(error)), changes: Vec::new(), events: Vec::new() }
            }
        }
    }

    /// The session that waits for the reply, and its user.
    pub fn origin(&self) -> Option<(&UserId, SessionId)> {
        match (&self.asked, &self.reply_to) {
            (Asked::By(user), ReplyTo::Session(session)) => Some((user, *session)),
            (Asked::By(_) | Asked::Due(_), _) => None,
        }
    }

    /// What to answer. Not to be asked once the reply is taken.
    pub fn reply(&self) -> Result<&Reply, &ErrorBody> {
        let reply = self.reply.as_ref().expect("a reply is taken once, at the end");
        reply.as_ref().map_err(|error| &**error)
    }

    /// Takes the reply for the session that waits for it.
    pub fn take_reply(&mut self) -> Option<Outcome> {
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
    pub fn events(&self) -> &[Arc<PlacedEvent>] {
        &self.events
    }

    /// What is still due, because the store could not decide it this time.
    pub fn still_due(&self) -> Option<&Due> {
        let failed = matches!(&self.reply, Some(Err(error)) if error.data.retryable);
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

/// Why a store could not do what was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoreError {
    /// No room on the disk.
    Full,
    /// Anything else, in words for the log.
    Unavailable(String),
}

impl StoreError {
    /// A word for the metrics.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Unavailable(_) => "unavailable",
        }
    }

    /// What a client is told.
    pub fn reason(&self) -> Reason {
        match self {
            Self::Full => Reason::StoreFull,
            Self::Unavailable(_) => Reason::StoreUnavailable,
        }
    }
}

impl std::fmt::Display for StoreError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Full => f.write_str("the disk is full"),
            Self::Unavailable(words) => f.write_str(words),
        }
    }
}

impl std::error::Error for StoreError {}

/// A page of a conversation.
#[derive(Debug, Default)]
pub struct HistoryPage {
    /// In the direction asked for.
    pub messages: Vec<Message>,
    /// Whether nothing is left in that direction.
    pub complete: bool,
}

/// A conversation of a user.
#[derive(Debug)]
pub struct ConversationRow {
    /// Which.
    pub conversation: ConversationId,
    /// The newest message that may be shown as last.
    pub last_message: Option<Message>,
    /// The newest seq.
    pub last_seq: u64,
    /// How far this user has read.
    pub read_seq: u64,
    /// How far the other user has read; `None` for groups.
    pub peer_read_seq: Option<u64>,
    /// Messages of others after `read_seq` that count.
    pub unread: u64,
}

/// A page of a user's conversations.
#[derive(Debug, Default)]
pub struct ConversationPage {
    /// Newest first.
    pub rows: Vec<ConversationRow>,
    /// Unread messages in all conversations, on this page or not.
    pub total_unread: u64,
    /// Where the next page starts, if there is one.
    pub next: Option<String>,
}

/// How commands become transactions.
#[derive(Debug, Clone)]
pub struct WriterSettings {
    /// Bounds of the rules.
    pub limits: Limits,
    /// Most commands in one transaction.
    pub max_batch: usize,
    /// How long a busy writer waits for more commands; zero: not at all.
    pub linger: Duration,
    /// How fast messages and invitations may be started in a group.
    pub group_pace: Pace,
}

/// What to drop: everything older than these times (server time in ms).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetentionCutoffs {
    /// Events of onlineUserOnly actions.
    pub online_only: u64,
    /// Other events, from streams.
    pub events: u64,
    /// Messages, from history; 0 keeps them for ever. Not after `events`, or streams would lose events early.
    pub history: u64,
    /// Invitations that have ended and were made before this.
    pub invitations: u64,
}

/// Whether users are online, for onlineUserOnly (SPEC 3.5).
#[async_trait]
pub trait OnlineUsers: Send + Sync {
    /// Whether the user has a session on this node, or lost his last one less than the grace ago.
    fn here(&self, user: &UserId) -> bool;

    /// Of these users, who are not here, which have one on another node. When that cannot be found out, they count as
    /// online: their events are kept for a minute and hurt nobody.
    async fn elsewhere(&self, users: &[UserId]) -> Vec<bool>;
}

/// A store.
#[async_trait]
pub trait Store: Send + Sync + 'static {
    /// Queues a command. Its result comes out of the store's batches once it is durable. Refused when the queue of
    /// waiting commands is full.
    fn submit(&self, submission: Submission) -> Result<(), Reason>;

    /// The bounds of a user's stream; `None` when he is not registered.
    async fn stream_bounds(&self, user: &UserId) -> Result<Option<StreamBounds>, StoreError>;

    /// Events after a cursor, at most `limit`.
    async fn events_after(&self, user: &UserId, cursor: u64, limit: usize) -> Result<StreamPage, StoreError>;

    /// The invitation of that name.
    async fn invitation(&self, id: &InviteId) -> Result<Option<Arc<Invitation>>, StoreError>;

    /// Open invitations the user is concerned with: as inviter, as pending or settled invitee, and in his groups.
    async fn open_invitations(&self, user: &UserId) -> Result<Vec<Arc<Invitation>>, StoreError>;

    /// Everything that is due at some time, with that time (server time in ms), given the age at which invitations without
    /// deadline are closed. With several nodes: what this node has to watch.
    async fn due_times(&self, no_deadline_age_ms: u64) -> Result<Vec<(u64, Due)>, StoreError>;

    /// The group of that name with its members.
    async fn group(&self, id: &GroupId) -> Result<Option<Group>, StoreError>;

    /// The groups a user is in.
    async fn groups_of(&self, user: &UserId) -> Result<Vec<Group>, StoreError>;

    /// A page of a conversation's history.
    async fn history(&self, range: HistoryRange) -> Result<HistoryPage, StoreError>;

    /// A page of a user's conversations, newest first.
    async fn conversations(&self, user: &UserId, page: PageRange) -> Result<ConversationPage, StoreError>;

    /// Which of these users have read a conversation up to `seq`.
    async fn readers(&self, conversation: &ConversationId, seq: u64) -> Result<Vec<UserId>, StoreError>;

    /// The profiles of those of these users who are registered.
    async fn profiles(&self, users: &[UserId]) -> Result<Vec<Profile>, StoreError>;

    /// The users this one blocks, in byte order.
    async fn blocked_by(&self, user: &UserId) -> Result<Vec<UserId>, StoreError>;

    /// Drops what is older than the cutoffs, in small steps between commands. True when something may be left.
    async fn retain(&self, cutoffs: RetentionCutoffs) -> bool;

    /// Whether it answers, for readiness checks.
    async fn ping(&self) -> Result<(), StoreError>;

    /// Commits what is queued, then stops. Later commands are refused.
    async fn close(&self);
}

/// A row that cannot be read as what it should be.
fn bad_record(error: &dyn std::fmt::Display) -> StoreError {
    StoreError::Unavailable(format!("a record in the database cannot be read: {error}"))
}
