//! Users, for those who look after them.

use std::collections::HashMap;

use tokio_postgres::Row;
use wigwag_protocol::UserId;
use wigwag_protocol::quiet::Quiet;

use super::connection::{int, nat, spoilt};
use super::read::{PAGE, ReadResult, Reader, one_more};
use crate::store::{Counted, KnownUser, NamedPage, record, words};

const ONE: &str = "SELECT user_id, profile, reach_ring, reach_add, disabled_since, status FROM users
    WHERE user_id = $1 AND deleted_at IS NULL";

/// In the order of [`Counted`]. Somebody is in each running call.
const COUNTS: &str = "SELECT (SELECT count(*) FROM users WHERE deleted_at IS NULL),
    (SELECT count(*) FROM users WHERE disabled_since IS NOT NULL AND deleted_at IS NULL),
    (SELECT count(*) FROM push_tokens), (SELECT count(*) FROM groups), (SELECT count(DISTINCT invite_id) FROM pending),
    (SELECT count(DISTINCT call_id) FROM in_calls), (SELECT count(*) FROM in_calls)";

/// A page with one row more, without what comes behind its bytes.
const USERS: &str = "SELECT user_id, profile, reach_ring, reach_add, disabled_since, status, found FROM (
        SELECT *, count(*) OVER () AS found, sum(octet_length(profile))
            OVER (ORDER BY user_id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS bytes_before
        FROM (SELECT user_id, profile, reach_ring, reach_add, disabled_since, status FROM users
            WHERE user_id > $1 AND deleted_at IS NULL ORDER BY user_id LIMIT $2) AS page) AS counted
    WHERE coalesce(bytes_before, 0) < $3 ORDER BY user_id";

impl Reader {
    pub(super) async fn known_user(&self, user: &UserId) -> ReadResult<Option<KnownUser>> {
        let rows = self.rows(ONE, &[&user.as_str()]).await?;
        rows.first().map(known).transpose()
    }

    pub(super) async fn counted(&self) -> ReadResult<Counted> {
        let rows = self.rows(COUNTS, &[]).await?;
        let row = rows.first().ok_or_else(|| spoilt(&"a count has no row"))?;
        let [users, disabled_users, push_devices, groups, open_invitations, running_calls, users_in_calls] =
            [0, 1, 2, 3, 4, 5, 6].map(|column| nat(row.get(column)));
        Ok(Counted {
            users,
            disabled_users,
            push_devices,
            groups,
            open_invitations,
            running_calls,
            users_in_calls,
        })
    }

    pub(super) async fn quiet(&self, user: &UserId) -> ReadResult<Quiet> {
        let sql = "SELECT quiet FROM users WHERE user_id = $1 AND deleted_at IS NULL";
        let rows = self.rows(sql, &[&user.as_str()]).await?;
        let record: Option<&str> = rows.first().and_then(|row| row.get(0));
        record::read_quiet(record).map_err(|error| spoilt(&error))
    }

    pub(super) async fn known_users(
        &self,
        after: Option<&UserId>,
        limit: usize,
    ) -> ReadResult<NamedPage<KnownUser>> {
        let mut after = after.map_or_else(String::new, UserId::to_string);
        loop {
            let found = self.rows(USERS, &[&after, &one_more(limit), &PAGE]).await?;
            let looked_at = found.len().min(limit);
            let (shown, _) = found.split_at(looked_at);
            let all = found.first().map_or(0, |row| row.get::<_, i64>(6));
            let complete = usize::try_from(all).is_ok_and(|all| all == looked_at);
            let readable = |row: &Row| self.readable("a user", &row.get::<_, &str>(0), known(row));
            let rows: Vec<KnownUser> = shown.iter().filter_map(readable).collect();
            match shown.last() {
                Some(last) if rows.is_empty() && !complete => after = last.get(0),
                Some(_) | None => return Ok(NamedPage { rows, complete }),
            }
        }
    }

    pub(super) async fn statuses(&self, users: &[UserId]) -> ReadResult<HashMap<UserId, String>> {
        let names: Vec<&str> = users.iter().map(UserId::as_str).collect();
        let sql = "SELECT user_id, status FROM users WHERE user_id = ANY($1::text[]) AND status <> ''";
        let rows = self.rows(sql, &[&names]).await?;
        Ok(rows.iter().filter_map(|row| Some((self.user(row.get(0))?, row.get(1)))).collect())
    }

    pub(super) async fn users_with_status(&self) -> ReadResult<Vec<UserId>> {
        Ok(self.users(&self.rows("SELECT user_id FROM users WHERE status <> ''", &[]).await?))
    }

    /// Deleted users are among them: their sessions end in the same way.
    pub(super) async fn disabled_users(&self, since: u64) -> ReadResult<Vec<UserId>> {
        let sql = "SELECT user_id FROM users WHERE disabled_since >= $1";
        Ok(self.users(&self.rows(sql, &[&int(since)]).await?))
    }
}

/// `user_id, profile, reach_ring, reach_add, disabled_since, status`
fn known(row: &Row) -> ReadResult<KnownUser> {
    Ok(KnownUser {
        profile: serde_json::from_str(row.get(1)).map_err(|error| spoilt(&error))?,
        reach: words::read_reach(row.get(2), row.get(3)),
        disabled_since: row.get::<_, Option<i64>>(4).map(nat),
        status: row.get(5),
    })
}
