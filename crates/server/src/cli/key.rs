//! `wigwag key`

use clap::{Args, Subcommand};
use wigwag_protocol::rest::Scope;

use super::date::date;
use super::{CliError, Source, runtime, say};
use crate::app::postgres_settings;
use crate::auth::{ApiKey, KeyName, add_api_key, drop_api_key, kept_api_keys};
use crate::clock::wall_ms;
use crate::cluster::has_node_id;
use crate::config::{Config, EngineUrl};
use crate::store::postgres::{self, PostgresSettings};

/// What can be said to `wigwag key`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct KeyArgs {
    /// What to do.
    #[command(subcommand)]
    pub what: KeyCommand,
}

/// What can be done with keys.
#[derive(Debug, Subcommand)]
pub enum KeyCommand {
    /// Make a key and print it: it is shown this once
    Create {
        /// What the key is called in lists and logs
        #[arg(value_name = "NAME")]
        name: KeyName,

        /// What its holder may do: read, users, tokens, groups, messages, invitations, calls, webhooks; several with commas between, or "all"
        #[arg(long, value_name = "SCOPES", value_parser = parse_scopes)]
        scopes: Scopes,

        /// Which server.
        #[command(flatten)]
        place: KeyPlace,
    },
    /// List the keys: name, scopes, and when each was made
    List {
        /// Which server.
        #[command(flatten)]
        place: KeyPlace,
    },
    /// Take a key back: requests with it are refused within a second
    Revoke {
        /// Which key
        #[arg(value_name = "NAME")]
        name: KeyName,

        /// Which server.
        #[command(flatten)]
        place: KeyPlace,
    },
}

/// Scopes of a key.
#[derive(Debug, Clone)]
pub struct Scopes(Vec<Scope>);

/// The server whose keys are meant.
#[derive(Debug, Args)]
pub struct KeyPlace {
    /// Which server.
    #[command(flatten)]
    pub source: Source,

    /// The PostgreSQL database of the servers [default: store.url of the configuration]
    #[arg(long, value_name = "URL")]
    pub store: Option<EngineUrl>,
}

const EXAMPLES: &str = "\
Examples:
  wigwag key create billing --scopes read,users
  wigwag key list --config /etc/wigwag.toml
  wigwag key revoke billing --data /var/lib/wigwag

A running server takes a change over within a second. Servers on PostgreSQL all see it, wherever it is run; name the database with
--config, WIGWAG_STORE_URL or --store. The server keeps a digest alone: a key that is lost cannot be shown again.";

/// Does it.
pub fn run(args: KeyArgs) -> Result<(), CliError> {
    match args.what {
        KeyCommand::Create { name, scopes: Scopes(scopes), place } => {
            let made = ApiKey::make(name, scopes, wall_ms() / 1_000);
            let (key, text) = made.map_err(|error| CliError::new(error.to_string()))?;
            place.find()?.add(&key)?;
            say(&text)
        }
        KeyCommand::List { place } => {
            for key in place.find()?.list()? {
                say(&format!("{}\t{}\t{}", key.name, key.scopes_text(), date(key.created_s)))?;
            }
            Ok(())
        }
        KeyCommand::Revoke { name, place } => {
            if !place.find()?.drop(&name)? {
                return Err(CliError::new(format!("there is no key {name}: \"wigwag key list\" shows all")));
            }
            say(&format!("The key {name} is taken back; requests with it are refused within a second."))
        }
    }
}

fn parse_scopes(text: &str) -> Result<Scopes, String> {
    if text == "all" {
        return Ok(Scopes(Scope::ALL.to_vec()));
    }
    let scopes = text.split(',').map(|name| {
        Scope::parse(name).ok_or_else(|| {
            let known: Vec<&str> = Scope::ALL.iter().map(|scope| scope.as_str()).collect();
            format!("\"{name}\" is no scope: choose from {} or all", known.join(", "))
        })
    });
    scopes.collect::<Result<_, _>>().map(Scopes)
}

/// Where keys are kept.
enum Kept {
    Folder(Box<Config>),
    Database(PostgresSettings),
}

impl KeyPlace {
    fn find(&self) -> Result<Kept, CliError> {
        let config = self.source.load()?;
        if let Some(url) = self.store.as_ref().or(config.store.url.as_ref()) {
            return Ok(Kept::Database(postgres_settings(&config.store, url)));
        }
        let folder = &config.data_dir;
        if has_node_id(folder) {
            return Err(CliError::new(format!(
                "the server of {} keeps its state in PostgreSQL: name the database with --store, WIGWAG_STORE_URL or --config",
                folder.display()
            )));
        }
        if !folder.is_dir() {
            return Err(CliError::new(format!(
                "there is no folder {}: name the server's data folder with --data or its configuration with --config",
                folder.display()
            )));
        }
        Ok(Kept::Folder(Box::new(config)))
    }
}

impl Kept {
    fn add(&self, key: &ApiKey) -> Result<(), CliError> {
        match self {
            Self::Folder(config) => add_api_key(&config.data_dir, key).map_err(CliError::new),
            Self::Database(settings) => wait(postgres::add_api_key(settings, key)),
        }
    }

    fn list(&self) -> Result<Vec<ApiKey>, CliError> {
        match self {
            Self::Folder(config) => kept_api_keys(&config.data_dir).map_err(CliError::new),
            Self::Database(settings) => wait(postgres::list_api_keys(settings)),
        }
    }

    fn drop(&self, name: &KeyName) -> Result<bool, CliError> {
        match self {
            Self::Folder(config) => drop_api_key(&config.data_dir, name).map_err(CliError::new),
            Self::Database(settings) => wait(postgres::drop_api_key(settings, name)),
        }
    }
}

fn wait<T>(work: impl Future<Output = Result<T, postgres::OpenError>>) -> Result<T, CliError> {
    runtime()?.block_on(work).map_err(|error| CliError::new(error.to_string()))
}
