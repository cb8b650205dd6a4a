//! Problems as answers.

use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use wigwag_engine::refusal;
use wigwag_protocol::rest::problem::PROBLEM_JSON;
use wigwag_protocol::rest::{Problem, ProblemReason};
use wigwag_session::codec::native;
use wigwag_session::refused::Refusal;

/// The problem for a refusal of the door.
pub(in crate::api) fn problem_of(refusal: &Refusal) -> Box<Problem> {
    match refusal {
        Refusal::KeyTaken => ProblemReason::IdempotencyKeyTaken.problem(),
        Refusal::Rules(refusal::Refusal::StillInvolved) => ProblemReason::StillInvolved.problem(),
        Refusal::Rules(_)
        | Refusal::UserTooFast(_)
        | Refusal::GroupTooFast(_)
        | Refusal::Displaced
        | Refusal::NoSuchPush
        | Refusal::UnknownPushService
        | Refusal::ByHook(_)
        | Refusal::HookSilent
        | Refusal::Failed(_) => native::error_of_refusal(refusal).into(),
    }
}

/// The answer.
pub(in crate::api) fn response(problem: &Problem) -> Response {
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = (status, serde_json::to_vec(problem).unwrap_or_default()).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if status == StatusCode::UNAUTHORIZED {
        headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    if problem.retryable && problem.status >= StatusCode::TOO_MANY_REQUESTS.as_u16() {
        // Whole seconds, rounded up, so that who waits as told is not refused again.
        let seconds = problem.retry_after_ms.unwrap_or(1_000).div_ceil(1_000);
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}
