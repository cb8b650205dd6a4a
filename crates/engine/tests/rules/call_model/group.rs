//! The groups of the model: who is in them, who leaves, and their end.

use wigwag_protocol::Reason;

use super::Model;
use super::kept::{Guest, State};
use crate::call_properties::GROUPS;
use crate::operation::Name;

impl Model {
    pub(super) fn quit(&mut self, who: Name, group: Name) -> Result<(), Reason> {
        self.is_a_member(who, group)?;
        if is_owner(who, group) {
            return Err(Reason::NotAllowed);
        }
        for id in self.open_in(group) {
            self.loses(id, who);
        }
        self.members.get_mut(group).expect("it is not dismissed").remove(who);
        if let Some(call) = self.call_of(who).filter(|call| self.calls[call].group == Some(group)) {
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

    pub(super) fn rejoin(&mut self, who: Name, group: Name) -> Result<(), Reason> {
        let members = self.members.get_mut(group).ok_or(Reason::UnknownGroup)?;
        if members.insert(who) { Ok(()) } else { Err(Reason::AlreadyMember) }
    }

    /// Its calls are over with it, and so are its invitations: what rings is cancelled, unless it is out of time.
    pub(super) fn dismiss(&mut self, who: Name, group: Name) -> Result<(), Reason> {
        self.is_a_member(who, group)?;
        if !is_owner(who, group) {
            return Err(Reason::NotAllowed);
        }
        for id in self.running_in(group) {
            self.end_with(id, "groupDismissed");
        }
        for id in self.open_in(group) {
            if self.invitations[id].overdue(self.now) {
                self.expire(id);
            } else {
                self.decline_pending(id, Guest::Cancelled, State::Cancelled, "cancelled");
            }
        }
        self.members.remove(group);
        Ok(())
    }

    pub(super) fn has(&self, group: Name, who: Name) -> bool {
        self.members.get(group).is_some_and(|members| members.contains(who))
    }

    pub(super) fn is_a_member(&self, who: Name, group: Name) -> Result<(), Reason> {
        let members = self.members.get(group).ok_or(Reason::UnknownGroup)?;
        if members.contains(who) { Ok(()) } else { Err(Reason::NotMember) }
    }

    pub(super) fn running_in(&self, group: Name) -> Vec<Name> {
        let running = self.calls.iter().filter(|(_, call)| call.group == Some(group) && call.end.is_none());
        running.map(|(id, _)| *id).collect()
    }

    fn open_in(&self, group: Name) -> Vec<Name> {
        let open = self.invitations.iter().filter(|(_, one)| one.group == Some(group) && one.open());
        open.map(|(id, _)| *id).collect()
    }
}

/// The first one made it.
fn is_owner(who: Name, group: Name) -> bool {
    GROUPS.iter().any(|made| made.name == group && made.members[0] == who)
}
