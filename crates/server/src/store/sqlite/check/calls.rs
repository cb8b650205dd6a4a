//! Calls, and what is kept beside their records.

use rusqlite::{Connection, Row};

use super::{Check, Looked};
use crate::store::check::{Finding, KeptCall};
use crate::store::sqlite::query;
use crate::store::{StoreError, bad_record};

/// `call_id, room_id, created_at, record`, whether it is kept as running, in whose lists it is, and whether that is written later.
const CALLS: &str = "SELECT call_id, room_id, created_at, record, running_calls.call IS NOT NULL, coalesce(listed, '[]'),
        id > (SELECT value FROM marks WHERE name = 'listed_calls')
    FROM calls LEFT JOIN running_calls ON running_calls.call = id
    LEFT JOIN (SELECT call, call_lists.created_at AS at, json_group_array(user_id) AS listed
        FROM call_lists JOIN users ON users.id = user GROUP BY call, at) AS lists ON lists.call = id AND at = created_at";

impl Check<'_> {
    pub(super) fn calls(&mut self) -> Looked {
        let mut statement = self.connection.prepare(CALLS)?;
        let mut rows = statement.query([])?;
        let mut seen = 0;
        while let Some(row) = rows.next()? {
            seen += 1;
            self.call(row)?;
        }
        self.findings.looked("calls", seen);
        Ok(())
    }

    fn call(&mut self, row: &Row<'_>) -> Looked {
        let kept = kept(row)?;
        match query::read_call(row, 3) {
            Ok(call) if row.get_ref(1)?.as_str_or_null().ok().flatten() != Some(call.room().as_str()) => {
                self.findings.note_strange_record(&kept.call_id);
            }
            Ok(call) => {
                let connection = self.connection;
                let is_deleted = |user: &str| is_deleted(connection, user).unwrap_or(false);
                self.findings.compare_call(&call, &kept, &is_deleted);
            }
            Err(error) => {
                let (row, why) = (kept.call_id, error.to_string());
                self.findings.note(Finding::UnreadableRow { table: "calls", row, why });
            }
        }
        Ok(())
    }
}

fn is_deleted(connection: &Connection, user: &str) -> rusqlite::Result<bool> {
    let sql = "SELECT 1 FROM users WHERE user_id = ? AND deleted_at IS NOT NULL";
    connection.prepare_cached(sql)?.exists([user])
}

fn kept(row: &Row<'_>) -> Result<KeptCall, StoreError> {
    let listed: String = row.get(5)?;
    let listed = serde_json::from_str(&listed).map_err(|error| bad_record(&error))?;
    Ok(KeptCall {
        call_id: row.get(0)?,
        created_at: row.get(2)?,
        is_running: row.get(4)?,
        listed: if row.get(6)? { None } else { Some(listed) },
        // Who is in a call is kept in memory alone.
        inside: None,
    })
}
