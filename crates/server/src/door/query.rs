//! What can be read, and how it is answered.

use std::sync::Arc;

use wigwag_engine::group::Relation;
use wigwag_engine::{Call, ConversationId, refusal};
use wigwag_protocol::call::CallView;
use wigwag_protocol::group::{GroupView, Member};
use wigwag_protocol::invitation::InvitationView;
use wigwag_protocol::message::ConversationView;
use wigwag_protocol::rest::call::RunningCalls;
use wigwag_protocol::{CallId, GroupId, InviteId, UserId, result};
use wigwag_session::query::{CallRange, WhichCall};
use wigwag_session::refused::Refusal;
use wigwag_session::{Found, Query};

use super::Door;
use crate::store::{
    ConversationRow, Counted, HistoryRange, KnownUser, NamedPage, PageRange, ReaderPage, ReaderRange,
    StoreError,
};

type FoundOrRefusal = Result<Found, Refusal>;

impl Door {
    /// Answers a query with what `user` may see.
    pub async fn answer(&self, user: &UserId, query: Query) -> FoundOrRefusal {
        match query {
            Query::Invitation { id, after } => self.invitation(user, &id, after.as_ref()).await,
            Query::OpenInvitations(range) => {
                let open = self.store.open_invitations(user, range).await.map_err(unavailable)?;
                let now = self.clock.now_ms();
                let invitations = open.invitations.iter().map(|one| one.view_of(user, now)).collect();
                let next = open.next.map(|place| place.to_string());
                Ok(Found::OpenInvitations(result::OpenList { invitations, next }))
            }
            Query::Call(which) => self.call(user, &which).await,
            Query::Calls(range) => self.calls(user, range).await,
            Query::History(range) => self.history(user, range).await,
            Query::Receipts { conversation, seq, after, limit } => {
                self.receipts(user, conversation, seq, (after, limit)).await
            }
            Query::Conversations(page) => self.conversations(user, page).await,
            Query::Members { group, after, limit } => {
                self.enters(user, &group).await?;
                let page = self.members_of(&group, after.as_ref(), limit).await?;
                Ok(Found::Members(page))
            }
            Query::Group(id) => Ok(Found::Group(self.described(user, &id).await?)),
            Query::Attributes(group) => {
                self.enters(user, &group).await?;
                Ok(Found::Attributes(self.attributes_of(&group).await?))
            }
            Query::OnlineCount(group) => {
                self.enters(user, &group).await?;
                Ok(Found::OnlineCount(self.online_count(&group).await?))
            }
            Query::GroupNews { after, limit } => {
                Ok(Found::GroupNews(self.group_news(user, after, limit).await?))
            }
            Query::Groups { after, limit } => {
                let page = self.store.groups_of(user, after.as_ref(), limit).await.map_err(unavailable)?;
                Ok(Found::Groups(groups(page)))
            }
            Query::Profiles(users) => {
                let profiles = self.store.profiles(&users).await.map_err(unavailable)?;
                Ok(Found::Profiles(result::Profiles { profiles, next: None }))
            }
            // Sessions watch elsewhere; who has none is told how they are now.
            Query::Statuses(users) | Query::Watch(users) => {
                Ok(Found::Statuses(self.statuses(user, users.into_iter().collect()).await?))
            }
            Query::Reach => {
                let reach = self.store.reach(user).await.map_err(unavailable)?;
                Ok(Found::Reach(result::OwnReach { reach }))
            }
            Query::Quiet => {
                let quiet = self.store.quiet(user).await.map_err(unavailable)?;
                Ok(Found::Quiet(result::OwnQuiet { quiet }))
            }
            Query::PushSettings => Ok(Found::PushSettings(self.pushes.offer.clone())),
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

    /// How much there is and when it was counted, server time in ms, for whoever may see all of it.
    pub async fn counted(&self) -> Result<(u64, Counted), Refusal> {
        Ok((self.clock.now_ms(), self.store.counted().await.map_err(unavailable)?))
    }

    /// A group as it is, for whoever may see all of them.
    pub async fn whole_group(&self, id: &GroupId) -> Result<GroupView, Refusal> {
        let found = self.store.group(id).await.map_err(unavailable)?;
        found.ok_or_else(|| refusal::Refusal::UnknownGroup.into())
    }

    /// A page of all groups, for whoever looks after all of them.
    pub async fn all_groups(&self, after: Option<&GroupId>, limit: usize) -> Result<result::Groups, Refusal> {
        Ok(groups(self.store.all_groups(after, limit).await.map_err(unavailable)?))
    }

    /// A group's attributes, for whoever may see them.
    pub async fn attributes_of(&self, group: &GroupId) -> Result<result::Attributes, Refusal> {
        let board = self.store.board(group).await.map_err(unavailable)?;
        let (version, counters) = (board.version, board.counters.clone());
        Ok(result::Attributes { version, attributes: board.values(), counters })
    }

    /// A page of a group's members, for whoever may see them.
    pub async fn members_of(
        &self,
        group: &GroupId,
        after: Option<&UserId>,
        limit: usize,
    ) -> Result<result::Members, Refusal> {
        let page = self.store.members(group, after, limit).await.map_err(unavailable)?;
        let next = page.rows.last().filter(|_| !page.complete).map(|last| last.user_id.clone());
        Ok(result::Members { members: page.rows, next })
    }

    /// Those of these users who are members of a group that `user` is in.
    pub(crate) async fn members_named(
        &self,
        user: &UserId,
        group: &GroupId,
        users: &[UserId],
    ) -> Result<Vec<Member>, Refusal> {
        self.enters(user, group).await?;
        self.store.members_named(group, users).await.map_err(unavailable)
    }

    /// An invitation as it is, for whoever may see all of them.
    pub async fn whole_invitation(&self, id: &InviteId) -> Result<InvitationView, Refusal> {
        let found = self.store.invitation(id).await.map_err(unavailable)?;
        let invitation = found.ok_or(refusal::Refusal::UnknownInvitation)?;
        self.with_devices(invitation.view(self.clock.now_ms()), None).await
    }

    /// A call as it is, for whoever may see all of them.
    pub async fn whole_call(&self, id: &CallId) -> Result<Arc<Call>, Refusal> {
        let found = self.store.call(id).await.map_err(unavailable)?;
        found.ok_or_else(|| refusal::Refusal::UnknownCall.into())
    }

    /// A page of the calls that are running, in byte order, for whoever may see all of them.
    pub async fn running_calls(&self, after: Option<&CallId>, limit: usize) -> Result<RunningCalls, Refusal> {
        let page = self.store.running_page(after, limit).await.map_err(unavailable)?;
        let calls = page.rows.iter().map(|call| self.view_of_call(call)).collect();
        let next = page.rows.last().filter(|_| !page.complete).map(|last| last.id().clone());
        Ok(RunningCalls { calls, next })
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
        let relation = self.relation(user, invitation.group()).await?;
        let seen = invitation.seen_by(user, relation);
        let seen = seen.ok_or(refusal::Refusal::UnknownInvitation)?;
        let mut view = seen.view_of(user, self.clock.now_ms());
        if let Some(after) = after {
            leave_out_through(&mut view, after);
        } else if view.inviter == *user {
            view = self.with_devices(view, Some(user)).await?;
        }
        Ok(Found::Invitation(result::Got { invitation: view, next: None }))
    }

    /// As the user may see it; to others it does not exist.
    async fn call(&self, user: &UserId, which: &WhichCall) -> FoundOrRefusal {
        if let WhichCall::OfGroup(group) = which {
            self.enters(user, group).await?;
        }
        let found = self.store.call_found(which).await.map_err(unavailable)?;
        let call = found.ok_or(refusal::Refusal::UnknownCall)?;
        let relation = self.relation(user, call.group()).await?;
        if !call.seen_by(user, relation) {
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
            self.enters(user, id).await?;
        }
        let page = self.history_left(user, range).await.map_err(unavailable)?;
        Ok(Found::History(result::History { messages: page.messages, complete: page.complete }))
    }

    /// Which of those whom the message was for have read it, in byte order, and how many have not. The same for everybody who may ask; its
    /// sender is none of them.
    async fn receipts(
        &self,
        user: &UserId,
        conversation: ConversationId,
        seq: u64,
        page: (Option<UserId>, usize),
    ) -> FoundOrRefusal {
        if let ConversationId::Group(id) = &conversation {
            self.enters(user, id).await?;
        }
        let sender = self.sender(&conversation, seq).await?;
        let (after, limit) = page;
        let range = ReaderRange { conversation, seq, sender, after, limit };
        let ReaderPage { readers, unread, .. } = self.store.readers(range).await.map_err(unavailable)?;
        let next = readers.rows.last().filter(|_| !readers.complete).cloned();
        let unread_count = u32::try_from(unread).unwrap_or(u32::MAX);
        Ok(Found::Receipts(result::Receipts { readers: readers.rows, unread_count, next }))
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

    /// The group, if `user` may read its description as it is when it is read: it may have been closed a moment ago.
    async fn described(&self, user: &UserId, id: &GroupId) -> Result<result::GroupInfo, Refusal> {
        let relation = self.relation(user, Some(id)).await?.ok_or(refusal::Refusal::UnknownGroup)?;
        let group = self.whole_group(id).await?;
        let role = Relation { join_policy: group.join_policy, ..relation }.reads_description()?;
        Ok(result::GroupInfo { group, role })
    }

    /// Refuses unless `user` is in the group.
    async fn enters(&self, user: &UserId, id: &GroupId) -> Result<(), Refusal> {
        let relation = self.store.relation(id, user).await.map_err(unavailable)?;
        relation.ok_or(refusal::Refusal::UnknownGroup)?.role()?;
        Ok(())
    }

    /// What `user` is to a group that was there when something in it began; `None` when it is gone.
    pub(super) async fn relation(
        &self,
        user: &UserId,
        group: Option<&GroupId>,
    ) -> Result<Option<Relation>, Refusal> {
        match group {
            Some(id) => self.store.relation(id, user).await.map_err(unavailable),
            None => Ok(None),
        }
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

fn groups(page: NamedPage<GroupView>) -> result::Groups {
    let next = page.rows.last().filter(|_| !page.complete).map(|last| last.group_id.clone());
    result::Groups { groups: page.rows, next }
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
        pinned: row.pinned,
    }
}

#[expect(clippy::needless_pass_by_value, reason = "the shape map_err asks for")]
pub(super) fn unavailable(error: StoreError) -> Refusal {
    tracing::error!(%error, "a read failed");
    error.failure().into()
}
