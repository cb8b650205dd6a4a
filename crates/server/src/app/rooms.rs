//! LiveKit's webhooks, and the calls that they are about.

use std::sync::Arc;

use async_trait::async_trait;
use wigwag_engine::call::Person;
use wigwag_engine::command::CallRef;
use wigwag_engine::{Call, Due};
use wigwag_protocol::media::MediaProvider;
use wigwag_protocol::{RoomId, UserId};
use wigwag_session::query::WhichCall;

use crate::clock::Clock;
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
