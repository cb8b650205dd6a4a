//! Moving everything that a stopped server keeps from SQLite to PostgreSQL, for `wigwag migrate --to`.
//!
//! ```text
//!  sqlite::export (a thread) ── Rows, in batches ──▶ a channel of two ──▶ postgres::import (one transaction)
//! ```
//!
//! The target's transaction holds everything, so an interrupted move leaves an empty database and can be repeated. Both
//! stores name rows in their own way; [`rows`] is what they hand over: names where both have names, and numbers
//! ([`rows::EventNumber`], [`rows::ConversationNumber`]) where the target makes ids of its own.

mod error;
pub(super) mod rows;

use std::path::PathBuf;

use tokio::sync::mpsc;

pub use self::error::MoveError;
use self::rows::Rows;
use super::postgres::{Import, PostgresSettings};
use super::shared::NodeId;
use super::{StoreError, sqlite};

/// Batches between the reader and the writer, each of [`rows::BATCH_BYTES`] at most: the next is read while one is written.
const BETWEEN: usize = 2;

/// What is moved, and how.
#[derive(Debug, Clone)]
pub struct Move {
    /// The SQLite database. The caller has seen to it that no server uses it.
    pub from: PathBuf,
    /// The PostgreSQL database.
    pub to: PostgresSettings,
    /// The node that watches the deadlines of open invitations; when no such node lives, another fires them when they
    /// are overdue.
    pub node: NodeId,
    /// Age at which invitations without deadline are closed, ms.
    pub no_deadline_age_ms: u64,
}

/// How far a move has come with one kind of rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// The kind of rows, in words for the operator.
    pub kind: &'static str,
    /// Rows moved so far.
    pub moved: u64,
    /// Rows of this kind in all.
    pub of: u64,
}

/// Moves everything, and tells `progress` after each batch. Returns the last progress of each kind.
pub async fn move_all(plan: &Move, mut progress: impl FnMut(Progress)) -> Result<Vec<Progress>, MoveError> {
    let export = sqlite::Export::open(&plan.from)?;
    let import = Import::begin(&plan.to, plan.node, plan.no_deadline_age_ms).await?;
    let mut moved = export.totals().map_err(MoveError::Unreadable)?;
    let (batches, mut waiting) = mpsc::channel(BETWEEN);
    let reading = tokio::task::spawn_blocking(move || export.read_all(&batches));
    while let Some(rows) = waiting.recv().await {
        let (kind, count) = (rows.kind(), rows.len());
        import.take(rows).await?;
        if let Some(of_kind) = moved.iter_mut().find(|progress| progress.kind == kind) {
            of_kind.moved += count;
            progress(*of_kind);
        }
    }
    let read =
        reading.await.unwrap_or_else(|_| Err(StoreError::Unavailable("the reader panicked".to_owned())));
    read.map_err(MoveError::Unreadable)?;
    // A row that refers to a row which is not there is not handed over.
    if let Some(short) = moved.iter().find(|progress| progress.moved < progress.of) {
        return Err(MoveError::Incomplete(*short));
    }
    import.commit().await?;
    Ok(moved)
}

/// The receiver is gone: the import has failed and says why.
pub(super) type Batches = mpsc::Sender<Rows>;
