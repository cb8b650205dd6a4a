//! A virtual world for tests. Nothing in it waits, reads a clock or rolls dice by itself: the same seed gives the same
//! run, to the letter.
//!
//! [`Journal`] stands for the store and [`Commands`] for the road from a request to a commit: the engine's own tests use
//! them alone. [`World`] puts many devices, each with the real client machine, around one server, whose connections are the
//! real session machine and codec, with one clock and a network that delays, cuts and forgets. [`checks`] says what must
//! be true when it has calmed down, [`call_checks`] what of calls then and at any moment. Whatever is refused on the way is
//! refused for a reason that the [`contract`] names.

pub mod app;
pub mod call_checks;
pub mod capacity;
pub mod checks;
pub mod commands;
mod connection;
pub mod contract;
pub mod journal;
mod occurrence;
pub mod server;
pub mod world;

pub use commands::{Commands, Ids};
pub use journal::Journal;
pub use world::World;
