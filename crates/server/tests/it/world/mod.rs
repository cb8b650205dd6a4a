//! The test world: one server process or several, and the devices of their users.

mod apple;
mod back_end;
mod balancer;
mod cluster;
mod contract;
mod device;
mod google;
mod http;
mod openim;
mod operator;
mod process;
mod raw;
mod receiver;
mod tls;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use wigwag_protocol::UserId;
use wigwag_server::auth::{App, AppKey, mint_jwt, mint_user_sig};
use wigwag_server::clock::Clock;

pub(crate) use apple::{Apple, Does, Pushed};
pub(crate) use back_end::BackEnd;
pub(crate) use balancer::Balancer;
pub(crate) use cluster::Cluster;
pub(crate) use device::{Device, request};
pub(crate) use google::{Google, Says};
pub(crate) use http::{Answer, asks_at};
pub(crate) use openim::OpenIm;
pub(crate) use operator::Operator;
pub(crate) use process::{Ended, Process, run, wigwag, wigwag_answered, wigwag_with};
pub(crate) use raw::{Raw, TEXT, frame};
pub(crate) use receiver::{Receiver, SECRET, Told, endpoint, tencents_sign};
pub(crate) use tls::{certificate, tls};

/// The app key of every test world.
pub(crate) const KEY: &str = "a key that only tests know, 32 bytes and more";
/// The sdkAppID of every test world.
pub(crate) const SDK_APP_ID: u32 = 1_400_000_123;
/// How long anything may take before a test gives up; far above what a loaded machine needs.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);
/// Limits that have no rates: stories are faster than people. Further limits may follow.
pub(crate) const NO_RATE: &str = "[limits]\ncommands_per_second = 100000\ncommand_burst = 100000\ncalls_per_second = 100000\n\
    call_burst = 100000\nanswers_per_second = 100000\nanswer_burst = 100000\nreads_per_second = 100000\nread_burst = 100000\n\
    sign_ins_per_second = 100000\nsign_in_burst = 100000\nnoise_per_second = 100000\nnoise_burst = 100000\n";

/// A server with its data folder.
pub(crate) struct World {
    folder: tempfile::TempDir,
    process: Option<Process>,
}

impl World {
    /// A server with default limits but without rates.
    pub(crate) fn start() -> Self {
        Self::start_with(NO_RATE)
    }

    /// A server with this TOML configuration; address, data folder and key are given.
    pub(crate) fn start_with(config: &str) -> Self {
        let mut world = Self::prepared(config);
        world.resume();
        world
    }

    /// A world whose server is not started yet.
    pub(crate) fn prepared(config: &str) -> Self {
        let world = Self { folder: tempfile::tempdir().unwrap(), process: None };
        world.configure(config);
        world
    }

    /// Writes another configuration; it counts from the next start.
    pub(crate) fn configure(&self, config: &str) {
        let head = format!("listen = \"127.0.0.1:0\"\nsdk_app_id = {SDK_APP_ID}\n");
        let auth = if config.contains("[auth]") {
            config.replace("[auth]", &format!("[auth]\nkey = \"{KEY}\""))
        } else {
            format!("{config}\n[auth]\nkey = \"{KEY}\"\n")
        };
        std::fs::write(self.config_file(), head + &auth).unwrap();
    }

    /// Starts the server on the same data folder as before.
    pub(crate) fn resume(&mut self) {
        self.process = Some(self.serve(&[]));
    }

    /// Starts the server through a shell line; `$@` is its command.
    pub(crate) fn resume_through(&mut self, shell: &str) {
        self.process = Some(self.serve(&["sh", "-c", shell, "sh"]));
    }

    /// Starts the program of another version.
    pub(crate) fn resume_as(&mut self, program: &str) {
        self.resume_through(&format!("shift; exec '{program}' \"$@\""));
    }

    fn serve(&self, before: &[&str]) -> Process {
        Process::serve(before, &self.config_file(), &self.data(), &self.file("stderr.log"))
    }

    /// Tries to start the server, which must fail.
    pub(crate) fn fails_to_start(&self) -> Ended {
        let (config, data) = (self.config_file(), self.data());
        wigwag(&["serve", "--config", &config.to_string_lossy(), "--data", &data.to_string_lossy()])
    }

    /// The same with the program of another version.
    pub(crate) fn fails_to_start_as(&self, program: &str) -> Ended {
        let (config, data) = (self.config_file(), self.data());
        run(program, &["serve", "--config", &config.to_string_lossy(), "--data", &data.to_string_lossy()])
    }

    /// SIGKILL: no good-bye, nothing written any more.
    pub(crate) fn kill(&mut self) {
        self.process.take().unwrap().kill();
    }

    /// SIGINT, and waits for the end.
    pub(crate) fn stop(&mut self) -> Ended {
        self.process.take().unwrap().interrupt()
    }

    /// SIGTERM, as service managers send it, and waits for the end.
    pub(crate) fn terminate(&mut self) -> Ended {
        self.process.take().unwrap().terminate()
    }

    /// Asks the server to stop without waiting.
    pub(crate) fn asks_to_stop(&self) {
        self.process().asks_to_stop();
    }

    /// Waits for a server that was asked to stop.
    pub(crate) fn stopped(&mut self) -> Ended {
        self.process.take().unwrap().ended()
    }

    /// Stops in order and starts again.
    pub(crate) fn restart(&mut self) {
        assert!(self.stop().succeeded);
        self.resume();
    }

    /// Where it listens, as `127.0.0.1:port`.
    pub(crate) fn address(&self) -> &str {
        &self.process().address
    }

    /// The process id.
    pub(crate) fn pid(&self) -> u32 {
        self.process().pid()
    }

    /// Bytes of memory that the process has in use.
    pub(crate) fn memory(&self) -> usize {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid())).unwrap();
        let rss = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        rss.trim().trim_end_matches(" kB").parse::<usize>().unwrap() * 1_024
    }

    /// Waits until `/metrics` shows this number.
    pub(crate) async fn shows(&self, metric: &str, number: usize) {
        let line = format!("wigwag_{metric} {number}\n");
        let address = self.figures_address();
        let showing = async {
            while !get_from(&address, "/metrics", "").await.1.contains(&line) {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, showing).await.expect("/metrics shows it");
    }

    /// Waits until so many pushes have ended so. Of those that are tried again there may be more by then.
    pub(crate) async fn counts_pushes(&self, provider: &str, note: &str, outcome: &str, number: usize) {
        let labels = format!("provider=\"{provider}\",note=\"{note}\",outcome=\"{outcome}\"");
        let name = format!("wigwag_pushes_total{{{labels}}} ");
        let counting = async {
            loop {
                let figures = self.get("/metrics").await.1;
                let line = figures.lines().find_map(|line| line.strip_prefix(&name));
                let counted = line.map_or(0, |count| count.parse().unwrap());
                if counted >= number {
                    return counted;
                }
                tokio::task::yield_now().await;
            }
        };
        let counted = tokio::time::timeout(PATIENCE, counting).await;
        let counted = counted.unwrap_or_else(|_| panic!("never {number} of {labels}\n{}", self.log()));
        assert!(counted == number || outcome == "unanswered", "{counted} of {labels}\n{}", self.log());
    }

    /// What the server has logged so far, over all its runs.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.file("stderr.log")).unwrap_or_default()
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn config_file(&self) -> PathBuf {
        self.folder.path().join("wigwag.toml")
    }

    fn process(&self) -> &Process {
        self.process.as_ref().expect("the server runs")
    }

    /// A device of this user, not connected yet.
    pub(crate) fn device(&self, user: &str) -> Device {
        Device::new(self.address(), user, &format!("{user}-1"), 7)
    }

    /// Another device of this user, not connected yet.
    pub(crate) fn another(&self, user: &str, device_id: &str, platform: u8) -> Device {
        Device::new(self.address(), user, device_id, platform)
    }

    /// A signed-in device of this user.
    pub(crate) async fn person(&self, user: &str) -> Device {
        let mut device = self.device(user);
        device.opens().await;
        device
    }

    /// Signed-in devices of these users.
    pub(crate) async fn people<const N: usize>(&self, users: [&str; N]) -> [Device; N] {
        let mut devices = Vec::new();
        for user in users {
            devices.push(self.person(user).await);
        }
        devices.try_into().unwrap_or_else(|_| unreachable!("as many as were asked for"))
    }

    /// Waits until the server says that it is ready; a store that has failed is not trusted for some seconds.
    pub(crate) async fn becomes_ready(&self) {
        let start = Instant::now();
        while self.get("/readyz").await.0 != 200 {
            assert!(start.elapsed() < PATIENCE, "never ready\n{}", self.log());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Where `/metrics` is: beside the sessions, unless it has an address of its own.
    pub(crate) fn figures_address(&self) -> String {
        let log = self.log();
        let own = log.split("figures are served at http://").nth(1).and_then(|rest| rest.split('/').next());
        own.unwrap_or(self.address()).to_owned()
    }

    /// The body of a GET with its status line first.
    pub(crate) async fn get(&self, path: &str) -> (u16, String) {
        get_from(self.address(), path, "").await
    }
}

/// Status and body of a GET with these header lines.
pub(crate) async fn get_from(address: &str, path: &str, headers: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: test\r\n{headers}Connection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    tokio::time::timeout(PATIENCE, stream.read_to_string(&mut answer)).await.unwrap().unwrap();
    let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
    let body = answer.split_once("\r\n\r\n").unwrap().1.to_owned();
    (status, body)
}

/// The time by the machine's clock, ms.
pub(crate) fn now_ms() -> u64 {
    Clock::starting_not_before(0).now_ms()
}

/// The app that every test world serves.
pub(crate) fn app() -> App {
    App { sdk_app_id: SDK_APP_ID, key: AppKey::new(KEY) }
}

/// A UserSig of this user, good for an hour.
pub(crate) fn user_sig(user: &str) -> String {
    mint_user_sig(&app(), &UserId::parse(user).unwrap(), now_ms(), Duration::from_hours(1))
}

/// An HS256 JWT of this user, made at `from_ms`.
pub(crate) fn jwt(user: &str, from_ms: u64, ttl: Duration) -> String {
    let auth = wigwag_server::config::parse("").unwrap().auth;
    mint_jwt(&auth, &app(), &UserId::parse(user).unwrap(), from_ms, ttl)
}

/// Runs `wigwag` with a data folder and the world's configuration.
pub(crate) fn command(config: &Path, data: &Path, words: &[&str]) -> Ended {
    let (config, data) = (config.to_string_lossy(), data.to_string_lossy());
    let mut all = words.to_vec();
    all.extend(["--config", &*config, "--data", &*data]);
    wigwag(&all)
}
