//! Writing: commands wait, are gathered into a batch, and each batch is one transaction.
//!
//! In the order of a batch: [`waiting`] holds its commands, [`plan`] guesses what they read, [`load`] locks the
//! [`guards`] and fills the ledger, [`batch`] decides, [`rows`] folds the decisions into rows, [`insert`], [`calls`] and others write them, and
//! [`doubt`] finds out about a commit whose answer was lost. [`writer`] is the task that does one batch after the other.

mod batch;
mod boards;
mod calls;
mod deleted;
mod doubt;
mod guards;
mod insert;
mod load;
mod plan;
mod quiet;
mod readers;
mod rows;
mod waiting;
mod writer;

pub(super) use batch::BatchContext;
pub(super) use insert::{due_at, only_invitee};
pub(super) use waiting::WaitingCommand;
pub(super) use writer::{Job, PATIENCE, Writer, WriterState};
