//! Deleting users (docs/decisions/0029).
//!
//! ```text
//!  disabled ─▶ out of calls, invitations and groups ─▶ deleted: the rules say whether ─▶ erased, page by page
//! ```
//!
//! Each step can be taken again, so a request that broke off anywhere is repeated from its beginning.

use wigwag_engine::{Actor, Command, Reply, refusal};
use wigwag_protocol::rest::operations::DeleteUser;
use wigwag_protocol::rest::{Changed, Problem, ProblemReason};
use wigwag_protocol::{Reason, UserId};

use super::asked::Asked;
use super::blocks::changed;
use super::problem::problem_of;
use super::{Answer, Answered, BackEnds};
use crate::clock::wall_ms;
use crate::store::{Admission, Once};

/// Tries to take the last step. Others can still draw a disabled user in, so the rules may refuse it; after so many times they do it on
/// purpose, and the back end is told.
const TRIES: usize = 5;

impl Answer for DeleteUser {
    async fn answer(api: &BackEnds, asked: Asked<Self>) -> Answered<Self> {
        let user = asked.params.user_id;
        api.claim(&user, asked.once).await?;
        let deleted = api.deletes(&user).await?;
        tracing::info!(%user, key = %asked.key.name, "a back end has deleted a user");
        Ok(deleted)
    }
}

impl BackEnds {
    /// Takes an idempotency key before anything is done, so that a key that another request has refuses all of it.
    pub(super) async fn claim(&self, actor: &UserId, once: Option<Once>) -> Result<(), Box<Problem>> {
        let Some(once) = once else { return Ok(()) };
        self.act(actor, Command::MarkTime(wall_ms()), Some(once)).await.map(drop)
    }

    /// Deletes a user; says when they were deleted.
    pub(super) async fn deletes(&self, user: &UserId) -> Result<Changed, Box<Problem>> {
        match self.admission(user).await? {
            None => return Err(Reason::UnknownUser.error().into()),
            Some(Admission::Welcome | Admission::Disabled) => {
                self.act(user, Command::SetDisabled(true), None).await?;
            }
            Some(Admission::Deleted) => {}
        }
        let reply = self.takes_leave(user).await?;
        self.door.erase(user).await.map_err(|refusal| problem_of(&refusal))?;
        changed(&reply)
    }

    /// Whether a user may sign in; `None` for one who is not registered.
    pub(super) async fn admission(&self, user: &UserId) -> Result<Option<Admission>, Box<Problem>> {
        self.door.admission(user).await.map_err(|refusal| problem_of(&refusal))
    }

    /// Refuses for a deleted user, whose name is never given out again.
    pub(super) async fn check_name(&self, user: &UserId) -> Result<(), Box<Problem>> {
        match self.admission(user).await? {
            Some(Admission::Deleted) => Err(Reason::UserDeleted.error().into()),
            Some(Admission::Welcome | Admission::Disabled) | None => Ok(()),
        }
    }

    async fn takes_leave(&self, user: &UserId) -> Result<Reply, Box<Problem>> {
        for _ in 0..TRIES {
            self.door.leave_everything(user).await.map_err(|refusal| problem_of(&refusal))?;
            match self.door.carry_out(Actor::back_end(user.clone()), Command::DeleteUser).await {
                Err(refusal) if *refusal == refusal::Refusal::StillInvolved.into() => {}
                outcome => return outcome.map_err(|refusal| problem_of(&refusal)),
            }
        }
        Err(ProblemReason::StillInvolved.problem())
    }
}
