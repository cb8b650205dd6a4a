//! What an operation is, and the list of all of them.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::block::{BlockParams, BlockedPage, Blocks};
use super::call::{CallPage, CallParams, ParticipantParams, RunningCalls, RunningPage};
use super::group::{
    AddedMembers, AttributesBody, GroupPage, GroupParams, GroupWish, MemberPage, MemberParams, Notice,
    RoleWish, WrittenAttributes,
};
use super::invitation::{
    ActedForUser, AnswerWish, CancelWish, InvitationHistory, InvitationHistoryPage, InvitationParams,
    OpenPage, PartyParams,
};
use super::key::KeyView;
use super::message::{HistoryPage, MessagePlace};
use super::push::{RegistrationParams, RegistrationWish, Registrations};
use super::statistics::Statistics;
use super::story::Story;
use super::token::{IssueToken, IssuedToken, TokensRevoked};
use super::user::{Devices, ImportUsers, Imported, QuietWish, User, UserPage, UserParams, UserWish, Users};
use super::webhook::{EndpointParams, Endpoints, ReplayWish, TestOutcome};
use super::{Changed, Nothing, Scope};
use crate::call::CallView;
use crate::group::GroupView;
use crate::invitation::InvitationView;
use crate::quiet::Quiet;
use crate::{params, result};

/// A shape that can be described in a document.
#[cfg(feature = "schema")]
pub trait Described: schemars::JsonSchema {}
#[cfg(feature = "schema")]
impl<T: schemars::JsonSchema> Described for T {}

/// A shape that can be described in a document.
#[cfg(not(feature = "schema"))]
pub trait Described {}
#[cfg(not(feature = "schema"))]
impl<T> Described for T {}

/// The method of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// Reads.
    Get,
    /// Does something.
    Post,
    /// Makes what is named, or sets it.
    Put,
    /// Takes back what is named.
    Delete,
}

impl Verb {
    /// Its name in HTTP.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Delete => "DELETE",
        }
    }

    /// Whether such a request may change something, and so takes an idempotency key.
    pub const fn writes(self) -> bool {
        match self {
            Self::Get => false,
            Self::Post | Self::Put | Self::Delete => true,
        }
    }
}

/// One operation of the API.
pub trait Operation: Send + Sync + 'static {
    /// Its name in the document.
    const NAME: &'static str;
    /// What it does, for developers: the first line is its title.
    const DOCS: &'static [&'static str];
    /// The method.
    const VERB: Verb;
    /// The path, with its parameters in braces.
    const PATH: &'static str;
    /// The scope that a key must have.
    const SCOPE: Scope;
    /// The parameters in the path: an object with their names.
    type Params: DeserializeOwned + Described + Send;
    /// The parameters in the query.
    type Query: DeserializeOwned + Described + Send;
    /// The body of the request.
    type Body: DeserializeOwned + Serialize + Described + Send;
    /// The body of the answer, which has status 200.
    type Reply: Serialize + Described + Send;
}

/// Looks at operations.
pub trait Visitor {
    /// Called once for each operation.
    fn visit<O: Operation>(&mut self);
}

macro_rules! operations {
    ($($(#[doc = $doc:literal])+ $name:ident: $verb:ident $path:literal, $scope:ident,
        ($params:ty, $query:ty, $body:ty) -> $reply:ty;)+) => {
        /// The operations, each a type.
        pub mod operations {
            use super::*;

            $($(#[doc = $doc])+
            #[derive(Debug, Clone, Copy)]
            pub struct $name;

            impl Operation for $name {
                const NAME: &'static str = stringify!($name);
                const DOCS: &'static [&'static str] = &[$($doc),+];
                const VERB: Verb = Verb::$verb;
                const PATH: &'static str = $path;
                const SCOPE: Scope = Scope::$scope;
                type Params = $params;
                type Query = $query;
                type Body = $body;
                type Reply = $reply;
            })+

            /// Shows every operation to `visitor`, in the order of the documentation.
            pub fn visit(visitor: &mut impl Visitor) {
                $(visitor.visit::<$name>();)+
            }
        }
    };
}

operations! {
    /// Import users
    ///
    /// Makes up to 100 users, or changes those who are there. Each is carried out by itself: the reply says for each whether it was.
    CreateUsers: Post "/v1/users", Users, (Nothing, Nothing, ImportUsers) -> Imported;
    /// List all users
    ///
    /// In byte order of their userIDs.
    ListUsers: Get "/v1/users", Read, (Nothing, UserPage, Nothing) -> Users;
    /// Read a user
    GetUser: Get "/v1/users/{userID}", Read, (UserParams, Nothing, Nothing) -> User;
    /// Make a user, or change one
    ///
    /// What is left out stays as it is. The user's devices hear of the change.
    PutUser: Put "/v1/users/{userID}", Users, (UserParams, Nothing, UserWish) -> Changed;
    /// Delete a user
    ///
    /// For good: their userID is never given out again. They are disabled first; then they leave their calls, invitations and groups, one after
    /// the other, and what is theirs is erased. What they wrote to others stays with those. Repeat the request until it succeeds: it goes on
    /// where it was. The time is when the user was deleted, in every repeat.
    DeleteUser: Delete "/v1/users/{userID}", Users, (UserParams, Nothing, Nothing) -> Changed;
    /// Disable a user
    ///
    /// Their sessions end within a second, on every node, and nobody can sign in as them, with any token, until they are enabled.
    DisableUser: Put "/v1/users/{userID}/disabled", Users, (UserParams, Nothing, Nothing) -> Changed;
    /// Enable a user
    ///
    /// They can sign in again, also with the tokens that they had before.
    EnableUser: Delete "/v1/users/{userID}/disabled", Users, (UserParams, Nothing, Nothing) -> Changed;
    /// Read when a user is quiet
    GetQuiet: Get "/v1/users/{userID}/quiet", Read, (UserParams, Nothing, Nothing) -> Quiet;
    /// Say when a user is quiet
    ///
    /// In place of what was said before: what is left out is not kept. Their devices ring without a sound then, and whoever rings is not
    /// told. The user's devices hear of the change. An empty object ends it.
    PutQuiet: Put "/v1/users/{userID}/quiet", Users, (UserParams, Nothing, QuietWish) -> Changed;
    /// List a user's devices that are online
    ListDevices: Get "/v1/users/{userID}/devices", Read, (UserParams, Nothing, Nothing) -> Devices;
    /// List a user's devices that are woken
    ///
    /// What each has registered for pushes, without its token.
    ListRegistrations: Get "/v1/users/{userID}/push", Read, (UserParams, Nothing, Nothing) -> Registrations;
    /// Register a device for pushes
    ///
    /// In place of what it had registered. Whoever had the token before has it no more, and of more than 20 devices of a user the one that
    /// registered first is forgotten. Pushes carry what answers a ring, so this needs the scope with which one can be anybody.
    RegisterPush: Put "/v1/users/{userID}/push/{deviceID}", Tokens, (RegistrationParams, Nothing, RegistrationWish) -> Changed;
    /// Wake a device no more
    ///
    /// Until it registers again. Nothing changes when it had not registered.
    UnregisterPush: Delete "/v1/users/{userID}/push/{deviceID}", Tokens, (RegistrationParams, Nothing, Nothing) -> Changed;
    /// Issue a token
    ///
    /// Whoever has it can sign in as the user. A repeat under the same idempotency key gets the same token.
    CreateToken: Post "/v1/users/{userID}/tokens", Tokens, (UserParams, Nothing, IssueToken) -> IssuedToken;
    /// Revoke a user's tokens
    ///
    /// All tokens made until now stop counting, on every node, and the sessions on them end within a second: the user is signed out.
    RevokeTokens: Delete "/v1/users/{userID}/tokens", Tokens, (UserParams, Nothing, Nothing) -> TokensRevoked;
    /// List whom a user blocks
    ListBlocks: Get "/v1/users/{userID}/blocks", Read, (UserParams, BlockedPage, Nothing) -> Blocks;
    /// Block a user
    BlockUser: Put "/v1/users/{userID}/blocks/{blocked}", Users, (BlockParams, Nothing, Nothing) -> Changed;
    /// Unblock a user
    UnblockUser: Delete "/v1/users/{userID}/blocks/{blocked}", Users, (BlockParams, Nothing, Nothing) -> Changed;
    /// Make a group
    ///
    /// The user becomes its owner. A repeat under the same idempotency key makes no second one.
    CreateGroup: Post "/v1/users/{userID}/groups", Groups, (UserParams, Nothing, params::GroupCreate) -> result::GroupCreated;
    /// List a user's groups
    ListGroups: Get "/v1/users/{userID}/groups", Read, (UserParams, GroupPage, Nothing) -> result::Groups;
    /// Let a user join a group
    ///
    /// As if they had asked themselves: into a group that is free to join, or back into one that they left.
    JoinGroup: Put "/v1/users/{userID}/groups/{groupID}", Groups, (MemberParams, Nothing, Nothing) -> Changed;
    /// Let a user leave a group
    QuitGroup: Delete "/v1/users/{userID}/groups/{groupID}", Groups, (MemberParams, Nothing, Nothing) -> Changed;
    /// List all groups
    ///
    /// In byte order of their groupIDs.
    ListAllGroups: Get "/v1/groups", Read, (Nothing, GroupPage, Nothing) -> result::Groups;
    /// Read a group
    GetGroup: Get "/v1/groups/{groupID}", Read, (GroupParams, Nothing, Nothing) -> GroupView;
    /// Change a group's description
    SetGroup: Put "/v1/groups/{groupID}", Groups, (GroupParams, Nothing, GroupWish) -> Changed;
    /// Dismiss a group
    DismissGroup: Delete "/v1/groups/{groupID}", Groups, (GroupParams, Nothing, Nothing) -> Changed;
    /// List a group's members
    ListMembers: Get "/v1/groups/{groupID}/members", Read, (GroupParams, MemberPage, Nothing) -> result::Members;
    /// Add members
    ///
    /// Also users who left the group. Nobody who blocks the owner, or lets nobody add them.
    AddMembers: Post "/v1/groups/{groupID}/members", Groups, (GroupParams, Nothing, AddedMembers) -> Changed;
    /// Remove a member
    RemoveMember: Delete "/v1/groups/{groupID}/members/{userID}", Groups, (MemberParams, Nothing, Nothing) -> Changed;
    /// Change a member's role
    SetRole: Put "/v1/groups/{groupID}/members/{userID}/role", Groups, (MemberParams, Nothing, RoleWish) -> Changed;
    /// Read a group's attributes
    ///
    /// With the version of the last write; 0 when there was none.
    GetAttributes: Get "/v1/groups/{groupID}/attributes", Read, (GroupParams, Nothing, Nothing) -> result::Attributes;
    /// Write a group's attributes
    ///
    /// As its owner. What is neither set nor deleted stays, unless `replace` is true.
    PutAttributes: Put "/v1/groups/{groupID}/attributes", Groups, (GroupParams, Nothing, AttributesBody) -> WrittenAttributes;
    /// Tell a group something
    ///
    /// All its members, or those who are named. Devices are told by the event `group.notice`, which says nothing of who sent it, is in no
    /// history and counts as unread nowhere.
    NotifyGroup: Post "/v1/groups/{groupID}/notices", Messages, (GroupParams, Nothing, Notice) -> Changed;
    /// Send a message as a user
    ///
    /// For messages of the system, make a user for it.
    SendMessage: Post "/v1/users/{userID}/messages", Messages, (UserParams, Nothing, params::MessageSend) -> result::MessageSent;
    /// Read the history of a user's conversation
    ReadHistory: Get "/v1/users/{userID}/messages", Read, (UserParams, HistoryPage, Nothing) -> result::History;
    /// Take a user's message back
    ///
    /// However old it is.
    RevokeMessage: Delete "/v1/users/{userID}/messages", Messages, (UserParams, MessagePlace, Nothing) -> Changed;
    /// Invite as a user
    Invite: Post "/v1/users/{userID}/invitations", Invitations, (UserParams, Nothing, params::Invite) -> ActedForUser;
    /// List a user's open invitations
    ///
    /// Those that they made, that they are invited by, and that they see in their groups; oldest first.
    ListInvitations: Get "/v1/users/{userID}/invitations", Read, (UserParams, OpenPage, Nothing) -> result::OpenList;
    /// Invite members of a group as a user
    InviteInGroup: Post "/v1/users/{userID}/group-invitations", Invitations,
        (UserParams, Nothing, params::InviteInGroup) -> ActedForUser;
    /// Accept for an invitee
    Accept: Post "/v1/users/{userID}/invitations/{inviteID}/accept", Invitations, (PartyParams, Nothing, AnswerWish) -> ActedForUser;
    /// Reject for an invitee
    Reject: Post "/v1/users/{userID}/invitations/{inviteID}/reject", Invitations, (PartyParams, Nothing, AnswerWish) -> ActedForUser;
    /// Read the history of a user's invitations
    ///
    /// The invitations that began since a time, open or ended, as they are now, in the order in which they began: those that the user
    /// made, that they were invited by, and that they saw in their groups.
    ReadInvitationHistory: Get "/v1/users/{userID}/invitation-history", Read, (UserParams, InvitationHistoryPage, Nothing) -> InvitationHistory;
    /// Read the history of a group's invitations
    ///
    /// Those that began since a time, open or ended, as they are now, in the order in which they began, as its owner was told of them.
    ReadGroupInvitations: Get "/v1/groups/{groupID}/invitation-history", Read, (GroupParams, InvitationHistoryPage, Nothing) -> InvitationHistory;
    /// Read an invitation
    ///
    /// Also one that has ended, for as long as the server keeps it.
    GetInvitation: Get "/v1/invitations/{inviteID}", Read, (InvitationParams, Nothing, Nothing) -> InvitationView;
    /// Tell the story of an invitation
    ///
    /// What happened to it and to the call that it opened, as events keep it: who did what when, with which device, and in whose streams
    /// it is. Refusals are not recorded, nor what each device has acknowledged. Who asked is logged.
    ExplainInvitation: Get "/v1/invitations/{inviteID}/explain", Read, (InvitationParams, Nothing, Nothing) -> Story;
    /// Take an invitation back
    Cancel: Post "/v1/invitations/{inviteID}/cancel", Invitations, (InvitationParams, Nothing, CancelWish) -> ActedForUser;
    /// List a user's calls
    ListCalls: Get "/v1/users/{userID}/calls", Read, (UserParams, CallPage, Nothing) -> result::Calls;
    /// List the calls that are running
    ///
    /// In byte order of their callIDs.
    ListRunningCalls: Get "/v1/calls", Read, (Nothing, RunningPage, Nothing) -> RunningCalls;
    /// Read a call
    GetCall: Get "/v1/calls/{callID}", Read, (CallParams, Nothing, Nothing) -> CallView;
    /// End a call
    ///
    /// Everybody who is in it hangs up, in one step; the ring of those who are pending ends.
    EndCall: Delete "/v1/calls/{callID}", Calls, (CallParams, Nothing, Nothing) -> Changed;
    /// Take somebody out of a call
    ///
    /// As if they had hung up.
    RemoveParticipant: Delete "/v1/calls/{callID}/participants/{userID}", Calls, (ParticipantParams, Nothing, Nothing) -> Changed;
    /// Count what there is
    ///
    /// Users, sessions, groups, open invitations and running calls, of all nodes. A node counts at most every 10 s.
    GetStatistics: Get "/v1/statistics", Read, (Nothing, Nothing, Nothing) -> Statistics;
    /// Read one's own key
    ///
    /// The key that the request shows: its name and what it may do, without its text.
    GetKey: Get "/v1/key", Read, (Nothing, Nothing, Nothing) -> KeyView;
    /// List the endpoints of webhooks
    ///
    /// Those of the configuration, with what waits for each.
    ListEndpoints: Get "/v1/webhooks", Read, (Nothing, Nothing, Nothing) -> Endpoints;
    /// Pause an endpoint
    ///
    /// Within a second nothing is sent to it any more. Events wait; what is older than three days when it is resumed is not sent.
    PauseEndpoint: Put "/v1/webhooks/{endpoint}/paused", Webhooks, (EndpointParams, Nothing, Nothing) -> Changed;
    /// Resume an endpoint
    ///
    /// It is sent what waited, within a second.
    ResumeEndpoint: Delete "/v1/webhooks/{endpoint}/paused", Webhooks, (EndpointParams, Nothing, Nothing) -> Changed;
    /// Tell an endpoint again
    ///
    /// Everything from a time on, up to seven days back, under the same `webhook-id`s, and tried for three days like what is new.
    ReplayEndpoint: Post "/v1/webhooks/{endpoint}/replay", Webhooks, (EndpointParams, Nothing, ReplayWish) -> Changed;
    /// Try an endpoint
    ///
    /// Sends one event `webhook.test`, signed like all others, and says what came of it. It is not tried again.
    TestEndpoint: Post "/v1/webhooks/{endpoint}/test", Webhooks, (EndpointParams, Nothing, Nothing) -> TestOutcome;
}
