//! Invitations without a call, and whether a person would take one for a call.
//!
//! Clients of Tencent's packages call without opening a call on this server: their invitation's payload says that it is one.
//! Such an invitation rings at OpenIM's clients. Others are raised hands and the like, of which an OpenIM app knows nothing:
//! it would ring for each. A call without a room of this server's is named by its inviteID, and media is the apps' own.

use serde_json::{Map, Value};

/// `audio` or `video`, when this payload says that its invitation is a call.
pub fn media_type(data: &str) -> Option<&'static str> {
    let Ok(Value::Object(payload)) = serde_json::from_str(data) else { return None };
    let is_tencents = payload.get("businessID").is_some_and(|name| name == "av_call");
    let inner = payload.get("data").and_then(Value::as_object);
    let named = word(&payload, "mediaType").or_else(|| word(inner?, "cmd"));
    match named {
        Some("audio" | "audioCall") => Some("audio"),
        Some("video" | "videoCall") => Some("video"),
        // Tencent's number: 1 audio, 2 video. "line_busy", "switchToAudioCall" and "hangup" are no calls.
        Some(_) => None,
        None => match payload.get("call_type").and_then(Value::as_u64) {
            Some(1) => Some("audio"),
            Some(_) => Some("video"),
            None => is_tencents.then_some("video"),
        },
    }
}

fn word<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    object.get(name)?.as_str()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payload_says_that_it_is_a_call_in_the_words_of_the_field() {
        let table = [
            (r#"{"version":4,"businessID":"av_call","data":{"cmd":"videoCall","room_id":7}}"#, Some("video")),
            (r#"{"version":4,"businessID":"av_call","data":{"cmd":"audioCall","room_id":7}}"#, Some("audio")),
            (r#"{"version":4,"businessID":"av_call","data":{"cmd":"hangup"}}"#, None),
            (r#"{"version":4,"businessID":"av_call","data":{"cmd":"switchToAudioCall"}}"#, None),
            (r#"{"call_type":1,"room_id":7}"#, Some("audio")),
            (r#"{"call_type":2,"room_id":7}"#, Some("video")),
            (r#"{"mediaType":"audio"}"#, Some("audio")),
            (r#"{"businessID":"raise_hand"}"#, None),
            ("video", None),
            ("", None),
            ("[]", None),
        ];
        for (data, expected) in table {
            assert_eq!(media_type(data), expected, "{data}");
        }
    }
}
