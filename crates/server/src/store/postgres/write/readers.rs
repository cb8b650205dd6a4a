//! Reading and writing what users' lists say of conversations. All of it is guarded by the users' rows.

use std::collections::HashMap;

use tokio_postgres::Row;
use uuid::Uuid;
use wigwag_engine::Ledger;
use wigwag_engine::ledger::{Loaded, Reader};
use wigwag_protocol::UserId;

use super::guards::Guards;
use super::insert::run;
use super::load::named;
use super::rows::NewRows;
use crate::store::postgres::connection::{Statement, Trouble, WriterConnection, int, nat};

pub(super) async fn ask(connection: &WriterConnection, wanted: &Guards) -> Result<Vec<Row>, Trouble> {
    if wanted.reads.is_empty() {
        return Ok(Vec::new());
    }
    let (users, names): (Vec<&str>, Vec<String>) =
        wanted.reads.iter().map(|(user, conversation)| (user.as_str(), conversation.to_string())).unzip();
    connection.rows(Statement::Reads, &[&users, &names]).await
}

/// `user_id, name, read_seq, deleted_seq, pinned`
pub(super) fn take(ledger: &mut Ledger, wanted: &Guards, found: &[Row]) {
    let reader = |row: &Row| Reader {
        read_seq: nat(row.get(2)),
        deleted_seq: row.get::<_, Option<i64>>(3).map(nat),
        pinned: row.get(4),
    };
    let readers: HashMap<(&str, &str), Reader> =
        found.iter().map(|row| ((row.get(0), row.get(1)), reader(row))).collect();
    for (user, conversation) in &wanted.reads {
        let name = conversation.to_string();
        let reader = readers.get(&(user.as_str(), name.as_str())).copied();
        ledger.take(Loaded::Read(user.clone(), conversation.clone(), reader.unwrap_or_default()));
    }
}

pub(super) async fn ask_pins(connection: &WriterConnection, wanted: &Guards) -> Result<Vec<Row>, Trouble> {
    let users: Vec<&str> = wanted.pin_counts.iter().map(UserId::as_str).collect();
    named(connection, Statement::PinCounts, &users).await
}

/// `user_id, count`
pub(super) fn take_pins(ledger: &mut Ledger, wanted: &Guards, found: &[Row]) {
    let counts: HashMap<&str, i64> = found.iter().map(|row| (row.get(0), row.get(1))).collect();
    for user in &wanted.pin_counts {
        let count = counts.get(user.as_str()).and_then(|count| usize::try_from(*count).ok());
        ledger.take(Loaded::PinCount(user.clone(), count.unwrap_or(0)));
    }
}

/// Those who left. Read marks are written after that, then what stands in their rows besides.
pub(super) async fn drop_gone(connection: &WriterConnection, new_rows: &NewRows<'_>) -> Result<(), Trouble> {
    let gone = new_rows.readers.iter().filter(|(_, seq)| seq.is_none());
    let (users, ids): (Vec<&str>, Vec<Uuid>) = gone.map(|((user, id), _)| (user.as_str(), *id)).unzip();
    run(connection, Statement::DropReaders, users.len(), &[&users, &ids]).await
}

pub(super) async fn write(connection: &WriterConnection, new_rows: &NewRows<'_>) -> Result<(), Trouble> {
    let here = || new_rows.readers.iter().filter_map(|(key, seq)| Some((key, (*seq)?)));
    let users: Vec<&str> = here().map(|((user, _), _)| user.as_str()).collect();
    let ids: Vec<Uuid> = here().map(|((_, id), _)| *id).collect();
    let seqs: Vec<i64> = here().map(|(_, seq)| int(seq)).collect();
    run(connection, Statement::SetReaders, users.len(), &[&users, &ids, &seqs]).await
}

pub(super) async fn write_pins(connection: &WriterConnection, new_rows: &NewRows<'_>) -> Result<(), Trouble> {
    let users: Vec<&str> = new_rows.pins.keys().map(|(user, _)| user.as_str()).collect();
    let (ids, on): (Vec<Uuid>, Vec<bool>) = new_rows.pins.iter().map(|((_, id), on)| (*id, *on)).unzip();
    run(connection, Statement::SetPins, users.len(), &[&users, &ids, &on]).await
}

pub(super) async fn write_deleted(
    connection: &WriterConnection,
    new_rows: &NewRows<'_>,
) -> Result<(), Trouble> {
    let users: Vec<&str> = new_rows.deleted.keys().map(|(user, _)| user.as_str()).collect();
    let (ids, seqs): (Vec<Uuid>, Vec<Option<i64>>) =
        new_rows.deleted.iter().map(|((_, id), seq)| (*id, seq.map(int))).unzip();
    run(connection, Statement::SetDeleted, users.len(), &[&users, &ids, &seqs]).await
}
