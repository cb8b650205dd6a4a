//! What an operator sees: logs and metrics.

mod logs;
mod metrics;

pub use logs::{LogError, init_logs};
pub use metrics::{METRICS_CONTENT_TYPE, Metrics};
