//! The command line: what can be said, and what is done then.

mod back_end;
mod check;
mod client;
mod config;
mod date;
mod group;
mod key;
mod media;
mod migrate;
mod revoke;
mod serve;
mod source;
mod statistics;
mod token;
mod user;
mod version;
mod webhook;

use std::fmt;

use clap::{Parser, Subcommand};

pub use back_end::BackEndArgs;
pub use check::{CheckArgs, run as run_check};
pub use client::{ClientArgs, run as run_client};
pub use config::{ConfigArgs, run as run_config};
pub use group::{GroupArgs, run as run_group};
pub use key::{KeyArgs, run as run_key};
pub use media::{MediaArgs, run as run_media};
pub use migrate::{MigrateArgs, run as run_migrate};
pub use revoke::{RevokeArgs, run as run_revoke};
pub use serve::{ServeArgs, run as run_serve};
pub use source::Source;
pub use statistics::{StatisticsArgs, run as run_statistics};
pub use token::{TokenArgs, run as run_token};
pub use user::{UserArgs, run as run_user};
pub use webhook::{WebhookArgs, run as run_webhook};

/// Invitation signaling on top of instant messages: invite, accept, reject, cancel, time out.
#[derive(Debug, Parser)]
#[command(name = "wigwag", version, arg_required_else_help = true, after_help = EXAMPLES)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

const EXAMPLES: &str = "\
A first call, each line in a terminal of its own and all in the same folder:
  wigwag serve
  wigwag client --as alice
  wigwag client --as bob

\"wigwag COMMAND --help\" says more about each command.";

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the server
    ///
    /// It needs no configuration: it then listens on this machine only, keeps its state in ./wigwag-data and makes a key for
    /// tokens there.
    Serve(ServeArgs),
    /// Print a token to sign in with
    ///
    /// It is a UserSig, as Tencent's libraries make them from the same key. Nothing else is printed, so it can be used as
    /// $(wigwag token alice).
    Token(TokenArgs),
    /// Talk to a server from this terminal
    ///
    /// Or from a pipe: one command per line; events are printed as they come. "help" lists the commands.
    Client(ClientArgs),
    /// Print the documented default configuration, or check one
    ///
    /// It is a TOML file with everything that can be set, with units, defaults and reasons.
    Config(ConfigArgs),
    /// Bring the database up to this version of the server
    ///
    /// "wigwag serve" does it by itself; this is for those who want to do it, and see it done, while the server is stopped. A
    /// database that is up to date is left as it is.
    Migrate(MigrateArgs),
    /// Read the database through and say what is wrong with it
    ///
    /// Nothing is changed, and a server may run meanwhile. What is wrong is named with what can be done about it. Exit code: 0
    /// nothing is wrong, 1 the check could not be made, 3 something is wrong.
    Check(CheckArgs),
    /// Take back all tokens a user has
    ///
    /// Whoever signs in with one made until now is refused (70052), and sessions on them end within a second. The command returns
    /// when the second it was given in is over: tokens made from then on count.
    Revoke(RevokeArgs),
    /// Make, list and revoke keys for back ends
    ///
    /// A back end shows its key with each request to the API over HTTP (docs/rest.md).
    Key(KeyArgs),
    /// List, show, make, disable, delete and sign out users
    ///
    /// It asks a running server over its API for back ends (docs/rest.md), with a key that "wigwag key create" has made.
    User(UserArgs),
    /// List, show, make and dismiss groups, and change who is in them
    ///
    /// It asks a running server over its API for back ends (docs/rest.md), with a key that "wigwag key create" has made.
    Group(GroupArgs),
    /// List, try, pause and tell again endpoints of webhooks
    ///
    /// It asks a running server over its API for back ends (docs/webhooks.md), with a key that "wigwag key create" has made.
    Webhook(WebhookArgs),
    /// Count users, sessions, groups, open invitations and running calls
    ///
    /// It asks a running server over its API for back ends (docs/rest.md), with a key that "wigwag key create" has made.
    Statistics(StatisticsArgs),
    /// Print what a user needs to join a call's media, to try it
    ///
    /// It is what the server tells those who call and accept: TURN servers with a username and a password, or a LiveKit token.
    Media(MediaArgs),
}

/// Why a command failed; one line that says what to do.
#[derive(Debug)]
pub struct CliError {
    text: String,
    code: u8,
}

impl CliError {
    /// An error with these words, and the usual exit code.
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), code: 1 }
    }

    /// The same with another exit code.
    #[must_use]
    pub fn with_code(self, code: u8) -> Self {
        Self { code, ..self }
    }

    /// The exit code of the process.
    pub fn code(&self) -> u8 {
        self.code
    }
}

impl fmt::Display for CliError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for CliError {}

impl From<crate::config::ConfigError> for CliError {
    fn from(error: crate::config::ConfigError) -> Self {
        Self::new(error.to_string())
    }
}

impl From<crate::auth::KeyError> for CliError {
    fn from(error: crate::auth::KeyError) -> Self {
        Self::new(error.to_string())
    }
}

/// Carries out what was said.
pub fn run(cli: Cli) -> Result<(), CliError> {
    match cli.command {
        Command::Serve(args) => run_serve(&args),
        Command::Token(args) => run_token(&args),
        Command::Client(args) => run_client(args),
        Command::Config(args) => run_config(&args),
        Command::Migrate(args) => run_migrate(&args),
        Command::Check(args) => run_check(&args),
        Command::Revoke(args) => run_revoke(&args),
        Command::Key(args) => run_key(args),
        Command::User(args) => run_user(args),
        Command::Group(args) => run_group(args),
        Command::Webhook(args) => run_webhook(args),
        Command::Statistics(args) => run_statistics(&args),
        Command::Media(args) => run_media(&args),
    }
}

/// For commands that wait for one thing.
fn runtime() -> Result<tokio::runtime::Runtime, CliError> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| CliError::new(format!("cannot start: {error}")))
}

/// Asks a person something, on standard error: what is printed stays for programs.
fn ask(question: &str) -> Result<(), CliError> {
    use std::io::Write;
    writeln!(std::io::stderr(), "{question}")
        .map_err(|error| CliError::new(format!("cannot write to standard error: {error}")))
}

/// Writes a line to standard output. A reader that has gone away is no failure of ours.
fn say(line: &str) -> Result<(), CliError> {
    use std::io::{ErrorKind, Write};
    match writeln!(std::io::stdout(), "{line}") {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(CliError::new(format!("cannot write to standard output: {error}")))
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests;
