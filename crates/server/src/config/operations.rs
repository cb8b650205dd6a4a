//! `[log]` and `[metrics]`

use std::net::SocketAddr;

use super::Secret;

/// Logs, written to standard error.
#[derive(Debug, Clone, confique::Config)]
#[config(layer_attr(serde(deny_unknown_fields)))]
pub struct LogConfig {
    /// "text" for people, "json" for log collectors: one object per line.
    #[config(default = "text", env = "WIGWAG_LOG_FORMAT")]
    pub format: LogFormat,

    /// "error", "warn", "info", "debug" or "trace"; also per part of the server, as in "info,wigwag_server::store=debug".
    #[config(default = "info", env = "WIGWAG_LOG_LEVEL")]
    pub level: String,

    /// Log each sign-in, each refused sign-in, and each session that ends: with user, device, peer, and why. Two lines per session,
    /// and one for whoever tries, so it is off unless it is asked for. Tokens are never in it.
    #[config(default = false, env = "WIGWAG_LOG_SESSIONS")]
    pub sessions: bool,
}

/// How a line of the log looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object per line.
    Json,
}

/// Figures for Prometheus.
#[derive(Debug, Clone, confique::Config)]
#[config(layer_attr(serde(deny_unknown_fields)))]
pub struct MetricsConfig {
    /// Serve GET /metrics. The figures are counts, without names. Without listen and token below they are served on the address of
    /// sessions, and only when nobody but this machine can reach that (not with tls.plain either: a proxy hands everybody's requests on).
    #[config(default = true, env = "WIGWAG_METRICS_ENABLED")]
    pub enabled: bool,

    /// IP address and port for GET /metrics alone, in plain HTTP, such as "127.0.0.1:9710" or an address of your internal network.
    #[config(env = "WIGWAG_METRICS_LISTEN")]
    pub listen: Option<SocketAddr>,

    /// Token that whoever asks for the figures has to show ("Authorization: Bearer …"), at least 16 bytes.
    #[config(env = "WIGWAG_METRICS_TOKEN")]
    pub token: Option<Secret>,
}

/// Where the figures are served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MetricsPlace {
    /// They are not.
    Nowhere,
    /// On the address of sessions.
    BesideSessions,
    /// On an address of their own.
    Own(SocketAddr),
}
