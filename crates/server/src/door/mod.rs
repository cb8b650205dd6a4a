//! The one door: everything that is asked of the server, by whatever entrance it came, goes through here to the rules and the store.
//!
//! ```text
//!  gateway  ── ask(actor, command, reply to) ──┐
//!  api      ── carry_out(actor, command) ──────┼──▶ store: decide, commit ──▶ router ──▶ where the asker said
//!  timers   ── due(what) ──────────────────────┘
//!  any      ── answer(user, query), streams ──────▶ store's readers ──▶ the caller
//! ```
//!
//! An entrance authenticates, turns its own words into a [`Command`] or a [`wigwag_session::Query`], and hands it over with the place the reply goes
//! to. No entrance has a rule of its own, and none submits to the store by itself.

mod deleted;
mod history;
mod keeping;
mod leaving;
mod news;
mod online_count;
mod presence;
mod progress;
mod query;
mod story;
mod streams;

use std::sync::Arc;

use tokio::sync::oneshot;
use wigwag_engine::{Actor, Command, Due, Request};
use wigwag_protocol::{GroupId, InviteId, UserId};
use wigwag_session::refused::{Failure, ReplyOrRefusal};

pub use self::history::HistoryOf;
pub use self::keeping::{Keeper, Pushes};
use self::online_count::OnlineCounts;
pub use self::presence::{Glimpse, Seen};
pub use self::progress::{RingReport, is_watched};
pub use self::story::InvitationStory;
use self::streams::BrokenStreams;
use crate::clock::Clock;
use crate::store::{Once, OnlineUsers, Permission, Question, ReplyTo, Store, Submission};

/// Before what the app's back end is asked.
#[derive(Debug, Clone, Copy, Default)]
pub struct AsksFirst {
    /// Before an invitation is made.
    pub invitations: bool,
    /// Before a message is sent.
    pub messages: bool,
    /// Before somebody comes to a group.
    pub groups: bool,
}

impl AsksFirst {
    /// What a command begins with. An invite and a new group have a name from then on, under which they are asked about.
    fn permission_for(self, command: &mut Command) -> Permission {
        let fresh = || uuid::Uuid::now_v7().simple().to_string();
        if self.invitations && command.invites() {
            command.name_invitation(|| InviteId::parse(&fresh()).ok());
            return Permission::Needed;
        }
        if self.groups && command.fills_group() {
            command.name_group(|| GroupId::parse(&fresh()).ok());
            return Permission::Needed;
        }
        if self.messages && command.sends() { Permission::Needed } else { Permission::NotNeeded }
    }
}

/// The door.
pub struct Door {
    store: Arc<dyn Store>,
    clock: Clock,
    broken: BrokenStreams,
    pushes: Pushes,
    asks_first: AsksFirst,
    online: Arc<dyn OnlineUsers>,
    online_counts: OnlineCounts,
}

impl Door {
    /// The door to this store. `clock` counts what is left of deadlines; devices register for `pushes`; `online` says who can be reached.
    pub fn new(store: Arc<dyn Store>, clock: Clock, pushes: Pushes, online: Arc<dyn OnlineUsers>) -> Self {
        let (broken, online_counts) = (BrokenStreams::default(), OnlineCounts::default());
        Self { store, clock, broken, pushes, online, online_counts, asks_first: AsksFirst::default() }
    }

    /// The same door, where somebody is asked first (docs/decisions/0020-asked-before.md).
    #[must_use]
    pub fn asking_first(mut self, asks_first: AsksFirst) -> Self {
        self.asks_first = asks_first;
        self
    }

    /// Hands over a user's command, which is [`informed`](Self::informed) where [`is_watched`] says so. The outcome goes where the asker
    /// says, once it is durable. Refused at once when the queue of waiting commands is full or the server stops.
    pub fn ask(&self, actor: Actor, command: Command, reply_to: ReplyTo) -> Result<(), Failure> {
        self.submit(actor, command, reply_to, None)
    }

    /// Hands over a user's command and waits for the outcome. It comes after the events have been told.
    pub async fn carry_out(&self, actor: Actor, command: Command) -> ReplyOrRefusal {
        self.carry_out_once(actor, command, None).await
    }

    /// The same for a request that is carried out once, whoever repeats it: a repeat hears the first reply.
    pub async fn carry_out_once(&self, actor: Actor, command: Command, once: Option<Once>) -> ReplyOrRefusal {
        let command = if is_watched(&command) { Box::pin(self.informed(command)).await } else { command };
        let (waiter, outcome) = oneshot::channel();
        self.submit(actor, command, ReplyTo::Waiter(waiter), once)?;
        // The store answers everything it has taken, unless its writer is gone.
        outcome.await.unwrap_or_else(|_| Err(Failure::StoreUnavailable.into()))
    }

    /// Hands in again what somebody was asked about first, with what they said. Refused like [`Door::ask`]: a session has to be told then;
    /// a task that waits finds that nobody will answer any more.
    pub fn answered(&self, question: Question, permission: Permission) -> Result<(), Failure> {
        self.store.submit(question.submission.permitted(permission))
    }

    /// Those of these users who may be in a running call, or say something of themselves: all of them while the store cannot say.
    pub async fn may_end_something(&self, users: Vec<UserId>) -> Vec<UserId> {
        let inside = self.store.those_in_calls(&users).await;
        match (inside, self.store.statuses(&users).await) {
            (Ok(inside), Ok(statuses)) => inside.into_iter().chain(statuses.into_keys()).collect(),
            (Err(_), _) | (_, Err(_)) => users,
        }
    }

    /// Hands over what is due. Nobody waits for the outcome; the router brings back what could not be decided. Refused like
    /// [`Door::ask`].
    pub fn due(&self, due: Due) -> Result<(), Failure> {
        let request = Request::Due(due);
        let permission = Permission::NotNeeded;
        self.store.submit(Submission { request, reply_to: ReplyTo::Nobody, once: None, permission })
    }

    fn submit(
        &self,
        actor: Actor,
        mut command: Command,
        reply_to: ReplyTo,
        once: Option<Once>,
    ) -> Result<(), Failure> {
        let permission = self.asks_first.permission_for(&mut command);
        let request = Request::By(actor, command);
        self.store.submit(Submission { request, reply_to, once: once.map(Box::new), permission })
    }
}
