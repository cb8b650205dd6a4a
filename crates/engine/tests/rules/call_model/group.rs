//! The group of the model: who leaves it, and its end.

use wigwag_protocol::Reason;

use super::Model;
use super::kept::{Guest, State};
use crate::operation::Name;

/// Who made it.
const OWNER: Name = "alice";

impl Model {
    pub(super) fn quit(&mut self, who: Name) -> Result<(), Reason> {
        self.is_a_member(who)?;
        if who == OWNER {
            return Err(Reason::NotAllowed);
        }
        for id in self.open_in_group() {
            self.loses(id, who);
        }
        self.members.remove(who);
        if let Some(call) = self.call_of(who).filter(|call| self.calls[call].of_group) {
            self.leave(call, who, "leftGroup");
        }
        Ok(())
    }

    /// An invitation of the group loses its inviter or an invitee.
    fn loses(&mut self, id: Name, who: Name) {
        let one = &self.invitations[id];
        let pending = one.guests.get(who) == Some(&Guest::Pending);
        if !one.open() || !(pending || one.by == who) {
            return;
        }
        if one.overdue(self.now) {
            self.expire(id);
        } else if one.by == who {
            self.decline_pending(id, Guest::Cancelled, State::Cancelled, "cancelled");
        } else {
            let call = one.call;
            self.invitations.get_mut(id).expect("an invitation").guests.insert(who, Guest::Removed);
            self.calls.get_mut(call).expect("a call").people.insert(who, State::Removed);
            self.settle(call, "leftGroup");
        }
    }

    pub(super) fn rejoin(&mut self, who: Name) -> Result<(), Reason> {
        if self.dismissed {
            return Err(Reason::UnknownGroup);
        }
        if self.members.insert(who) { Ok(()) } else { Err(Reason::AlreadyMember) }
    }

    /// Its calls are over with it, and so are its invitations: what rings is cancelled, unless it is out of time.
    pub(super) fn dismiss(&mut self, who: Name) -> Result<(), Reason> {
        self.is_a_member(who)?;
        if who != OWNER {
            return Err(Reason::NotAllowed);
        }
        let running: Vec<Name> = self
            .calls
            .iter()
            .filter(|(_, call)| call.of_group && call.end.is_none())
            .map(|(id, _)| *id)
            .collect();
        for id in running {
            self.end_with(id, "groupDismissed");
        }
        for id in self.open_in_group() {
            if self.invitations[id].overdue(self.now) {
                self.expire(id);
            } else {
                self.decline_pending(id, Guest::Cancelled, State::Cancelled, "cancelled");
            }
        }
        self.dismissed = true;
        self.members.clear();
        Ok(())
    }

    pub(super) fn is_a_member(&self, who: Name) -> Result<(), Reason> {
        match self.members.contains(who) {
            _ if self.dismissed => Err(Reason::UnknownGroup),
            true => Ok(()),
            false => Err(Reason::NotMember),
        }
    }

    fn open_in_group(&self) -> Vec<Name> {
        let open = self.invitations.iter().filter(|(_, one)| one.of_group && one.open());
        open.map(|(id, _)| *id).collect()
    }
}
