//! How long and how hard.

use crate::dice::{Seed, number};

/// Kills in the short form, that runs with every test run.
const SHORT: u32 = 24;

/// One run.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    pub(crate) seed: Seed,
    /// How often the server is killed.
    pub(crate) kills: u32,
}

impl Plan {
    /// `WIGWAG_CRASH_SEED` and `WIGWAG_CRASH_KILLS`, or the short form.
    pub(crate) fn from_environment() -> Self {
        let kills = number("WIGWAG_CRASH_KILLS").and_then(|kills| u32::try_from(kills).ok());
        Self { seed: Seed::named("WIGWAG_CRASH_SEED"), kills: kills.unwrap_or(SHORT) }
    }
}
