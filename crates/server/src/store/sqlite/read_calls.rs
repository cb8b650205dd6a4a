//! Queries about calls.

use std::sync::Arc;

use wigwag_engine::Call;
use wigwag_engine::command::CallRef;
use wigwag_protocol::{CallId, GroupId, UserId};

use super::query;
use super::read::{ReadResult, Reader};
use crate::store::pages::CallPageMaking;
use crate::store::{CallPage, CallRange, WhichCall};

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
        let mut statement = self.connection.prepare_cached(
            "SELECT record, calls.id FROM call_lists JOIN calls ON calls.id = call
             WHERE user = ?1 AND call_lists.created_at <= ?2 AND (call_lists.created_at < ?2 OR call_id < ?3)
             ORDER BY call_lists.created_at DESC, call_id DESC",
        )?;
        let (created_at, id) = range
            .after
            .as_ref()
            .map_or((i64::MAX, ""), |place| (query::int(place.created_at), place.id.as_str()));
        let mut rows = statement.query((row, created_at, id))?;
        let mut page = CallPageMaking::new(user, range);
        while let Some(row) = rows.next()? {
            let bytes = row.get_ref(0)?.as_bytes().map_or(0, <[u8]>::len);
            let id: i64 = row.get(1)?;
            let Some(call) = self.readable("a call", &id, query::read_call(row, 0))? else { continue };
            if !page.takes(call, bytes) {
                break;
            }
        }
        Ok(page.done())
    }

    pub(super) fn calls_seen(&self, user: &UserId) -> ReadResult<u64> {
        match query::user_row(self.connection, user)? {
            Some(row) => query::calls_seen(self.connection, row),
            None => Ok(0),
        }
    }
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
pub(super) fn people_in_calls(reader: &Reader<'_>) -> ReadResult<Vec<UserId>> {
    let rows = reader.shared.calls.read().people();
    rows.into_iter().map(|row| query::user_name(reader.connection, row)).collect()
}
