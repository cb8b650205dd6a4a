//! What a session reads of its user's stream: where it begins and ends, what it holds, and what is open beside it.

use wigwag_protocol::UserId;

use super::Door;
use crate::store::{OpenPage, OpenRange, StoreError, StreamBounds, StreamPage};

impl Door {
    /// The bounds of a user's stream; `None` when the user is not registered.
    pub async fn stream_bounds(&self, user: &UserId) -> Result<Option<StreamBounds>, StoreError> {
        self.store.stream_bounds(user).await
    }

    /// Events after a cursor, at most `limit`.
    pub async fn events_after(
        &self,
        user: &UserId,
        cursor: u64,
        limit: usize,
    ) -> Result<StreamPage, StoreError> {
        self.store.events_after(user, cursor, limit).await
    }

    /// The first page of the open invitations the user has to do with, oldest first.
    pub async fn open_invitations(&self, user: &UserId) -> Result<OpenPage, StoreError> {
        self.store.open_invitations(user, OpenRange::first()).await
    }
}
