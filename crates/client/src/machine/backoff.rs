//! How long to wait before the next connection attempt.

/// Exponential backoff with full jitter: a uniform draw from zero to a window that doubles with each failure.
///
/// Full jitter spreads the devices of a node that went away evenly, so that they do not come back as one wave.
#[derive(Debug)]
pub(super) struct Backoff {
    failures: u32,
    dice: fastrand::Rng,
}

impl Backoff {
    /// First window, ms.
    const FIRST_MS: u64 = 500;
    /// Widest window, ms: a person who waits for the network does not wait longer than this after it is back.
    const WIDEST_MS: u64 = 30_000;

    pub(super) fn new(seed: u64) -> Self {
        Self { failures: 0, dice: fastrand::Rng::with_seed(seed) }
    }

    /// The delay in ms before the next attempt, at least `floor`.
    pub(super) fn next_ms(&mut self, floor: u64) -> u64 {
        let window = Self::FIRST_MS.saturating_mul(2_u64.saturating_pow(self.failures)).min(Self::WIDEST_MS);
        self.failures = self.failures.saturating_add(1);
        floor + self.dice.u64(0..=window)
    }

    /// The last session was a sound one.
    pub(super) fn reset(&mut self) {
        self.failures = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_doubles_up_to_its_bound_and_starts_again() {
        let mut backoff = Backoff::new(1);
        for window in [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000] {
            assert!(backoff.next_ms(0) <= window);
        }
        for _ in 0..100 {
            assert!(backoff.next_ms(7) <= 30_007);
        }
        backoff.reset();
        assert!(backoff.next_ms(0) <= 500);
    }
}
