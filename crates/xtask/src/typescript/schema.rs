//! One JSON Schema as one TypeScript declaration.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// What the protocol carries without looking into it.
pub(super) const JSON_OBJECT: &str = "/** A JSON object whose fields the server does not look into. */\nexport type JsonObject = { [field: string]: unknown };\n";

/// `schema` as a declaration called `name`, with its doc comment.
pub(super) fn declaration(name: &str, schema: &Value) -> String {
    if let Some(fields) = schema.get("properties").and_then(Value::as_object) {
        return interface(name, schema, fields);
    }
    if schema.get("type").is_some_and(|kind| kind == "object") {
        return format!("{}export type {name} = Record<string, never>;\n", doc(schema, ""));
    }
    match choices(schema) {
        Some(choices) => union(name, schema, choices),
        None => format!("{}export type {name} = {};\n", doc(schema, ""), type_of(schema)),
    }
}

/// The type that a value of `schema` has.
pub(super) fn type_of(schema: &Value) -> String {
    if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
        return reference.rsplit('/').next().unwrap_or_default().to_owned();
    }
    if let Some(options) = schema.get("anyOf").and_then(Value::as_array) {
        let present: Vec<String> = options.iter().filter(|option| !is_null(option)).map(type_of).collect();
        return present.join(" | ");
    }
    match kind(schema) {
        Some("string") => "string".to_owned(),
        Some("integer" | "number") => "number".to_owned(),
        Some("boolean") => "boolean".to_owned(),
        Some("array") => format!("{}[]", type_of(schema.get("items").unwrap_or(&Value::Null))),
        // Only raw JSON has no type, and the protocol carries no raw JSON but objects.
        Some(_) | None => "JsonObject".to_owned(),
    }
}

/// The schema's description as a doc comment, indented; nothing without one.
pub(super) fn doc(schema: &Value, indent: &str) -> String {
    let mut words: Vec<String> = described(schema).into_iter().collect();
    words.extend(default_of(schema).map(|default| format!("Default: {default}.")));
    words.extend(bounds_of(schema));
    comment(&words.join(" "), indent)
}

/// `text` as a doc comment, indented; nothing for no text.
pub(super) fn comment(text: &str, indent: &str) -> String {
    if text.is_empty() { String::new() } else { format!("{indent}/** {text} */\n") }
}

/// The names of a closed list.
pub(super) fn choices(schema: &Value) -> Option<&Vec<Value>> {
    schema
        .get("oneOf")
        .and_then(Value::as_array)
        .filter(|all| all.iter().all(|one| one.get("const").is_some()))
}

/// The fields of an object, in an order that no feature of serde_json changes.
pub(super) fn sorted(fields: &Map<String, Value>) -> BTreeMap<&String, &Value> {
    fields.iter().collect()
}

/// Whether an object of `schema` always has `field`.
pub(super) fn is_required(schema: &Value, field: &str) -> bool {
    schema
        .get("required")
        .and_then(Value::as_array)
        .is_some_and(|names| names.iter().any(|name| name == field))
}

/// The one type besides null.
pub(super) fn kind(schema: &Value) -> Option<&str> {
    match schema.get("type")? {
        Value::String(kind) => Some(kind),
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).find(|kind| *kind != "null"),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => None,
    }
}

fn interface(name: &str, schema: &Value, fields: &Map<String, Value>) -> String {
    let mut text = format!("{}export interface {name} {{\n", doc(schema, ""));
    for (field, of) in sorted(fields) {
        let mark = if is_required(schema, field) { "" } else { "?" };
        text += &doc(of, "  ");
        text.extend([format!("  {field}{mark}: {};\n", type_of(of))]);
    }
    text + "}\n"
}

fn union(name: &str, schema: &Value, choices: &[Value]) -> String {
    let head = described(schema).unwrap_or_default();
    let lines = choices.iter().map(|choice| {
        let value = choice.get("const").and_then(Value::as_str).unwrap_or_default();
        format!("{}  | \"{value}\"", comment(&described(choice).unwrap_or_default(), "  "))
    });
    let lines: Vec<String> = lines.collect();
    format!("{}export type {name} =\n{};\n", comment(&head, ""), lines.join("\n"))
}

fn described(schema: &Value) -> Option<String> {
    let words = schema.get("description")?.as_str()?;
    let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
    // Links between Rust items say nothing here.
    Some(words.replace("[`", "`").replace("`]", "`").replace("::", "."))
}

fn default_of(schema: &Value) -> Option<String> {
    match schema.get("default")? {
        Value::String(text) if !text.is_empty() => Some(format!("`{text}`")),
        Value::Number(number) => Some(number.to_string()),
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

/// What an identifier may be.
fn bounds_of(schema: &Value) -> Option<String> {
    let (least, most) = (schema.get("minLength")?, schema.get("maxLength")?);
    let allowed = match schema.get("pattern").and_then(Value::as_str) {
        Some("^[!-~]+$") => "printable ASCII characters without space",
        Some(_) => "printable ASCII characters",
        None => "characters",
    };
    Some(format!("{least} to {most} {allowed}."))
}

fn is_null(schema: &Value) -> bool {
    schema.get("type").is_some_and(|kind| kind == "null")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_may_be_left_out_has_a_question_mark_and_is_never_null() {
        let schema = json!({
            "type": "object", "description": "Words\nof [`A::b`].", "required": ["b"],
            "properties": { "a": { "type": ["string", "null"] }, "b": { "anyOf": [{ "$ref": "#/$defs/B" }, { "type": "null" }] } },
        });
        let text = declaration("A", &schema);
        assert_eq!(text, "/** Words of `A.b`. */\nexport interface A {\n  a?: string;\n  b: B;\n}\n");
    }

    #[test]
    fn lists_arrays_and_raw_json_have_their_types() {
        let list = json!({ "oneOf": [{ "const": "a", "description": "One." }, { "const": "b" }] });
        assert_eq!(declaration("L", &list), "export type L =\n  /** One. */\n  | \"a\"\n  | \"b\";\n");
        assert_eq!(type_of(&json!({ "type": "array", "items": { "type": "integer" } })), "number[]");
        assert_eq!(type_of(&json!({})), "JsonObject");
    }
}
