//! Messages: sent, taken back, marked read, counted.
//!
//! Their `MsgKey` is `<seq>_<random>_<seconds>`. The first number is the message's place in its conversation here.

use futures_util::{StreamExt as _, stream};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use wigwag_engine::{Command, ConversationId, Reply};
use wigwag_protocol::message::{ConversationView, MessageOptions, Peer, Priority};
use wigwag_protocol::params::{Direction, MessageSend};
use wigwag_protocol::rest::Problem;
use wigwag_protocol::result::MessageSent;
use wigwag_protocol::{Method, Reason, UserId};
use wigwag_session::query::{ConversationPlace, HistoryRange, PageRange};
use wigwag_session::{Found, Query};

use super::fault::Fault;
use super::words::{Element, said};
use super::{AT_ONCE, Answered, Desk, count, group, user};
use crate::api::rest::unexpected;
use crate::tencent::key;

/// The service's name, for numbers that stand inside a reply.
const OPENIM: &str = "openim";
/// Conversations of a page, and pages that are looked through for those that are asked for.
const PAGE: usize = 100;
const PAGES: usize = 10;

/// What a message says and how it is sent, whoever it goes to.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Message {
    #[serde(rename = "From_Account", default)]
    from: Option<String>,
    #[serde(alias = "Random", default)]
    msg_random: u32,
    /// Seconds that it is kept; 0: it reaches only those who are online.
    msg_life_time: Option<u64>,
    #[serde(default)]
    online_only_flag: u8,
    msg_body: Vec<Element>,
    #[serde(default)]
    cloud_custom_data: String,
    offline_push_info: Option<Value>,
    #[serde(default)]
    send_msg_control: Vec<String>,
    #[serde(default)]
    is_need_read_receipt: u8,
    #[serde(default)]
    msg_priority: String,
}

#[derive(Deserialize)]
pub(super) struct ToOne {
    #[serde(rename = "To_Account")]
    to: String,
    #[serde(flatten)]
    message: Message,
}

#[derive(Deserialize)]
pub(super) struct ToMany {
    #[serde(rename = "To_Account")]
    to: Vec<String>,
    #[serde(flatten)]
    message: Message,
}

#[derive(Deserialize)]
pub(super) struct ToGroup {
    #[serde(rename = "GroupId")]
    group: String,
    #[serde(rename = "To_Account", default)]
    some: Vec<String>,
    #[serde(flatten)]
    message: Message,
}

#[derive(Deserialize)]
pub(super) struct Withdrawn {
    #[serde(rename = "From_Account")]
    from: String,
    #[serde(rename = "To_Account")]
    to: String,
    #[serde(rename = "MsgKey")]
    key: String,
}

#[derive(Deserialize)]
pub(super) struct Recalled {
    #[serde(rename = "GroupId")]
    group: String,
    #[serde(rename = "MsgSeqList")]
    messages: Vec<Place>,
}

#[derive(Deserialize)]
struct Place {
    #[serde(rename = "MsgSeq")]
    seq: u64,
}

#[derive(Deserialize)]
pub(super) struct ReadUpTo {
    #[serde(rename = "Report_Account")]
    reader: String,
    #[serde(rename = "Peer_Account")]
    peer: String,
}

#[derive(Deserialize)]
pub(super) struct UnreadOf {
    #[serde(rename = "To_Account")]
    of: String,
    #[serde(rename = "Peer_Account", default)]
    peers: Vec<String>,
}

pub(super) async fn send(desk: &Desk<'_>, ToOne { to, message }: ToOne) -> Answered {
    let from = desk.sender(&message).await?;
    let sent = desk.sends(&from, Peer::User(user(&to)?), &message).await?;
    Ok(json!({"MsgTime": sent.time / 1_000, "MsgKey": key_of(&sent)}))
}

pub(super) async fn send_to_many(desk: &Desk<'_>, ToMany { to, message }: ToMany) -> Answered {
    count("To_Account", &to)?;
    let from = desk.sender(&message).await?;
    let each = to.iter().map(|name| {
        let (from, message) = (&from, &message);
        async move {
            let peer = user(name).map(Peer::User);
            (
                name,
                match peer {
                    Ok(peer) => desk.sends(from, peer, message).await,
                    Err(fault) => Err(fault),
                },
            )
        }
    });
    let outcomes: Vec<_> = stream::iter(each.collect::<Vec<_>>()).buffered(AT_ONCE).collect().await;
    let (mut keys, mut errors) = (Vec::new(), Vec::new());
    for (name, outcome) in outcomes {
        match outcome {
            Ok(sent) => {
                let key = key_of(&sent);
                keys.push(json!({"To_Account": name, "MsgTime": sent.time / 1_000, "MsgKey": key}));
            }
            Err(fault) => errors.push(json!({"To_Account": name, "ErrorCode": fault.number(OPENIM)})),
        }
    }
    Ok(json!({"MsgKeyList": keys, "ErrorList": errors}))
}

pub(super) async fn send_to_group(
    desk: &Desk<'_>,
    ToGroup { group: name, some, message }: ToGroup,
) -> Answered {
    if !some.is_empty() {
        return Err(Fault::bad("To_Account: a message to a group reaches all of it here; leave it out"));
    }
    let from = desk.sender(&message).await?;
    let sent = desk.sends(&from, Peer::Group(group(&name)?), &message).await?;
    Ok(json!({"MsgTime": sent.time / 1_000, "MsgSeq": sent.seq.unwrap_or(0)}))
}

pub(super) async fn withdraw(desk: &Desk<'_>, Withdrawn { from, to, key }: Withdrawn) -> Answered {
    let (from, to) = (user(&from)?, user(&to)?);
    let seq = seq_in(&key)?;
    desk.api.profile(&from).await?;
    desk.api.act(&from, Command::RevokeMessage { peer: Peer::User(to), seq }, None).await?;
    Ok(json!({}))
}

/// Whoever sent a message takes it back; their request names none.
pub(super) async fn recall_in_group(
    desk: &Desk<'_>,
    Recalled { group: name, messages }: Recalled,
) -> Answered {
    count("MsgSeqList", &messages)?;
    let group = group(&name)?;
    let owner = desk.api.group(&group).await?.owner;
    let mut results = Vec::with_capacity(messages.len());
    for Place { seq } in messages {
        let recalled = desk.recalls(&owner, &Peer::Group(group.clone()), seq).await;
        let number = recalled.map_or_else(|fault| fault.number("group_open_http_svc"), |()| 0);
        results.push(json!({"MsgSeq": seq, "RetCode": number}));
    }
    Ok(json!({"RecallRetList": results}))
}

/// Up to the newest message, whatever `MsgReadTime` says: how far somebody has read is a place here, and no time.
pub(super) async fn mark_read(desk: &Desk<'_>, ReadUpTo { reader, peer }: ReadUpTo) -> Answered {
    let (reader, peer) = (user(&reader)?, user(&peer)?);
    desk.api.profile(&reader).await?;
    desk.api.act(&reader, Command::MarkRead { peer: Peer::User(peer), seq: u64::MAX }, None).await?;
    Ok(json!({}))
}

pub(super) async fn unread(desk: &Desk<'_>, UnreadOf { of, peers }: UnreadOf) -> Answered {
    let of = user(&of)?;
    desk.api.profile(&of).await?;
    if peers.is_empty() {
        return Ok(json!({"AllC2CUnreadMsgNum": desk.all_unread(&of).await?}));
    }
    count("Peer_Account", &peers)?;
    let known = desk.unread_by_peer(&of, &peers).await?;
    let list = peers.iter().map(|peer| {
        let unread = known.iter().find(|(name, _)| name == peer).map_or(0, |(_, unread)| *unread);
        json!({"Peer_Account": peer, "C2CUnreadMsgNum": unread})
    });
    Ok(json!({"C2CUnreadMsgNumList": list.collect::<Vec<_>>(), "ErrorList": []}))
}

impl Desk<'_> {
    /// Who sends: whom the request names, or the administrator, who is registered by it.
    async fn sender(&self, message: &Message) -> Result<UserId, Fault> {
        if let Some(from) = &message.from {
            return user(from);
        }
        self.api.act(&self.administrator, Command::Register, None).await?;
        Ok(self.administrator.clone())
    }

    /// Theirs drops a message that comes again with the same random number within five minutes. Here the second is dropped when it
    /// also says the same, for as long as keys of messages are kept; one that says something else is another message.
    async fn sends(&self, from: &UserId, to: Peer, message: &Message) -> Result<MessageSent, Fault> {
        let mut wish = wish(&to, message)?;
        match self.posts(from, &wish).await {
            Err(problem) if problem.reason == Reason::ClientMsgIdTaken.as_str() => {
                wish.client_msg_id = None;
                Ok(self.posts(from, &wish).await?)
            }
            outcome => Ok(outcome?),
        }
    }

    async fn posts(&self, from: &UserId, wish: &MessageSend) -> Result<MessageSent, Box<Problem>> {
        match self.api.call(from, Method::MessageSend, wish, None).await? {
            Reply::Sent(sent) => Ok(sent),
            Reply::Acted(_)
            | Reply::Created(_)
            | Reply::AttributesSet(_)
            | Reply::Done(_)
            | Reply::Joined(_) => Err(unexpected()),
        }
    }

    async fn recalls(&self, seen_by: &UserId, peer: &Peer, seq: u64) -> Result<(), Fault> {
        let conversation = ConversationId::with(seen_by, peer);
        let range = HistoryRange { conversation, from_seq: Some(seq), direction: Direction::Newer, limit: 1 };
        let Found::History(page) = self.api.look(seen_by, Query::History(range)).await? else {
            return Err(unexpected().into());
        };
        let message = page.messages.first().filter(|message| message.seq == Some(seq));
        let sender = message.map(|message| message.sender.clone());
        let sender = sender.ok_or_else(|| Fault::new(10_030, format!("there is no message {seq}")))?;
        self.api.act(&sender, Command::RevokeMessage { peer: peer.clone(), seq }, None).await?;
        Ok(())
    }

    async fn all_unread(&self, of: &UserId) -> Result<u64, Fault> {
        let mut unread = 0;
        self.each_conversation(of, |view| {
            unread += if view.user_id.is_some() { view.unread } else { 0 };
            true
        })
        .await?;
        Ok(unread)
    }

    async fn unread_by_peer(&self, of: &UserId, peers: &[String]) -> Result<Vec<(String, u64)>, Fault> {
        let mut known = Vec::new();
        self.each_conversation(of, |view| {
            if let Some(peer) = view.user_id.as_ref().map(UserId::as_str)
                && peers.iter().any(|asked| asked == peer)
            {
                known.push((peer.to_owned(), view.unread));
            }
            known.len() < peers.len()
        })
        .await?;
        Ok(known)
    }

    /// Shows the newest conversations until `more` says no, or [`PAGES`] pages have been shown.
    async fn each_conversation(
        &self,
        of: &UserId,
        mut more: impl FnMut(&ConversationView) -> bool,
    ) -> Result<(), Fault> {
        let mut after = None;
        for _ in 0..PAGES {
            let query = Query::Conversations(PageRange { after, limit: PAGE });
            let Found::Conversations(page) = self.api.look(of, query).await? else {
                return Err(unexpected().into());
            };
            if !page.conversations.iter().all(&mut more) {
                return Ok(());
            }
            let Some(next) = page.next.as_deref() else { return Ok(()) };
            after = ConversationPlace::parse(next);
        }
        Ok(())
    }
}

fn wish(to: &Peer, message: &Message) -> Result<MessageSend, Fault> {
    let said = said(&message.msg_body)?;
    let controlled = |word: &str| message.send_msg_control.iter().any(|control| control == word);
    let push = message.offline_push_info.as_ref().map(serde_json::value::to_raw_value);
    let push: Option<Box<RawValue>> =
        push.transpose().map_err(|_| Fault::bad("OfflinePushInfo: cannot be read"))?;
    let name = match to {
        Peer::User(user) => user.as_str(),
        Peer::Group(group) => group.as_str(),
    };
    let client_msg_id = (message.msg_random != 0).then(|| format!("v4:{}:{name}", message.msg_random));
    let (user_id, group_id) = match to.clone() {
        Peer::User(user) => (Some(user), None),
        Peer::Group(group) => (None, Some(group)),
    };
    Ok(MessageSend {
        user_id,
        group_id,
        client_msg_id,
        kind: said.kind,
        content: said.content,
        offline_push_info: push,
        options: MessageOptions {
            cloud_custom_data: message.cloud_custom_data.clone(),
            online_user_only: message.msg_life_time == Some(0) || message.online_only_flag == 1,
            excluded_from_unread: controlled("NoUnread"),
            excluded_from_last_message: controlled("NoLastMsg"),
            priority: priority(&message.msg_priority),
            need_read_receipt: message.is_need_read_receipt == 1,
        },
    })
}

fn priority(word: &str) -> Option<Priority> {
    match word {
        "High" => Some(Priority::High),
        "Normal" => Some(Priority::Normal),
        "Low" | "Lowest" => Some(Priority::Low),
        _ => None,
    }
}

fn key_of(sent: &MessageSent) -> String {
    key(sent.seq.unwrap_or(0), &sent.message_id)
}

/// The place that a `MsgKey` names.
pub(super) fn seq_in(key: &str) -> Result<u64, Fault> {
    let seq = key.split('_').next().and_then(|seq| seq.parse().ok());
    seq.ok_or_else(|| Fault::bad(format!("MsgKey: {key:?} is none of this server's")))
}
