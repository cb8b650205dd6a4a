//! Tells endpoints that sessions begin and end, where they ask for it by name. Nothing of it is written down (docs/decisions/0028-who-is-online.md),
//! so each is told at most once: not after a kill, not again when the endpoint does not answer, and not when too many wait.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;
use wigwag_protocol::{CloseCode, Device, UserId};

use super::endpoint::Endpoint;
use super::sender::{Outcome, Sender};
use super::{Source, Webhooks};
use crate::clock::wall_ms;
use crate::store::Store;
use crate::telemetry::{Metrics, Throttle};

/// A session of a user began.
const OPENED: &str = "session.opened";
/// It ended.
const CLOSED: &str = "session.closed";
/// The types, for who lists them.
pub(crate) const TYPES: [&str; 2] = [OPENED, CLOSED];

/// Requests to one endpoint at once. A user's are sent one after the other.
const LANES: usize = 8;
/// What may wait in each lane: with the others 8,000 sessions, about 2 MB, which an endpoint that answers in 10 ms takes in ten seconds.
const ROOM: usize = 1_000;
/// Between two looks whether an operator has paused the endpoint.
const WISHES_EVERY: Duration = Duration::from_secs(1);

/// A session that began or ended.
#[derive(Debug, Clone)]
pub struct SessionStep {
    /// Whose it is.
    pub user: UserId,
    /// Their device.
    pub device: Option<Device>,
    /// When its connection was made, server time in ms.
    pub connected_at: u64,
    /// When this happened, server time in ms.
    pub at: u64,
    /// What happened.
    pub what: Happened,
}

/// What happened to a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Happened {
    /// It began.
    Opened,
    /// It ended with this close code; 0 when the client or the network ended it.
    Closed(u16),
}

impl SessionStep {
    pub(super) fn kind(&self) -> &'static str {
        match self.what {
            Happened::Opened => OPENED,
            Happened::Closed(_) => CLOSED,
        }
    }

    /// A device that connects again while its connection of before still stands was never away.
    fn is_told(&self) -> bool {
        self.what != Happened::Closed(CloseCode::Replaced.number())
    }
}

/// Where sessions' beginnings and ends go. Dropping it ends its tasks.
#[derive(Default)]
pub struct SessionNews {
    endpoints: Vec<Lanes>,
}

/// The lanes of one endpoint.
struct Lanes {
    endpoint: Arc<Endpoint>,
    metrics: Arc<Metrics>,
    into: Vec<mpsc::Sender<SessionStep>>,
    lines: Throttle,
    _tasks: Vec<AbortOnDropHandle<()>>,
}

/// What a lane is told from.
struct Lane {
    endpoint: Arc<Endpoint>,
    sender: Arc<Sender>,
    store: Arc<dyn Store>,
    metrics: Arc<Metrics>,
    stop: CancellationToken,
}

impl Webhooks {
    /// Begins to tell endpoints of sessions; needs a runtime.
    pub fn session_news(&self, source: &Source) -> SessionNews {
        let wanting =
            self.endpoints.iter().filter(|(endpoint, _)| TYPES.iter().any(|kind| endpoint.names(kind)));
        SessionNews {
            endpoints: wanting.map(|(endpoint, sender)| Lanes::begin(endpoint, sender, source)).collect(),
        }
    }
}

impl SessionNews {
    /// Hands a step over, without waiting.
    pub fn tell(&self, step: &SessionStep) {
        if step.is_told() {
            self.endpoints.iter().for_each(|lanes| lanes.take(step));
        }
    }

    /// Whether nobody wants to know.
    pub fn is_empty(&self) -> bool {
        self.endpoints.is_empty()
    }
}

impl Lanes {
    fn begin(endpoint: &Arc<Endpoint>, sender: &Arc<Sender>, source: &Source) -> Self {
        let (mut into, mut tasks) = (Vec::with_capacity(LANES), Vec::with_capacity(LANES));
        for _ in 0..LANES {
            let (sends, waiting) = mpsc::channel(ROOM);
            let lane = Lane {
                endpoint: Arc::clone(endpoint),
                sender: Arc::clone(sender),
                store: Arc::clone(&source.store),
                metrics: Arc::clone(&source.metrics),
                stop: source.stop.clone(),
            };
            into.push(sends);
            tasks.push(AbortOnDropHandle::new(tokio::spawn(lane.run(waiting))));
        }
        let (endpoint, metrics) = (Arc::clone(endpoint), Arc::clone(&source.metrics));
        Self { endpoint, metrics, into, lines: Throttle::every(Duration::from_secs(1)), _tasks: tasks }
    }

    fn take(&self, step: &SessionStep) {
        if !self.endpoint.names(step.kind()) || self.into[lane_of(&step.user)].try_send(step.clone()).is_ok()
        {
            return;
        }
        self.metrics.webhooks_done(&self.endpoint.name, "dropped", 1);
        if let Some(sessions) = self.lines.pass(1, Instant::now()) {
            let endpoint = &self.endpoint.name;
            tracing::warn!(
                endpoint,
                sessions,
                "an endpoint of webhooks is too slow to be told of all sessions"
            );
        }
    }
}

impl Lane {
    async fn run(self, mut waiting: mpsc::Receiver<SessionStep>) {
        let mut pause = Pause { is_on: false, looked_at: None };
        while let Some(step) = waiting.recv().await {
            if self.stop.is_cancelled() {
                return;
            }
            let outcome = if pause.is_on(&self).await { "dropped" } else { self.send(&step).await.name() };
            self.metrics.webhooks_done(&self.endpoint.name, outcome, 1);
        }
    }

    async fn send(&self, step: &SessionStep) -> Outcome {
        let payload = self.sender.form().session(step);
        Arc::clone(&self.sender).send(payload, wall_ms() / 1_000).await
    }
}

/// Whether an operator has paused an endpoint.
struct Pause {
    is_on: bool,
    looked_at: Option<Instant>,
}

impl Pause {
    /// As it was within the last second; while the store cannot be read, as it was known.
    async fn is_on(&mut self, lane: &Lane) -> bool {
        if self.looked_at.is_none_or(|at| at.elapsed() >= WISHES_EVERY) {
            if let Ok(served) = lane.store.served(&lane.endpoint.name).await {
                self.is_on = served.is_some_and(|served| served.wishes.paused_since.is_some());
            }
            self.looked_at = Some(Instant::now());
        }
        self.is_on
    }
}

fn lane_of(user: &UserId) -> usize {
    let mut hasher = DefaultHasher::new();
    user.hash(&mut hasher);
    usize::try_from(hasher.finish() % LANES as u64).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::EndpointConfig;

    fn step(user: &str, what: Happened) -> SessionStep {
        SessionStep { user: UserId::parse(user).unwrap(), device: None, connected_at: 1, at: 2, what }
    }

    /// Lanes that nobody empties.
    fn lanes(events: &str) -> (Lanes, Vec<mpsc::Receiver<SessionStep>>) {
        let table = format!(
            r#"{{"name":"shop","url":"https://shop.example.org","secret":"whsec_MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI=","events":[{events}]}}"#
        );
        let written: EndpointConfig = serde_json::from_str(&table).unwrap();
        let (into, waiting) = (0..LANES).map(|_| mpsc::channel(ROOM)).unzip();
        let lines = Throttle::every(Duration::from_secs(1));
        let endpoint = Arc::new(Endpoint::new(&written, 1).unwrap());
        (Lanes { endpoint, metrics: Arc::new(Metrics::new()), into, lines, _tasks: Vec::new() }, waiting)
    }

    #[test]
    fn a_lane_takes_as_much_as_it_has_room_for_and_drops_the_rest() {
        let (lanes, waiting) = lanes(r#""session.opened""#);
        for _ in 0..=ROOM {
            lanes.take(&step("alice", Happened::Opened));
        }
        // Another type, which it does not name.
        lanes.take(&step("alice", Happened::Closed(0)));
        assert_eq!(waiting.iter().map(mpsc::Receiver::len).sum::<usize>(), ROOM);
        let dropped = "wigwag_webhook_deliveries_total{endpoint=\"shop\",outcome=\"dropped\"} 1";
        assert!(lanes.metrics.encode().contains(dropped), "{}", lanes.metrics.encode());
    }

    #[test]
    fn a_device_that_connects_again_was_never_away() {
        assert!(!step("alice", Happened::Closed(CloseCode::Replaced.number())).is_told());
        assert!(step("alice", Happened::Closed(0)).is_told() && step("alice", Happened::Opened).is_told());
    }
}
