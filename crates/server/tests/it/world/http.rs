//! Plain HTTP, as a browser or a program speaks it.

use std::collections::HashMap;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{PATIENCE, World};

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// By name in lower case.
    pub(crate) headers: HashMap<String, String>,
    pub(crate) body: String,
}

impl Answer {
    /// The header, or nothing.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

impl World {
    /// Sends these lines and this body; `Host` is `localhost` unless a line says otherwise.
    pub(crate) async fn asks(&self, request: &str, headers: &[&str], body: &str) -> Answer {
        asks_at(self.address(), request, headers, body).await
    }
}

/// The same at another address.
pub(crate) async fn asks_at(address: &str, request: &str, headers: &[&str], body: &str) -> Answer {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let mut lines = vec![format!("{request} HTTP/1.1"), format!("Content-Length: {}", body.len())];
    lines.extend(headers.iter().map(|line| (*line).to_owned()));
    if !headers.iter().any(|line| line.starts_with("Host:")) {
        lines.push("Host: localhost".to_owned());
    }
    let text = format!("{}\r\nConnection: close\r\n\r\n{body}", lines.join("\r\n"));
    // A server that refuses a body need not read all of it.
    stream.write_all(text.as_bytes()).await.ok();
    let mut answer = Vec::new();
    let read_all = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut answer)).await.unwrap();
    assert!(read_all.is_ok() || !answer.is_empty(), "{read_all:?}");
    read(&String::from_utf8_lossy(&answer))
}

fn read(text: &str) -> Answer {
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let mut lines = head.lines();
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let headers = lines.map(|line| line.split_once(": ").unwrap());
    let headers = headers.map(|(name, value)| (name.to_lowercase(), value.to_owned())).collect();
    Answer { status, headers, body: body.to_owned() }
}
