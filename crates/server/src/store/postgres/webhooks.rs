//! The journal for webhooks, and how far each endpoint has been served. Events that nodes write beside each other may become readable
//! after ones with greater ids.

use uuid::Uuid;

use super::SETTLES;
use super::connection::{nat, spoilt};
use super::read::{ReadResult, Reader};
use crate::store::{EventId, JOURNAL_BYTES, JournalEvent, ListedEvent, Served};

/// Most events that are counted as waiting: the figure is for an operator, and counting reads the index.
const MOST_COUNTED: i64 = 100_000;

impl Reader {
    pub(super) async fn served(&self, endpoint: &str) -> ReadResult<Option<Served>> {
        let sql = "SELECT place, state FROM webhooks WHERE endpoint = $1";
        let rows = self.rows(sql, &[&endpoint]).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        Served::read(id_of(row.get(0)), row.get(1)).map(Some).map_err(|error| spoilt(&error))
    }

    pub(super) async fn keep_served(
        &self,
        endpoint: &str,
        known: Option<&Served>,
        served: &Served,
    ) -> ReadResult<bool> {
        let state = served.state().map_err(|error| spoilt(&error))?;
        let place = uuid_of(served.place);
        let Some(known) = known else {
            let sql = "INSERT INTO webhooks (endpoint, place, state) VALUES ($1, $2, $3)
                ON CONFLICT (endpoint) DO NOTHING RETURNING 1";
            return Ok(!self.rows(sql, &[&endpoint, &place, &state]).await?.is_empty());
        };
        let before = known.state().map_err(|error| spoilt(&error))?;
        let sql = "UPDATE webhooks SET place = $2, state = $3 WHERE endpoint = $1 AND place = $4 AND state = $5 RETURNING 1";
        let rows = self.rows(sql, &[&endpoint, &place, &state, &uuid_of(known.place), &before]).await?;
        Ok(!rows.is_empty())
    }

    /// So far before the newest that no other node's event can still appear behind it.
    pub(super) async fn journal_end(&self) -> ReadResult<EventId> {
        let rows = self.rows("SELECT id FROM events ORDER BY id DESC LIMIT 1", &[]).await?;
        let newest = rows.first().map_or(0, |row| time_of(id_of(row.get(0))));
        Ok(before(newest.saturating_sub(settles_ms())))
    }

    /// From the index alone: an id begins with its time.
    pub(super) async fn journal_after(&self, place: EventId, limit: usize) -> ReadResult<Vec<ListedEvent>> {
        let sql = "SELECT id FROM events WHERE id > $1 ORDER BY id LIMIT $2";
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let rows = self.rows(sql, &[&uuid_of(place), &limit]).await?;
        Ok(rows.iter().map(|row| id_of(row.get(0))).map(|id| ListedEvent { id, time: time_of(id) }).collect())
    }

    pub(super) async fn journal_events(&self, ids: &[EventId]) -> ReadResult<Vec<Option<JournalEvent>>> {
        let sql = "SELECT time, body FROM (SELECT place, time, body, sum(octet_length(body))
                OVER (ORDER BY place ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS bytes_before
            FROM unnest($1::uuid[]) WITH ORDINALITY AS wanted (id, place) LEFT JOIN events USING (id)) AS measured
            WHERE bytes_before IS NULL OR bytes_before < $2 ORDER BY place";
        let uuids: Vec<Uuid> = ids.iter().map(|id| uuid_of(*id)).collect();
        let bytes = i64::try_from(JOURNAL_BYTES).unwrap_or(i64::MAX);
        let rows = self.rows(sql, &[&uuids, &bytes]).await?;
        let event = |(row, id): (&tokio_postgres::Row, &EventId)| {
            let time: Option<i64> = row.get(0);
            Some(JournalEvent { id: *id, time: nat(time?), body: row.get(1) })
        };
        Ok(rows.iter().zip(ids).map(event).collect())
    }

    pub(super) async fn journal_waiting(&self, place: EventId) -> ReadResult<u64> {
        let sql = "SELECT count(*) FROM (SELECT FROM events WHERE id > $1 LIMIT $2) AS waiting";
        let rows = self.rows(sql, &[&uuid_of(place), &MOST_COUNTED]).await?;
        Ok(rows.first().map_or(0, |row| nat(row.get(0))))
    }
}

/// [`SETTLES`] in ms.
pub(super) fn settles_ms() -> u64 {
    SETTLES.as_millis().try_into().unwrap_or(u64::MAX)
}

/// The least id that an event of this time can have, which none has.
pub(super) fn before(time: u64) -> EventId {
    EventId(u128::from(time) << 80)
}

fn id_of(id: Uuid) -> EventId {
    EventId(id.as_u128())
}

fn uuid_of(id: EventId) -> Uuid {
    Uuid::from_u128(id.0)
}

/// The first 48 bits (RFC 9562 section 5.7).
fn time_of(id: EventId) -> u64 {
    u64::try_from(id.0 >> 80).unwrap_or(0)
}
