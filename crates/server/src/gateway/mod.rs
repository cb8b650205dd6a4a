//! The WebSocket entrance: it drives the machines of `wigwag-session`, which hold the rules of a connection, with sockets, tokens,
//! the registry, the door and the clock.

mod greeting;
mod guest;
mod session;
mod socket;

use std::sync::Arc;

use axum::extract::State;
use axum::extract::ws::WebSocketUpgrade;
use axum::response::Response;
use tokio_util::sync::CancellationToken;
pub use wigwag_session::greeting::Settings;

use crate::auth::Authenticator;
use crate::clock::Clock;
use crate::cluster::Neighbours;
use crate::door::Door;
use crate::router::registry::Registry;
use crate::store::SessionId;
use crate::telemetry::Metrics;

/// Bytes read from a socket at once. The library's default of 128 KiB costs that much memory per connection and a
/// third more CPU; a usual request fits into this.
const READ_BUFFER: usize = 512;
/// A frame this many times the frame limit ends the connection (1009); between the two it is answered with an error.
const HARD_LIMIT: usize = 4;

/// What a connection needs.
pub struct Gateway {
    /// Where requests go.
    pub door: Arc<Door>,
    /// Who is here.
    pub registry: Arc<Registry>,
    /// The other nodes.
    pub neighbours: Neighbours,
    /// Who may come in.
    pub authenticator: Arc<Authenticator>,
    /// Server time.
    pub clock: Clock,
    /// What it counts.
    pub metrics: Arc<Metrics>,
    /// What holds for every connection.
    pub settings: Arc<Settings>,
    /// Cancelled when the server stops, for connections that have no session yet.
    pub stopping: CancellationToken,
}

/// A new connection, before anything was read from it.
#[derive(Debug, Clone, Copy)]
struct Connection {
    /// The session it may come to.
    session: SessionId,
    /// Server time in ms.
    made_at: u64,
}

/// `GET /v1/ws`
pub async fn connect(State(gateway): State<Arc<Gateway>>, upgrade: WebSocketUpgrade) -> Response {
    let hard_limit = HARD_LIMIT * gateway.settings.limits.frame_bytes as usize;
    upgrade
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(0)
        .max_message_size(hard_limit)
        .max_frame_size(hard_limit)
        .on_upgrade(move |socket| async move {
            let connection =
                Connection { session: gateway.registry.new_session(), made_at: gateway.clock.now_ms() };
            // Boxed, because the greeting is over soon and the task keeps the room of its largest part.
            if let Some(session) = Box::pin(greeting::greet(&gateway, socket, connection)).await {
                session.run().await;
            }
        })
}
