//! What is served at which path.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use tokio::time::timeout;

use super::{back_ends, figures};
use crate::api::Actions;
use crate::api::rest::BackEnds;
use crate::cluster::Neighbours;
use crate::config::{Config, MetricsPlace};
use crate::gateway::{self, Gateway};
use crate::media::Webhooks;
use crate::store::{Store, StoreError};
use crate::{api, page};

/// For a store that does not answer: load balancers give up after some seconds.
const READY_LIMIT: Duration = Duration::from_secs(2);

/// The socket, what is beside it, what operators look at, and for all else the page.
pub(super) fn routes(
    gateway: &Arc<Gateway>,
    store: &Arc<dyn Store>,
    back_ends: &Arc<BackEnds>,
    livekit: Option<Arc<Webhooks>>,
    config: &Config,
) -> Router {
    let (ready, neighbours) = (Arc::clone(store), gateway.neighbours.clone());
    let actions = Actions::new(gateway, &back_ends.app, config);
    let mut routes = api::routes(back_ends.app.clone(), config)
        .merge(api::action_routes(actions))
        .route("/v1/ws", get(gateway::connect).with_state(Arc::clone(gateway)))
        .route("/openim", get(gateway::openim::connect).with_state(Arc::clone(gateway)))
        .route("/openim/{*below}", get(gateway::openim::connect).with_state(Arc::clone(gateway)))
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(move || readiness(ready, neighbours)))
        .fallback_service(page::served(page::EMBEDDED, config.calls.media_server()));
    if config.api.listen.is_none() {
        routes = routes.merge(back_ends::routes(back_ends));
    }
    if config.metrics_place() == MetricsPlace::BesideSessions {
        routes = routes.merge(figures::figures(&gateway.metrics, config));
    }
    if let Some(webhooks) = livekit {
        routes = routes.merge(api::livekit_routes(webhooks));
    }
    routes
}

async fn readiness(store: Arc<dyn Store>, neighbours: Neighbours) -> (StatusCode, String) {
    let asked = timeout(READY_LIMIT, store.ping()).await;
    match asked.unwrap_or_else(|_| Err(StoreError::Unavailable("it takes too long".to_owned()))) {
        Ok(()) if neighbours.are_out_of_earshot() => {
            (StatusCode::OK, "ready, but the bus is away: events of other nodes come late\n".to_owned())
        }
        Ok(()) => (StatusCode::OK, "ready\n".to_owned()),
        Err(error) => {
            (StatusCode::SERVICE_UNAVAILABLE, format!("the store does not take commits: {error}\n"))
        }
    }
}
