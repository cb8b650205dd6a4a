//! A device that speaks the protocol frame by frame, and keeps to the rule for cursors while it does.

use std::collections::VecDeque;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, client_async};
use wigwag_protocol::CloseCode;

use super::contract::Asked;
use super::{PATIENCE, user_sig};

/// Whatever carries bytes.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

type Socket = WebSocketStream<Box<dyn Stream>>;

/// A user's device.
pub(crate) struct Device {
    pub(crate) user: String,
    pub(crate) id: String,
    pub(crate) platform: u8,
    /// How far it has taken its stream over.
    pub(crate) cursor: u64,
    /// Frames sent and received after the session was opened.
    pub(crate) frames: u32,
    address: String,
    socket: Option<Socket>,
    inbox: VecDeque<Value>,
    asked: Asked,
    next_id: u64,
}

/// A request as text.
pub(crate) fn request(id: &Value, method: &str, params: &Value) -> String {
    json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}).to_string()
}

impl Device {
    pub(crate) fn new(address: &str, user: &str, id: &str, platform: u8) -> Self {
        Self {
            user: user.to_owned(),
            id: id.to_owned(),
            platform,
            cursor: 0,
            frames: 0,
            address: address.to_owned(),
            socket: None,
            inbox: VecDeque::new(),
            asked: Asked::default(),
            next_id: 1,
        }
    }

    /// A WebSocket without a session.
    pub(crate) async fn connects(&mut self) {
        let stream = TcpStream::connect(&self.address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        self.connects_over(Box::new(stream), "ws").await;
    }

    /// A WebSocket over this stream.
    pub(crate) async fn connects_over(&mut self, stream: Box<dyn Stream>, scheme: &str) {
        let url = format!("{scheme}://{}/v1/ws", self.address);
        let connecting = client_async(url, stream);
        self.socket = Some(tokio::time::timeout(PATIENCE, connecting).await.unwrap().unwrap().0);
        self.inbox.clear();
        self.asked = Asked::default();
    }

    /// What it says to open a session, without a cursor.
    pub(crate) fn opening(&self) -> Value {
        json!({"token": user_sig(&self.user), "deviceID": self.id, "platform": self.platform})
    }

    /// Connects and starts at the head.
    pub(crate) async fn opens(&mut self) -> Value {
        let params = self.opening();
        self.opens_with(params).await
    }

    /// Connects and goes on from its cursor, without waiting for what it missed.
    pub(crate) async fn resumes(&mut self) -> Value {
        let mut params = self.opening();
        params["cursor"] = self.cursor.into();
        self.opens_with(params).await
    }

    /// Connects to a server that has started again, and goes on from its cursor.
    pub(crate) async fn resumes_at(&mut self, address: &str) -> Value {
        address.clone_into(&mut self.address);
        self.resumes().await
    }

    async fn opens_with(&mut self, params: Value) -> Value {
        self.connects().await;
        let opened = self.asks("session.open", params).await.unwrap();
        self.cursor = opened["cursor"].as_u64().unwrap();
        self.frames = 0;
        opened
    }

    /// Sends a frame as it is.
    pub(crate) async fn says(&mut self, text: &str) {
        self.sends(Message::text(text)).await;
    }

    /// Sends any WebSocket message.
    pub(crate) async fn sends(&mut self, message: Message) {
        self.frames += 1;
        if let Message::Text(text) = &message {
            self.asked.notes(text);
        }
        self.socket().send(message).await.unwrap();
    }

    /// Sends a request without waiting for its reply; gives its id.
    pub(crate) async fn begins(&mut self, method: &str, params: Value) -> u64 {
        let id = self.next_id;
        self.next_id += 1;
        let text = request(&id.into(), method, &params);
        self.says(&text).await;
        id
    }

    /// Sends a request and waits for its reply; events that come before it wait to be heard.
    pub(crate) async fn asks(&mut self, method: &str, params: Value) -> Result<Value, Value> {
        let id = self.begins(method, params).await;
        self.is_answered(id).await
    }

    /// Waits for the reply to a request.
    pub(crate) async fn is_answered(&mut self, id: u64) -> Result<Value, Value> {
        loop {
            let mut frame = self.next_frame().await;
            if frame.get("method").is_some() {
                self.inbox.push_back(frame);
                continue;
            }
            assert_eq!(frame["id"], id, "{frame}");
            let result = frame.get_mut("result").map(Value::take);
            if let Some(cursor) = result.as_ref().and_then(|result| result["cursor"].as_u64())
                && cursor == self.cursor + 1
                && frame.get("error").is_none()
            {
                self.cursor = cursor;
            }
            return result.ok_or_else(|| frame["error"].take());
        }
    }

    /// A request that must succeed.
    pub(crate) async fn does(&mut self, method: &str, params: Value) -> Value {
        let asked = params.to_string();
        self.asks(method, params).await.unwrap_or_else(|error| panic!("{method} {asked}: {error}"))
    }

    /// A request that must be refused for this reason.
    pub(crate) async fn is_refused(&mut self, reason: &str, method: &str, params: Value) -> Value {
        let asked = params.to_string();
        let answer = self.asks(method, params).await;
        let error = answer.expect_err(&format!("{method} {asked} is to be refused as {reason}"));
        assert_eq!(error["data"]["reason"], reason, "{method} {asked}: {error}");
        error
    }

    /// The next event, which must be of this type.
    pub(crate) async fn hears(&mut self, kind: &str) -> Value {
        let frame = self.hears_frame().await;
        assert_eq!(frame["method"], "event", "{} waits for {kind}, got {frame}", self.user);
        assert_eq!(frame["params"]["type"], kind, "{} heard {frame}", self.user);
        frame["params"].clone()
    }

    /// `session.caughtUp`, and its cursor.
    pub(crate) async fn is_caught_up(&mut self) -> u64 {
        let frame = self.hears_frame().await;
        assert_eq!(frame["method"], "session.caughtUp", "{frame}");
        frame["params"]["cursor"].as_u64().unwrap()
    }

    /// Everything up to `session.caughtUp`.
    pub(crate) async fn catches_up(&mut self) -> Vec<Value> {
        let mut events = Vec::new();
        loop {
            let frame = self.hears_frame().await;
            if frame["method"] == "session.caughtUp" {
                return events;
            }
            events.push(frame["params"].clone());
        }
    }

    /// The next frame that is no reply, or that waited while a reply was awaited.
    pub(crate) async fn hears_frame(&mut self) -> Value {
        match self.inbox.pop_front() {
            Some(frame) => frame,
            None => self.next_frame().await,
        }
    }

    /// The next frame, whatever it is, without the rule for cursors.
    pub(crate) async fn hears_raw_frame(&mut self) -> Value {
        loop {
            match self.next_message().await {
                Message::Text(text) => return serde_json::from_str(&text).unwrap(),
                Message::Ping(_) | Message::Pong(_) => {}
                other @ (Message::Binary(_) | Message::Close(_) | Message::Frame(_)) => {
                    panic!("{} got {other:?}", self.user)
                }
            }
        }
    }

    /// Nothing is there to be heard: a command goes through the store after everything that was answered before, and
    /// what comes back first is its reply.
    pub(crate) async fn hears_nothing(&mut self) {
        let heard = self.listens().await;
        assert!(heard.is_empty(), "{} heard {} frames, the first {}", self.user, heard.len(), heard[0]);
    }

    /// Every frame that is there to be heard.
    pub(crate) async fn listens(&mut self) -> Vec<Value> {
        let frames = self.frames;
        self.is_refused("unknownUser", "user.unblock", json!({"userID": "nobody-at-all"})).await;
        self.frames = frames;
        std::mem::take(&mut self.inbox).into()
    }

    /// The server closes the connection with this code and the reason text that belongs to it.
    pub(crate) async fn is_closed_with(&mut self, code: CloseCode) {
        assert_eq!(self.is_closed().await, (code.number(), code.reason().to_owned()), "{}", self.user);
    }

    /// The connection ends, and no frame comes before that.
    pub(crate) async fn is_cut_off(&mut self) {
        let next = tokio::time::timeout(PATIENCE, self.socket().next()).await;
        let next = next.unwrap_or_else(|_| panic!("{} is still connected", self.user));
        assert!(!matches!(next, Some(Ok(Message::Text(_)))), "{} got {next:?}", self.user);
        self.socket = None;
    }

    /// The server closes the connection; events before that wait to be heard.
    pub(crate) async fn is_closed(&mut self) -> (u16, String) {
        loop {
            match self.next_message().await {
                Message::Close(Some(frame)) => {
                    self.socket = None;
                    return (frame.code.into(), frame.reason.to_string());
                }
                Message::Text(text) => {
                    let frame = serde_json::from_str(&text).unwrap();
                    self.take(&frame);
                    self.inbox.push_back(frame);
                }
                Message::Ping(_) | Message::Pong(_) => {}
                other @ (Message::Binary(_) | Message::Close(None) | Message::Frame(_)) => {
                    panic!("{} got {other:?}", self.user)
                }
            }
        }
    }

    /// Hears events up to this cursor. False when the connection ends before.
    pub(crate) async fn reads_up_to(&mut self, cursor: u64) -> bool {
        while self.cursor < cursor {
            let next = tokio::time::timeout(PATIENCE, self.socket().next()).await;
            let Some(Ok(Message::Text(text))) = next.expect("something is heard, or the end") else {
                self.socket = None;
                return false;
            };
            self.asked.hears(&text);
            self.take(&serde_json::from_str(&text).unwrap());
        }
        true
    }

    /// Reads bytes until the server ends the connection, and answers nothing, not even a ping.
    pub(crate) fn only_listens(&mut self) -> impl Future<Output = Vec<u8>> + Send + 'static {
        let mut stream = self.socket.take().expect("the device is connected").into_inner();
        async move {
            let mut bytes = Vec::new();
            // The end of the connection may come as an error.
            stream.read_to_end(&mut bytes).await.ok();
            bytes
        }
    }

    /// The connection is gone, without a word.
    pub(crate) fn vanishes(&mut self) {
        self.socket = None;
    }

    /// The next message of any kind.
    pub(crate) async fn next_message(&mut self) -> Message {
        let user = self.user.clone();
        let next = tokio::time::timeout(PATIENCE, self.socket().next()).await;
        let next = next.unwrap_or_else(|_| panic!("{user} heard nothing"));
        let message = next.unwrap_or_else(|| panic!("{user} was disconnected"));
        let message = message.unwrap_or_else(|error| panic!("{user}: {error}"));
        if let Message::Text(text) = &message {
            self.asked.hears(text);
        }
        message
    }

    async fn next_frame(&mut self) -> Value {
        loop {
            match self.next_message().await {
                Message::Text(text) => {
                    self.frames += 1;
                    let frame = serde_json::from_str(&text).unwrap();
                    self.take(&frame);
                    return frame;
                }
                Message::Ping(_) | Message::Pong(_) => {}
                other @ (Message::Binary(_) | Message::Close(_) | Message::Frame(_)) => {
                    panic!("{} got {other:?}", self.user)
                }
            }
        }
    }

    /// The rule for a client: no gap, no repeat.
    fn take(&mut self, frame: &Value) {
        let params = &frame["params"];
        let Some(cursor) = params["cursor"].as_u64() else { return };
        if frame["method"] == "session.caughtUp" {
            assert!(cursor >= self.cursor, "{} is at {}: {frame}", self.user, self.cursor);
        } else {
            let follows = params["after"].as_u64().unwrap_or(cursor - 1);
            assert_eq!(follows, self.cursor, "{} is at {}: {frame}", self.user, self.cursor);
        }
        self.cursor = cursor;
    }

    fn socket(&mut self) -> &mut Socket {
        self.socket.as_mut().expect("the device is connected")
    }
}

/// What people do with invitations.
impl Device {
    /// Invites one user; gives the reply.
    pub(crate) async fn invites(&mut self, other: &Device) -> Value {
        self.does("signaling.invite", json!({"invitee": other.user, "data": "call", "timeout": 60})).await
    }

    /// Invites members of a group; gives the reply.
    pub(crate) async fn invites_in(&mut self, group: &str, invitees: &[&str]) -> Value {
        let params = json!({"groupID": group, "inviteeList": invitees, "data": "call", "timeout": 60});
        self.does("signaling.inviteInGroup", params).await
    }

    pub(crate) async fn accepts(&mut self, invite_id: &Value) -> Value {
        self.does("signaling.accept", json!({"inviteID": invite_id, "data": "yes"})).await
    }

    pub(crate) async fn rejects(&mut self, invite_id: &Value) -> Value {
        self.does("signaling.reject", json!({"inviteID": invite_id, "data": "no"})).await
    }

    pub(crate) async fn cancels(&mut self, invite_id: &Value) -> Value {
        self.does("signaling.cancel", json!({"inviteID": invite_id, "data": "never mind"})).await
    }

    /// The invitation as the server sees it.
    pub(crate) async fn looks_at(&mut self, invite_id: &Value) -> Value {
        self.does("signaling.get", json!({"inviteID": invite_id})).await["invitation"].take()
    }

    /// Makes a group with these members, and hears nothing of it besides the reply.
    pub(crate) async fn makes_group(&mut self, group: &str, members: &[&str]) -> Value {
        self.does("group.create", json!({"groupID": group, "name": group, "members": members})).await
    }

    /// Sends a text to a user.
    pub(crate) async fn texts(&mut self, user: &str, text: &str) -> Value {
        self.does("message.send", json!({"userID": user, "type": "text", "content": {"text": text}})).await
    }

    /// Sends a text to a group.
    pub(crate) async fn texts_in(&mut self, group: &str, text: &str) -> Value {
        self.does("message.send", json!({"groupID": group, "type": "text", "content": {"text": text}})).await
    }
}
