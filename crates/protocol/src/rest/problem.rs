//! What went wrong, as RFC 9457 words it, with the protocol's number and reason as members.

use serde::{Deserialize, Serialize};

use crate::error::{ErrorBody, Outcome, Reason};

/// The media type of a [`Problem`].
pub const PROBLEM_JSON: &str = "application/problem+json";

/// The body of every answer that is not a success. It is large for what is returned in place of a result, so it comes boxed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Problem {
    /// `urn:wigwag:problem:` and the reason. It names the problem; nothing can be fetched from it.
    #[serde(rename = "type")]
    pub kind: String,
    /// What the problem is, whatever the request was.
    pub title: String,
    /// The status of the answer.
    pub status: u16,
    /// What is wrong with this request; says what to do.
    pub detail: String,
    /// The protocol's number (docs/protocol.md, "Errors"), or one below -32009 for what only this API refuses.
    pub code: i32,
    /// The protocol's reason, or one that only this API has.
    pub reason: String,
    /// Whether the same request can succeed later without being changed.
    pub retryable: bool,
    /// How long to wait before trying again, ms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
    /// The field or parameter that is wrong, as a path into the body such as `users[3].nickname`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// The identifier that nothing has, when something is unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// What beat a command on an invitation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Box<Outcome>>,
}

macro_rules! reasons {
    ($($(#[$doc:meta])* $name:ident = $text:literal, $code:literal, $status:literal, $retry:literal, $title:literal;)+) => {
        /// Why a request is refused that no protocol of devices knows.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum ProblemReason { $($(#[$doc])* $name),+ }

        impl ProblemReason {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// A problem with this reason and its standard words.
            pub fn problem(self) -> Box<Problem> {
                let (reason, code, status, retryable, title) = match self {
                    $(Self::$name => ($text, $code, $status, $retry, $title)),+
                };
                Problem::new(reason, code, status, retryable, title)
            }
        }
    };
}

reasons! {
    /// No key, or none that counts.
    KeyUnknown = "keyUnknown", -32010, 401, false, "the Authorization header has no key of this server: \"Authorization: Bearer wk_…\", made with \"wigwag key create\"";
    /// The key may not do this.
    ScopeMissing = "scopeMissing", -32011, 403, false, "the key does not have the scope of this operation";
    /// The key belongs to another request.
    IdempotencyKeyTaken = "idempotencyKeyTaken", -32012, 409, false, "this Idempotency-Key belongs to another request; make a new one";
    /// The first request under this key has not been answered.
    IdempotencyKeyBusy = "idempotencyKeyBusy", -32013, 409, true, "the request with this Idempotency-Key is being carried out; try again";
    /// The header is no key.
    IdempotencyKeyMalformed = "idempotencyKeyMalformed", -32014, 422, false, "an Idempotency-Key has 1 to 128 visible ASCII characters";
    /// No operation has this path.
    NothingHere = "nothingHere", -32015, 404, false, "no operation has this path";
    /// The path has other methods.
    WrongMethod = "wrongMethod", -32016, 405, false, "this path has other methods; the Allow header names them";
    /// Not JSON.
    WrongMediaType = "wrongMediaType", -32017, 415, false, "the Content-Type must be application/json";
    /// Too long.
    BodyTooLarge = "bodyTooLarge", -32018, 413, false, "the body is larger than this server reads";
    /// It stopped in the middle.
    BodyTooSlow = "bodyTooSlow", -32019, 408, true, "the body did not come in time";
    /// Too many at once.
    TooManyAtOnce = "tooManyAtOnce", -32020, 503, true, "as many requests are being carried out as may be; try again";
    /// Over the rate of the key.
    KeyTooFast = "keyTooFast", -32021, 429, true, "too many requests with this key; wait retryAfterMs";
    /// It was not answered in time.
    TooSlow = "tooSlow", -32022, 503, true, "the server did not answer in time; repeat the request under the same Idempotency-Key";
    /// The node does not know which keys count.
    KeysUnchecked = "keysUnchecked", -32023, 503, true, "the server has not been able to read its keys for a while, so a key may have been revoked meanwhile; try again";
    /// No endpoint of webhooks has this name.
    UnknownEndpoint = "unknownEndpoint", -32024, 404, false, "the configuration has no endpoint of webhooks with this name";
    /// Others have drawn the user in again.
    StillInvolved = "stillInvolved", -32025, 409, true, "others have put this user into a group, a call or an invitation again while they were being deleted; repeat the request";
}

impl Problem {
    fn new(reason: &str, code: i32, status: u16, retryable: bool, title: &str) -> Box<Self> {
        Box::new(Self {
            kind: format!("urn:wigwag:problem:{reason}"),
            title: title.to_owned(),
            status,
            detail: title.to_owned(),
            code,
            reason: reason.to_owned(),
            retryable,
            retry_after_ms: None,
            field: None,
            id: None,
            outcome: None,
        })
    }

    /// The same with these words about this request.
    #[must_use]
    pub fn saying(mut self: Box<Self>, detail: impl Into<String>) -> Box<Self> {
        self.detail = detail.into();
        self
    }

    /// The same about this field or parameter.
    #[must_use]
    pub fn at(mut self: Box<Self>, field: impl Into<String>) -> Box<Self> {
        self.field = Some(field.into());
        self
    }

    /// A value that breaks the schema.
    pub fn invalid(field: &str, detail: impl Into<String>) -> Box<Self> {
        Box::<Self>::from(Reason::InvalidParams.error()).saying(detail).at(field)
    }
}

impl From<ErrorBody> for Box<Problem> {
    fn from(error: ErrorBody) -> Self {
        let (reason, retryable) = (error.data.reason, error.data.retryable);
        let mut problem =
            Problem::new(reason.as_str(), error.code, status_of(reason), retryable, reason.message());
        problem.detail = error.message;
        problem.retry_after_ms = error.data.retry_after_ms;
        problem.field = error.data.field;
        problem.outcome = error.data.outcome;
        problem
    }
}

/// The status of an answer with this reason.
fn status_of(reason: Reason) -> u16 {
    match reason {
        Reason::MalformedJson | Reason::InvalidRequest => 400,
        Reason::NotSignedIn
        | Reason::TokenExpired
        | Reason::TokenMalformed
        | Reason::TokenWrongKey
        | Reason::TokenWrongUser
        | Reason::TokenWrongApp
        | Reason::TokenRevoked => 401,
        Reason::NotInviter
        | Reason::NotInvitee
        | Reason::NotParty
        | Reason::IdentityMismatch
        | Reason::NotInCall
        | Reason::NotMember
        | Reason::NotAllowed
        | Reason::HasLeft
        | Reason::BlockedByPeer
        | Reason::RefusedByHook
        | Reason::UserDisabled
        | Reason::NotSender => 403,
        Reason::UnknownMethod
        | Reason::UnknownInvitation
        | Reason::UnknownCall
        | Reason::UnknownGroup
        | Reason::UnknownUser
        | Reason::UnknownMessage
        | Reason::UserNotRegistered => 404,
        Reason::AlreadyOpen
        | Reason::UserDeleted
        | Reason::ClientMsgIdTaken
        | Reason::Settled
        | Reason::TimedOut
        | Reason::Cancelled
        | Reason::OnlineOnly
        | Reason::InviteIdTaken
        | Reason::CallEnded
        | Reason::AlreadyInCall
        | Reason::RoomTaken
        | Reason::AlreadyMember
        | Reason::GroupFull
        | Reason::GroupIdTaken
        | Reason::RevokeWindow
        | Reason::TooManyOpenInvitations
        | Reason::TooManyOpenInGroup
        | Reason::TooManyOpenForPair
        | Reason::TooManyOpenForInvitee
        | Reason::TooManyInCall
        | Reason::TooManyCallsInGroup
        | Reason::TooManyGroups
        | Reason::AttributesChanged => 409,
        Reason::FrameTooLarge => 413,
        Reason::InvalidParams
        | Reason::InvalidParameter
        | Reason::InvalidGroupParameter
        | Reason::NoValidInvitee
        | Reason::TooLarge => 422,
        Reason::RateLimited | Reason::GroupRateLimited | Reason::BoardRateLimited => 429,
        Reason::Internal => 500,
        Reason::StoreUnavailable | Reason::StoreFull | Reason::Overloaded | Reason::HookSilent => 503,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_of_the_protocol_keeps_its_number_and_gets_a_status() {
        let problem: Box<Problem> = Reason::UnknownUser.error().into();
        assert_eq!((problem.status, problem.code, problem.reason.as_str()), (404, 20003, "unknownUser"));
        assert_eq!(problem.kind, "urn:wigwag:problem:unknownUser");
    }

    #[test]
    fn numbers_of_this_api_are_none_of_the_protocol() {
        for reason in ProblemReason::ALL {
            let problem = reason.problem();
            assert!(Reason::ALL.iter().all(|known| known.code() != problem.code), "{problem:?}");
            assert!(problem.status >= 400, "{problem:?}");
        }
    }
}
