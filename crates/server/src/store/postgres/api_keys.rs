//! Keys of back ends: `wigwag key` writes them, nodes read them.

use tokio_postgres::{Client, Row};

use super::connection::{DatabaseAddress, Trouble, said, spoilt};
use super::opening::{OpenError, PostgresSettings, reach};
use super::read::Reader;
use super::schema;
use crate::auth::{ApiKey, KeyDigest, KeyName, MOST_KEYS, key_name_taken, too_many_keys};

/// Adds a key unless its name is taken or there are too many; the lock keeps two commands from counting at once.
const ADD: &str =
    "INSERT INTO api_keys (name, scopes, digest, created_at) VALUES ($1, $2, $3, to_timestamp($4::float8))";
const LOCK: &str = "LOCK TABLE api_keys IN SHARE ROW EXCLUSIVE MODE";
const COUNT: &str = "SELECT count(*), count(*) FILTER (WHERE name = $1) FROM api_keys";
const DROP: &str = "DELETE FROM api_keys WHERE name = $1";
const ALL: &str =
    "SELECT name, scopes, digest, extract(epoch FROM created_at)::bigint FROM api_keys ORDER BY name";

/// Writes a key into a database that nodes may be using. It makes no tables.
pub async fn add_api_key(settings: &PostgresSettings, key: &ApiKey) -> Result<(), OpenError> {
    let mut client = open(settings).await?;
    let name = key.name.to_string();
    let transaction = client.transaction().await.map_err(failed)?;
    transaction.execute(LOCK, &[]).await.map_err(failed)?;
    let counts = transaction.query_one(COUNT, &[&name]).await.map_err(failed)?;
    if counts.get::<_, i64>(1) > 0 {
        return Err(OpenError::Other(key_name_taken(&key.name)));
    }
    if usize::try_from(counts.get::<_, i64>(0)).unwrap_or(MOST_KEYS) >= MOST_KEYS {
        return Err(OpenError::Other(too_many_keys()));
    }
    #[expect(clippy::cast_precision_loss, reason = "seconds since the epoch are exact in it")]
    let created = key.created_s as f64;
    let row: [&(dyn tokio_postgres::types::ToSql + Sync); 4] =
        [&name, &key.scopes_text(), &key.digest.0.as_slice(), &created];
    transaction.execute(ADD, &row).await.map_err(failed)?;
    transaction.commit().await.map_err(failed)
}

/// Takes a key out; false when there is none of this name.
pub async fn drop_api_key(settings: &PostgresSettings, name: &KeyName) -> Result<bool, OpenError> {
    let client = open(settings).await?;
    let dropped = client.execute(DROP, &[&name.to_string()]).await.map_err(failed)?;
    Ok(dropped > 0)
}

/// All keys, by name.
pub async fn list_api_keys(settings: &PostgresSettings) -> Result<Vec<ApiKey>, OpenError> {
    let client = open(settings).await?;
    let rows = client.query(ALL, &[]).await.map_err(failed)?;
    rows.iter().map(|row| key(row).map_err(OpenError::Other)).collect()
}

pub(super) async fn read(reader: &Reader) -> Result<Vec<ApiKey>, Trouble> {
    let rows = reader.rows(ALL, &[]).await?;
    rows.iter().map(|row| key(row).map_err(|error| spoilt(&error))).collect()
}

async fn open(settings: &PostgresSettings) -> Result<Client, OpenError> {
    let address = DatabaseAddress::parse(&settings.url, settings.tls_ca.as_deref())?;
    let client = reach(&address).await?;
    let (found, known) = (schema::version(&client).await.map_err(failed)?, schema::newest());
    if found < known {
        return Err(OpenError::Older { place: address.place(), found, known });
    }
    Ok(client)
}

#[expect(clippy::needless_pass_by_value, reason = "the shape map_err asks for")]
fn failed(error: tokio_postgres::Error) -> OpenError {
    OpenError::Other(said(&error))
}

fn key(row: &Row) -> Result<ApiKey, String> {
    let digest: Vec<u8> = row.get(2);
    let digest: [u8; 32] = digest.try_into().map_err(|_| "a key's digest has another length".to_owned())?;
    Ok(ApiKey {
        name: row.get::<_, &str>(0).parse()?,
        scopes: ApiKey::parse_scopes(row.get(1)),
        digest: KeyDigest(digest),
        created_s: u64::try_from(row.get::<_, i64>(3)).unwrap_or(0),
    })
}
