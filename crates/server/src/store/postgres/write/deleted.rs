//! Users who are deleted in a batch.

use wigwag_protocol::UserId;
use wigwag_protocol::group::{Profile, ReachableBy};

use super::insert::{Insert, run};
use super::rows::NewRows;
use crate::store::postgres::connection::{Statement, Trouble, WriterConnection, int, spoilt};
use crate::store::words;

/// The statements, which come after all others: an earlier command of the batch may have written something of the user's.
pub(super) fn writes<'a>(connection: &'a WriterConnection, new_rows: &'a NewRows<'a>) -> Vec<Insert<'a>> {
    let dropped = |statement| async move {
        let users: Vec<&str> = new_rows.deleted_users.keys().map(UserId::as_str).collect();
        run(connection, statement, users.len(), &[&users]).await
    };
    let emptied = async move {
        let users: Vec<&str> = new_rows.deleted_users.keys().map(UserId::as_str).collect();
        let profiles: Vec<String> = new_rows.deleted_users.keys().map(empty).collect::<Result<_, _>>()?;
        let times: Vec<i64> = new_rows.deleted_users.values().map(|at| int(*at)).collect();
        let reach = words::reachable_by(ReachableBy::default());
        run(connection, Statement::DeleteUsers, users.len(), &[&users, &profiles, &times, &reach]).await
    };
    vec![
        Box::pin(emptied),
        Box::pin(dropped(Statement::DropPushTokensOf)),
        Box::pin(dropped(Statement::DropPlatformCursorsOf)),
        Box::pin(dropped(Statement::DropCallsSeenOf)),
    ]
}

/// The name is in the profile too.
fn empty(user: &UserId) -> Result<String, Trouble> {
    let (nickname, face_url, ext) = <(String, String, String)>::default();
    let profile = Profile { user_id: user.clone(), nickname, face_url, ext };
    serde_json::to_string(&profile).map_err(|error| spoilt(&error))
}
