//! Groups and their members, without reading more members than are asked for.

use rusqlite::{OptionalExtension as _, Row, Rows};
use wigwag_engine::Board;
use wigwag_engine::group::Relation;
use wigwag_protocol::group::{GroupView, Member};
use wigwag_protocol::{GroupId, UserId};

use super::query;
use super::read::{ReadResult, Reader};
use crate::store::{NamedPage, ReaderPage, ReaderRange, bad_record, words};

/// The names are kept with the members, so that a page of a large group is a range of an index.
pub(super) const MEMBERS: &str = "SELECT name, role, joined_at FROM members INDEXED BY members_by_name
     WHERE group_row = ? AND name > ? ORDER BY name";

const RELATION: &str = "SELECT join_policy, (SELECT role FROM members JOIN users ON users.id = user
        WHERE user_id = ? AND group_row = groups.id) FROM groups WHERE group_id = ?";

const GROUPS: &str = "SELECT id FROM groups WHERE group_id > ? ORDER BY group_id";

const MEMBER: &str = "SELECT name, role, joined_at FROM members WHERE group_row = ? AND user = ?";

impl Reader<'_> {
    pub(super) fn group(&self, id: &GroupId) -> ReadResult<Option<GroupView>> {
        match query::group_row(self.connection, id)? {
            Some(row) => query::group_view(self.connection, row),
            None => Ok(None),
        }
    }

    pub(super) fn relation(&self, group: &GroupId, user: &UserId) -> ReadResult<Option<Relation>> {
        let mut statement = self.connection.prepare_cached(RELATION)?;
        let relation = |row: &Row<'_>| {
            let (policy, role): (String, Option<String>) = (row.get(0)?, row.get(1)?);
            let role = role.map(|role| words::read_role(&role));
            Ok(Relation { join_policy: words::read_join_policy(&policy), role })
        };
        Ok(statement.query_row([user.as_str(), group.as_str()], relation).optional()?)
    }

    pub(super) fn board(&self, group: &GroupId) -> ReadResult<Board> {
        match query::group_row(self.connection, group)? {
            Some(row) => query::board(self.connection, row),
            None => Ok(Board::default()),
        }
    }

    pub(super) fn members(
        &self,
        group: &GroupId,
        after: Option<&UserId>,
        limit: usize,
    ) -> ReadResult<NamedPage<Member>> {
        let Some(row) = query::group_row(self.connection, group)? else { return Ok(NamedPage::default()) };
        let mut statement = self.connection.prepare_cached(MEMBERS)?;
        let mut rows = statement.query((row, after.map_or("", UserId::as_str)))?;
        let mut members = Vec::new();
        // One more than asked for that can be read.
        while members.len() <= limit
            && let Some(row) = rows.next()?
        {
            members.extend(self.member(group, row)?);
        }
        Ok(NamedPage::of(members, limit))
    }

    pub(super) fn members_named(&self, group: &GroupId, users: &[UserId]) -> ReadResult<Vec<Member>> {
        let Some(group_row) = query::group_row(self.connection, group)? else { return Ok(Vec::new()) };
        let mut statement = self.connection.prepare_cached(MEMBER)?;
        let mut members = Vec::new();
        for user in users {
            let Some(user) = query::user_row(self.connection, user)? else { continue };
            if let Some(row) = statement.query((group_row, user))?.next()? {
                members.extend(self.member(group, row)?);
            }
        }
        members.sort_unstable_by(|one, other| one.user_id.cmp(&other.user_id));
        members.dedup();
        Ok(members)
    }

    /// `name, role, joined_at`
    fn member(&self, group: &GroupId, row: &Row<'_>) -> ReadResult<Option<Member>> {
        let name: String = row.get(0)?;
        let read = UserId::parse(&name).map_err(|error| bad_record(&error));
        let user_id = self.readable("a member of a group", &(group, &name), read)?;
        let (role, joined_at) = (words::read_role(&row.get::<_, String>(1)?), row.get(2)?);
        Ok(user_id.map(|user_id| Member { user_id, role, joined_at }))
    }

    pub(super) fn groups_of(
        &self,
        user: &UserId,
        after: Option<&GroupId>,
        limit: usize,
    ) -> ReadResult<NamedPage<GroupView>> {
        let Some(row) = query::user_row(self.connection, user)? else { return Ok(NamedPage::default()) };
        let mut statement = self.connection.prepare_cached(
            "SELECT groups.id FROM members JOIN groups ON groups.id = group_row
             WHERE user = ? AND group_id > ? ORDER BY group_id",
        )?;
        self.group_page(statement.query((row, after.map_or("", GroupId::as_str)))?, limit)
    }

    pub(super) fn all_groups(
        &self,
        after: Option<&GroupId>,
        limit: usize,
    ) -> ReadResult<NamedPage<GroupView>> {
        let mut statement = self.connection.prepare_cached(GROUPS)?;
        self.group_page(statement.query([after.map_or("", GroupId::as_str)])?, limit)
    }

    /// `groups.id`
    fn group_page(&self, mut rows: Rows<'_>, limit: usize) -> ReadResult<NamedPage<GroupView>> {
        let mut groups = Vec::new();
        // One more than asked for that can be read.
        while groups.len() <= limit
            && let Some(row) = rows.next()?
        {
            let group: i64 = row.get(0)?;
            let read = query::group_view(self.connection, group);
            groups.extend(self.readable("a group", &group, read)?.flatten());
        }
        Ok(NamedPage::of(groups, limit))
    }
}

/// Readers of messages.
impl Reader<'_> {
    /// Everybody who has the conversation is counted by the database; only the page is read.
    pub(super) fn readers(&self, range: &ReaderRange) -> ReadResult<ReaderPage> {
        let _snapshot = self.connection.unchecked_transaction()?;
        let Some(row) = query::conversation_row(self.connection, &range.conversation)? else {
            return Ok(ReaderPage::default());
        };
        let sender = query::user_row(self.connection, &range.sender)?.unwrap_or(0);
        let seq = query::int(range.seq);
        let mut statement = self.connection.prepare_cached(
            "SELECT count(*) FROM readers WHERE conversation = ? AND user <> ? AND read_seq < ?",
        )?;
        let unread = statement.query_row((row, sender, seq), |row| row.get(0))?;
        let mut statement = self.connection.prepare_cached(
            "SELECT user_id FROM readers JOIN users ON users.id = readers.user
             WHERE conversation = ? AND user <> ? AND read_seq >= ? AND user_id > ? ORDER BY user_id",
        )?;
        let after = range.after.as_ref().map_or("", UserId::as_str);
        let users = self.users(statement.query((row, sender, seq, after))?, range.limit.saturating_add(1))?;
        Ok(ReaderPage { readers: NamedPage::of(users, range.limit), unread })
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::{Connection, Params, StatementStatus};

    use super::super::schema;
    use super::*;

    /// A group of 5,000, which the first of them owns.
    fn filled() -> Connection {
        let mut connection = Connection::open_in_memory().unwrap();
        schema::migrate(&mut connection).unwrap();
        let fill = "WITH RECURSIVE all_users (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM all_users WHERE n < 5000)
                INSERT INTO users (id, user_id, created_at) SELECT n, 'user' || n, 1 FROM all_users;
            INSERT INTO groups (id, group_id, name, ext, join_policy, created_at) VALUES (1, 'team', 'Team', '', 'free', 1);
            INSERT INTO members (group_row, user, name, role, joined_at)
                SELECT 1, id, user_id, iif(id = 1, 'owner', 'member'), 1 FROM users;
            ANALYZE";
        connection.execute_batch(fill).unwrap();
        connection
    }

    /// How many steps of SQLite's machine the first rows cost.
    fn steps(connection: &Connection, sql: &str, params: impl Params, rows: usize) -> i32 {
        let mut statement = connection.prepare(sql).unwrap();
        let mut found = statement.query(params).unwrap();
        for _ in 0..rows {
            assert!(found.next().unwrap().is_some(), "{sql}");
        }
        drop(found);
        statement.get_status(StatementStatus::VmStep)
    }

    /// All members would be tens of thousands of steps.
    #[test]
    fn nothing_steps_through_all_members() {
        let connection = filled();
        assert_eq!(query::group_view(&connection, 1).unwrap().unwrap().member_count, 5_000);
        assert!(steps(&connection, query::GROUP_VIEW, [1], 1) < 100);
        assert!(steps(&connection, RELATION, ["user4000", "team"], 1) < 100);
        assert!(steps(&connection, MEMBER, [1, 4_000], 1) < 100);
        assert!(steps(&connection, MEMBERS, (1, "user3"), 21) < 500);
    }

    #[test]
    fn members_are_counted_whatever_becomes_of_them() {
        let connection = filled();
        let count = || query::group_view(&connection, 1).unwrap().unwrap().member_count;
        connection.execute("DELETE FROM members WHERE user > 4990", []).unwrap();
        assert_eq!(count(), 4_990);
        let again =
            "INSERT INTO members (group_row, user, name, role, joined_at) VALUES (1, ?, 'user', 'admin', 2)
            ON CONFLICT (group_row, user) DO UPDATE SET role = excluded.role";
        for (user, members) in [(4_990, 4_990), (4_991, 4_991)] {
            connection.execute(again, [user]).unwrap();
            assert_eq!(count(), members);
        }
    }
}
