//! What the rules are asked to decide: a command of a user, or something whose time has come.

use wigwag_protocol::{GroupId, InviteId, RoomId, UserId};

use crate::{Actor, Command};

/// What a decision is asked for.
#[derive(Debug, Clone)]
pub enum Request {
    /// A user wants something.
    By(Actor, Command),
    /// A deadline has come.
    Due(Due),
}

/// What can be due. Each kind has its own rule in `decide`; timers, the stores' lists of deadlines and the sweep over nodes know
/// only this enum.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Due {
    /// The deadline of an invitation, or the age at which one without deadline is closed.
    Invitation(InviteId),
    /// A user's devices have been gone for as long as somebody may be gone from a call and still say something of themselves.
    Absence(UserId),
    /// The media server has seen a user go from this room.
    RoomLeft(RoomId, UserId),
}

impl Request {
    /// The user who acts; `None` for a deadline.
    pub fn user(&self) -> Option<&UserId> {
        match self {
            Self::By(actor, _) => Some(&actor.user),
            Self::Due(_) => None,
        }
    }

    /// A name for logs, without anything a user said.
    pub fn kind(&self) -> String {
        match self {
            Self::By(_, command) => {
                let name = format!("{command:?}");
                name.split(|letter: char| !letter.is_alphanumeric()).next().unwrap_or_default().to_owned()
            }
            Self::Due(Due::Invitation(_)) => "Due::Invitation".to_owned(),
            Self::Due(Due::Absence(_)) => "Due::Absence".to_owned(),
            Self::Due(Due::RoomLeft(..)) => "Due::RoomLeft".to_owned(),
        }
    }

    /// The group whose rate this counts in; see [`Command::group_written_to`].
    pub fn group_written_to(&self) -> Option<&GroupId> {
        match self {
            Self::By(_, command) => command.group_written_to(),
            Self::Due(_) => None,
        }
    }
}
