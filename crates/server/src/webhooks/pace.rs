//! When something is tried again, and when it is given up.

use std::time::Duration;

use ring::rand::{SecureRandom, SystemRandom};

/// Longest pause between two tries, ms.
const LONGEST_MS: u64 = 300_000;
/// How long an event is tried, ms.
pub(super) const TRIED_FOR_MS: u64 = 3 * 86_400_000;

/// How long ago what can be told again may have happened, ms: the journal keeps it for as long (docs/decisions/0017-webhooks.md).
pub(super) const REPLAYED_FOR_MS: u64 = 7 * 86_400_000;

/// The pause after this many tries that failed: 1, 2, 4 … 300 s, and up to as much again by chance, which is of 0 to 65,535.
pub(crate) fn pause_ms(tries: u32, chance: u16) -> u64 {
    let pause = 1_000_u64.checked_shl(tries.saturating_sub(1)).map_or(LONGEST_MS, |ms| ms.min(LONGEST_MS));
    let pause = if tries > 9 { LONGEST_MS } else { pause };
    pause + pause * u64::from(chance) / 65_536
}

/// The same with chance of its own.
pub(super) fn pause(tries: u32) -> Duration {
    let mut chance = [0; 2];
    // Without chance, endpoints that failed together are tried together.
    SystemRandom::new().fill(&mut chance).ok();
    Duration::from_millis(pause_ms(tries, u16::from_le_bytes(chance)))
}

/// Whether an event of this time is tried no more.
pub(super) fn is_given_up(time: u64, now: u64) -> bool {
    now.saturating_sub(time) > TRIED_FOR_MS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_five_minutes() {
        let pauses: Vec<u64> = (1..=11).map(|tries| pause_ms(tries, 0) / 1_000).collect();
        assert_eq!(pauses, [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
        assert_eq!(pause_ms(u32::MAX, 0), LONGEST_MS);
        assert_eq!((pause_ms(1, 32_768), pause_ms(1, u16::MAX)), (1_500, 1_999));
    }

    #[test]
    fn an_event_is_given_up_after_three_days() {
        let made = 1_700_000_000_000;
        assert!(!is_given_up(made, made + TRIED_FOR_MS));
        assert!(is_given_up(made, made + TRIED_FOR_MS + 1));
        assert!(!is_given_up(made, made - 1), "a clock that is behind");
    }
}
