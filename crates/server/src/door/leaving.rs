//! What a back end has to do for a user who is being deleted (docs/decisions/0029): out of everything that they share with others, by
//! ordinary commands, a page at a time; and the erasing of what is theirs.

use wigwag_engine::command::CallRef;
use wigwag_engine::{Actor, Command, refusal};
use wigwag_protocol::{CallId, GroupId, InviteId, UserId};
use wigwag_session::refused::Refusal;

use super::Door;
use super::query::unavailable;
use crate::store::Admission;

/// Groups and invitations that are read at once.
const PAGE: usize = 100;

/// What still binds a user to others: a page of it.
struct Ties {
    call: Option<CallId>,
    invitations: Vec<InviteId>,
    groups: Vec<GroupId>,
}

impl Ties {
    fn is_empty(&self) -> bool {
        self.call.is_none() && self.invitations.is_empty() && self.groups.is_empty()
    }

    /// Calls and invitations first, so that others hear of them as of any hanging up and taking back.
    fn steps(self) -> impl Iterator<Item = Command> {
        let call = self.call.into_iter().map(|call| Command::HangUp(CallRef::Call(call)));
        let invitations = self.invitations.into_iter().map(Command::Withdraw);
        call.chain(invitations).chain(self.groups.into_iter().map(Command::PartWith))
    }
}

impl Door {
    /// Whether a user may sign in; `None` for one who is not registered.
    pub async fn admission(&self, user: &UserId) -> Result<Option<Admission>, Refusal> {
        let bounds = self.store.stream_bounds(user).await.map_err(unavailable)?;
        Ok(bounds.map(|bounds| bounds.admission))
    }

    /// Takes a user out of the call, the invitations and the groups that they are in, each by one command and one after the other, so that
    /// others are carried out between them. Ends when a look finds nothing that they can leave; the rules say whether that is all.
    pub async fn leave_everything(&self, user: &UserId) -> Result<(), Refusal> {
        loop {
            let ties = self.ties(user).await?;
            if ties.is_empty() {
                return Ok(());
            }
            let mut has_left = false;
            for step in ties.steps() {
                match self.carry_out(Actor::back_end(user.clone()), step).await {
                    Ok(_) => has_left = true,
                    Err(refusal) if is_overtaken(&refusal) => {}
                    Err(refusal) => return Err(*refusal),
                }
            }
            if !has_left {
                return Ok(());
            }
        }
    }

    /// Erases what is kept for a deleted user alone, a page at a time.
    pub async fn erase(&self, user: &UserId) -> Result<(), Refusal> {
        while self.store.erase(user).await.map_err(unavailable)? {}
        Ok(())
    }

    async fn ties(&self, user: &UserId) -> Result<Ties, Refusal> {
        let call = self.store.call_with(user).await.map_err(unavailable)?;
        let invitations = self.store.open_invitations_of(user, PAGE).await.map_err(unavailable)?;
        let groups = self.store.groups_of(user, None, PAGE).await.map_err(unavailable)?;
        let groups = groups.rows.into_iter().map(|group| group.group_id).collect();
        Ok(Ties { call, invitations, groups })
    }
}

/// Somebody else was faster, or an earlier step has ended it: the next look does not find it any more.
fn is_overtaken(refusal: &Refusal) -> bool {
    use refusal::Refusal as Rule;
    matches!(
        refusal,
        Refusal::Rules(
            Rule::UnknownCall
                | Rule::NotInCall
                | Rule::CallEnded
                | Rule::UnknownInvitation
                | Rule::Settled(_)
                | Rule::TimedOut(_)
                | Rule::Cancelled(_)
                | Rule::UnknownGroup
                | Rule::NotMember
                | Rule::NotAllowed
                | Rule::OwnerMayNotQuit
                | Rule::UserDeleted
        )
    )
}
