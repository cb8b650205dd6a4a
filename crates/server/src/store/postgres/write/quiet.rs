//! Reading and writing when users are quiet. It is guarded by their rows.

use std::sync::Arc;

use tokio_postgres::Row;
use wigwag_engine::Ledger;
use wigwag_engine::ledger::Loaded;
use wigwag_protocol::UserId;

use super::guards::Guards;
use super::insert::run;
use super::load::named;
use super::rows::NewRows;
use crate::store::postgres::connection::{Statement, Trouble, WriterConnection, spoilt};
use crate::store::record;

pub(super) async fn ask(connection: &WriterConnection, wanted: &Guards) -> Result<Vec<Row>, Trouble> {
    let users: Vec<&str> = wanted.quiet.iter().map(UserId::as_str).collect();
    named(connection, Statement::Quiet, &users).await
}

/// `user_id, quiet, rang`
pub(super) fn take(ledger: &mut Ledger, wanted: &Guards, found: &[Row]) -> Result<(), Trouble> {
    for row in found {
        let user = UserId::parse(row.get(0)).map_err(|error| spoilt(&error))?;
        let kept = record::read_kept(row.get(1), row.get(2)).map_err(|error| spoilt(&error))?;
        ledger.take(Loaded::Quiet(user, kept.map(Arc::new)));
    }
    for user in &wanted.quiet {
        ledger.take(Loaded::Quiet(user.clone(), None));
    }
    Ok(())
}

pub(super) async fn write(connection: &WriterConnection, new_rows: &NewRows<'_>) -> Result<(), Trouble> {
    let users: Vec<&str> = new_rows.quiet.keys().map(UserId::as_str).collect();
    let records = new_rows.quiet.values().map(|quiet| quiet.map(record::quiet).transpose());
    let records: Vec<Option<String>> = records.collect::<Result<_, _>>().map_err(|error| spoilt(&error))?;
    run(connection, Statement::SetQuiet, users.len(), &[&users, &records]).await
}

/// After what users set, with which an older list goes.
pub(super) async fn write_rang(connection: &WriterConnection, new_rows: &NewRows<'_>) -> Result<(), Trouble> {
    let users: Vec<&str> = new_rows.rang.keys().map(UserId::as_str).collect();
    let records = new_rows.rang.values().map(|rang| record::rang(rang));
    let records: Vec<String> = records.collect::<Result<_, _>>().map_err(|error| spoilt(&error))?;
    run(connection, Statement::SetRang, users.len(), &[&users, &records]).await
}
