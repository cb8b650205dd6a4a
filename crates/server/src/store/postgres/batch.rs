//! One transaction: locks and loads what its commands need, decides each in turn, writes, commits.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use tokio::time::{Instant, timeout_at};
use uuid::Uuid;
use wigwag_engine::{Command, Decision, Ledger, Request, Stop, Surroundings, decide};
use wigwag_protocol::{ErrorBody, GroupId, Reason, UserId};

use super::fold::Fold;
use super::line::{Line, Trouble};
use super::load::{self, How, Rows};
use super::plan::{self, Memory};
use super::statements::Statement;
use super::waiting::Waiting;
use super::wanted::Wanted;
use super::write;
use crate::store::pace::Pace;
use crate::store::shared::NodeId;
use crate::store::{FreshIds, Presence, WriterSettings, paced_group};

/// A decision asks for what it misses; more rounds than this means that it never gets it.
const MOST_ROUNDS: usize = 64;

/// What a command came to.
pub(super) type Decided = Result<Decision, Box<ErrorBody>>;

/// What every batch is given.
pub(super) struct Ground {
    pub(super) settings: WriterSettings,
    pub(super) presence: Arc<dyn Presence>,
    pub(super) node: NodeId,
    /// Of each user.
    pub(super) user_pace: Pace,
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
    now: u64,
    until: Instant,
    ledger: Ledger,
    rows: Rows,
    have: Wanted,
    elsewhere: HashMap<UserId, bool>,
    paced_users: BTreeSet<UserId>,
    paced_groups: BTreeSet<GroupId>,
}

impl<'a> Batch<'a> {
    /// `now` is server time in ms; nobody waits longer than `until`.
    pub(super) fn new(line: &'a Line, ground: &'a Ground, now: u64, until: Instant) -> Self {
        Self {
            line,
            until,
            ground,
            now,
            ledger: Ledger::default(),
            rows: Rows::default(),
            have: Wanted::default(),
            elsewhere: HashMap::new(),
            paced_users: BTreeSet::new(),
            paced_groups: BTreeSet::new(),
        }
    }

    /// Carries the commands out. `wanted` keeps what was learned, for the case that it has to begin again.
    pub(super) async fn run(
        mut self,
        waiting: &[Waiting],
        wanted: &mut Wanted,
        memory: &mut Memory,
    ) -> Result<Outcome, Trouble> {
        let until = self.until;
        let deciding = async {
            plan::plan(self.line, waiting, wanted, memory).await?;
            self.load(wanted.clone(), How::Begin).await?;
            let mut decided = Vec::with_capacity(waiting.len());
            for waiting in waiting {
                decided.push(self.decide(waiting, wanted).await?);
            }
            Ok(decided)
        };
        let decided = in_time(until, Box::pin(deciding)).await?;
        self.write(decided).await
    }

    /// Whether an event is there, once nobody can be writing it any more: whoever wrote it held these locks.
    pub(super) async fn was_written(mut self, receipt: Uuid, wanted: &Wanted) -> Result<bool, Trouble> {
        let until = self.until;
        let looking = async {
            self.load(wanted.clone(), How::Begin).await?;
            let found = self.line.rows(Statement::IsThere, &[&receipt]).await?;
            self.line.roll_back().await?;
            Ok(!found.is_empty())
        };
        in_time(until, Box::pin(looking)).await
    }

    async fn load(&mut self, wanted: Wanted, how: How) -> Result<(), Trouble> {
        let into = (&mut self.ledger, &mut self.rows);
        Box::pin(load::load(self.line, &wanted, how, into)).await?;
        self.have.join(wanted);
        Ok(())
    }

    /// Decides, loading what the decision misses, and makes it true for the commands after it.
    async fn decide(&mut self, waiting: &Waiting, wanted: &mut Wanted) -> Result<Decided, Trouble> {
        let request = &waiting.submission.request;
        if let Err(error) = self.pace_user(waiting) {
            return Ok(Err(Box::new(error)));
        }
        for _ in 0..MOST_ROUNDS {
            let (decided, unknown) = self.attempt(request);
            if !unknown.is_empty() {
                let online = self.ground.presence.elsewhere(&unknown).await;
                self.elsewhere.extend(unknown.into_iter().zip(online));
                continue;
            }
            match decided {
                Some(Ok(decision)) => {
                    if let Err(error) = self.pace_group(waiting, &decision) {
                        return Ok(Err(Box::new(error)));
                    }
                    self.ledger.apply(&decision);
                    return Ok(Ok(decision));
                }
                Some(Err(Stop::Refused(error))) => return Ok(Err(error)),
                Some(Err(Stop::Missing(keys))) => {
                    for key in keys {
                        wanted.add(key);
                    }
                    let missing = wanted.beyond(&self.have);
                    if missing.is_empty() {
                        break;
                    }
                    self.load(missing, How::Try).await?;
                }
                None => break,
            }
        }
        tracing::error!(request = request.kind(), "a request could not be decided");
        Ok(Err(Box::new(Reason::Internal.error())))
    }

    /// One try, and the users of whom it is not known yet whether they are online. `None`: the rules panicked; they only
    /// read, so the ledger is as it was.
    fn attempt(&self, request: &Request) -> (Option<Result<Decision, Stop>>, Vec<UserId>) {
        let unknown = RefCell::new(Vec::new());
        let online = |user: &UserId| {
            self.ground.presence.here(user)
                || self.elsewhere.get(user).copied().unwrap_or_else(|| {
                    unknown.borrow_mut().push(user.clone());
                    false
                })
        };
        let around = Surroundings { now: self.now, limits: &self.ground.settings.limits, online: &online };
        let decided =
            catch_unwind(AssertUnwindSafe(|| decide(&self.ledger, request, &around, &mut FreshIds))).ok();
        (decided, unknown.into_inner())
    }

    /// Refuses what comes too fast, counted over all nodes. Users who are not there have no pace to keep.
    fn pace_user(&mut self, waiting: &Waiting) -> Result<(), ErrorBody> {
        let request = &waiting.submission.request;
        let (actor, command) = match request {
            Request::By(actor, command) => (&actor.user, command),
            Request::Due(_) => return Ok(()),
        };
        if matches!(command, Command::Register) {
            return Ok(());
        }
        let came_at = waiting.came_at.saturating_mul(1_000);
        if let Some(until) = self.rows.user_paces.get_mut(actor) {
            let admitted = self.ground.user_pace.admit(*until, came_at);
            *until = admitted.map_err(|wait| Reason::RateLimited.after(wait))?;
            self.paced_users.insert(actor.clone());
        }
        Ok(())
    }

    /// The same for what is said in groups.
    fn pace_group(&mut self, waiting: &Waiting, decision: &Decision) -> Result<(), ErrorBody> {
        let Some(group) = paced_group(&waiting.submission.request, decision) else { return Ok(()) };
        let Some(until) = self.rows.group_paces.get_mut(group) else { return Ok(()) };
        let admitted = self.ground.settings.group_pace.admit(*until, waiting.came_at.saturating_mul(1_000));
        *until = admitted.map_err(|wait| Reason::GroupRateLimited.after(wait))?;
        self.paced_groups.insert(group.clone());
        Ok(())
    }

    async fn write(self, decided: Vec<Decided>) -> Result<Outcome, Trouble> {
        let mut fold = Fold::of(decided.iter().flatten(), &self.rows);
        for user in &self.paced_users {
            fold.pace(user, self.rows.user_paces.get(user).copied().unwrap_or(0));
        }
        let pace = |group: &GroupId| (group.clone(), self.rows.group_paces.get(group).copied().unwrap_or(0));
        let paces: Vec<(GroupId, u64)> = self.paced_groups.iter().map(pace).collect();
        if fold.is_empty() && paces.is_empty() {
            self.line.roll_back().await?;
            return Ok(Outcome::Done(decided));
        }
        let around = write::Around {
            now: self.now,
            node: self.ground.node,
            no_deadline_age_ms: self.ground.settings.limits.no_deadline_age_ms,
        };
        let written = in_time(self.until, Box::pin(write::write(self.line, &fold, &paces, around))).await;
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
