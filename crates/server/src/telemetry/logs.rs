//! Logs, on standard error. What may be in them is up to those who write them: never tokens, never `data`.

use std::fmt;
use std::io::IsTerminal;

use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::{SubscriberInitExt, TryInitError};
use tracing_subscriber::{Layer, Registry};

use crate::config::{LogConfig, LogFormat};

/// The libraries of the bus and of the database's pool tell of every connection; what an operator needs of that, the bus and the
/// store say themselves, and a start that fails says it in one line. What the configuration says of the libraries wins, because it comes later.
const QUIET: &str = "async_nats=error,async_nats::connector=off,deadpool=error,";

/// Why there are no logs.
#[derive(Debug)]
pub enum LogError {
    /// `log.level` is no level.
    Level(tracing_subscriber::filter::ParseError),
    /// Logs have been set up already in this process.
    Twice(TryInitError),
}

impl fmt::Display for LogError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Level(error) => write!(f, "log.level cannot be used: {error}"),
            Self::Twice(error) => write!(f, "logs cannot be set up: {error}"),
        }
    }
}

impl std::error::Error for LogError {}

/// Sends the logs of the whole process to standard error, once per process.
pub fn init_logs(log: &LogConfig) -> Result<(), LogError> {
    let levels: Targets = format!("{QUIET}{}", log.level).parse().map_err(LogError::Level)?;
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let lines: Box<dyn Layer<Registry> + Send + Sync> = match log.format {
        LogFormat::Text => lines.with_ansi(std::io::stderr().is_terminal()).boxed(),
        LogFormat::Json => lines.json().flatten_event(true).boxed(),
    };
    tracing_subscriber::registry().with(lines.with_filter(levels)).try_init().map_err(LogError::Twice)
}
