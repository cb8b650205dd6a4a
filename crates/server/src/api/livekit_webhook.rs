//! `POST /v1/livekit/webhook`: a LiveKit server says that somebody went from one of its rooms.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{AUTHORIZATION, HeaderMap, RETRY_AFTER};
use axum::response::{IntoResponse, Response};
use wigwag_protocol::Reason;

use super::{Refusal, read};
use crate::media::{WebhookRefusal, Webhooks};

/// LiveKit's webhooks have some KiB, for the metadata of a participant.
const BODY_BYTES: usize = 64 * 1024;
/// Seconds after which LiveKit should send a webhook again. It has a pace of its own and may ignore this.
const RETRY_AFTER_S: &str = "1";

pub(super) async fn take(State(webhooks): State<Arc<Webhooks>>, headers: HeaderMap, body: Body) -> Response {
    match taken(&webhooks, &headers, body).await {
        Ok(()) => StatusCode::OK.into_response(),
        Err(refusal) if refusal.0 == StatusCode::SERVICE_UNAVAILABLE => {
            ([(RETRY_AFTER, RETRY_AFTER_S)], refusal).into_response()
        }
        Err(refusal) => refusal.into_response(),
    }
}

async fn taken(webhooks: &Webhooks, headers: &HeaderMap, body: Body) -> Result<(), Refusal> {
    let authorization = headers.get(AUTHORIZATION).and_then(|token| token.to_str().ok()).unwrap_or_default();
    let announced = webhooks.announced(authorization).map_err(refusal)?;
    let body = read(body, BODY_BYTES).await?;
    webhooks.take(&announced, &body).await.map_err(refusal)
}

fn refusal(refusal: WebhookRefusal) -> Refusal {
    match refusal {
        WebhookRefusal::NotSigned => {
            let words = "the Authorization header is no token for this body by calls.livekit.key and calls.livekit.secret";
            Refusal::new(StatusCode::UNAUTHORIZED, Reason::TokenWrongKey, words)
        }
        WebhookRefusal::NotUnderstood => {
            Refusal::new(StatusCode::BAD_REQUEST, Reason::InvalidParams, "the body is no webhook of LiveKit")
        }
        WebhookRefusal::Later => {
            let words = "it could not be looked into who is in the room: send it again";
            Refusal::new(StatusCode::SERVICE_UNAVAILABLE, Reason::Overloaded, words)
        }
    }
}
