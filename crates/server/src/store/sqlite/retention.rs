//! Dropping old rows. Each kind of retention sweeps the journal from its own mark on, in small steps so that commands do not
//! wait.

use std::collections::HashMap;

use rusqlite::Connection;
use wigwag_engine::Call;

use super::kept_replies;
use super::places::Places;
use super::tail::TailEntry;
use super::{lists, push, query};
use crate::store::{RetentionCutoffs, StoreError};

/// Rows looked at in one transaction; about 5 ms of work.
const CHUNK: usize = 2_000;

/// Drops some old rows. True when some may be left.
pub(super) fn drop_some(connection: &Connection, cutoffs: &RetentionCutoffs) -> Result<bool, StoreError> {
    connection.execute_batch("BEGIN IMMEDIATE")?;
    let swept = sweep_all(connection, cutoffs).and_then(|more| {
        connection.execute_batch("COMMIT")?;
        Ok(more)
    });
    if swept.is_err() {
        connection.execute_batch("ROLLBACK").ok();
    }
    swept
}

fn sweep_all(connection: &Connection, cutoffs: &RetentionCutoffs) -> Result<bool, StoreError> {
    let mut more =
        sweep_events(connection, "swept_online_only", "indexed", cutoffs.online_only, drop_online_only)?;
    more |= sweep_events(connection, "swept_events", "indexed", cutoffs.events, drop_from_streams)?;
    if cutoffs.history > 0 {
        // Never ahead of the streams, which read the body of a message from here.
        more |=
            sweep_events(connection, "swept_history", "swept_events", cutoffs.history, drop_from_history)?;
    }
    more |= sweep_invitations(connection, cutoffs.invitations)?;
    more |= sweep_calls(connection, cutoffs.calls)?;
    more |= connection.execute(
        "DELETE FROM client_messages WHERE (sender, client_msg_id) IN
           (SELECT sender, client_msg_id FROM client_messages WHERE time < ?1 LIMIT ?2)",
        (cutoffs.events, CHUNK),
    )? == CHUNK;
    more |= kept_replies::drop_some(connection, cutoffs.replies, CHUNK)?;
    more |= push::drop_some(connection, cutoffs.events, CHUNK)?;
    Ok(more)
}

/// An old event of the journal.
struct Old {
    event: i64,
    online_only: bool,
    places: Places,
}

/// Hands the next chunk of old events to `drop`: those after `mark`, up to `until`. Events that the index tables do not have
/// yet are young and wait.
fn sweep_events(
    connection: &Connection,
    mark: &str,
    until: &str,
    before: u64,
    drop: fn(&Connection, &[Old]) -> Result<(), StoreError>,
) -> Result<bool, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT id, online_only, places, time FROM events
         WHERE id > ?1 AND id <= ?2 ORDER BY id LIMIT ?3",
    )?;
    let mut rows =
        statement.query((query::mark(connection, mark)?, query::mark(connection, until)?, CHUNK))?;
    let mut old = Vec::new();
    let mut seen = 0;
    while let Some(row) = rows.next()? {
        if row.get::<_, u64>(3)? >= before {
            break;
        }
        seen += 1;
        let places = Places::unpack(row.get_ref(2)?.as_blob().unwrap_or_default()).unwrap_or_default();
        old.push(Old { event: row.get(0)?, online_only: row.get(1)?, places });
    }
    if let Some(last) = old.last() {
        drop(connection, &old)?;
        write_mark(connection, mark, last.event)?;
    }
    Ok(seen == CHUNK)
}

fn drop_online_only(connection: &Connection, old: &[Old]) -> Result<(), StoreError> {
    let brief: Vec<&Old> = old.iter().filter(|old| old.online_only).collect();
    for user in drop_stream_rows(connection, &brief)? {
        raise(connection, "UPDATE users SET stream_head = max(stream_head, ?2) WHERE id = ?1", user)?;
    }
    drop_bodies(connection, brief.into_iter())
}

fn drop_from_streams(connection: &Connection, old: &[Old]) -> Result<(), StoreError> {
    let kept: Vec<&Old> = old.iter().filter(|old| !old.online_only).collect();
    for user in drop_stream_rows(connection, &kept)? {
        raise(
            connection,
            "UPDATE users SET stream_head = max(stream_head, ?2), stream_floor = max(stream_floor, ?2) WHERE id = ?1",
            user,
        )?;
    }
    // The body of a message is kept for its history.
    drop_bodies(connection, kept.into_iter().filter(|old| old.places.message.is_none()))
}

fn drop_from_history(connection: &Connection, old: &[Old]) -> Result<(), StoreError> {
    let mut newest: HashMap<i64, u64> = HashMap::new();
    let mut dropped: HashMap<i64, Vec<TailEntry>> = HashMap::new();
    let messages = old.iter().filter_map(|old| Some((old.event, old.places.message?)));
    for (event, (conversation, seq, sender, flags)) in messages {
        dropped.entry(conversation).or_default().push(TailEntry { position: seq, event, sender, flags });
        for table in ["messages", "revoked"] {
            let sql = format!("DELETE FROM {table} WHERE conversation = ? AND seq = ?");
            connection.prepare_cached(&sql)?.execute((conversation, seq))?;
        }
        let highest = newest.entry(conversation).or_default();
        *highest = seq.max(*highest);
    }
    for conversation in sorted(newest) {
        raise(
            connection,
            "UPDATE conversations SET last_seq = max(last_seq, ?2) WHERE id = ?1",
            conversation,
        )?;
    }
    lists::dropped(connection, &dropped)?;
    drop_bodies(connection, old.iter().filter(|old| old.places.message.is_some()))
}

/// Deletes the events' rows in streams. Returns the newest deleted cursor of each user.
fn drop_stream_rows(connection: &Connection, old: &[&Old]) -> Result<Vec<(i64, u64)>, StoreError> {
    let mut newest: HashMap<i64, u64> = HashMap::new();
    let mut delete = connection.prepare_cached("DELETE FROM streams WHERE user = ? AND cursor = ?")?;
    for (user, cursor) in old.iter().flat_map(|old| old.places.streams.iter().copied()) {
        delete.execute((user, cursor))?;
        let highest = newest.entry(user).or_default();
        *highest = cursor.max(*highest);
    }
    Ok(sorted(newest))
}

fn sorted(newest: HashMap<i64, u64>) -> Vec<(i64, u64)> {
    let mut rows: Vec<(i64, u64)> = newest.into_iter().collect();
    rows.sort_unstable();
    rows
}

fn raise(connection: &Connection, sql: &str, row: (i64, u64)) -> Result<(), StoreError> {
    connection.prepare_cached(sql)?.execute(row)?;
    Ok(())
}

fn drop_bodies<'a>(connection: &Connection, old: impl Iterator<Item = &'a Old>) -> Result<(), StoreError> {
    let mut delete = connection.prepare_cached("DELETE FROM events WHERE id = ?")?;
    for old in old {
        delete.execute([old.event])?;
    }
    Ok(())
}

/// Drops ended invitations in the order they were made, up to the first that is open or young.
fn sweep_invitations(connection: &Connection, before: u64) -> Result<bool, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT id, id IN (SELECT invitation FROM open_invitations), created_at FROM invitations
             ORDER BY id LIMIT ?",
    )?;
    let mut rows = statement.query([CHUNK])?;
    let mut last = None;
    let mut seen = 0;
    while let Some(row) = rows.next()? {
        if row.get(1)? || row.get::<_, u64>(2)? >= before {
            break;
        }
        last = Some(row.get::<_, i64>(0)?);
        seen += 1;
    }
    if let Some(last) = last {
        // Numbers of dropped invitations are never used again: events may still name them.
        write_mark(connection, "swept_invitations", last)?;
        connection.prepare_cached("DELETE FROM invitations WHERE id <= ?")?.execute([last])?;
        connection.prepare_cached("DELETE FROM courses WHERE invitation <= ?")?.execute([last])?;
    }
    Ok(seen == CHUNK)
}

/// Drops ended calls in the order in which they began, up to the first that is young or not in everybody's list yet. Running ones,
/// which may last long, do not keep the others.
fn sweep_calls(connection: &Connection, before: u64) -> Result<bool, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT id, created_at, record FROM calls WHERE id NOT IN (SELECT call FROM running_calls)
         AND id <= (SELECT value FROM marks WHERE name = 'listed_calls') ORDER BY id LIMIT ?",
    )?;
    let mut rows = statement.query([CHUNK])?;
    let mut old = Vec::new();
    while let Some(row) = rows.next()? {
        if row.get::<_, u64>(1)? >= before {
            break;
        }
        // A record that cannot be read must not keep the others; its places in lists lead nowhere then.
        old.push((row.get::<_, i64>(0)?, query::read_call(row, 2).ok()));
    }
    for (row, call) in &old {
        drop_call(connection, *row, call.as_ref())?;
    }
    if let Some((last, _)) = old.last() {
        // Their numbers are never used again: the writer may still know them.
        let last = query::mark(connection, "swept_calls")?.max(*last);
        write_mark(connection, "swept_calls", last)?;
    }
    Ok(old.len() == CHUNK)
}

/// Drops an ended call and its places in lists. Everybody who is in its record has it in their list, and nobody else.
fn drop_call(connection: &Connection, row: i64, call: Option<&Call>) -> Result<(), StoreError> {
    let mut unlist =
        connection.prepare_cached("DELETE FROM call_lists WHERE user = ? AND created_at = ? AND call = ?")?;
    for (call, person) in call.iter().flat_map(|call| call.people.iter().map(move |person| (call, person))) {
        if let Some(user) = query::user_row(connection, &person.user)? {
            unlist.execute((user, call.created_at, row))?;
        }
    }
    connection.prepare_cached("DELETE FROM running_calls WHERE call = ?")?.execute([row])?;
    connection.prepare_cached("DELETE FROM calls WHERE id = ?")?.execute([row])?;
    Ok(())
}

fn write_mark(connection: &Connection, name: &str, value: i64) -> Result<(), StoreError> {
    connection
        .prepare_cached("INSERT OR REPLACE INTO marks (name, value) VALUES (?, ?)")?
        .execute((name, value))?;
    Ok(())
}
