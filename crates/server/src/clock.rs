//! The one place that reads the system clock.

use std::time::{Duration, Instant, SystemTime};

/// Server time: the wall clock at the start, carried on by the monotonic clock. It never goes back and does not jump
/// when the wall clock is set; slow corrections (NTP slewing) it follows, because the monotonic clock does.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    start: Instant,
    start_ms: u64,
    ahead_ms: u64,
}

impl Clock {
    /// A clock that starts at the wall clock's time, or at `last_ms` if that is later: the last time this server has
    /// given out, so that time does not go back across restarts. 0 when there is none.
    pub fn starting_not_before(last_ms: u64) -> Self {
        let wall_ms = wall_ms();
        Self {
            start: Instant::now(),
            start_ms: wall_ms.max(last_ms),
            ahead_ms: last_ms.saturating_sub(wall_ms),
        }
    }

    /// A clock that several nodes share: it starts at `shared_ms`, which they all read at one place, or at `last_ms` if that is
    /// later.
    pub fn starting_at(shared_ms: u64, last_ms: u64) -> Self {
        Self {
            start: Instant::now(),
            start_ms: shared_ms.max(last_ms),
            ahead_ms: last_ms.saturating_sub(shared_ms),
        }
    }

    /// Milliseconds since the Unix epoch.
    pub fn now_ms(&self) -> u64 {
        self.start_ms.saturating_add(whole_ms(self.start.elapsed()))
    }

    /// How far this clock was ahead of the wall clock when it started, ms. More than a few seconds means that the wall
    /// clock was wrong, now or during the last run.
    pub fn ahead_ms(&self) -> u64 {
        self.ahead_ms
    }
}

/// The machine's clock, ms since the Unix epoch. Only tokens are judged by it: others made them, by clocks that agree with it.
/// It jumps when it is set.
#[expect(clippy::disallowed_methods, reason = "this is the place that reads the clock for all others")]
pub fn wall_ms() -> u64 {
    // A clock set to before 1970 counts as 1970.
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, whole_ms)
}

fn whole_ms(duration: Duration) -> u64 {
    duration.as_millis().try_into().unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2020-09-13; any machine that runs this is later.
    const PAST_MS: u64 = 1_600_000_000_000;

    #[test]
    fn starts_at_the_wall_clock() {
        let clock = Clock::starting_not_before(PAST_MS);
        assert!(clock.now_ms() > PAST_MS);
        assert_eq!(clock.ahead_ms(), 0);
    }

    #[test]
    fn never_starts_before_the_last_time_it_gave_out() {
        let last_ms = wall_ms() + 3_600_000;
        let clock = Clock::starting_not_before(last_ms);
        assert!(clock.now_ms() >= last_ms);
        assert!((3_590_000..=3_600_000).contains(&clock.ahead_ms()));
    }
}
