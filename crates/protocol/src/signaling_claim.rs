//! Whether the text of a custom message that somebody sends speaks as signaling.
//!
//! Clients of the field take any custom message for signaling whose text is a JSON object with `businessID` 1 and an
//! `actionType` of 1 to 5, and believe the rest of it. So such a text is a command or it is refused, and is never passed
//! on as it is. What claims to be signaling is recognised as leniently as a browser's `JSON.parse` would, and then read
//! strictly: a text that only one of the two understood would be a way past the rules. Other clients are more lenient still, in ways
//! that differ: some pass over a byte order mark, some end at a NUL, some take the first of two fields of the same name. What speaks as
//! signaling to any of them and is not plain is refused.

use std::fmt;

use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use crate::id::{GroupId, InviteId, UserId};
use crate::signaling_text::{ActionType, SignalingText};

/// A text that speaks as signaling.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// What it says.
    Clear(ActionType, SignalingText),
    /// It cannot be understood; the words say which field is wrong.
    Unclear(String),
}

impl Claim {
    /// Reads the text of a custom message; `None` when it does not speak as signaling.
    pub fn read(text: &str) -> Option<Self> {
        let plain = as_the_most_lenient_read(text);
        let (action, is_said_once) = claimed_action(plain)?;
        if plain != text {
            let words = "it must not begin with a byte order mark or contain a NUL";
            return Some(Self::Unclear(words.to_owned()));
        }
        if !is_said_once {
            return Some(Self::Unclear("duplicate field `businessID` or `actionType`".to_owned()));
        }
        let spoken = serde_json::from_str::<Spoken>(text).map_err(|error| without_place(&error.to_string()));
        Some(match spoken.and_then(|spoken| spoken.into_text(action)) {
            Ok(text) => Self::Clear(action, text),
            Err(words) => Self::Unclear(words),
        })
    }
}

fn as_the_most_lenient_read(text: &str) -> &str {
    let text = text.split('\0').next().unwrap_or(text);
    text.trim_start().strip_prefix('\u{feff}').unwrap_or(text)
}

/// The action, and whether the two fields that claim it stand once. `None` unless `businessID` and `actionType` are the numbers of
/// signaling.
fn claimed_action(text: &str) -> Option<(ActionType, bool)> {
    if !text.trim_start().starts_with('{') {
        return None;
    }
    let Fields(fields) = serde_json::from_str(text).ok()?;
    let numbers = |name: &'static [u8]| {
        let named = fields.iter().filter(move |(field, _)| field.0 == name);
        named.filter_map(|(_, value)| value.get().parse::<f64>().ok())
    };
    // 1, 1.0 and 1e0 are the same number to a browser.
    let is = |number: f64, wanted: u8| number.to_bits() == f64::from(wanted).to_bits();
    if !numbers(b"businessID").any(|business| is(business, 1)) {
        return None;
    }
    let of_number = |number| ActionType::ALL.into_iter().find(|wanted| is(number, *wanted as u8));
    let action = numbers(b"actionType").find_map(of_number)?;
    let claiming = |field: &[u8]| field == b"businessID" || field == b"actionType";
    Some((action, fields.iter().filter(|(field, _)| claiming(&field.0)).count() == 2))
}

/// The fields of an object in their order, repeated ones too.
struct Fields<'a>(Vec<(Name, &'a RawValue)>);

impl<'de> Deserialize<'de> for Fields<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = Fields<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields<'de>, A::Error> {
                let mut fields = Vec::new();
                while let Some(field) = map.next_entry()? {
                    fields.push(field);
                }
                Ok(Fields(fields))
            }
        }
        deserializer.deserialize_map(Object)
    }
}

/// A field's name as it stands, even if it is no Unicode: half a surrogate pair is a text in JavaScript.
struct Name(Vec<u8>);

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Bytes;
        impl Visitor<'_> for Bytes {
            type Value = Name;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of a field")
            }
            fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Name, E> {
                Ok(Name(bytes.to_vec()))
            }
        }
        deserializer.deserialize_bytes(Bytes)
    }
}

/// The text as clients of the field write it: what does not matter for an action may be absent, empty or null.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Spoken {
    #[serde(rename = "inviteID")]
    invite_id: InviteId,
    inviter: UserId,
    invitee_list: Option<Vec<UserId>>,
    #[serde(rename = "groupID")]
    group_id: Option<String>,
    timeout: Option<u32>,
    data: Option<String>,
    online_user_only: Option<bool>,
}

impl Spoken {
    fn into_text(self, action: ActionType) -> Result<SignalingText, String> {
        let group_id = match self.group_id.filter(|id| !id.is_empty()) {
            Some(id) => Some(GroupId::parse(&id).map_err(|error| error.to_string())?),
            None => None,
        };
        Ok(SignalingText {
            business_id: 1,
            invite_id: self.invite_id,
            inviter: self.inviter,
            invitee_list: self.invitee_list.unwrap_or_default(),
            group_id,
            action_type: action as u8,
            timeout: self.timeout.unwrap_or(0),
            data: self.data.unwrap_or_default(),
            online_user_only: self.online_user_only.unwrap_or(false),
        })
    }
}

/// The place in a text within a text helps nobody.
fn without_place(words: &str) -> String {
    words.split(" at line ").next().unwrap_or(words).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const INVITE: &str = r#"{"businessID":1,"inviteID":"i","inviter":"a","inviteeList":["b"],"groupID":"","actionType":1,"timeout":30,"data":"x","onlineUserOnly":true}"#;

    #[test]
    fn signaling_is_read_as_it_is_written() {
        let Some(Claim::Clear(ActionType::Invite, text)) = Claim::read(INVITE) else { panic!("{INVITE}") };
        assert_eq!(serde_json::to_string(&text).unwrap(), INVITE);
    }

    #[test]
    fn what_does_not_matter_may_be_absent_or_null() {
        let bare = r#"{"businessID":1,"inviteID":"i","inviter":"a","actionType":3}"#;
        let nulls = r#" {"businessID":1.0,"inviteID":"i","inviter":"a","actionType":3e0,"inviteeList":null,"groupID":null,"timeout":null,"data":null,"onlineUserOnly":null,"new":{}}"#;
        let Some(Claim::Clear(ActionType::Accept, text)) = Claim::read(bare) else { panic!("{bare}") };
        assert_eq!((text.timeout, text.data.as_str(), text.group_id.as_ref()), (0, "", None));
        assert_eq!(Claim::read(nulls), Some(Claim::Clear(ActionType::Accept, text)));
    }

    #[test]
    fn what_nobody_reads_may_be_anything() {
        let deep = format!("{}{}", "[".repeat(500), "]".repeat(500));
        let text = INVITE.replace("\"data\"", &format!("\"deep\":{deep},\"far\":1e999,\"data\""));
        assert!(matches!(Claim::read(&text), Some(Claim::Clear(ActionType::Invite, _))));
    }

    #[test]
    fn other_texts_do_not_speak_as_signaling() {
        for text in [
            "",
            "inviteID actionType businessID",
            "1",
            "[1]",
            "{",
            r#"{"inviteID":"i","actionType":1}"#,
            r#"{"businessID":1,"inviteID":"i"}"#,
            r#"{"businessID":"av_call","inviteID":"i","actionType":1}"#,
            r#"{"businessID":"1","inviteID":"i","actionType":1}"#,
            r#"{"businessID":2,"inviteID":"i","actionType":1}"#,
            r#"{"businessID":1,"inviteID":"i","actionType":"1"}"#,
            r#"{"businessID":1,"inviteID":"i","actionType":0}"#,
            r#"{"businessID":1,"inviteID":"i","actionType":6}"#,
            r#"{"businessID":1,"inviteID":"i","actionType":1.5}"#,
            "\u{feff}{}",
            "{\"businessID\":2,\"actionType\":1}\0",
            r#"{"call":{"businessID":1,"actionType":3}}"#,
        ] {
            assert_eq!(Claim::read(text), None, "{text}");
        }
    }

    #[test]
    fn whatever_a_browser_would_take_for_signaling_claims_to_be() {
        for (text, words) in [
            (r#"{"businessID":1,"actionType":3}"#.to_owned(), "inviteID"),
            (r#"{"businessID":1,"actionType":3,"inviteID":"i"}"#.to_owned(), "inviter"),
            (INVITE.replace("\"b\"", "7"), "userID"),
            (INVITE.replace("[\"b\"]", "\"b\""), "sequence"),
            (INVITE.replace("\"x\"", "{}"), "string"),
            (INVITE.replace("30", "-1"), "-1"),
            (INVITE.replace("\"groupID\":\"\"", "\"groupID\":\"é\""), "groupID"),
            (INVITE.replace("\"x\"", r#""\ud800""#), ""),
            (INVITE.replace("\"data\"", r#""\ud800":1,"data""#), ""),
            (INVITE.replace("30", "1e999"), ""),
            (INVITE.replace("businessID", r"\u0062usinessID").replace("inviteID", "inviteid"), "inviteID"),
            (
                INVITE.replace("\"actionType\":1", "\"actionType\":9,\"actionType\":1,\"inviter\":\"z\""),
                "duplicate",
            ),
            (INVITE.replace("\"actionType\":1", "\"actionType\":1,\"actionType\":9"), "duplicate"),
            (INVITE.replace("\"businessID\":1", "\"businessID\":1,\"businessID\":2"), "duplicate"),
            (format!("\u{feff}{INVITE}"), "byte order mark"),
            (format!(" \u{feff}{INVITE}"), "byte order mark"),
            (format!("{INVITE}\0"), "NUL"),
            (format!("{INVITE}\0, and more"), "NUL"),
        ] {
            let read = Claim::read(&text);
            let Some(Claim::Unclear(said)) = &read else { panic!("{text}: {read:?}") };
            assert!(said.contains(words), "{text}: {said}");
        }
    }
}
