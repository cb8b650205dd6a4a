//! Reads what the server sends, kindly towards newer servers.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;
use wigwag_protocol::event::{CaughtUp, EventHead};
use wigwag_protocol::presence::UserStatus;
use wigwag_protocol::{ErrorBody, Event};

use crate::error::Error;

/// One frame, as far as a client cares.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "taken apart as soon as it is made; never stored")]
pub(super) enum Heard {
    /// The answer to a request; a success carries its result as JSON text.
    Reply { request: u64, outcome: Result<String, Error> },
    /// An event. Without a body it is of a type, or of a shape, that this version does not know.
    Event { head: EventHead, event: Option<Event>, params: String },
    /// The backlog is sent.
    CaughtUp(u64),
    /// A user who is watched is like this from now on.
    Status(UserStatus),
    /// Nothing for this version: another notification, or an error that belongs to no request.
    Nothing,
    /// Not what the protocol allows; an event may have been in it.
    Unreadable(String),
}

/// Like [`wigwag_protocol::frame::Incoming`], with the error unread: a reason that this version does not know must not
/// take the whole frame with it.
#[derive(Deserialize)]
struct Frame<'a> {
    #[serde(borrow, default)]
    id: Option<&'a RawValue>,
    #[serde(borrow, default)]
    method: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    params: Option<&'a RawValue>,
    #[serde(borrow, default)]
    result: Option<&'a RawValue>,
    #[serde(borrow, default)]
    error: Option<&'a RawValue>,
}

impl Heard {
    pub(super) fn read(text: &str) -> Self {
        let frame: Frame<'_> = match serde_json::from_str(text) {
            Ok(frame) => frame,
            Err(error) => return Self::Unreadable(error.to_string()),
        };
        match frame.method.as_deref() {
            Some("event") => read_event(frame.params),
            Some("session.caughtUp") => read_caught_up(frame.params),
            Some("user.status") => read_status(frame.params),
            Some(_) => Self::Nothing,
            None => read_reply(&frame),
        }
    }
}

fn read_event(params: Option<&RawValue>) -> Heard {
    let params = params.map_or("null", RawValue::get);
    match serde_json::from_str(params) {
        Ok(head) => {
            let event = Event::read(params).ok().flatten();
            Heard::Event { head, event, params: params.to_owned() }
        }
        Err(error) => Heard::Unreadable(error.to_string()),
    }
}

fn read_caught_up(params: Option<&RawValue>) -> Heard {
    match serde_json::from_str::<CaughtUp>(params.map_or("null", RawValue::get)) {
        Ok(caught_up) => Heard::CaughtUp(caught_up.cursor),
        Err(error) => Heard::Unreadable(error.to_string()),
    }
}

/// A shape that this version does not know says nothing to it.
fn read_status(params: Option<&RawValue>) -> Heard {
    params.and_then(|params| serde_json::from_str(params.get()).ok()).map_or(Heard::Nothing, Heard::Status)
}

fn read_reply(frame: &Frame<'_>) -> Heard {
    let Some(request) = frame.id.and_then(|id| id.get().parse().ok()) else { return Heard::Nothing };
    let outcome = match (frame.result, frame.error) {
        (_, Some(error)) => Err(read_error(error.get())),
        (Some(result), None) => Ok(result.get().to_owned()),
        (None, None) => Err(Error::Unreadable("neither result nor error".to_owned())),
    };
    Heard::Reply { request, outcome }
}

fn read_error(text: &str) -> Error {
    match serde_json::from_str::<ErrorBody>(text) {
        Ok(body) => Error::Refused(Box::new(body)),
        Err(_) => Error::Unreadable(text.to_owned()),
    }
}

/// The place in the stream a result carries, whatever command it answers.
pub(super) fn cursor_of(result: &str) -> Option<u64> {
    #[derive(Deserialize)]
    struct Placed {
        #[serde(default)]
        cursor: Option<u64>,
    }
    serde_json::from_str::<Placed>(result).ok()?.cursor
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn newer_servers_are_borne() {
        let reason = r#"{"jsonrpc":"2.0","id":3,"error":{"code":9,"message":"m","data":{"reason":"newOne","retryable":false}}}"#;
        assert!(matches!(
            Heard::read(reason),
            Heard::Reply { request: 3, outcome: Err(Error::Unreadable(_)) }
        ));
        let kind =
            r#"{"jsonrpc":"2.0","method":"event","params":{"cursor":4,"time":1,"type":"weather.changed"}}"#;
        assert!(matches!(
            Heard::read(kind),
            Heard::Event { head: EventHead { cursor: 4, .. }, event: None, .. }
        ));
        let shape = r#"{"jsonrpc":"2.0","method":"event","params":{"cursor":4,"time":1,"type":"message.read","seq":"x"}}"#;
        assert!(matches!(Heard::read(shape), Heard::Event { event: None, .. }));
        assert!(matches!(Heard::read(r#"{"jsonrpc":"2.0","method":"news"}"#), Heard::Nothing));
        let orphan = r#"{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"m","data":{}}}"#;
        assert!(matches!(Heard::read(orphan), Heard::Nothing));
    }

    #[test]
    fn what_may_hide_an_event_is_unreadable() {
        for text in ["", "7", "{\"method\":\"event\"}", r#"{"method":"event","params":{"time":1}}"#] {
            assert!(matches!(Heard::read(text), Heard::Unreadable(_)), "{text}");
        }
    }
}
