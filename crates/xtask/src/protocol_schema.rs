//! `spec/protocol.schema.json`: one JSON Schema 2020-12 document of everything on the wire.

use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use crate::contract::{EVERY_CHANGE, EVERY_FRAME, EVERY_REQUEST, refusals};
use crate::definitions::{Definitions, collect};
use crate::source_docs;
use crate::tables::names;

/// The document. Its root accepts any frame; `methods` and `events` say which schema belongs to which name.
pub(crate) fn document() -> Value {
    let Definitions { mut all, methods, events, event_head, caught_up, status, error } =
        collect(&SchemaSettings::draft2020_12());
    let sentences = source_docs::of_methods();
    let mut by_name = Map::new();
    let mut requests = Vec::new();
    for schemas in &methods {
        let name = schemas.method.as_str();
        by_name.insert(
            name.to_owned(),
            json!({
                "description": sentences.get(&format!("{:?}", schemas.method)),
                "params": schemas.params,
                "result": schemas.result,
                "errors": names(refusals(schemas.method)),
            }),
        );
        requests.push(request(name, &all, &schemas.params));
    }
    let bodies: Vec<&Value> = events.values().collect();
    all.insert("EventParams".to_owned(), json!({ "allOf": [event_head, { "oneOf": bodies }] }));
    all.insert("ClientFrame".to_owned(), json!({ "oneOf": requests }));
    all.insert("ServerFrame".to_owned(), server_frame(&error, &caught_up, &status));
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Wigwag protocol",
        "description": "Frames of the WebSocket at /v1/ws; docs/protocol.md says what they mean.",
        "anyOf": [{ "$ref": "#/$defs/ClientFrame" }, { "$ref": "#/$defs/ServerFrame" }],
        "methods": by_name,
        "events": events,
        "errors": {
            "everyFrame": names(EVERY_FRAME),
            "everyRequest": names(EVERY_REQUEST),
            "everyChange": names(EVERY_CHANGE),
        },
        "$defs": all,
    })
}

/// Whether a request must have params: some of them cannot be left out.
fn has_required(all: &Map<String, Value>, params: &Value) -> bool {
    let name = params["$ref"].as_str().and_then(|reference| reference.rsplit('/').next()).unwrap_or_default();
    all.get(name).is_some_and(|schema| schema.get("required").is_some() || schema.get("oneOf").is_some())
}

/// The frame of a request; `params` refers to one of the schemas in `all`.
pub(crate) fn request(method: &str, all: &Map<String, Value>, params: &Value) -> Value {
    let mut required = vec!["jsonrpc", "method"];
    // `session.ack` is the one method that may be sent as a notification.
    required.extend((method != "session.ack").then_some("id"));
    required.extend(has_required(all, params).then_some("params"));
    json!({
        "type": "object",
        "properties": {
            "jsonrpc": { "const": "2.0" },
            "id": { "type": ["number", "string"] },
            "method": { "const": method },
            "params": params,
        },
        "required": required,
    })
}

fn server_frame(error: &Value, caught_up: &Value, status: &Value) -> Value {
    json!({ "oneOf": [
        {
            "type": "object",
            "description": "The reply to a request that was carried out; its result fits the request's method.",
            "properties": {
                "jsonrpc": { "const": "2.0" }, "id": { "type": ["number", "string"] }, "result": { "type": "object" },
            },
            "required": ["jsonrpc", "id", "result"],
        },
        {
            "type": "object",
            "description": "The reply to a refused request; id is null when the request's could not be read.",
            "properties": {
                "jsonrpc": { "const": "2.0" }, "id": { "type": ["number", "string", "null"] }, "error": error,
            },
            "required": ["jsonrpc", "id", "error"],
        },
        notification("event", &json!({ "$ref": "#/$defs/EventParams" })),
        notification("session.caughtUp", caught_up),
        notification("user.status", status),
    ] })
}

fn notification(method: &str, params: &Value) -> Value {
    json!({
        "type": "object",
        "properties": { "jsonrpc": { "const": "2.0" }, "method": { "const": method }, "params": params },
        "required": ["jsonrpc", "method", "params"],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_is_a_valid_schema() {
        let document = document();
        jsonschema::draft202012::meta::validate(&document).expect("fits the 2020-12 meta-schema");
        jsonschema::draft202012::new(&document).expect("every reference resolves");
    }

    #[test]
    fn frames_of_neither_side_are_refused() {
        let validator = jsonschema::draft202012::new(&document()).unwrap();
        for text in [
            r#"{"jsonrpc":"1.0","id":1,"method":"signaling.listOpen","params":{}}"#,
            r#"{"jsonrpc":"2.0","method":"signaling.listOpen","params":{}}"#,
            r#"{"jsonrpc":"2.0","id":1,"method":"signaling.invite","params":{"invitee":"no spaces please"}}"#,
            r#"{"jsonrpc":"2.0","method":"event","params":{"time":1,"type":"group.dismissed","groupID":"g","by":"a"}}"#,
            r#"{"jsonrpc":"2.0","id":1,"error":{"code":8010,"message":"?","data":{"reason":"moonlight","retryable":false}}}"#,
        ] {
            let frame: Value = serde_json::from_str(text).unwrap();
            assert!(!validator.is_valid(&frame), "{text}");
        }
    }
}
