//! One transaction: locks and loads what its commands need, decides each in turn, writes, commits.

use std::sync::Arc;

use tokio::time::{Instant, timeout_at};
use uuid::Uuid;
use wigwag_engine::Ledger;

use super::guards::Guards;
use super::insert;
use super::load::{self, How, Rows};
use super::plan::{self, Memory};
use super::rows::Fold;
use super::waiting::Waiting;
use crate::store::deciding::{Decided, Deciding, Desk, Step};
use crate::store::pace::Pace;
use crate::store::postgres::connection::{Line, Statement, Trouble};
use crate::store::shared::NodeId;
use crate::store::{Presence, WriterSettings};

/// What every batch is given.
pub(crate) struct Ground {
    pub(crate) settings: WriterSettings,
    pub(crate) presence: Arc<dyn Presence>,
    pub(crate) node: NodeId,
    /// Of each user.
    pub(crate) user_pace: Pace,
}

/// What became of a batch.
pub(super) enum Outcome {
    /// It is durable, or had nothing to write.
    Done(Vec<Decided>),
    /// The connection broke while the commit was under way. If this event is there, it happened.
    InDoubt(Uuid, Vec<Decided>),
}

/// A transaction in the making.
pub(super) struct Batch<'a> {
    line: &'a Line,
    ground: &'a Ground,
    /// Server time in ms.
    now: u64,
    until: Instant,
    /// What is locked and loaded.
    have: Guards,
}

impl<'a> Batch<'a> {
    /// `now` is server time in ms; nobody waits longer than `until`.
    pub(super) fn new(line: &'a Line, ground: &'a Ground, now: u64, until: Instant) -> Self {
        Self { line, ground, now, until, have: Guards::default() }
    }

    /// Carries the commands out. `wanted` keeps what was learned, for the case that it has to begin again.
    pub(super) async fn run(
        mut self,
        waiting: &[Waiting],
        wanted: &mut Guards,
        memory: &mut Memory,
    ) -> Result<Outcome, Trouble> {
        let until = self.until;
        let (mut ledger, mut rows) = (Ledger::default(), self.rows());
        let deciding = async {
            plan::plan(self.line, waiting, wanted, memory).await?;
            self.load(wanted.clone(), How::Begin, (&mut ledger, &mut rows)).await?;
            let (settings, presence) = (&self.ground.settings, &*self.ground.presence);
            let mut desk = Desk::new((&mut ledger, &mut rows), settings, presence, self.now);
            let mut decided = Vec::with_capacity(waiting.len());
            for waiting in waiting {
                decided.push(self.decide(&mut desk, waiting, wanted).await?);
            }
            Ok(decided)
        };
        let decided = in_time(until, Box::pin(deciding)).await?;
        self.write(decided, &rows).await
    }

    /// Whether an event is there, once nobody can be writing it any more: whoever wrote it held these locks.
    pub(super) async fn was_written(mut self, receipt: Uuid, wanted: &Guards) -> Result<bool, Trouble> {
        let until = self.until;
        let (mut ledger, mut rows) = (Ledger::default(), self.rows());
        let looking = async {
            self.load(wanted.clone(), How::Begin, (&mut ledger, &mut rows)).await?;
            let found = self.line.rows(Statement::IsThere, &[&receipt]).await?;
            self.line.roll_back().await?;
            Ok(!found.is_empty())
        };
        in_time(until, Box::pin(looking)).await
    }

    fn rows(&self) -> Rows {
        Rows::new(self.ground.user_pace, self.ground.settings.group_pace)
    }

    async fn load(
        &mut self,
        wanted: Guards,
        how: How,
        into: (&mut Ledger, &mut Rows),
    ) -> Result<(), Trouble> {
        Box::pin(load::load(self.line, &wanted, how, into)).await?;
        self.have.join(wanted);
        Ok(())
    }

    /// Decides a command, loading what it reads.
    async fn decide(
        &mut self,
        desk: &mut Desk<'_, Rows>,
        waiting: &Waiting,
        wanted: &mut Guards,
    ) -> Result<Decided, Trouble> {
        let mut deciding = Deciding::new(&waiting.submission.request, waiting.came_at);
        loop {
            match desk.step(&mut deciding) {
                Step::Load(keys) => {
                    wanted.extend(keys);
                    let missing = wanted.beyond(&self.have);
                    self.load(missing, How::Try, (&mut *desk.ledger, &mut *desk.paces)).await?;
                }
                Step::Locate(users) => {
                    let online = self.ground.presence.elsewhere(&users).await;
                    desk.located(users.into_iter().zip(online));
                }
                Step::Done(decided) => return Ok(decided),
            }
        }
    }

    async fn write(self, decided: Vec<Decided>, rows: &Rows) -> Result<Outcome, Trouble> {
        let fold = Fold::of(decided.iter().flatten(), rows);
        if fold.is_empty() {
            self.line.roll_back().await?;
            return Ok(Outcome::Done(decided));
        }
        let around = insert::Around {
            now: self.now,
            node: self.ground.node,
            no_deadline_age_ms: self.ground.settings.limits.no_deadline_age_ms,
        };
        let written = in_time(self.until, Box::pin(insert::write(self.line, &fold, around))).await;
        let receipt = fold.receipt();
        match (written, receipt) {
            (Ok(()), _) => Ok(Outcome::Done(decided)),
            (Err(Trouble::Broken(words)), Some(receipt)) => {
                tracing::warn!(
                    error = words,
                    "the connection broke during a commit; looking whether it happened"
                );
                Ok(Outcome::InDoubt(receipt, decided))
            }
            // Without an event nothing is counted up: to do it again is the same.
            (Err(trouble), _) => Err(trouble),
        }
    }
}

/// An engine that does not answer in time is as good as gone.
async fn in_time<T>(until: Instant, work: impl Future<Output = Result<T, Trouble>>) -> Result<T, Trouble> {
    timeout_at(until, work).await.unwrap_or_else(|_| Err(Trouble::Broken("it does not answer".to_owned())))
}
