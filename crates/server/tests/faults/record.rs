//! Invitations and calls as the records of the tables have them, as far as the rules of this test look at them.

use serde::Deserialize;
use wigwag_protocol::call::{CallEndReason, CallLink, PersonState};
use wigwag_protocol::invitation::InviteeState;

/// What the invite said.
#[derive(Debug, Deserialize)]
struct Terms {
    id: String,
    inviter: String,
    #[serde(default)]
    group: Option<String>,
    invitees: Vec<String>,
    timeout: u32,
    created_at: u64,
    #[serde(default)]
    switches: Switches,
    #[serde(default)]
    call: Option<CallLink>,
}

#[derive(Debug, Default, Deserialize)]
struct Switches {
    #[serde(default)]
    online_user_only: bool,
}

/// What has happened since.
#[derive(Debug, Default, Deserialize)]
struct Course {
    version: u32,
    #[serde(default)]
    settled: Vec<(usize, Settled)>,
    #[serde(default)]
    end: Option<End>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
struct Settled {
    state: InviteeState,
}

#[derive(Debug, Deserialize)]
struct End {
    /// Of one that met another: the invitation that was accepted instead.
    #[serde(default)]
    accepted: Option<String>,
}

/// An invitation.
#[derive(Debug)]
pub(crate) struct Invitation {
    terms: Terms,
    course: Course,
}

impl Invitation {
    /// From both records; without a course nothing has happened yet.
    pub(crate) fn read(terms: &str, course: Option<&str>) -> serde_json::Result<Self> {
        let nothing_yet = Course { version: 1, ..Course::default() };
        let course = course.map(serde_json::from_str).transpose()?.unwrap_or(nothing_yet);
        Ok(Self { terms: serde_json::from_str(terms)?, course })
    }

    pub(crate) fn id(&self) -> &str {
        &self.terms.id
    }

    pub(crate) fn version(&self) -> u32 {
        self.course.version
    }

    /// Server time in ms.
    pub(crate) fn deadline(&self) -> Option<u64> {
        let Terms { timeout, created_at, .. } = self.terms;
        (timeout > 0).then(|| created_at + u64::from(timeout) * 1_000)
    }

    pub(crate) fn is_open(&self) -> bool {
        self.course.end.is_none()
    }

    /// Whether both sides are told everything: one-to-one, and not only when online.
    pub(crate) fn is_for_two(&self) -> bool {
        self.terms.group.is_none() && !self.terms.switches.online_user_only
    }

    /// The call that it leads into.
    pub(crate) fn call_id(&self) -> Option<&str> {
        self.terms.call.as_ref().map(|link| link.call_id.as_str())
    }

    /// The invitation that was accepted instead of it: its inviter called somebody who was calling them.
    pub(crate) fn merged_into(&self) -> Option<&str> {
        self.course.end.as_ref()?.accepted.as_deref()
    }

    pub(crate) fn inviter(&self) -> &str {
        &self.terms.inviter
    }

    /// Everybody who is invited, with the state they are in.
    pub(crate) fn invitees(&self) -> impl Iterator<Item = (&str, InviteeState)> {
        let state = |place| self.settled(place).map_or(InviteeState::Pending, |settled| settled.state);
        self.terms.invitees.iter().enumerate().map(move |(place, user)| (user.as_str(), state(place)))
    }

    /// Whether it rings for `user` no more: for an invitee once they are settled, for others once it has ended.
    pub(crate) fn is_over_for(&self, user: &str) -> bool {
        match self.terms.invitees.iter().position(|invitee| invitee == user) {
            Some(place) => self.settled(place).is_some(),
            None => self.course.end.is_some(),
        }
    }

    fn settled(&self, place: usize) -> Option<Settled> {
        self.course.settled.iter().find(|(at, _)| *at == place).map(|(_, settled)| *settled)
    }
}

/// A call.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Call {
    link: CallLink,
    #[serde(default)]
    circle: Option<Circle>,
    pub(crate) people: Vec<Person>,
    pub(crate) version: u32,
    #[serde(default)]
    pub(crate) end: Option<CallEnd>,
}

#[derive(Debug, Clone, Deserialize)]
struct Circle {
    group: String,
}

/// Somebody who was called to a call, or came into it.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Person {
    pub(crate) user: String,
    pub(crate) state: PersonState,
}

/// How a call ended.
#[derive(Debug, Clone, Copy, Deserialize)]
pub(crate) struct CallEnd {
    pub(crate) reason: CallEndReason,
    /// Server time in ms.
    pub(crate) at: u64,
}

impl Call {
    pub(crate) fn id(&self) -> &str {
        self.link.call_id.as_str()
    }

    /// The group it belongs to.
    pub(crate) fn group(&self) -> Option<&str> {
        self.circle.as_ref().map(|circle| circle.group.as_str())
    }

    pub(crate) fn person(&self, user: &str) -> Option<&Person> {
        self.people.iter().find(|person| person.user == user)
    }
}
