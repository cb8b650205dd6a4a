//! One HTTP/2 connection to APNs (RFC 9113), opened when a push wants it and kept. Apple wants connections to last, and closes them now and then.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use h2::client::{Connection, SendRequest};
use h2::{Ping, PingPong};
use rustls_native_certs::load_native_certs;
use tokio::net::TcpStream;
use tokio::sync::Mutex;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout, timeout_at};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};
use tokio_util::sync::{CancellationToken, DropGuard};
use ureq::http::Request;

use super::super::provider::{SetupError, TIME_LIMIT};
use crate::webhooks::{Answer, Trouble};

/// For a connection, the look-up of the name with it: with it there is still time for the push.
const CONNECTS_FOR: Duration = Duration::from_secs(3);
/// A connection that was not used for so long is asked whether it still lives: what is between may have forgotten it, and a push that is sent
/// into nothing rings five seconds late.
const IDLE: Duration = Duration::from_mins(1);
/// How long that may take.
const PONG_WITHIN: Duration = Duration::from_secs(1);
/// For so long a failure to connect is everybody's who comes after it.
const FAILED_FOR: Duration = Duration::from_secs(1);
/// How long a connection that is not used any more may still end what it has begun.
const LINGERS: Duration = Duration::from_secs(10);
/// What is read of an answer, bytes. A reason takes 100.
const READ_OF_ANSWER: usize = 1_024;

/// Connections that one request tries: one that has just ended, one that ends under it, and one more.
const CONNECTIONS: usize = 3;

type Driver = Connection<TlsStream<TcpStream>, Bytes>;

/// A request.
pub(super) struct Asked {
    pub(super) head: Request<()>,
    pub(super) body: Bytes,
}

/// Has the connection.
pub(super) struct Wire {
    name: ServerName<'static>,
    port: u16,
    tls: TlsConnector,
    held: Mutex<Held>,
}

enum Held {
    /// The number of the last connection.
    Nothing(u64),
    Connected(Connected),
    Failed(u64, Trouble, Instant),
}

/// The connection has ended.
enum Lost {
    /// Before the request was on it.
    Unsent,
    /// APNs may have it.
    Sent,
}

struct Connected {
    number: u64,
    send: SendRequest<Bytes>,
    driver: JoinHandle<()>,
    ping: Option<PingPong>,
    used: Instant,
    _dropped: DropGuard,
}

impl Held {
    fn number(&self) -> u64 {
        match self {
            Self::Nothing(number) | Self::Failed(number, ..) => *number,
            Self::Connected(connected) => connected.number,
        }
    }
}

impl Wire {
    /// To this host. Certificates of `ca` are trusted besides the system's.
    pub(super) fn new(name: ServerName<'static>, port: u16, ca: Option<&Path>) -> Result<Self, SetupError> {
        let tls = TlsConnector::from(Arc::new(trusting(ca)?));
        Ok(Self { name, port, tls, held: Mutex::new(Held::Nothing(0)) })
    }

    /// What comes back. A connection that ends is replaced, and a request that was on it is made once more.
    pub(super) async fn ask(&self, asked: &Asked) -> Result<Answer, Trouble> {
        let deadline = Instant::now() + TIME_LIMIT;
        let mut was_sent = false;
        for _ in 0..CONNECTIONS {
            let connected = timeout_at(deadline, self.connected()).await;
            let (send, number) = connected.map_err(|_| Trouble::TookTooLong)??;
            let answer = timeout_at(deadline, exchange(send, asked)).await;
            if let Ok(Ok(answer)) = answer {
                return Ok(answer);
            }
            // A connection on which nothing comes back is none for the next push either.
            self.forget(number).await;
            match answer.map_err(|_| Trouble::TookTooLong)? {
                Err(Lost::Sent) if was_sent => break,
                Err(Lost::Sent) => was_sent = true,
                Ok(_) | Err(Lost::Unsent) => {}
            }
        }
        Err(Trouble::Broken)
    }

    async fn connected(&self) -> Result<(SendRequest<Bytes>, u64), Trouble> {
        let mut held = self.held.lock().await;
        if let Held::Connected(connected) = &mut *held
            && connected.lives().await
        {
            connected.used = Instant::now();
            return Ok((connected.send.clone(), connected.number));
        }
        if let Held::Failed(_, trouble, at) = &*held
            && at.elapsed() < FAILED_FOR
        {
            return Err(*trouble);
        }
        let number = held.number() + 1;
        let opened = timeout(CONNECTS_FOR, self.open(number)).await;
        match opened.unwrap_or(Err(Trouble::TookTooLong)) {
            Ok(connected) => {
                let send = connected.send.clone();
                *held = Held::Connected(connected);
                Ok((send, number))
            }
            Err(trouble) => {
                tracing::debug!("no connection to APNs: {trouble}");
                *held = Held::Failed(number, trouble, Instant::now());
                Err(trouble)
            }
        }
    }

    /// The next push opens another one, unless one has already.
    async fn forget(&self, number: u64) {
        let mut held = self.held.lock().await;
        if matches!(&*held, Held::Connected(connected) if connected.number == number) {
            *held = Held::Nothing(number);
        }
    }

    async fn open(&self, number: u64) -> Result<Connected, Trouble> {
        let host = self.name.to_str();
        let broken = |_| Trouble::Broken;
        let found = tokio::net::lookup_host((&*host, self.port)).await.map_err(|_| Trouble::NotFound)?;
        let addresses: Vec<SocketAddr> = found.collect();
        let stream = TcpStream::connect(&*addresses).await.map_err(broken)?;
        stream.set_nodelay(true).map_err(broken)?;
        let stream = self.tls.connect(self.name.clone(), stream).await.map_err(|error| {
            if error.kind() == ErrorKind::InvalidData { Trouble::Encryption } else { Trouble::Broken }
        })?;
        let (send, mut driver) = h2::client::handshake(stream).await.map_err(|_| Trouble::Broken)?;
        let ping = driver.ping_pong();
        let dropped = CancellationToken::new();
        let driver = tokio::spawn(drive(driver, dropped.clone()));
        Ok(Connected { number, send, driver, ping, used: Instant::now(), _dropped: dropped.drop_guard() })
    }
}

impl Connected {
    /// Whether it can be used, as far as is known. One that was idle is asked.
    async fn lives(&mut self) -> bool {
        if self.driver.is_finished() || self.used.elapsed() < IDLE {
            return !self.driver.is_finished();
        }
        let Some(ping) = &mut self.ping else { return false };
        matches!(timeout(PONG_WITHIN, ping.ping(Ping::opaque())).await, Ok(Ok(_)))
    }
}

/// Until the connection ends, or is not used any more.
async fn drive(driver: Driver, dropped: CancellationToken) {
    let lingers = async {
        dropped.cancelled().await;
        sleep(LINGERS).await;
    };
    tokio::select! {
        ended = driver => match ended {
            Ok(()) => tracing::debug!("the connection to APNs has ended"),
            Err(error) => tracing::debug!(%error, "the connection to APNs has ended"),
        },
        () = lingers => {}
    }
}

async fn exchange(send: SendRequest<Bytes>, asked: &Asked) -> Result<Answer, Lost> {
    let mut send = send.ready().await.map_err(|_| Lost::Unsent)?;
    let (answer, mut stream) = send.send_request(asked.head.clone(), false).map_err(|_| Lost::Unsent)?;
    drop(send);
    stream.send_data(asked.body.clone(), true).map_err(|_| Lost::Sent)?;
    let (head, mut body) = answer.await.map_err(|_| Lost::Sent)?.into_parts();
    let retry_after = head.headers.get("retry-after").and_then(|value| value.to_str().ok());
    let retry_after = retry_after.and_then(|seconds| seconds.trim().parse().ok());
    let mut read = Vec::new();
    // The status has been said; a reason that does not come is none.
    while let Some(Ok(part)) = body.data().await {
        body.flow_control().release_capacity(part.len()).ok();
        if read.len() + part.len() > READ_OF_ANSWER {
            break;
        }
        read.extend_from_slice(&part);
    }
    Ok(Answer { status: head.status.as_u16(), retry_after, body: read })
}

fn trusting(ca: Option<&Path>) -> Result<ClientConfig, SetupError> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(load_native_certs().certs);
    if let Some(path) = ca {
        let wrong = |why: &dyn std::fmt::Display| {
            SetupError(format!(
                "push.apns.ca: {}: {why}; it must be a PEM file with certificates",
                path.display()
            ))
        };
        for certificate in CertificateDer::pem_file_iter(path).map_err(|error| wrong(&error))? {
            let certificate = certificate.map_err(|error| wrong(&error))?;
            roots.add(certificate).map_err(|error| wrong(&error))?;
        }
    }
    if roots.is_empty() {
        let no_roots = "push.apns: this machine trusts no certificates: install the package ca-certificates";
        return Err(SetupError(no_roots.to_owned()));
    }
    let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let config = config.map_err(|error| SetupError(format!("push.apns: {error}")))?;
    let mut config = config.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec()];
    Ok(config)
}
