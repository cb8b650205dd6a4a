//! Their words and ours: bodies of requests, elements of messages, and what is kept in an `ext`.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Map, Value};

use super::fault::Fault;
use crate::tencent::{FIELDS, kept_in, renamed};

/// Reads a body. Fields that this server does not know are passed over, because theirs has many that say nothing here.
pub(super) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Fault> {
    let value: Value = serde_json::from_slice(body)
        .map_err(|error| Fault::new(60_003, format!("the body is not JSON: {error}")))?;
    T::deserialize(value).map_err(|error| Fault::bad(error.to_string()))
}

/// An element of a message, as they write it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Element {
    msg_type: String,
    msg_content: Value,
}

/// What a message says, in the protocol's words: its type and its content.
#[derive(Debug)]
pub(super) struct Said {
    pub(super) kind: String,
    pub(super) content: Box<RawValue>,
}

/// What their message body says. A message has one element here.
pub(super) fn said(body: &[Element]) -> Result<Said, Fault> {
    let [Element { msg_type, msg_content }] = body else {
        let words = "MsgBody: must have exactly one element; send one message for each";
        return Err(Fault::bad(words));
    };
    let Value::Object(given) = msg_content else {
        return Err(Fault::bad("MsgContent: must be an object"));
    };
    let known = FIELDS.iter().find(|(theirs, _, _)| theirs == msg_type);
    let (kind, content) = match known {
        Some((_, kind, fields)) => (*kind, renamed(given, fields, |(theirs, ours)| (theirs, ours))),
        None => (msg_type.as_str(), given.clone()),
    };
    if let Some(field) = [("text", "text", "Text"), ("custom", "data", "Data")]
        .into_iter()
        .find(|(of, field, _)| *of == kind && !content.get(*field).is_some_and(Value::is_string))
    {
        return Err(Fault::bad(format!("MsgContent.{}: must be a string", field.2)));
    }
    let content = to_raw_value(&content).map_err(|_| Fault::bad("MsgContent: cannot be read"))?;
    Ok(Said { kind: kind.to_owned(), content })
}

/// The `ext` with these fields besides what is in it. Refused when it holds something of the app's that is no JSON object.
pub(super) fn ext_with(ext: &str, fields: Map<String, Value>) -> Result<String, Fault> {
    let mut whole = match ext {
        "" => Map::new(),
        text => serde_json::from_str(text).map_err(|_| {
            Fault::bad("the ext holds something that is no JSON object; set it by /v1/ first")
        })?,
    };
    let mut kept = kept_in(ext);
    kept.extend(fields);
    whole.insert("tencent".to_owned(), Value::Object(kept));
    Ok(Value::Object(whole).to_string())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::tencent::element;

    fn body(value: Value) -> Vec<Element> {
        Vec::<Element>::deserialize(value).unwrap()
    }

    #[test]
    fn elements_are_said_in_our_words_and_read_back_in_theirs() {
        for (theirs, kind, content) in [
            (json!({"MsgType": "TIMTextElem", "MsgContent": {"Text": "hi"}}), "text", json!({"text": "hi"})),
            (
                json!({"MsgType": "TIMCustomElem", "MsgContent": {"Data": "{}", "Desc": "d", "Ext": "e"}}),
                "custom",
                json!({"data": "{}", "description": "d", "extension": "e"}),
            ),
            (
                json!({"MsgType": "TIMFaceElem", "MsgContent": {"Index": 1, "Data": "x"}}),
                "TIMFaceElem",
                json!({"index": 1, "data": "x"}),
            ),
            (
                json!({"MsgType": "TIMFileElem", "MsgContent": {"Url": "https://files.example/a"}}),
                "TIMFileElem",
                json!({"Url": "https://files.example/a"}),
            ),
        ] {
            let said = said(&body(json!([theirs]))).unwrap();
            assert_eq!(said.kind, kind);
            assert_eq!(serde_json::from_str::<Value>(said.content.get()).unwrap(), content);
            assert_eq!(element(&said.kind, &said.content), theirs);
        }
    }

    #[test]
    fn what_is_no_one_element_is_refused() {
        let text = json!({"MsgType": "TIMTextElem", "MsgContent": {"Text": "hi"}});
        for wrong in [
            json!([]),
            json!([text, text]),
            json!([{"MsgType": "TIMTextElem", "MsgContent": "hi"}]),
            json!([{"MsgType": "TIMTextElem", "MsgContent": {"text": "hi"}}]),
            json!([{"MsgType": "TIMCustomElem", "MsgContent": {"Data": 1}}]),
        ] {
            said(&body(wrong)).unwrap_err();
        }
    }

    #[test]
    fn an_ext_keeps_what_the_app_has_in_it() {
        let fields = |value: Value| value.as_object().cloned().unwrap();
        let first = ext_with(r#"{"app": 1}"#, fields(json!({"type": "Public"}))).unwrap();
        let second = ext_with(&first, fields(json!({"notification": "n"}))).unwrap();
        let whole: Value = serde_json::from_str(&second).unwrap();
        assert_eq!(whole, json!({"app": 1, "tencent": {"type": "Public", "notification": "n"}}));
        assert_eq!(kept_in(&second), fields(json!({"type": "Public", "notification": "n"})));
        assert!(kept_in("free text").is_empty());
        ext_with("free text", fields(json!({}))).unwrap_err();
    }
}
