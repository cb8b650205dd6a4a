//! The fixed schedule of an open loop: the k-th lifecycle is due k/rate seconds after the start, however slow the server
//! is, and its latency counts from then.

use std::time::{Duration, Instant};

/// When lifecycles are due.
#[derive(Debug)]
pub(crate) struct Schedule {
    start: Instant,
    rate: f64,
    next: u32,
}

impl Schedule {
    /// `rate` lifecycles per second from `start`.
    pub(crate) fn new(start: Instant, rate: f64) -> Self {
        Self { start, rate, next: 0 }
    }

    /// When the next is due.
    pub(crate) fn next_due(&self) -> Instant {
        self.start + Duration::from_secs_f64(f64::from(self.next) / self.rate)
    }

    /// Takes the next one, if it is due at `now`.
    pub(crate) fn take(&mut self, now: Instant) -> Option<Instant> {
        let due = self.next_due();
        (due <= now).then(|| {
            self.next += 1;
            due
        })
    }

    /// How many are due at `now` and not taken.
    pub(crate) fn behind(&self, now: Instant) -> f64 {
        let due = now.saturating_duration_since(self.start).as_secs_f64() * self.rate;
        (due.floor() + 1.0 - f64::from(self.next)).max(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_late_taker_gets_the_times_that_were_due() {
        let start = Instant::now();
        let ms = |count| start + Duration::from_millis(count);
        let mut schedule = Schedule::new(start, 100.0);
        assert_eq!(schedule.take(ms(0)), Some(ms(0)));
        assert_eq!(schedule.take(ms(9)), None);
        assert!((schedule.behind(ms(35)) - 3.0).abs() < 1e-9);
        assert_eq!(schedule.take(ms(35)), Some(ms(10)));
        assert_eq!(schedule.take(ms(35)), Some(ms(20)));
        assert_eq!(schedule.take(ms(35)), Some(ms(30)));
        assert_eq!(schedule.take(ms(35)), None);
        assert!(schedule.behind(ms(35)) < 1e-9);
    }
}
