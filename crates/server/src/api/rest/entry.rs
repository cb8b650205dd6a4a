//! What every request goes through, in this order: its key, the key's scope and pace, a place, its body; then the operation.
//!
//! Nothing of a request is read before its key is known, so that a stranger costs no more than their headers.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{RawPathParams, Request};
use axum::http::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, HeaderMap};
use axum::http::request::Parts;
use axum::http::{HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};
use ring::digest::{Context, SHA256};
use tokio::time::timeout;
use wigwag_protocol::Reason;
use wigwag_protocol::rest::{Operation, Problem, ProblemReason};

use super::asked::{Asked, body, idempotency_key, params, query};
use super::places::Running;
use super::problem::response;
use super::{Answer, BackEnds};
use crate::auth::ApiKey;
use crate::store::Once;

/// Most bytes of a body: an import of 100 users with all that they may say of themselves.
pub(super) const BODY_BYTES: usize = 1024 * 1024;
/// For the body of a request: a back end is near.
const BODY_PATIENCE: Duration = Duration::from_secs(10);
/// For an operation. The store answers a command within 5 s; an import is a hundred of them.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);

/// Serves one request.
pub(super) async fn serve<O: Answer>(api: &BackEnds, raw: &RawPathParams, request: Request) -> Response {
    let began = Instant::now();
    let answered = answered::<O>(api, raw, request).await;
    let outcome = answered.as_ref().map(drop).map_err(|problem| &problem.reason);
    api.metrics.api_answered(O::NAME, outcome, began.elapsed());
    match answered {
        Ok(reply) => success(&reply),
        Err(problem) => response(&with_id(problem, raw)),
    }
}

async fn answered<O: Answer>(
    api: &BackEnds,
    raw: &RawPathParams,
    request: Request,
) -> Result<O::Reply, Box<Problem>> {
    let (parts, stream) = request.into_parts();
    let key = authorized::<O>(api, &parts.headers)?;
    let holder = key.name.shared();
    api.places.request_of(&holder).map_err(|wait| too_fast(ProblemReason::KeyTooFast, wait))?;
    let _place = api.places.enter().ok_or_else(|| ProblemReason::TooManyAtOnce.problem())?;
    let bytes = whole(stream, BODY_BYTES).await?;
    let once = once::<O>(&holder, &parts, &bytes)?;
    let asked = Asked {
        params: params(raw)?,
        query: query(parts.uri.query().unwrap_or_default())?,
        body: body(&parts.headers, &bytes)?,
        key,
        once,
    };
    let _running = asked.once.as_ref().map(|once| running(api, once)).transpose()?;
    let answer = timeout(PATIENCE, Box::pin(O::answer(api, asked))).await;
    answer.unwrap_or_else(|_| Err(ProblemReason::TooSlow.problem()))
}

/// The key of a request, if it may do this.
fn authorized<O: Operation>(api: &BackEnds, headers: &HeaderMap) -> Result<Arc<ApiKey>, Box<Problem>> {
    // Before anything is said of the key: it may have been made or revoked since.
    if api.keys.are_unchecked(Instant::now()) {
        return Err(ProblemReason::KeysUnchecked.problem());
    }
    let Some(key) = shown(headers).and_then(|text| api.keys.find(text)) else {
        api.places.wrong_key().map_err(|wait| too_fast(ProblemReason::KeyTooFast, wait))?;
        return Err(ProblemReason::KeyUnknown.problem());
    };
    if key.may(O::SCOPE) {
        return Ok(key);
    }
    let words =
        format!("this needs the scope {}, and the key {} does not have it", O::SCOPE.as_str(), key.name);
    Err(ProblemReason::ScopeMissing.problem().saying(words))
}

/// The token of the Authorization header.
pub(in crate::api) fn shown(headers: &HeaderMap) -> Option<&str> {
    let (scheme, key) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| key.trim())
}

fn too_fast(reason: ProblemReason, wait: Duration) -> Box<Problem> {
    let mut problem = reason.problem();
    problem.retry_after_ms = Reason::RateLimited.after(wait).data.retry_after_ms;
    problem
}

/// The whole body, which has to come in time and be no longer than `most` bytes.
pub(in crate::api) async fn whole(body: Body, most: usize) -> Result<Bytes, Box<Problem>> {
    match timeout(BODY_PATIENCE, to_bytes(body, most)).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(_)) => {
            let words = format!("the body is longer than {most} bytes, or broke off");
            Err(ProblemReason::BodyTooLarge.problem().saying(words))
        }
        Err(_) => Err(ProblemReason::BodyTooSlow.problem()),
    }
}

/// The idempotency key of a request that may change something. Its fingerprint is all that the request says.
fn once<O: Operation>(holder: &Arc<str>, parts: &Parts, bytes: &[u8]) -> Result<Option<Once>, Box<Problem>> {
    if !O::VERB.writes() {
        return Ok(None);
    }
    let Some(key) = idempotency_key(&parts.headers)? else { return Ok(None) };
    let target = parts.uri.path_and_query().map_or("", |target| target.as_str());
    let mut digest = Context::new(&SHA256);
    for piece in [O::VERB.as_str().as_bytes(), b" ", target.as_bytes(), b"\n", bytes] {
        digest.update(piece);
    }
    let fingerprint = digest.finish().as_ref().try_into().expect("SHA-256 has 32 bytes");
    Ok(Some(Once { holder: Arc::clone(holder), key, fingerprint }))
}

fn running(api: &BackEnds, once: &Once) -> Result<Running, Box<Problem>> {
    let began = api.places.begin(&once.holder, &once.key);
    began.ok_or_else(|| ProblemReason::IdempotencyKeyBusy.problem())
}

/// Says which identifier nothing has, when the path named it.
fn with_id(mut problem: Box<Problem>, raw: &RawPathParams) -> Box<Problem> {
    let unknown = [
        (Reason::UnknownUser, "userID"),
        (Reason::UnknownGroup, "groupID"),
        (Reason::UnknownInvitation, "inviteID"),
        (Reason::UnknownCall, "callID"),
    ];
    let named = unknown.into_iter().find(|(reason, _)| reason.as_str() == problem.reason);
    let Some((_, name)) = named.filter(|_| problem.id.is_none() && problem.field.is_none()) else {
        return problem;
    };
    problem.id = raw.iter().find(|(known, _)| *known == name).map(|(_, value)| value.to_owned());
    problem.field = problem.id.is_some().then(|| name.to_owned());
    problem
}

fn success(reply: &impl serde::Serialize) -> Response {
    const HEADERS: [(HeaderName, &str); 2] =
        [(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "no-store")];
    match serde_json::to_vec(reply) {
        Ok(body) => (StatusCode::OK, HEADERS, body).into_response(),
        Err(error) => {
            tracing::error!(%error, "an answer could not be written");
            response(&Box::<Problem>::from(Reason::Internal.error()))
        }
    }
}
