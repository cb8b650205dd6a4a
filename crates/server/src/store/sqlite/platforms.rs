//! How far users were told on each platform.

use rusqlite::{Connection, OptionalExtension};
use wigwag_protocol::{Platform, UserId};

use super::read::Reader;
use crate::store::{KeptPlace, StoreError};

impl Reader<'_> {
    pub(super) fn kept_place(&self, user: &UserId, platform: Platform) -> Result<Option<u64>, StoreError> {
        let sql = "SELECT cursor FROM platform_cursors JOIN users ON users.id = user WHERE user_id = ? AND platform = ?";
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(statement.query_row((user.as_str(), platform.number()), |row| row.get(0)).optional()?)
    }
}

/// Writes places, in the transaction that is open.
pub(super) fn keep(connection: &Connection, places: &[KeptPlace]) -> Result<(), StoreError> {
    let sql = "INSERT INTO platform_cursors (user, platform, cursor) SELECT id, ?2, ?3 FROM users
        WHERE user_id = ?1 AND deleted_at IS NULL
        ON CONFLICT (user, platform) DO UPDATE SET cursor = max(cursor, excluded.cursor)";
    let mut statement = connection.prepare_cached(sql)?;
    for KeptPlace { user, platform, cursor } in places {
        statement.execute((user.as_str(), platform.number(), *cursor))?;
    }
    Ok(())
}
