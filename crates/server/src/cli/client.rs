//! `wigwag client`

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use clap::Args;
use wigwag_protocol::{DeviceId, Platform, UserId};
use wigwag_terminal::TerminalOptions;

use super::{CliError, Source, runtime};
use crate::auth::mint_user_sig;
use crate::clock::Clock;

/// Life of a token made for one run of the client.
const TOKEN_TTL: Duration = Duration::from_hours(24);

/// What can be said to `wigwag client`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct ClientArgs {
    /// Who to sign in as
    #[arg(long = "as", value_name = "USER")]
    pub user: UserId,

    /// Address of the server, ws:// or wss:// [default: that of the local configuration]
    #[arg(long, value_name = "URL")]
    pub url: Option<String>,

    /// Token to sign in with [default: one made with the key in the local data folder]
    #[arg(long, value_name = "TOKEN")]
    pub token: Option<String>,

    /// Name of this device; the same name goes on where it stopped [default: a new one]
    #[arg(long, value_name = "ID")]
    pub device: Option<DeviceId>,

    /// Print events and replies as JSON, one per line
    #[arg(long)]
    pub json: bool,

    /// Which local server.
    #[command(flatten)]
    pub source: Source,
}

const EXAMPLES: &str = "\
Examples:
  wigwag client --as alice
  wigwag client --as bob --device laptop
  wigwag client --as alice --url wss://signal.example.org/v1/ws --token \"$TOKEN\"
  echo 'invite bob' | wigwag client --as alice --json";

impl ClientArgs {
    /// Where to connect: as said, or where the local configuration lets its server listen.
    pub fn url(&self) -> Result<String, CliError> {
        if let Some(url) = &self.url {
            return Ok(url.clone());
        }
        let config = self.source.load()?;
        let scheme = if config.tls.cert.is_some() { "wss" } else { "ws" };
        Ok(format!("{scheme}://{}/v1/ws", reachable(config.listen)))
    }

    /// A device with a name of its own keeps its cursor in the data folder and goes on where it stopped.
    fn options(self) -> Result<TerminalOptions, CliError> {
        let cursor_file = match &self.device {
            Some(device) => Some(
                self.source.load()?.data_dir.join("clients").join(format!("{}@{device}.cursor", self.user)),
            ),
            None => None,
        };
        if let Some(folder) = cursor_file.as_ref().and_then(|file| file.parent()) {
            std::fs::create_dir_all(folder).map_err(|error| {
                CliError::new(format!("cannot make the folder {}: {error}", folder.display()))
            })?;
        }
        let device_id = match self.device.clone() {
            Some(device) => device,
            None => DeviceId::parse(&format!("terminal-{}", uuid::Uuid::now_v7().simple()))
                .map_err(|error| CliError::new(error.to_string()))?,
        };
        Ok(TerminalOptions {
            url: self.url()?,
            token: self.token()?.into(),
            device_id,
            platform: Platform::LINUX,
            cursor_file,
            json: self.json,
        })
    }

    /// What to sign in with: as said, or made with the key of the local data folder, for a day.
    pub fn token(&self) -> Result<String, CliError> {
        if let Some(token) = &self.token {
            return Ok(token.clone());
        }
        let (_, app) = self.source.load_app()?;
        Ok(mint_user_sig(&app, &self.user, Clock::starting_not_before(0).now_ms(), TOKEN_TTL))
    }
}

/// Talks to the server until the end of the input.
pub fn run(args: ClientArgs) -> Result<(), CliError> {
    let options = args.options()?;
    let runtime = runtime()?;
    let ended =
        runtime.block_on(wigwag_terminal::run(options)).map_err(|error| CliError::new(error.to_string()));
    // A thread may still wait for the next line of the terminal.
    runtime.shutdown_background();
    ended
}

/// From this machine, a server that listens on all addresses is found on the loopback one.
pub(super) fn reachable(listen: SocketAddr) -> SocketAddr {
    let loopback: IpAddr = match listen {
        SocketAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
        SocketAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
    };
    let ip = if listen.ip().is_unspecified() { loopback } else { listen.ip() };
    SocketAddr::new(ip, listen.port())
}
