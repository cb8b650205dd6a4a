//! A NATS server.

use std::process::Command;

use rustix::process::Signal;
use tempfile::TempDir;

use crate::port::on_a_free_port;
use crate::process::{self, NotStarted, Process};
use crate::program;

/// A NATS server without persistence.
pub struct Nats {
    folder: TempDir,
    port: u16,
    /// Whoever comes has to know it.
    token: Option<&'static str>,
    process: Option<Process>,
}

impl Nats {
    /// Starts one and waits until it accepts connections.
    pub fn start() -> Self {
        Self::start_asking_for(None)
    }

    /// The same, that lets in only who has this token.
    pub fn start_with_token(token: &'static str) -> Self {
        Self::start_asking_for(Some(token))
    }

    fn start_asking_for(token: Option<&'static str>) -> Self {
        let folder = tempfile::Builder::new().prefix("wigwag-nats-").tempdir().expect("a folder can be made");
        let (port, process) = on_a_free_port(|port| serve(&folder, port, token));
        Self { folder, port, token, process: Some(process) }
    }

    /// `nats://127.0.0.1:PORT`
    pub fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    /// What it has logged so far.
    pub fn log(&self) -> String {
        process::read(&self.folder.path().join(LOG))
    }

    /// Its process.
    pub fn process_id(&self) -> u32 {
        self.process.as_ref().expect("NATS runs").id()
    }

    /// Lets it finish and waits for the end.
    pub fn stop(&mut self) {
        self.end(Signal::INT);
    }

    /// Kills it, and waits for the end.
    pub fn kill(&mut self) {
        self.end(Signal::KILL);
    }

    /// Starts it on the port it had.
    pub fn start_again(&mut self) {
        assert!(self.process.is_none(), "NATS runs already");
        let process = serve(&self.folder, self.port, self.token).unwrap_or_else(|why| panic!("{why}"));
        self.process = Some(process);
    }

    /// Stops it where it is: connections stay and nothing answers.
    pub fn pause(&self) {
        self.process.iter().for_each(|process| process.freeze(true));
    }

    /// Lets it go on.
    pub fn resume(&self) {
        self.process.iter().for_each(|process| process.freeze(false));
    }

    fn end(&mut self, signal: Signal) {
        self.resume();
        self.process.take().expect("NATS runs").end(signal);
    }
}

const LOG: &str = "log";

fn serve(folder: &TempDir, port: u16, token: Option<&str>) -> Result<Process, NotStarted> {
    let Some(program) = program::find("nats-server", &["/usr/sbin"]) else {
        panic!("nats-server is not installed; {}", program::INSTALL);
    };
    let mut command = Command::new(program);
    command.args(["--addr", "127.0.0.1", "--port", &port.to_string()]);
    command.arg("--ports_file_dir").arg(folder.path());
    if let Some(token) = token {
        command.args(["--auth", token]);
    }
    // It writes this file when it accepts connections, and its own process ID tells it from others on the port.
    let ready = |pid| folder.path().join(format!("nats-server_{pid}.ports")).exists();
    Process::start(command, &folder.path().join(LOG), ready)
}
