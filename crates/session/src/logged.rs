//! Events as the log keeps them (docs/decisions/0006).

use wigwag_engine::PlacedEvent;
use wigwag_engine::decision::{InvitationMark, MessageMark, Place};
use wigwag_protocol::{Event, UserId};

use crate::codec::native;

/// An event with its place in everybody's stream and with its native text, which is made once and shared by all who get
/// it.
#[derive(Debug, Clone)]
pub struct LoggedEvent {
    /// Server time in ms.
    pub time: u64,
    /// The native text of the part that is the same for everybody: the params from `"type"` on, `"type":…}`.
    pub body: String,
    /// The event itself, when it was committed on this node; of an event of another node there is only the text.
    pub event: Option<Event>,
    /// The user who did it; `None` when something was due.
    pub actor: Option<UserId>,
    /// Whether it is kept for a minute only and not in history.
    pub online_only: bool,
    /// The invitation it is about, for folding.
    pub invitation: Option<InvitationMark>,
    /// Its place in a conversation's history; `None` also when another node wrote it.
    pub message: Option<MessageMark>,
    /// Its place in the stream of each user who is told; each user once.
    pub places: Vec<Place>,
    /// On `invitation.received`: those of them for whom it rings without a sound, in byte order.
    pub quiet: Vec<UserId>,
}

impl LoggedEvent {
    /// The event as it is to be written, with its text.
    pub fn of(placed: PlacedEvent) -> Self {
        let PlacedEvent { time, event, actor, online_only, invitation, message, places, quiet } = placed;
        let body = native::write::shared(&event);
        Self { time, body, event: Some(event), actor, online_only, invitation, message, places, quiet }
    }
}
