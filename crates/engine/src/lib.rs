//! Wigwag's rules, pure: the same arguments give the same answer, everywhere and always.
//!
//! This crate never waits, never reads a clock, never rolls dice and never does I/O. Time and fresh identifiers come
//! in as arguments; what has to be known is in a [`Ledger`]; what is decided goes out as a [`Decision`].
//!
//! The road of a command: [`decide::decide`] reads the ledger and returns a decision, a refusal, or the keys it
//! still needs; [`Ledger::apply`] makes the decision true for the commands after it; a store writes it down.

pub mod actor;
pub mod command;
pub mod conversation;
pub mod decide;
pub mod decision;
pub mod effect;
pub mod group;
pub mod invitation;
pub mod ledger;
pub mod limits;
pub mod request;
pub mod stream;
pub mod visibility;
pub mod wanted;

pub use actor::Actor;
pub use command::Command;
pub use conversation::ConversationId;
pub use decide::{Chance, Surroundings, decide};
pub use decision::{Change, Decision, PlacedEvent, Reply, Stop};
pub use effect::Effect;
pub use group::Group;
pub use invitation::Invitation;
pub use ledger::{Key, Ledger};
pub use limits::Limits;
pub use request::{Due, Request};
