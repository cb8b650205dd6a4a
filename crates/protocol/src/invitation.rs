//! An invitation as its parties see it (docs/protocol.md, "The invitation").

use serde::{Deserialize, Serialize};

use crate::call::CallLink;
use crate::id::{Device, DeviceId, GroupId, InviteId, UserId};

/// Where one invitee stands. `pending` is the only state that changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum InviteeState {
    /// Has not answered.
    Pending,
    /// Accepted.
    Accepted,
    /// Rejected.
    Rejected,
    /// Did not answer before the deadline.
    TimedOut,
    /// The invitation was taken back before an answer.
    Cancelled,
    /// Left or was removed from the group before an answer.
    Removed,
}

/// Whether an invitation still has somebody to wait for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum Status {
    /// Somebody is pending.
    Open,
    /// Nobody is pending; the invitation never changes again.
    Ended,
}

/// Why an invitation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum EndReason {
    /// Everybody answered, timed out or left.
    Completed,
    /// The inviter took it back.
    Cancelled,
    /// Nobody answered before the deadline.
    TimedOut,
    /// The group was dismissed.
    GroupDismissed,
    /// The inviter left or was removed from the group.
    InviterLeft,
    /// It had no deadline and reached the configured age.
    Expired,
    /// Nobody was left in the call that it invited into.
    CallOver,
    /// It called a user who was calling the inviter: their invitation was accepted instead.
    Merged,
}

/// Who is told about a group invitation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum Notify {
    /// Every member of the group.
    #[default]
    Members,
    /// The inviter and the invitees only.
    Parties,
}

/// How far an invitation is with a device of an invitee.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum ProgressStep {
    /// None of the invitee's devices is connected, and none can be woken. A device that connects all the same goes on with `sent`.
    Unreachable,
    /// It was sent to the device.
    Sent,
    /// The device has it.
    Acknowledged,
    /// The device shows it to its user.
    Ringing,
    /// A provider of pushes has taken it for the device.
    Pushed,
    /// No provider wakes the device.
    PushRefused,
}

/// How far an invitation is with a device: server times in ms, each absent when that has not been.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct DeviceProgress {
    /// Which device.
    #[serde(rename = "deviceID")]
    pub device_id: DeviceId,
    /// It was sent to the device.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent_at: Option<u64>,
    /// The device had it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acknowledged_at: Option<u64>,
    /// The device showed it to its user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ringing_at: Option<u64>,
    /// A provider of pushes has taken it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pushed_at: Option<u64>,
    /// The provider refused it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub push_refused_at: Option<u64>,
}

/// One invitee of an invitation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Invitee {
    /// Who is invited.
    #[serde(rename = "userID")]
    pub user_id: UserId,
    /// Where the invitee stands.
    pub state: InviteeState,
    /// When the invitee left `pending`, server time in ms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<u64>,
    /// The device that answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<Device>,
    /// The answer's data.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub data: String,
    /// True when the invitee was in another call: they were not rung and count as rejected.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub busy: bool,
    /// For the inviter who asked for `progress`, and back ends, while the invitee is pending: how far it is with their devices. At most
    /// 100 of an invitation, and only when it is read alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub devices: Vec<DeviceProgress>,
}

/// An invitation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct InvitationView {
    /// Its name everywhere.
    #[serde(rename = "inviteID")]
    pub invite_id: InviteId,
    /// Who invites.
    pub inviter: UserId,
    /// The device that invited; absent when a back end did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inviter_device: Option<Device>,
    /// The group; absent for one-to-one.
    #[serde(default, rename = "groupID", skip_serializing_if = "Option::is_none")]
    pub group_id: Option<GroupId>,
    /// The invitees in the order given.
    pub invitees: Vec<Invitee>,
    /// `device` and `data` of some answers are left out here, because the frame has no room for them: `signaling.get` reads
    /// them in pages.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub answers_left_out: bool,
    /// The app's own payload.
    pub data: String,
    /// Seconds; 0 = no deadline.
    pub timeout: u32,
    /// Server time in ms.
    pub created_at: u64,
    /// Server time in ms; absent when `timeout` is 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deadline: Option<u64>,
    /// Milliseconds left by the server's clock when this was sent; only while open and with a deadline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remaining_ms: Option<u64>,
    /// Leaves no message and reaches only those who are online.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub online_user_only: bool,
    /// The inviter wants to know how far it is.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub progress: bool,
    /// For an invitee alone, while it is pending for them: their devices ring without a sound.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub quiet: bool,
    /// The call that it invites into.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call: Option<CallLink>,
    /// Open or ended.
    pub status: Status,
    /// Present when ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_reason: Option<EndReason>,
    /// 1 at the invite, plus 1 with every transition.
    pub version: u32,
}
