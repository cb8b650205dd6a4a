//! Whether users are online, for those who may know it (docs/semantics.md, "Who may see who is online").

use wigwag_protocol::presence::{Presence, UserStatus};
use wigwag_protocol::{UserId, result};
use wigwag_session::refused::Refusal;

use super::Door;
use super::query::unavailable;
use crate::store::StoreError;

/// What somebody finds who looks at a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Glimpse {
    /// They may not know it.
    Hidden,
    /// It could not be found out.
    Unanswered,
    /// The user is online.
    Online,
    /// The user is not.
    Offline,
}

impl Glimpse {
    fn of(online: Option<bool>) -> Self {
        match online {
            None => Self::Unanswered,
            Some(true) => Self::Online,
            Some(false) => Self::Offline,
        }
    }

    /// What they are told.
    pub fn presence(self) -> Presence {
        match self {
            Self::Hidden | Self::Unanswered => Presence::Unknown,
            Self::Online => Presence::Online,
            Self::Offline => Presence::Offline,
        }
    }
}

impl Door {
    /// How these users are, for `viewer`.
    pub(super) async fn statuses(
        &self,
        viewer: &UserId,
        users: Vec<UserId>,
    ) -> Result<result::Statuses, Refusal> {
        let glimpses = self.glimpses(viewer, users).await?;
        let status =
            |(user_id, glimpse): (UserId, Glimpse)| UserStatus { user_id, presence: glimpse.presence() };
        Ok(result::Statuses { users: glimpses.into_iter().map(status).collect() })
    }

    /// What `viewer` finds who looks at these users. Other nodes are asked only for those whom they may see.
    pub async fn glimpses(
        &self,
        viewer: &UserId,
        users: Vec<UserId>,
    ) -> Result<Vec<(UserId, Glimpse)>, Refusal> {
        let pairs = users.iter().map(|user| (user.clone(), viewer.clone())).collect();
        let shown = self.shown(pairs).await.map_err(unavailable)?;
        let seen = users.iter().zip(&shown).filter(|(_, shown)| **shown);
        let seen: Vec<UserId> = seen.map(|(user, _)| user.clone()).collect();
        let mut found = self.online.look(&seen).await.into_iter();
        let glimpse = |(user, shown)| {
            let online = if shown { found.next() } else { None };
            (user, online.map_or(Glimpse::Hidden, Glimpse::of))
        };
        Ok(users.into_iter().zip(shown).map(glimpse).collect())
    }

    /// For each of these viewers, whether a user lets them know.
    pub async fn shows_itself(&self, user: &UserId, viewers: &[UserId]) -> Result<Vec<bool>, StoreError> {
        self.shown(viewers.iter().map(|viewer| (user.clone(), viewer.clone())).collect()).await
    }

    /// Whether these users are online, for nobody's eyes: `None` when it cannot be found out.
    pub async fn look(&self, users: &[UserId]) -> Vec<Option<bool>> {
        self.online.look(users).await
    }

    /// For each pair, whether the first lets the second know.
    async fn shown(&self, pairs: Vec<(UserId, UserId)>) -> Result<Vec<bool>, StoreError> {
        let oneself: Vec<bool> = pairs.iter().map(|(user, viewer)| user == viewer).collect();
        let regards = self.store.regards(pairs).await?;
        Ok(regards.iter().zip(oneself).map(|(regard, oneself)| oneself || regard.shows_presence()).collect())
    }
}
