//! Reading requests and writing events, as text.

use std::fmt::Write;

use serde_json::error::Category;
use wigwag_protocol::frame::{Request, RequestId};
use wigwag_protocol::{ErrorBody, Method, Reason};

/// A request that is well-formed as far as JSON-RPC goes.
#[derive(Debug)]
pub(super) struct Incoming<'a> {
    /// `None` for a notification.
    pub(super) id: Option<RequestId>,
    pub(super) method: Method,
    /// JSON text of an object.
    pub(super) params: &'a str,
}

/// Reads a frame. The error comes with the id to answer to, as far as it could be read.
pub(super) fn read(text: &str, most: usize) -> Result<Incoming<'_>, (RequestId, ErrorBody)> {
    let unknown = |error: ErrorBody| (RequestId::Unknown, error);
    if text.len() > most {
        let mut error = Reason::FrameTooLarge.error();
        error.message = format!("the frame has {} bytes; at most {most} are allowed", text.len());
        return Err(unknown(error));
    }
    let request: Request<'_> = serde_json::from_str(text).map_err(|error| unknown(not_a_request(&error)))?;
    let id = match request.id.map(RequestId::read) {
        None => None,
        Some(Some(id)) => Some(id),
        Some(None) => return Err(unknown(Reason::InvalidRequest.error())),
    };
    let to = || id.clone().unwrap_or(RequestId::Unknown);
    if request.jsonrpc != "2.0" {
        return Err((to(), Reason::InvalidRequest.error()));
    }
    let Some(method) = Method::parse(&request.method) else {
        let mut error = Reason::UnknownMethod.error();
        error.message = format!("there is no method {:?}", shortened(&request.method));
        return Err((to(), error));
    };
    if id.is_none() && method != Method::SessionAck {
        let mut error = Reason::InvalidRequest.error();
        error.message = format!("{} needs an id: only session.ack may be a notification", method.as_str());
        return Err((RequestId::Unknown, error));
    }
    let params = request.params.map_or("{}", |params| params.get());
    if !params.starts_with('{') {
        let mut error = Reason::InvalidParams.error();
        "params must be an object".clone_into(&mut error.message);
        return Err((to(), error));
    }
    Ok(Incoming { id, method, params })
}

fn not_a_request(error: &serde_json::Error) -> ErrorBody {
    match error.classify() {
        Category::Syntax | Category::Eof | Category::Io => Reason::MalformedJson.error(),
        Category::Data => Reason::InvalidRequest.error(),
    }
}

/// A name from outside, short enough to be sent back.
fn shortened(name: &str) -> String {
    name.chars().take(40).collect()
}

/// The viewer's own part of an event.
#[derive(Debug, Clone, Copy)]
pub(super) struct Viewer {
    pub(super) cursor: u64,
    pub(super) after: Option<u64>,
    pub(super) time: u64,
    pub(super) by_self: bool,
    pub(super) remaining_ms: Option<u64>,
}

/// An event's frame: the viewer's part, then the part that is the same for everybody.
pub(super) fn event(viewer: Viewer, body: &str) -> String {
    let mut text = String::with_capacity(body.len() + 128);
    text.push_str(r#"{"jsonrpc":"2.0","method":"event","params":{"cursor":"#);
    // Writing into a String cannot fail.
    write!(text, "{}", viewer.cursor).ok();
    if let Some(after) = viewer.after {
        write!(text, r#","after":{after}"#).ok();
    }
    write!(text, r#","time":{},"#, viewer.time).ok();
    if viewer.by_self {
        text.push_str(r#""self":true,"#);
    }
    if let Some(remaining) = viewer.remaining_ms {
        write!(text, r#""remainingMs":{remaining},"#).ok();
    }
    text.push_str(body);
    text.push('}');
    text
}

/// A reply whose result is JSON text already.
pub(super) fn reply_text(id: &RequestId, result: &str) -> String {
    format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{result}}}"#)
}

#[cfg(test)]
mod tests {
    use super::*;
    use wigwag_protocol::event::Placed;

    #[test]
    fn bad_frames_have_an_error_each() {
        let table = [
            ("{", -32700, "null"),
            ("[]", -32600, "null"),
            (r#"{"jsonrpc":"2.0","id":1}"#, -32600, "null"),
            (r#"{"jsonrpc":"1.0","id":1,"method":"session.close"}"#, -32600, "1"),
            (r#"{"jsonrpc":"2.0","id":"x","method":"session.dance"}"#, -32601, "\"x\""),
            (r#"{"jsonrpc":"2.0","id":{},"method":"session.close"}"#, -32600, "null"),
            (r#"{"jsonrpc":"2.0","method":"signaling.invite"}"#, -32600, "null"),
            (r#"{"jsonrpc":"2.0","id":2,"method":"session.ack","params":[5]}"#, -32602, "2"),
        ];
        for (text, code, id) in table {
            let (to, error) = read(text, 1_000).unwrap_err();
            assert_eq!((error.code, to.to_string().as_str()), (code, id), "{text}");
        }
        assert_eq!(read("12345", 4).unwrap_err().1.code, -32004);
        assert!(read(r#"{"jsonrpc":"2.0","method":"session.ack","params":{"cursor":1}}"#, 100).is_ok());
    }

    #[test]
    fn an_event_frame_is_one_json_object() {
        let viewer = Viewer { cursor: 9, after: Some(4), time: 7, by_self: true, remaining_ms: Some(5) };
        let text = event(viewer, r#""type":"group.dismissed","groupID":"g","by":"a"}"#);
        let frame: wigwag_protocol::frame::Incoming<'_> = serde_json::from_str(&text).unwrap();
        let placed: Placed = serde_json::from_str(frame.params.unwrap().get()).unwrap();
        assert_eq!((placed.cursor, placed.after, placed.time), (9, Some(4), 7));
        assert!(placed.by_self && placed.remaining_ms == Some(5) && placed.event.is_some());
    }
}
