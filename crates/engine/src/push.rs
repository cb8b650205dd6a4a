//! When a device is woken for a ring (docs/decisions/0018-push.md). The rules alone: who is online, what was heard and what time it is come
//! in as arguments.
//!
//! ```text
//!  invited ──┬─ nobody is online ────────────────▶ Now
//!            └─ somebody is ─▶ Later (3 s) ─┬─ nothing heard ─▶ Now
//!                                           └─ heard ────────▶ Never
//!  over, without a deadline, too late, not wanted ──────────▶ Never
//! ```

/// How long a device that is online has to say that it has the ring, ms.
pub const HEARD_WITHIN_MS: u64 = 3_000;
/// A ring that has less time left than this wakes nobody, ms: a phone needs that long to show it.
pub const LEAST_LEFT_MS: u64 = 3_000;

/// A ring of an invitee.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ring {
    /// When it began, server time in ms.
    pub began: u64,
    /// When it ends by itself; `None` for an invitation without a deadline, with which apps say something and do not ring.
    pub deadline: Option<u64>,
    /// The inviter wants no push: the invitation is for those who are online, or says so.
    pub is_quiet: bool,
}

/// What is known of the invitee now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// The ring still waits for them.
    pub is_pending: bool,
    /// One of their devices is connected, or was until a moment ago.
    pub is_online: bool,
    /// One of their devices has said that it has the ring.
    pub is_heard: bool,
}

/// Whether an invitee's devices are woken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wake {
    /// Now.
    Now,
    /// Look again at this time, server time in ms.
    Later(u64),
    /// Not for this ring.
    Never(Why),
}

/// Why not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// It was answered, taken back, or timed out.
    Over,
    /// A device has it.
    Heard,
    /// It has no deadline.
    Endless,
    /// Too little of it is left, now or when it would be time.
    TooLate,
    /// The inviter wants none.
    Quiet,
}

impl Ring {
    /// Whether the devices are woken, at `now` (server time in ms).
    pub fn wakes(self, seen: Seen, now: u64) -> Wake {
        let Some(deadline) = self.deadline else { return Wake::Never(Why::Endless) };
        let waits_until = self.began + HEARD_WITHIN_MS;
        let at = if seen.is_online { waits_until.max(now) } else { now };
        if !seen.is_pending {
            Wake::Never(Why::Over)
        } else if self.is_quiet {
            Wake::Never(Why::Quiet)
        } else if seen.is_heard {
            Wake::Never(Why::Heard)
        } else if deadline.saturating_sub(at) < LEAST_LEFT_MS {
            Wake::Never(Why::TooLate)
        } else if at > now {
            Wake::Later(at)
        } else {
            Wake::Now
        }
    }

    /// How much of it is left, ms.
    pub fn left_ms(self, now: u64) -> u64 {
        self.deadline.map_or(0, |deadline| deadline.saturating_sub(now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RING: Ring = Ring { began: 10_000, deadline: Some(40_000), is_quiet: false };
    const AWAY: Seen = Seen { is_pending: true, is_online: false, is_heard: false };
    const ONLINE: Seen = Seen { is_online: true, ..AWAY };

    #[test]
    fn who_is_away_is_woken_at_once_and_who_is_online_after_three_seconds_of_silence() {
        let table = [
            (AWAY, 10_000, Wake::Now),
            (ONLINE, 10_000, Wake::Later(13_000)),
            (ONLINE, 12_999, Wake::Later(13_000)),
            (ONLINE, 13_000, Wake::Now),
            // They went away meanwhile.
            (AWAY, 11_000, Wake::Now),
            (Seen { is_heard: true, ..ONLINE }, 13_000, Wake::Never(Why::Heard)),
            (Seen { is_heard: true, ..AWAY }, 10_000, Wake::Never(Why::Heard)),
            (Seen { is_pending: false, ..AWAY }, 10_000, Wake::Never(Why::Over)),
            (Seen { is_pending: false, is_heard: true, ..AWAY }, 10_000, Wake::Never(Why::Over)),
        ];
        for (seen, now, wake) in table {
            assert_eq!(RING.wakes(seen, now), wake, "{seen:?} at {now}");
        }
    }

    #[test]
    fn a_ring_wakes_nobody_in_its_last_three_seconds() {
        assert_eq!(RING.wakes(AWAY, 37_000), Wake::Now);
        assert_eq!(RING.wakes(AWAY, 37_001), Wake::Never(Why::TooLate));
        assert_eq!(RING.wakes(AWAY, 50_000), Wake::Never(Why::TooLate), "a server that was down");
        // There is no use in waiting for what would be too late then.
        let of = |ms: u64| Ring { deadline: Some(10_000 + ms), ..RING };
        assert_eq!(of(5_999).wakes(ONLINE, 10_000), Wake::Never(Why::TooLate));
        assert_eq!(of(6_000).wakes(ONLINE, 10_000), Wake::Later(13_000));
        assert_eq!(of(6_000).wakes(ONLINE, 13_000), Wake::Now);
        assert_eq!(of(5_999).wakes(AWAY, 10_000), Wake::Now);
        assert_eq!((RING.left_ms(37_000), RING.left_ms(50_000)), (3_000, 0));
    }

    #[test]
    fn what_does_not_ring_wakes_nobody() {
        assert_eq!(Ring { deadline: None, ..RING }.wakes(AWAY, 10_000), Wake::Never(Why::Endless));
        assert_eq!(Ring { is_quiet: true, ..RING }.wakes(AWAY, 10_000), Wake::Never(Why::Quiet));
        // A clock that was set back.
        assert_eq!(RING.wakes(ONLINE, 9_000), Wake::Later(13_000));
    }
}
