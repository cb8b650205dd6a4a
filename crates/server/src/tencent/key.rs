//! How a message is named: `MsgKey`, which is `MsgSeq_MsgRandom_seconds`.

/// A message's `MsgKey`. All of it is in its place and its messageID, so whoever knows these two says the same: the message, and later
/// that it was taken back.
pub(crate) fn key(seq: u64, message_id: &str) -> String {
    key_at(seq, random_of(message_id), seconds_of(message_id))
}

/// One with these parts.
pub(crate) fn key_at(seq: u64, random: u32, seconds: u64) -> String {
    format!("{seq}_{random}_{seconds}")
}

/// The `MsgRandom` of a message. It is not the one that was sent, which only the sender may read back; so a message has the same
/// `MsgKey` for whoever reads it. The last digits of a messageID are random.
pub(crate) fn random_of(message_id: &str) -> u32 {
    let digits = message_id.len().saturating_sub(8);
    message_id.get(digits..).and_then(|digits| u32::from_str_radix(digits, 16).ok()).unwrap_or(0)
}

/// When the messageID was made: its first twelve digits are ms, as in every UUID of version 7.
fn seconds_of(message_id: &str) -> u64 {
    let ms = message_id.get(..12).and_then(|digits| u64::from_str_radix(digits, 16).ok());
    ms.unwrap_or(0) / 1_000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_follows_from_the_message_id() {
        assert_eq!(key(7, "019abcdef01270008000000000000010"), "7_16_1764105318");
        for none in ["", "short", "é19abcdef012700080000000000000"] {
            assert_eq!(key(7, none).split('_').next(), Some("7"), "{none}");
        }
    }
}
