//! What went wrong, with the numbers of the field. Those of the client's own reasons are the same as in the TypeScript client
//! (`sdk/typescript/src/errors.ts`).

use wigwag_client::protocol::{CloseCode, ErrorBody, Reason};
use wigwag_client::{Error, StopReason};

use crate::abi::types::{WigwagResult, WigwagTrouble};
use crate::told::Text;

/// What went wrong, in the library's own memory.
#[derive(Debug)]
pub(crate) struct Trouble {
    pub(crate) result: WigwagResult,
    code: i32,
    retryable: bool,
    retry_after_ms: u64,
    reason: Text,
    message: Text,
    /// The `error` object of a refusal.
    pub(crate) json: Option<String>,
}

/// Why the client gives up by itself: the field's number, the reason, and whether trying again can help.
#[derive(Debug, Clone, Copy)]
struct Local {
    code: i32,
    reason: &'static str,
    retryable: bool,
}

const fn local(code: i32, reason: &'static str, retryable: bool) -> Local {
    Local { code, reason, retryable }
}

const REQUEST_TIMEOUT: Local = local(9520, "requestTimeout", true);
const CONNECTION_LOST: Local = local(9508, "connectionLost", true);
const CONNECT_TIMEOUT: Local = local(9508, "connectTimeout", true);
const UNREADABLE: Local = local(9508, "unreadable", true);
const KICKED: Local = local(6208, "kicked", false);
const SESSION_CLOSED: Local = local(6014, "sessionClosed", false);
const CLOSED: Local = local(6014, "closed", false);
const STORE_FAILED: Local = local(6013, "storeFailed", true);
const ENDED: Local = local(8010, "ended", false);
const ALREADY_KNOWN: Local = local(8012, "alreadyKnown", false);

impl Trouble {
    /// Nothing is wrong.
    pub(crate) fn none() -> Self {
        Self::of(WigwagResult::Ok, local(0, "", false), String::new())
    }

    /// There was no session in time.
    pub(crate) fn connect_timeout() -> Self {
        Self::of(WigwagResult::Stopped, CONNECT_TIMEOUT, "the server could not be reached in time".to_owned())
    }

    /// The connection was lost and is made again.
    pub(crate) fn connection_lost(why: String, after_ms: u64) -> Self {
        let trouble = Self::of(WigwagResult::Disconnected, CONNECTION_LOST, why);
        Self { retry_after_ms: after_ms, ..trouble }
    }

    /// The cursor file cannot be written.
    pub(crate) fn cursor_not_stored(why: String) -> Self {
        Self::of(WigwagResult::System, STORE_FAILED, why)
    }

    /// An invitation that was to be made known has ended.
    pub(crate) fn ended() -> Self {
        Self::of(WigwagResult::Refused, ENDED, "the invitation has ended".to_owned())
    }

    /// An invitation that was to be made known is known.
    pub(crate) fn already_known() -> Self {
        Self::of(WigwagResult::Refused, ALREADY_KNOWN, "this invitation is known already".to_owned())
    }

    /// What a request failed with.
    pub(crate) fn from_error(error: Error) -> Self {
        let words = error.to_string();
        match error {
            Error::Refused(body) => Self::refused(WigwagResult::Refused, &body),
            Error::TimedOut => Self::of(WigwagResult::TimedOut, REQUEST_TIMEOUT, words),
            Error::Disconnected => Self::of(WigwagResult::Disconnected, CONNECTION_LOST, words),
            Error::Stopped(reason) => Self::stopped(&reason),
            Error::Unreadable(_) => Self::of(WigwagResult::Unreadable, UNREADABLE, words),
            // A client is not started with these.
            Error::InvalidUrl(_) | Error::Tls(_) | Error::CursorStore(_) => {
                Self::of(WigwagResult::System, STORE_FAILED, words)
            }
        }
    }

    /// Why a client will not connect again.
    pub(crate) fn stopped(reason: &StopReason) -> Self {
        let words = reason.to_string();
        match reason {
            StopReason::Asked => Self::of(WigwagResult::Stopped, CLOSED, words),
            StopReason::Closed(code) if is_kick(*code) => Self::of(WigwagResult::Stopped, KICKED, words),
            StopReason::Closed(_) => Self::of(WigwagResult::Stopped, SESSION_CLOSED, words),
            StopReason::SignInRefused(body) => Self::refused(WigwagResult::Stopped, body),
            StopReason::TokenExpired => Self::refused(WigwagResult::Stopped, &Reason::TokenExpired.error()),
        }
    }

    fn refused(result: WigwagResult, body: &ErrorBody) -> Self {
        Self {
            result,
            code: body.code,
            retryable: body.data.retryable,
            retry_after_ms: body.data.retry_after_ms.unwrap_or(0),
            reason: Text::new(body.data.reason.as_str().to_owned()),
            message: Text::new(body.message.clone()),
            json: serde_json::to_string(body).ok(),
        }
    }

    fn of(result: WigwagResult, local: Local, message: String) -> Self {
        Self {
            result,
            code: local.code,
            retryable: local.retryable,
            retry_after_ms: 0,
            reason: Text::new(local.reason.to_owned()),
            message: Text::new(message),
            json: None,
        }
    }

    /// The form in which an app gets it; it points into this one.
    pub(crate) fn shown(&self) -> WigwagTrouble {
        WigwagTrouble {
            code: self.code,
            retryable: u8::from(self.retryable),
            retry_after_ms: self.retry_after_ms,
            reason: self.reason.shown(),
            message: self.message.shown(),
        }
    }
}

/// Another session took this one's place.
fn is_kick(code: u16) -> bool {
    [CloseCode::Replaced, CloseCode::PlatformLimit].iter().any(|kick| kick.number() == code)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(trouble: &Trouble) -> (WigwagResult, i32, bool) {
        (trouble.result, trouble.code, trouble.retryable)
    }

    #[test]
    fn a_refusal_keeps_its_number_and_everything_else() {
        let body = Reason::TokenWrongUser.error();
        let stopped = Trouble::stopped(&StopReason::SignInRefused(Box::new(body.clone())));
        assert_eq!(said(&stopped), (WigwagResult::Stopped, 70013, false));
        let refused = Trouble::from_error(Error::Refused(Box::new(body)));
        assert_eq!(said(&refused), (WigwagResult::Refused, 70013, false));
        assert!(refused.json.unwrap().contains("tokenWrongUser"));
    }

    #[test]
    fn what_the_client_says_by_itself_has_the_numbers_of_the_field() {
        assert_eq!(said(&Trouble::from_error(Error::TimedOut)), (WigwagResult::TimedOut, 9520, true));
        let lost = Trouble::from_error(Error::Disconnected);
        assert_eq!(said(&lost), (WigwagResult::Disconnected, 9508, true));
        let closed = |code: CloseCode| Trouble::stopped(&StopReason::Closed(code.number()));
        assert_eq!(said(&closed(CloseCode::Replaced)), (WigwagResult::Stopped, 6208, false));
        assert_eq!(said(&closed(CloseCode::PlatformLimit)), (WigwagResult::Stopped, 6208, false));
        assert_eq!(said(&closed(CloseCode::ProtocolViolation)), (WigwagResult::Stopped, 6014, false));
        assert_eq!(said(&Trouble::stopped(&StopReason::TokenExpired)), (WigwagResult::Stopped, 70001, false));
    }
}
