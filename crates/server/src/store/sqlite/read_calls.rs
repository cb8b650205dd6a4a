//! Queries about calls.

use std::cmp::Ordering;
use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension, Row, Rows};
use wigwag_engine::Call;
use wigwag_engine::command::CallRef;
use wigwag_protocol::{CallId, GroupId, UserId};

use super::query;
use super::read::{ReadResult, Reader};
use crate::store::pages::{CallPageMaking, PageBytes};
use crate::store::{CallPage, CallRange, NamedPage, WhichCall, bad_record, record};

/// All that run are put into order by their names alone; their records are read for the page only. The join keeps its order: SQLite would
/// go through the names of all calls that ever were, which are in order already.
const RUNNING: &str = "SELECT calls.id FROM running_calls CROSS JOIN calls ON calls.id = call
     WHERE call_id > ? ORDER BY call_id";

impl Reader<'_> {
    pub(super) fn call(&self, id: &CallId) -> ReadResult<Option<Arc<Call>>> {
        Ok(query::call(self.connection, id)?.map(|(_, call)| Arc::new(call)))
    }

    pub(super) fn call_found(&self, which: &WhichCall) -> ReadResult<Option<Arc<Call>>> {
        match which {
            WhichCall::Ref(CallRef::Call(id)) => self.call(id),
            WhichCall::Ref(CallRef::Room(room)) => {
                Ok(query::newest_of_room(self.connection, room)?.map(Arc::new))
            }
            WhichCall::OfGroup(group) => self.newest_running(group),
        }
    }

    fn newest_running(&self, group: &GroupId) -> ReadResult<Option<Arc<Call>>> {
        let Some(group) = query::group_row(self.connection, group)? else { return Ok(None) };
        let Some(newest) = self.shared.calls.read().of_group(group).last().copied() else { return Ok(None) };
        // It may have ended since.
        let call = query::call_at(self.connection, newest)?;
        Ok(call.filter(Call::is_running).map(Arc::new))
    }

    pub(super) fn calls_of(&self, user: &UserId, range: &CallRange) -> ReadResult<CallPage> {
        let Some(row) = query::user_row(self.connection, user)? else { return Ok(CallPage::default()) };
        // The tail first: what is merged in between is seen twice then, not missed.
        let recent = self.recent_calls(row, range);
        let mut statement = self.connection.prepare_cached(
            "SELECT calls.created_at, call_id, calls.id, record FROM call_lists JOIN calls ON calls.id = call
             WHERE user = ?1 AND call_lists.created_at <= ?2 AND (call_lists.created_at < ?2 OR call_id < ?3)
             ORDER BY call_lists.created_at DESC, call_id DESC",
        )?;
        let (created_at, id) = before(range);
        let mut list = NewestFirst::of(statement.query((row, created_at, id))?, recent)?;
        let mut page = CallPageMaking::new(user, range);
        while let Some(listed) = list.next()? {
            let Some(call) = self.readable("a call", &listed.row, listed.call())? else { continue };
            if !page.takes(call, listed.record.len()) {
                break;
            }
        }
        Ok(page.done())
    }

    /// Calls of the user that are in the tail, as far as they come in the range.
    fn recent_calls<'a>(&'a self, user: i64, range: &'a CallRange) -> Recent<'a> {
        let (created_at, _) = before(range);
        let mut rows: Vec<(i64, i64)> = {
            let tails = self.shared.tails.read();
            let began = tails.calls.entries(user).map(|entry| (query::int(entry.position), entry.event));
            began.filter(|(began, _)| *began <= created_at).collect()
        };
        rows.sort_unstable();
        Recent { connection: self.connection, before: before(range), rows, read: Vec::new() }
    }

    pub(super) fn running_page(
        &self,
        after: Option<&CallId>,
        limit: usize,
    ) -> ReadResult<NamedPage<Arc<Call>>> {
        let mut running = self.connection.prepare_cached(RUNNING)?;
        let mut found = running.query([after.map_or("", CallId::as_str)])?;
        let one = "SELECT created_at, call_id, id, record FROM calls WHERE id = ?";
        let mut one = self.connection.prepare_cached(one)?;
        let (mut rows, mut bytes) = (Vec::new(), PageBytes::default());
        while let Some(row) = found.next()? {
            if rows.len() >= limit || bytes.is_full() {
                return Ok(NamedPage { rows, complete: false });
            }
            let listed = one.query_row([row.get::<_, i64>(0)?], Listed::read)?;
            if let Some(call) = self.readable("a call", &listed.row, listed.call())? {
                bytes.add(listed.record.len());
                rows.push(Arc::new(call));
            }
        }
        Ok(NamedPage { rows, complete: true })
    }

    pub(super) fn calls_seen(&self, user: &UserId) -> ReadResult<u64> {
        match query::user_row(self.connection, user)? {
            Some(row) => query::calls_seen(self.connection, row),
            None => Ok(0),
        }
    }
}

/// The place before which a page begins.
fn before(range: &CallRange) -> (i64, &str) {
    let place = range.after.as_ref();
    place.map_or((i64::MAX, ""), |place| (query::int(place.created_at), place.id.as_str()))
}

/// A call in a list. Its texts are as they are on disk: one that cannot be read must not end the list.
struct Listed {
    created_at: i64,
    call_id: Vec<u8>,
    row: i64,
    record: Vec<u8>,
}

impl Listed {
    /// `created_at, call_id, id, record`
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let text = |column| Ok::<_, rusqlite::Error>(row.get_ref(column)?.as_bytes()?.to_vec());
        Ok(Self { created_at: row.get(0)?, call_id: text(1)?, row: row.get(2)?, record: text(3)? })
    }

    fn place(&self) -> (i64, &[u8]) {
        (self.created_at, &self.call_id)
    }

    fn call(&self) -> ReadResult<Call> {
        record::read_call(str::from_utf8(&self.record).map_err(|error| bad_record(&error))?)
    }
}

/// The tail of a user's list. A page reads no more of its calls than it shows, and those that began in the same millisecond as its last
/// one: only their names order these.
struct Recent<'a> {
    connection: &'a Connection,
    /// The place before which the page begins.
    before: (i64, &'a str),
    /// When calls began, and their rows; the newest last.
    rows: Vec<(i64, i64)>,
    /// Those that began in the newest millisecond that is left, the next one last.
    read: Vec<Listed>,
}

impl Recent<'_> {
    fn next(&mut self) -> ReadResult<Option<&Listed>> {
        while self.read.is_empty() {
            let Some((began, _)) = self.rows.last().copied() else { return Ok(None) };
            self.read_what_began(began)?;
        }
        Ok(self.read.last())
    }

    fn read_what_began(&mut self, at: i64) -> ReadResult<()> {
        let mut statement = self.connection.prepare_cached(
            "SELECT created_at, call_id, id, record FROM calls
             WHERE id = ?1 AND (created_at < ?2 OR created_at = ?2 AND call_id < ?3)",
        )?;
        let (created_at, id) = self.before;
        while let Some((_, row)) = self.rows.pop_if(|(began, _)| *began == at) {
            self.read.extend(statement.query_row((row, created_at, id), Listed::read).optional()?);
        }
        self.read.sort_unstable_by(|one, other| one.place().cmp(&other.place()));
        Ok(())
    }
}

/// A user's list out of the table and the tail.
struct NewestFirst<'a> {
    rows: Rows<'a>,
    /// The next of the table.
    head: Option<Listed>,
    recent: Recent<'a>,
}

impl<'a> NewestFirst<'a> {
    fn of(mut rows: Rows<'a>, recent: Recent<'a>) -> ReadResult<Self> {
        let head = rows.next()?.map(Listed::read).transpose()?;
        Ok(Self { rows, head, recent })
    }

    fn next(&mut self) -> ReadResult<Option<Listed>> {
        let (head, recent) = (self.head.as_ref().map(Listed::place), self.recent.next()?.map(Listed::place));
        // Nothing is before everything.
        match head.cmp(&recent) {
            Ordering::Less => return Ok(self.recent.read.pop()),
            Ordering::Equal => drop(self.recent.read.pop()),
            Ordering::Greater => {}
        }
        let next = self.rows.next()?.map(Listed::read).transpose()?;
        Ok(std::mem::replace(&mut self.head, next))
    }
}

/// The running call that a user is in.
pub(super) fn call_with(reader: &Reader<'_>, user: &UserId) -> ReadResult<Option<CallId>> {
    let Some(row) = query::user_row(reader.connection, user)? else { return Ok(None) };
    let call = reader.shared.calls.read().with(row);
    call.map(|call| query::call_name(reader.connection, call)).transpose()
}

/// Those of these users who are in a running call.
pub(super) fn those_in_calls(reader: &Reader<'_>, users: &[UserId]) -> ReadResult<Vec<UserId>> {
    let mut inside = Vec::new();
    for user in users {
        let row = query::user_row(reader.connection, user)?;
        let call = row.and_then(|row| reader.shared.calls.read().with(row));
        inside.extend(call.map(|_| user.clone()));
    }
    Ok(inside)
}

/// Everybody who is in a running call.
pub(super) fn running_calls(reader: &Reader<'_>) -> ReadResult<Vec<CallId>> {
    let sql = "SELECT call_id FROM running_calls JOIN calls ON calls.id = call";
    let mut statement = reader.connection.prepare_cached(sql)?;
    let mut rows = statement.query([])?;
    let mut calls = Vec::new();
    while let Some(row) = rows.next()? {
        let id: String = row.get(0)?;
        calls.push(CallId::parse(&id).map_err(|error| bad_record(&error))?);
    }
    Ok(calls)
}

pub(super) fn people_in_calls(reader: &Reader<'_>) -> ReadResult<Vec<UserId>> {
    let rows = reader.shared.calls.read().people();
    rows.into_iter().map(|row| query::user_name(reader.connection, row)).collect()
}

#[cfg(test)]
mod tests {
    use rusqlite::StatementStatus;

    use super::*;

    /// A table of calls, each with its row, when it began and its name.
    fn table(calls: &[(i64, i64, &str)]) -> Connection {
        let connection = Connection::open_in_memory().unwrap();
        let columns = "id INTEGER PRIMARY KEY, created_at INTEGER, call_id TEXT, record TEXT";
        connection.execute_batch(&format!("CREATE TABLE calls ({columns})")).unwrap();
        for call in calls {
            connection.execute("INSERT INTO calls VALUES (?, ?, ?, '{}')", *call).unwrap();
        }
        connection
    }

    /// The names in the order of the list, and how many calls were read for the first of them.
    fn listed(calls: &[(i64, i64, &str)], before: (i64, &str)) -> (Vec<String>, usize) {
        let connection = table(calls);
        let mut rows: Vec<(i64, i64)> = calls.iter().map(|(row, began, _)| (*began, *row)).collect();
        rows.sort_unstable();
        let mut recent = Recent { connection: &connection, before, rows, read: Vec::new() };
        let (mut names, mut first) = (Vec::new(), None);
        while recent.next().unwrap().is_some() {
            first.get_or_insert(calls.len() - recent.rows.len());
            let listed = recent.read.pop().unwrap();
            names.push(String::from_utf8(listed.call_id).unwrap());
        }
        (names, first.unwrap_or(0))
    }

    #[test]
    fn of_the_tail_no_more_is_read_than_is_shown() {
        let calls = [(1, 10, "a"), (2, 20, "b"), (3, 30, "d"), (4, 30, "c"), (5, 29, "e")];
        let (names, first) = listed(&calls, (i64::MAX, ""));
        assert_eq!(names, ["d", "c", "e", "b", "a"]);
        assert_eq!(first, 2, "only what began in the newest millisecond is read for the newest");
    }

    /// Those that have ended would be tens of thousands of steps.
    #[test]
    fn of_all_calls_only_those_that_run_are_gone_through() {
        let connection = Connection::open_in_memory().unwrap();
        let fill = "CREATE TABLE calls (id INTEGER PRIMARY KEY, call_id TEXT NOT NULL UNIQUE);
            CREATE TABLE running_calls (call INTEGER PRIMARY KEY);
            WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 5000)
                INSERT INTO calls SELECT n, 'call' || n FROM numbers;
            INSERT INTO running_calls VALUES (7), (4900)";
        connection.execute_batch(fill).unwrap();
        let mut statement = connection.prepare(RUNNING).unwrap();
        let running: Result<Vec<i64>, _> = statement.query_map([""], |row| row.get(0)).unwrap().collect();
        assert_eq!(running.unwrap(), [4_900, 7], "in the order of their names");
        let steps = statement.get_status(StatementStatus::VmStep);
        assert!(steps < 100, "{steps}");
    }

    #[test]
    fn a_page_begins_before_its_place() {
        let calls = [(1, 10, "a"), (2, 30, "c"), (3, 30, "d"), (4, 30, "e")];
        assert_eq!(listed(&calls, (30, "d")).0, ["c", "a"]);
        assert_eq!(listed(&calls, (30, "c")).0, ["a"], "what is passed over does not end the list");
        assert!(listed(&calls, (10, "a")).0.is_empty());
    }
}
