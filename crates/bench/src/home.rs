//! A throw-away home for a measured server: data folder, configuration, log.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};
use serde::Serialize;
use tempfile::TempDir;
use uuid::Uuid;

/// No user is held back: what is measured is the server, not its patience.
const UNLIMITED: u32 = 1_000_000;

#[derive(Serialize)]
struct Config<'a> {
    listen: &'a str,
    data_dir: PathBuf,
    auth: Auth<'a>,
    limits: Limits,
}

#[derive(Serialize)]
struct Auth<'a> {
    key: &'a str,
}

#[derive(Serialize)]
struct Limits {
    commands_per_second: u32,
    command_burst: u32,
    open_invitations: u32,
    connections: u32,
}

/// The folder; removed when dropped.
pub(crate) struct Home {
    folder: TempDir,
    key: String,
}

impl Home {
    /// Makes the folder, below `TMPDIR`, with a configuration that allows `open_invitations` per inviter.
    pub(crate) fn new(open_invitations: u32) -> Result<Self> {
        let folder = TempDir::with_prefix("wigwag-bench-").context("cannot make a temporary folder")?;
        let home = Self { folder, key: format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple()) };
        let config = Config {
            listen: "127.0.0.1:0",
            data_dir: home.folder.path().join("data"),
            auth: Auth { key: &home.key },
            limits: Limits {
                commands_per_second: UNLIMITED,
                command_burst: UNLIMITED,
                open_invitations,
                connections: UNLIMITED,
            },
        };
        fs::write(home.config(), toml::to_string(&config)?).context("cannot write the configuration")?;
        Ok(home)
    }

    /// The app key that signs tokens.
    pub(crate) fn key(&self) -> &str {
        &self.key
    }

    /// The configuration file.
    pub(crate) fn config(&self) -> PathBuf {
        self.folder.path().join("wigwag.toml")
    }

    /// Where the server's standard error goes.
    pub(crate) fn log(&self) -> PathBuf {
        self.folder.path().join("server.log")
    }
}
