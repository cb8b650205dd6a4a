//! OpenIM's client of the older version, frame by frame, for what the packages themselves do not do.

use std::collections::VecDeque;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, client_async};

use super::{PATIENCE, World, user_sig};

/// A client that has signed in.
pub(crate) struct OpenIm {
    user: String,
    socket: WebSocketStream<TcpStream>,
    /// Events that came before a reply.
    events: VecDeque<Value>,
    requests: u32,
}

impl OpenIm {
    /// Connects and signs in.
    pub(crate) async fn signs_in(world: &World, user: &str) -> Self {
        Self::tries_to_sign_in(world, user).await.unwrap_or_else(|code| panic!("{user} is refused: {code}"))
    }

    /// The same, or the number of its refusal.
    pub(crate) async fn tries_to_sign_in(world: &World, user: &str) -> Result<Self, i64> {
        let stream = TcpStream::connect(world.address()).await.unwrap();
        stream.set_nodelay(true).unwrap();
        let url = format!("ws://{}/openim?sendID={user}&token=t&platformID=5", world.address());
        let socket = timeout(PATIENCE, client_async(url, stream)).await.unwrap().unwrap().0;
        let mut client = Self { user: user.to_owned(), socket, events: VecDeque::new(), requests: 0 };
        let login = json!({"userID": user, "token": user_sig(user)}).to_string();
        client.asks("Login", &login).await?;
        Ok(client)
    }

    /// Sends a request without waiting for its reply; gives its operationID.
    pub(crate) async fn begins(&mut self, name: &str, data: &str) -> String {
        self.requests += 1;
        let operation = format!("operation-{}", self.requests);
        let request =
            json!({"reqFuncName": name, "operationID": operation, "userID": self.user, "data": data});
        self.socket.send(Message::text(request.to_string())).await.unwrap();
        operation
    }

    /// The next reply, which is this request's: its data, or the number of its refusal.
    pub(crate) async fn is_answered(&mut self, operation: &str) -> Result<String, i64> {
        loop {
            let frame = self.next_frame().await;
            if frame["operationID"] == "0" {
                self.events.push_back(frame);
                continue;
            }
            assert_eq!(frame["operationID"], operation, "{frame}");
            return match frame["errCode"].as_i64() {
                Some(0) => Ok(frame["data"].as_str().unwrap().to_owned()),
                code => Err(code.unwrap()),
            };
        }
    }

    pub(crate) async fn asks(&mut self, name: &str, data: &str) -> Result<String, i64> {
        let operation = self.begins(name, data).await;
        self.is_answered(&operation).await
    }

    /// The next event of this name.
    pub(crate) async fn hears(&mut self, name: &str) -> Value {
        loop {
            let event = match self.events.pop_front() {
                Some(event) => event,
                None => self.next_frame().await,
            };
            if event["event"] == name {
                return event;
            }
        }
    }

    /// Closes the connection at once, as the end of a page does.
    pub(crate) async fn closes(mut self) {
        self.socket.close(None).await.unwrap();
    }

    async fn next_frame(&mut self) -> Value {
        loop {
            let message = timeout(PATIENCE, self.socket.next()).await.expect("the server says something");
            if let Message::Text(text) = message.unwrap().unwrap() {
                return serde_json::from_str(&text).unwrap();
            }
        }
    }
}
