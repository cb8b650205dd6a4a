//! Who may see an invitation.
//!
//! Two questions (docs/semantics.md). The rules and queries ask the first, the lists of every store the second; the audience of an
//! event (`decide/invitation.rs`) is all users for whom the second holds at that moment, and those who leave by the very command:
//!
//! | asked | one-to-one | in a group |
//! |---|---|---|
//! | does it exist for them? ([`Invitation::shown_to`]) | its parties | its parties and every member |
//! | are they told of it? ([`Invitation::told_to`]) | its parties | every member, or the parties who are members |
//!
//! Whoever looks may not have the group at hand, so an answer can depend on it ([`Sight::IfMember`]). A store may select
//! candidates as it likes; this decides.

use wigwag_protocol::invitation::Notify;
use wigwag_protocol::{GroupId, UserId};

use crate::Invitation;

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
    /// Whether the invitation exists for `user`. Requests of others are answered as if there were none.
    pub fn shown_to(&self, user: &UserId) -> Sight<'_> {
        match self.group() {
            _ if self.is_party(user) => Sight::Always,
            Some(group) => Sight::IfMember(group),
            None => Sight::Never,
        }
    }

    /// Whether `user` is told what happens to the invitation, and finds it among their open ones. A party who left the
    /// group is told nothing more; with `notify: "parties"` the other members never are.
    pub fn told_to(&self, user: &UserId) -> Sight<'_> {
        match (self.group(), self.notify()) {
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

    use super::*;
    use crate::invitation::{Guests, Invitee, Receipt, Switches};

    fn user(name: &str) -> UserId {
        UserId::parse(name).unwrap()
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
            offline_push_info: None,
            version: 1,
            receipt: Receipt::default(),
            end: None,
        }
    }

    #[test]
    fn one_to_one_only_its_parties_see_it() {
        let invitation = invitation(None, Notify::Parties);
        for name in ["alice", "bob"] {
            assert_eq!(invitation.shown_to(&user(name)), Sight::Always, "{name}");
            assert_eq!(invitation.told_to(&user(name)), Sight::Always, "{name}");
        }
        assert_eq!(invitation.shown_to(&user("carol")), Sight::Never);
        assert_eq!(invitation.told_to(&user("carol")), Sight::Never);
    }

    #[test]
    fn in_a_group_members_see_it_and_hear_of_it_as_its_inviter_chose() {
        let group = GroupId::parse("class").unwrap();
        let [alice, carol] = ["alice", "carol"].map(user);
        let to_members = invitation(Some(&group), Notify::Members);
        let to_parties = invitation(Some(&group), Notify::Parties);
        for invitation in [&to_members, &to_parties] {
            assert_eq!(invitation.shown_to(&alice), Sight::Always, "also when she has left the group");
            assert_eq!(invitation.told_to(&alice), Sight::IfMember(&group));
            assert_eq!(invitation.shown_to(&carol), Sight::IfMember(&group));
        }
        assert_eq!(to_members.told_to(&carol), Sight::IfMember(&group));
        assert_eq!(to_parties.told_to(&carol), Sight::Never);
    }
}
