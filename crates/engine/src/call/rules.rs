//! What each step does to a call.

use wigwag_protocol::call::{CallEndReason, CallLink, LeaveReason};
use wigwag_protocol::{Device, InviteId, UserId};

use super::{Call, CallEnd, Circle, Declined, Person, Standing};

/// What can happen in a running call.
#[derive(Debug, Clone, Copy)]
pub enum Step<'a> {
    /// An invitation into it was made.
    Invited {
        /// Who invites.
        by: &'a UserId,
        /// The invitation.
        invitation: &'a InviteId,
        /// The invitees who ring.
        ringing: &'a [UserId],
        /// The invitees who are in another call.
        busy: &'a [UserId],
    },
    /// Somebody comes in, or goes on with another device.
    Entered {
        /// Who comes.
        user: &'a UserId,
        /// With which device; `None` when a back end acts.
        device: Option<&'a Device>,
    },
    /// People who ring will not come.
    Declined {
        /// Who they are.
        users: &'a [UserId],
        /// Why they do not come.
        how: Declined,
        /// Whether their invitation was closed for its age or for a newer one, of which no event of its own tells.
        quietly: bool,
    },
    /// Somebody who is in it goes.
    Left {
        /// Who goes.
        user: &'a UserId,
        /// Why they go.
        reason: LeaveReason,
    },
    /// Its group is dismissed.
    Dismissed,
}

impl Call {
    /// A call that begins: its caller is in it, and nobody rings yet. The invitation that opens it is its first step.
    pub fn begin(
        link: CallLink,
        circle: Option<Circle>,
        caller: &UserId,
        device: Option<&Device>,
        now: u64,
    ) -> Self {
        let first = Person {
            user: caller.clone(),
            standing: Standing::Joined(device.cloned()),
            at: now,
            invitation: None,
            joined_at: Some(now),
        };
        Self {
            link,
            circle,
            caller: caller.clone(),
            created_at: now,
            answered_at: None,
            people: vec![first],
            version: 0,
            end: None,
        }
    }

    /// The call after a step at `now` (server time in ms). A call that is over stays as it is.
    #[must_use]
    pub fn after(&self, step: Step<'_>, now: u64) -> Self {
        let mut next = self.clone();
        if !self.is_running() {
            return next;
        }
        next.version += 1;
        match step {
            Step::Invited { invitation, ringing, busy, .. } => {
                next.invite(invitation, ringing, &Standing::Ringing, now);
                next.invite(invitation, busy, &Standing::Declined(Declined::Busy), now);
            }
            Step::Entered { user, device } => next.enter(user, device, now),
            Step::Declined { users, how, .. } => next.decline(users, how, now),
            Step::Left { user, reason } => next.put(user, Standing::Left(reason), now),
            Step::Dismissed => {}
        }
        if let Some(reason) = next.over_because(step, self) {
            next.end_by(reason, now);
        }
        next
    }

    fn invite(&mut self, invitation: &InviteId, users: &[UserId], standing: &Standing, now: u64) {
        for user in users {
            self.put(user, standing.clone(), now);
            if let Some(person) = self.people.iter_mut().find(|person| person.user == *user) {
                person.invitation = Some(invitation.clone());
            }
        }
    }

    fn enter(&mut self, user: &UserId, device: Option<&Device>, now: u64) {
        self.put(user, Standing::Joined(device.cloned()), now);
        if let Some(person) = self.people.iter_mut().find(|person| person.user == *user) {
            person.joined_at.get_or_insert(now);
        }
        if self.joined().nth(1).is_some() {
            self.answered_at.get_or_insert(now);
        }
    }

    fn decline(&mut self, users: &[UserId], how: Declined, now: u64) {
        for user in users.iter().filter(|user| self.rings(user)).cloned().collect::<Vec<UserId>>() {
            self.put(&user, Standing::Declined(how), now);
        }
    }

    fn put(&mut self, user: &UserId, standing: Standing, now: u64) {
        match self.people.iter_mut().find(|person| person.user == *user) {
            Some(person) => {
                person.standing = standing;
                person.at = now;
            }
            None => self.people.push(Person {
                user: user.clone(),
                standing,
                at: now,
                invitation: None,
                joined_at: None,
            }),
        }
    }

    /// Why the call is over after `step`; `None` while somebody in it has somebody to talk with or to wait for.
    fn over_because(&self, step: Step<'_>, before: &Self) -> Option<CallEndReason> {
        let joined = self.joined().count();
        let somebody_rings = self.people.iter().any(Person::is_ringing);
        if joined > 1 || (joined == 1 && somebody_rings) {
            return matches!(step, Step::Dismissed).then_some(CallEndReason::GroupDismissed);
        }
        Some(match step {
            Step::Dismissed => CallEndReason::GroupDismissed,
            Step::Invited { .. } => CallEndReason::Busy,
            Step::Declined { how, .. } => ended_by_declining(how),
            Step::Left { reason, .. } => ended_by_leaving(reason, before),
            // Somebody came, so somebody is joined; alone, as when the last of a call has just moved to another device.
            Step::Entered { .. } => return None,
        })
    }

    /// Nobody is in a call that is over, and nobody rings.
    fn end_by(&mut self, reason: CallEndReason, now: u64) {
        for person in &mut self.people {
            let standing = match person.standing {
                Standing::Joined(_) => Standing::Left(LeaveReason::CallEnded),
                Standing::Ringing => Standing::Declined(Declined::Cancelled),
                Standing::Left(_) | Standing::Declined(_) => continue,
            };
            person.standing = standing;
            person.at = now;
        }
        self.end = Some(CallEnd { reason, at: now });
    }
}

/// Why the call is over when the last who rang declined so.
fn ended_by_declining(how: Declined) -> CallEndReason {
    match how {
        Declined::Rejected => CallEndReason::Rejected,
        Declined::Busy => CallEndReason::Busy,
        Declined::TimedOut => CallEndReason::TimedOut,
        Declined::Cancelled => CallEndReason::Cancelled,
        Declined::Removed => CallEndReason::LeftGroup,
    }
}

/// Why the call is over when somebody went for this reason. A caller who hangs up before anybody answered gave up.
fn ended_by_leaving(reason: LeaveReason, before: &Call) -> CallEndReason {
    match reason {
        LeaveReason::HungUp | LeaveReason::CallEnded if before.answered_at.is_none() => {
            CallEndReason::Cancelled
        }
        LeaveReason::HungUp | LeaveReason::CallEnded => CallEndReason::HungUp,
        LeaveReason::ConnectionLost => CallEndReason::ConnectionLost,
        LeaveReason::JoinedAnother => CallEndReason::JoinedAnother,
        LeaveReason::LeftGroup => CallEndReason::LeftGroup,
    }
}
