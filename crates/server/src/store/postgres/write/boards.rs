//! Reading and writing the boards of groups. They are guarded by the groups' rows.

use tokio_postgres::Row;
use wigwag_engine::ledger::Loaded;
use wigwag_engine::{Board, Ledger};
use wigwag_protocol::GroupId;

use super::guards::Guards;
use super::insert::run;
use super::load::named;
use super::rows::NewRows;
use crate::store::postgres::connection::{Statement, Trouble, WriterConnection, spoilt};
use crate::store::record;

pub(super) async fn ask(connection: &WriterConnection, wanted: &Guards) -> Result<Vec<Row>, Trouble> {
    let groups: Vec<&str> = wanted.boards.iter().map(GroupId::as_str).collect();
    named(connection, Statement::Boards, &groups).await
}

/// `group_id, record`
pub(super) fn take(ledger: &mut Ledger, wanted: &Guards, found: &[Row]) -> Result<(), Trouble> {
    for row in found {
        let group = GroupId::parse(row.get(0)).map_err(|error| spoilt(&error))?;
        let board = record::read_board(row.get(1)).map_err(|error| spoilt(&error))?;
        ledger.take(Loaded::Board(group, board));
    }
    for group in &wanted.boards {
        ledger.take(Loaded::Board(group.clone(), Board::default()));
    }
    Ok(())
}

/// The boards of groups that are gone. A node of the version before leaves the board of a group that it dismisses, so those of new
/// groups go too.
pub(super) async fn drop_old(connection: &WriterConnection, new_rows: &NewRows<'_>) -> Result<(), Trouble> {
    let groups = new_rows.dismissed.iter().chain(new_rows.new_groups.keys());
    let groups: Vec<&str> = groups.map(GroupId::as_str).collect();
    run(connection, Statement::DropBoards, groups.len(), &[&groups]).await
}

pub(super) async fn write(connection: &WriterConnection, new_rows: &NewRows<'_>) -> Result<(), Trouble> {
    let groups: Vec<&str> = new_rows.boards.keys().map(GroupId::as_str).collect();
    let records: Result<Vec<String>, _> =
        new_rows.boards.values().map(|board| record::board(board)).collect();
    let records = records.map_err(|error| spoilt(&error))?;
    run(connection, Statement::SetBoards, groups.len(), &[&groups, &records]).await
}
