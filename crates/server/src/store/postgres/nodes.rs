//! The tables that nodes agree on: live nodes, leases, seats. None of them has to outlive a crash of the database, so their
//! connections do not wait for the disk.

use std::time::Duration;

use async_trait::async_trait;
use deadpool_postgres::{GenericClient, Object};
use tokio::time::{Instant, sleep, timeout_at};
use tokio_postgres::Row;
use wigwag_engine::Due;
use wigwag_protocol::{Device, DeviceId, Platform, UserId};

use super::connection::{Trouble, int, nat, spoilt};
use super::read::Reader;
use super::write::PATIENCE;
use super::{AGAIN, PostgresStore, api_keys, reading, revocations};
use crate::auth::{ApiKey, Revocation};
use crate::store::shared::{
    CheckUp, Claimed, NODE_PATIENCE, NodeCard, NodeId, Seat, SeatBounds, SessionName, SharedStore, Stranger,
};
use crate::store::{SessionId, SignedIn, StoreError};

const ENTER: &str = "INSERT INTO nodes (node, series, app, has_bus, beat_at)
    VALUES ($1, $2, $3, $4, clock_timestamp()) ON CONFLICT (node) DO UPDATE
    SET series = excluded.series, app = excluded.app, has_bus = excluded.has_bus, beat_at = excluded.beat_at";

/// The last SELECT reads the rows as they were before the other parts changed them.
const BEAT: &str = "WITH alive AS
        (UPDATE nodes SET beat_at = clock_timestamp() WHERE node = $1 RETURNING node),
    dead AS (DELETE FROM nodes
        WHERE node <> $1 AND beat_at < clock_timestamp() - make_interval(secs => $2) RETURNING node),
    cleared AS (DELETE FROM seats WHERE node IN (SELECT node FROM dead))
    SELECT node FROM alive UNION
    SELECT node FROM nodes WHERE node <> $1 AND beat_at >= clock_timestamp() - make_interval(secs => $2)";

const LEASE: &str = "INSERT INTO leases AS held (name, node, until)
    VALUES ($1, $2, clock_timestamp() + make_interval(secs => $3)) ON CONFLICT (name) DO UPDATE
    SET node = excluded.node, until = excluded.until
    WHERE held.node = excluded.node OR held.until < clock_timestamp() RETURNING 1";

/// Returns the session that had the seat before, and whether the seat is ours now. The first SELECT reads the seat as it was
/// when the statement began: a newer connection that is there and goes meanwhile, as its node enters again, had it and was
/// not replaced.
const CLAIM: &str = "WITH before AS (SELECT node, session FROM seats
        WHERE user_id = $1 AND device_id = $2 AND connected_at <= $6),
    taken AS (INSERT INTO seats AS held (user_id, device_id, platform, node, session, connected_at)
        VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (user_id, device_id) DO UPDATE
        SET platform = excluded.platform, node = excluded.node, session = excluded.session,
            connected_at = excluded.connected_at
        WHERE held.connected_at <= excluded.connected_at RETURNING 1)
    SELECT before.node, before.session, taken IS NOT NULL
    FROM (SELECT) AS one LEFT JOIN before ON true LEFT JOIN taken ON true";

/// Takes the seats of a platform's oldest sessions.
const OVER_PLATFORM: &str = "DELETE FROM seats WHERE (user_id, device_id) IN
        (SELECT user_id, device_id FROM seats WHERE user_id = $1 AND platform = $2
            ORDER BY connected_at DESC, session DESC OFFSET $3)
    RETURNING node, session";

/// Takes the seats of a user's oldest sessions.
const OVER_USER: &str = "DELETE FROM seats WHERE user_id = $1 AND device_id IN
        (SELECT device_id FROM seats WHERE user_id = $1 ORDER BY connected_at DESC, session DESC OFFSET $2)
    RETURNING node, session";

const DEVICES: &str = "SELECT device_id, platform FROM seats WHERE user_id = $1 ORDER BY device_id";

/// Seats as columns, `$1` to `$6`.
const MINE: &str =
    "SELECT * FROM unnest($1::text[], $2::text[], $3::smallint[], $4::uuid[], $5::bigint[], $6::bigint[])
    AS mine (user_id, device_id, platform, node, session, connected_at)";

#[async_trait]
impl SharedStore for PostgresStore {
    async fn enter(&self, card: &NodeCard) -> Result<Result<(), Stranger>, StoreError> {
        reading!(self, reader, async {
            let mut reader = reader;
            let transaction = reader.connection.transaction().await?;
            // Nodes that enter at the same time must see each other.
            transaction.batch_execute("LOCK TABLE nodes IN EXCLUSIVE MODE").await?;
            let sql = "SELECT series, app, has_bus FROM nodes
                WHERE node <> $1 AND beat_at >= clock_timestamp() - make_interval(secs => $2)";
            let others = transaction.query(sql, &[&card.node.0, &NODE_PATIENCE.as_secs_f64()]).await?;
            if let Some(stranger) = others.iter().find_map(|row| stranger(row, card)) {
                return Ok(Err(stranger));
            }
            transaction.execute(ENTER, &[&card.node.0, &card.series, &card.app, &card.has_bus]).await?;
            // Seats that this node held before it was restarted.
            transaction.execute("DELETE FROM seats WHERE node = $1", &[&card.node.0]).await?;
            transaction.commit().await?;
            Ok::<_, Trouble>(Ok(()))
        })
    }

    async fn beat(&self, node: NodeId, patience: Duration) -> Result<Vec<NodeId>, StoreError> {
        reading!(self, reader, async {
            let rows = reader.rows(BEAT, &[&node.0, &patience.as_secs_f64()]).await?;
            Ok::<_, Trouble>(rows.iter().map(|row| NodeId(row.get(0))).collect())
        })
    }

    async fn leave(&self, node: NodeId) -> Result<(), StoreError> {
        reading!(self, reader, async {
            reader.rows("DELETE FROM seats WHERE node = $1", &[&node.0]).await?;
            reader.rows("DELETE FROM leases WHERE node = $1", &[&node.0]).await?;
            reader.rows("DELETE FROM nodes WHERE node = $1", &[&node.0]).await.map(drop)
        })
    }

    async fn lease(&self, name: &str, node: NodeId, term: Duration) -> Result<bool, StoreError> {
        reading!(self, reader, async {
            let rows = reader.rows(LEASE, &[&name, &node.0, &term.as_secs_f64()]).await?;
            Ok::<_, Trouble>(!rows.is_empty())
        })
    }

    async fn overdue(&self, before: u64, limit: usize) -> Result<Vec<(u64, Due)>, StoreError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let sql = "SELECT due_at, invite_id FROM invitations WHERE due_at IS NOT NULL AND due_at < $1
            ORDER BY due_at LIMIT $2";
        reading!(self, reader, async { Ok(reader.due(&reader.rows(sql, &[&int(before), &limit]).await?)) })
    }

    async fn claim(&self, seat: &Seat, bounds: SeatBounds) -> Result<Claimed, StoreError> {
        reading!(self, reader, async {
            let mut reader = reader;
            if bounds.per_platform == 0 {
                let mut claimed = take(&reader.connection, seat).await?;
                // A transaction of its own, which sees every seat that was taken before it began: of devices that come at the
                // same time, the one that asks last sees them all.
                claimed.over_limit = over_user(&reader.connection, seat, bounds.per_user).await?;
                return Ok(claimed);
            }
            let transaction = reader.connection.transaction().await?;
            // A user's devices claim one after the other; at the same time, each would leave the other's seat alone.
            let lock = "SELECT 1 FROM users WHERE user_id = $1 FOR UPDATE";
            transaction.query(lock, &[&seat.user.as_str()]).await?;
            let mut claimed = take(&transaction, seat).await?;
            if !claimed.refused {
                let most = i64::try_from(bounds.per_platform).unwrap_or(i64::MAX);
                let oldest =
                    transaction.query(OVER_PLATFORM, &[&seat.user.as_str(), &platform(seat), &most]).await?;
                claimed.over_limit = oldest.iter().map(session_name).collect();
            }
            claimed.over_limit.extend(over_user(&transaction, seat, bounds.per_user).await?);
            transaction.commit().await?;
            Ok(claimed)
        })
    }

    async fn release(&self, seats: &[Seat]) -> Result<(), StoreError> {
        let sql = format!(
            "DELETE FROM seats USING ({MINE}) AS mine WHERE seats.user_id = mine.user_id
             AND seats.device_id = mine.device_id AND seats.node = mine.node AND seats.session = mine.session"
        );
        reading!(self, reader, async { about(&reader, &sql, seats).await.map(drop) })
    }

    async fn check_up(&self, seats: &[Seat]) -> Result<CheckUp, StoreError> {
        let give_back = format!(
            "INSERT INTO seats (user_id, device_id, platform, node, session, connected_at)
             SELECT DISTINCT ON (mine.user_id, mine.device_id) mine.* FROM ({MINE}) AS mine WHERE NOT EXISTS
                (SELECT 1 FROM seats WHERE user_id = mine.user_id AND device_id = mine.device_id
                    AND seats.connected_at >= mine.connected_at)
             ORDER BY mine.user_id, mine.device_id, mine.connected_at DESC
             ON CONFLICT (user_id, device_id) DO UPDATE SET platform = excluded.platform, node = excluded.node,
                session = excluded.session, connected_at = excluded.connected_at
             WHERE seats.connected_at < excluded.connected_at"
        );
        // An older connection may have got the seat since it was given back: the node entered again in between and dropped its
        // seats, and a claim or a check-up that a node had given up was carried out after all. The next check-up takes it back.
        let displaced = format!(
            "SELECT mine.node, mine.session FROM ({MINE}) AS mine JOIN seats USING (user_id, device_id)
             WHERE seats.connected_at >= mine.connected_at
                AND (seats.node <> mine.node OR seats.session <> mine.session)"
        );
        reading!(self, reader, async {
            about(&reader, &give_back, seats).await?;
            let displaced = about(&reader, &displaced, seats).await?.iter().map(session_name).collect();
            let users: Vec<&str> = seats.iter().map(|seat| seat.user.as_str()).collect();
            let heads = "SELECT user_id, head FROM users WHERE user_id = ANY($1::text[])";
            let heads = reader.rows(heads, &[&users]).await?;
            Ok::<_, Trouble>(CheckUp { heads: heads.iter().map(head).collect::<Result<_, _>>()?, displaced })
        })
    }

    async fn revocations(&self, within: Option<Duration>) -> Result<Vec<Revocation>, StoreError> {
        reading!(self, reader, revocations::read(&reader, within))
    }

    async fn revoke(&self, revocation: &Revocation) -> Result<(), StoreError> {
        let written = async {
            let mut connection = self.connection().await?;
            revocations::write(&mut connection, revocation).await
        };
        match timeout_at(Instant::now() + PATIENCE, written).await {
            Ok(written) => Ok(written?),
            Err(_) => Err(StoreError::Unavailable("the database does not answer".to_owned())),
        }
    }

    async fn api_keys(&self) -> Result<Vec<ApiKey>, StoreError> {
        reading!(self, reader, api_keys::read(&reader))
    }

    async fn devices_of(&self, user: &UserId) -> Result<Vec<Device>, StoreError> {
        reading!(self, reader, devices_of(&reader, user))
    }

    async fn signed_in(&self) -> Result<SignedIn, StoreError> {
        reading!(self, reader, signed_in(&reader))
    }
}

async fn devices_of(reader: &Reader, user: &UserId) -> Result<Vec<Device>, Trouble> {
    let rows = reader.rows(DEVICES, &[&user.as_str()]).await?;
    let device = |row: &Row| {
        let device_id = DeviceId::parse(row.get(0)).map_err(|error| spoilt(&error))?;
        let number = u8::try_from(row.get::<_, i16>(1)).ok().and_then(Platform::new);
        let platform = number.ok_or_else(|| spoilt(&"a seat has no known platform"))?;
        Ok(Device { device_id, platform })
    };
    rows.iter().map(device).collect()
}

async fn signed_in(reader: &Reader) -> Result<SignedIn, Trouble> {
    let sql = "SELECT count(DISTINCT user_id), count(*) FROM seats";
    let rows = reader.rows(sql, &[]).await?;
    let row = rows.first().ok_or_else(|| spoilt(&"a count has no row"))?;
    Ok(SignedIn { users: nat(row.get(0)), sessions: nat(row.get(1)) })
}

/// Commits something that changes nothing else, and waits until it is on disk. A lease of the node's own, which nobody waits for.
pub(super) async fn probe(connection: &mut Object, node: NodeId) -> Result<(), Trouble> {
    let transaction = connection.transaction().await?;
    transaction.batch_execute("SET LOCAL synchronous_commit = on").await?;
    let lease = transaction.prepare_cached(LEASE).await?;
    transaction.execute(&lease, &[&format!("probe of {node}"), &node.0, &0.0]).await?;
    Ok(transaction.commit().await?)
}

/// `series, app, has_bus`
fn stranger(row: &Row, card: &NodeCard) -> Option<Stranger> {
    let series: String = row.get(0);
    if series != card.series {
        return Some(Stranger::OtherSeries(series));
    }
    if row.get::<_, &str>(1) != card.app {
        return Some(Stranger::OtherApp);
    }
    (!row.get::<_, bool>(2) || !card.has_bus).then_some(Stranger::NoBus)
}

async fn take(client: &impl GenericClient, seat: &Seat) -> Result<Claimed, Trouble> {
    let statement = client.prepare_cached(CLAIM).await?;
    let row = client
        .query_one(
            &statement,
            &[
                &seat.user.as_str(),
                &seat.device.device_id.as_str(),
                &platform(seat),
                &seat.session.node.0,
                &int(seat.session.session.0),
                &int(seat.connected_at),
            ],
        )
        .await?;
    let taken: bool = row.get(2);
    let before = row.get::<_, Option<uuid::Uuid>>(0).map(|_| session_name(&row));
    let replaced = before.filter(|before| taken && *before != seat.session);
    Ok(Claimed { refused: !taken, replaced, over_limit: Vec::new() })
}

/// Takes the seats that the user of this one has too many.
async fn over_user(
    client: &impl GenericClient,
    seat: &Seat,
    most: usize,
) -> Result<Vec<SessionName>, Trouble> {
    let statement = client.prepare_cached(OVER_USER).await?;
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let oldest = client.query(&statement, &[&seat.user.as_str(), &most]).await?;
    Ok(oldest.iter().map(session_name).collect())
}

/// Runs a statement that has these seats as its parameters.
async fn about(reader: &Reader, sql: &str, seats: &[Seat]) -> Result<Vec<Row>, Trouble> {
    let users: Vec<&str> = seats.iter().map(|seat| seat.user.as_str()).collect();
    let devices: Vec<&str> = seats.iter().map(|seat| seat.device.device_id.as_str()).collect();
    let platforms: Vec<i16> = seats.iter().map(platform).collect();
    let nodes: Vec<uuid::Uuid> = seats.iter().map(|seat| seat.session.node.0).collect();
    let sessions: Vec<i64> = seats.iter().map(|seat| int(seat.session.session.0)).collect();
    let times: Vec<i64> = seats.iter().map(|seat| int(seat.connected_at)).collect();
    reader.rows(sql, &[&users, &devices, &platforms, &nodes, &sessions, &times]).await
}

fn platform(seat: &Seat) -> i16 {
    i16::from(seat.device.platform.number())
}

/// `node, session, …`
fn session_name(row: &Row) -> SessionName {
    SessionName { node: NodeId(row.get(0)), session: SessionId(nat(row.get(1))) }
}

/// `user_id, head`
fn head(row: &Row) -> Result<(UserId, u64), Trouble> {
    let user = UserId::parse(row.get(0)).map_err(|error| spoilt(&error))?;
    Ok((user, nat(row.get(1))))
}
