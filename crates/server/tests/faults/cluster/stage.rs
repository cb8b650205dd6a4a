//! The processes, and the faults that befall them.

use std::fmt::Write as _;
use std::sync::{Arc, Mutex as Lock};
use std::time::{Duration, Instant};

use tokio::sync::Mutex;
use tokio::task::spawn_blocking;
use tokio::time::sleep;
use wigwag_testbed::{Durability, Nats, Postgres};

use super::plan::{Fault, NODES, Round};
use super::pulse;
use super::roads::Roads;
use super::timeline::{Absence, Away, StoreEnd, Timeline};
use crate::dice::Seed;
use crate::load::device::PATIENCE;
use crate::load::journal::now_ms;
use crate::process::{House, Server, free_port};

/// Between two starts of a node that ended instead of listening, because an engine was away; as a supervisor does.
const START_AGAIN: Duration = Duration::from_millis(500);
/// When devices lose patience with a node that stands still.
const LOST_PATIENCE: Duration = Duration::from_secs(2);

/// Three nodes and their engines.
pub(super) struct Stage {
    pub(super) houses: Vec<House>,
    pub(super) store: String,
    pub(super) roads: Arc<Roads>,
    pub(super) timeline: Arc<Lock<Timeline>>,
    servers: Vec<Mutex<Option<Server>>>,
    postgres: Mutex<Option<Postgres>>,
    nats: Mutex<Option<Nats>>,
}

impl Stage {
    /// Starts everything.
    pub(super) async fn set(seed: Seed) -> Result<Self, String> {
        let engines = spawn_blocking(|| (Postgres::start(Durability::Real), Nats::start()));
        let (postgres, nats) = engines.await.unwrap();
        let (store, bus) = (postgres.url("postgres"), nats.url());
        let mut dice = seed.dice(u64::MAX);
        let houses: Vec<House> =
            (0..NODES).map(|_| House::of_node(free_port(&mut dice), &store, &bus)).collect();
        let mut servers = Vec::new();
        for house in &houses {
            let mut server = house.start();
            server.listens().await.map_err(|words| format!("{words}:\n{}", house.log()))?;
            servers.push(Mutex::new(Some(server)));
        }
        let roads = Roads::new(houses.iter().map(|house| house.port));
        let (postgres, nats) = (Mutex::new(Some(postgres)), Mutex::new(Some(nats)));
        let timeline = Arc::new(Lock::new(Timeline::begins()));
        pulse::feel(store.clone(), &timeline);
        Ok(Self { houses, store, roads, timeline, servers, postgres, nats })
    }

    /// One fault, or two that overlap; afterwards everything runs.
    pub(super) async fn play(&self, round: &Round) -> Result<(), String> {
        sleep(round.pause).await;
        let second = async {
            let Some((later, fault)) = round.second else { return Ok(()) };
            sleep(later).await;
            self.befall(fault).await
        };
        let (first, second) = tokio::join!(self.befall(round.first), second);
        first.and(second)
    }

    /// All nodes stop in good order.
    pub(super) async fn stop_nodes(&self) -> Result<(), String> {
        for server in &self.servers {
            if let Some(server) = server.lock().await.take() {
                server.stop().await?;
            }
        }
        Ok(())
    }

    /// What the nodes have logged.
    pub(super) fn logs(&self) -> String {
        let mut text = String::new();
        for (node, house) in self.houses.iter().enumerate() {
            writeln!(text, "--- node {node}\n{}", house.log()).unwrap();
        }
        text
    }

    async fn befall(&self, fault: Fault) -> Result<(), String> {
        match fault {
            Fault::NodeKilled { node, away } => return self.kill(node, away).await,
            Fault::NodeFrozen { node, time } => self.freeze(node, time).await,
            Fault::BusHung { time } => self.hang_bus(time).await,
            Fault::BusKilled { away } => self.kill_bus(away).await,
            Fault::Store { end, away } => self.end_store(end, away).await,
        }
        Ok(())
    }

    async fn kill(&self, node: usize, away: Duration) -> Result<(), String> {
        let mut place = self.servers[node].lock().await;
        let from = now_ms();
        place.take().unwrap().kill().await;
        sleep(away).await;
        *place = Some(self.started(node).await?);
        self.was_away(Away::Killed(node), from);
        Ok(())
    }

    /// Starts the node, as often as it takes while an engine is away.
    async fn started(&self, node: usize) -> Result<Server, String> {
        let until = Instant::now() + PATIENCE;
        loop {
            let mut server = self.houses[node].start();
            match server.listens().await {
                Ok(()) => return Ok(server),
                Err(words) if Instant::now() > until => return Err(format!("node {node}: {words}")),
                Err(_) => self.note(format!("node {node} ended instead of listening")),
            }
            sleep(START_AGAIN).await;
        }
    }

    async fn freeze(&self, node: usize, time: Duration) {
        let place = self.servers[node].lock().await;
        let server = place.as_ref().unwrap();
        let from = now_ms();
        server.freeze(true);
        sleep(LOST_PATIENCE).await;
        self.roads.give_up(node);
        sleep(time.saturating_sub(LOST_PATIENCE)).await;
        server.freeze(false);
        self.was_away(Away::Frozen(node), from);
    }

    async fn hang_bus(&self, time: Duration) {
        let place = self.nats.lock().await;
        let from = now_ms();
        place.iter().for_each(Nats::pause);
        sleep(time).await;
        place.iter().for_each(Nats::resume);
        self.was_away(Away::Bus, from);
    }

    async fn kill_bus(&self, away: Duration) {
        let mut place = self.nats.lock().await;
        let from = now_ms();
        let mut nats = place.take().unwrap();
        nats = on_thread(nats, Nats::kill).await;
        sleep(away).await;
        *place = Some(on_thread(nats, Nats::start_again).await);
        self.was_away(Away::Bus, from);
    }

    async fn end_store(&self, end: StoreEnd, away: Duration) {
        let mut place = self.postgres.lock().await;
        let from = now_ms();
        let mut postgres = place.take().unwrap();
        let (ends, begins): (Act, Act) = match end {
            StoreEnd::Stopped => (Postgres::stop, Postgres::start_again),
            StoreEnd::Killed => (Postgres::kill, Postgres::start_again),
            StoreEnd::Hung => (|postgres| postgres.pause(), |postgres| postgres.resume()),
        };
        postgres = on_thread(postgres, ends).await;
        sleep(away).await;
        *place = Some(on_thread(postgres, begins).await);
        self.was_away(Away::Store(end), from);
    }

    fn was_away(&self, what: Away, from: u64) {
        let until = now_ms();
        self.timeline.lock().unwrap().absences.push(Absence { what, from, until });
    }

    fn note(&self, words: String) {
        self.timeline.lock().unwrap().notes.push((now_ms(), words));
    }
}

/// What is done to PostgreSQL.
type Act = fn(&mut Postgres);

/// Engines are started and stopped by calls that block.
async fn on_thread<E: Send + 'static>(mut engine: E, act: fn(&mut E)) -> E {
    let acting = spawn_blocking(move || {
        act(&mut engine);
        engine
    });
    acting.await.unwrap()
}
