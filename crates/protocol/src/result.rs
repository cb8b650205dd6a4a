//! Results of every method.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::call::{CallLink, CallView};
use crate::group::{GroupView, Member, Profile, Reach, Role};
use crate::id::{GroupId, InviteId, UserId};
use crate::invitation::InvitationView;
use crate::media::MediaAccess;
use crate::message::{ConversationView, Message, MessagePlace};
use crate::params::PushProvider;
use crate::presence::UserStatus;
use crate::quiet::Quiet;

macro_rules! results {
    ($($(#[$meta:meta])* pub struct $name:ident { $($body:tt)* })+) => {
        $(
            $(#[$meta])*
            #[derive(Debug, Clone, Serialize, Deserialize)]
            #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
            #[serde(rename_all = "camelCase")]
            pub struct $name { $($body)* }
        )+
    };
}

results! {
    /// `session.open`
    pub struct SessionOpened {
        /// Who is signed in.
        #[serde(rename = "userID")]
        pub user_id: UserId,
        /// Server time in ms.
        pub time: u64,
        /// Where this session starts: events after it follow. The cursor given, or the head.
        pub cursor: u64,
        /// The newest cursor of the stream. When it is above `cursor`, events up to it follow, then `session.caughtUp`.
        pub head: u64,
        /// True when the cursor given was too old or unknown: drop what you keep and start from `openInvitations`.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        pub resync: bool,
        /// The first page of what is open now (as inviter, invitee, and in groups), oldest first; only when no cursor was
        /// given or on `resync`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub open_invitations: Option<Vec<InvitationView>>,
        /// More is open: give it as `after` to `signaling.listOpen`. Absent when `openInvitations` is all.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub open_invitations_next: Option<String>,
        /// Seconds without any frame after which the server pings; twice that and it closes.
        pub ping_interval: u32,
        /// Bounds a client should know.
        pub limits: Limits,
    }

    /// Bounds a client should know.
    pub struct Limits {
        /// Longest `data`, bytes.
        pub data_bytes: u32,
        /// Longest frame, bytes.
        pub frame_bytes: u32,
        /// Most invitees of one invitation.
        pub invitees: u32,
        /// Sustained commands a second per user.
        pub commands_per_second: u32,
        /// Commands at once per user.
        pub command_burst: u32,
    }

    /// `invite`, `inviteInGroup`, `cancel`, `accept`, `reject`, `modify`: the reply stands for the event in the
    /// acting device's stream.
    pub struct Acted {
        /// The invitation.
        #[serde(rename = "inviteID")]
        pub invite_id: InviteId,
        /// The event's place in the user's stream; absent when the action made no event for the user.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub cursor: Option<u64>,
        /// When it was decided, server time in ms.
        pub time: u64,
        /// The version it produced.
        pub version: u32,
        /// Server time in ms; on invites with a deadline.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub deadline: Option<u64>,
        /// The message it made, of a modify that of the invite; absent when `onlineUserOnly`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub message: Option<MessagePlace>,
        /// Invitees left out: they are not members, block the inviter, or too many invitations are pending for them.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub ignored_invitees: Vec<UserId>,
        /// The call that it invites into: on invites into one, and on accepts.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub call: Option<Box<CallEntry>>,
    }

    /// What the actor needs to take part in a call.
    pub struct CallEntry {
        /// The call and its room.
        #[serde(flatten)]
        pub link: CallLink,
        /// Invitees who are in another call and do not ring.
        #[serde(default, rename = "busyLineUserIDList", skip_serializing_if = "Vec::is_empty")]
        pub busy: Vec<UserId>,
        /// The two called each other: this invitation of the other's was accepted instead.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub accepted: Option<InviteId>,
        /// How to reach the media: for the actor alone.
        pub media: MediaAccess,
    }

    /// `call.join`
    pub struct Joined {
        /// The event's place in the user's stream; absent when the device was in the call already.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub cursor: Option<u64>,
        /// Server time in ms.
        pub time: u64,
        /// What is needed to take part.
        #[serde(flatten)]
        pub entry: CallEntry,
    }

    /// `call.get`
    pub struct GotCall {
        /// The call.
        pub call: CallView,
    }

    /// `call.list`
    pub struct Calls {
        /// The newest first.
        pub calls: Vec<CallView>,
        /// Missed calls that began up to then were looked at, server time in ms; 0 when none was.
        pub seen_up_to: u64,
        /// Give it as `after` for the next page; absent on the last.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub next: Option<String>,
    }

    /// `signaling.get`
    pub struct Got {
        /// The invitation.
        pub invitation: InvitationView,
        /// Give it as `after` for the answers that had no room; absent when none follow.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub next: Option<UserId>,
    }

    /// `signaling.listOpen`
    pub struct OpenList {
        /// As inviter, invitee, and in groups; oldest first.
        pub invitations: Vec<InvitationView>,
        /// Give it as `after` for the next page; absent on the last.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub next: Option<String>,
    }

    /// `message.send`
    pub struct MessageSent {
        /// Made by the server, unique. Empty when a message that speaks as signaling made none: what is `onlineUserOnly`
        /// leaves none, and a client's timeout does nothing.
        #[serde(rename = "messageID")]
        pub message_id: String,
        /// The conversation.
        pub conversation: String,
        /// Place in it; absent when `onlineUserOnly`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub seq: Option<u64>,
        /// Server time in ms.
        pub time: u64,
        /// The event's place in the sender's stream.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub cursor: Option<u64>,
    }

    /// `message.history`
    pub struct History {
        /// In the order asked for.
        pub messages: Vec<Message>,
        /// True when nothing follows in that direction. Otherwise go on beside the last message's `seq`: a page ends by bytes
        /// as well as by count.
        pub complete: bool,
    }

    /// `message.receipts`
    pub struct Receipts {
        /// Members other than the sender who have read up to the message or beyond, in byte order.
        pub readers: Vec<UserId>,
        /// Members other than the sender who have not, on this page or not.
        pub unread_count: u32,
        /// Give it as `after` for the next page; absent on the last.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub next: Option<UserId>,
    }

    /// `conversation.list`
    pub struct Conversations {
        /// Newest first.
        pub conversations: Vec<ConversationView>,
        /// Unread messages in all conversations.
        pub total_unread: u64,
        /// Give it as `after` for the next page; absent on the last.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub next: Option<String>,
    }

    /// Commands whose only result is that they are done.
    pub struct Done {
        /// The event's place in the user's stream; absent when nothing changed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub cursor: Option<u64>,
        /// Server time in ms.
        pub time: u64,
    }

    /// `group.create`
    pub struct GroupCreated {
        /// The group.
        #[serde(rename = "groupID")]
        pub group_id: GroupId,
        /// The event's place in the user's stream.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub cursor: Option<u64>,
        /// Server time in ms.
        pub time: u64,
        /// First members left out: no such user exists, or they block the creator.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub ignored_members: Vec<UserId>,
    }

    /// `group.members`
    pub struct Members {
        /// In byte order of their userIDs.
        pub members: Vec<Member>,
        /// Give it as `after` for the next page; absent on the last.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub next: Option<UserId>,
    }

    /// `group.info`
    pub struct GroupInfo {
        /// The group.
        pub group: GroupView,
        /// The role of whoever asks; absent for those who are not in the group.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub role: Option<Role>,
    }

    /// `group.attributes`
    pub struct Attributes {
        /// How many writes have changed them or the counters; 0 before the first.
        pub version: u64,
        /// The values by key.
        pub attributes: BTreeMap<String, String>,
        /// The counters by key; absent when there are none.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        pub counters: BTreeMap<String, i64>,
    }

    /// `group.setAttributes`
    pub struct AttributesSet {
        /// The event's place in the user's stream; absent when nothing changed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub cursor: Option<u64>,
        /// Server time in ms.
        pub time: u64,
        /// The version of the attributes and counters as they are now.
        pub version: u64,
        /// What the counters that the write named are now.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        pub counters: BTreeMap<String, i64>,
    }

    /// `group.onlineCount`
    pub struct OnlineCount {
        /// How many members are online, as the server found at most 5 s ago.
        pub online: u32,
        /// Of how many further members the server cannot say it, because other servers did not answer; absent when there are none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub unknown: Option<u32>,
    }

    /// `group.listNews`
    pub struct News {
        /// The events as they were told, each with `cursor`, `time` and perhaps `self`, in their order.
        #[cfg_attr(feature = "schema", schemars(schema_with = "crate::params::news::objects"))]
        pub events: Vec<Box<RawValue>>,
        /// Give it as `cursor` for the next page, which may be there although this one is short; absent on the last.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub next: Option<u64>,
    }

    /// `group.list`
    pub struct Groups {
        /// In byte order of their groupIDs.
        pub groups: Vec<GroupView>,
        /// Give it as `after` for the next page; absent on the last.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub next: Option<GroupId>,
    }

    /// `user.get`
    pub struct Profiles {
        /// Those who exist, in the order asked for.
        pub profiles: Vec<Profile>,
        /// The profiles from this user on had no room: ask for them again. Absent when all were answered.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub next: Option<UserId>,
    }

    /// `user.getReach`
    pub struct OwnReach {
        /// Who may reach the user who asks.
        pub reach: Reach,
    }

    /// `user.getQuiet`
    pub struct OwnQuiet {
        /// When the devices of the user who asks ring without a sound.
        pub quiet: Quiet,
    }

    /// `user.getStatus`, `user.watch`
    pub struct Statuses {
        /// Each user who was asked for, once. Their order says nothing.
        pub users: Vec<UserStatus>,
    }

    /// `push.settings`
    #[derive(Default)]
    pub struct PushOffer {
        /// The ways in which this server wakes devices; none when the operator has set up none.
        pub providers: Vec<PushProvider>,
        /// Of `webPush`: what `pushManager.subscribe` wants as `applicationServerKey`, in base64url.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub application_server_key: Option<String>,
    }

    /// `user.listBlocked`
    pub struct Blocked {
        /// In byte order.
        #[serde(rename = "userIDs")]
        pub user_ids: Vec<UserId>,
        /// Give it as `after` for the next page; absent on the last.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub next: Option<UserId>,
    }
}
