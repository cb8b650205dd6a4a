//! Configuration: one documented struct, filled from flags, then the environment, then a TOML file, then defaults.
//!
//! The doc comments of the fields are the manual: `wigwag config` prints them as a TOML file. This is the only module
//! that reads the environment.

mod api;
mod auth;
mod bus;
mod calls;
mod check;
mod engine_url;
mod environment;
mod limits;
mod load;
mod operations;
mod push;
mod retention;
mod sessions;
mod store;
mod tls;
mod web;
mod webhooks;

use std::net::SocketAddr;
use std::path::PathBuf;

pub use api::ApiConfig;
pub use auth::{AuthConfig, Secret};
pub use bus::BusConfig;
pub use calls::{Busy, CallsConfig, IceServerConfig, LivekitAccount, LivekitConfig, TurnConfig};
pub(crate) use check::is_safe_url;
pub use engine_url::EngineUrl;
pub use environment::{api_key, unknown_variables};
pub use limits::LimitsConfig;
pub use load::{ConfigError, Overrides, check_file, load, parse, template};
pub use operations::{LogConfig, LogFormat, MetricsConfig, MetricsPlace};
pub use push::{AdapterConfig, ApnsConfig, FcmConfig, PushConfig, WebPushConfig};
pub use retention::RetentionConfig;
pub use sessions::SessionsConfig;
pub use store::StoreConfig;
pub use tls::TlsConfig;
pub use web::WebConfig;
pub use webhooks::{BeforeConfig, EndpointConfig, Unanswered, WebhookForm, WebhooksConfig};

/// Configuration of a Wigwag server. Every line is optional: without any, the server starts on this machine only,
/// with an embedded store.
///
/// Command line flags win over environment variables, and those over this file.
#[derive(Debug, Clone, confique::Config)]
#[config(layer_attr(serde(deny_unknown_fields)))]
pub struct Config {
    /// IP address and port to listen on. Only this machine can reach the default. An address that other machines
    /// can reach, such as "0.0.0.0:8710" or "[::]:8710", needs [tls], or tls.plain when a proxy does TLS.
    #[config(default = "127.0.0.1:8710", env = "WIGWAG_LISTEN")]
    pub listen: SocketAddr,

    /// Folder for everything the server keeps: the embedded store, the generated key, the list of revocations.
    /// Relative to the folder the server is started in; made when missing.
    #[config(default = "wigwag-data", env = "WIGWAG_DATA_DIR")]
    pub data_dir: PathBuf,

    /// Number of the app this server serves. UserSigs carry it, and one with another number is refused (70014).
    /// Apps that come from Tencent Cloud Chat keep the SDKAppID they have.
    #[config(default = 1_400_000_000, env = "WIGWAG_SDK_APP_ID")]
    pub sdk_app_id: u32,

    /// Seconds the start waits for PostgreSQL and NATS while they cannot be reached, 0 to 3600. 0 = it does not. What waiting
    /// does not change, such as a wrong password, ends the start at once.
    #[config(default = 60, env = "WIGWAG_START_WAIT_S")]
    pub start_wait_s: u64,

    /// Who may sign in.
    #[config(nested)]
    pub auth: AuthConfig,

    /// Encryption of connections.
    #[config(nested)]
    pub tls: TlsConfig,

    /// Where state is kept.
    #[config(nested)]
    pub store: StoreConfig,

    /// How several servers tell each other what has happened.
    #[config(nested)]
    pub bus: BusConfig,

    /// How much one user may ask for. What goes over a limit is refused with an error that says so, never dropped.
    #[config(nested)]
    pub limits: LimitsConfig,

    /// Connected devices.
    #[config(nested)]
    pub sessions: SessionsConfig,

    /// How long things are kept.
    #[config(nested)]
    pub retention: RetentionConfig,

    /// Who carries the media of calls, and what callers are given to reach them.
    #[config(nested)]
    pub calls: CallsConfig,

    /// The API for back ends.
    #[config(nested)]
    pub api: ApiConfig,

    /// Requests of the server's that tell back ends what has happened.
    #[config(nested)]
    pub webhooks: WebhooksConfig,

    /// How devices are woken that are away when somebody rings.
    #[config(nested)]
    pub push: PushConfig,

    /// The web page that the server gives out.
    #[config(nested)]
    pub web: WebConfig,

    /// Logs, written to standard error. Neither tokens nor the `data` of invitations are ever in them.
    #[config(nested)]
    pub log: LogConfig,

    /// Figures for Prometheus.
    #[config(nested)]
    pub metrics: MetricsConfig,
}

impl Config {
    /// Where the figures are served. Not where anybody can ask for them, unless they have to show a token.
    pub fn metrics_place(&self) -> MetricsPlace {
        let MetricsConfig { enabled, listen, token } = &self.metrics;
        // Behind a proxy on this machine, everybody's requests come from this machine.
        let is_private = self.listen.ip().is_loopback() && !self.tls.plain;
        match listen {
            _ if !enabled => MetricsPlace::Nowhere,
            Some(address) => MetricsPlace::Own(*address),
            None if token.is_some() || is_private => MetricsPlace::BesideSessions,
            None => MetricsPlace::Nowhere,
        }
    }
}

#[cfg(test)]
mod tests;
