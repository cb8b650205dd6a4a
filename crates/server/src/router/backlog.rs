//! The bytes that wait for devices: those of one session, and those of all sessions of this node together.
//!
//! ```text
//!  router ─ mail ─▶ mailbox ─▶ session ─ frames ─▶ outgoing ─▶ the kernel's send buffer
//!                              session ◀─ requests ─ incoming ◀─ the begin of a message
//!                   ╰────────── Backlog, one a session ──────╯
//!                   ╰────────── Budget, one a node ──────────╯
//! ```
//!
//! The router asks [`Backlog::takes`] before it puts mail into a mailbox; the session calls [`Backlog::took_out`] when it takes the
//! mail. What the session then has in its own hands (a page of its stream, frames that its socket does not take, requests that wait, a
//! message that has begun and not ended) it states with [`Held::set`]. An event that waits in many mailboxes is in memory once: each backlog counts it, the budget counts it once.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, AtomicUsize, Ordering};

use prometheus_client::metrics::gauge::Gauge;
use tokio::sync::Notify;
use tokio::time::Instant;

/// The bytes that may wait on this node for all devices together.
#[derive(Debug)]
pub struct Budget {
    /// Bytes that wait; also shown as a metric.
    used: Gauge,
    most: i64,
    /// Of the bytes that wait, those of sessions that have been told to end and have not let go of them yet.
    leaving: AtomicI64,
    overdrawn: Notify,
    began: Instant,
}

impl Budget {
    /// Room for `most` bytes, counted in `used`.
    pub fn new(most: usize, used: Gauge) -> Arc<Self> {
        let (leaving, overdrawn) = (AtomicI64::new(0), Notify::new());
        Arc::new(Self { used, most: signed(most), leaving, overdrawn, began: Instant::now() })
    }

    /// Counts bytes until the charge is dropped.
    pub fn charge(self: &Arc<Self>, bytes: usize) -> Charge {
        self.add(signed(bytes));
        Charge { budget: Arc::clone(self), bytes }
    }

    /// How many bytes have to go: none within the budget, else so many that a quarter of it is free, so that
    /// slow sessions are not looked for again at once.
    pub fn excess(&self) -> usize {
        let used = self.used.get() - self.leaving.load(Ordering::Relaxed);
        let goal = if used > self.most { self.most / 4 * 3 } else { used };
        usize::try_from(used - goal).unwrap_or(0)
    }

    /// Waits until more is charged than the budget has.
    pub async fn overdrawn(&self) {
        self.overdrawn.notified().await;
    }

    fn add(&self, bytes: i64) {
        if self.used.inc_by(bytes) + bytes > self.most {
            self.overdrawn.notify_one();
        }
    }

    fn release(&self, bytes: usize) {
        self.used.dec_by(signed(bytes));
    }

    /// Never 0.
    fn now_ms(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX).saturating_add(1)
    }
}

/// Bytes that count against the budget until this is dropped.
#[derive(Debug)]
pub struct Charge {
    budget: Arc<Budget>,
    bytes: usize,
}

impl Charge {
    /// There are so many now.
    pub fn set(&mut self, bytes: usize) {
        if bytes == self.bytes {
            return;
        }
        if bytes > self.bytes {
            self.budget.add(signed(bytes - self.bytes));
        } else {
            self.budget.release(self.bytes - bytes);
        }
        self.bytes = bytes;
    }

    /// Whether all charges together are more than the budget has.
    pub fn is_over_budget(&self) -> bool {
        self.budget.excess() > 0
    }
}

impl Drop for Charge {
    fn drop(&mut self) {
        self.budget.release(self.bytes);
    }
}

/// The bytes that wait for one session.
#[derive(Debug)]
pub struct Backlog {
    bytes: AtomicUsize,
    most: usize,
    /// The budget's time since which the session's socket takes nothing; 0 while it does.
    behind_since: AtomicU64,
    /// The budget's time since which a message has begun and not ended; 0 while there is none.
    begun_since: AtomicU64,
    /// What was counted as leaving when the session was told to end.
    leaving: AtomicUsize,
    budget: Arc<Budget>,
}

impl Backlog {
    /// Nothing waits; `most` bytes may.
    pub fn new(most: usize, budget: Arc<Budget>) -> Arc<Self> {
        let (bytes, behind_since, begun_since, leaving) = Default::default();
        Arc::new(Self { bytes, most, behind_since, begun_since, leaving, budget })
    }

    /// Counts a piece of mail, or refuses it because too much would wait. One piece may always wait, whatever its size.
    pub fn takes(&self, bytes: usize) -> bool {
        let before = self.bytes.fetch_add(bytes, Ordering::Relaxed);
        let fits = before == 0 || before + bytes <= self.most;
        if !fits {
            self.took_out(bytes);
        }
        fits
    }

    /// A piece of mail is out of the mailbox.
    pub fn took_out(&self, bytes: usize) {
        self.bytes.fetch_sub(bytes, Ordering::Relaxed);
    }

    /// An account of what the session has in its own hands.
    pub fn hold(self: &Arc<Self>) -> Held {
        Held { charge: self.budget.charge(0), backlog: Arc::clone(self) }
    }

    /// The bytes that wait.
    pub fn bytes(&self) -> usize {
        self.bytes.load(Ordering::Relaxed)
    }

    /// Since when the socket takes nothing, as a number that grows with time; `None` while it does.
    pub fn behind_since(&self) -> Option<u64> {
        time(&self.behind_since)
    }

    /// Since when the device keeps bytes here, because it takes nothing or does not end its message; `None` while it does neither.
    pub fn slow_since(&self) -> Option<u64> {
        [self.behind_since(), time(&self.begun_since)].into_iter().flatten().min()
    }

    /// The socket takes nothing any more; the first call counts.
    pub fn falls_behind(&self) {
        self.begin(&self.behind_since);
    }

    /// The socket has taken everything.
    pub fn keeps_up(&self) {
        self.behind_since.store(0, Ordering::Relaxed);
    }

    /// The begin of a message is here, and not its end; the first call counts.
    pub fn begins_a_message(&self) {
        self.begin(&self.begun_since);
    }

    /// The message is here as a whole, or was given up.
    pub fn ended_the_message(&self) {
        self.begun_since.store(0, Ordering::Relaxed);
    }

    fn begin(&self, since: &AtomicU64) {
        let now = self.budget.now_ms();
        // A failure means that an earlier call has set it.
        since.compare_exchange(0, now, Ordering::Relaxed, Ordering::Relaxed).ok();
    }

    /// The session was told to end: its bytes are as good as gone. How many there are.
    pub fn leaves(&self) -> usize {
        let bytes = self.bytes();
        self.still_leaves(bytes);
        bytes
    }

    /// Of the bytes of a session that ends, these are still here.
    fn still_leaves(&self, bytes: usize) {
        let before = self.leaving.swap(bytes, Ordering::Relaxed);
        self.budget.leaving.fetch_add(signed(bytes) - signed(before), Ordering::Relaxed);
    }
}

impl Drop for Backlog {
    fn drop(&mut self) {
        self.budget.leaving.fetch_sub(signed(*self.leaving.get_mut()), Ordering::Relaxed);
    }
}

/// Bytes in a session's own hands; dropping it lets go of them.
#[derive(Debug)]
pub struct Held {
    charge: Charge,
    backlog: Arc<Backlog>,
}

impl Held {
    /// There are so many now.
    pub fn set(&mut self, bytes: usize) {
        let before = self.charge.bytes;
        self.charge.set(bytes);
        if bytes > before {
            self.backlog.bytes.fetch_add(bytes - before, Ordering::Relaxed);
        } else {
            self.backlog.took_out(before - bytes);
        }
    }

    /// The session ends, and lets go of everything but these bytes.
    pub fn let_go(&mut self, left: usize) {
        self.set(left);
        self.backlog.still_leaves(left);
    }

    /// The backlog it is part of.
    pub fn backlog(&self) -> &Backlog {
        &self.backlog
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.backlog.took_out(self.charge.bytes);
    }
}

fn time(since: &AtomicU64) -> Option<u64> {
    Some(since.load(Ordering::Relaxed)).filter(|since| *since != 0)
}

fn signed(bytes: usize) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn budget(most: usize) -> Arc<Budget> {
        Budget::new(most, Gauge::default())
    }

    #[test]
    fn a_backlog_takes_its_bytes_and_not_one_more() {
        let backlog = Backlog::new(100, budget(1_000));
        assert!(backlog.takes(60) && backlog.takes(40));
        assert!(!backlog.takes(1));
        backlog.took_out(60);
        assert!(backlog.takes(60) && !backlog.takes(1));
    }

    #[test]
    fn one_piece_may_wait_whatever_its_size() {
        let backlog = Backlog::new(100, budget(1_000));
        assert!(backlog.takes(5_000));
        assert!(!backlog.takes(1));
    }

    #[test]
    fn what_a_session_holds_counts_on_both_accounts_until_it_lets_go() {
        let budget = budget(1_000);
        let backlog = Backlog::new(100, Arc::clone(&budget));
        let mut held = backlog.hold();
        held.set(90);
        assert!(!backlog.takes(11) && backlog.takes(10));
        held.set(30);
        assert_eq!((backlog.bytes(), budget.used.get()), (40, 30));
        drop(held);
        assert_eq!((backlog.bytes(), budget.used.get()), (10, 0));
    }

    #[test]
    fn over_budget_so_much_goes_that_a_quarter_is_free() {
        let budget = budget(1_000);
        let within = budget.charge(1_000);
        assert_eq!(budget.excess(), 0);
        let above = budget.charge(1);
        assert_eq!(budget.excess(), 251);
        drop((within, above));
        assert_eq!(budget.excess(), 0);
    }

    #[test]
    fn the_bytes_of_a_session_that_ends_are_not_asked_for_twice() {
        let budget = budget(1_000);
        let backlog = Backlog::new(5_000, Arc::clone(&budget));
        let mut held = backlog.hold();
        held.set(1_200);
        assert_eq!((budget.excess(), backlog.leaves()), (450, 1_200));
        assert_eq!(budget.excess(), 0);
        held.let_go(200);
        let others = budget.charge(1_001);
        assert_eq!(
            budget.excess(),
            251,
            "what is left of it is not asked for either, and no more is forgiven"
        );
        drop(others);
        drop((held, backlog));
        assert_eq!((budget.used.get(), budget.leaving.load(Ordering::Relaxed)), (0, 0));
    }

    #[tokio::test(start_paused = true)]
    async fn a_device_is_slow_from_the_first_of_its_reasons_until_both_are_gone() {
        let second = Duration::from_secs(1);
        let backlog = Backlog::new(100, budget(1_000));
        assert_eq!(backlog.slow_since(), None);
        backlog.begins_a_message();
        let begun = backlog.slow_since();
        tokio::time::advance(second).await;
        backlog.falls_behind();
        backlog.begins_a_message();
        assert!(begun.is_some() && backlog.slow_since() == begun);
        backlog.ended_the_message();
        assert!(backlog.slow_since() > begun && backlog.slow_since() == backlog.behind_since());
        backlog.keeps_up();
        assert_eq!(backlog.slow_since(), None);
    }

    #[tokio::test]
    async fn an_overdraft_is_noticed() {
        let budget = budget(10);
        let _charge = budget.charge(11);
        budget.overdrawn().await;
    }
}
