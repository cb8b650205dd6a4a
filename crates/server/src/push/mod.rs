//! Pushes: wakes devices that are away when somebody rings (docs/decisions/0018-push.md).
//!
//! The journal says what rings and what is over, as it does for webhooks. [`serving`] reads on from where pushes were last, and makes an errand
//! of each step of an invitation; a [`Bell`] tells it at once that there is one. [`errand`] carries one out: [`wigwag_engine::push`] decides, what
//! is about to leave is written down, and a [`Provider`] sends it. [`note`] is what a device is told, [`wish`] what the inviter wants it to show.
//! [`web`] sends it to a browser's push service, [`seal`]ed and with a [`vapid`] token; [`fcm`] to Android, [`apns`] to iPhones; [`adapter`] to the
//! operator's own adapter. [`jwt`] is how services know this server. Without a provider nothing runs, and nothing is read or written.

mod adapter;
mod apns;
mod bell;
mod errand;
mod fcm;
mod jwt;
mod note;
mod provider;
mod seal;
mod serving;
mod vapid;
mod web;
mod wish;
mod writing;

use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

pub use self::bell::Bell;
use self::errand::Errands;
pub use self::provider::{Providers, SetupError};
use self::serving::Serving;
pub use self::vapid::VapidKey;
pub(crate) use self::wish::is_off;
use self::writing::Writing;
use crate::auth::{ActionTokens, Authenticator};
use crate::clock::Clock;
use crate::door::Door;
use crate::store::shared::{NodeId, SharedStore};
use crate::store::{OnlineUsers, Store};
use crate::telemetry::Metrics;
use crate::webhooks::{Turn, take};

/// Errands that read the store at once, so that commands and sessions are not kept waiting.
const READING: usize = 32;

/// What devices are woken from.
pub struct Source {
    /// The journal, and what was registered.
    pub store: Arc<dyn Store>,
    /// The same one, and this node's name, where others may push too.
    pub shared: Option<(Arc<dyn SharedStore>, NodeId)>,
    /// Rung when there may be something to push.
    pub bell: Arc<Bell>,
    /// Who is here, or on another node.
    pub online: Arc<dyn OnlineUsers>,
    /// Where inviters are told how far it is.
    pub door: Arc<Door>,
    /// Whose tokens were revoked.
    pub authenticator: Arc<Authenticator>,
    /// With which devices answer from apps that are not running.
    pub actions: ActionTokens,
    /// Server time.
    pub clock: Clock,
    /// Where pushes are counted.
    pub metrics: Arc<Metrics>,
    /// When it is cancelled no push begins any more.
    pub stop: CancellationToken,
}

/// Wakes devices until it is told to stop, or what is returned is dropped.
pub fn begin(providers: Providers, source: Source) -> AbortOnDropHandle<()> {
    let Source { store, shared, bell, online, door, authenticator, actions, clock, metrics, stop } = source;
    let turn = shared.map(|(store, node)| Turn::of("pushes".to_owned(), store, node));
    let (writing, writer) = Writing::begin(Arc::clone(&store), clock);
    let reading = Semaphore::new(READING);
    let errands = Errands {
        store: Arc::clone(&store),
        providers,
        online,
        clock,
        metrics,
        writing,
        door,
        authenticator,
        actions,
        reading,
    };
    let serving = Serving { errands: Arc::new(errands), store, bell, clock, stop };
    AbortOnDropHandle::new(tokio::spawn(async move {
        take(turn, serving).await;
        drop(writer);
    }))
}
