//! Wigwag's rules, pure: the same arguments give the same answer, everywhere and always.
//!
//! This crate never waits, never reads a clock, never rolls dice and never does I/O. Time and fresh identifiers come
//! in as arguments; what has to be known is in a [`Ledger`]; what is decided goes out as a [`Decision`].
//!
//! # What a store does with it
//!
//! 1. It calls [`decide()`] for a request.
//! 2. On [`Stop::Missing`] it loads these keys, gives what it found to [`Ledger::take`], and calls `decide` again. A key that
//!    is not in the database is loaded as "there is none"; the same key is never missing twice.
//! 3. On [`Stop::Refused`] it answers with the refusal. Nothing has changed.
//! 4. On a [`Decision`] it calls [`Ledger::apply`] before it decides the next request of the batch, so that each request
//!    sees what the ones before it did.
//! 5. It writes the decisions of the batch, in order, in one transaction, and commits.
//! 6. Only then it answers the replies and tells the events. When the commit fails, it calls [`Ledger::clear`] and refuses
//!    all of the batch: what was applied did not happen.

pub mod actor;
pub mod board;
pub mod call;
pub mod command;
pub mod conversation;
pub mod decide;
pub mod decision;
pub mod effect;
pub mod group;
pub mod invitation;
pub mod ledger;
pub mod limits;
pub mod open;
pub mod presence;
pub mod push;
pub mod quiet;
pub mod refusal;
pub mod request;
pub mod stream;
pub mod visibility;
pub mod wanted;

pub use actor::Actor;
pub use board::Board;
pub use call::Call;
pub use command::Command;
pub use conversation::ConversationId;
pub use decide::{Chance, Surroundings, decide};
pub use decision::{Change, Decision, PlacedEvent, Reply, Stop};
pub use effect::Effect;
pub use group::Group;
pub use invitation::Invitation;
pub use ledger::{Key, Ledger};
pub use limits::Limits;
pub use refusal::Refusal;
pub use request::{Due, Request};
