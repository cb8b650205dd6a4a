//! Who may see an invitation.
//!
//! Two questions, both answered here for the rules, for queries and for every store (docs/semantics.md):
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
    /// They do.
    Always,
    /// They do while they are a member of this group.
    IfMember(&'a GroupId),
    /// They do not.
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
        match &self.group {
            _ if self.is_party(user) => Sight::Always,
            Some(group) => Sight::IfMember(group),
            None => Sight::Never,
        }
    }

    /// Whether `user` is told what happens to the invitation, and finds it among their open ones. A party who left the
    /// group is told nothing more; with `notify: "parties"` the other members never are.
    pub fn told_to(&self, user: &UserId) -> Sight<'_> {
        match (&self.group, self.notify) {
            (None, _) if self.is_party(user) => Sight::Always,
            (Some(group), Notify::Members) => Sight::IfMember(group),
            (Some(group), Notify::Parties) if self.is_party(user) => Sight::IfMember(group),
            (None, _) | (Some(_), Notify::Parties) => Sight::Never,
        }
    }
}
