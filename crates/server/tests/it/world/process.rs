//! The real binary as a process.

use std::fs::File;
use std::io::{BufRead, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use rustix::process::{Pid, Signal, kill_process};

/// A server that listens.
pub(crate) struct Process {
    child: Child,
    /// Where, as `127.0.0.1:port`.
    pub(crate) address: String,
}

/// How a process ended.
#[derive(Debug)]
pub(crate) struct Ended {
    /// Exit code 0.
    pub(crate) succeeded: bool,
    /// The exit code, unless a signal ended it.
    pub(crate) code: Option<i32>,
    /// What it wrote to standard output; empty for a server.
    pub(crate) said: String,
    /// What it wrote to standard error; empty for a server, whose log is in the world.
    pub(crate) complained: String,
}

impl Process {
    /// Starts a server and waits until it says where it listens. Its log is appended to `log`; `before` are the words
    /// before the command.
    pub(crate) fn serve(before: &[&str], config: &Path, data: &Path, log: &Path) -> Self {
        let stderr = File::options().create(true).append(true).open(log).unwrap();
        let mut words: Vec<&str> = before.to_vec();
        words.extend([env!("CARGO_BIN_EXE_wigwag"), "serve"]);
        let mut command = Command::new(words[0]);
        command.args(&words[1..]).arg("--config").arg(config).arg("--data").arg(data);
        command.stdout(Stdio::piped()).stderr(stderr).stdin(Stdio::null());
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let Some(address) =
            lines.find_map(|line| Some(line.split_once("://")?.1.split('/').next()?.to_owned()))
        else {
            child.wait().unwrap();
            panic!("no server: {}", std::fs::read_to_string(log).unwrap());
        };
        Self { child, address }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// SIGKILL.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// SIGINT.
    pub(crate) fn asks_to_stop(&self) {
        kill_process(Pid::from_child(&self.child), Signal::INT).unwrap();
    }

    /// SIGTERM, as service managers send it, and waits for the end.
    pub(crate) fn terminate(self) -> Ended {
        kill_process(Pid::from_child(&self.child), Signal::TERM).unwrap();
        self.ended()
    }

    /// SIGINT, and waits for the end.
    pub(crate) fn interrupt(self) -> Ended {
        self.asks_to_stop();
        self.ended()
    }

    /// Waits for the end.
    pub(crate) fn ended(mut self) -> Ended {
        let status = self.child.wait().unwrap();
        Ended {
            succeeded: status.success(),
            code: status.code(),
            said: String::new(),
            complained: String::new(),
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended already.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// Runs the command line tool to its end. A server that it starts does not wait for engines.
pub(crate) fn wigwag(words: &[&str]) -> Ended {
    wigwag_with(&[("WIGWAG_START_WAIT_S", "0")], words)
}

/// The same with these variables.
pub(crate) fn wigwag_with(variables: &[(&str, &str)], words: &[&str]) -> Ended {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wigwag"));
    command.args(words).envs(variables.iter().copied());
    ended(command)
}

/// The same, with this on its standard input.
pub(crate) fn wigwag_answered(variables: &[(&str, &str)], words: &[&str], answer: &str) -> Ended {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wigwag"));
    command.args(words).envs(variables.iter().copied());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(answer.as_bytes()).unwrap();
    read(child.wait_with_output().unwrap())
}

/// Runs the program of another version to its end.
pub(crate) fn run(program: &str, words: &[&str]) -> Ended {
    let mut command = Command::new(program);
    command.args(words);
    ended(command)
}

fn ended(mut command: Command) -> Ended {
    read(command.stdin(Stdio::null()).output().unwrap())
}

fn read(output: Output) -> Ended {
    Ended {
        succeeded: output.status.success(),
        code: output.status.code(),
        said: String::from_utf8(output.stdout).unwrap(),
        complained: String::from_utf8(output.stderr).unwrap(),
    }
}
