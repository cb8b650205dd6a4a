//! What a back end is asked.

use serde::Serialize;
use serde_json::value::RawValue;
use wigwag_engine::Invitation;
use wigwag_protocol::call::CallLink;
use wigwag_protocol::event::GroupMembersAdded;
use wigwag_protocol::message::{Message, MessageOptions};
use wigwag_protocol::{Device, GroupId, InviteId, UserId};

use crate::store::{Growth, Planned};

/// The types of the request.
const INVITATION: &str = "invitation.before";
const MESSAGE: &str = "message.before";
const GROUP: &str = "group.before";

/// The type of the request.
pub(in crate::webhooks) fn kind(planned: &Planned) -> &'static str {
    match planned {
        Planned::Invitation(_) => INVITATION,
        Planned::Message(_) => MESSAGE,
        Planned::Growth(_) => GROUP,
    }
}

/// The same for each question about the same thing.
pub(in crate::webhooks) fn data(planned: &Planned) -> String {
    let written = match planned {
        Planned::Invitation(invitation) => serde_json::to_string(&about_invitation(invitation)),
        Planned::Message(message) => serde_json::to_string(&about_message(message)),
        Planned::Growth(growth) => serde_json::to_string(&about_growth(growth)),
    };
    written.unwrap_or_else(|error| {
        tracing::error!(%error, "a question could not be written");
        "{}".to_owned()
    })
}

/// What `message.received` would tell, without what it has only once it is sent.
#[derive(Serialize)]
struct AboutMessage<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    message: Unsent<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Unsent<'a> {
    #[serde(rename = "clientMsgID", skip_serializing_if = "Option::is_none")]
    client_msg_id: Option<&'a str>,
    conversation: &'a str,
    sender: &'a UserId,
    #[serde(skip_serializing_if = "Option::is_none")]
    receiver: Option<&'a UserId>,
    #[serde(rename = "groupID", skip_serializing_if = "Option::is_none")]
    group_id: Option<&'a GroupId>,
    #[serde(rename = "type")]
    kind: &'a str,
    content: &'a RawValue,
    #[serde(flatten)]
    options: &'a MessageOptions,
    #[serde(skip_serializing_if = "Option::is_none")]
    offline_push_info: Option<&'a RawValue>,
}

fn about_message(message: &Message) -> AboutMessage<'_> {
    let message = Unsent {
        client_msg_id: message.client_msg_id.as_deref(),
        conversation: &message.conversation,
        sender: &message.sender,
        receiver: message.receiver.as_ref(),
        group_id: message.group_id.as_ref(),
        kind: &message.kind,
        content: &message.content,
        options: &message.options,
        offline_push_info: message.offline_push_info.as_deref(),
    };
    AboutMessage { kind: MESSAGE, message }
}

/// What `group.membersAdded` would tell, and the group's `ext`.
#[derive(Serialize)]
struct AboutGrowth<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(flatten)]
    added: &'a GroupMembersAdded,
    ext: &'a str,
}

fn about_growth(growth: &Growth) -> AboutGrowth<'_> {
    AboutGrowth { kind: GROUP, added: &growth.added, ext: &growth.ext }
}

/// What `invitation.received` would tell, and the push settings, which only the server sees.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AboutInvitation<'a> {
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

fn about_invitation(invitation: &Invitation) -> AboutInvitation<'_> {
    AboutInvitation {
        kind: INVITATION,
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
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_told_as_it_was_written_and_without_what_it_has_once_it_is_sent() {
        let message: Message = serde_json::from_str(
            r#"{"messageID":"m","clientMsgID":"c","conversation":"c2c:alice bob","seq":7,"sender":"alice","receiver":"bob","time":5,
                "type":"custom","content":{"n":1e400,"n": 2},"cloudCustomData":"mine","onlineUserOnly":true}"#,
        )
        .unwrap();
        assert_eq!(
            data(&Planned::Message(Box::new(message))),
            r#"{"type":"message.before","message":{"clientMsgID":"c","conversation":"c2c:alice bob","sender":"alice","receiver":"bob","type":"custom","content":{"n":1e400,"n": 2},"cloudCustomData":"mine","onlineUserOnly":true}}"#
        );
    }
}
