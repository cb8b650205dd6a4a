//! Messages: send, revoke, mark read.

use wigwag_protocol::event::{MessageRead, MessageReceived, MessageRevoked};
use wigwag_protocol::message::{Message, MessagePlace, Peer};
use wigwag_protocol::result::{Done, MessageSent};
use wigwag_protocol::{Event, UserId};

use super::draft::{Draft, Posting, Telling};
use crate::command::SendMessage;
use crate::ledger::KeyedMessage;
use crate::refusal::{Content, Field};
use crate::{Actor, Change, ConversationId, Decision, Ledger, Refusal, Reply, Stop};

/// Longest type name of a message, bytes: room for a reversed domain name, no room for content.
const KIND_BYTES: usize = 32;
/// Longest idempotency key, bytes, as an inviteID.
const CLIENT_MSG_ID_BYTES: usize = 128;

pub(super) fn send(mut draft: Draft<'_>, actor: &Actor, wish: &SendMessage) -> Result<Decision, Stop> {
    check(&draft, wish)?;
    if let Some(before) = sent_before(&draft, actor, wish)? {
        return Ok(draft.finish(before));
    }
    may_speak(&draft, actor, &wish.peer)?;
    let conversation = ConversationId::with(&actor.user, &wish.peer);
    let stored = !wish.options.online_user_only;
    let posting = Posting {
        conversation: conversation.clone(),
        sender: actor.user.clone(),
        acquaints: true,
        counted: !wish.options.excluded_from_unread,
        shown_last: !wish.options.excluded_from_last_message,
    };
    let telling = Telling { online_only: !stored, message: stored.then_some(posting), ..Telling::default() };
    let mut sent = MessageSent {
        message_id: if stored { String::new() } else { draft.chance.fresh_id() },
        conversation: conversation.to_string(),
        seq: None,
        time: draft.now(),
        cursor: None,
    };
    let everybody = people(draft.ledger, &conversation)?;
    let receipt = draft.tell(everybody, telling, |place| {
        Event::MessageReceived(MessageReceived { message: message(actor, wish, &sent, place) })
    })?;
    sent.cursor = receipt.cursor;
    if let Some((message_id, seq)) = receipt.message {
        sent.message_id = message_id;
        sent.seq = Some(seq);
    }
    if let Some(used_up) = key_used_up(actor, wish, &sent) {
        draft.change(used_up);
    }
    Ok(draft.finish(Reply::Sent(sent)))
}

pub(super) fn revoke(mut draft: Draft<'_>, actor: &Actor, peer: &Peer, seq: u64) -> Result<Decision, Stop> {
    let conversation = seen(&draft, actor, peer)?;
    let message = draft.ledger.message(&conversation, seq)?.ok_or(Refusal::UnknownMessage)?;
    if message.sender != actor.user {
        return Err(Refusal::NotSender.into());
    }
    if message.revoked {
        return Ok(done(draft, None));
    }
    let window = draft.around.limits.revoke_window_ms;
    if !actor.is_back_end() && draft.now() > message.time + window {
        return Err(Refusal::RevokeWindow.into());
    }
    let place =
        MessagePlace { message_id: message.message_id.clone(), conversation: conversation.to_string(), seq };
    let everybody = people(draft.ledger, &conversation)?;
    let by = actor.user.clone();
    let receipt =
        draft.tell(everybody, Telling::default(), |_| Event::MessageRevoked(MessageRevoked { place, by }))?;
    draft.change(Change::MessageRevoked(conversation, seq));
    Ok(done(draft, receipt.cursor))
}

/// Marks read up to `seq`. One-to-one the other side is told; in a group only the reader's own devices, since telling
/// every member of every member's reading grows with the square of the group.
pub(super) fn mark_read(
    mut draft: Draft<'_>,
    actor: &Actor,
    peer: &Peer,
    seq: u64,
) -> Result<Decision, Stop> {
    let conversation = seen(&draft, actor, peer)?;
    let seq = seq.min(draft.ledger.last_seq(&conversation)?);
    if seq <= draft.ledger.reader(&actor.user, &conversation)?.read_seq {
        return Ok(done(draft, None));
    }
    let cursor = read_up_to(&mut draft, actor, &conversation, seq)?;
    Ok(done(draft, cursor))
}

/// Moves the actor's read mark. Gives the place in their stream where it is told.
pub(super) fn read_up_to(
    draft: &mut Draft<'_>,
    actor: &Actor,
    conversation: &ConversationId,
    seq: u64,
) -> Result<Option<u64>, Stop> {
    let reader = actor.user.clone();
    let audience = match conversation {
        ConversationId::OneToOne(one, other) => vec![one.clone(), other.clone()],
        ConversationId::Group(_) => vec![reader.clone()],
    };
    let name = conversation.to_string();
    let read = MessageRead { conversation: name, reader: reader.clone(), seq };
    let receipt = draft.tell(audience, Telling::default(), |_| Event::MessageRead(read))?;
    draft.change(Change::Read { user: reader, conversation: conversation.clone(), seq });
    Ok(receipt.cursor)
}

pub(super) fn done(draft: Draft<'_>, cursor: Option<u64>) -> Decision {
    let time = draft.now();
    draft.finish(Reply::Done(Done { cursor, time }))
}

/// The first reply to the same message. Another one under the same key is refused: its sender would take the first reply for
/// its own, and the message would be lost.
pub(super) fn sent_before(
    draft: &Draft<'_>,
    actor: &Actor,
    wish: &SendMessage,
) -> Result<Option<Reply>, Stop> {
    let Some(id) = &wish.client_msg_id else { return Ok(None) };
    let Some(before) = draft.ledger.client_message(&actor.user, id)? else { return Ok(None) };
    let conversation = ConversationId::with(&actor.user, &wish.peer).to_string();
    let same_content = before.content_hash.is_none_or(|hash| hash == content_hash(wish));
    if before.sent.conversation == conversation && same_content {
        return Ok(Some(Reply::Sent(before.sent.clone())));
    }
    Err(Refusal::ClientMsgIdTaken.into())
}

/// The change that keeps the reply for a repeat, when the message has a key.
pub(super) fn key_used_up(actor: &Actor, wish: &SendMessage, sent: &MessageSent) -> Option<Change> {
    let client_msg_id = wish.client_msg_id.clone()?;
    let message = KeyedMessage { sent: sent.clone(), content_hash: Some(content_hash(wish)) };
    Some(Change::ClientMessage { sender: actor.user.clone(), client_msg_id, message })
}

/// FNV-1a of the type and the content, to the letter. It is stored, so it must not differ from one version of the server
/// to the next, as the standard library's hashes may.
fn content_hash(wish: &SendMessage) -> u64 {
    const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0100_0000_01b3;
    let bytes = wish.kind.bytes().chain([0]).chain(wish.content.get().bytes());
    bytes.fold(OFFSET, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(PRIME))
}

pub(super) fn check(draft: &Draft<'_>, wish: &SendMessage) -> Result<(), Stop> {
    let most = draft.around.limits.data_bytes;
    if wish.content.get().len() > most {
        return Err(Refusal::TooLong(Field::Content, most).into());
    }
    if wish.options.cloud_custom_data.len() > most {
        return Err(Refusal::TooLong(Field::CloudCustomData, most).into());
    }
    if wish.offline_push_info.as_ref().is_some_and(|info| info.get().len() > most) {
        return Err(Refusal::TooLong(Field::OfflinePushInfo, most).into());
    }
    if wish.kind.is_empty() || wish.kind.len() > KIND_BYTES {
        return Err(Refusal::BadLength(Field::Kind, KIND_BYTES).into());
    }
    let key_fits = |key: &String| (1..=CLIENT_MSG_ID_BYTES).contains(&key.len());
    if !wish.client_msg_id.as_ref().is_none_or(key_fits) {
        return Err(Refusal::BadLength(Field::ClientMsgId, CLIENT_MSG_ID_BYTES).into());
    }
    check_content(wish)
}

/// Text and custom messages have fields others rely on; other types pass through as any object.
fn check_content(wish: &SendMessage) -> Result<(), Stop> {
    let (wanted, shape) = match wish.kind.as_str() {
        "text" => ("text", Content::Text),
        "custom" => ("data", Content::Custom),
        _ => return check_object(wish.content.get()),
    };
    let content: Result<std::collections::HashMap<String, serde_json::Value>, _> =
        serde_json::from_str(wish.content.get());
    let fits = content.is_ok_and(|content| content.get(wanted).is_some_and(serde_json::Value::is_string));
    if fits { Ok(()) } else { Err(Refusal::BadContent(shape).into()) }
}

fn check_object(content: &str) -> Result<(), Stop> {
    if content.trim_start().starts_with('{') {
        return Ok(());
    }
    Err(Refusal::BadContent(Content::Other).into())
}

fn may_speak(draft: &Draft<'_>, actor: &Actor, peer: &Peer) -> Result<(), Stop> {
    let Peer::User(other) = peer else {
        return seen(draft, actor, peer).map(|_| ());
    };
    if *other == actor.user {
        return Err(Refusal::Oneself(Field::UserId).into());
    }
    if draft.ledger.user(other)?.is_none() {
        return Err(Refusal::UnknownUser(Some(Field::UserId)).into());
    }
    if draft.ledger.blocks(other, &actor.user)? {
        return Err(Refusal::BlockedByPeer.into());
    }
    Ok(())
}

/// The conversation the actor means, if they may see it.
pub(super) fn seen(draft: &Draft<'_>, actor: &Actor, peer: &Peer) -> Result<ConversationId, Stop> {
    if let Peer::Group(id) = peer {
        draft.ledger.group(id)?.ok_or(Refusal::UnknownGroup)?.role(&actor.user)?;
    }
    Ok(ConversationId::with(&actor.user, peer))
}

fn people(ledger: &Ledger, conversation: &ConversationId) -> Result<Vec<UserId>, Stop> {
    match conversation {
        ConversationId::OneToOne(one, other) => Ok(vec![one.clone(), other.clone()]),
        ConversationId::Group(id) => {
            Ok(ledger.group(id)?.map(|group| group.members.keys().cloned().collect()).unwrap_or_default())
        }
    }
}

fn message(actor: &Actor, wish: &SendMessage, sent: &MessageSent, place: Option<MessagePlace>) -> Message {
    let (receiver, group_id) = match &wish.peer {
        Peer::User(user) => (Some(user.clone()), None),
        Peer::Group(group) => (None, Some(group.clone())),
    };
    let seq = place.as_ref().map(|place| place.seq);
    Message {
        message_id: place.map_or_else(|| sent.message_id.clone(), |place| place.message_id),
        client_msg_id: wish.client_msg_id.clone(),
        conversation: sent.conversation.clone(),
        seq,
        sender: actor.user.clone(),
        receiver,
        group_id,
        time: sent.time,
        kind: wish.kind.clone(),
        content: wish.content.clone(),
        options: wish.options.clone(),
        offline_push_info: wish.offline_push_info.clone(),
        revoked: false,
    }
}
