//! Pages of a user's list of conversations (docs/decisions/0014).
//!
//! A page is taken from three lists, each in the same order: the one-to-one conversations as the tables keep them, which an index
//! orders; those with messages in the tail, which stand where the tail says; and what every page looks at, which is all groups of the
//! user and the few conversations that they have pinned. What was deleted to its end stands in none of them.

use std::collections::HashSet;

use rusqlite::{OptionalExtension, Row};
use wigwag_engine::{ConversationId, ledger};
use wigwag_protocol::UserId;
use wigwag_protocol::message::Message;

use super::lists::HIDDEN;
use super::query;
use super::read::{ReadResult, Reader, entry};
use super::recent::{Place, is_unread};
use super::tail::{SHOWN_LAST, TailEntry};
use crate::store::{
    ConversationPage, ConversationPlace, ConversationRow, LOOKED_BACK, PageBytes, PageRange,
    ShownConversations, StoreError, bad_record,
};

/// Before the first place of a list, and behind what is hidden.
const FRONT: Place = (HIDDEN, i64::MIN);

/// A place in the whole list: the pinned part stands in front.
type WholePlace = (bool, Place);
/// How often a page is read before merges have to wait for it. A page takes less than a millisecond, and under load rows are
/// merged some hundred times a second, so the first try is good as a rule.
const TRIES: usize = 3;

/// A conversation in a user's list.
#[derive(Clone)]
struct Listed {
    row: i64,
    name: String,
    read_seq: u64,
    last_seq: u64,
    newest_event: i64,
    unread: u64,
    deleted_seq: Option<u64>,
    pinned: bool,
}

impl Listed {
    fn place(&self) -> WholePlace {
        (self.pinned, (self.newest_event, self.row))
    }

    /// Messages up to this seq are deleted, or too old to be looked at.
    fn too_old(&self) -> u64 {
        self.last_seq.saturating_sub(LOOKED_BACK).max(self.deleted_seq.unwrap_or(0))
    }

    /// Whether nothing was said since it was deleted.
    fn is_hidden(&self) -> bool {
        self.deleted_seq.is_some_and(|deleted| deleted >= self.last_seq)
    }
}

/// A row of `readers`, of a one-to-one conversation.
struct Kept {
    place: Place,
    /// The seq of the message that has this place.
    last_seq: u64,
    unread: u64,
    reader: ledger::Reader,
}

impl Reader<'_> {
    pub(super) fn conversations(&self, user: &UserId, page: &PageRange) -> ReadResult<ConversationPage> {
        self.of_one_merge(|| self.page_of(user, page))
    }

    pub(super) fn conversation(
        &self,
        user: &UserId,
        conversation: &ConversationId,
    ) -> ReadResult<Option<ConversationRow>> {
        self.of_one_merge(|| {
            let listed = self.listed_of(user, conversation)?;
            listed.map(|listed| self.line(user, &listed)).transpose()
        })
    }

    pub(super) fn deleted_up_to(&self, user: &UserId, conversation: &ConversationId) -> ReadResult<u64> {
        let user = query::user_row(self.connection, user)?;
        let rows = user.zip(query::conversation_row(self.connection, conversation)?);
        let reader = rows.map(|(user, row)| query::reader(self.connection, user, row)).transpose()?;
        Ok(reader.flatten().and_then(|reader| reader.deleted_seq).unwrap_or(0))
    }

    /// What `read` finds while no rows are merged.
    fn of_one_merge<T>(&self, read: impl Fn() -> ReadResult<T>) -> ReadResult<T> {
        for _ in 0..TRIES {
            if let Some(found) = self.between_merges(&read)? {
                return Ok(found);
            }
        }
        let _merging = self.shared.merging.lock();
        let found = self.between_merges(&read)?;
        found.ok_or_else(|| StoreError::Unavailable("rows were merged without the lock for it".to_owned()))
    }

    /// What is found, unless rows were merged meanwhile. What is kept of a list cannot be told apart from what the tail adds to it, so
    /// a row that moves from one to the other must not be seen in both or in none.
    fn between_merges<T>(&self, read: impl Fn() -> ReadResult<T>) -> ReadResult<Option<T>> {
        let _snapshot = self.connection.unchecked_transaction()?;
        let merges = query::mark(self.connection, "merges")?;
        let is_as_merged = || self.shared.tails.read().merges == merges;
        if !is_as_merged() {
            return Ok(None);
        }
        let found = read()?;
        Ok(is_as_merged().then_some(found))
    }

    fn page_of(&self, user: &UserId, page: &PageRange) -> ReadResult<ConversationPage> {
        let Some(user_row) = query::user_row(self.connection, user)? else {
            return Ok(ConversationPage::default());
        };
        let groups = self.groups_in_list(user_row)?;
        let total_unread =
            self.unread_one_to_one(user_row)? + groups.iter().map(|group| group.unread).sum::<u64>();
        let start = match &page.after {
            Some(after) => self.place_of(user_row, after)?,
            None => Some((true, FRONT)),
        };
        let Some(mut start) = start else {
            return Ok(ConversationPage { total_unread, ..ConversationPage::default() });
        };
        let looked_at = [groups, self.pinned_one_to_one(user_row)?].concat();
        loop {
            // One more than asked for, which tells whether something is left.
            let behind = self.behind(user_row, start, &looked_at, page.limit + 1)?;
            let shown = self.shown(user, &behind, page.limit)?;
            let Some(skipped) = shown.goes_on_behind(&behind) else {
                return Ok(shown.page(behind.len(), total_unread));
            };
            start = skipped.place();
        }
    }

    /// The conversations behind a place, from the front on: at least so many of them, when there are so many.
    fn behind(
        &self,
        user: i64,
        start: WholePlace,
        looked_at: &[Listed],
        wanted: usize,
    ) -> ReadResult<Vec<Listed>> {
        let (in_pinned_part, place) = start;
        let unpinned_start = if in_pinned_part { FRONT } else { place };
        // The tail is looked at last, so that it still has what was left out as being there. A conversation that comes into it in
        // between is seen in both, and counts where the tail has it.
        let in_tables = self.in_tables(user, unpinned_start, wanted)?;
        // The tail does not know which are pinned.
        let pinned = looked_at.iter().filter(|listed| listed.pinned).count();
        let mut behind = self.in_tail(user, unpinned_start, wanted + pinned)?;
        let moved: HashSet<i64> = behind.iter().map(|listed| listed.row).collect();
        behind.extend(in_tables.into_iter().filter(|listed| !moved.contains(&listed.row)));
        behind.extend(looked_at.iter().filter(|listed| listed.place() < start).cloned());
        behind.sort_unstable_by_key(|listed| std::cmp::Reverse(listed.place()));
        Ok(behind)
    }

    fn shown(&self, user: &UserId, behind: &[Listed], limit: usize) -> ReadResult<ShownConversations> {
        let (mut rows, mut bytes, mut looked_at) = (Vec::new(), PageBytes::default(), 0);
        for listed in behind.iter().take(limit) {
            if bytes.is_full() {
                break;
            }
            looked_at += 1;
            let read = self.line(user, listed);
            let Some(row) = self.readable("a conversation", &listed.row, read)? else { continue };
            row.last_message.iter().for_each(|message| bytes.add_message(message));
            rows.push(row);
        }
        Ok(ShownConversations { rows, looked_at })
    }

    /// Where a place that a client gives back is now; `None` when its conversation is not in the user's list.
    fn place_of(&self, user: i64, after: &ConversationPlace) -> ReadResult<Option<WholePlace>> {
        let Some(row) = query::conversation_row(self.connection, &after.conversation)? else {
            return Ok(None);
        };
        if query::read_seq(self.connection, user, row)?.is_none() {
            return Ok(None);
        }
        let message = match after.last_seq {
            Some(seq) => self.message_event(row, seq)?,
            None => self.newest_message(row)?.map(|entry| entry.event),
        };
        // A message that retention has dropped meanwhile stands where conversations without one do: all behind it have lost
        // theirs as well.
        Ok(Some((after.pinned, (message.unwrap_or(0), row))))
    }

    fn message_event(&self, conversation: i64, seq: u64) -> ReadResult<Option<i64>> {
        let tails = self.shared.tails.read();
        let in_tail = tails.messages.entries(conversation).find(|entry| entry.position == seq);
        if let Some(entry) = in_tail {
            return Ok(Some(entry.event));
        }
        drop(tails);
        query::message_event(self.connection, conversation, seq)
    }

    /// The user's one-to-one conversations with messages in the tail, without those that are pinned.
    fn in_tail(&self, user: i64, start: Place, wanted: usize) -> ReadResult<Vec<Listed>> {
        let places = self.places_in_tail(user, start, wanted);
        let mut all = Vec::with_capacity(places.len());
        for (place, last_seq) in places {
            if let Some(kept) = self.kept(user, place.1)?.filter(|kept| !kept.reader.pinned) {
                all.push(self.listed_in_tail(user, Kept { place, last_seq, ..kept })?);
            }
        }
        Ok(all)
    }

    /// Messages in the tail have moved the conversation to this place, and count besides those that are kept.
    fn listed_in_tail(&self, user: i64, mut kept: Kept) -> ReadResult<Listed> {
        kept.unread += self.unread_in_tail(user, &kept);
        self.listed(&kept)
    }

    /// The user's row of a one-to-one conversation, without what the tail adds.
    fn kept(&self, user: i64, conversation: i64) -> ReadResult<Option<Kept>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT newest, conversation, unread, read_seq, deleted_seq, pinned FROM readers
             WHERE user = ? AND conversation = ? AND newest IS NOT NULL",
        )?;
        let last_seq = query::last_seq(self.connection, conversation)?;
        Ok(statement.query_row((user, conversation), |row| kept(row, last_seq)).optional()?)
    }

    /// One conversation of the user, wherever it stands in their list.
    fn listed_of(&self, user: &UserId, conversation: &ConversationId) -> ReadResult<Option<Listed>> {
        let user = query::user_row(self.connection, user)?;
        let found = user.zip(query::conversation_row(self.connection, conversation)?);
        let Some((user, row)) = found else { return Ok(None) };
        if let ConversationId::Group(_) = conversation {
            let Some(reader) = query::reader(self.connection, user, row)? else { return Ok(None) };
            return Ok(Some(self.group_listed(user, row, reader)?).filter(|listed| !listed.is_hidden()));
        }
        Ok(self.one_to_one_listed(user, row)?.filter(|listed| !listed.is_hidden()))
    }

    /// The few that the user has pinned. What is deleted is not pinned.
    fn pinned_one_to_one(&self, user: i64) -> ReadResult<Vec<Listed>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT conversation FROM readers INDEXED BY pins
             WHERE user = ? AND pinned = 1 AND newest IS NOT NULL",
        )?;
        let mut rows = statement.query([user])?;
        let mut all = Vec::new();
        while let Some(row) = rows.next()? {
            all.extend(self.one_to_one_listed(user, row.get(0)?)?);
        }
        Ok(all)
    }

    /// A one-to-one conversation wherever it stands, and whether it is hidden or not.
    fn one_to_one_listed(&self, user: i64, row: i64) -> ReadResult<Option<Listed>> {
        let newest = self.shared.tails.read().messages.entries(row).next_back().copied();
        let Some(kept) = self.kept(user, row)? else { return Ok(None) };
        let listed = match newest {
            Some(newest) => {
                let (place, last_seq) = ((newest.event, row), newest.position);
                self.listed_in_tail(user, Kept { place, last_seq, ..kept })
            }
            None => self.listed(&kept),
        };
        listed.map(Some)
    }

    /// The places of these conversations, and the seqs of their newest messages.
    fn places_in_tail(&self, user: i64, start: Place, wanted: usize) -> Vec<(Place, u64)> {
        let tails = self.shared.tails.read();
        let places = tails.recent.behind(user, start).take(wanted);
        places.filter_map(|place| Some((place, tails.messages.newest(place.1)?))).collect()
    }

    fn unread_in_tail(&self, user: i64, kept: &Kept) -> u64 {
        let tails = self.shared.tails.read();
        let read_seq = kept.reader.read_seq;
        let behind = tails.messages.entries(kept.place.1).rev().take_while(|entry| entry.position > read_seq);
        behind.filter(|entry| is_unread(entry, user)).count() as u64
    }

    /// The user's one-to-one conversations without messages in the tail, and without those that are pinned or hidden.
    fn in_tables(&self, user: i64, start: Place, wanted: usize) -> ReadResult<Vec<Listed>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT newest, conversation, unread, read_seq, deleted_seq, pinned FROM readers INDEXED BY lists
             WHERE user = ? AND newest IS NOT NULL AND (newest, conversation) < (?, ?) AND pinned = 0
             ORDER BY newest DESC, conversation DESC",
        )?;
        let mut rows = statement.query((user, start.0, start.1))?;
        let mut all = Vec::with_capacity(wanted);
        while all.len() < wanted
            && let Some(row) = rows.next()?
        {
            let conversation = row.get(1)?;
            if self.shared.tails.read().recent.users(conversation).is_none() {
                let last_seq = query::last_seq(self.connection, conversation)?;
                all.push(self.listed(&kept(row, last_seq)?)?);
            }
        }
        Ok(all)
    }

    fn listed(&self, kept: &Kept) -> ReadResult<Listed> {
        let (newest_event, row) = kept.place;
        let mut statement = self.connection.prepare_cached("SELECT name FROM conversations WHERE id = ?")?;
        let name = statement.query_row([row], |row| row.get(0))?;
        let Kept { last_seq, unread, reader, .. } = *kept;
        let ledger::Reader { read_seq, deleted_seq, pinned } = reader;
        Ok(Listed { row, name, read_seq, last_seq, newest_event, unread, deleted_seq, pinned })
    }

    /// Unread messages in all one-to-one conversations of the user.
    fn unread_one_to_one(&self, user: i64) -> ReadResult<u64> {
        let in_tail = self.shared.tails.read().recent.unread(user);
        let mut statement = self.connection.prepare_cached("SELECT unread FROM users WHERE id = ?")?;
        Ok(in_tail + statement.query_row([user], |row| row.get::<_, u64>(0))?)
    }

    /// All groups in the user's list. Nothing is kept of their lists, so each is looked at.
    fn groups_in_list(&self, user: i64) -> ReadResult<Vec<Listed>> {
        let mut statement = self.connection.prepare_cached(
            // Left to itself SQLite would read all of the user's rows by their key, and leave most of them out.
            "SELECT conversation, read_seq, deleted_seq, pinned FROM readers INDEXED BY groups_in_list
             WHERE user = ? AND newest IS NULL",
        )?;
        let mut rows = statement.query([user])?;
        let mut all = Vec::new();
        while let Some(row) = rows.next()? {
            let (read_seq, deleted_seq, pinned) = (row.get(1)?, row.get(2)?, row.get(3)?);
            all.push(self.group_listed(
                user,
                row.get(0)?,
                ledger::Reader { read_seq, deleted_seq, pinned },
            )?);
        }
        all.retain(|listed| !listed.is_hidden());
        Ok(all)
    }

    fn group_listed(&self, user: i64, row: i64, reader: ledger::Reader) -> ReadResult<Listed> {
        let mut statement =
            self.connection.prepare_cached("SELECT name, last_seq FROM conversations WHERE id = ?")?;
        let (name, last_seq) = statement.query_row([row], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let newest = self.newest_message(row)?;
        let ledger::Reader { read_seq, deleted_seq, pinned } = reader;
        let mut listed = Listed {
            row,
            name,
            read_seq,
            deleted_seq,
            pinned,
            last_seq: newest.map_or(last_seq, |entry| entry.position),
            newest_event: newest.map_or(0, |entry| entry.event),
            unread: 0,
        };
        listed.unread = self.unread(user, &listed)?;
        Ok(listed)
    }

    fn newest_message(&self, conversation: i64) -> ReadResult<Option<TailEntry>> {
        let tail = self.shared.tails.read().messages.entries(conversation).next_back().copied();
        if tail.is_some() {
            return Ok(tail);
        }
        let mut statement = self.connection.prepare_cached(
            "SELECT seq, event, sender, counted, shown_last FROM messages
             WHERE conversation = ? ORDER BY seq DESC LIMIT 1",
        )?;
        let mut rows = statement.query([conversation])?;
        Ok(rows.next()?.map(entry).transpose()?)
    }

    /// What is unread among the newest messages of a group.
    fn unread(&self, user: i64, listed: &Listed) -> ReadResult<u64> {
        let after = listed.read_seq.max(listed.too_old());
        let in_tail = {
            let tails = self.shared.tails.read();
            let behind = tails.messages.entries(listed.row).rev().take_while(|entry| entry.position > after);
            // One that has come since the newest was looked up counts with the next page.
            behind.filter(|entry| entry.position <= listed.last_seq && is_unread(entry, user)).count() as u64
        };
        let mut statement = self.connection.prepare_cached(
            "SELECT count(*) FROM messages
             WHERE conversation = ? AND seq > ? AND sender <> ? AND counted = 1",
        )?;
        let in_table: u64 = statement.query_row((listed.row, query::int(after), user), |row| row.get(0))?;
        Ok(in_tail + in_table)
    }

    fn line(&self, user: &UserId, listed: &Listed) -> ReadResult<ConversationRow> {
        let conversation = ConversationId::parse(&listed.name)
            .ok_or_else(|| bad_record(&format!("conversation {} has a name of no known form", listed.row)))?;
        let peer_read_seq = match conversation.other(user) {
            Some(peer) => {
                let peer = query::user_row(self.connection, peer)?;
                let seq = peer.map(|peer| query::read_seq(self.connection, peer, listed.row)).transpose()?;
                Some(seq.flatten().unwrap_or(0))
            }
            None => None,
        };
        Ok(ConversationRow {
            last_message: self.last_shown(listed)?,
            conversation,
            last_seq: listed.last_seq,
            read_seq: listed.read_seq,
            peer_read_seq,
            unread: listed.unread,
            pinned: listed.pinned,
        })
    }

    /// The newest message that may be shown as last, among the newest.
    fn last_shown(&self, listed: &Listed) -> ReadResult<Option<Message>> {
        let tail = {
            let tails = self.shared.tails.read();
            let newest = tails.messages.entries(listed.row).rev();
            let mut newest = newest.take_while(|entry| entry.position > listed.too_old());
            newest.find(|entry| entry.flags & SHOWN_LAST != 0).copied()
        };
        let entry = if tail.is_some() { tail } else { self.last_shown_in_table(listed)? };
        entry.map(|entry| self.message(listed.row, &entry)).transpose().map(Option::flatten)
    }

    fn last_shown_in_table(&self, listed: &Listed) -> ReadResult<Option<TailEntry>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT seq, event, sender, counted, shown_last FROM messages
             WHERE conversation = ? AND seq > ? AND shown_last = 1 ORDER BY seq DESC LIMIT 1",
        )?;
        let mut rows = statement.query((listed.row, query::int(listed.too_old())))?;
        Ok(rows.next()?.map(entry).transpose()?)
    }
}

/// `newest, conversation, unread, read_seq, deleted_seq, pinned`
fn kept(row: &Row<'_>, last_seq: u64) -> rusqlite::Result<Kept> {
    let reader = ledger::Reader { read_seq: row.get(3)?, deleted_seq: row.get(4)?, pinned: row.get(5)? };
    Ok(Kept { place: (row.get(0)?, row.get(1)?), last_seq, unread: row.get(2)?, reader })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};

    use rusqlite::Connection;

    use super::*;
    use crate::store::sqlite::{SharedMemory, schema};
    use crate::telemetry::Metrics;

    /// Alice with so many one-to-one conversations of two messages, one of them unread, and three groups.
    fn with_conversations(count: u32) -> Connection {
        let mut connection = Connection::open_in_memory().unwrap();
        schema::migrate(&mut connection).unwrap();
        let filled = format!(
            "INSERT INTO users (id, user_id, created_at, unread) VALUES (1, 'alice', 1, {count});
             WITH RECURSIVE others (id) AS (SELECT 2 UNION ALL SELECT id + 1 FROM others WHERE id <= {count})
                INSERT INTO users (id, user_id, created_at) SELECT id, 'user' || id, 1 FROM others;
             INSERT INTO conversations (id, name) SELECT id, 'c2c:alice ' || user_id FROM users WHERE id > 1;
             INSERT INTO events SELECT id, 1, 1, 0, NULL, NULL, '', X'00' FROM users;
             INSERT INTO messages SELECT id, 1, id, 1, 1, 1 FROM conversations;
             INSERT INTO messages SELECT id, 2, id, id, 1, 1 FROM conversations;
             INSERT INTO readers SELECT 1, id, 1, id, 1, NULL, 0 FROM conversations;
             INSERT INTO readers SELECT id, id, 2, id, 0, NULL, 0 FROM conversations;
             INSERT INTO conversations (id, name) VALUES (-1, 'group:1'), (-2, 'group:2'), (-3, 'group:3');
             INSERT INTO readers (user, conversation, read_seq) VALUES (1, -1, 0), (1, -2, 0), (1, -3, 0);"
        );
        connection.execute_batch(&filled).unwrap();
        connection
    }

    /// Steps of SQLite's machine that the first page and the one after it cost.
    fn steps_of_two_pages(connection: &Connection, limit: usize) -> [u64; 2] {
        let (shared, metrics) = (SharedMemory::default(), Metrics::new());
        let reader = Reader { connection, shared: &shared, metrics: &metrics };
        let steps = Arc::new(AtomicU64::new(0));
        let counted = Arc::clone(&steps);
        let count = move || {
            counted.fetch_add(1, Ordering::Relaxed);
            false
        };
        connection.progress_handler(1, Some(count)).unwrap();
        let alice = UserId::parse("alice").unwrap();
        let mut after = None;
        [0; 2].map(|_| {
            let page = reader.conversations(&alice, &PageRange { after: after.take(), limit }).unwrap();
            assert_eq!(page.rows.len(), limit);
            after = page.next;
            steps.swap(0, Ordering::Relaxed)
        })
    }

    #[test]
    fn a_page_costs_the_same_however_many_conversations_there_are() {
        let [few, many] = [100, 5_000].map(|count| steps_of_two_pages(&with_conversations(count), 20));
        assert_eq!(few, many);
        let longer = steps_of_two_pages(&with_conversations(5_000), 40);
        assert!(longer[0] > few[0], "a longer page costs more: {longer:?}, {few:?}");
    }
}
