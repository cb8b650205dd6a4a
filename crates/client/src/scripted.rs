//! A WebSocket server that tests play by hand, on a real socket of an ephemeral port.

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::{WebSocketStream, accept_async};

/// A listening server.
pub(crate) struct Scripted {
    listener: TcpListener,
}

impl Scripted {
    pub(crate) async fn start() -> Self {
        Self { listener: TcpListener::bind("127.0.0.1:0").await.unwrap() }
    }

    pub(crate) fn url(&self) -> String {
        format!("ws://{}", self.listener.local_addr().unwrap())
    }

    /// The next connection. Dropping it breaks it off without a farewell.
    pub(crate) async fn accepts(&self) -> Connection {
        let (stream, _) = self.listener.accept().await.unwrap();
        Connection { socket: accept_async(stream).await.unwrap() }
    }

    /// The next connection, signed in as alice at `cursor` with nothing to catch up.
    pub(crate) async fn signs_in(&self, cursor: u64) -> Connection {
        let mut connection = self.accepts().await;
        connection.opens(cursor, cursor).await;
        connection
    }
}

/// One connection of the client's.
pub(crate) struct Connection {
    socket: WebSocketStream<TcpStream>,
}

impl Connection {
    /// The next request but acks, which must be of `method`.
    pub(crate) async fn hears(&mut self, method: &str) -> Value {
        loop {
            let message = self.socket.next().await.unwrap().unwrap();
            let Message::Text(text) = message else { continue };
            let request: Value = serde_json::from_str(&text).unwrap();
            if request["method"] == "session.ack" {
                continue;
            }
            assert_eq!(request["method"], method, "{request}");
            return request;
        }
    }

    /// Takes the `session.open` and gives its params.
    pub(crate) async fn opens(&mut self, cursor: u64, head: u64) -> Value {
        let request = self.hears("session.open").await;
        let limits = json!({"dataBytes": 16384, "frameBytes": 65536, "invitees": 9, "commandsPerSecond": 20, "commandBurst": 40});
        let result = json!({"userID": "alice", "time": 1, "cursor": cursor, "head": head, "pingInterval": 30, "limits": limits});
        self.replies(&request, result).await;
        request["params"].clone()
    }

    pub(crate) async fn replies(&mut self, request: &Value, result: Value) {
        self.sends(json!({"jsonrpc": "2.0", "id": request["id"], "result": result})).await;
    }

    pub(crate) async fn refuses(&mut self, request: &Value, reason: wigwag_protocol::Reason) {
        self.sends(json!({"jsonrpc": "2.0", "id": request["id"], "error": reason.error()})).await;
    }

    /// Sends an event; `event` has its `type` and fields.
    pub(crate) async fn tells(&mut self, cursor: u64, mut event: Value) {
        event["cursor"] = json!(cursor);
        event["time"] = json!(1_700_000_000_000_u64 + cursor);
        self.sends(json!({"jsonrpc": "2.0", "method": "event", "params": event})).await;
    }

    pub(crate) async fn catches_up(&mut self, cursor: u64) {
        let params = json!({ "cursor": cursor });
        self.sends(json!({"jsonrpc": "2.0", "method": "session.caughtUp", "params": params})).await;
    }

    pub(crate) async fn closes(mut self, code: u16) {
        let frame = CloseFrame { code: code.into(), reason: "".into() };
        self.socket.send(Message::Close(Some(frame))).await.unwrap();
    }

    async fn sends(&mut self, frame: Value) {
        self.socket.send(Message::text(frame.to_string())).await.unwrap();
    }
}
