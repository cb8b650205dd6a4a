//! What went wrong, in the form of the header.

use wigwag_client::{Trouble, TroubleKind};

use crate::abi::types::{WigwagResult, WigwagTrouble};
use crate::told::{Text, json_of};

/// What went wrong, in the library's own memory.
#[derive(Debug)]
pub(crate) struct ShownTrouble {
    code: i32,
    retryable: bool,
    retry_after_ms: u64,
    reason: Text,
    message: Text,
}

impl ShownTrouble {
    /// Nothing is wrong.
    pub(crate) fn none() -> Self {
        let empty = || Text::new(String::new());
        Self { code: 0, retryable: false, retry_after_ms: 0, reason: empty(), message: empty() }
    }

    /// The form in which an app gets it; it points into this one.
    pub(crate) fn shown(&self) -> WigwagTrouble {
        WigwagTrouble {
            code: self.code,
            retryable: u8::from(self.retryable),
            retry_after_ms: self.retry_after_ms,
            reason: self.reason.shown(),
            message: self.message.shown(),
        }
    }
}

impl From<Trouble> for ShownTrouble {
    fn from(trouble: Trouble) -> Self {
        Self {
            code: trouble.code,
            retryable: trouble.retryable,
            retry_after_ms: trouble.retry_after_ms.unwrap_or(0),
            reason: Text::new(trouble.reason.to_owned()),
            message: Text::new(trouble.message),
        }
    }
}

/// The `error` object of a refusal; else empty.
pub(crate) fn json_in(trouble: &Trouble) -> String {
    trouble.refusal.as_ref().map(json_of).unwrap_or_default()
}

/// What a reply that failed gives.
pub(crate) fn result_of(kind: TroubleKind) -> WigwagResult {
    match kind {
        TroubleKind::Refused => WigwagResult::Refused,
        TroubleKind::TimedOut => WigwagResult::TimedOut,
        TroubleKind::Disconnected => WigwagResult::Disconnected,
        TroubleKind::Stopped => WigwagResult::Stopped,
        TroubleKind::Unreadable => WigwagResult::Unreadable,
        TroubleKind::System => WigwagResult::System,
    }
}
