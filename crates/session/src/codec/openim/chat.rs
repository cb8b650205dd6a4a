//! Messages and conversations as OpenIM shows them, and messages as its clients send them.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};
use wigwag_engine::ConversationId;
use wigwag_engine::command::SendMessage;
use wigwag_protocol::free_json;
use wigwag_protocol::group::Profile;
use wigwag_protocol::message::{ConversationView, Message, MessageOptions, Peer};
use wigwag_protocol::signaling_text::SignalingText;
use wigwag_protocol::{GroupId, UserId};

use super::arguments::{Read, required};
use super::asked::text_of;
pub use super::line::{Conversation, Line};
use super::{Dialect, Error};

/// Content types.
const TEXT: u64 = 101;
const CUSTOM: u64 = 110;
/// A message that was taken back, in the newer version.
const REVOKED: u64 = 2101;
/// States of a message.
const SENDING: u8 = 1;
const SENT: u8 = 2;
const TAKEN_BACK: u8 = 5;
/// A message of a user, not of the system.
const FROM_USER: u8 = 100;

/// A message that is made and not sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Draft {
    /// A text.
    Text(String),
    /// Something of the app's own.
    Custom {
        /// The app's payload.
        data: String,
        /// More of it.
        extension: String,
        /// For people.
        description: String,
    },
}

/// A message that a client sends: the object that it had made, given back whole.
#[derive(Debug, Clone)]
pub struct Sending {
    /// As it came; the reply gives it back with what the server knows.
    pub object: Map<String, Value>,
    /// Where it goes.
    pub peer: Peer,
    /// What is in it.
    pub content: Draft,
    /// The idempotency key.
    pub client_msg_id: Option<String>,
    /// Whether only those get it who are online.
    pub online_only: bool,
    /// Push settings.
    pub offline_push_info: Option<Box<RawValue>>,
}

/// The one message that is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Which {
    /// By the name that its client gave it, or the server when that gave none.
    Client(String),
    /// By its number in the conversation.
    Seq(u64),
}

impl Which {
    /// The message that an object shows, and where it is.
    pub(super) fn shown(object: &Map<String, Value>, viewer: &UserId) -> Read<(Self, Peer)> {
        let text = |name| Ok::<_, Error>(text_of(object, name)?.unwrap_or_default());
        let which = match object.get("seq").and_then(Value::as_u64) {
            Some(seq) if seq > 0 => Self::Seq(seq),
            Some(_) | None => Self::Client(text("clientMsgID")?),
        };
        let group = text("groupID")?;
        if !group.is_empty() {
            return Ok((which, Peer::Group(required(&group, GroupId::parse)?)));
        }
        let (sender, receiver) = (text("sendID")?, text("recvID")?);
        let other = if sender == viewer.as_str() { receiver } else { sender };
        Ok((which, Peer::User(required(&other, UserId::parse)?)))
    }
}

impl Sending {
    /// Reads a message object. What it says of its sender counts for nothing.
    pub(super) fn read(
        object: Map<String, Value>,
        peer: Peer,
        push: Map<String, Value>,
        online_only: bool,
    ) -> Read<Self> {
        let elem = |name| object.get(name).and_then(Value::as_object).cloned().unwrap_or_default();
        let content = match object.get("contentType").and_then(Value::as_u64) {
            Some(TEXT) => {
                let text = text_of(&elem("textElem"), "content")?;
                Draft::Text(text.or(text_of(&object, "content")?).unwrap_or_default())
            }
            Some(CUSTOM) => {
                let custom = elem("customElem");
                let text = |name| Ok::<_, Error>(text_of(&custom, name)?.unwrap_or_default());
                Draft::Custom {
                    data: text("data")?,
                    extension: text("extension")?,
                    description: text("description")?,
                }
            }
            Some(_) | None => {
                return Err(Error::arguments("contentType is neither 101 (text) nor 110 (custom)"));
            }
        };
        let client_msg_id = text_of(&object, "clientMsgID")?.filter(|id| !id.is_empty());
        let offline_push_info = push_info(push)?;
        Ok(Self { object, peer, content, client_msg_id, online_only, offline_push_info })
    }

    /// The message as the engine sends it.
    pub fn command(&self) -> Result<SendMessage, Error> {
        let (kind, content) = match &self.content {
            Draft::Text(text) => ("text", json!({ "text": text })),
            Draft::Custom { data, extension, description } => {
                ("custom", json!({ "data": data, "extension": extension, "description": description }))
            }
        };
        Ok(SendMessage {
            peer: self.peer.clone(),
            client_msg_id: self.client_msg_id.clone(),
            kind: kind.to_owned(),
            content: raw(&content).ok_or_else(|| Error::arguments("the message cannot be written"))?,
            options: MessageOptions { online_user_only: self.online_only, ..MessageOptions::default() },
            offline_push_info: self.offline_push_info.clone(),
        })
    }

    /// The object with where it went, and what became of it.
    pub fn sent(mut self, dialect: Dialect, sender: &UserId, place: &Sent<'_>) -> Value {
        let (user, group) = match &self.peer {
            Peer::User(user) => (user.as_str(), ""),
            Peer::Group(group) => ("", group.as_str()),
        };
        let set = [
            ("sendID", json!(sender)),
            ("recvID", json!(user)),
            ("groupID", json!(group)),
            ("sessionType", json!(dialect.session_type(!group.is_empty()))),
            ("serverMsgID", json!(place.message_id)),
            ("sendTime", json!(place.time)),
            ("seq", json!(place.seq)),
            ("status", json!(SENT)),
        ];
        for (name, value) in set {
            self.object.insert(name.to_owned(), value);
        }
        Value::Object(self.object)
    }
}

/// Where a message that was sent stands.
#[derive(Debug, Default)]
pub struct Sent<'a> {
    /// Its name.
    pub message_id: &'a str,
    /// Server time in ms.
    pub time: u64,
    /// Its number in the conversation; 0 when it has none.
    pub seq: u64,
}

/// Who makes a message, and when.
#[derive(Debug)]
pub struct Making<'a> {
    /// Its name: 32 hexadecimal digits.
    pub client_msg_id: &'a str,
    /// Who makes it.
    pub sender: &'a UserId,
    /// On which platform.
    pub platform: u8,
    /// Server time in ms.
    pub time: u64,
}

/// The object of a message that is made and not sent.
pub fn draft(dialect: Dialect, draft: &Draft, making: &Making<'_>) -> Value {
    let mut object = json!({
        "clientMsgID": making.client_msg_id,
        "createTime": making.time,
        "sendTime": making.time,
        "sessionType": 0,
        "sendID": making.sender,
        "msgFrom": FROM_USER,
        dialect.pick("platformID", "senderPlatformID"): making.platform,
        "seq": 0,
        "isRead": false,
        "status": SENDING,
    });
    if let Value::Object(fields) = &mut object {
        fields.extend(content(dialect, draft));
    }
    object
}

/// The fields that carry the content.
fn content(dialect: Dialect, draft: &Draft) -> Map<String, Value> {
    let fields = match (draft, dialect) {
        (Draft::Text(text), Dialect::Two) => json!({ "contentType": TEXT, "content": text }),
        (Draft::Text(text), Dialect::Three) => {
            json!({ "contentType": TEXT, "textElem": { "content": text } })
        }
        (Draft::Custom { data, extension, description }, _) => {
            let custom = json!({ "data": data, "extension": extension, "description": description });
            let mut fields = json!({ "contentType": CUSTOM, "customElem": custom });
            if dialect == Dialect::Two {
                fields["content"] = Value::String(fields["customElem"].to_string());
            }
            fields
        }
    };
    match fields {
        Value::Object(fields) => fields,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => Map::new(),
    }
}

/// Whether a message is the trace of an action on an invitation. Calls never appear as messages at OpenIM's clients.
pub fn is_trace(message: &Message) -> bool {
    custom(message).is_some_and(|custom| SignalingText::read(&custom.data).is_some())
}

#[derive(Deserialize)]
struct Custom {
    #[serde(default)]
    data: String,
    #[serde(default)]
    extension: String,
    #[serde(default)]
    description: String,
}

#[derive(Deserialize)]
struct Text {
    text: String,
}

fn custom(message: &Message) -> Option<Custom> {
    (message.kind == "custom").then(|| serde_json::from_str(message.content.get()).ok()).flatten()
}

/// What is in a message. One of a kind that these clients do not have is shown as custom, with its kind as description.
fn draft_of(message: &Message) -> Draft {
    if message.kind == "text"
        && let Ok(Text { text }) = serde_json::from_str(message.content.get())
    {
        return Draft::Text(text);
    }
    match custom(message) {
        Some(Custom { data, extension, description }) => Draft::Custom { data, extension, description },
        None => Draft::Custom {
            data: message.content.get().to_owned(),
            extension: String::new(),
            description: message.kind.clone(),
        },
    }
}

/// The name of a message for its clients.
pub fn client_msg_id(message: &Message) -> &str {
    message.client_msg_id.as_deref().unwrap_or(&message.message_id)
}

/// A message as one user sees it.
#[derive(Debug, Clone, Copy)]
pub struct Seen<'a> {
    /// The message.
    pub message: &'a Message,
    /// Its sender's profile.
    pub sender: Option<&'a Profile>,
    /// Who looks at it.
    pub viewer: &'a UserId,
    /// Up to where it is known to be read: by the other side for the viewer's own, by the viewer otherwise.
    pub read_seq: u64,
}

impl Seen<'_> {
    /// The message object.
    pub fn object(&self, dialect: Dialect) -> Value {
        let message = self.message;
        let receiver = match (&message.receiver, dialect) {
            (Some(receiver), _) => receiver.as_str(),
            (None, Dialect::Two) => self.viewer.as_str(),
            (None, Dialect::Three) => "",
        };
        let mut object = json!({
            "clientMsgID": client_msg_id(message),
            "serverMsgID": message.message_id,
            "createTime": message.time,
            "sendTime": message.time,
            "sessionType": dialect.session_type(message.group_id.is_some()),
            "sendID": message.sender,
            "recvID": receiver,
            "msgFrom": FROM_USER,
            dialect.pick("platformID", "senderPlatformID"): 0,
            "senderNickname": self.sender.map_or("", |sender| &sender.nickname),
            "senderFaceUrl": self.sender.map_or("", |sender| &sender.face_url),
            "groupID": message.group_id.as_ref().map_or("", GroupId::as_str),
            "seq": message.seq.unwrap_or(0),
            "isRead": message.seq.is_some_and(|seq| seq <= self.read_seq),
            "status": SENT,
        });
        if let Value::Object(fields) = &mut object {
            fields.extend(content(dialect, &draft_of(message)));
            if message.revoked {
                taken_back(dialect, fields);
            }
        }
        object
    }
}

fn taken_back(dialect: Dialect, fields: &mut Map<String, Value>) {
    for name in ["content", "customElem", "textElem"] {
        fields.remove(name);
    }
    match dialect {
        Dialect::Two => fields.insert("status".to_owned(), TAKEN_BACK.into()),
        Dialect::Three => fields.insert("contentType".to_owned(), REVOKED.into()),
    };
}

/// OpenIM's name of a conversation.
pub fn conversation_id(dialect: Dialect, viewer: &UserId, peer: &Peer) -> String {
    match (dialect, peer) {
        (Dialect::Two, Peer::User(other)) => format!("single_{other}"),
        (Dialect::Two, Peer::Group(group)) => format!("group_{group}"),
        (Dialect::Three, Peer::User(other)) => {
            let (smaller, larger) = if viewer <= other { (viewer, other) } else { (other, viewer) };
            format!("si_{smaller}_{larger}")
        }
        (Dialect::Three, Peer::Group(group)) => format!("sg_{group}"),
    }
}

/// The other side of the conversation that OpenIM calls so. UserIDs may have underscores, so the viewer's own is taken off.
pub fn peer_of(dialect: Dialect, viewer: &UserId, name: &str) -> Option<Peer> {
    let (of_users, of_group) = dialect.pick(("single_", "group_"), ("si_", "sg_"));
    if let Some(group) = name.strip_prefix(of_group) {
        return GroupId::parse(group).ok().map(Peer::Group);
    }
    let users = name.strip_prefix(of_users)?;
    let other = match dialect {
        Dialect::Two => users,
        Dialect::Three => users
            .strip_prefix(viewer.as_str())
            .and_then(|rest| rest.strip_prefix('_'))
            .filter(|other| conversation_id_is(dialect, viewer, other, name))
            .or_else(|| users.strip_suffix(viewer.as_str()).and_then(|rest| rest.strip_suffix('_')))?,
    };
    UserId::parse(other).ok().map(Peer::User)
}

fn conversation_id_is(dialect: Dialect, viewer: &UserId, other: &str, name: &str) -> bool {
    UserId::parse(other).is_ok_and(|other| conversation_id(dialect, viewer, &Peer::User(other)) == name)
}

/// The other side of a conversation of `viewer`.
pub fn peer_in(conversation: &ConversationId, viewer: &UserId) -> Peer {
    match conversation {
        ConversationId::Group(group) => Peer::Group(group.clone()),
        ConversationId::OneToOne(one, other) => Peer::User(if one == viewer { other } else { one }.clone()),
    }
}

/// The other side of a conversation in a list.
pub fn peer_shown(view: &ConversationView) -> Option<Peer> {
    Peer::from_fields(view.user_id.clone(), view.group_id.clone())
}

/// A part of a history.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Page {
    /// Oldest first.
    pub message_list: Vec<Value>,
    /// Where to go on.
    pub last_min_seq: u64,
    /// Nothing follows.
    pub is_end: bool,
    /// Always 0: the frame has the error.
    pub err_code: i32,
    /// See `err_code`.
    pub err_msg: &'static str,
}

/// That a message was taken back.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Revocation<'a> {
    /// Who took it back.
    #[serde(rename = "revokerID")]
    pub revoker: &'a UserId,
    /// Their role in the group; 0 one-to-one.
    pub revoker_role: u8,
    /// Which message.
    #[serde(rename = "clientMsgID")]
    pub client_msg_id: &'a str,
    /// Their nickname.
    pub revoker_nickname: &'a str,
    /// Server time in ms.
    pub revoke_time: u64,
    /// When the message was sent.
    pub source_message_send_time: u64,
    /// Who sent it.
    #[serde(rename = "sourceMessageSendID")]
    pub source_sender: &'a UserId,
    /// Their nickname.
    pub source_message_sender_nickname: &'a str,
    /// Of which kind the conversation is.
    pub session_type: u8,
    /// The message's number.
    pub seq: u64,
}

/// That the other side has read.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Receipt<'a> {
    /// Empty: receipts of groups are not told.
    #[serde(rename = "groupID")]
    pub group_id: &'static str,
    /// The reader.
    #[serde(rename = "userID")]
    pub user_id: &'a UserId,
    /// What they have read.
    #[serde(rename = "msgIDList")]
    pub messages: Vec<String>,
    /// Server time in ms.
    pub read_time: u64,
    /// Of a user.
    pub msg_from: u8,
    /// OpenIM's number of receipts.
    pub content_type: u8,
    /// One-to-one.
    pub session_type: u8,
}

impl<'a> Receipt<'a> {
    /// `reader` has read these messages.
    pub fn of(reader: &'a UserId, messages: Vec<String>, time: u64) -> Self {
        Self {
            group_id: "",
            user_id: reader,
            messages,
            read_time: time,
            msg_from: FROM_USER,
            content_type: 112,
            session_type: 1,
        }
    }
}

/// Push settings as they are passed on; `None` for an object without members, which stands for none.
pub(super) fn push_info(push: Map<String, Value>) -> Read<Option<Box<RawValue>>> {
    let info = (!push.is_empty()).then(|| raw(&Value::Object(push))).flatten().map(free_json::object);
    info.transpose().map_err(|flaw| Error::arguments(&format!("offlinePushInfo {flaw}")))
}

fn raw(value: &Value) -> Option<Box<RawValue>> {
    RawValue::from_string(value.to_string()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(name: &str) -> UserId {
        UserId::parse(name).unwrap()
    }

    #[test]
    fn a_conversation_is_found_by_the_name_it_has() {
        let peers = [
            Peer::User(user("bob")),
            Peer::User(user("a_b")),
            Peer::User(user("alice_x")),
            Peer::User(user("x_alice")),
            Peer::Group(GroupId::parse("g_1").unwrap()),
        ];
        for dialect in [Dialect::Two, Dialect::Three] {
            for peer in &peers {
                let name = conversation_id(dialect, &user("alice"), peer);
                assert_eq!(peer_of(dialect, &user("alice"), &name).as_ref(), Some(peer), "{name}");
            }
        }
        assert_eq!(conversation_id(Dialect::Three, &user("bob"), &Peer::User(user("alice"))), "si_alice_bob");
        for name in ["", "si_", "si_bob_carol", "sg_", "single_bob"] {
            assert_eq!(peer_of(Dialect::Three, &user("alice"), name), None, "{name}");
        }
    }

    #[test]
    fn a_made_message_is_read_when_it_is_sent() {
        let making = Making { client_msg_id: "ab12", sender: &user("alice"), platform: 5, time: 7 };
        let custom =
            Draft::Custom { data: "{}".to_owned(), extension: "e".to_owned(), description: "d".to_owned() };
        for dialect in [Dialect::Two, Dialect::Three] {
            for content in [Draft::Text("hello".to_owned()), custom.clone()] {
                let Value::Object(object) = draft(dialect, &content, &making) else { panic!("no object") };
                let sending = Sending::read(object, Peer::User(user("bob")), Map::new(), false).unwrap();
                assert_eq!((&sending.content, sending.client_msg_id.as_deref()), (&content, Some("ab12")));
                let shown = sending.sent(dialect, &user("alice"), &Sent { message_id: "m", time: 9, seq: 4 });
                assert_eq!(
                    (&shown["status"], &shown["seq"], &shown["recvID"]),
                    (&2.into(), &4.into(), &"bob".into())
                );
            }
        }
    }
}
