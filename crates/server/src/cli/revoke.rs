//! `wigwag revoke`

use std::time::Duration;

use clap::Args;
use wigwag_protocol::UserId;

use super::{CliError, Source, runtime, say};
use crate::app::postgres_settings;
use crate::auth::{REVOKED_FILE, Revocation, revoke};
use crate::clock::wall_ms;
use crate::cluster::has_node_id;
use crate::config::{Config, EngineUrl};
use crate::store::postgres;

/// What can be said to `wigwag revoke`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct RevokeArgs {
    /// Whose tokens
    #[arg(value_name = "USER")]
    pub user: UserId,

    /// Which server.
    #[command(flatten)]
    pub source: Source,

    /// The PostgreSQL database of the servers [default: store.url of the configuration]
    #[arg(long, value_name = "URL")]
    pub store: Option<EngineUrl>,
}

const EXAMPLES: &str = "\
Examples:
  wigwag revoke alice
  wigwag revoke alice --data /var/lib/wigwag
  wigwag revoke alice --config /etc/wigwag.toml

Servers on PostgreSQL all see it, wherever it is run; name the database with --config, WIGWAG_STORE_URL or --store.
A JWT that does not say when it was made (iat) never counts again for a user who was revoked once.
To undo it, delete the user's line from revoked.txt in the data folder, or the row in the table revocations.";

/// Writes the revocation down, waits until new tokens count again, and says so.
pub fn run(args: &RevokeArgs) -> Result<(), CliError> {
    let config = args.source.load()?;
    let now_ms = wall_ms();
    let revocation = Revocation::now(args.user.clone(), now_ms);
    match args.store.as_ref().or(config.store.url.as_ref()) {
        Some(url) => revoke_in_store(&config, url, &revocation)?,
        None => revoke_in_folder(&config, &revocation)?,
    }
    // Tokens of this second are refused. When it is over, whoever runs this can give the user a new one at once.
    std::thread::sleep(Duration::from_millis(revocation.over_in_ms(wall_ms())));
    say(&format!(
        "All tokens that {} has are taken back, and sessions on them end. Tokens made from now on count.",
        args.user
    ))
}

fn revoke_in_folder(config: &Config, revocation: &Revocation) -> Result<(), CliError> {
    let folder = &config.data_dir;
    if has_node_id(folder) {
        return Err(CliError::new(format!(
            "the server of {} keeps its state in PostgreSQL: name the database with --store, WIGWAG_STORE_URL or --config, so \
             that all its servers see the revocation",
            folder.display()
        )));
    }
    revoke(folder, revocation).map_err(|error| {
        CliError::new(format!(
            "cannot write {}: {error}; name the server's data folder with --data or its configuration with --config",
            folder.join(REVOKED_FILE).display()
        ))
    })
}

fn revoke_in_store(config: &Config, url: &EngineUrl, revocation: &Revocation) -> Result<(), CliError> {
    let settings = postgres_settings(&config.store, url);
    let revoking = runtime()?.block_on(postgres::revoke(&settings, revocation));
    revoking.map_err(|error| CliError::new(error.to_string()))
}
