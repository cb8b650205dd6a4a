//! Frames: one for each call of a function, one for its result, one for each event.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use wigwag_protocol::frame::TO_CLIENT_BYTES;

use super::error::{Error, Kind};
use super::{Dialect, event};

/// Longest `operationID` that is repeated, bytes: both clients make theirs of about thirty characters and the userID.
const OPERATION_ID_BYTES: usize = 256;
/// Longest name of a function that is repeated, bytes; the longest that exists has 43.
const NAME_BYTES: usize = 64;

/// Bytes after which a list ends. In a frame it is a text inside a text, where each quotation mark takes a second byte.
const LIST_BYTES: usize = TO_CLIENT_BYTES / 2;

/// What a reply repeats of its request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Heading {
    /// The function that was called.
    pub name: String,
    /// Chosen by the client.
    pub operation_id: String,
}

/// A frame of a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incoming {
    /// What the reply repeats.
    pub heading: Heading,
    /// Who the client thinks it is.
    pub user_id: String,
    /// The arguments as text.
    pub data: String,
    /// Only in Login: whether messages are wanted in lists.
    pub in_batches: bool,
}

/// A frame that is not a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread {
    /// As far as it could be read.
    pub heading: Heading,
    /// What is wrong.
    pub error: Error,
}

#[derive(Deserialize)]
struct Raw {
    #[serde(default, rename = "reqFuncName")]
    name: Option<String>,
    #[serde(default, rename = "operationID")]
    operation_id: Option<String>,
    #[serde(default, rename = "userID")]
    user_id: Option<String>,
    #[serde(default)]
    data: Value,
    #[serde(default, rename = "batchMsg")]
    batch_msg: Value,
}

/// Reads a frame of at most `most` bytes.
pub fn read(text: &str, most: usize) -> Result<Incoming, Unread> {
    let unread = |kind, words: &str| Unread { heading: Heading::default(), error: Error::new(kind, words) };
    if text.len() > most {
        return Err(unread(Kind::TooLarge, &format!("the frame is longer than {most} bytes")));
    }
    // A list would be read as the fields in their order.
    let object = text.trim_ascii_start().starts_with('{').then_some(text);
    let raw: Option<Raw> = object.and_then(|text| serde_json::from_str(text).ok());
    let raw = raw.ok_or_else(|| unread(Kind::NotJson, "Unmarshal failed"))?;
    let heading =
        Heading { name: raw.name.unwrap_or_default(), operation_id: raw.operation_id.unwrap_or_default() };
    if heading.operation_id.len() > OPERATION_ID_BYTES || heading.name.len() > NAME_BYTES {
        return Err(unread(Kind::Arguments, "operationID or reqFuncName is too long"));
    }
    if heading.name.is_empty() {
        return Err(Unread { heading, error: Error::new(Kind::Arguments, "key reqFuncName not in") });
    }
    let data = match raw.data {
        Value::Null => String::new(),
        Value::String(text) => text,
        other @ (Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => other.to_string(),
    };
    let in_batches = raw.batch_msg.as_u64().is_some_and(|flag| flag != 0);
    Ok(Incoming { heading, user_id: raw.user_id.unwrap_or_default(), data, in_batches })
}

/// What a function results in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// It is done.
    Nothing,
    /// A text, such as a userID.
    Text(String),
    /// The JSON text of anything else.
    Json(String),
}

impl Answer {
    /// An object, or a list of a known length.
    pub fn of(value: &impl Serialize) -> Self {
        Self::Json(json(value))
    }

    /// A list, which ends before it has more than [`LIST_BYTES`], and has one entry at least.
    pub fn list<T: Serialize>(entries: impl IntoIterator<Item = T>) -> Self {
        let mut list = String::new();
        for entry in entries {
            let entry = json(&entry);
            if list.is_empty() {
                list.push('[');
            } else if list.len() + entry.len() > LIST_BYTES {
                break;
            } else {
                list.push(',');
            }
            list.push_str(&entry);
        }
        if list.is_empty() {
            list.push('[');
        }
        list.push(']');
        Self::Json(list)
    }
}

/// The JSON text of one of our own objects, which always can be written: no map has a key that is not a text.
pub fn json(value: &impl Serialize) -> String {
    let text = serde_json::to_string(value);
    debug_assert!(text.is_ok(), "{text:?}");
    text.unwrap_or_default()
}

#[derive(Serialize)]
struct Outgoing<'a> {
    event: &'a str,
    #[serde(rename = "errCode")]
    code: i32,
    #[serde(rename = "errMsg")]
    message: &'a str,
    data: &'a str,
    #[serde(rename = "operationID")]
    operation_id: &'a str,
}

/// The reply to a request that succeeded.
pub fn reply(dialect: Dialect, heading: &Heading, answer: Answer) -> String {
    let data = dialect.data(answer);
    let Heading { name, operation_id } = heading;
    json(&Outgoing { event: name, code: 0, message: "", data: &data, operation_id })
}

/// The reply to a request that was refused. A frame that named no function is answered under the name of an error, because a
/// client cannot read a frame without one.
pub fn refusal(dialect: Dialect, heading: &Heading, error: &Error) -> String {
    let Heading { name, operation_id } = heading;
    let event = if name.is_empty() { dialect.pick("error", "Protocol Error") } else { name };
    json(&Outgoing { event, code: error.code(dialect), message: error.words(), data: "", operation_id })
}

/// An event. Its `operationID` is never one that a client makes.
pub fn event(name: event::Name, data: &str) -> String {
    json(&Outgoing { event: name.as_str(), code: 0, message: "", data, operation_id: "0" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_is_read_whatever_form_its_data_has() {
        let table = [
            (r#""data":"[]""#, "[]"),
            (r#""data":{"userID":"bob"}"#, r#"{"userID":"bob"}"#),
            (r#""data":["bob"]"#, r#"["bob"]"#),
            (r#""data":null"#, ""),
            (r#""data":"bare text""#, "bare text"),
        ];
        for (data, read_as) in table {
            let text = format!(r#"{{"reqFuncName":"AddBlack","operationID":"1","userID":"alice",{data}}}"#);
            assert_eq!(read(&text, 1_000).unwrap().data, read_as, "{text}");
        }
    }

    #[test]
    fn what_is_no_request_has_an_error_each() {
        let table = [
            ("{", "error", 100),
            ("[]", "error", 100),
            ("7", "error", 100),
            (r#"{"reqFuncName":5}"#, "error", 100),
            (r#"{"operationID":"1"}"#, "error", 1001),
        ];
        for (text, event, code) in table {
            let unread = read(text, 1_000).unwrap_err();
            let frame: Value =
                serde_json::from_str(&refusal(Dialect::Two, &unread.heading, &unread.error)).unwrap();
            assert_eq!(
                (frame["event"].as_str(), frame["errCode"].as_i64()),
                (Some(event), Some(code)),
                "{text}"
            );
            let frame = refusal(Dialect::Three, &unread.heading, &unread.error);
            assert!(frame.starts_with(r#"{"event":"Protocol Error","#), "{frame}");
        }
        assert_eq!(read("1234567", 6).unwrap_err().error.kind(), Kind::TooLarge);
    }

    #[test]
    fn a_list_ends_before_its_frame_is_too_long() {
        let lengths = [0, 1, 2, 3, 1_000];
        for length in lengths {
            let entries = (0..length).map(|_| "x".repeat(1_000));
            let Answer::Json(list) = Answer::list(entries) else { panic!("no list") };
            let shown: Vec<String> = serde_json::from_str(&list).unwrap();
            assert!(list.len() <= LIST_BYTES + 2 && (shown.len() == length || length == 1_000), "{length}");
        }
        let Answer::Json(one) = Answer::list(["x".repeat(LIST_BYTES * 2)]) else { panic!("no list") };
        assert!(one.len() > LIST_BYTES, "one entry is always there");
    }

    #[test]
    fn a_result_stands_in_data_as_each_client_wants_it() {
        let heading = Heading { name: "GetLoginUser".to_owned(), operation_id: "7".to_owned() };
        let table = [
            (Answer::Nothing, "", r#""""#),
            (Answer::Text("123".to_owned()), "123", r#""123""#),
            (Answer::Json("5".to_owned()), "5", "5"),
            (Answer::of(&["a"]), r#"["a"]"#, r#"["a"]"#),
        ];
        for (answer, two, three) in table {
            for (dialect, expected) in [(Dialect::Two, two), (Dialect::Three, three)] {
                let frame: Value = serde_json::from_str(&reply(dialect, &heading, answer.clone())).unwrap();
                assert_eq!(frame["data"], expected);
                assert_eq!((&frame["errCode"], &frame["operationID"]), (&Value::from(0), &Value::from("7")));
            }
        }
    }
}
