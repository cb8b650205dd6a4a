//! Errors of the native protocol: what is wrong with parameters, and the words for every refusal.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeOwned, Deserializer as _, MapAccess, Visitor};
use serde_json::value::RawValue;
use wigwag_protocol::{ErrorBody, Reason};

use super::refusal::error_of_refusal;
use crate::Refused;

/// Reads parameters, or says which field is wrong. A parameter that is null is taken as absent.
pub fn parse<T: DeserializeOwned>(params: &str) -> Result<T, ErrorBody> {
    serde_json::from_str(params).or_else(|_| explain(&without_nulls(params)))
}

/// The same object without its members that are null, each of the others as it was; clients that do not leave out what they
/// do not know are rare, so only a text that cannot be read otherwise is written again.
fn without_nulls(params: &str) -> Cow<'_, str> {
    let mut members = Members(Vec::new());
    let reader = &mut serde_json::Deserializer::from_str(params);
    if reader.deserialize_map(&mut members).is_err() || !members.0.iter().any(|(_, value)| is_null(value)) {
        return Cow::Borrowed(params);
    }
    let kept = members.0.iter().filter(|(_, value)| !is_null(value));
    let kept: Vec<String> =
        kept.map(|(name, value)| format!("{}:{value}", serde_json::json!(name))).collect();
    Cow::Owned(format!("{{{}}}", kept.join(",")))
}

fn is_null(value: &RawValue) -> bool {
    value.get() == "null"
}

/// The members of an object in their order, with those that stand there twice.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'a> Visitor<'a> for &mut Members<'a> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(member) = map.next_entry()? {
            self.0.push(member);
        }
        Ok(())
    }
}

/// Reads again with a reader that knows where it is, to say which field is wrong.
fn explain<T: DeserializeOwned>(params: &str) -> Result<T, ErrorBody> {
    let deserializer = &mut serde_json::Deserializer::from_str(params);
    serde_path_to_error::deserialize(deserializer).map_err(|error| {
        let words = error.inner().to_string();
        // serde_json appends line and column, which mean nothing to a caller who built the JSON from an object.
        let words = words.split(" at line ").next().unwrap_or(&words).to_owned();
        let path = error.path().to_string();
        let field = if path == "." { field_in(&words) } else { Some(path) };
        let mut body = Reason::InvalidParams.error();
        body.message = match &field {
            Some(field) => format!("parameter {field}: {words}"),
            None => format!("params: {words}"),
        };
        body.data.field = field;
        body
    })
}

/// The field that is missing, or stands there twice.
fn field_in(words: &str) -> Option<String> {
    let rest = words.strip_prefix("missing field `").or_else(|| words.strip_prefix("duplicate field `"))?;
    rest.split('`').next().map(str::to_owned)
}

/// The error that a device is told.
pub fn error_of(refused: Refused<ErrorBody>) -> ErrorBody {
    match refused {
        Refused::Fault(error) => error,
        Refused::ByServer(refusal) => error_of_refusal(&refusal),
        Refused::SignIn(reason) => reason.error(),
        Refused::NotRegistered => Reason::UserNotRegistered.error(),
        Refused::Disabled => Reason::UserDisabled.error(),
        Refused::Deleted => Reason::UserDeleted.error(),
        Refused::OpenedTooSlowly => Reason::StoreUnavailable.error(),
        Refused::NotSignedIn => Reason::NotSignedIn.error(),
        Refused::AlreadyOpen => Reason::AlreadyOpen.error(),
        Refused::TooFast(_, wait) => Reason::RateLimited.after(wait),
        Refused::NeverSent => {
            Reason::InvalidParameter.field("cursor", "is above everything this session was sent")
        }
    }
}
