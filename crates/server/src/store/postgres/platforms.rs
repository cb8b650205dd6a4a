//! How far users were told on each platform.

use wigwag_protocol::{Platform, UserId};

use super::connection::{int, nat};
use super::read::{ReadResult, Reader};
use crate::store::KeptPlace;

impl Reader {
    pub(super) async fn kept_place(&self, user: &UserId, platform: Platform) -> ReadResult<Option<u64>> {
        let sql = "SELECT cursor FROM platform_cursors WHERE user_id = $1 AND platform = $2";
        let rows = self.rows(sql, &[&user.as_str(), &i16::from(platform.number())]).await?;
        Ok(rows.first().map(|row| nat(row.get(0))))
    }

    /// Twice does no harm. In the order of the names, so that two nodes do not wait for each other.
    pub(super) async fn keep_places(&self, places: &[KeptPlace]) -> ReadResult<()> {
        let mut places: Vec<&KeptPlace> = places.iter().collect();
        places.sort_unstable_by(|one, other| (&one.user, one.platform).cmp(&(&other.user, other.platform)));
        let users: Vec<&str> = places.iter().map(|place| place.user.as_str()).collect();
        let platforms: Vec<i16> = places.iter().map(|place| i16::from(place.platform.number())).collect();
        let cursors: Vec<i64> = places.iter().map(|place| int(place.cursor)).collect();
        let sql = "INSERT INTO platform_cursors AS kept (user_id, platform, cursor)
            SELECT given.* FROM unnest($1::text[], $2::smallint[], $3::bigint[]) AS given (user_id, platform, cursor)
            WHERE EXISTS (SELECT 1 FROM users WHERE users.user_id = given.user_id AND deleted_at IS NULL)
            ON CONFLICT (user_id, platform) DO UPDATE SET cursor = greatest(kept.cursor, excluded.cursor)";
        self.rows(sql, &[&users, &platforms, &cursors]).await.map(drop)
    }
}
