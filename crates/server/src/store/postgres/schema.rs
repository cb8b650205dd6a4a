//! Tables and their migrations: the files in `migrations/`. Every migration stays as it was released; changes are new
//! ones.

use tokio_postgres::Client;

mod embedded {
    refinery::embed_migrations!("src/store/postgres/migrations");
}

/// The schema version this program writes.
pub(super) fn newest() -> u32 {
    let all = embedded::migrations::runner();
    let versions =
        all.get_migrations().iter().map(|migration| u32::try_from(migration.version()).unwrap_or(0));
    versions.max().unwrap_or(0)
}

/// The schema version of a database; 0 when it is empty.
pub(super) async fn version(client: &Client) -> Result<u32, tokio_postgres::Error> {
    let table = client.query_one("SELECT to_regclass('refinery_schema_history') IS NOT NULL", &[]).await?;
    if !table.get::<_, bool>(0) {
        return Ok(0);
    }
    let newest =
        client.query_one("SELECT coalesce(max(version), 0) FROM refinery_schema_history", &[]).await?;
    Ok(u32::try_from(newest.get::<_, i32>(0)).unwrap_or(0))
}

/// Brings a database to the newest schema.
pub(super) async fn migrate(client: &mut Client) -> Result<(), refinery::Error> {
    embedded::migrations::runner().run_async(client).await.map(drop)
}
