//! The open invitations by user and by group, in memory. An index on disk would dirty a random page at every invite and
//! again at its end. The index is rebuilt at start by one scan of the open invitations.

use std::collections::HashMap;

use wigwag_engine::Invitation;

use super::rows::NamedRows;
use crate::store::StoreError;

/// Rows of open invitations.
#[derive(Debug, Default)]
pub(super) struct OpenIndex {
    parties: HashMap<i64, Vec<i64>>,
    inviters: HashMap<i64, usize>,
    /// By inviter: those without a deadline.
    lasting: HashMap<i64, Vec<i64>>,
    groups: HashMap<i64, Vec<i64>>,
    /// By invitee: the invitations that are pending for them.
    pending: HashMap<i64, Vec<PendingRow>>,
}

/// An invitation that is pending for somebody, by rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PendingRow {
    pub(super) inviter: i64,
    pub(super) invitation: i64,
}

/// An invitee whose answer an invitation waits for, by rows.
#[derive(Debug, Clone, Copy)]
pub(super) struct Awaited {
    pub(super) invitee: i64,
    pub(super) pending: PendingRow,
}

/// An invitation by rows.
#[derive(Debug)]
pub(super) struct OpenRows {
    pub(super) invitation: i64,
    pub(super) inviter: i64,
    pub(super) invitees: Vec<i64>,
    pub(super) group: Option<i64>,
    pub(super) is_lasting: bool,
}

impl OpenRows {
    /// `None` when the inviter is unknown, which no written invitation is.
    pub(super) fn of(
        invitation: &Invitation,
        row: i64,
        names: &impl NamedRows,
    ) -> Result<Option<Self>, StoreError> {
        let Some(inviter) = names.user(&invitation.inviter)? else { return Ok(None) };
        let invitees = invitation.invitees().iter().map(|invitee| &invitee.user);
        let group = invitation.group().map(|group| names.group(group)).transpose()?;
        Ok(Some(Self {
            invitation: row,
            inviter,
            invitees: names.users(invitees)?,
            group: group.flatten(),
            is_lasting: invitation.is_lasting(),
        }))
    }

    fn parties(&self) -> impl Iterator<Item = i64> {
        std::iter::once(self.inviter).chain(self.invitees.iter().copied())
    }
}

impl OpenIndex {
    pub(super) fn add(&mut self, rows: &OpenRows) {
        for user in rows.parties() {
            self.parties.entry(user).or_default().push(rows.invitation);
        }
        *self.inviters.entry(rows.inviter).or_default() += 1;
        if rows.is_lasting {
            self.lasting.entry(rows.inviter).or_default().push(rows.invitation);
        }
        if let Some(group) = rows.group {
            self.groups.entry(group).or_default().push(rows.invitation);
        }
    }

    pub(super) fn remove(&mut self, rows: &OpenRows) {
        for user in rows.parties() {
            remove_from(&mut self.parties, user, &rows.invitation);
        }
        if let Some(count) = self.inviters.get_mut(&rows.inviter) {
            *count -= 1;
            if *count == 0 {
                self.inviters.remove(&rows.inviter);
            }
        }
        remove_from(&mut self.lasting, rows.inviter, &rows.invitation);
        if let Some(group) = rows.group {
            remove_from(&mut self.groups, group, &rows.invitation);
        }
    }

    pub(super) fn add_pending(&mut self, awaited: Awaited) {
        self.pending.entry(awaited.invitee).or_default().push(awaited.pending);
    }

    pub(super) fn remove_pending(&mut self, awaited: Awaited) {
        remove_from(&mut self.pending, awaited.invitee, &awaited.pending);
    }

    /// The invitations that are pending for the user.
    pub(super) fn pending_for(&self, invitee: i64) -> &[PendingRow] {
        self.pending.get(&invitee).map_or(&[], Vec::as_slice)
    }

    /// Whether a pending invitation has no deadline.
    pub(super) fn is_lasting(&self, pending: PendingRow) -> bool {
        self.lasting(pending.inviter).contains(&pending.invitation)
    }

    /// The open invitations that the user is a party of.
    pub(super) fn of_user(&self, user: i64) -> &[i64] {
        self.parties.get(&user).map_or(&[], Vec::as_slice)
    }

    /// How many invitations the user has open as inviter.
    pub(super) fn count(&self, inviter: i64) -> usize {
        self.inviters.get(&inviter).copied().unwrap_or(0)
    }

    /// The user's open invitations as inviter that have no deadline.
    pub(super) fn lasting(&self, inviter: i64) -> &[i64] {
        self.lasting.get(&inviter).map_or(&[], Vec::as_slice)
    }

    /// The open invitations of a group.
    pub(super) fn of_group(&self, group: i64) -> &[i64] {
        self.groups.get(&group).map_or(&[], Vec::as_slice)
    }
}

fn remove_from<V: PartialEq>(map: &mut HashMap<i64, Vec<V>>, key: i64, value: &V) {
    let Some(rows) = map.get_mut(&key) else { return };
    // The newest invitations are settled most often, so search from the end.
    if let Some(place) = rows.iter().rposition(|row| row == value) {
        rows.remove(place);
    }
    if rows.is_empty() {
        map.remove(&key);
    }
}
