//! A measured process, relay or node: started, found by the address it prints, and stopped by its number whatever
//! happens.

use std::fs::OpenOptions;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use rustix::process::{Pid, Signal, kill_process};

use crate::home::Home;
use crate::{procfs, stop};

/// A restart with a million open invitations reads them all first.
const LONGEST_START: Duration = Duration::from_mins(2);

/// A server that has not drained by then is killed.
const LONGEST_STOP: Duration = Duration::from_secs(20);

const POLL: Duration = Duration::from_millis(20);

/// A running process; stopped when dropped.
pub(crate) struct Process {
    child: Child,
    address: SocketAddr,
}

impl Process {
    /// The relay: this program again, with its hidden subcommand.
    pub(crate) fn relay(home: &Home) -> Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("relay");
        Self::start(command, home)
    }

    /// The server on this home.
    pub(crate) fn server(binary: &Path, home: &Home) -> Result<Self> {
        let mut command = Command::new(binary);
        command.arg("serve").arg("--config").arg(home.config());
        Self::start(command, home)
    }

    fn start(mut command: Command, home: &Home) -> Result<Self> {
        let log = OpenOptions::new().create(true).append(true).open(home.log())?;
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log);
        let mut child =
            command.spawn().with_context(|| format!("cannot start {}", command.get_program().display()))?;
        let lines = child.stdout.take().map(read_lines).context("the process has no output")?;
        // From here on the guard stops it.
        let mut process = Self { child, address: SocketAddr::from(([127, 0, 0, 1], 0)) };
        process.address = wait_for_address(&lines, home)?;
        Ok(process)
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// CPU time up to now.
    pub(crate) fn cpu(&self) -> Result<procfs::Cpu> {
        procfs::cpu(self.child.id())
    }

    /// Resident memory, bytes.
    pub(crate) fn rss(&self) -> Result<u64> {
        procfs::rss(self.child.id())
    }

    /// Asks it to stop and waits; an error when it has to be killed or died before.
    pub(crate) fn stop(mut self) -> Result<()> {
        if let Some(status) = self.child.try_wait()? {
            bail!("the process died during the run: {status}");
        }
        ensure!(self.terminate(), "the process did not stop within {LONGEST_STOP:?} and was killed");
        Ok(())
    }

    fn terminate(&mut self) -> bool {
        if let Some(pid) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw) {
            // It may be gone already; then the wait below sees it at once.
            kill_process(pid, Signal::TERM).unwrap_or_default();
        }
        let until = Instant::now() + LONGEST_STOP;
        while Instant::now() < until {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return true;
            }
            thread::sleep(POLL);
        }
        false
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) && !self.terminate() {
            drop(self.child.kill());
            drop(self.child.wait());
        }
    }
}

/// The server's binary: as given, or next to this program.
pub(crate) fn server_binary(given: Option<PathBuf>) -> Result<PathBuf> {
    let binary = match given {
        Some(binary) => binary,
        None => std::env::current_exe()?.with_file_name("wigwag"),
    };
    ensure!(
        binary.is_file(),
        "there is no server at {}: build it with `cargo build --release -p wigwag-server`, or say where with --server-bin",
        binary.display()
    );
    Ok(binary)
}

/// Reads to the end, so that the process never waits for us; lines nobody asks for any more are dropped.
fn read_lines(output: ChildStdout) -> Receiver<String> {
    let (sender, receiver) = sync_channel(64);
    thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            drop(sender.try_send(line));
        }
    });
    receiver
}

fn wait_for_address(lines: &Receiver<String>, home: &Home) -> Result<SocketAddr> {
    let until = Instant::now() + LONGEST_START;
    while Instant::now() < until {
        stop::check()?;
        match lines.recv_timeout(POLL) {
            Ok(line) => {
                if let Some(address) = parse_address(&line) {
                    return Ok(address);
                }
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => {
                bail!("it ended before it printed its address: {}", tail(home))
            }
        }
    }
    bail!("it printed no address within {LONGEST_START:?}: {}", tail(home))
}

/// The address in a line that contains `ws://HOST:PORT/v1/ws`.
fn parse_address(line: &str) -> Option<SocketAddr> {
    let (_, rest) = line.split_once("ws://")?;
    rest.split_once("/v1/ws")?.0.parse().ok()
}

fn tail(home: &Home) -> String {
    let log = std::fs::read_to_string(home.log()).unwrap_or_default();
    let lines: Vec<&str> = log.lines().collect();
    lines[lines.len().saturating_sub(10)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_found_in_a_sentence() {
        let line = "Listening on ws://127.0.0.1:41233/v1/ws, data in /tmp/x";
        assert_eq!(parse_address(line), Some(([127, 0, 0, 1], 41_233).into()));
        assert_eq!(parse_address("Data in /v1/ws"), None);
    }
}
