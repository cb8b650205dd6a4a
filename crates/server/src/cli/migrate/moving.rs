//! `wigwag migrate --to`

use std::io::BufRead;
use std::time::{Duration, Instant};

use super::{CliError, runtime, say};
use crate::app::{DATABASE, limits, lock_folder, postgres_settings};
use crate::auth::{kept_api_keys, kept_revocations};
use crate::cluster::{keep_node_id, load_node_id};
use crate::config::{Config, EngineUrl};
use crate::store::moving::{Move, Progress, move_all};
use crate::store::postgres::{self, PostgresSettings};
use crate::store::shared::NodeId;

/// How often a long move says how far it has come.
const SAY_EVERY: Duration = Duration::from_secs(1);

/// Moves everything of the data folder's database, and says how far it has come.
pub(super) fn run(config: &Config, to: &EngineUrl) -> Result<(), CliError> {
    let to = address(to)?;
    let from = config.data_dir.join(DATABASE);
    if !from.exists() {
        let error =
            format!("there is no database at {}: name the server's data folder with --data", from.display());
        return Err(CliError::new(error));
    }
    let _lock = lock_folder(config).map_err(|error| CliError::new(error.to_string()))?;
    let named = load_node_id(&config.data_dir).map_err(|error| CliError::new(error.to_string()))?;
    let node = named.unwrap_or_else(|| NodeId(uuid::Uuid::new_v4()));
    let plan = Move {
        from,
        to: postgres_settings(&config.store, &to),
        node,
        no_deadline_age_ms: limits(config).no_deadline_age_ms,
    };
    let mut said = Instant::now();
    let moving = move_all(&plan, |progress| {
        if said.elapsed() >= SAY_EVERY {
            said = Instant::now();
            // The move goes on when nobody reads.
            say(&line(&progress)).ok();
        }
    });
    let moved = runtime()?.block_on(moving).map_err(|error| CliError::new(error.to_string()))?;
    // Only now: the name says that the folder's server keeps its state in PostgreSQL.
    keep_node_id(&config.data_dir, node).map_err(|error| CliError::new(error.to_string()))?;
    for progress in &moved {
        say(&line(progress))?;
    }
    move_revocations(config, &plan.to)?;
    move_api_keys(config, &plan.to)?;
    say(&format!(
        "Everything is in {to}. Set store.url to it before the server starts again; keep the data folder (key, revocations, node-id), and never start a server on the SQLite database again, which stays as it was."
    ))
}

/// What stands in the file of this folder alone has to count on every node. Once more does no harm, so a move that failed here
/// can be finished by `wigwag revoke`, or begun again on an empty database.
fn move_revocations(config: &Config, to: &PostgresSettings) -> Result<(), CliError> {
    let revocations = kept_revocations(&config.data_dir).map_err(|error| CliError::new(error.to_string()))?;
    let runtime = runtime()?;
    for revocation in &revocations {
        let written = runtime.block_on(postgres::revoke(to, revocation));
        written.map_err(|error| CliError::new(error.to_string()))?;
    }
    say(&format!("revocations: {moved} of {moved}", moved = revocations.len()))
}

/// As [`move_revocations`]: a key that is there already was moved by an attempt before. Another one of its name stays there, and
/// the operator is told.
fn move_api_keys(config: &Config, to: &PostgresSettings) -> Result<(), CliError> {
    let keys = kept_api_keys(&config.data_dir).map_err(CliError::new)?;
    let runtime = runtime()?;
    let known =
        runtime.block_on(postgres::list_api_keys(to)).map_err(|error| CliError::new(error.to_string()))?;
    let mut moved = keys.len();
    for key in &keys {
        match known.iter().find(|one| one.name == key.name) {
            None => {
                let written = runtime.block_on(postgres::add_api_key(to, key));
                written.map_err(|error| CliError::new(error.to_string()))?;
            }
            Some(there) if there.digest == key.digest => {}
            Some(_) => {
                moved -= 1;
                say(&format!(
                    "The key {} is another one there: the one of the data folder does not count.",
                    key.name
                ))?;
            }
        }
    }
    say(&format!("keys of back ends: {moved} of {}", keys.len()))
}

fn line(Progress { kind, moved, of }: &Progress) -> String {
    format!("{kind}: {moved} of {of}")
}

/// The address as given; "-" stands for a line of standard input.
fn address(given: &EngineUrl) -> Result<EngineUrl, CliError> {
    let mut line = given.expose().to_owned();
    if line == "-" {
        line.clear();
        let read = std::io::stdin().lock().read_line(&mut line);
        read.map_err(|error| CliError::new(format!("cannot read the address from standard input: {error}")))?;
    }
    let Ok(address) = line.trim().parse::<EngineUrl>();
    match address.scheme() {
        Some("postgres" | "postgresql") => Ok(address),
        Some(_) | None => Err(CliError::new(
            "--to is not the address of a PostgreSQL database: it looks like postgres://user@host/database",
        )),
    }
}
