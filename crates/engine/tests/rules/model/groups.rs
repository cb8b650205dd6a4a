//! Groups and users: who is in, who goes, who blocks whom.

use std::collections::BTreeMap;

use wigwag_protocol::Reason;
use wigwag_protocol::group::Role;

use super::lists::Listing;
use super::{Expected, Model, Names, State, Told, owned};
use crate::operation::{Membership, Name, USERS};

impl Model {
    pub(super) fn membership(&mut self, by: Name, group: Name, what: &Membership) -> Expected {
        match what {
            Membership::Create(members) => self.create(by, group, members),
            Membership::Join => {
                let members = self.groups.get(group).ok_or(Reason::UnknownGroup)?;
                if members.contains_key(by) {
                    return Err(Reason::AlreadyMember);
                }
                self.departures.remove(&(group, by));
                self.at_home.insert((group, by));
                Ok(self.come(group, &Names::from([by])))
            }
            Membership::Quit => match self.members_for(by, group)?[by] {
                Role::Owner => Err(Reason::NotAllowed),
                Role::Admin | Role::Member => {
                    self.departures.insert((group, by));
                    Ok(self.go(group, &Names::from([by])))
                }
            },
            Membership::Dismiss => self.dismiss(by, group),
            Membership::Add(names) => self.add(by, group, names),
            Membership::Remove(names) => self.remove(by, group, names),
            Membership::Role(name, role) => self.set_role(by, group, name, *role),
        }
    }

    fn create(&mut self, by: Name, group: Name, members: &[Name]) -> Expected {
        if self.groups.contains_key(group) {
            return Err(Reason::GroupIdTaken);
        }
        let known = members.iter().filter(|name| USERS.contains(name));
        let known = known.filter(|name| **name != by && self.may_add(by, name));
        let mut roles: BTreeMap<Name, Role> = known.map(|name| (*name, Role::Member)).collect();
        let at_home = roles.keys().filter(|name| self.comes_home(by, name)).chain([&by]);
        let at_home: Names = at_home.copied().collect();
        self.at_home.extend(at_home.into_iter().map(|name| (group, name)));
        roles.insert(by, Role::Owner);
        self.groups.insert(group, roles);
        Ok(vec![self.tell_members("membersAdded", group)])
    }

    fn add(&mut self, by: Name, group: Name, names: &[Name]) -> Expected {
        if names.is_empty() {
            return Err(Reason::InvalidGroupParameter);
        }
        let members = self.members_for(by, group)?;
        if names.iter().any(|name| !USERS.contains(name)) {
            return Err(Reason::UnknownUser);
        }
        let new: Names = names.iter().filter(|name| !members.contains_key(*name)).copied().collect();
        if new.iter().any(|name| !self.may_add(by, name)) {
            return Err(Reason::BlockedByPeer);
        }
        if new.iter().any(|name| self.departures.contains(&(group, *name))) {
            return Err(Reason::HasLeft);
        }
        let at_home: Names = new.iter().filter(|name| self.comes_home(by, name)).copied().collect();
        self.at_home.extend(at_home.into_iter().map(|name| (group, name)));
        Ok(self.come(group, &new))
    }

    fn remove(&mut self, by: Name, group: Name, names: &[Name]) -> Expected {
        if names.is_empty() {
            return Err(Reason::InvalidGroupParameter);
        }
        let members = self.members_for(by, group)?;
        let leaving: Names = names.iter().filter(|name| members.contains_key(*name)).copied().collect();
        if members[by] == Role::Member || leaving.iter().any(|name| members[name] >= members[by]) {
            return Err(Reason::NotAllowed);
        }
        Ok(self.go(group, &leaving))
    }

    fn set_role(&mut self, by: Name, group: Name, name: Name, role: Role) -> Expected {
        let members = self.members_for(by, group)?;
        if members[by] != Role::Owner {
            return Err(Reason::NotAllowed);
        }
        if name == by {
            return Err(Reason::InvalidParameter);
        }
        if *members.get(name).ok_or(Reason::NotMember)? == role {
            return Ok(Vec::new());
        }
        let members = self.groups.get_mut(group).expect("it exists");
        members.insert(name, role);
        if role == Role::Owner {
            members.insert(by, Role::Admin);
        }
        Ok(vec![self.tell_members("roleChanged", group)])
    }

    fn come(&mut self, group: Name, new: &Names) -> Vec<Told> {
        if new.is_empty() {
            return Vec::new();
        }
        let seq = self.messages.get(&(group, None)).map_or(0, Vec::len) as u64;
        for name in new {
            self.groups.get_mut(group).expect("it exists").insert(name, Role::Member);
            self.lists.insert((name, (group, None)), Listing::from(seq));
        }
        vec![self.tell_members("membersAdded", group)]
    }

    fn go(&mut self, group: Name, leaving: &Names) -> Vec<Told> {
        if leaving.is_empty() {
            return Vec::new();
        }
        self.leaving.clone_from(leaving);
        let mut told = vec![self.tell_members("membersRemoved", group)];
        for id in self.open_in(group) {
            told.append(&mut self.lose(id));
        }
        for name in leaving {
            self.groups.get_mut(group).expect("it exists").remove(name);
            self.at_home.remove(&(group, *name));
            self.lists.remove(&(*name, (group, None)));
        }
        told
    }

    fn dismiss(&mut self, by: Name, group: Name) -> Expected {
        if self.members_for(by, group)?[by] != Role::Owner {
            return Err(Reason::NotAllowed);
        }
        let mut told = Vec::new();
        for id in self.open_in(group) {
            let now = self.now;
            let invite = self.invites.get_mut(id).expect("an invitation of the group");
            let overdue = invite.overdue(now);
            let pending = invite.settle_pending(if overdue { State::Late } else { State::Cancelled(None) });
            let kind = if overdue { "timedOut" } else { "cancelled" };
            let end = self.tell_end(kind, id, &pending);
            // There is no history any more that it could stand in.
            told.push(Told { stored: false, ..end });
        }
        told.push(self.tell_members("dismissed", group));
        self.groups.remove(group);
        self.departures.retain(|(left, _)| *left != group);
        self.at_home.retain(|(id, _)| *id != group);
        self.messages.remove(&(group, None));
        self.lists.retain(|(_, listed), _| *listed != (group, None));
        Ok(told)
    }

    pub(super) fn open_in(&self, group: Name) -> Vec<Name> {
        let open = self.invites.iter().filter(|(_, one)| one.open && one.wish.group == Some(group));
        open.map(|(id, _)| *id).collect()
    }

    fn tell_members(&self, kind: &str, group: Name) -> Told {
        let to = self.groups[group].keys().map(|name| (*name).to_owned()).collect();
        Told { kind: format!("group.{kind}"), to, stored: false }
    }

    pub(super) fn block(&mut self, by: Name, whom: Name, on: bool) -> Expected {
        if by == whom {
            return Err(Reason::InvalidParameter);
        }
        if !USERS.contains(&whom) {
            return Err(Reason::UnknownUser);
        }
        let changed = if on { self.blocks.insert((by, whom)) } else { self.blocks.remove(&(by, whom)) };
        let kind = if on { "user.blocked" } else { "user.unblocked" };
        let told = Told { kind: kind.to_owned(), to: owned(&Names::from([by])), stored: false };
        Ok(if changed { vec![told] } else { Vec::new() })
    }
}
