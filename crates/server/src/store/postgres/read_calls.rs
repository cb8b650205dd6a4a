//! Queries about calls.

use std::sync::Arc;

use tokio_postgres::Row;
use wigwag_engine::Call;
use wigwag_engine::command::CallRef;
use wigwag_protocol::{CallId, UserId};

use super::connection::{int, nat, spoilt};
use super::read::{PAGE, ReadResult, Reader, one_more};
use crate::store::pages::CallPageMaking;
use crate::store::{CallPage, CallRange, NamedPage, WhichCall, record};

/// Calls read at once: a usual page, and one more that tells whether another follows.
const AT_ONCE: usize = 51;

/// A page with one call more, without what comes behind its bytes. Somebody is in each running call, and nobody in any other.
const RUNNING: &str = "SELECT call_id, record, found FROM (
        SELECT *, count(*) OVER () AS found, sum(octet_length(record))
            OVER (ORDER BY call_id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS bytes_before
        FROM (SELECT DISTINCT call_id FROM in_calls WHERE call_id > $1 ORDER BY call_id LIMIT $2) AS page
            JOIN calls USING (call_id)) AS counted
    WHERE coalesce(bytes_before, 0) < $3 ORDER BY call_id";

impl Reader {
    pub(super) async fn call(&self, id: &CallId) -> ReadResult<Option<Arc<Call>>> {
        self.one_call("SELECT record FROM calls WHERE call_id = $1", id.as_str()).await
    }

    pub(super) async fn call_found(&self, which: &WhichCall) -> ReadResult<Option<Arc<Call>>> {
        match which {
            WhichCall::Ref(CallRef::Call(id)) => self.call(id).await,
            WhichCall::Ref(CallRef::Room(room)) => {
                let sql = "SELECT record FROM rooms JOIN calls USING (call_id) WHERE room_id = $1";
                self.one_call(sql, room.as_str()).await
            }
            WhichCall::OfGroup(group) => {
                let sql =
                    "SELECT record FROM calls WHERE is_running AND group_id IS NOT NULL AND group_id = $1
                    ORDER BY created_at DESC, call_id DESC LIMIT 1";
                self.one_call(sql, group.as_str()).await
            }
        }
    }

    async fn one_call(&self, sql: &str, name: &str) -> ReadResult<Option<Arc<Call>>> {
        let rows = self.rows(sql, &[&name]).await?;
        rows.first().map(|row| call(row).map(Arc::new)).transpose()
    }

    /// Reads on until the page is full: for missed calls it is not known beforehand how many have to be looked at.
    pub(super) async fn calls_of(&self, user: &UserId, range: &CallRange) -> ReadResult<CallPage> {
        let mut page = CallPageMaking::new(user, range);
        let mut after = range
            .after
            .as_ref()
            .map_or((i64::MAX, String::new()), |place| (int(place.created_at), place.id.to_string()));
        loop {
            let rows = self.listed_calls(user, &after).await?;
            for row in &rows {
                let id: &str = row.get(2);
                let Some(call) = self.readable("a call", &id, call(row)) else { continue };
                if !page.takes(call, row.get::<_, &str>(0).len()) {
                    return Ok(page.done());
                }
            }
            let Some(last) = rows.last().filter(|_| rows.len() == AT_ONCE) else { return Ok(page.done()) };
            after = (last.get(1), last.get(2));
        }
    }

    async fn listed_calls(&self, user: &UserId, after: &(i64, String)) -> ReadResult<Vec<Row>> {
        let sql = "SELECT record, created_at, call_id FROM call_lists JOIN calls USING (call_id, created_at)
            WHERE user_id = $1 AND (created_at, call_id) < ($2, $3) ORDER BY created_at DESC, call_id DESC LIMIT $4";
        let most = i64::try_from(AT_ONCE).unwrap_or(i64::MAX);
        self.rows(sql, &[&user.as_str(), &after.0, &after.1, &most]).await
    }

    pub(super) async fn running_page(
        &self,
        after: Option<&CallId>,
        limit: usize,
    ) -> ReadResult<NamedPage<Arc<Call>>> {
        let mut after = after.map_or_else(String::new, CallId::to_string);
        loop {
            let found = self.rows(RUNNING, &[&after, &one_more(limit), &PAGE]).await?;
            let (shown, _) = found.split_at(found.len().min(limit));
            let all = found.first().map_or(0, |row| row.get::<_, i64>(2));
            let complete = usize::try_from(all).is_ok_and(|all| all == shown.len());
            let readable = |row: &Row| self.readable("a call", &row.get::<_, &str>(0), running(row));
            let rows: Vec<Arc<Call>> = shown.iter().filter_map(readable).collect();
            match shown.last() {
                Some(last) if rows.is_empty() && !complete => after = last.get(0),
                Some(_) | None => return Ok(NamedPage { rows, complete }),
            }
        }
    }

    pub(super) async fn calls_seen(&self, user: &UserId) -> ReadResult<u64> {
        let rows = self.rows("SELECT up_to FROM calls_seen WHERE user_id = $1", &[&user.as_str()]).await?;
        Ok(rows.first().map_or(0, |row| nat(row.get(0))))
    }

    pub(super) async fn call_with(&self, user: &UserId) -> ReadResult<Option<CallId>> {
        let rows = self.rows("SELECT call_id FROM in_calls WHERE user_id = $1", &[&user.as_str()]).await?;
        rows.first().map(|row| CallId::parse(row.get(0)).map_err(|error| spoilt(&error))).transpose()
    }

    pub(super) async fn those_in_calls(&self, users: &[UserId]) -> ReadResult<Vec<UserId>> {
        let names: Vec<&str> = users.iter().map(UserId::as_str).collect();
        let sql = "SELECT user_id FROM in_calls WHERE user_id = ANY($1::text[])";
        Ok(self.users(&self.rows(sql, &[&names]).await?))
    }

    /// Somebody is in each of them, and nobody in any other.
    pub(super) async fn running_calls(&self) -> ReadResult<Vec<CallId>> {
        let rows = self.rows("SELECT DISTINCT call_id FROM in_calls", &[]).await?;
        rows.iter().map(|row| CallId::parse(row.get::<_, &str>(0)).map_err(|error| spoilt(&error))).collect()
    }

    pub(super) async fn people_in_calls(&self) -> ReadResult<Vec<UserId>> {
        Ok(self.users(&self.rows("SELECT user_id FROM in_calls", &[]).await?))
    }
}

/// `record`
fn call(row: &Row) -> ReadResult<Call> {
    record::read_call(row.get(0)).map_err(|error| spoilt(&error))
}

/// `call_id, record`
fn running(row: &Row) -> ReadResult<Arc<Call>> {
    record::read_call(row.get(1)).map(Arc::new).map_err(|error| spoilt(&error))
}
