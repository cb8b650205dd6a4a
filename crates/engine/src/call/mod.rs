//! A call: the people in a room that an invitation opened.
//!
//! A call runs beside the invitations into it. An invitation knows who was asked and what they said; a call knows who is in
//! the room, and whether anybody is left to talk with. Each step of such an invitation is one step of its call
//! (`decide/call.rs` links them), and a call has steps of its own: joining, hanging up, losing somebody.
//!
//! ```text
//!             accept, join ─▶ joined ─ hangs up, is lost, goes elsewhere ─▶ left
//!             no, no answer,            ▲                                     │
//!  ringing ─▶ taken back ──▶ rejected,  └──────── joins again ────────────────┘
//!                            timedOut, cancelled, removed      (each may be invited again)
//!  busy       is never rung
//! ```
//!
//! A call runs while somebody is joined and there is somebody to talk with: another who is joined, or one who rings. So it
//! always ends by itself: whoever rings has a deadline, and whoever is joined and gone is found by their lease.

mod rules;

use wigwag_protocol::call::{CallEndReason, CallLink, CallView, LeaveReason, PersonState, PersonView};
use wigwag_protocol::group::Profile;
use wigwag_protocol::invitation::Notify;
use wigwag_protocol::{CallId, Device, GroupId, InviteId, RoomId, UserId};

pub use rules::Step;

use crate::group::Relation;

/// Where a person stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// They were invited and have not answered.
    Ringing,
    /// They are in the call, with this device; `None` when a back end acted.
    Joined(Option<Device>),
    /// They were in the call.
    Left(LeaveReason),
    /// They were invited and will not come.
    Declined(Declined),
}

/// Why somebody who was invited will not come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Declined {
    /// They said no.
    Rejected,
    /// They were in another call and were not rung.
    Busy,
    /// They did not answer before the deadline.
    TimedOut,
    /// The invitation was taken back first, or the call ended.
    Cancelled,
    /// They left the group first.
    Removed,
}

/// Somebody who was called, or who came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Who it is.
    pub user: UserId,
    /// Where they stand.
    pub standing: Standing,
    /// Since when they stand there, server time in ms.
    pub at: u64,
    /// The newest invitation that rang them. `None` for the caller and for those who came by themselves.
    pub invitation: Option<InviteId>,
    /// When they first came in, server time in ms.
    pub joined_at: Option<u64>,
}

/// The group a call belongs to, and who of it is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Circle {
    /// Its members may join.
    pub group: GroupId,
    /// Whether all members are told of each step, or the people in the call alone.
    pub notify: Notify,
}

/// How and when a call ended. Never changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CallEnd {
    /// Why it ended.
    pub reason: CallEndReason,
    /// Server time in ms.
    pub at: u64,
}

/// Somebody who comes into a room, as far as the media server has to know them.
#[derive(Debug, Clone, Copy)]
pub struct Guest<'a> {
    /// The user as others see them.
    pub profile: &'a Profile,
    /// Where they come in.
    pub room: &'a RoomId,
    /// Until when others may be rung, server time in ms: they can come in until then at least.
    pub rings_until: Option<u64>,
}

/// A call, running or over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// Its names.
    pub link: CallLink,
    /// Its group; `None` when it is none's.
    pub circle: Option<Circle>,
    /// The user who began it.
    pub caller: UserId,
    /// Server time in ms.
    pub created_at: u64,
    /// When the second person came in, server time in ms.
    pub answered_at: Option<u64>,
    /// Everybody who was called or came, in that order; each user once.
    pub people: Vec<Person>,
    /// 1 when it began, plus 1 with every step.
    pub version: u32,
    /// Present when it is over.
    pub end: Option<CallEnd>,
}

impl Call {
    /// The call's name.
    pub fn id(&self) -> &CallId {
        &self.link.call_id
    }

    /// Where its people meet.
    pub fn room(&self) -> &RoomId {
        &self.link.room_id
    }

    /// The group it belongs to.
    pub fn group(&self) -> Option<&GroupId> {
        self.circle.as_ref().map(|circle| &circle.group)
    }

    /// Whether it has not ended.
    pub fn is_running(&self) -> bool {
        self.end.is_none()
    }

    /// Whether it was only ever about two people. The steps of its one invitation then say all there is to tell.
    pub fn is_between_two(&self) -> bool {
        self.circle.is_none() && self.people.len() <= 2
    }

    /// The person of that name.
    pub fn person(&self, user: &UserId) -> Option<&Person> {
        self.people.iter().find(|person| person.user == *user)
    }

    /// Whether `user` is in the call.
    pub fn has_joined(&self, user: &UserId) -> bool {
        self.person(user).is_some_and(Person::is_joined)
    }

    /// Whether `user` rings.
    pub fn rings(&self, user: &UserId) -> bool {
        self.person(user).is_some_and(Person::is_ringing)
    }

    /// The users who are in the call.
    pub fn joined(&self) -> impl Iterator<Item = &UserId> {
        self.people.iter().filter(|person| person.is_joined()).map(|person| &person.user)
    }

    /// The open invitations into the call, each once, in the order of the people they ring.
    pub fn rings_by(&self) -> Vec<InviteId> {
        let mut open: Vec<InviteId> = Vec::new();
        for person in self.people.iter().filter(|person| person.is_ringing()) {
            if let Some(id) = person.invitation.as_ref().filter(|id| !open.contains(id)) {
                open.push(id.clone());
            }
        }
        open
    }

    /// Whether the call exists for `user`: they were called or came, or they are a member of its group. `relation` is what they
    /// are to the call's group, unless it was dismissed.
    pub fn seen_by(&self, user: &UserId, relation: Option<Relation>) -> bool {
        self.person(user).is_some() || relation.is_some_and(Relation::is_member)
    }

    /// How long people have talked by `now`, ms.
    pub fn duration_ms(&self, now: u64) -> u64 {
        let until = self.end.map_or(now, |end| end.at);
        self.answered_at.map_or(0, |since| until.saturating_sub(since))
    }

    /// Whether `user` was called, neither came nor said no, and does not ring any more: a missed call.
    pub fn was_missed_by(&self, user: &UserId) -> bool {
        let standing = self.person(user).map(|person| (&person.standing, person.joined_at));
        match standing {
            Some((Standing::Declined(Declined::Busy | Declined::TimedOut | Declined::Cancelled), None)) => {
                true
            }
            Some((
                Standing::Declined(
                    Declined::Busy
                    | Declined::TimedOut
                    | Declined::Cancelled
                    | Declined::Rejected
                    | Declined::Removed,
                )
                | Standing::Ringing
                | Standing::Joined(_)
                | Standing::Left(_),
                _,
            ))
            | None => false,
        }
    }

    /// As `viewer` sees it at `now`.
    pub fn view(&self, viewer: &UserId, now: u64) -> CallView {
        CallView {
            link: self.link.clone(),
            group_id: self.group().cloned(),
            caller: self.caller.clone(),
            created_at: self.created_at,
            answered_at: self.answered_at,
            people: self.people.iter().map(Person::view).collect(),
            ended_at: self.end.map(|end| end.at),
            end_reason: self.end.map(|end| end.reason),
            duration_ms: self.duration_ms(now),
            missed: self.was_missed_by(viewer),
            version: self.version,
        }
    }
}

impl Person {
    /// Whether they are in the call.
    pub fn is_joined(&self) -> bool {
        match self.standing {
            Standing::Joined(_) => true,
            Standing::Ringing | Standing::Left(_) | Standing::Declined(_) => false,
        }
    }

    /// Whether they have still to answer.
    pub fn is_ringing(&self) -> bool {
        match self.standing {
            Standing::Ringing => true,
            Standing::Joined(_) | Standing::Left(_) | Standing::Declined(_) => false,
        }
    }

    fn view(&self) -> PersonView {
        let (device, reason) = match &self.standing {
            Standing::Joined(device) => (device.clone(), None),
            Standing::Left(reason) => (None, Some(*reason)),
            Standing::Ringing | Standing::Declined(_) => (None, None),
        };
        PersonView {
            user_id: self.user.clone(),
            state: self.standing.state(),
            at: self.at,
            device,
            invite_id: self.invitation.clone(),
            joined_at: self.joined_at,
            reason,
        }
    }
}

impl Standing {
    /// As the protocol names it.
    pub fn state(&self) -> PersonState {
        match self {
            Self::Ringing => PersonState::Ringing,
            Self::Joined(_) => PersonState::Joined,
            Self::Left(_) => PersonState::Left,
            Self::Declined(declined) => declined.state(),
        }
    }
}

impl Declined {
    /// As the protocol names it.
    pub fn state(self) -> PersonState {
        match self {
            Self::Rejected => PersonState::Rejected,
            Self::Busy => PersonState::Busy,
            Self::TimedOut => PersonState::TimedOut,
            Self::Cancelled => PersonState::Cancelled,
            Self::Removed => PersonState::Removed,
        }
    }
}
