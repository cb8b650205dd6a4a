//! Elements of messages.

use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

/// A type of element: its name there, its name here, and the names of its fields, theirs first.
type Known = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

/// The names that both have for the elements whose fields are known. Others pass as they are, under their own type.
pub(crate) const FIELDS: [Known; 4] = [
    ("TIMTextElem", "text", &[("Text", "text")]),
    ("TIMCustomElem", "custom", &[("Data", "data"), ("Desc", "description"), ("Ext", "extension")]),
    ("TIMFaceElem", "TIMFaceElem", &[("Index", "index"), ("Data", "data")]),
    (
        "TIMLocationElem",
        "TIMLocationElem",
        &[("Desc", "description"), ("Latitude", "latitude"), ("Longitude", "longitude")],
    ),
];

/// The element that says this.
pub(crate) fn element(kind: &str, content: &RawValue) -> Value {
    let content: Map<String, Value> = serde_json::from_str(content.get()).unwrap_or_default();
    let known = FIELDS.iter().find(|(_, ours, _)| *ours == kind);
    let (name, content) = match known {
        Some((theirs, _, fields)) => (*theirs, renamed(&content, fields, |(theirs, ours)| (ours, theirs))),
        None => (kind, content),
    };
    json!({"MsgType": name, "MsgContent": content})
}

/// Those of the fields that are known, under the other name.
pub(crate) fn renamed(
    given: &Map<String, Value>,
    fields: &[(&'static str, &'static str)],
    way: impl Fn((&'static str, &'static str)) -> (&'static str, &'static str),
) -> Map<String, Value> {
    let named = fields.iter().map(|pair| way(*pair));
    named.filter_map(|(from, to)| given.get(from).map(|value| (to.to_owned(), value.clone()))).collect()
}
