//! Entering among the nodes that live.

use std::fmt;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::store::StoreError;
use crate::store::shared::{NODE_PATIENCE, NodeCard, SharedStore, Stranger};

/// Between two attempts.
const AGAIN: Duration = Duration::from_millis(250);
/// How long to wait for a node that does not go with this one to be taken out: it may have been killed a moment ago, and
/// be this very server with another data folder. A beat more than the patience.
const WAIT: Duration = NODE_PATIENCE.saturating_add(super::BEAT);

/// Why the node does not start; one line that says what to change.
#[derive(Debug)]
pub enum EntryError {
    /// It does not go with those that live.
    Refused(Stranger),
    /// The store did not answer.
    Store(StoreError),
}

impl fmt::Display for EntryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(stranger) => f.write_str(&advice(stranger)),
            Self::Store(error) => write!(f, "the store at store.url cannot be used: {error}"),
        }
    }
}

impl std::error::Error for EntryError {}

/// What to do about it.
pub(super) fn advice(stranger: &Stranger) -> String {
    match stranger {
        Stranger::OtherSeries(series) => format!(
            "a server of version {series} works on this store, and this one is {}: run the same version everywhere. To change it, \
             stop all servers of the old one, then start the new ones",
            env!("CARGO_PKG_VERSION")
        ),
        Stranger::OtherApp => "a server with another sdk_app_id or app key works on this store, and would refuse this one's tokens: \
             set the same sdk_app_id and the same auth.key on every server"
            .to_owned(),
        Stranger::NoBus => "another server works on this store, and they could not tell each other what happens: set bus.url \
             (--bus) to the same NATS on every server, or stop the other one"
            .to_owned(),
    }
}

/// Enters, and waits a moment for those that do not go with it and may be dead.
pub(super) async fn enter(store: &dyn SharedStore, card: &NodeCard) -> Result<(), EntryError> {
    let until = Instant::now() + WAIT;
    loop {
        match store.enter(card).await.map_err(EntryError::Store)? {
            Ok(()) => return Ok(()),
            Err(stranger) if Instant::now() >= until => return Err(EntryError::Refused(stranger)),
            Err(_) => sleep(AGAIN).await,
        }
    }
}
