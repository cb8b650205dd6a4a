//! A user as those see them who look after users.

use wigwag_protocol::group::{Profile, Reach};

/// A registered user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownUser {
    /// As other users see them.
    pub profile: Profile,
    /// Who may ring and add them.
    pub reach: Reach,
    /// What they say of themselves; empty when that is nothing.
    pub status: String,
    /// Since when they may not sign in, server time in ms; `None` when they may.
    pub disabled_since: Option<u64>,
}

impl KnownUser {
    /// Bytes of what was said of them.
    pub(super) fn bytes(&self) -> usize {
        let Profile { user_id, nickname, face_url, ext } = &self.profile;
        user_id.as_str().len() + nickname.len() + face_url.len() + ext.len()
    }
}
