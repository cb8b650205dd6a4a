//! Throw-away engines for tests and the benchmark: each is a process of its own on a free loopback port, with a data
//! folder of its own, and is gone when it is dropped.
//!
//! A failure here is the fault of the machine and not of the code under test, so it panics and says what to do. Calls
//! block for up to a second, because they start and stop processes.

mod account;
mod nats;
mod port;
mod postgres;
mod process;
mod program;
mod server;

pub use nats::Nats;
pub use postgres::{Durability, Postgres};
