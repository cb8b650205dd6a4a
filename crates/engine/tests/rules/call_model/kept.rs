//! What the model keeps of calls and of the invitations into them.

use std::collections::BTreeMap;

use crate::call_properties::{Said, TIMEOUT};
use crate::operation::Name;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Ringing(Name),
    Joined(Name),
    Left,
    Rejected,
    Busy,
    TimedOut,
    Cancelled,
    Removed,
}

#[derive(Debug)]
pub(super) struct Call {
    pub(super) caller: Name,
    pub(super) room: Name,
    pub(super) group: Option<Name>,
    pub(super) people: BTreeMap<Name, State>,
    pub(super) answered: bool,
    pub(super) end: Option<&'static str>,
}

/// Where an invitee stands, and for an answer which device gave it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Guest {
    Pending,
    Said(Said, Name, &'static str),
    Busy,
    TimedOut,
    Cancelled,
    /// By the inviter's command, on this device.
    TakenBack(Name),
    Removed,
}

#[derive(Debug)]
pub(super) struct Invitation {
    pub(super) by: Name,
    pub(super) wish: (Vec<Name>, Option<Name>),
    pub(super) media: Name,
    /// Of whose members it invites some.
    pub(super) group: Option<Name>,
    pub(super) call: Name,
    pub(super) guests: BTreeMap<Name, Guest>,
    pub(super) born: u64,
    /// The device whose cancel ended it.
    pub(super) cancelled: Option<Name>,
    pub(super) merged: bool,
}

/// Whom somebody calls, and where.
#[derive(Clone, Copy)]
pub(super) struct Wish<'a> {
    pub(super) to: &'a [Name],
    pub(super) room: Option<Name>,
    pub(super) media: Name,
    pub(super) group: Option<Name>,
}

impl State {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Ringing(_) => "ringing",
            Self::Joined(_) => "joined",
            Self::Left => "left",
            Self::Rejected => "rejected",
            Self::Busy => "busy",
            Self::TimedOut => "timedOut",
            Self::Cancelled => "cancelled",
            Self::Removed => "removed",
        }
    }
}

impl Call {
    pub(super) fn joined(&self) -> Vec<Name> {
        let joined = self.people.iter().filter(|(_, state)| matches!(state, State::Joined(_)));
        joined.map(|(name, _)| *name).collect()
    }

    pub(super) fn has(&self, who: Name) -> bool {
        matches!(self.people.get(who), Some(State::Joined(_)))
    }

    pub(super) fn rings(&self, who: Name) -> bool {
        matches!(self.people.get(who), Some(State::Ringing(_)))
    }

    pub(super) fn between_two(&self) -> bool {
        self.group.is_none() && self.people.len() <= 2
    }
}

impl Invitation {
    pub(super) fn open(&self) -> bool {
        self.guests.values().any(|guest| *guest == Guest::Pending)
    }

    pub(super) fn overdue(&self, now: u64) -> bool {
        now >= self.born + TIMEOUT * 1_000
    }
}
