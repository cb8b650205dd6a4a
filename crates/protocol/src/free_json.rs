//! JSON of the app's own, which the server passes on to the letter: a message's `content`, and `offlinePushInfo`.
//!
//! What is checked must be what every receiver reads. So an object that names a key twice is refused, because parsers differ in
//! which of the two they take, and so is what is nested so deep that some parsers fail or recurse without a bound.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;

use serde::de::Error;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// Most levels of objects and arrays, the outermost counted. No app's payload needs more, and every parser takes it.
pub const MOST_LEVELS: usize = 32;

/// For `#[serde(deserialize_with)]` on a field that must be there.
pub fn required<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Box<RawValue>, D::Error> {
    checked(Box::<RawValue>::deserialize(deserializer)?)
}

/// For `#[serde(default, deserialize_with)]` on a field that is an object, or absent or null.
pub fn optional_object<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Box<RawValue>>, D::Error> {
    Option::<Box<RawValue>>::deserialize(deserializer)?.map(object).transpose().map_err(D::Error::custom)
}

fn checked<E: Error>(json: Box<RawValue>) -> Result<Box<RawValue>, E> {
    flaw_of(json.get()).map_or(Ok(json), |flaw| Err(E::custom(flaw)))
}

/// The same value, if it is an object that may be passed on.
pub fn object(json: Box<RawValue>) -> Result<Box<RawValue>, Flaw> {
    if !json.get().trim_start().starts_with('{') {
        return Err(Flaw::NoObject);
    }
    flaw_of(json.get()).map_or(Ok(json), Err)
}

/// Why JSON is not passed on.
#[derive(Debug, PartialEq, Eq)]
pub enum Flaw {
    /// It is no object where only an object makes sense.
    NoObject,
    /// It is nested more than [`MOST_LEVELS`] levels deep.
    TooDeep,
    /// An object names this key twice: the key as it stands, quotes included.
    RepeatedKey(String),
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoObject => f.write_str("must be an object"),
            Self::TooDeep => write!(f, "is nested more than {MOST_LEVELS} levels deep"),
            Self::RepeatedKey(key) => write!(f, "names the key {key} twice in an object"),
        }
    }
}

/// Scans text that is known to be JSON. Without recursion, so that depth costs nothing.
fn flaw_of(json: &str) -> Option<Flaw> {
    // The keys of each object that is open; arrays have none.
    let mut open: Vec<HashSet<Cow<'_, str>>> = Vec::new();
    let mut rest = json;
    while let Some(place) = rest.find(['"', '{', '[', '}', ']']) {
        let (token, after) = (rest.as_bytes()[place], &rest[place + 1..]);
        rest = after;
        match token {
            b'{' | b'[' if open.len() == MOST_LEVELS => return Some(Flaw::TooDeep),
            b'{' | b'[' => open.push(HashSet::new()),
            b'}' | b']' => drop(open.pop()),
            _ => {
                let (text, after) = after.split_at(length_of_string(after));
                rest = after.get(1..)?;
                // In JSON only a key is followed by a colon.
                let is_key = rest.trim_start().starts_with(':');
                if is_key && open.last_mut().is_some_and(|keys| !keys.insert(meaning_of(text))) {
                    return Some(Flaw::RepeatedKey(format!(
                        "\"{}\"",
                        text.chars().take(40).collect::<String>()
                    )));
                }
            }
        }
    }
    None
}

/// The bytes up to the quote that ends a string.
fn length_of_string(text: &str) -> usize {
    let mut escaped = false;
    let end = text.bytes().position(|byte| {
        let ends = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        ends
    });
    end.unwrap_or(text.len())
}

/// What a key means: escapes can write the same key in several ways. A key that is no Unicode, such as half a surrogate pair, means
/// what it says.
fn meaning_of(key: &str) -> Cow<'_, str> {
    if !key.contains('\\') {
        return Cow::Borrowed(key);
    }
    serde_json::from_str::<String>(&format!("\"{key}\"")).map_or(Cow::Borrowed(key), Cow::Owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nested(levels: usize) -> [String; 2] {
        let arrays = format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        let objects = format!("{}1{}", r#"{"a":"#.repeat(levels), "}".repeat(levels));
        [arrays, objects]
    }

    #[test]
    fn thirty_two_levels_pass_and_one_more_does_not() {
        for text in nested(MOST_LEVELS) {
            assert_eq!(flaw_of(&text), None);
        }
        for text in nested(MOST_LEVELS + 1).into_iter().chain(nested(100_000)) {
            assert_eq!(flaw_of(&text), Some(Flaw::TooDeep));
        }
        let wide = format!("[{}]", vec!["[[]]"; 1_000].join(","));
        assert_eq!(flaw_of(&wide), None, "what is closed does not count");
    }

    #[test]
    fn what_must_be_an_object_is_one() {
        let object = |text: &str| object(RawValue::from_string(text.to_owned()).unwrap());
        assert_eq!(object(r#"{"a":[1]}"#).unwrap().get(), r#"{"a":[1]}"#);
        for text in ["[{}]", r#""{}""#, "7", "true", "null"] {
            assert_eq!(object(text).unwrap_err(), Flaw::NoObject, "{text}");
        }
        assert_eq!(object(&nested(MOST_LEVELS + 1)[1]).unwrap_err(), Flaw::TooDeep);
    }

    #[test]
    fn a_key_stands_once_in_an_object() {
        for text in [
            r#"{"a":1,"b":{"a":2},"c":[{"a":1},{"a":1}]}"#,
            r#"{"a":"a","b":"\"a\":","c":"{\"a\":1,\"a\":2}"}"#,
            r#"{"\\":1,"\"":2,"a\\\"":"x:y"}"#,
            r#"["a","a"]"#,
            r#""a""#,
            "7",
            r#"{"\ud800":1,"\ud801":2}"#,
        ] {
            assert_eq!(flaw_of(text), None, "{text}");
        }
        for (text, key) in [
            (r#"{"a":1,"a":1}"#, r#""a""#),
            (r#"{"a":{"b":[{"c":1 , "c" : 2}]}}"#, r#""c""#),
            (r#"{"a":1,"\u0061":2}"#, r#""\u0061""#),
            (r#"{"\ud800":1,"\ud800":2}"#, r#""\ud800""#),
            (r#"{"":1,"":2}"#, r#""""#),
        ] {
            assert_eq!(flaw_of(text), Some(Flaw::RepeatedKey(key.to_owned())), "{text}");
        }
    }
}
