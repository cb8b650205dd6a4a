//! A machine against a model server over a connection that breaks, delays and doubles, in random order.

use std::collections::{BTreeMap, VecDeque};

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

/// What the world does next.
#[derive(Debug, Clone)]
enum Step {
    /// Somebody else makes an event for the user.
    Elsewhere,
    /// The app gives a command: `true` is one that may be repeated.
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
    head: u64,
    /// First replies by idempotency key.
    replies: BTreeMap<u64, u64>,
    executions: BTreeMap<u64, u32>,
    open: bool,
    down: VecDeque<String>,
}

impl Server {
    fn elsewhere(&mut self) {
        self.head += 1;
        if self.open {
            self.down.push_back(event(self.head));
        }
    }

    fn hears(&mut self, text: &str) {
        let frame: Value = serde_json::from_str(text).unwrap();
        let (id, params) = (&frame["id"], &frame["params"]);
        match frame["method"].as_str().unwrap() {
            "session.open" => self.opens(id, params["cursor"].as_u64()),
            "session.ack" => assert!(params["cursor"].as_u64().unwrap() <= self.head),
            _ => self.acts(id, params["key"].as_u64().unwrap()),
        }
    }

    fn opens(&mut self, id: &Value, cursor: Option<u64>) {
        self.open = true;
        let cursor = cursor.unwrap_or(self.head);
        let limits = json!({"dataBytes": 9, "frameBytes": 9999, "invitees": 9, "commandsPerSecond": 9, "commandBurst": 9});
        let result = json!({"userID": "a", "time": 1, "cursor": cursor, "head": self.head, "pingInterval": 0, "limits": limits});
        self.down.push_back(json!({"id": id, "result": result}).to_string());
        self.down.extend((cursor + 1..=self.head).map(event));
        if cursor < self.head {
            let params = json!({ "cursor": self.head });
            self.down.push_back(json!({"method": "session.caughtUp", "params": params}).to_string());
        }
    }

    fn acts(&mut self, id: &Value, key: u64) {
        let cursor = *self.replies.entry(key).or_insert_with(|| {
            self.head += 1;
            *self.executions.entry(key).or_default() += 1;
            self.head
        });
        self.down.push_back(json!({"id": id, "result": {"cursor": cursor, "time": 1}}).to_string());
    }
}

fn event(cursor: u64) -> String {
    let params = json!({"cursor": cursor, "time": 1, "type": "user.blocked", "userID": "eve"});
    json!({"method": "event", "params": params}).to_string()
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
}

impl World {
    fn new(seed: u64) -> Self {
        let machine = Machine::new(Settings {
            user_id: None,
            device_id: DeviceId::parse("d").unwrap(),
            platform: Platform::LINUX,
            cursor: Some(0),
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
                Output::Tell(ClientEvent::Happened(happened)) => self.told.push(happened.cursor),
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
            Step::Double if self.server.open && self.server.head > 0 => {
                self.server.down.push_back(event(self.server.head));
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
        let method = if repeats { Method::Accept } else { Method::GroupJoin };
        let request = self.machine.command(method, &format!(r#"{{"key":{key}}}"#), self.now);
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
        if let Some(at) = self.machine.next_wake()
            && at < u64::MAX / 8
        {
            self.now = self.now.max(at);
            self.gives(Input::TimePassed);
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
        steps in prop::collection::vec(step(), 1..200),
    ) {
        let mut world = World::new(seed);
        for step in &steps {
            world.takes(step);
        }
        world.comes_to_rest();

        prop_assert!(world.told.is_sorted_by(|one, next| one < next), "out of order: {:?}", world.told);
        let mut known: Vec<u64> = world.told.iter().chain(&world.replied).copied().collect();
        known.sort_unstable();
        known.dedup();
        // What the device did and what it heard is the whole stream, without a hole.
        prop_assert_eq!(known, (1..=world.server.head).collect::<Vec<_>>());
        prop_assert_eq!(world.machine.cursor(), Some(world.server.head));
        for request in &world.commands {
            prop_assert_eq!(world.settled.get(request).map(Vec::len), Some(1), "command {}", request);
        }
        prop_assert!(world.server.executions.values().all(|count| *count == 1));
    }
}
