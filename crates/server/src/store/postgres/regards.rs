//! What users have to do with each other.

use tokio_postgres::Row;
use wigwag_engine::ConversationId;
use wigwag_engine::conversation::Writers;
use wigwag_engine::ledger::MOST_FAMILIAR_GROUPS;
use wigwag_engine::presence::Regard;
use wigwag_protocol::UserId;

use super::connection::int;
use super::read::{ReadResult, Reader};

/// For each pair, in their order: whether the first blocks the second, who has written in their conversation, and whether a group that is
/// familiar to the first has the second in it, and whether the first was deleted. Of the first one's groups, those that they came to last are enough to look through, as for
/// the rules.
pub(super) const REGARDS: &str = "SELECT EXISTS (SELECT 1 FROM blocks WHERE by_user = u AND target = w),
        coalesce((SELECT writers FROM conversations WHERE name = n), 0::smallint),
        EXISTS (SELECT 1 FROM (SELECT group_id FROM members
                WHERE user_id = u AND familiar ORDER BY joined_at DESC LIMIT $4) AS own
            JOIN members AS other ON other.group_id = own.group_id AND other.user_id = w),
        EXISTS (SELECT 1 FROM users WHERE user_id = u AND deleted_at IS NOT NULL)
    FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY AS wanted (u, w, n, place) ORDER BY place";

impl Reader {
    pub(super) async fn regards(&self, pairs: &[(UserId, UserId)]) -> ReadResult<Vec<Regard>> {
        let (of, with): (Vec<&str>, Vec<&str>) =
            pairs.iter().map(|(of, with)| (of.as_str(), with.as_str())).unzip();
        let names: Vec<String> =
            pairs.iter().map(|(of, with)| ConversationId::between(of, with).to_string()).collect();
        let familiar = int(MOST_FAMILIAR_GROUPS as u64);
        let rows = self.rows(REGARDS, &[&of, &with, &names, &familiar]).await?;
        let regard = |(row, (of, with)): (&Row, &(UserId, UserId))| {
            if row.get(3) {
                return Regard::default();
            }
            let writers = Writers::of_bits(u8::try_from(row.get::<_, i16>(1)).unwrap_or_default());
            let has_written = writers.contain(Writers::only(of, with));
            Regard { blocks: row.get(0), knows: has_written || row.get(2) }
        };
        Ok(rows.iter().zip(pairs).map(regard).collect())
    }
}
