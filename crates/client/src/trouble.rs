//! What went wrong, with the numbers of the field: one form for the bindings of all languages. The client's own reasons are the same as
//! those of the TypeScript client (`sdk/typescript/src/errors.ts`).

use wigwag_protocol::{CloseCode, ErrorBody, Reason};

use crate::error::{Error, StopReason};

/// What went wrong.
#[derive(Debug, Clone)]
pub struct Trouble {
    /// What it means for a request.
    pub kind: TroubleKind,
    /// The number that the field knows; several reasons may share one.
    pub code: i32,
    /// Tells apart what one number lumps together.
    pub reason: &'static str,
    /// Whether the same can succeed later without being changed.
    pub retryable: bool,
    /// How long to wait before trying again, ms.
    pub retry_after_ms: Option<u64>,
    /// For developers.
    pub message: String,
    /// What the server said, when it said no.
    pub refusal: Option<Box<ErrorBody>>,
    /// The WebSocket close code, when a close was behind it.
    pub close_code: Option<u16>,
}

/// What trouble means for a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TroubleKind {
    /// The server said no; nothing was done.
    Refused,
    /// No reply came in time. It may have been carried out.
    TimedOut,
    /// The connection was lost before the reply. It may have been carried out.
    Disconnected,
    /// The client has stopped.
    Stopped,
    /// The reply cannot be read by this version.
    Unreadable,
    /// A file or a setting is no good.
    System,
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
    /// There was no session in time.
    pub fn connect_timeout() -> Self {
        Self::of(TroubleKind::Stopped, CONNECT_TIMEOUT, "the server could not be reached in time".to_owned())
    }

    /// The connection was lost and is made again.
    pub fn connection_lost(why: String, after_ms: u64) -> Self {
        let trouble = Self::of(TroubleKind::Disconnected, CONNECTION_LOST, why);
        Self { retry_after_ms: Some(after_ms), ..trouble }
    }

    /// The cursor file cannot be written.
    pub fn cursor_not_stored(why: String) -> Self {
        Self::of(TroubleKind::System, STORE_FAILED, why)
    }

    /// An invitation that was to be made known has ended.
    pub fn ended() -> Self {
        Self::of(TroubleKind::Refused, ENDED, "the invitation has ended".to_owned())
    }

    /// An invitation that was to be made known is known.
    pub fn already_known() -> Self {
        Self::of(TroubleKind::Refused, ALREADY_KNOWN, "this invitation is known already".to_owned())
    }

    /// Why a client will not connect again.
    pub fn stopped(reason: &StopReason) -> Self {
        let words = reason.to_string();
        match reason {
            StopReason::Asked => Self::of(TroubleKind::Stopped, CLOSED, words),
            StopReason::Closed(code) => {
                let local = if is_kick(*code) { KICKED } else { SESSION_CLOSED };
                Self { close_code: Some(*code), ..Self::of(TroubleKind::Stopped, local, words) }
            }
            StopReason::SignInRefused(body) => Self::refused(TroubleKind::Stopped, body.clone()),
            StopReason::TokenExpired => {
                Self::refused(TroubleKind::Stopped, Box::new(Reason::TokenExpired.error()))
            }
        }
    }

    fn refused(kind: TroubleKind, body: Box<ErrorBody>) -> Self {
        Self {
            kind,
            code: body.code,
            reason: body.data.reason.as_str(),
            retryable: body.data.retryable,
            retry_after_ms: body.data.retry_after_ms,
            message: body.message.clone(),
            refusal: Some(body),
            close_code: None,
        }
    }

    fn of(kind: TroubleKind, local: Local, message: String) -> Self {
        Self {
            kind,
            code: local.code,
            reason: local.reason,
            retryable: local.retryable,
            retry_after_ms: None,
            message,
            refusal: None,
            close_code: None,
        }
    }
}

/// What a request failed with.
impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        let words = error.to_string();
        match error {
            Error::Refused(body) => Self::refused(TroubleKind::Refused, body),
            Error::TimedOut => Self::of(TroubleKind::TimedOut, REQUEST_TIMEOUT, words),
            Error::Disconnected => Self::of(TroubleKind::Disconnected, CONNECTION_LOST, words),
            Error::Stopped(reason) => Self::stopped(&reason),
            Error::Unreadable(_) => Self::of(TroubleKind::Unreadable, UNREADABLE, words),
            // A client is not started with these.
            Error::InvalidUrl(_) | Error::Tls(_) | Error::CursorStore(_) => {
                Self::of(TroubleKind::System, STORE_FAILED, words)
            }
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

    fn said(trouble: &Trouble) -> (TroubleKind, i32, bool) {
        (trouble.kind, trouble.code, trouble.retryable)
    }

    #[test]
    fn a_refusal_keeps_its_number_and_everything_else() {
        let body = Reason::TokenWrongUser.error();
        let stopped = Trouble::stopped(&StopReason::SignInRefused(Box::new(body.clone())));
        assert_eq!(said(&stopped), (TroubleKind::Stopped, 70013, false));
        let refused = Trouble::from(Error::Refused(Box::new(body.clone())));
        assert_eq!(said(&refused), (TroubleKind::Refused, 70013, false));
        assert_eq!((refused.reason, refused.refusal.as_deref()), ("tokenWrongUser", Some(&body)));
    }

    #[test]
    fn what_the_client_says_by_itself_has_the_numbers_of_the_field() {
        assert_eq!(said(&Trouble::from(Error::TimedOut)), (TroubleKind::TimedOut, 9520, true));
        let lost = Trouble::from(Error::Disconnected);
        assert_eq!(said(&lost), (TroubleKind::Disconnected, 9508, true));
        let closed = |code: CloseCode| Trouble::stopped(&StopReason::Closed(code.number()));
        assert_eq!(said(&closed(CloseCode::Replaced)), (TroubleKind::Stopped, 6208, false));
        assert_eq!(said(&closed(CloseCode::PlatformLimit)), (TroubleKind::Stopped, 6208, false));
        let violation = closed(CloseCode::ProtocolViolation);
        assert_eq!(said(&violation), (TroubleKind::Stopped, 6014, false));
        assert_eq!(violation.close_code, Some(CloseCode::ProtocolViolation.number()));
        assert_eq!(said(&Trouble::stopped(&StopReason::TokenExpired)), (TroubleKind::Stopped, 70001, false));
    }
}
