//! What the server refuses by its shape the JSON Schema refuses too: every request of `docs/protocol.md`, spoilt in one parameter
//! after the other, is shown to both.
//!
//! And the other way round, but for what is refused by a rule of the server, with its own reason, and for what the server takes
//! although nobody need send it, such as null for what is absent.

use jsonschema::Validator;
use serde_json::{Value, json};
use wigwag_protocol::{ErrorBody, Reason, UserId};
use wigwag_session::codec::native::{Unread, read};
use wigwag_session::{Asked, FirstAsked};

use crate::{examples, protocol_schema};

/// One value of each kind, and those at the edges of a kind.
fn strangers() -> Vec<Value> {
    let long = "x".repeat(200);
    vec![
        json!(true),
        json!(-1),
        json!(0),
        json!(1.5),
        json!(12),
        json!(501),
        json!(u64::from(u32::MAX) + 1),
        json!(""),
        json!("with space"),
        json!("ünïcode"),
        json!(long),
        json!([]),
        json!([7]),
        json!(["with space"]),
        json!(vec!["u"; 101]),
        json!({}),
        json!({"a": 1}),
    ]
}

#[test]
fn what_the_server_refuses_by_its_shape_the_schema_refuses() {
    let schema = client_frames();
    let requests = examples::requests();
    let mut refused = 0;
    for request in &requests {
        assert!(why_refused(request).is_none() && schema.is_valid(request), "{request}");
        for spoilt in spoilt(request) {
            let Some(why) = why_refused(&spoilt) else { continue };
            refused += 1;
            assert!(!schema.is_valid(&spoilt), "the server says {why} to {spoilt}");
        }
    }
    assert!(refused > 10 * requests.len(), "{refused} of {} requests", requests.len());
}

/// What a rule refuses and not the shape: `content` may be anything that can be passed on, a text any text, and a rule counts who is
/// excepted from quiet hours.
const OF_RULES: [&str; 3] = ["/params/content", "/params/call/mediaType", "/params/except"];

#[test]
fn what_the_schema_refuses_the_server_refuses() {
    let schema = client_frames();
    for request in &examples::requests() {
        for spoilt in spoilt(request) {
            let of_a_rule = OF_RULES.iter().any(|place| request.pointer(place) != spoilt.pointer(place));
            let is_taken = why_refused(&spoilt).is_none();
            assert!(of_a_rule || !is_taken || schema.is_valid(&spoilt), "the server takes {spoilt}");
        }
    }
}

/// The same request without one of its members, and with others in their place.
fn spoilt(request: &Value) -> Vec<Value> {
    let mut all: Vec<Value> =
        ["jsonrpc", "id", "method", "params"].iter().map(|name| without(request, &[], name)).collect();
    all.extend([json!(7), json!([]), json!("text")].map(|params| with(request, &[], "params", params)));
    all.extend([json!(true), json!({}), json!([1])].map(|id| with(request, &[], "id", id)));
    for name in names_of_params(request) {
        all.push(without(request, &["params"], &name));
        all.extend(strangers().into_iter().map(|value| with(request, &["params"], &name, value)));
    }
    if request["params"]["call"].is_object() {
        for name in ["mediaType", "roomID"] {
            all.push(without(request, &["params", "call"], name));
            let others = strangers().into_iter();
            all.extend(others.map(|value| with(request, &["params", "call"], name, value)));
        }
    }
    all.extend(["userID", "groupID"].map(|name| with(request, &["params"], name, json!("both"))));
    all
}

/// Those of every method, so that each is also where it does not belong and is ignored.
fn names_of_params(request: &Value) -> Vec<String> {
    let document = protocol_schema::document();
    let method = request["method"].as_str().unwrap_or_default();
    let params = &document["methods"][method]["params"]["$ref"];
    let name = params.as_str().and_then(|reference| reference.rsplit('/').next()).unwrap_or_default();
    let properties = document["$defs"][name]["properties"].as_object();
    properties.map(|properties| properties.keys().cloned().collect()).unwrap_or_default()
}

fn without(request: &Value, path: &[&str], name: &str) -> Value {
    changed(request, path, |members| {
        members.remove(name);
    })
}

fn with(request: &Value, path: &[&str], name: &str, value: Value) -> Value {
    changed(request, path, |members| {
        members.insert(name.to_owned(), value);
    })
}

fn changed(
    request: &Value,
    path: &[&str],
    change: impl FnOnce(&mut serde_json::Map<String, Value>),
) -> Value {
    let mut request = request.clone();
    let place = path.iter().fold(&mut request, |place, name| &mut place[*name]);
    if place.is_null() {
        *place = json!({});
    }
    change(place.as_object_mut().expect("requests and params are objects"));
    request
}

/// The server's words when it refuses the shape of a frame.
pub(crate) fn why_refused(frame: &Value) -> Option<String> {
    let text = frame.to_string();
    let error = match read(&text, usize::MAX) {
        Err(Unread { error, .. }) => error,
        Ok(incoming) => {
            let user = UserId::parse("alice").expect("a userID");
            match (incoming.asks_first(), incoming.asks(&user)) {
                (FirstAsked::Wrong(error), _) | (_, Asked::Wrong(error) | Asked::Ack(Err(error))) => error,
                (FirstAsked::Open(_) | FirstAsked::Other, _) => return None,
            }
        }
    };
    of_shape(&error).then(|| error.to_string())
}

fn of_shape(error: &ErrorBody) -> bool {
    let shapes = [Reason::InvalidRequest, Reason::UnknownMethod, Reason::InvalidParams];
    shapes.contains(&error.data.reason)
}

pub(crate) fn client_frames() -> Validator {
    let mut document = protocol_schema::document();
    document["anyOf"] = json!([{ "$ref": "#/$defs/ClientFrame" }]);
    jsonschema::draft202012::new(&document).expect("a schema")
}
