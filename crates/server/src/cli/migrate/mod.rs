//! `wigwag migrate`

mod moving;

use clap::Args;

use super::{CliError, Source, runtime, say};
use crate::app::{DATABASE, lock_folder, postgres_settings};
use crate::config::{Config, EngineUrl};
use crate::store::{postgres, sqlite};

/// What can be said to `wigwag migrate`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct MigrateArgs {
    /// Move everything from the SQLite database in the data folder to this empty PostgreSQL database
    ///
    /// Such as postgres://user@host/wigwag. Others on this machine can see it: an address with a password is better given
    /// as "-", and then read from standard input. The SQLite database stays as it is.
    #[arg(long, value_name = "URL")]
    pub to: Option<EngineUrl>,

    /// Which server.
    #[command(flatten)]
    pub source: Source,
}

const EXAMPLES: &str = "\
Examples:
  wigwag migrate
  wigwag migrate --config /etc/wigwag.toml
  wigwag migrate --data /var/lib/wigwag --to postgres://wigwag@db/wigwag
  echo \"$WIGWAG_STORE_URL\" | wigwag migrate --data /var/lib/wigwag --to -

Make a copy of the database first: an older server refuses a newer database.";

/// Migrates the database of a stopped server; one in PostgreSQL may be in use.
pub fn run(args: &MigrateArgs) -> Result<(), CliError> {
    let config = args.source.load()?;
    if let Some(to) = &args.to {
        return moving::run(&config, to);
    }
    let (place, before, after) = match &config.store.url {
        Some(url) => migrate_postgres(&config, url)?,
        None => migrate_embedded(&config)?,
    };
    say(&match before {
        0 => format!("{place}: made, schema {after}"),
        before if before == after => format!("{place}: up to date, schema {after}"),
        before => format!("{place}: schema {before} brought to {after}"),
    })
}

/// Which database, and its schema before and after.
type Migrated = (String, usize, usize);

fn migrate_embedded(config: &Config) -> Result<Migrated, CliError> {
    let path = config.data_dir.join(DATABASE);
    let _lock = lock_folder(config).map_err(|error| CliError::new(error.to_string()))?;
    let (before, after) = sqlite::migrate(&path).map_err(|error| CliError::new(error.to_string()))?;
    Ok((path.display().to_string(), before, after))
}

fn migrate_postgres(config: &Config, url: &EngineUrl) -> Result<Migrated, CliError> {
    let settings = postgres_settings(&config.store, url);
    let migrating = runtime()?.block_on(postgres::migrate(&settings));
    let (before, after) = migrating.map_err(|error| CliError::new(error.to_string()))?;
    Ok((url.to_string(), before as usize, after as usize))
}
