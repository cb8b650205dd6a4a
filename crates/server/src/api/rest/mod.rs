//! The API for back ends (docs/rest.md, docs/decisions/0015-rest.md): every operation of [`wigwag_protocol::rest`].
//!
//! ```text
//!  request ─▶ entry: key, scope, pace, place, body ─▶ asked: typed ─▶ an operation's Answer ─▶ door ─▶ reply or problem
//! ```
//!
//! An operation is one implementation of [`Answer`], in the file of its resource. It makes the commands and queries that a session
//! would, as the user it acts for, and has no rule of its own.

mod asked;
mod blocks;
mod calls;
mod deleting;
mod docs;
mod entry;
mod groups;
mod invitations;
mod key;
mod messages;
mod openim;
mod places;
mod problem;
mod push;
mod statistics;
mod story;
mod tencent;
mod tokens;
mod users;
mod webhooks;
mod wished;

use std::num::NonZeroU32;
use std::sync::Arc;

use async_trait::async_trait;
use axum::Router;
use axum::extract::{RawPathParams, Request, State};
use axum::response::Response;
use axum::routing::{MethodFilter, on, post};
use serde::Serialize;
use wigwag_engine::{Actor, Command};
use wigwag_protocol::rest::{Operation, Problem, ProblemReason, Verb, operations};
use wigwag_protocol::{Device, Method, Reason, UserId};
use wigwag_session::codec::native::{self, Understood};
use wigwag_session::rates::Pace;
use wigwag_session::refused::Failure;
use wigwag_session::{Found, Query};

use crate::auth::{ApiKeys, App, Authenticator, Revocation};
use crate::config::{ApiConfig, AuthConfig};
use crate::door::Door;
use crate::store::{Once, SignedIn};
use crate::telemetry::Metrics;
use crate::webhooks::Desk;

use asked::Asked;
pub(super) use entry::{shown, whole};
pub use places::Places;
pub(super) use problem::{problem_of, response as respond};
pub use statistics::LastCount;

/// What the operations work with.
pub struct BackEnds {
    pub(crate) door: Arc<Door>,
    pub(crate) sign_ins: Arc<dyn SignIns>,
    pub(crate) keys: ApiKeys,
    pub(crate) app: App,
    pub(crate) auth: AuthConfig,
    pub(crate) places: Places,
    /// For Tencent's API: who shows a token of one of these users may do everything.
    pub(crate) tokens: Arc<Authenticator>,
    pub(crate) administrators: Vec<UserId>,
    /// The same for OpenIM's API.
    pub(crate) openim_administrators: Vec<UserId>,
    pub(crate) webhooks: Desk,
    pub(crate) last_count: LastCount,
    pub(crate) metrics: Arc<Metrics>,
}

/// Who is signed in, and with which tokens, on all nodes.
#[async_trait]
pub trait SignIns: Send + Sync {
    /// The devices of a user that have a session, in byte order of their deviceIDs.
    async fn devices_of(&self, user: &UserId) -> Result<Vec<Device>, Failure>;

    /// How many there are.
    async fn count(&self) -> Result<SignedIn, Failure>;

    /// Takes tokens back. Sessions on them end when the nodes find it, within a second.
    async fn revoke(&self, revocation: &Revocation) -> Result<(), Failure>;
}

/// How an operation ends.
type Answered<O> = Result<<O as Operation>::Reply, Box<Problem>>;

/// How an operation is answered.
trait Answer: Operation + Sized {
    fn answer(api: &BackEnds, asked: Asked<Self>) -> impl Future<Output = Answered<Self>> + Send;
}

/// Every operation, the document that describes them, the page that shows it, and Tencent's and OpenIM's APIs.
pub fn routes(api: &Arc<BackEnds>) -> Router {
    let routes = Mounting(Router::new())
        .mount::<operations::CreateUsers>()
        .mount::<operations::ListUsers>()
        .mount::<operations::GetUser>()
        .mount::<operations::PutUser>()
        .mount::<operations::DeleteUser>()
        .mount::<operations::DisableUser>()
        .mount::<operations::EnableUser>()
        .mount::<operations::GetQuiet>()
        .mount::<operations::PutQuiet>()
        .mount::<operations::ListDevices>()
        .mount::<operations::ListRegistrations>()
        .mount::<operations::RegisterPush>()
        .mount::<operations::UnregisterPush>()
        .mount::<operations::CreateToken>()
        .mount::<operations::RevokeTokens>()
        .mount::<operations::ListBlocks>()
        .mount::<operations::BlockUser>()
        .mount::<operations::UnblockUser>()
        .mount::<operations::CreateGroup>()
        .mount::<operations::ListGroups>()
        .mount::<operations::JoinGroup>()
        .mount::<operations::QuitGroup>()
        .mount::<operations::ListAllGroups>()
        .mount::<operations::GetGroup>()
        .mount::<operations::SetGroup>()
        .mount::<operations::DismissGroup>()
        .mount::<operations::ListMembers>()
        .mount::<operations::AddMembers>()
        .mount::<operations::RemoveMember>()
        .mount::<operations::SetRole>()
        .mount::<operations::GetAttributes>()
        .mount::<operations::PutAttributes>()
        .mount::<operations::NotifyGroup>()
        .mount::<operations::SendMessage>()
        .mount::<operations::ReadHistory>()
        .mount::<operations::RevokeMessage>()
        .mount::<operations::Invite>()
        .mount::<operations::ListInvitations>()
        .mount::<operations::InviteInGroup>()
        .mount::<operations::Accept>()
        .mount::<operations::Reject>()
        .mount::<operations::ReadInvitationHistory>()
        .mount::<operations::ReadGroupInvitations>()
        .mount::<operations::GetInvitation>()
        .mount::<operations::ExplainInvitation>()
        .mount::<operations::Cancel>()
        .mount::<operations::ListCalls>()
        .mount::<operations::ListRunningCalls>()
        .mount::<operations::GetCall>()
        .mount::<operations::EndCall>()
        .mount::<operations::RemoveParticipant>()
        .mount::<operations::GetStatistics>()
        .mount::<operations::GetKey>()
        .mount::<operations::ListEndpoints>()
        .mount::<operations::PauseEndpoint>()
        .mount::<operations::ResumeEndpoint>()
        .mount::<operations::ReplayEndpoint>()
        .mount::<operations::TestEndpoint>();
    let routes = routes
        .0
        .merge(docs::routes())
        .route("/v4/{service}/{command}", post(tencent::serve))
        .route("/openim-api/{module}/{command}", post(openim::serve));
    routes.method_not_allowed_fallback(wrong_method).with_state(Arc::clone(api))
}

/// Any other path of the API.
pub async fn nothing_here() -> Response {
    problem::response(&ProblemReason::NothingHere.problem())
}

async fn wrong_method() -> Response {
    problem::response(&ProblemReason::WrongMethod.problem())
}

/// The pace of each key.
pub fn pace(config: &ApiConfig) -> Pace {
    let number = |number| NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN);
    Pace::new(number(config.requests_per_second), number(config.request_burst))
}

struct Mounting(Router<Arc<BackEnds>>);

impl Mounting {
    fn mount<O: Answer>(self) -> Self {
        let method = match O::VERB {
            Verb::Get => MethodFilter::GET,
            Verb::Post => MethodFilter::POST,
            Verb::Put => MethodFilter::PUT,
            Verb::Delete => MethodFilter::DELETE,
        };
        Self(self.0.route(O::PATH, on(method, serve::<O>)))
    }
}

async fn serve<O: Answer>(
    State(api): State<Arc<BackEnds>>,
    params: RawPathParams,
    request: Request,
) -> Response {
    entry::serve::<O>(&api, &params, request).await
}

impl BackEnds {
    /// Carries a command out for this user.
    async fn act(
        &self,
        user: &UserId,
        command: Command,
        once: Option<Once>,
    ) -> Result<wigwag_engine::Reply, Box<Problem>> {
        let actor = Actor::back_end(user.clone());
        self.door.carry_out_once(actor, command, once).await.map_err(|refusal| problem_of(&refusal))
    }

    /// Carries out what a method of the protocol asks, for this user: the same reading, and so the same commands.
    async fn call(
        &self,
        user: &UserId,
        method: Method,
        params: &impl Serialize,
        once: Option<Once>,
    ) -> Result<wigwag_engine::Reply, Box<Problem>> {
        let params = serde_json::to_string(params).map_err(|_| unexpected())?;
        match native::understood(method, &params, user)? {
            Understood::Command(command) => {
                self.profile(user).await?;
                self.act(user, command, once).await
            }
            Understood::Query(_) => Err(unexpected()),
        }
    }

    /// Reads what this user may see.
    async fn look(&self, user: &UserId, query: Query) -> Result<Found, Box<Problem>> {
        self.door.answer(user, query).await.map_err(|refusal| problem_of(&refusal))
    }
}

/// Who acts: whoever was found to have the right to it, or nobody in particular. A repeat may come when what it is about is gone;
/// then it makes no difference who acts, because the reply is kept, and without one the rules say again that it is not there.
fn actor_or_nobody(found: Result<UserId, Box<Problem>>, once: Option<&Once>) -> Result<UserId, Box<Problem>> {
    const GONE: [Reason; 3] = [Reason::UnknownGroup, Reason::UnknownInvitation, Reason::UnknownCall];
    match found {
        Err(problem) if once.is_some() && GONE.iter().any(|gone| gone.as_str() == problem.reason) => {
            UserId::parse("-").map_err(|_| unexpected())
        }
        Ok(_) | Err(_) => found,
    }
}

/// The problem for what the server could not do.
fn failed(failure: Failure) -> Box<Problem> {
    problem_of(&failure.into())
}

/// An answer of the door that no query of ours has: a bug.
fn unexpected() -> Box<Problem> {
    Reason::Internal.error().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn once() -> Once {
        Once { holder: "shop".into(), key: "k".into(), fingerprint: [0; 32] }
    }

    #[test]
    fn only_a_repeat_is_asked_of_nobody_and_only_when_the_thing_is_gone() {
        let found = |reason: Reason| -> Result<UserId, Box<Problem>> { Err(reason.error().into()) };
        let reason = |once: Option<Once>, of| {
            actor_or_nobody(found(of), once.as_ref()).map_err(|problem| problem.reason)
        };
        for gone in [Reason::UnknownGroup, Reason::UnknownInvitation, Reason::UnknownCall] {
            assert!(reason(Some(once()), gone).is_ok(), "{gone:?}");
            assert_eq!(reason(None, gone), Err(gone.as_str().to_owned()));
        }
        // A store that is away says nothing of the group, so the rules must not be asked for nobody.
        for other in [Reason::StoreUnavailable, Reason::Internal] {
            assert_eq!(reason(Some(once()), other), Err(other.as_str().to_owned()));
        }
        let alice = UserId::parse("alice").unwrap();
        assert_eq!(actor_or_nobody(Ok(alice.clone()), Some(&once())), Ok(alice));
    }
}
