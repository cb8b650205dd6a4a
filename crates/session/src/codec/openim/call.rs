//! Calls: the invitation object that OpenIM's clients hand back and forth, and what events say around it.

use serde::Serialize;
use wigwag_protocol::event::InvitationReceived;
use wigwag_protocol::group::{GroupView, Member, Profile};
use wigwag_protocol::invitation::InvitationView;
use wigwag_protocol::{CallId, GroupId, InviteId, UserId};

use super::people::{Group, GroupMember};
use super::{Dialect, ringing};

/// The platform that is named when a back end invited: OpenIM's number for an administrator.
const NO_DEVICE: u8 = 10;

/// An invitation that rings as a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ring {
    /// The invitation.
    pub id: InviteId,
    /// Who invites.
    pub inviter: UserId,
    /// Everybody who is invited.
    pub invitees: Vec<UserId>,
    /// The app's own payload.
    pub data: String,
    /// `None` one-to-one.
    pub group: Option<GroupId>,
    /// Where the call takes place. Of an invitation without a call: its own name.
    pub room: String,
    /// The call that it leads into; `None` when it leads into none.
    pub call: Option<CallId>,
    /// Seconds.
    pub timeout: u32,
    /// `audio`, `video`, or a word of the app's.
    pub media_type: String,
    /// The platform of the device that invited.
    pub platform: u8,
    /// Server time in ms.
    pub created_at: u64,
    /// Who is in another call and does not ring.
    pub busy: Vec<UserId>,
}

impl Ring {
    /// What an event tells of; `None` when it is no call.
    pub fn told(event: &InvitationReceived, time: u64) -> Option<Self> {
        let (call, media_type) = match &event.call {
            Some(link) => (Some(link.call_id.clone()), link.media_type.clone()),
            None => (None, ringing::media_type(&event.data)?.to_owned()),
        };
        Some(Self {
            id: event.invite_id.clone(),
            inviter: event.inviter.clone(),
            invitees: event.invitee_list.clone(),
            data: event.data.clone(),
            group: event.group_id.clone(),
            room: event
                .call
                .as_ref()
                .map_or(event.invite_id.as_str(), |link| link.room_id.as_str())
                .to_owned(),
            call,
            timeout: event.timeout,
            media_type,
            platform: event.device.as_ref().map_or(NO_DEVICE, |device| device.platform.number()),
            created_at: time,
            busy: event.busy.clone(),
        })
    }

    /// What an invitation is now; `None` when it is no call.
    pub fn seen(view: &InvitationView) -> Option<Self> {
        let (call, media_type) = match &view.call {
            Some(link) => (Some(link.call_id.clone()), link.media_type.clone()),
            None => (None, ringing::media_type(&view.data)?.to_owned()),
        };
        let busy = view.invitees.iter().filter(|invitee| invitee.busy);
        Some(Self {
            id: view.invite_id.clone(),
            inviter: view.inviter.clone(),
            invitees: view.invitees.iter().map(|invitee| invitee.user_id.clone()).collect(),
            data: view.data.clone(),
            group: view.group_id.clone(),
            room: view.call.as_ref().map_or(view.invite_id.as_str(), |link| link.room_id.as_str()).to_owned(),
            call,
            timeout: view.timeout,
            media_type,
            platform: view.inviter_device.as_ref().map_or(NO_DEVICE, |device| device.platform.number()),
            created_at: view.created_at,
            busy: busy.map(|invitee| invitee.user_id.clone()).collect(),
        })
    }

    /// Whether it opened its call, so that the inviter came into the room by it.
    pub fn opens_its_call(&self) -> bool {
        self.call.as_ref().is_some_and(|call| call.as_str() == self.id.as_str())
    }

    /// The same with only so much time left. Clients count down from what they are given.
    #[must_use]
    pub fn with_remaining(mut self, remaining_ms: Option<u64>) -> Self {
        if let Some(remaining) = remaining_ms {
            let seconds = u32::try_from(remaining.div_ceil(1_000)).unwrap_or(u32::MAX);
            self.timeout = self.timeout.min(seconds.max(1));
        }
        self
    }

    /// The invitation object. Empty texts and lists, zeros and false are left out, as OpenIM's servers do: an app takes an empty
    /// `groupID` for something.
    pub fn object(&self, dialect: Dialect) -> Invitation<'_> {
        Invitation {
            inviter: &self.inviter,
            invitees: &self.invitees,
            custom_data: &self.data,
            group_id: self.group.as_ref(),
            room_id: &self.room,
            timeout: self.timeout,
            media_type: &self.media_type,
            platform_id: self.platform,
            session_type: dialect.session_type(self.group.is_some()),
            initiate_time: dialect.time(self.created_at),
            busy: &self.busy,
        }
    }
}

/// OpenIM's invitation object.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Invitation<'a> {
    #[serde(rename = "inviterUserID")]
    inviter: &'a UserId,
    #[serde(rename = "inviteeUserIDList", skip_serializing_if = "no_users")]
    invitees: &'a [UserId],
    #[serde(skip_serializing_if = "str::is_empty")]
    custom_data: &'a str,
    #[serde(rename = "groupID", skip_serializing_if = "Option::is_none")]
    group_id: Option<&'a GroupId>,
    #[serde(rename = "roomID")]
    room_id: &'a str,
    #[serde(skip_serializing_if = "is_zero")]
    timeout: u32,
    media_type: &'a str,
    #[serde(rename = "platformID")]
    platform_id: u8,
    session_type: u8,
    initiate_time: u64,
    #[serde(rename = "busyLineUserIDList", skip_serializing_if = "no_users")]
    busy: &'a [UserId],
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the form that serde asks for")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

fn no_users(list: &&[UserId]) -> bool {
    list.is_empty()
}

/// Somebody in a call, or who acts in one.
#[derive(Debug, Clone, Default)]
pub struct Person {
    /// Their profile; `None` when they have none any more.
    pub profile: Option<Profile>,
    /// In calls of a group: the group, and what they are in it.
    pub group: Option<GroupView>,
    /// See `group`.
    pub member: Option<Member>,
}

impl Person {
    /// The participant object.
    pub fn object(&self, dialect: Dialect) -> Participant<'_> {
        let group = self.group.as_ref();
        let member = group.zip(self.member.as_ref()).zip(self.profile.as_ref());
        Participant {
            user: self.profile.as_ref().map(Caller::from),
            group: group.map(|group| Group::of(dialect, group)),
            member: member
                .map(|((group, member), profile)| GroupMember::of(dialect, &group.group_id, member, profile)),
        }
    }
}

/// OpenIM's participant object. What is not known is an empty object.
#[derive(Debug, Clone, Serialize)]
pub struct Participant<'a> {
    #[serde(rename = "userInfo", serialize_with = "or_empty")]
    user: Option<Caller<'a>>,
    #[serde(rename = "groupInfo", serialize_with = "or_empty")]
    group: Option<Group<'a>>,
    #[serde(rename = "groupMemberInfo", serialize_with = "or_empty")]
    member: Option<GroupMember<'a>>,
}

/// A profile, without what is empty.
#[derive(Debug, Clone, Serialize)]
struct Caller<'a> {
    #[serde(rename = "userID")]
    user_id: &'a UserId,
    #[serde(skip_serializing_if = "str::is_empty")]
    nickname: &'a str,
    #[serde(rename = "faceURL", skip_serializing_if = "str::is_empty")]
    face_url: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    ex: &'a str,
}

impl<'a> From<&'a Profile> for Caller<'a> {
    fn from(profile: &'a Profile) -> Self {
        let Profile { user_id, nickname, face_url, ext } = profile;
        Self { user_id, nickname, face_url, ex: ext }
    }
}

/// An object without fields.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct Empty {}

#[expect(clippy::ref_option, reason = "the form that serde asks for")]
fn or_empty<T: Serialize, S: serde::Serializer>(value: &Option<T>, serializer: S) -> Result<S::Ok, S::Error> {
    match value {
        Some(value) => value.serialize(serializer),
        None => Empty {}.serialize(serializer),
    }
}

/// The content of a call's event. Who acts is `opUserID` in the older version and `userID` in the newer.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Told<'a> {
    #[serde(rename = "opUserID", skip_serializing_if = "Option::is_none")]
    op_user_id: Option<&'a UserId>,
    #[serde(rename = "userID", skip_serializing_if = "Option::is_none")]
    user_id: Option<&'a UserId>,
    #[serde(rename = "opUserPlatformID", skip_serializing_if = "Option::is_none")]
    platform_id: Option<u8>,
    invitation: Invitation<'a>,
    offline_push_info: Empty,
    #[serde(skip_serializing_if = "Option::is_none")]
    participant: Option<Participant<'a>>,
    #[serde(rename = "timeoutUserIDList", skip_serializing_if = "no_users")]
    timed_out: &'a [UserId],
}

impl<'a> Told<'a> {
    /// `user` has done something about this invitation.
    pub fn of(dialect: Dialect, user: &'a UserId, ring: &'a Ring) -> Self {
        Self {
            op_user_id: dialect.pick(Some(user), None),
            user_id: dialect.pick(None, Some(user)),
            platform_id: None,
            invitation: ring.object(dialect),
            offline_push_info: Empty {},
            participant: None,
            timed_out: &[],
        }
    }

    /// Adds who they are.
    #[must_use]
    pub fn by(mut self, dialect: Dialect, person: &'a Person) -> Self {
        self.participant = Some(person.object(dialect));
        self
    }

    /// Adds from which platform they answered.
    #[must_use]
    pub fn on_platform(mut self, platform: Option<u8>) -> Self {
        self.platform_id = Some(platform.unwrap_or(NO_DEVICE));
        self
    }

    /// Adds who has not answered in time, which the older servers left the app to guess.
    #[must_use]
    pub fn without_answer_of(mut self, users: &'a [UserId]) -> Self {
        self.timed_out = users;
        self
    }
}

/// Who is in the room of a group's call now.
#[derive(Debug, Serialize)]
pub struct InRoom<'a> {
    /// The group.
    #[serde(rename = "groupID")]
    pub group_id: &'a str,
    /// The invitation that opened the call.
    pub invitation: Option<Invitation<'a>>,
    /// Everybody who is in.
    pub participant: Vec<Participant<'a>>,
    /// Where.
    #[serde(rename = "roomID", skip_serializing_if = "Option::is_none")]
    pub room_id: Option<&'a str>,
}

/// What is needed to come into a room.
#[derive(Debug, Default, Serialize)]
pub struct Entry<'a> {
    /// Of the media server; empty when there is none.
    pub token: &'a str,
    /// Where.
    #[serde(rename = "roomID")]
    pub room_id: &'a str,
    /// The media server's address; empty when there is none.
    #[serde(rename = "liveURL")]
    pub live_url: &'a str,
    /// Who is in another call and does not ring.
    #[serde(rename = "busyLineUserIDList", skip_serializing_if = "<[UserId]>::is_empty")]
    pub busy: &'a [UserId],
}

/// A signal of the app's own.
#[derive(Debug, Serialize)]
pub struct CustomSignal<'a> {
    /// Where it was sent.
    #[serde(rename = "roomID")]
    pub room_id: &'a str,
    /// The app's text.
    #[serde(rename = "customInfo")]
    pub custom: &'a str,
}

/// What rings while an app starts.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StartApp<'a> {
    /// The newest invitation that is pending.
    pub invitation: Option<Invitation<'a>>,
    /// Push settings are not given back.
    pub offline_push_info: Empty,
}
