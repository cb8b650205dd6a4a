//! `wigwag revoke`

use clap::Args;
use wigwag_protocol::UserId;

use super::{CliError, Source, say};
use crate::auth::{REVOKED_FILE, revoke};
use crate::clock::Clock;

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
}

const EXAMPLES: &str = "\
Examples:
  wigwag revoke alice
  wigwag revoke alice --data /var/lib/wigwag

To undo it, delete the user's line from revoked.txt in the data folder.";

/// Writes the revocation down, and says so.
pub fn run(args: &RevokeArgs) -> Result<(), CliError> {
    let data_dir = args.source.load()?.data_dir;
    let now_ms = Clock::starting_not_before(0).now_ms();
    revoke(&data_dir, &args.user, now_ms).map_err(|error| {
        CliError::new(format!(
            "cannot write {}: {error}; name the server's data folder with --data or its configuration with --config",
            data_dir.join(REVOKED_FILE).display()
        ))
    })?;
    say(&format!("All tokens that {} has are taken back.", args.user))
}
