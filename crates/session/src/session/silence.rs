//! Whether the device still lives.

/// How long a device has been silent, and when to look again.
#[derive(Debug, Clone, Copy)]
pub(super) struct Silence {
    /// ms of silence after which the device is asked for a sign of life; twice that and it counts as dead.
    interval: u64,
    /// When the device was heard last.
    since: u64,
    /// When to look next, whether the device is heard or not: the token is looked at on the same occasions.
    look_at: u64,
}

/// The result of a look at the time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It was heard not long ago.
    Fine,
    /// Ask it for a sign of life.
    Quiet,
    /// It did not give one.
    Dead,
}

impl Silence {
    /// The first look is due at once, because the token may end before the first ping.
    pub(super) fn new(interval: u64, now: u64) -> Self {
        Self { interval, since: now, look_at: now }
    }

    pub(super) fn broken(&mut self, now: u64) {
        self.since = now;
    }

    pub(super) fn next_look(&self) -> u64 {
        self.look_at
    }

    /// The driver may be early: then nothing happens.
    pub(super) fn look(&mut self, now: u64) -> Verdict {
        if now < self.look_at {
            return Verdict::Fine;
        }
        let quiet = now.saturating_sub(self.since);
        if quiet >= 2 * self.interval {
            return Verdict::Dead;
        }
        let is_quiet = quiet >= self.interval;
        let patience = if is_quiet { 2 * self.interval } else { self.interval };
        self.look_at = self.since + patience;
        if is_quiet { Verdict::Quiet } else { Verdict::Fine }
    }
}
