//! What every request goes through: its administrator, their pace, a place, its body; then the command. Always 200, as theirs.
//!
//! Nothing of a body is read before the token is known to be an administrator's, except where the body asks for that token.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::{Path, Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderName};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use tokio::time::timeout;
use wigwag_protocol::{Reason, UserId};

use super::fault::Fault;
use super::{Answered, carried_out, read, tokens};
use crate::api::rest::BackEnds;
use crate::api::rest::entry::{BODY_BYTES, PATIENCE, whole};
use crate::clock::wall_ms;

const HEADERS: [(HeaderName, &str); 2] = [(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "no-store")];

/// Serves one request.
pub(in crate::api::rest) async fn serve(
    State(api): State<Arc<BackEnds>>,
    Path((module, command)): Path<(String, String)>,
    request: Request,
) -> Response {
    let began = Instant::now();
    let answer = answered(&api, &module, &command, request).await;
    let outcome = answer.as_ref().map(drop).map_err(Fault::code);
    api.metrics.api_answered("openim", outcome, began.elapsed());
    let body = match answer {
        Ok(data) if data.is_null() => json!({"errCode": 0, "errMsg": "", "errDlt": ""}),
        Ok(data) => json!({"errCode": 0, "errMsg": "", "errDlt": "", "data": data}),
        Err(fault) => fault.body(),
    };
    (HEADERS, body.to_string()).into_response()
}

async fn answered(api: &BackEnds, module: &str, command: &str, request: Request) -> Answered {
    let (parts, stream) = request.into_parts();
    if (module, command) == ("auth", "get_admin_token") {
        // A stranger's: it takes a place like all others, and its body is read in their pace.
        api.places.request_of(&Arc::from("openim get_admin_token")).map_err(too_fast)?;
        let _place = api.places.enter().ok_or_else(no_place)?;
        return tokens::of_administrator(api, &read(&whole(stream, BODY_BYTES).await?)?);
    }
    let administrator = administrator(api, &parts.headers)?;
    api.places.request_of(&Arc::from(format!("openim {administrator}"))).map_err(too_fast)?;
    let _place = api.places.enter().ok_or_else(no_place)?;
    let body = whole(stream, BODY_BYTES).await?;
    let done = timeout(PATIENCE, Box::pin(carried_out(api, module, command, &body))).await;
    done.unwrap_or_else(|_| Err(Fault::failed("the server did not answer in time; try again")))
}

/// The administrator whose token the header has.
fn administrator(api: &BackEnds, headers: &HeaderMap) -> Result<UserId, Fault> {
    let token = headers.get("token").and_then(|token| token.to_str().ok()).unwrap_or_default();
    let identity = match api.tokens.verify(token, wall_ms()) {
        Ok(identity) => identity,
        Err(reason) => return Err(wrong(api, Fault::because(reason))),
    };
    if !api.openim_administrators.contains(&identity.user) {
        return Err(Fault::forbidden("only an administrator may do this: see api.openim_administrators"));
    }
    Ok(identity.user)
}

/// A wrong token or secret counts against whoever tries many of them; a right one never waits for these.
pub(super) fn wrong(api: &BackEnds, fault: Fault) -> Fault {
    api.places.wrong_key().map_or_else(too_fast, |()| fault)
}

fn no_place() -> Fault {
    Fault::failed("too many requests at once; try again")
}

fn too_fast(wait: Duration) -> Fault {
    Fault::new(Reason::RateLimited.code(), format!("too many requests; wait {} ms", wait.as_millis() + 1))
}
