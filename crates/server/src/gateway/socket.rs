//! The connection behind a few verbs, so that another transport can take its place.
//!
//! The WebSocket library reads frames and says how pings and closes are answered. What comes in reaches it through [`Incoming`], so
//! that it is known what it keeps. What goes out waits in [`Outgoing`], where it is counted: [`Socket::put`] never waits, and the
//! caller flushes before it puts more than a little, and before it hears more, since a ping leaves its answer there.

use std::future::poll_fn;
use std::io::{self, ErrorKind, Read, Write};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures_util::FutureExt;
use tokio::io::{AsyncRead, ReadBuf};
use tokio::time::{sleep_until, timeout};
use tungstenite::error::ProtocolError;
use tungstenite::protocol::{CloseFrame, Role, WebSocketConfig, WebSocketContext};
use tungstenite::{Message, Utf8Bytes};
use wigwag_session::session::{Breach, Ending};

use super::incoming::{AT_ONCE, Incoming, ROOM};
use super::outgoing::Outgoing;
use super::upgrade::Upgraded;
use crate::listener::Stream;
use crate::router::backlog::{Backlog, Charge, Held};

/// How long a closing handshake may take.
const CLOSE_LIMIT: Duration = Duration::from_secs(2);

/// A WebSocket.
pub(super) struct Socket {
    stream: Stream,
    protocol: WebSocketContext,
    incoming: Incoming,
    outgoing: Outgoing,
    unfinished: Unfinished,
    /// A message was given up in its middle: what comes cannot be read any more.
    is_cut_short: bool,
}

/// Who answers for a message that has begun and not ended, and for what TLS keeps.
enum Unfinished {
    /// Nobody yet: all who have not signed in share a budget.
    Stranger(Charge),
    /// A session, as part of its backlog.
    Session(Held),
}

/// What came in.
pub(super) enum Heard {
    /// A request.
    Text(Utf8Bytes),
    /// A ping or pong: the device lives.
    Sign,
    /// A binary frame, which the protocol does not have.
    Binary,
    /// No frame, or not one that may be sent here; the connection cannot be read any further.
    Breach(Breach),
    /// Before the sign-in: too much is unfinished on all connections together, and this one has a part in it.
    Crowded,
    /// The connection is over.
    Gone,
}

/// The connection is over.
#[derive(Debug)]
pub(super) struct Gone;

impl Socket {
    /// A connection that was upgraded. Messages of more than `most` bytes end it, and until the sign-in what is unfinished of them
    /// is charged.
    pub(super) fn new(Upgraded { stream, early }: Upgraded, most: usize, charge: Charge) -> Self {
        let mut config = WebSocketConfig::default().read_buffer_size(ROOM).write_buffer_size(0);
        limit(&mut config, most);
        Self {
            stream,
            protocol: WebSocketContext::new(Role::Server, Some(config)),
            incoming: Incoming::new(early),
            outgoing: Outgoing::default(),
            unfinished: Unfinished::Stranger(charge),
            is_cut_short: false,
        }
    }

    /// The device has signed in: its messages may have `most` bytes, and what waits for it, or for its end of a message, is counted
    /// in its backlog.
    pub(super) fn signed_in(&mut self, most: usize, backlog: &Arc<Backlog>) {
        self.protocol.set_config(|config| limit(config, most));
        self.outgoing.count_in(backlog.hold());
        self.unfinished = Unfinished::Session(backlog.hold());
    }

    /// The next frame. Nothing is lost when the future is dropped.
    pub(super) async fn hear(&mut self) -> Heard {
        poll_fn(|cx| self.poll_hear(cx)).await
    }

    /// Sends a frame.
    pub(super) async fn say(&mut self, text: String) -> Result<(), Gone> {
        self.put(text);
        self.flush().await
    }

    /// Adds a frame to what the next flush sends.
    pub(super) fn put(&mut self, text: String) {
        self.outgoing.text(text);
    }

    /// Adds a question whether the device lives.
    pub(super) fn ping(&mut self) {
        let ping = Message::Ping(tungstenite::Bytes::new());
        self.with_protocol(|protocol, wire| protocol.write(wire, ping)).ok();
    }

    /// Whether so much was put that it should be flushed before there is more.
    pub(super) fn is_full(&self) -> bool {
        self.outgoing.is_full()
    }

    /// Whether the kernel has taken everything.
    pub(super) fn is_flushed(&self) -> bool {
        self.outgoing.is_empty()
    }

    /// Sends what was put. Nothing is lost when the future is dropped.
    pub(super) async fn flush(&mut self) -> Result<(), Gone> {
        loop {
            let give_up = match self.outgoing.gives_up_at() {
                // Nothing has stalled yet, so the socket is tried before a timer is made.
                None => match self.try_flush() {
                    Some(done) => return done,
                    None => continue,
                },
                Some(at) => sleep_until(at),
            };
            tokio::select! {
                progress = poll_fn(|cx| self.poll_progress(cx)) => if let Some(done) = progress { return done },
                () = give_up => return Err(Gone),
            }
        }
    }

    /// Sends what was put, if anything; otherwise the next frame. Nothing is lost when the future is dropped.
    pub(super) async fn flush_or_hear(&mut self) -> Option<Heard> {
        if self.is_flushed() {
            return Some(self.hear().await);
        }
        self.flush().await.err().map(|Gone| Heard::Gone)
    }

    /// Says why, and waits a moment for the device to say so too.
    pub(super) async fn close(mut self, ending: Ending) {
        let frame = CloseFrame { code: ending.number().into(), reason: ending.reason().into() };
        let closing = async {
            // It is put among the frames; an error only says that the device has closed already.
            self.with_protocol(|protocol, wire| protocol.close(wire, Some(frame))).ok();
            if self.flush().await.is_ok() {
                self.hear_out(ending).await;
            }
        };
        // A device that does not answer has had its chance.
        timeout(CLOSE_LIMIT, closing).await.ok();
    }

    /// Waits for the other end to close. What it still sends has to be read: a socket that is closed before is reset, and the device
    /// would see that instead of the code.
    async fn hear_out(&mut self, ending: Ending) {
        let mut readable = match ending {
            Ending::Code(_) => !self.is_cut_short,
            Ending::Breach(_) => false,
        };
        while readable {
            match self.hear().await {
                Heard::Text(_) | Heard::Sign | Heard::Binary => {}
                Heard::Breach(_) | Heard::Crowded => readable = false,
                Heard::Gone => return,
            }
        }
        poll_fn(|cx| self.poll_discard(cx)).await;
    }

    /// Drops the frames that wait, and the message that has begun. Whether nothing is left to be sent, so that a close can be
    /// understood; otherwise a part of a frame is out already, and its rest stays.
    pub(super) fn let_go(&mut self) -> bool {
        if self.incoming.unfinished() > 0 {
            self.is_cut_short = true;
            renew(&mut self.protocol);
            self.unfinished.are(0);
        }
        !self.outgoing.drop_unsent()
    }
}

/// One poll each.
impl Socket {
    fn poll_hear(&mut self, cx: &mut Context<'_>) -> Poll<Heard> {
        let Self { stream, protocol, incoming, outgoing, unfinished, .. } = self;
        let mut wire = Wire { reading: Some((Pin::new(&mut *stream), cx)), incoming, outgoing };
        let heard = match protocol.read(&mut wire) {
            Ok(Message::Text(text)) => Heard::Text(text),
            Ok(Message::Binary(_)) => Heard::Binary,
            Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_)) => Heard::Sign,
            Ok(Message::Close(_)) => Heard::Gone,
            Err(error) if is_pending(&error) => {
                let fits = unfinished.are(incoming.unfinished() + stream.kept());
                return if fits { Poll::Pending } else { Poll::Ready(Heard::Crowded) };
            }
            Err(error) => lost(&error),
        };
        // Puts the answer to a ping or a close among the frames. An error says that the connection is over, as the next read will.
        protocol.flush(&mut wire).ok();
        self.settle(&heard);
        Poll::Ready(heard)
    }

    /// Makes the state fit what was heard.
    fn settle(&mut self, heard: &Heard) {
        match heard {
            // A sign may come in the middle of a message.
            Heard::Text(_) | Heard::Binary | Heard::Sign => {
                if self.incoming.unfinished() == 0 {
                    self.unfinished.are(0);
                }
                if self.incoming.is_to_be_replaced() && self.protocol.can_read() && self.protocol.can_write()
                {
                    renew(&mut self.protocol);
                    self.incoming.was_replaced();
                }
            }
            // The answer to a close is all that is left to do; a device that does not take it is gone.
            Heard::Gone if !self.outgoing.is_empty() => {
                self.try_flush();
            }
            Heard::Gone | Heard::Breach(_) | Heard::Crowded => {}
        }
    }

    /// Reads and forgets, until the end.
    fn poll_discard(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let mut room = [0; AT_ONCE];
        loop {
            let mut read = ReadBuf::new(&mut room);
            match ready!(Pin::new(&mut self.stream).poll_read(cx, &mut read)) {
                Ok(()) if !read.filled().is_empty() => {}
                Ok(()) | Err(_) => return Poll::Ready(()),
            }
        }
    }

    fn try_flush(&mut self) -> Option<Result<(), Gone>> {
        poll_fn(|cx| self.poll_flush(cx)).now_or_never()
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Gone>> {
        let Self { stream, outgoing, incoming, unfinished, .. } = self;
        let done = outgoing.poll_flush(Pin::new(&mut *stream), cx).map_err(|_| Gone);
        if done.is_pending() {
            // What TLS has taken and the device has not; whether it is too much is asked when more is read.
            unfinished.are(incoming.unfinished() + stream.kept());
        }
        done
    }

    /// Ready when everything is out, and (with nothing) when something is, so that the time to give up is set anew.
    fn poll_progress(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<(), Gone>>> {
        let before = self.outgoing.gives_up_at();
        match self.poll_flush(cx) {
            Poll::Ready(done) => Poll::Ready(Some(done)),
            Poll::Pending if self.outgoing.gives_up_at() == before => Poll::Pending,
            Poll::Pending => Poll::Ready(None),
        }
    }

    fn with_protocol<T>(&mut self, work: impl FnOnce(&mut WebSocketContext, &mut Wire<'_, '_>) -> T) -> T {
        let mut wire = Wire { reading: None, incoming: &mut self.incoming, outgoing: &mut self.outgoing };
        work(&mut self.protocol, &mut wire)
    }
}

/// What the library reads from and writes to: it reads what the socket has, and what it writes joins the frames that wait.
struct Wire<'a, 'cx> {
    reading: Option<(Pin<&'a mut Stream>, &'a mut Context<'cx>)>,
    incoming: &'a mut Incoming,
    outgoing: &'a mut Outgoing,
}

impl Unfinished {
    /// So many bytes are kept of what has not ended. False when this is too much for all who have not signed in; a session is told
    /// to end when it is too much for all of them.
    fn are(&mut self, bytes: usize) -> bool {
        match self {
            Self::Stranger(charge) => {
                charge.set(bytes);
                bytes == 0 || !charge.is_over_budget()
            }
            Self::Session(held) => {
                // In this order: whoever looks for slow devices because of these bytes has to find this one.
                match bytes {
                    0 => held.backlog().ended_the_message(),
                    _ => held.backlog().begins_a_message(),
                }
                held.set(bytes);
                true
            }
        }
    }
}

impl Read for Wire<'_, '_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let Some((stream, cx)) = &mut self.reading else { return Err(ErrorKind::WouldBlock.into()) };
        match self.incoming.poll_give(cx, stream.as_mut(), into) {
            Poll::Ready(given) => given,
            Poll::Pending => Err(ErrorKind::WouldBlock.into()),
        }
    }
}

impl Write for Wire<'_, '_> {
    fn write(&mut self, frame: &[u8]) -> io::Result<usize> {
        self.outgoing.encoded(frame);
        Ok(frame.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Exchanges the library's state for one that has read nothing yet: its buffers never shrink by themselves.
fn renew(protocol: &mut WebSocketContext) {
    let config = *protocol.get_config();
    *protocol = WebSocketContext::new(Role::Server, Some(config));
}

fn limit(config: &mut WebSocketConfig, most: usize) {
    config.max_message_size = Some(most);
    config.max_frame_size = Some(most);
}

fn is_pending(error: &tungstenite::Error) -> bool {
    matches!(error, tungstenite::Error::Io(error) if error.kind() == ErrorKind::WouldBlock)
}

fn lost(error: &tungstenite::Error) -> Heard {
    breach(error).map_or(Heard::Gone, Heard::Breach)
}

/// Which rule the device broke; `None` when it is gone, with or without saying so.
fn breach(error: &tungstenite::Error) -> Option<Breach> {
    if matches!(error, tungstenite::Error::Capacity(_)) {
        return Some(Breach::TooLarge);
    }
    if matches!(error, tungstenite::Error::Utf8(_)) {
        return Some(Breach::NotUtf8);
    }
    let tungstenite::Error::Protocol(error) = error else { return None };
    let is_gone =
        matches!(error, ProtocolError::ResetWithoutClosingHandshake | ProtocolError::ReceivedAfterClosing);
    (!is_gone).then_some(Breach::NoFrame)
}
