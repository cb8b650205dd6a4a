//! The server as a process of its own, on one data folder and one port.

use std::fs::File;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;
use uuid::Uuid;
use wigwag_protocol::UserId;
use wigwag_server::auth::{App, AppKey, mint_user_sig};
use wigwag_server::clock::Clock;

const KEY: &str = "the key of a server that is killed";
const APP: u32 = 1_400_000_000;
/// How long somebody may be gone from a call, s: shorter than usual, so that people are lost again and again in a run.
pub(crate) const LEASE_S: u64 = 3;
/// Who is gone counts as online for this long, s: less than the lease.
const GRACE_S: u64 = 1;
/// The server must answer this soon after a start, whatever state it was killed in.
const READY: Duration = Duration::from_secs(20);

/// Where servers are started, one after the other.
pub(crate) struct House {
    folder: TempDir,
    pub(crate) port: u16,
    /// Flags that name the engines; none for the embedded store.
    engines: Vec<String>,
}

impl House {
    pub(crate) fn new(port: u16) -> Self {
        Self { folder: tempfile::tempdir().unwrap(), port, engines: Vec::new() }
    }

    /// For a node of a cluster.
    pub(crate) fn of_node(port: u16, store: &str, bus: &str) -> Self {
        let engines = ["--store", store, "--bus", bus].map(str::to_owned).to_vec();
        Self { engines, ..Self::new(port) }
    }

    /// The name the node gave itself.
    pub(crate) fn node_id(&self) -> Option<Uuid> {
        let name = std::fs::read_to_string(self.folder.path().join("data").join("node-id")).ok()?;
        Uuid::try_parse(name.trim()).ok()
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.folder.path().join("data").join(wigwag_server::app::DATABASE)
    }

    /// What all servers so far have logged.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.log_file()).unwrap_or_default()
    }

    /// Keeps the folder for whoever wants to look.
    pub(crate) fn keep(&mut self) -> &Path {
        self.folder.disable_cleanup(true);
        self.folder.path()
    }

    /// Moves everything of a stopped server to PostgreSQL; what the command complained of when it failed.
    pub(crate) fn moves_to(&self, url: &str) -> Result<(), String> {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_wigwag"));
        command.args(["migrate", "--to", url, "--data"]).arg(self.folder.path().join("data"));
        let ended = command.output().unwrap();
        let complaint = String::from_utf8_lossy(&ended.stderr).into_owned();
        if ended.status.success() { Ok(()) } else { Err(complaint) }
    }

    fn log_file(&self) -> PathBuf {
        self.folder.path().join("server.log")
    }

    /// A process that may not listen yet.
    pub(crate) fn start(&self) -> Server {
        Server::spawn(self.command().env("WIGWAG_AUTH_KEY", KEY))
    }

    /// A process that has to make itself a key.
    pub(crate) fn start_without_key(&self) -> Server {
        Server::spawn(self.command().env_remove("WIGWAG_AUTH_KEY"))
    }

    fn command(&self) -> Command {
        let log = File::options().create(true).append(true).open(self.log_file()).unwrap();
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, self.port));
        let mut command = Command::new(env!("CARGO_BIN_EXE_wigwag"));
        command
            .args(["serve", "--log-level", "warn", "--listen", &address.to_string(), "--data"])
            .arg(self.folder.path().join("data"))
            .args(&self.engines)
            .env("WIGWAG_SDK_APP_ID", APP.to_string())
            // The load comes from few users, so each does the work of many.
            .envs(
                ["COMMANDS_PER_SECOND", "COMMAND_BURST", "CALLS_PER_SECOND", "CALL_BURST"].map(without_limit),
            )
            .envs(["ANSWERS_PER_SECOND", "ANSWER_BURST", "READS_PER_SECOND", "READ_BURST"].map(without_limit))
            .envs(["SIGN_INS_PER_SECOND", "SIGN_IN_BURST"].map(without_limit))
            .env("WIGWAG_LIMITS_OPEN_INVITATIONS", "100000")
            .env("WIGWAG_CALLS_LEASE_S", LEASE_S.to_string())
            .env("WIGWAG_SESSIONS_OFFLINE_GRACE_S", GRACE_S.to_string())
            // Nothing is dropped, so that everything can be counted at the end.
            .env("WIGWAG_RETENTION_ONLINE_ONLY_S", "86400")
            .stdout(Stdio::piped())
            .stderr(log)
            .kill_on_drop(true);
        command
    }
}

/// A running server.
pub(crate) struct Server {
    child: Child,
}

impl Server {
    fn spawn(command: &mut Command) -> Self {
        Self { child: command.spawn().unwrap() }
    }

    /// Waits until it listens: it says its address then.
    pub(crate) async fn listens(&mut self) -> Result<(), String> {
        let Some(stdout) = self.child.stdout.take() else { return Ok(()) };
        let mut lines = BufReader::new(stdout).lines();
        let said = timeout(READY, async {
            while let Ok(Some(line)) = lines.next_line().await {
                if line.contains("try it") {
                    return true;
                }
            }
            false
        });
        match said.await {
            Ok(true) => Ok(()),
            Ok(false) => Err("the server ended instead of listening".to_owned()),
            Err(_) => Err(format!("the server did not listen within {READY:?}")),
        }
    }

    /// SIGKILL: it gets no say.
    pub(crate) async fn kill(mut self) {
        self.child.kill().await.unwrap();
    }

    /// SIGSTOP, or SIGCONT: it stands still where it is, its connections stay and nothing answers.
    pub(crate) fn freeze(&self, frozen: bool) {
        self.signal(if frozen { Signal::STOP } else { Signal::CONT });
    }

    fn signal(&self, signal: Signal) {
        let pid = self.child.id().and_then(|id| Pid::from_raw(id.cast_signed())).unwrap();
        kill_process(pid, signal).unwrap();
    }

    /// SIGTERM, and the end of it.
    pub(crate) async fn stop(mut self) -> Result<(), String> {
        self.signal(Signal::TERM);
        let status = timeout(READY, self.child.wait()).await.map_err(|_| "it does not stop on SIGTERM")?;
        let status = status.map_err(|error| error.to_string())?;
        if status.success() { Ok(()) } else { Err(format!("it stopped on SIGTERM with {status}")) }
    }
}

/// A variable of `[limits]`, so high that nobody meets it.
fn without_limit(name: &str) -> (String, &'static str) {
    (format!("WIGWAG_LIMITS_{name}"), "100000")
}

/// A token for a user.
pub(crate) fn token(user: &UserId) -> String {
    let app = App { sdk_app_id: APP, key: AppKey::new(KEY) };
    mint_user_sig(&app, user, Clock::starting_not_before(0).now_ms(), Duration::from_hours(24))
}

/// A port below those the system gives to outgoing connections: a device that dials while no server listens could be
/// given the very port it dials, and be connected to itself.
pub(crate) fn free_port(dice: &mut fastrand::Rng) -> u16 {
    // The process number keeps two runs with one seed apart.
    let start = u32::from(dice.u16(..)) + std::process::id() * 7;
    (0..1_000)
        .map(|step| 20_000 + u16::try_from((start + step) % 10_000).unwrap_or_default())
        .find(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok())
        .expect("one of a thousand ports is free")
}
