//! The inviter takes an invitation back: from everybody who is pending, or from some invitees while others stay pending.

use std::collections::BTreeSet;

use wigwag_protocol::UserId;
use wigwag_protocol::error::Outcome;

use super::rules::repeated;
use super::{End, Ending, Happened, Invitation, Receipt, Said, Settlement, Verdict, Withdrawal};
use crate::{Actor, Refusal};

/// Cancels of some invitees that an invitation keeps, the newest. Each has a payload of the inviter's, and all are written with every step;
/// what is repeated after a lost connection is among the newest.
pub const KEPT_WITHDRAWALS: usize = 16;

impl Invitation {
    /// `from` names the invitees from whom it is taken back; `None` means everybody who is pending.
    pub(super) fn cancel(&self, by: &Actor, from: Option<&[UserId]>, data: &str, now: u64) -> Verdict {
        if self.inviter != by.user {
            return Verdict::Refused(Refusal::NotInviter);
        }
        let named = from.map(|users| users.iter().collect::<BTreeSet<_>>());
        if let Some(stranger) = named.as_ref().and_then(|named| self.stranger_among(named)) {
            return Verdict::Refused(Refusal::NotInvited(stranger.clone()));
        }
        let is_meant = |user: &UserId| is_named(named.as_ref(), user);
        if !self.pending().any(is_meant) {
            return self.cancelled_before(by, named.as_ref(), data);
        }
        if self.is_overdue(now) {
            return Verdict::Refused(Refusal::TimedOut(Box::new(self.deadline_outcome(None))));
        }
        let mut next = self.next();
        let taken_back = next.settle_those(is_meant, &Settlement::Cancelled, now);
        next.keep_cancel(Said::by(by, data), now);
        Verdict::Changed(Box::new(next), Happened::Cancelled(taken_back, None))
    }

    fn stranger_among<'a>(&self, named: &BTreeSet<&'a UserId>) -> Option<&'a UserId> {
        let invited: BTreeSet<&UserId> = self.invitees().iter().map(|invitee| &invitee.user).collect();
        named.iter().find(|user| !invited.contains(**user)).copied()
    }

    /// The inviter's command that took the invitation back at this version, as long as it is kept.
    pub(super) fn taken_back_at(&self, version: u32) -> Option<&Said> {
        self.cancels().find(|cancel| cancel.version == version).map(|cancel| cancel.said)
    }

    /// Keeps the first reply to the cancel that led to this version.
    pub(super) fn keep_cancel_receipt(&mut self, receipt: &Receipt) {
        let said = match (&mut self.end, self.withdrawals.last_mut()) {
            (Some(End { by: Ending::Cancelled(said), .. }), _) => said,
            (None, Some(withdrawal)) => &mut withdrawal.said,
            // The inviter gave no command.
            (Some(_), _) | (None, None) => return,
        };
        said.receipt = receipt.clone();
    }

    /// With the last who was pending the invitation ends.
    fn keep_cancel(&mut self, said: Said, at: u64) {
        if self.pending().next().is_none() {
            self.end_by(Ending::Cancelled(said), at);
        } else {
            let older = (self.withdrawals.len() + 1).saturating_sub(KEPT_WITHDRAWALS);
            self.withdrawals.drain(..older);
            self.withdrawals.push(Withdrawal { said, version: self.version, at });
        }
    }

    /// Nobody who is meant is pending: by this very command, which then settled the last of them, or because something else was
    /// faster.
    fn cancelled_before(&self, by: &Actor, named: Option<&BTreeSet<&UserId>>, data: &str) -> Verdict {
        let meant = self.invitees().iter().filter(|invitee| is_named(named, &invitee.user));
        let last = meant.filter_map(|invitee| invitee.settled.as_ref()).map(|settled| settled.version).max();
        let mut same = self.cancels().filter(|cancel| cancel.said.is_repeated(by, data));
        match same.find(|cancel| Some(cancel.version) == last) {
            Some(cancel) => repeated(cancel.version, cancel.at, cancel.said),
            None => Verdict::Refused(Refusal::Settled(Box::new(self.outcome_for(named)))),
        }
    }

    /// What an inviter who comes too late is told: of the one invitee they name how it ended for them, else how the
    /// invitation ended.
    fn outcome_for(&self, named: Option<&BTreeSet<&UserId>>) -> Outcome {
        let the_one = named.filter(|named| named.len() == 1).and_then(|named| self.invitee(named.first()?));
        if let Some(invitee) = the_one
            && let Some(settled) = &invitee.settled
        {
            return self.invitee_outcome(invitee, settled);
        }
        let still_open = Outcome { state: None, end_reason: None, user_id: None, device: None, at: None };
        self.end.as_ref().map_or(still_open, |end| self.end_outcome(end))
    }

    /// Every cancel by command, the one that ended the invitation last.
    fn cancels(&self) -> impl Iterator<Item = CancelBefore<'_>> {
        let withdrawn = self.withdrawals.iter().map(|withdrawal| CancelBefore {
            said: &withdrawal.said,
            version: withdrawal.version,
            at: withdrawal.at,
        });
        let last = self
            .end
            .as_ref()
            .and_then(|end| Some(CancelBefore { said: end.said()?, version: end.version, at: end.at }));
        withdrawn.chain(last)
    }
}

/// Without names everybody is meant.
fn is_named(named: Option<&BTreeSet<&UserId>>, user: &UserId) -> bool {
    named.is_none_or(|named| named.contains(user))
}

/// A cancel that was carried out.
struct CancelBefore<'a> {
    said: &'a Said,
    version: u32,
    at: u64,
}
