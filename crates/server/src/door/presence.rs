//! Whether users are online and what they say of themselves, for those who may know it (docs/semantics.md, "Who may see who is online").

use std::collections::HashMap;
use std::sync::Arc;

use wigwag_protocol::presence::{Presence, UserStatus};
use wigwag_protocol::{UserId, result};
use wigwag_session::refused::Refusal;

use super::Door;
use super::query::unavailable;
use crate::store::StoreError;

/// How a user is to one who may see it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Seen {
    /// Whether they are online.
    pub presence: Presence,
    /// What they say of themselves.
    pub status: Option<Arc<str>>,
}

impl Seen {
    /// What is told of that user.
    pub fn told_of(self, user_id: UserId) -> UserStatus {
        let Self { presence, status } = self;
        UserStatus { user_id, presence, status: status.map(|status| status.to_string()) }
    }
}

/// What somebody finds who looks at a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Glimpse {
    /// They may not know it.
    Hidden,
    /// It could not be found out.
    Unanswered,
    /// The user is online, and perhaps says something.
    Online(Option<Arc<str>>),
    /// The user is not.
    Offline,
}

impl Glimpse {
    /// How the user is to them.
    pub fn seen(self) -> Seen {
        match self {
            Self::Hidden | Self::Unanswered => Seen::default(),
            Self::Online(status) => Seen { presence: Presence::Online, status },
            Self::Offline => Seen { presence: Presence::Offline, status: None },
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
        let status = |(user_id, glimpse): (UserId, Glimpse)| glimpse.seen().told_of(user_id);
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
        let mut found = self.look(&seen).await.into_iter();
        let glimpse = |(user, shown)| {
            let found = if shown { found.next() } else { None };
            (user, found.unwrap_or(Glimpse::Hidden))
        };
        Ok(users.into_iter().zip(shown).map(glimpse).collect())
    }

    /// For each of these viewers, whether a user lets them know.
    pub async fn shows_itself(&self, user: &UserId, viewers: &[UserId]) -> Result<Vec<bool>, StoreError> {
        self.shown(viewers.iter().map(|viewer| (user.clone(), viewer.clone())).collect()).await
    }

    /// How these users are, for nobody's eyes. The store is asked what those say who are online.
    pub async fn look(&self, users: &[UserId]) -> Vec<Glimpse> {
        let found = self.online.look(users).await;
        let online = users.iter().zip(&found).filter(|(_, online)| **online == Some(true));
        let mut statuses = self.statuses_of(online.map(|(user, _)| user.clone()).collect()).await;
        let glimpse = |(user, online)| match (online, &mut statuses) {
            (Some(true), Ok(statuses)) => Glimpse::Online(statuses.remove(user).map(Arc::from)),
            (Some(false), _) => Glimpse::Offline,
            (Some(true), Err(_)) | (None, _) => Glimpse::Unanswered,
        };
        users.iter().zip(found).map(glimpse).collect()
    }

    async fn statuses_of(&self, users: Vec<UserId>) -> Result<HashMap<UserId, String>, StoreError> {
        if users.is_empty() { Ok(HashMap::new()) } else { self.store.statuses(&users).await }
    }

    /// For each pair, whether the first lets the second know.
    async fn shown(&self, pairs: Vec<(UserId, UserId)>) -> Result<Vec<bool>, StoreError> {
        let oneself: Vec<bool> = pairs.iter().map(|(user, viewer)| user == viewer).collect();
        let regards = self.store.regards(pairs).await?;
        Ok(regards.iter().zip(oneself).map(|(regard, oneself)| oneself || regard.shows_presence()).collect())
    }
}
