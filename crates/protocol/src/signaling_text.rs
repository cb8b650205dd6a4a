//! The text of the custom message each action makes, in the field's wire form (docs/protocol.md,
//! "Signaling in history").
//!
//! Clients that know only messages read an invitation's history from it.

use serde::{Deserialize, Serialize};

use serde_json::value::RawValue;

use crate::event::{InvitationAnswered, InvitationClosed};
use crate::id::{GroupId, InviteId, UserId};
use crate::message::{Message, MessageOptions, MessagePlace};
use crate::{Event, InvitationEvent};

/// What a signaling message says, by the field's numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum ActionType {
    /// The inviter invites.
    Invite = 1,
    /// The inviter takes it back.
    Cancel = 2,
    /// An invitee accepts.
    Accept = 3,
    /// An invitee rejects.
    Reject = 4,
    /// The deadline passed.
    Timeout = 5,
}

impl ActionType {
    /// Every action, in the order of their numbers.
    pub const ALL: [Self; 5] = [Self::Invite, Self::Cancel, Self::Accept, Self::Reject, Self::Timeout];
}

/// The JSON object inside a signaling message's `content.data`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct SignalingText {
    /// Always 1.
    #[serde(rename = "businessID")]
    pub business_id: u8,
    /// The invitation.
    #[serde(rename = "inviteID")]
    pub invite_id: InviteId,
    /// Who invited.
    pub inviter: UserId,
    /// Invite: everybody. Accept, reject: the one. Cancel, timeout: those who were pending.
    pub invitee_list: Vec<UserId>,
    /// Empty one-to-one.
    #[serde(
        rename = "groupID",
        serialize_with = "empty_when_none",
        deserialize_with = "none_when_empty",
        default
    )]
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub group_id: Option<GroupId>,
    /// 1 invite, 2 cancel, 3 accept, 4 reject, 5 timeout.
    pub action_type: u8,
    /// Seconds on an invite, else 0.
    #[serde(default)]
    pub timeout: u32,
    /// The app's own payload.
    #[serde(default)]
    pub data: String,
    /// Always false in history.
    #[serde(default)]
    pub online_user_only: bool,
}

#[expect(clippy::ref_option, reason = "the signature serde asks for")]
fn empty_when_none<S: serde::Serializer>(group: &Option<GroupId>, s: S) -> Result<S::Ok, S::Error> {
    s.serialize_str(group.as_ref().map_or("", GroupId::as_str))
}

fn none_when_empty<'de, D: serde::Deserializer<'de>>(d: D) -> Result<Option<GroupId>, D::Error> {
    let text = std::borrow::Cow::<'de, str>::deserialize(d)?;
    if text.is_empty() { Ok(None) } else { GroupId::parse(&text).map(Some).map_err(serde::de::Error::custom) }
}

impl SignalingText {
    /// Reads the text of a custom message; `None` when it is not signaling.
    pub fn read(text: &str) -> Option<Self> {
        let read: Self = serde_json::from_str(text).ok()?;
        (read.business_id == 1 && (1..=5).contains(&read.action_type)).then_some(read)
    }
}

/// The custom message an invitation's event stands for; `None` for other events and for those without a message.
/// `time` is the event's, server time in ms.
pub fn message_of(event: &Event, time: u64) -> Option<Message> {
    let (text, sender, place) = parts(event)?;
    let data = serde_json::to_string(&text).ok()?;
    let content = serde_json::to_string(&serde_json::json!({ "data": data })).ok()?;
    let receiver = match (&text.group_id, text.invitee_list.as_slice()) {
        (None, [invitee, ..]) => {
            Some(if *invitee == sender { text.inviter.clone() } else { invitee.clone() })
        }
        (Some(_), _) | (None, []) => None,
    };
    Some(Message {
        message_id: place.message_id,
        client_msg_id: None,
        conversation: place.conversation,
        seq: Some(place.seq),
        sender,
        receiver,
        group_id: text.group_id,
        time,
        kind: "custom".to_owned(),
        content: RawValue::from_string(content).ok()?,
        options: MessageOptions::default(),
        offline_push_info: None,
        revoked: false,
    })
}

/// The text, who sent it, and its place.
fn parts(event: &Event) -> Option<Parts> {
    match event.of_invitation()? {
        InvitationEvent::Received(body) => {
            let text = text(&body.invite_id, &body.inviter, body.group_id.as_ref(), ActionType::Invite);
            let (invitee_list, data) = (body.invitee_list.clone(), body.data.clone());
            let text = SignalingText { invitee_list, data, timeout: body.timeout, ..text };
            Some((text, body.inviter.clone(), body.message.clone()?))
        }
        InvitationEvent::Accepted(body) => answered(body, ActionType::Accept),
        InvitationEvent::Rejected(body) => answered(body, ActionType::Reject),
        InvitationEvent::Cancelled(body) => closed(body, ActionType::Cancel),
        InvitationEvent::TimedOut(body) => closed(body, ActionType::Timeout),
        InvitationEvent::Modified(_) => None,
    }
}

type Parts = (SignalingText, UserId, MessagePlace);

fn answered(body: &InvitationAnswered, action: ActionType) -> Option<Parts> {
    let text = text(&body.invite_id, &body.inviter, body.group_id.as_ref(), action);
    let text = SignalingText { invitee_list: vec![body.invitee.clone()], data: body.data.clone(), ..text };
    Some((text, body.invitee.clone(), body.message.clone()?))
}

fn closed(body: &InvitationClosed, action: ActionType) -> Option<Parts> {
    let text = text(&body.invite_id, &body.inviter, body.group_id.as_ref(), action);
    let text = SignalingText { invitee_list: body.invitee_list.clone(), data: body.data.clone(), ..text };
    Some((text, body.inviter.clone(), body.message.clone()?))
}

fn text(
    invite_id: &InviteId,
    inviter: &UserId,
    group_id: Option<&GroupId>,
    action: ActionType,
) -> SignalingText {
    SignalingText {
        business_id: 1,
        invite_id: invite_id.clone(),
        inviter: inviter.clone(),
        invitee_list: Vec::new(),
        group_id: group_id.cloned(),
        action_type: action as u8,
        timeout: 0,
        data: String::new(),
        online_user_only: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_signaling_is_read_as_signaling() {
        let text = r#"{"businessID":1,"inviteID":"i","inviter":"a","inviteeList":["b"],"groupID":"","actionType":1,"timeout":30,"data":"x","onlineUserOnly":false}"#;
        let read = SignalingText::read(text).unwrap();
        assert_eq!(serde_json::to_string(&read).unwrap(), text);
        assert!(SignalingText::read(r#"{"text":"inviteID actionType"}"#).is_none());
        assert!(
            SignalingText::read(&text.replace("\"businessID\":1", "\"businessID\":\"av_call\"")).is_none()
        );
    }
}
