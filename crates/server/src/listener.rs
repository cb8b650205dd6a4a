//! Accepting connections: TCP, TLS, HTTP/1.1 and the way up to WebSocket.
//!
//! What is served is the router's business. Here are the limits that hold before a peer has said who they are.

mod counted;
mod newcomers;
mod stream;

use std::convert::Infallible;
use std::fmt;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use axum::response::Response;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
#[cfg(target_os = "linux")]
use rustix::net::sockopt::set_tcp_user_timeout;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower_service::Service;

use crate::telemetry::Metrics;
use crate::tls::Tls;
use counted::{Counted, Place};
pub use newcomers::Newcomer;
use newcomers::Newcomers;
pub use stream::Stream;

/// Connections the kernel holds while we are busy: a whole fleet may come back at once. Linux caps it at
/// net.core.somaxconn (4096 by default).
const BACKLOG: u32 = 4096;

/// For a TLS handshake, and for the headers of a request: enough for a bad mobile network, short for those who open
/// connections to say nothing.
const PATIENCE: Duration = Duration::from_secs(10);

/// Bytes of request headers that are read; browsers send cookies of the whole domain.
const HEADER_BYTES: usize = 16 * 1024;

/// What a peer neither takes nor acknowledges is given up by the kernel after this; without it, a connection that we have closed
/// and whose peer does not read would keep its send buffer for minutes.
const UNACKNOWLEDGED: Duration = Duration::from_secs(30);

/// After an accept that failed because the machine is short of something, such as file descriptors.
const PAUSE: Duration = Duration::from_millis(100);

/// How long open connections may take to finish after a shutdown.
const LAST_CALL: Duration = Duration::from_secs(10);

/// Why the server cannot listen; says what to do.
#[derive(Debug)]
pub struct ListenError {
    address: SocketAddr,
    error: io::Error,
}

impl fmt::Display for ListenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { address, error } = self;
        let kind = error.kind();
        if kind == ErrorKind::AddrInUse {
            let next = address.port().wrapping_add(1);
            write!(
                f,
                "{address} is in use: stop the program that listens there (another wigwag?), or choose another port with --listen {}:{next}",
                host(*address)
            )
        } else if kind == ErrorKind::AddrNotAvailable {
            write!(
                f,
                "{address} is not an address of this machine: choose one with --listen, such as 0.0.0.0:{} for all",
                address.port()
            )
        } else if kind == ErrorKind::PermissionDenied {
            write!(
                f,
                "not allowed to listen on {address}: choose a port from 1024 on with --listen, or give the program the right to use lower ones"
            )
        } else {
            write!(f, "cannot listen on {address}: {error}; choose another address with --listen")
        }
    }
}

impl std::error::Error for ListenError {}

/// What every connection has in common.
#[derive(Debug)]
pub struct Entrance {
    /// `None` for plain TCP.
    pub tls: Option<Tls>,
    /// Connections at once, upgraded ones included; further ones are closed at once.
    pub connections: usize,
    /// Of these, the ones that have not signed in.
    pub unsigned: usize,
    /// Where connections are counted.
    pub metrics: Arc<Metrics>,
}

/// Starts listening. Port 0 takes any free one; ask the listener which. The kernel holds `send_buffer` bytes for each connection
/// whose peer does not read.
pub fn bind(address: SocketAddr, send_buffer: u32) -> Result<TcpListener, ListenError> {
    listen(address, send_buffer).map_err(|error| ListenError { address, error })
}

/// Serves `router` until `shutdown`, then lets requests finish and waits up to 10 s for all connections to end.
/// Upgraded connections have to watch for `shutdown` themselves. Handlers find the peer as `ConnectInfo<SocketAddr>`,
/// and the connection's place as [`Newcomer`].
pub async fn serve(listener: TcpListener, router: Router, entrance: Entrance, shutdown: CancellationToken) {
    let tracker = TaskTracker::new();
    let shared = Arc::new(Shared {
        router,
        places: Arc::new(Semaphore::new(entrance.connections.min(Semaphore::MAX_PERMITS))),
        newcomers: Newcomers::new(entrance.unsigned, entrance.metrics.unsigned_connections.clone()),
        tracker: tracker.clone(),
        shutdown: shutdown.clone(),
        entrance,
    });
    let watching = Arc::clone(&shared);
    tracker.spawn(async move {
        if let Some(tls) = &watching.entrance.tls {
            tls.watch(&watching.shutdown).await;
        }
    });
    shutdown.run_until_cancelled(accept_all(&listener, &shared)).await;
    drop(listener);
    tracker.close();
    if timeout(LAST_CALL, tracker.wait()).await.is_err() {
        tracing::warn!(connections = tracker.len(), "stopping with connections that did not end in time");
    }
}

#[derive(Debug)]
struct Shared {
    router: Router,
    entrance: Entrance,
    places: Arc<Semaphore>,
    newcomers: Newcomers,
    tracker: TaskTracker,
    shutdown: CancellationToken,
}

/// The other end of a connection.
#[derive(Clone)]
struct Peer {
    address: SocketAddr,
    newcomer: Newcomer,
}

fn listen(address: SocketAddr, send_buffer: u32) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // A restart must not wait for the last run's connections to be forgotten.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    // Accepted connections inherit both. Left alone, the kernel lets each send buffer grow to megabytes (tcp_wmem).
    socket.set_send_buffer_size(send_buffer)?;
    #[cfg(target_os = "linux")]
    set_tcp_user_timeout(&socket, u32::try_from(UNACKNOWLEDGED.as_millis()).unwrap_or(u32::MAX))?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

fn host(address: SocketAddr) -> String {
    if address.is_ipv6() { format!("[{}]", address.ip()) } else { address.ip().to_string() }
}

async fn accept_all(listener: &TcpListener, shared: &Arc<Shared>) {
    let mut was_full = false;
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                let full = !admit(stream, peer, shared);
                if full && !was_full {
                    tracing::warn!(
                        limits.connections = shared.entrance.connections,
                        limits.unsigned_connections = shared.entrance.unsigned,
                        "full: closing new connections"
                    );
                }
                was_full = full;
            }
            Err(error) if is_about_one_connection(&error) => {}
            Err(error) => {
                tracing::error!(%error, "cannot accept connections; trying again (is ulimit -n too low?)");
                sleep(PAUSE).await;
            }
        }
    }
}

/// The peer went away before we came to it.
fn is_about_one_connection(error: &io::Error) -> bool {
    [ErrorKind::ConnectionAborted, ErrorKind::ConnectionReset, ErrorKind::ConnectionRefused]
        .contains(&error.kind())
}

/// False when there is no place left.
fn admit(stream: TcpStream, peer: SocketAddr, shared: &Arc<Shared>) -> bool {
    let permit = Arc::clone(&shared.places).try_acquire_owned().ok();
    let newcomer = permit.as_ref().and_then(|_| shared.newcomers.admit());
    let Some((permit, newcomer)) = permit.zip(newcomer) else {
        shared.entrance.metrics.connections_refused.inc();
        return false;
    };
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, %peer, "the connection was gone before it was served");
        return true;
    }
    let place = Place::new(permit, shared.tracker.token(), &shared.entrance.metrics.connections);
    let stream = Counted::new(stream, place);
    let shared = Arc::clone(shared);
    tokio::spawn(async move {
        if let Some(tls) = &shared.entrance.tls {
            match timeout(PATIENCE, Stream::sealed(tls.acceptor(), stream)).await {
                Ok(Ok(stream)) => serve_http(stream, Peer { address: peer, newcomer }, &shared).await,
                Ok(Err(error)) => tracing::debug!(%error, %peer, "the TLS handshake failed"),
                Err(_) => tracing::debug!(%peer, "the TLS handshake took too long"),
            }
        } else {
            serve_http(Stream::plain(stream), Peer { address: peer, newcomer }, &shared).await;
        }
    });
    true
}

/// Ends when the connection does, or when it is upgraded.
async fn serve_http(stream: Stream, peer: Peer, shared: &Shared) {
    let service = service_fn(|request| answer(shared.router.clone(), request, peer.clone()));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(PATIENCE)
        .max_buf_size(HEADER_BYTES)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    let mut connection = pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = shared.shutdown.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, peer = %peer.address, "the connection ended early");
    }
}

async fn answer(
    mut router: Router,
    mut request: Request<Incoming>,
    peer: Peer,
) -> Result<Response, Infallible> {
    request.extensions_mut().insert(ConnectInfo(peer.address));
    request.extensions_mut().insert(peer.newcomer);
    router.call(request).await
}

#[cfg(test)]
mod tests;
