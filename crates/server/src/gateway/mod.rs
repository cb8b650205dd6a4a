//! The WebSocket entrance: it drives the machines of `wigwag-session`, which hold the rules of a connection, with sockets, tokens,
//! the registry, the door and the clock.

mod ahead;
mod diary;
mod driving;
mod greeting;
mod guest;
mod hearing;
mod incoming;
mod native;
pub mod openim;
mod outgoing;
mod rings;
mod session;
mod socket;
mod upgrade;

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Extension;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::StatusCode;
use axum::http::header::RETRY_AFTER;
use axum::response::{IntoResponse, Response};
pub use rings::HeardRings;
use tokio_util::sync::CancellationToken;
pub use wigwag_session::greeting::Settings;

use crate::auth::Authenticator;
use crate::clock::Clock;
use crate::cluster::Neighbours;
use crate::door::Door;
use crate::listener::Newcomer;
use crate::rates::Rates;
use crate::router::backlog::Budget;
use crate::router::registry::Registry;
use crate::store::SessionId;
use crate::telemetry::Metrics;
use crate::watching::Watching;
use crate::webhooks::SessionNews;
use socket::Socket;
use upgrade::Upgrade;

/// A frame this many times the frame limit ends the connection (1009); between the two it is answered with an error, because a client
/// that is disconnected would send it again.
const HARD_LIMIT: usize = 2;
/// Seconds after which a client may come again that found no place: half of what a place is taken for at most.
const RETRY_AFTER_S: u16 = 5;

/// What a connection needs.
pub struct Gateway {
    /// Where requests go.
    pub door: Arc<Door>,
    /// Who is here.
    pub registry: Arc<Registry>,
    /// What users may still ask for.
    pub rates: Arc<Rates>,
    /// The other nodes.
    pub neighbours: Neighbours,
    /// What sessions watch.
    pub watching: Arc<Watching>,
    /// Who may come in.
    pub authenticator: Arc<Authenticator>,
    /// How far OpenIM's clients were told.
    pub places: Arc<openim::Places>,
    /// Which rings devices have.
    pub rings: Arc<HeardRings>,
    /// Server time.
    pub clock: Clock,
    /// What it counts.
    pub metrics: Arc<Metrics>,
    /// What holds for every connection.
    pub settings: Arc<Settings>,
    /// What holds before the sign-in.
    pub unsigned: Unsigned,
    /// Whom it tells that sessions begin and end.
    pub session_news: SessionNews,
    /// Whether sign-ins and ends of sessions are logged.
    pub log_sessions: bool,
    /// Cancelled when the server stops, for connections that have no session yet.
    pub stopping: CancellationToken,
}

/// What a connection may cost before it has signed in.
#[derive(Debug)]
pub struct Unsigned {
    /// Bytes of one frame.
    pub frame_bytes: usize,
    /// Bytes of all unfinished frames together.
    pub unfinished: Arc<Budget>,
}

/// A new connection, before anything was read from it.
#[derive(Debug, Clone, Copy)]
struct Connection {
    /// The session it may come to.
    session: SessionId,
    /// Server time in ms.
    made_at: u64,
    /// Who made it; a proxy, when there is one.
    peer: SocketAddr,
}

/// `GET /v1/ws`
pub async fn connect(
    State(gateway): State<Arc<Gateway>>,
    Extension(newcomer): Extension<Newcomer>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
) -> Response {
    upgrade(gateway, newcomer, peer, request, native::serve)
}

/// A connection that has become a WebSocket.
struct Arrived {
    gateway: Arc<Gateway>,
    connection: Connection,
    socket: Socket,
    newcomer: Newcomer,
}

/// Makes a WebSocket of a connection, and lets `serve` go on with it.
fn upgrade<F: Future<Output = ()> + Send + 'static>(
    gateway: Arc<Gateway>,
    newcomer: Newcomer,
    peer: SocketAddr,
    request: Request,
    serve: impl FnOnce(Arrived) -> F + Send + 'static,
) -> Response {
    if !newcomer.may_sign_in() {
        gateway.metrics.unsigned_refused.inc();
        let text = "too many connections are signing in: come again a little later\n";
        return (StatusCode::SERVICE_UNAVAILABLE, [(RETRY_AFTER, RETRY_AFTER_S)], text).into_response();
    }
    let (response, upgrade) = match Upgrade::of(request) {
        Ok(upgrade) => upgrade.accept(),
        Err(refusal) => return *refusal,
    };
    // Its time is that of the request: a device that has the answer may sign in and, when this node stalls, go to another one. Were
    // the time taken afterwards, the connection that it has left would count as the newer one, and displace its session there.
    let connection = gateway.connection(peer);
    tokio::spawn(async move {
        // A client that is gone before the answer was sent has no connection.
        if let Some(upgraded) = upgrade.await {
            let unsigned = &gateway.unsigned;
            let socket = Socket::new(upgraded, unsigned.frame_bytes, unsigned.unfinished.charge(0));
            serve(Arrived { gateway, connection, socket, newcomer }).await;
        }
    });
    response
}

impl Gateway {
    /// Names the session that a connection of `peer` may come to.
    fn connection(&self, peer: SocketAddr) -> Connection {
        Connection { session: self.registry.new_session(), made_at: self.clock.now_ms(), peer }
    }
}

impl Gateway {
    fn hard_limit(&self) -> usize {
        HARD_LIMIT * self.settings.limits.frame_bytes as usize
    }
}
