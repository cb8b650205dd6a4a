//! What went wrong, in their numbers.

use serde_json::{Value, json};
use wigwag_protocol::Reason;
use wigwag_protocol::rest::Problem;
use wigwag_session::refused::Refusal;

use crate::api::rest::problem::problem_of;

/// A request that was not carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    number: Number,
    info: String,
}

/// Its number. Three differ by service, so the service says them when it answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Number {
    /// This one, whatever the service.
    Is(i32),
    /// A field is missing, of another kind or out of range.
    BadRequest,
    /// Somebody who is named is not registered.
    UnknownUser,
    /// The server could not do it; the same request may succeed later.
    Failed,
}

/// What each of their services calls the three.
struct Numbers {
    service: &'static str,
    bad_request: i32,
    unknown_user: i32,
    failed: i32,
}

const NUMBERS: [Numbers; 5] = [
    Numbers { service: "im_open_login_svc", bad_request: 70_402, unknown_user: 70_107, failed: 70_500 },
    Numbers { service: "openim", bad_request: 90_001, unknown_user: 90_048, failed: 91_000 },
    Numbers { service: "group_open_http_svc", bad_request: 10_004, unknown_user: 10_019, failed: 10_002 },
    Numbers { service: "profile", bad_request: 40_001, unknown_user: 40_003, failed: 40_006 },
    Numbers { service: "sns", bad_request: 30_001, unknown_user: 30_003, failed: 30_006 },
];

impl Fault {
    /// With this number of theirs.
    pub(super) fn new(number: i32, info: impl Into<String>) -> Self {
        Self { number: Number::Is(number), info: info.into() }
    }

    /// A field is missing, of another kind or out of range.
    pub(super) fn bad(info: impl Into<String>) -> Self {
        Self { number: Number::BadRequest, info: info.into() }
    }

    /// This server has no such command.
    pub(super) fn not_here(service: &str, command: &str) -> Self {
        // What a stranger wrote into the path does not come back whole.
        let name: String = format!("{service}/{command}").chars().take(80).collect();
        Self::new(60_009, format!("this server has no {name}; docs/tencent-rest.md lists what it has"))
    }

    /// The number, as this service calls it.
    pub(super) fn number(&self, service: &str) -> i32 {
        let numbers = NUMBERS.iter().find(|numbers| numbers.service == service).unwrap_or(&NUMBERS[1]);
        match self.number {
            Number::Is(number) => number,
            Number::BadRequest => numbers.bad_request,
            Number::UnknownUser => numbers.unknown_user,
            Number::Failed => numbers.failed,
        }
    }

    /// What to tell a developer.
    pub(super) fn info(&self) -> &str {
        &self.info
    }

    /// Whether nobody of this name is registered.
    pub(super) fn is_unknown_user(&self) -> bool {
        self.number == Number::UnknownUser
    }

    /// The answer's body.
    pub(super) fn body(&self, service: &str) -> Value {
        json!({"ActionStatus": "FAIL", "ErrorCode": self.number(service), "ErrorInfo": self.info})
    }
}

impl From<Box<Problem>> for Fault {
    fn from(problem: Box<Problem>) -> Self {
        let reason = problem.reason.as_str();
        let number = if reason == Reason::UnknownUser.as_str() {
            Number::UnknownUser
        } else if reason == Reason::InvalidParams.as_str() {
            Number::BadRequest
        } else if problem.code > 0 {
            Number::Is(problem.code)
        } else {
            Number::Failed
        };
        let place = problem.field.as_deref().filter(|field| !problem.detail.contains(field));
        let info =
            place.map_or_else(|| problem.detail.clone(), |field| format!("{field}: {}", problem.detail));
        Self { number, info }
    }
}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Self {
        problem_of(&refusal).into()
    }
}
