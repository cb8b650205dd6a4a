//! `spec/openapi.json`: the API for back ends, from the operations that the server serves.

use std::collections::BTreeMap;

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value, json};
use wigwag_protocol::rest::operations::visit;
use wigwag_protocol::rest::problem::PROBLEM_JSON;
use wigwag_protocol::rest::{Described, IDEMPOTENCY_KEY_BYTES, Nothing, Operation, Problem, Verb, Visitor};

use crate::definitions::{bound_integers, forbid_null};

/// Every status that an operation may refuse with, and when it does.
const REFUSALS: [(&str, &str); 13] = [
    ("400", "The body is not JSON."),
    ("401", "There is no key, or none that counts."),
    ("403", "The key lacks the scope, or the rules forbid it to the user for whom the back end acts."),
    ("404", "Something that the request names is not there; `field` and `id` say which."),
    ("408", "The body did not come in time."),
    ("409", "It is too late or taken, or the Idempotency-Key belongs to another request."),
    ("413", "The body is too large."),
    ("415", "The body is not called application/json."),
    ("422", "A value breaks the schema or a rule; `field` says which."),
    ("429", "Too many requests; `retryAfterMs` says how long to wait."),
    ("500", "The server has a bug."),
    ("503", "The server is short of something; try again."),
    ("405", "The path has other methods."),
];

/// The document.
pub(crate) fn document() -> Value {
    let settings = SchemaSettings::draft2020_12()
        .with(|settings| settings.definitions_path = "/components/schemas".into());
    let mut collected = Collected {
        read: settings.clone().for_deserialize().into_generator(),
        written: settings.for_serialize().into_generator(),
        paths: BTreeMap::new(),
    };
    collected.written.subschema_for::<Problem>();
    visit(&mut collected);
    let Collected { mut read, mut written, paths } = collected;
    let schemas = merged(read.take_definitions(true), written.take_definitions(true));
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Wigwag: API for back ends",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Under keys that an operator makes with \"wigwag key create\". docs/rest.md says how to begin.",
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        },
        "security": [{ "key": [] }],
        "paths": paths,
        "components": {
            "securitySchemes": { "key": { "type": "http", "scheme": "bearer", "description": "A key of this server: wk_…" } },
            "responses": responses(),
            "schemas": schemas,
        },
    })
}

struct Collected {
    /// For what a back end sends.
    read: SchemaGenerator,
    /// For what the server answers.
    written: SchemaGenerator,
    paths: BTreeMap<&'static str, Map<String, Value>>,
}

impl Visitor for Collected {
    fn visit<O: Operation>(&mut self) {
        let mut parameters = fields::<O::Params>(&mut self.read, "path");
        parameters.extend(fields::<O::Query>(&mut self.read, "query"));
        parameters.extend(O::VERB.writes().then(idempotency_key));
        let lines: Vec<&str> = O::DOCS.iter().map(|line| line.trim()).collect();
        let mut operation = json!({
            "operationId": lower_first(O::NAME),
            "summary": lines.first(),
            "description": lines.iter().skip(1).copied().collect::<Vec<_>>().join(" ").trim(),
            "tags": [O::PATH.split('/').filter(|part| !part.is_empty() && !part.starts_with('{')).nth(1)],
            "x-scope": O::SCOPE.as_str(),
            "parameters": parameters,
            "responses": answers::<O>(&mut self.written),
        });
        if let Some(body) = body::<O::Body>(&mut self.read) {
            operation["requestBody"] = body;
        }
        self.paths.entry(O::PATH).or_default().insert(O::VERB.as_str().to_lowercase(), operation);
    }
}

/// The fields of a type as parameters.
fn fields<T: Described>(generator: &mut SchemaGenerator, place: &str) -> Vec<Value> {
    let mut schema = <T as JsonSchema>::json_schema(generator).to_value();
    forbid_null(&mut schema);
    bound_integers(&mut schema);
    let required = schema["required"].as_array().cloned().unwrap_or_default();
    let properties = schema["properties"].as_object().cloned().unwrap_or_default();
    let parameter = |(name, mut schema): (String, Value)| {
        let description = schema.as_object_mut().and_then(|fields| {
            // A parameter cannot be null; it is left out.
            fields.retain(|name, value| name != "default" || !value.is_null());
            fields.remove("description")
        });
        let is_required = required.iter().any(|one| *one == name);
        json!({ "name": name, "in": place, "required": is_required, "description": description, "schema": schema })
    };
    properties.into_iter().map(parameter).collect()
}

fn idempotency_key() -> Value {
    json!({
        "name": "Idempotency-Key", "in": "header", "required": false,
        "description": "A request that is repeated under the same key is carried out once and hears the first reply, for 24 hours.",
        "schema": { "type": "string", "minLength": 1, "maxLength": IDEMPOTENCY_KEY_BYTES, "pattern": "^[!-~]+$" },
    })
}

/// The body of a request; `None` when it has none. One whose fields may all be left out may be left out itself.
fn body<T: Described>(generator: &mut SchemaGenerator) -> Option<Value> {
    if <T as JsonSchema>::schema_name() == <Nothing as JsonSchema>::schema_name() {
        return None;
    }
    let schema = <T as JsonSchema>::json_schema(generator);
    let is_required = schema.get("required").is_some();
    let reference = generator.subschema_for::<T>();
    Some(json!({ "required": is_required, "content": { "application/json": { "schema": reference } } }))
}

fn answers<O: Operation>(generator: &mut SchemaGenerator) -> Value {
    let reply = generator.subschema_for::<O::Reply>();
    let mut answers = Map::new();
    let done =
        json!({ "description": "It is done.", "content": { "application/json": { "schema": reply } } });
    answers.insert("200".to_owned(), done);
    for (status, _) in REFUSALS {
        let of_bodies = ["400", "408", "413", "415"].contains(&status);
        if of_bodies && O::VERB == Verb::Get {
            continue;
        }
        answers.insert(status.to_owned(), json!({ "$ref": format!("#/components/responses/{status}") }));
    }
    Value::Object(answers)
}

fn responses() -> Value {
    let problem = json!({ "$ref": "#/components/schemas/Problem" });
    let response = |(status, words): (&str, &str)| {
        let content = json!({ PROBLEM_JSON: { "schema": problem } });
        (status.to_owned(), json!({ "description": words, "content": content }))
    };
    Value::Object(REFUSALS.into_iter().map(response).collect())
}

/// A type that goes both ways must look the same in both.
fn merged(read: Map<String, Value>, written: Map<String, Value>) -> Map<String, Value> {
    let mut all = Map::new();
    for (name, mut schema) in read {
        bound_integers(&mut schema);
        all.insert(name, schema);
    }
    for (name, mut schema) in written {
        forbid_null(&mut schema);
        bound_integers(&mut schema);
        if let Some(known) = all.get(&name) {
            assert_eq!(known, &schema, "{name} differs between requests and answers");
        }
        all.insert(name, schema);
    }
    all
}

fn lower_first(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_schema_is_valid_and_every_reference_resolves() {
        let document = document();
        let schemas = document["components"]["schemas"].as_object().unwrap();
        for name in schemas.keys() {
            let alone = json!({
                "$schema": "https://json-schema.org/draft/2020-12/schema",
                "$ref": format!("#/components/schemas/{name}"),
                "components": { "schemas": schemas },
            });
            jsonschema::draft202012::new(&alone).unwrap_or_else(|error| panic!("{name}: {error}"));
        }
    }

    #[test]
    fn every_operation_has_a_name_of_its_own_and_the_parameters_of_its_path() {
        let document = document();
        let mut names = Vec::new();
        for (path, verbs) in document["paths"].as_object().unwrap() {
            for operation in verbs.as_object().unwrap().values() {
                names.push(operation["operationId"].as_str().unwrap().to_owned());
                let parameters = operation["parameters"].as_array().unwrap();
                let in_path: Vec<&str> = parameters
                    .iter()
                    .filter(|one| one["in"] == "path")
                    .map(|one| one["name"].as_str().unwrap())
                    .collect();
                assert_eq!(path.matches('{').count(), in_path.len(), "{path}");
                assert!(in_path.iter().all(|name| path.contains(&format!("{{{name}}}"))), "{path}");
            }
        }
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
    }
}
