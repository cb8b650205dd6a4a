//! `[log]` and `[metrics]`

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
    /// Serve GET /metrics on the address of listen. They hold counts, no names; close the path in your proxy if they
    /// are nobody's business.
    #[config(default = true, env = "WIGWAG_METRICS_ENABLED")]
    pub enabled: bool,
}
