//! What can be read, and how it is answered.

use std::collections::HashSet;
use std::sync::Arc;

use wigwag_engine::{Call, ConversationId, Group, refusal};
use wigwag_protocol::call::CallView;
use wigwag_protocol::invitation::InvitationView;
use wigwag_protocol::message::ConversationView;
use wigwag_protocol::{CallId, GroupId, InviteId, UserId, result};
use wigwag_session::query::{CallRange, WhichCall};
use wigwag_session::refused::{Failure, Refusal};
use wigwag_session::{Found, Query};

use super::Door;
use crate::store::{ConversationRow, HistoryRange, KnownUser, NamedPage, PageRange, StoreError};

type FoundOrRefusal = Result<Found, Refusal>;

impl Door {
    /// Answers a query with what `user` may see.
    pub async fn answer(&self, user: &UserId, query: Query) -> FoundOrRefusal {
        match query {
            Query::Invitation { id, after } => self.invitation(user, &id, after.as_ref()).await,
            Query::OpenInvitations(range) => {
                let open = self.store.open_invitations(user, range).await.map_err(unavailable)?;
                let now = self.clock.now_ms();
                let invitations = open.invitations.iter().map(|invitation| invitation.view(now)).collect();
                let next = open.next.map(|place| place.to_string());
                Ok(Found::OpenInvitations(result::OpenList { invitations, next }))
            }
            Query::Call(which) => self.call(user, &which).await,
            Query::Calls(range) => self.calls(user, range).await,
            Query::History(range) => self.history(user, range).await,
            Query::Receipts { conversation, seq, after, limit } => {
                let (readers, unread_count) = self.readers(user, conversation, seq).await?;
                let (readers, next) = page_of(readers, after.as_ref(), limit);
                Ok(Found::Receipts(result::Receipts { readers, unread_count, next }))
            }
            Query::Conversations(page) => self.conversations(user, page).await,
            Query::Members { group, after, limit } => {
                let (members, next) = self.group_of(user, &group).await?.page(after.as_ref(), limit);
                Ok(Found::Members(result::Members { members, next }))
            }
            Query::Group(id) => {
                let group = self.group_of(user, &id).await?.view();
                Ok(Found::Group(result::GroupInfo { group: group.ok_or(Failure::Internal)? }))
            }
            Query::Groups { after, limit } => {
                let page = self.store.groups_of(user, after.as_ref(), limit).await.map_err(unavailable)?;
                let next = page.rows.last().filter(|_| !page.complete).map(|last| last.group_id.clone());
                Ok(Found::Groups(result::Groups { groups: page.rows, next }))
            }
            Query::Profiles(users) => {
                let profiles = self.store.profiles(&users).await.map_err(unavailable)?;
                Ok(Found::Profiles(result::Profiles { profiles, next: None }))
            }
            Query::Reach => {
                let reach = self.store.reach(user).await.map_err(unavailable)?;
                Ok(Found::Reach(result::OwnReach { reach }))
            }
            Query::Blocked { after, limit } => {
                let page = self.store.blocked_by(user, after.as_ref(), limit).await.map_err(unavailable)?;
                let next = page.rows.last().filter(|_| !page.complete).cloned();
                Ok(Found::Blocked(result::Blocked { user_ids: page.rows, next }))
            }
        }
    }

    /// A user, for whoever looks after all of them.
    pub async fn known_user(&self, id: &UserId) -> Result<KnownUser, Refusal> {
        let found = self.store.known_user(id).await.map_err(unavailable)?;
        found.ok_or_else(|| refusal::Refusal::UnknownUser(None).into())
    }

    /// A page of all users, for whoever looks after all of them.
    pub async fn known_users(
        &self,
        after: Option<&UserId>,
        limit: usize,
    ) -> Result<NamedPage<KnownUser>, Refusal> {
        self.store.known_users(after, limit).await.map_err(unavailable)
    }

    /// A group as it is, for whoever may see all of them.
    pub async fn whole_group(&self, id: &GroupId) -> Result<Group, Refusal> {
        let found = self.store.group(id).await.map_err(unavailable)?;
        found.ok_or_else(|| refusal::Refusal::UnknownGroup.into())
    }

    /// An invitation as it is, for whoever may see all of them.
    pub async fn whole_invitation(&self, id: &InviteId) -> Result<InvitationView, Refusal> {
        let found = self.store.invitation(id).await.map_err(unavailable)?;
        let invitation = found.ok_or(refusal::Refusal::UnknownInvitation)?;
        Ok(invitation.view(self.clock.now_ms()))
    }

    /// A call as it is, for whoever may see all of them.
    pub async fn whole_call(&self, id: &CallId) -> Result<Arc<Call>, Refusal> {
        let found = self.store.call(id).await.map_err(unavailable)?;
        found.ok_or_else(|| refusal::Refusal::UnknownCall.into())
    }

    /// A call as the one who began it sees it.
    pub fn view_of_call(&self, call: &Call) -> CallView {
        call.view(&call.caller, self.clock.now_ms())
    }

    /// One conversation of the user's list, which costs no page of it.
    pub(crate) async fn conversation(
        &self,
        user: &UserId,
        conversation: &ConversationId,
    ) -> Result<Option<ConversationView>, Refusal> {
        let row = self.store.conversation(user, conversation).await.map_err(unavailable)?;
        Ok(row.map(|row| view(user, row)))
    }

    /// As the user may see it; to others it does not exist.
    async fn invitation(&self, user: &UserId, id: &InviteId, after: Option<&UserId>) -> FoundOrRefusal {
        let found = self.store.invitation(id).await.map_err(unavailable)?;
        let invitation = found.ok_or(refusal::Refusal::UnknownInvitation)?;
        let group = match invitation.group() {
            Some(id) => self.store.group(id).await.map_err(unavailable)?,
            None => None,
        };
        let seen = invitation.seen_by(user, group.as_ref());
        let mut view = seen.ok_or(refusal::Refusal::UnknownInvitation)?.view(self.clock.now_ms());
        if let Some(after) = after {
            leave_out_through(&mut view, after);
        }
        Ok(Found::Invitation(result::Got { invitation: view, next: None }))
    }

    /// As the user may see it; to others it does not exist.
    async fn call(&self, user: &UserId, which: &WhichCall) -> FoundOrRefusal {
        if let WhichCall::OfGroup(group) = which {
            self.group_of(user, group).await?;
        }
        let found = self.store.call_found(which).await.map_err(unavailable)?;
        let call = found.ok_or(refusal::Refusal::UnknownCall)?;
        let group = match call.group() {
            Some(id) => self.store.group(id).await.map_err(unavailable)?,
            None => None,
        };
        if !call.seen_by(user, group.as_ref()) {
            return Err(refusal::Refusal::UnknownCall.into());
        }
        Ok(Found::Call(Box::new(result::GotCall { call: call.view(user, self.clock.now_ms()) })))
    }

    async fn calls(&self, user: &UserId, range: CallRange) -> FoundOrRefusal {
        let page = self.store.calls_of(user, range).await.map_err(unavailable)?;
        let seen_up_to = self.store.calls_seen(user).await.map_err(unavailable)?;
        let now = self.clock.now_ms();
        let calls = page.calls.iter().map(|call| call.view(user, now)).collect();
        let next = page.next.map(|place| place.to_string());
        Ok(Found::Calls(result::Calls { calls, seen_up_to, next }))
    }

    async fn history(&self, user: &UserId, range: HistoryRange) -> FoundOrRefusal {
        if let ConversationId::Group(id) = &range.conversation {
            self.group_of(user, id).await?;
        }
        let page = self.store.history(range).await.map_err(unavailable)?;
        Ok(Found::History(result::History { messages: page.messages, complete: page.complete }))
    }

    /// Which of those whom the message was for have read it, in byte order, and how many have not. The same for everybody who may ask; its
    /// sender is none of them.
    async fn readers(
        &self,
        user: &UserId,
        conversation: ConversationId,
        seq: u64,
    ) -> Result<(Vec<UserId>, u32), Refusal> {
        let people: Vec<UserId> = match &conversation {
            ConversationId::OneToOne(one, other) => vec![one.clone(), other.clone()],
            ConversationId::Group(id) => {
                let group = self.group_of(user, id).await?;
                group.members.into_keys().collect()
            }
        };
        let sender = self.sender(&conversation, seq).await?;
        let read = self.store.readers(&conversation, seq).await.map_err(unavailable)?;
        let read: HashSet<UserId> = read.into_iter().collect();
        let (readers, unread): (Vec<UserId>, Vec<UserId>) =
            people.into_iter().filter(|one| *one != sender).partition(|one| read.contains(one));
        Ok((readers, u32::try_from(unread.len()).unwrap_or(u32::MAX)))
    }

    async fn sender(&self, conversation: &ConversationId, seq: u64) -> Result<UserId, Refusal> {
        let range = HistoryRange {
            conversation: conversation.clone(),
            from_seq: Some(seq),
            direction: wigwag_protocol::params::Direction::Newer,
            limit: 1,
        };
        let page = self.store.history(range).await.map_err(unavailable)?;
        let message = page.messages.into_iter().next().filter(|message| message.seq == Some(seq));
        message.map(|message| message.sender).ok_or(refusal::Refusal::UnknownMessage.into())
    }

    async fn conversations(&self, user: &UserId, page: PageRange) -> FoundOrRefusal {
        let page = self.store.conversations(user, page).await.map_err(unavailable)?;
        let conversations = page.rows.into_iter().map(|row| view(user, row)).collect();
        Ok(Found::Conversations(result::Conversations {
            conversations,
            total_unread: page.total_unread,
            next: page.next.map(|place| place.to_string()),
        }))
    }

    /// The group, if `user` is in it.
    async fn group_of(&self, user: &UserId, id: &GroupId) -> Result<Group, Refusal> {
        let group = self.store.group(id).await.map_err(unavailable)?.ok_or(refusal::Refusal::UnknownGroup)?;
        group.role(user)?;
        Ok(group)
    }
}

/// Leaves out the answers that the page before had: those up to this invitee's, and none when they are no invitee.
fn leave_out_through(view: &mut InvitationView, last: &UserId) {
    let Some(place) = view.invitees.iter().position(|invitee| invitee.user_id == *last) else { return };
    for invitee in view.invitees.iter_mut().take(place + 1) {
        (invitee.device, invitee.data) = (None, String::new());
    }
    view.answers_left_out = true;
}

/// At most `limit` of these names after `after`, and the last of them when others follow.
fn page_of(names: Vec<UserId>, after: Option<&UserId>, limit: usize) -> (Vec<UserId>, Option<UserId>) {
    let rest = names.into_iter().filter(|name| after.is_none_or(|after| name > after));
    let page = NamedPage::of(rest.take(limit + 1).collect(), limit);
    let next = page.rows.last().filter(|_| !page.complete).cloned();
    (page.rows, next)
}

fn view(user: &UserId, row: ConversationRow) -> ConversationView {
    let group_id = match &row.conversation {
        ConversationId::Group(group) => Some(group.clone()),
        ConversationId::OneToOne(..) => None,
    };
    ConversationView {
        user_id: row.conversation.other(user).cloned(),
        group_id,
        conversation: row.conversation.to_string(),
        last_message: row.last_message,
        last_seq: row.last_seq,
        read_seq: row.read_seq,
        peer_read_seq: row.peer_read_seq,
        unread: row.unread,
    }
}

#[expect(clippy::needless_pass_by_value, reason = "the shape map_err asks for")]
fn unavailable(error: StoreError) -> Refusal {
    tracing::error!(%error, "a read failed");
    error.failure().into()
}
