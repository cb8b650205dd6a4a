//! Invitations without a deadline: newer ones close the oldest, and at every bound all others do.

use wigwag_protocol::Reason;

use super::{
    GROUP_OPEN_INVITATIONS, INVITEE_OPEN_INVITATIONS, Invite, Model, Names, OPEN_INVITATIONS, OPEN_LASTING,
    PAIR_OPEN_INVITATIONS,
};
use crate::operation::{Name, Wish};

impl Model {
    /// Those that a new invitation closes because of its inviter and its group.
    pub(super) fn pushed_out(&self, by: Name, wish: &Wish) -> Result<Names, Reason> {
        let side = |wish: &Wish| wish.group.or(wish.to.first().copied());
        let mut closed = Names::new();
        if wish.timeout == 0 {
            let alike = self.oldest_lasting(|one| one.by.user == by && side(&one.wish) == side(wish));
            let surplus = (alike.len() + 1).saturating_sub(OPEN_LASTING);
            closed.extend(alike.into_iter().take(surplus));
        }
        let reason = Reason::TooManyOpenInvitations;
        self.push_out(&mut closed, OPEN_INVITATIONS, |one| one.by.user == by).ok_or(reason)?;
        if wish.group.is_some() {
            let reason = Reason::TooManyOpenInGroup;
            self.push_out(&mut closed, GROUP_OPEN_INVITATIONS, |one| one.wish.group == wish.group)
                .ok_or(reason)?;
        }
        Ok(closed)
    }

    /// Adds those that it closes because of this invitee, unless they have no room.
    pub(super) fn has_room(&self, by: Name, to: Name, closed: &mut Names) -> Result<(), Reason> {
        let mut more = closed.clone();
        let is_pending = |one: &Invite| one.pending().contains(to);
        let reason = Reason::TooManyOpenForPair;
        let of_pair = |one: &Invite| one.by.user == by && is_pending(one);
        self.push_out(&mut more, PAIR_OPEN_INVITATIONS, of_pair).ok_or(reason)?;
        let reason = Reason::TooManyOpenForInvitee;
        self.push_out(&mut more, INVITEE_OPEN_INVITATIONS, is_pending).ok_or(reason)?;
        *closed = more;
        Ok(())
    }

    /// Closes the oldest of these until one more fits.
    fn push_out(&self, closed: &mut Names, most: usize, of: impl Fn(&Invite) -> bool) -> Option<()> {
        let mut lasting = self.oldest_lasting(&of).into_iter();
        let is_full = |closed: &Names| {
            let open = self.invites.iter().filter(|(id, one)| one.open && of(one) && !closed.contains(*id));
            open.count() >= most
        };
        while is_full(closed) {
            closed.insert(lasting.next()?);
        }
        Some(())
    }

    fn oldest_lasting(&self, of: impl Fn(&Invite) -> bool) -> Vec<Name> {
        let open = self.invites.iter().filter(|(_, one)| one.open && one.wish.timeout == 0 && of(one));
        let mut open: Vec<_> = open.map(|(id, one)| (one.born, *id)).collect();
        open.sort_unstable();
        open.into_iter().map(|(_, id)| id).collect()
    }
}
