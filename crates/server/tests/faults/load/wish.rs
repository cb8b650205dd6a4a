//! The commands of the load. Each carries a word of its own (`token`) that its event must carry too.

use serde_json::value::to_raw_value;
use wigwag_client::requests;
use wigwag_protocol::message::Peer;
use wigwag_protocol::params::{
    Answer, CallOnly, Cancel, GroupOnly, GroupUsers, Invite, InviteInGroup, MessageSend, Modify,
};
use wigwag_protocol::result::{Acted, CallEntry, Done, Joined, MessageSent};
use wigwag_protocol::{InviteId, Method};

use crate::load::journal::{Ack, Entered};

/// A command.
#[derive(Debug, Clone)]
pub(crate) enum Wish {
    Invite(Invite),
    InviteInGroup(InviteInGroup),
    Accept(Answer),
    Reject(Answer),
    Cancel(Cancel),
    Modify(Modify),
    Send(MessageSend),
    AddMembers(GroupUsers),
    RemoveMembers(GroupUsers),
    Join(GroupOnly),
    Quit(GroupOnly),
    CallJoin(CallOnly),
    HangUp(CallOnly),
}

impl Wish {
    /// A text message that says its token.
    pub(crate) fn message(to: Peer, token: &str) -> Self {
        let client_msg_id = Some(token.to_owned());
        Self::Send(MessageSend { client_msg_id, ..requests::text(to, token) })
    }

    pub(crate) fn method(&self) -> Method {
        match self {
            Self::Invite(_) => Method::Invite,
            Self::InviteInGroup(_) => Method::InviteInGroup,
            Self::Accept(_) => Method::Accept,
            Self::Reject(_) => Method::Reject,
            Self::Cancel(_) => Method::Cancel,
            Self::Modify(_) => Method::Modify,
            Self::Send(_) => Method::MessageSend,
            Self::AddMembers(_) => Method::GroupAddMembers,
            Self::RemoveMembers(_) => Method::GroupRemoveMembers,
            Self::Join(_) => Method::GroupJoin,
            Self::Quit(_) => Method::GroupQuit,
            Self::CallJoin(_) => Method::CallJoin,
            Self::HangUp(_) => Method::CallHangUp,
        }
    }

    /// The params, JSON.
    pub(crate) fn params(&self) -> String {
        let raw = match self {
            Self::Invite(params) => to_raw_value(params),
            Self::InviteInGroup(params) => to_raw_value(params),
            Self::Accept(params) | Self::Reject(params) => to_raw_value(params),
            Self::Cancel(params) => to_raw_value(params),
            Self::Modify(params) => to_raw_value(params),
            Self::Send(params) => to_raw_value(params),
            Self::AddMembers(params) | Self::RemoveMembers(params) => to_raw_value(params),
            Self::Join(params) | Self::Quit(params) => to_raw_value(params),
            Self::CallJoin(params) | Self::HangUp(params) => to_raw_value(params),
        };
        raw.unwrap().get().to_owned()
    }

    /// The word that is this command's alone; membership commands have none, nor have those of a call.
    pub(crate) fn token(&self) -> Option<&str> {
        match self {
            Self::Invite(invite) => Some(&invite.data),
            Self::InviteInGroup(invite) => Some(&invite.data),
            Self::Accept(answer) | Self::Reject(answer) => Some(&answer.data),
            Self::Cancel(cancel) => Some(&cancel.data),
            Self::Modify(modify) => Some(&modify.data),
            Self::Send(message) => message.client_msg_id.as_deref(),
            Self::AddMembers(_)
            | Self::RemoveMembers(_)
            | Self::Join(_)
            | Self::Quit(_)
            | Self::CallJoin(_)
            | Self::HangUp(_) => None,
        }
    }

    pub(crate) fn invite_id(&self) -> Option<&InviteId> {
        match self {
            Self::Invite(invite) => invite.invite_id.as_ref(),
            Self::InviteInGroup(invite) => invite.invite_id.as_ref(),
            Self::Accept(answer) | Self::Reject(answer) => Some(&answer.invite_id),
            Self::Cancel(cancel) => Some(&cancel.invite_id),
            Self::Modify(modify) => Some(&modify.invite_id),
            Self::Send(_)
            | Self::AddMembers(_)
            | Self::RemoveMembers(_)
            | Self::Join(_)
            | Self::Quit(_)
            | Self::CallJoin(_)
            | Self::HangUp(_) => None,
        }
    }

    /// The types of the events that it may make, one of which it makes.
    pub(crate) fn event_types(&self) -> &'static [&'static str] {
        match self {
            // Two who call each other: the later one accepts.
            Self::Invite(Invite { call: Some(_), .. }) => &["invitation.received", "invitation.accepted"],
            Self::Invite(_) | Self::InviteInGroup(_) => &["invitation.received"],
            Self::Accept(_) => &["invitation.accepted"],
            Self::Reject(_) => &["invitation.rejected"],
            Self::Cancel(_) => &["invitation.cancelled"],
            Self::Modify(_) => &["invitation.modified"],
            Self::Send(_) => &["message.received"],
            Self::AddMembers(_) | Self::Join(_) => &["group.membersAdded"],
            Self::RemoveMembers(_) | Self::Quit(_) => &["group.membersRemoved"],
            Self::CallJoin(_) => &["call.joined", "invitation.accepted"],
            Self::HangUp(_) => &["call.hungUp", "invitation.cancelled", "invitation.rejected"],
        }
    }

    /// Whether it is a step of a call that may turn out to be one of an invitation into it.
    pub(crate) fn is_step_of_call(&self) -> bool {
        matches!(self, Self::CallJoin(_) | Self::HangUp(_))
    }

    /// Whether a device may say it twice.
    pub(crate) fn may_be_repeated(&self) -> bool {
        match self {
            Self::Invite(_)
            | Self::InviteInGroup(_)
            | Self::Accept(_)
            | Self::Reject(_)
            | Self::Cancel(_)
            | Self::Send(_) => true,
            Self::Modify(_)
            | Self::AddMembers(_)
            | Self::RemoveMembers(_)
            | Self::Join(_)
            | Self::Quit(_)
            | Self::CallJoin(_)
            | Self::HangUp(_) => false,
        }
    }

    /// Reads the result of a raw reply.
    pub(crate) fn read_ack(&self, result: &str) -> Ack {
        match self {
            Self::Send(_) => serde_json::from_str::<MessageSent>(result).unwrap().into(),
            Self::AddMembers(_)
            | Self::RemoveMembers(_)
            | Self::Join(_)
            | Self::Quit(_)
            | Self::HangUp(_) => serde_json::from_str::<Done>(result).unwrap().into(),
            Self::CallJoin(_) => serde_json::from_str::<Joined>(result).unwrap().into(),
            Self::Invite(_)
            | Self::InviteInGroup(_)
            | Self::Accept(_)
            | Self::Reject(_)
            | Self::Cancel(_)
            | Self::Modify(_) => serde_json::from_str::<Acted>(result).unwrap().into(),
        }
    }
}

impl From<Acted> for Ack {
    fn from(acted: Acted) -> Self {
        let message = acted.message.map(|place| (place.conversation, place.seq));
        let call = acted.call.map(|entry| (*entry).into());
        Self { cursor: acted.cursor, version: Some(acted.version), deadline: acted.deadline, message, call }
    }
}

impl From<MessageSent> for Ack {
    fn from(sent: MessageSent) -> Self {
        let message = sent.seq.map(|seq| (sent.conversation, seq));
        Self { cursor: sent.cursor, version: None, deadline: None, message, call: None }
    }
}

impl From<Done> for Ack {
    fn from(done: Done) -> Self {
        Self { cursor: done.cursor, version: None, deadline: None, message: None, call: None }
    }
}

impl From<Joined> for Ack {
    fn from(joined: Joined) -> Self {
        let call = Some(joined.entry.into());
        Self { cursor: joined.cursor, version: None, deadline: None, message: None, call }
    }
}

impl From<CallEntry> for Entered {
    fn from(entry: CallEntry) -> Self {
        let accepted = entry.accepted.map(|id| id.to_string());
        Self { id: entry.link.call_id.to_string(), accepted }
    }
}
