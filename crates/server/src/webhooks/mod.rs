//! Webhooks: tells back ends by HTTP what has happened (docs/decisions/0017-webhooks.md).
//!
//! The journal is the outbox: each event was written in the transaction of its command. What is kept for an endpoint is how far it has
//! been served ([`progress`]). [`serving`] reads on from there, [`lanes`] are sent beside each other, [`sender`] makes one request, [`address`] says where it may go,
//! [`payload`] and [`signature`] what is in it, [`pace`] when it is tried again; [`form`] is whose form it has, and [`callback`] what Tencent's
//! says; [`desk`] is for operators, [`before`] asks before something is done, [`sessions`] tells what is not in the journal. Each endpoint has a task of its own and shares nothing
//! with the others. Without endpoints nothing runs, and nothing is read or written.

mod address;
mod before;
mod callback;
mod desk;
mod endpoint;
mod form;
mod lanes;
mod pace;
mod payload;
mod progress;
mod sender;
mod serving;
mod sessions;
mod signature;
mod turn;

use std::sync::Arc;

use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

pub use address::{AddressRange, NoRange};
pub(crate) use address::{is_named, may_be_reached};
pub use before::{AskedBefore, Hooks};
pub use desk::{Change, Desk, Wished};
pub use endpoint::{Endpoint, SetupError};
pub(crate) use endpoint::{TOKEN_BYTES, matches};
pub(crate) use pace::pause_ms;
pub(crate) use payload::written;
pub(crate) use progress::Progress;
pub(crate) use sender::{Answer, Outcome, Trouble, answer, guarded, outcome, outcome_of};
pub(crate) use sessions::TYPES as SESSION_TYPES;
pub use sessions::{Happened, SessionNews, SessionStep};
pub use signature::SigningKey;
pub(crate) use signature::signatures;
pub(crate) use turn::{Serves, Turn, take};

use self::sender::Sender;
use self::serving::Serving;
use crate::clock::Clock;
use crate::config::WebhooksConfig;
use crate::store::Store;
use crate::store::shared::{NodeId, SharedStore};
use crate::telemetry::Metrics;

/// Endpoints that are not served yet.
pub struct Webhooks {
    endpoints: Vec<(Arc<Endpoint>, Arc<Sender>)>,
}

/// What endpoints are served from.
pub struct Source {
    /// The journal.
    pub store: Arc<dyn Store>,
    /// The same one, and this node's name, where others may serve too.
    pub shared: Option<(Arc<dyn SharedStore>, NodeId)>,
    /// Server time.
    pub clock: Clock,
    /// Where deliveries are counted.
    pub metrics: Arc<Metrics>,
    /// When it is cancelled no request begins any more, and what was delivered is kept.
    pub stop: CancellationToken,
}

impl Webhooks {
    /// Reads secrets from their files.
    pub fn new(config: &WebhooksConfig, sdk_app_id: u32) -> Result<Self, SetupError> {
        let sender = |endpoint: Endpoint| {
            let sender = Sender::new(&endpoint, config.allow.clone());
            (Arc::new(endpoint), Arc::new(sender))
        };
        let endpoints = config.endpoints.iter().map(|written| Endpoint::new(written, sdk_app_id).map(sender));
        Ok(Self { endpoints: endpoints.collect::<Result<_, _>>()? })
    }

    /// For operators.
    pub fn desk(&self, store: &Arc<dyn Store>, clock: Clock) -> Desk {
        Desk { endpoints: self.endpoints.clone(), store: Arc::clone(store), clock }
    }

    /// Serves them until they are told to stop, or what is returned is dropped.
    pub fn begin(self, source: &Source) -> Vec<AbortOnDropHandle<()>> {
        let serve = |(endpoint, sender): (Arc<Endpoint>, Arc<Sender>)| {
            let turn = source
                .shared
                .clone()
                .map(|(store, node)| Turn::of(format!("webhooks/{}", endpoint.name), store, node));
            let serving = Serving {
                endpoint,
                sender,
                store: Arc::clone(&source.store),
                clock: source.clock,
                metrics: Arc::clone(&source.metrics),
                stop: source.stop.clone(),
            };
            AbortOnDropHandle::new(tokio::spawn(take(turn, serving)))
        };
        self.endpoints.into_iter().map(serve).collect()
    }
}
