//! Events: what happened, with a place in a user's stream.
//!
//! On the wire an event is a notification `event` whose params are
//! `{cursor, time, after?, self?, quiet?, remainingMs?, type, …}`. The part from `type` on is the same for everybody who is told;
//! the part before is the viewer's own.

mod placed;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use self::placed::{EventHead, Placed};
use crate::call::{CallEndReason, CallLink, LeaveReason, PersonState};
use crate::group::{JoinPolicy, Role};
use crate::id::{CallId, Device, GroupId, InviteId, RoomId, UserId};
use crate::invitation::ProgressStep;
use crate::message::{Message, MessagePlace};

macro_rules! bodies {
    ($($(#[$meta:meta])* pub struct $name:ident { $($body:tt)* })+) => {
        $(
            $(#[$meta])*
            #[derive(Debug, Clone, Serialize, Deserialize)]
            #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
            #[serde(rename_all = "camelCase")]
            pub struct $name { $($body)* }
        )+
    };
}

/// An event of a call begins with what names the call.
macro_rules! calls {
    ($($(#[$meta:meta])* pub struct $name:ident { $($own:tt)* })+) => {
        bodies! {
            $(
                $(#[$meta])*
                pub struct $name {
                    /// The call.
                    #[serde(rename = "callID")]
                    pub call_id: CallId,
                    /// Its room.
                    #[serde(rename = "roomID")]
                    pub room_id: RoomId,
                    /// Its group; absent when it is none's.
                    #[serde(default, rename = "groupID", skip_serializing_if = "Option::is_none")]
                    pub group_id: Option<GroupId>,
                    /// The call's version after this.
                    pub version: u32,
                    $($own)*
                }
            )+
        }
    };
}

/// Why an invitee was settled without answering, or an invitation was cancelled without a command of its inviter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum Cause {
    /// The invitee left or was removed from the group.
    LeftGroup,
    /// The inviter left or was removed from the group.
    InviterLeft,
    /// The group was dismissed.
    GroupDismissed,
    /// Nobody was left in the call that it invited into.
    CallOver,
}

bodies! {
    /// `invitation.received`
    pub struct InvitationReceived {
        /// The invitation.
        #[serde(rename = "inviteID")]
        pub invite_id: InviteId,
        /// Who invites.
        pub inviter: UserId,
        /// Absent one-to-one.
        #[serde(default, rename = "groupID", skip_serializing_if = "Option::is_none")]
        pub group_id: Option<GroupId>,
        /// Everybody invited.
        pub invitee_list: Vec<UserId>,
        /// The app's own payload.
        pub data: String,
        /// Seconds; 0 = no deadline.
        pub timeout: u32,
        /// Server time in ms; absent when `timeout` is 0.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub deadline: Option<u64>,
        /// Leaves no message.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        pub online_user_only: bool,
        /// Always 1.
        pub version: u32,
        /// The device that invited; absent when a back end did.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub device: Option<Device>,
        /// The inviter wants to know how far it is: a device that rings says so with `signaling.ringing`.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        pub progress: bool,
        /// The call that it invites into.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub call: Option<CallLink>,
        /// Invitees who are in another call. They count as rejected, and their devices do not ring.
        #[serde(default, rename = "busyLineUserIDList", skip_serializing_if = "Vec::is_empty")]
        pub busy: Vec<UserId>,
        /// The message it made.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub message: Option<MessagePlace>,
    }

    /// `invitation.progress`, to the inviter alone and kept for a minute only: how far it is with a device of an invitee.
    pub struct InvitationProgress {
        /// The invitation.
        #[serde(rename = "inviteID")]
        pub invite_id: InviteId,
        /// Absent one-to-one.
        #[serde(default, rename = "groupID", skip_serializing_if = "Option::is_none")]
        pub group_id: Option<GroupId>,
        /// Whose device it is.
        pub invitee: UserId,
        /// Which one; absent for `unreachable`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub device: Option<Device>,
        /// How far it is.
        pub step: ProgressStep,
    }

    /// `invitation.accepted`, `invitation.rejected`
    pub struct InvitationAnswered {
        /// The invitation.
        #[serde(rename = "inviteID")]
        pub invite_id: InviteId,
        /// Who invited.
        pub inviter: UserId,
        /// Absent one-to-one.
        #[serde(default, rename = "groupID", skip_serializing_if = "Option::is_none")]
        pub group_id: Option<GroupId>,
        /// Who answered.
        pub invitee: UserId,
        /// The answer's payload.
        pub data: String,
        /// The version this answer produced.
        pub version: u32,
        /// Present when no command of the invitee's was behind it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub reason: Option<Cause>,
        /// The device that answered.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub device: Option<Device>,
        /// The message it made.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub message: Option<MessagePlace>,
    }

    /// `invitation.cancelled`, `invitation.timedOut`
    pub struct InvitationClosed {
        /// The invitation.
        #[serde(rename = "inviteID")]
        pub invite_id: InviteId,
        /// Who invited.
        pub inviter: UserId,
        /// Absent one-to-one.
        #[serde(default, rename = "groupID", skip_serializing_if = "Option::is_none")]
        pub group_id: Option<GroupId>,
        /// Those who were still pending; of a cancel, those from whom the invitation was taken back.
        pub invitee_list: Vec<UserId>,
        /// The cancel's payload; on a timeout the invitation's.
        pub data: String,
        /// The version it produced.
        pub version: u32,
        /// Of a cancel: others are still pending, so the invitation goes on for them.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        pub still_open: bool,
        /// Of a one-to-one timeout: no device of the invitee's was connected at the deadline, nor within 30 s before (the operator may
        /// change that). An inviter whom the invitee has blocked is not told.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        pub invitee_offline: bool,
        /// Present when no command of the inviter's was behind a cancel.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub reason: Option<Cause>,
        /// The device that cancelled.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub device: Option<Device>,
        /// The message it made.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub message: Option<MessagePlace>,
    }

    /// `invitation.modified`
    pub struct InvitationModified {
        /// The invitation.
        #[serde(rename = "inviteID")]
        pub invite_id: InviteId,
        /// Who invited.
        pub inviter: UserId,
        /// Absent one-to-one.
        #[serde(default, rename = "groupID", skip_serializing_if = "Option::is_none")]
        pub group_id: Option<GroupId>,
        /// Who changed it.
        pub by: UserId,
        /// The new payload.
        pub data: String,
        /// The version it produced.
        pub version: u32,
        /// The invite's message, which says this from now on; a modification makes none of its own.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub message: Option<MessagePlace>,
    }

    /// `invitation.silenced`, told to the invitee's own devices: they ring no more, and the invitation goes on.
    pub struct InvitationSilenced {
        /// The invitation.
        #[serde(rename = "inviteID")]
        pub invite_id: InviteId,
        /// Absent one-to-one.
        #[serde(default, rename = "groupID", skip_serializing_if = "Option::is_none")]
        pub group_id: Option<GroupId>,
        /// Who silenced it.
        pub invitee: UserId,
        /// The device that said it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub device: Option<Device>,
    }

    /// `message.received`
    pub struct MessageReceived {
        /// The message.
        pub message: Message,
    }

    /// `message.revoked`
    pub struct MessageRevoked {
        /// Which message.
        #[serde(flatten)]
        pub place: MessagePlace,
        /// Who took it back.
        pub by: UserId,
    }

    /// `message.read`
    pub struct MessageRead {
        /// See `MessagePlace.conversation`.
        pub conversation: String,
        /// Who has read.
        pub reader: UserId,
        /// Up to where.
        pub seq: u64,
    }

    /// `conversation.pinned`, told to the user's own devices
    pub struct ConversationPinned {
        /// See `MessagePlace.conversation`.
        pub conversation: String,
        /// Whether it is pinned from now on.
        pub pinned: bool,
    }

    /// `conversation.deleted`, told to the user's own devices
    pub struct ConversationDeleted {
        /// See `MessagePlace.conversation`.
        pub conversation: String,
        /// Messages up to this one are not shown to the user any more.
        pub seq: u64,
    }

    /// `group.membersAdded`: by creation, joining (`by` is then the one added) or a member.
    pub struct GroupMembersAdded {
        /// The group.
        #[serde(rename = "groupID")]
        pub group_id: GroupId,
        /// The group's name, for those who see it for the first time.
        pub name: String,
        /// Who did it.
        pub by: UserId,
        /// Who came.
        #[serde(rename = "userIDs")]
        pub user_ids: Vec<UserId>,
        /// The group was made a moment ago, by `by`. Events that are older than this field do not say it.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        pub created: bool,
    }

    /// `group.membersRemoved`: by quitting (`by` is then the one who went) or by an admin.
    pub struct GroupMembersRemoved {
        /// The group.
        #[serde(rename = "groupID")]
        pub group_id: GroupId,
        /// Who did it.
        pub by: UserId,
        /// Who went.
        #[serde(rename = "userIDs")]
        pub user_ids: Vec<UserId>,
    }

    /// `group.dismissed`
    pub struct GroupDismissed {
        /// The group.
        #[serde(rename = "groupID")]
        pub group_id: GroupId,
        /// Who did it.
        pub by: UserId,
    }

    /// `group.infoChanged`
    pub struct GroupInfoChanged {
        /// The group.
        #[serde(rename = "groupID")]
        pub group_id: GroupId,
        /// Who did it.
        pub by: UserId,
        /// Shown to people.
        pub name: String,
        /// Opaque to the server.
        pub ext: String,
        /// Whether users may join without being added.
        pub join_policy: JoinPolicy,
    }

    /// `group.roleChanged`
    pub struct GroupRoleChanged {
        /// The group.
        #[serde(rename = "groupID")]
        pub group_id: GroupId,
        /// Who did it.
        pub by: UserId,
        /// Whose role.
        #[serde(rename = "userID")]
        pub user_id: UserId,
        /// The new role. With `owner`, `by` is an admin from now on.
        pub role: Role,
    }

    /// `group.attributesChanged`, told to members who are online
    pub struct AttributesChanged {
        /// The group.
        #[serde(rename = "groupID")]
        pub group_id: GroupId,
        /// Who wrote.
        pub by: UserId,
        /// The version that this made of the one before it.
        pub version: u64,
        /// Values that are new, by key.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        pub set: BTreeMap<String, String>,
        /// Keys that are gone.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub deleted: Vec<String>,
        /// Counters that are new or have changed, by key.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        pub counters: BTreeMap<String, i64>,
    }

    /// `group.notice`: a back end tells all members, or some.
    pub struct GroupNotice {
        /// The group.
        #[serde(rename = "groupID")]
        pub group_id: GroupId,
        /// What it says; the app's own.
        pub data: String,
    }

    /// `user.profileChanged`, told to the user's own devices
    pub struct ProfileChanged {
        /// The new profile.
        #[serde(flatten)]
        pub profile: crate::group::Profile,
    }

    /// `user.reachChanged`, told to the user's own devices
    #[derive(Copy)]
    pub struct ReachChanged {
        /// The new rules.
        #[serde(flatten)]
        pub reach: crate::group::Reach,
    }

    /// `user.quietChanged`, told to the user's own devices
    pub struct QuietChanged {
        /// The new settings.
        #[serde(flatten)]
        pub quiet: crate::quiet::Quiet,
    }

    /// `user.statusChanged`, told to the user's own devices
    pub struct StatusChanged {
        /// What the user says of themselves now; empty when that is nothing.
        pub status: String,
    }

    /// `user.blocked`, `user.unblocked`, told to the user's own devices
    pub struct BlockChanged {
        /// The other user.
        #[serde(rename = "userID")]
        pub user_id: UserId,
    }
}

calls! {
    /// `call.invited`: more people ring. A call between two people has no such event: the invitation says it.
    pub struct CallInvited {
        /// Who invites them.
        pub by: UserId,
        /// The invitation.
        #[serde(rename = "inviteID")]
        pub invite_id: InviteId,
        /// Who rings.
        #[serde(rename = "userIDs")]
        pub user_ids: Vec<UserId>,
        /// Who is in another call and does not ring.
        #[serde(default, rename = "busyLineUserIDList", skip_serializing_if = "Vec::is_empty")]
        pub busy: Vec<UserId>,
    }

    /// `call.joined`: somebody came in, or their call moved to another device of theirs. A call between two people has
    /// none for the answer: `invitation.accepted` says it.
    pub struct CallJoined {
        /// Who is in.
        #[serde(rename = "userID")]
        pub user_id: UserId,
        /// With which device; absent when a back end acted.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub device: Option<Device>,
    }

    /// `call.declined`: people who rang will not come. In a call between two people the invitation says it, unless it was closed
    /// for its age, of which it has no event.
    pub struct CallDeclined {
        /// Who.
        #[serde(rename = "userIDs")]
        pub user_ids: Vec<UserId>,
        /// What became of them.
        pub state: PersonState,
        /// Present when this ended the call.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub end_reason: Option<CallEndReason>,
    }

    /// `call.hungUp`: somebody who was in the call is not any more.
    pub struct CallHungUp {
        /// Who.
        #[serde(rename = "userID")]
        pub user_id: UserId,
        /// Why.
        pub reason: LeaveReason,
        /// How long people have talked so far, ms: since the second of them came in. 0 when none has.
        pub duration_ms: u64,
        /// Present when this ended the call.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub end_reason: Option<CallEndReason>,
    }

    /// `call.ended`: the call ended without anybody's doing in it.
    pub struct CallEnded {
        /// Why.
        pub end_reason: CallEndReason,
        /// How long people have talked, ms.
        pub duration_ms: u64,
    }

    /// `call.signal`: from one in the call to the others, kept for a minute only.
    pub struct CallSignalled {
        /// Who sent it.
        pub sender: UserId,
        /// With which device; absent when a back end acted.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub device: Option<Device>,
        /// Who alone was meant; absent when everybody was.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub to: Option<UserId>,
        /// The app's own payload.
        pub data: String,
    }
}

bodies! {
    /// `call.seen`, told to the user's own devices: missed calls up to here were looked at.
    pub struct CallsSeen {
        /// Server time in ms: calls that began up to then.
        pub up_to: u64,
    }
}

macro_rules! events {
    ($($(#[$doc:meta])* $name:ident($body:ty) = $text:literal),+ $(,)?) => {
        /// What happened.
        #[derive(Debug, Clone, Serialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        #[serde(tag = "type")]
        pub enum Event { $($(#[$doc])* #[serde(rename = $text)] $name($body)),+ }

        impl Event {
            /// The `type` of every event, in the order of the documentation.
            pub const TYPES: &'static [&'static str] = &[$($text),+];

            /// The event's `type` on the wire.
            pub const fn type_name(&self) -> &'static str {
                match self { $(Self::$name(_) => $text),+ }
            }

            /// Reads an event; `None` for a `type` this version does not know.
            pub fn read(params: &str) -> Result<Option<Self>, serde_json::Error> {
                #[derive(Deserialize)]
                struct Tag<'a> {
                    #[serde(borrow, rename = "type")]
                    name: std::borrow::Cow<'a, str>,
                }
                let tag: Tag<'_> = serde_json::from_str(params)?;
                Ok(match tag.name.as_ref() {
                    $($text => Some(Self::$name(serde_json::from_str(params)?)),)+
                    _ => None,
                })
            }
        }
    };
}

events! {
    /// Somebody is invited.
    InvitationReceived(InvitationReceived) = "invitation.received",
    /// An invitee accepted.
    InvitationAccepted(InvitationAnswered) = "invitation.accepted",
    /// An invitee rejected.
    InvitationRejected(InvitationAnswered) = "invitation.rejected",
    /// The inviter took it back.
    InvitationCancelled(InvitationClosed) = "invitation.cancelled",
    /// The deadline passed; one event with everybody who had not answered.
    InvitationTimedOut(InvitationClosed) = "invitation.timedOut",
    /// Its data was replaced.
    InvitationModified(InvitationModified) = "invitation.modified",
    /// How far an invitation is with a device of an invitee.
    InvitationProgress(InvitationProgress) = "invitation.progress",
    /// One silenced an invitation on another device.
    InvitationSilenced(InvitationSilenced) = "invitation.silenced",
    /// A message came.
    MessageReceived(MessageReceived) = "message.received",
    /// A message was taken back.
    MessageRevoked(MessageRevoked) = "message.revoked",
    /// Somebody has read up to a message.
    MessageRead(MessageRead) = "message.read",
    /// A conversation was pinned or unpinned.
    ConversationPinned(ConversationPinned) = "conversation.pinned",
    /// A conversation was taken out of the list.
    ConversationDeleted(ConversationDeleted) = "conversation.deleted",
    /// Members came.
    GroupMembersAdded(GroupMembersAdded) = "group.membersAdded",
    /// Members went.
    GroupMembersRemoved(GroupMembersRemoved) = "group.membersRemoved",
    /// The group is no more.
    GroupDismissed(GroupDismissed) = "group.dismissed",
    /// Its description changed.
    GroupInfoChanged(GroupInfoChanged) = "group.infoChanged",
    /// A member's role changed.
    GroupRoleChanged(GroupRoleChanged) = "group.roleChanged",
    /// Its attributes changed.
    AttributesChanged(AttributesChanged) = "group.attributesChanged",
    /// A back end tells members something.
    GroupNotice(GroupNotice) = "group.notice",
    /// More people ring.
    CallInvited(CallInvited) = "call.invited",
    /// Somebody came into a call.
    CallJoined(CallJoined) = "call.joined",
    /// People who rang will not come.
    CallDeclined(CallDeclined) = "call.declined",
    /// Somebody left a call.
    CallHungUp(CallHungUp) = "call.hungUp",
    /// A call ended by itself.
    CallEnded(CallEnded) = "call.ended",
    /// Somebody in a call sent a signal.
    CallSignalled(CallSignalled) = "call.signal",
    /// One looked at missed calls on another device.
    CallsSeen(CallsSeen) = "call.seen",
    /// One's own profile changed on another device.
    ProfileChanged(ProfileChanged) = "user.profileChanged",
    /// One blocked somebody on another device.
    Blocked(BlockChanged) = "user.blocked",
    /// One unblocked somebody on another device.
    Unblocked(BlockChanged) = "user.unblocked",
    /// One changed on another device who may ring or add one.
    ReachChanged(ReachChanged) = "user.reachChanged",
    /// One changed on another device when one's devices ring without a sound.
    QuietChanged(QuietChanged) = "user.quietChanged",
    /// One changed on another device what one says of oneself, or it ended because one was gone.
    StatusChanged(StatusChanged) = "user.statusChanged",
}

/// Params of a `session.caughtUp` notification: everything up to here has been sent; from now on events are live.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CaughtUp {
    /// The place live events follow.
    pub cursor: u64,
}
