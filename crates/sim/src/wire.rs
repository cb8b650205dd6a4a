//! Frames of the virtual server: the part of the native protocol that the devices here speak.

use std::fmt::Write;

use serde::de::DeserializeOwned;
use wigwag_engine::command::{Answer, Invite, Invited, SendMessage};
use wigwag_engine::invitation::Switches;
use wigwag_engine::{Command, PlacedEvent, Reply};
use wigwag_protocol::frame::{self, Request, RequestId};
use wigwag_protocol::message::Peer;
use wigwag_protocol::{ErrorBody, Method, UserId, params};

/// What a device asks for.
pub(crate) enum Asked {
    Open(params::SessionOpen),
    Ack,
    Close,
    ListOpen,
    Command(Command),
}

/// Reads a frame. Devices run the real client, so a frame that cannot be read is a bug and not an error reply.
#[expect(clippy::wildcard_enum_match_arm, reason = "devices here speak a part of the protocol")]
pub(crate) fn read(text: &str) -> (RequestId, Asked) {
    let request: Request<'_> = serde_json::from_str(text).expect("a client sends requests");
    let id = request.id.and_then(RequestId::read).unwrap_or(RequestId::Unknown);
    let params = request.params.map_or("{}", |params| params.get());
    let asked = match Method::parse(&request.method).expect("a client knows the methods") {
        Method::SessionOpen => Asked::Open(parse(params)),
        Method::SessionAck => Asked::Ack,
        Method::SessionClose => Asked::Close,
        Method::ListOpen => Asked::ListOpen,
        Method::Invite => Asked::Command(invite(parse(params))),
        Method::InviteInGroup => Asked::Command(invite_in_group(parse(params))),
        Method::Cancel => Asked::Command(Command::Cancel(answer(params))),
        Method::Accept => Asked::Command(Command::Accept(answer(params))),
        Method::Reject => Asked::Command(Command::Reject(answer(params))),
        Method::Modify => {
            let params::Modify { invite_id, data } = parse(params);
            Asked::Command(Command::Modify(Answer { id: invite_id, data }))
        }
        Method::MessageSend => Asked::Command(send(parse(params))),
        Method::MessageMarkRead => {
            let params::MessageAt { user_id, group_id, seq } = parse(params);
            let peer = Peer::from_fields(user_id, group_id).expect("one of both");
            Asked::Command(Command::MarkRead { peer, seq })
        }
        other => panic!("no device here calls {}", other.as_str()),
    };
    (id, asked)
}

fn parse<T: DeserializeOwned>(params: &str) -> T {
    serde_json::from_str(params).expect("a client sends what the protocol says")
}

fn answer(params: &str) -> Answer {
    let params::Answer { invite_id, data, user_id: _ } = parse(params);
    Answer { id: invite_id, data }
}

fn invite(wish: params::Invite) -> Command {
    let switches = Switches { online_user_only: wish.online_user_only, ..Switches::default() };
    Command::Invite(Box::new(Invite {
        id: wish.invite_id,
        invited: Invited::User(wish.invitee),
        data: wish.data,
        timeout: wish.timeout,
        switches,
        offline_push_info: None,
    }))
}

fn invite_in_group(wish: params::InviteInGroup) -> Command {
    let switches = Switches { online_user_only: wish.online_user_only, ..Switches::default() };
    let invited = Invited::Members { group: wish.group_id, invitees: wish.invitee_list, notify: wish.notify };
    Command::Invite(Box::new(Invite {
        id: wish.invite_id,
        invited,
        data: wish.data,
        timeout: wish.timeout,
        switches,
        offline_push_info: None,
    }))
}

fn send(wish: params::MessageSend) -> Command {
    Command::SendMessage(Box::new(SendMessage {
        peer: Peer::from_fields(wish.user_id, wish.group_id).expect("one of both"),
        client_msg_id: wish.client_msg_id,
        kind: wish.kind,
        content: wish.content,
        options: wish.options,
        offline_push_info: wish.offline_push_info,
    }))
}

/// The reply to a command.
pub(crate) fn reply(id: &RequestId, outcome: Result<&Reply, &ErrorBody>) -> String {
    match outcome {
        Ok(Reply::Acted(acted)) => frame::reply(id, acted),
        Ok(Reply::Sent(sent)) => frame::reply(id, sent),
        Ok(Reply::Created(created)) => frame::reply(id, created),
        Ok(Reply::Done(done)) => frame::reply(id, done),
        Err(error) => frame::error(id, error),
    }
}

/// An event as `viewer` gets it.
pub(crate) fn event(event: &PlacedEvent, viewer: &UserId, place: (u64, Option<u64>), now: u64) -> String {
    let (cursor, after) = place;
    let mut text = format!(r#"{{"jsonrpc":"2.0","method":"event","params":{{"cursor":{cursor}"#);
    if let Some(after) = after {
        // Writing into a String cannot fail.
        write!(text, r#","after":{after}"#).ok();
    }
    write!(text, r#","time":{},"#, event.time).ok();
    if event.actor.as_ref() == Some(viewer) {
        text.push_str(r#""self":true,"#);
    }
    if let Some(deadline) = event.invitation.as_ref().and_then(|mark| mark.deadline) {
        write!(text, r#""remainingMs":{},"#, deadline.saturating_sub(now)).ok();
    }
    text.push_str(&event.body);
    text.push('}');
    text
}
