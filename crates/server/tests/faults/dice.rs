//! What everything random comes from.

use std::time::Duration;

/// The seed when none is given.
const USUAL: u64 = 20_260_101;

/// The seed of a run. What the operating system adds (who is faster) it cannot repeat.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Seed(pub(crate) u64);

impl Seed {
    /// From the environment, or the usual one.
    pub(crate) fn named(name: &str) -> Self {
        Self(number(name).unwrap_or(USUAL))
    }

    /// Dice for one part of the run, so that parts do not disturb each other's draws.
    pub(crate) fn dice(self, part: u64) -> fastrand::Rng {
        fastrand::Rng::with_seed(self.0.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(part))
    }
}

/// A number from the environment.
#[expect(clippy::disallowed_methods, reason = "a test's own knobs, no configuration of the server's")]
pub(crate) fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// A time between `from` and `to` ms.
pub(crate) fn between(dice: &mut fastrand::Rng, from: u64, to: u64) -> Duration {
    Duration::from_millis(dice.u64(from..=to))
}
