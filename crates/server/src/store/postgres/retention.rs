//! Dropping old rows in small steps, on the connections that read. One node at a time does it, under a lease. Each kind of
//! event continues from its own mark.

use std::collections::BTreeMap;
use std::time::Duration;

use deadpool_postgres::Transaction;
use tokio_postgres::Row;
use uuid::{NoContext, Timestamp, Uuid};

use super::PostgresStore;
use super::connection::{Trouble, int};
use crate::store::once::KEPT_PER_HOLDER;
use crate::store::shared::SharedStore;
use crate::store::{RetentionCutoffs, record};

/// Rows looked at in one transaction; some tens of milliseconds of the database's work.
const CHUNK: i64 = 1_000;
/// Longer than a step takes. When the node dies, another continues after this time.
const TERM: Duration = Duration::from_secs(30);

/// Drops some old rows. True when some may be left.
pub(super) async fn drop_some(store: &PostgresStore, cutoffs: &RetentionCutoffs) -> Result<bool, Trouble> {
    let ours = store.lease("retention", store.node, TERM).await;
    if !ours.map_err(|error| Trouble::Broken(error.to_string()))? {
        return Ok(false);
    }
    let mut connection = store.connection().await?;
    let transaction = connection.transaction().await?;
    let mut more = online_only(&transaction, cutoffs.online_only).await?;
    more |= streams(&transaction, cutoffs.events).await?;
    // Each locks its users in their order; both in one transaction would wait in a circle with a writer.
    transaction.commit().await?;
    let transaction = connection.transaction().await?;
    if cutoffs.history > 0 {
        more |= history(&transaction, cutoffs.history).await?;
    }
    more |= invitations(&transaction, cutoffs.invitations).await?;
    more |= calls(&transaction, cutoffs.calls).await?;
    more |= client_messages(&transaction, cutoffs.events).await?;
    more |= kept_replies(&transaction, cutoffs.replies).await?;
    more |= rings(&transaction, cutoffs.events).await?;
    more |= settled(&transaction).await?;
    transaction.commit().await?;
    Ok(more)
}

/// The least id that an event of this time or later can have.
fn first_id(ms: u64) -> Uuid {
    let time =
        Timestamp::from_unix(NoContext, ms / 1_000, u32::try_from(ms % 1_000).unwrap_or(0) * 1_000_000);
    let (high, _) = Uuid::new_v7(time).as_u64_pair();
    // Only the 48 bits of time; the bits below differ from event to event.
    Uuid::from_u64_pair(high & !0xffff, 0)
}

async fn online_only(transaction: &Transaction<'_>, before: u64) -> Result<bool, Trouble> {
    let sql =
        "SELECT id, places, conversation, seq FROM events WHERE online_only AND id < $1 ORDER BY id LIMIT $2";
    let old = transaction.query(sql, &[&first_id(before), &CHUNK]).await?;
    drop_places(transaction, &old).await?;
    drop_events(transaction, old.iter()).await?;
    Ok(old.len() >= usize::try_from(CHUNK).unwrap_or(usize::MAX))
}

/// Drops events from streams. The body of a message is kept for its history.
async fn streams(transaction: &Transaction<'_>, before: u64) -> Result<bool, Trouble> {
    let sql = "SELECT id, places, conversation, seq FROM events WHERE NOT online_only AND id > $1 AND id < $2
        ORDER BY id LIMIT $3";
    let old = marked(transaction, "streams", sql, first_id(before)).await?;
    let newest = drop_places(transaction, &old).await?;
    let (users, floors): (Vec<String>, Vec<i64>) = newest.into_iter().unzip();
    let lock = "SELECT 1 FROM users WHERE user_id = ANY($1::text[]) ORDER BY user_id FOR UPDATE";
    transaction.query(lock, &[&users]).await?;
    let raise = "UPDATE users SET stream_floor = greatest(stream_floor, f)
        FROM unnest($1::text[], $2::bigint[]) AS new (u, f) WHERE user_id = u";
    transaction.execute(raise, &[&users, &floors]).await?;
    drop_events(transaction, old.iter().filter(|row| row.get::<_, Option<i64>>(3).is_none())).await?;
    Ok(old.len() >= usize::try_from(CHUNK).unwrap_or(usize::MAX))
}

/// Drops messages. The cutoff is never later than that of the streams, which read the body of a message from here.
async fn history(transaction: &Transaction<'_>, before: u64) -> Result<bool, Trouble> {
    let sql = "SELECT id, places, conversation, seq FROM events WHERE seq IS NOT NULL AND id > $1 AND id < $2
        ORDER BY id LIMIT $3";
    let old = marked(transaction, "history", sql, first_id(before)).await?;
    let conversations: Vec<Option<Uuid>> = old.iter().map(|row| row.get(2)).collect();
    let seqs: Vec<Option<i64>> = old.iter().map(|row| row.get(3)).collect();
    lock_lists(transaction, &conversations).await?;
    let drop = "DELETE FROM messages USING unnest($1::uuid[], $2::bigint[]) AS old (c, s)
        WHERE conversation = c AND seq = s";
    transaction.execute(drop, &[&conversations, &seqs]).await?;
    drop_events(transaction, old.iter()).await?;
    Ok(old.len() >= usize::try_from(CHUNK).unwrap_or(usize::MAX))
}

/// What is kept of users' lists follows the messages, so it takes the locks that writers take for it, in their order.
async fn lock_lists(transaction: &Transaction<'_>, conversations: &[Option<Uuid>]) -> Result<(), Trouble> {
    let users = "SELECT 1 FROM users WHERE user_id IN (SELECT user_id FROM readers
            WHERE conversation = ANY($1::uuid[]) AND newest IS NOT NULL) ORDER BY user_id FOR UPDATE";
    transaction.query(users, &[&conversations]).await?;
    let names = "SELECT 1 FROM conversations WHERE id = ANY($1::uuid[]) AND starts_with(name, 'c2c:')
        ORDER BY name FOR UPDATE";
    transaction.query(names, &[&conversations]).await?;
    Ok(())
}

/// Drops what is left of rings: of devices that heard them.
async fn rings(transaction: &Transaction<'_>, before: u64) -> Result<bool, Trouble> {
    let sql = "DELETE FROM rings WHERE ctid = ANY(ARRAY(SELECT ctid FROM rings WHERE at < $1 LIMIT $2))";
    let dropped = transaction.execute(sql, &[&int(before), &CHUNK]).await?;
    Ok(dropped >= u64::try_from(CHUNK).unwrap_or(u64::MAX))
}

/// The next events after the mark of their kind. Moves the mark behind them.
async fn marked(
    transaction: &Transaction<'_>,
    mark: &str,
    sql: &str,
    before: Uuid,
) -> Result<Vec<Row>, Trouble> {
    let from = transaction.query_opt("SELECT event FROM marks WHERE name = $1", &[&mark]).await?;
    let from = from.map_or(Uuid::nil(), |row| row.get(0));
    let old = transaction.query(sql, &[&from, &before, &CHUNK]).await?;
    if let Some(last) = old.last() {
        let set = "INSERT INTO marks (name, event) VALUES ($1, $2)
            ON CONFLICT (name) DO UPDATE SET event = excluded.event";
        transaction.execute(set, &[&mark, &last.get::<_, Uuid>(0)]).await?;
    }
    Ok(old)
}

/// Deletes the events' places in streams. Returns the newest deleted cursor of each user.
async fn drop_places(transaction: &Transaction<'_>, old: &[Row]) -> Result<BTreeMap<String, i64>, Trouble> {
    let mut newest: BTreeMap<String, i64> = BTreeMap::new();
    let (mut users, mut cursors) = (Vec::new(), Vec::new());
    for row in old {
        // One that cannot be read must not keep all others from being dropped.
        let places: Vec<(String, i64)> = serde_json::from_str(row.get(1)).unwrap_or_default();
        for (user, cursor) in places {
            let highest = newest.entry(user.clone()).or_default();
            *highest = cursor.max(*highest);
            users.push(user);
            cursors.push(cursor);
        }
    }
    let drop = "DELETE FROM streams USING unnest($1::text[], $2::bigint[]) AS old (u, c)
        WHERE user_id = u AND cursor = c";
    transaction.execute(drop, &[&users, &cursors]).await?;
    Ok(newest)
}

async fn drop_events(transaction: &Transaction<'_>, old: impl Iterator<Item = &Row>) -> Result<(), Trouble> {
    let ids: Vec<Uuid> = old.map(|row| row.get(0)).collect();
    transaction.execute("DELETE FROM events WHERE id = ANY($1::uuid[])", &[&ids]).await?;
    Ok(())
}

async fn invitations(transaction: &Transaction<'_>, before: u64) -> Result<bool, Trouble> {
    let sql = "DELETE FROM invitations WHERE invite_id IN
        (SELECT invite_id FROM invitations WHERE due_at IS NULL AND created_at < $1 LIMIT $2)";
    let dropped = transaction.execute(sql, &[&int(before), &CHUNK]).await?;
    Ok(dropped >= CHUNK.unsigned_abs())
}

/// Drops ended calls, then rooms whose newest call is gone, then places in lists that lead to no call. A call that a writer
/// has locked waits for the next step, and locks are taken in the writers' order, so that nobody waits in a circle.
async fn calls(transaction: &Transaction<'_>, before: u64) -> Result<bool, Trouble> {
    let sql = "DELETE FROM calls WHERE call_id IN (SELECT call_id FROM calls WHERE NOT is_running AND created_at < $1
            ORDER BY call_id LIMIT $2 FOR UPDATE SKIP LOCKED) RETURNING record";
    let dropped = transaction.query(sql, &[&int(before), &CHUNK]).await?;
    let (mut rooms, mut ids) = (Vec::new(), Vec::new());
    for row in &dropped {
        // A record that cannot be read must not keep the others; its room leads to no call then.
        if let Ok(call) = record::read_call(row.get(0)) {
            rooms.push(call.room().to_string());
            ids.push(call.id().to_string());
        }
    }
    let empty = "DELETE FROM rooms USING unnest($1::text[], $2::text[]) AS old (r, c) WHERE room_id = r AND call_id = c";
    transaction.execute(empty, &[&rooms, &ids]).await?;
    let unlist = "DELETE FROM call_lists WHERE (user_id, created_at, call_id) IN (
            SELECT user_id, created_at, call_id FROM call_lists AS old WHERE created_at < $1
                AND NOT EXISTS (SELECT 1 FROM calls WHERE calls.call_id = old.call_id AND calls.created_at = old.created_at)
            LIMIT $2)";
    let unlisted = transaction.execute(unlist, &[&int(before), &CHUNK]).await?;
    Ok(dropped.len() as u64 >= CHUNK.unsigned_abs() || unlisted >= CHUNK.unsigned_abs())
}

/// Rows of the table of pending invitees that stand for nothing any more. A node of the version before that table, which may still
/// run during an upgrade, ends invitations and leaves them; no bound counts them.
async fn settled(transaction: &Transaction<'_>) -> Result<bool, Trouble> {
    let sql = "DELETE FROM pending WHERE (invitee, invite_id) IN
        (SELECT invitee, invite_id FROM pending WHERE NOT EXISTS
            (SELECT 1 FROM invitations WHERE invitations.invite_id = pending.invite_id AND due_at IS NOT NULL)
         LIMIT $1 FOR UPDATE SKIP LOCKED)";
    let dropped = transaction.execute(sql, &[&CHUNK]).await?;
    Ok(dropped >= CHUNK.unsigned_abs())
}

async fn client_messages(transaction: &Transaction<'_>, before: u64) -> Result<bool, Trouble> {
    let sql = "DELETE FROM client_messages WHERE (sender, client_msg_id) IN
        (SELECT sender, client_msg_id FROM client_messages WHERE time < $1 LIMIT $2)";
    let dropped = transaction.execute(sql, &[&int(before), &CHUNK]).await?;
    Ok(dropped >= CHUNK.unsigned_abs())
}

/// Holders of kept replies, and the place of the newest of each: a seek for each holder, however many replies there are.
const HOLDERS: &str = "
    WITH RECURSIVE holders (holder) AS (
        SELECT min(holder) FROM kept_replies
        UNION ALL SELECT (SELECT min(holder) FROM kept_replies WHERE holder > holders.holder) FROM holders
            WHERE holder IS NOT NULL)
    SELECT holder, (SELECT max(place) FROM kept_replies WHERE kept_replies.holder = holders.holder)
    FROM holders WHERE holder IS NOT NULL";

/// Drops replies that are old, and of a holder with too many the oldest.
async fn kept_replies(transaction: &Transaction<'_>, before: u64) -> Result<bool, Trouble> {
    let old = "DELETE FROM kept_replies WHERE (holder, key) IN
        (SELECT holder, key FROM kept_replies WHERE kept_at < $1 LIMIT $2)";
    let old = transaction.execute(old, &[&int(before), &CHUNK]).await?;
    let mut more = old >= CHUNK.unsigned_abs();
    for row in transaction.query(HOLDERS, &[]).await? {
        let (holder, newest): (&str, i64) = (row.get(0), row.get(1));
        let oldest = "DELETE FROM kept_replies WHERE (holder, key) IN
            (SELECT holder, key FROM kept_replies WHERE holder = $1 AND place <= $2 ORDER BY place LIMIT $3)";
        let gone = newest - i64::from(KEPT_PER_HOLDER);
        more |= transaction.execute(oldest, &[&holder, &gone, &CHUNK]).await? >= CHUNK.unsigned_abs();
    }
    Ok(more)
}

#[cfg(test)]
mod tests {
    use wigwag_testbed::{Durability, Postgres};

    use super::*;
    use crate::store::postgres::{self, PostgresSettings};

    /// Every step of retention asks it, so it must not read all replies.
    #[tokio::test]
    async fn whose_replies_are_too_many_is_asked_without_counting_them() {
        let server = tokio::task::spawn_blocking(|| Postgres::start(Durability::Fast)).await.unwrap();
        let settings = PostgresSettings { url: server.url("postgres"), tls_ca: None, connections: 2 };
        postgres::migrate(&settings).await.unwrap();
        let fill = "INSERT INTO kept_replies (holder, key, fingerprint, kept_at, reply, place)
            SELECT h, 'key ' || n, '', n, '', n
            FROM (VALUES ('one'), ('other'), ('third')) AS holders (h), generate_series(1, 30000) AS n";
        server.sql("postgres", fill);
        server.sql("postgres", "VACUUM ANALYZE kept_replies");
        let asked = server.sql("postgres", HOLDERS);
        assert_eq!(asked, "one|30000\nother|30000\nthird|30000");
        let plan =
            server.sql("postgres", &format!("EXPLAIN (ANALYZE, BUFFERS, COSTS OFF, TIMING OFF) {HOLDERS}"));
        let (_, pages) = plan.split_once("Buffers: shared hit=").expect("the pages that it looked at");
        let pages: u32 = pages.split_whitespace().next().unwrap().parse().unwrap();
        assert!(pages < 100, "{pages} pages for 90,000 replies of 3 holders: {plan}");
    }

    #[test]
    fn ids_are_cut_by_time() {
        let (before, at) = (first_id(1_700_000_000_122), first_id(1_700_000_000_123));
        let time = Timestamp::from_unix(NoContext, 1_700_000_000, 123_000_000);
        for _ in 0..100 {
            let id = Uuid::new_v7(time);
            assert!(before < id && at <= id && id < first_id(1_700_000_000_124));
        }
    }
}
