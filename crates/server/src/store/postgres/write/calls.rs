//! Writing the calls of a batch.

use wigwag_engine::Call;
use wigwag_protocol::{CallId, GroupId, RoomId, UserId};

use super::insert::{Insert, run};
use super::rows::NewRows;
use crate::store::postgres::connection::{Statement, Trouble, WriterConnection, int, spoilt};
use crate::store::record;

/// The statements, in the order in which they have to be sent.
pub(super) fn writes<'a>(connection: &'a WriterConnection, new_rows: &'a NewRows<'a>) -> Vec<Insert<'a>> {
    let listed = async move {
        let all = &new_rows.call_lists;
        let users: Vec<&str> = all.keys().map(|(user, _)| user.as_str()).collect();
        let times: Vec<i64> = all.values().map(|at| int(*at)).collect();
        let ids: Vec<&str> = all.keys().map(|(_, id)| id.as_str()).collect();
        run(connection, Statement::ListCalls, ids.len(), &[&users, &times, &ids]).await
    };
    let exited = async move {
        let (users, ids): (Vec<&str>, Vec<&str>) =
            new_rows.exits.iter().map(|(user, id)| (user.as_str(), id.as_str())).unzip();
        run(connection, Statement::DropInCalls, ids.len(), &[&users, &ids]).await
    };
    let entered = async move {
        let users: Vec<&str> = new_rows.entries.keys().map(UserId::as_str).collect();
        let ids: Vec<&str> = new_rows.entries.values().map(CallId::as_str).collect();
        run(connection, Statement::SetInCalls, ids.len(), &[&users, &ids]).await
    };
    let seen = async move {
        let users: Vec<&str> = new_rows.calls_seen.keys().map(UserId::as_str).collect();
        let times: Vec<i64> = new_rows.calls_seen.values().map(|at| int(*at)).collect();
        run(connection, Statement::SetCallsSeen, users.len(), &[&users, &times]).await
    };
    vec![
        Box::pin(records(connection, new_rows)),
        Box::pin(rooms(connection, new_rows, Statement::AddRooms, false)),
        Box::pin(rooms(connection, new_rows, Statement::SetRooms, true)),
        Box::pin(listed),
        Box::pin(exited),
        Box::pin(entered),
        Box::pin(seen),
    ]
}

async fn records(connection: &WriterConnection, new_rows: &NewRows<'_>) -> Result<(), Trouble> {
    let all = || new_rows.calls.values();
    let ids: Vec<&str> = new_rows.calls.keys().map(CallId::as_str).collect();
    let times: Vec<i64> = all().map(|call| int(call.created_at)).collect();
    let running: Vec<bool> = all().map(|call| call.is_running()).collect();
    let groups: Vec<Option<&str>> = all().map(|call| call.group().map(GroupId::as_str)).collect();
    let record = |call: &Call| record::call(call).map_err(|error| spoilt(&error));
    let records: Vec<String> = all().map(|call| record(call)).collect::<Result<_, _>>()?;
    run(connection, Statement::SetCalls, ids.len(), &[&ids, &times, &running, &groups, &records]).await
}

/// The rooms that have a row, or those that have none: a room that another node has opened meanwhile must not be taken over.
async fn rooms(
    connection: &WriterConnection,
    new_rows: &NewRows<'_>,
    statement: Statement,
    have_a_row: bool,
) -> Result<(), Trouble> {
    let wanted = new_rows.rooms.iter().filter(|(room, _)| new_rows.known_rooms.contains(*room) == have_a_row);
    let (rooms, ids): (Vec<&str>, Vec<&str>) =
        wanted.map(|(room, id): (&RoomId, &CallId)| (room.as_str(), id.as_str())).unzip();
    run(connection, statement, ids.len(), &[&rooms, &ids]).await
}
