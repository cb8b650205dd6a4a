//! A machine against a model server over a connection that breaks, delays and doubles, in random order.

use std::collections::{BTreeMap, VecDeque};

use proptest::prelude::*;
use serde_json::{Value, json};
use wigwag_protocol::{DeviceId, Platform};

use super::*;
use crate::events::ClientEvent;

/// What the world does next.
#[derive(Debug, Clone)]
enum Step {
    /// Somebody else makes an event for the user.
    Elsewhere,
    /// The app gives a command: `true` is an invite, which may be repeated, `false` one that may not.
    Command(bool),
    /// A frame reaches the server.
    Up,
    /// A frame reaches the client.
    Down,
    /// The server sends an event a second time.
    Double,
    /// The connection breaks; what is on its way is lost.
    Break,
    /// Time runs to the machine's next wish.
    Wake,
    /// The app's queue is full, or has room.
    Room(bool),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => Just(Step::Elsewhere),
        3 => any::<bool>().prop_map(Step::Command),
        6 => Just(Step::Up),
        10 => Just(Step::Down),
        1 => Just(Step::Double),
        1 => Just(Step::Break),
        2 => Just(Step::Wake),
        1 => any::<bool>().prop_map(Step::Room),
    ]
}

/// The server: one stream, one client. A command makes an event; its reply stands for it on the connection that asked.
#[derive(Default)]
struct Server {
    /// The events' bodies; the first has the cursor 1.
    stream: Vec<Value>,
    /// First replies by idempotency key.
    replies: BTreeMap<u64, Value>,
    executions: BTreeMap<u64, u32>,
    open: bool,
    down: VecDeque<String>,
}

impl Server {
    fn head(&self) -> u64 {
        self.stream.len() as u64
    }

    fn elsewhere(&mut self) {
        self.stream.push(json!({"type": "user.blocked", "userID": "eve"}));
        if self.open {
            self.down.push_back(self.event(self.head()));
        }
    }

    fn event(&self, cursor: u64) -> String {
        let mut params = self.stream[usize::try_from(cursor - 1).unwrap()].clone();
        params["cursor"] = json!(cursor);
        params["time"] = json!(1);
        json!({"method": "event", "params": params}).to_string()
    }

    fn hears(&mut self, text: &str) {
        let frame: Value = serde_json::from_str(text).unwrap();
        let (id, params) = (&frame["id"], &frame["params"]);
        match frame["method"].as_str().unwrap() {
            "session.open" => self.opens(id, params["cursor"].as_u64()),
            "session.ack" => assert!(params["cursor"].as_u64().unwrap() <= self.head()),
            "signaling.listOpen" => {
                let invitations: Vec<Value> = self.invites().map(|(_, event)| listed(event)).collect();
                self.replies(id, &json!({ "invitations": invitations }));
            }
            "signaling.invite" => {
                let name = params["inviteID"].as_str().unwrap();
                let event = json!({
                    "type": "invitation.received", "self": true, "inviteID": name, "inviter": "a", "inviteeList": ["bob"],
                    "data": "", "timeout": 0, "version": 1, "device": {"deviceID": "d", "platform": 7}
                });
                self.acts(id, name.parse().unwrap(), event);
            }
            _ => {
                self.acts(
                    id,
                    params["key"].as_u64().unwrap(),
                    json!({"type": "user.blocked", "userID": "x"}),
                );
            }
        }
    }

    fn invites(&self) -> impl Iterator<Item = (u64, &Value)> {
        (1..).zip(&self.stream).filter(|(_, event)| event["type"] == "invitation.received")
    }

    fn opens(&mut self, id: &Value, cursor: Option<u64>) {
        self.open = true;
        let (cursor, head) = (cursor.unwrap_or(self.head()), self.head());
        let limits = json!({"dataBytes": 9, "frameBytes": 9999, "invitees": 9, "commandsPerSecond": 9, "commandBurst": 9});
        self.replies(id, &json!({"userID": "a", "time": 1, "cursor": cursor, "head": head, "pingInterval": 0, "limits": limits}));
        for missed in cursor + 1..=head {
            self.down.push_back(self.event(missed));
        }
        if cursor < head {
            self.down
                .push_back(json!({"method": "session.caughtUp", "params": {"cursor": head}}).to_string());
        }
    }

    fn acts(&mut self, id: &Value, key: u64, event: Value) {
        let first = self.replies.entry(key).or_insert_with(|| {
            self.stream.push(event);
            *self.executions.entry(key).or_default() += 1;
            json!({"inviteID": key.to_string(), "cursor": self.stream.len(), "time": 1, "version": 1})
        });
        let result = first.clone();
        self.replies(id, &result);
    }

    fn replies(&mut self, id: &Value, result: &Value) {
        self.down.push_back(json!({"id": id, "result": result}).to_string());
    }
}

fn listed(event: &Value) -> Value {
    json!({
        "inviteID": event["inviteID"], "inviter": event["inviter"], "inviterDevice": event["device"],
        "invitees": [{"userID": "bob", "state": "pending"}], "data": "", "timeout": 0, "createdAt": 1, "status": "open",
        "version": 1
    })
}

struct World {
    machine: Machine,
    server: Server,
    up: VecDeque<String>,
    dialled: bool,
    now: u64,
    commands: Vec<u64>,
    settled: BTreeMap<u64, Vec<bool>>,
    replied: Vec<u64>,
    told: Vec<u64>,
    /// Those of them that were marked as the device's own.
    own: Vec<u64>,
}

impl World {
    fn new(seed: u64, own_acts: bool) -> Self {
        let machine = Machine::new(Settings {
            user_id: None,
            device_id: DeviceId::parse("d").unwrap(),
            platform: Platform::LINUX,
            place: Some(StreamPlace { user_id: None, cursor: 0 }),
            own_acts,
            renews_token: false,
            // Longer than any run, so that every command gets the reply it waits for.
            request_timeout: u64::MAX / 4,
            seed,
        });
        let mut world = Self {
            machine,
            server: Server::default(),
            up: VecDeque::new(),
            dialled: false,
            now: 0,
            commands: Vec::new(),
            settled: BTreeMap::new(),
            replied: Vec::new(),
            told: Vec::new(),
            own: Vec::new(),
        };
        world.gives(Input::Start);
        world.gives(Input::Token(Ok("t".to_owned())));
        world
    }

    fn gives(&mut self, input: Input<'_>) {
        self.machine.handle(input, self.now);
        self.carries_out();
    }

    fn carries_out(&mut self) {
        while let Some(output) = self.machine.poll() {
            match output {
                Output::Connect => self.dialled = true,
                Output::Disconnect => self.cut(),
                Output::Send(text) => self.up.push_back(text),
                Output::Tell(ClientEvent::Happened(happened)) => {
                    self.told.push(happened.cursor);
                    self.own.extend(happened.own.then_some(happened.cursor));
                }
                Output::Tell(_) | Output::FetchToken => {}
                Output::Settle { request, outcome } => self.settles(request, outcome),
            }
        }
    }

    fn settles(&mut self, request: u64, outcome: Result<String, Error>) {
        self.settled.entry(request).or_default().push(outcome.is_ok());
        self.replied.extend(outcome.ok().as_deref().and_then(heard::cursor_of));
    }

    fn cut(&mut self) {
        self.up.clear();
        self.server.down.clear();
        self.server.open = false;
        self.dialled = false;
    }

    fn takes(&mut self, step: &Step) {
        match step {
            Step::Elsewhere => self.server.elsewhere(),
            Step::Command(repeats) => self.commands(*repeats),
            Step::Up => self.up_goes(),
            Step::Down => self.down_comes(),
            Step::Double if self.server.open && self.server.head() > 0 => {
                self.server.down.push_back(self.server.event(self.server.head()));
            }
            Step::Double => {}
            Step::Break => self.breaks(),
            Step::Wake => self.wakes(),
            Step::Room(true) => self.gives(Input::Room),
            Step::Room(false) => self.gives(Input::Full),
        }
    }

    fn commands(&mut self, repeats: bool) {
        let key = self.commands.len();
        let (method, params) = if repeats {
            (Method::Invite, json!({"inviteID": key.to_string(), "invitee": "bob", "timeout": 0}))
        } else {
            (Method::GroupJoin, json!({ "key": key }))
        };
        let request = self.machine.command(method, &params.to_string(), self.now);
        self.commands.push(request);
        self.carries_out();
    }

    fn up_goes(&mut self) {
        if let Some(text) = self.up.pop_front() {
            self.server.hears(&text);
        }
    }

    fn down_comes(&mut self) {
        if let Some(text) = self.server.down.pop_front() {
            self.gives(Input::Frame(&text));
        }
    }

    fn breaks(&mut self) {
        if self.machine.expects_connection() {
            self.cut();
            self.gives(Input::Disconnected { code: None, why: "cut".to_owned() });
        }
    }

    fn wakes(&mut self) {
        if std::mem::take(&mut self.dialled) {
            return self.gives(Input::Connected);
        }
        if let Some(at) = self.machine.poll_timeout()
            && at < u64::MAX / 8
        {
            self.now = self.now.max(at);
            self.machine.handle_timeout(self.now);
            self.carries_out();
        }
    }

    /// The network behaves until nothing more happens.
    fn comes_to_rest(&mut self) {
        self.gives(Input::Room);
        for _ in 0..10_000 {
            if self.up.is_empty() && self.server.down.is_empty() {
                if matches!(self.machine.phase, Phase::Open(_)) && !self.machine.has_pending() {
                    return;
                }
                self.wakes();
            }
            self.up_goes();
            self.down_comes();
        }
        panic!("never at rest: {:?}", self.machine);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(512) })]

    #[test]
    fn every_event_is_told_once_in_order_and_every_command_settles_once(
        seed in any::<u64>(),
        own_acts in any::<bool>(),
        steps in prop::collection::vec(step(), 1..200),
    ) {
        let mut world = World::new(seed, own_acts);
        for step in &steps {
            world.takes(step);
        }
        world.comes_to_rest();

        prop_assert!(world.told.is_sorted_by(|one, next| one < next), "out of order: {:?}", world.told);
        let mut known: Vec<u64> = world.told.iter().chain(&world.replied).copied().collect();
        known.sort_unstable();
        known.dedup();
        // What the device did and what it heard is the whole stream, without a hole.
        prop_assert_eq!(known, (1..=world.server.head()).collect::<Vec<_>>());
        prop_assert_eq!(world.machine.cursor(), Some(world.server.head()));
        for request in &world.commands {
            prop_assert_eq!(world.settled.get(request).map(Vec::len), Some(1), "command {}", request);
        }
        prop_assert!(world.server.executions.values().all(|count| *count == 1));

        let invites: Vec<u64> = world.server.invites().map(|(cursor, _)| cursor).collect();
        prop_assert_eq!(&world.own, if own_acts { &invites } else { &[][..] });
        prop_assert_eq!(world.machine.book().open(world.now).len(), invites.len(), "each is in the book");
    }
}
