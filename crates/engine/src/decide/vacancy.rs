//! A vacancy for a new invitation: how many may be open, and which ones without a deadline are closed for it.
//!
//! Apps send invitations without a deadline as messages ("hang up", "switch to audio"), and nobody answers them. So they
//! never keep a new invitation from being made: at each bound (the inviter's, the group's, the pair's and the invitee's)
//! the oldest of them are closed, whoever made them, and the new one is refused only when all that are open have a
//! deadline.
//!
//! The rule asks [`Vacancy::of_inviter`], then [`Vacancy::in_group`], then [`Vacancy::for_invitee`] for each invitee, and calls
//! [`Vacancy::make`] when nothing can be refused any more.

use std::collections::{BTreeSet, HashSet};

use wigwag_protocol::{GroupId, InviteId, UserId};

use super::draft::Draft;
use super::invitation::meet;
use crate::command::Invite;
use crate::invitation::Circumstance;
use crate::open::{Lasting, OpenInGroup};
use crate::{Actor, Key, Ledger, Limits, Refusal, Stop};

/// Most invitations that one new invitation closes. Each of them is read, and locked by a store of several nodes; an
/// invitation to a whole group may find many invitees without room, and beyond this it leaves them out.
const MOST_CLOSED: usize = 100;

/// The open invitations without a deadline that a new invitation closes, as they are chosen.
pub(super) struct Vacancy<'a> {
    ledger: &'a Ledger,
    limits: &'a Limits,
    inviter: UserId,
    closed: BTreeSet<Lasting>,
}

impl<'a> Vacancy<'a> {
    /// A vacancy among the inviter's own. An invitation without a deadline closes those of its inviter to the same invitee or
    /// group beyond the newest few, also when there is vacancy.
    pub(super) fn of_inviter(draft: &Draft<'a>, actor: &Actor, wish: &Invite) -> Result<Self, Stop> {
        let (ledger, limits, inviter) = (draft.ledger, draft.around.limits, &actor.user);
        let mut vacancy = Self { ledger, limits, inviter: inviter.clone(), closed: BTreeSet::new() };
        if wish.timeout == 0 {
            let peer = wish.invited.peer();
            let open = ledger.open_lasting(inviter)?;
            let alike: Vec<&Lasting> =
                open.into_iter().filter(|to| to.peer == peer).map(|to| &to.lasting).collect();
            let surplus = (alike.len() + 1).saturating_sub(limits.open_lasting);
            vacancy.closed.extend(alike.into_iter().take(surplus).cloned());
        }
        let open = ledger.open_count(inviter)?.saturating_sub(vacancy.closed.len());
        let surplus = (open + 1).saturating_sub(limits.open_invitations);
        if surplus > 0 {
            let lasting = ledger.open_lasting(inviter)?;
            let oldest = vacancy.oldest(lasting.into_iter().map(|to| &to.lasting), surplus);
            vacancy.closed.extend(oldest.ok_or(Refusal::TooManyOpenInvitations)?);
        }
        Ok(vacancy)
    }

    /// A vacancy among the group's.
    pub(super) fn in_group(&mut self, group: &GroupId) -> Result<(), Stop> {
        let open = self.ledger.open_in_group(group)?.iter().map(OpenInGroup::lasting);
        let chosen = self.chosen(open, self.limits.group_open_invitations, &BTreeSet::new());
        self.closed.extend(chosen.ok_or(Refusal::TooManyOpenInGroup)?);
        Ok(())
    }

    /// A vacancy among those that are pending for an invitee; the refusal when there is none.
    pub(super) fn for_invitee(&mut self, invitee: &UserId) -> Result<Option<Refusal>, Stop> {
        let pending = self.ledger.pending_for(invitee)?.iter();
        let of_pair = pending.clone().filter(|one| one.inviter == self.inviter);
        let of_pair = of_pair.map(|one| one.lasting.as_ref());
        let pair = self.limits.pair_open_invitations;
        let Some(mut chosen) = self.chosen(of_pair, pair, &BTreeSet::new()) else {
            return Ok(Some(Refusal::TooManyOpenForPair));
        };
        let all = pending.map(|one| one.lasting.as_ref());
        let Some(others) = self.chosen(all, self.limits.invitee_open_invitations, &chosen) else {
            return Ok(Some(Refusal::TooManyOpenForInvitee));
        };
        chosen.extend(others);
        self.closed.extend(chosen);
        Ok(None)
    }

    /// Closes what was chosen. Nobody is told.
    pub(super) fn make(self, draft: &mut Draft<'_>) -> Result<(), Stop> {
        let ids: Vec<&InviteId> = self.closed.iter().map(|lasting| &lasting.id).collect();
        loaded_together(ids.iter().flat_map(|id| missing_to_close(self.ledger, id)))?;
        for id in ids {
            if let Some(invitation) = self.ledger.invitation(id)?.cloned() {
                meet(draft, &invitation, Circumstance::PushedOut)?;
            }
        }
        Ok(())
    }

    /// Those of `open` that have to be closed so that there are fewer than `most`, besides what is closed anyway and
    /// `with`. `None` when too few of them are without a deadline.
    fn chosen<'o>(
        &self,
        open: impl Iterator<Item = Option<&'o Lasting>> + Clone,
        most: usize,
        with: &BTreeSet<Lasting>,
    ) -> Option<BTreeSet<Lasting>> {
        let is_closed = |lasting: &Lasting| self.closed.contains(lasting) || with.contains(lasting);
        let staying = open.filter(|one| !one.is_some_and(is_closed));
        let surplus = (staying.clone().count() + 1).saturating_sub(most);
        if surplus == 0 {
            return Some(BTreeSet::new());
        }
        if self.closed.len() + with.len() + surplus > MOST_CLOSED {
            return None;
        }
        self.oldest(staying.flatten(), surplus)
    }

    /// The `count` oldest that are not closed anyway; `None` when there are fewer.
    fn oldest<'o>(
        &self,
        lasting: impl Iterator<Item = &'o Lasting>,
        count: usize,
    ) -> Option<BTreeSet<Lasting>> {
        let mut open: Vec<&Lasting> = lasting.filter(|one| !self.closed.contains(*one)).collect();
        open.sort_unstable();
        (open.len() >= count).then(|| open.into_iter().take(count).cloned().collect())
    }
}

/// Stops unless nothing is missing. Repeats in `missing` do not matter.
pub(super) fn loaded_together(missing: impl Iterator<Item = Key>) -> Result<(), Stop> {
    let mut asked = HashSet::new();
    let missing: Vec<Key> = missing.filter(|key| asked.insert(key.clone())).collect();
    if missing.is_empty() { Ok(()) } else { Err(Stop::Missing(missing)) }
}

/// The keys that closing an invitation quietly will read.
pub(super) fn missing_to_close(ledger: &Ledger, id: &InviteId) -> Vec<Key> {
    let invitation = match ledger.invitation(id) {
        Ok(Some(invitation)) => invitation,
        Ok(None) => return Vec::new(),
        Err(_) => return vec![Key::Invitation(id.clone())],
    };
    let mut counted = vec![Key::OpenCount(invitation.inviter.clone())];
    if invitation.is_lasting() {
        counted.push(Key::OpenLasting(invitation.inviter.clone()));
    }
    counted.extend(invitation.group().cloned().map(Key::OpenInGroup));
    counted.extend(invitation.pending().cloned().map(Key::PendingFor));
    counted.retain(|key| !ledger.has(key));
    counted
}
