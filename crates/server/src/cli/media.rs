//! `wigwag media`

use clap::Args;
use wigwag_protocol::UserId;
use wigwag_protocol::group::Profile;
use wigwag_protocol::media::MediaAccess;

use super::{CliError, Source, say};
use crate::clock::wall_ms;
use crate::media::{Guest, Media};

/// What can be said to `wigwag media`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct MediaArgs {
    /// Who joins
    #[arg(value_name = "USER")]
    pub user: UserId,

    /// The room of the call
    #[arg(long, value_name = "ROOM", default_value = "trial")]
    pub room: String,

    /// Which server.
    #[command(flatten)]
    pub source: Source,
}

const EXAMPLES: &str = "\
Examples:
  wigwag media alice
  wigwag media alice --room lesson --config /etc/wigwag.toml

To try a TURN server, give urls, username and credential to any page that gathers ICE candidates: with a right secret it finds one of
type \"relay\". To try LiveKit, give liveURL and token to any LiveKit client.";

/// Prints it as JSON.
pub fn run(args: &MediaArgs) -> Result<(), CliError> {
    let access = serde_json::to_string_pretty(&args.access()?);
    say(&access.map_err(|error| CliError::new(error.to_string()))?)
}

impl MediaArgs {
    /// What the server would tell the user now.
    pub fn access(&self) -> Result<MediaAccess, CliError> {
        let media = Media::new(&self.source.load()?.calls)?;
        let profile = Profile {
            user_id: self.user.clone(),
            nickname: String::new(),
            face_url: String::new(),
            ext: String::new(),
        };
        let guest = Guest { profile: &profile, room_id: &self.room, ring_ms: 0 };
        Ok(media.access(&guest, wall_ms()))
    }
}
