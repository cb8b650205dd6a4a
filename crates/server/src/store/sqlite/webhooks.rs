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

    /// By halving, because rows are in the order of their times and have no index of them.
    pub(super) fn journal_before(&self, time: u64) -> ReadResult<EventId> {
        let mut next = self
            .connection
            .prepare_cached("SELECT id, time FROM events WHERE id >= ? ORDER BY id LIMIT 1")?;
        // What happened at `time` or later is behind `low`; what happened before is not behind `high`.
        let (mut low, mut high) = (0, row_of(end(self.connection)?));
        while low < high {
            let middle = low + (high - low) / 2 + 1;
            let found: Option<(i64, u64)> =
                next.query_row([middle], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
            match found {
                Some((id, at)) if at < time => low = id,
                Some(_) | None => high = middle - 1,
            }
        }
        Ok(id_of(low))
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

/// How far an endpoint has been served, and how far it had been.
pub(super) struct Keeping {
    pub(super) endpoint: String,
    pub(super) known: Option<Served>,
    pub(super) served: Served,
}

/// Writes it in the transaction that is open; false when it is not as it was known.
pub(super) fn keep(connection: &Connection, keeping: &Keeping) -> Result<bool, StoreError> {
    let Keeping { endpoint, known, served } = keeping;
    let written = |served: &Served| served.state().map_err(|error| bad_record(&error));
    let (place, state) = (row_of(served.place), written(served)?);
    let rows = match known {
        None => {
            let sql = "INSERT OR IGNORE INTO webhooks (endpoint, place, state) VALUES (?, ?, ?)";
            connection.prepare_cached(sql)?.execute((endpoint, place, state))?
        }
        Some(known) => {
            let sql =
                "UPDATE webhooks SET place = ?, state = ? WHERE endpoint = ? AND place = ? AND state = ?";
            let before = (row_of(known.place), written(known)?);
            connection.prepare_cached(sql)?.execute((place, state, endpoint, before.0, before.1))?
        }
    };
    Ok(rows == 1)
}

pub(super) fn id_of(row: i64) -> EventId {
    EventId(u128::try_from(row).unwrap_or(0))
}

/// A name that no row has comes after all rows.
pub(super) fn row_of(id: EventId) -> i64 {
    u64::try_from(id.0).map_or(i64::MAX, query::int)
}
