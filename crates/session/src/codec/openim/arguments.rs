//! The arguments of a call, in whichever form the client has put them.

use serde_json::{Map, Value};
use wigwag_protocol::{GroupId, IdError, UserId};

use super::{Dialect, Error};

/// Where an argument stands: under its name, or at its place in the list.
#[derive(Debug, Clone, Copy)]
pub(super) struct At(pub(super) &'static str, pub(super) usize);

/// The arguments of one call.
#[derive(Debug)]
pub(super) struct Arguments<'a> {
    dialect: Dialect,
    text: &'a str,
    parsed: Value,
}

pub(super) type Read<T> = Result<T, Error>;

impl<'a> Arguments<'a> {
    /// Reads `data`. The newer client always sends a list; the older one a bare text, or the text of an object or a list.
    pub(super) fn read(dialect: Dialect, text: &'a str) -> Read<Self> {
        let parsed = serde_json::from_str(text).unwrap_or(Value::Null);
        if dialect == Dialect::Three && !parsed.is_array() && !text.is_empty() {
            return Err(Error::arguments("data is not the JSON text of a list of arguments"));
        }
        Ok(Self { dialect, text, parsed })
    }

    /// The one argument of a function: in the older version it is all of `data`, and a text stands there bare.
    pub(super) fn only_text(&self) -> Read<String> {
        match self.dialect {
            Dialect::Two => match &self.parsed {
                Value::String(text) => Ok(text.clone()),
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
                    Ok(self.text.to_owned())
                }
            },
            Dialect::Three => self.text(At("", 0)),
        }
    }

    /// The one argument of a function, which is an object.
    pub(super) fn only_object(&self) -> Read<Map<String, Value>> {
        match self.dialect {
            Dialect::Two => object(&self.parsed),
            Dialect::Three => self.object(At("", 0)),
        }
    }

    /// The one argument of a function, which is a list of texts.
    pub(super) fn only_texts(&self) -> Read<Vec<String>> {
        match self.dialect {
            Dialect::Two => texts(&self.parsed),
            Dialect::Three => self.texts(At("", 0)),
        }
    }

    /// A text; empty when it is absent.
    pub(super) fn text(&self, at: At) -> Read<String> {
        match self.value(at) {
            None => Ok(String::new()),
            Some(Value::String(text)) => Ok(text.clone()),
            Some(Value::Number(number)) => Ok(number.to_string()),
            Some(Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_)) => {
                Err(wrong(at, "a text"))
            }
        }
    }

    /// A whole number; `None` when it is absent.
    pub(super) fn number(&self, at: At) -> Read<Option<u64>> {
        let Some(value) = self.value(at) else { return Ok(None) };
        match value.as_u64().or_else(|| value.as_str()?.parse().ok()) {
            Some(number) => Ok(Some(number)),
            None => Err(wrong(at, "a whole number")),
        }
    }

    /// An object, or the JSON text of one; empty when it is absent.
    pub(super) fn object(&self, at: At) -> Read<Map<String, Value>> {
        self.value(at).map_or_else(|| Ok(Map::new()), object)
    }

    /// A list of texts, or the JSON text of one; empty when it is absent.
    pub(super) fn texts(&self, at: At) -> Read<Vec<String>> {
        self.value(at).map_or_else(|| Ok(Vec::new()), texts)
    }

    /// A list, or the JSON text of one; empty when it is absent.
    pub(super) fn list(&self, at: At) -> Read<Vec<Value>> {
        match self.value(at) {
            None => Ok(Vec::new()),
            Some(Value::Array(list)) => Ok(list.clone()),
            Some(Value::String(text)) => serde_json::from_str(text).map_err(|_| wrong(at, "a list")),
            Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_)) => {
                Err(wrong(at, "a list"))
            }
        }
    }

    /// Whether it is true.
    pub(super) fn flag(&self, at: At) -> bool {
        self.value(at).is_some_and(|value| *value == Value::Bool(true))
    }

    /// A user; `None` when it is absent or empty.
    pub(super) fn user(&self, at: At) -> Read<Option<UserId>> {
        optional(&self.text(at)?, UserId::parse)
    }

    /// A group; `None` when it is absent or empty.
    pub(super) fn group(&self, at: At) -> Read<Option<GroupId>> {
        optional(&self.text(at)?, GroupId::parse)
    }

    /// Absent arguments come as null in the newer version.
    fn value(&self, at: At) -> Option<&Value> {
        let value = match self.dialect {
            Dialect::Two => self.parsed.get(at.0),
            Dialect::Three => self.parsed.get(at.1),
        };
        value.filter(|value| !value.is_null())
    }
}

/// An object, or the JSON text of one.
pub(super) fn object(value: &Value) -> Read<Map<String, Value>> {
    match value {
        Value::Object(object) => Ok(object.clone()),
        Value::String(text) if text.is_empty() => Ok(Map::new()),
        Value::String(text) => match serde_json::from_str(text) {
            Ok(Value::Object(object)) => Ok(object),
            Ok(_) | Err(_) => Err(Error::arguments("an argument is not the JSON text of an object")),
        },
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => {
            Err(Error::arguments("an argument is not an object"))
        }
    }
}

/// A list of texts, or the JSON text of one.
pub(super) fn texts(value: &Value) -> Read<Vec<String>> {
    let list = match value {
        Value::Array(list) => list.clone(),
        Value::String(text) if text.is_empty() => Vec::new(),
        Value::String(text) => serde_json::from_str(text).map_err(|_| not_texts())?,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => return Err(not_texts()),
    };
    list.into_iter().map(|entry| entry.as_str().map(str::to_owned).ok_or_else(not_texts)).collect()
}

/// An identifier; `None` when the text is empty.
pub(super) fn optional<T>(text: &str, parse: impl FnOnce(&str) -> Result<T, IdError>) -> Read<Option<T>> {
    if text.is_empty() { Ok(None) } else { required(text, parse).map(Some) }
}

/// An identifier.
pub(super) fn required<T>(text: &str, parse: impl FnOnce(&str) -> Result<T, IdError>) -> Read<T> {
    parse(text).map_err(|error| Error::arguments(&error.to_string()))
}

/// Identifiers.
pub(super) fn all<T>(list: &[String], parse: impl Fn(&str) -> Result<T, IdError>) -> Read<Vec<T>> {
    list.iter().map(|text| required(text, &parse)).collect()
}

fn wrong(at: At, what: &str) -> Error {
    let At(name, place) = at;
    Error::arguments(&format!("argument {place} {name} is not {what}"))
}

fn not_texts() -> Error {
    Error::arguments("an argument is not a list of texts")
}
