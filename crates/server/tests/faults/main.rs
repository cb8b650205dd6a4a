//! Fault tests: servers under load whose processes, and whose engines' processes, are killed, stopped and started again.
//! Afterwards no acknowledged command may be missing, no event missing or doubled in any stream, and every deadline that
//! passed must have fired once.
//!
//! `one_node` kills a server with the embedded store (`make crash`), `cluster` troubles three nodes, their PostgreSQL and
//! their NATS (`make faults`). They share the load and most of what is checked. See docs/reliability.md.
#![expect(clippy::unwrap_used, reason = "in a test, a panic is the report")]

mod checker;
mod cluster;
mod dice;
mod load;
mod model;
mod one_node;
mod process;
mod record;

use std::sync::{Mutex, MutexGuard, PoisonError};

/// One at a time: each run wants the machine for itself, and judges by the clock. (In a process of its own, as with
/// nextest, .config/nextest.toml sees to that.)
fn alone() -> MutexGuard<'static, ()> {
    static MACHINE: Mutex<()> = Mutex::new(());
    // A run that failed has nothing that could be broken.
    MACHINE.lock().unwrap_or_else(PoisonError::into_inner)
}
