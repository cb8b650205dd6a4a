//! Messages and conversations (docs/protocol.md, "Messages" and "Conversations").

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::id::{GroupId, UserId};

/// The conversation a request is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Peer {
    /// One-to-one with this user.
    User(UserId),
    /// This group.
    Group(GroupId),
}

impl Peer {
    /// Requests carry exactly one of `userID` and `groupID`; `None` when they carry both or neither.
    pub fn from_fields(user: Option<UserId>, group: Option<GroupId>) -> Option<Self> {
        match (user, group) {
            (Some(user), None) => Some(Self::User(user)),
            (None, Some(group)) => Some(Self::Group(group)),
            (None, None) | (Some(_), Some(_)) => None,
        }
    }
}

/// A place in a conversation's history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MessagePlace {
    /// Made by the server, unique.
    #[serde(rename = "messageID")]
    pub message_id: String,
    /// `c2c:` and both userIDs in byte order with a space between, or `group:` and the groupID.
    pub conversation: String,
    /// 1, 2, 3 … without gap in each conversation.
    pub seq: u64,
}

/// A message.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Message {
    /// Made by the server, unique.
    #[serde(rename = "messageID")]
    pub message_id: String,
    /// The name the sender's client gave it, if any.
    #[serde(default, rename = "clientMsgID", skip_serializing_if = "Option::is_none")]
    pub client_msg_id: Option<String>,
    /// See [`MessagePlace::conversation`].
    pub conversation: String,
    /// Place in the conversation; absent when `onlineUserOnly`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seq: Option<u64>,
    /// Who sent it.
    pub sender: UserId,
    /// The other user; absent in groups.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receiver: Option<UserId>,
    /// The group; absent one-to-one.
    #[serde(default, rename = "groupID", skip_serializing_if = "Option::is_none")]
    pub group_id: Option<GroupId>,
    /// Server time in ms.
    pub time: u64,
    /// `text`, `custom`, or another name of the app's.
    #[serde(rename = "type")]
    pub kind: String,
    /// An object whose fields depend on `type`: `{text}`, `{data, description, extension}`, anything else passes through.
    #[cfg_attr(feature = "schema", schemars(schema_with = "crate::params::object"))]
    pub content: Box<RawValue>,
    /// The sender's switches and extras.
    #[serde(flatten)]
    pub options: MessageOptions,
    /// Push settings as the sender gave them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(schema_with = "crate::params::object"))]
    pub offline_push_info: Option<Box<RawValue>>,
    /// Taken back by its sender; `content` is then `{}`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub revoked: bool,
}

/// What a sender may say about a message besides its content.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct MessageOptions {
    /// Opaque to the server.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub cloud_custom_data: String,
    /// Not stored, not counted, not pushed; reaches only those who are online.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub online_user_only: bool,
    /// Does not count as unread.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub excluded_from_unread: bool,
    /// Is not shown as a conversation's last message.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub excluded_from_last_message: bool,
    /// `high`, `normal` (the default) or `low`; carried for the clients.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<Priority>,
    /// The sender wants to know who has read it; carried for the clients.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub need_read_receipt: bool,
}

/// A message's priority, as Tencent's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum Priority {
    /// Before others.
    High,
    /// As others.
    Normal,
    /// After others.
    Low,
}

/// A line of the conversation list.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ConversationView {
    /// See [`MessagePlace::conversation`].
    pub conversation: String,
    /// The other user; absent for groups.
    #[serde(default, rename = "userID", skip_serializing_if = "Option::is_none")]
    pub user_id: Option<UserId>,
    /// The group; absent one-to-one.
    #[serde(default, rename = "groupID", skip_serializing_if = "Option::is_none")]
    pub group_id: Option<GroupId>,
    /// The newest message that is not excluded from being it, among the newest 1,000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_message: Option<Message>,
    /// The newest seq.
    pub last_seq: u64,
    /// Up to where this user has read.
    pub read_seq: u64,
    /// Up to where the other user has read; absent for groups.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peer_read_seq: Option<u64>,
    /// Messages of others after `readSeq` that count; in a group among its newest 1,000.
    pub unread: u64,
    /// Whether this user has pinned it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub pinned: bool,
}
