//! Revocations: `wigwag revoke` writes them, nodes read them.

use std::time::Duration;

use deadpool_postgres::Object;
use wigwag_protocol::UserId;

use super::connection::{DatabaseAddress, Trouble, int, nat, said, spoilt};
use super::opening::{OpenError, PostgresSettings, reach};
use super::read::Reader;
use super::schema;
use crate::auth::Revocation;

/// A later revocation of a user covers an earlier one.
const REVOKE: &str = "INSERT INTO revocations AS kept (user_id, before_ms, revoked_at)
    VALUES ($1, $2, clock_timestamp()) ON CONFLICT (user_id) DO UPDATE
    SET before_ms = greatest(kept.before_ms, excluded.before_ms), revoked_at = excluded.revoked_at";

const ALL: &str = "SELECT user_id, before_ms FROM revocations ORDER BY user_id";

const LATELY: &str = "SELECT user_id, before_ms FROM revocations
    WHERE revoked_at >= clock_timestamp() - make_interval(secs => $1) ORDER BY user_id";

/// Writes a revocation into a database that nodes may be using. It makes no tables.
pub async fn revoke(settings: &PostgresSettings, revocation: &Revocation) -> Result<(), OpenError> {
    let address = DatabaseAddress::parse(&settings.url, settings.tls_ca.as_deref())?;
    let client = reach(&address).await?;
    let failed = |error: tokio_postgres::Error| OpenError::Other(said(&error));
    let (found, known) = (schema::version(&client).await.map_err(failed)?, schema::newest());
    if found < known {
        return Err(OpenError::Older { place: address.place(), found, known });
    }
    let parameters: [&(dyn tokio_postgres::types::ToSql + Sync); 2] =
        [&revocation.user.as_str(), &int(revocation.before_ms)];
    client.execute(REVOKE, &parameters).await.map(drop).map_err(failed)
}

/// The same on a connection of a node, which does not wait for the disk by itself.
pub(super) async fn write(connection: &mut Object, revocation: &Revocation) -> Result<(), Trouble> {
    let transaction = connection.transaction().await?;
    transaction.batch_execute("SET LOCAL synchronous_commit = on").await?;
    transaction.execute(REVOKE, &[&revocation.user.as_str(), &int(revocation.before_ms)]).await?;
    Ok(transaction.commit().await?)
}

pub(super) async fn read(reader: &Reader, within: Option<Duration>) -> Result<Vec<Revocation>, Trouble> {
    let rows = match within {
        None => reader.rows(ALL, &[]).await?,
        Some(within) => reader.rows(LATELY, &[&within.as_secs_f64()]).await?,
    };
    let revocation = |row: &tokio_postgres::Row| {
        let user = UserId::parse(row.get(0)).map_err(|error| spoilt(&error))?;
        Ok(Revocation { user, before_ms: nat(row.get(1)) })
    };
    rows.iter().map(revocation).collect()
}
