//! One connection that blocks, and reads only when it is told to.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use socket2::{Domain, Socket, Type};

use super::frame::{Frame, Opcode, decode, encode};
use super::link::upgrade_request;
use crate::sign_in::Identity;
use crate::tongue::NATIVE_PATH;
use crate::wire::{self, Said};

/// Bytes that the kernel takes for this end: as few as it can be told, so that what is not read waits at the server's.
const SMALL_WINDOW: usize = 4_096;
/// A server that says nothing for this long when it should is in trouble.
const PATIENCE: Duration = Duration::from_secs(20);
/// Bytes read at once.
const ROOM: usize = 4_096;

/// A connection.
pub(crate) struct Line {
    socket: TcpStream,
    unread: Vec<u8>,
}

impl Line {
    /// A WebSocket without a session.
    pub(crate) fn connect(target: SocketAddr) -> Result<Self> {
        let socket = Socket::new(Domain::for_address(target), Type::STREAM, None)?;
        socket.set_recv_buffer_size(SMALL_WINDOW)?;
        socket.set_tcp_nodelay(true)?;
        socket.set_read_timeout(Some(PATIENCE))?;
        socket.set_write_timeout(Some(PATIENCE))?;
        socket.connect(&target.into()).with_context(|| format!("cannot connect to {target}"))?;
        let mut line = Self { socket: socket.into(), unread: Vec::new() };
        line.socket.write_all(upgrade_request(target, NATIVE_PATH).as_bytes())?;
        line.skip_the_answer()?;
        Ok(line)
    }

    /// Connects and signs in.
    pub(crate) fn open(target: SocketAddr, who: &Identity, device: &str) -> Result<Self> {
        let mut line = Self::connect(target)?;
        let mut request = String::new();
        wire::open_on(&mut request, 0, (&who.user, device), (&who.token, None));
        line.asks(&request)?;
        Ok(line)
    }

    /// Sends a request and reads until its reply.
    pub(crate) fn asks(&mut self, request: &str) -> Result<()> {
        self.says(request)?;
        while !self.hears_a_reply()? {}
        Ok(())
    }

    /// Sends a frame.
    pub(crate) fn says(&mut self, text: &str) -> Result<()> {
        let mut frame = Vec::new();
        encode(&mut frame, Opcode::Text, text.as_bytes(), [0; 4]);
        self.socket.write_all(&frame).context("cannot send")
    }

    /// Sends a frame of so many bytes without its last one.
    pub(crate) fn begins(&mut self, bytes: usize) -> Result<()> {
        let mut frame = Vec::new();
        encode(&mut frame, Opcode::Text, &vec![b'x'; bytes], [0; 4]);
        frame.pop();
        self.socket.write_all(&frame).context("cannot send")
    }

    fn skip_the_answer(&mut self) -> Result<()> {
        loop {
            if let Some(end) = self.unread.windows(4).position(|four| four == b"\r\n\r\n") {
                self.unread.drain(..end + 4);
                return Ok(());
            }
            self.read()?;
        }
    }

    /// Whether the next frame is a reply, and not an event.
    fn hears_a_reply(&mut self) -> Result<bool> {
        loop {
            if let Some((frame, length)) = decode(&self.unread)? {
                let is_reply = match frame {
                    Frame::Text(text) => matches!(wire::read(text)?, Said::Reply(..)),
                    Frame::Ping(_) | Frame::Pong => false,
                    Frame::Close(code) => bail!("the server closed the connection with {code:?}"),
                };
                self.unread.drain(..length);
                return Ok(is_reply);
            }
            self.read()?;
        }
    }

    fn read(&mut self) -> Result<()> {
        let mut room = [0; ROOM];
        match self.socket.read(&mut room).context("cannot read")? {
            0 => bail!("the server closed the connection"),
            read => self.unread.extend_from_slice(&room[..read]),
        }
        Ok(())
    }
}
