//! Reads the journal, and has an errand carried out for each step of an invitation.
//!
//! The mark is kept as an endpoint of webhooks has one. It stays before the steps whose errands are not done, so a kill forgets no ring and no
//! end of one: what was under way is carried out again.

use std::collections::BTreeSet;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::FutureExt;
use serde::Deserialize;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;
use wigwag_protocol::InviteId;

use super::bell::Bell;
use super::errand::{End, Errand, Errands, What};
use crate::clock::Clock;
use crate::store::{EventId, JournalEvent, Served, Store, StoreError};
use crate::webhooks::{Progress, Serves};

/// The mark's name, which no endpoint can have.
const MARK: &str = "/pushes";
/// Events that are read at once.
const PAGE: usize = 256;
/// Between two looks while the bell is silent: for what another node could not tell.
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// Between two looks at least, however often the bell rings: what a busy server does meanwhile is read in one go.
const LOOK_AGAIN: Duration = Duration::from_millis(5);
/// Where events become readable late, a look lists what was made in this time alone, ms: commits take less, and clocks of nodes differ by less.
const LATE_MS: u64 = 2_000;
/// The same for a look that the bell asks for between two of those: most commits take a few.
const JUST_NOW_MS: u64 = 200;
/// What comes later is found by a look at all that has not settled, this often: at 1,600 events a second that is 48,000 rows of an index.
const LOOK_AT_ALL_EVERY: Duration = Duration::from_secs(2);
/// Before the next try when the store cannot be read or written, and between two writes of the mark.
const STORE_AGAIN: Duration = Duration::from_millis(STORE_AGAIN_MS);
const STORE_AGAIN_MS: u64 = 1_000;
/// Errands under way at once. While they wait for a provider they cost memory alone, a few kilobytes each.
const AT_ONCE: usize = 1_000;
/// Errands that wait, for the three seconds or for a provider, about 200 bytes each. With more, the journal is read no further.
const MOST_WAITING: usize = 20_000;

/// What errands come from.
pub(super) struct Serving {
    pub(super) errands: Arc<Errands>,
    pub(super) store: Arc<dyn Store>,
    pub(super) bell: Arc<Bell>,
    pub(super) clock: Clock,
    pub(super) stop: CancellationToken,
}

/// An errand that waits for its time.
#[derive(Debug, Clone)]
struct Waiting {
    event: EventId,
    errand: Errand,
    /// Server time in ms.
    not_before: u64,
}

type Carried = (Waiting, Result<End, StoreError>);

/// What is under way.
struct Work {
    progress: Progress,
    kept: Served,
    kept_at: Instant,
    /// No look before, whoever rings.
    soonest: Instant,
    /// When what was made lately was listed.
    lately_at: Option<Instant>,
    /// When all that has not settled was listed.
    listed_at: Option<Instant>,
    /// In the order of the journal, so those of one invitation are in theirs.
    waiting: Vec<Waiting>,
    running: JoinSet<Carried>,
    /// The events of both.
    under_way: BTreeSet<EventId>,
    /// The invitations whose errands are running.
    busy: BTreeSet<InviteId>,
}

#[async_trait]
impl Serves for Serving {
    async fn run(&self) {
        let Some(mut work) = self.begin().await else { return };
        let _others = self.bell.hears_others();
        let mut next_look = Instant::now();
        while !self.stop.is_cancelled() {
            if Instant::now() >= next_look {
                next_look = Instant::now() + self.look_or_fail(&mut work).await;
            }
            self.start_due(&mut work);
            tokio::select! {
                () = self.stop.cancelled() => {}
                () = self.bell.rung() => next_look = next_look.min(work.soonest),
                () = sleep(next_look.saturating_duration_since(Instant::now())) => {}
                Some(carried) = work.running.join_next() => self.carried(&mut work, carried.ok()),
            }
            // All that have ended, so that what waits is gone through once.
            while let Some(carried) = work.running.try_join_next() {
                self.carried(&mut work, carried.ok());
            }
        }
        // What a provider has taken is written, so that it is not pushed again.
        while let Some(carried) = work.running.join_next().await {
            self.carried(&mut work, carried.ok());
        }
        if let Err(error) = self.keep(&mut work).await {
            tracing::debug!(%error, "how far pushes are could not be written");
        }
    }

    fn stop(&self) -> &CancellationToken {
        &self.stop
    }

    fn leaves(&self) {
        tracing::debug!("another node pushes");
    }
}

impl Serving {
    async fn begin(&self) -> Option<Work> {
        while !self.stop.is_cancelled() {
            match self.find().await {
                Ok(served) => {
                    return Some(Work {
                        progress: Progress::of(served.clone()),
                        kept: served,
                        kept_at: Instant::now(),
                        soonest: Instant::now(),
                        lately_at: None,
                        listed_at: None,
                        waiting: Vec::new(),
                        running: JoinSet::new(),
                        under_way: BTreeSet::new(),
                        busy: BTreeSet::new(),
                    });
                }
                Err(error) => tracing::debug!(%error, "how far pushes are could not be read"),
            }
            tokio::select! {
                () = self.stop.cancelled() => {}
                () = sleep(STORE_AGAIN) => {}
            }
        }
        None
    }

    async fn find(&self) -> Result<Served, StoreError> {
        if let Some(served) = self.store.served(MARK).await? {
            return Ok(served);
        }
        let served = Served { place: self.store.journal_end().await?, ..Served::default() };
        if self.store.keep_served(MARK, None, &served).await? {
            return Ok(served);
        }
        // Somebody was faster.
        Ok(self.store.served(MARK).await?.unwrap_or(served))
    }

    /// When to look again.
    async fn look_or_fail(&self, work: &mut Work) -> Duration {
        let (next, soonest) = match self.look(work).await {
            Ok(true) => (Duration::ZERO, Duration::ZERO),
            Ok(false) => (LOOK_EVERY, LOOK_AGAIN),
            Err(error) => {
                tracing::debug!(%error, "the journal could not be read for pushes");
                (STORE_AGAIN, STORE_AGAIN)
            }
        };
        work.soonest = Instant::now() + soonest;
        next
    }

    /// Reads a page. Whether there may be more to read at once.
    async fn look(&self, work: &mut Work) -> Result<bool, StoreError> {
        let (after, is_all) = self.looked_after(work).await?;
        let listed = self.store.journal_after(after, work.listed_beyond() + PAGE).await?;
        let mut fresh = work.progress.fresh(&listed);
        fresh.retain(|event| !work.under_way.contains(event));
        fresh.truncate(work.room());
        let events = self.store.journal_events(&fresh).await?;
        let is_page = events.len() >= PAGE || events.len() < fresh.len();
        for (event, found) in fresh.into_iter().zip(events) {
            match found.as_ref().and_then(errand_of) {
                Some(errand) => {
                    work.under_way.insert(event);
                    work.waits(Waiting { event, errand, not_before: 0 });
                }
                None => work.progress.done(event),
            }
        }
        if is_all {
            work.progress.settle(&listed, self.settled());
            work.listed_at = (!is_page).then(Instant::now);
        } else if is_page {
            work.listed_at = None;
        }
        if work.kept_at.elapsed() >= STORE_AGAIN {
            self.keep(work).await?;
        }
        Ok(is_page)
    }

    /// The place after which to look, and whether that is the mark itself, so that nothing can be missed. While there is more to read
    /// than a page it is, because what is older goes first.
    async fn looked_after(&self, work: &mut Work) -> Result<(EventId, bool), StoreError> {
        let mark = work.progress.place();
        let is_fresh = work.listed_at.is_some_and(|at| at.elapsed() < LOOK_AT_ALL_EVERY);
        if self.store.journal_settles_ms() == 0 || !is_fresh {
            return Ok((mark, true));
        }
        let lately = self.store.journal_before(self.clock.now_ms().saturating_sub(work.late_ms())).await?;
        Ok((lately.max(mark), lately <= mark))
    }

    /// Before this time no event can appear any more, ms.
    fn settled(&self) -> u64 {
        match self.store.journal_settles_ms() {
            0 => u64::MAX,
            settles => self.clock.now_ms().saturating_sub(settles),
        }
    }

    async fn keep(&self, work: &mut Work) -> Result<(), StoreError> {
        let served = work.progress.kept();
        if served != work.kept {
            let is_kept = self.store.keep_served(MARK, Some(&work.kept), &served).await?;
            // A node whose turn has ended wrote its last place late. It is written over a second from now.
            work.kept = if is_kept { served } else { self.find().await? };
        }
        work.kept_at = Instant::now();
        Ok(())
    }

    /// Begins what is due; of each invitation one errand at a time.
    fn start_due(&self, work: &mut Work) {
        let now = self.clock.now_ms();
        let mut place = 0;
        while work.running.len() < AT_ONCE && place < work.waiting.len() {
            let next = &work.waiting[place];
            if next.not_before > now || work.busy.contains(&next.errand.invite) {
                place += 1;
                continue;
            }
            let next = work.waiting.remove(place);
            work.busy.insert(next.errand.invite.clone());
            let errands = Arc::clone(&self.errands);
            work.running.spawn(async move {
                let carried = AssertUnwindSafe(errands.carry_out(&next.errand)).catch_unwind().await;
                (next, carried.unwrap_or(Ok(End::Done)))
            });
        }
    }

    fn carried(&self, work: &mut Work, carried: Option<Carried>) {
        // Panics are caught where they happen, so there is always one.
        let Some((mut waiting, end)) = carried else { return };
        work.busy.remove(&waiting.errand.invite);
        match end {
            Ok(End::Done) => return work.done(waiting.event),
            Ok(End::Again(at)) => waiting.not_before = at,
            Ok(End::Retry(at)) => {
                waiting.not_before = at;
                waiting.errand.tries += 1;
            }
            Err(error @ StoreError::Unreadable(_)) => {
                tracing::error!(%error, invite = %waiting.errand.invite, "nobody can be woken for this invitation");
                return work.done(waiting.event);
            }
            Err(error) => {
                tracing::debug!(%error, "a push waits for the store");
                waiting.not_before = self.clock.now_ms() + STORE_AGAIN_MS;
            }
        }
        work.waits(waiting);
    }
}

impl Work {
    /// Of what comes after the mark, how much is done or under way.
    fn listed_beyond(&self) -> usize {
        self.progress.done_beyond() + self.under_way.len()
    }

    /// How far back a look goes that does not go back to the mark, ms.
    fn late_ms(&mut self) -> u64 {
        if self.lately_at.is_some_and(|at| at.elapsed() < LOOK_EVERY) {
            return JUST_NOW_MS;
        }
        self.lately_at = Some(Instant::now());
        LATE_MS
    }

    /// Puts it where it stands in the journal, so that errands of one invitation keep their order.
    fn waits(&mut self, waiting: Waiting) {
        let place = self.waiting.partition_point(|other| other.event < waiting.event);
        self.waiting.insert(place, waiting);
    }

    fn done(&mut self, event: EventId) {
        self.under_way.remove(&event);
        self.progress.done(event);
    }

    fn room(&self) -> usize {
        MOST_WAITING.saturating_sub(self.under_way.len()).min(self.progress.room()).min(PAGE)
    }
}

/// What the body of an event asks for; `None` for what is no step of an invitation.
pub(super) fn step_of(body: &str) -> Option<What> {
    let rest = body.strip_prefix(r#""type":"invitation."#)?;
    match rest.split('"').next()? {
        "received" => Some(What::Ring),
        "accepted" | "rejected" | "cancelled" | "timedOut" | "silenced" => Some(What::Changed),
        _ => None,
    }
}

/// What a step of an invitation asks for; `None` for all other events.
fn errand_of(event: &JournalEvent) -> Option<Errand> {
    #[derive(Deserialize)]
    struct Named {
        #[serde(rename = "inviteID")]
        invite: InviteId,
    }
    let what = step_of(&event.body)?;
    let Named { invite } = serde_json::from_str(&format!("{{{}", event.body)).ok()?;
    Some(Errand { what, invite, time: event.time, tries: 0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn errand(body: &str) -> Option<(What, String)> {
        let event = JournalEvent { id: EventId(1), time: 7, body: body.to_owned() };
        errand_of(&event).map(|errand| (errand.what, errand.invite.to_string()))
    }

    #[test]
    fn only_steps_of_invitations_are_errands() {
        let of = |kind: &str| errand(&format!(r#""type":"{kind}","inviteID":"i","version":1}}"#));
        assert_eq!(of("invitation.received"), Some((What::Ring, "i".to_owned())));
        for over in ["accepted", "rejected", "cancelled", "timedOut", "silenced"] {
            assert_eq!(of(&format!("invitation.{over}")), Some((What::Changed, "i".to_owned())), "{over}");
        }
        for other in ["invitation.modified", "call.invited", "message.received"] {
            assert_eq!(of(other), None, "{other}");
        }
        assert_eq!(errand("}"), None);
    }
}
