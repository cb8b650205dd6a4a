//! People who are in a call, or say something of themselves, and whose devices are gone: after a while they have left it and say nothing.
//!
//! Whoever goes offline on this node is watched when the registry forgets them (`house`), so a call or a status costs nothing while its
//! people are connected. What this node did not see is found here: who was gone before it started, and whose node has died.
//! Whether somebody is really gone is decided by the rules when the time has come, since they may be back by then.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep};
use wigwag_engine::Due;
use wigwag_protocol::UserId;

use crate::clock::Clock;
use crate::cluster::Neighbours;
use crate::router::Deadlines;
use crate::router::registry::Registry;
use crate::store::{Store, StoreError};

/// How often it is looked whether another node has died.
const EVERY: Duration = Duration::from_secs(5);
/// Among several nodes one looks, and another one this long after it is gone.
const TERM: Duration = Duration::from_secs(15);
/// Everybody is looked at again after this long: while the bus was away, nobody could be known to be gone.
const AGAIN: Duration = Duration::from_mins(5);
/// The lease's name.
const LEASE: &str = "absences";

/// Where users are who may be gone, and who is told when it is time to look at them.
#[derive(Clone)]
pub(super) struct Watch {
    pub(super) store: Arc<dyn Store>,
    pub(super) registry: Arc<Registry>,
    pub(super) deadlines: Arc<dyn Deadlines>,
    pub(super) neighbours: Neighbours,
    pub(super) clock: Clock,
    /// How long somebody may be gone from a call, ms.
    pub(super) lease_ms: u64,
}

impl Watch {
    /// When somebody who went at `left_at` has to be looked at (server time in ms).
    pub(super) fn due_after(&self, user: &UserId, left_at: u64) -> (u64, Due) {
        (left_at + self.lease_ms, Due::Absence(user.clone()))
    }
}

/// Looks for people who are gone.
pub(super) struct Absences(pub(super) Watch);

/// The last time that everybody was looked at.
struct Look {
    at: Instant,
    /// How many nodes had died by then.
    deaths: u64,
}

impl Absences {
    /// Runs until it is dropped.
    pub(super) async fn keep(self) {
        let mut last = None;
        loop {
            let deaths = self.0.neighbours.deaths();
            if !self.0.neighbours.holds(LEASE, TERM).await {
                last = None;
            } else if self.is_time(last.as_ref(), deaths) {
                match self.look().await {
                    Ok(()) => last = Some(Look { at: Instant::now(), deaths }),
                    // Beats and readiness tell the operator that the store is away.
                    Err(error) => tracing::debug!(%error, "people who are gone could not be looked for"),
                }
            }
            sleep(EVERY).await;
        }
    }

    fn is_time(&self, last: Option<&Look>, deaths: u64) -> bool {
        let alone = self.0.neighbours.are_none();
        last.is_none_or(|last| last.deaths != deaths || (!alone && last.at.elapsed() >= AGAIN))
    }

    async fn look(&self) -> Result<(), StoreError> {
        let Self(watch) = self;
        let now = watch.clock.now_ms();
        let mut people = watch.store.people_in_calls().await?;
        people.extend(watch.store.users_with_status().await?);
        let away = people.into_iter().filter(|user| !watch.registry.is_online(user, now));
        watch.deadlines.watch(away.map(|user| watch.due_after(&user, now)).collect());
        Ok(())
    }
}
