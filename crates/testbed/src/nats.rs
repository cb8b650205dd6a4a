//! A NATS server.

use std::path::Path;
use std::process::Command;

use rustix::process::Signal;

use crate::process::{NotStarted, Process};
use crate::program;
use crate::server::{Engine, Server, folder};

/// A NATS server without persistence.
pub type Nats = Server<NatsEngine>;

/// How a NATS server is run.
pub struct NatsEngine {
    /// The token that clients must present.
    token: Option<&'static str>,
}

impl Nats {
    /// Starts a server that lets everybody in, and waits until it accepts connections.
    pub fn start() -> Self {
        Self::started(NatsEngine { token: None }, folder("wigwag-nats-"))
    }

    /// Starts a server that lets in only clients with this token, and waits until it accepts connections.
    pub fn start_with_token(token: &'static str) -> Self {
        Self::started(NatsEngine { token: Some(token) }, folder("wigwag-nats-"))
    }

    /// `nats://127.0.0.1:PORT`
    pub fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port())
    }
}

impl Engine for NatsEngine {
    const NAME: &'static str = "NATS";
    const CRASH: Signal = Signal::KILL;

    fn serve(&self, folder: &Path, log: &Path, port: u16) -> Result<Process, NotStarted> {
        let Some(program) = program::find("nats-server", &["/usr/sbin"]) else {
            panic!("nats-server is not installed; {}", program::INSTALL);
        };
        let mut command = Command::new(program);
        command.args(["--addr", "127.0.0.1", "--port", &port.to_string()]);
        command.arg("--ports_file_dir").arg(folder);
        if let Some(token) = self.token {
            command.args(["--auth", token]);
        }
        // The server writes this file when it accepts connections; the process ID in the name tells it from other
        // servers that used the port.
        let ready = |pid| folder.join(format!("nats-server_{pid}.ports")).exists();
        Process::start(command, log, ready)
    }
}
