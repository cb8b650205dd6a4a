//! What users have to do with each other.

use wigwag_engine::ConversationId;
use wigwag_engine::conversation::Writers;
use wigwag_engine::presence::Regard;
use wigwag_protocol::UserId;

use super::query;
use super::read::{ReadResult, Reader};

impl Reader<'_> {
    pub(super) fn regards(&self, pairs: &[(UserId, UserId)]) -> ReadResult<Vec<Regard>> {
        pairs.iter().map(|(of, with)| self.regard(of, with)).collect()
    }

    fn regard(&self, of: &UserId, with: &UserId) -> ReadResult<Regard> {
        let rows = query::user_row(self.connection, of)?.zip(query::user_row(self.connection, with)?);
        let Some(rows) = rows else { return Ok(Regard::default()) };
        if query::deleted_at(self.connection, rows.0)?.is_some() {
            return Ok(Regard::default());
        }
        let sql = "SELECT 1 FROM blocks WHERE by_user = ? AND target = ?";
        let blocks = self.connection.prepare_cached(sql)?.exists(rows)?;
        let has_written = match query::conversation_row(self.connection, &ConversationId::between(of, with))?
        {
            Some(row) => query::writers(self.connection, row)?.contain(Writers::only(of, with)),
            None => false,
        };
        let knows = has_written || !query::shared_groups(self.connection, rows.0, rows.1)?.is_empty();
        Ok(Regard { blocks, knows })
    }
}
