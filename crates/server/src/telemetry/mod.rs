//! What an operator sees: logs and metrics.

mod logs;
mod metrics;
mod throttle;

pub use logs::{LogError, init_logs};
pub use metrics::{Before, METRICS_CONTENT_TYPE, Metrics};
pub use throttle::Throttle;
