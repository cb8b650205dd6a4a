//! Replies that are kept for repeats of back ends' requests.

use rusqlite::{Connection, OptionalExtension};

use crate::store::StoreError;
use crate::store::once::{KEPT_PER_HOLDER, Keep, Kept, Once};

pub(super) fn find(connection: &Connection, once: &Once) -> Result<Option<Kept>, StoreError> {
    let mut statement = connection
        .prepare_cached("SELECT fingerprint, reply FROM kept_replies WHERE holder = ? AND key = ?")?;
    let found = statement.query_row((&*once.holder, &*once.key), |row| {
        Ok(Kept { fingerprint: row.get(0)?, reply: row.get(1)? })
    });
    Ok(found.optional()?)
}

/// Fails when there is one under this key already: the batch is then carried out command by command, and finds it.
pub(super) fn add(connection: &Connection, keep: &Keep, now: u64) -> Result<(), StoreError> {
    let Keep { once, reply } = keep;
    connection
        .prepare_cached(
            "INSERT INTO kept_replies (holder, key, fingerprint, kept_at, reply, place) VALUES (?1, ?2, ?3, ?4, ?5,
               (SELECT coalesce(max(place), 0) + 1 FROM kept_replies WHERE holder = ?1))",
        )?
        .execute((&*once.holder, &*once.key, once.fingerprint, now, reply))?;
    Ok(())
}

/// Holders, and the place of the newest reply of each: a seek for each holder, however many replies there are.
const HOLDERS: &str = "
    WITH RECURSIVE holders (holder) AS (
        SELECT min(holder) FROM kept_replies
        UNION ALL SELECT (SELECT min(holder) FROM kept_replies WHERE holder > holders.holder) FROM holders
            WHERE holder IS NOT NULL)
    SELECT holder, (SELECT max(place) FROM kept_replies WHERE kept_replies.holder = holders.holder)
    FROM holders WHERE holder IS NOT NULL";

/// Drops some that are old, and of a holder with too many the oldest. True when some may be left.
pub(super) fn drop_some(connection: &Connection, before: u64, most: usize) -> Result<bool, StoreError> {
    let mut dropped = connection.execute(
        "DELETE FROM kept_replies WHERE (holder, key) IN
           (SELECT holder, key FROM kept_replies WHERE kept_at < ?1 LIMIT ?2)",
        (before, most),
    )?;
    let mut holders = connection.prepare_cached(HOLDERS)?;
    let newest: Vec<(String, u64)> =
        holders.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
    let mut drop_oldest = connection.prepare_cached(
        "DELETE FROM kept_replies WHERE (holder, key) IN
           (SELECT holder, key FROM kept_replies WHERE holder = ?1 AND place <= ?2 ORDER BY place LIMIT ?3)",
    )?;
    for (holder, newest) in newest {
        let gone = newest.saturating_sub(KEPT_PER_HOLDER.into());
        dropped += drop_oldest.execute((holder, gone, most.saturating_sub(dropped)))?;
    }
    Ok(dropped >= most)
}

#[cfg(test)]
mod tests {
    use rusqlite::StatementStatus;

    use super::*;
    use crate::store::sqlite::schema;

    /// A database with so many replies of a holder.
    fn fill(connection: &Connection, holder: &str, replies: u32) {
        let fill = "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?1)
            INSERT INTO kept_replies SELECT ?2, 'key ' || n, X'00', n, '', n FROM numbers";
        connection.execute(fill, (replies, holder)).unwrap();
    }

    fn empty() -> Connection {
        let mut connection = Connection::open_in_memory().unwrap();
        schema::migrate(&mut connection).unwrap();
        connection
    }

    #[test]
    fn of_a_holder_with_too_many_replies_the_oldest_go() {
        let connection = empty();
        fill(&connection, "busy", KEPT_PER_HOLDER + 3);
        fill(&connection, "full", KEPT_PER_HOLDER);
        while drop_some(&connection, 0, 2).unwrap() {}
        let left = |holder: &str| -> (u32, u32) {
            let sql = "SELECT count(*), min(kept_at) FROM kept_replies WHERE holder = ?";
            connection.query_row(sql, [holder], |row| Ok((row.get(0)?, row.get(1)?))).unwrap()
        };
        assert_eq!(left("busy"), (KEPT_PER_HOLDER, 4));
        assert_eq!(left("full"), (KEPT_PER_HOLDER, 1));
    }

    #[test]
    fn replies_of_a_holder_are_placed_one_after_the_other() {
        let connection = empty();
        for (holder, key) in [("shop", "a"), ("shop", "b"), ("other", "a"), ("shop", "c")] {
            let once = Once { holder: holder.into(), key: key.into(), fingerprint: [0; 32] };
            add(&connection, &Keep { once, reply: String::new() }, 1).unwrap();
        }
        let places =
            "SELECT group_concat(holder || key || place, ' ' ORDER BY holder, key) FROM kept_replies";
        let places: String = connection.query_row(places, [], |row| row.get(0)).unwrap();
        assert_eq!(places, "othera1 shopa1 shopb2 shopc3");
    }

    /// Every step of retention asks it, so it must not read all replies.
    #[test]
    fn whose_replies_are_too_many_is_asked_without_counting_them() {
        let connection = empty();
        for holder in ["one", "other", "third"] {
            fill(&connection, holder, 10_000);
        }
        let mut holders = connection.prepare(HOLDERS).unwrap();
        assert_eq!(holders.query_map([], |_| Ok(())).unwrap().count(), 3);
        let steps = holders.get_status(StatementStatus::VmStep);
        assert!(steps < 1_000, "{steps} steps of SQLite's machine for 30,000 replies of 3 holders");
    }
}
