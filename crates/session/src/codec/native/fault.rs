//! Errors of the native protocol: what is wrong with parameters, and the words for every refusal.

use serde::de::DeserializeOwned;
use wigwag_protocol::{ErrorBody, Reason};

use super::refusal::error_of_refusal;
use crate::Refused;

/// Reads parameters, or says which field is wrong.
pub fn parse<T: DeserializeOwned>(params: &str) -> Result<T, ErrorBody> {
    serde_json::from_str(params).or_else(|_| explain(params))
}

/// Reads again with a reader that knows where it is, to say which field is wrong.
fn explain<T: DeserializeOwned>(params: &str) -> Result<T, ErrorBody> {
    let deserializer = &mut serde_json::Deserializer::from_str(params);
    serde_path_to_error::deserialize(deserializer).map_err(|error| {
        let words = error.inner().to_string();
        // serde_json appends line and column, which mean nothing to a caller who built the JSON from an object.
        let words = words.split(" at line ").next().unwrap_or(&words).to_owned();
        let path = error.path().to_string();
        let field = if path == "." { missing_field(&words) } else { Some(path) };
        let mut body = Reason::InvalidParams.error();
        body.message = match &field {
            Some(field) => format!("parameter {field}: {words}"),
            None => format!("params: {words}"),
        };
        body.data.field = field;
        body
    })
}

fn missing_field(words: &str) -> Option<String> {
    words.strip_prefix("missing field `")?.split('`').next().map(str::to_owned)
}

/// The error that a device is told.
pub fn error_of(refused: Refused<ErrorBody>) -> ErrorBody {
    match refused {
        Refused::Fault(error) => error,
        Refused::ByServer(refusal) => error_of_refusal(&refusal),
        Refused::SignIn(reason) => reason.error(),
        Refused::NotRegistered => Reason::UserNotRegistered.error(),
        Refused::OpenedTooSlowly => Reason::StoreUnavailable.error(),
        Refused::NotSignedIn => Reason::NotSignedIn.error(),
        Refused::AlreadyOpen => Reason::AlreadyOpen.error(),
        Refused::TooFast(wait) => Reason::RateLimited.after(wait),
        Refused::NeverSent => {
            Reason::InvalidParameter.field("cursor", "is above everything this session was sent")
        }
    }
}
