//! `POST /v1/dev/token`: a token for whoever asks, on a developer's own machine.
//!
//! Only with `auth.dev_tokens`, which the configuration refuses where other machines could ask too; and only to
//! programs of this machine and to pages that this server, or a development server in front of it, has given out.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, HeaderMap, RETRY_AFTER};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use wigwag_protocol::{Reason, UserId};
use wigwag_session::codec::native;
use wigwag_session::rates::Pace;

use super::origin::check_origin;
use super::{Refusal, json, read};
use crate::auth::{App, mint_user_sig};
use crate::clock::{Clock, wall_ms};
use crate::rates::Bucket;

/// How long a token counts: a day of work.
const LIFE: Duration = Duration::from_hours(24);
/// Room for the longest userID and for fields of whoever asks.
const BODY_BYTES: usize = 1024;
/// Tokens a second and at once, of the whole server: a class of browsers in a test, not a search for something.
const PACE: Pace = Pace::new(NonZeroU32::new(20).unwrap(), NonZeroU32::new(100).unwrap());

/// What it takes to give tokens.
#[derive(Debug)]
pub(super) struct DevSignIn {
    app: App,
    given: Bucket,
    /// By which they are counted.
    clock: Clock,
}

impl DevSignIn {
    pub(super) fn new(app: App) -> Arc<Self> {
        Arc::new(Self { app, given: Bucket::default(), clock: Clock::starting_not_before(0) })
    }

    fn given(&self, user: UserId) -> Given {
        let token = mint_user_sig(&self.app, &user, wall_ms(), LIFE);
        Given { user, token, sdk_app_id: self.app.sdk_app_id, expires_in: LIFE.as_secs() }
    }
}

/// Other fields are ignored.
#[derive(Debug, Deserialize)]
struct Wanted {
    #[serde(rename = "userID")]
    user: UserId,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Given {
    #[serde(rename = "userID")]
    user: UserId,
    /// A UserSig.
    token: String,
    #[serde(rename = "sdkAppID")]
    sdk_app_id: u32,
    /// Seconds.
    expires_in: u64,
}

pub(super) async fn give(State(dev): State<Arc<DevSignIn>>, headers: HeaderMap, body: Body) -> Response {
    match wanted(&dev, &headers, body).await {
        Ok(Wanted { user }) => json(StatusCode::OK, &dev.given(user)),
        Err(refusal) if refusal.0 == StatusCode::TOO_MANY_REQUESTS => {
            ([(RETRY_AFTER, "1")], refusal).into_response()
        }
        Err(refusal) => refusal.into_response(),
    }
}

async fn wanted(dev: &DevSignIn, headers: &HeaderMap, body: Body) -> Result<Wanted, Refusal> {
    check_origin(headers)
        .map_err(|words| Refusal::new(StatusCode::FORBIDDEN, Reason::IdentityMismatch, words))?;
    check_type(headers)?;
    dev.given.take(PACE, dev.clock.now_ms()).map_err(too_fast)?;
    let body = read(body, BODY_BYTES).await?;
    let text = str::from_utf8(&body).map_err(|_| bad("the body is not UTF-8"))?;
    native::parse(text).map_err(|error| Refusal(StatusCode::BAD_REQUEST, error))
}

/// What a form of another site can be made to send has one of three other types.
fn check_type(headers: &HeaderMap) -> Result<(), Refusal> {
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if kind.eq_ignore_ascii_case("application/json") {
        return Ok(());
    }
    let words = "the Content-Type must be application/json";
    Err(Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, Reason::InvalidParams, words))
}

fn too_fast(wait: Duration) -> Refusal {
    Refusal(StatusCode::TOO_MANY_REQUESTS, Reason::RateLimited.after(wait))
}

fn bad(words: &str) -> Refusal {
    Refusal::new(StatusCode::BAD_REQUEST, Reason::InvalidParams, words)
}
