//! Commands in few words. Each gives the usual form; a case changes the fields it is about.

use serde_json::value::RawValue;
use wigwag_engine::command::{Answer, CallRef, Cancel, CreateGroup, Invite, Invited, SendMessage};
use wigwag_engine::invitation::Switches;
use wigwag_engine::{Actor, Command, Due};
use wigwag_protocol::group::JoinPolicy;
use wigwag_protocol::invitation::Notify;
use wigwag_protocol::message::{MessageOptions, Peer};
use wigwag_protocol::params::CallWish;
use wigwag_protocol::{CallId, Device, DeviceId, GroupId, InviteId, Platform, RoomId, UserId};

pub(crate) fn user(name: &str) -> UserId {
    UserId::parse(name).unwrap()
}

pub(crate) fn group(name: &str) -> GroupId {
    GroupId::parse(name).unwrap()
}

pub(crate) fn invite_id(name: &str) -> InviteId {
    InviteId::parse(name).unwrap()
}

/// The deadline of an invitation.
pub(crate) fn due_one(name: &str) -> Due {
    Due::Invitation(invite_id(name))
}

/// A user on their phone.
pub(crate) fn on_phone(user: &UserId) -> Actor {
    on(user, "phone", Platform::LINUX)
}

/// The same user on another device.
pub(crate) fn on_tablet(user: &UserId) -> Actor {
    on(user, "tablet", Platform::WEB)
}

fn on(user: &UserId, device: &str, platform: Platform) -> Actor {
    let device = Device { device_id: DeviceId::parse(device).unwrap(), platform };
    Actor { user: user.clone(), device: Some(device) }
}

/// An invitation of one user that rings half a minute.
pub(crate) fn ring(id: &str, invitee: &UserId) -> Invite {
    Invite {
        id: Some(invite_id(id)),
        invited: Invited::User(invitee.clone()),
        data: "ring".to_owned(),
        timeout: 30,
        switches: Switches::default(),
        offline_push_info: None,
        call: None,
        unreachable: Vec::new(),
    }
}

/// An invitation of members that rings half a minute and is told to all members.
pub(crate) fn ring_members(id: &str, of: &GroupId, invitees: &[&UserId]) -> Invite {
    let invitees = invitees.iter().copied().cloned().collect();
    let invited = Invited::Members { group: of.clone(), invitees, notify: Notify::Members };
    Invite { invited, ..ring(id, &user("nobody")) }
}

/// A call by the name of the invitation that opens it.
pub(crate) fn call_id(name: &str) -> CallId {
    CallId::opened_by(&invite_id(name))
}

pub(crate) fn room(name: &str) -> RoomId {
    RoomId::parse(name).unwrap()
}

/// The invitation, into a call in a room of the server's choice.
pub(crate) fn to_call(invite: Invite) -> Invite {
    Invite { call: Some(CallWish { media_type: "video".to_owned(), room_id: None }), ..invite }
}

/// The invitation, into a call in this room.
pub(crate) fn to_room(invite: Invite, name: &str) -> Invite {
    Invite { call: Some(CallWish { media_type: "video".to_owned(), room_id: Some(room(name)) }), ..invite }
}

pub(crate) fn join_call(name: &str) -> Command {
    Command::JoinCall(CallRef::Call(call_id(name)))
}

pub(crate) fn hang_up(name: &str) -> Command {
    Command::HangUp(CallRef::Call(call_id(name)))
}

pub(crate) fn invite(invite: Invite) -> Command {
    Command::Invite(Box::new(invite))
}

pub(crate) fn accept(id: &str) -> Command {
    Command::Accept(answer(id, "yes"))
}

pub(crate) fn reject(id: &str) -> Command {
    Command::Reject(answer(id, "no"))
}

pub(crate) fn cancel(id: &str) -> Command {
    Command::Cancel(Cancel::all(answer(id, "never mind")))
}

pub(crate) fn modify(id: &str, data: &str) -> Command {
    Command::Modify(answer(id, data))
}

fn answer(id: &str, data: &str) -> Answer {
    Answer { id: invite_id(id), data: data.to_owned() }
}

pub(crate) fn to(user: &UserId) -> Peer {
    Peer::User(user.clone())
}

pub(crate) fn to_group(group: &GroupId) -> Peer {
    Peer::Group(group.clone())
}

/// A text message.
pub(crate) fn text(peer: Peer, words: &str) -> SendMessage {
    SendMessage {
        peer,
        client_msg_id: None,
        kind: "text".to_owned(),
        content: json(&serde_json::json!({ "text": words })),
        options: MessageOptions::default(),
        offline_push_info: None,
    }
}

pub(crate) fn json(value: &serde_json::Value) -> Box<RawValue> {
    serde_json::value::to_raw_value(value).unwrap()
}

pub(crate) fn send(message: SendMessage) -> Command {
    Command::SendMessage(Box::new(message))
}

pub(crate) fn mark_read(peer: Peer, seq: u64) -> Command {
    Command::MarkRead { peer, seq }
}

pub(crate) fn revoke(peer: Peer, seq: u64) -> Command {
    Command::RevokeMessage { peer, seq }
}

/// A group that anybody may join.
pub(crate) fn create_group(id: &GroupId, members: &[&UserId]) -> Command {
    Command::CreateGroup(Box::new(CreateGroup {
        id: Some(id.clone()),
        name: format!("{id} people"),
        ext: "{}".to_owned(),
        join_policy: JoinPolicy::Free,
        members: members.iter().copied().cloned().collect(),
    }))
}

pub(crate) fn set_profile(nickname: Option<&str>, face_url: Option<&str>, ext: Option<&str>) -> Command {
    let owned = |text: Option<&str>| text.map(str::to_owned);
    Command::SetProfile { nickname: owned(nickname), face_url: owned(face_url), ext: owned(ext) }
}
