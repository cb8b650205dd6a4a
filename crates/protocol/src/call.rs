//! A call as the people in it see it (docs/protocol.md, "Calls").

use serde::{Deserialize, Serialize};

use crate::id::{CallId, Device, GroupId, InviteId, RoomId, UserId};

/// Where a person stands in a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum PersonState {
    /// Invited; has not answered.
    Ringing,
    /// In the call.
    Joined,
    /// Was in the call.
    Left,
    /// Said no.
    Rejected,
    /// Was in another call, so was not rung.
    Busy,
    /// Did not answer before the deadline.
    TimedOut,
    /// The invitation was taken back before an answer, or the call ended.
    Cancelled,
    /// Left the group before an answer.
    Removed,
}

/// Why somebody is no more in a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum LeaveReason {
    /// They hung up.
    HungUp,
    /// Their devices were gone for longer than the lease, or they were gone from the media room.
    ConnectionLost,
    /// They began or joined another call.
    JoinedAnother,
    /// They left the group, or were removed from it.
    LeftGroup,
    /// The call ended while they were in it.
    CallEnded,
}

/// Why a call ended. Every end has one of these names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum CallEndReason {
    /// Somebody hung up, and fewer than two were left.
    HungUp,
    /// Whoever was alone in it took back what rang, or hung up.
    Cancelled,
    /// The last who rang said no.
    Rejected,
    /// Everybody invited was in another call.
    Busy,
    /// The last who rang did not answer.
    TimedOut,
    /// Somebody was lost, and fewer than two were left.
    ConnectionLost,
    /// Somebody went to another call, and fewer than two were left.
    JoinedAnother,
    /// Somebody left the group, and fewer than two were left.
    LeftGroup,
    /// The group was dismissed.
    GroupDismissed,
}

/// A call by its names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct CallLink {
    /// The call.
    #[serde(rename = "callID")]
    pub call_id: CallId,
    /// Where its people meet.
    #[serde(rename = "roomID")]
    pub room_id: RoomId,
    /// `audio`, `video`, or a word of the app's.
    pub media_type: String,
}

/// One person of a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct PersonView {
    /// Who.
    #[serde(rename = "userID")]
    pub user_id: UserId,
    /// Where they stand.
    pub state: PersonState,
    /// Since when, server time in ms.
    pub at: u64,
    /// The device they are in the call with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<Device>,
    /// The newest invitation that rang them; absent for the caller and for those who came by themselves.
    #[serde(default, rename = "inviteID", skip_serializing_if = "Option::is_none")]
    pub invite_id: Option<InviteId>,
    /// When they first came in, server time in ms; absent when they never did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub joined_at: Option<u64>,
    /// Why they left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<LeaveReason>,
}

/// A call, running or over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct CallView {
    /// The call and its room.
    #[serde(flatten)]
    pub link: CallLink,
    /// Its group; absent when it is none's.
    #[serde(default, rename = "groupID", skip_serializing_if = "Option::is_none")]
    pub group_id: Option<GroupId>,
    /// Who began it.
    pub caller: UserId,
    /// Server time in ms.
    pub created_at: u64,
    /// When the second person came in, server time in ms; absent when nobody answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answered_at: Option<u64>,
    /// Everybody who was called or came, in that order.
    pub people: Vec<PersonView>,
    /// Present when it is over: server time in ms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<u64>,
    /// Present when it is over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_reason: Option<CallEndReason>,
    /// From the answer to the end, or to now, ms; 0 when nobody answered.
    pub duration_ms: u64,
    /// True when the viewer was called and could not come: it is to be shown as a missed call.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub missed: bool,
    /// 1 when it began, plus 1 with every step.
    pub version: u32,
}
