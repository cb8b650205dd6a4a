//! The frames of one connection that the kernel has not taken yet.

use std::collections::VecDeque;
use std::io::{self, ErrorKind, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::AsyncWrite;
use tokio::time::Instant;
use tungstenite::protocol::frame::FrameHeader;
use tungstenite::protocol::frame::coding::{Data, OpCode};

use crate::router::backlog::Held;

/// A device that takes not a byte for this long is gone.
const STALL_LIMIT: Duration = Duration::from_secs(20);
/// Bytes that are put together before the socket is tried. More would only move what waits from the mailbox, where it is shared.
const ENOUGH: usize = 16 * 1024;
/// Frames given to the kernel at once.
const AT_ONCE: usize = 16;
/// A frame that is not masked begins with two bytes, and eight more for the length (RFC 6455 section 5.2).
const LONGEST_HEADER: usize = 10;
/// Places for frames that a quiet connection keeps.
const QUIET: usize = 4;

/// Frames in order, each whole.
#[derive(Default)]
pub(super) struct Outgoing {
    frames: VecDeque<Frame>,
    /// Bytes of the first frame that are out.
    sent: usize,
    /// Bytes of all frames. The first counts until it is out as a whole, because it is in memory as a whole.
    bytes: usize,
    /// The socket took something and was not asked yet to send it on.
    unflushed: bool,
    /// When the socket last took something, while it takes nothing more.
    stalled: Option<Instant>,
    /// `None` before the sign-in, when only refusals are sent.
    held: Option<Held>,
}

struct Frame {
    header: [u8; LONGEST_HEADER],
    header_len: u8,
    payload: Vec<u8>,
}

impl Outgoing {
    /// From now on what waits counts as part of this session's backlog.
    pub(super) fn count_in(&mut self, held: Held) {
        self.held = Some(held);
    }

    /// Adds a text frame.
    pub(super) fn text(&mut self, text: String) {
        self.push(Frame::text(text.into_bytes()));
    }

    /// Adds a frame that is encoded already.
    pub(super) fn encoded(&mut self, frame: &[u8]) {
        self.push(Frame { header: [0; LONGEST_HEADER], header_len: 0, payload: frame.to_vec() });
    }

    /// Whether the socket should be tried before more is added.
    pub(super) fn is_full(&self) -> bool {
        self.bytes >= ENOUGH
    }

    /// Whether everything is in the kernel's hands.
    pub(super) fn is_empty(&self) -> bool {
        self.frames.is_empty() && !self.unflushed
    }

    /// When to give up, unless the socket takes something before.
    pub(super) fn gives_up_at(&self) -> Option<Instant> {
        self.stalled.map(|since| since + STALL_LIMIT)
    }

    /// Drops the frames of which nothing is out. Whether one remains whose beginning is.
    pub(super) fn drop_unsent(&mut self) -> bool {
        self.frames.truncate(usize::from(self.sent > 0));
        self.bytes = self.frames.iter().map(Frame::len).sum();
        if let Some(held) = &mut self.held {
            held.let_go(self.bytes);
        }
        !self.frames.is_empty()
    }

    /// Ready when everything is in the kernel's hands.
    pub(super) fn poll_flush(
        &mut self,
        mut socket: Pin<&mut impl AsyncWrite>,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<()>> {
        let done = self.poll_write_all(socket.as_mut(), cx);
        match done {
            Poll::Ready(Ok(())) => self.settle(),
            Poll::Ready(Err(_)) => {}
            Poll::Pending => self.stall(),
        }
        done
    }

    fn poll_write_all(
        &mut self,
        mut socket: Pin<&mut impl AsyncWrite>,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<()>> {
        while !self.frames.is_empty() {
            let sent = ready!(self.poll_write(socket.as_mut(), cx))?;
            self.advance(sent);
        }
        socket.poll_flush(cx)
    }

    fn push(&mut self, frame: Frame) {
        self.bytes += frame.len();
        self.unflushed = true;
        self.frames.push_back(frame);
    }

    fn poll_write(
        &mut self,
        socket: Pin<&mut impl AsyncWrite>,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<usize>> {
        let mut parts = [IoSlice::new(&[]); 2 * AT_ONCE];
        for (pair, frame) in parts.chunks_exact_mut(2).zip(&self.frames) {
            pair[0] = IoSlice::new(frame.header());
            pair[1] = IoSlice::new(&frame.payload);
        }
        let used = 2 * AT_ONCE.min(self.frames.len());
        let mut parts = &mut parts[..used];
        IoSlice::advance_slices(&mut parts, self.sent);
        match ready!(socket.poll_write_vectored(cx, parts))? {
            0 => Poll::Ready(Err(ErrorKind::WriteZero.into())),
            sent => Poll::Ready(Ok(sent)),
        }
    }

    fn advance(&mut self, sent: usize) {
        self.sent += sent;
        while let Some(frame) = self.frames.front()
            && self.sent >= frame.len()
        {
            let len = frame.len();
            self.sent -= len;
            self.bytes -= len;
            self.frames.pop_front();
        }
        self.stalled = None;
    }

    /// What waits from here on is counted, and held without spare room.
    fn stall(&mut self) {
        if self.stalled.is_none() {
            self.stalled = Some(Instant::now());
            self.frames.iter_mut().for_each(|frame| frame.payload.shrink_to_fit());
            if let Some(held) = &self.held {
                held.backlog().falls_behind();
            }
        }
        self.account();
    }

    fn settle(&mut self) {
        self.unflushed = false;
        self.stalled = None;
        self.account();
        if let Some(held) = &self.held {
            held.backlog().keeps_up();
        }
        if self.frames.capacity() > QUIET {
            self.frames = VecDeque::new();
        }
    }

    fn account(&mut self) {
        if let Some(held) = &mut self.held {
            held.set(self.bytes);
        }
    }
}

impl Frame {
    fn text(payload: Vec<u8>) -> Self {
        let head = FrameHeader { opcode: OpCode::Data(Data::Text), ..FrameHeader::default() };
        let mut header = [0; LONGEST_HEADER];
        let mut room = &mut header[..];
        head.format(payload.len() as u64, &mut room).expect("there is room for the longest header");
        let left = room.len();
        let header_len = u8::try_from(LONGEST_HEADER - left).expect("headers are short");
        Self { header, header_len, payload }
    }

    fn header(&self) -> &[u8] {
        &self.header[..usize::from(self.header_len)]
    }

    fn len(&self) -> usize {
        usize::from(self.header_len) + self.payload.len()
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use prometheus_client::metrics::gauge::Gauge;
    use tokio::io::{AsyncReadExt, DuplexStream, duplex};

    use super::*;
    use crate::router::backlog::{Backlog, Budget};

    /// A kernel that takes 64 bytes before the device reads.
    const KERNEL: usize = 64;

    async fn flush(outgoing: &mut Outgoing, socket: &mut DuplexStream) {
        poll_fn(|cx| outgoing.poll_flush(Pin::new(socket), cx)).await.unwrap();
    }

    fn takes_some(outgoing: &mut Outgoing, socket: &mut DuplexStream) {
        let mut cx = Context::from_waker(std::task::Waker::noop());
        assert!(outgoing.poll_flush(Pin::new(socket), &mut cx).is_pending());
    }

    fn counted() -> (Outgoing, std::sync::Arc<Backlog>) {
        let backlog = Backlog::new(10_000, Budget::new(100_000, Gauge::default()));
        let mut outgoing = Outgoing::default();
        outgoing.count_in(backlog.hold());
        (outgoing, backlog)
    }

    #[tokio::test]
    async fn lengths_are_written_as_the_rfc_has_them() {
        let cases = [(0, 2), (125, 2), (126, 4), (65_535, 4), (65_536, 10)];
        for (len, header) in cases {
            let (mut near, mut far) = duplex(100_000);
            let mut outgoing = Outgoing::default();
            outgoing.text("x".repeat(len));
            flush(&mut outgoing, &mut near).await;
            drop(near);
            let mut heard = Vec::new();
            far.read_to_end(&mut heard).await.unwrap();
            assert_eq!((heard[0], heard.len()), (0x81, header + len));
            let (_, told) = FrameHeader::parse(&mut io::Cursor::new(&heard)).unwrap().unwrap();
            assert_eq!(told, len as u64);
        }
    }

    #[tokio::test]
    async fn frames_come_whole_and_in_order_however_slowly_they_are_read() {
        let (mut near, mut far) = duplex(7);
        let (mut outgoing, backlog) = counted();
        let frames = 3 * AT_ONCE;
        (0..frames).for_each(|number| outgoing.text(format!("frame {number:02}")));
        let reading = tokio::spawn(async move {
            let mut heard = String::new();
            for _ in 0..frames {
                let mut frame = [0; 10];
                far.read_exact(&mut frame).await.unwrap();
                heard.push_str(std::str::from_utf8(&frame[2..]).unwrap());
            }
            heard
        });
        flush(&mut outgoing, &mut near).await;
        let expected: Vec<String> = (0..frames).map(|number| format!("frame {number:02}")).collect();
        assert_eq!(reading.await.unwrap(), expected.concat());
        assert!(outgoing.is_empty() && backlog.bytes() == 0 && backlog.behind_since().is_none());
    }

    #[tokio::test]
    async fn what_the_kernel_does_not_take_is_counted_until_it_is_out() {
        let (mut near, mut far) = duplex(KERNEL);
        let (mut outgoing, backlog) = counted();
        outgoing.text("x".repeat(100));
        outgoing.text("y".repeat(100));
        assert_eq!(backlog.bytes(), 0, "it may all be out in a moment");
        takes_some(&mut outgoing, &mut near);
        assert_eq!(backlog.bytes(), 204, "a frame counts until it is out as a whole");
        assert!(backlog.behind_since().is_some() && outgoing.gives_up_at().is_some());
        let reading = tokio::spawn(async move { far.read_exact(&mut [0; 204]).await.map(|_| far) });
        flush(&mut outgoing, &mut near).await;
        let _far = reading.await.unwrap().unwrap();
        assert_eq!((backlog.bytes(), backlog.behind_since()), (0, None));
        assert!(outgoing.is_empty() && outgoing.gives_up_at().is_none());
    }

    #[tokio::test]
    async fn of_what_is_dropped_a_frame_that_has_begun_stays() {
        let (mut near, mut far) = duplex(KERNEL);
        let (mut outgoing, backlog) = counted();
        outgoing.text("x".repeat(100));
        outgoing.text("y".repeat(100));
        takes_some(&mut outgoing, &mut near);
        assert!(outgoing.drop_unsent());
        assert_eq!(backlog.bytes(), 102);
        outgoing.encoded(b"bye");
        let reading = tokio::spawn(async move {
            let mut heard = Vec::new();
            far.read_to_end(&mut heard).await.map(|_| heard)
        });
        flush(&mut outgoing, &mut near).await;
        drop(near);
        let heard = reading.await.unwrap().unwrap();
        assert_eq!((heard.len(), &heard[102..]), (105, &b"bye"[..]));
    }

    #[test]
    fn what_has_not_begun_is_dropped_as_a_whole() {
        let (mut outgoing, backlog) = counted();
        outgoing.text("x".repeat(100));
        assert!(!outgoing.drop_unsent());
        assert_eq!(backlog.bytes(), 0);
    }
}
