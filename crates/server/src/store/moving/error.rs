//! Why everything stayed where it was.

use std::fmt;

use super::Progress;
use crate::store::{StoreError, postgres, sqlite};

/// Why nothing was moved; each says what to do.
#[derive(Debug)]
pub enum MoveError {
    /// The SQLite database cannot be opened.
    Source(sqlite::OpenError),
    /// The PostgreSQL database cannot be used.
    Target(postgres::OpenError),
    /// A server works on the target.
    TargetInUse(String),
    /// The target holds rows already: its address, and a table that is not empty.
    TargetNotEmpty(String, &'static str),
    /// A row of the source cannot be read.
    Unreadable(StoreError),
    /// Rows of the source refer to rows that are not there.
    Incomplete(Progress),
    /// The target did not take the rows.
    Unwritten(String),
}

impl fmt::Display for MoveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Source(error) => error.fmt(f),
            Self::Target(error) => error.fmt(f),
            Self::TargetInUse(place) => {
                write!(f, "a server works on the database at {place}. Stop it, or name another database")
            }
            Self::TargetNotEmpty(place, table) => write!(
                f,
                "the database at {place} is not empty (table {table}). Name an empty one; nothing is ever merged"
            ),
            Self::Unreadable(error) => {
                write!(f, "nothing was moved: {error}. \"wigwag check\" says what is wrong with the database")
            }
            Self::Incomplete(Progress { kind, moved, of }) => write!(
                f,
                "nothing was moved: of {of} {kind}, {} refer to rows that are not there. \"wigwag check\" says which",
                of - moved
            ),
            Self::Unwritten(why) => {
                write!(f, "nothing was moved: {why}. When the cause is gone, give the same command again")
            }
        }
    }
}

impl std::error::Error for MoveError {}

impl From<sqlite::OpenError> for MoveError {
    fn from(error: sqlite::OpenError) -> Self {
        Self::Source(error)
    }
}

impl From<postgres::OpenError> for MoveError {
    fn from(error: postgres::OpenError) -> Self {
        Self::Target(error)
    }
}
