//! The events that are about an invitation, for those whom no other event concerns.

use crate::InviteId;
use crate::event::{Event, InvitationAnswered, InvitationClosed, InvitationModified, InvitationReceived};

/// What happened to an invitation.
#[derive(Debug, Clone, Copy)]
pub enum InvitationEvent<'a> {
    /// Somebody is invited.
    Received(&'a InvitationReceived),
    /// An invitee accepted.
    Accepted(&'a InvitationAnswered),
    /// An invitee rejected.
    Rejected(&'a InvitationAnswered),
    /// The inviter took it back.
    Cancelled(&'a InvitationClosed),
    /// The deadline passed.
    TimedOut(&'a InvitationClosed),
    /// Its data was replaced.
    Modified(&'a InvitationModified),
}

impl InvitationEvent<'_> {
    /// Which invitation.
    pub const fn invite_id(&self) -> &InviteId {
        match self {
            Self::Received(event) => &event.invite_id,
            Self::Accepted(event) | Self::Rejected(event) => &event.invite_id,
            Self::Cancelled(event) | Self::TimedOut(event) => &event.invite_id,
            Self::Modified(event) => &event.invite_id,
        }
    }

    /// How often the invitation has changed, this event included: 1, 2, 3 …
    pub const fn version(&self) -> u32 {
        match self {
            Self::Received(event) => event.version,
            Self::Accepted(event) | Self::Rejected(event) => event.version,
            Self::Cancelled(event) | Self::TimedOut(event) => event.version,
            Self::Modified(event) => event.version,
        }
    }
}

impl Event {
    /// The event as one about an invitation, if it is.
    pub const fn of_invitation(&self) -> Option<InvitationEvent<'_>> {
        Some(match self {
            Self::InvitationReceived(event) => InvitationEvent::Received(event),
            Self::InvitationAccepted(event) => InvitationEvent::Accepted(event),
            Self::InvitationRejected(event) => InvitationEvent::Rejected(event),
            Self::InvitationCancelled(event) => InvitationEvent::Cancelled(event),
            Self::InvitationTimedOut(event) => InvitationEvent::TimedOut(event),
            Self::InvitationModified(event) => InvitationEvent::Modified(event),
            Self::InvitationProgress(_)
            | Self::InvitationSilenced(_)
            | Self::MessageReceived(_)
            | Self::MessageRevoked(_)
            | Self::MessageRead(_)
            | Self::ConversationPinned(_)
            | Self::ConversationDeleted(_)
            | Self::GroupMembersAdded(_)
            | Self::GroupMembersRemoved(_)
            | Self::GroupDismissed(_)
            | Self::GroupInfoChanged(_)
            | Self::GroupRoleChanged(_)
            | Self::AttributesChanged(_)
            | Self::GroupNotice(_)
            | Self::CallInvited(_)
            | Self::CallJoined(_)
            | Self::CallDeclined(_)
            | Self::CallHungUp(_)
            | Self::CallEnded(_)
            | Self::CallSignalled(_)
            | Self::CallsSeen(_)
            | Self::ProfileChanged(_)
            | Self::Blocked(_)
            | Self::Unblocked(_)
            | Self::ReachChanged(_)
            | Self::QuietChanged(_)
            | Self::StatusChanged(_) => return None,
        })
    }
}
