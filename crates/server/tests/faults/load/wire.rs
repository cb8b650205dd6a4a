//! A bare connection: frames in, frames out, nothing tried twice.

use std::fmt::{self, Display};

use futures_util::{SinkExt, StreamExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, client_async};
use wigwag_protocol::event::{CaughtUp, EventHead};
use wigwag_protocol::frame::Incoming;
use wigwag_protocol::params::SessionOpen;
use wigwag_protocol::result::SessionOpened;
use wigwag_protocol::{DeviceId, ErrorBody, Method, Platform, UserId};

use crate::load::journal::Seen;
use crate::process::token;

/// The connection is no more, and why.
#[derive(Debug)]
pub(crate) struct Gone(String);

impl Gone {
    pub(crate) fn by(why: impl Display) -> Self {
        Self(why.to_string())
    }
}

impl Display for Gone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A frame from the server.
#[derive(Debug)]
pub(crate) enum Heard {
    /// With the place it follows.
    Event {
        follows: u64,
        seen: Seen,
    },
    CaughtUp(u64),
    Reply {
        id: u64,
        outcome: Result<String, Box<ErrorBody>>,
    },
}

/// A signed-in connection.
pub(crate) struct Wire {
    socket: WebSocketStream<TcpStream>,
    next_id: u64,
}

impl Wire {
    /// Signs in and says where the session starts and where the stream ends.
    pub(crate) async fn open(
        port: u16,
        user: &UserId,
        device: &str,
        cursor: Option<u64>,
    ) -> Result<(Self, SessionOpened), Gone> {
        let stream = TcpStream::connect(("127.0.0.1", port)).await.map_err(Gone::by)?;
        stream.set_nodelay(true).map_err(Gone::by)?;
        let url = format!("ws://127.0.0.1:{port}/v1/ws");
        let (socket, _) = client_async(url, stream).await.map_err(Gone::by)?;
        let mut wire = Self { socket, next_id: 1 };
        let open = SessionOpen {
            token: token(user),
            user_id: None,
            device_id: DeviceId::parse(device).unwrap(),
            platform: Platform::LINUX,
            cursor,
        };
        let params = serde_json::to_string(&open).unwrap();
        match wire.ask(Method::SessionOpen, &params).await? {
            Ok(result) => Ok((wire, serde_json::from_str(&result).unwrap())),
            Err(refused) => Err(Gone::by(refused)),
        }
    }

    /// Sends a request and waits for its reply; what comes before is not looked at.
    pub(crate) async fn ask(
        &mut self,
        method: Method,
        params: &str,
    ) -> Result<Result<String, Box<ErrorBody>>, Gone> {
        let request = self.send(method, params).await?;
        loop {
            match self.hear().await? {
                Heard::Reply { id, outcome } if id == request => return Ok(outcome),
                Heard::Reply { .. } | Heard::Event { .. } | Heard::CaughtUp(_) => {}
            }
        }
    }

    /// Sends a request and gives its id.
    pub(crate) async fn send(&mut self, method: Method, params: &str) -> Result<u64, Gone> {
        let id = self.next_id;
        self.next_id += 1;
        let name = method.as_str();
        let text = format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"{name}","params":{params}}}"#);
        self.socket.send(Message::text(text)).await.map_err(Gone::by)?;
        Ok(id)
    }

    /// The next frame. Safe to cancel.
    pub(crate) async fn hear(&mut self) -> Result<Heard, Gone> {
        loop {
            let next = self.socket.next().await.ok_or_else(|| Gone::by("the connection ended"))?;
            let message = next.map_err(Gone::by)?;
            if let Message::Text(text) = &message {
                return Ok(read(text.as_str()));
            }
            if let Message::Close(Some(close)) = message {
                return Err(Gone::by(format!("the server closed it: {close}")));
            }
        }
    }
}

fn read(text: &str) -> Heard {
    let frame: Incoming<'_> = serde_json::from_str(text).unwrap();
    let params = frame.params.map_or("null", |raw| raw.get());
    match frame.method.as_deref() {
        Some("event") => {
            let head: EventHead = serde_json::from_str(params).unwrap();
            let follows = head.after.unwrap_or(head.cursor - 1);
            Heard::Event { follows, seen: Seen::of(head.cursor, &serde_json::from_str(params).unwrap()) }
        }
        Some(_) => Heard::CaughtUp(serde_json::from_str::<CaughtUp>(params).unwrap().cursor),
        None => {
            let id = frame.id.and_then(|id| id.get().parse().ok()).unwrap_or(0);
            let result = frame.result.map_or("null", |raw| raw.get()).to_owned();
            Heard::Reply { id, outcome: frame.error.map_or(Ok(result), |error| Err(Box::new(error))) }
        }
    }
}
