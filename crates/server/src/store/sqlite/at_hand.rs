//! The statements of one transaction.

use std::cell::RefCell;

use rusqlite::{CachedStatement, Connection, Params};

use crate::store::StoreError;

/// Each statement is looked up once for a transaction and stays at hand until its end: a lookup hashes and compares the whole text.
pub(super) struct AtHand<'a> {
    connection: &'a Connection,
    /// In the order of their first use; a dozen at most in a usual transaction.
    statements: RefCell<Vec<(&'static str, CachedStatement<'a>)>>,
}

impl<'a> AtHand<'a> {
    pub(super) fn of(connection: &'a Connection) -> Self {
        Self { connection, statements: RefCell::default() }
    }

    /// Runs the statement with this row; returns how many rows it changed.
    pub(super) fn run(&self, sql: &'static str, row: impl Params) -> Result<usize, StoreError> {
        let mut statements = self.statements.borrow_mut();
        if let Some((_, known)) = statements.iter_mut().find(|(text, _)| *text == sql) {
            return Ok(known.execute(row)?);
        }
        let mut new = self.connection.prepare_cached(sql)?;
        let changed = new.execute(row)?;
        statements.push((sql, new));
        Ok(changed)
    }
}
