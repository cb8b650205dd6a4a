//! Histories, read page by page.

use serde::Deserialize;
use serde_json::{Value, json};
use wigwag_engine::ConversationId;
use wigwag_protocol::UserId;
use wigwag_protocol::message::{Message, Peer};
use wigwag_protocol::params::Direction;
use wigwag_protocol::result::History;
use wigwag_session::query::HistoryRange;
use wigwag_session::{Found, Query};

use super::fault::Fault;
use super::messages::seq_in;
use super::{Answered, Desk, group, user};
use crate::api::rest::unexpected;
use crate::tencent::{element, key, key_at, random_of};

/// Most messages of an answer, as theirs.
const MOST: u32 = 100;
/// Most messages of a group in one answer, as theirs.
const MOST_OF_GROUP: u32 = 20;
/// Pages that one request looks through for messages of the time that it names. It is told where to go on.
const PAGES: usize = 20;

#[derive(Deserialize)]
pub(super) struct Roam {
    #[serde(rename = "Operator_Account", alias = "From_Account")]
    reader: String,
    #[serde(rename = "Peer_Account", alias = "To_Account")]
    peer: String,
    #[serde(rename = "MaxCnt")]
    most: u32,
    /// Seconds.
    #[serde(rename = "MinTime")]
    from: u64,
    /// Seconds.
    #[serde(rename = "MaxTime")]
    until: u64,
    #[serde(rename = "LastMsgKey", default)]
    before: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct OfGroup {
    #[serde(rename = "GroupId")]
    group: String,
    #[serde(rename = "ReqMsgNumber")]
    most: u32,
    #[serde(rename = "ReqMsgSeq", default)]
    newest: Option<u64>,
}

/// Messages that two users sent each other, from the newest on; within an answer the oldest stands first, as theirs.
pub(super) async fn roam(desk: &Desk<'_>, asked: Roam) -> Answered {
    let (reader, peer) = (user(&asked.reader)?, user(&asked.peer)?);
    if !(1..=MOST).contains(&asked.most) {
        return Err(Fault::bad(format!("MaxCnt: must be 1 to {MOST}")));
    }
    desk.api.profile(&reader).await?;
    let before = asked.before.as_deref().filter(|key| !key.is_empty()).map(seq_in).transpose()?;
    let mut found = Stretch { messages: Vec::new(), complete: before == Some(1), last: before };
    let conversation = ConversationId::with(&reader, &Peer::User(peer));
    for _ in 0..PAGES {
        if found.complete || found.messages.len() >= asked.most as usize {
            break;
        }
        let from_seq = found.last.map(|seq| seq - 1);
        let page = desk.older(&reader, conversation.clone(), from_seq, MOST).await?;
        found.takes(page, &asked);
    }
    Ok(found.answer())
}

pub(super) async fn of_group(desk: &Desk<'_>, OfGroup { group: name, most, newest }: OfGroup) -> Answered {
    let group = group(&name)?;
    if !(1..=MOST_OF_GROUP).contains(&most) {
        return Err(Fault::bad(format!("ReqMsgNumber: must be 1 to {MOST_OF_GROUP}")));
    }
    let owner = desk.api.group(&group).await?.owner;
    let conversation = ConversationId::Group(group);
    let page = desk.older(&owner, conversation, newest, most).await?;
    let list = page.messages.iter().map(|message| {
        json!({"From_Account": message.sender, "IsPlaceMsg": u8::from(message.revoked),
            "MsgSeq": message.seq, "MsgRandom": random_of(&message.message_id),
            "MsgTimeStamp": message.time / 1_000, "MsgBody": body_of(message),
            "CloudCustomData": message.options.cloud_custom_data})
    });
    let list: Vec<Value> = list.collect();
    Ok(json!({"GroupId": name, "IsFinished": u8::from(page.complete), "RspMsgList": list}))
}

impl Desk<'_> {
    async fn older(
        &self,
        reader: &UserId,
        conversation: ConversationId,
        from_seq: Option<u64>,
        limit: u32,
    ) -> Result<History, Fault> {
        let limit = limit as usize;
        let range = HistoryRange { conversation, from_seq, direction: Direction::Older, limit };
        let Found::History(page) = self.api.look(reader, Query::History(range)).await? else {
            return Err(unexpected().into());
        };
        Ok(page)
    }
}

/// Part of a history, while it is read from the newest message on.
struct Stretch {
    messages: Vec<Message>,
    /// Whether nothing older of the time that is asked for is left.
    complete: bool,
    /// The place up to which it is read.
    last: Option<u64>,
}

impl Stretch {
    fn takes(&mut self, page: History, asked: &Roam) {
        for message in page.messages {
            if self.messages.len() >= asked.most as usize {
                return;
            }
            let seconds = message.time / 1_000;
            if seconds < asked.from {
                self.complete = true;
                return;
            }
            self.last = message.seq.or(self.last);
            if seconds <= asked.until {
                self.messages.push(message);
            }
        }
        self.complete = page.complete;
    }

    fn answer(self) -> Value {
        let oldest = self.messages.last();
        let key = oldest.map(key_in).or_else(|| self.last.map(|seq| key_at(seq, 0, 0)));
        let time = oldest.map_or(0, |message| message.time / 1_000);
        let list: Vec<Value> = self.messages.iter().rev().map(told).collect();
        json!({"Complete": u8::from(self.complete), "MsgCnt": list.len(), "LastMsgTime": time,
            "LastMsgKey": key.unwrap_or_default(), "MsgList": list})
    }
}

fn key_in(message: &Message) -> String {
    key(message.seq.unwrap_or(0), &message.message_id)
}

fn told(message: &Message) -> Value {
    json!({"From_Account": message.sender, "To_Account": message.receiver, "MsgSeq": message.seq,
        "MsgRandom": random_of(&message.message_id), "MsgTimeStamp": message.time / 1_000,
        // Their sign of a message that was taken back.
        "MsgFlagBits": if message.revoked { 8 } else { 0 }, "MsgKey": key_in(message),
        "MsgBody": body_of(message), "CloudCustomData": message.options.cloud_custom_data})
}

fn body_of(message: &Message) -> Value {
    if message.revoked {
        return json!([]);
    }
    json!([element(&message.kind, &message.content)])
}
