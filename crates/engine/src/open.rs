//! Open invitations as the bounds count them. Those without a deadline are known by their age, because the oldest is
//! the first that a newer invitation closes.

use wigwag_protocol::message::Peer;
use wigwag_protocol::{InviteId, UserId};

use crate::Invitation;

/// An open invitation without a deadline. The oldest comes first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lasting {
    /// Server time in ms.
    pub created_at: u64,
    /// Its name.
    pub id: InviteId,
}

/// One of an inviter's open invitations without a deadline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastingTo {
    /// The invitation.
    pub lasting: Lasting,
    /// The invitee, or the group.
    pub peer: Peer,
}

/// One of a group's open invitations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OpenInGroup {
    /// It has a deadline.
    Timed(InviteId),
    /// It has none.
    Lasting(Lasting),
}

/// An invitation that is pending for an invitee.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pending {
    /// The user who made it.
    pub inviter: UserId,
    /// Absent when it has a deadline: those are only counted.
    pub lasting: Option<Lasting>,
}

impl Lasting {
    /// The invitation, if it has no deadline.
    pub fn of(invitation: &Invitation) -> Option<Self> {
        let (created_at, id) = (invitation.created_at, invitation.id.clone());
        invitation.is_lasting().then_some(Self { created_at, id })
    }
}

impl LastingTo {
    /// The invitation, if it has no deadline.
    pub fn of(invitation: &Invitation) -> Option<Self> {
        Lasting::of(invitation).map(|lasting| Self { lasting, peer: invitation.peer() })
    }
}

impl OpenInGroup {
    /// The invitation, which is a group's.
    pub fn of(invitation: &Invitation) -> Self {
        Lasting::of(invitation).map_or_else(|| Self::Timed(invitation.id.clone()), Self::Lasting)
    }

    /// Its name.
    pub fn id(&self) -> &InviteId {
        match self {
            Self::Timed(id) => id,
            Self::Lasting(lasting) => &lasting.id,
        }
    }

    /// The invitation, if it has no deadline.
    pub fn lasting(&self) -> Option<&Lasting> {
        match self {
            Self::Timed(_) => None,
            Self::Lasting(lasting) => Some(lasting),
        }
    }
}

impl Pending {
    /// The invitation, as it is pending for each of its invitees.
    pub fn of(invitation: &Invitation) -> Self {
        Self { inviter: invitation.inviter.clone(), lasting: Lasting::of(invitation) }
    }
}
