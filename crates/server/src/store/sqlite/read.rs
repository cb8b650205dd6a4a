//! Queries that only read, on connections of their own, so that they never wait for the writer.
//!
//! Each method looks into the tail first and into the tables second. A row that moves from one to the other in between is
//! seen twice, never missed, and its place tells the repeat.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row, Rows};
use wigwag_engine::decision::InvitationMark;
use wigwag_engine::visibility::Sight;
use wigwag_engine::{Due, Invitation};
use wigwag_protocol::group::{Profile, Reach};
use wigwag_protocol::message::Message;
use wigwag_protocol::params::Direction;
use wigwag_protocol::{InviteId, UserId};

use super::tail::{COUNTED, SHOWN_LAST, TailEntry};
use super::{SharedMemory, query};
use crate::store::unreadable::{self, UnreadableEvent};
use crate::store::{
    HistoryPage, HistoryRange, NamedPage, OPEN_LOOKED_AT, OpenPage, OpenPlace, OpenRange, PageBytes,
    STREAM_PAGE_BYTES, StoreError, StoredEvent, StreamBounds, StreamPage, bad_record, record,
};
use crate::telemetry::Metrics;

/// A reading connection with the shared memory.
pub(super) struct Reader<'a> {
    pub(super) connection: &'a Connection,
    pub(super) shared: &'a SharedMemory,
    pub(super) metrics: &'a Metrics,
}

pub(super) type ReadResult<T> = Result<T, StoreError>;

impl Reader<'_> {
    /// What was read; `None`, with a line in the log, when the row cannot be read although the database can.
    pub(super) fn readable<T>(
        &self,
        what: &str,
        key: &dyn fmt::Debug,
        read: ReadResult<T>,
    ) -> ReadResult<Option<T>> {
        match read {
            Err(StoreError::Unreadable(why)) => {
                unreadable::left_out(what, key, &why, self.metrics);
                Ok(None)
            }
            read => read.map(Some),
        }
    }
}

/// Streams.
impl Reader<'_> {
    pub(super) fn stream_bounds(&self, user: &UserId) -> ReadResult<Option<StreamBounds>> {
        let Some(row) = query::user_row(self.connection, user)? else { return Ok(None) };
        let newest = self.shared.tails.read().streams.newest(row);
        let bounds = query::stream_bounds(self.connection, row)?;
        Ok(Some(StreamBounds { head: bounds.head.max(newest.unwrap_or(0)), ..bounds }))
    }

    pub(super) fn events_after(&self, user: &UserId, cursor: u64, limit: usize) -> ReadResult<StreamPage> {
        let Some(row) = query::user_row(self.connection, user)? else { return Ok(StreamPage::default()) };
        let tail: Vec<TailEntry> = {
            let tails = self.shared.tails.read();
            tails.streams.entries(row).filter(|entry| entry.position > cursor).take(limit).copied().collect()
        };
        let mut places: BTreeMap<u64, i64> = tail.iter().map(|entry| (entry.position, entry.event)).collect();
        let mut statement = self.connection.prepare_cached(
            "SELECT cursor, event FROM streams WHERE user = ? AND cursor > ? ORDER BY cursor LIMIT ?",
        )?;
        let mut rows = statement.query((row, query::int(cursor), limit))?;
        while let Some(row) = rows.next()? {
            places.insert(row.get(0)?, row.get(1)?);
        }
        let complete = places.len() < limit;
        let mut page = StreamPage { events: Vec::new(), through: cursor, complete };
        let mut bytes = 0;
        for (cursor, event) in places.into_iter().take(limit) {
            if bytes >= STREAM_PAGE_BYTES {
                page.complete = false;
                break;
            }
            let found = match self.event(row, user, cursor, event) {
                Err(StoreError::Unreadable(why)) => {
                    let unreadable = UnreadableEvent { user, cursor, event: &event, why: &why };
                    return unreadable.ends(page.events, self.metrics);
                }
                found => found?,
            };
            bytes += found.as_ref().map_or(0, |event| event.body.len());
            page.events.extend(found);
            page.through = cursor;
        }
        Ok(page)
    }

    /// `None` when retention dropped the event between two queries, and then its place as well.
    fn event(
        &self,
        user_row: i64,
        user: &UserId,
        cursor: u64,
        event: i64,
    ) -> ReadResult<Option<StoredEvent>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT time, body, actor, version, invite_id, invitation
             FROM events LEFT JOIN invitations ON invitations.id = events.invitation WHERE events.id = ?",
        )?;
        let mut rows = statement.query([event])?;
        let Some(row) = rows.next()? else {
            let place = "SELECT 1 FROM streams WHERE user = ? AND cursor = ?";
            let is_placed = self.connection.prepare_cached(place)?.exists((user_row, cursor))?;
            return if is_placed { Err(bad_record(&"it has a place and is not there")) } else { Ok(None) };
        };
        record::check_body(row.get_ref(1)?.as_str().map_err(|error| bad_record(&error))?)?;
        let received = row.get::<_, Option<u32>>(3)? == Some(1) && row.get_ref(4)? != ValueRef::Null;
        let invitation =
            if received { Some(query::invitation_at(self.connection, row.get(5)?)?) } else { None };
        let deadline = invitation.as_ref().and_then(Invitation::rings_until);
        Ok(Some(StoredEvent {
            cursor,
            time: row.get(0)?,
            body: row.get(1)?,
            by_self: row.get::<_, Option<i64>>(2)? == Some(user_row),
            invitation: mark(row, deadline)?,
            is_quiet: invitation.as_ref().is_some_and(|invitation| invitation.is_quiet_for(user)),
            rings_in_vain: invitation.is_some_and(|invitation| invitation.is_over_for(user)),
        }))
    }
}

fn mark(row: &Row<'_>, deadline: Option<u64>) -> ReadResult<Option<InvitationMark>> {
    let (id, version): (Option<String>, Option<u32>) = (row.get(4)?, row.get(3)?);
    let Some((id, version)) = id.zip(version) else { return Ok(None) };
    let id = InviteId::parse(&id).map_err(|error| bad_record(&error))?;
    Ok(Some(InvitationMark { id, version, deadline }))
}

/// Invitations.
impl Reader<'_> {
    pub(super) fn invitation(&self, id: &InviteId) -> ReadResult<Option<Arc<Invitation>>> {
        Ok(query::invitation(self.connection, id)?.map(|(_, invitation)| Arc::new(invitation)))
    }

    pub(super) fn open_invitations(&self, user: &UserId, range: &OpenRange) -> ReadResult<OpenPage> {
        let Some(row) = query::user_row(self.connection, user)? else { return Ok(OpenPage::default()) };
        let groups = self.group_rows(row)?;
        let mut rows = self.open_rows(row, &groups);
        if let Some(after) = &range.after {
            rows.drain(..self.rows_through(&rows, after)?);
        }
        let mut page = OpenPage::default();
        let mut bytes = PageBytes::default();
        let mut last = None;
        for (looked_at, row) in rows.into_iter().enumerate() {
            let is_full = bytes.is_full() || page.invitations.len() == range.limit;
            // A page needs the place of one that can be read for its end.
            if is_full || (looked_at >= OPEN_LOOKED_AT.max(range.limit) && last.is_some()) {
                page.next = last;
                break;
            }
            let read = query::measured_invitation_at(self.connection, row);
            let Some((invitation, size)) = self.readable("an open invitation", &row, read)? else { continue };
            last = Some(OpenPlace { created_at: invitation.created_at, id: invitation.id.clone() });
            if invitation.is_open() && self.is_told(&invitation, user, &groups)? {
                bytes.add(size);
                page.invitations.push(Arc::new(invitation));
            }
        }
        Ok(page)
    }

    pub(super) fn open_invitations_of(&self, user: &UserId, limit: usize) -> ReadResult<Vec<InviteId>> {
        let Some(row) = query::user_row(self.connection, user)? else { return Ok(Vec::new()) };
        let open = self.shared.open.read().of_user(row).to_vec();
        let mut found = Vec::new();
        for row in open {
            let read = query::invitation_at(self.connection, row);
            let Some(invitation) = self.readable("an open invitation", &row, read)? else { continue };
            let is_theirs = invitation.inviter == *user && invitation.is_open();
            if found.len() < limit && (is_theirs || invitation.pending().any(|pending| pending == user)) {
                found.push(invitation.id);
            }
        }
        Ok(found)
    }

    /// The open invitations that may concern a user, oldest first: rows grow with time.
    fn open_rows(&self, user: i64, groups: &[i64]) -> Vec<i64> {
        let mut open: Vec<i64> = {
            let index = self.shared.open.read();
            let in_groups = groups.iter().flat_map(|group| index.of_group(*group));
            index.of_user(user).iter().chain(in_groups).copied().collect()
        };
        open.sort_unstable();
        open.dedup();
        open
    }

    /// How many of these rows, which are sorted, are not after the place. Retention may have dropped its invitation meanwhile; then
    /// the time at which it was made has to do, and others of its millisecond are rather listed again than left out.
    fn rows_through(&self, rows: &[i64], place: &OpenPlace) -> ReadResult<usize> {
        if let Some(row) = query::invitation_row(self.connection, &place.id, place.created_at)? {
            return Ok(rows.partition_point(|other| *other <= row));
        }
        let mut passed = 0;
        for row in rows {
            if query::invitation_made_at(self.connection, *row)? >= place.created_at {
                break;
            }
            passed += 1;
        }
        Ok(passed)
    }

    fn is_told(&self, invitation: &Invitation, user: &UserId, groups: &[i64]) -> ReadResult<bool> {
        Ok(match invitation.told_to(user) {
            Sight::Always => true,
            Sight::IfMember(group) => {
                query::group_row(self.connection, group)?.is_some_and(|row| groups.contains(&row))
            }
            Sight::Never => false,
        })
    }

    pub(super) fn due_times(&self, no_deadline_age_ms: u64) -> ReadResult<Vec<(u64, Due)>> {
        let mut due = Vec::new();
        query::each_open(self.connection, self.metrics, |_, invitation| {
            due.push((invitation.due(no_deadline_age_ms), Due::Invitation(invitation.id)));
            Ok(())
        })?;
        Ok(due)
    }
}

/// Groups and users.
impl Reader<'_> {
    fn group_rows(&self, user: i64) -> ReadResult<Vec<i64>> {
        self.numbers("SELECT group_row FROM members WHERE user = ?", user)
    }

    pub(super) fn profiles(&self, users: &[UserId]) -> ReadResult<Vec<Profile>> {
        let since = self.shared.profiles.read().reading();
        let mut profiles = Vec::with_capacity(users.len());
        for user in users {
            let read = self.readable("a profile", user, query::user(self.connection, user))?.flatten();
            profiles.extend(read.filter(|user| user.deleted_at.is_none()).map(|user| user.profile));
        }
        self.shared.profiles.write().learn(since, &profiles);
        Ok(profiles)
    }

    pub(super) fn reach(&self, user: &UserId) -> ReadResult<Reach> {
        match query::user_row(self.connection, user)? {
            Some(row) => query::reach(self.connection, row),
            None => Ok(Reach::default()),
        }
    }

    pub(super) fn blocked_by(
        &self,
        user: &UserId,
        after: Option<&UserId>,
        limit: usize,
    ) -> ReadResult<NamedPage<UserId>> {
        let Some(row) = query::user_row(self.connection, user)? else { return Ok(NamedPage::default()) };
        let mut statement = self.connection.prepare_cached(
            "SELECT user_id FROM blocks JOIN users ON users.id = target
             WHERE by_user = ? AND user_id > ? ORDER BY user_id",
        )?;
        let rows = statement.query((row, after.map_or("", UserId::as_str)))?;
        Ok(NamedPage::of(self.users(rows, limit.saturating_add(1))?, limit))
    }

    pub(super) fn blocking(&self, users: &[UserId], target: &UserId) -> ReadResult<Vec<UserId>> {
        let Some(target) = query::user_row(self.connection, target)? else { return Ok(Vec::new()) };
        let sql = "SELECT 1 FROM blocks WHERE by_user = ? AND target = ?";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut blocking = Vec::new();
        for user in users {
            if let Some(row) = query::user_row(self.connection, user)?
                && statement.exists((row, target))?
            {
                blocking.push(user.clone());
            }
        }
        Ok(blocking)
    }

    /// The first `most` of these that can be read: `user_id`.
    pub(super) fn users(&self, mut rows: Rows<'_>, most: usize) -> ReadResult<Vec<UserId>> {
        let mut users = Vec::new();
        while users.len() < most
            && let Some(row) = rows.next()?
        {
            let name: String = row.get(0)?;
            let read = UserId::parse(&name).map_err(|error| bad_record(&error));
            users.extend(self.readable("a user", &name, read)?);
        }
        Ok(users)
    }

    fn numbers(&self, sql: &str, key: i64) -> ReadResult<Vec<i64>> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let numbers = statement.query_map([key], |row| row.get(0))?;
        Ok(numbers.collect::<rusqlite::Result<_>>()?)
    }
}

/// Conversations.
impl Reader<'_> {
    pub(super) fn history(&self, range: &HistoryRange) -> ReadResult<HistoryPage> {
        let Some(row) = query::conversation_row(self.connection, &range.conversation)? else {
            return Ok(HistoryPage { messages: Vec::new(), complete: true });
        };
        let mut range = range.clone();
        loop {
            let entries = self.message_entries(row, &range)?;
            let page = self.history_page(row, &entries, range.limit)?;
            let last = entries.get(..range.limit).unwrap_or(&entries).last().map(|entry| entry.position);
            match page.goes_on_in(&range, last) {
                Some(further) => range = further,
                None => return Ok(page),
            }
        }
    }

    /// One more entry than `limit` tells that something is left.
    fn history_page(&self, row: i64, entries: &[TailEntry], limit: usize) -> ReadResult<HistoryPage> {
        let mut page = HistoryPage { messages: Vec::new(), complete: entries.len() <= limit };
        let mut bytes = PageBytes::default();
        for entry in entries.iter().take(limit) {
            if bytes.is_full() {
                page.complete = false;
                break;
            }
            if let Some(message) = self.message(row, entry)? {
                bytes.add_message(&message);
                page.messages.push(message);
            }
        }
        Ok(page)
    }

    /// One more than asked for, which tells whether something is left.
    fn message_entries(&self, conversation: i64, range: &HistoryRange) -> ReadResult<Vec<TailEntry>> {
        let most = i64::MAX.unsigned_abs();
        let (low, high, order) = match range.direction {
            Direction::Older => (0, range.from_seq.unwrap_or(most).min(most), "DESC"),
            Direction::Newer => (range.from_seq.unwrap_or(0).min(most), most, "ASC"),
        };
        let wanted = range.limit + 1;
        let mut found: BTreeMap<u64, TailEntry> = {
            let tails = self.shared.tails.read();
            let within =
                tails.messages.entries(conversation).filter(|entry| (low..=high).contains(&entry.position));
            within.map(|entry| (entry.position, *entry)).collect()
        };
        let sql = format!(
            "SELECT seq, event, sender, counted, shown_last FROM messages
             WHERE conversation = ? AND seq BETWEEN ? AND ? ORDER BY seq {order} LIMIT ?"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut rows = statement.query((conversation, low, high, wanted))?;
        while let Some(row) = rows.next()? {
            let entry = entry(row)?;
            found.insert(entry.position, entry);
        }
        Ok(match range.direction {
            Direction::Older => found.into_values().rev().take(wanted).collect(),
            Direction::Newer => found.into_values().take(wanted).collect(),
        })
    }

    pub(super) fn message(&self, conversation: i64, entry: &TailEntry) -> ReadResult<Option<Message>> {
        let read = query::message(self.connection, entry.event);
        let read = self.readable("a message", &(conversation, entry.position), read)?.flatten();
        let Some(mut message) = read else { return Ok(None) };
        message.options.excluded_from_unread = entry.flags & COUNTED == 0;
        message.options.excluded_from_last_message = entry.flags & SHOWN_LAST == 0;
        if query::is_revoked(self.connection, conversation, entry.position)? {
            message.revoked = true;
            message.content = serde_json::value::RawValue::from_string("{}".to_owned())
                .map_err(|error| bad_record(&error))?;
        }
        Ok(Some(message))
    }
}

/// `seq, event, sender, counted, shown_last`
pub(super) fn entry(row: &Row<'_>) -> rusqlite::Result<TailEntry> {
    let counted = if row.get(3)? { COUNTED } else { 0 };
    let shown_last = if row.get(4)? { SHOWN_LAST } else { 0 };
    Ok(TailEntry {
        position: row.get(0)?,
        event: row.get(1)?,
        sender: row.get(2)?,
        flags: counted | shown_last,
    })
}
