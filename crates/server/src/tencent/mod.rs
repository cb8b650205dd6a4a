//! Tencent's words for what is kept here, as their REST API answers with them and their callbacks tell them. Both name a message alike.

mod element;
mod key;

pub(crate) use element::{FIELDS, element, renamed};
pub(crate) use key::{key, key_at, random_of};

use serde_json::{Map, Value};

/// The fields of Tencent's that an `ext` keeps, where the SDK's surfaces keep them too: `{"tencent": {…}}`.
pub(crate) fn kept_in(ext: &str) -> Map<String, Value> {
    let ext: Value = serde_json::from_str(ext).unwrap_or_default();
    ext.get("tencent").and_then(Value::as_object).cloned().unwrap_or_default()
}
