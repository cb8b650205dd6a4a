//! `POST /v1/actions/{action}`: a device that a push has woken answers its ring from an app that is not running, under the action token
//! of the push (docs/decisions/0026-action-tokens.md).
//!
//! What it does is the same command that a session would give, as the same device. The token is good for as long as the device may be
//! woken: whoever signs out, is disabled, or loses their tokens takes it back.

use std::sync::Arc;
use std::time::Instant;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::HeaderMap;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use wigwag_engine::command::Answer;
use wigwag_engine::{Actor, Command, Reply};
use wigwag_protocol::rest::Problem;
use wigwag_protocol::rest::invitation::ActedForUser;
use wigwag_protocol::{Device, Reason};
use wigwag_session::Keeping;
use wigwag_session::rates::{Allowance, Allowances};
use wigwag_session::refused::Refusal;

use super::rest::{nothing_here, problem_of, respond, shown, whole};
use crate::auth::{ActionTokens, App, OwnRing};
use crate::config::Config;
use crate::door::Keeper;
use crate::gateway::Gateway;

/// What the app says with `busy` when it says nothing else.
const BUSY: &str = "busy";

/// What answers are made with.
pub struct Actions {
    gateway: Arc<Gateway>,
    tokens: ActionTokens,
    /// Bytes of a body: what one frame may have.
    body_bytes: usize,
}

/// What a device does with its ring.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Action {
    Ringing,
    Accept,
    Reject,
    Busy,
    Silence,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Said {
    data: Option<String>,
}

/// What became of it.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Done {
    /// Server time in ms.
    Noted {
        time: u64,
    },
    Answered(Box<ActedForUser>),
}

impl Action {
    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "ringing" => Self::Ringing,
            "accept" => Self::Accept,
            "reject" => Self::Reject,
            "busy" => Self::Busy,
            "silence" => Self::Silence,
            _ => return None,
        })
    }

    /// `None` for what is no command.
    fn command(self, ring: &OwnRing, said: Said) -> Option<Command> {
        let answer = |standard: &str| {
            let data = said.data.unwrap_or_else(|| standard.to_owned());
            Answer { id: ring.invite.clone(), data }
        };
        Some(match self {
            Self::Ringing => return None,
            Self::Accept => Command::Accept(answer("")),
            Self::Reject => Command::Reject(answer("")),
            Self::Busy => Command::Reject(answer(BUSY)),
            // It says nothing to anybody.
            Self::Silence => Command::Silence(ring.invite.clone()),
        })
    }

    /// What it draws on.
    fn allowance(self) -> Allowance {
        match self {
            Self::Ringing => Allowance::Commands,
            Self::Accept | Self::Reject | Self::Busy | Self::Silence => Allowance::Answers,
        }
    }
}

impl Actions {
    /// Those of an app.
    pub fn new(gateway: &Arc<Gateway>, app: &App, config: &Config) -> Self {
        Self {
            gateway: Arc::clone(gateway),
            tokens: ActionTokens::of(app),
            body_bytes: config.limits.frame_bytes,
        }
    }

    async fn done(&self, action: Action, headers: &HeaderMap, body: Body) -> Result<Done, Box<Problem>> {
        // A stranger costs no more than a signature.
        let ring = shown(headers).ok_or(Reason::TokenMalformed).and_then(|token| self.tokens.read(token));
        let ring = ring.map_err(|reason| Box::<Problem>::from(reason.error()))?;
        let now = self.gateway.clock.now_ms();
        let allowed = self.gateway.rates.of(&ring.user, now).take(action.allowance(), now);
        allowed.map_err(|wait| problem_of(&Refusal::UserTooFast(wait)))?;
        let said = self.said(body).await?;
        let keeper = self.keeper(&ring).await?;
        let Some(command) = action.command(&ring, said) else {
            let kept = self.gateway.door.keep(keeper, Keeping::Ringing(ring.invite)).await;
            kept.map_err(|refusal| problem_of(&refusal))?;
            return Ok(Done::Noted { time: self.gateway.clock.now_ms() });
        };
        match self.gateway.door.carry_out(keeper.actor, command).await {
            Ok(Reply::Acted(acted)) => Ok(Done::Answered(Box::new(acted.into()))),
            Ok(Reply::Done(done)) => Ok(Done::Noted { time: done.time }),
            Ok(_) => Err(Reason::Internal.error().into()),
            Err(refusal) => Err(problem_of(&refusal)),
        }
    }

    async fn said(&self, body: Body) -> Result<Said, Box<Problem>> {
        let body = whole(body, self.body_bytes).await?;
        if body.is_empty() {
            return Ok(Said::default());
        }
        serde_json::from_slice(&body).map_err(|error| {
            let words = format!("the body is empty, or {{\"data\": \"…\"}}: {error}");
            Problem::invalid("data", words)
        })
    }

    /// The device, as long as it may be woken.
    async fn keeper(&self, ring: &OwnRing) -> Result<Keeper, Box<Problem>> {
        let kept = self.gateway.door.woken_by(&ring.user, &ring.device).await;
        let kept = kept.map_err(|refusal| problem_of(&refusal))?;
        let revoked = || Box::<Problem>::from(Reason::TokenRevoked.error());
        let kept = kept.ok_or_else(revoked)?;
        if kept.is_disabled {
            return Err(Reason::UserDisabled.error().into());
        }
        if self.gateway.authenticator.is_revoked(&ring.user, kept.signed_at) {
            return Err(revoked());
        }
        let device = Device { device_id: ring.device.clone(), platform: kept.platform };
        let actor = Actor { user: ring.user.clone(), device: Some(device) };
        Ok(Keeper { actor, signed_at: kept.signed_at })
    }
}

/// Serves one request.
pub(super) async fn take(
    State(actions): State<Arc<Actions>>,
    Path(action): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let Some(action) = Action::named(&action) else { return nothing_here().await };
    let began = Instant::now();
    let done = actions.done(action, &headers, body).await;
    let outcome = done.as_ref().map(drop).map_err(|problem| &problem.reason);
    actions.gateway.metrics.api_answered("action", outcome, began.elapsed());
    match done {
        Ok(done) => super::json(StatusCode::OK, &done),
        Err(problem) => respond(&problem),
    }
}
