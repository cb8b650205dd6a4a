//! Replays the stories of `spec/vectors/client` against the machine. Their format is in the README there.
#![expect(clippy::unwrap_used, reason = "in a test, a panic is the report")]

use std::collections::{HashMap, VecDeque};
use std::path::Path;

use serde_json::{Map, Value, json};
use wigwag_client::machine::{Input, Machine, Output, Settings};
use wigwag_client::protocol::{CallId, DeviceId, InviteId, Method, Platform, UserId};
use wigwag_client::{ClientEvent, ConnectionState, Error, Happened, ResyncReason, StopReason, StreamPlace};

#[test]
fn every_story_goes_as_written() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../spec/vectors/client");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "json"));
    files.sort();
    assert!(files.len() >= 12, "{files:?}");
    for file in files {
        let story: Value = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
        Player::new(&file.file_name().unwrap().to_string_lossy(), &story["client"]).plays(&story["steps"]);
    }
}

/// One machine, and what its story has said so far.
struct Player {
    place: String,
    machine: Machine,
    now: u64,
    /// What the client did that the story has not told yet.
    done: VecDeque<Output>,
    /// The ids that `$name` stands for.
    ids: HashMap<String, Value>,
    /// The names of the commands without their reply.
    commands: HashMap<u64, String>,
}

impl Player {
    fn new(file: &str, client: &Value) -> Self {
        let user = |value: &Value| value.as_str().map(|name| UserId::parse(name).unwrap());
        let place = client.get("place").map(|place| StreamPlace {
            user_id: user(&place["userID"]),
            cursor: place["cursor"].as_u64().unwrap(),
        });
        let machine = Machine::new(Settings {
            user_id: user(&client["userID"]),
            device_id: DeviceId::parse(client["deviceID"].as_str().unwrap()).unwrap(),
            platform: Platform::new(u8::try_from(client["platform"].as_u64().unwrap()).unwrap()).unwrap(),
            place,
            own_acts: client["ownActs"] == true,
            renews_token: true,
            request_timeout: 10_000,
            seed: 1,
        });
        let (done, ids, commands) = Default::default();
        Self { place: file.to_owned(), machine, now: 1_000, done, ids, commands }
    }

    fn plays(mut self, steps: &Value) {
        let file = self.place.clone();
        self.gets(Input::Start);
        for (number, step) in steps.as_array().unwrap().iter().enumerate() {
            self.place = format!("{file}, step {number}, {step}");
            self.step(step.as_object().unwrap());
        }
        self.place = format!("{file}, at the end");
        self.has_done_nothing_more();
    }

    fn step(&mut self, step: &Map<String, Value>) {
        let verb = VERBS.iter().find(|(verb, _)| step.contains_key(*verb));
        let (name, verb) = verb.unwrap_or_else(|| panic!("{}: no step", self.place));
        let arg = &step[*name];
        match verb {
            Verb::World(gives) => {
                self.has_done_nothing_more();
                gives(self, arg);
            }
            Verb::App => {
                self.has_done_nothing_more();
                self.commands(step);
            }
            Verb::Client(does) => {
                let output = self.next_output(name, arg);
                does(self, step, output);
            }
            Verb::Known(is) => is(self, arg),
        }
    }
}

/// What a step is: something that comes to the client, something that it does, or something that is true of it.
enum Verb {
    World(fn(&mut Player, &Value)),
    App,
    Client(fn(&mut Player, &Map<String, Value>, Output)),
    Known(fn(&Player, &Value)),
}

const VERBS: [(&str, Verb); 15] = [
    ("token", Verb::World(|player, token| player.gets(Input::Token(Ok(token.as_str().unwrap().to_owned()))))),
    ("connected", Verb::World(|player, _| player.gets(Input::Connected))),
    ("receives", Verb::World(Player::receives)),
    ("disconnected", Verb::World(Player::disconnected)),
    ("passes", Verb::World(|player, ms| player.passes(ms.as_u64().unwrap()))),
    ("full", Verb::World(|player, full| player.gets(if *full == true { Input::Full } else { Input::Room }))),
    ("commands", Verb::App),
    ("asks", Verb::Client(|player, step, output| player.asked(step, &output))),
    ("sends", Verb::Client(Player::sent)),
    (
        "drops",
        Verb::Client(|player, _, output| {
            assert!(matches!(output, Output::Disconnect), "{}: {output:?}", player.place);
        }),
    ),
    ("tells", Verb::Client(Player::told)),
    ("settles", Verb::Client(Player::settled)),
    ("place", Verb::Known(Player::stands_at)),
    ("book", Verb::Known(Player::knows)),
    ("calls", Verb::Known(Player::knows_calls)),
];

/// What comes to the client.
impl Player {
    fn gets(&mut self, input: Input<'_>) {
        self.machine.handle(input, self.now);
        self.collects();
    }

    fn collects(&mut self) {
        self.done.extend(std::iter::from_fn(|| self.machine.poll()));
    }

    fn receives(&mut self, frame: &Value) {
        let mut frame = frame.clone();
        if let Some(id) = frame["id"].as_str().filter(|id| id.starts_with('$')) {
            let bound = self.ids.get(id).unwrap_or_else(|| panic!("{}: {id} is not bound", self.place));
            frame["id"] = bound.clone();
        }
        self.gets(Input::Frame(&frame.to_string()));
    }

    fn disconnected(&mut self, code: &Value) {
        let code = u16::try_from(code.as_u64().unwrap()).unwrap();
        self.gets(Input::Disconnected { code: Some(code).filter(|code| *code > 0), why: "gone".to_owned() });
    }

    fn passes(&mut self, ms: u64) {
        let end = self.now + ms;
        while let Some(at) = self.machine.poll_timeout().filter(|at| *at <= end) {
            self.now = self.now.max(at);
            self.machine.handle_timeout(self.now);
            self.collects();
        }
        self.now = end;
        self.machine.handle_timeout(end);
        self.collects();
    }

    fn commands(&mut self, step: &Map<String, Value>) {
        let method = Method::parse(step["method"].as_str().unwrap()).unwrap();
        let request = self.machine.command(method, &step["params"].to_string(), self.now);
        self.commands.insert(request, step["commands"].as_str().unwrap().to_owned());
        self.collects();
    }
}

/// What the client does.
impl Player {
    /// The next output, without those that the story may leave out.
    fn next_output(&mut self, verb: &str, arg: &Value) -> Output {
        loop {
            let output = self.done.pop_front();
            let output = output.unwrap_or_else(|| panic!("{}: the client does nothing more", self.place));
            let expected = (verb == "tells"
                && arg.get("state").is_some_and(|state| state_of(&output) == state.as_str()))
                || (verb == "sends" && arg.get("id").is_none());
            if expected || !may_be_left_out(&output) {
                return output;
            }
        }
    }

    fn has_done_nothing_more(&mut self) {
        self.done.retain(|output| !may_be_left_out(output));
        assert!(self.done.is_empty(), "{}: before it the client did {:?}", self.place, self.done);
    }

    fn asked(&self, step: &Map<String, Value>, output: &Output) {
        let asked = match output {
            Output::FetchToken => "token",
            Output::Connect => "connection",
            Output::Disconnect | Output::Send(_) | Output::Tell(_) | Output::Settle { .. } => {
                panic!("{}: {output:?}", self.place)
            }
        };
        assert_eq!(step["asks"], asked, "{}", self.place);
    }

    fn sent(&mut self, step: &Map<String, Value>, output: Output) {
        let Output::Send(text) = output else { panic!("{}: {output:?}", self.place) };
        let frame: Value = serde_json::from_str(&text).unwrap();
        let mut expected = step["sends"].clone();
        if let Some(id) = expected["id"].as_str().filter(|id| id.starts_with('$')) {
            let bound = self.ids.entry(id.to_owned()).or_insert_with(|| frame["id"].clone());
            expected["id"] = bound.clone();
        }
        self.fits(&expected, &frame);
    }

    fn told(&mut self, step: &Map<String, Value>, output: Output) {
        let expected = &step["tells"];
        let Output::Tell(event) = output else { panic!("{}: {output:?}", self.place) };
        let told = match event {
            ClientEvent::Happened(happened) => json!({"event": event_value(&happened)}),
            ClientEvent::Unknown { params, .. } => {
                json!({"event": serde_json::from_str::<Value>(&params).unwrap()})
            }
            ClientEvent::Resynced { open_invitations, why } => {
                let why = match why {
                    ResyncReason::NoCursor => "noCursor",
                    ResyncReason::CursorTooOld => "cursorTooOld",
                };
                json!({"resync": why, "openInvitations": open_invitations})
            }
            ClientEvent::RingOver { invite_id } => json!({ "ringOver": invite_id }),
            ClientEvent::Status(status) => json!({ "status": status }),
            ClientEvent::State(state) => json!({"state": state_name(&state)}),
            ClientEvent::CursorNotStored(why) => panic!("{}: {why}", self.place),
        };
        self.fits(expected, &told);
    }

    fn settled(&mut self, step: &Map<String, Value>, output: Output) {
        let Output::Settle { request, outcome } = output else { panic!("{}: {output:?}", self.place) };
        assert_eq!(self.commands.remove(&request).as_deref(), step["settles"].as_str(), "{}", self.place);
        let outcome = match outcome {
            Ok(result) => json!({"result": serde_json::from_str::<Value>(&result).unwrap()}),
            Err(error) => json!({ "error": reason_of(&error) }),
        };
        let expected = step.iter().filter(|(name, _)| *name != "settles");
        self.fits(&expected.map(|(name, value)| (name.clone(), value.clone())).collect(), &outcome);
    }
}

/// What is true of the client.
impl Player {
    fn stands_at(&self, expected: &Value) {
        self.fits(expected, &serde_json::to_value(self.machine.place()).unwrap());
    }

    fn knows(&self, expected: &Value) {
        for (name, expected) in expected.as_object().unwrap() {
            let known = self.machine.book().get(&InviteId::parse(name).unwrap(), self.now);
            let known = serde_json::to_value(known).unwrap();
            self.fits(expected, &by_user(known, "invitees"));
        }
    }

    fn knows_calls(&self, expected: &Value) {
        for (name, expected) in expected.as_object().unwrap() {
            let id = CallId::opened_by(&InviteId::parse(name).unwrap());
            let known = serde_json::to_value(self.machine.calls().get(&id, self.now)).unwrap();
            self.fits(expected, &by_user(known, "people"));
        }
    }

    /// Objects may have more fields than expected, but none that is expected to be `null`.
    fn fits(&self, expected: &Value, came: &Value) {
        match (expected, came) {
            (Value::Object(fields), Value::Object(_)) => {
                for (name, expected) in fields {
                    self.fits(expected, came.get(name).unwrap_or(&Value::Null));
                }
            }
            (Value::Array(expected), Value::Array(items)) if expected.len() == items.len() => {
                expected.iter().zip(items).for_each(|(expected, item)| self.fits(expected, item));
            }
            _ => assert_eq!(expected, came, "{}", self.place),
        }
    }
}

/// The list in this field as an object: where each user stands.
fn by_user(mut known: Value, list: &str) -> Value {
    if let Some(users) = known.get(list).and_then(Value::as_array) {
        let states =
            users.iter().map(|one| (one["userID"].as_str().unwrap().to_owned(), one["state"].clone()));
        known[list] = states.collect();
    }
    known
}

/// Acks without an id and told states, unless the story tells them.
fn may_be_left_out(output: &Output) -> bool {
    match output {
        Output::Send(text) => text.contains(r#""method":"session.ack""#) && !text.contains(r#""id":"#),
        Output::Tell(ClientEvent::State(_)) => true,
        Output::Tell(_)
        | Output::FetchToken
        | Output::Connect
        | Output::Disconnect
        | Output::Settle { .. } => false,
    }
}

fn state_of(output: &Output) -> Option<&'static str> {
    match output {
        Output::Tell(ClientEvent::State(state)) => Some(state_name(state)),
        Output::Tell(_)
        | Output::Send(_)
        | Output::FetchToken
        | Output::Connect
        | Output::Disconnect
        | Output::Settle { .. } => None,
    }
}

fn state_name(state: &ConnectionState) -> &'static str {
    match state {
        ConnectionState::Connecting => "connecting",
        ConnectionState::Connected { .. } => "open",
        ConnectionState::Reconnecting { .. } => "reconnecting",
        ConnectionState::Stopped(_) => "closed",
    }
}

fn reason_of(error: &Error) -> Value {
    match error {
        Error::Refused(body) => json!(body.data.reason),
        Error::TimedOut => json!("requestTimeout"),
        Error::Disconnected => json!("connectionLost"),
        Error::Stopped(StopReason::Asked) => json!("closed"),
        Error::Stopped(_)
        | Error::Unreadable(_)
        | Error::InvalidUrl(_)
        | Error::Tls(_)
        | Error::CursorStore(_) => panic!("no story has this: {error:?}"),
    }
}

/// The event as the protocol writes it.
fn event_value(happened: &Happened) -> Value {
    let mut value = serde_json::to_value(&happened.event).unwrap();
    value["cursor"] = json!(happened.cursor);
    value["time"] = json!(happened.time);
    for (name, is) in [("self", happened.by_self), ("own", happened.own)] {
        if is {
            value[name] = json!(true);
        }
    }
    if let Some(remaining) = happened.remaining_ms {
        value["remainingMs"] = json!(remaining);
    }
    value
}
