//! WebSocket frames as a client writes and reads them (RFC 6455 section 5), unfragmented and without extensions.

use anyhow::{Result, bail, ensure};

/// Longest message taken from a server, bytes: a session.open reply that lists thousands of open invitations fits.
const LONGEST: usize = 64 << 20;

const FINAL: u8 = 0x80;
const MASKED: u8 = 0x80;

/// In place of a length: it follows in two bytes, in eight bytes.
const MEDIUM: u8 = 0x7E;
const LONG: u8 = 0x7F;

/// What a client writes.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Opcode {
    Text = 0x1,
    Close = 0x8,
    Pong = 0xA,
}

/// What a server wrote.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Frame<'a> {
    Text(&'a str),
    Ping(&'a [u8]),
    Pong,
    /// With its close code, if it carries one.
    Close(Option<u16>),
}

/// Appends one masked frame.
pub(crate) fn encode(out: &mut Vec<u8>, opcode: Opcode, payload: &[u8], mask: [u8; 4]) {
    out.push(FINAL | opcode as u8);
    match payload.len() {
        short @ 0..=125 => out.push(MASKED | short.to_le_bytes()[0]),
        medium @ 126..=0xFFFF => {
            out.push(MASKED | MEDIUM);
            out.extend_from_slice(&medium.to_be_bytes()[size_of::<usize>() - 2..]);
        }
        long => {
            out.push(MASKED | LONG);
            out.extend_from_slice(&(long as u64).to_be_bytes());
        }
    }
    out.extend_from_slice(&mask);
    let start = out.len();
    out.extend_from_slice(payload);
    apply(mask, &mut out[start..]);
}

fn apply(mask: [u8; 4], bytes: &mut [u8]) {
    let mut words = bytes.chunks_exact_mut(4);
    for word in &mut words {
        for (byte, key) in word.iter_mut().zip(mask) {
            *byte ^= key;
        }
    }
    for (byte, key) in words.into_remainder().iter_mut().zip(mask) {
        *byte ^= key;
    }
}

/// Reads the frame at the start of `bytes` and tells how many bytes it took; `None` when it is not complete.
pub(crate) fn decode(bytes: &[u8]) -> Result<Option<(Frame<'_>, usize)>> {
    let Some((head, length)) = lengths(bytes)? else { return Ok(None) };
    ensure!(length <= LONGEST, "the server sent a frame of {length} bytes");
    let Some(payload) = bytes.get(head..head + length) else { return Ok(None) };
    let first = bytes[0];
    ensure!(first & 0xF0 == FINAL, "the server sent a fragment or used an extension");
    let frame = match first & 0x0F {
        0x1 => Frame::Text(std::str::from_utf8(payload)?),
        0x8 => Frame::Close(payload.first_chunk().map(|code| u16::from_be_bytes(*code))),
        0x9 => Frame::Ping(payload),
        0xA => Frame::Pong,
        other => bail!("the server sent a frame with opcode {other}"),
    };
    Ok(Some((frame, head + length)))
}

/// Lengths of the header and of the payload.
fn lengths(bytes: &[u8]) -> Result<Option<(usize, usize)>> {
    let Some(&second) = bytes.get(1) else { return Ok(None) };
    ensure!(second & MASKED == 0, "the server masked a frame");
    Ok(match second {
        MEDIUM => bytes[2..].first_chunk().map(|long| (4, usize::from(u16::from_be_bytes(*long)))),
        LONG => match bytes[2..].first_chunk() {
            Some(long) => Some((10, usize::try_from(u64::from_be_bytes(*long))?)),
            None => None,
        },
        short => Some((2, usize::from(short))),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from_server(payload: &str) -> Vec<u8> {
        let mut masked = Vec::new();
        encode(&mut masked, Opcode::Text, payload.as_bytes(), [0; 4]);
        let head = masked.len() - payload.len() - 4;
        masked.drain(head..head + 4);
        masked[1] &= !MASKED;
        masked
    }

    #[test]
    fn the_example_of_the_rfc_is_met() {
        let mut out = Vec::new();
        encode(&mut out, Opcode::Text, b"Hello", [0x37, 0xfa, 0x21, 0x3d]);
        assert_eq!(out, [0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58]);
    }

    #[test]
    fn texts_of_every_length_form_are_read_back_and_parts_wait_for_the_rest() {
        for length in [0, 1, 125, 126, 0xFFFF, 0x1_0000] {
            let text = "x".repeat(length);
            let bytes = from_server(&text);
            assert_eq!(decode(&bytes).unwrap(), Some((Frame::Text(&text), bytes.len())), "{length}");
            for cut in [0, 1, bytes.len() - 1] {
                assert_eq!(decode(&bytes[..cut]).unwrap(), None, "{length} cut at {cut}");
            }
        }
    }

    #[test]
    fn control_frames_are_told_apart_and_fragments_are_refused() {
        assert_eq!(decode(&[0x88, 2, 0x0F, 0xA0]).unwrap(), Some((Frame::Close(Some(4000)), 4)));
        assert_eq!(decode(&[0x88, 0]).unwrap(), Some((Frame::Close(None), 2)));
        assert_eq!(decode(&[0x89, 1, 7]).unwrap(), Some((Frame::Ping(&[7]), 3)));
        assert!(decode(&[0x01, 0]).is_err());
        assert!(decode(&[0x81, 0x80]).is_err());
    }
}
