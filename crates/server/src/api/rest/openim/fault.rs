//! What went wrong, in their numbers.

use serde_json::{Value, json};
use wigwag_protocol::Reason;
use wigwag_protocol::rest::Problem;
use wigwag_session::codec::openim::{Dialect, Error};
use wigwag_session::refused::Refusal;

use crate::api::rest::problem::problem_of;

/// An argument is missing, of another kind or out of range. Their clients have other numbers for it than their server.
const ARGUMENTS: i32 = 1001;
const FORBIDDEN: i32 = 1002;
const FAILED: i32 = 500;
/// As on the entrance for clients.
const NOT_SUPPORTED: i32 = 10_005;

/// A request that was not carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    code: i32,
    words: String,
}

impl Fault {
    /// With this number.
    pub(super) fn new(code: i32, words: impl Into<String>) -> Self {
        Self { code, words: words.into() }
    }

    /// An argument is missing, of another kind or out of range.
    pub(super) fn arguments(words: impl Into<String>) -> Self {
        Self::new(ARGUMENTS, words)
    }

    /// Whoever asks may not do this.
    pub(super) fn forbidden(words: &str) -> Self {
        Self::new(FORBIDDEN, words)
    }

    /// The server could not do it; the same request may succeed later.
    pub(super) fn failed(words: &str) -> Self {
        Self::new(FAILED, words)
    }

    /// This server has no such command.
    pub(super) fn not_here(module: &str, command: &str) -> Self {
        // What a stranger wrote into the path does not come back whole.
        let name: String = format!("{module}/{command}").chars().take(80).collect();
        Self::new(NOT_SUPPORTED, format!("this server has no {name}; docs/openim-rest.md lists what it has"))
    }

    /// For one of the server's own reasons.
    pub(super) fn because(reason: Reason) -> Self {
        Self::new(number(reason), reason.message())
    }

    /// The number.
    pub(super) fn code(&self) -> i32 {
        self.code
    }

    /// The answer's body.
    pub(super) fn body(&self) -> Value {
        json!({"errCode": self.code, "errMsg": self.words, "errDlt": self.words})
    }
}

/// Their server's number for a reason.
fn number(reason: Reason) -> i32 {
    let of_arguments = [
        Reason::InvalidParams,
        Reason::InvalidParameter,
        Reason::InvalidGroupParameter,
        Reason::TooLarge,
        Reason::FrameTooLarge,
    ];
    if of_arguments.contains(&reason) { ARGUMENTS } else { Error::because(reason).code(Dialect::Three) }
}

impl From<Box<Problem>> for Fault {
    fn from(problem: Box<Problem>) -> Self {
        let known = Reason::ALL.iter().find(|reason| reason.as_str() == problem.reason);
        // What only the API for back ends refuses is a body that is too long, or that did not come.
        let code = known.map_or(ARGUMENTS, |reason| number(*reason));
        // The app's back end refuses with a number of its own.
        let code = if known == Some(&Reason::RefusedByHook) { problem.code } else { code };
        let place = problem.field.as_deref().filter(|field| !problem.detail.contains(field));
        let words =
            place.map_or_else(|| problem.detail.clone(), |field| format!("{field}: {}", problem.detail));
        Self { code, words }
    }
}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Self {
        problem_of(&refusal).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_have_their_servers_numbers() {
        for (reason, code) in [
            (Reason::InvalidParams, 1001),
            (Reason::NotAllowed, 1002),
            (Reason::UnknownUser, 1101),
            (Reason::UnknownGroup, 1201),
            (Reason::StoreUnavailable, 500),
            (Reason::TokenExpired, 1501),
            (Reason::GroupIdTaken, 10_021),
        ] {
            let problem: Box<Problem> = reason.error().into();
            assert_eq!(Fault::from(problem).code, code, "{reason:?}");
        }
    }
}
