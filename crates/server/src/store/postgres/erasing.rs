//! Erasing what is kept in many rows for a deleted user alone, a few rows of each table in a step, on the connections that read.

use deadpool_postgres::Transaction;
use uuid::Uuid;
use wigwag_protocol::UserId;

use super::PostgresStore;
use super::connection::Trouble;
use crate::store::erasing::{ERASED_AT_ONCE, OWN_EVENTS};

/// Tables whose rows are simply dropped: the table, what it has the user in, and the rest of its key.
const TABLES: [(&str, &str, &str); 6] = [
    ("readers", "user_id", "conversation"),
    ("call_lists", "user_id", "created_at, call_id"),
    ("blocks", "by_user", "target"),
    ("departures", "user_id", "group_id"),
    ("client_messages", "sender", "client_msg_id"),
    ("rings", "user_id", "invite_id, device_id"),
];

/// Erases some rows. True when some may be left. The row of the user is locked first, as writers do: what is kept of their lists follows.
pub(super) async fn some(store: &PostgresStore, user: &UserId) -> Result<bool, Trouble> {
    let mut connection = store.connection().await?;
    let transaction = connection.transaction().await?;
    let lock = "SELECT 1 FROM users WHERE user_id = $1 AND deleted_at IS NOT NULL FOR UPDATE";
    if transaction.query_opt(lock, &[&user.as_str()]).await?.is_none() {
        return Ok(false);
    }
    let mut most = stream(&transaction, user).await?;
    for (table, column, rest) in TABLES {
        let sql = format!(
            "DELETE FROM {table} WHERE ({column}, {rest}) IN
                (SELECT {column}, {rest} FROM {table} WHERE {column} = $1 LIMIT $2)"
        );
        most = most.max(transaction.execute(&sql, &[&user.as_str(), &ERASED_AT_ONCE]).await?);
    }
    transaction.commit().await?;
    Ok(most >= ERASED_AT_ONCE.unsigned_abs())
}

/// Places of the stream, the oldest first, with the events that only the user's own devices were told. How many there were.
async fn stream(transaction: &Transaction<'_>, user: &UserId) -> Result<u64, Trouble> {
    let sql = "DELETE FROM streams WHERE user_id = $1 AND cursor IN
        (SELECT cursor FROM streams WHERE user_id = $1 ORDER BY cursor LIMIT $2) RETURNING event";
    let places = transaction.query(sql, &[&user.as_str(), &ERASED_AT_ONCE]).await?;
    let ids: Vec<Uuid> = places.iter().map(|row| row.get(0)).collect();
    let [of_users, of_lists] = OWN_EVENTS;
    let own = "DELETE FROM events WHERE id = ANY($1::uuid[]) AND actor = $2
        AND (starts_with(body, $3) OR starts_with(body, $4))";
    transaction.execute(own, &[&ids, &user.as_str(), &of_users, &of_lists]).await?;
    Ok(places.len() as u64)
}
