//! The invitations that a user was told of since a time, for whoever looks after them. They are found in the user's stream, where each
//! begins with an event: nothing is kept for this list alone.

use wigwag_protocol::frame::TO_CLIENT_BYTES;
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
        let mut page = Page::of(which.limit);
        let Some(mut cursor) = self.start_of(user, which).await.map_err(unavailable)? else {
            return Ok(page.ending_at(None));
        };
        for _ in 0..LOOKED_AT / READ {
            let read = self.read_on(user, cursor).await.map_err(unavailable)?;
            for event in read.events.iter().filter(|event| which.after.is_some() || event.time >= which.since)
            {
                if let Some(begun) = event.invitation.as_ref().filter(|mark| mark.version == 1) {
                    self.wanted(&begun.id, which).await?.into_iter().for_each(|one| page.add(one));
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

/// Bytes of the app's own payloads after which a page ends: each invitation, and each answer, may have 16 KiB of them.
const DATA_BYTES: usize = TO_CLIENT_BYTES / 2;

/// A page in the making.
struct Page {
    limit: usize,
    invitations: Vec<InvitationView>,
    invitees: usize,
    data_bytes: usize,
}

impl Page {
    fn of(limit: usize) -> Self {
        Self { limit, invitations: Vec::new(), invitees: 0, data_bytes: 0 }
    }

    fn add(&mut self, invitation: InvitationView) {
        self.invitees += invitation.invitees.len();
        self.data_bytes += data_bytes(&invitation);
        self.invitations.push(invitation);
    }

    fn is_full(&self) -> bool {
        self.invitations.len() >= self.limit || self.invitees >= INVITEES || self.data_bytes >= DATA_BYTES
    }

    fn ending_at(self, next: Option<u64>) -> InvitationHistory {
        InvitationHistory { invitations: self.invitations, next }
    }
}

fn data_bytes(invitation: &InvitationView) -> usize {
    invitation.data.len() + invitation.invitees.iter().map(|invitee| invitee.data.len()).sum::<usize>()
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

    fn page_of(limit: usize, invitations: impl IntoIterator<Item = InvitationView>) -> Page {
        let mut page = Page::of(limit);
        invitations.into_iter().for_each(|one| page.add(one));
        page
    }

    #[test]
    fn a_page_ends_with_its_invitations_or_their_invitees() {
        for (limit, invitees, is_full) in [
            (3, &[1, 1][..], false),
            (3, &[1, 1, 1], true),
            (100, &[1_000, 999], false),
            (100, &[1_000, 999, 1], true),
        ] {
            let page = page_of(limit, invitees.iter().copied().map(with_invitees));
            assert_eq!(page.is_full(), is_full, "{limit}: {invitees:?}");
        }
    }

    #[test]
    fn a_page_ends_with_what_the_app_said_in_its_invitations() {
        let mut long = with_invitees(1);
        long.data = "x".repeat(DATA_BYTES - 2);
        long.invitees[0].data = "y".to_owned();
        assert!(!page_of(1_000, [long.clone()]).is_full());
        let mut last = with_invitees(1);
        last.data = "z".to_owned();
        assert!(page_of(1_000, [long, last]).is_full());
    }
}
