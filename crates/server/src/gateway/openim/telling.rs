//! The events of a user's stream, in OpenIM's words.

use std::borrow::Cow;
use std::sync::Arc;

use tokio::time::{Instant, timeout_at};
use wigwag_protocol::call::{CallView, LeaveReason, PersonState};
use wigwag_protocol::event::{
    CallHungUp, GroupMembersAdded, GroupMembersRemoved, GroupRoleChanged, InvitationAnswered,
    InvitationClosed, InvitationReceived, InvitationSilenced, MessageRead, MessageReceived, MessageRevoked,
};
use wigwag_protocol::group::{GroupView, JoinPolicy, Profile};
use wigwag_protocol::invitation::{Invitee, InviteeState};
use wigwag_protocol::{CallId, Device, Event, GroupId, InviteId, UserId};
use wigwag_session::Viewer;
use wigwag_session::codec::openim::Dialect;
use wigwag_session::codec::openim::call::{CustomSignal, InRoom, Ring, Told};
use wigwag_session::codec::openim::event::Name;
use wigwag_session::codec::openim::followed::FollowedCalls;
use wigwag_session::codec::openim::frame::{self, json};
use wigwag_session::codec::openim::people::{Blocked, Group, GroupMember, User};

use super::chat::ChatNews;
use super::driver::{Open, Speaker};
use super::lookup::{Looked, Lookup, in_room, seen};
use crate::door::Door;
use crate::gateway::ahead::ANSWERED_WITHIN;

/// An invitation without a deadline does not ring at a sign-in that is later than this, ms.
const LASTING_RINGS_MS: u64 = 60_000;

/// How often an event is looked up: the store may have come back after the first time.
const TRIES: usize = 2;

/// Says in OpenIM's words what has happened.
pub(super) struct Teller {
    lookup: Lookup,
    me: Speaker,
    open: Open,
    followed: FollowedCalls,
}

impl Teller {
    /// `open` is what was open when the session began without a place to go on from.
    pub(super) fn new(door: &Arc<Door>, me: Speaker, open: Open) -> Self {
        let followed = FollowedCalls::of(&me.user);
        Self { lookup: Lookup::new(door, &me.user), me, open, followed }
    }

    /// What this connection looks up by.
    pub(super) fn lookup(&self) -> &Lookup {
        &self.lookup
    }

    /// The calls that what was told so far is about.
    pub(super) fn followed(&self) -> &FollowedCalls {
        &self.followed
    }

    /// What rings at the sign-in.
    pub(super) async fn rings_at_start(&mut self, now: u64) -> Vec<String> {
        let mut frames = Vec::new();
        for view in std::mem::take(&mut self.open) {
            let is_pending =
                |invitee: &Invitee| invitee.user_id == self.me.user && invitee.state == InviteeState::Pending;
            let is_late = view.timeout == 0 && now.saturating_sub(view.created_at) > LASTING_RINGS_MS;
            // Its clients know no ring without a sound.
            if view.invitees.iter().any(is_pending)
                && !is_late
                && !view.quiet
                && let Some(ring) = Ring::seen(&view)
            {
                frames.push(self.ring(&ring.with_remaining(view.remaining_ms)).await);
            }
        }
        frames
    }

    /// The frames for an event; `None` while the store is away, which requests that wait for this are kept for until `until`. `is_own`:
    /// this connection did it.
    pub(super) async fn tell(
        &mut self,
        viewer: &Viewer,
        event: &Event,
        is_own: bool,
        until: Instant,
    ) -> Option<Vec<String>> {
        let frames = timeout_at(until, self.frames_or_nothing(viewer, event, is_own)).await;
        self.followed.heard(event, viewer.time);
        frames.ok().flatten()
    }

    /// What cannot be looked up although the store answers will not be readable on the next connection either. It is passed over, or the
    /// device could never get beyond it.
    async fn frames_or_nothing(&self, viewer: &Viewer, event: &Event, is_own: bool) -> Option<Vec<String>> {
        for _ in 0..TRIES {
            if let Ok(frames) = self.frames(viewer, event, is_own).await {
                return Some(frames);
            }
            if !self.lookup.is_answered(ANSWERED_WITHIN).await {
                return None;
            }
        }
        let (user, cursor) = (&self.me.user, viewer.cursor);
        tracing::error!(%user, cursor, "an event is passed over for OpenIM's client: what it tells of cannot be read");
        Some(Vec::new())
    }

    /// Refused only when the server failed to look something up. What the user may no longer see is left out.
    async fn frames(&self, viewer: &Viewer, event: &Event, is_own: bool) -> Looked<Vec<String>> {
        match event {
            Event::InvitationReceived(event) => self.received(viewer, event).await,
            Event::InvitationAccepted(event) if !is_own => {
                self.answered(event, Name::OnInviteeAccepted, Name::OnInviteeAcceptedByOtherDevice).await
            }
            Event::InvitationRejected(event) if !is_own => {
                self.answered(event, Name::OnInviteeRejected, Name::OnInviteeRejectedByOtherDevice).await
            }
            Event::InvitationSilenced(event) => self.silenced(event).await,
            Event::InvitationCancelled(event) => self.cancelled(event).await,
            Event::InvitationTimedOut(event) => self.timed_out(event).await,
            Event::CallJoined(event) => self.room_changed(&event.call_id, event.group_id.as_ref()).await,
            Event::CallHungUp(event) => self.hung_up(event, is_own).await,
            Event::CallDeclined(event) if event.end_reason.is_some() => {
                Ok(self.emptied(&event.call_id, event.group_id.as_ref()).await?.into_iter().collect())
            }
            Event::CallEnded(event) => self.ended(&event.call_id, event.group_id.as_ref()).await,
            Event::CallSignalled(event) => Ok(self.signalled(event.room_id.as_str(), &event.data)),
            Event::MessageReceived(event) => self.message(event, is_own).await,
            Event::MessageRevoked(event) => self.revoked(viewer, event).await,
            Event::MessageRead(event) => self.read(viewer, event).await,
            Event::ConversationPinned(event) => self.chat().pinned(event).await,
            Event::ConversationDeleted(_) => self.chat().deleted().await,
            Event::GroupMembersAdded(event) => self.members_added(event).await,
            Event::GroupMembersRemoved(event) => self.members_removed(event).await,
            Event::GroupDismissed(event) => Ok(self.dismissed(&event.group_id, &event.by)),
            Event::GroupInfoChanged(event) => self.group_changed(&event.group_id).await,
            Event::GroupRoleChanged(event) => self.role_changed(event).await,
            Event::ProfileChanged(event) => {
                Ok(vec![told(Name::OnSelfInfoUpdated, &User::from(&event.profile))])
            }
            Event::Blocked(event) => self.black(Name::OnBlackAdded, &event.user_id).await,
            Event::Unblocked(event) => self.black(Name::OnBlackDeleted, &event.user_id).await,
            // OpenIM has no event for these, or this connection's reply has said it.
            Event::InvitationAccepted(_)
            | Event::InvitationRejected(_)
            | Event::InvitationModified(_)
            | Event::InvitationProgress(_)
            | Event::CallInvited(_)
            | Event::CallDeclined(_)
            | Event::CallsSeen(_)
            | Event::AttributesChanged(_)
            | Event::GroupNotice(_)
            | Event::QuietChanged(_)
            | Event::StatusChanged(_)
            | Event::ReachChanged(_) => Ok(Vec::new()),
        }
    }

    fn is_me(&self, user: &UserId) -> bool {
        *user == self.me.user
    }

    fn dialect(&self) -> Dialect {
        self.me.dialect
    }

    fn is_this_device(&self, device: Option<&Device>) -> bool {
        device.is_some_and(|device| device.device_id == self.me.device.device_id)
    }

    fn chat(&self) -> ChatNews<'_> {
        ChatNews { lookup: &self.lookup, me: &self.me }
    }
}

/// Invitations.
impl Teller {
    async fn ring(&self, ring: &Ring) -> String {
        let inviter = self.lookup.person(&ring.inviter, ring.group.as_ref()).await;
        let content = Told::of(self.dialect(), &ring.inviter, ring).by(self.dialect(), &inviter);
        told(Name::OnReceiveNewInvitation, &content)
    }

    /// An invitation that is a call: as it was told, or looked up.
    async fn ring_named(&self, id: &InviteId) -> Looked<Option<Cow<'_, Ring>>> {
        match self.followed.invitation(id) {
            Some(ring) => Ok(Some(Cow::Borrowed(ring))),
            None => Ok(self.lookup.ring(id).await?.map(Cow::Owned)),
        }
    }

    /// It rings for invitees alone, and not for one who is quiet: its clients know no ring without a sound. All members of a group learn
    /// that its call has begun.
    async fn received(&self, viewer: &Viewer, event: &InvitationReceived) -> Looked<Vec<String>> {
        let Some(ring) = Ring::told(event, viewer.time) else { return Ok(Vec::new()) };
        let mut frames = Vec::new();
        let rings = event.invitee_list.contains(&self.me.user) && !event.busy.contains(&self.me.user);
        if rings && !viewer.is_quiet && !self.is_me(&event.inviter) {
            frames.push(self.ring(&ring.clone().with_remaining(viewer.remaining_ms)).await);
        }
        if ring.opens_its_call()
            && let Some(call) = &ring.call
        {
            frames.extend(self.room_changed(call, ring.group.as_ref()).await?);
        }
        Ok(frames)
    }

    async fn answered(
        &self,
        event: &InvitationAnswered,
        to_inviter: Name,
        elsewhere: Name,
    ) -> Looked<Vec<String>> {
        let Some(ring) = self.ring_named(&event.invite_id).await? else { return Ok(Vec::new()) };
        if self.is_me(&event.invitee) && event.reason.is_some() {
            // Whoever leaves the group before they answer rings no more.
            return Ok(vec![told(
                Name::OnInvitationCancelled,
                &Told::of(self.dialect(), &ring.inviter, &ring),
            )]);
        }
        let name = if self.is_me(&event.inviter) {
            to_inviter
        } else if self.is_me(&event.invitee) && !self.is_this_device(event.device.as_ref()) {
            elsewhere
        } else {
            return Ok(Vec::new());
        };
        let person = self.lookup.person(&event.invitee, ring.group.as_ref()).await;
        let platform = event.device.as_ref().map(|device| device.platform.number());
        let content = Told::of(self.dialect(), &event.invitee, &ring);
        Ok(vec![told(name, &content.on_platform(platform).by(self.dialect(), &person))])
    }

    /// Its clients have no word for it. Their ring ends as if another device had rejected it; the invitation goes on.
    async fn silenced(&self, event: &InvitationSilenced) -> Looked<Vec<String>> {
        if self.is_this_device(event.device.as_ref()) {
            return Ok(Vec::new());
        }
        let Some(ring) = self.ring_named(&event.invite_id).await? else { return Ok(Vec::new()) };
        let me = &self.me.user;
        let person = self.lookup.person(me, ring.group.as_ref()).await;
        let platform = event.device.as_ref().map(|device| device.platform.number());
        let content = Told::of(self.dialect(), me, &ring).on_platform(platform).by(self.dialect(), &person);
        Ok(vec![told(Name::OnInviteeRejectedByOtherDevice, &content)])
    }

    /// Told to those for whom it rang, and to an inviter who did not take it back themselves.
    async fn cancelled(&self, event: &InvitationClosed) -> Looked<Vec<String>> {
        let by_rules = self.is_me(&event.inviter) && event.reason.is_some();
        if !by_rules && !event.invitee_list.contains(&self.me.user) {
            return Ok(Vec::new());
        }
        let Some(ring) = self.ring_named(&event.invite_id).await? else { return Ok(Vec::new()) };
        let inviter = self.lookup.person(&ring.inviter, ring.group.as_ref()).await;
        let content = Told::of(self.dialect(), &ring.inviter, &ring).by(self.dialect(), &inviter);
        Ok(vec![told(Name::OnInvitationCancelled, &content)])
    }

    /// Told to both sides.
    async fn timed_out(&self, event: &InvitationClosed) -> Looked<Vec<String>> {
        if !self.is_me(&event.inviter) && !event.invitee_list.contains(&self.me.user) {
            return Ok(Vec::new());
        }
        let Some(ring) = self.ring_named(&event.invite_id).await? else { return Ok(Vec::new()) };
        let inviter = self.lookup.person(&ring.inviter, ring.group.as_ref()).await;
        let content = Told::of(self.dialect(), &ring.inviter, &ring).by(self.dialect(), &inviter);
        Ok(vec![told(Name::OnInvitationTimeout, &content.without_answer_of(&event.invitee_list))])
    }
}

/// Calls.
impl Teller {
    /// Who is in the room of a group's call now. The older client knows no such event. In a call to people who are all busy nobody
    /// ever is.
    async fn room_changed(&self, call: &CallId, group: Option<&GroupId>) -> Looked<Vec<String>> {
        let (Some(group), Dialect::Three) = (group, self.dialect()) else { return Ok(Vec::new()) };
        let Some(call) = self.lookup.call_named(call).await? else { return Ok(Vec::new()) };
        let inside = in_room(&call);
        if inside.is_empty() {
            return Ok(Vec::new());
        }
        Ok(vec![self.room(&call.link.call_id, group, &inside, Name::OnRoomParticipantConnected).await?])
    }

    /// A group's call is over, so nobody is in its room.
    async fn emptied(&self, call: &CallId, group: Option<&GroupId>) -> Looked<Option<String>> {
        let (Some(group), Dialect::Three) = (group, self.dialect()) else { return Ok(None) };
        self.room(call, group, &[], Name::OnRoomParticipantDisconnected).await.map(Some)
    }

    async fn room(&self, call: &CallId, group: &GroupId, inside: &[UserId], name: Name) -> Looked<String> {
        let ring = self.lookup.opening(call).await?;
        let people = self.lookup.people(inside, Some(group)).await?;
        let room = InRoom {
            group_id: group.as_str(),
            invitation: ring.as_ref().map(|ring| ring.object(self.dialect())),
            participant: people.iter().map(|person| person.object(self.dialect())).collect(),
            room_id: None,
        };
        Ok(told(name, &room))
    }

    async fn hung_up(&self, event: &CallHungUp, is_own: bool) -> Looked<Vec<String>> {
        let by_me = is_own || self.is_me(&event.user_id);
        if event.group_id.is_none() && by_me {
            return Ok(Vec::new());
        }
        if let Some(followed) = self.followed.call(&event.call_id) {
            let hung_up = followed.is_in.then(|| self.hang_up_of(&followed.ring, &event.user_id));
            return Ok(hung_up.into_iter().collect());
        }
        let mut frames = Vec::new();
        let Some(call) = self.lookup.call_named(&event.call_id).await? else { return Ok(frames) };
        if !by_me && self.is_concerned(&call) {
            frames.extend(self.hang_up(&call, &event.user_id).await?);
        }
        if let (Some(group), Dialect::Three) = (&call.group_id, self.dialect()) {
            let (call, inside) = (&call.link.call_id, in_room(&call));
            frames.push(self.room(call, group, &inside, Name::OnRoomParticipantDisconnected).await?);
        }
        Ok(frames)
    }

    /// The call of a dismissed group is over for everybody in it.
    async fn ended(&self, call: &CallId, group: Option<&GroupId>) -> Looked<Vec<String>> {
        let mut frames = Vec::new();
        if let Some(call) = self.lookup.call_named(call).await?
            && self.is_concerned(&call)
        {
            frames.extend(self.hang_up(&call, &call.caller).await?);
        }
        frames.extend(self.emptied(call, group).await?);
        Ok(frames)
    }

    async fn hang_up(&self, call: &CallView, by: &UserId) -> Looked<Vec<String>> {
        let Some(ring) = self.lookup.opening(&call.link.call_id).await? else { return Ok(Vec::new()) };
        Ok(vec![self.hang_up_of(&ring, by)])
    }

    fn hang_up_of(&self, ring: &Ring, by: &UserId) -> String {
        told(Name::OnHangUp, &Told::of(self.dialect(), by, ring))
    }

    /// Whether the user is in the call, or was until it ended.
    fn is_concerned(&self, call: &CallView) -> bool {
        call.people.iter().filter(|person| person.user_id == self.me.user).any(|me| match me.state {
            PersonState::Joined => true,
            PersonState::Left => me.reason == Some(LeaveReason::CallEnded),
            PersonState::Ringing
            | PersonState::Rejected
            | PersonState::Busy
            | PersonState::TimedOut
            | PersonState::Cancelled
            | PersonState::Removed => false,
        })
    }

    fn signalled(&self, room_id: &str, custom: &str) -> Vec<String> {
        match self.dialect() {
            Dialect::Two => Vec::new(),
            Dialect::Three => vec![told(Name::OnReceiveCustomSignal, &CustomSignal { room_id, custom })],
        }
    }
}

/// Messages.
impl Teller {
    async fn message(&self, event: &MessageReceived, is_own: bool) -> Looked<Vec<String>> {
        Ok(seen(self.chat().received(&event.message, is_own).await)?.unwrap_or_default())
    }

    async fn revoked(&self, viewer: &Viewer, event: &MessageRevoked) -> Looked<Vec<String>> {
        Ok(seen(self.chat().revoked(event, viewer.time).await)?.unwrap_or_default())
    }

    async fn read(&self, viewer: &Viewer, event: &MessageRead) -> Looked<Vec<String>> {
        Ok(seen(self.chat().read(event, viewer.time).await)?.unwrap_or_default())
    }
}

/// Groups and users.
impl Teller {
    async fn members_added(&self, event: &GroupMembersAdded) -> Looked<Vec<String>> {
        if event.user_ids.contains(&self.me.user) {
            let group = seen(self.lookup.group(&event.group_id).await)?.flatten();
            let group = group.unwrap_or_else(|| unseen(&event.group_id, &event.name, &event.by));
            return Ok(vec![told(Name::OnJoinedGroupAdded, &Group::of(self.dialect(), &group))]);
        }
        self.members(&event.group_id, &event.user_ids, Name::OnGroupMemberAdded).await
    }

    async fn members_removed(&self, event: &GroupMembersRemoved) -> Looked<Vec<String>> {
        if event.user_ids.contains(&self.me.user) {
            return Ok(vec![self.left(&event.group_id, &event.by, Name::OnJoinedGroupDeleted)]);
        }
        self.members(&event.group_id, &event.user_ids, Name::OnGroupMemberDeleted).await
    }

    fn dismissed(&self, group: &GroupId, by: &UserId) -> Vec<String> {
        vec![self.left(group, by, self.dialect().pick(Name::OnJoinedGroupDeleted, Name::OnGroupDismissed))]
    }

    fn left(&self, group: &GroupId, by: &UserId, name: Name) -> String {
        let group = unseen(group, "", by);
        let group = Group::of(self.dialect(), &group);
        told(name, &if name == Name::OnJoinedGroupDeleted { group } else { group.dismissed() })
    }

    async fn group_changed(&self, group: &GroupId) -> Looked<Vec<String>> {
        let Some(group) = seen(self.lookup.group(group).await)?.flatten() else { return Ok(Vec::new()) };
        Ok(vec![told(Name::OnGroupInfoChanged, &Group::of(self.dialect(), &group))])
    }

    async fn role_changed(&self, event: &GroupRoleChanged) -> Looked<Vec<String>> {
        let users = std::slice::from_ref(&event.user_id);
        self.members(&event.group_id, users, Name::OnGroupMemberInfoChanged).await
    }

    /// One event for each of these, as far as they are known.
    async fn members(&self, group: &GroupId, users: &[UserId], name: Name) -> Looked<Vec<String>> {
        let members = self.lookup.members_seen(group, users).await?;
        let profiles = seen(self.lookup.profiles(users).await)?.unwrap_or_default();
        let frame = |profile: &Profile| {
            let gone = wigwag_protocol::group::Member {
                user_id: profile.user_id.clone(),
                role: wigwag_protocol::group::Role::Member,
                joined_at: 0,
            };
            let member = members.iter().find(|member| member.user_id == profile.user_id).unwrap_or(&gone);
            told(name, &GroupMember::of(self.dialect(), group, member, profile))
        };
        Ok(profiles.iter().map(frame).collect())
    }

    async fn black(&self, name: Name, user: &UserId) -> Looked<Vec<String>> {
        let Some(profile) = seen(self.lookup.profile(user).await)?.flatten() else { return Ok(Vec::new()) };
        Ok(vec![told(name, &Blocked::of(&self.me.user, &profile))])
    }
}

/// A group that the user cannot look at any more, or not yet.
fn unseen(group_id: &GroupId, name: &str, owner: &UserId) -> GroupView {
    GroupView {
        group_id: group_id.clone(),
        name: name.to_owned(),
        ext: String::new(),
        join_policy: JoinPolicy::Free,
        owner: owner.clone(),
        member_count: 0,
        created_at: 0,
    }
}

fn told(name: Name, data: &impl serde::Serialize) -> String {
    frame::event(name, &json(data))
}
