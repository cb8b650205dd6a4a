//! The one table of what each method takes, gives and refuses.

use schemars::{JsonSchema, Schema, SchemaGenerator};
use wigwag_protocol::quiet::{Quiet, Silence};
use wigwag_protocol::{Method, Reason, params as p, result as r};

/// Writes the schema of a type into a generator's definitions and gives the reference to it.
pub(crate) type SchemaOf = fn(&mut SchemaGenerator) -> Schema;

/// What a method takes and gives.
pub(crate) struct Shapes {
    /// The type of its params.
    pub(crate) params: SchemaOf,
    /// The type of its result.
    pub(crate) result: SchemaOf,
}

macro_rules! contracts {
    ($($method:ident($params:ty) -> $result:ty, $refusals:expr;)+) => {
        /// What `method` takes and gives.
        pub(crate) fn shapes(method: Method) -> Shapes {
            match method {
                $(Method::$method => Shapes { params: schema_of::<$params>, result: schema_of::<$result> }),+
            }
        }

        /// Why `method` is refused, besides [`EVERY_FRAME`], [`EVERY_REQUEST`] and [`EVERY_CHANGE`].
        pub(crate) fn refusals(method: Method) -> &'static [Reason] {
            match method {
                $(Method::$method => $refusals),+
            }
        }

        /// Params read as the server reads them and written again.
        #[cfg(test)]
        pub(crate) fn reread_params(method: Method, text: &str) -> serde_json::Result<String> {
            match method {
                $(Method::$method => serde_json::to_string(&serde_json::from_str::<$params>(text)?)),+
            }
        }

        /// A result read as a client reads it and written again.
        #[cfg(test)]
        pub(crate) fn reread_result(method: Method, text: &str) -> serde_json::Result<String> {
            match method {
                $(Method::$method => serde_json::to_string(&serde_json::from_str::<$result>(text)?)),+
            }
        }
    };
}

contracts! {
    SessionOpen(p::SessionOpen) -> r::SessionOpened, SIGN_IN;
    SessionAck(p::SessionAck) -> r::Done, &[Reason::InvalidParameter];
    SessionClose(p::Nothing) -> r::Done, &[];
    Invite(p::Invite) -> r::Acted, INVITE;
    InviteInGroup(p::InviteInGroup) -> r::Acted, INVITE_IN_GROUP;
    Cancel(p::Cancel) -> r::Acted, CANCEL;
    Accept(p::Answer) -> r::Acted, ANSWER;
    Reject(p::Answer) -> r::Acted, ANSWER;
    Modify(p::Modify) -> r::Acted, MODIFY;
    Ringing(p::Ringing) -> r::Done, &[Reason::UnknownInvitation, Reason::NotInvitee];
    Silence(Silence) -> r::Done, SILENCE;
    Get(p::Get) -> r::Got, &[Reason::UnknownInvitation];
    ListOpen(p::ListOpen) -> r::OpenList, &[];
    CallJoin(p::CallOnly) -> r::Joined, CALL_JOIN;
    CallHangUp(p::CallOnly) -> r::Done, &[Reason::UnknownCall, Reason::NotInCall];
    CallGet(p::CallGet) -> r::GotCall, &[Reason::UnknownCall, Reason::UnknownGroup, Reason::NotMember];
    CallList(p::CallList) -> r::Calls, &[];
    CallMarkSeen(p::CallMarkSeen) -> r::Done, &[];
    CallSignal(p::CallSignal) -> r::Done, CALL_SIGNAL;
    MessageSend(p::MessageSend) -> r::MessageSent, SEND;
    MessageHistory(p::MessageHistory) -> r::History, CONVERSATION;
    MessageRevoke(p::MessageAt) -> r::Done, REVOKE;
    MessageMarkRead(p::MessageAt) -> r::Done, CONVERSATION;
    MessageReceipts(p::MessageReceipts) -> r::Receipts, RECEIPTS;
    ConversationList(p::ConversationList) -> r::Conversations, &[];
    ConversationPin(p::ConversationPin) -> r::Done, CONVERSATION_PIN;
    ConversationDelete(p::ConversationOnly) -> r::Done, CONVERSATION;
    GroupCreate(p::GroupCreate) -> r::GroupCreated, GROUP_CREATE;
    GroupJoin(p::GroupOnly) -> r::Done, GROUP_JOIN;
    GroupQuit(p::GroupOnly) -> r::Done, GROUP_LEAVE;
    GroupDismiss(p::GroupOnly) -> r::Done, GROUP_LEAVE;
    GroupAddMembers(p::GroupUsers) -> r::Done, GROUP_ADD;
    GroupRemoveMembers(p::GroupUsers) -> r::Done, GROUP_REMOVE;
    GroupMembers(p::GroupMembers) -> r::Members, GROUP_READ;
    GroupInfo(p::GroupOnly) -> r::GroupInfo, &[Reason::UnknownGroup];
    GroupSetInfo(p::GroupSetInfo) -> r::Done, GROUP_SET_INFO;
    GroupSetRole(p::GroupSetRole) -> r::Done, GROUP_SET_ROLE;
    GroupAttributes(p::GroupOnly) -> r::Attributes, GROUP_READ;
    GroupSetAttributes(p::GroupSetAttributes) -> r::AttributesSet, GROUP_SET_ATTRIBUTES;
    GroupOnlineCount(p::GroupOnly) -> r::OnlineCount, GROUP_READ;
    GroupNews(p::GroupNews) -> r::News, &[];
    GroupList(p::GroupList) -> r::Groups, &[];
    UserGet(p::UserGet) -> r::Profiles, &[];
    UserSetProfile(p::UserSetProfile) -> r::Done, &[Reason::TooLarge];
    UserBlock(p::UserOnly) -> r::Done, OTHER_USER;
    UserUnblock(p::UserOnly) -> r::Done, OTHER_USER;
    UserListBlocked(p::UserListBlocked) -> r::Blocked, &[];
    UserSetReach(p::UserSetReach) -> r::Done, &[];
    UserGetReach(p::Nothing) -> r::OwnReach, &[];
    UserSetQuiet(Quiet) -> r::Done, &[Reason::InvalidParameter];
    UserGetQuiet(p::Nothing) -> r::OwnQuiet, &[];
    UserSetStatus(p::UserSetStatus) -> r::Done, &[Reason::TooLarge];
    UserGetStatus(p::UserGetStatus) -> r::Statuses, &[];
    UserWatch(p::UserWatch) -> r::Statuses, &[];
    PushRegister(p::PushRegister) -> r::Done, &[Reason::InvalidParameter];
    PushUnregister(p::Nothing) -> r::Done, &[];
    PushSettings(p::Nothing) -> r::PushOffer, &[];
}

/// A frame that is no request of ours; a device that sends many is told to wait.
pub(crate) const EVERY_FRAME: &[Reason] = &[
    Reason::MalformedJson,
    Reason::InvalidRequest,
    Reason::UnknownMethod,
    Reason::FrameTooLarge,
    Reason::RateLimited,
];

/// Any request may meet these.
pub(crate) const EVERY_REQUEST: &[Reason] = &[
    Reason::InvalidParams,
    Reason::NotSignedIn,
    Reason::RateLimited,
    Reason::Overloaded,
    Reason::StoreUnavailable,
    Reason::Internal,
];

/// Any request that would change something may meet these too.
pub(crate) const EVERY_CHANGE: &[Reason] = &[Reason::StoreFull, Reason::UserDeleted];

const SIGN_IN: &[Reason] = &[
    Reason::AlreadyOpen,
    Reason::TokenExpired,
    Reason::TokenMalformed,
    Reason::TokenWrongKey,
    Reason::TokenWrongUser,
    Reason::TokenWrongApp,
    Reason::TokenRevoked,
    Reason::UserDisabled,
    Reason::UserDeleted,
    Reason::UserNotRegistered,
];
const INVITE: &[Reason] = &[
    Reason::UnknownUser,
    Reason::InvalidParameter,
    Reason::BlockedByPeer,
    Reason::TooManyOpenInvitations,
    Reason::TooManyOpenForPair,
    Reason::TooManyOpenForInvitee,
    Reason::TooLarge,
    Reason::IdentityMismatch,
    Reason::InviteIdTaken,
    Reason::RefusedByHook,
    Reason::HookSilent,
    Reason::AlreadyInCall,
    Reason::RoomTaken,
    Reason::TooManyInCall,
];
const INVITE_IN_GROUP: &[Reason] = &[
    Reason::UnknownGroup,
    Reason::NotMember,
    Reason::NoValidInvitee,
    Reason::BlockedByPeer,
    Reason::InvalidParameter,
    Reason::TooManyOpenInvitations,
    Reason::TooManyOpenInGroup,
    Reason::TooManyOpenForPair,
    Reason::TooManyOpenForInvitee,
    Reason::GroupRateLimited,
    Reason::TooLarge,
    Reason::IdentityMismatch,
    Reason::InviteIdTaken,
    Reason::RefusedByHook,
    Reason::HookSilent,
    Reason::AlreadyInCall,
    Reason::RoomTaken,
    Reason::TooManyInCall,
    Reason::TooManyCallsInGroup,
    // Of the inviter's own ring in that call, which the invite would accept.
    Reason::TimedOut,
];
const CANCEL: &[Reason] = &[
    Reason::UnknownInvitation,
    Reason::NotInviter,
    Reason::InvalidParameter,
    Reason::Settled,
    Reason::TimedOut,
    Reason::TooLarge,
    Reason::IdentityMismatch,
];
const ANSWER: &[Reason] = &[
    Reason::UnknownInvitation,
    Reason::NotInvitee,
    Reason::Settled,
    Reason::TimedOut,
    Reason::Cancelled,
    Reason::TooLarge,
    Reason::IdentityMismatch,
];
const SILENCE: &[Reason] =
    &[Reason::UnknownInvitation, Reason::NotInvitee, Reason::Settled, Reason::TimedOut, Reason::Cancelled];
const MODIFY: &[Reason] = &[
    Reason::UnknownInvitation,
    Reason::NotMember,
    Reason::NotParty,
    Reason::Settled,
    Reason::TimedOut,
    Reason::OnlineOnly,
    Reason::TooLarge,
];
const CALL_JOIN: &[Reason] =
    &[Reason::UnknownCall, Reason::CallEnded, Reason::NotInCall, Reason::TimedOut, Reason::TooManyInCall];
const CALL_SIGNAL: &[Reason] = &[Reason::UnknownCall, Reason::CallEnded, Reason::NotInCall, Reason::TooLarge];
/// From the ninth on: messages that speak as signaling.
const SEND: &[Reason] = &[
    Reason::InvalidParameter,
    Reason::ClientMsgIdTaken,
    Reason::UnknownUser,
    Reason::BlockedByPeer,
    Reason::UnknownGroup,
    Reason::NotMember,
    Reason::TooLarge,
    Reason::GroupRateLimited,
    Reason::IdentityMismatch,
    Reason::InviteIdTaken,
    Reason::RefusedByHook,
    Reason::HookSilent,
    Reason::NoValidInvitee,
    Reason::TooManyOpenInvitations,
    Reason::TooManyOpenInGroup,
    Reason::TooManyOpenForPair,
    Reason::TooManyOpenForInvitee,
    Reason::UnknownInvitation,
    Reason::NotInviter,
    Reason::NotInvitee,
    Reason::NotParty,
    Reason::Settled,
    Reason::TimedOut,
    Reason::Cancelled,
];
const CONVERSATION: &[Reason] = &[Reason::UnknownGroup, Reason::NotMember];
const CONVERSATION_PIN: &[Reason] = &[Reason::UnknownGroup, Reason::NotMember, Reason::InvalidParameter];
const RECEIPTS: &[Reason] = &[Reason::UnknownGroup, Reason::NotMember, Reason::UnknownMessage];
const REVOKE: &[Reason] = &[
    Reason::UnknownGroup,
    Reason::NotMember,
    Reason::UnknownMessage,
    Reason::NotSender,
    Reason::RevokeWindow,
];
const GROUP_CREATE: &[Reason] = &[
    Reason::TooLarge,
    Reason::GroupIdTaken,
    Reason::GroupFull,
    Reason::TooManyGroups,
    Reason::RefusedByHook,
    Reason::HookSilent,
];
const GROUP_JOIN: &[Reason] = &[
    Reason::UnknownGroup,
    Reason::AlreadyMember,
    Reason::GroupFull,
    Reason::TooManyGroups,
    Reason::RefusedByHook,
    Reason::HookSilent,
];
const GROUP_ADD: &[Reason] = &[
    Reason::InvalidGroupParameter,
    Reason::UnknownGroup,
    Reason::NotMember,
    Reason::UnknownUser,
    Reason::BlockedByPeer,
    Reason::HasLeft,
    Reason::GroupFull,
    Reason::TooManyGroups,
    Reason::RefusedByHook,
    Reason::HookSilent,
];
const GROUP_REMOVE: &[Reason] =
    &[Reason::InvalidGroupParameter, Reason::UnknownGroup, Reason::NotMember, Reason::NotAllowed];
const GROUP_LEAVE: &[Reason] = &[Reason::UnknownGroup, Reason::NotMember, Reason::NotAllowed];
const GROUP_SET_INFO: &[Reason] =
    &[Reason::TooLarge, Reason::UnknownGroup, Reason::NotMember, Reason::NotAllowed];
const GROUP_SET_ROLE: &[Reason] =
    &[Reason::UnknownGroup, Reason::NotMember, Reason::NotAllowed, Reason::InvalidParameter];
const GROUP_SET_ATTRIBUTES: &[Reason] = &[
    Reason::UnknownGroup,
    Reason::NotMember,
    Reason::InvalidGroupParameter,
    Reason::TooLarge,
    Reason::AttributesChanged,
    Reason::BoardRateLimited,
];
const GROUP_READ: &[Reason] = &[Reason::UnknownGroup, Reason::NotMember];
const OTHER_USER: &[Reason] = &[Reason::UnknownUser, Reason::InvalidParameter];

fn schema_of<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<T>()
}
