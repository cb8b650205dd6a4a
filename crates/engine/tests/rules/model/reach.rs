//! Who may ring and add whom, and who knows whom.

use wigwag_protocol::group::ReachableBy;

use super::{Conversation, Model, Names, Told, owned};
use crate::operation::Name;

impl Model {
    pub(super) fn set_reach(&mut self, by: Name, ring: ReachableBy, add: ReachableBy) -> Vec<Told> {
        let everybody = (ReachableBy::Everybody, ReachableBy::Everybody);
        if self.reaches.insert(by, (ring, add)).unwrap_or(everybody) == (ring, add) {
            return Vec::new();
        }
        let to = owned(&Names::from([by]));
        vec![Told { kind: "user.reachChanged".to_owned(), to, stored: false }]
    }

    pub(super) fn may_ring(&self, by: Name, to: Name) -> bool {
        self.lets_in(self.rules(to).0, by, to)
    }

    pub(super) fn may_add(&self, by: Name, to: Name) -> bool {
        self.lets_in(self.rules(to).1, by, to)
    }

    /// Whether somebody who is added takes the others for people they know.
    pub(super) fn comes_home(&self, by: Name, to: Name) -> bool {
        self.rules(to).0 == ReachableBy::Everybody || self.knows(to, by)
    }

    /// Who may ring and who may add somebody.
    fn rules(&self, of: Name) -> (ReachableBy, ReachableBy) {
        self.reaches.get(of).copied().unwrap_or((ReachableBy::Everybody, ReachableBy::Everybody))
    }

    fn lets_in(&self, rule: ReachableBy, by: Name, to: Name) -> bool {
        let rule_holds = match rule {
            ReachableBy::Everybody => true,
            ReachableBy::Known => self.knows(to, by),
            ReachableBy::Nobody => false,
        };
        rule_holds && !self.blocks.contains(&(to, by))
    }

    fn knows(&self, one: Name, other: Name) -> bool {
        let shared = self.groups.iter().filter(|(_, members)| members.contains_key(other));
        self.wrote.contains(&(one, other))
            || shared.into_iter().any(|(id, _)| self.at_home.contains(&(*id, one)))
    }

    pub(super) fn gets_to_know(&mut self, place: Conversation, sender: Name) {
        match place {
            (group, None) => {
                if self.is_member(sender, group) {
                    self.at_home.insert((group, sender));
                }
            }
            (one, Some(other)) => {
                self.wrote.insert((sender, if one == sender { other } else { one }));
            }
        }
    }
}
