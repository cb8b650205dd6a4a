//! What a back end is asked.

use serde::Serialize;
use serde_json::value::RawValue;
use wigwag_engine::Invitation;
use wigwag_protocol::call::CallLink;
use wigwag_protocol::{Device, GroupId, InviteId, UserId};

/// The type of the request.
pub(super) const KIND: &str = "invitation.before";

/// What `invitation.received` would tell, and the push settings, which only the server sees.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Told<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(rename = "inviteID")]
    invite_id: &'a InviteId,
    inviter: &'a UserId,
    #[serde(rename = "groupID", skip_serializing_if = "Option::is_none")]
    group_id: Option<&'a GroupId>,
    invitee_list: Vec<UserId>,
    data: &'a str,
    timeout: u32,
    online_user_only: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    device: Option<&'a Device>,
    #[serde(skip_serializing_if = "Option::is_none")]
    call: Option<&'a CallLink>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    busy: Vec<UserId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    offline_push_info: Option<&'a RawValue>,
}

/// The same for each question about the same invitation.
pub(super) fn data(invitation: &Invitation) -> String {
    let told = Told {
        kind: KIND,
        invite_id: &invitation.id,
        inviter: &invitation.inviter,
        group_id: invitation.group(),
        invitee_list: invitation.users().collect(),
        data: &invitation.data,
        timeout: invitation.timeout,
        online_user_only: invitation.switches.online_user_only,
        device: invitation.inviter_device.as_ref(),
        call: invitation.call.as_ref(),
        busy: invitation.busy().collect(),
        // Whoever made it has checked that it is JSON.
        offline_push_info: invitation
            .offline_push_info
            .as_deref()
            .and_then(|info| serde_json::from_str(info).ok()),
    };
    serde_json::to_string(&told).unwrap_or_else(|error| {
        tracing::error!(%error, "a question could not be written");
        "{}".to_owned()
    })
}
