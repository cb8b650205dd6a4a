//! JSON for apps without a parser of their own, and what a message says about an invitation.

use std::ffi::c_void;

use serde_json::Value;
use wigwag_client::protocol::signaling_text::SignalingText;

use crate::abi::invitations::wanted;
use crate::abi::types::{WigwagJson, WigwagJsonKind, WigwagOnJson, WigwagOnText, WigwagResult, WigwagText};
use crate::callback::{User, give_json, give_text};
use crate::foreign;
use crate::guard::{Fault, guarded};
use crate::told::{Text, json_of};

/// Walks through a JSON text from left to right; the keys of an object come in no particular order. A text that is not JSON, or is nested
/// deeper than 127 levels, is refused before the first step.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wigwag_json_walk(
    text: WigwagText,
    on_json: WigwagOnJson,
    user: *mut c_void,
) -> WigwagResult {
    guarded(|| {
        wanted(on_json.is_some(), "on_json")?;
        // SAFETY: the text is the app's.
        let text = unsafe { foreign::text("text", text) }?;
        let value: Value = serde_json::from_str(&text).map_err(|why| Fault::argument(why.to_string()))?;
        walk(String::new(), value, &|step| give_json(on_json, User(user), step));
        Ok(())
    })
}

/// Gives what the `data` of a custom message says about an invitation, as JSON (docs/protocol.md, "Signaling in history"); an empty text
/// when it is not signaling.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wigwag_signaling_of(
    data: WigwagText,
    on_text: WigwagOnText,
    user: *mut c_void,
) -> WigwagResult {
    guarded(|| {
        wanted(on_text.is_some(), "on_text")?;
        // SAFETY: the text is the app's.
        let data = unsafe { foreign::text("data", data) }?;
        let said = SignalingText::read(&data).map(|said| json_of(&said)).unwrap_or_default();
        give_text(on_text, User(user), Text::new(said).shown());
        Ok(())
    })
}

/// serde_json has bounded the depth when it read the text.
fn walk(key: String, value: Value, give: &impl Fn(&WigwagJson)) {
    let key = Text::new(key);
    let step = |kind| WigwagJson { kind, key: key.shown(), text: WigwagText::EMPTY, integer: 0, number: 0.0 };
    match value {
        Value::Null => give(&step(WigwagJsonKind::Null)),
        Value::Bool(is) => {
            give(&WigwagJson { number: f64::from(u8::from(is)), ..step(WigwagJsonKind::Bool) });
        }
        Value::Number(number) => {
            let float = number.as_f64().unwrap_or_default();
            #[expect(clippy::cast_possible_truncation, reason = "documented: kept within the type")]
            let integer = number.as_i64().unwrap_or(float as i64);
            give(&WigwagJson { integer, number: float, ..step(WigwagJsonKind::Number) });
        }
        Value::String(text) => {
            let text = Text::new(text);
            give(&WigwagJson { text: text.shown(), ..step(WigwagJsonKind::Text) });
        }
        Value::Array(values) => {
            give(&step(WigwagJsonKind::Array));
            for value in values {
                walk(String::new(), value, give);
            }
            give(&step(WigwagJsonKind::End));
        }
        Value::Object(fields) => {
            give(&step(WigwagJsonKind::Object));
            for (key, value) in fields {
                walk(key, value, give);
            }
            give(&step(WigwagJsonKind::End));
        }
    }
}
