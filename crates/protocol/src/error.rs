//! Errors: one closed list of reasons, each with its number, its policy and its words.
//!
//! The numbers are those the field knows from Tencent's error table; `reason` tells apart what one number lumps
//! together. JSON-RPC's own numbers are used for what JSON-RPC defines.

use serde::{Deserialize, Serialize};

use crate::id::{Device, UserId};
use crate::invitation::{EndReason, InviteeState};

macro_rules! reasons {
    ($($(#[$doc:meta])* $name:ident = $text:literal, $code:literal, $retry:literal, $message:literal;)+) => {
        /// Why a request was refused.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        pub enum Reason { $($(#[$doc])* #[serde(rename = $text)] $name),+ }

        impl Reason {
            /// Every reason, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The reason on the wire.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text),+ }
            }

            /// The error number.
            pub const fn code(self) -> i32 {
                match self { $(Self::$name => $code),+ }
            }

            /// Whether the same request can succeed later without being changed.
            pub const fn retryable(self) -> bool {
                match self { $(Self::$name => $retry),+ }
            }

            /// What to tell a developer; says what to do.
            pub const fn message(self) -> &'static str {
                match self { $(Self::$name => $message),+ }
            }
        }
    };
}

reasons! {
    /// Not JSON.
    MalformedJson = "malformedJson", -32700, false, "the frame is not valid JSON";
    /// JSON, but no request.
    InvalidRequest = "invalidRequest", -32600, false, "the frame is not a JSON-RPC 2.0 request object with jsonrpc \"2.0\", a method, and an id that is a number or a string";
    /// No such method.
    UnknownMethod = "unknownMethod", -32601, false, "there is no such method";
    /// Params missing, mistyped or out of range.
    InvalidParams = "invalidParams", -32602, false, "a parameter is missing, has the wrong type or is out of range";
    /// A bug on our side.
    Internal = "internal", -32603, true, "the server failed; the command was not carried out";
    /// The store did not take the command.
    StoreUnavailable = "storeUnavailable", -32001, true, "the store is unavailable; try again";
    /// The disk is full.
    StoreFull = "storeFull", -32002, true, "the server's disk is full; nothing was changed, try again when its operator has made room";
    /// The queue of waiting commands is full.
    Overloaded = "overloaded", -32003, true, "too many commands are waiting; try again";
    /// The back end gave no answer.
    HookSilent = "hookSilent", -32005, true, "the app's back end did not say whether this invitation may be made; try again";
    /// Frame over the limit.
    FrameTooLarge = "frameTooLarge", -32004, false, "the frame is larger than the limit in the session.open reply";

    /// `session.open` must come first.
    NotSignedIn = "notSignedIn", 6014, false, "call session.open first";
    /// A second `session.open`.
    AlreadyOpen = "alreadyOpen", 6015, false, "this connection is signed in already";
    /// A value breaks a rule of the product.
    InvalidParameter = "invalidParameter", 6017, false, "a parameter breaks a rule";
    /// Used for a different message.
    ClientMsgIdTaken = "clientMsgIDTaken", 6017, false, "this clientMsgID belongs to a message of another conversation or content; make a new one";
    /// Over the rate of the user.
    RateLimited = "rateLimited", 7008, true, "too many requests of this kind; wait retryAfterMs";
    /// Over the number of open invitations.
    TooManyOpenInvitations = "tooManyOpenInvitations", 7008, true, "too many of your invitations are open; cancel some or wait";
    /// Over the number of open invitations in one group.
    TooManyOpenInGroup = "tooManyOpenInGroup", 7008, true, "too many invitations of this group are open; wait until some have ended";
    /// Over the number of invitations of one inviter that are pending for one invitee.
    TooManyOpenForPair = "tooManyOpenForPair", 7008, true, "too many of your invitations to this user are open; cancel some or wait";
    /// Over the number of invitations that are pending for one invitee.
    TooManyOpenForInvitee = "tooManyOpenForInvitee", 7008, true, "too many invitations to this user are open; wait until some have ended";
    /// A payload over its limit.
    TooLarge = "tooLarge", 8001, false, "a payload is larger than its limit";

    /// No such invitation, or none you may see.
    UnknownInvitation = "unknown", 8010, false, "there is no such invitation";
    /// Answered, or nobody is pending.
    Settled = "settled", 8010, false, "the invitation is settled already; outcome says how";
    /// Too late.
    TimedOut = "timedOut", 8010, false, "the invitation has timed out";
    /// The inviter was faster.
    Cancelled = "cancelled", 8010, false, "the invitation has been cancelled";
    /// `modify` on an invitation that leaves no trace.
    OnlineOnly = "onlineOnly", 8010, false, "an onlineUserOnly invitation cannot be modified";
    /// Only the inviter may.
    NotInviter = "notInviter", 8011, false, "only the inviter may do this";
    /// Only an invitee may.
    NotInvitee = "notInvitee", 8011, false, "only an invitee may do this";
    /// Only inviter or invitees may.
    NotParty = "notParty", 8011, false, "only the inviter or an invitee may do this";
    /// The body names somebody else.
    IdentityMismatch = "identityMismatch", 8011, false, "the request names another user than the one signed in";
    /// Used for a different invitation.
    InviteIdTaken = "inviteIDTaken", 8012, false, "this inviteID belongs to a different invitation; make a new one";

    /// No such call, or none you may see.
    UnknownCall = "unknownCall", 8010, false, "there is no such call";
    /// Over.
    CallEnded = "callEnded", 8010, false, "the call has ended";
    /// Only somebody in the call may.
    NotInCall = "notInCall", 8011, false, "only somebody who is in the call may do this";
    /// Rings or is in it.
    AlreadyInCall = "alreadyInCall", 8012, false, "this user is in the call already, or rings in it";
    /// The room has a call without the actor.
    RoomTaken = "roomTaken", 8012, false, "this room has a call that you are not in; choose another roomID, or leave it out";
    /// Over the number of people in one call.
    TooManyInCall = "tooManyInCall", 7008, false, "the call would have more people than it may have";
    /// Over the number of running calls in one group.
    TooManyCallsInGroup = "tooManyCallsInGroup", 7008, true, "too many calls of this group are running; join one of them, or wait until one has ended";

    /// Group parameters break a rule.
    InvalidGroupParameter = "invalidGroupParameter", 10004, false, "a group parameter breaks a rule";
    /// None of the invitees is a member.
    NoValidInvitee = "noValidInvitee", 10004, false, "none of the invitees is a member of the group besides you";
    /// Not a member.
    NotMember = "notMember", 10007, false, "only members of the group may do this";
    /// A member, but of too low a role.
    NotAllowed = "notAllowed", 10007, false, "your role in the group does not allow this";
    /// Left by their own wish.
    HasLeft = "hasLeft", 10007, false, "this user has left the group, and only they can put themselves back, with group.join";
    /// No such group.
    UnknownGroup = "unknownGroup", 10010, false, "there is no such group";
    /// In it already.
    AlreadyMember = "alreadyMember", 10013, false, "already a member of the group";
    /// Full.
    GroupFull = "groupFull", 10014, false, "the group is full";
    /// In as many groups as a user may be.
    TooManyGroups = "tooManyGroups", 10037, false, "the user is in as many groups as they may be";
    /// GroupID in use.
    GroupIdTaken = "groupIDTaken", 10021, false, "this groupID is in use; choose another";
    /// Over the rate of the group.
    GroupRateLimited = "groupRateLimited", 10023, true, "too many messages in this group; wait retryAfterMs";

    /// Over the rate of writes to the group's board.
    BoardRateLimited = "boardRateLimited", 8511, true, "this group's attributes or counters are written too fast; wait retryAfterMs";
    /// Somebody was faster.
    AttributesChanged = "attributesChanged", 10056, false, "another write has changed these attributes since that version; read them and decide anew";

    /// The back end said no.
    RefusedByHook = "refusedByHook", 20006, false, "the app's back end does not allow this invitation";
    /// No such user.
    UnknownUser = "unknownUser", 20003, false, "there is no such user";
    /// The other user has blocked the one who asks, or lets only others reach them. These are not told apart.
    BlockedByPeer = "blocked", 20007, false, "this user has blocked you, or does not let you ring or add them";
    /// No such message, or not one's own.
    UnknownMessage = "unknownMessage", 20022, false, "there is no such message in this conversation";
    /// Somebody else's message.
    NotSender = "notSender", 20022, false, "only the sender may take a message back";
    /// Too late to take back.
    RevokeWindow = "revokeWindow", 20016, false, "the message is too old to be taken back";

    /// Expired.
    TokenExpired = "tokenExpired", 70001, false, "the token has expired; get a new one";
    /// Neither `UserSig` nor JWT.
    TokenMalformed = "tokenMalformed", 70003, false, "the token is neither a UserSig nor a JWT, or it is truncated";
    /// Made with another key.
    TokenWrongKey = "tokenWrongKey", 70009, false, "the token's signature does not fit this server's keys";
    /// For another user.
    TokenWrongUser = "tokenWrongUser", 70013, false, "the token is for another user";
    /// For another app.
    TokenWrongApp = "tokenWrongApp", 70014, false, "the token is for another sdkAppID";
    /// Disabled by a back end.
    UserDisabled = "userDisabled", 70051, false, "this user is disabled and cannot sign in";
    /// Deleted by a back end.
    UserDeleted = "userDeleted", 70107, false, "this user was deleted, and their userID is never given out again; use another";
    /// Taken back by the operator.
    TokenRevoked = "tokenRevoked", 70052, false, "the token has been revoked; get a new one";
    /// Auto-registration is off.
    UserNotRegistered = "userNotRegistered", 70107, false, "this user is not registered and the server does not register users by itself";
}

impl Reason {
    /// An error with this reason and its standard words.
    pub fn error(self) -> ErrorBody {
        ErrorBody {
            code: self.code(),
            message: self.message().to_owned(),
            data: ErrorData {
                reason: self,
                retryable: self.retryable(),
                retry_after_ms: None,
                field: None,
                outcome: None,
            },
        }
    }

    /// Refused for coming too fast, with the time to wait; rounded up, so that who waits as told is not refused again.
    pub fn after(self, wait: std::time::Duration) -> ErrorBody {
        let mut error = self.error();
        let ms = wait.as_nanos().div_ceil(1_000_000).max(1);
        error.data.retry_after_ms = Some(u64::try_from(ms).unwrap_or(u64::MAX));
        error
    }

    /// An error about one field: `message` continues "field …".
    pub fn field(self, field: &str, message: &str) -> ErrorBody {
        let mut error = self.error();
        error.message = format!("{field} {message}");
        error.data.field = Some(field.to_owned());
        error
    }
}

/// The `error` of a reply.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ErrorBody {
    /// Known to the field; see [`Reason::code`].
    pub code: i32,
    /// For developers; says what to do.
    pub message: String,
    /// For programs.
    pub data: ErrorData,
}

impl std::fmt::Display for ErrorBody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({} {})", self.message, self.code, self.data.reason.as_str())
    }
}

impl std::error::Error for ErrorBody {}

/// The `data` of an error.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ErrorData {
    /// Tells apart what one number lumps together.
    pub reason: Reason,
    /// Whether the same request can succeed later without being changed.
    pub retryable: bool,
    /// How long to wait before trying again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
    /// The field that is wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// What beat a command on an invitation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Box<Outcome>>,
}

/// How an invitation was settled, told to a command that came too late.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Outcome {
    /// Where the asking invitee stands; absent when the inviter asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<InviteeState>,
    /// Why the invitation ended; absent while it is open for others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_reason: Option<EndReason>,
    /// Who settled it, if a person did.
    #[serde(default, rename = "userID", skip_serializing_if = "Option::is_none")]
    pub user_id: Option<UserId>,
    /// The device they used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<Device>,
    /// When, server time in ms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<u64>,
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_wait_is_told_in_whole_milliseconds_and_none_too_many() {
        for (micros, told) in [(0, 1), (1, 1), (999, 1), (1_000, 1), (1_001, 2), (1_000_000, 1_000)] {
            let error = Reason::RateLimited.after(Duration::from_micros(micros));
            assert_eq!(error.data.retry_after_ms, Some(told), "{micros} µs");
        }
    }
}
