//! What must be true of one node's file besides.

use std::path::Path;

use super::tables;
use crate::checker::{self, Findings};
use crate::load::Run;
use crate::model::Tables;

/// Looks at everything.
pub(super) fn check(run: &Run, database: &Path, log: &str) -> Findings {
    let (tables, file) = match tables::read(database) {
        Ok(read) => read,
        Err(error) => return Findings::only(format!("the database cannot be read: {error}")),
    };
    let mut found = Findings::default();
    if file.integrity != "ok" {
        found.wrong(format!("SQLite finds the file damaged: {}", file.integrity));
    }
    time_does_not_go_back(&tables, &mut found);
    the_whole_tail_is_merged(&tables, file.indexed, &mut found);
    for line in log.lines().filter(|line| line.contains("panicked") || line.contains("ERROR")) {
        found.wrong(format!("the server's log says: {line}"));
    }
    checker::check(run, tables, &mut found);
    found
}

fn time_does_not_go_back(tables: &Tables, found: &mut Findings) {
    let mut last = 0;
    for (id, event) in &tables.events {
        if event.time < last {
            found.wrong(format!("event {id} is {} ms older than the one before it", last - event.time));
        }
        last = event.time;
    }
}

/// A server that is asked to stop leaves nothing to be merged.
fn the_whole_tail_is_merged(tables: &Tables, indexed: i64, found: &mut Findings) {
    let newest = tables.events.keys().next_back().copied().unwrap_or(0);
    if indexed != newest {
        found.wrong(format!("the mark says {indexed} is merged, the newest event is {newest}"));
    }
}
