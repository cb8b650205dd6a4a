//! What a server does beside its connections, each in a task of its own.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use tokio_util::task::AbortOnDropHandle;

use super::absences::Absences;
use super::back_ends::KeyWatch;
use super::house::House;
use super::revoking::Revoking;
use super::rooms::Rounds;
use crate::gateway::Gateway;
use crate::push::{self, Providers};
use crate::webhooks::{Source, Webhooks};

/// Chores that have not begun.
pub(super) struct Chores {
    pub(super) house: House,
    pub(super) absences: Absences,
    pub(super) revoking: Revoking,
    pub(super) keys: KeyWatch,
    pub(super) rounds: Rounds,
    pub(super) webhooks: (Webhooks, Source),
    /// `None` where nobody can be woken.
    pub(super) pushes: Option<(Providers, push::Source)>,
    /// For the places of OpenIM's clients.
    pub(super) gateway: Arc<Gateway>,
}

/// How long requests to endpoints of webhooks may still take when the server stops. What was not answered then is sent again.
const LAST_REQUESTS: Duration = Duration::from_secs(2);

/// Chores that are done, until this is dropped.
pub(super) struct Running {
    _tasks: Vec<AbortOnDropHandle<()>>,
    /// Those that make requests: endpoints of webhooks, and pushes.
    requests: Vec<AbortOnDropHandle<()>>,
}

impl Chores {
    pub(super) fn begin(self) -> Running {
        let Gateway { places, door, rings, watching, .. } = &*self.gateway;
        let tasks = [
            tokio::spawn(self.house.keep()),
            tokio::spawn(self.absences.keep()),
            tokio::spawn(self.revoking.keep()),
            tokio::spawn(self.keys.keep()),
            tokio::spawn(self.rounds.keep()),
            tokio::spawn(Arc::clone(places).keep(Arc::clone(door))),
            tokio::spawn(Arc::clone(rings).keep(Arc::clone(door))),
            tokio::spawn(Arc::clone(watching).run()),
        ];
        let (webhooks, source) = self.webhooks;
        let mut requests = webhooks.begin(&source);
        requests.extend(self.pushes.map(|(providers, source)| push::begin(providers, source)));
        Running { _tasks: tasks.into_iter().map(AbortOnDropHandle::new).collect(), requests }
    }
}

impl Running {
    /// Ends them once the gateway is stopping; what endpoints of webhooks were told is kept.
    pub(super) async fn end(self) {
        if tokio::time::timeout(LAST_REQUESTS, join_all(self.requests)).await.is_err() {
            tracing::debug!(
                "an endpoint of webhooks or a provider of pushes did not answer while the server was stopping"
            );
        }
    }
}
