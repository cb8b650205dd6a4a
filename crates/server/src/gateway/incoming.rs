//! What comes from the socket of one connection, handed to the WebSocket library one frame at a time.
//!
//! The library takes whatever it is given into a buffer that stays as large as the largest frame, and tells neither its size nor what
//! is in it. Because it is never given a byte beyond the frame that it reads, it keeps nothing between two messages, so that its buffer
//! can be replaced then ([`Incoming::is_to_be_replaced`]); and what it keeps of a message that has not ended is known
//! ([`Incoming::unfinished`]).

use std::io::{Cursor, Result};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use tokio::io::{AsyncRead, ReadBuf};
use tungstenite::protocol::frame::FrameHeader;
use tungstenite::protocol::frame::coding::OpCode;

/// Bytes read from a socket at once. A usual request fits into this; more costs memory for each connection.
pub(super) const AT_ONCE: usize = 512;
/// Bytes for which the library has room between two messages: enough for an acknowledgement. What is larger gets a buffer of its
/// own.
pub(super) const ROOM: usize = 128;
/// The longest header of a frame: two bytes, eight for the length and four for the mask (RFC 6455 section 5.2).
const LONGEST_HEADER: usize = 14;

/// Bytes that have come, and where in a frame the next of them belongs.
pub(super) struct Incoming {
    /// What came before the connection was a WebSocket's, up to the headers' 16 KiB.
    early: Bytes,
    bytes: Box<[u8; AT_ONCE]>,
    /// The bytes that the library has not been given.
    start: u16,
    end: u16,
    place: Place,
    /// Bytes of the earlier fragments of a message that has not ended; `None` between two messages. A fragment may be empty.
    collected: Option<usize>,
    /// Whether the library was given a frame for which it had no room.
    has_grown: bool,
}

enum Place {
    /// In a header, of which so many bytes are here.
    Header { bytes: [u8; LONGEST_HEADER], len: u8 },
    /// In the payload of a frame.
    Payload { len: usize, left: usize, ends: Ends },
}

/// What the end of a frame ends.
#[derive(Clone, Copy)]
enum Ends {
    Fragment,
    Message,
    /// A control frame may come between two fragments.
    Control,
}

const BETWEEN: Place = Place::Header { bytes: [0; LONGEST_HEADER], len: 0 };

impl Incoming {
    pub(super) fn new(early: Bytes) -> Self {
        let bytes = Box::new([0; AT_ONCE]);
        Self { early, bytes, start: 0, end: 0, place: BETWEEN, collected: None, has_grown: false }
    }

    /// Moves bytes of the current frame to the library, from the socket when there are none. 0 when the socket has come to its end.
    pub(super) fn poll_give(
        &mut self,
        cx: &mut Context<'_>,
        socket: Pin<&mut impl AsyncRead>,
        into: &mut [u8],
    ) -> Poll<Result<usize>> {
        if self.start == self.end {
            ready!(self.poll_fill(cx, socket))?;
        }
        Poll::Ready(Ok(self.give(into)))
    }

    /// The bytes that the library keeps of a message that has not ended: the room that the frame under way was announced to need,
    /// and what was collected before it, twice, because a text that grows has room for as much again.
    pub(super) fn unfinished(&self) -> usize {
        let announced = match self.place {
            Place::Header { .. } => 0,
            Place::Payload { len, .. } => len,
        };
        // An announcement beyond every limit ends the connection a moment later.
        announced.saturating_add(2 * self.collected.unwrap_or(0))
    }

    /// Whether the library holds nothing, in a buffer that has grown. Asked when it has given a message.
    pub(super) fn is_to_be_replaced(&self) -> bool {
        self.has_grown && self.collected.is_none() && matches!(self.place, Place::Header { len: 0, .. })
    }

    /// The library was replaced.
    pub(super) fn was_replaced(&mut self) {
        self.has_grown = false;
    }

    fn poll_fill(&mut self, cx: &mut Context<'_>, socket: Pin<&mut impl AsyncRead>) -> Poll<Result<()>> {
        let mut room = ReadBuf::new(&mut self.bytes[..]);
        if self.early.is_empty() {
            ready!(socket.poll_read(cx, &mut room))?;
        } else {
            room.put_slice(&self.early.split_to(self.early.len().min(AT_ONCE)));
        }
        (self.start, self.end) = (0, u16::try_from(room.filled().len()).expect("a buffer is short"));
        Poll::Ready(Ok(()))
    }

    fn give(&mut self, into: &mut [u8]) -> usize {
        let (start, end) = (usize::from(self.start), usize::from(self.end));
        let most = match &self.place {
            Place::Header { bytes, len } => header_len(&bytes[..usize::from(*len)]) - usize::from(*len),
            Place::Payload { left, .. } => *left,
        };
        let given = most.min(into.len()).min(end - start);
        into[..given].copy_from_slice(&self.bytes[start..start + given]);
        self.start += u16::try_from(given).expect("a buffer is short");
        self.follow(&into[..given]);
        given
    }

    /// Goes on by bytes of the current header or payload.
    fn follow(&mut self, given: &[u8]) {
        match &mut self.place {
            Place::Header { bytes, len } => {
                let before = usize::from(*len);
                let after = before + given.len();
                bytes[before..after].copy_from_slice(given);
                *len = u8::try_from(after).expect("headers are short");
                if after == header_len(&bytes[..after]) {
                    let header = *bytes;
                    self.begins(&header[..after]);
                }
            }
            Place::Payload { left, .. } => *left -= given.len(),
        }
        if let Place::Payload { len, left: 0, ends } = self.place {
            self.ended(len, ends);
        }
    }

    /// A header is whole. One that the library does not take ends the connection, whatever is thought of it here.
    fn begins(&mut self, header: &[u8]) {
        let Ok(Some((header, len))) = FrameHeader::parse(&mut Cursor::new(header)) else { return };
        let ends = match header.opcode {
            OpCode::Control(_) => Ends::Control,
            OpCode::Data(_) if header.is_final => Ends::Message,
            OpCode::Data(_) => Ends::Fragment,
        };
        let len = usize::try_from(len).unwrap_or(usize::MAX);
        self.has_grown |= len > ROOM - LONGEST_HEADER;
        self.place = Place::Payload { len, left: len, ends };
    }

    fn ended(&mut self, len: usize, ends: Ends) {
        self.place = BETWEEN;
        match ends {
            Ends::Fragment => self.collected = Some(self.collected.unwrap_or(0) + len),
            Ends::Message => self.collected = None,
            Ends::Control => {}
        }
    }
}

/// How long a header is that begins with these bytes, as far as they say so; always more than there are, until it is whole.
fn header_len(begin: &[u8]) -> usize {
    const MASKED: u8 = 0x80;
    let Some(second) = begin.get(1) else { return 2 };
    let length = match second & !MASKED {
        126 => 2,
        127 => 8,
        _ => 0,
    };
    let mask = if second & MASKED == 0 { 0 } else { 4 };
    2 + length + mask
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: u8 = 0x81;
    const TEXT_BEGINS: u8 = 0x01;
    const CONTINUES: u8 = 0x00;
    const ENDS: u8 = 0x80;
    const PING: u8 = 0x89;

    /// A masked frame with a payload of so many bytes.
    fn frame(first: u8, payload: u16) -> Vec<u8> {
        let mut frame = vec![first, 0x80 | 0x7E];
        frame.extend(payload.to_be_bytes());
        frame.extend([0; 4]);
        frame.resize(8 + usize::from(payload), b'x');
        frame
    }

    /// Takes everything in pieces of `at_once` bytes.
    fn takes(incoming: &mut Incoming, mut bytes: &[u8], at_once: usize) -> Vec<u8> {
        let mut cx = Context::from_waker(std::task::Waker::noop());
        let (mut taken, mut into) = (Vec::new(), vec![0; at_once]);
        loop {
            match incoming.poll_give(&mut cx, Pin::new(&mut bytes), &mut into) {
                Poll::Ready(Ok(0)) => return taken,
                Poll::Ready(Ok(given)) => taken.extend(&into[..given]),
                Poll::Ready(Err(_)) | Poll::Pending => panic!("a slice is always ready"),
            }
        }
    }

    #[test]
    fn no_piece_goes_beyond_its_frame_and_all_pieces_are_all_bytes() {
        let whole = [frame(TEXT, 900), frame(PING, 3), frame(TEXT, 0), frame(TEXT, 70)].concat();
        for at_once in [1, 14, 128, 4_096] {
            let mut incoming = Incoming::new(Bytes::new());
            assert_eq!(takes(&mut incoming, &whole, at_once), whole, "{at_once} at once");
            assert_eq!(incoming.unfinished(), 0);
        }
        let mut incoming = Incoming::new(Bytes::new());
        let mut cx = Context::from_waker(std::task::Waker::noop());
        let (mut rest, mut into, mut pieces) = (&frame(TEXT, 3).repeat(2)[..], [0; 64], Vec::new());
        while let Poll::Ready(Ok(given @ 1..)) = incoming.poll_give(&mut cx, Pin::new(&mut rest), &mut into) {
            pieces.push(given);
        }
        assert_eq!(pieces, [2, 6, 3, 2, 6, 3], "a begin, the rest of the header, the payload");
    }

    #[test]
    fn what_came_with_the_request_is_read_first() {
        let mut incoming = Incoming::new(Bytes::from(frame(TEXT, 900)));
        assert_eq!(takes(&mut incoming, &frame(TEXT, 3), 64), [frame(TEXT, 900), frame(TEXT, 3)].concat());
    }

    #[test]
    fn a_frame_counts_with_its_announced_length_until_it_is_whole() {
        let mut incoming = Incoming::new(Bytes::new());
        let whole = frame(TEXT, 9_000);
        takes(&mut incoming, &whole[..7], 64);
        assert_eq!(incoming.unfinished(), 0, "the length is not known before the header is whole");
        takes(&mut incoming, &whole[7..8], 64);
        assert_eq!(incoming.unfinished(), 9_000);
        takes(&mut incoming, &whole[8..9_007], 64);
        assert_eq!(incoming.unfinished(), 9_000);
        takes(&mut incoming, &whole[9_007..], 64);
        assert_eq!(incoming.unfinished(), 0);
    }

    #[test]
    fn fragments_count_until_the_last_and_a_ping_between_them_ends_nothing() {
        let mut incoming = Incoming::new(Bytes::new());
        takes(&mut incoming, &frame(TEXT_BEGINS, 1_000), 64);
        assert_eq!(incoming.unfinished(), 2_000);
        takes(&mut incoming, &frame(PING, 5), 64);
        assert_eq!(incoming.unfinished(), 2_000);
        takes(&mut incoming, &[frame(CONTINUES, 500), frame(CONTINUES, 300)[..8].to_vec()].concat(), 64);
        assert_eq!(incoming.unfinished(), 3_300);
        assert!(!incoming.is_to_be_replaced());
        takes(&mut incoming, &[vec![b'x'; 300], frame(CONTINUES | ENDS, 0)].concat(), 64);
        assert_eq!(incoming.unfinished(), 0);
        assert!(incoming.is_to_be_replaced());
    }

    #[test]
    fn an_empty_fragment_begins_a_message_too() {
        let mut incoming = Incoming::new(Bytes::new());
        takes(&mut incoming, &[frame(TEXT_BEGINS, 0), frame(PING, 125)].concat(), 64);
        assert!(!incoming.is_to_be_replaced(), "the library knows that a message is under way");
        takes(&mut incoming, &frame(CONTINUES | ENDS, 5), 64);
        assert!(incoming.is_to_be_replaced());
    }

    #[test]
    fn the_library_is_replaced_after_what_it_had_no_room_for() {
        let room = u16::try_from(ROOM - LONGEST_HEADER).unwrap();
        let mut incoming = Incoming::new(Bytes::new());
        takes(&mut incoming, &frame(TEXT, room), 64);
        assert!(!incoming.is_to_be_replaced());
        takes(&mut incoming, &frame(TEXT, room + 1), 64);
        assert!(incoming.is_to_be_replaced());
        incoming.was_replaced();
        assert!(!incoming.is_to_be_replaced());
    }
}
