//! Frames of the server.

use std::fmt::Write;

use wigwag_engine::Reply;
use wigwag_protocol::event::CaughtUp;
use wigwag_protocol::frame::{self, RequestId};
use wigwag_protocol::presence::UserStatus;
use wigwag_protocol::result::SessionOpened;
use wigwag_protocol::{ErrorBody, Event};

use super::pages;
use crate::session::Answer;
use crate::{Body, Viewer};

/// Room for the text of a usual event, bytes; larger ones grow.
const USUAL_EVENT: usize = 640;

/// The reply to a request.
pub fn answer(id: Option<RequestId>, answer: Answer) -> String {
    let id = id.unwrap_or(RequestId::Unknown);
    match answer {
        Answer::Reply(reply) => match &*reply {
            Reply::Acted(acted) => frame::reply(&id, acted),
            Reply::Sent(sent) => frame::reply(&id, sent),
            Reply::Created(created) => frame::reply(&id, created),
            Reply::AttributesSet(set) => frame::reply(&id, set),
            Reply::Joined(joined) => frame::reply(&id, joined),
            Reply::Done(done) => frame::reply(&id, done),
        },
        Answer::Found(found) => pages::found(&id, *found),
        Answer::Done(done) => frame::reply(&id, &done),
    }
}

/// The reply to the request that opened the session.
pub fn opened(id: Option<RequestId>, opened: SessionOpened) -> String {
    pages::fit(&id.unwrap_or(RequestId::Unknown), opened)
}

/// The error reply to a request; its id is `null` when the request has none.
pub fn error(id: Option<RequestId>, error: &ErrorBody) -> String {
    frame::error(&id.unwrap_or(RequestId::Unknown), error)
}

/// A session has read its stream up to here.
pub fn caught_up(cursor: u64) -> String {
    frame::notification("session.caughtUp", &CaughtUp { cursor })
}

/// How a user is from now on whom the session watches.
pub fn status(status: &UserStatus) -> String {
    frame::notification("user.status", status)
}

/// The part of an event's params that is the same for everybody, from `"type"` on. [`event`] puts the viewer's part before
/// it.
pub fn shared(event: &Event) -> String {
    let mut text = Vec::with_capacity(USUAL_EVENT);
    // Serialising our own types into memory cannot fail: no map has a non-string key.
    let written = serde_json::to_writer(&mut text, event);
    debug_assert!(written.is_ok(), "{written:?}");
    text.drain(..1.min(text.len()));
    String::from_utf8(text).unwrap_or_default()
}

/// An event: the viewer's part, then the part that is the same for everybody, as the log keeps it.
pub fn event(viewer: Viewer, body: &Body) -> String {
    let shared = body.text();
    let mut text = String::with_capacity(shared.len() + 128);
    text.push_str(r#"{"jsonrpc":"2.0","method":"event","params":"#);
    put(&mut text, viewer, shared);
    text.push('}');
    text
}

/// An event as it stands in a list: what a device is told of it, without the frame around that.
pub fn listed_event(viewer: Viewer, shared: &str) -> String {
    let mut text = String::with_capacity(shared.len() + 64);
    put(&mut text, viewer, shared);
    text
}

fn put(text: &mut String, viewer: Viewer, shared: &str) {
    // Writing into a String cannot fail.
    write!(text, r#"{{"cursor":{}"#, viewer.cursor).ok();
    if let Some(after) = viewer.after {
        write!(text, r#","after":{after}"#).ok();
    }
    write!(text, r#","time":{},"#, viewer.time).ok();
    if viewer.by_self {
        text.push_str(r#""self":true,"#);
    }
    if viewer.is_quiet {
        text.push_str(r#""quiet":true,"#);
    }
    if let Some(remaining) = viewer.remaining_ms {
        write!(text, r#""remainingMs":{remaining},"#).ok();
    }
    text.push_str(shared);
}

#[cfg(test)]
mod tests {
    use super::*;
    use wigwag_protocol::event::Placed;

    #[test]
    fn an_event_frame_is_one_json_object() {
        let viewer = Viewer {
            cursor: 9,
            after: Some(4),
            time: 7,
            by_self: true,
            remaining_ms: Some(5),
            is_quiet: true,
        };
        let body = Body::Stored(r#""type":"group.dismissed","groupID":"g","by":"a"}"#.to_owned());
        let text = event(viewer, &body);
        let frame: frame::Incoming<'_> = serde_json::from_str(&text).unwrap();
        let placed: Placed = serde_json::from_str(frame.params.unwrap().get()).unwrap();
        assert_eq!((placed.cursor, placed.after, placed.time), (9, Some(4), 7));
        assert!(placed.by_self && placed.quiet && placed.remaining_ms == Some(5) && placed.event.is_some());
    }

    #[test]
    fn a_request_without_id_is_answered_to_null() {
        let text = error(None, &wigwag_protocol::Reason::NotSignedIn.error());
        assert!(text.starts_with(r#"{"jsonrpc":"2.0","id":null,"error":"#), "{text}");
    }
}
