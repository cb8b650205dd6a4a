//! What a store gives of a user's stream.

use wigwag_engine::decision::InvitationMark;

/// The bounds of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StreamBounds {
    /// Events up to here are gone by retention; a cursor below it cannot be resumed from.
    pub floor: u64,
    /// The newest place.
    pub head: u64,
    /// Whether the user may sign in.
    pub admission: Admission,
}

/// Whether a user may sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// They may.
    Welcome,
    /// A back end has disabled them.
    Disabled,
    /// They were deleted, and nobody ever has their name again.
    Deleted,
}

impl Admission {
    /// Of somebody who is disabled, deleted, both or neither.
    pub fn of(is_disabled: bool, is_deleted: bool) -> Self {
        match (is_deleted, is_disabled) {
            (true, _) => Self::Deleted,
            (false, true) => Self::Disabled,
            (false, false) => Self::Welcome,
        }
    }
}

/// An event that was read back from the user's stream.
#[derive(Debug, Clone)]
pub struct StoredEvent {
    /// Its place.
    pub cursor: u64,
    /// Server time in ms.
    pub time: u64,
    /// As the log kept it: [`LoggedEvent::body`](crate::LoggedEvent::body).
    pub body: String,
    /// The user did it.
    pub by_self: bool,
    /// The invitation it belongs to.
    pub invitation: Option<InvitationMark>,
    /// It is the `invitation.received` of an invitation that rings for the user without a sound.
    pub is_quiet: bool,
    /// It is the `invitation.received` of an invitation that is over for the user. It is not sent.
    pub rings_in_vain: bool,
}

/// A page of a user's stream.
#[derive(Debug, Default)]
pub struct StreamPage {
    /// In order.
    pub events: Vec<StoredEvent>,
    /// The last place that was looked at. Places up to here without an event are gone by retention.
    pub through: u64,
    /// Nothing is left after them.
    pub complete: bool,
}
