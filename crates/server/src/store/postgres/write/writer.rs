//! The one task of a node that writes. It gathers waiting commands into batches and carries each out. It repeats a batch
//! when another node was faster, takes a new connection when the old one breaks, and gives commands up when their clients
//! have stopped waiting.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::{Instant, sleep};

use super::batch::{Batch, BatchContext, BatchOutcome};
use super::doubt::{Doubt, Looked};
use super::guards::Guards;
use super::plan::KnownParties;
use super::waiting::{Unfinished, WaitingCommand, no_longer_than};
use crate::clock::Clock;
use crate::store::deciding::Decided;
use crate::store::outcomes::Outcomes;
use crate::store::postgres::connection::{DatabaseAddress, Trouble, WriterConnection};
use crate::store::{Committed, StoreError, batching};
use crate::telemetry::Metrics;

/// After this time a command is answered with a retryable error: clients are promised an answer within five seconds.
pub(crate) const PATIENCE: Duration = Duration::from_millis(4_500);
/// Minimum time for a batch, even if its oldest command is about to be given up. Otherwise, after an outage, every batch
/// would be aborted because of its oldest command. Answers still come in time.
const LEAST: Duration = Duration::from_millis(400);
/// Pause between two attempts to reach a database that is away.
const RECONNECT: Duration = Duration::from_millis(100);
/// How long one such attempt may take.
const CONNECT: Duration = Duration::from_secs(1);
/// Pause before a batch is repeated because another node has its rows: about the length of a transaction.
const STEP_BACK: Duration = Duration::from_millis(2);

/// A message to the writer.
pub(crate) enum Job {
    Command(WaitingCommand),
    /// Carry out the commands submitted before, and stop.
    Close,
}

/// The task that writes.
pub(crate) struct Writer {
    pub(crate) address: Arc<DatabaseAddress>,
    pub(crate) context: Arc<BatchContext>,
    pub(crate) clock: Clock,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) outcomes: Outcomes,
    pub(crate) out: mpsc::Sender<Vec<Committed>>,
    /// Commands that were submitted and not answered.
    pub(crate) queued: Arc<AtomicUsize>,
    pub(crate) state: WriterState,
}

/// The writer's progress; empty at the start.
#[derive(Default)]
pub(crate) struct WriterState {
    connection: Option<WriterConnection>,
    /// The connection that is being made.
    opening: Option<Unfinished<Result<WriterConnection, String>>>,
    waiting: VecDeque<WaitingCommand>,
    doubt: Option<Doubt>,
    /// The rows that earlier attempts found the current batch to need.
    wanted: Guards,
    memory: KnownParties,
    /// How many of the waiting commands are carried out one by one, because one of them cannot be written.
    singly: usize,
    last_batch: usize,
    closing: bool,
    /// The database could not be reached at the last attempt.
    away: bool,
}

impl Writer {
    pub(crate) async fn run(mut self, mut jobs: mpsc::Receiver<Job>) {
        while self.gather(&mut jobs).await {
            self.step().await;
            self.give_up().await;
        }
    }

    /// Waits for commands. False when the store closes and nothing is left to do.
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
            if let Some(linger) = batching::linger(&self.context.settings, state.last_batch) {
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

    /// Carries out one batch, or one attempt at it.
    async fn step(&mut self) {
        if self.state.doubt.is_some() {
            return self.resolve().await;
        }
        let Some(connection) = self.connection().await else { return };
        let batch = self.next_batch();
        let Some(first) = batch.first() else {
            self.state.connection = Some(connection);
            return;
        };
        let started = Instant::now();
        let until = first.until.max(started + LEAST);
        let transaction = Batch::new(&connection, &self.context, self.clock.now_ms(), until);
        let running = transaction.run(&batch, &mut self.state.wanted, &mut self.state.memory);
        match Box::pin(running).await {
            Ok(BatchOutcome::Done(decided)) => {
                self.state.connection = Some(connection);
                self.state.wanted = Guards::default();
                self.outcomes.carried_out(&decided, started.elapsed());
                self.tell(batch, decided).await;
            }
            Ok(BatchOutcome::InDoubt(receipt, decided)) => {
                let wanted = std::mem::take(&mut self.state.wanted);
                self.state.doubt = Some(Doubt::new(receipt, batch, decided, wanted));
            }
            Err(trouble) => self.trouble(connection, batch, trouble).await,
        }
    }

    /// The current connection, or a new one; `None` when a client has to be answered before it is made. After a failure the
    /// next attempt is made a little later.
    async fn connection(&mut self) -> Option<WriterConnection> {
        if let Some(connection) = self.state.connection.take() {
            return Some(connection);
        }
        let opening = self.state.opening.take();
        let opening =
            opening.unwrap_or_else(|| Box::pin(WriterConnection::open(Arc::clone(&self.address), CONNECT)));
        match no_longer_than(self.first_until(), opening).await {
            Ok(Ok(connection)) => {
                if std::mem::take(&mut self.state.away) {
                    tracing::info!("the database answers again");
                }
                Some(connection)
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

    /// When the first waiting client has to be answered.
    fn first_until(&self) -> Option<Instant> {
        let doubted = self.state.doubt.as_ref().and_then(Doubt::until);
        let waiting = self.state.waiting.front().map(|waiting| waiting.until);
        doubted.into_iter().chain(waiting).min()
    }

    fn next_batch(&mut self) -> Vec<WaitingCommand> {
        let state = &mut self.state;
        let most = if state.singly > 0 { 1 } else { self.context.settings.max_batch };
        state.singly = state.singly.saturating_sub(1);
        let batch: Vec<WaitingCommand> = state.waiting.drain(..most.min(state.waiting.len())).collect();
        state.last_batch = batch.len();
        batch
    }

    async fn trouble(&mut self, connection: WriterConnection, batch: Vec<WaitingCommand>, trouble: Trouble) {
        match trouble {
            Trouble::Again(why) => {
                self.metrics.batch_repeated(why);
                self.put_back(batch);
                self.keep(connection).await;
                sleep(STEP_BACK).await;
            }
            Trouble::Broken(words) => {
                tracing::warn!(error = words, "the connection to the database broke; trying another");
                self.put_back(batch);
            }
            Trouble::Full => {
                self.keep(connection).await;
                self.refuse(batch, &StoreError::Full).await;
            }
            Trouble::Poisoned(words) if batch.len() > 1 => {
                self.outcomes.each_alone(&words);
                self.state.singly = batch.len();
                self.state.wanted = Guards::default();
                self.put_back(batch);
                self.keep(connection).await;
            }
            Trouble::Poisoned(words) => {
                self.keep(connection).await;
                self.refuse(batch, &StoreError::Unavailable(words)).await;
            }
        }
    }

    /// Ends the transaction and keeps the connection; one that cannot do that is dropped.
    async fn keep(&mut self, connection: WriterConnection) {
        if tokio::time::timeout(CONNECT, connection.roll_back()).await.is_ok_and(|ended| ended.is_ok()) {
            self.state.connection = Some(connection);
        }
    }

    fn put_back(&mut self, batch: Vec<WaitingCommand>) {
        for waiting in batch.into_iter().rev() {
            self.state.waiting.push_front(waiting);
        }
    }

    /// Finds out whether a commit whose answer was lost has happened. Returns early when a client has to be answered.
    async fn resolve(&mut self) {
        let Some((connection, looked)) = self.look().await else { return };
        let Some(doubt) = self.state.doubt.take() else { return };
        match looked {
            Ok(true) => {
                tracing::info!("the commit had happened");
                self.state.connection = Some(connection);
                self.tell(doubt.waiting, doubt.decided).await;
            }
            Ok(false) => {
                tracing::info!("the commit had not happened");
                self.state.connection = Some(connection);
                if doubt.given_up {
                    self.queued.fetch_sub(doubt.waiting.len(), Ordering::Relaxed);
                } else {
                    self.put_back(doubt.waiting);
                }
            }
            Err(trouble) => {
                self.state.doubt = Some(doubt);
                if matches!(trouble, Trouble::Again(_)) {
                    self.keep(connection).await;
                }
            }
        }
    }

    async fn look(&mut self) -> Option<Looked> {
        let looking = if let Some(looking) = self.state.doubt.as_mut()?.looking.take() {
            looking
        } else {
            let connection = self.connection().await?;
            self.state.doubt.as_ref()?.look(connection, Arc::clone(&self.context), self.clock.now_ms())
        };
        match no_longer_than(self.first_until(), looking).await {
            Ok(looked) => Some(looked),
            Err(looking) => {
                self.state.doubt.as_mut()?.looking = Some(looking);
                None
            }
        }
    }

    /// Answers the clients that have waited too long, and forgets their commands.
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
                // They stay counted until the doubt is resolved.
                self.queued.fetch_add(late.len(), Ordering::Relaxed);
                self.refuse(late, &away()).await;
            }
            // A server that stops waits for its last batch only as long as clients do.
            if !(self.state.closing && doubt.given_up) {
                self.state.doubt = Some(doubt);
            }
        }
    }

    async fn refuse(&mut self, batch: Vec<WaitingCommand>, error: &StoreError) {
        let decided = if self.state.away {
            self.outcomes.refused_again(batch.len(), error)
        } else {
            self.outcomes.refused(batch.len(), error)
        };
        self.tell(batch, decided).await;
    }

    async fn tell(&mut self, batch: Vec<WaitingCommand>, decided: Vec<Decided>) {
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
