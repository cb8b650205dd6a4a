//! Queries that only read. They take no locks; each method sees what was committed when it began.

use std::collections::HashMap;
use std::sync::Arc;

use deadpool_postgres::Object;
use tokio_postgres::Row;
use uuid::Uuid;
use wigwag_engine::decision::InvitationMark;
use wigwag_engine::{ConversationId, Due, Group, Invitation};
use wigwag_protocol::group::{Profile, Reach};
use wigwag_protocol::message::Message;
use wigwag_protocol::params::Direction;
use wigwag_protocol::{GroupId, InviteId, UserId};

use super::connection::{Param, Trouble, group, int, members_by_group, nat, spoilt};
use crate::store::shared::NodeId;
use crate::store::unreadable::{self, UnreadableEvent};
use crate::store::{
    ConversationPage, ConversationRow, HistoryPage, HistoryRange, NamedPage, OpenPage, OpenPlace, OpenRange,
    PAGE_BYTES, PageRange, STREAM_PAGE_BYTES, StoreError, StoredEvent, StreamBounds, StreamPage, bad_record,
    record, words,
};
use crate::telemetry::Metrics;

/// [`PAGE_BYTES`], as the database counts.
const PAGE: i64 = PAGE_BYTES as i64;

/// One more row than asked for tells whether something is left.
fn one_more(limit: usize) -> i64 {
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
        let rows =
            self.rows("SELECT stream_floor, head FROM users WHERE user_id = $1", &[&user.as_str()]).await?;
        Ok(rows.first().map(|row| StreamBounds { floor: nat(row.get(0)), head: nat(row.get(1)) }))
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
    pub(super) async fn open_invitations(&self, user: &UserId, range: &OpenRange) -> ReadResult<OpenPage> {
        let sql = "WITH open AS (
                SELECT invite_id, created_at, terms, course FROM invitations
                    WHERE due_at IS NOT NULL AND group_id IS NULL AND inviter = $1
                UNION ALL
                SELECT invite_id, created_at, terms, course FROM invitations
                    WHERE due_at IS NOT NULL AND invitee IS NOT NULL AND invitee = $1
                UNION ALL
                SELECT invite_id, created_at, terms, course FROM invitations
                    WHERE due_at IS NOT NULL AND group_id IS NOT NULL
                    AND group_id IN (SELECT group_id FROM members WHERE user_id = $1)),
            page AS (SELECT * FROM open WHERE (created_at, invite_id) > ($2, $3)
                ORDER BY created_at, invite_id LIMIT $4),
            measured AS (SELECT *, octet_length(terms) + coalesce(octet_length(course), 0) AS bytes FROM page)
            SELECT terms, course, found, created_at, invite_id FROM (SELECT *, count(*) OVER () AS found,
                sum(bytes) OVER (ORDER BY created_at, invite_id) - bytes AS before FROM measured) AS summed
            WHERE before < $5 ORDER BY created_at, invite_id";
        let (created_at, id) =
            range.after.as_ref().map_or((-1, ""), |place| (int(place.created_at), place.id.as_str()));
        let wanted = one_more(range.limit);
        let rows = self.rows(sql, &[&user.as_str(), &created_at, &id, &wanted, &PAGE]).await?;
        let found = rows.first().map_or(0, |row| nat(row.get(2)));
        let looked_at = rows.get(..rows.len().min(range.limit)).unwrap_or_default();
        let last = looked_at.last().filter(|_| (looked_at.len() as u64) < found);
        let next = last.map(open_place).transpose()?;
        let readable =
            |row: &Row| self.readable("an open invitation", &row.get::<_, &str>(4), invitation(row));
        let is_told = |one: &Arc<Invitation>| one.is_open() && one.told_to(user).given(|_| true);
        Ok(OpenPage { invitations: looked_at.iter().filter_map(readable).filter(is_told).collect(), next })
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

/// `…, …, …, created_at, invite_id`
fn open_place(row: &Row) -> ReadResult<OpenPlace> {
    let id = InviteId::parse(row.get(4)).map_err(|error| spoilt(&error))?;
    Ok(OpenPlace { created_at: nat(row.get(3)), id })
}

/// `terms, course, …`
fn invitation(row: &Row) -> ReadResult<Arc<Invitation>> {
    record::read(row.get(0), row.get(1)).map(Arc::new).map_err(|error| spoilt(&error))
}

/// Groups and users.
impl Reader {
    pub(super) async fn group(&self, id: &GroupId) -> ReadResult<Option<Group>> {
        Ok(self.groups(&[id.as_str()]).await?.pop())
    }

    pub(super) async fn groups_of(
        &self,
        user: &UserId,
        after: Option<&GroupId>,
        limit: usize,
    ) -> ReadResult<NamedPage<Group>> {
        let sql =
            "SELECT group_id FROM members WHERE user_id = $1 AND group_id > $2 ORDER BY group_id LIMIT $3";
        let after = after.map_or("", GroupId::as_str);
        let rows = self.rows(sql, &[&user.as_str(), &after, &one_more(limit)]).await?;
        let names = NamedPage::of(rows.iter().map(|row| row.get::<_, &str>(0)).collect(), limit);
        Ok(NamedPage { rows: self.groups(&names.rows).await?, complete: names.complete })
    }

    /// The groups of these names, in byte order.
    async fn groups(&self, names: &[&str]) -> ReadResult<Vec<Group>> {
        let found = "SELECT group_id, about, created_at FROM groups WHERE group_id = ANY($1::text[]) ORDER BY group_id";
        let found = self.rows(found, &[&names]).await?;
        let members = "SELECT group_id, user_id, role, joined_at, familiar FROM members WHERE group_id = ANY($1::text[])";
        let mut members = members_by_group(&self.rows(members, &[&names]).await?)?;
        let mut readable =
            |row: &Row| self.readable("a group", &row.get::<_, &str>(0), group(row, &mut members));
        Ok(found.iter().filter_map(&mut readable).collect())
    }

    pub(super) async fn profiles(&self, users: &[UserId]) -> ReadResult<Vec<Profile>> {
        let names: Vec<&str> = users.iter().map(UserId::as_str).collect();
        let sql = "SELECT profile, user_id FROM users WHERE user_id = ANY($1::text[])";
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
        let after = after.map_or("", UserId::as_str);
        let rows = self.rows(sql, &[&user.as_str(), &after, &one_more(limit)]).await?;
        let complete = rows.len() <= limit;
        Ok(NamedPage { rows: self.users(rows.get(..limit).unwrap_or(&rows)), complete })
    }

    /// `user_id`
    pub(super) fn users(&self, rows: &[Row]) -> Vec<UserId> {
        let readable = |row: &Row| {
            let name: &str = row.get(0);
            self.readable("a user", &name, UserId::parse(name).map_err(|error| spoilt(&error)))
        };
        rows.iter().filter_map(readable).collect()
    }
}

/// Conversations.
impl Reader {
    pub(super) async fn history(&self, range: &HistoryRange) -> ReadResult<HistoryPage> {
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
        let rows = self.rows(&sql, &[&name, &low, &high, &one_more(range.limit), &PAGE]).await?;
        let found = rows.first().map_or(0, |row| nat(row.get(6)));
        let mut messages = Vec::with_capacity(rows.len());
        for row in rows.iter().take(range.limit) {
            let place = (&range.conversation, row.get::<_, i64>(5));
            messages.extend(self.readable("a message", &place, message(row)).flatten());
        }
        let shown = rows.len().min(range.limit) as u64;
        Ok(HistoryPage { messages, complete: shown == found })
    }

    pub(super) async fn readers(&self, conversation: &ConversationId, seq: u64) -> ReadResult<Vec<UserId>> {
        let sql = "SELECT user_id FROM conversations JOIN readers ON conversation = conversations.id
            WHERE name = $1 AND read_seq >= $2 ORDER BY user_id";
        Ok(self.users(&self.rows(sql, &[&conversation.to_string(), &int(seq)]).await?))
    }

    pub(super) async fn conversations(
        &self,
        user: &UserId,
        page: &PageRange,
    ) -> ReadResult<ConversationPage> {
        let listed = self.listed(user).await?;
        let total_unread = listed.iter().map(|listed| listed.unread).sum();
        let start = match &page.after {
            Some(after) => listed
                .iter()
                .position(|listed| listed.conversation.to_string() == *after)
                .map_or(listed.len(), |place| place + 1),
            None => 0,
        };
        let shown = listed.get(start..(start + page.limit).min(listed.len())).unwrap_or_default();
        let rows = self.shown(user, shown).await?;
        let last = rows.last().filter(|_| start + rows.len() < listed.len());
        let next = last.map(|last| last.conversation.to_string());
        Ok(ConversationPage { rows, total_unread, next })
    }

    /// All conversations in the user's list, the newest first.
    async fn listed(&self, user: &UserId) -> ReadResult<Vec<Listed>> {
        let sql = "SELECT name, conversations.id, read_seq, last_seq, newest.event,
                (SELECT count(*) FROM messages WHERE conversation = conversations.id AND seq > read_seq
                    AND sender <> $1 AND counted)
            FROM readers JOIN conversations ON conversations.id = readers.conversation
            LEFT JOIN LATERAL (SELECT event FROM messages WHERE conversation = conversations.id
                ORDER BY seq DESC LIMIT 1) AS newest ON true
            WHERE readers.user_id = $1 ORDER BY newest.event DESC NULLS LAST, conversations.id";
        let readable = |row: &Row| self.readable("a conversation", &row.get::<_, &str>(0), listed(row));
        Ok(self.rows(sql, &[&user.as_str()]).await?.iter().filter_map(readable).collect())
    }

    async fn shown(&self, user: &UserId, listed: &[Listed]) -> ReadResult<Vec<ConversationRow>> {
        let ids: Vec<Uuid> = listed.iter().map(|listed| listed.id).collect();
        let last = "SELECT time, body, counted, shown_last, revoked, id, place, before < $2 FROM (
                SELECT time, body, counted, shown_last, revoked, wanted.id, place,
                    sum(octet_length(body)) OVER (ORDER BY place) - octet_length(body) AS before
                FROM unnest($1::uuid[]) WITH ORDINALITY AS wanted (id, place)
                JOIN LATERAL (SELECT * FROM messages WHERE conversation = wanted.id AND shown_last
                    ORDER BY seq DESC LIMIT 1) AS newest ON true
                JOIN events ON events.id = newest.event) AS summed
            ORDER BY place";
        let mut last_messages: HashMap<Uuid, Message> = HashMap::new();
        let mut listed = listed;
        for row in self.rows(last, &[&ids, &PAGE]).await? {
            if !row.get::<_, bool>(7) {
                // The page is full: it ends before this conversation. Places begin with 1.
                let before = usize::try_from(nat(row.get(6))).unwrap_or(1) - 1;
                listed = listed.get(..before).unwrap_or(listed);
                break;
            }
            let id: Uuid = row.get(5);
            let last = self.readable("a message", &id, message(&row)).flatten();
            last_messages.extend(last.map(|message| (id, message)));
        }
        let read = "SELECT conversation, user_id, read_seq FROM readers WHERE conversation = ANY($1::uuid[])
            AND user_id = ANY($2::text[])";
        let peers: Vec<&str> =
            listed.iter().filter_map(|listed| listed.conversation.other(user).map(UserId::as_str)).collect();
        let mut peers_read: HashMap<(Uuid, String), u64> = HashMap::new();
        for row in self.rows(read, &[&ids, &peers]).await? {
            peers_read.insert((row.get(0), row.get(1)), nat(row.get(2)));
        }
        let row = |listed: &Listed| {
            let peer = listed.conversation.other(user);
            let read = |peer: &UserId| peers_read.get(&(listed.id, peer.to_string())).copied().unwrap_or(0);
            ConversationRow {
                last_message: last_messages.remove(&listed.id),
                conversation: listed.conversation.clone(),
                last_seq: listed.last_seq,
                read_seq: listed.read_seq,
                peer_read_seq: peer.map(read),
                unread: listed.unread,
            }
        };
        Ok(listed.iter().map(row).collect())
    }
}

/// A conversation in a user's list.
struct Listed {
    conversation: ConversationId,
    id: Uuid,
    read_seq: u64,
    last_seq: u64,
    unread: u64,
}

/// `name, id, read_seq, last_seq, newest event, unread`
fn listed(row: &Row) -> ReadResult<Listed> {
    let name: &str = row.get(0);
    Ok(Listed {
        conversation: ConversationId::parse(name).ok_or_else(|| spoilt(&name))?,
        id: row.get(1),
        read_seq: nat(row.get(2)),
        last_seq: nat(row.get(3)),
        unread: nat(row.get(5)),
    })
}

/// `time, body, counted, shown_last, revoked, …`
fn message(row: &Row) -> ReadResult<Option<Message>> {
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
