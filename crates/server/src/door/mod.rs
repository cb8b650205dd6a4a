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

mod keeping;
mod query;
mod story;
mod streams;

use std::sync::Arc;

use tokio::sync::oneshot;
use wigwag_engine::{Actor, Command, Due, Request};
use wigwag_protocol::UserId;
use wigwag_session::refused::{Failure, ReplyOrRefusal};

pub use self::keeping::{Keeper, Pushes};
pub use self::story::InvitationStory;
use self::streams::BrokenStreams;
use crate::clock::Clock;
use crate::store::{Once, ReplyTo, Store, Submission};

/// The door.
pub struct Door {
    store: Arc<dyn Store>,
    clock: Clock,
    broken: BrokenStreams,
    pushes: Pushes,
}

impl Door {
    /// The door to this store. `clock` counts what is left of deadlines; devices register for `pushes`.
    pub fn new(store: Arc<dyn Store>, clock: Clock, pushes: Pushes) -> Self {
        Self { store, clock, broken: BrokenStreams::default(), pushes }
    }

    /// Hands over a user's command. The outcome goes where the asker says, once it is durable. Refused at once when the queue of
    /// waiting commands is full or the server stops.
    pub fn ask(&self, actor: Actor, command: Command, reply_to: ReplyTo) -> Result<(), Failure> {
        self.store.submit(Submission { request: Request::By(actor, command), reply_to, once: None })
    }

    /// Hands over a user's command and waits for the outcome. It comes after the events have been told.
    pub async fn carry_out(&self, actor: Actor, command: Command) -> ReplyOrRefusal {
        self.carry_out_once(actor, command, None).await
    }

    /// The same for a request that is carried out once, whoever repeats it: a repeat hears the first reply.
    pub async fn carry_out_once(&self, actor: Actor, command: Command, once: Option<Once>) -> ReplyOrRefusal {
        let (waiter, outcome) = oneshot::channel();
        let request = Request::By(actor, command);
        self.store.submit(Submission {
            request,
            reply_to: ReplyTo::Waiter(waiter),
            once: once.map(Box::new),
        })?;
        // The store answers everything it has taken, unless its writer is gone.
        outcome.await.unwrap_or_else(|_| Err(Failure::StoreUnavailable.into()))
    }

    /// Those of these users who may be in a running call: all of them while the store cannot say.
    pub async fn may_be_in_calls(&self, users: Vec<UserId>) -> Vec<UserId> {
        match self.store.those_in_calls(&users).await {
            Ok(inside) => inside,
            Err(_) => users,
        }
    }

    /// Hands over what is due. Nobody waits for the outcome; the router brings back what could not be decided. Refused like
    /// [`Door::ask`].
    pub fn due(&self, due: Due) -> Result<(), Failure> {
        let request = Request::Due(due);
        self.store.submit(Submission { request, reply_to: ReplyTo::Nobody, once: None })
    }
}
