//! Users, for those who look after them.

use std::collections::HashMap;

use rusqlite::{OptionalExtension as _, Row};
use wigwag_protocol::UserId;
use wigwag_protocol::group::Profile;
use wigwag_protocol::quiet::Quiet;

use super::read::{ReadResult, Reader};
use crate::store::{Counted, KnownUser, NamedPage, PageBytes, bad_record, record, words};

impl Reader<'_> {
    pub(super) fn known_user(&self, user: &UserId) -> ReadResult<Option<KnownUser>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT user_id, nickname, face_url, ext, reach_ring, reach_add, disabled_since, status FROM users
             WHERE user_id = ? AND deleted_at IS NULL",
        )?;
        statement.query_row([user.as_str()], |row| Ok(known(row))).optional()?.transpose()
    }

    pub(super) fn quiet(&self, user: &UserId) -> ReadResult<Quiet> {
        let sql = "SELECT quiet FROM users WHERE user_id = ? AND deleted_at IS NULL";
        let mut statement = self.connection.prepare_cached(sql)?;
        let record: Option<Option<String>> =
            statement.query_row([user.as_str()], |row| row.get(0)).optional()?;
        record::read_quiet(record.flatten().as_deref())
    }

    pub(super) fn known_users(
        &self,
        after: Option<&UserId>,
        limit: usize,
    ) -> ReadResult<NamedPage<KnownUser>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT user_id, nickname, face_url, ext, reach_ring, reach_add, disabled_since, status FROM users
             WHERE user_id > ? AND deleted_at IS NULL ORDER BY user_id",
        )?;
        let mut found = statement.query([after.map_or("", UserId::as_str)])?;
        let (mut rows, mut bytes) = (Vec::new(), PageBytes::default());
        while let Some(row) = found.next()? {
            if rows.len() >= limit || bytes.is_full() {
                return Ok(NamedPage { rows, complete: false });
            }
            let name: String = row.get(0)?;
            if let Some(user) = self.readable("a user", &name, known(row))? {
                bytes.add(user.bytes());
                rows.push(user);
            }
        }
        Ok(NamedPage { rows, complete: true })
    }

    pub(super) fn statuses(&self, users: &[UserId]) -> ReadResult<HashMap<UserId, String>> {
        let sql = "SELECT status FROM users WHERE user_id = ? AND status <> ''";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut statuses = HashMap::new();
        for user in users {
            let status = statement.query_row([user.as_str()], |row| row.get(0)).optional()?;
            statuses.extend(status.map(|status| (user.clone(), status)));
        }
        Ok(statuses)
    }

    /// Deleted users are among them: their sessions end in the same way.
    pub(super) fn disabled_users(&self, since: u64) -> ReadResult<Vec<UserId>> {
        let sql = "SELECT user_id FROM users WHERE disabled_since >= ?";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut found = statement.query([since])?;
        let mut users = Vec::new();
        while let Some(row) = found.next()? {
            let name: String = row.get(0)?;
            let read = UserId::parse(&name).map_err(|error| bad_record(&error));
            users.extend(self.readable("a user", &name, read)?);
        }
        Ok(users)
    }
}

pub(super) fn users_with_status(reader: &Reader<'_>) -> ReadResult<Vec<UserId>> {
    let sql = "SELECT user_id FROM users WHERE status <> ''";
    let mut statement = reader.connection.prepare_cached(sql)?;
    reader.users(statement.query([])?, usize::MAX)
}

/// Who is in calls is known in memory.
pub(super) fn counted(reader: &Reader<'_>) -> ReadResult<Counted> {
    let sql = "SELECT (SELECT count(*) FROM users WHERE deleted_at IS NULL),
        (SELECT count(*) FROM users WHERE disabled_since IS NOT NULL AND deleted_at IS NULL),
        (SELECT count(*) FROM push_tokens), (SELECT count(*) FROM groups), (SELECT count(*) FROM open_invitations),
        (SELECT count(*) FROM running_calls)";
    let mut statement = reader.connection.prepare_cached(sql)?;
    let users_in_calls = reader.shared.calls.read().people().len() as u64;
    Ok(statement.query_row([], |row| {
        Ok(Counted {
            users: row.get(0)?,
            disabled_users: row.get(1)?,
            push_devices: row.get(2)?,
            groups: row.get(3)?,
            open_invitations: row.get(4)?,
            running_calls: row.get(5)?,
            users_in_calls,
        })
    })?)
}

/// `user_id, nickname, face_url, ext, reach_ring, reach_add, disabled_since, status`
fn known(row: &Row<'_>) -> ReadResult<KnownUser> {
    let (name, ring, add): (String, String, String) = (row.get(0)?, row.get(4)?, row.get(5)?);
    let user_id = UserId::parse(&name).map_err(|error| bad_record(&error))?;
    Ok(KnownUser {
        profile: Profile { user_id, nickname: row.get(1)?, face_url: row.get(2)?, ext: row.get(3)? },
        reach: words::read_reach(&ring, &add),
        disabled_since: row.get(6)?,
        status: row.get(7)?,
    })
}
