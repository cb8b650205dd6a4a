//! One transaction: lock and load the rows that its commands need, decide one command after the other, write, commit.

use std::sync::Arc;

use tokio::time::{Instant, timeout_at};
use uuid::Uuid;
use wigwag_engine::Ledger;
use wigwag_session::refused::Refusal;

use super::guards::Guards;
use super::insert;
use super::load::{self, LoadedRows, LockMode};
use super::plan::{self, KnownParties};
use super::rows::NewRows;
use super::waiting::WaitingCommand;
use crate::store::deciding::{Decided, Deciding, Desk, Step};
use crate::store::once::{Kept, Once};
use crate::store::postgres::connection::{Statement, Trouble, WriterConnection, spoilt};
use crate::store::shared::NodeId;
use crate::store::{OnlineUsers, WriterSettings};
use wigwag_session::rates::Pace;

/// What all batches of a writer share.
pub(crate) struct BatchContext {
    pub(crate) settings: WriterSettings,
    pub(crate) presence: Arc<dyn OnlineUsers>,
    pub(crate) node: NodeId,
    /// The rate limit of each user, counted over all nodes.
    pub(crate) user_pace: Pace,
}

/// How a batch ended.
pub(super) enum BatchOutcome {
    /// The batch is durable, or had nothing to write.
    Done(Vec<Decided>),
    /// The connection broke during the commit. The commit happened if this event exists.
    InDoubt(Uuid, Vec<Decided>),
}

/// A transaction in the making.
pub(super) struct Batch<'a> {
    connection: &'a WriterConnection,
    context: &'a BatchContext,
    /// Server time in ms.
    now: u64,
    until: Instant,
    /// The rows that are locked and loaded.
    have: Guards,
}

impl<'a> Batch<'a> {
    /// `now` is server time in ms; nobody waits longer than `until`.
    pub(super) fn new(
        connection: &'a WriterConnection,
        context: &'a BatchContext,
        now: u64,
        until: Instant,
    ) -> Self {
        Self { connection, context, now, until, have: Guards::default() }
    }

    /// Carries the commands out. `wanted` keeps the rows that turned out to be needed, in case the batch has to begin again.
    pub(super) async fn run(
        mut self,
        waiting: &[WaitingCommand],
        wanted: &mut Guards,
        memory: &mut KnownParties,
    ) -> Result<BatchOutcome, Trouble> {
        let until = self.until;
        let (mut ledger, mut rows) = (Ledger::default(), self.rows());
        let deciding = async {
            plan::plan(self.connection, waiting, wanted, memory).await?;
            self.load(wanted.clone(), LockMode::Begin, &mut ledger, &mut rows).await?;
            let (settings, presence) = (&self.context.settings, &*self.context.presence);
            let mut desk = Desk::new(&mut ledger, &mut rows, settings, presence, self.now);
            let mut decided = Vec::with_capacity(waiting.len());
            for waiting in waiting {
                let next = self.decide(&mut desk, waiting, &decided, wanted).await?;
                decided.push(next);
            }
            Ok(decided)
        };
        let decided = in_time(until, Box::pin(deciding)).await?;
        self.write(decided, &rows).await
    }

    /// Whether an event exists. Takes the locks of the transaction that wrote it first, so that this transaction has ended.
    pub(super) async fn was_written(mut self, receipt: Uuid, wanted: &Guards) -> Result<bool, Trouble> {
        let until = self.until;
        let (mut ledger, mut rows) = (Ledger::default(), self.rows());
        let looking = async {
            self.load(wanted.clone(), LockMode::Begin, &mut ledger, &mut rows).await?;
            let found = self.connection.rows(Statement::IsThere, &[&receipt]).await?;
            self.connection.roll_back().await?;
            Ok(!found.is_empty())
        };
        in_time(until, Box::pin(looking)).await
    }

    fn rows(&self) -> LoadedRows {
        LoadedRows::new(self.context.user_pace, self.context.settings.group_pace)
    }

    async fn load(
        &mut self,
        wanted: Guards,
        mode: LockMode,
        ledger: &mut Ledger,
        rows: &mut LoadedRows,
    ) -> Result<(), Trouble> {
        Box::pin(load::load(self.connection, &wanted, mode, ledger, rows)).await?;
        self.have.join(wanted);
        Ok(())
    }

    /// Decides a command, loading what it reads, unless it repeats one whose reply is kept.
    async fn decide(
        &mut self,
        desk: &mut Desk<'_, LoadedRows>,
        waiting: &WaitingCommand,
        before: &[Decided],
        wanted: &mut Guards,
    ) -> Result<Decided, Trouble> {
        if desk.paces.is_displaced(&waiting.submission, self.context.node) {
            return Ok(Err(Box::new(Refusal::Displaced)));
        }
        let Some(once) = &waiting.submission.once else {
            return self.decide_now(desk, waiting, wanted).await;
        };
        let kept = match once.kept_among(before) {
            Some(kept) => Some(kept),
            None => self.kept(once).await?,
        };
        match kept {
            Some(kept) => once.repeated(&kept).map_err(|error| spoilt(&error)),
            None => Ok(once.kept_with(self.decide_now(desk, waiting, wanted).await?)),
        }
    }

    /// The reply that is kept under this key. Nothing is locked: of two nodes that carry the same request out, the second meets
    /// the first one's row when it writes, begins again, and finds it here.
    async fn kept(&self, once: &Once) -> Result<Option<Kept>, Trouble> {
        let rows = self.connection.rows(Statement::KeptReply, &[&&*once.holder, &&*once.key]).await?;
        Ok(rows.first().map(|row| Kept { fingerprint: row.get(0), reply: row.get(1) }))
    }

    async fn decide_now(
        &mut self,
        desk: &mut Desk<'_, LoadedRows>,
        waiting: &WaitingCommand,
        wanted: &mut Guards,
    ) -> Result<Decided, Trouble> {
        let submission = &waiting.submission;
        let mut deciding = Deciding::new(&submission.request, &submission.permission, waiting.came_at);
        loop {
            match desk.step(&mut deciding) {
                Step::Load(keys) => {
                    wanted.extend(keys);
                    let missing = wanted.beyond(&self.have);
                    self.load(missing, LockMode::Try, desk.ledger, desk.paces).await?;
                }
                Step::Locate(users) => {
                    let online = self.context.presence.elsewhere(&users).await;
                    desk.located(users.into_iter().zip(online));
                }
                Step::Done(decided) => return Ok(decided),
            }
        }
    }

    async fn write(self, decided: Vec<Decided>, rows: &LoadedRows) -> Result<BatchOutcome, Trouble> {
        let new_rows = NewRows::of(decided.iter().flatten(), rows);
        if new_rows.is_empty() {
            in_time(self.until, self.connection.roll_back()).await?;
            return Ok(BatchOutcome::Done(decided));
        }
        let context = insert::InsertContext {
            now: self.now,
            node: self.context.node,
            no_deadline_age_ms: self.context.settings.limits.no_deadline_age_ms,
        };
        let written = in_time(self.until, Box::pin(insert::write(self.connection, &new_rows, context))).await;
        let receipt = new_rows.receipt();
        match (written, receipt) {
            (Ok(()), _) => Ok(BatchOutcome::Done(decided)),
            (Err(Trouble::Broken(words)), Some(receipt)) => {
                tracing::warn!(
                    error = words,
                    "the connection broke during a commit; looking whether it happened"
                );
                Ok(BatchOutcome::InDoubt(receipt, decided))
            }
            // A batch without events moves no counter, so it can simply be repeated.
            (Err(trouble), _) => Err(trouble),
        }
    }
}

/// A database that does not answer in time is treated as gone.
async fn in_time<T>(until: Instant, work: impl Future<Output = Result<T, Trouble>>) -> Result<T, Trouble> {
    timeout_at(until, work).await.unwrap_or_else(|_| Err(Trouble::Broken("it does not answer".to_owned())))
}
