//! How long and how hard, and the dice it is all drawn with.

use std::time::Duration;

/// Kills in the short form, that runs with every test run.
const SHORT: u32 = 24;
/// The seed when none is given.
const SEED: u64 = 20_260_101;

/// One run.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    /// Everything random comes from it. What the operating system adds (who is faster) it cannot repeat.
    pub(crate) seed: u64,
    /// How often the server is killed.
    pub(crate) kills: u32,
}

impl Plan {
    /// `WIGWAG_CRASH_SEED` and `WIGWAG_CRASH_KILLS`, or the short form.
    pub(crate) fn from_environment() -> Self {
        let seed = number("WIGWAG_CRASH_SEED").unwrap_or(SEED);
        let kills = number("WIGWAG_CRASH_KILLS").and_then(|kills| u32::try_from(kills).ok());
        Self { seed, kills: kills.unwrap_or(SHORT) }
    }

    /// Dice for one part of the run, so that parts do not disturb each other's draws.
    pub(crate) fn dice(self, part: u64) -> fastrand::Rng {
        fastrand::Rng::with_seed(self.seed.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(part))
    }
}

#[expect(clippy::disallowed_methods, reason = "a test's own knobs, no configuration of the server's")]
fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// A time between `from` and `to` ms.
pub(crate) fn between(dice: &mut fastrand::Rng, from: u64, to: u64) -> Duration {
    Duration::from_millis(dice.u64(from..=to))
}
