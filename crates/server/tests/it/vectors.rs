//! Replays the conversations of `spec/vectors` against the server. Their format is in the README there.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use futures_util::StreamExt;
use serde_json::{Map, Value};
use tokio::task::block_in_place;
use tokio_tungstenite::tungstenite::Message;
use wigwag_server::auth::{App, AppKey, mint_user_sig};

use crate::world::{Cluster, Device, World, app, jwt, now_ms, user_sig};

/// Clusters at once: each is a database server and two nodes.
const CLUSTERS: usize = 3;

/// On several threads, so that a device that is connecting does not wait for the servers of the other conversations to start:
/// its own server would give it up.
#[tokio::test(flavor = "multi_thread")]
async fn every_conversation_goes_as_written() {
    let replays: Vec<_> = files()
        .into_iter()
        .map(|file| {
            tokio::spawn(async move {
                replay(&file, |config| block_in_place(|| vec![World::start_with(config)])).await;
            })
        })
        .collect();
    for replay in replays {
        replay.await.unwrap();
    }
}

/// The same conversations, word for word, when every other device is on another node.
#[tokio::test(flavor = "multi_thread")]
async fn every_conversation_goes_as_written_across_nodes() {
    let replays = files().into_iter().map(|file| {
        tokio::spawn(async move {
            let engines = block_in_place(|| Cluster::of(0, ""));
            replay(&file, |config| block_in_place(|| two_nodes(&engines, config))).await;
        })
    });
    let mut replays = futures_util::stream::iter(replays).buffer_unordered(CLUSTERS);
    while let Some(replayed) = replays.next().await {
        replayed.unwrap();
    }
}

fn two_nodes(engines: &Cluster, config: &str) -> Vec<World> {
    let config = engines.config(config);
    vec![World::start_with(&config), World::start_with(&config)]
}

fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../spec/vectors");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "json"));
    files.sort();
    assert!(files.len() >= 20, "{files:?}");
    files
}

/// `nodes` starts servers with a configuration in TOML.
async fn replay(file: &Path, nodes: impl FnOnce(&str) -> Vec<World>) {
    let name = file.file_name().unwrap().to_string_lossy().into_owned();
    let vector: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    let nodes = nodes(&toml_of(&vector["config"]));
    let mut replay = Replay { name, nodes, connected: 0, devices: HashMap::new(), bound: HashMap::new() };
    for (number, step) in vector["steps"].as_array().unwrap().iter().enumerate() {
        replay.step(number, step.as_object().unwrap()).await;
    }
    replay.ends(&vector).await;
}

struct Replay {
    name: String,
    nodes: Vec<World>,
    /// Devices so far: each comes to the next node.
    connected: usize,
    /// Those that are connected.
    devices: HashMap<String, Device>,
    /// What `$id:NAME` and the like stand for.
    bound: HashMap<String, Value>,
}

impl Replay {
    async fn step(&mut self, number: usize, step: &Map<String, Value>) {
        let place = format!("{} step {number}", self.name);
        let on = |verb: &str| step.get(verb).map(|name| name.as_str().unwrap().to_owned());
        if let Some(name) = on("connect") {
            let mut device = self.nodes[self.connected % self.nodes.len()].device(&name);
            self.connected += 1;
            device.connects().await;
            self.devices.insert(name, device);
        } else if let Some(name) = on("send") {
            let message = self.message(step);
            self.device(&name).sends(message).await;
        } else if let Some(name) = on("receive") {
            let frame = self.device(&name).hears_raw_frame().await;
            self.fits(&step["frame"], &frame, &place);
        } else if let Some(name) = on("closed") {
            let (code, _) = self.device(&name).is_closed().await;
            assert_eq!(step["code"], code, "{place}");
            self.devices.remove(&name);
        } else if let Some(name) = on("disconnect") {
            self.devices.remove(&name).expect("the device is connected");
        } else {
            panic!("{place}: {step:?} is no step");
        }
    }

    /// Who is still signed in has nothing left to hear: an acknowledgement is answered next.
    async fn ends(&mut self, vector: &Value) {
        for name in vector["silent"].as_array().into_iter().flatten() {
            let name = name.as_str().unwrap();
            let request =
                r#"{"jsonrpc":"2.0","id":"end","method":"user.unblock","params":{"userID":"nobody"}}"#;
            let device = self.devices.get_mut(name).unwrap();
            device.says(request).await;
            let frame = device.hears_raw_frame().await;
            assert_eq!(frame["id"], "end", "{}: at the end {name} hears {frame}", self.name);
        }
    }

    fn device(&mut self, name: &str) -> &mut Device {
        self.devices.get_mut(name).unwrap_or_else(|| panic!("{}: {name} is not connected", self.name))
    }

    fn message(&self, step: &Map<String, Value>) -> Message {
        if step.contains_key("binary") {
            return Message::binary(step["binary"].as_str().unwrap().as_bytes().to_vec());
        }
        match step.get("text") {
            Some(text) => Message::text(text.as_str().unwrap()),
            None => Message::text(self.filled(&step["frame"]).to_string()),
        }
    }

    /// A frame to be sent, with everything in the place of its placeholder.
    fn filled(&self, value: &Value) -> Value {
        match value {
            Value::Object(fields) => {
                fields.iter().map(|(name, value)| (name.clone(), self.filled(value))).collect()
            }
            Value::Array(items) => items.iter().map(|item| self.filled(item)).collect(),
            Value::String(text) if text.starts_with('$') => self.made(text),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
        }
    }

    fn made(&self, placeholder: &str) -> Value {
        if let Some(bound) = self.bound.get(placeholder) {
            return bound.clone();
        }
        let (kind, of) = placeholder[1..].split_once(':').expect("a placeholder with a name");
        let other_app = App { sdk_app_id: 7, ..app() };
        let other_key = App { key: AppKey::new("some other key"), ..app() };
        let hour = Duration::from_hours(1);
        let sig = |app: &App| mint_user_sig(app, &of.parse().unwrap(), now_ms(), hour).into();
        match kind {
            "token" => user_sig(of).into(),
            "jwt" => jwt(of, now_ms(), hour).into(),
            "expired" => jwt(of, now_ms() - 7_200_000, hour).into(),
            "otherApp" => sig(&other_app),
            "otherKey" => sig(&other_key),
            "long" => "x".repeat(of.parse().unwrap()).into(),
            _ => panic!("{}: {placeholder} is not bound", self.name),
        }
    }

    /// The frame that came is the one expected: the same fields, and what varies is of its kind.
    fn fits(&mut self, expected: &Value, came: &Value, place: &str) {
        match (expected, came) {
            (Value::Object(expected_fields), Value::Object(fields)) => {
                let names = |fields: &Map<String, Value>| {
                    let mut names: Vec<String> = fields.keys().cloned().collect();
                    names.sort();
                    names
                };
                assert_eq!(names(expected_fields), names(fields), "{place}: {came}, expected {expected}");
                for (name, value) in expected_fields {
                    self.fits(value, &fields[name], &format!("{place} {name}"));
                }
            }
            (Value::Array(expected_items), Value::Array(items)) => {
                assert_eq!(expected_items.len(), items.len(), "{place}: {came}, expected {expected}");
                for (expected, item) in expected_items.iter().zip(items) {
                    self.fits(expected, item, place);
                }
            }
            (Value::String(text), _) if text.starts_with('$') => self.is_of_kind(text, came, place),
            _ => assert_eq!(expected, came, "{place}"),
        }
    }

    fn is_of_kind(&mut self, placeholder: &str, came: &Value, place: &str) {
        let (kind, name) = placeholder[1..].split_once(':').unwrap_or((&placeholder[1..], ""));
        let fits = match kind {
            "any" => true,
            "id" | "words" => came.as_str().is_some_and(|text| !text.is_empty()),
            "time" => came.as_u64().is_some_and(|time| time > 1_600_000_000_000),
            "upTo" => came.as_u64().is_some_and(|number| number <= name.parse().unwrap()),
            _ => panic!("{place}: {placeholder} is no placeholder"),
        };
        assert!(fits, "{place}: {came} is not {placeholder}");
        if matches!(kind, "id" | "time") && !name.is_empty() {
            let bound = self.bound.entry(placeholder.to_owned()).or_insert_with(|| came.clone());
            assert_eq!(bound, came, "{place}: {placeholder}");
        }
    }
}

/// `{"limits": {"command_burst": 5}}` as TOML.
fn toml_of(config: &Value) -> String {
    let mut lines = Vec::new();
    for (table, keys) in config.as_object().into_iter().flatten() {
        lines.push(format!("[{table}]"));
        lines.extend(keys.as_object().unwrap().iter().map(|(key, value)| format!("{key} = {value}")));
    }
    lines.join("\n")
}
