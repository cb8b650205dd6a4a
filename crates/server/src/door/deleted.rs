//! What a user has deleted of a conversation is not in its history for them.

use wigwag_protocol::UserId;
use wigwag_protocol::params::Direction;

use super::Door;
use crate::store::{HistoryPage, HistoryRange, StoreError};

impl Door {
    /// A page of a conversation as its user may see it.
    pub(super) async fn history_left(
        &self,
        user: &UserId,
        range: HistoryRange,
    ) -> Result<HistoryPage, StoreError> {
        let deleted = self.store.deleted_up_to(user, &range.conversation).await?;
        if is_all_deleted(&range, deleted) {
            return Ok(HistoryPage { messages: Vec::new(), complete: true });
        }
        let direction = range.direction;
        let page = self.store.history(begun_behind(range, deleted)).await?;
        Ok(without_deleted(page, direction, deleted))
    }
}

/// Whether nothing is left in the direction that is read.
fn is_all_deleted(range: &HistoryRange, deleted: u64) -> bool {
    range.direction == Direction::Older && range.from_seq.is_some_and(|from| from <= deleted)
}

/// A page towards newer messages begins with what is left.
fn begun_behind(range: HistoryRange, deleted: u64) -> HistoryRange {
    match range.direction {
        Direction::Older => range,
        Direction::Newer => {
            HistoryRange { from_seq: Some(range.from_seq.unwrap_or(0).max(deleted + 1)), ..range }
        }
    }
}

/// A page towards older messages ends before those that are deleted.
fn without_deleted(mut page: HistoryPage, direction: Direction, deleted: u64) -> HistoryPage {
    if direction == Direction::Older && deleted > 0 {
        page.complete |=
            page.messages.iter().any(|message| message.seq.is_some_and(|seq| seq <= deleted + 1));
        page.messages.retain(|message| message.seq.is_none_or(|seq| seq > deleted));
    }
    page
}
