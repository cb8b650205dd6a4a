//! Which server a command is about.

use std::path::PathBuf;

use clap::Args;

use super::CliError;
use crate::auth::{App, AppKey};
use crate::config::{Config, Overrides, load};

/// Which server a command is about.
#[derive(Debug, Clone, Default, Args)]
pub struct Source {
    /// Configuration file (TOML); WIGWAG_CONFIG can name it too
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,

    /// Data folder of the server [default: data_dir of the configuration, or wigwag-data]
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
}

impl Source {
    /// The configuration of that server.
    pub fn load(&self) -> Result<Config, CliError> {
        let overrides = Overrides { data_dir: self.data.clone(), ..Overrides::default() };
        Ok(load(self.config.as_deref(), overrides)?)
    }

    /// The configuration of that server, and the app it serves. Makes no key.
    pub(super) fn load_app(&self) -> Result<(Config, App), CliError> {
        let config = self.load()?;
        let key = AppKey::load(&config.auth, &config.data_dir)?;
        let app = App { sdk_app_id: config.sdk_app_id, key };
        Ok((config, app))
    }
}
