//! LiveKit's rooms: its webhooks, the rounds that make up for lost ones, and the calls that both are about.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use wigwag_engine::call::Person;
use wigwag_engine::command::CallRef;
use wigwag_engine::{Call, Due};
use wigwag_protocol::media::MediaProvider;
use wigwag_protocol::{CallId, RoomId, UserId};
use wigwag_session::query::WhichCall;

use crate::clock::Clock;
use crate::cluster::Neighbours;
use crate::config::CallsConfig;
use crate::door::Door;
use crate::media::{Present, RoomCalls, Webhooks};
use crate::store::Store;

/// What takes the webhooks of the configured LiveKit server; `None` when media is not LiveKit's.
pub(super) fn webhooks(
    calls: &CallsConfig,
    store: &Arc<dyn Store>,
    door: &Arc<Door>,
    clock: Clock,
) -> Option<Arc<Webhooks>> {
    match calls.provider {
        MediaProvider::Livekit => {
            // A configuration without all of it has been refused.
            let account = calls.livekit.account().ok()?;
            let calls = StoredCalls { store: Arc::clone(store), door: Arc::clone(door) };
            Some(Arc::new(Webhooks::new(&account, Arc::new(calls), clock)))
        }
        MediaProvider::P2p | MediaProvider::None => None,
    }
}

/// How long the rooms are left alone after all of them were looked into. Whoever is gone from a room without a webhook keeps others
/// busy for about that long.
const EVERY: Duration = Duration::from_mins(1);
/// Among several nodes one looks, and another one this long after it is gone. Longer than [`EVERY`], so that a node keeps its place.
const TERM: Duration = Duration::from_mins(3);
/// The lease's name.
const LEASE: &str = "livekit rooms";

/// Looks into the rooms of all running calls, again and again.
pub(super) struct Rounds {
    pub(super) webhooks: Option<Arc<Webhooks>>,
    pub(super) neighbours: Neighbours,
}

impl Rounds {
    /// Runs until it is dropped; without LiveKit there is nothing to do.
    pub(super) async fn keep(self) {
        let Some(webhooks) = self.webhooks else { return };
        loop {
            tokio::time::sleep(EVERY).await;
            if self.neighbours.holds(LEASE, TERM).await {
                webhooks.look_around().await;
            }
        }
    }
}

/// The calls in the store. Who has left is said at the door, where the rules look once more.
struct StoredCalls {
    store: Arc<dyn Store>,
    door: Arc<Door>,
}

#[async_trait]
impl RoomCalls for StoredCalls {
    async fn present(&self, room: &str) -> Result<Vec<Present>, String> {
        // LiveKit may have rooms of others, whose names cannot be those of a call.
        let Ok(room) = RoomId::parse(room) else { return Ok(Vec::new()) };
        let found = self.store.call_found(&WhichCall::Ref(CallRef::Room(room))).await;
        let call = found.map_err(|error| error.to_string())?.filter(|call| call.is_running());
        Ok(call.map_or_else(Vec::new, |call| present(&call)))
    }

    async fn running(&self) -> Result<Vec<CallId>, String> {
        self.store.running_calls().await.map_err(|error| error.to_string())
    }

    async fn room_of(&self, call: &CallId) -> Result<Option<(String, Vec<Present>)>, String> {
        let call = self.store.call(call).await.map_err(|error| error.to_string())?;
        let running = call.filter(|call| call.is_running());
        Ok(running.map(|call| (call.room().to_string(), present(&call))))
    }

    fn gone(&self, room: &str, user: UserId) -> Result<(), String> {
        let room = RoomId::parse(room).map_err(|error| error.to_string())?;
        self.door.due(Due::RoomLeft(room, user)).map_err(|failure| format!("{failure:?}"))
    }
}

fn present(call: &Call) -> Vec<Present> {
    let joined = call.people.iter().filter(|person| person.is_joined());
    let present = |person: &Person| Present {
        user: person.user.clone(),
        joined_at: person.at,
        answered_at: call.answered_at,
    };
    joined.map(present).collect()
}
