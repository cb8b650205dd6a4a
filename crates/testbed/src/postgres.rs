//! A PostgreSQL server.

use std::path::{Path, PathBuf};
use std::process::Command;

use rustix::process::Signal;
use tempfile::TempDir;

use crate::account::Account;
use crate::port::on_a_free_port;
use crate::process::{self, NotStarted, Process};
use crate::program;

/// Oldest version that is supported.
const OLDEST: u32 = 15;

/// Where Debian keeps one folder for each version.
const DEBIAN: &str = "/usr/lib/postgresql";

/// What a commit waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// Nothing is forced to the disk: for tests of what is stored. Survives [`Postgres::kill`], not a power cut.
    Fast,
    /// PostgreSQL's own defaults: for fault tests and measurements.
    Real,
}

/// A PostgreSQL server whose only user is `postgres`, without password. Its default collation is a language's and not
/// byte order, as in most installations, so that who needs byte order has to ask for it.
pub struct Postgres {
    programs: PathBuf,
    account: Option<Account>,
    folder: TempDir,
    durability: Durability,
    port: u16,
    process: Option<Process>,
}

impl Postgres {
    /// Makes an empty data folder, starts the server on it, and waits until it accepts connections.
    pub fn start(durability: Durability) -> Self {
        let folder =
            tempfile::Builder::new().prefix("wigwag-postgres-").tempdir().expect("a folder can be made");
        let account = Account::to_change_to();
        if let Some(account) = account {
            account.takes(folder.path());
        }
        let mut server = Self { programs: programs(), account, folder, durability, port: 0, process: None };
        server.make_data_folder();
        let (port, process) = on_a_free_port(|port| server.serve(port));
        server.port = port;
        server.process = Some(process);
        server
    }

    /// `postgres://postgres@127.0.0.1:PORT/DATABASE`; there is always a database `postgres`.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }

    /// Makes an empty database.
    pub fn create_database(&self, name: &str) {
        self.sql("postgres", &format!("CREATE DATABASE \"{name}\""));
    }

    /// Executes a statement and returns its rows as text: one a line, `|` between columns.
    pub fn sql(&self, database: &str, statement: &str) -> String {
        let mut command = self.program("psql");
        command.args(["--no-psqlrc", "--no-align", "--tuples-only", "--quiet", "--set=ON_ERROR_STOP=1"]);
        command.args(["--dbname", &self.url(database), "--command", statement]);
        run(command)
    }

    /// What it has logged so far.
    pub fn log(&self) -> String {
        process::read(&self.log_path())
    }

    /// The process all its others descend from.
    pub fn process_id(&self) -> u32 {
        self.process.as_ref().expect("PostgreSQL runs").id()
    }

    /// Shuts it down in order, without waiting for its clients.
    pub fn stop(&mut self) {
        self.end(Signal::INT);
    }

    /// Ends it as a crash would: nothing is finished, the next start recovers from the log.
    pub fn kill(&mut self) {
        self.end(Signal::QUIT);
    }

    /// Starts it on the port and the data it had.
    pub fn start_again(&mut self) {
        assert!(self.process.is_none(), "PostgreSQL runs already");
        self.process = Some(self.serve(self.port).unwrap_or_else(|why| panic!("{why}")));
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
        self.process.take().expect("PostgreSQL runs").end(signal);
    }

    fn make_data_folder(&self) {
        let mut command = self.program("initdb");
        command.args(["--username=postgres", "--auth=trust", "--no-sync", "--no-instructions"]);
        command.args(["--encoding=UTF8", "--locale=C", "--locale-provider=icu", "--icu-locale=en"]);
        command.arg("--pgdata").arg(self.data());
        run(command);
    }

    fn serve(&self, port: u16) -> Result<Process, NotStarted> {
        let mut command = self.program("postgres");
        command.arg("-D").arg(self.data()).args(["-p", &port.to_string()]);
        let mut settings = vec!["listen_addresses=127.0.0.1", "unix_socket_directories="];
        match self.durability {
            Durability::Fast => settings.extend(["fsync=off", "full_page_writes=off"]),
            Durability::Real => {}
        }
        for setting in settings {
            command.args(["-c", setting]);
        }
        Process::start(command, &self.log_path(), |pid| self.is_ready(pid))
    }

    /// PostgreSQL says in this file which process serves the folder, and in its eighth line how far it has come.
    fn is_ready(&self, pid: u32) -> bool {
        let state = std::fs::read_to_string(self.data().join("postmaster.pid")).unwrap_or_default();
        let line = |number: usize| state.lines().nth(number - 1).map(str::trim);
        line(1) == Some(&pid.to_string()) && line(8) == Some("ready")
    }

    fn program(&self, name: &str) -> Command {
        let mut command = Command::new(self.programs.join(name));
        // Settings of whoever runs the tests are not the tests'; messages are looked for in English.
        command.env_clear().env("LC_ALL", "C").current_dir("/");
        if let Some(account) = self.account {
            account.applies_to(&mut command);
        }
        command
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn log_path(&self) -> PathBuf {
        self.folder.path().join("log")
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // Killing the parent alone would leave its children behind for a while.
        if self.process.is_some() {
            self.kill();
        }
    }
}

fn run(mut command: Command) -> String {
    let program = command.get_program().display().to_string();
    let done = command.output().unwrap_or_else(|why| panic!("{program} cannot be run: {why}"));
    assert!(done.status.success(), "{program} fails:\n{}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8_lossy(&done.stdout).trim_end().to_owned()
}

/// The folder with the server's programs: the one PATH leads to, or the newest of Debian's.
fn programs() -> PathBuf {
    let on_path = program::folders(&[])
        .into_iter()
        .filter_map(|folder| folder.join("postgres").canonicalize().ok()?.parent().map(Path::to_path_buf));
    let mut of_debian: Vec<(u32, PathBuf)> = std::fs::read_dir(DEBIAN)
        .into_iter()
        .flatten()
        .filter_map(Result::ok)
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .collect();
    of_debian.sort_unstable();
    let candidates = on_path.chain(of_debian.into_iter().rev().map(|(_, folder)| folder));
    match candidates.into_iter().find(|folder| serves(folder)) {
        Some(folder) => folder,
        None => panic!("PostgreSQL {OLDEST} or newer is not installed; {}", program::INSTALL),
    }
}

/// Whether everything is there, new enough.
fn serves(folder: &Path) -> bool {
    let complete = ["initdb", "postgres", "psql"].iter().all(|name| folder.join(name).is_file());
    complete
        && Command::new(folder.join("postgres")).arg("--version").output().is_ok_and(|told| {
            version(&String::from_utf8_lossy(&told.stdout)).is_some_and(|version| version >= OLDEST)
        })
}

/// From `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`.
fn version(told: &str) -> Option<u32> {
    let number = told.split_once("(PostgreSQL) ")?.1;
    let digits = number.split(|letter: char| !letter.is_ascii_digit()).next()?;
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_in_all_their_forms() {
        assert_eq!(version("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n"), Some(15));
        assert_eq!(version("postgres (PostgreSQL) 18beta1\n"), Some(18));
        assert_eq!(version("postgres (Other) 1"), None);
    }
}
