//! Who may see an invitation.
//!
//! Two questions (docs/semantics.md). The rules and queries ask the first, the lists of every store the second; the audience of an
//! event (`decide/invitation.rs`) is all users for whom the second holds at that moment, and those who leave by the very command:
//!
//! | asked | one-to-one | in a group |
//! |---|---|---|
//! | what of it exists for them? ([`Invitation::seen_by`]) | all, for its parties | all, for every member; for a party who left, what was before their own end |
//! | are they told of it? ([`Invitation::told_to`]) | its parties | every member, or the parties who are members |
//!
//! An `onlineUserOnly` invitation exists only for those of them who were online when it was made and so were told of it.
//!
//! Whoever looks may not have the group at hand, so the second answer can depend on it ([`Sight::IfMember`]). A store may
//! select candidates as it likes; this decides.

use std::sync::Arc;

use wigwag_protocol::invitation::Notify;
use wigwag_protocol::{GroupId, UserId};

use crate::Invitation;
use crate::group::Relation;
use crate::invitation::Settlement;

/// Whether a user sees an invitation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sight<'a> {
    /// The user sees it.
    Always,
    /// The user sees it while they are a member of this group.
    IfMember(&'a GroupId),
    /// The user does not see it.
    Never,
}

impl Sight<'_> {
    /// The answer, for callers who know the user's groups.
    pub fn given(self, is_member: impl FnOnce(&GroupId) -> bool) -> bool {
        match self {
            Self::Always => true,
            Self::IfMember(group) => is_member(group),
            Self::Never => false,
        }
    }
}

impl Invitation {
    /// What of the invitation exists for `user`; requests of others are answered as if there were none. `relation` is what they
    /// are to the invitation's group, unless it was dismissed.
    ///
    /// Whoever left the group sees what there was until the version that settled the invitation for them. When the group
    /// is gone, those who were not removed from it while pending see how it ended.
    pub fn seen_by(self: &Arc<Self>, user: &UserId, relation: Option<Relation>) -> Option<Arc<Self>> {
        let is_member = relation.is_some_and(Relation::is_member);
        if !self.was_told(user) || !(is_member || self.is_party(user)) {
            return None;
        }
        if is_member || self.group().is_none() || (relation.is_none() && !self.has_removed(user)) {
            return Some(Arc::clone(self));
        }
        self.own_end(user).map(|version| Arc::new(self.until(version)))
    }

    fn has_removed(&self, user: &UserId) -> bool {
        let settled = self.invitee(user).and_then(|invitee| invitee.settled.as_ref());
        settled.is_some_and(|settled| settled.by == Settlement::Removed)
    }

    /// The version that settled the invitation for this party: for an invitee their own settlement, for the inviter the end.
    fn own_end(&self, party: &UserId) -> Option<u32> {
        match self.invitee(party) {
            Some(invitee) => invitee.settled.as_ref().map(|settled| settled.version),
            None => self.end.as_ref().map(|end| end.version),
        }
    }

    /// Whether `user` is told what happens to the invitation, and finds it among their open ones. A party who left the
    /// group is told nothing more; with `notify: "parties"` the other members never are.
    pub fn told_to(&self, user: &UserId) -> Sight<'_> {
        match (self.group(), self.notify()) {
            _ if !self.was_told(user) => Sight::Never,
            (None, _) if self.is_party(user) => Sight::Always,
            (Some(group), Notify::Members) => Sight::IfMember(group),
            (Some(group), Notify::Parties) if self.is_party(user) => Sight::IfMember(group),
            (None, _) | (Some(_), Notify::Parties) => Sight::Never,
        }
    }
}

#[cfg(test)]
mod tests {
    use wigwag_protocol::InviteId;
    use wigwag_protocol::group::{JoinPolicy, Role};

    use super::*;
    use crate::group::Membership;
    use crate::invitation::{Circumstance, Consequence, Guests, Input, Invitee, Receipt, Switches, Verdict};
    use crate::{Actor, Group};

    fn user(name: &str) -> UserId {
        UserId::parse(name).unwrap()
    }

    fn of_class(members: &[&str]) -> Group {
        let membership = Membership { role: Role::Member, joined_at: 1, familiar: true };
        Group {
            id: GroupId::parse("class").unwrap(),
            name: String::new(),
            ext: String::new(),
            join_policy: JoinPolicy::Free,
            created_at: 1,
            members: members.iter().map(|name| (user(name), membership.clone())).collect(),
        }
    }

    /// Alice invites bob.
    fn invitation(group: Option<&GroupId>, notify: Notify) -> Invitation {
        let bob = Invitee::pending(user("bob"));
        let guests = match group.cloned() {
            None => Guests::One(bob),
            Some(group) => Guests::Members { group, invitees: vec![bob], ignored: Vec::new(), notify },
        };
        Invitation {
            id: InviteId::parse("i").unwrap(),
            inviter: user("alice"),
            inviter_device: None,
            guests,
            data: String::new(),
            first_data: None,
            timeout: 30,
            created_at: 1,
            switches: Switches::default(),
            told: None,
            offline_push_info: None,
            replaced_push_info: None,
            call: None,
            version: 1,
            receipt: Receipt::default(),
            withdrawals: Vec::new(),
            end: None,
        }
    }

    #[test]
    fn one_to_one_only_its_parties_see_it() {
        let invitation = Arc::new(invitation(None, Notify::Parties));
        for name in ["alice", "bob"] {
            assert_eq!(invitation.seen_by(&user(name), None), Some(Arc::clone(&invitation)), "{name}");
            assert_eq!(invitation.told_to(&user(name)), Sight::Always, "{name}");
        }
        assert_eq!(invitation.seen_by(&user("carol"), None), None);
        assert_eq!(invitation.told_to(&user("carol")), Sight::Never);
    }

    #[test]
    fn in_a_group_members_see_it_and_hear_of_it_as_its_inviter_chose() {
        let group = GroupId::parse("class").unwrap();
        let [alice, carol] = ["alice", "carol"].map(user);
        let to_members = invitation(Some(&group), Notify::Members);
        let to_parties = invitation(Some(&group), Notify::Parties);
        for invitation in [&to_members, &to_parties] {
            assert_eq!(invitation.told_to(&alice), Sight::IfMember(&group));
            let invitation = Arc::new((*invitation).clone());
            for member in ["alice", "bob", "carol"] {
                let seen =
                    invitation.seen_by(&user(member), Some(of_class(&[member]).relation(&user(member))));
                assert_eq!(seen, Some(Arc::clone(&invitation)), "{member}");
            }
            assert_eq!(invitation.seen_by(&carol, Some(of_class(&["alice", "bob"]).relation(&carol))), None);
            assert_eq!(invitation.seen_by(&carol, None), None);
        }
        assert_eq!(to_members.told_to(&carol), Sight::IfMember(&group));
        assert_eq!(to_parties.told_to(&carol), Sight::Never);
    }

    /// What of it a user sees, in short: version, payload, and who answered.
    fn seen(invitation: &Invitation, name: &str, members: Option<&[&str]>) -> (u32, String, Vec<String>) {
        let relation = members.map(|members| of_class(members).relation(&user(name)));
        let seen = Arc::new(invitation.clone()).seen_by(&user(name), relation).unwrap();
        let answered = seen.invitees().iter().filter(|one| one.settled.is_some());
        (seen.version, seen.data.clone(), answered.map(|one| one.user.to_string()).collect())
    }

    fn after(invitation: &Invitation, input: Input<'_>) -> Invitation {
        let Verdict::Changed(next, _) = invitation.handle(input, 2) else { panic!("it is open") };
        *next
    }

    fn by(name: &str) -> Actor {
        Actor { user: user(name), device: None }
    }

    #[test]
    fn whoever_left_sees_nothing_that_came_after_their_own_end() {
        let group = GroupId::parse("class").unwrap();
        let mut made = invitation(Some(&group), Notify::Members);
        if let Guests::Members { invitees, .. } = &mut made.guests {
            invitees.extend(["carol", "dave"].map(|name| Invitee::pending(user(name))));
        }
        let Consequence::Changed(removed, _) = made.meet(Circumstance::Leaves(&user("bob")), 2) else {
            panic!("bob was pending")
        };
        let carol_says = after(&removed, Input::Accept { by: &by("carol"), data: "hers" });
        let modified = after(&carol_says, Input::Modify { by: &by("alice"), data: "secret" });
        let last = after(&modified, Input::Accept { by: &by("dave"), data: "his" });
        let [bob, carol] =
            [["bob"].map(str::to_owned).to_vec(), ["bob", "carol"].map(str::to_owned).to_vec()];
        let with_alice: Option<&[&str]> = Some(&["alice"]);
        assert_eq!(seen(&last, "bob", with_alice), (2, String::new(), bob.clone()));
        assert_eq!(seen(&last, "carol", with_alice), (3, String::new(), carol));
        assert_eq!(seen(&last, "bob", Some(&["bob"])).1, "secret", "a member again sees all");
        assert_eq!(seen(&last, "bob", None), (2, String::new(), bob), "also when the group is gone");
        assert_eq!(seen(&last, "carol", None).0, last.version, "she may have been there to the end");
    }

    #[test]
    fn what_is_for_those_online_exists_for_those_who_were_told() {
        let group = GroupId::parse("class").unwrap();
        for group in [None, Some(&group)] {
            let told = Some(vec![user("alice")]);
            let only = Arc::new(Invitation { told, ..invitation(group, Notify::Members) });
            let class = of_class(&["alice", "bob"]);
            assert_eq!(only.seen_by(&user("bob"), group.map(|_| class.relation(&user("bob")))), None);
            assert_eq!(only.told_to(&user("bob")), Sight::Never);
            assert!(only.seen_by(&user("alice"), group.map(|_| class.relation(&user("alice")))).is_some());
        }
    }
}
