//! Events on their way to one device.

use std::sync::Arc;

use wigwag_engine::decision::InvitationMark;

use crate::LoggedEvent;

/// The part of an event that only this device is told. What the log must not keep belongs here: it is made when the event
/// is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Viewer {
    /// The place in the user's stream.
    pub cursor: u64,
    /// While catching up: the place that this one follows, when that is not `cursor - 1`.
    pub after: Option<u64>,
    /// When it happened, server time in ms.
    pub time: u64,
    /// Another device of the same user did it.
    pub by_self: bool,
    /// On an invitation with a deadline: ms left.
    pub remaining_ms: Option<u64>,
    /// On an invitation: it rings for this user without a sound.
    pub is_quiet: bool,
}

/// The part of an event that is the same for everybody.
#[derive(Debug, Clone)]
pub enum Body {
    /// As it was committed a moment ago.
    Live(Arc<LoggedEvent>),
    /// As the log kept it: [`LoggedEvent::body`].
    Stored(String),
}

impl Body {
    /// [`LoggedEvent::body`]
    pub fn text(&self) -> &str {
        match self {
            Self::Live(event) => &event.body,
            Self::Stored(text) => text,
        }
    }
}

/// How long an invitation still rings. `None` for every other event.
pub(crate) fn remaining_ms(mark: Option<&InvitationMark>, now: u64) -> Option<u64> {
    let received = mark.filter(|mark| mark.version == 1)?;
    received.deadline.map(|deadline| deadline.saturating_sub(now))
}
