//! Devices, one server, one clock, and the network between them.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use fastrand::Rng;
use wigwag_client::machine::{Input, Machine, Output, Settings};
use wigwag_client::{Book, CallBook, StopReason, StreamPlace};
use wigwag_engine::command::CreateGroup;
use wigwag_engine::limits::WhenBusy;
use wigwag_engine::{Actor, Command, Request};
use wigwag_protocol::group::JoinPolicy;
use wigwag_protocol::{Device as Named, DeviceId, Platform, UserId};

use crate::app::{App, CommandId, Mood, everybody};
use crate::call_checks;
use crate::connection::Heard;
use crate::occurrence::{Agenda, Occurrence, Trouble};
use crate::server::{self, Effect, Frame, Link, Server};

/// When the world begins, ms.
const BEGIN: u64 = 1_000_000;
/// How long people act and the network is bad, ms.
const STORM_MS: u64 = 120_000;
/// How long it is calm afterwards, ms: longer than any timeout, reconnect delay and idle limit one after the other.
const CALM_MS: u64 = 300_000;
/// How long people bring to its end what they began, and then how long they leave what they are in, ms.
const FINISHING_MS: u64 = 60_000;
/// Longest time that a device is switched off, ms: longer than anybody who is gone stays in a call.
const OFF_MS: u64 = 70_000;
/// How long a command waits for its reply, ms.
const REQUEST_TIMEOUT_MS: u64 = 10_000;

/// A device: the real client machine, and the app on it.
#[derive(Debug)]
pub struct Device {
    /// Who and where.
    pub name: Named,
    /// The app's notebook.
    pub app: App,
    machine: Machine,
    /// Where its next process goes on, as it is stored.
    stored: Option<StreamPlace>,
    link: Option<Link>,
    /// How far its clock is ahead, ms.
    ahead: u64,
    /// Whether its process runs.
    on: bool,
    /// How many processes it has had.
    life: u32,
    /// How long the network takes to carry one of its frames away from the server's mailbox, ms.
    pace: u64,
    next_wake: Option<u64>,
}

/// A connection, as the network sees it.
#[derive(Debug)]
struct Wire {
    device: usize,
    /// Whether bytes still pass.
    whole: bool,
    /// Frames arrive in order: the last one in each direction arrives then.
    to_server_at: u64,
    to_device_at: u64,
    writing: bool,
}

/// All of it.
#[derive(Debug)]
pub struct World {
    /// The seed it was made with.
    pub seed: u64,
    /// The only server.
    pub server: Server,
    /// Every device.
    pub devices: Vec<Device>,
    users: Vec<UserId>,
    now: u64,
    calm_from: u64,
    dice: Rng,
    agenda: Agenda,
    wires: BTreeMap<Link, Wire>,
    links_made: Link,
    log: DefaultHasher,
}

/// A world is made, runs, and is looked at.
impl World {
    /// Some users with some devices each, as the seed says.
    pub fn new(seed: u64) -> Self {
        let mut dice = Rng::with_seed(seed);
        let users: Vec<UserId> =
            (0..dice.u8(2..6)).map(|n| UserId::parse(&format!("user{n}")).expect("a userID")).collect();
        let mut world = Self {
            seed,
            server: Server::new(if dice.bool() { WhenBusy::Report } else { WhenBusy::Ring }),
            devices: Vec::new(),
            users: users.clone(),
            now: BEGIN,
            calm_from: BEGIN + STORM_MS,
            dice,
            agenda: Agenda::default(),
            wires: BTreeMap::new(),
            links_made: 0,
            log: DefaultHasher::new(),
        };
        world.found_group();
        for user in users {
            for number in 0..world.dice.u8(1..4) {
                world.add_device(&user, number);
            }
        }
        world
    }

    /// Lets the storm pass and the calm come. Gives the hash of everything that happened.
    pub fn run(&mut self) -> u64 {
        self.foretell();
        while let Some((at, what)) = self.agenda.next(self.calm_from + CALM_MS) {
            self.now = at;
            (at, format!("{what:?}")).hash(&mut self.log);
            self.happens(what);
            self.serve();
        }
        self.log.finish()
    }

    /// What the world's clock says.
    pub fn now(&self) -> u64 {
        self.now
    }

    fn found_group(&mut self) {
        for user in self.users.clone() {
            self.by_operator(&user, Command::Register);
        }
        let create = CreateGroup {
            id: Some(everybody()),
            name: String::new(),
            ext: String::new(),
            join_policy: JoinPolicy::Free,
            members: self.users.clone(),
        };
        self.by_operator(&self.users[0].clone(), Command::CreateGroup(Box::new(create)));
    }

    fn by_operator(&mut self, user: &UserId, command: Command) {
        let device =
            Named { device_id: DeviceId::parse("desk").expect("a deviceID"), platform: Platform::WEB };
        let request = Request::By(Actor { user: user.clone(), device: Some(device) }, command);
        self.server.run(&request, self.now).expect("nothing speaks against it");
    }

    fn add_device(&mut self, user: &UserId, number: u8) {
        let device_id = DeviceId::parse(&format!("{user}-{number}")).expect("a deviceID");
        let name = Named { device_id, platform: Platform::LINUX };
        let machine = machine(user, &name, None, self.dice.u64(..));
        let pace = if self.dice.u8(0..4) == 0 { self.dice.u64(100..800) } else { 1 };
        let app = App::new(user.clone());
        let device = Device {
            name,
            app,
            machine,
            stored: None,
            link: None,
            ahead: 0,
            on: false,
            life: 0,
            pace,
            next_wake: None,
        };
        self.devices.push(device);
    }

    /// Everything that will happen by itself.
    fn foretell(&mut self) {
        for device in 0..self.devices.len() {
            let mut at = self.now + self.dice.u64(0..3_000);
            self.agenda.add(at, Occurrence::Trouble(device, Trouble::Restart));
            while at < self.calm_from + FINISHING_MS * 2 {
                at += self.dice.u64(200..4_000);
                self.agenda.add(at, Occurrence::Act(device));
            }
            let off = Trouble::Off(self.dice.u64(5_000..OFF_MS));
            for trouble in [Trouble::Busy, Trouble::ClockJump, Trouble::Restart, off] {
                for _ in 0..self.dice.u8(0..3) {
                    let at = self.now + self.dice.u64(0..STORM_MS);
                    self.agenda.add(at, Occurrence::Trouble(device, trouble));
                }
            }
        }
        for _ in 0..self.dice.u8(0..3) {
            self.agenda.add(self.now + self.dice.u64(0..STORM_MS), Occurrence::Crash);
        }
        for _ in 0..2 {
            self.foretell_power_cut();
        }
    }

    /// All devices of somebody go off at once, for about as long as they may be gone from a call, or for longer.
    fn foretell_power_cut(&mut self) {
        let user = self.users[self.dice.usize(..self.users.len())].clone();
        let at = self.now + self.dice.u64(0..STORM_MS);
        for number in (0..self.devices.len()).filter(|number| self.devices[*number].app.user == user) {
            let off = Trouble::Off(self.dice.u64(OFF_MS / 2..OFF_MS));
            self.agenda.add(at, Occurrence::Trouble(number, off));
        }
    }
}

/// What happens.
impl World {
    fn happens(&mut self, what: Occurrence) {
        match what {
            Occurrence::Connected(link) => {
                if self.passes(link) {
                    self.server.connects(link, self.now);
                }
                self.at_device(link, |machine, now| machine.handle(Input::Connected, now));
            }
            Occurrence::NotConnected(link) => self.lost_at_device(link, None),
            Occurrence::ToServer(link, text) => {
                if self.passes(link) {
                    self.server.hear(link, Heard::Frame(text));
                }
            }
            Occurrence::ToDevice(link, text) => {
                if self.passes(link) {
                    self.at_device(link, |machine, now| machine.handle(Input::Frame(&text), now));
                }
            }
            Occurrence::Write(link) => self.write(link),
            Occurrence::Look(link) => self.server.time_comes(link),
            Occurrence::Ping(link) => self.ping(link),
            Occurrence::Pong(link) => {
                if self.passes(link) {
                    self.server.hear(link, Heard::Pong);
                }
            }
            Occurrence::Cut(link) => self.cut(link),
            Occurrence::LostAtServer(link) => {
                self.wires.remove(&link);
                self.server.lost(link, self.now);
            }
            Occurrence::LostAtDevice(link, code) => {
                // A close frame does not come through a cut.
                if code.is_none() || self.passes(link) {
                    self.lost_at_device(link, code);
                }
            }
            Occurrence::Wake(device) => self.wake(device),
            Occurrence::Act(device) => self.act(device),
            Occurrence::Trouble(device, trouble) => self.trouble(device, trouble),
            Occurrence::Due => self.server.sweep(self.now),
            Occurrence::Crash => self.crash(),
        }
    }

    fn is_calm(&self) -> bool {
        self.now >= self.calm_from
    }

    fn passes(&self, link: Link) -> bool {
        self.wires.get(&link).is_some_and(|wire| wire.whole)
    }

    fn delay(&mut self) -> u64 {
        match self.dice.u8(0..20) {
            0 if !self.is_calm() => self.dice.u64(500..3_000),
            _ => self.dice.u64(1..80),
        }
    }

    /// What the server wants done.
    fn serve(&mut self) {
        for effect in self.server.take_effects() {
            match effect {
                Effect::Runs(link) => {
                    if let Some(wire) = self.wires.get_mut(&link).filter(|wire| !wire.writing) {
                        wire.writing = true;
                        self.agenda.add(self.now, Occurrence::Write(link));
                    }
                }
                Effect::Look(link, at) => self.agenda.add(at.max(self.now), Occurrence::Look(link)),
                Effect::Close(link, code) => {
                    self.carry_to_device(link, |link| Occurrence::LostAtDevice(link, Some(code)));
                }
                Effect::Due(at) => self.agenda.add(at.max(self.now) + self.dice.u64(0..50), Occurrence::Due),
            }
        }
    }

    fn write(&mut self, link: Link) {
        let frame = self.server.next_frame(link, self.now);
        let Some(wire) = self.wires.get_mut(&link) else { return };
        wire.writing = frame.is_some();
        let pace = self.devices[wire.device].pace;
        let Some(frame) = frame else { return };
        self.agenda.add(self.now + pace, Occurrence::Write(link));
        match frame {
            Frame::Text(text) => self.carry_to_device(link, |link| Occurrence::ToDevice(link, text)),
            Frame::Ping => self.carry_to_device(link, Occurrence::Ping),
        }
        self.perhaps_cut(link);
    }

    fn carry_to_device(&mut self, link: Link, what: impl FnOnce(Link) -> Occurrence) {
        let delay = self.delay();
        let Some(wire) = self.wires.get_mut(&link) else { return };
        wire.to_device_at = wire.to_device_at.max(self.now + delay);
        self.agenda.add(wire.to_device_at, what(link));
    }

    fn carry_to_server(&mut self, link: Link, what: impl FnOnce(Link) -> Occurrence) {
        let delay = self.delay();
        let Some(wire) = self.wires.get_mut(&link) else { return };
        wire.to_server_at = wire.to_server_at.max(self.now + delay);
        self.agenda.add(wire.to_server_at, what(link));
    }

    fn ping(&mut self, link: Link) {
        if self.passes(link) {
            self.carry_to_server(link, Occurrence::Pong);
            self.at_device(link, |machine, now| machine.handle(Input::Alive, now));
        }
    }

    fn perhaps_cut(&mut self, link: Link) {
        if !self.is_calm() && self.dice.u8(0..40) == 0 {
            self.agenda.add(self.now + self.dice.u64(0..200), Occurrence::Cut(link));
        }
    }

    /// Frames in flight are lost. The device is told soon or, in a black hole, never; the server always late.
    fn cut(&mut self, link: Link) {
        let Some(wire) = self.wires.get_mut(&link).filter(|wire| wire.whole) else { return };
        wire.whole = false;
        if self.dice.u8(0..4) > 0 {
            self.agenda.add(self.now + self.dice.u64(1..500), Occurrence::LostAtDevice(link, None));
        }
        self.agenda.add(self.now + self.dice.u64(1..60_000), Occurrence::LostAtServer(link));
    }

    fn crash(&mut self) {
        self.server.crash(self.now);
        for link in std::mem::take(&mut self.wires).into_keys() {
            self.agenda.add(self.now + self.dice.u64(1..100), Occurrence::LostAtDevice(link, None));
        }
    }
}

/// What happens on devices.
impl World {
    fn at_device(&mut self, link: Link, what: impl FnOnce(&mut Machine, u64)) {
        if let Some(device) = self.devices.iter().position(|device| device.link == Some(link)) {
            self.at(device, what);
        }
    }

    /// Lets something happen to a machine, and does what it wants done.
    fn at(&mut self, number: usize, what: impl FnOnce(&mut Machine, u64)) {
        let device = &mut self.devices[number];
        let now = self.now + device.ahead;
        what(&mut device.machine, now);
        while let Some(output) = self.devices[number].machine.poll() {
            self.carry_out(number, output, now);
        }
        let device = &mut self.devices[number];
        device.stored = device.machine.place().or_else(|| device.stored.take());
        self.wake_later(number);
    }

    fn carry_out(&mut self, number: usize, output: Output, now: u64) {
        let device = &mut self.devices[number];
        match output {
            Output::FetchToken => {
                let token = self.token(number);
                self.devices[number].machine.handle(Input::Token(Ok(token)), now);
            }
            Output::Connect => self.connect(number),
            Output::Disconnect => self.hang_up(number),
            Output::Send(text) => {
                if let Some(link) = device.link {
                    self.carry_to_server(link, |link| Occurrence::ToServer(link, text));
                    self.perhaps_cut(link);
                }
            }
            Output::Tell(event) => {
                if let Some(taken) = device.app.hears(event, device.machine.cursor()) {
                    device.machine.handle(Input::Taken(taken), now);
                }
            }
            Output::Settle { request, outcome } => {
                let id: CommandId = (device.life, request);
                device.app.settled(id, outcome, device.machine.cursor());
            }
        }
    }

    /// In the storm tokens end soon, so that sessions end with them.
    fn token(&mut self, number: usize) -> String {
        let life = if self.is_calm() { 3_600_000 } else { self.dice.u64(20_000..200_000) };
        server::token(&self.devices[number].app.user, self.now + life)
    }

    fn connect(&mut self, number: usize) {
        self.links_made += 1;
        let link = self.links_made;
        self.devices[number].link = Some(link);
        let at = self.now + self.delay();
        if !self.is_calm() && self.dice.u8(0..5) == 0 {
            return self.agenda.add(at, Occurrence::NotConnected(link));
        }
        let wire = Wire { device: number, whole: true, to_server_at: at, to_device_at: at, writing: false };
        self.wires.insert(link, wire);
        self.agenda.add(at, Occurrence::Connected(link));
    }

    /// The device drops its connection; what it sent before still arrives.
    fn hang_up(&mut self, number: usize) {
        if let Some(link) = self.devices[number].link.take() {
            self.carry_to_server(link, Occurrence::LostAtServer);
        }
    }

    fn lost_at_device(&mut self, link: Link, code: Option<u16>) {
        let Some(number) = self.devices.iter().position(|device| device.link == Some(link)) else { return };
        self.hang_up(number);
        self.at(number, |machine, now| {
            machine.handle(Input::Disconnected { code, why: "the network".to_owned() }, now);
        });
    }

    fn wake_later(&mut self, number: usize) {
        let device = &mut self.devices[number];
        let wake = device.machine.poll_timeout().map(|at| at.saturating_sub(device.ahead).max(self.now + 1));
        if wake != device.next_wake
            && let Some(at) = wake
        {
            self.agenda.add(at, Occurrence::Wake(number));
        }
        device.next_wake = wake;
    }

    fn wake(&mut self, number: usize) {
        // One that was overtaken by a later wish finds nothing to do.
        self.devices[number].next_wake = None;
        self.at(number, Machine::handle_timeout);
    }

    /// A person looks at their screen and acts; in the calm only to bring what they began to its end.
    fn act(&mut self, number: usize) {
        call_checks::check_meanwhile(self, number);
        let mood = self.mood();
        let device = &mut self.devices[number];
        if !device.on || !device.machine.takes_commands() {
            return;
        }
        let others: Vec<UserId> =
            self.users.iter().filter(|user| **user != device.app.user).cloned().collect();
        let now = self.now + device.ahead;
        let screen = device.machine.calls().running(now);
        let Some(given) = device.app.wants(&others, &screen, mood, &mut self.dice) else { return };
        let request = device.machine.command(given.verb.method(), &given.params, now);
        device.app.given.insert((device.life, request), given);
        self.at(number, |_, _| {});
    }

    fn mood(&self) -> Mood {
        if !self.is_calm() {
            Mood::Lively
        } else if self.now < self.calm_from + FINISHING_MS {
            Mood::Finishing
        } else {
            Mood::Leaving
        }
    }

    fn trouble(&mut self, number: usize, trouble: Trouble) {
        match trouble {
            Trouble::Busy => {
                self.at(number, |machine, now| machine.handle(Input::Full, now));
                let at = self.now + self.dice.u64(100..8_000);
                self.agenda.add(at, Occurrence::Trouble(number, Trouble::Free));
            }
            Trouble::Free => self.at(number, |machine, now| machine.handle(Input::Room, now)),
            Trouble::ClockJump => {
                self.devices[number].ahead += self.dice.u64(1_000..3_600_000);
                self.at(number, Machine::handle_timeout);
            }
            Trouble::Restart => self.restart(number),
            Trouble::Off(ms) => {
                self.dies(number);
                self.agenda.add(self.now + ms, Occurrence::Trouble(number, Trouble::Restart));
            }
        }
    }

    /// The process starts, or dies and starts again with the cursor it had stored.
    fn restart(&mut self, number: usize) {
        self.dies(number);
        self.devices[number].on = true;
        self.at(number, |machine, now| machine.handle(Input::Start, now));
    }

    fn dies(&mut self, number: usize) {
        self.hang_up(number);
        let seed = self.dice.u64(..);
        let device = &mut self.devices[number];
        let untold = device.machine.place().is_none() && device.machine.cursor().is_some();
        device.app.restarts(untold);
        device.machine = machine(&device.app.user, &device.name, device.stored.clone(), seed);
        device.on = false;
        device.life += 1;
        device.next_wake = None;
    }
}

impl Device {
    /// The newest cursor it has taken over.
    pub fn cursor(&self) -> Option<u64> {
        self.machine.cursor()
    }

    /// What the client knows of invitations.
    pub fn book(&self) -> &Book {
        self.machine.book()
    }

    /// What the client knows of calls.
    pub fn calls(&self) -> &CallBook {
        self.machine.calls()
    }

    /// Why it gave up, if it did.
    pub fn stopped(&self) -> Option<&StopReason> {
        self.machine.stopped()
    }
}

fn machine(user: &UserId, name: &Named, place: Option<StreamPlace>, seed: u64) -> Machine {
    Machine::new(Settings {
        user_id: Some(user.clone()),
        device_id: name.device_id.clone(),
        platform: name.platform,
        place,
        own_acts: false,
        renews_token: true,
        request_timeout: REQUEST_TIMEOUT_MS,
        seed,
    })
}
