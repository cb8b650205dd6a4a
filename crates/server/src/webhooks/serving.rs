//! The task of one endpoint: reads the journal, sends, keeps how far it has come.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use futures_util::{StreamExt, stream};
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use super::endpoint::Endpoint;
use super::lanes::{Job, Lanes, first_alone};
use super::pace::{pause, pause_ms};
use super::progress::Progress;
use super::sender::{Outcome, Sender, Trouble};
use super::turn::Serves;
use crate::clock::{Clock, wall_ms};
use crate::store::{EventId, JournalEvent, ListedEvent, Served, SetAside, Store, StoreError};
use crate::telemetry::Metrics;

/// Events of which a round begins with the first half and takes what is of their keys in the other, where an earlier step may stand
/// behind a later one.
const PAGE: usize = 256;
const NEAR: usize = PAGE / 2;
/// Requests to one endpoint at once. Each has a thread while it waits, so 20 endpoints that do not answer have 160.
const AT_ONCE: usize = 8;
/// After this time a round begins no request, so that a slow endpoint is not sent long lanes alone, and its place is kept.
const ROUND: Duration = Duration::from_secs(10);
/// Between two looks when there is nothing to send.
const LOOK_EVERY: Duration = Duration::from_millis(200);
/// Before the next try when the store cannot be read or written.
const STORE_AGAIN: Duration = Duration::from_secs(1);
/// How often the place is written while little happens; twenty endpoints write this often beside the commands. What was sent and not
/// kept when the server is killed is sent again: at most [`PAGE`] before a round and as many in it.
const KEEP_EVERY: Duration = Duration::from_secs(1);
/// Between two looks for what operators want.
const WISHES_EVERY: Duration = Duration::from_secs(1);
/// Between two counts of what waits, which reads the journal's index.
const COUNT_EVERY: Duration = Duration::from_secs(10);

/// An endpoint with what it is served from.
pub(super) struct Serving {
    pub(super) endpoint: Arc<Endpoint>,
    pub(super) sender: Arc<Sender>,
    pub(super) store: Arc<dyn Store>,
    pub(super) clock: Clock,
    pub(super) metrics: Arc<Metrics>,
    /// No request begins any more when it is cancelled.
    pub(super) stop: CancellationToken,
}

/// How far an endpoint is, and how much of that the store knows.
struct Place {
    progress: Progress,
    kept: Served,
    kept_at: Instant,
    /// Events that were done since.
    unkept: usize,
    counted_at: Option<Instant>,
    looked_at: Instant,
}

impl Place {
    fn of(served: Served) -> Self {
        let progress = Progress::of(served.clone());
        let now = Instant::now();
        Self { progress, kept: served, kept_at: now, unkept: 0, counted_at: None, looked_at: now }
    }

    /// Somebody else wrote this. What was done and is not kept yet is forgotten only where the place itself is another.
    fn becomes(&mut self, served: Served) {
        let is_same_place = served.place == self.kept.place && served.aside == self.kept.aside;
        if is_same_place && served.wishes.replayed_at == self.kept.wishes.replayed_at {
            self.progress.hears(served.wishes);
            self.kept = served;
        } else {
            *self = Self::of(served);
        }
    }

    fn is_to_be_kept(&self, served: &Served) -> bool {
        let is_time = self.unkept >= PAGE || self.kept_at.elapsed() >= KEEP_EVERY;
        *served != self.kept && (is_time || served.aside != self.kept.aside)
    }

    fn done(&mut self, event: EventId) {
        self.unkept += 1;
        self.progress.done(event);
    }
}

/// What became of a job.
enum Done {
    Delivered(EventId),
    /// Set aside, after this status or behind another of its key.
    Aside(SetAside),
}

/// What a round came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Round {
    /// There is nothing more to send.
    Idle,
    /// There may be more to send at once.
    More,
    /// Nothing of what was read had to be sent, because it is not wanted or too old; there may be more.
    Skipped,
    /// As many events are remembered as may be: the next ones are sent when the oldest of them have settled.
    Full,
    /// The endpoint does not answer.
    Down(Trouble),
    /// Nothing is to be sent.
    Paused,
}

/// What the lanes of a round know of each other.
struct Going {
    down: AtomicBool,
    /// Something was left for the next round.
    cut: AtomicBool,
    until: Instant,
}

#[async_trait]
impl Serves for Serving {
    async fn run(&self) {
        let Some(mut place) = self.begin().await else { return };
        let mut tries = 0;
        while !self.stop.is_cancelled() {
            match self.round(&mut place, tries > 0).await {
                Ok(round) => {
                    self.show(&mut place, round, tries).await;
                    tries = self.tell(round, tries);
                    self.rest(&mut place, round, tries).await;
                }
                Err(error) => {
                    tracing::debug!(%error, "the journal could not be read for webhooks");
                    self.waits(STORE_AGAIN).await;
                }
            }
        }
        if let Err(error) = self.keep(&mut place, true).await {
            tracing::debug!(%error, "the place of an endpoint of webhooks could not be written; what was sent is sent again");
        }
    }

    fn stop(&self) -> &CancellationToken {
        &self.stop
    }

    /// Another node serves it and shows what waits.
    fn leaves(&self) {
        tracing::debug!(endpoint = self.endpoint.name, "another node serves this endpoint of webhooks");
        self.metrics.webhooks_gone(&self.endpoint.name);
    }
}

impl Serving {
    /// Until the next round, or an operator wants something else.
    async fn rest(&self, place: &mut Place, round: Round, tries: u32) {
        let pause = match round {
            Round::Down(_) => pause(tries),
            Round::Idle | Round::Full => LOOK_EVERY,
            Round::Paused => WISHES_EVERY,
            Round::More | Round::Skipped => Duration::ZERO,
        };
        let until = Instant::now() + pause;
        while !self.stop.is_cancelled() && Instant::now() < until {
            self.waits(until.saturating_duration_since(Instant::now()).min(WISHES_EVERY)).await;
            if self.hears(place).await {
                return;
            }
        }
    }

    /// Begins anew where the store says when somebody else wrote it. Looks once a second.
    async fn hears(&self, place: &mut Place) -> bool {
        if place.looked_at.elapsed() < WISHES_EVERY {
            return false;
        }
        place.looked_at = Instant::now();
        match self.store.served(&self.endpoint.name).await {
            Ok(served) if served.as_ref() != Some(&place.kept) => self.begins_anew(place).await.is_ok(),
            Ok(_) => false,
            Err(error) => {
                tracing::debug!(%error, "the place of an endpoint of webhooks could not be read");
                false
            }
        }
    }

    async fn begins_anew(&self, place: &mut Place) -> Result<(), StoreError> {
        let was_paused = place.progress.is_paused();
        place.becomes(self.find().await?);
        let endpoint = &self.endpoint.name;
        let is_paused = place.progress.is_paused();
        if is_paused && !was_paused {
            tracing::info!(endpoint, "nothing is sent to the endpoint of webhooks until it is resumed");
        } else if was_paused && !is_paused {
            tracing::info!(endpoint, "the endpoint of webhooks is resumed");
        }
        Ok(())
    }

    async fn waits(&self, time: Duration) {
        tokio::select! {
            () = self.stop.cancelled() => {}
            () = sleep(time) => {}
        }
    }

    /// One line when an endpoint goes, one when it is back.
    fn tell(&self, round: Round, tries: u32) -> u32 {
        let endpoint = &self.endpoint.name;
        match (round, tries) {
            // Nothing is known of the endpoint.
            (Round::Skipped, _) => return tries,
            (Round::Down(trouble), 0) => {
                tracing::warn!(
                    endpoint,
                    "the endpoint of webhooks does not answer: {trouble}. Events wait for it for three days"
                );
            }
            (Round::Down(trouble), _) => tracing::debug!(endpoint, tries, "still no answer: {trouble}"),
            (Round::Paused, _) | (Round::Idle | Round::More | Round::Full, 0) => {}
            (Round::Idle | Round::More | Round::Full, _) => {
                tracing::info!(endpoint, "webhooks to the endpoint go on");
            }
        }
        if matches!(round, Round::Down(_)) { tries.saturating_add(1) } else { 0 }
    }

    /// Where it stood; an endpoint that is new begins with what happens from now on.
    async fn begin(&self) -> Option<Place> {
        while !self.stop.is_cancelled() {
            match self.find().await {
                Ok(served) => return Some(Place::of(served)),
                Err(error) => {
                    tracing::debug!(%error, "the place of an endpoint of webhooks could not be read");
                }
            }
            self.waits(STORE_AGAIN).await;
        }
        None
    }

    async fn find(&self) -> Result<Served, StoreError> {
        let name = &self.endpoint.name;
        if let Some(served) = self.store.served(name).await? {
            return Ok(served);
        }
        let served = Served { place: self.store.journal_end().await?, ..Served::default() };
        if self.store.keep_served(name, None, &served).await? {
            return Ok(served);
        }
        // Somebody was faster.
        Ok(self.store.served(name).await?.unwrap_or(served))
    }

    /// Reads, sends, and keeps how far that went. Nothing is sent while too much is not kept.
    async fn round(&self, place: &mut Place, is_probe: bool) -> Result<Round, StoreError> {
        self.keep(place, false).await?;
        self.hears(place).await;
        if place.progress.is_paused() {
            return Ok(Round::Paused);
        }
        let now = self.clock.now_ms();
        self.given_up(place.progress.give_up(now));
        let limit = place.progress.done_beyond() + PAGE;
        let listed = self.store.journal_after(place.progress.place(), limit).await?;
        let mut fresh = place.progress.fresh(&listed);
        let is_full = fresh.len() > place.progress.room();
        fresh.truncate(place.progress.room().min(PAGE));
        let (lanes, read) = self.lanes(place, &fresh, now).await?;
        let is_skipped = lanes.is_empty() && !fresh.is_empty();
        let lanes = if is_probe { first_alone(lanes) } else { lanes };
        let (down, cut) = self.send_all(place, lanes).await;
        let refuses = !place.progress.has_room_aside();
        place.progress.settle(&listed, self.settled(now));
        let round = match down.or(refuses.then_some(Trouble::RefusesTooMuch)) {
            Some(trouble) => Round::Down(trouble),
            None if is_skipped => Round::Skipped,
            None if is_full => Round::Full,
            None if cut || is_probe || fresh.len() > NEAR || read < fresh.len() => Round::More,
            None => Round::Idle,
        };
        // While it is down, the next round is minutes away.
        self.keep(place, matches!(round, Round::Down(_))).await?;
        Ok(round)
    }

    /// Writes the place when it is time to, or at once.
    async fn keep(&self, place: &mut Place, at_once: bool) -> Result<(), StoreError> {
        let served = place.progress.kept();
        if place.is_to_be_kept(&served) || (at_once && served != place.kept) {
            if !self.store.keep_served(&self.endpoint.name, Some(&place.kept), &served).await? {
                return self.begins_anew(place).await;
            }
            (place.kept, place.kept_at, place.unkept) = (served, Instant::now(), 0);
        }
        Ok(())
    }

    /// Before this time no event can appear any more, ms.
    fn settled(&self, now: u64) -> u64 {
        match self.store.journal_settles_ms() {
            0 => u64::MAX,
            settles => now.saturating_sub(settles),
        }
    }

    fn given_up(&self, events: usize) {
        if events > 0 {
            let endpoint = &self.endpoint.name;
            tracing::warn!(endpoint, events, "given up after three days");
            self.metrics.webhooks_done(endpoint, "givenUp", events as u64);
        }
    }

    /// What is to be sent now: what was set aside and is due, and of the fresh events as many as can be read at once. Second, how many
    /// those are.
    async fn lanes(
        &self,
        place: &mut Place,
        fresh: &[EventId],
        now: u64,
    ) -> Result<(Vec<Vec<Job>>, usize), StoreError> {
        let mut lanes = Lanes::default();
        let due = place.progress.due(now);
        let ids: Vec<EventId> = due.iter().map(|aside| aside.event).collect();
        let found = self.store.journal_events(&ids).await?;
        for (aside, event) in due.into_iter().zip(found) {
            match event.as_ref().and_then(|event| self.endpoint.payload(event)) {
                Some(payload) => lanes.add(Job::again(aside, payload), true),
                None => place.done(aside.event),
            }
        }
        let events = self.store.journal_events(fresh).await?;
        let (read, mut old) = (events.len(), 0);
        // Less than was asked for: their bytes ended it, and an earlier step may be in what was not read.
        let near = if read < fresh.len() { read.div_ceil(2) } else { NEAR };
        for (number, (id, event)) in fresh.iter().zip(events).enumerate() {
            match event.and_then(|event| self.first(&event)) {
                None => place.done(*id),
                Some(job) if place.progress.is_given_up(job.time, now) => {
                    old += 1;
                    place.done(*id);
                }
                Some(job) if place.progress.is_blocked(&job.key) => place.progress.set_aside(job.aside(0)),
                Some(job) => lanes.add(job, number < near),
            }
        }
        self.given_up(old);
        Ok((lanes.near(), read))
    }

    /// The first attempt; `None` when nobody wants it.
    fn first(&self, event: &JournalEvent) -> Option<Job> {
        let payload = self.endpoint.payload(event).filter(|payload| self.endpoint.wants(&payload.kind))?;
        let key = payload.key.clone().unwrap_or_else(|| payload.id.clone());
        Some(Job { event: event.id, time: event.time, key, attempts: 0, payload })
    }

    /// Sends lanes beside each other; when the endpoint does not answer, none begins another request. Second, whether something was left
    /// although it answers.
    async fn send_all(&self, place: &mut Place, lanes: Vec<Vec<Job>>) -> (Option<Trouble>, bool) {
        let (down, cut) = (AtomicBool::new(false), AtomicBool::new(false));
        let going = Going { down, cut, until: Instant::now() + ROUND };
        let mut sending = stream::iter(lanes.into_iter().map(|lane| self.send_lane(lane, &going)))
            .buffer_unordered(AT_ONCE);
        let mut down = None;
        while let Some((done, trouble)) = sending.next().await {
            down = down.or(trouble);
            for done in done {
                match done {
                    Done::Delivered(event) => place.done(event),
                    Done::Aside(aside) => place.progress.set_aside(aside),
                }
            }
        }
        drop(sending);
        (down, going.cut.into_inner())
    }

    async fn send_lane(&self, lane: Vec<Job>, going: &Going) -> (Vec<Done>, Option<Trouble>) {
        let (mut done, mut is_blocked) = (Vec::new(), false);
        for job in lane {
            if is_blocked {
                done.push(Done::Aside(job.aside(0)));
                continue;
            }
            if going.down.load(Ordering::Relaxed) || self.stop.is_cancelled() {
                break;
            }
            if Instant::now() >= going.until {
                going.cut.store(true, Ordering::Relaxed);
                break;
            }
            let outcome = Arc::clone(&self.sender).send(job.payload.clone(), wall_ms() / 1_000).await;
            self.metrics.webhooks_done(&self.endpoint.name, outcome.name(), 1);
            match outcome {
                Outcome::Delivered => done.push(Done::Delivered(job.event)),
                Outcome::Refused(status) => {
                    done.push(Done::Aside(self.refused(job, status)));
                    is_blocked = true;
                }
                Outcome::Unanswered(trouble) => {
                    going.down.store(true, Ordering::Relaxed);
                    return (done, Some(trouble));
                }
            }
        }
        (done, None)
    }

    fn refused(&self, job: Job, status: u16) -> SetAside {
        tracing::debug!(endpoint = self.endpoint.name, event = %job.event, status, "an event was refused");
        let attempts = job.attempts.saturating_add(1);
        Job { attempts, ..job }.aside(self.clock.now_ms() + pause_ms(attempts, 0))
    }

    /// Shows what waits: counted every ten seconds, and when the endpoint goes.
    async fn show(&self, place: &mut Place, round: Round, tries: u32) {
        if round == Round::Idle {
            let age = self.age(place.progress.oldest_aside());
            self.metrics.webhooks_wait(&self.endpoint.name, place.progress.aside() as u64, age);
            return;
        }
        let goes = tries == 0 && matches!(round, Round::Down(_));
        if goes || place.counted_at.is_none_or(|at| at.elapsed() >= COUNT_EVERY) {
            place.counted_at = Some(Instant::now());
            self.count(&place.progress).await;
        }
    }

    async fn count(&self, progress: &Progress) {
        let place = progress.place();
        let listed = self.store.journal_after(place, progress.done_beyond() + 1).await;
        let waiting = self.store.journal_waiting(place).await;
        if let (Ok(listed), Ok(waiting)) = (listed, waiting) {
            let fresh = progress.fresh(&listed);
            let first = listed.iter().find(|event: &&ListedEvent| fresh.first() == Some(&event.id));
            let oldest = first.map(|event| event.time).into_iter().chain(progress.oldest_aside()).min();
            let waiting = waiting.saturating_sub(progress.done_beyond() as u64) + progress.aside() as u64;
            self.metrics.webhooks_wait(&self.endpoint.name, waiting, self.age(oldest));
        }
    }

    fn age(&self, time: Option<u64>) -> u64 {
        time.map_or(0, |time| self.clock.now_ms().saturating_sub(time) / 1_000)
    }
}
