//! What APNs says of a push ("Handling notification responses from APNs").

use std::time::{Duration, Instant};

use serde::Deserialize;

use super::super::provider::{Verdict, refused};
use crate::telemetry::Throttle;
use crate::webhooks::{Answer, Trouble};

/// What it says.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Said {
    Verdict(Verdict),
    /// This server's token is too old.
    Expired,
}

#[derive(Deserialize)]
struct Body {
    reason: String,
}

impl Said {
    pub(super) fn of(answer: &Result<Answer, Trouble>) -> Self {
        let (status, answer) = match refused(answer) {
            Ok(refused) => refused,
            Err(verdict) => return Self::Verdict(verdict),
        };
        let reason = serde_json::from_slice(&answer.body).map(|Body { reason }| reason).unwrap_or_default();
        match (status, reason.as_str()) {
            // "Unregistered", and "ExpiredToken".
            (410, _) | (400, "BadDeviceToken" | "DeviceTokenNotForTopic") => Self::Verdict(Verdict::Dead),
            (403, "ExpiredProviderToken") => Self::Expired,
            _ => {
                warn(status, &reason);
                Self::Verdict(Verdict::Refused)
            }
        }
    }
}

/// Says once a minute that something is wrong which trying again does not change.
fn warn(status: u16, reason: &str) {
    static LINES: Throttle = Throttle::every(Duration::from_mins(1));
    // A reason is a word; anything else could repeat what was sent.
    let is_reason = reason.len() <= 64 && reason.bytes().all(|byte| byte.is_ascii_alphabetic());
    if let Some(pushes) = LINES.pass(1, Instant::now()) {
        tracing::warn!(status, reason = if is_reason { reason } else { "" }, pushes, "APNs refuses pushes");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(status: u16, reason: &str, retry_after: Option<u64>) -> Said {
        let body = serde_json::json!({"reason": reason}).to_string().into_bytes();
        Said::of(&Ok(Answer { status, retry_after, body }))
    }

    #[test]
    fn a_reason_says_what_becomes_of_the_token() {
        for (status, reason, verdict) in [
            (200, "", Verdict::Taken),
            (410, "Unregistered", Verdict::Dead),
            (410, "ExpiredToken", Verdict::Dead),
            (400, "BadDeviceToken", Verdict::Dead),
            (400, "DeviceTokenNotForTopic", Verdict::Dead),
            (400, "BadTopic", Verdict::Refused),
            (400, "PayloadEmpty", Verdict::Refused),
            (403, "InvalidProviderToken", Verdict::Refused),
            (404, "BadPath", Verdict::Refused),
            (413, "PayloadTooLarge", Verdict::Refused),
        ] {
            assert_eq!(said(status, reason, None), Said::Verdict(verdict), "{status} {reason}");
        }
        assert_eq!(said(403, "ExpiredProviderToken", None), Said::Expired);
        let no_json = Answer { status: 404, retry_after: None, body: b"<html>".to_vec() };
        assert_eq!(
            Said::of(&Ok(no_json)),
            Said::Verdict(Verdict::Refused),
            "a wrong address costs no tokens"
        );
    }

    #[test]
    fn who_has_too_much_to_do_is_asked_again() {
        for (status, reason) in [
            (429, "TooManyRequests"),
            (429, "TooManyProviderTokenUpdates"),
            (500, "InternalServerError"),
            (503, "Shutdown"),
        ] {
            let trouble = Trouble::Status(status);
            assert_eq!(said(status, reason, None), Said::Verdict(Verdict::Unanswered(trouble)));
            assert_eq!(said(status, reason, Some(5)), Said::Verdict(Verdict::Busy(trouble, 5)));
        }
    }
}
