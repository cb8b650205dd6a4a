//! What FCM says of a message (its REST reference, `ErrorCode`, and "Best practices for FCM registration token management").

use std::time::{Duration, Instant};

use serde::Deserialize;

use super::super::provider::{Verdict, refused};
use crate::telemetry::Throttle;
use crate::webhooks::{Answer, Trouble};

/// What a token that was never one is called, where no field is named.
const NO_TOKEN: &str = "The registration token is not a valid FCM registration token";

/// What it says.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Said {
    Verdict(Verdict),
    /// The access token is none any more.
    SignedOut,
}

#[derive(Deserialize, Default)]
struct Body {
    #[serde(default)]
    error: Problem,
}

#[derive(Deserialize, Default)]
struct Problem {
    #[serde(default)]
    message: String,
    #[serde(default)]
    details: Vec<Detail>,
}

/// One of several types; what is not of one is absent.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Detail {
    /// Of `FcmError`.
    error_code: Option<String>,
    /// Of `BadRequest`.
    #[serde(default)]
    field_violations: Vec<Violation>,
}

#[derive(Deserialize)]
struct Violation {
    #[serde(default)]
    field: String,
}

impl Problem {
    fn of(body: &[u8]) -> Self {
        serde_json::from_slice(body).map(|Body { error }| error).unwrap_or_default()
    }

    fn code(&self) -> &str {
        self.details.iter().find_map(|detail| detail.error_code.as_deref()).unwrap_or_default()
    }

    /// Whether it is the token that is wrong. "Not found" alone does not say so: a wrong project would cost all tokens.
    fn names_the_token(&self) -> bool {
        let mut violations = self.details.iter().flat_map(|detail| &detail.field_violations);
        self.code() == "UNREGISTERED"
            || violations.any(|violation| violation.field == "message.token")
            || (self.code() == "INVALID_ARGUMENT" && self.message == NO_TOKEN)
    }
}

impl Said {
    pub(super) fn of(answer: &Result<Answer, Trouble>) -> Self {
        let (status, answer) = match refused(answer) {
            Ok(refused) => refused,
            Err(verdict) => return Self::Verdict(verdict),
        };
        let problem = Problem::of(&answer.body);
        if problem.names_the_token() {
            return Self::Verdict(Verdict::Dead);
        }
        // What another service says of its own key is passed on under the same status.
        if status == 401 && problem.code() != "THIRD_PARTY_AUTH_ERROR" {
            return Self::SignedOut;
        }
        warn(status, problem.code());
        Self::Verdict(Verdict::Refused)
    }
}

/// Says once a minute that something is wrong which trying again does not change.
fn warn(status: u16, code: &str) {
    static LINES: Throttle = Throttle::every(Duration::from_mins(1));
    // A code is a word; anything else could repeat what was sent.
    let is_code = code.len() <= 64 && code.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_');
    if let Some(pushes) = LINES.pass(1, Instant::now()) {
        tracing::warn!(status, code = if is_code { code } else { "" }, pushes, "FCM refuses pushes");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(status: u16, body: &str, retry_after: Option<u64>) -> Said {
        Said::of(&Ok(Answer { status, retry_after, body: body.as_bytes().to_vec() }))
    }

    fn coded(code: &str) -> String {
        format!(
            r#"{{"error":{{"code":0,"message":"m","status":"S","details":[{{"@type":"type.googleapis.com/google.firebase.fcm.v1.FcmError","errorCode":"{code}"}}]}}}}"#
        )
    }

    #[test]
    fn a_token_is_dead_when_it_is_named_and_not_when_a_status_may_mean_more() {
        let violates = |field: &str| {
            format!(
                r#"{{"error":{{"details":[{{"errorCode":"INVALID_ARGUMENT"}},{{"fieldViolations":[{{"field":"{field}","description":"d"}}]}}]}}}}"#
            )
        };
        let never = r#"{"error":{"message":"The registration token is not a valid FCM registration token","details":[{"errorCode":"INVALID_ARGUMENT"}]}}"#;
        for (status, body, verdict) in [
            (404, coded("UNREGISTERED"), Verdict::Dead),
            (400, violates("message.token"), Verdict::Dead),
            (400, never.to_owned(), Verdict::Dead),
            (400, violates("message.data[0].value"), Verdict::Refused),
            (400, coded("INVALID_ARGUMENT"), Verdict::Refused),
            (404, String::new(), Verdict::Refused),
            (404, r#"{"error":{"status":"NOT_FOUND"}}"#.to_owned(), Verdict::Refused),
            (403, coded("SENDER_ID_MISMATCH"), Verdict::Refused),
            (401, coded("THIRD_PARTY_AUTH_ERROR"), Verdict::Refused),
            (200, r#"{"name":"projects/p/messages/1"}"#.to_owned(), Verdict::Taken),
        ] {
            assert_eq!(said(status, &body, None), Said::Verdict(verdict), "{status} {body}");
        }
        assert_eq!(said(401, r#"{"error":{"status":"UNAUTHENTICATED"}}"#, None), Said::SignedOut);
        assert_eq!(said(401, "<html>", None), Said::SignedOut);
    }

    #[test]
    fn who_has_too_much_to_do_says_when() {
        for status in [429, 500, 503] {
            let trouble = Trouble::Status(status);
            let body = coded("QUOTA_EXCEEDED");
            assert_eq!(said(status, &body, None), Said::Verdict(Verdict::Unanswered(trouble)));
            assert_eq!(said(status, &body, Some(7)), Said::Verdict(Verdict::Busy(trouble, 7)));
        }
        assert_eq!(Said::of(&Err(Trouble::Broken)), Said::Verdict(Verdict::Unanswered(Trouble::Broken)));
    }
}
