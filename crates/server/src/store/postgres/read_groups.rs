//! Groups and their members, without reading more members than are asked for.

use tokio_postgres::Row;
use wigwag_engine::group::Relation;
use wigwag_engine::{Board, Group};
use wigwag_protocol::group::{GroupView, Member};
use wigwag_protocol::{GroupId, UserId};

use super::connection::{About, MembersByGroup, group, int, nat, spoilt};
use super::read::{ReadResult, Reader, one_more};
use crate::store::{NamedPage, ReaderPage, ReaderRange, record, words};

/// The owner has an index of their own, and the members are counted already.
pub(crate) const VIEWS: &str = "SELECT group_id, about, created_at, member_count,
        (SELECT user_id FROM members WHERE members.group_id = groups.group_id AND role = 'owner' LIMIT 1)
    FROM groups WHERE group_id = ANY($1::text[]) ORDER BY group_id";

pub(crate) const RELATION: &str = "SELECT about, role FROM groups
    LEFT JOIN members ON members.group_id = groups.group_id AND user_id = $2 WHERE groups.group_id = $1";

const BOARD: &str = "SELECT record FROM boards WHERE group_id = $1";

pub(crate) const MEMBERS: &str = "SELECT user_id, role, joined_at FROM members
    WHERE group_id = $1 AND user_id > $2 ORDER BY user_id LIMIT $3";

const GROUPS_OF: &str =
    "SELECT group_id FROM members WHERE group_id > $1 AND user_id = $3 ORDER BY group_id LIMIT $2";

const GROUPS: &str = "SELECT group_id FROM groups WHERE group_id > $1 ORDER BY group_id LIMIT $2";

/// Everybody who has the conversation is counted by the database; only the page is read.
const READERS: &str = "WITH those AS MATERIALIZED (SELECT user_id, read_seq FROM readers
        WHERE conversation = (SELECT id FROM conversations WHERE name = $1) AND user_id <> $3)
    SELECT count(*) FILTER (WHERE read_seq < $2),
        ARRAY(SELECT user_id FROM those WHERE read_seq >= $2 AND user_id > $4 ORDER BY user_id LIMIT $5)
    FROM those";

impl Reader {
    pub(super) async fn group(&self, id: &GroupId) -> ReadResult<Option<GroupView>> {
        Ok(self.group_views(&[id.to_string()]).await?.pop())
    }

    pub(super) async fn relation(&self, group: &GroupId, user: &UserId) -> ReadResult<Option<Relation>> {
        let rows = self.rows(RELATION, &[&group.as_str(), &user.as_str()]).await?;
        Ok(rows.first().and_then(|row| self.readable("a group", group, relation(row))))
    }

    pub(super) async fn board(&self, group: &GroupId) -> ReadResult<Board> {
        let rows = self.rows(BOARD, &[&group.as_str()]).await?;
        let Some(row) = rows.first() else { return Ok(Board::default()) };
        record::read_board(row.get(0)).map_err(|error| spoilt(&error))
    }

    pub(super) async fn members(
        &self,
        group: &GroupId,
        after: Option<&UserId>,
        limit: usize,
    ) -> ReadResult<NamedPage<Member>> {
        let mut after = after.map_or_else(String::new, UserId::to_string);
        loop {
            let rows = self.rows(MEMBERS, &[&group.as_str(), &after, &one_more(limit)]).await?;
            let found = NamedPage::of(rows, limit);
            let page =
                NamedPage { rows: self.readable_members(group, &found.rows), complete: found.complete };
            match page.goes_on_behind(found) {
                Some(last) => after = last.get(0),
                None => return Ok(page),
            }
        }
    }

    pub(super) async fn members_named(&self, group: &GroupId, users: &[UserId]) -> ReadResult<Vec<Member>> {
        let names: Vec<&str> = users.iter().map(UserId::as_str).collect();
        let sql = "SELECT user_id, role, joined_at FROM members
            WHERE group_id = $1 AND user_id = ANY($2::text[]) ORDER BY user_id";
        Ok(self.readable_members(group, &self.rows(sql, &[&group.as_str(), &names]).await?))
    }

    fn readable_members(&self, group: &GroupId, rows: &[Row]) -> Vec<Member> {
        let readable = |row: &Row| {
            let key: (&GroupId, &str) = (group, row.get(0));
            self.readable("a member of a group", &key, member(row))
        };
        rows.iter().filter_map(readable).collect()
    }

    pub(super) async fn groups_of(
        &self,
        user: &UserId,
        after: Option<&GroupId>,
        limit: usize,
    ) -> ReadResult<NamedPage<GroupView>> {
        self.group_page(Some(user), after, limit).await
    }

    pub(super) async fn all_groups(
        &self,
        after: Option<&GroupId>,
        limit: usize,
    ) -> ReadResult<NamedPage<GroupView>> {
        self.group_page(None, after, limit).await
    }

    /// A user's groups, or all.
    async fn group_page(
        &self,
        user: Option<&UserId>,
        after: Option<&GroupId>,
        limit: usize,
    ) -> ReadResult<NamedPage<GroupView>> {
        let mut after = after.map_or_else(String::new, GroupId::to_string);
        loop {
            let rows = match user {
                Some(user) => self.rows(GROUPS_OF, &[&after, &one_more(limit), &user.as_str()]).await?,
                None => self.rows(GROUPS, &[&after, &one_more(limit)]).await?,
            };
            let names = NamedPage::of(rows.iter().map(|row| row.get(0)).collect::<Vec<String>>(), limit);
            let page = NamedPage { rows: self.group_views(&names.rows).await?, complete: names.complete };
            match page.goes_on_behind(names) {
                Some(last) => after = last,
                None => return Ok(page),
            }
        }
    }

    /// The groups of these names, in byte order.
    async fn group_views(&self, names: &[String]) -> ReadResult<Vec<GroupView>> {
        let found = self.rows(VIEWS, &[&names]).await?;
        let readable = |row: &Row| self.readable("a group", &row.get::<_, &str>(0), group_view(row));
        Ok(found.iter().filter_map(readable).collect())
    }

    pub(super) async fn readers(&self, range: &ReaderRange) -> ReadResult<ReaderPage> {
        let (name, after) = (range.conversation.to_string(), range.after.as_ref().map_or("", UserId::as_str));
        let (sender, limit) = (range.sender.as_str(), one_more(range.limit));
        let rows = self.rows(READERS, &[&name, &int(range.seq), &sender, &after, &limit]).await?;
        let Some(row) = rows.first() else { return Ok(ReaderPage::default()) };
        let names = NamedPage::of(row.get::<_, Vec<String>>(1), range.limit);
        let readers = names.rows.iter().filter_map(|name| self.user(name)).collect();
        Ok(ReaderPage {
            readers: NamedPage { rows: readers, complete: names.complete },
            unread: nat(row.get(0)),
        })
    }
}

/// `about, role`
fn relation(row: &Row) -> ReadResult<Relation> {
    let about: About = serde_json::from_str(row.get(0)).map_err(|error| spoilt(&error))?;
    let role = row.get::<_, Option<&str>>(1).map(words::read_role);
    Ok(Relation { join_policy: about.join_policy, role })
}

/// `user_id, role, joined_at`
fn member(row: &Row) -> ReadResult<Member> {
    let user_id = UserId::parse(row.get(0)).map_err(|error| spoilt(&error))?;
    Ok(Member { user_id, role: words::read_role(row.get(1)), joined_at: nat(row.get(2)) })
}

/// `group_id, about, created_at, member_count, owner`
fn group_view(row: &Row) -> ReadResult<GroupView> {
    let owner: Option<&str> = row.get(4);
    let owner = owner.ok_or_else(|| spoilt(&"it has no owner"))?;
    let Group { id, name, ext, join_policy, created_at, .. } = group(row, &mut MembersByGroup::new())?;
    Ok(GroupView {
        group_id: id,
        name,
        ext,
        join_policy,
        owner: UserId::parse(owner).map_err(|error| spoilt(&error))?,
        member_count: u32::try_from(row.get::<_, i64>(3)).unwrap_or(u32::MAX),
        created_at,
    })
}

#[cfg(test)]
mod tests {
    use super::super::plans::{migrated, most_rows, plan};
    use super::*;

    /// Of a group of 5,000.
    #[tokio::test]
    async fn nothing_reads_all_members_of_a_group() {
        let server = migrated().await;
        let fill = "INSERT INTO groups (group_id, about, created_at)
                SELECT 'team' || n, '{}', 1 FROM generate_series(1, 500) AS n;
             INSERT INTO members (group_id, user_id, role, joined_at)
                SELECT 'team1', 'user' || n, CASE n WHEN 1 THEN 'owner' ELSE 'member' END, 1 FROM generate_series(1, 5000) AS n;
             ANALYZE";
        server.sql("postgres", fill);
        for (query, types, values, most) in [
            (VIEWS, "text[]", "ARRAY['team1']", 1),
            (RELATION, "text, text", "'team1', 'user4000'", 1),
            (MEMBERS, "text, text, bigint", "'team1', 'user3', 21", 21),
        ] {
            let plan = plan(&server, query, types, values);
            assert!(most_rows(plan.lines()) <= most && !plan.contains("Removed by"), "{plan}");
        }
    }

    #[tokio::test]
    async fn members_are_counted_whatever_becomes_of_them() {
        let server = migrated().await;
        let counts = || server.sql("postgres", "SELECT group_id, member_count FROM groups ORDER BY group_id");
        let fill = "INSERT INTO groups (group_id, about, created_at) VALUES ('one', '', 1), ('two', '', 1);
             INSERT INTO members (group_id, user_id, role, joined_at)
                SELECT g, 'user' || n, 'member', 1 FROM generate_series(1, 50) AS n, unnest(ARRAY['one', 'two']) AS g";
        server.sql("postgres", fill);
        assert_eq!(counts().trim(), "one|50\ntwo|50");
        let change = "INSERT INTO members (group_id, user_id, role, joined_at)
                SELECT 'one', 'user' || n, 'admin', 2 FROM generate_series(49, 52) AS n
                ON CONFLICT (group_id, user_id) DO UPDATE SET role = excluded.role;
             DELETE FROM members WHERE group_id = 'two' AND joined_at = 1 AND user_id > 'user4'";
        server.sql("postgres", change);
        let left = server.sql("postgres", "SELECT count(*) FROM members WHERE group_id = 'two'");
        assert_eq!(counts().trim(), format!("one|52\ntwo|{}", left.trim()));
        assert_ne!(left.trim(), "50");
    }
}
