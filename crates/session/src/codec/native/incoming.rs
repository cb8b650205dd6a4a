//! Frames of a device.

use serde_json::error::Category;
use wigwag_protocol::frame::{Request, RequestId};
use wigwag_protocol::{ErrorBody, Method, Reason, UserId};

use super::fault::parse;
use super::understand;
use crate::{Asked, FirstAsked};

/// A request that is well-formed as far as JSON-RPC goes.
#[derive(Debug)]
pub struct Incoming<'a> {
    /// `None` for a notification.
    pub id: Option<RequestId>,
    /// What is called.
    pub method: Method,
    /// JSON text of an object.
    params: &'a str,
}

/// A frame that is not a request.
#[derive(Debug)]
pub struct Unread {
    /// As far as it could be read.
    pub id: Option<RequestId>,
    /// The error to answer with.
    pub error: ErrorBody,
}

impl Incoming<'_> {
    /// What the request asks of the session of `user`.
    pub fn asks(&self, user: &UserId) -> Asked<ErrorBody> {
        understand::asked(self.method, self.params, user)
    }

    /// What the request asks before the sign-in.
    pub fn asks_first(&self) -> FirstAsked<ErrorBody> {
        if self.method != Method::SessionOpen {
            return FirstAsked::Other;
        }
        parse(self.params).map_or_else(FirstAsked::Wrong, FirstAsked::Open)
    }
}

/// Reads a frame of at most `most` bytes.
pub fn read(text: &str, most: usize) -> Result<Incoming<'_>, Unread> {
    let unknown = |error: ErrorBody| Unread { id: None, error };
    if text.len() > most {
        let mut error = Reason::FrameTooLarge.error();
        error.message = format!("the frame has {} bytes; at most {most} are allowed", text.len());
        return Err(unknown(error));
    }
    let request: Request<'_> = serde_json::from_str(text).map_err(|error| unknown(not_a_request(&error)))?;
    // serde would take an array of the four members for the object.
    if !text.trim_start().starts_with('{') {
        return Err(unknown(Reason::InvalidRequest.error()));
    }
    let id = match request.id.map(RequestId::read) {
        None => None,
        Some(Some(id)) => Some(id),
        Some(None) => return Err(unknown(Reason::InvalidRequest.error())),
    };
    if request.jsonrpc != "2.0" {
        return Err(Unread { id, error: Reason::InvalidRequest.error() });
    }
    let Some(method) = Method::parse(&request.method) else {
        let mut error = Reason::UnknownMethod.error();
        error.message = format!("there is no method {:?}", shortened(&request.method));
        return Err(Unread { id, error });
    };
    if id.is_none() && method != Method::SessionAck {
        let mut error = Reason::InvalidRequest.error();
        error.message = format!("{} needs an id: only session.ack may be a notification", method.as_str());
        return Err(unknown(error));
    }
    let params = request.params.map_or("{}", |params| params.get());
    if !params.starts_with('{') {
        let mut error = Reason::InvalidParams.error();
        "params must be an object".clone_into(&mut error.message);
        return Err(Unread { id, error });
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bad_frames_have_an_error_each() {
        let table = [
            ("{", -32700, "null"),
            ("[]", -32600, "null"),
            (r#" ["2.0",1,"session.close",{}]"#, -32600, "null"),
            (r#"{"jsonrpc":"2.0","id":1}"#, -32600, "null"),
            (r#"{"jsonrpc":"1.0","id":1,"method":"session.close"}"#, -32600, "1"),
            (r#"{"jsonrpc":"2.0","id":"x","method":"session.dance"}"#, -32601, "\"x\""),
            (r#"{"jsonrpc":"2.0","id":{},"method":"session.close"}"#, -32600, "null"),
            (r#"{"jsonrpc":"2.0","method":"signaling.invite"}"#, -32600, "null"),
            (r#"{"jsonrpc":"2.0","id":2,"method":"session.ack","params":[5]}"#, -32602, "2"),
        ];
        for (text, code, id) in table {
            let Unread { id: to, error } = read(text, 1_000).unwrap_err();
            let to = to.unwrap_or(RequestId::Unknown);
            assert_eq!((error.code, to.to_string().as_str()), (code, id), "{text}");
        }
        assert_eq!(read("12345", 4).unwrap_err().error.code, -32004);
        assert!(read(r#"{"jsonrpc":"2.0","method":"session.ack","params":{"cursor":1}}"#, 100).is_ok());
    }

    #[test]
    fn only_an_open_is_read_before_the_sign_in() {
        let read = |text| read(text, 1_000).unwrap().asks_first();
        let early = read(r#"{"jsonrpc":"2.0","id":1,"method":"signaling.invite","params":{"invitee":7}}"#);
        assert!(matches!(early, FirstAsked::Other));
        let wrong = read(r#"{"jsonrpc":"2.0","id":1,"method":"session.open","params":{}}"#);
        assert!(matches!(wrong, FirstAsked::Wrong(error) if error.data.reason == Reason::InvalidParams));
        let open = r#"{"jsonrpc":"2.0","id":1,"method":"session.open","params":{"token":"t","deviceID":"d","platform":1}}"#;
        assert!(matches!(read(open), FirstAsked::Open(open) if open.token == "t"));
    }
}
