//! Quiet hours, silence and what users say of themselves, which only the user's own devices are told of.

use wigwag_protocol::Reason;

use super::{Expected, Model, Names, State, Told, owned};
use crate::operation::Name;

impl Model {
    pub(super) fn set_quiet(&mut self, by: Name, again: Option<bool>) -> Vec<Told> {
        let before = match again {
            Some(again) => self.quiet.insert(by, again),
            None => self.quiet.remove(by),
        };
        if before == again { Vec::new() } else { vec![own("user.quietChanged", by)] }
    }

    pub(super) fn set_status(&mut self, by: Name, status: Name) -> Vec<Told> {
        let before = self.statuses.insert(by, status).unwrap_or_default();
        if before == status { Vec::new() } else { vec![own("user.statusChanged", by)] }
    }

    /// It settles nothing, so it may come before every answer. To whoever is no party the invitation does not exist.
    pub(super) fn silence(&mut self, by: Name, id: Name) -> Expected {
        let invite = self.visible(by, id)?;
        if !invite.parties().contains(by) {
            return Err(Reason::UnknownInvitation);
        }
        match invite.guests.get(by).ok_or(Reason::NotInvitee)? {
            State::Answered(..) | State::Gone => return Err(Reason::Settled),
            State::Late => return Err(Reason::TimedOut),
            State::Cancelled(_) => return Err(Reason::Cancelled),
            State::Pending if invite.overdue(self.now) => return Err(Reason::TimedOut),
            State::Pending => {}
        }
        Ok(if self.silenced.insert((id, by)) { vec![own("invitation.silenced", by)] } else { Vec::new() })
    }
}

fn own(kind: &str, by: Name) -> Told {
    Told { kind: kind.to_owned(), to: owned(&Names::from([by])), stored: false }
}
