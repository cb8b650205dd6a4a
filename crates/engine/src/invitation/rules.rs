//! What each input does to an invitation.

use wigwag_protocol::error::{ErrorBody, Outcome};
use wigwag_protocol::event::Cause;
use wigwag_protocol::invitation::{EndReason, InviteeState};
use wigwag_protocol::{Reason, UserId};

use super::{End, Invitation, Invitee, Receipt, Settled};
use crate::Actor;

/// What can happen to an invitation after the invite.
#[derive(Debug, Clone, Copy)]
pub enum Input<'a> {
    /// An invitee says yes.
    Accept {
        /// The invitee.
        by: &'a Actor,
        /// His payload.
        data: &'a str,
    },
    /// An invitee says no.
    Reject {
        /// The invitee.
        by: &'a Actor,
        /// His payload.
        data: &'a str,
    },
    /// The inviter takes it back.
    Cancel {
        /// The inviter.
        by: &'a Actor,
        /// His payload.
        data: &'a str,
    },
    /// A party replaces the payload.
    Modify {
        /// The party.
        by: &'a Actor,
        /// The new payload.
        data: &'a str,
    },
    /// The server looks at it because it is due.
    Expire {
        /// Age at which those without deadline are closed, ms.
        no_deadline_age_ms: u64,
    },
    /// An invitee or the inviter left the group or was removed from it.
    Leave {
        /// Who.
        user: &'a UserId,
    },
    /// The group was dismissed.
    Dismiss,
}

/// What an input came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It changed the invitation.
    Changed(Box<Invitation>, Happened),
    /// The same device said the same before: it gets the first reply again.
    Repeated {
        /// The version the first one produced.
        version: u32,
        /// When.
        at: u64,
        /// What else the first reply said.
        receipt: Receipt,
    },
    /// Nothing to do: a deadline that does not concern it any more, a member who has no part in it.
    Unconcerned,
    /// The rules say no.
    Refused(Refusal),
}

/// What has to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Happened {
    /// The invitee accepted.
    Accepted(UserId),
    /// The invitee rejected, or left.
    Rejected(UserId, Option<Cause>),
    /// These were pending when it was taken back.
    Cancelled(Vec<UserId>, Option<Cause>),
    /// These had not answered at the deadline.
    TimedOut(Vec<UserId>),
    /// The payload was replaced.
    Modified,
    /// It was closed for its age; nobody is told.
    ExpiredQuietly,
}

/// Why the rules say no.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The reason.
    pub reason: Reason,
    /// What beat the command.
    pub outcome: Option<Outcome>,
}

impl From<Refusal> for ErrorBody {
    fn from(refusal: Refusal) -> Self {
        let mut error = refusal.reason.error();
        error.data.outcome = refusal.outcome.map(Box::new);
        error
    }
}

impl Invitation {
    /// Decides what `input` does to this invitation at `now` (server time in ms).
    pub fn handle(&self, input: Input<'_>, now: u64) -> Verdict {
        match input {
            Input::Accept { by, data } => self.answer(by, data, InviteeState::Accepted, now),
            Input::Reject { by, data } => self.answer(by, data, InviteeState::Rejected, now),
            Input::Cancel { by, data } => self.cancel(by, data, now),
            Input::Modify { by, data } => self.modify(by, data, now),
            Input::Expire { no_deadline_age_ms } => self.expire(no_deadline_age_ms, now),
            Input::Leave { user } => self.leave(user, now),
            Input::Dismiss => self.dismiss(now),
        }
    }

    fn answer(&self, by: &Actor, data: &str, state: InviteeState, now: u64) -> Verdict {
        let Some(invitee) = self.invitee(&by.user) else {
            return refused(Reason::NotInvitee, None);
        };
        if let Some(settled) = &invitee.settled {
            let same = settled.state == state && settled.device == by.device && settled.data == data;
            return if same { repeated(settled) } else { self.too_late(invitee, settled) };
        }
        if self.is_overdue(now) {
            return refused(Reason::TimedOut, Some(self.deadline_outcome(Some(InviteeState::TimedOut))));
        }
        let mut next = self.next();
        let settled = Settled {
            state,
            at: now,
            version: next.version,
            device: by.device.clone(),
            data: data.to_owned(),
            receipt: Receipt::default(),
        };
        next.settle(&by.user, &settled);
        next.end_if_nobody_pending(now);
        let happened = match state {
            InviteeState::Accepted => Happened::Accepted(by.user.clone()),
            InviteeState::Rejected
            | InviteeState::Pending
            | InviteeState::TimedOut
            | InviteeState::Cancelled
            | InviteeState::Removed => Happened::Rejected(by.user.clone(), None),
        };
        Verdict::Changed(Box::new(next), happened)
    }

    fn cancel(&self, by: &Actor, data: &str, now: u64) -> Verdict {
        if self.inviter != by.user {
            return refused(Reason::NotInviter, None);
        }
        if let Some(end) = &self.end {
            let same = end.reason == EndReason::Cancelled && end.device == by.device && end.data == data;
            if same {
                return Verdict::Repeated { version: end.version, at: end.at, receipt: end.receipt.clone() };
            }
            return refused(Reason::Settled, Some(self.end_outcome(end)));
        }
        if self.is_overdue(now) {
            return refused(Reason::TimedOut, Some(self.deadline_outcome(None)));
        }
        let mut next = self.next();
        let pending = next.settle_pending(InviteeState::Cancelled, now);
        next.end = Some(End {
            device: by.device.clone(),
            data: data.to_owned(),
            ..End::plain(EndReason::Cancelled, next.version, now)
        });
        Verdict::Changed(Box::new(next), Happened::Cancelled(pending, None))
    }

    fn modify(&self, by: &Actor, data: &str, now: u64) -> Verdict {
        if !self.is_party(&by.user) {
            return refused(Reason::NotParty, None);
        }
        if let Some(end) = &self.end {
            return refused(Reason::Settled, Some(self.end_outcome(end)));
        }
        if self.switches.online_user_only {
            return refused(Reason::OnlineOnly, None);
        }
        if self.is_overdue(now) {
            return refused(Reason::TimedOut, Some(self.deadline_outcome(None)));
        }
        if self.data == data {
            return Verdict::Repeated { version: self.version, at: now, receipt: Receipt::default() };
        }
        let mut next = self.next();
        let before = std::mem::replace(&mut next.data, data.to_owned());
        next.first_data.get_or_insert(before);
        Verdict::Changed(Box::new(next), Happened::Modified)
    }

    fn expire(&self, no_deadline_age_ms: u64, now: u64) -> Verdict {
        if !self.is_open() || now < self.due(no_deadline_age_ms) {
            return Verdict::Unconcerned;
        }
        if self.deadline().is_none() {
            let mut next = self.next();
            next.settle_pending(InviteeState::TimedOut, now);
            next.end = Some(End::plain(EndReason::Expired, next.version, now));
            return Verdict::Changed(Box::new(next), Happened::ExpiredQuietly);
        }
        self.time_out(now)
    }

    fn time_out(&self, now: u64) -> Verdict {
        let mut next = self.next();
        let late = next.settle_pending(InviteeState::TimedOut, now);
        let reason =
            if late.len() == next.invitees.len() { EndReason::TimedOut } else { EndReason::Completed };
        next.end = Some(End::plain(reason, next.version, now));
        Verdict::Changed(Box::new(next), Happened::TimedOut(late))
    }

    fn leave(&self, user: &UserId, now: u64) -> Verdict {
        if !self.is_open() {
            return Verdict::Unconcerned;
        }
        let concerned = self.inviter == *user || self.pending().any(|pending| pending == user);
        if !concerned {
            return Verdict::Unconcerned;
        }
        if self.is_overdue(now) {
            return self.time_out(now);
        }
        if self.inviter == *user {
            return self.end_all(EndReason::InviterLeft, Cause::InviterLeft, now);
        }
        let mut next = self.next();
        let settled = Settled::plain(InviteeState::Removed, next.version, now);
        next.settle(user, &settled);
        next.end_if_nobody_pending(now);
        Verdict::Changed(Box::new(next), Happened::Rejected(user.clone(), Some(Cause::LeftGroup)))
    }

    fn dismiss(&self, now: u64) -> Verdict {
        if !self.is_open() {
            return Verdict::Unconcerned;
        }
        if self.is_overdue(now) {
            return self.time_out(now);
        }
        self.end_all(EndReason::GroupDismissed, Cause::GroupDismissed, now)
    }

    /// The deadline has passed, whether or not the timeout is written already: from then on nothing else settles it.
    fn is_overdue(&self, now: u64) -> bool {
        self.deadline().is_some_and(|deadline| now >= deadline)
    }

    fn end_all(&self, reason: EndReason, cause: Cause, now: u64) -> Verdict {
        let mut next = self.next();
        let pending = next.settle_pending(InviteeState::Cancelled, now);
        next.end = Some(End::plain(reason, next.version, now));
        Verdict::Changed(Box::new(next), Happened::Cancelled(pending, Some(cause)))
    }

    fn next(&self) -> Self {
        let mut next = self.clone();
        next.version += 1;
        next
    }

    fn settle(&mut self, user: &UserId, settled: &Settled) {
        for invitee in self.invitees.iter_mut().filter(|invitee| invitee.user == *user) {
            invitee.settled.get_or_insert_with(|| settled.clone());
        }
    }

    fn settle_pending(&mut self, state: InviteeState, now: u64) -> Vec<UserId> {
        let settled = Settled::plain(state, self.version, now);
        let pending: Vec<UserId> = self.pending().cloned().collect();
        for user in &pending {
            self.settle(user, &settled);
        }
        pending
    }

    fn end_if_nobody_pending(&mut self, now: u64) {
        if self.pending().next().is_none() {
            self.end = Some(End::plain(EndReason::Completed, self.version, now));
        }
    }

    /// The refusal for an invitee who was settled before: precisely what beat him.
    fn too_late(&self, invitee: &Invitee, settled: &Settled) -> Verdict {
        let reason = match settled.state {
            InviteeState::TimedOut => Reason::TimedOut,
            InviteeState::Cancelled => Reason::Cancelled,
            InviteeState::Pending
            | InviteeState::Accepted
            | InviteeState::Rejected
            | InviteeState::Removed => Reason::Settled,
        };
        let by = match settled.state {
            InviteeState::Accepted | InviteeState::Rejected => Some(invitee.user.clone()),
            InviteeState::Cancelled => self.canceller(),
            InviteeState::Pending | InviteeState::TimedOut | InviteeState::Removed => None,
        };
        let device = match settled.state {
            InviteeState::Cancelled => self.end.as_ref().and_then(|end| end.device.clone()),
            InviteeState::Pending
            | InviteeState::Accepted
            | InviteeState::Rejected
            | InviteeState::TimedOut
            | InviteeState::Removed => settled.device.clone(),
        };
        let end_reason = self.end.as_ref().map(|end| end.reason);
        let outcome =
            Outcome { state: Some(settled.state), end_reason, user_id: by, device, at: Some(settled.at) };
        refused(reason, Some(outcome))
    }

    /// What an inviter is told who comes too late: how it ended, and for a single invitee who answered and where.
    fn end_outcome(&self, end: &End) -> Outcome {
        let only = match self.invitees.as_slice() {
            [only] => only
                .settled
                .as_ref()
                .filter(|settled| settled.device.is_some())
                .map(|settled| (only, settled)),
            [] | [_, _, ..] => None,
        };
        Outcome {
            state: only.map(|(invitee, _)| invitee.state()),
            end_reason: Some(end.reason),
            user_id: only.map(|(invitee, _)| invitee.user.clone()).or_else(|| self.canceller()),
            device: end.device.clone().or_else(|| only.and_then(|(_, settled)| settled.device.clone())),
            at: Some(end.at),
        }
    }

    /// The inviter, if the invitation ended by his command.
    fn canceller(&self) -> Option<UserId> {
        let cancelled = self.end.as_ref().is_some_and(|end| end.reason == EndReason::Cancelled);
        cancelled.then(|| self.inviter.clone())
    }

    /// The deadline has passed but the timeout has not been written yet.
    fn deadline_outcome(&self, state: Option<InviteeState>) -> Outcome {
        Outcome { state, end_reason: None, user_id: None, device: None, at: self.deadline() }
    }
}

impl End {
    fn plain(reason: EndReason, version: u32, at: u64) -> Self {
        Self { reason, version, at, device: None, data: String::new(), receipt: Receipt::default() }
    }
}

impl Settled {
    fn plain(state: InviteeState, version: u32, at: u64) -> Self {
        Self { state, at, version, device: None, data: String::new(), receipt: Receipt::default() }
    }
}

fn refused(reason: Reason, outcome: Option<Outcome>) -> Verdict {
    Verdict::Refused(Refusal { reason, outcome })
}

fn repeated(settled: &Settled) -> Verdict {
    Verdict::Repeated { version: settled.version, at: settled.at, receipt: settled.receipt.clone() }
}
