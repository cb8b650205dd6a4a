//! Parameters with their defaults, to be changed with struct update syntax:
//! `Invite { data: "hello".into(), ..requests::invite(bob) }`.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::value::{RawValue, to_raw_value};
use wigwag_protocol::call::CallLink;
use wigwag_protocol::group::JoinPolicy;
use wigwag_protocol::invitation::Notify;
use wigwag_protocol::message::{MessageOptions, Peer};
use wigwag_protocol::params::{
    Answer, CallList, CallOnly, CallSignal, CallWish, Cancel, ConversationList, DEFAULT_TIMEOUT, Direction,
    GroupCreate, GroupSetAttributes, GroupSetInfo, Invite, InviteInGroup, MessageAt, MessageHistory,
    MessageReceipts, MessageSend, UserSetProfile,
};
use wigwag_protocol::{CallId, GroupId, InviteId, UserId};

/// An invitation that rings for 30 s.
pub fn invite(invitee: UserId) -> Invite {
    Invite {
        invite_id: None,
        invitee,
        inviter: None,
        data: String::new(),
        timeout: DEFAULT_TIMEOUT,
        online_user_only: false,
        excluded_from_unread: false,
        excluded_from_last_message: false,
        progress: false,
        call: None,
        offline_push_info: None,
    }
}

/// An invitation that rings for 30 s and that every member hears of.
pub fn invite_in_group(group_id: GroupId, invitee_list: Vec<UserId>) -> InviteInGroup {
    InviteInGroup {
        invite_id: None,
        group_id,
        invitee_list,
        notify: Notify::default(),
        inviter: None,
        data: String::new(),
        timeout: DEFAULT_TIMEOUT,
        online_user_only: false,
        excluded_from_unread: false,
        excluded_from_last_message: false,
        progress: false,
        call: None,
        offline_push_info: None,
    }
}

/// What makes an invitation open a call, in a room of the server's making: `Invite { call: Some(requests::call("video")), … }`.
pub fn call(media_type: &str) -> CallWish {
    CallWish { media_type: media_type.to_owned(), room_id: None }
}

/// What makes an invitation ring in a call that one is in.
pub fn into_call(call: &CallLink) -> CallWish {
    CallWish { media_type: call.media_type.clone(), room_id: Some(call.room_id.clone()) }
}

/// A call, to join it or to hang up.
pub fn call_of(call_id: CallId) -> CallOnly {
    CallOnly { call_id: Some(call_id), room_id: None }
}

/// A signal to all others in a call.
pub fn call_signal(call_id: CallId, data: String) -> CallSignal {
    CallSignal { call_id: Some(call_id), room_id: None, to: None, data }
}

/// The first page of one's calls.
pub fn calls() -> CallList {
    CallList { missed: false, limit: None, after: None }
}

/// A cancel of everybody who is pending, without data.
pub fn cancel(invite_id: InviteId) -> Cancel {
    Cancel { invite_id, invitee_list: None, data: String::new(), user_id: None }
}

/// An accept or reject without data.
pub fn answer(invite_id: InviteId) -> Answer {
    Answer { invite_id, data: String::new(), user_id: None }
}

/// A text message.
pub fn text(peer: Peer, text: &str) -> MessageSend {
    message(peer, "text", object("text", text))
}

/// A custom message.
pub fn custom(peer: Peer, data: &str) -> MessageSend {
    message(peer, "custom", object("data", data))
}

/// A message of any type; `content` must be a JSON object.
pub fn message(peer: Peer, kind: &str, content: Box<RawValue>) -> MessageSend {
    let (user_id, group_id) = fields(peer);
    MessageSend {
        user_id,
        group_id,
        client_msg_id: None,
        kind: kind.to_owned(),
        content,
        offline_push_info: None,
        options: MessageOptions::default(),
    }
}

/// The newest page of a conversation, newest message first.
pub fn history(peer: Peer) -> MessageHistory {
    let (user_id, group_id) = fields(peer);
    MessageHistory { user_id, group_id, from_seq: None, direction: Direction::Older, limit: None }
}

/// A message in a conversation.
pub fn message_at(peer: Peer, seq: u64) -> MessageAt {
    let (user_id, group_id) = fields(peer);
    MessageAt { user_id, group_id, seq }
}

/// Who has read a message: the first page.
pub fn receipts(peer: Peer, seq: u64) -> MessageReceipts {
    let (user_id, group_id) = fields(peer);
    MessageReceipts { user_id, group_id, seq, limit: None, after: None }
}

/// The first page of the conversation list.
pub fn conversations() -> ConversationList {
    ConversationList { limit: None, after: None }
}

/// A group that anybody may join, with an id of the server's.
pub fn group(name: &str, members: Vec<UserId>) -> GroupCreate {
    GroupCreate {
        group_id: None,
        name: name.to_owned(),
        ext: String::new(),
        join_policy: JoinPolicy::default(),
        members,
    }
}

/// No change of a group's description.
pub fn group_changes(group_id: GroupId) -> GroupSetInfo {
    GroupSetInfo { group_id, name: None, ext: None, join_policy: None }
}

/// No change of a group's attributes.
pub fn attribute_changes(group_id: GroupId) -> GroupSetAttributes {
    let (set, delete) = <(BTreeMap<String, String>, BTreeSet<String>)>::default();
    let (counters, add) = <(BTreeMap<String, i64>, BTreeMap<String, i64>)>::default();
    GroupSetAttributes { group_id, set, delete, replace: false, if_version: None, counters, add }
}

/// No change of one's profile.
pub fn profile_changes() -> UserSetProfile {
    UserSetProfile { nickname: None, face_url: None, ext: None }
}

fn fields(peer: Peer) -> (Option<UserId>, Option<GroupId>) {
    match peer {
        Peer::User(user) => (Some(user), None),
        Peer::Group(group) => (None, Some(group)),
    }
}

fn object(field: &str, value: &str) -> Box<RawValue> {
    to_raw_value(&serde_json::json!({ field: value })).expect("an object of one string")
}
