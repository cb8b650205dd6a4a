//! One WebSocket connection of the generator: a non-blocking socket, its upgrade, and the bytes that wait on either side.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};

use anyhow::{Context, Result, ensure};
use socket2::{Domain, Socket, Type};

use super::frame::{Opcode, encode};

/// The example of RFC 6455 section 1.3: the answer to a known key can be checked without computing it.
const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
const ANSWER: &str = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

/// Longest answer to an upgrade, bytes.
const LONGEST_ANSWER: usize = 8 << 10;

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// To ask for the WebSocket at this path.
    Connecting {
        path: String,
    },
    Upgrading,
    Open,
}

/// What asks for the upgrade.
pub(super) fn upgrade_request(target: SocketAddr, path: &str) -> String {
    format!(
        "GET {path} HTTP/1.1\r\nHost: {target}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {KEY}\r\n\r\n"
    )
}

/// One connection.
pub(super) struct Link {
    pub(super) socket: TcpStream,
    pub(super) stage: Stage,
    /// Tells this connection from earlier ones in the same place.
    pub(super) generation: u32,
    /// The beginning of a frame whose rest has not come.
    pub(super) unread: Vec<u8>,
    unsent: Vec<u8>,
}

impl Link {
    /// Starts to connect from `source`, without waiting.
    pub(super) fn connect(
        source: SocketAddr,
        target: SocketAddr,
        path: String,
        generation: u32,
    ) -> Result<Self> {
        let socket = Socket::new(Domain::for_address(target), Type::STREAM.nonblocking(), None)
            .context("cannot open a socket")?;
        socket.set_tcp_nodelay(true)?;
        socket.bind(&source.into()).with_context(|| format!("cannot connect from {source}"))?;
        match socket.connect(&target.into()) {
            Err(error) if error.raw_os_error() == Some(rustix::io::Errno::INPROGRESS.raw_os_error()) => {}
            other => other.with_context(|| format!("cannot connect to {target}"))?,
        }
        let socket = socket.into();
        let stage = Stage::Connecting { path };
        Ok(Self { socket, stage, generation, unread: Vec::new(), unsent: Vec::new() })
    }

    /// Asks for the upgrade, now that the socket is connected.
    pub(super) fn upgrade(&mut self, target: SocketAddr) -> Result<()> {
        if let Some(error) = self.socket.take_error()? {
            return Err(error).context("cannot connect");
        }
        let Stage::Connecting { path } = std::mem::replace(&mut self.stage, Stage::Upgrading) else {
            return Ok(());
        };
        let request = upgrade_request(target, &path);
        self.socket.write_all(request.as_bytes()).context("cannot ask for the upgrade")
    }

    /// Looks for the answer to the upgrade at the start of `bytes`: its length, `None` when it is not complete.
    pub(super) fn upgraded(&mut self, bytes: &[u8]) -> Result<Option<usize>> {
        let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else {
            ensure!(bytes.len() < LONGEST_ANSWER, "the server's answer to the upgrade does not end");
            return Ok(None);
        };
        let answer = String::from_utf8_lossy(&bytes[..end]);
        ensure!(
            answer.starts_with("HTTP/1.1 101") && answer.contains(ANSWER),
            "the server refused the upgrade: {answer}"
        );
        self.stage = Stage::Open;
        Ok(Some(end + 4))
    }

    /// What the socket holds, up to the size of `into`: 0 when it has nothing yet, `None` at its end.
    pub(super) fn read(&mut self, into: &mut [u8]) -> Result<Option<usize>> {
        match self.socket.read(into) {
            Ok(0) => Ok(None),
            Ok(read) => Ok(Some(read)),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => {
                Ok(Some(0))
            }
            Err(error) => Err(error).context("cannot read"),
        }
    }

    /// Sends a frame, or as much as the socket takes; true when bytes wait for it to become writable.
    pub(super) fn send(&mut self, buffer: &mut Vec<u8>, opcode: Opcode, payload: &[u8]) -> Result<bool> {
        buffer.clear();
        encode(buffer, opcode, payload, self.generation.wrapping_mul(0x9E37_79B9).to_le_bytes());
        if !self.unsent.is_empty() {
            self.unsent.extend_from_slice(buffer);
            return Ok(true);
        }
        let sent = self.write(buffer)?;
        self.unsent.extend_from_slice(&buffer[sent..]);
        Ok(!self.unsent.is_empty())
    }

    /// Sends what waits; true when bytes still do.
    pub(super) fn flush(&mut self) -> Result<bool> {
        let waiting = std::mem::take(&mut self.unsent);
        let sent = self.write(&waiting)?;
        self.unsent = waiting[sent..].to_vec();
        Ok(!self.unsent.is_empty())
    }

    fn write(&mut self, bytes: &[u8]) -> Result<usize> {
        match self.socket.write(bytes) {
            Ok(sent) => Ok(sent),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => Ok(0),
            Err(error) => Err(error).context("cannot write"),
        }
    }
}
