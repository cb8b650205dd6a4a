//! A line of the conversation list, as OpenIM shows it.

use serde::Serialize;
use serde_json::Value;
use wigwag_protocol::UserId;
use wigwag_protocol::message::Peer;

use super::Dialect;
use super::chat::conversation_id;

/// A line of the conversation list.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Conversation {
    #[serde(rename = "conversationID")]
    id: String,
    #[serde(rename = "conversationType")]
    kind: u8,
    #[serde(rename = "userID")]
    user_id: String,
    #[serde(rename = "groupID")]
    group_id: String,
    show_name: String,
    #[serde(rename = "faceURL")]
    face_url: String,
    recv_msg_opt: u8,
    unread_count: u64,
    group_at_type: u8,
    latest_msg: String,
    latest_msg_send_time: u64,
    draft_text: &'static str,
    draft_text_time: u64,
    is_pinned: bool,
    is_private_chat: bool,
    burn_duration: u32,
    is_not_in_group: bool,
    attached_info: &'static str,
    ex: &'static str,
}

/// What is known of a conversation.
#[derive(Debug)]
pub struct Line<'a> {
    /// The other side.
    pub peer: &'a Peer,
    /// Its name for people.
    pub name: &'a str,
    /// Its picture.
    pub face_url: &'a str,
    /// How many messages of others are unread.
    pub unread: u64,
    /// Whether the user has pinned it.
    pub is_pinned: bool,
    /// The newest message that is shown, as an object, and when it was sent.
    pub latest: Option<(Value, u64)>,
}

impl Conversation {
    /// This line, as `viewer` sees it.
    pub fn of(dialect: Dialect, viewer: &UserId, line: Line<'_>) -> Self {
        let (user, group) = match line.peer {
            Peer::User(user) => (user.as_str(), ""),
            Peer::Group(group) => ("", group.as_str()),
        };
        let (latest_msg, latest_msg_send_time) =
            line.latest.map_or_else(Default::default, |(message, time)| (message.to_string(), time));
        Self {
            id: conversation_id(dialect, viewer, line.peer),
            kind: dialect.session_type(!group.is_empty()),
            user_id: user.to_owned(),
            group_id: group.to_owned(),
            show_name: line.name.to_owned(),
            face_url: line.face_url.to_owned(),
            recv_msg_opt: 0,
            unread_count: line.unread,
            group_at_type: 0,
            latest_msg,
            latest_msg_send_time,
            draft_text: "",
            draft_text_time: 0,
            is_pinned: line.is_pinned,
            is_private_chat: false,
            burn_duration: 0,
            is_not_in_group: false,
            attached_info: "",
            ex: "",
        }
    }
}
