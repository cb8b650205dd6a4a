//! How much there is on the server.
//!
//! Counting users looks at all of them, so a node counts at most every [`EVERY`], whoever asks and how often. Nothing is counted that
//! grows with all that was ever said.

use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::Instant;
use wigwag_protocol::rest::Problem;
use wigwag_protocol::rest::operations::GetStatistics;
use wigwag_protocol::rest::statistics::Statistics;

use super::asked::Asked;
use super::problem::problem_of;
use super::{Answer, Answered, BackEnds, failed};
use crate::store::Counted;

/// Between two counts: a million users take about a tenth of a second, which is then a hundredth of one reader's time.
const EVERY: Duration = Duration::from_secs(10);
/// Before the next try when the store cannot be asked, so that those who wait for a count do not each wait for their own.
const AGAIN: Duration = Duration::from_secs(1);

type Outcome = Result<Statistics, Box<Problem>>;

/// The last count.
#[derive(Debug, Default)]
pub struct LastCount(Mutex<Option<(Instant, Outcome)>>);

impl LastCount {
    /// The last outcome, or a new one when it is too old. Who asks meanwhile waits for it.
    async fn or_else(&self, count: impl Future<Output = Outcome>) -> Outcome {
        let mut last = self.0.lock().await;
        if let Some((at, outcome)) = &*last {
            let fresh = if outcome.is_ok() { EVERY } else { AGAIN };
            if at.elapsed() < fresh {
                return outcome.clone();
            }
        }
        let outcome = count.await;
        *last = Some((Instant::now(), outcome.clone()));
        outcome
    }
}

impl Answer for GetStatistics {
    async fn answer(api: &BackEnds, _asked: Asked<Self>) -> Answered<Self> {
        api.last_count.or_else(api.count()).await
    }
}

impl BackEnds {
    async fn count(&self) -> Outcome {
        let (time, counted) = self.door.counted().await.map_err(|refusal| problem_of(&refusal))?;
        let signed_in = self.sign_ins.count().await.map_err(failed)?;
        let Counted {
            users,
            disabled_users,
            push_devices,
            groups,
            open_invitations,
            running_calls,
            users_in_calls,
        } = counted;
        Ok(Statistics {
            time,
            users,
            disabled_users,
            online_users: signed_in.users,
            sessions: signed_in.sessions,
            push_devices,
            groups,
            open_invitations,
            running_calls,
            users_in_calls,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use wigwag_protocol::Reason;

    use super::*;

    fn counted(users: u64) -> Statistics {
        Statistics {
            time: 0,
            users,
            disabled_users: 0,
            online_users: 0,
            sessions: 0,
            push_devices: 0,
            groups: 0,
            open_invitations: 0,
            running_calls: 0,
            users_in_calls: 0,
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_count_is_told_for_ten_seconds_and_a_failure_for_one() {
        let (last, counts) = (LastCount::default(), Cell::new(0));
        let count = async || {
            counts.set(counts.get() + 1);
            if counts.get() == 1 {
                Err(Reason::StoreUnavailable.error().into())
            } else {
                Ok(counted(counts.get()))
            }
        };
        let ask = async || last.or_else(count()).await.map(|statistics| statistics.users).ok();
        assert_eq!((ask().await, ask().await), (None, None));
        tokio::time::advance(AGAIN).await;
        assert_eq!((ask().await, ask().await), (Some(2), Some(2)));
        tokio::time::advance(EVERY.saturating_sub(Duration::from_millis(1))).await;
        assert_eq!(ask().await, Some(2));
        tokio::time::advance(Duration::from_millis(1)).await;
        assert_eq!(ask().await, Some(3));
    }
}
