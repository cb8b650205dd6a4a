//! `wigwag serve`

use std::net::SocketAddr;

use clap::Args;

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use super::client::reachable;
use super::{CliError, Source, say};
use crate::app::Server;
use crate::auth::KeyOrigin;
use crate::config::{Config, EngineUrl, LogFormat, Overrides, load, unknown_variables};
use crate::telemetry::init_logs;

/// What can be said to `wigwag serve`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct ServeArgs {
    /// Which server.
    #[command(flatten)]
    pub source: Source,

    /// IP address and port to listen on [default: 127.0.0.1:8710]
    #[arg(long, value_name = "ADDR")]
    pub listen: Option<SocketAddr>,

    /// Keep state in this PostgreSQL database [default: SQLite in the data folder]
    ///
    /// Such as postgres://user@host/wigwag. Others on this machine can see it: a password is better kept in
    /// WIGWAG_STORE_URL.
    #[arg(long, value_name = "URL")]
    pub store: Option<EngineUrl>,

    /// Share the store with other servers, and meet them at this NATS server
    ///
    /// Such as nats://host:4222. A password is better kept in WIGWAG_BUS_URL.
    #[arg(long, value_name = "URL")]
    pub bus: Option<EngineUrl>,

    /// Serve other machines without TLS, because a proxy in front does it
    #[arg(long)]
    pub plain: bool,

    /// For development: let anybody on this machine sign in as anybody
    ///
    /// The web page then asks for a name alone. Only with an address that other machines cannot reach.
    #[arg(long)]
    pub dev: bool,

    /// What to log: error, warn, info, debug or trace [default: info]
    #[arg(long, value_name = "LEVEL")]
    pub log_level: Option<String>,

    /// How to log [default: text]
    #[arg(long, value_name = "FORMAT")]
    pub log_format: Option<LogFormat>,
}

const EXAMPLES: &str = "\
Examples:
  wigwag serve --dev
  wigwag serve --listen 127.0.0.1:9000 --data /var/lib/wigwag
  wigwag serve --config /etc/wigwag.toml --log-format json
  wigwag serve --store postgres://wigwag@db/wigwag --bus nats://mq:4222

The first is for trying things out: open the address it prints in two browsers, and sign in with two names.

\"wigwag config\" prints everything that can be configured. Flags win over WIGWAG_* variables, and those over the file.
Ctrl-C lets connections finish and stops.";

impl ServeArgs {
    /// The configuration with these flags on top.
    pub fn load(&self) -> Result<Config, CliError> {
        let overrides = Overrides {
            listen: self.listen,
            data_dir: self.source.data.clone(),
            store: self.store.clone(),
            bus: self.bus.clone(),
            plain: self.plain,
            dev: self.dev,
            log_level: self.log_level.clone(),
            log_format: self.log_format,
        };
        Ok(load(self.source.config.as_deref(), overrides)?)
    }
}

/// Serves until Ctrl-C or SIGTERM.
pub fn run(args: &ServeArgs) -> Result<(), CliError> {
    let config = args.load()?;
    init_logs(&config.log).map_err(|error| CliError::new(error.to_string()))?;
    for name in unknown_variables() {
        tracing::warn!("the environment variable {name} is no setting of this server, and has no effect");
    }
    raise_file_limit();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| CliError::new(format!("cannot start threads: {error}")))?;
    let served = runtime.block_on(serve(config, args));
    // The server is closed by now, and its store with it. What may be left are threads that wait for an endpoint of webhooks or for
    // LiveKit, up to 15 s; nobody is there for the answer, and dropping the runtime would wait for them.
    runtime.shutdown_background();
    served
}

/// Every connection is an open file, and the usual limit of 1,024 is a historic one: a process may raise it to the hard
/// limit by itself.
fn raise_file_limit() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    if let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }) {
        tracing::warn!(%error, "the limit on open files could not be raised; see ulimit -n");
    }
}

async fn serve(config: Config, args: &ServeArgs) -> Result<(), CliError> {
    let place = Place::of(&config);
    let server = Server::start(config).await.map_err(|error| CliError::new(error.to_string()))?;
    let shutdown = CancellationToken::new();
    let stopping = shutdown.clone();
    let asked = stop_asked()?;
    tokio::spawn(async move {
        asked.await;
        tracing::info!(
            "stopping: sessions are told to resume, what is queued is written; again to stop at once"
        );
        stopping.cancel();
    });
    banner(&server, &place, args)?;
    server.run(shutdown).await;
    tracing::info!("stopped");
    Ok(())
}

/// Where a server keeps its things, as people are told: without passwords.
struct Place {
    data: String,
    engines: String,
}

impl Place {
    fn of(config: &Config) -> Self {
        let line = |name: &str, url: Option<&EngineUrl>| {
            url.map(|url| format!("\n  {name:<8} {url}")).unwrap_or_default()
        };
        let engines = line("store", config.store.url.as_ref()) + &line("bus", config.bus.url.as_ref());
        Self { data: config.data_dir.display().to_string(), engines }
    }
}

/// What a person needs to go on, and the address a program can look for.
fn banner(server: &Server, place: &Place, args: &ServeArgs) -> Result<(), CliError> {
    let (scheme, page) = if server.encrypted { ("wss", "https") } else { ("ws", "http") };
    let key = match &server.key {
        KeyOrigin::Configured => "as configured".to_owned(),
        KeyOrigin::Kept(path) => path.display().to_string(),
        KeyOrigin::Generated(path) => format!("{} (made now, for development)", path.display()),
    };
    let source = flags(args);
    // What else the configuration says of the address, the client reads there.
    let url = match args.listen {
        Some(_) => format!(" --url {scheme}://{}/v1/ws", reachable(server.address)),
        None => String::new(),
    };
    say(&format!(
        "Wigwag {}\n  address  {scheme}://{}/v1/ws\n  page     {page}://{}/\n  data     {}{}\n  app key  {key}\n  token    wigwag token{source} alice\n  try it   wigwag client{source} --as alice{url}",
        env!("CARGO_PKG_VERSION"),
        server.address,
        server.address,
        place.data,
        place.engines,
    ))
}

/// The flags by which the other commands find this server.
fn flags(args: &ServeArgs) -> String {
    let flag = |name: &str, path: Option<&std::path::PathBuf>| {
        path.map(|path| format!(" {name} {}", path.display())).unwrap_or_default()
    };
    flag("--config", args.source.config.as_ref()) + &flag("--data", args.source.data.as_ref())
}

/// Waits for the first Ctrl-C or SIGTERM; a second one then ends the process at once.
fn stop_asked() -> Result<impl Future<Output = ()>, CliError> {
    let listen =
        |kind| signal(kind).map_err(|error| CliError::new(format!("cannot listen for signals: {error}")));
    let (mut interrupt, mut terminate) = (listen(SignalKind::interrupt())?, listen(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        tokio::spawn(async move {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
            tracing::warn!("stopped at once; what was acknowledged is on disk");
            std::process::exit(130);
        });
    })
}
