//! Waiting for engines at the start: on a machine that boots, or in a set of containers, they come up in any order.

use std::fmt::Display;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::telemetry::Throttle;

/// Between two attempts.
const AGAIN: Duration = Duration::from_millis(500);
/// Between two lines that say what is waited for.
const LINES: Duration = Duration::from_secs(5);

/// How long the start may still wait, for all engines together.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience {
    until: Instant,
}

impl Patience {
    pub(super) fn of(limit: Duration) -> Self {
        Self { until: Instant::now() + limit }
    }

    /// Tries until it succeeds, fails for a reason that waiting does not change, or the time is up.
    pub(super) async fn wait<T, E: Display>(
        self,
        mut attempt: impl AsyncFnMut() -> Result<T, E>,
        may_pass: impl Fn(&E) -> bool,
    ) -> Result<T, E> {
        let lines = Throttle::every(LINES);
        loop {
            match attempt().await {
                Err(error) if may_pass(&error) && Instant::now() + AGAIN <= self.until => {
                    if lines.pass(1, std::time::Instant::now()).is_some() {
                        let left = self.until.saturating_duration_since(Instant::now()).as_secs();
                        tracing::warn!("waiting, for {left} s more at the most (start_wait_s): {error}");
                    }
                    sleep(AGAIN).await;
                }
                ended => return ended,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Eq)]
    enum Trouble {
        Away,
        Wrong,
    }

    impl Display for Trouble {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            write!(f, "{self:?}")
        }
    }

    async fn wait(limit: u64, ends: &[Result<u8, Trouble>]) -> (Result<u8, Trouble>, usize) {
        let mut attempts = 0;
        let ended = Patience::of(Duration::from_secs(limit))
            .wait(
                async || {
                    attempts += 1;
                    match ends.get(attempts - 1).unwrap_or(&Err(Trouble::Away)) {
                        Ok(number) => Ok(*number),
                        Err(Trouble::Away) => Err(Trouble::Away),
                        Err(Trouble::Wrong) => Err(Trouble::Wrong),
                    }
                },
                |trouble| *trouble == Trouble::Away,
            )
            .await;
        (ended, attempts)
    }

    #[tokio::test(start_paused = true)]
    async fn it_waits_as_long_as_it_may_and_not_for_what_is_wrong() {
        assert_eq!(wait(60, &[Err(Trouble::Away), Err(Trouble::Away), Ok(7)]).await, (Ok(7), 3));
        assert_eq!(wait(60, &[Err(Trouble::Away), Err(Trouble::Wrong)]).await, (Err(Trouble::Wrong), 2));
        assert_eq!(wait(0, &[]).await, (Err(Trouble::Away), 1));
        let began = Instant::now();
        assert_eq!(wait(60, &[]).await, (Err(Trouble::Away), 121));
        assert_eq!(began.elapsed(), Duration::from_mins(1));
    }
}
