//! Lines that would come thousands of times a second.

use std::time::{Duration, Instant};

use parking_lot::Mutex;

/// Lets one line of a kind through in each interval, and counts what it stands for.
#[derive(Debug)]
pub struct Throttle {
    every: Duration,
    held: Mutex<Held>,
}

#[derive(Debug)]
struct Held {
    last_line: Option<Instant>,
    count: u64,
}

impl Throttle {
    /// One line in this time at the most; the first is let through at once.
    pub const fn every(every: Duration) -> Self {
        Self { every, held: Mutex::new(Held { last_line: None, count: 0 }) }
    }

    /// `count` more have happened. When it is time for a line: how many have since the last one, these included.
    pub fn pass(&self, count: u64, now: Instant) -> Option<u64> {
        let mut held = self.held.lock();
        held.count = held.count.saturating_add(count);
        if held.last_line.is_some_and(|last| now.saturating_duration_since(last) < self.every) {
            return None;
        }
        held.last_line = Some(now);
        Some(std::mem::take(&mut held.count))
    }

    /// How many have happened since the last line. They are told now, and the next line is let through at once.
    pub fn finish(&self) -> u64 {
        let mut held = self.held.lock();
        held.last_line = None;
        std::mem::take(&mut held.count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_in_a_second_stands_for_all_since_the_one_before() {
        let throttle = Throttle::every(Duration::from_secs(1));
        let start = Instant::now();
        let at = |ms| start + Duration::from_millis(ms);
        assert_eq!(throttle.pass(3, at(0)), Some(3));
        for ms in 1..1_000 {
            assert_eq!(throttle.pass(57, at(ms)), None);
        }
        assert_eq!(throttle.pass(1, at(1_000)), Some(57 * 999 + 1));
        assert_eq!(throttle.pass(2, at(1_001)), None);
        assert_eq!(throttle.finish(), 2);
        assert_eq!(throttle.pass(1, at(1_002)), Some(1), "a new trouble is told at once");
    }
}
