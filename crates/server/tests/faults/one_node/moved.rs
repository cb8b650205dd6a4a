//! The same run once more, as PostgreSQL tells it after everything was moved there.

use wigwag_testbed::{Durability, Postgres};

use crate::checker::{self, Findings};
use crate::cluster::{sums_agree, tables};
use crate::load::Run;
use crate::process::House;

/// Moves everything with the real command, and holds the tables of PostgreSQL against the journals.
pub(super) fn check(run: &Run, house: &House) -> Findings {
    let postgres = Postgres::start(Durability::Fast);
    let url = postgres.url("postgres");
    let mut found = Findings::default();
    if let Err(words) = house.moves_to(&url) {
        found.wrong(format!("the move failed: {words}"));
        return found;
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    match runtime.block_on(tables::read(&url)) {
        Ok((tables, sums)) => {
            sums_agree(&tables, &sums, &mut found);
            checker::check(run, tables, &mut found);
        }
        Err(error) => found.wrong(format!("PostgreSQL's tables cannot be read: {error}")),
    }
    let after = |words: String| format!("after the move: {words}");
    Findings { violations: found.violations.into_iter().map(after).collect(), summary: String::new() }
}
