//! Calls, and what is kept beside their records.

use std::collections::HashSet;

use tokio_postgres::{Error, Row};
use wigwag_engine::Call;
use wigwag_protocol::GroupId;

use super::{Check, Looked, bounded};
use crate::store::check::{Finding, KeptCall};
use crate::store::postgres::connection::{int, nat};
use crate::store::record;

/// `call_id, created_at, is_running, group_id, record`, in whose lists it is, who is in it, the rooms that lead to it, and
/// whether a server may drop it.
const CALLS: &str = "SELECT call_id, created_at, is_running, group_id, record,
        coalesce(listed, '{}'), coalesce(inside, '{}'), coalesce(led, '{}'),
        NOT is_running AND created_at <= (extract(epoch FROM clock_timestamp()) * 1000)::bigint - $1
    FROM calls
    LEFT JOIN (SELECT call_id, created_at, array_agg(user_id) AS listed FROM call_lists GROUP BY call_id, created_at)
        AS lists USING (call_id, created_at)
    LEFT JOIN (SELECT call_id, array_agg(user_id) AS inside FROM in_calls GROUP BY call_id) AS people USING (call_id)
    LEFT JOIN (SELECT call_id, array_agg(room_id) AS led FROM rooms GROUP BY call_id) AS places USING (call_id)";

/// Places in lists that lead to no call, and that no server is about to drop.
const ASTRAY: &str = "SELECT user_id || ' ' || call_id FROM call_lists
    WHERE created_at > (extract(epoch FROM clock_timestamp()) * 1000)::bigint - $1 AND NOT EXISTS
        (SELECT 1 FROM calls WHERE calls.call_id = call_lists.call_id AND calls.created_at = call_lists.created_at)";

/// Calls that are newer than the one to which their room leads.
const NEWER: &str = "SELECT r, c FROM unnest($1::text[], $2::text[], $3::bigint[]) AS newest (r, c, at)
    LEFT JOIN rooms ON room_id = r LEFT JOIN calls ON calls.call_id = rooms.call_id
    WHERE room_id IS NULL OR calls.created_at < at";

impl Check {
    pub(super) async fn calls(&mut self) -> Looked {
        let calls_ms = int(self.kept_for.calls_ms);
        let sql = CALLS.replace("$1", &calls_ms.to_string());
        self.open(&sql).await?;
        let mut seen = 0;
        while let Some(rows) = self.fetched().await? {
            seen += rows.len() as u64;
            self.are_as_recorded(&rows).await?;
        }
        self.findings.looked("calls", seen);
        for row in self.client.query(&bounded(ASTRAY), &[&calls_ms]).await? {
            self.findings.note(Finding::Dangling { table: "call_lists", row: row.get(0), to: "calls" });
        }
        Ok(())
    }

    async fn are_as_recorded(&mut self, rows: &[Row]) -> Looked {
        let mut meeting = Meeting::default();
        let deleted = self.deleted_among(rows).await?;
        for row in rows {
            let call_id: String = row.get(0);
            match record::read_call(row.get(4)) {
                Ok(call) if row.get::<_, Option<&str>>(3) != call.group().map(GroupId::as_str) => {
                    self.findings.note_strange_record(&call_id);
                }
                Ok(call) => {
                    self.findings.compare_call(&call, &kept(row), &|user| deleted.contains(user));
                    self.leads_elsewhere(&call, row.get(7));
                    if !row.get::<_, bool>(8) {
                        meeting.add(&call);
                    }
                }
                Err(error) => {
                    let why = error.to_string();
                    self.findings.note(Finding::UnreadableRow { table: "calls", row: call_id, why });
                }
            }
        }
        self.are_found_by_room(&meeting).await
    }

    /// The deleted users among the people of these calls.
    async fn deleted_among(&self, rows: &[Row]) -> Result<HashSet<String>, Error> {
        let calls = rows.iter().filter_map(|row| record::read_call(row.get(4)).ok());
        let people: Vec<String> =
            calls.flat_map(|call| call.people).map(|person| person.user.to_string()).collect();
        let sql = "SELECT user_id FROM users WHERE user_id = ANY($1::text[]) AND deleted_at IS NOT NULL";
        Ok(self.client.query(sql, &[&people]).await?.iter().map(|row| row.get(0)).collect())
    }

    /// Rooms that lead to the call, and are not where its people meet.
    fn leads_elsewhere(&mut self, call: &Call, leading: Vec<String>) {
        for of in leading.into_iter().filter(|room| room != call.room().as_str()) {
            let call_id = call.id().to_string();
            self.findings.note(Finding::BesideCall { table: "rooms", of, call_id, is_kept: true });
        }
    }

    /// Calls to which their rooms do not lead, although no newer call is there.
    async fn are_found_by_room(&mut self, meeting: &Meeting) -> Result<(), Error> {
        let Meeting { rooms, calls, times } = meeting;
        for row in self.client.query(NEWER, &[rooms, calls, times]).await? {
            let (of, call_id) = (row.get(0), row.get(1));
            self.findings.note(Finding::BesideCall { table: "rooms", of, call_id, is_kept: false });
        }
        Ok(())
    }
}

/// Where and when calls have begun.
#[derive(Default)]
struct Meeting {
    rooms: Vec<String>,
    calls: Vec<String>,
    times: Vec<i64>,
}

impl Meeting {
    fn add(&mut self, call: &Call) {
        self.rooms.push(call.room().to_string());
        self.calls.push(call.id().to_string());
        self.times.push(int(call.created_at));
    }
}

fn kept(row: &Row) -> KeptCall {
    KeptCall {
        call_id: row.get(0),
        created_at: nat(row.get(1)),
        is_running: row.get(2),
        listed: Some(row.get(5)),
        inside: Some(row.get(6)),
    }
}
