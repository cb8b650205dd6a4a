//! The journal for webhooks, and how far each endpoint has been served. Rows grow in the order of their commits.

use rusqlite::{Connection, OptionalExtension};

use super::query;
use super::read::{ReadResult, Reader};
use crate::store::{EventId, JOURNAL_BYTES, JournalEvent, ListedEvent, Served, StoreError, bad_record};

impl Reader<'_> {
    pub(super) fn served(&self, endpoint: &str) -> ReadResult<Option<Served>> {
        let sql = "SELECT place, state FROM webhooks WHERE endpoint = ?";
        let mut statement = self.connection.prepare_cached(sql)?;
        let row: Option<(i64, String)> =
            statement.query_row([endpoint], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
        let Some((place, state)) = row else { return Ok(None) };
        Ok(Some(Served::read(id_of(place), &state).map_err(|error| bad_record(&error))?))
    }

    pub(super) fn journal_after(&self, place: EventId, limit: usize) -> ReadResult<Vec<ListedEvent>> {
        let sql = "SELECT id, time FROM events WHERE id > ? ORDER BY id LIMIT ?";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map((row_of(place), limit), |row| {
            Ok(ListedEvent { id: id_of(row.get(0)?), time: row.get(1)? })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    pub(super) fn journal_events(&self, ids: &[EventId]) -> ReadResult<Vec<Option<JournalEvent>>> {
        let mut statement = self.connection.prepare_cached("SELECT time, body FROM events WHERE id = ?")?;
        let (mut events, mut bytes) = (Vec::new(), 0);
        for id in ids {
            if bytes >= JOURNAL_BYTES {
                break;
            }
            let read = statement.query_row([row_of(*id)], |row| {
                Ok(JournalEvent { id: *id, time: row.get(0)?, body: row.get(1)? })
            });
            let event = self.readable("an event", id, read.optional().map_err(StoreError::from))?.flatten();
            bytes += event.as_ref().map_or(0, |event| event.body.len());
            events.push(event);
        }
        Ok(events)
    }

    /// Without counting them: rows have no holes but those of retention, which drops what is old.
    pub(super) fn journal_waiting(&self, place: EventId) -> ReadResult<u64> {
        let newest = i64::try_from(end(self.connection)?.0).unwrap_or(i64::MAX);
        Ok(u64::try_from(newest.saturating_sub(row_of(place))).unwrap_or(0))
    }
}

/// The newest event.
pub(super) fn end(connection: &Connection) -> ReadResult<EventId> {
    let sql = "SELECT coalesce(max(id), 0) FROM events";
    Ok(id_of(connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?))
}

/// Writes how far an endpoint has been served, in the transaction that is open.
pub(super) fn keep(connection: &Connection, endpoint: &str, served: &Served) -> Result<(), StoreError> {
    let state = served.state().map_err(|error| bad_record(&error))?;
    let sql = "INSERT OR REPLACE INTO webhooks (endpoint, place, state) VALUES (?, ?, ?)";
    connection.prepare_cached(sql)?.execute((endpoint, row_of(served.place), state))?;
    Ok(())
}

pub(super) fn id_of(row: i64) -> EventId {
    EventId(u128::try_from(row).unwrap_or(0))
}

/// A name that no row has comes after all rows.
pub(super) fn row_of(id: EventId) -> i64 {
    u64::try_from(id.0).map_or(i64::MAX, query::int)
}
