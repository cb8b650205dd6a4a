//! Putting the layers together, and saying clearly what is wrong with them.

use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use confique::toml::FormatOptions;
use confique::{Config as _, Layer as _};

use super::{Config, EngineUrl, LogFormat, check, environment};

type ConfigLayer = <Config as confique::Config>::Layer;

/// Why there is no usable configuration; one line that names the key and says what to change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError(String);

impl ConfigError {
    pub(super) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ConfigError {}

/// What the command line says; wins over everything else.
#[derive(Debug, Clone, Default)]
pub struct Overrides {
    /// `listen`
    pub listen: Option<SocketAddr>,
    /// `data_dir`
    pub data_dir: Option<PathBuf>,
    /// `store.url`
    pub store: Option<EngineUrl>,
    /// `bus.url`
    pub bus: Option<EngineUrl>,
    /// `tls.plain`; a flag can only turn it on.
    pub plain: bool,
    /// `auth.dev_tokens`; a flag can only turn it on.
    pub dev: bool,
    /// `log.level`
    pub log_level: Option<String>,
    /// `log.format`
    pub log_format: Option<LogFormat>,
}

/// The configuration from `overrides`, the environment, a file, and the defaults, in this order. The file is `file`, else
/// the one that `WIGWAG_CONFIG` names, else none.
pub fn load(file: Option<&Path>, overrides: Overrides) -> Result<Config, ConfigError> {
    environment::check(environment::names())?;
    let named = std::env::var_os(environment::FILE_VARIABLE).map(PathBuf::from);
    let file = file.or(named.as_deref());
    let environment = ConfigLayer::from_env().map_err(|error| ConfigError::new(one_line(&error)))?;
    let file = file.map_or_else(|| Ok(ConfigLayer::empty()), read)?;
    finish(environment.with_fallback(file), overrides)
}

/// The configuration from the text of a file and the defaults alone.
pub fn parse(text: &str) -> Result<Config, ConfigError> {
    finish(parse_layer(text)?, Overrides::default())
}

/// Whether a file is right by itself, without environment and flags.
pub fn check_file(path: &Path) -> Result<(), ConfigError> {
    let layer = read(path)?;
    match finish(layer, Overrides::default()) {
        Ok(_) => Ok(()),
        Err(error) => Err(ConfigError::new(format!("{}: {error}", path.display()))),
    }
}

/// The documented default configuration as a TOML file.
pub fn template() -> String {
    confique::toml::template::<Config>(FormatOptions::default())
}

fn read(path: &Path) -> Result<ConfigLayer, ConfigError> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        ConfigError::new(format!("cannot read the configuration file {}: {error}", path.display()))
    })?;
    parse_layer(&text).map_err(|error| ConfigError::new(format!("{}: {error}", path.display())))
}

fn parse_layer(text: &str) -> Result<ConfigLayer, ConfigError> {
    toml::from_str(text).map_err(|error| {
        let before = text.get(..error.span().map_or(0, |span| span.start)).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        ConfigError::new(format!("line {line}: {}", error.message().replace('\n', " ")))
    })
}

fn finish(layer: ConfigLayer, overrides: Overrides) -> Result<Config, ConfigError> {
    let layer = layer.with_fallback(ConfigLayer::default_values());
    let mut config = Config::from_layer(layer).map_err(|error| ConfigError::new(one_line(&error)))?;
    config.listen = overrides.listen.unwrap_or(config.listen);
    config.data_dir = overrides.data_dir.unwrap_or(config.data_dir);
    config.store.url = overrides.store.or(config.store.url);
    config.bus.url = overrides.bus.or(config.bus.url);
    config.tls.plain |= overrides.plain;
    config.auth.dev_tokens |= overrides.dev;
    config.log.level = overrides.log_level.unwrap_or(config.log.level);
    config.log.format = overrides.log_format.unwrap_or(config.log.format);
    check::check(&config)?;
    Ok(config)
}

/// An error and what caused it, on one line.
fn one_line(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text.replace('\n', " ")
}
