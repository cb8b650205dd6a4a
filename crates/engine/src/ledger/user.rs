//! Users in the ledger.

use std::sync::Arc;

use wigwag_protocol::UserId;
use wigwag_protocol::group::{Profile, Reach};
use wigwag_protocol::quiet::Quiet;

use super::{Key, Ledger, found};
use crate::Stop;
use crate::quiet::{Kept, Rang};

/// A user as the rules see them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// As other users see them.
    pub profile: Profile,
    /// The newest cursor of their stream; 0 when it is empty.
    pub head: u64,
    /// Who may ring and add them.
    pub reach: Reach,
    /// Whether they have said when they are quiet. What they said is loaded for those who are rung alone.
    pub has_quiet: bool,
    /// What they say of themselves; empty when that is nothing.
    pub status: String,
    /// Since when they may not sign in, server time in ms; `None` when they may.
    pub disabled_since: Option<u64>,
    /// When they were deleted, server time in ms. Only their name is left then.
    pub deleted_at: Option<u64>,
}

impl User {
    /// A user who has just been registered.
    pub(super) fn new(profile: &Profile) -> Self {
        Self {
            profile: profile.clone(),
            head: 0,
            reach: Reach::default(),
            has_quiet: false,
            status: String::new(),
            disabled_since: None,
            deleted_at: None,
        }
    }
}

impl Ledger {
    /// The user, if they are registered. A deleted one is not: to the rules they are unknown, and this is where it is said.
    pub fn user(&self, id: &UserId) -> Result<Option<&User>, Stop> {
        Ok(self.named_user(id)?.filter(|user| user.deleted_at.is_none()))
    }

    /// When the user was deleted, server time in ms; `None` for everybody else.
    pub fn deleted_at(&self, id: &UserId) -> Result<Option<u64>, Stop> {
        Ok(self.named_user(id)?.and_then(|user| user.deleted_at))
    }

    /// Whether the user was deleted.
    pub fn is_deleted(&self, id: &UserId) -> Result<bool, Stop> {
        Ok(self.deleted_at(id)?.is_some())
    }

    /// The user of that name, also a deleted one.
    fn named_user(&self, id: &UserId) -> Result<Option<&User>, Stop> {
        found(&self.users, id, || Key::User(id.clone())).map(Option::as_ref)
    }

    /// The row keeps the head, so that no place of the stream is given twice.
    pub(super) fn user_deleted(&mut self, id: &UserId, at: u64) {
        let Some(Some(user)) = self.users.get_mut(id) else { return };
        let (nickname, face_url, ext) = <(String, String, String)>::default();
        user.profile = Profile { user_id: id.clone(), nickname, face_url, ext };
        user.reach = Reach::default();
        user.has_quiet = false;
        user.status = String::new();
        user.disabled_since.get_or_insert(at);
        user.deleted_at = Some(at);
        self.quiet.insert(id.clone(), None);
    }

    /// When a user is quiet, and who rang them lately; `None` when they have set nothing.
    pub fn quiet(&self, user: &UserId) -> Result<Option<&Arc<Kept>>, Stop> {
        if self.user(user)?.is_none_or(|user| !user.has_quiet) {
            return Ok(None);
        }
        found(&self.quiet, user, || Key::Quiet(user.clone())).map(Option::as_ref)
    }

    /// Who rang lately stays while there are settings. The rule has loaded both by now.
    pub(super) fn quiet_set(&mut self, id: &UserId, quiet: Option<&Arc<Quiet>>) {
        let Some(Some(user)) = self.users.get_mut(id) else { return };
        user.has_quiet = quiet.is_some();
        let rang = self.quiet.get(id).and_then(Option::as_ref).map(|kept| kept.rang.clone());
        let kept = |quiet: &Arc<Quiet>| {
            Arc::new(Kept { quiet: Quiet::clone(quiet), rang: rang.unwrap_or_default() })
        };
        self.quiet.insert(id.clone(), quiet.map(kept));
    }

    pub(super) fn rang_set(&mut self, user: &UserId, rang: &[Rang]) {
        if let Some(Some(kept)) = self.quiet.get_mut(user) {
            Arc::make_mut(kept).rang = rang.to_vec();
        }
    }

    pub(super) fn status_set(&mut self, user: &UserId, status: &str) {
        if let Some(Some(user)) = self.users.get_mut(user) {
            status.clone_into(&mut user.status);
        }
    }

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
