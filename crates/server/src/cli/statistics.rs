//! `wigwag statistics`

use clap::Args;
use wigwag_protocol::rest::Nothing;
use wigwag_protocol::rest::operations::GetStatistics;
use wigwag_protocol::rest::statistics::Statistics;

use super::CliError;
use super::back_end::BackEndArgs;
use super::date::date;

/// What can be said to `wigwag statistics`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct StatisticsArgs {
    /// Which server.
    #[command(flatten)]
    pub server: BackEndArgs,
}

const EXAMPLES: &str = "\
Examples:
  wigwag statistics
  wigwag statistics --json

The server must run. The key is one that \"wigwag key create\" has made, with the scope read. It is read from the environment variable
WIGWAG_API_KEY or from the file that --key-file names. How much happens in a time is in the figures at /metrics.";

/// Does it.
pub fn run(args: &StatisticsArgs) -> Result<(), CliError> {
    let found = args.server.server()?.ask::<GetStatistics>(&Nothing {}, &Nothing {}, &Nothing {})?;
    args.server.print(&found, &lines(&found))
}

fn lines(found: &Statistics) -> String {
    let lines = [
        ("counted at", date(found.time / 1_000)),
        ("users", found.users.to_string()),
        ("disabled", found.disabled_users.to_string()),
        ("online", found.online_users.to_string()),
        ("sessions", found.sessions.to_string()),
        ("push devices", found.push_devices.to_string()),
        ("groups", found.groups.to_string()),
        ("open invitations", found.open_invitations.to_string()),
        ("running calls", found.running_calls.to_string()),
        ("users in calls", found.users_in_calls.to_string()),
    ];
    lines.map(|(name, value)| format!("{name:<16} {value}")).join("\n")
}
