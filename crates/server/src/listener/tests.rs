//! Connections as a client sees them.

use std::io::Write;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::routing::get;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::task::JoinHandle;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::{ClientConfig, ClientConnection, RootCertStore};

use super::*;
use crate::config::TlsConfig;

const SEND_BUFFER: u32 = 32_768;

struct World {
    address: SocketAddr,
    metrics: Arc<Metrics>,
    shutdown: CancellationToken,
    server: JoinHandle<()>,
}

impl World {
    fn serving(router: Router, connections: usize) -> Self {
        Self::serving_with(None, router, connections)
    }

    fn serving_with(tls: Option<Tls>, router: Router, connections: usize) -> Self {
        let listener = bind("127.0.0.1:0".parse().unwrap(), SEND_BUFFER).unwrap();
        let address = listener.local_addr().unwrap();
        let (metrics, shutdown) = (Arc::new(Metrics::new()), CancellationToken::new());
        let entrance = Entrance { tls, connections, unsigned: 1_000, metrics: Arc::clone(&metrics) };
        let server = tokio::spawn(serve(listener, router, entrance, shutdown.clone()));
        Self { address, metrics, shutdown, server }
    }

    async fn connects(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }
}

async fn hears(stream: &mut (impl AsyncRead + Unpin), end: &str) -> String {
    let mut text = String::new();
    while !text.ends_with(end) {
        text.push(stream.read_u8().await.unwrap().into());
    }
    text
}

fn echo_address() -> Router {
    Router::new()
        .route("/", get(|ConnectInfo(peer): ConnectInfo<SocketAddr>| async move { peer.to_string() }))
}

/// Answers every upgrade and gives the raw connection back, byte for byte.
fn echo_upgraded() -> Router {
    async fn upgrade(request: axum::extract::Request) -> axum::http::Response<axum::body::Body> {
        tokio::spawn(async move {
            let mut stream = TokioIo::new(hyper::upgrade::on(request).await.unwrap());
            while let Ok(byte) = stream.read_u8().await {
                stream.write_u8(byte).await.unwrap();
                stream.flush().await.unwrap();
            }
        });
        let response =
            Response::builder().status(101).header("connection", "upgrade").header("upgrade", "echo");
        response.body(axum::body::Body::empty()).unwrap()
    }
    Router::new().route("/", get(upgrade))
}

const UPGRADE: &[u8] = b"GET / HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: echo\r\n\r\n";

#[tokio::test]
async fn a_handler_learns_the_peers_address() {
    let world = World::serving(echo_address(), 10);
    let mut client = world.connects().await;
    client.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    let own = client.local_addr().unwrap().to_string();
    assert!(hears(&mut client, &own).await.starts_with("HTTP/1.1 200"));
}

/// TLS with a certificate of its own, and a client that trusts it.
fn tls() -> (Tls, TlsConnector) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let [cert, key] = ["cert.pem", "key.pem"].map(|name| folder.path().join(name));
    std::fs::write(&cert, made.cert.pem()).unwrap();
    std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    let tls = Tls::load(&TlsConfig { cert: Some(cert), key: Some(key), plain: false }).unwrap();
    (tls.unwrap(), trusting(made.cert.der()))
}

#[tokio::test]
async fn tls_is_spoken_when_it_is_configured() {
    let (tls, connector) = tls();
    let world = World::serving_with(Some(tls), echo_address(), 10);
    let client = world.connects().await;
    let own = client.local_addr().unwrap().to_string();
    let mut client = connector.connect("localhost".try_into().unwrap(), client).await.unwrap();
    client.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    assert!(hears(&mut client, &own).await.starts_with("HTTP/1.1 200"));
}

fn trusting(certificate: &CertificateDer<'static>) -> TlsConnector {
    let mut roots = RootCertStore::empty();
    roots.add(certificate.clone()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    Arc::new(config).into()
}

/// Both ends of a TLS connection, after the handshake.
async fn both_ends() -> (Stream, TcpStream, ClientConnection) {
    let (tls, connector) = tls();
    let listener = bind("127.0.0.1:0".parse().unwrap(), SEND_BUFFER).unwrap();
    let connecting = TcpStream::connect(listener.local_addr().unwrap());
    let (client, accepted) = tokio::join!(connecting, listener.accept());
    let permit = Arc::new(Semaphore::new(1)).acquire_owned().await.unwrap();
    let place = Place::new(permit, TaskTracker::new().token(), &Metrics::new().connections);
    let accepting = Stream::sealed(tls.acceptor(), Counted::new(accepted.unwrap().0, place));
    let (client, server) =
        tokio::join!(connector.connect("localhost".try_into().unwrap(), client.unwrap()), accepting);
    let (client, connection) = client.unwrap().into_inner();
    (server.unwrap(), client, connection)
}

/// Reads what there is into `into` until so many bytes are kept.
async fn keeps(stream: &mut Stream, into: &mut [u8], bytes: usize) {
    std::future::poll_fn(|cx| {
        let read = Pin::new(&mut *stream).poll_read(cx, &mut ReadBuf::new(into));
        if stream.kept() == bytes || read.is_ready() { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    assert_eq!(stream.kept(), bytes);
}

#[tokio::test]
async fn what_tls_keeps_of_a_record_is_known_until_it_is_read() {
    let (mut server, mut client, mut connection) = both_ends().await;
    let mut record = Vec::new();
    connection.writer().write_all(&[b'x'; 10_000]).unwrap();
    connection.write_tls(&mut record).unwrap();
    client.write_all(&record[..5_000]).await.unwrap();
    keeps(&mut server, &mut [0; 100], 5_000).await;
    client.write_all(&record[5_000..]).await.unwrap();
    keeps(&mut server, &mut [0; 100], 9_900).await;
    server.read_exact(&mut [0; 9_900]).await.unwrap();
    assert_eq!(server.kept(), 0);
}

#[tokio::test]
async fn tls_takes_one_record_more_than_a_peer_who_does_not_read() {
    const RECORD: usize = 16 * 1024;
    let (mut server, _client, _connection) = both_ends().await;
    let mut cx = Context::from_waker(std::task::Waker::noop());
    while Pin::new(&mut server).poll_write(&mut cx, &[b'x'; RECORD]).is_ready() {}
    let kept = server.kept();
    assert!((1..=RECORD + 1_024).contains(&kept), "{kept}");
}

#[tokio::test]
async fn an_upgraded_connection_keeps_its_place_until_it_ends() {
    let world = World::serving(echo_upgraded(), 1);
    let mut first = world.connects().await;
    first.write_all(UPGRADE).await.unwrap();
    hears(&mut first, "\r\n\r\n").await;
    first.write_all(b"!").await.unwrap();
    assert_eq!(hears(&mut first, "!").await, "!");

    let mut second = world.connects().await;
    assert!(matches!(second.read(&mut [0]).await, Ok(0) | Err(_)), "the second is closed");
    assert_eq!(world.metrics.connections.get(), 1);
    assert_eq!(world.metrics.connections_refused.get(), 1);

    drop(first);
    world.shutdown.cancel();
    world.server.await.unwrap();
    assert_eq!(world.metrics.connections.get(), 0);
}

#[tokio::test]
async fn a_shutdown_ends_idle_connections_and_then_the_server() {
    let world = World::serving(echo_address(), 10);
    let mut client = world.connects().await;
    client.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    let own = client.local_addr().unwrap().to_string();
    hears(&mut client, &own).await;
    world.shutdown.cancel();
    world.server.await.unwrap();
    assert_eq!(client.read(&mut [0]).await.unwrap(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_says_nothing_is_closed() {
    let world = World::serving(echo_address(), 10);
    let mut client = world.connects().await;
    // Paused time jumps to the next timer when nothing else can happen.
    assert_eq!(client.read(&mut [0]).await.unwrap(), 0);
}

#[tokio::test]
async fn a_port_in_use_is_named_with_what_to_do() {
    let first = bind("127.0.0.1:0".parse().unwrap(), SEND_BUFFER).unwrap();
    let address = first.local_addr().unwrap();
    let error = bind(address, SEND_BUFFER).unwrap_err().to_string();
    assert!(error.contains(&address.to_string()) && error.contains("--listen"), "{error}");
}
