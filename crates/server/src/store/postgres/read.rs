//! Queries that only read. They take no locks; each method sees what was committed when it began.

use std::collections::HashMap;
use std::sync::Arc;

use deadpool_postgres::Object;
use tokio_postgres::Row;
use uuid::Uuid;
use wigwag_engine::decision::InvitationMark;
use wigwag_engine::{Due, Invitation};
use wigwag_protocol::group::{Profile, Reach};
use wigwag_protocol::message::Message;
use wigwag_protocol::params::Direction;
use wigwag_protocol::{InviteId, UserId};

use super::connection::{Param, Trouble, int, nat, spoilt};
use crate::store::shared::NodeId;
use crate::store::unreadable::{self, UnreadableEvent};
use crate::store::{
    Admission, HistoryPage, HistoryRange, NamedPage, OpenPage, OpenPlace, OpenRange, PAGE_BYTES,
    STREAM_PAGE_BYTES, StoreError, StoredEvent, StreamBounds, StreamPage, bad_record, record, words,
};
use crate::telemetry::Metrics;

/// [`PAGE_BYTES`], as the database counts.
pub(super) const PAGE: i64 = PAGE_BYTES as i64;

/// A page of the open invitations of a user and of their groups. Of each index it reads a page of names from where the page begins, and of
/// the records those of the page alone.
pub(crate) const OPEN: &str = "WITH open AS (
        (SELECT created_at, invite_id FROM invitations
            WHERE due_at IS NOT NULL AND group_id IS NULL AND inviter = $1 AND (created_at, invite_id) > ($2, $3)
            ORDER BY group_id, created_at, invite_id LIMIT $4)
        UNION ALL
        (SELECT created_at, invite_id FROM invitations
            WHERE due_at IS NOT NULL AND invitee = $1 AND (created_at, invite_id) > ($2, $3)
            ORDER BY created_at, invite_id LIMIT $4)
        UNION ALL
        SELECT created_at, invite_id FROM members CROSS JOIN LATERAL (
            SELECT created_at, invite_id FROM invitations
            WHERE due_at IS NOT NULL AND group_id = members.group_id AND (created_at, invite_id) > ($2, $3)
            ORDER BY created_at, invite_id LIMIT $4) AS in_group
        WHERE user_id = $1),
    page AS MATERIALIZED (SELECT * FROM open ORDER BY created_at, invite_id LIMIT $4),
    measured AS (SELECT page.created_at, page.invite_id, terms, course,
        octet_length(terms) + coalesce(octet_length(course), 0) AS bytes FROM page JOIN invitations USING (invite_id))
    SELECT terms, course, found, created_at, invite_id FROM (SELECT *, count(*) OVER () AS found,
        sum(bytes) OVER (ORDER BY created_at, invite_id) - bytes AS before FROM measured) AS summed
    WHERE before < $5 ORDER BY created_at, invite_id";

/// One more row than asked for tells whether something is left.
pub(super) fn one_more(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1)
}

/// A connection of the pool that reads.
pub(super) struct Reader {
    pub(super) connection: Object,
    pub(super) metrics: Arc<Metrics>,
}

pub(super) type ReadResult<T> = Result<T, Trouble>;

impl Reader {
    pub(super) async fn rows(&self, sql: &str, params: &[Param<'_>]) -> ReadResult<Vec<Row>> {
        let statement = self.connection.prepare_cached(sql).await?;
        Ok(self.connection.query(&statement, params).await?)
    }

    /// What was read; nothing, with a line in the log, when it cannot be.
    pub(super) fn readable<T>(
        &self,
        what: &str,
        key: &dyn std::fmt::Debug,
        read: ReadResult<T>,
    ) -> Option<T> {
        match read {
            Ok(read) => Some(read),
            Err(trouble) => {
                unreadable::left_out(what, key, &StoreError::from(trouble), &self.metrics);
                None
            }
        }
    }
}

/// Streams.
impl Reader {
    pub(super) async fn stream_bounds(&self, user: &UserId) -> ReadResult<Option<StreamBounds>> {
        let sql = "SELECT stream_floor, head, disabled_since IS NOT NULL, deleted_at IS NOT NULL
            FROM users WHERE user_id = $1";
        let rows = self.rows(sql, &[&user.as_str()]).await?;
        let bounds = |row: &Row| StreamBounds {
            floor: nat(row.get(0)),
            head: nat(row.get(1)),
            admission: Admission::of(row.get(2), row.get(3)),
        };
        Ok(rows.first().map(bounds))
    }

    pub(super) async fn events_after(
        &self,
        user: &UserId,
        cursor: u64,
        limit: usize,
    ) -> ReadResult<Result<StreamPage, StoreError>> {
        let sql = "SELECT * FROM (SELECT cursor, time, body, actor, events.invite_id, version, terms, course, page.event,
                count(*) OVER () AS places, sum(octet_length(body))
                    OVER (ORDER BY cursor ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS bytes_before
            FROM (SELECT cursor, event FROM streams WHERE user_id = $1 AND cursor > $2 ORDER BY cursor LIMIT $3) AS page
            LEFT JOIN events ON events.id = page.event
            LEFT JOIN invitations ON invitations.invite_id = events.invite_id AND version = 1) AS measured
            WHERE bytes_before IS NULL OR bytes_before < $4 ORDER BY cursor";
        let limited = i64::try_from(limit).unwrap_or(i64::MAX);
        let bytes = i64::try_from(STREAM_PAGE_BYTES).unwrap_or(i64::MAX);
        let rows = self.rows(sql, &[&user.as_str(), &int(cursor), &limited, &bytes]).await?;
        let mut events = Vec::with_capacity(rows.len());
        for row in &rows {
            match stored_event(row, user) {
                Ok(event) => events.push(event),
                Err(why) => {
                    let (cursor, event) = (nat(row.get(0)), row.get::<_, Uuid>(8));
                    let unreadable = UnreadableEvent { user, cursor, event: &event, why: &why };
                    return Ok(unreadable.ends(events, &self.metrics));
                }
            }
        }
        let through = rows.last().map_or(cursor, |row| nat(row.get(0)));
        let is_whole =
            rows.first().is_none_or(|row| row.get::<_, i64>(9) == i64::try_from(rows.len()).unwrap_or(0));
        Ok(Ok(StreamPage { events, through, complete: is_whole && rows.len() < limit }))
    }
}

/// `cursor, time, body, actor, invite_id, version, terms, course, …`. Retention drops places with their events, so a place
/// without its event is damage.
fn stored_event(row: &Row, user: &UserId) -> Result<StoredEvent, StoreError> {
    let Some(time) = row.get::<_, Option<i64>>(1) else {
        return Err(bad_record(&"it has a place and is not there"));
    };
    record::check_body(row.get(2))?;
    let terms: Option<&str> = row.get(6);
    let invitation = terms.map(|terms| record::read(terms, row.get(7))).transpose()?;
    Ok(StoredEvent {
        cursor: nat(row.get(0)),
        time: nat(time),
        body: row.get(2),
        by_self: row.get::<_, Option<&str>>(3) == Some(user.as_str()),
        invitation: mark(row, invitation.as_ref().and_then(Invitation::rings_until))?,
        is_quiet: invitation.as_ref().is_some_and(|invitation| invitation.is_quiet_for(user)),
        rings_in_vain: invitation.is_some_and(|invitation| invitation.is_over_for(user)),
    })
}

fn mark(row: &Row, deadline: Option<u64>) -> Result<Option<InvitationMark>, StoreError> {
    let (id, version): (Option<&str>, Option<i32>) = (row.get(4), row.get(5));
    let Some((id, version)) = id.zip(version) else { return Ok(None) };
    let id = InviteId::parse(id).map_err(|error| bad_record(&error))?;
    Ok(Some(InvitationMark { id, version: u32::try_from(version).unwrap_or(0), deadline }))
}

/// Invitations.
impl Reader {
    pub(super) async fn invitation(&self, id: &InviteId) -> ReadResult<Option<Arc<Invitation>>> {
        let rows =
            self.rows("SELECT terms, course FROM invitations WHERE invite_id = $1", &[&id.as_str()]).await?;
        rows.first().map(invitation).transpose()
    }

    /// Of invitations in groups, only those of the user's groups are selected. An invitee who left the group is told
    /// nothing more, so the group's members are all who can be told.
    pub(super) async fn open_invitations_of(&self, user: &UserId, limit: usize) -> ReadResult<Vec<InviteId>> {
        let sql = "SELECT invite_id FROM invitations WHERE due_at IS NOT NULL AND inviter = $1
            UNION SELECT invite_id FROM pending JOIN invitations USING (invite_id)
                WHERE pending.invitee = $1 AND due_at IS NOT NULL
            LIMIT $2";
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let rows = self.rows(sql, &[&user.as_str(), &limit]).await?;
        let id = |row: &Row| InviteId::parse(row.get(0)).map_err(|error| spoilt(&error));
        Ok(rows
            .iter()
            .filter_map(|row| self.readable("an open invitation", &row.get::<_, &str>(0), id(row)))
            .collect())
    }

    pub(super) async fn open_invitations(&self, user: &UserId, range: &OpenRange) -> ReadResult<OpenPage> {
        let mut after = range
            .after
            .as_ref()
            .map_or((-1, String::new()), |place| (int(place.created_at), place.id.to_string()));
        loop {
            let rows = self.open_rows(user, &after, range.limit).await?;
            let found = rows.first().map_or(0, |row| nat(row.get(2)));
            let looked_at = rows.get(..range.limit).unwrap_or(&rows);
            let readable =
                |row: &Row| self.readable("an open invitation", &row.get::<_, &str>(4), open_invitation(row));
            let (places, mut invitations): (Vec<OpenPlace>, Vec<Arc<Invitation>>) =
                looked_at.iter().filter_map(readable).unzip();
            let following = looked_at.last().filter(|_| (looked_at.len() as u64) < found);
            // When none of them can be read, a client would have no place to go on from.
            if let Some(last) = following.filter(|_| places.is_empty()) {
                after = (last.get(3), last.get(4));
                continue;
            }
            invitations.retain(|one| one.is_open() && one.told_to(user).given(|_| true));
            let next = places.into_iter().next_back().filter(|_| following.is_some());
            return Ok(OpenPage { invitations, next });
        }
    }

    /// One row more than `limit` at most: `terms, course, found, created_at, invite_id`
    async fn open_rows(&self, user: &UserId, after: &(i64, String), limit: usize) -> ReadResult<Vec<Row>> {
        self.rows(OPEN, &[&user.as_str(), &after.0, &after.1, &one_more(limit), &PAGE]).await
    }

    /// The deadlines that this node watches.
    pub(super) async fn due_times(
        &self,
        node: NodeId,
        no_deadline_age_ms: u64,
    ) -> ReadResult<Vec<(u64, Due)>> {
        let sql = "SELECT CASE WHEN lasting THEN created_at + $2 ELSE due_at END, invite_id FROM invitations
            WHERE due_at IS NOT NULL AND node = $1";
        Ok(self.due(&self.rows(sql, &[&node.0, &int(no_deadline_age_ms)]).await?))
    }

    /// `due_at, invite_id`
    pub(super) fn due(&self, rows: &[Row]) -> Vec<(u64, Due)> {
        let readable = |row: &Row| {
            let name: &str = row.get(1);
            let read = InviteId::parse(name).map_err(|error| spoilt(&error));
            Some((nat(row.get(0)), Due::Invitation(self.readable("an open invitation", &name, read)?)))
        };
        rows.iter().filter_map(readable).collect()
    }
}

/// `terms, course, …, created_at, invite_id`
fn open_invitation(row: &Row) -> ReadResult<(OpenPlace, Arc<Invitation>)> {
    let id = InviteId::parse(row.get(4)).map_err(|error| spoilt(&error))?;
    Ok((OpenPlace { created_at: nat(row.get(3)), id }, invitation(row)?))
}

/// `terms, course, …`
fn invitation(row: &Row) -> ReadResult<Arc<Invitation>> {
    record::read(row.get(0), row.get(1)).map(Arc::new).map_err(|error| spoilt(&error))
}

/// Groups and users.
impl Reader {
    pub(super) async fn names(
        &self,
        sql: &str,
        user: &UserId,
        after: &str,
        limit: usize,
    ) -> ReadResult<NamedPage<String>> {
        let rows = self.rows(sql, &[&user.as_str(), &after, &one_more(limit)]).await?;
        Ok(NamedPage::of(rows.iter().map(|row| row.get(0)).collect(), limit))
    }

    pub(super) async fn profiles(&self, users: &[UserId]) -> ReadResult<Vec<Profile>> {
        let names: Vec<&str> = users.iter().map(UserId::as_str).collect();
        let sql = "SELECT profile, user_id FROM users WHERE user_id = ANY($1::text[]) AND deleted_at IS NULL";
        let rows = self.rows(sql, &[&names]).await?;
        let readable = |row: &Row| {
            let read = serde_json::from_str(row.get(0)).map_err(|error| spoilt(&error));
            self.readable("a profile", &row.get::<_, &str>(1), read)
        };
        let profiles = rows.iter().filter_map(readable);
        let mut by_name: HashMap<UserId, Profile> =
            profiles.map(|profile: Profile| (profile.user_id.clone(), profile)).collect();
        Ok(users.iter().filter_map(|user| by_name.remove(user)).collect())
    }

    pub(super) async fn reach(&self, user: &UserId) -> ReadResult<Reach> {
        let sql = "SELECT reach_ring, reach_add FROM users WHERE user_id = $1";
        let rows = self.rows(sql, &[&user.as_str()]).await?;
        Ok(rows.first().map(|row| words::read_reach(row.get(0), row.get(1))).unwrap_or_default())
    }

    pub(super) async fn blocked_by(
        &self,
        user: &UserId,
        after: Option<&UserId>,
        limit: usize,
    ) -> ReadResult<NamedPage<UserId>> {
        let sql = "SELECT target FROM blocks WHERE by_user = $1 AND target > $2 ORDER BY target LIMIT $3";
        let mut after = after.map_or_else(String::new, UserId::to_string);
        loop {
            let names = self.names(sql, user, &after, limit).await?;
            let users = names.rows.iter().filter_map(|name| self.user(name)).collect();
            let page = NamedPage { rows: users, complete: names.complete };
            match page.goes_on_behind(names) {
                Some(last) => after = last,
                None => return Ok(page),
            }
        }
    }

    pub(super) async fn blocking(&self, users: &[UserId], target: &UserId) -> ReadResult<Vec<UserId>> {
        let users: Vec<&str> = users.iter().map(UserId::as_str).collect();
        let sql = "SELECT by_user FROM blocks WHERE by_user = ANY($1::text[]) AND target = $2";
        let rows = self.rows(sql, &[&users, &target.as_str()]).await?;
        Ok(rows.iter().filter_map(|row| self.user(row.get(0))).collect())
    }

    pub(super) fn user(&self, name: &str) -> Option<UserId> {
        self.readable("a user", &name, UserId::parse(name).map_err(|error| spoilt(&error)))
    }

    /// `user_id`
    pub(super) fn users(&self, rows: &[Row]) -> Vec<UserId> {
        rows.iter().filter_map(|row| self.user(row.get(0))).collect()
    }
}

/// Conversations.
impl Reader {
    pub(super) async fn history(&self, range: &HistoryRange) -> ReadResult<HistoryPage> {
        let mut range = range.clone();
        loop {
            let rows = self.history_rows(&range).await?;
            let found = rows.first().map_or(0, |row| nat(row.get(6)));
            let looked_at = rows.get(..range.limit).unwrap_or(&rows);
            let readable = |row: &Row| {
                let place = (&range.conversation, row.get::<_, i64>(5));
                self.readable("a message", &place, message(row)).flatten()
            };
            let messages = looked_at.iter().filter_map(readable).collect();
            let page = HistoryPage { messages, complete: looked_at.len() as u64 == found };
            match page.goes_on_in(&range, looked_at.last().map(|row| nat(row.get(5)))) {
                Some(further) => range = further,
                None => return Ok(page),
            }
        }
    }

    /// One row more than asked for at most: `time, body, counted, shown_last, revoked, seq, found`
    async fn history_rows(&self, range: &HistoryRange) -> ReadResult<Vec<Row>> {
        let (low, high, order) = match range.direction {
            Direction::Older => (0, range.from_seq.map_or(i64::MAX, int), "DESC"),
            Direction::Newer => (range.from_seq.map_or(0, int), i64::MAX, "ASC"),
        };
        let sql = format!(
            "SELECT time, body, counted, shown_last, revoked, seq, found FROM (
                SELECT *, count(*) OVER () AS found,
                    sum(octet_length(body)) OVER (ORDER BY seq {order}) - octet_length(body) AS before
                FROM (SELECT messages.seq, time, body, counted, shown_last, revoked FROM conversations
                    JOIN messages ON messages.conversation = conversations.id JOIN events ON events.id = event
                    WHERE name = $1 AND messages.seq BETWEEN $2 AND $3 ORDER BY messages.seq {order} LIMIT $4) AS page) AS summed
             WHERE before < $5 ORDER BY seq {order}"
        );
        let name = range.conversation.to_string();
        self.rows(&sql, &[&name, &low, &high, &one_more(range.limit), &PAGE]).await
    }
}

/// `time, body, counted, shown_last, revoked, …`
pub(super) fn message(row: &Row) -> ReadResult<Option<Message>> {
    let read = record::message(row.get(1), nat(row.get(0))).map_err(|error| spoilt(&error))?;
    let Some(mut message) = read else { return Ok(None) };
    message.options.excluded_from_unread = !row.get::<_, bool>(2);
    message.options.excluded_from_last_message = !row.get::<_, bool>(3);
    if row.get(4) {
        message.revoked = true;
        message.content =
            serde_json::value::RawValue::from_string("{}".to_owned()).map_err(|error| spoilt(&error))?;
    }
    Ok(Some(message))
}

#[cfg(test)]
mod tests {
    use super::super::plans::{migrated, most_rows, plan};
    use super::*;

    /// Of 3,000 that alice made, 3,000 that she was sent, and 100 in each of her 30 groups.
    #[tokio::test]
    async fn a_page_of_open_invitations_is_a_range_of_each_index() {
        let server = migrated().await;
        let rows = |count: u32, inviter: &str, invitee: &str, group: &str| {
            format!(
                "INSERT INTO invitations (invite_id, inviter, invitee, group_id, created_at, due_at, lasting, node, terms)
                    SELECT {inviter} || coalesce({invitee}, '') || n, {inviter}, {invitee}, {group}, n,
                        CASE WHEN n % 5 = 0 THEN NULL ELSE n END, false, gen_random_uuid(), repeat('x', 500)
                    FROM generate_series(1, {count}) AS n;"
            )
        };
        let fill = [
            rows(3_750, "'alice'", "'user' || n % 99", "NULL"),
            rows(3_750, "'user' || n % 99", "'alice'", "NULL"),
            rows(3_750, "'carol'", "NULL", "'team' || n % 30"),
            rows(3_750, "'dave'", "NULL", "'other' || n % 30"),
            "INSERT INTO members (group_id, user_id, role, joined_at)
                SELECT 'team' || n, 'alice', 'member', 1 FROM generate_series(0, 29) AS n;
             ANALYZE"
                .to_owned(),
        ];
        server.sql("postgres", &fill.concat());
        let types = "text, bigint, text, bigint, bigint";
        let plan = plan(&server, OPEN, types, "'alice', 1000, 'x', 21, 1000000");
        for index in ["open_of_inviter", "open_of_invitee", "open_of_group", "invitations_pkey"] {
            let uses = || plan.lines().filter(|line| line.contains(index));
            assert!(uses().count() == 1 && most_rows(uses()) <= 21, "{index}: {plan}");
        }
        assert!(!plan.contains("Removed by"), "{plan}");
    }
}
