//! A commit whose answer was lost. Another connection finds out whether it happened.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use uuid::Uuid;

use super::batch::{Batch, BatchContext};
use super::guards::Guards;
use super::waiting::{Unfinished, WaitingCommand};
use crate::store::deciding::Decided;
use crate::store::postgres::connection::{Trouble, WriterConnection};
use crate::store::{ReplyTo, Submission};

/// How long one connection is asked. Less than a command can wait, so that commands submitted meanwhile are answered in
/// time.
const LOOK: Duration = Duration::from_secs(3);

/// A batch whose commit may have happened.
pub(super) struct Doubt {
    receipt: Uuid,
    pub(super) waiting: Vec<WaitingCommand>,
    pub(super) decided: Vec<Decided>,
    /// The rows that its transaction had locked.
    wanted: Guards,
    /// The clients were already told that their commands failed.
    pub(super) given_up: bool,
    /// The question that is under way.
    pub(super) looking: Option<Unfinished<Looked>>,
}

/// Whether the batch was written, and the connection that was asked.
pub(super) type Looked = (WriterConnection, Result<bool, Trouble>);

impl Doubt {
    pub(super) fn new(
        receipt: Uuid,
        waiting: Vec<WaitingCommand>,
        decided: Vec<Decided>,
        wanted: Guards,
    ) -> Self {
        Self { receipt, waiting, decided, wanted, given_up: false, looking: None }
    }

    /// When the first client that still waits has to be answered.
    pub(super) fn until(&self) -> Option<Instant> {
        self.waiting.first().filter(|_| !self.given_up).map(|waiting| waiting.until)
    }

    /// Asks on this connection. `now` is server time in ms.
    pub(super) fn look(
        &self,
        connection: WriterConnection,
        context: Arc<BatchContext>,
        now: u64,
    ) -> Unfinished<Looked> {
        let (receipt, wanted) = (self.receipt, self.wanted.clone());
        Box::pin(async move {
            let look = Batch::new(&connection, &context, now, Instant::now() + LOOK);
            let looked = look.was_written(receipt, &wanted).await;
            (connection, looked)
        })
    }

    /// Returns the commands, to be answered as failed. If the commit did happen, their events are told later, without replies.
    pub(super) fn give_up(&mut self) -> Vec<WaitingCommand> {
        self.given_up = true;
        self.waiting.iter_mut().map(without_asker).collect()
    }
}

/// Moves the place of the reply out of the command.
fn without_asker(waiting: &mut WaitingCommand) -> WaitingCommand {
    let reply_to = std::mem::replace(&mut waiting.submission.reply_to, ReplyTo::Nobody);
    let (request, permission) = (waiting.submission.request.clone(), waiting.submission.permission.clone());
    let submission = Submission { request, reply_to, once: None, permission };
    WaitingCommand { submission, ..*waiting }
}
