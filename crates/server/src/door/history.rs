//! The invitations that a user was told of since a time, for whoever looks after them. They are found in the user's stream, where each
//! begins with an event: nothing is kept for this list alone.

use wigwag_protocol::invitation::{InvitationView, Status};
use wigwag_protocol::rest::invitation::InvitationHistory;
use wigwag_protocol::{GroupId, InviteId, UserId};
use wigwag_session::refused::Refusal;

use super::Door;
use super::query::unavailable;
use super::streams::CLOCKS_MS;
use crate::store::{StoreError, StreamPage};

/// Events of a stream that one page looks at: it is answered in time, however few of them begin an invitation.
pub(super) const LOOKED_AT: usize = 5_000;
/// Events of one read.
pub(super) const READ: usize = 100;
/// Invitees after whom a page ends: a group's invitation may have thousands, each with an answer.
const INVITEES: usize = 2_000;

/// Which invitations.
#[derive(Debug, Clone, Default)]
pub struct HistoryOf {
    /// When the first one began, server time in ms; not looked at with `after`.
    pub since: u64,
    /// The page goes on from this place of the stream.
    pub after: Option<u64>,
    /// Only those of this group.
    pub group: Option<GroupId>,
    /// Only those that are open, or that have ended.
    pub status: Option<Status>,
    /// Most of a page.
    pub limit: usize,
}

impl Door {
    /// A page of them, in the order in which they began. Those that are not kept any more are left out.
    pub async fn invitation_history(
        &self,
        user: &UserId,
        which: &HistoryOf,
    ) -> Result<InvitationHistory, Refusal> {
        let mut page = Page { limit: which.limit, invitations: Vec::new() };
        let Some(mut cursor) = self.start_of(user, which).await.map_err(unavailable)? else {
            return Ok(page.ending_at(None));
        };
        for _ in 0..LOOKED_AT / READ {
            let read = self.read_on(user, cursor).await.map_err(unavailable)?;
            for event in read.events.iter().filter(|event| which.after.is_some() || event.time >= which.since)
            {
                if let Some(begun) = event.invitation.as_ref().filter(|mark| mark.version == 1) {
                    page.invitations.extend(self.wanted(&begun.id, which).await?);
                }
                if page.is_full() {
                    return Ok(page.ending_at(Some(event.cursor)));
                }
            }
            if read.complete {
                return Ok(page.ending_at(None));
            }
            cursor = read.through;
        }
        Ok(page.ending_at(Some(cursor)))
    }

    async fn start_of(&self, user: &UserId, which: &HistoryOf) -> Result<Option<u64>, StoreError> {
        match which.after {
            Some(after) => Ok(Some(after)),
            None => self.place_before(user, which.since.saturating_sub(CLOCKS_MS)).await,
        }
    }

    /// The events behind a place, and behind one that is broken those that follow it.
    pub(super) async fn read_on(&self, user: &UserId, cursor: u64) -> Result<StreamPage, StoreError> {
        match self.events_after(user, cursor, READ).await {
            Err(StoreError::BrokenStream { cursor: broken }) => {
                Ok(StreamPage { events: Vec::new(), through: broken, complete: false })
            }
            page => page,
        }
    }

    async fn wanted(&self, id: &InviteId, which: &HistoryOf) -> Result<Option<InvitationView>, Refusal> {
        let found = self.store.invitation(id).await.map_err(unavailable)?;
        let of_group =
            found.filter(|one| which.group.as_ref().is_none_or(|group| one.group() == Some(group)));
        let view = of_group.map(|one| one.view(self.clock.now_ms()));
        Ok(view.filter(|view| which.status.is_none_or(|status| view.status == status)))
    }
}

struct Page {
    limit: usize,
    invitations: Vec<InvitationView>,
}

impl Page {
    fn is_full(&self) -> bool {
        let invitees: usize = self.invitations.iter().map(|one| one.invitees.len()).sum();
        self.invitations.len() >= self.limit || invitees >= INVITEES
    }

    fn ending_at(self, next: Option<u64>) -> InvitationHistory {
        InvitationHistory { invitations: self.invitations, next }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn with_invitees(number: usize) -> InvitationView {
        let invitees: Vec<_> =
            (0..number).map(|n| json!({"userID": format!("u{n}"), "state": "pending"})).collect();
        serde_json::from_value(json!({"inviteID": "i", "inviter": "alice", "data": "", "timeout": 0, "createdAt": 1, "version": 1,
            "status": "open", "invitees": invitees}))
        .unwrap()
    }

    #[test]
    fn a_page_ends_with_its_invitations_or_their_invitees() {
        let mut page = Page { limit: 3, invitations: vec![with_invitees(1), with_invitees(1)] };
        assert!(!page.is_full());
        page.invitations.push(with_invitees(1));
        assert!(page.is_full());
        let almost = vec![with_invitees(1_000), with_invitees(999)];
        let mut page = Page { limit: 100, invitations: almost };
        assert!(!page.is_full());
        page.invitations.push(with_invitees(1));
        assert!(page.is_full());
    }
}
