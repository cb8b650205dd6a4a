//! Plain HTTP under `/v1/`: for pages of this server's own, what the server is, and signing in during development; for back ends,
//! the API in [`rest`]. Devices say everything else over the WebSocket.

mod actions;
mod app_card;
mod dev_token;
mod livekit_webhook;
mod origin;
pub mod rest;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post};
use serde::Serialize;
use tokio::time::timeout;
use wigwag_protocol::{ErrorBody, Reason};

use crate::auth::App;
use crate::config::Config;
use crate::media::Webhooks;

pub use actions::Actions;
use dev_token::DevSignIn;

/// As much as headers may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// `GET /v1/app`, `POST /v1/dev/token` when `auth.dev_tokens` says so, and an error in the protocol's shape for all else.
pub fn routes(app: App, config: &Config) -> Router {
    let card = app_card::card(&app, config);
    let mut routes = Router::new()
        .route("/v1/app", get(move || async move { json(StatusCode::OK, &card) }).fallback(wrong_method))
        .merge(elsewhere());
    if config.auth.dev_tokens {
        let signing_in = DevSignIn::new(app);
        let dev = post(dev_token::give).fallback(wrong_method).with_state(signing_in);
        routes = routes.route("/v1/dev/token", dev);
    }
    routes
}

/// `POST /v1/actions/{action}`, for devices that were woken.
pub fn action_routes(actions: Actions) -> Router {
    let act = post(actions::take).fallback(wrong_method).with_state(Arc::new(actions));
    Router::new().route("/v1/actions/{action}", act)
}

/// An error in the protocol's shape for every path under `/v1/` that has nothing.
fn elsewhere() -> Router {
    Router::new().route("/v1/{*path}", any(nothing_here)).route("/v1/", any(nothing_here))
}

/// `POST /v1/livekit/webhook`, for a server whose media is LiveKit's.
pub fn livekit_routes(webhooks: Arc<Webhooks>) -> Router {
    let webhook = post(livekit_webhook::take).fallback(wrong_method).with_state(webhooks);
    Router::new().route("/v1/livekit/webhook", webhook)
}

/// A refusal: what HTTP says, and what the protocol says.
#[derive(Debug)]
struct Refusal(StatusCode, ErrorBody);

impl Refusal {
    fn new(status: StatusCode, reason: Reason, words: impl Into<String>) -> Self {
        let mut error = reason.error();
        error.message = words.into();
        Self(status, error)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        json(self.0, &self.1)
    }
}

/// The whole body, which has to come in time and be no longer than `most` bytes.
async fn read(body: Body, most: usize) -> Result<Bytes, Refusal> {
    let Ok(body) = timeout(PATIENCE, to_bytes(body, most)).await else {
        let words = "the body did not come";
        return Err(Refusal::new(StatusCode::REQUEST_TIMEOUT, Reason::InvalidParams, words));
    };
    body.map_err(|_| {
        let words = format!("the body is longer than {most} bytes");
        Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, Reason::InvalidParams, words)
    })
}

async fn nothing_here() -> Refusal {
    Refusal::new(StatusCode::NOT_FOUND, Reason::UnknownMethod, "there is nothing at this path")
}

async fn wrong_method() -> Refusal {
    let words = "this path has another method; the Allow header names it";
    Refusal::new(StatusCode::METHOD_NOT_ALLOWED, Reason::UnknownMethod, words)
}

fn json(status: StatusCode, body: &impl Serialize) -> Response {
    const HEADERS: [(HeaderName, &str); 2] =
        [(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "no-store")];
    match serde_json::to_vec(body) {
        Ok(body) => (status, HEADERS, body).into_response(),
        Err(error) => {
            tracing::error!(%error, "an answer could not be written");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
