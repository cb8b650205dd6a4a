//! The WebSocket: dialling with rustls, reading what matters, sending without waiting for ever.

use std::future::{Future, pending};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::Uri;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, WebSocketConfig};
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{Connector, MaybeTlsStream, WebSocketStream, connect_async_tls_with_config};

use crate::error::Error;

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;
type Dialling = Pin<Box<dyn Future<Output = Result<Socket, String>> + Send>>;

/// The path of the native protocol, used when an address has none.
const PATH: &str = "/v1/ws";
/// Largest frame taken, bytes: a history page of 100 messages of 64 KiB, with room to spare.
const LARGEST_FRAME: usize = 16 << 20;
/// A send that takes longer than this is as good as a lost connection.
const SEND_TIMEOUT: Duration = Duration::from_secs(10);
/// How long the other side may take to answer a close frame.
const FAREWELL_TIMEOUT: Duration = Duration::from_secs(1);

/// An address and how to trust it.
#[derive(Clone)]
pub(crate) struct Dialler {
    url: String,
    connector: Connector,
}

impl Dialler {
    /// `tls` replaces the default of the system's root certificates.
    pub(crate) fn new(url: &str, tls: Option<Arc<ClientConfig>>) -> Result<Self, Error> {
        let uri = read_url(url)?;
        let connector = match (uri.scheme_str(), tls) {
            (Some("wss"), Some(config)) => Connector::Rustls(config),
            (Some("wss"), None) => Connector::Rustls(system_tls()?),
            _ => Connector::Plain,
        };
        Ok(Self { url: uri.to_string(), connector })
    }

    fn dial(&self) -> Dialling {
        let Self { url, connector } = self.clone();
        Box::pin(async move {
            let config = WebSocketConfig::default()
                .max_message_size(Some(LARGEST_FRAME))
                .max_frame_size(Some(LARGEST_FRAME));
            let request = url.into_client_request().map_err(|error| error.to_string())?;
            let dialled = connect_async_tls_with_config(request, Some(config), true, Some(connector)).await;
            dialled.map(|(socket, _)| socket).map_err(|error| error.to_string())
        })
    }
}

fn read_url(url: &str) -> Result<Uri, Error> {
    let invalid = |why: &str| Error::InvalidUrl(format!("{url}: {why}"));
    let uri: Uri = url.parse().map_err(|error| invalid(&format!("{error}")))?;
    if !matches!(uri.scheme_str(), Some("ws" | "wss")) {
        return Err(invalid("must start with ws:// or wss://"));
    }
    if uri.path() != "/" {
        return Ok(uri);
    }
    let mut parts = uri.into_parts();
    parts.path_and_query = PATH.parse().ok();
    Uri::from_parts(parts).map_err(|error| invalid(&error.to_string()))
}

/// Shared by all clients of the process that use it: the system's certificates take a megabyte.
fn system_tls() -> Result<Arc<ClientConfig>, Error> {
    static SHARED: Mutex<Weak<ClientConfig>> = Mutex::new(Weak::new());
    let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(config) = shared.upgrade() {
        return Ok(config);
    }
    let config = Arc::new(system_roots()?);
    *shared = Arc::downgrade(&config);
    Ok(config)
}

/// The provider is named, or a program that links a second one would panic at the first connection.
fn system_roots() -> Result<ClientConfig, Error> {
    let mut roots = RootCertStore::empty();
    let found = rustls_native_certs::load_native_certs();
    let (added, _) = roots.add_parsable_certificates(found.certs);
    if added == 0 {
        return Err(Error::Tls("the system has no root certificates".to_owned()));
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| Error::Tls(error.to_string()))?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}

/// The one connection, or the attempt to make it.
pub(super) enum Link {
    Down,
    Dialling(Dialling),
    Up(Box<Socket>),
}

/// What a link has to say.
pub(super) enum LinkEvent {
    Connected,
    Text(String),
    Alive,
    Ended { code: Option<u16>, why: String },
}

impl Link {
    pub(super) fn dial(dialler: &Dialler) -> Self {
        Self::Dialling(dialler.dial())
    }

    /// The next thing it has to say; waits for ever when it is down, or up and not to be read. Safe to cancel.
    pub(super) async fn next(&mut self, read: bool) -> LinkEvent {
        match self {
            Self::Dialling(dialling) => match dialling.await {
                Ok(socket) => {
                    *self = Self::Up(Box::new(socket));
                    LinkEvent::Connected
                }
                Err(why) => self.ended(None, why),
            },
            Self::Up(socket) if read => match socket.next().await {
                Some(Ok(message)) => self.heard(message),
                Some(Err(error)) => self.ended(None, error.to_string()),
                None => self.ended(None, "the connection ended".to_owned()),
            },
            Self::Up(_) | Self::Down => pending().await,
        }
    }

    fn heard(&mut self, message: Message) -> LinkEvent {
        match message {
            Message::Text(text) => LinkEvent::Text(text.as_str().to_owned()),
            Message::Close(frame) => self.closed(frame),
            Message::Binary(_) | Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => LinkEvent::Alive,
        }
    }

    fn closed(&mut self, frame: Option<CloseFrame>) -> LinkEvent {
        match frame {
            Some(frame) => {
                let code = u16::from(frame.code);
                self.ended(Some(code), format!("the server closed: {} ({code})", frame.reason))
            }
            None => self.ended(None, "the server closed the connection".to_owned()),
        }
    }

    fn ended(&mut self, code: Option<u16>, why: String) -> LinkEvent {
        *self = Self::Down;
        LinkEvent::Ended { code, why }
    }

    /// Sends a frame; an error means that the link is down now.
    pub(super) async fn send(&mut self, text: String) -> Result<(), String> {
        let Self::Up(socket) = self else { return Ok(()) };
        let sent: Result<(), tungstenite::Error> =
            match timeout(SEND_TIMEOUT, socket.send(Message::text(text))).await {
                Ok(sent) => sent,
                Err(_) => Err(tungstenite::Error::Io(std::io::ErrorKind::TimedOut.into())),
            };
        sent.map_err(|error| {
            *self = Self::Down;
            error.to_string()
        })
    }

    /// Drops it, with a close frame if it was up. What still comes is read and thrown away, because dropping a socket
    /// with unread bytes resets it and may take the last frames sent with it.
    pub(super) async fn hang_up(&mut self) {
        let Self::Up(mut socket) = std::mem::replace(self, Self::Down) else { return };
        let farewell = async {
            let mut closed = (*socket).close(None).await.is_ok();
            while closed {
                closed = matches!(socket.next().await, Some(Ok(_)));
            }
        };
        // The other side may be gone already; then there is nobody to say farewell to.
        drop(timeout(FAREWELL_TIMEOUT, farewell).await);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_checked_and_completed() {
        assert_eq!(read_url("ws://127.0.0.1:8080").unwrap(), "ws://127.0.0.1:8080/v1/ws");
        assert_eq!(read_url("wss://im.example/").unwrap(), "wss://im.example/v1/ws");
        assert_eq!(read_url("wss://im.example/a/ws").unwrap(), "wss://im.example/a/ws");
        for bad in ["", "im.example", "http://im.example", "ws:/x y"] {
            assert!(matches!(read_url(bad), Err(Error::InvalidUrl(_))), "{bad}");
        }
    }
}
