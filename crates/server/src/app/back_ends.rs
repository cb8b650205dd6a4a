//! The API for back ends: where it is served, and the keys that count for it.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use axum::Router;
use tokio::net::TcpListener;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use wigwag_protocol::{Device, UserId};
use wigwag_session::refused::Failure;

use super::{StartError, load_tls, stop};
use crate::api::rest::{self, BackEnds, LastCount, Places, SignIns};
use crate::auth::{self, ApiKeys, App, Revocation};
use crate::config::Config;
use crate::gateway::Gateway;
use crate::listener::{self, Entrance};
use crate::page;
use crate::router::registry::{Online, Registry};
use crate::store::shared::SharedStore;
use crate::store::{SignedIn, StoreError};
use crate::webhooks::Desk;

/// Between two looks for keys. One that is revoked stops counting within a second; half of it is for the look itself.
const EVERY: Duration = Duration::from_millis(500);
/// Connections at once to an address of its own, for each request that may be carried out at once: some wait idle for their next.
const CONNECTIONS_PER_REQUEST: usize = 4;

/// The API on an address of its own.
pub(super) struct OwnAddress {
    listener: TcpListener,
    entrance: Entrance,
    routes: Router,
}

impl OwnAddress {
    /// `None` when it is served beside sessions.
    pub(super) fn bind(
        config: &Config,
        api: &Arc<BackEnds>,
        gateway: &Gateway,
    ) -> Result<Option<Self>, StartError> {
        let Some(address) = config.api.listen else { return Ok(None) };
        let listener = listener::bind(address, config.limits.send_buffer_bytes)
            .map_err(|error| StartError(format!("api.listen: {error}")))?;
        let address = listener.local_addr().map_err(|error| stop(&error))?;
        tracing::info!("the API for back ends is served at {address}");
        let connections = config.api.requests_at_once.saturating_mul(CONNECTIONS_PER_REQUEST);
        let metrics = Arc::clone(&gateway.metrics);
        let entrance = Entrance { tls: load_tls(config)?, connections, unsigned: connections, metrics };
        let routes = routes(api).fallback(rest::nothing_here);
        Ok(Some(Self { listener, entrance, routes }))
    }

    /// Serves until `shutdown`.
    pub(super) async fn serve(self, shutdown: CancellationToken) {
        listener::serve(self.listener, self.routes, self.entrance, shutdown).await;
    }
}

/// The API, and the console that asks it, which is there while somebody may read.
pub(super) fn routes(api: &Arc<BackEnds>) -> Router {
    let keys = Arc::clone(api);
    rest::routes(api).merge(page::console(page::EMBEDDED, move || keys.keys.can_anybody_read()))
}

/// What the operations work with.
pub(super) async fn back_ends(
    config: &Config,
    app: &App,
    gateway: &Gateway,
    (shared, webhooks): (Option<&Arc<dyn SharedStore>>, Desk),
) -> Result<Arc<BackEnds>, StartError> {
    let keys = match shared {
        Some(shared) => {
            let began = Instant::now();
            ApiKeys::in_shared_store(shared.api_keys().await.map_err(|error| stop(&error))?, began)
        }
        None => ApiKeys::in_folder(&config.data_dir).map_err(|error| stop(&error))?,
    };
    let sign_ins: Arc<dyn SignIns> = match shared {
        Some(shared) => Arc::new(OnAllNodes(Arc::clone(shared))),
        None => Arc::new(OnThisNode {
            registry: Arc::clone(&gateway.registry),
            data_dir: config.data_dir.clone(),
        }),
    };
    Ok(Arc::new(BackEnds {
        door: Arc::clone(&gateway.door),
        sign_ins,
        keys,
        app: app.clone(),
        auth: config.auth.clone(),
        places: Places::new(config.api.requests_at_once, rest::pace(&config.api)),
        tokens: Arc::clone(&gateway.authenticator),
        administrators: config.api.tencent_administrators(),
        openim_administrators: config.api.openim_administrators(),
        webhooks,
        last_count: LastCount::default(),
        metrics: Arc::clone(&gateway.metrics),
    }))
}

/// Nodes that share a store.
struct OnAllNodes(Arc<dyn SharedStore>);

#[async_trait]
impl SignIns for OnAllNodes {
    async fn devices_of(&self, user: &UserId) -> Result<Vec<Device>, Failure> {
        self.0.devices_of(user).await.map_err(|error| failed(&error))
    }

    async fn count(&self) -> Result<SignedIn, Failure> {
        self.0.signed_in().await.map_err(|error| failed(&error))
    }

    async fn revoke(&self, revocation: &Revocation) -> Result<(), Failure> {
        self.0.revoke(revocation).await.map_err(|error| failed(&error))
    }
}

fn failed(error: &StoreError) -> Failure {
    tracing::error!(%error, "a request of a back end failed");
    error.failure()
}

/// A server that can have no others.
struct OnThisNode {
    registry: Arc<Registry>,
    data_dir: PathBuf,
}

#[async_trait]
impl SignIns for OnThisNode {
    async fn devices_of(&self, user: &UserId) -> Result<Vec<Device>, Failure> {
        let mut devices: Vec<Device> = self.registry.with_online(|online| {
            online.sessions(user).iter().map(|handle| handle.device().clone()).collect()
        });
        devices.sort_by(|one, other| one.device_id.cmp(&other.device_id));
        Ok(devices)
    }

    async fn count(&self) -> Result<SignedIn, Failure> {
        Ok(self.registry.with_online(Online::count))
    }

    async fn revoke(&self, revocation: &Revocation) -> Result<(), Failure> {
        let (folder, revocation) = (self.data_dir.clone(), revocation.clone());
        let written = tokio::task::spawn_blocking(move || auth::revoke(&folder, &revocation)).await;
        written.map_err(|_| Failure::Internal)?.map_err(|error| {
            tracing::error!(%error, "a revocation could not be written");
            Failure::StoreUnavailable
        })
    }
}

/// Takes keys over that were made or revoked, until it is dropped.
pub(super) struct KeyWatch {
    pub(super) api: Arc<BackEnds>,
    pub(super) shared: Option<Arc<dyn SharedStore>>,
}

impl KeyWatch {
    pub(super) async fn keep(self) {
        loop {
            self.look().await;
            sleep(EVERY).await;
        }
    }

    async fn look(&self) {
        self.api.keys.refresh();
        let Some(shared) = &self.shared else { return };
        let began = Instant::now();
        match shared.api_keys().await {
            Ok(keys) => self.api.keys.learn(keys, began),
            // Beats tell the operator that the store is away. The keys that were known go on counting for a while.
            Err(error) => tracing::debug!(%error, "the keys of back ends could not be read"),
        }
    }
}
