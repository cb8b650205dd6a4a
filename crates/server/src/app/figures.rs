//! Figures for Prometheus: where they are served, and to whom.

use std::sync::Arc;

use axum::Router;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::{StartError, stop};
use crate::config::{Config, MetricsPlace};
use crate::listener::{self, Entrance};
use crate::telemetry::{METRICS_CONTENT_TYPE, Metrics};

/// Connections at once to an address that serves figures alone.
const SCRAPERS: usize = 64;

/// `GET /metrics` on an address of its own.
pub(super) struct Figures {
    listener: TcpListener,
    entrance: Entrance,
    routes: Router,
}

impl Figures {
    /// `None` when they have none.
    pub(super) fn bind(config: &Config, metrics: &Arc<Metrics>) -> Result<Option<Self>, StartError> {
        let address = match config.metrics_place() {
            MetricsPlace::Own(address) => address,
            MetricsPlace::BesideSessions => return Ok(None),
            MetricsPlace::Nowhere => {
                if config.metrics.enabled {
                    tracing::info!(
                        "figures are not served, because others can reach {}: set metrics.listen or metrics.token",
                        config.listen
                    );
                }
                return Ok(None);
            }
        };
        let listener = listener::bind(address, config.limits.send_buffer_bytes)
            .map_err(|error| StartError(format!("metrics.listen: {error}")))?;
        let address = listener.local_addr().map_err(|error| stop(&error))?;
        tracing::info!("figures are served at http://{address}/metrics");
        let entrance =
            Entrance { tls: None, connections: SCRAPERS, unsigned: SCRAPERS, metrics: Arc::clone(metrics) };
        Ok(Some(Self { listener, entrance, routes: figures(metrics, config) }))
    }

    /// Serves until `shutdown`.
    pub(super) async fn serve(self, shutdown: CancellationToken) {
        listener::serve(self.listener, self.routes, self.entrance, shutdown).await;
    }
}

/// `GET /metrics`, for those who show the token if there is one.
pub(super) fn figures(metrics: &Arc<Metrics>, config: &Config) -> Router {
    let metrics = Arc::clone(metrics);
    let token = config.metrics.token.as_ref().map(|token| Digest::of(token.expose()));
    let answer = move |headers: HeaderMap| async move {
        if token.is_some_and(|token| shown(&headers) != Some(token)) {
            let ask = [(header::WWW_AUTHENTICATE, "Bearer")];
            return (StatusCode::UNAUTHORIZED, ask, "metrics.token is asked for\n").into_response();
        }
        ([(header::CONTENT_TYPE, METRICS_CONTENT_TYPE)], metrics.encode()).into_response()
    };
    Router::new().route("/metrics", get(answer))
}

fn shown(headers: &HeaderMap) -> Option<Digest> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    value.strip_prefix("Bearer ").map(Digest::of)
}

/// Tokens are compared by their digests: how long that takes says nothing of the token.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Digest([u8; 32]);

impl Digest {
    fn of(token: &str) -> Self {
        let digest = ring::digest::digest(&ring::digest::SHA256, token.as_bytes());
        Self(digest.as_ref().try_into().expect("SHA-256 has 32 bytes"))
    }
}
