//! Parameters of every method. Fields the server does not know are ignored.

pub(crate) mod news;
mod presence;
mod push;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

pub use self::news::{GroupList, GroupNews};
pub use self::presence::{UserGetStatus, UserSetStatus, UserWatch};
pub use self::push::{PushKeys, PushProvider, PushRegister};
use crate::group::{JoinPolicy, ReachableBy, Role};
use crate::id::{CallId, DeviceId, GroupId, InviteId, Platform, RoomId, UserId};
use crate::invitation::Notify;
use crate::message::MessageOptions;

/// Seconds an invitation rings when the client does not say (docs/semantics.md, "Time").
pub const DEFAULT_TIMEOUT: u32 = 30;

const fn default_timeout() -> u32 {
    DEFAULT_TIMEOUT
}

/// The schema of JSON that is passed on as it is.
#[cfg(feature = "schema")]
pub(crate) fn object(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
    schemars::json_schema!({ "type": "object" })
}

macro_rules! params {
    ($($(#[$meta:meta])* pub struct $name:ident { $($body:tt)* })+) => {
        $(
            #[derive(Debug, Clone, Serialize, Deserialize)]
            #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
            #[serde(rename_all = "camelCase")]
            $(#[$meta])*
            pub struct $name { $($body)* }
        )+
    };
}

/// What both kinds of invitation say stands in both: a flattened struct would cost a copy of every field on the
/// busiest method and cannot carry raw JSON.
macro_rules! invite_params {
    ($($(#[$meta:meta])* pub struct $name:ident { $($own:tt)* })+) => {
        params! {
            $(
                $(#[$meta])*
                pub struct $name {
                    /// Chosen by the client (a `UUIDv7` is best), or made by the server when absent.
                    #[serde(default, rename = "inviteID", skip_serializing_if = "Option::is_none")]
                    pub invite_id: Option<InviteId>,
                    $($own)*
                    /// If given, must be the signed-in user.
                    #[serde(default, skip_serializing_if = "Option::is_none")]
                    pub inviter: Option<UserId>,
                    /// The app's own payload, at most 16 KiB.
                    #[serde(default, skip_serializing_if = "String::is_empty")]
                    pub data: String,
                    /// Seconds, 0 to 86,400; 0 = never times out.
                    #[serde(default = "default_timeout")]
                    pub timeout: u32,
                    /// Leaves no message; reaches only those who are online. Inherited by all that follows.
                    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
                    pub online_user_only: bool,
                    /// Its messages do not count as unread.
                    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
                    pub excluded_from_unread: bool,
                    /// Its messages are not shown as the conversation's last message.
                    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
                    pub excluded_from_last_message: bool,
                    /// The inviter is told how far it is with each device of the invitees (`invitation.progress`).
                    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
                    pub progress: bool,
                    /// Present when it invites into a call.
                    #[cfg_attr(feature = "schema", schemars(with = "Option<CallWish>"))]
                    #[serde(
                        default,
                        deserialize_with = "crate::members::optional",
                        skip_serializing_if = "Option::is_none"
                    )]
                    pub call: Option<CallWish>,
                    /// Push settings, an object kept as it is for the push adapters.
                    #[cfg_attr(feature = "schema", schemars(schema_with = "crate::params::object"))]
                    #[serde(
                        default,
                        deserialize_with = "crate::free_json::optional_object",
                        skip_serializing_if = "Option::is_none"
                    )]
                    pub offline_push_info: Option<Box<RawValue>>,
                }
            )+
        }
    };
}

invite_params! {
    /// `signaling.invite`
    pub struct Invite {
        /// Who is invited.
        pub invitee: UserId,
    }

    /// `signaling.inviteInGroup`
    pub struct InviteInGroup {
        /// The group.
        #[serde(rename = "groupID")]
        pub group_id: GroupId,
        /// Who is invited; those who are not members are left out and named in the reply.
        pub invitee_list: Vec<UserId>,
        /// Who is told.
        #[serde(default)]
        pub notify: Notify,
    }
}

params! {
    /// `session.open`
    pub struct SessionOpen {
        /// A `UserSig` or a JWT.
        pub token: String,
        /// Needed only to be told early when the token is another user's.
        #[serde(default, rename = "userID", skip_serializing_if = "Option::is_none")]
        pub user_id: Option<UserId>,
        /// This device; the same on every connection it makes.
        #[serde(rename = "deviceID")]
        pub device_id: DeviceId,
        /// What kind of device it is.
        pub platform: Platform,
        /// The last cursor this device has taken over. Absent: start at the head.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub cursor: Option<u64>,
    }

    /// `signaling.ringing`
    pub struct Ringing {
        /// The invitation.
        #[serde(rename = "inviteID")]
        pub invite_id: InviteId,
    }

    /// `session.ack`
    pub struct SessionAck {
        /// Everything up to here is safe with the device.
        pub cursor: u64,
    }

    /// Parameters of the methods that take none.
    pub struct Nothing {}

    /// `signaling.cancel`
    pub struct Cancel {
        /// The invitation.
        #[serde(rename = "inviteID")]
        pub invite_id: InviteId,
        /// The invitees from whom it is taken back; absent: everybody who is pending.
        #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub invitee_list: Option<Vec<UserId>>,
        /// The app's own payload, at most 16 KiB.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        pub data: String,
        /// If given, must be the signed-in user.
        #[serde(default, rename = "userID", skip_serializing_if = "Option::is_none")]
        pub user_id: Option<UserId>,
    }

    /// `signaling.accept`, `signaling.reject`
    pub struct Answer {
        /// The invitation.
        #[serde(rename = "inviteID")]
        pub invite_id: InviteId,
        /// The app's own payload, at most 16 KiB.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        pub data: String,
        /// If given, must be the signed-in user.
        #[serde(default, rename = "userID", skip_serializing_if = "Option::is_none")]
        pub user_id: Option<UserId>,
    }

    /// `signaling.modify`
    pub struct Modify {
        /// The invitation.
        #[serde(rename = "inviteID")]
        pub invite_id: InviteId,
        /// Replaces the invitation's data, at most 16 KiB.
        pub data: String,
    }

    /// `signaling.get`
    pub struct Get {
        /// The invitation.
        #[serde(rename = "inviteID")]
        pub invite_id: InviteId,
        /// `next` of the page before: the answers after this invitee's.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub after: Option<UserId>,
    }

    /// `signaling.listOpen`
    #[derive(Default)]
    pub struct ListOpen {
        /// At most this many, 1–100; default 100.
        #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 100)))]
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub limit: Option<u32>,
        /// `next` of the page before, or `openInvitationsNext` of `session.open`.
        #[cfg_attr(feature = "schema", schemars(extend("pattern" = "^[0-9]{1,20}-[ -~]{1,128}$")))]
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub after: Option<String>,
    }

    /// The call that an invitation is for.
    #[derive(PartialEq, Eq)]
    pub struct CallWish {
        /// `audio`, `video`, or a word of the app's, 1–32 bytes of UTF-8.
        #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
        pub media_type: String,
        /// A room of the app's choice, or that of the call into which more people are invited; made by the server when absent.
        #[serde(default, rename = "roomID", skip_serializing_if = "Option::is_none")]
        pub room_id: Option<RoomId>,
    }

    /// `call.join`, `call.hangUp`: exactly one of `callID` and `roomID`.
    #[cfg_attr(feature = "schema", schemars(extend("oneOf" = [{ "required": ["callID"] }, { "required": ["roomID"] }])))]
    pub struct CallOnly {
        /// The call.
        #[serde(default, rename = "callID", skip_serializing_if = "Option::is_none")]
        pub call_id: Option<CallId>,
        /// The newest call of this room.
        #[serde(default, rename = "roomID", skip_serializing_if = "Option::is_none")]
        pub room_id: Option<RoomId>,
    }

    /// `call.get`: exactly one of `callID`, `roomID` and `groupID`.
    #[cfg_attr(
        feature = "schema",
        schemars(extend("oneOf" = [{ "required": ["callID"] }, { "required": ["roomID"] }, { "required": ["groupID"] }]))
    )]
    pub struct CallGet {
        /// The call.
        #[serde(default, rename = "callID", skip_serializing_if = "Option::is_none")]
        pub call_id: Option<CallId>,
        /// The newest call of this room.
        #[serde(default, rename = "roomID", skip_serializing_if = "Option::is_none")]
        pub room_id: Option<RoomId>,
        /// The newest running call of this group.
        #[serde(default, rename = "groupID", skip_serializing_if = "Option::is_none")]
        pub group_id: Option<GroupId>,
    }

    /// `call.list`
    pub struct CallList {
        /// Only calls that the user missed.
        #[serde(default)]
        pub missed: bool,
        /// At most this many, 1–100; default 20.
        #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 100)))]
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub limit: Option<u32>,
        /// `next` of the page before.
        #[cfg_attr(feature = "schema", schemars(extend("pattern" = "^[0-9]{1,20}-[ -~]{1,128}$")))]
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub after: Option<String>,
    }

    /// `call.markSeen`
    pub struct CallMarkSeen {
        /// Server time in ms: calls that began up to then have been looked at.
        pub up_to: u64,
    }

    /// `call.signal`: exactly one of `callID` and `roomID`.
    #[cfg_attr(feature = "schema", schemars(extend("oneOf" = [{ "required": ["callID"] }, { "required": ["roomID"] }])))]
    pub struct CallSignal {
        /// The call.
        #[serde(default, rename = "callID", skip_serializing_if = "Option::is_none")]
        pub call_id: Option<CallId>,
        /// The newest call of this room.
        #[serde(default, rename = "roomID", skip_serializing_if = "Option::is_none")]
        pub room_id: Option<RoomId>,
        /// Only to this user in the call; absent: to all others.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub to: Option<UserId>,
        /// The app's own payload, at most 16 KiB.
        pub data: String,
    }

    /// `message.send`: exactly one of `userID` and `groupID`.
    #[cfg_attr(feature = "schema", schemars(extend("oneOf" = [{ "required": ["userID"] }, { "required": ["groupID"] }])))]
    pub struct MessageSend {
        /// One-to-one.
        #[serde(default, rename = "userID", skip_serializing_if = "Option::is_none")]
        pub user_id: Option<UserId>,
        /// To a group.
        #[serde(default, rename = "groupID", skip_serializing_if = "Option::is_none")]
        pub group_id: Option<GroupId>,
        /// Idempotency key of the sender's, 1–128 bytes: the same again gets the first reply again.
        #[serde(default, rename = "clientMsgID", skip_serializing_if = "Option::is_none")]
        pub client_msg_id: Option<String>,
        /// `text`, `custom`, or another name of the app's, 1–32 bytes.
        #[serde(rename = "type")]
        pub kind: String,
        /// An object: `{text}` for text, `{data, description?, extension?}` for custom, anything for other types.
        #[cfg_attr(feature = "schema", schemars(schema_with = "crate::params::object"))]
        #[serde(deserialize_with = "crate::free_json::required")]
        pub content: Box<RawValue>,
        /// Push settings, an object kept as it is for the push adapters.
        #[cfg_attr(feature = "schema", schemars(schema_with = "crate::params::object"))]
        #[serde(
            default,
            deserialize_with = "crate::free_json::optional_object",
            skip_serializing_if = "Option::is_none"
        )]
        pub offline_push_info: Option<Box<RawValue>>,
        /// Switches and extras.
        #[serde(flatten)]
        pub options: MessageOptions,
    }

    /// `message.history`: exactly one of `userID` and `groupID`.
    #[cfg_attr(feature = "schema", schemars(extend("oneOf" = [{ "required": ["userID"] }, { "required": ["groupID"] }])))]
    pub struct MessageHistory {
        /// One-to-one.
        #[serde(default, rename = "userID", skip_serializing_if = "Option::is_none")]
        pub user_id: Option<UserId>,
        /// Of a group.
        #[serde(default, rename = "groupID", skip_serializing_if = "Option::is_none")]
        pub group_id: Option<GroupId>,
        /// Start here, inclusive. Absent: from the newest (older) or the oldest (newer).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub from_seq: Option<u64>,
        /// Which way to read.
        #[serde(default)]
        pub direction: Direction,
        /// At most this many, 1–100; default 20.
        #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 100)))]
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub limit: Option<u32>,
    }

    /// `message.revoke`, `message.markRead`: exactly one of `userID` and `groupID`.
    #[cfg_attr(feature = "schema", schemars(extend("oneOf" = [{ "required": ["userID"] }, { "required": ["groupID"] }])))]
    pub struct MessageAt {
        /// One-to-one.
        #[serde(default, rename = "userID", skip_serializing_if = "Option::is_none")]
        pub user_id: Option<UserId>,
        /// Of a group.
        #[serde(default, rename = "groupID", skip_serializing_if = "Option::is_none")]
        pub group_id: Option<GroupId>,
        /// The message's place in the conversation.
        pub seq: u64,
    }

    /// `message.receipts`: exactly one of `userID` and `groupID`.
    #[cfg_attr(feature = "schema", schemars(extend("oneOf" = [{ "required": ["userID"] }, { "required": ["groupID"] }])))]
    pub struct MessageReceipts {
        /// One-to-one.
        #[serde(default, rename = "userID", skip_serializing_if = "Option::is_none")]
        pub user_id: Option<UserId>,
        /// Of a group.
        #[serde(default, rename = "groupID", skip_serializing_if = "Option::is_none")]
        pub group_id: Option<GroupId>,
        /// The message's place in the conversation.
        pub seq: u64,
        /// At most this many readers, 1–500; default 500.
        #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 500)))]
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub limit: Option<u32>,
        /// `next` of the page before.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub after: Option<UserId>,
    }

    /// `conversation.list`
    pub struct ConversationList {
        /// At most this many, 1–100; default 50.
        #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 100)))]
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub limit: Option<u32>,
        /// `next` of the page before.
        #[cfg_attr(feature = "schema", schemars(extend(
            "pattern" = "^(p?[0-9]{1,20}-)?(c2c:[!-~]{1,64} [!-~]{1,64}|group:[!-~]{1,48})$"
        )))]
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub after: Option<String>,
    }

    /// `conversation.pin`: exactly one of `userID` and `groupID`.
    #[cfg_attr(feature = "schema", schemars(extend("oneOf" = [{ "required": ["userID"] }, { "required": ["groupID"] }])))]
    pub struct ConversationPin {
        /// The other user.
        #[serde(default, rename = "userID", skip_serializing_if = "Option::is_none")]
        pub user_id: Option<UserId>,
        /// The group.
        #[serde(default, rename = "groupID", skip_serializing_if = "Option::is_none")]
        pub group_id: Option<GroupId>,
        /// False takes the pin away.
        pub pinned: bool,
    }

    /// `conversation.delete`: exactly one of `userID` and `groupID`.
    #[cfg_attr(feature = "schema", schemars(extend("oneOf" = [{ "required": ["userID"] }, { "required": ["groupID"] }])))]
    pub struct ConversationOnly {
        /// The other user.
        #[serde(default, rename = "userID", skip_serializing_if = "Option::is_none")]
        pub user_id: Option<UserId>,
        /// The group.
        #[serde(default, rename = "groupID", skip_serializing_if = "Option::is_none")]
        pub group_id: Option<GroupId>,
    }

    /// `group.create`: the signed-in user becomes the owner.
    pub struct GroupCreate {
        /// Chosen by the client, or made by the server when absent.
        #[serde(default, rename = "groupID", skip_serializing_if = "Option::is_none")]
        pub group_id: Option<GroupId>,
        /// Shown to people, at most 100 bytes.
        #[serde(default)]
        pub name: String,
        /// Opaque to the server, at most 4 KiB.
        #[serde(default)]
        pub ext: String,
        /// Whether users may join without being added.
        #[serde(default)]
        pub join_policy: JoinPolicy,
        /// The first members besides the owner.
        #[serde(default)]
        pub members: Vec<UserId>,
    }

    /// `group.join`, `group.quit`, `group.dismiss`, `group.info`, `group.attributes`, `group.onlineCount`
    pub struct GroupOnly {
        /// The group.
        #[serde(rename = "groupID")]
        pub group_id: GroupId,
    }

    /// `group.addMembers`, `group.removeMembers`
    pub struct GroupUsers {
        /// The group.
        #[serde(rename = "groupID")]
        pub group_id: GroupId,
        /// The users to add or remove, 1 to 100.
        #[serde(rename = "userIDs")]
        pub user_ids: Vec<UserId>,
    }

    /// `group.members`
    pub struct GroupMembers {
        /// The group.
        #[serde(rename = "groupID")]
        pub group_id: GroupId,
        /// At most this many, 1–500; default 100.
        #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 500)))]
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub limit: Option<u32>,
        /// The last userID of the page before.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub after: Option<UserId>,
    }

    /// `group.setInfo`: absent fields stay as they are.
    pub struct GroupSetInfo {
        /// The group.
        #[serde(rename = "groupID")]
        pub group_id: GroupId,
        /// Shown to people, at most 100 bytes.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub name: Option<String>,
        /// Opaque to the server, at most 4 KiB.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub ext: Option<String>,
        /// Whether users may join without being added.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub join_policy: Option<JoinPolicy>,
    }

    /// `group.setRole`: `owner` hands the group over.
    pub struct GroupSetRole {
        /// The group.
        #[serde(rename = "groupID")]
        pub group_id: GroupId,
        /// Whose role.
        #[serde(rename = "userID")]
        pub user_id: UserId,
        /// The new role.
        pub role: Role,
    }

    /// `group.setAttributes`
    pub struct GroupSetAttributes {
        /// The group.
        #[serde(rename = "groupID")]
        pub group_id: GroupId,
        /// Values to set, by keys of 1 to 32 bytes; a value has at most 4 KiB.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        pub set: BTreeMap<String, String>,
        /// Keys to delete; those that are not there are passed over, and a key may be named twice.
        #[cfg_attr(feature = "schema", schemars(with = "Vec<String>"))]
        #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
        pub delete: BTreeSet<String>,
        /// Whether every attribute that is not in `set` is deleted.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        pub replace: bool,
        /// The version that the writer knows: refused if a later write has changed the attributes that this one writes.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub if_version: Option<u64>,
        /// Counters to set, by keys of 1 to 128 bytes; at most 2^53 - 1 from 0.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        pub counters: BTreeMap<String, i64>,
        /// What to add to counters, after that; one that is not there begins at 0.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        pub add: BTreeMap<String, i64>,
    }

    /// `user.get`
    pub struct UserGet {
        /// Whose profiles, 1 to 100.
        #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 100)))]
        #[serde(rename = "userIDs")]
        pub user_ids: Vec<UserId>,
    }

    /// `user.listBlocked`
    #[derive(Default)]
    pub struct UserListBlocked {
        /// At most this many, 1–500; default 500.
        #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 500)))]
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub limit: Option<u32>,
        /// `next` of the page before.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub after: Option<UserId>,
    }

    /// `user.setProfile`: absent fields stay as they are.
    pub struct UserSetProfile {
        /// Shown to people, at most 100 bytes.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub nickname: Option<String>,
        /// Address of a picture, at most 500 bytes.
        #[serde(default, rename = "faceURL", skip_serializing_if = "Option::is_none")]
        pub face_url: Option<String>,
        /// Opaque to the server, at most 4 KiB.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub ext: Option<String>,
    }

    /// `user.setReach`: absent fields stay as they are.
    #[derive(Default)]
    pub struct UserSetReach {
        /// Who may invite one, one-to-one and in groups.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub ring: Option<ReachableBy>,
        /// Who may add one to groups.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub add: Option<ReachableBy>,
    }

    /// `user.block`, `user.unblock`
    pub struct UserOnly {
        /// The other user.
        #[serde(rename = "userID")]
        pub user_id: UserId,
    }
}

impl Cancel {
    /// Whether the invitation is taken back from `user`, if they are pending.
    pub fn means(&self, user: &UserId) -> bool {
        self.invitee_list.as_ref().is_none_or(|list| list.contains(user))
    }
}

/// Which way to read a history.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum Direction {
    /// Towards older messages; the page is newest first.
    #[default]
    Older,
    /// Towards newer messages; the page is oldest first.
    Newer,
}
