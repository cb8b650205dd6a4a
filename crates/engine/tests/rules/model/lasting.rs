//! Invitations without a deadline: newer ones close the oldest.

use wigwag_protocol::Reason;

use super::{Model, Names, OPEN_INVITATIONS, OPEN_LASTING};
use crate::operation::{Name, Wish};

impl Model {
    /// Those without deadline that a new invitation closes.
    pub(super) fn pushed_out(&self, by: Name, wish: &Wish) -> Result<Names, Reason> {
        let side = |wish: &Wish| wish.group.or(wish.to.first().copied());
        let open: Vec<_> = self.invites.iter().filter(|(_, one)| one.open && one.by.user == by).collect();
        let mut lasting: Vec<_> = open.iter().filter(|(_, one)| one.wish.timeout == 0).collect();
        lasting.sort_by_key(|(id, one)| (one.born, **id));
        let mut closed = Names::new();
        if wish.timeout == 0 {
            let alike = lasting.iter().filter(|(_, one)| side(&one.wish) == side(wish));
            let surplus = (alike.clone().count() + 1).saturating_sub(OPEN_LASTING);
            closed.extend(alike.take(surplus).map(|(id, _)| **id));
        }
        for (id, _) in lasting {
            if open.len() - closed.len() >= OPEN_INVITATIONS {
                closed.insert(id);
            }
        }
        let is_full = open.len() - closed.len() >= OPEN_INVITATIONS;
        if is_full { Err(Reason::TooManyOpenInvitations) } else { Ok(closed) }
    }
}
