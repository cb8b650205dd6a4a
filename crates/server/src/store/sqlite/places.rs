//! The `places` column: in whose streams an event stands and where in a conversation, packed small.
//!
//! `1 conversation seq sender flags` or `0`, then `user cursor` for everybody told; every number a LEB128 varint.

/// Where an event stands, by table rows.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Places {
    /// Conversation row, seq, sender row, flags.
    pub(super) message: Option<(i64, u64, i64, u8)>,
    /// User row and cursor.
    pub(super) streams: Vec<(i64, u64)>,
}

impl Places {
    pub(super) fn pack(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(8 + self.streams.len() * 6);
        match self.message {
            Some((conversation, seq, sender, flags)) => {
                bytes.push(1);
                put(&mut bytes, conversation.unsigned_abs());
                put(&mut bytes, seq);
                put(&mut bytes, sender.unsigned_abs());
                bytes.push(flags);
            }
            None => bytes.push(0),
        }
        for (user, cursor) in &self.streams {
            put(&mut bytes, user.unsigned_abs());
            put(&mut bytes, *cursor);
        }
        bytes
    }

    /// `None` when the bytes were not packed by [`Places::pack`].
    pub(super) fn unpack(mut bytes: &[u8]) -> Option<Self> {
        let mut places = Self::default();
        if take_byte(&mut bytes)? == 1 {
            let conversation = take_row(&mut bytes)?;
            let seq = take(&mut bytes)?;
            let sender = take_row(&mut bytes)?;
            places.message = Some((conversation, seq, sender, take_byte(&mut bytes)?));
        }
        while !bytes.is_empty() {
            let user = take_row(&mut bytes)?;
            places.streams.push((user, take(&mut bytes)?));
        }
        Some(places)
    }
}

fn put(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    bytes.push((number & 0x7f) as u8);
}

fn take(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0u64;
    for shift in (0..64).step_by(7) {
        let byte = take_byte(bytes)?;
        number |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(number);
        }
    }
    None
}

fn take_row(bytes: &mut &[u8]) -> Option<i64> {
    take(bytes).and_then(|number| i64::try_from(number).ok())
}

fn take_byte(bytes: &mut &[u8]) -> Option<u8> {
    let (first, rest) = bytes.split_first()?;
    *bytes = rest;
    Some(*first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_is_unpacked() {
        let places =
            Places { message: Some((300, 1, 7, 3)), streams: vec![(1, 1), (70_000, u64::MAX), (2, 128)] };
        assert_eq!(Places::unpack(&places.pack()), Some(places));
        let none = Places { message: None, streams: vec![] };
        assert_eq!(Places::unpack(&none.pack()), Some(none));
        assert_eq!(Places::unpack(&[1, 0x80]), None);
        assert_eq!(Places::unpack(&[]), None);
    }
}
