//! What every request goes through: its administrator, their pace, a place, its body; then the command. Always 200, as theirs.
//!
//! Nothing of a body is read before the UserSig is known to be an administrator's. The query has the UserSig in it, so it is never
//! logged.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::{Path, Request, State};
use axum::http::HeaderName;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::timeout;
use wigwag_protocol::{Reason, UserId};

use super::fault::Fault;
use super::{Answered, Desk, carried_out};
use crate::api::rest::BackEnds;
use crate::api::rest::entry::{BODY_BYTES, PATIENCE, whole};
use crate::clock::wall_ms;

const HEADERS: [(HeaderName, &str); 2] = [(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "no-store")];

/// Who asks, in the query. What else theirs has there (`random`, `contenttype`) says nothing that this server needs.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Asker {
    sdkappid: String,
    identifier: String,
    usersig: String,
}

/// Serves one request.
pub(in crate::api::rest) async fn serve(
    State(api): State<Arc<BackEnds>>,
    Path((service, command)): Path<(String, String)>,
    request: Request,
) -> Response {
    let began = Instant::now();
    let answer = answered(&api, &service, &command, request).await;
    let outcome = answer.as_ref().map(drop).map_err(|fault| fault.number(&service));
    api.metrics.api_answered("tencent", outcome, began.elapsed());
    let body = match answer {
        Ok(reply) => enveloped(reply),
        Err(fault) => fault.body(&service),
    };
    (HEADERS, body.to_string()).into_response()
}

async fn answered(api: &BackEnds, service: &str, command: &str, request: Request) -> Answered {
    let (parts, stream) = request.into_parts();
    let administrator = administrator(api, parts.uri.query().unwrap_or_default())?;
    let holder: Arc<str> = format!("administrator {administrator}").into();
    api.places.request_of(&holder).map_err(too_fast)?;
    let _place =
        api.places.enter().ok_or_else(|| Fault::new(60_008, "too many requests at once; try again"))?;
    let body = whole(stream, BODY_BYTES).await?;
    let desk = Desk { api, administrator };
    let done = timeout(PATIENCE, Box::pin(carried_out(&desk, service, command, &body))).await;
    done.unwrap_or_else(|_| Err(Fault::new(60_008, "the server did not answer in time; try again")))
}

/// The administrator whose UserSig the query has.
fn administrator(api: &BackEnds, query: &str) -> Result<UserId, Fault> {
    let asker: Asker = serde_urlencoded::from_str(query)
        .map_err(|_| Fault::new(60_002, "the query must have sdkappid, identifier and usersig"))?;
    if asker.sdkappid.is_empty() {
        return Err(Fault::new(60_012, "the query has no sdkappid"));
    }
    if asker.sdkappid != api.app.sdk_app_id.to_string() {
        return Err(Fault::new(60_006, "this server serves another sdkappid"));
    }
    let identity = match api.tokens.verify(&asker.usersig, wall_ms()) {
        Ok(identity) => identity,
        Err(reason) => return Err(refused(api, reason)),
    };
    if identity.user.as_str() != asker.identifier {
        return Err(Fault::new(Reason::TokenWrongUser.code(), "identifier is not the user of the usersig"));
    }
    if !api.administrators.contains(&identity.user) {
        return Err(refused_as_user());
    }
    Ok(identity.user)
}

/// A wrong UserSig counts against whoever tries many of them; a right one never waits for these.
fn refused(api: &BackEnds, reason: Reason) -> Fault {
    match api.places.wrong_key() {
        Ok(()) => Fault::new(reason.code(), reason.message()),
        Err(wait) => too_fast(wait),
    }
}

fn refused_as_user() -> Fault {
    Fault::new(
        60_010,
        "identifier is not an administrator: name them in api.tencent_administrators of the configuration",
    )
}

fn too_fast(wait: Duration) -> Fault {
    Fault::new(60_007, format!("too many requests; wait {} ms", wait.as_millis() + 1))
}

/// The reply with the fields that every answer of theirs has.
fn enveloped(mut reply: Value) -> Value {
    let envelope = json!({"ActionStatus": "OK", "ErrorCode": 0, "ErrorInfo": ""});
    if let (Some(reply), Value::Object(envelope)) = (reply.as_object_mut(), envelope) {
        for (field, value) in envelope {
            reply.entry(field).or_insert(value);
        }
    }
    reply
}
