//! Writes of pushes, many in one commit: on a busy server each would be a commit of its own beside those of the commands.

use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};
use tokio_util::task::AbortOnDropHandle;

use crate::clock::Clock;
use crate::store::{PushChange, Store, StoreError};

/// Errands that wait for a commit; as many as are under way at once.
const WAITING: usize = 256;

type Answer = oneshot::Sender<Result<(), StoreError>>;

/// Writes changes of errands.
#[derive(Clone)]
pub(super) struct Writing(mpsc::Sender<(Vec<PushChange>, Answer)>);

impl Writing {
    /// Writes until the second is dropped.
    pub(super) fn begin(store: Arc<dyn Store>, clock: Clock) -> (Self, AbortOnDropHandle<()>) {
        let (sender, wanted) = mpsc::channel(WAITING);
        (Self(sender), AbortOnDropHandle::new(tokio::spawn(write(wanted, store, clock))))
    }

    /// Comes back when the changes are durable.
    pub(super) async fn keep(&self, changes: Vec<PushChange>) -> Result<(), StoreError> {
        if changes.is_empty() {
            return Ok(());
        }
        let gone = || StoreError::Unavailable("pushes are not written any more".to_owned());
        let (answer, kept) = oneshot::channel();
        self.0.send((changes, answer)).await.map_err(|_| gone())?;
        kept.await.unwrap_or_else(|_| Err(gone()))
    }
}

async fn write(mut wanted: mpsc::Receiver<(Vec<PushChange>, Answer)>, store: Arc<dyn Store>, clock: Clock) {
    let mut together = Vec::new();
    while wanted.recv_many(&mut together, WAITING).await > 0 {
        let (changes, answers): (Vec<_>, Vec<_>) = together.drain(..).unzip();
        let kept = store.keep_push(changes.concat(), clock.now_ms()).await;
        for answer in answers {
            // An errand may have been dropped meanwhile.
            answer.send(kept.clone()).ok();
        }
    }
}
