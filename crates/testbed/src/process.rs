//! The process of an engine.

use std::fmt;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process, waitid};

/// A start takes half a second; the limit allows for a machine that is busy with other tests.
const LONGEST_START: Duration = Duration::from_mins(1);

/// PostgreSQL gives its children five seconds before it kills them.
const LONGEST_END: Duration = Duration::from_secs(20);

const POLL: Duration = Duration::from_millis(10);

/// A running engine; killed when dropped.
#[derive(Debug)]
pub struct Process {
    child: Child,
}

/// An engine did not start: what it wrote.
#[derive(Debug)]
pub struct NotStarted {
    program: String,
    log: String,
}

impl NotStarted {
    pub(crate) fn port_was_taken(&self) -> bool {
        self.log.to_lowercase().contains("address already in use")
    }
}

impl fmt::Display for NotStarted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} does not start:\n{}", self.program, self.log)
    }
}

impl Process {
    /// Starts `command` with its output appended to `log`, and waits until `ready` is true of its process ID.
    pub(crate) fn start(
        mut command: Command,
        log: &Path,
        ready: impl Fn(u32) -> bool,
    ) -> Result<Self, NotStarted> {
        let program = command.get_program().display().to_string();
        let file = File::options().create(true).append(true).open(log).expect("the log can be opened");
        let written_before = usize::try_from(file.metadata().map_or(0, |file| file.len())).unwrap_or(0);
        let errors = file.try_clone().expect("the log can be opened twice");
        command.stdin(Stdio::null()).stdout(file).stderr(errors);
        let child = command.spawn().unwrap_or_else(|why| panic!("{program} cannot be run: {why}"));
        let mut process = Self { child };
        let until = Instant::now() + LONGEST_START;
        while process.runs() && Instant::now() < until {
            if ready(process.child.id()) {
                return Ok(process);
            }
            std::thread::sleep(POLL);
        }
        let log = read(log);
        Err(NotStarted { program, log: log.get(written_before..).unwrap_or_default().to_owned() })
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends `signal` and waits for the end; kills a process that does not end.
    pub(crate) fn end(mut self, signal: Signal) {
        self.signal(signal);
        let until = Instant::now() + LONGEST_END;
        while self.runs() && Instant::now() < until {
            std::thread::sleep(POLL);
        }
    }

    /// Stops the process and its children where they are, or lets them go on.
    pub(crate) fn freeze(&self, frozen: bool) {
        let signal = if frozen { Signal::STOP } else { Signal::CONT };
        // The parent first: once it is stopped, it makes no more children.
        self.signal(signal);
        if frozen {
            self.has_stopped();
        }
        for child in children(self.child.id()) {
            // One may have ended since.
            kill_process(child, signal).unwrap_or_default();
        }
    }

    /// A signal is taken some time after it is sent, and until then the process answers.
    fn has_stopped(&self) {
        let id = WaitId::Pid(Pid::from_child(&self.child));
        let stopped_or_gone = WaitIdOptions::STOPPED | WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
        waitid(id, stopped_or_gone).unwrap_or_default();
    }

    fn signal(&self, signal: Signal) {
        // The process may have ended by itself; a caller that waits for it notices at once.
        kill_process(Pid::from_child(&self.child), signal).unwrap_or_default();
    }

    fn runs(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended already.
        self.child.kill().unwrap_or_default();
        self.child.wait().map(drop).unwrap_or_default();
    }
}

/// The content of a log, or nothing where there is none.
pub(crate) fn read(log: &Path) -> String {
    std::fs::read(log).map(|text| String::from_utf8_lossy(&text).into_owned()).unwrap_or_default()
}

fn children(parent: u32) -> Vec<Pid> {
    let list = PathBuf::from(format!("/proc/{parent}/task/{parent}/children"));
    let list = std::fs::read_to_string(list).unwrap_or_default();
    list.split_whitespace().filter_map(|number| Pid::from_raw(number.parse().ok()?)).collect()
}
