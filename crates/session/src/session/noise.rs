//! Whether a device that was told to wait with its noise goes on with it.

use std::num::NonZeroU32;

use crate::rates::Pace;

/// How often a device may be told to wait. A client that has a queue of wrong requests may have sent a hundred before it reads the
/// first refusal, and none of its frames is read twice; a program in a loop is through with them within a moment.
const BEARABLE: Pace = Pace::new(NonZeroU32::MIN, NonZeroU32::new(100).unwrap());

/// The refusals of noise on this connection.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Noise {
    /// When those so far are over, µs.
    until: u64,
}

impl Noise {
    /// Counts one more at `now` (ms). False when it is one too many.
    pub(super) fn is_bearable(&mut self, now: u64) -> bool {
        let admitted = BEARABLE.admit(self.until, now.saturating_mul(1_000));
        admitted.map(|until| self.until = until).is_ok()
    }
}
