//! What Python is told, as JSON in the words of docs/protocol.md.

use serde::Serialize;
use serde_json::{Value, json};
use wigwag_client::protocol::Event;
use wigwag_client::rings::Hint;
use wigwag_client::{ConnectionState, Happened, ResyncReason, RingingEvent, Trouble, TroubleKind};

/// An event: its type, and its fields as JSON.
pub(crate) type Told = (String, String);

/// What went wrong.
pub(crate) fn of_trouble(trouble: &Trouble) -> String {
    trouble_value(trouble).to_string()
}

/// An event; what only this device knows of it stands beside the fields of the frame.
pub(crate) fn of_event(event: &RingingEvent, server_time: Option<u64>) -> Told {
    match event {
        RingingEvent::Happened { happened, hint } => of_happened(happened, *hint),
        RingingEvent::Unknown { params, .. } => {
            let read: Value = serde_json::from_str(params).unwrap_or_default();
            (read["type"].as_str().unwrap_or_default().to_owned(), params.clone())
        }
        RingingEvent::Resynced { open_invitations, why } => {
            let why = match why {
                ResyncReason::NoCursor => "noCursor",
                ResyncReason::CursorTooOld => "cursorTooOld",
            };
            told("client.resynced", &json!({ "why": why, "openInvitations": open_invitations }))
        }
        RingingEvent::Status(status) => told("user.status", &json!(status)),
        RingingEvent::State(state) => of_state(state, server_time),
        RingingEvent::CursorNotStored(why) => {
            with_trouble("client.cursorNotStored", &Trouble::cursor_not_stored(why.clone()))
        }
    }
}

fn of_happened(happened: &Happened, hint: Hint) -> Told {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Fields<'a> {
        cursor: u64,
        time: u64,
        #[serde(rename = "self")]
        by_self: bool,
        own: bool,
        told_before: bool,
        is_past: bool,
        rings: bool,
        remaining_ms: Option<u64>,
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        quiet: bool,
        #[serde(flatten)]
        event: &'a Event,
    }
    let Happened { cursor, time, by_self, own, remaining_ms, quiet, ref event } = *happened;
    let Hint { told_before, is_past, rings } = hint;
    let fields =
        Fields { cursor, time, by_self, own, told_before, is_past, rings, remaining_ms, quiet, event };
    (event.type_name().to_owned(), json_of(&fields))
}

fn of_state(state: &ConnectionState, server_time: Option<u64>) -> Told {
    match state {
        ConnectionState::Connecting => told("client.connecting", &json!({})),
        ConnectionState::Connected { user_id } => {
            told("client.connected", &json!({ "userID": user_id, "serverTime": server_time }))
        }
        ConnectionState::Reconnecting { after, why } => {
            let after = u64::try_from(after.as_millis()).unwrap_or(u64::MAX);
            with_trouble("client.reconnecting", &Trouble::connection_lost(why.clone(), after))
        }
        ConnectionState::Stopped(reason) => with_trouble("client.stopped", &Trouble::stopped(reason)),
    }
}

/// Where the connection stands, as one word.
pub(crate) fn state_name(state: &ConnectionState) -> &'static str {
    match state {
        ConnectionState::Connecting => "connecting",
        ConnectionState::Connected { .. } => "connected",
        ConnectionState::Reconnecting { .. } => "reconnecting",
        ConnectionState::Stopped(_) => "stopped",
    }
}

/// JSON of a type of the protocol.
pub(crate) fn json_of(value: &impl Serialize) -> String {
    // Serialising our own types into memory cannot fail: no map has a non-string key.
    serde_json::to_string(value).unwrap_or_default()
}

fn with_trouble(name: &str, trouble: &Trouble) -> Told {
    told(name, &json!({ "error": trouble_value(trouble) }))
}

fn told(name: &str, fields: &Value) -> Told {
    (name.to_owned(), fields.to_string())
}

fn trouble_value(trouble: &Trouble) -> Value {
    let data = trouble.refusal.as_ref().map(|body| &body.data);
    json!({
        "kind": kind_name(trouble.kind),
        "code": trouble.code,
        "reason": trouble.reason,
        "message": trouble.message,
        "retryable": trouble.retryable,
        "retryAfterMs": trouble.retry_after_ms,
        "field": data.and_then(|data| data.field.as_deref()),
        "outcome": data.and_then(|data| data.outcome.as_deref()),
        "closeCode": trouble.close_code,
    })
}

fn kind_name(kind: TroubleKind) -> &'static str {
    match kind {
        TroubleKind::Refused => "refused",
        TroubleKind::TimedOut => "timed_out",
        TroubleKind::Disconnected => "disconnected",
        TroubleKind::Stopped => "stopped",
        TroubleKind::Unreadable => "unreadable",
        TroubleKind::System => "system",
    }
}
