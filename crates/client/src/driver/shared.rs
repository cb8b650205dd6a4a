//! The machine and its clock: the driver feeds it, and the app's handles read its book.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::machine::Machine;

pub(crate) struct Shared {
    /// Held for one step of the machine and never while waiting.
    machine: Mutex<Machine>,
    started: Instant,
}

impl Shared {
    pub(super) fn new(machine: Machine) -> Self {
        Self { machine: Mutex::new(machine), started: Instant::now() }
    }

    /// Does something with the machine, at the time of its clock in ms.
    pub(crate) fn with<T>(&self, work: impl FnOnce(&mut Machine, u64) -> T) -> T {
        let now = millis(self.started.elapsed());
        // A panic in a step is the driver's end; what the book holds by then can still be read.
        work(&mut self.machine.lock().unwrap_or_else(PoisonError::into_inner), now)
    }

    /// When the machine's clock says `at`, ms.
    pub(super) fn instant(&self, at: u64) -> Instant {
        self.started + Duration::from_millis(at)
    }
}

fn millis(elapsed: Duration) -> u64 {
    // 584 million years fit.
    u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX)
}
