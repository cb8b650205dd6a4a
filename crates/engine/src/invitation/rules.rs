//! What each input does to an invitation.

use wigwag_protocol::error::Outcome;
use wigwag_protocol::event::Cause;
use wigwag_protocol::invitation::InviteeState;
use wigwag_protocol::{InviteId, UserId};

use super::{End, Ending, Invitation, Invitee, Receipt, Said, Settled, Settlement};
use crate::{Actor, Refusal};

/// What can happen to an invitation after the invite.
#[derive(Debug, Clone, Copy)]
pub enum Input<'a> {
    /// An invitee says yes.
    Accept {
        /// The invitee who answers.
        by: &'a Actor,
        /// The payload of the answer.
        data: &'a str,
    },
    /// An invitee says no.
    Reject {
        /// The invitee who answers.
        by: &'a Actor,
        /// The payload of the answer.
        data: &'a str,
    },
    /// The inviter takes it back.
    Cancel {
        /// The inviter, or somebody who takes themselves for the inviter.
        by: &'a Actor,
        /// The invitees from whom it is taken back; `None` for everybody who is pending.
        from: Option<&'a [UserId]>,
        /// The payload of the cancel.
        data: &'a str,
    },
    /// A party replaces the payload.
    Modify {
        /// The inviter or an invitee.
        by: &'a Actor,
        /// The new payload.
        data: &'a str,
    },
}

/// What can happen to an invitation without a command on it.
#[derive(Debug, Clone, Copy)]
pub enum Circumstance<'a> {
    /// It may be due.
    Time {
        /// Age at which those without deadline are closed, ms.
        no_deadline_age_ms: u64,
    },
    /// It has no deadline, and a newer one takes its place.
    PushedOut,
    /// A member left its group or was removed.
    Leaves(&'a UserId),
    /// Its group is dismissed.
    Dismissed,
    /// Nobody is left in the call that it invites into.
    CallOver,
}

/// The result of [`Invitation::silence`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Silencing {
    /// It rings for this invitee no more, and goes on.
    Silenced(Box<Invitation>),
    /// One of their devices has silenced it before.
    Repeated,
    /// The rules say no.
    Refused(Refusal),
}

/// The result of [`Invitation::handle`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It changed the invitation, and this is told.
    Changed(Box<Invitation>, Happened),
    /// The same device said the same before: it gets the first reply again.
    Repeated {
        /// The version the first one produced.
        version: u32,
        /// When the first one was carried out, server time in ms.
        at: u64,
        /// What else the first reply said.
        receipt: Receipt,
    },
    /// The rules say no.
    Refused(Refusal),
}

/// The result of [`Invitation::meet`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Consequence {
    /// It does not concern the invitation, or not any more.
    None,
    /// It changed the invitation, and this is told.
    Changed(Box<Invitation>, Happened),
    /// It closed the invitation for its age or for a newer one, and nobody is told.
    Closed(Box<Invitation>),
}

/// A step of the invitation that has to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Happened {
    /// The invitee accepted.
    Accepted(UserId),
    /// The invitee rejected.
    Rejected(UserId),
    /// The invitee left the group, which is told as a rejection.
    Left(UserId),
    /// It was taken back from these, who were pending; with the cause when the inviter gave no command. Others are pending still if
    /// the inviter named these.
    Cancelled(Vec<UserId>, Option<Cause>),
    /// These had not answered at the deadline.
    TimedOut(Vec<UserId>),
    /// The payload was replaced.
    Modified,
}

/// How an invitee can answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answer {
    Accept,
    Reject,
}

impl Invitation {
    /// Decides what a party's command does to this invitation at `now` (server time in ms).
    pub fn handle(&self, input: Input<'_>, now: u64) -> Verdict {
        match input {
            Input::Accept { by, data } => self.answer(by, data, Answer::Accept, now),
            Input::Reject { by, data } => self.answer(by, data, Answer::Reject, now),
            Input::Cancel { by, from, data } => self.cancel(by, from, data, now),
            Input::Modify { by, data } => self.modify(by, data, now),
        }
    }

    /// Ends the invitation before anybody is told of it: all who are not busy count as cancelled, since `accepted` is
    /// accepted instead.
    pub fn merge(&mut self, accepted: InviteId, now: u64) {
        self.settle_pending(&Settlement::Cancelled, now);
        self.end_by(Ending::Merged(accepted), now);
    }

    /// Ends the invitation if nobody is pending from the beginning, because all its invitees are in other calls.
    pub fn end_if_all_busy(&mut self, now: u64) {
        if self.pending().next().is_none() {
            self.end_by(Ending::Completed, now);
        }
    }

    /// Decides what time, or a change of its group, does to this invitation at `now` (server time in ms).
    pub fn meet(&self, circumstance: Circumstance<'_>, now: u64) -> Consequence {
        if !self.is_open() {
            return Consequence::None;
        }
        match circumstance {
            Circumstance::Time { no_deadline_age_ms } => self.expire(no_deadline_age_ms, now),
            Circumstance::PushedOut => self.close(now),
            Circumstance::Leaves(user) => self.leave(user, now),
            Circumstance::Dismissed | Circumstance::CallOver if self.is_overdue(now) => self.time_out(now),
            Circumstance::CallOver => self.end_all(Ending::CallOver, Cause::CallOver, now),
            Circumstance::Dismissed => self.end_all(Ending::GroupDismissed, Cause::GroupDismissed, now),
        }
    }

    /// Keeps the first reply to the command that led to this version where a repeat will look for it.
    pub fn keep_receipt(&mut self, happened: &Happened, receipt: &Receipt) {
        match happened {
            Happened::Accepted(user) | Happened::Rejected(user) => {
                let answered = self.invitees_mut().iter_mut().find(|invitee| invitee.user == *user);
                if let Some(Settled { by: Settlement::Accepted(said) | Settlement::Rejected(said), .. }) =
                    answered.and_then(|invitee| invitee.settled.as_mut())
                {
                    said.receipt = receipt.clone();
                }
            }
            Happened::Cancelled(..) => self.keep_cancel_receipt(receipt),
            Happened::Left(_) | Happened::TimedOut(_) | Happened::Modified => {}
        }
    }

    /// Decides what it is to silence this invitation at `now` (server time in ms). It is no answer and makes no version, because the
    /// others would count it.
    pub fn silence(&self, by: &Actor, now: u64) -> Silencing {
        let Some(invitee) = self.invitee(&by.user) else {
            return Silencing::Refused(Refusal::NotInvitee);
        };
        if let Some(settled) = &invitee.settled {
            return Silencing::Refused(self.too_late(invitee, settled));
        }
        if self.is_overdue(now) {
            let outcome = self.deadline_outcome(Some(InviteeState::TimedOut));
            return Silencing::Refused(Refusal::TimedOut(Box::new(outcome)));
        }
        if invitee.silenced {
            return Silencing::Repeated;
        }
        let mut next = self.clone();
        if let Some(invitee) = next.invitees_mut().iter_mut().find(|invitee| invitee.user == by.user) {
            invitee.silenced = true;
        }
        Silencing::Silenced(Box::new(next))
    }

    fn answer(&self, by: &Actor, data: &str, answer: Answer, now: u64) -> Verdict {
        let Some(invitee) = self.invitee(&by.user) else {
            return Verdict::Refused(Refusal::NotInvitee);
        };
        if let Some(settled) = &invitee.settled {
            return match settled.by.said(answer) {
                Some(said) if said.is_repeated(by, data) => repeated(settled.version, settled.at, said),
                Some(_) | None => Verdict::Refused(self.too_late(invitee, settled)),
            };
        }
        if self.is_overdue(now) {
            return Verdict::Refused(Refusal::TimedOut(Box::new(
                self.deadline_outcome(Some(InviteeState::TimedOut)),
            )));
        }
        let said = Said::by(by, data);
        let (settlement, happened) = match answer {
            Answer::Accept => (Settlement::Accepted(said), Happened::Accepted(by.user.clone())),
            Answer::Reject => (Settlement::Rejected(said), Happened::Rejected(by.user.clone())),
        };
        let mut next = self.next();
        next.settle(&by.user, settlement, now);
        Verdict::Changed(Box::new(next), happened)
    }

    fn modify(&self, by: &Actor, data: &str, now: u64) -> Verdict {
        if !self.is_party(&by.user) {
            return Verdict::Refused(Refusal::NotParty);
        }
        if let Some(end) = &self.end {
            return Verdict::Refused(Refusal::Settled(Box::new(self.end_outcome(end))));
        }
        if self.switches.online_user_only {
            return Verdict::Refused(Refusal::OnlineOnly);
        }
        if self.is_overdue(now) {
            return Verdict::Refused(Refusal::TimedOut(Box::new(self.deadline_outcome(None))));
        }
        if self.data == data {
            return Verdict::Repeated { version: self.version, at: now, receipt: Receipt::default() };
        }
        let mut next = self.next();
        let before = std::mem::replace(&mut next.data, data.to_owned());
        next.first_data.get_or_insert(before);
        Verdict::Changed(Box::new(next), Happened::Modified)
    }

    fn expire(&self, no_deadline_age_ms: u64, now: u64) -> Consequence {
        if now < self.due(no_deadline_age_ms) {
            return Consequence::None;
        }
        if self.is_lasting() { self.close(now) } else { self.time_out(now) }
    }

    fn close(&self, now: u64) -> Consequence {
        let mut next = self.next();
        next.settle_pending(&Settlement::TimedOut, now);
        next.end_by(Ending::Expired, now);
        Consequence::Closed(Box::new(next))
    }

    fn time_out(&self, now: u64) -> Consequence {
        let mut next = self.next();
        let late = next.settle_pending(&Settlement::TimedOut, now);
        let nobody_answered = late.len() == next.invitees().len();
        next.end_by(if nobody_answered { Ending::TimedOut } else { Ending::Completed }, now);
        Consequence::Changed(Box::new(next), Happened::TimedOut(late))
    }

    fn leave(&self, user: &UserId, now: u64) -> Consequence {
        if self.inviter != *user && !self.pending().any(|pending| pending == user) {
            return Consequence::None;
        }
        if self.is_overdue(now) {
            return self.time_out(now);
        }
        if self.inviter == *user {
            return self.end_all(Ending::InviterLeft, Cause::InviterLeft, now);
        }
        let mut next = self.next();
        next.settle(user, Settlement::Removed, now);
        Consequence::Changed(Box::new(next), Happened::Left(user.clone()))
    }

    /// The deadline has passed, whether or not the timeout is written already: from then on nothing else settles it.
    pub(super) fn is_overdue(&self, now: u64) -> bool {
        self.deadline().is_some_and(|deadline| now >= deadline)
    }

    fn end_all(&self, ending: Ending, cause: Cause, now: u64) -> Consequence {
        let mut next = self.next();
        let pending = next.settle_pending(&Settlement::Cancelled, now);
        next.end_by(ending, now);
        Consequence::Changed(Box::new(next), Happened::Cancelled(pending, Some(cause)))
    }

    pub(super) fn next(&self) -> Self {
        let mut next = self.clone();
        next.version += 1;
        next
    }

    /// Settles a pending invitee. With the last of them the invitation ends.
    fn settle(&mut self, user: &UserId, by: Settlement, at: u64) {
        let settled = Settled { by, at, version: self.version };
        if let Some(invitee) = self.invitees_mut().iter_mut().find(|invitee| invitee.user == *user) {
            invitee.settled.get_or_insert(settled);
        }
        if self.pending().next().is_none() {
            self.end_by(Ending::Completed, at);
        }
    }

    /// Settles everybody who is pending, and says who they are.
    fn settle_pending(&mut self, by: &Settlement, at: u64) -> Vec<UserId> {
        self.settle_those(|_| true, by, at)
    }

    /// Settles those who are pending and meant, and says who they are.
    pub(super) fn settle_those(
        &mut self,
        is_meant: impl Fn(&UserId) -> bool,
        by: &Settlement,
        at: u64,
    ) -> Vec<UserId> {
        let version = self.version;
        let mut settled = Vec::new();
        let pending = self.invitees_mut().iter_mut().filter(|invitee| invitee.settled.is_none());
        for invitee in pending.filter(|invitee| is_meant(&invitee.user)) {
            invitee.settled = Some(Settled { by: by.clone(), at, version });
            settled.push(invitee.user.clone());
        }
        settled
    }

    pub(super) fn end_by(&mut self, by: Ending, at: u64) {
        self.end = Some(End { by, at, version: self.version });
    }

    /// The refusal for an invitee who was settled before: precisely what beat their answer.
    fn too_late(&self, invitee: &Invitee, settled: &Settled) -> Refusal {
        let refusal: fn(Box<Outcome>) -> Refusal = match &settled.by {
            Settlement::Accepted(_) | Settlement::Rejected(_) | Settlement::Removed | Settlement::Busy => {
                Refusal::Settled
            }
            Settlement::Cancelled => Refusal::Cancelled,
            Settlement::TimedOut => Refusal::TimedOut,
        };
        refusal(Box::new(self.invitee_outcome(invitee, settled)))
    }

    /// How one invitee was settled: by whom, and on which device.
    pub(super) fn invitee_outcome(&self, invitee: &Invitee, settled: &Settled) -> Outcome {
        let (by, said) = match &settled.by {
            Settlement::Accepted(said) | Settlement::Rejected(said) => (Some(&invitee.user), Some(said)),
            Settlement::Cancelled => {
                let ended_then = self.end.as_ref().is_some_and(|end| end.version == settled.version);
                let said = self.taken_back_at(settled.version);
                // While the invitation stays open, nobody but its inviter takes it back.
                ((said.is_some() || !ended_then).then_some(&self.inviter), said)
            }
            Settlement::TimedOut | Settlement::Removed | Settlement::Busy => (None, None),
        };
        Outcome {
            state: Some(settled.state()),
            end_reason: self.end.as_ref().map(End::reason),
            user_id: by.cloned(),
            device: said.and_then(|said| said.device.clone()),
            at: Some(settled.at),
        }
    }

    /// What an inviter who comes too late is told: how it ended, and for a single invitee who answered and where.
    pub(super) fn end_outcome(&self, end: &End) -> Outcome {
        let answered = match self.invitees() {
            [only] => only.settled.as_ref().and_then(|settled| Some((only, settled.said()?))),
            [] | [_, _, ..] => None,
        };
        let said = end.said().or(answered.map(|(_, said)| said));
        Outcome {
            state: answered.map(|(invitee, _)| invitee.state()),
            end_reason: Some(end.reason()),
            user_id: answered.map(|(invitee, _)| invitee.user.clone()).or_else(|| self.canceller()),
            device: said.and_then(|said| said.device.clone()),
            at: Some(end.at),
        }
    }

    /// The inviter, if the invitation ended by their command.
    fn canceller(&self) -> Option<UserId> {
        let cancelled = self.end.as_ref().and_then(End::said).is_some();
        cancelled.then(|| self.inviter.clone())
    }

    /// The deadline has passed but the timeout has not been written yet.
    pub(super) fn deadline_outcome(&self, state: Option<InviteeState>) -> Outcome {
        Outcome { state, end_reason: None, user_id: None, device: None, at: self.deadline() }
    }
}

impl Settlement {
    /// What the invitee said, if this was their answer.
    fn said(&self, answer: Answer) -> Option<&Said> {
        match (self, answer) {
            (Self::Accepted(said), Answer::Accept) | (Self::Rejected(said), Answer::Reject) => Some(said),
            (Self::Accepted(_), Answer::Reject)
            | (Self::Rejected(_), Answer::Accept)
            | (
                Self::TimedOut | Self::Cancelled | Self::Removed | Self::Busy,
                Answer::Accept | Answer::Reject,
            ) => None,
        }
    }
}

impl Said {
    pub(super) fn by(actor: &Actor, data: &str) -> Self {
        Self { device: actor.device.clone(), data: data.to_owned(), receipt: Receipt::default() }
    }

    /// Whether the same device says the same again.
    pub(super) fn is_repeated(&self, by: &Actor, data: &str) -> bool {
        self.device == by.device && self.data == data
    }
}

pub(super) fn repeated(version: u32, at: u64, said: &Said) -> Verdict {
    Verdict::Repeated { version, at, receipt: said.receipt.clone() }
}
