//! Erasing what is kept in many rows for a deleted user alone, a few rows of each table in a step.

use rusqlite::{Connection, OptionalExtension};
use wigwag_protocol::UserId;

use super::lists;
use super::query;
use super::tail::Tails;
use crate::store::StoreError;
use crate::store::erasing::{ERASED_AT_ONCE, OWN_EVENTS};

/// Tables whose rows are simply dropped: the table, what it has the user in, and its key.
const BY_NUMBER: [(&str, &str, &str); 4] = [
    ("call_lists", "user", "user, created_at, call"),
    ("blocks", "by_user", "by_user, target"),
    ("departures", "user", "group_row, user"),
    ("client_messages", "sender", "sender, client_msg_id"),
];

/// The row of a deleted user.
pub(super) fn deleted_row(connection: &Connection, user: &UserId) -> Result<Option<i64>, StoreError> {
    let sql = "SELECT id FROM users WHERE user_id = ? AND deleted_at IS NOT NULL";
    Ok(connection.prepare_cached(sql)?.query_row([user.as_str()], |row| row.get(0)).optional()?)
}

/// Whether the index tables have everything of the user. Their newest event must be merged for everybody: the numbers of events go on from the
/// journal's end, which an event that is dropped before it would move back.
pub(super) fn is_merged(connection: &Connection, tails: &Tails, user: i64) -> Result<bool, StoreError> {
    if tails.streams.newest(user).is_some() || tails.calls.newest(user).is_some() {
        return Ok(false);
    }
    let sql = "SELECT event FROM streams WHERE user = ? ORDER BY cursor DESC LIMIT 1";
    let newest: Option<i64> =
        connection.prepare_cached(sql)?.query_row([user], |row| row.get(0)).optional()?;
    Ok(newest.unwrap_or(0) <= query::mark(connection, "indexed")?)
}

/// Erases some rows, in the transaction that is open. True when some may be left.
pub(super) fn some(connection: &Connection, user: &UserId, row: i64) -> Result<bool, StoreError> {
    let mut most = stream(connection, row)?;
    most = most.max(lists::erase(connection, row, ERASED_AT_ONCE)?);
    for (table, column, key) in BY_NUMBER {
        let sql = format!(
            "DELETE FROM {table} WHERE ({key}) IN (SELECT {key} FROM {table} WHERE {column} = ?1 LIMIT ?2)"
        );
        most = most.max(connection.prepare_cached(&sql)?.execute((row, ERASED_AT_ONCE))?);
    }
    let sql = "DELETE FROM rings WHERE (invite_id, user_id, device_id) IN
        (SELECT invite_id, user_id, device_id FROM rings INDEXED BY rings_of_user WHERE user_id = ?1 LIMIT ?2)";
    most = most.max(connection.prepare_cached(sql)?.execute((user.as_str(), ERASED_AT_ONCE))?);
    Ok(i64::try_from(most).unwrap_or(i64::MAX) >= ERASED_AT_ONCE)
}

/// Places of the stream, the oldest first, with the events that only the user's own devices were told. How many there were.
fn stream(connection: &Connection, user: i64) -> Result<usize, StoreError> {
    let sql = "SELECT cursor, event FROM streams WHERE user = ? ORDER BY cursor LIMIT ?";
    let mut statement = connection.prepare_cached(sql)?;
    let places = statement
        .query_map((user, ERASED_AT_ONCE), |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<Vec<(i64, i64)>, _>>()?;
    let mut place = connection.prepare_cached("DELETE FROM streams WHERE user = ? AND cursor = ?")?;
    let mut event = connection.prepare_cached(
        "DELETE FROM events WHERE id = ?1 AND actor = ?2
            AND (substr(body, 1, length(?3)) = ?3 OR substr(body, 1, length(?4)) = ?4)",
    )?;
    let [of_users, of_lists] = OWN_EVENTS;
    for (cursor, id) in &places {
        place.execute((user, cursor))?;
        event.execute((id, user, of_users, of_lists))?;
    }
    Ok(places.len())
}
