//! `spec/asyncapi.json`: the same protocol as an AsyncAPI 3.1 document, seen from the server.

use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use crate::definitions::{Definitions, collect};
use crate::protocol_schema::request;
use crate::source_docs;

/// The document. A request named `m` is message `m`, its reply `m.reply`; an event of type `t` is message `t`.
pub(crate) fn document() -> Value {
    let definitions = collect(&settings());
    let messages = messages(&definitions);
    let channel: Map<String, Value> = messages
        .keys()
        .map(|name| (name.clone(), json!({ "$ref": format!("#/components/messages/{name}") })))
        .collect();
    let operations = operations(&definitions);
    json!({
        "asyncapi": "3.1.0",
        "info": {
            "title": "Wigwag",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Invitation signaling on instant messages. docs/protocol.md says what the frames mean.",
            "license": { "name": "MIT OR Apache-2.0" },
        },
        "defaultContentType": "application/json",
        "servers": {
            "local": {
                "host": "127.0.0.1:8710",
                "protocol": "ws",
                "description": "Where a server started without configuration listens.",
            },
        },
        "channels": { "v1": {
            "address": "/v1/ws",
            "description": "One WebSocket; every text message is one JSON-RPC 2.0 object.",
            "messages": channel,
        } },
        "operations": operations,
        "components": { "messages": messages, "schemas": definitions.all },
    })
}

/// AsyncAPI's schemas are draft-07, where `$ref` stands alone.
fn settings() -> SchemaSettings {
    SchemaSettings::draft07().with(|settings| settings.definitions_path = "/components/schemas".into())
}

fn messages(definitions: &Definitions) -> Map<String, Value> {
    let sentences = source_docs::of_methods();
    let mut messages = Map::new();
    for schemas in &definitions.methods {
        let name = schemas.method.as_str();
        let sentence = sentences.get(&format!("{:?}", schemas.method));
        let payload = request(name, &definitions.all, &schemas.params);
        let request = json!({ "name": name, "summary": sentence, "payload": payload });
        messages.insert(name.to_owned(), request);
        messages.insert(format!("{name}.reply"), reply(name, &schemas.result));
    }
    for (name, body) in &definitions.events {
        let params = json!({ "allOf": [definitions.event_head, body] });
        messages.insert(name.clone(), notification(name, "event", &params));
    }
    let caught_up = notification("session.caughtUp", "session.caughtUp", &definitions.caught_up);
    messages.insert("session.caughtUp".to_owned(), caught_up);
    let status = notification("user.status", "user.status", &definitions.status);
    messages.insert("user.status".to_owned(), status);
    messages.insert("error".to_owned(), error(&definitions.error));
    messages
}

fn reply(name: &str, result: &Value) -> Value {
    json!({ "name": format!("{name}.reply"), "payload": {
        "type": "object",
        "properties": {
            "jsonrpc": { "const": "2.0" }, "id": { "type": ["number", "string"] }, "result": result,
        },
        "required": ["jsonrpc", "id", "result"],
    } })
}

fn error(body: &Value) -> Value {
    json!({ "name": "error", "summary": "The reply to any refused request.", "payload": {
        "type": "object",
        "properties": {
            "jsonrpc": { "const": "2.0" }, "id": { "type": ["number", "string", "null"] }, "error": body,
        },
        "required": ["jsonrpc", "id", "error"],
    } })
}

fn notification(name: &str, method: &str, params: &Value) -> Value {
    json!({ "name": name, "payload": {
        "type": "object",
        "properties": { "jsonrpc": { "const": "2.0" }, "method": { "const": method }, "params": params },
        "required": ["jsonrpc", "method", "params"],
    } })
}

fn operations(definitions: &Definitions) -> Map<String, Value> {
    let channel = json!({ "$ref": "#/channels/v1" });
    let mut operations = Map::new();
    for schemas in &definitions.methods {
        let name = schemas.method.as_str();
        operations.insert(
            name.to_owned(),
            json!({ "action": "receive", "channel": channel, "messages": [in_channel(name)], "reply": {
                "channel": channel, "messages": [in_channel(&format!("{name}.reply")), in_channel("error")],
            } }),
        );
    }
    let told: Vec<Value> = definitions.events.keys().map(|name| in_channel(name)).collect();
    operations.insert("event".to_owned(), json!({ "action": "send", "channel": channel, "messages": told }));
    operations.insert(
        "session.caughtUp".to_owned(),
        json!({ "action": "send", "channel": channel, "messages": [in_channel("session.caughtUp")] }),
    );
    operations.insert(
        "user.status".to_owned(),
        json!({ "action": "send", "channel": channel, "messages": [in_channel("user.status")] }),
    );
    operations
}

fn in_channel(message: &str) -> Value {
    json!({ "$ref": format!("#/channels/v1/messages/{message}") })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn references(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(fields) => {
                found.extend(fields.get("$ref").and_then(Value::as_str).map(str::to_owned));
                fields.values().for_each(|field| references(field, found));
            }
            Value::Array(items) => items.iter().for_each(|item| references(item, found)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }

    #[test]
    fn every_reference_resolves() {
        let document = document();
        let mut found = Vec::new();
        references(&document, &mut found);
        assert!(found.len() > 100);
        for reference in found {
            let pointer = reference.strip_prefix('#').expect("references stay in the document");
            assert!(document.pointer(pointer).is_some(), "{reference}");
        }
    }

    #[test]
    fn every_payload_is_a_valid_schema() {
        let document = document();
        for (name, message) in document["components"]["messages"].as_object().unwrap() {
            let mut schema = message["payload"].clone();
            schema["components"] = json!({ "schemas": document["components"]["schemas"] });
            jsonschema::draft7::meta::validate(&schema).unwrap_or_else(|error| panic!("{name}: {error}"));
            jsonschema::draft7::new(&schema).unwrap_or_else(|error| panic!("{name}: {error}"));
        }
    }
}
