//! The frames written down in `docs/protocol.md` are real: each is read by the protocol's types, written again, and
//! both must fit the generated schema.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use wigwag_protocol::event::Placed;
use wigwag_protocol::{ErrorBody, Event, Method};

use crate::{contract, protocol_schema};

const PAGE: &str = include_str!("../../../docs/protocol.md");

/// A frame of an example: `→` from the client, `←` from the server.
struct Frame {
    from_client: bool,
    value: Value,
}

#[test]
fn every_frame_in_the_documentation_is_real() {
    let mut seen = Seen::default();
    for block in blocks(PAGE) {
        let mut asked = BTreeMap::new();
        for frame in frames(&block) {
            if frame.from_client {
                seen.request(&frame.value, &mut asked);
            } else {
                seen.answer(&frame.value, &asked);
            }
        }
    }
    for method in Method::ALL {
        assert!(seen.requests.contains(method), "no example asks {}", method.as_str());
        assert!(seen.replies.contains(method), "no example answers {}", method.as_str());
    }
    for name in Event::TYPES {
        assert!(seen.events.contains(*name), "no example tells {name}");
    }
}

/// The requests that the page shows.
pub(crate) fn requests() -> Vec<Value> {
    let all = blocks(PAGE).into_iter().flat_map(|block| frames(&block));
    all.filter(|frame| frame.from_client).map(|frame| frame.value).collect()
}

/// Fenced blocks with an arrow in them.
fn blocks(page: &str) -> Vec<String> {
    page.split("```")
        .skip(1)
        .step_by(2)
        .filter(|block| block.contains(['→', '←']))
        .map(str::to_owned)
        .collect()
}

fn frames(block: &str) -> Vec<Frame> {
    let body = block.split_once('\n').map_or("", |(_, body)| body);
    let mut texts: Vec<(bool, String)> = Vec::new();
    for line in body.lines() {
        match (line.strip_prefix("→ "), line.strip_prefix("← ")) {
            (Some(text), _) => texts.push((true, text.to_owned())),
            (None, Some(text)) => texts.push((false, text.to_owned())),
            (None, None) => texts.last_mut().expect("a block starts with an arrow").1.push_str(line),
        }
    }
    texts
        .into_iter()
        .map(|(from_client, text)| {
            let value = serde_json::from_str(&text).unwrap_or_else(|why| panic!("{why}: {text}"));
            Frame { from_client, value }
        })
        .collect()
}

/// What the examples have shown so far.
struct Seen {
    schema: Value,
    requests: BTreeSet<Method>,
    replies: BTreeSet<Method>,
    events: BTreeSet<String>,
}

impl Default for Seen {
    fn default() -> Self {
        let schema = protocol_schema::document();
        Self { schema, requests: BTreeSet::new(), replies: BTreeSet::new(), events: BTreeSet::new() }
    }
}

impl Seen {
    fn request(&mut self, frame: &Value, asked: &mut BTreeMap<String, Method>) {
        let name = frame["method"].as_str().expect("requests name a method");
        let method = Method::parse(name).unwrap_or_else(|| panic!("{name} is no method"));
        self.fits("/$defs/ClientFrame", frame);
        let params = frame.get("params").cloned().unwrap_or_else(|| json!({}));
        let reread = contract::reread_params(method, &params.to_string());
        let reread = reread.unwrap_or_else(|why| panic!("{why}: {frame}"));
        let reread = parsed(&reread);
        self.fits(&format!("/methods/{name}/params"), &reread);
        keeps_every_field(&params, &reread);
        asked.insert(frame["id"].to_string(), method);
        self.requests.insert(method);
    }

    fn answer(&mut self, frame: &Value, asked: &BTreeMap<String, Method>) {
        self.fits("/$defs/ServerFrame", frame);
        if let Some(error) = frame.get("error") {
            let body: ErrorBody = serde_json::from_value(error.clone()).expect("an error");
            assert_eq!(body.code, body.data.reason.code(), "{frame}");
            assert_eq!(body.data.retryable, body.data.reason.retryable(), "{frame}");
        } else if let Some(result) = frame.get("result") {
            let method =
                asked.get(&frame["id"].to_string()).unwrap_or_else(|| panic!("nobody asked: {frame}"));
            self.result(*method, result);
        } else if frame["method"] == "event" {
            self.event(&frame["params"]);
        }
    }

    fn result(&mut self, method: Method, result: &Value) {
        let reread = contract::reread_result(method, &result.to_string());
        let reread = parsed(&reread.unwrap_or_else(|why| panic!("{why}: {result}")));
        assert_eq!(&reread, result, "a field of {} is not the protocol's", method.as_str());
        self.fits(&format!("/methods/{}/result", method.as_str()), &reread);
        self.replies.insert(method);
    }

    fn event(&mut self, params: &Value) {
        let placed: Placed = serde_json::from_str(&params.to_string()).expect("an event");
        let event = placed.event.expect("a known type");
        let name = event.type_name();
        let reread = serde_json::to_value(&event).expect("JSON");
        self.fits(&format!("/events/{name}"), &reread);
        let mut shared = params.clone();
        for own in ["cursor", "after", "time", "self", "remainingMs"] {
            shared.as_object_mut().expect("an object").remove(own);
        }
        keeps_every_field(&shared, &reread);
        self.events.insert(name.to_owned());
    }

    /// Validates against the part of the schema at `pointer`.
    fn fits(&self, pointer: &str, value: &Value) {
        let part = self.schema.pointer(pointer).unwrap_or_else(|| panic!("no schema at {pointer}"));
        let schema = json!({ "allOf": [part], "$defs": self.schema["$defs"] });
        let validator = jsonschema::draft202012::new(&schema).expect("a schema");
        let troubles: Vec<String> = validator.iter_errors(value).map(|error| error.to_string()).collect();
        assert!(troubles.is_empty(), "{pointer}: {}\n{value}", troubles.join("; "));
    }
}

/// The types know every field of the example; they may add defaults.
fn keeps_every_field(example: &Value, reread: &Value) {
    for (name, value) in example.as_object().expect("an object") {
        assert_eq!(reread.get(name), Some(value), "{name} is not the protocol's in {example}");
    }
}

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}
