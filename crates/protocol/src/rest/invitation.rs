//! Invitations, made and settled for users.

use serde::{Deserialize, Serialize};

use crate::call::CallLink;
use crate::id::{InviteId, UserId};
use crate::invitation::{InvitationView, Status};
use crate::message::MessagePlace;
use crate::result::Acted;

/// An invitation, by the path.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct InvitationParams {
    /// The invitation.
    #[serde(rename = "inviteID")]
    pub invite_id: InviteId,
}

/// A user and an invitation, by the path.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PartyParams {
    /// The user.
    #[serde(rename = "userID")]
    pub user_id: UserId,
    /// The invitation.
    #[serde(rename = "inviteID")]
    pub invite_id: InviteId,
}

/// A page of a user's open invitations.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct OpenPage {
    /// The `next` of the page before.
    pub after: Option<String>,
    /// Most invitations of a page, 1 to 1,000; 100 when it is left out. A page ends by bytes as well.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 1_000)))]
    pub limit: Option<u32>,
}

/// A page of the invitations since a time.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct InvitationHistoryPage {
    /// When the first of them began, server time in ms; with `after` it is not looked at. Without both, the oldest that is kept.
    pub since: Option<u64>,
    /// The `next` of the page before.
    pub after: Option<u64>,
    /// Only those that are open, or only those that have ended.
    pub status: Option<Status>,
    /// Most invitations of a page, 1 to 1,000; 100 when it is left out. A page ends by bytes as well.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 1_000)))]
    pub limit: Option<u32>,
}

/// Invitations since a time.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct InvitationHistory {
    /// As they are now, in the order in which they began. May be short, or empty, although another page follows.
    pub invitations: Vec<InvitationView>,
    /// Give it as `after` for the next page; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<u64>,
}

/// An invitee's answer.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct AnswerWish {
    /// The app's own payload.
    pub data: String,
}

/// How an invitation is taken back.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct CancelWish {
    /// The app's own payload.
    pub data: String,
    /// The invitees from whom it is taken back; when it is left out, everybody who is pending.
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pub invitee_list: Option<Vec<UserId>>,
}

/// A command on an invitation that was carried out. It tells no tokens for media: those are for whoever joins, on their device.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ActedForUser {
    /// The invitation.
    #[serde(rename = "inviteID")]
    pub invite_id: InviteId,
    /// When it was decided, server time in ms.
    pub time: u64,
    /// The version it produced.
    pub version: u32,
    /// Server time in ms; on invites with a deadline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deadline: Option<u64>,
    /// The message it made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<MessagePlace>,
    /// Invitees left out: they are not members, block the inviter, or too many invitations are pending for them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ignored_invitees: Vec<UserId>,
    /// The call that it invites into.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call: Option<CallLink>,
    /// Invitees who are in another call and do not ring.
    #[serde(default, rename = "busyLineUserIDList", skip_serializing_if = "Vec::is_empty")]
    pub busy: Vec<UserId>,
    /// The two called each other: this invitation of the other's was accepted instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accepted: Option<InviteId>,
}

impl From<Acted> for ActedForUser {
    fn from(acted: Acted) -> Self {
        let (call, busy, accepted) = match acted.call {
            Some(entry) => (Some(entry.link), entry.busy, entry.accepted),
            None => (None, Vec::new(), None),
        };
        Self {
            invite_id: acted.invite_id,
            time: acted.time,
            version: acted.version,
            deadline: acted.deadline,
            message: acted.message,
            ignored_invitees: acted.ignored_invitees,
            call,
            busy,
            accepted,
        }
    }
}
