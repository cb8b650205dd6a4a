//! A WebSocket server that tests play by hand, on a real socket of an ephemeral port.

use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use serde_json::{Value, json};
use tungstenite::{Message, WebSocket, accept};
use wigwag_client::protocol::Reason;

/// A client that asks nothing for so long waits for something that does not come.
const LONGEST_SILENCE: Duration = Duration::from_mins(2);

/// A listening server.
pub(crate) struct Script {
    listener: TcpListener,
}

/// One connection of a client's. Dropping it breaks it off without a farewell.
pub(crate) struct Connection {
    socket: WebSocket<TcpStream>,
}

impl Script {
    pub(crate) fn new() -> Self {
        Self { listener: TcpListener::bind("127.0.0.1:0").unwrap() }
    }

    pub(crate) fn url(&self) -> String {
        format!("ws://{}", self.listener.local_addr().unwrap())
    }

    /// The next connection, signed in as bob at `cursor` with nothing to catch up.
    pub(crate) fn signs_in(&self, cursor: u64) -> Connection {
        let (stream, _) = self.listener.accept().unwrap();
        stream.set_read_timeout(Some(LONGEST_SILENCE)).unwrap();
        // As the server does: else the kernel keeps a small frame back until the one before is confirmed, up to 40 ms.
        stream.set_nodelay(true).unwrap();
        let mut connection = Connection { socket: accept(stream).unwrap() };
        let request = connection.hears("session.open");
        let limits = json!({
            "dataBytes": 16_384, "frameBytes": 65_536, "invitees": 9, "commandsPerSecond": 20, "commandBurst": 40,
        });
        let opened = json!({
            "userID": "bob", "time": 1, "cursor": cursor, "head": cursor, "pingInterval": 30, "limits": limits,
        });
        connection.replies(&request, &opened);
        connection
    }
}

impl Connection {
    /// The next request but acks, which must be of `method`.
    pub(crate) fn hears(&mut self, method: &str) -> Value {
        loop {
            let Message::Text(text) = self.socket.read().unwrap() else { continue };
            let request: Value = serde_json::from_str(&text).unwrap();
            if request["method"] != "session.ack" {
                assert_eq!(request["method"], method, "{request}");
                return request;
            }
        }
    }

    pub(crate) fn replies(&mut self, request: &Value, result: &Value) {
        self.sends(&json!({"jsonrpc": "2.0", "id": request["id"], "result": result}));
    }

    pub(crate) fn refuses(&mut self, request: &Value, reason: Reason) {
        self.sends(&json!({"jsonrpc": "2.0", "id": request["id"], "error": reason.error()}));
    }

    /// Sends an event; `event` has its `type` and fields.
    pub(crate) fn tells(&mut self, cursor: u64, mut event: Value) {
        event["cursor"] = json!(cursor);
        event["time"] = json!(cursor);
        self.sends(&json!({"jsonrpc": "2.0", "method": "event", "params": event}));
    }

    fn sends(&mut self, frame: &Value) {
        self.socket.send(Message::text(frame.to_string())).unwrap();
    }
}
