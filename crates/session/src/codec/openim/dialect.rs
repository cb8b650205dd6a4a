//! The two versions of the protocol.

use super::frame::Answer;

/// Which client speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// `open-im-sdk` 2.3.0.
    Two,
    /// `open-im-sdk` 3.5.2.
    Three,
}

impl Dialect {
    /// The one or the other.
    pub fn pick<T>(self, two: T, three: T) -> T {
        match self {
            Self::Two => two,
            Self::Three => three,
        }
    }

    /// The number that names a conversation, or a call, of a group (`true`) or of two.
    pub fn session_type(self, of_group: bool) -> u8 {
        if of_group { self.pick(2, 3) } else { 1 }
    }

    /// A time in the unit that this version counts the lives of calls, groups and members in: seconds, or milliseconds.
    pub fn time(self, ms: u64) -> u64 {
        self.pick(ms / 1_000, ms)
    }

    /// The text of a reply's `data`. The older client hands it over as it is; the newer one parses it if it can, so that a text
    /// has to be JSON, or a user whose name is 123 becomes a number.
    pub(super) fn data(self, answer: Answer) -> String {
        match (self, answer) {
            (Self::Two, Answer::Nothing) => String::new(),
            (Self::Three, Answer::Nothing) => "\"\"".to_owned(),
            (Self::Two, Answer::Text(text)) => text,
            (Self::Three, Answer::Text(text)) => serde_json::Value::String(text).to_string(),
            (Self::Two | Self::Three, Answer::Json(json)) => json,
        }
    }
}
