//! What both engines have in common: a process, its port and its data folder.
//!
//! An engine says how it is served; everything else about the life of its process is here.

use std::path::{Path, PathBuf};

use rustix::process::Signal;
use tempfile::TempDir;

use crate::port::on_a_free_port;
use crate::process::{self, NotStarted, Process};

/// What differs between the engines.
pub trait Engine {
    /// Its name in messages.
    const NAME: &'static str;

    /// The signal that ends it as a crash would. It must end the children of the process as well.
    const CRASH: Signal;

    /// Starts a process on `port` with its data in `folder` and its output in `log`, and waits until it accepts
    /// connections.
    fn serve(&self, folder: &Path, log: &Path, port: u16) -> Result<Process, NotStarted>;
}

/// An engine's server; killed when it is dropped.
pub struct Server<E: Engine> {
    engine: E,
    folder: TempDir,
    port: u16,
    process: Option<Process>,
}

impl<E: Engine> Server<E> {
    /// Starts the first process of `engine`, on a free port.
    pub(crate) fn started(engine: E, folder: TempDir) -> Self {
        let log = log_in(folder.path());
        let (port, process) = on_a_free_port(|port| engine.serve(folder.path(), &log, port));
        Self { engine, folder, port, process: Some(process) }
    }

    pub(crate) fn engine(&self) -> &E {
        &self.engine
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// The output of all processes so far.
    pub fn log(&self) -> String {
        process::read(&log_in(self.folder.path()))
    }

    /// The ID of the process; children descend from it.
    pub fn process_id(&self) -> u32 {
        self.process.as_ref().unwrap_or_else(|| panic!("{} does not run", E::NAME)).id()
    }

    /// Asks the process to shut down without waiting for its clients, and waits for its end.
    pub fn stop(&mut self) {
        self.end(Signal::INT);
    }

    /// Ends the process as a crash would, and waits for its end: nothing is finished, and the next start recovers.
    pub fn kill(&mut self) {
        self.end(E::CRASH);
    }

    /// Starts a process again, on the same port and the same data.
    pub fn start_again(&mut self) {
        assert!(self.process.is_none(), "{} runs already", E::NAME);
        let log = log_in(self.folder.path());
        let started = self.engine.serve(self.folder.path(), &log, self.port);
        self.process = Some(started.unwrap_or_else(|why| panic!("{why}")));
    }

    /// Freezes the process and its children: connections stay open, and nothing answers.
    pub fn pause(&self) {
        self.process.iter().for_each(|process| process.freeze(true));
    }

    /// Lets a frozen process go on.
    pub fn resume(&self) {
        self.process.iter().for_each(|process| process.freeze(false));
    }

    fn end(&mut self, signal: Signal) {
        self.resume();
        self.process.take().unwrap_or_else(|| panic!("{} does not run", E::NAME)).end(signal);
    }
}

impl<E: Engine> Drop for Server<E> {
    fn drop(&mut self) {
        // Killing a parent alone would leave its children behind for a while.
        if self.process.is_some() {
            self.kill();
        }
    }
}

/// A new data folder.
pub(crate) fn folder(prefix: &str) -> TempDir {
    tempfile::Builder::new().prefix(prefix).tempdir().expect("a folder can be made")
}

fn log_in(folder: &Path) -> PathBuf {
    folder.join("log")
}
