//! Throw-away engines for tests and the benchmark: each is a process of its own on a free loopback port, with a data
//! folder of its own, and is gone when it is dropped.
//!
//! What goes wrong here is the machine's fault and not the code's under test, so it panics and says what to do. Calls
//! block: they start and stop processes, a second at the most.

mod account;
mod nats;
mod port;
mod postgres;
mod process;
mod program;

pub use nats::Nats;
pub use postgres::{Durability, Postgres};
