//! JSON Schemas of the protocol's types, collected once for any document that wants them.

use std::collections::BTreeMap;

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Map, Value};
use wigwag_protocol::event::{CaughtUp, EventHead};
use wigwag_protocol::presence::UserStatus;
use wigwag_protocol::signaling_text::SignalingText;
use wigwag_protocol::{ErrorBody, Event, Method};

use crate::contract;

/// References to the schemas of one method.
pub(crate) struct MethodSchemas {
    pub(crate) method: Method,
    pub(crate) params: Value,
    pub(crate) result: Value,
}

/// Every schema of the protocol, with references to the ones documents start from.
pub(crate) struct Definitions {
    /// By type name; references among them follow the settings given.
    pub(crate) all: Map<String, Value>,
    /// In the order of the documentation.
    pub(crate) methods: Vec<MethodSchemas>,
    /// The shared part of an event's params, by `type`.
    pub(crate) events: BTreeMap<String, Value>,
    /// The viewer's own part of an event's params.
    pub(crate) event_head: Value,
    pub(crate) caught_up: Value,
    pub(crate) status: Value,
    pub(crate) error: Value,
}

/// Collects the schemas in the dialect and with the references that `settings` ask for.
pub(crate) fn collect(settings: &SchemaSettings) -> Definitions {
    // What clients send may leave defaults out; what the server sends always has every field that is not optional.
    let mut read = settings.clone().for_deserialize().into_generator();
    let mut written = settings.clone().for_serialize().into_generator();
    let methods = Method::ALL
        .iter()
        .map(|&method| MethodSchemas {
            method,
            params: (contract::shapes(method).params)(&mut read).to_value(),
            result: (contract::shapes(method).result)(&mut written).to_value(),
        })
        .collect();
    let event_head = reference::<EventHead>(&mut read);
    let caught_up = reference::<CaughtUp>(&mut written);
    let status = reference::<UserStatus>(&mut written);
    let error = reference::<ErrorBody>(&mut written);
    reference::<SignalingText>(&mut written);
    let events = by_type(&mut written);
    let mut all = written.take_definitions(true);
    let mut params = read.take_definitions(true);
    all.values_mut().chain(params.values_mut()).for_each(|schema| {
        forbid_null(schema);
        bound_integers(schema);
    });
    merge(&mut all, params);
    Definitions { all, methods, events, event_head, caught_up, status, error }
}

fn reference<T: JsonSchema>(generator: &mut SchemaGenerator) -> Value {
    generator.subschema_for::<T>().to_value()
}

/// Takes the schema of [`Event`] apart into its variants.
fn by_type(generator: &mut SchemaGenerator) -> BTreeMap<String, Value> {
    let mut schema: Schema = <Event as JsonSchema>::json_schema(generator);
    for transform in generator.transforms_mut() {
        transform.transform(&mut schema);
    }
    let variants = schema.get("oneOf").and_then(Value::as_array).cloned().unwrap_or_default();
    let events: BTreeMap<String, Value> = variants
        .into_iter()
        .filter_map(|variant| {
            let name = variant.pointer("/properties/type/const")?.as_str()?.to_owned();
            Some((name, variant))
        })
        .collect();
    assert_eq!(events.len(), Event::TYPES.len(), "an event has no schema of its own");
    events
}

/// Absent fields are left out. The server never writes `null` for them; a client's it takes as absent, but need not be sent.
pub(crate) fn forbid_null(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            drop_null_type(fields);
            fields.values_mut().for_each(forbid_null);
        }
        Value::Array(items) => items.iter_mut().for_each(forbid_null),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// JSON Schema does not know the widths of integers that `format` names. Those of 64 bits are wider than what JSON readers agree
/// on, and stay as they are.
pub(crate) fn bound_integers(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            if fields.get("format").is_some_and(|format| format == "uint32") {
                fields.entry("maximum").or_insert_with(|| u32::MAX.into());
            }
            fields.values_mut().for_each(bound_integers);
        }
        Value::Array(items) => items.iter_mut().for_each(bound_integers),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn drop_null_type(fields: &mut Map<String, Value>) {
    if let Some(Value::Array(types)) = fields.get_mut("type") {
        types.retain(|name| name != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            fields.insert("type".to_owned(), only);
        }
    }
    let Some(Value::Array(choices)) = fields.get_mut("anyOf") else { return };
    choices.retain(|choice| choice.get("type").is_none_or(|name| name != "null"));
    if let [Value::Object(only)] = choices.as_slice() {
        let only = only.clone();
        fields.remove("anyOf");
        fields.extend(only);
    }
}

/// A type may be used in both directions; then both must look the same.
fn merge(all: &mut Map<String, Value>, more: Map<String, Value>) {
    for (name, schema) in more {
        if let Some(known) = all.get(&name) {
            assert_eq!(known, &schema, "{name} differs between what is sent and what is received");
        }
        all.insert(name, schema);
    }
}
