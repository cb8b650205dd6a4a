//! An invitation as the two records of the tables have it, as far as the rules of this test look at it.

use serde::Deserialize;
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
struct End {}

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
