//! `wigwag migrate`

use clap::Args;

use super::{CliError, Source, say};
use crate::app::{DATABASE, lock_folder};
use crate::store::sqlite;

/// What can be said to `wigwag migrate`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct MigrateArgs {
    /// Which server.
    #[command(flatten)]
    pub source: Source,
}

const EXAMPLES: &str = "\
Examples:
  wigwag migrate
  wigwag migrate --config /etc/wigwag.toml

Make a copy of the data folder first: an older server refuses a newer database.";

/// Migrates the database of a stopped server.
pub fn run(args: &MigrateArgs) -> Result<(), CliError> {
    let config = args.source.load()?;
    if let Some(url) = &config.store.url {
        return Err(CliError::new(format!(
            "store.url is set to {url}, but this version keeps state in SQLite only: remove store.url"
        )));
    }
    let path = config.data_dir.join(DATABASE);
    let _lock = lock_folder(&config).map_err(|error| CliError::new(error.to_string()))?;
    let (before, after) = sqlite::migrate(&path).map_err(|error| CliError::new(error.to_string()))?;
    say(&match before {
        0 => format!("{}: made, schema {after}", path.display()),
        before if before == after => format!("{}: up to date, schema {after}", path.display()),
        before => format!("{}: schema {before} brought to {after}", path.display()),
    })
}
