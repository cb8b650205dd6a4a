//! Reading a database through and saying what is wrong with it, for `wigwag check`. Nothing is changed.
//!
//! Each store looks at its own tables (`sqlite::check`, `postgres::check`) and notes what it finds here.

mod calls;
mod finding;

use std::collections::BTreeMap;

pub(super) use self::calls::KeptCall;
pub use self::finding::{Finding, Kind};

/// Findings of one kind that are kept; of a database that is damaged all over, these are enough to see how.
pub const KEPT: usize = 100;

/// What a check has found.
#[derive(Debug, Default)]
pub struct Findings {
    /// The first [`KEPT`] of each kind.
    pub kept: Vec<Finding>,
    /// How many of each kind there are.
    pub counts: BTreeMap<Kind, u64>,
    /// How many rows of what were looked at.
    pub looked_at: Vec<(&'static str, u64)>,
}

impl Findings {
    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.counts.is_empty()
    }

    pub(super) fn note(&mut self, finding: Finding) {
        let count = self.counts.entry(finding.kind()).or_default();
        *count += 1;
        if *count <= KEPT as u64 {
            self.kept.push(finding);
        }
    }

    pub(super) fn looked(&mut self, what: &'static str, rows: u64) {
        self.looked_at.push((what, rows));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_that_is_damaged_all_over_fills_no_memory() {
        let mut findings = Findings::default();
        for row in 0..KEPT + 5 {
            findings.note(Finding::Dangling { table: "blocks", row: row.to_string(), to: "users" });
        }
        findings.note(Finding::File("page 7".to_owned()));
        assert_eq!(findings.kept.len(), KEPT + 1);
        assert_eq!(findings.counts[&Kind::Dangling], KEPT as u64 + 5);
    }
}
