//! JSON-RPC 2.0 frames: one object per WebSocket text message.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::error::ErrorBody;

/// Most bytes in a frame to a client. Lists end before it and say how to go on. It holds for one invitation, event or message as
/// long as clients may send 64 KiB in a frame and an invitation has at most 1,000 invitees: what is sent on is at most twice
/// as long as what came.
pub const TO_CLIENT_BYTES: usize = 256 * 1024;

/// What a client sends. Without `id` it is a notification and gets no reply.
#[derive(Debug, Deserialize)]
pub struct Request<'a> {
    /// Must be `"2.0"`.
    #[serde(borrow)]
    pub jsonrpc: Cow<'a, str>,
    /// A number or a string of the client's choice, returned in the reply.
    #[serde(borrow, default)]
    pub id: Option<&'a RawValue>,
    /// The method's name.
    #[serde(borrow)]
    pub method: Cow<'a, str>,
    /// The method's parameters, an object.
    #[serde(borrow, default)]
    pub params: Option<&'a RawValue>,
}

/// The id of a request as it came, so that the reply carries it back to the letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RequestId {
    /// A non-negative integer, by far the most usual.
    Number(u64),
    /// Any other JSON number or string.
    Other(Box<str>),
    /// `null`: the request could not be read far enough to know its id.
    Unknown,
}

impl RequestId {
    /// Reads an id; `None` when it is neither a number nor a string.
    pub fn read(raw: &RawValue) -> Option<Self> {
        let text = raw.get();
        if let Ok(number) = text.parse::<u64>() {
            return Some(Self::Number(number));
        }
        let first = text.as_bytes().first()?;
        matches!(first, b'"' | b'-' | b'0'..=b'9').then(|| Self::Other(text.into()))
    }
}

impl std::fmt::Display for RequestId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Other(text) => f.write_str(text),
            Self::Unknown => f.write_str("null"),
        }
    }
}

/// The text of a successful reply.
pub fn reply(id: &RequestId, result: &impl Serialize) -> String {
    finish(format!(r#"{{"jsonrpc":"2.0","id":{id},"result":"#), result)
}

/// The text of an error reply.
pub fn error(id: &RequestId, error: &ErrorBody) -> String {
    finish(format!(r#"{{"jsonrpc":"2.0","id":{id},"error":"#), error)
}

/// The text of a notification.
pub fn notification(method: &str, params: &impl Serialize) -> String {
    finish(format!(r#"{{"jsonrpc":"2.0","method":"{method}","params":"#), params)
}

/// The text of a request.
pub fn request(id: u64, method: crate::Method, params: &impl Serialize) -> String {
    finish(format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"{}","params":"#, method.as_str()), params)
}

fn finish(mut head: String, body: &impl Serialize) -> String {
    // Serialising our own types into memory cannot fail: no map has a non-string key.
    head.push_str(&serde_json::to_string(body).unwrap_or_else(|_| "null".to_owned()));
    head.push('}');
    head
}

/// What a server sends, as a client reads it.
#[derive(Debug, Deserialize)]
pub struct Incoming<'a> {
    /// Present in replies; `null` when the server could not read the request's id.
    #[serde(borrow, default)]
    pub id: Option<&'a RawValue>,
    /// Present in notifications: `event` or `session.caughtUp`.
    #[serde(borrow, default)]
    pub method: Option<Cow<'a, str>>,
    /// A notification's parameters.
    #[serde(borrow, default)]
    pub params: Option<&'a RawValue>,
    /// A successful reply's result.
    #[serde(borrow, default)]
    pub result: Option<&'a RawValue>,
    /// A refused request's error.
    #[serde(default)]
    pub error: Option<ErrorBody>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_come_back_to_the_letter() {
        for text in ["7", "\"a-1\"", "-3", "1.5"] {
            let raw: Box<RawValue> = serde_json::from_str(text).unwrap();
            assert_eq!(RequestId::read(&raw).unwrap().to_string(), text);
        }
        let raw: Box<RawValue> = serde_json::from_str("[1]").unwrap();
        assert_eq!(RequestId::read(&raw), None);
    }
}
