//! Users in the ledger.

use wigwag_protocol::UserId;
use wigwag_protocol::group::{Profile, Reach};

use super::Ledger;

/// A user as the rules see them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// As other users see them.
    pub profile: Profile,
    /// The newest cursor of their stream; 0 when it is empty.
    pub head: u64,
    /// Who may ring and add them.
    pub reach: Reach,
    /// Since when they may not sign in, server time in ms; `None` when they may.
    pub disabled_since: Option<u64>,
}

impl User {
    /// A user who has just been registered.
    pub(super) fn new(profile: &Profile) -> Self {
        Self { profile: profile.clone(), head: 0, reach: Reach::default(), disabled_since: None }
    }
}

impl Ledger {
    pub(super) fn reach_set(&mut self, user: &UserId, reach: Reach) {
        if let Some(Some(user)) = self.users.get_mut(user) {
            user.reach = reach;
        }
    }

    pub(super) fn disabled_set(&mut self, user: &UserId, since: Option<u64>) {
        if let Some(Some(user)) = self.users.get_mut(user) {
            user.disabled_since = since;
        }
    }
}
