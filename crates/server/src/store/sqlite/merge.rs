//! Merging the journal's tail into the index tables, a little at a time and the oldest first.

use std::time::{Duration, Instant};

use rusqlite::Connection;

use super::tail::{COUNTED, SHOWN_LAST, Tail, Tails};
use super::{SharedMemory, lists};
use crate::store::StoreError;
use crate::telemetry::Throttle;

/// Entries that the tail may hold before every commit merges some. Enough for a busy user's entries to fill much of a page
/// when they are written; little enough (under 10 MB, a tenth of a second) to be read again at start.
const LONG: usize = 100_000;
/// The same for lists of calls, where a user has far fewer entries; a tenth of a second to be read again at start.
const LONG_LISTS: usize = 25_000;
/// Rows merged at once while the writer is idle; about 5 ms of work.
pub(super) const CHUNK: usize = 4_000;
/// Pages of the write-ahead log (256 MB) after which it has to start over.
pub(super) const LONG_LOG: i64 = 65_536;

/// Owners whose entries were all written.
#[derive(Debug, Default)]
pub(super) struct Merged {
    pub(super) users: Vec<i64>,
    pub(super) conversations: Vec<i64>,
    /// 1 when streams and histories were merged, otherwise 0.
    pub(super) merges: i64,
    /// Users whose lists of calls were written.
    pub(super) callers: Vec<i64>,
}

/// The first rows of `events` and `calls` that are not in the tail yet.
#[derive(Debug, Clone, Copy)]
pub(super) struct NextRows {
    pub(super) event: i64,
    pub(super) call: i64,
}

/// What a commit adds to the tail.
#[derive(Debug, Clone, Copy)]
pub(super) struct Added {
    /// Places in streams and histories.
    pub(super) places: usize,
    /// Places in lists of calls.
    pub(super) calls: usize,
}

/// Merges a little more than a commit added, when the tail is long.
pub(super) fn when_long(
    connection: &Connection,
    shared: &SharedMemory,
    added: Added,
    first: NextRows,
) -> Result<Merged, StoreError> {
    let tails = shared.tails.read();
    let mut merged = Merged::default();
    if tails.streams.len() + tails.messages.len() > LONG {
        merged = places(connection, &tails, added.places + added.places / 4, first.event)?;
    }
    if tails.calls.len() > LONG_LISTS {
        merged.callers = lists_of_calls(connection, &tails, added.calls + added.calls / 4, first.call)?;
    }
    Ok(merged)
}

/// Merges at least `rows` entries, or all.
pub(super) fn some(
    connection: &Connection,
    shared: &SharedMemory,
    rows: usize,
    next: NextRows,
) -> Result<Merged, StoreError> {
    let tails = shared.tails.read();
    let merged = places(connection, &tails, rows, next.event)?;
    Ok(Merged { callers: lists_of_calls(connection, &tails, rows / 2, next.call)?, ..merged })
}

fn places(
    connection: &Connection,
    tails: &Tails,
    rows: usize,
    next_event: i64,
) -> Result<Merged, StoreError> {
    let streams_are_longer = tails.streams.len() >= tails.messages.len();
    let (from_streams, from_messages) = if streams_are_longer { (rows, rows / 2) } else { (rows / 2, rows) };
    let users = tails.streams.oldest(from_streams);
    let conversations = tails.messages.oldest(from_messages);
    write_streams(connection, &tails.streams, &users)?;
    write_messages(connection, &tails.messages, &conversations)?;
    lists::merged(connection, tails, &conversations)?;
    let oldest = [tails.streams.oldest_event(users.len()), tails.messages.oldest_event(conversations.len())];
    let indexed = oldest.into_iter().flatten().min().unwrap_or(next_event) - 1;
    connection.prepare_cached("UPDATE marks SET value = ? WHERE name = 'indexed'")?.execute([indexed])?;
    connection.prepare_cached("UPDATE marks SET value = value + 1 WHERE name = 'merges'")?.execute([])?;
    Ok(Merged { users, conversations, merges: 1, callers: Vec::new() })
}

/// Writes lists of calls, and up to which call everybody has all of theirs.
fn lists_of_calls(
    connection: &Connection,
    tails: &Tails,
    rows: usize,
    next_call: i64,
) -> Result<Vec<i64>, StoreError> {
    let users = tails.calls.oldest(rows);
    if users.is_empty() {
        return Ok(users);
    }
    let mut insert = connection
        .prepare_cached("INSERT OR IGNORE INTO call_lists (user, created_at, call) VALUES (?, ?, ?)")?;
    for user in &users {
        for entry in tails.calls.entries(*user) {
            insert.execute((user, entry.position, entry.event))?;
        }
    }
    let listed = tails.calls.oldest_event(users.len()).unwrap_or(next_call) - 1;
    connection.prepare_cached("UPDATE marks SET value = ? WHERE name = 'listed_calls'")?.execute([listed])?;
    Ok(users)
}

fn write_streams(connection: &Connection, tail: &Tail, users: &[i64]) -> Result<(), StoreError> {
    let mut insert =
        connection.prepare_cached("INSERT OR IGNORE INTO streams (user, cursor, event) VALUES (?, ?, ?)")?;
    for user in users {
        for entry in tail.entries(*user) {
            insert.execute((user, entry.position, entry.event))?;
        }
    }
    Ok(())
}

fn write_messages(connection: &Connection, tail: &Tail, conversations: &[i64]) -> Result<(), StoreError> {
    let mut insert = connection.prepare_cached(
        "INSERT OR IGNORE INTO messages (conversation, seq, event, sender, counted, shown_last)
         VALUES (?, ?, ?, ?, ?, ?)",
    )?;
    for conversation in conversations {
        for entry in tail.entries(*conversation) {
            let counted = entry.flags & COUNTED != 0;
            let shown_last = entry.flags & SHOWN_LAST != 0;
            insert.execute((conversation, entry.position, entry.event, entry.sender, counted, shown_last))?;
        }
    }
    Ok(())
}

/// Copies as much of the write-ahead log into the database as it can without making commits wait. Returns the log's length
/// in pages.
pub(super) fn checkpoint(connection: &Connection) -> i64 {
    pragma(connection, "PRAGMA wal_checkpoint(PASSIVE)")
}

/// Copies the rest and lets the log start over from its beginning.
pub(super) fn restart_log(connection: &Connection) -> i64 {
    pragma(connection, "PRAGMA wal_checkpoint(RESTART)")
}

fn pragma(connection: &Connection, sql: &str) -> i64 {
    connection.query_row(sql, [], |row| row.get(1)).unwrap_or_else(|error| {
        static FAILURES: Throttle = Throttle::every(Duration::from_mins(1));
        if FAILURES.pass(1, Instant::now()).is_some() {
            tracing::warn!(%error, "a checkpoint failed; it is tried again every second");
        }
        0
    })
}
