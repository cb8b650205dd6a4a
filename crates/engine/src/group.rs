//! A group and its members.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use wigwag_protocol::group::{GroupView, JoinPolicy, Role};
use wigwag_protocol::{GroupId, UserId};

use crate::Refusal;

/// A member's role, and how long they have had a place in the group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Membership {
    /// Says what the member may do.
    pub role: Role,
    /// When they joined, server time in ms.
    pub joined_at: u64,
    /// Whether the others count as users whom the member knows. They do, unless the member was added by a stranger while not
    /// everybody might ring them, and has not written in the group since.
    pub familiar: bool,
}

/// What a user is to a group. It decides what they may read of it, and costs no list of members.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Relation {
    /// Whether users may join the group without being added.
    pub join_policy: JoinPolicy,
    /// The user's role; `None` for those who are not in the group.
    pub role: Option<Role>,
}

impl Relation {
    /// The role, or the refusal for those who are not in the group: they are told that it exists only if they could join it.
    pub fn role(self) -> Result<Role, Refusal> {
        let refusal = match self.join_policy {
            JoinPolicy::Free => Refusal::NotMember,
            JoinPolicy::InviteOnly => Refusal::UnknownGroup,
        };
        self.role.ok_or(refusal)
    }

    /// The role of somebody who may read the group's description: of members, and of everybody who could join it (`None` then). Whoever
    /// joins is shown more.
    pub fn reads_description(self) -> Result<Option<Role>, Refusal> {
        match self.join_policy {
            JoinPolicy::Free => Ok(self.role),
            JoinPolicy::InviteOnly => self.role().map(Some),
        }
    }

    /// Whether the user is in the group.
    pub fn is_member(self) -> bool {
        self.role.is_some()
    }
}

/// A group with all its members.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Its name everywhere.
    pub id: GroupId,
    /// The name that people see.
    pub name: String,
    /// The app's own text about the group, not read by the server.
    pub ext: String,
    /// Whether users may join without being added.
    pub join_policy: JoinPolicy,
    /// When it was created, server time in ms.
    pub created_at: u64,
    /// All members, in byte order of their userIDs.
    pub members: BTreeMap<UserId, Membership>,
}

impl Group {
    /// Whether `user` is in it.
    pub fn has(&self, user: &UserId) -> bool {
        self.members.contains_key(user)
    }

    /// Whether `user` is in it and takes the others for users they know.
    pub fn is_familiar_to(&self, user: &UserId) -> bool {
        self.members.get(user).is_some_and(|member| member.familiar)
    }

    /// What `user` is to the group.
    pub fn relation(&self, user: &UserId) -> Relation {
        let role = self.members.get(user).map(|member| member.role);
        Relation { join_policy: self.join_policy, role }
    }

    /// The role of `user`, or the refusal for those who are not in it ([`Relation::role`]).
    pub fn role(&self, user: &UserId) -> Result<Role, Refusal> {
        self.relation(user).role()
    }

    /// Refuses unless `user` has at least this role.
    pub fn require(&self, user: &UserId, least: Role) -> Result<(), Refusal> {
        if self.role(user)? >= least { Ok(()) } else { Err(Refusal::NotAllowed) }
    }

    /// The member who owns it.
    pub fn owner(&self) -> Option<&UserId> {
        self.members.iter().find(|(_, member)| member.role == Role::Owner).map(|(user, _)| user)
    }

    /// Who owns it when the owner goes: of the admins, or else of the members, the one who has been in it for the longest; of
    /// several the first in byte order. `None` when nobody else is in it.
    pub fn heir(&self) -> Option<&UserId> {
        let others = self.members.iter().filter(|(_, member)| member.role != Role::Owner);
        let next = others.min_by_key(|(_, member)| (Reverse(member.role), member.joined_at));
        next.map(|(user, _)| user)
    }

    /// The group as clients see it. `None` for a group without owner, which no command can make.
    pub fn view(&self) -> Option<GroupView> {
        Some(GroupView {
            group_id: self.id.clone(),
            name: self.name.clone(),
            ext: self.ext.clone(),
            join_policy: self.join_policy,
            owner: self.owner()?.clone(),
            member_count: u32::try_from(self.members.len()).unwrap_or(u32::MAX),
            created_at: self.created_at,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_admin_is_next_then_the_oldest_member_then_nobody() {
        let name = |name: &str| UserId::parse(name).unwrap();
        let with = |members: &[(&str, Role, u64)]| Group {
            id: GroupId::parse("class").unwrap(),
            name: String::new(),
            ext: String::new(),
            join_policy: JoinPolicy::Free,
            created_at: 1,
            members: members
                .iter()
                .map(|(user, role, joined_at)| {
                    (name(user), Membership { role: *role, joined_at: *joined_at, familiar: true })
                })
                .collect(),
        };
        let owner = ("olga", Role::Owner, 1);
        let next = |members: &[(&str, Role, u64)]| with(members).heir().map(UserId::to_string);
        assert_eq!(next(&[owner]), None);
        let members = [owner, ("bob", Role::Member, 3), ("zoe", Role::Member, 2), ("carl", Role::Member, 2)];
        assert_eq!(next(&members).as_deref(), Some("carl"), "the longest, and of two the first");
        let admins = [members.as_slice(), &[("ann", Role::Admin, 9), ("abe", Role::Admin, 8)]].concat();
        assert_eq!(next(&admins).as_deref(), Some("abe"), "an admin before every member");
    }

    #[test]
    fn a_stranger_reads_the_description_of_what_they_could_join() {
        let read = |join_policy, role| Relation { join_policy, role }.reads_description();
        assert_eq!(read(JoinPolicy::Free, None), Ok(None));
        assert_eq!(read(JoinPolicy::InviteOnly, None), Err(Refusal::UnknownGroup));
        for join_policy in [JoinPolicy::Free, JoinPolicy::InviteOnly] {
            assert_eq!(read(join_policy, Some(Role::Admin)), Ok(Some(Role::Admin)));
        }
    }
}
