//! What is loaded of who knows whom.

use std::collections::{BTreeSet, HashMap};

use wigwag_protocol::{GroupId, UserId};

use super::{Key, Ledger, found};
use crate::conversation::Writers;
use crate::group::Membership;
use crate::{ConversationId, Group, Stop};

/// Which groups, familiar to the first user of a pair, the second is in too.
#[derive(Debug, Default)]
pub(super) struct SharedGroups {
    pub(super) of_pairs: HashMap<(UserId, UserId), BTreeSet<GroupId>>,
    /// Groups whose members this batch has changed. What is loaded of shared groups after that may be from before it.
    pub(super) moved: BTreeSet<GroupId>,
}

/// Getters: what is loaded, or which key is missing.
impl Ledger {
    /// Whether `user` is in a group, familiar to them, that `with` is in too.
    pub fn share_a_group(&self, user: &UserId, with: &UserId) -> Result<bool, Stop> {
        let pair = (user.clone(), with.clone());
        let missing = || Key::SharedGroups(user.clone(), with.clone());
        let shared = found(&self.shared_groups.of_pairs, &pair, missing)?;
        Ok(!shared.is_empty())
    }

    /// Whether `user` has written to `other`.
    pub fn has_written(&self, user: &UserId, other: &UserId) -> Result<bool, Stop> {
        let id = ConversationId::between(user, other);
        let head = found(&self.conversations, &id, || Key::Conversation(id.clone()))?;
        Ok(head.writers.contain(Writers::only(user, other)))
    }
}

impl Ledger {
    /// The groups that two users shared before this batch, corrected by what it has done since.
    pub(super) fn shared_now(&self, of: &UserId, with: &UserId, before: Vec<GroupId>) -> BTreeSet<GroupId> {
        let mut shared: BTreeSet<GroupId> = before.into_iter().collect();
        for id in &self.shared_groups.moved {
            shared.remove(id);
            let group = self.groups.get(id).and_then(Option::as_ref);
            let is_shared = |group: &&Group| group.is_familiar_to(of) && group.has(with);
            shared.extend(group.filter(is_shared).map(|group| group.id.clone()));
        }
        shared
    }

    pub(super) fn acquainted(&mut self, user: &UserId, with: &UserId) {
        let head = self.conversations.entry(ConversationId::between(user, with)).or_default();
        head.writers = head.writers.and(Writers::only(user, with));
    }

    /// A member comes, changes or goes.
    pub(super) fn member(&mut self, id: &GroupId, user: &UserId, membership: Option<&Membership>) {
        if let Some(Some(group)) = self.groups.get_mut(id) {
            let before = match membership {
                Some(membership) => group.members.insert(user.clone(), membership.clone()),
                None => group.members.remove(user),
            };
            match (before, membership) {
                (None, Some(_)) => self.came_to_group([user]),
                (Some(_), None) => self.left_group([user]),
                (Some(_), Some(_)) | (None, None) => {}
            }
        }
        self.membership_changed(id, user);
    }

    /// Only pairs that this batch has asked for are here, so going through all of them is cheap.
    #[expect(clippy::iter_over_hash_type, reason = "every entry is treated alike")]
    fn membership_changed(&mut self, id: &GroupId, user: &UserId) {
        self.shared_groups.moved.insert(id.clone());
        let group = self.groups.get(id).and_then(Option::as_ref);
        for ((of, with), shared) in &mut self.shared_groups.of_pairs {
            if of != user && with != user {
                continue;
            }
            if group.is_some_and(|group| group.is_familiar_to(of) && group.has(with)) {
                shared.insert(id.clone());
            } else {
                shared.remove(id);
            }
        }
    }
}

impl SharedGroups {
    #[expect(clippy::iter_over_hash_type, reason = "every entry is treated alike")]
    pub(super) fn group_dropped(&mut self, id: &GroupId) {
        for shared in self.of_pairs.values_mut() {
            shared.remove(id);
        }
        self.moved.insert(id.clone());
    }
}
