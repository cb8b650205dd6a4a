//! The one task that writes: gathers waiting commands into batches and carries each out, again when somebody was faster,
//! on another connection when the one it had is gone, and not at all when nobody can be waiting any more.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::{Instant, sleep};

use super::batch::{Batch, Ground, Outcome};
use super::doubt::{Doubt, Looked};
use super::guards::Guards;
use super::plan::Memory;
use super::waiting::{Pending, Waiting, no_longer_than};
use crate::clock::Clock;
use crate::store::deciding::Decided;
use crate::store::postgres::connection::{Address, Line, Trouble};
use crate::store::{Committed, StoreError, batching};
use crate::telemetry::Metrics;

/// After this a command is answered with a retryable error. Clients are promised an answer within five seconds.
pub(crate) const PATIENCE: Duration = Duration::from_millis(4_500);
/// What a batch has at the least, even when its first command is about to be given up: or a crowd that waits for a database
/// that comes back would break off every batch for the sake of its first. With it, answers still come in time.
const LEAST: Duration = Duration::from_millis(400);
/// Between two tries to reach a database that is away.
const RECONNECT: Duration = Duration::from_millis(100);
/// How long one such try may take.
const CONNECT: Duration = Duration::from_secs(1);
/// Pause before a batch begins again because others have its rows: about what a transaction takes.
const STEP_BACK: Duration = Duration::from_millis(2);

/// What the writer is asked to do.
pub(crate) enum Job {
    Command(Waiting),
    /// Carry out what came before, and stop.
    Close,
}

pub(crate) struct Writer {
    pub(super) address: Arc<Address>,
    pub(super) ground: Arc<Ground>,
    pub(super) clock: Clock,
    pub(super) metrics: Arc<Metrics>,
    pub(super) out: mpsc::Sender<Vec<Committed>>,
    /// Commands that were submitted and not answered.
    pub(super) queued: Arc<AtomicUsize>,
    state: State,
}

#[derive(Default)]
struct State {
    line: Option<Line>,
    /// A connection that is being made.
    opening: Option<Pending<Result<Line, String>>>,
    waiting: VecDeque<Waiting>,
    doubt: Option<Doubt>,
    /// What the batch at hand is known to need, from the tries before.
    wanted: Guards,
    memory: Memory,
    /// So many of the waiting are carried out one by one, because one of them cannot be written.
    singly: usize,
    last_batch: usize,
    closing: bool,
    /// The database was away at the last try.
    away: bool,
}

impl Writer {
    pub(crate) fn new(
        address: Address,
        ground: Ground,
        (clock, metrics): (Clock, Arc<Metrics>),
        out: mpsc::Sender<Vec<Committed>>,
        queued: Arc<AtomicUsize>,
    ) -> Self {
        let (address, ground) = (Arc::new(address), Arc::new(ground));
        Self { address, ground, clock, metrics, out, queued, state: State::default() }
    }

    pub(crate) async fn run(mut self, mut jobs: mpsc::Receiver<Job>) {
        while self.gather(&mut jobs).await {
            self.step().await;
            self.give_up().await;
        }
    }

    /// Waits for something to do. False when there is nothing left and the store closes.
    async fn gather(&mut self, jobs: &mut mpsc::Receiver<Job>) -> bool {
        let state = &mut self.state;
        if state.waiting.is_empty() && state.doubt.is_none() {
            if state.closing {
                return false;
            }
            match jobs.recv().await {
                Some(Job::Command(waiting)) => state.waiting.push_back(waiting),
                Some(Job::Close) | None => state.closing = true,
            }
            if let Some(linger) = batching::linger(&self.ground.settings, state.last_batch) {
                sleep(linger).await;
            }
        }
        while let Ok(job) = jobs.try_recv() {
            match job {
                Job::Command(waiting) => state.waiting.push_back(waiting),
                Job::Close => state.closing = true,
            }
        }
        true
    }

    /// One batch, or one try at it.
    async fn step(&mut self) {
        if self.state.doubt.is_some() {
            return self.resolve().await;
        }
        let Some(line) = self.line().await else { return };
        let batch = self.next_batch();
        let Some(first) = batch.first() else {
            self.state.line = Some(line);
            return;
        };
        let started = Instant::now();
        let until = first.until.max(started + LEAST);
        let transaction = Batch::new(&line, &self.ground, self.clock.now_ms(), until);
        let running = transaction.run(&batch, &mut self.state.wanted, &mut self.state.memory);
        match Box::pin(running).await {
            Ok(Outcome::Done(decided)) => {
                self.state.line = Some(line);
                self.state.wanted = Guards::default();
                self.metrics.committed(batch.len(), started.elapsed());
                self.tell(batch, decided).await;
            }
            Ok(Outcome::InDoubt(receipt, decided)) => {
                let wanted = std::mem::take(&mut self.state.wanted);
                self.state.doubt = Some(Doubt::new(receipt, batch, decided, wanted));
            }
            Err(trouble) => self.trouble(line, batch, trouble).await,
        }
    }

    /// The connection at hand, or a new one, unless somebody has to be answered first. A database that is away is asked
    /// again a little later.
    async fn line(&mut self) -> Option<Line> {
        if let Some(line) = self.state.line.take() {
            return Some(line);
        }
        let opening = self.state.opening.take();
        let opening = opening.unwrap_or_else(|| Box::pin(Line::open(Arc::clone(&self.address), CONNECT)));
        match no_longer_than(self.first_until(), opening).await {
            Ok(Ok(line)) => {
                if std::mem::take(&mut self.state.away) {
                    tracing::info!("the database answers again");
                }
                Some(line)
            }
            Ok(Err(words)) => {
                self.is_away(&words);
                sleep(RECONNECT).await;
                None
            }
            Err(opening) => {
                self.state.opening = Some(opening);
                None
            }
        }
    }

    fn is_away(&mut self, words: &str) {
        if !std::mem::replace(&mut self.state.away, true) {
            tracing::error!(
                error = words,
                "the database cannot be reached; commands are refused until it can"
            );
            self.metrics.store_failed("unavailable");
        }
    }

    /// When somebody has to be answered.
    fn first_until(&self) -> Option<Instant> {
        let doubted = self.state.doubt.as_ref().and_then(Doubt::until);
        let waiting = self.state.waiting.front().map(|waiting| waiting.until);
        doubted.into_iter().chain(waiting).min()
    }

    fn next_batch(&mut self) -> Vec<Waiting> {
        let state = &mut self.state;
        let most = if state.singly > 0 { 1 } else { self.ground.settings.max_batch };
        state.singly = state.singly.saturating_sub(1);
        let batch: Vec<Waiting> = state.waiting.drain(..most.min(state.waiting.len())).collect();
        state.last_batch = batch.len();
        batch
    }

    async fn trouble(&mut self, line: Line, batch: Vec<Waiting>, trouble: Trouble) {
        match trouble {
            Trouble::Again(why) => {
                self.metrics.batch_repeated(why);
                self.put_back(batch);
                self.keep(line).await;
                sleep(STEP_BACK).await;
            }
            Trouble::Broken(words) => {
                tracing::warn!(error = words, "the connection to the database broke; trying another");
                self.put_back(batch);
            }
            Trouble::Full => {
                self.keep(line).await;
                self.refuse(batch, &StoreError::Full).await;
            }
            Trouble::Poisoned(words) if batch.len() > 1 => {
                batching::log_each_alone(&words);
                self.state.singly = batch.len();
                self.state.wanted = Guards::default();
                self.put_back(batch);
                self.keep(line).await;
            }
            Trouble::Poisoned(words) => {
                self.keep(line).await;
                self.refuse(batch, &StoreError::Unavailable(words)).await;
            }
        }
    }

    /// Ends the transaction; a connection that cannot even do that is dropped.
    async fn keep(&mut self, line: Line) {
        if tokio::time::timeout(CONNECT, line.roll_back()).await.is_ok_and(|ended| ended.is_ok()) {
            self.state.line = Some(line);
        }
    }

    fn put_back(&mut self, batch: Vec<Waiting>) {
        for waiting in batch.into_iter().rev() {
            self.state.waiting.push_front(waiting);
        }
    }

    /// Finds out whether a commit whose answer was lost has happened, unless somebody has to be answered first.
    async fn resolve(&mut self) {
        let Some((line, looked)) = self.look().await else { return };
        let Some(doubt) = self.state.doubt.take() else { return };
        match looked {
            Ok(true) => {
                tracing::info!("the commit had happened");
                self.state.line = Some(line);
                self.tell(doubt.waiting, doubt.decided).await;
            }
            Ok(false) => {
                tracing::info!("the commit had not happened");
                self.state.line = Some(line);
                if doubt.given_up {
                    self.queued.fetch_sub(doubt.waiting.len(), Ordering::Relaxed);
                } else {
                    self.put_back(doubt.waiting);
                }
            }
            Err(trouble) => {
                self.state.doubt = Some(doubt);
                if matches!(trouble, Trouble::Again(_)) {
                    self.keep(line).await;
                }
            }
        }
    }

    async fn look(&mut self) -> Option<Looked> {
        let looking = if let Some(looking) = self.state.doubt.as_mut()?.looking.take() {
            looking
        } else {
            let line = self.line().await?;
            self.state.doubt.as_ref()?.look(line, Arc::clone(&self.ground), self.clock.now_ms())
        };
        match no_longer_than(self.first_until(), looking).await {
            Ok(looked) => Some(looked),
            Err(looking) => {
                self.state.doubt.as_mut()?.looking = Some(looking);
                None
            }
        }
    }

    /// Answers those who have waited too long. A command is kept no longer than its client.
    async fn give_up(&mut self) {
        let now = Instant::now();
        let late = self.state.waiting.iter().take_while(|waiting| waiting.until <= now).count();
        if late > 0 {
            let late = self.state.waiting.drain(..late).collect();
            self.refuse(late, &away()).await;
        }
        if let Some(mut doubt) = self.state.doubt.take() {
            if doubt.until().is_some_and(|until| until <= now) {
                let late = doubt.give_up();
                // They are counted when the doubt is over.
                self.queued.fetch_add(late.len(), Ordering::Relaxed);
                self.refuse(late, &away()).await;
            }
            // A server that stops waits for its last batch as long as clients do, and no longer.
            if !(self.state.closing && doubt.given_up) {
                self.state.doubt = Some(doubt);
            }
        }
    }

    async fn refuse(&mut self, batch: Vec<Waiting>, error: &StoreError) {
        let refused = if self.state.away { batching::refused_again } else { batching::refused };
        let decided = refused(batch.len(), error, &self.metrics);
        self.tell(batch, decided).await;
    }

    async fn tell(&mut self, batch: Vec<Waiting>, decided: Vec<Decided>) {
        self.queued.fetch_sub(batch.len(), Ordering::Relaxed);
        let submissions = batch.into_iter().map(|waiting| waiting.submission);
        let committed = batching::committed(submissions, decided);
        for invitation in committed.iter().flat_map(Committed::invitations_made) {
            self.state.memory.remember(invitation);
        }
        if self.out.send(committed).await.is_err() {
            batching::log_nobody_listens();
        }
    }
}

fn away() -> StoreError {
    StoreError::Unavailable("the database cannot be reached".to_owned())
}
