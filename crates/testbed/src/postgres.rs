//! A PostgreSQL server.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;

use rustix::process::Signal;

use crate::account::Account;
use crate::process::{NotStarted, Process};
use crate::program;
use crate::server::{Engine, Server, folder};

/// The oldest supported version.
const OLDEST: u32 = 15;

/// The folder in which Debian keeps one folder for each version.
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
/// byte order, as in most installations, so that a query that needs byte order has to ask for it.
pub type Postgres = Server<PostgresEngine>;

/// How a PostgreSQL server is run.
pub struct PostgresEngine {
    programs: PathBuf,
    account: Option<Account>,
    durability: Durability,
}

impl Postgres {
    /// Makes an empty data folder, starts the server on it, and waits until it accepts connections.
    pub fn start(durability: Durability) -> Self {
        let folder = folder("wigwag-postgres-");
        let engine = PostgresEngine { programs: programs(), account: Account::to_change_to(), durability };
        if let Some(account) = engine.account {
            account.takes(folder.path());
        }
        engine.make_data_folder(folder.path());
        Self::started(engine, folder)
    }

    /// `postgres://postgres@127.0.0.1:PORT/DATABASE`; there is always a database `postgres`.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port())
    }

    /// Makes an empty database.
    pub fn create_database(&self, name: &str) {
        self.sql("postgres", &format!("CREATE DATABASE \"{name}\""));
    }

    /// Executes a statement and returns its rows as text: one a line, `|` between columns.
    pub fn sql(&self, database: &str, statement: &str) -> String {
        let mut command = self.engine().program("psql");
        command.args(["--no-psqlrc", "--no-align", "--tuples-only", "--quiet", "--set=ON_ERROR_STOP=1"]);
        command.args(["--dbname", &self.url(database), "--command", statement]);
        run(command)
    }

    /// Executes the statements in a file, such as one that [`Postgres::dump`] gave.
    pub fn load(&self, database: &str, file: &Path) {
        let mut command = self.engine().program("psql");
        command.args(["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--dbname", &self.url(database)]);
        // Another user than this one may run it, so it gets the file and not its name.
        command.stdin(File::open(file).expect("the file can be opened"));
        run(command);
    }

    /// A database as statements that make it again.
    pub fn dump(&self, database: &str) -> String {
        let mut command = self.engine().program("pg_dump");
        command.args(["--inserts", "--no-owner", "--no-privileges", "--dbname", &self.url(database)]);
        let dump = run(command);
        // Newer versions frame it with commands that older ones do not know.
        let known = |line: &&str| !line.starts_with("\\restrict") && !line.starts_with("\\unrestrict");
        let lines = dump.lines().filter(known).filter(|line| !line.starts_with("--") && !line.is_empty());
        lines.collect::<Vec<_>>().join("\n") + "\n"
    }
}

impl Engine for PostgresEngine {
    const NAME: &'static str = "PostgreSQL";
    const CRASH: Signal = Signal::QUIT;

    fn serve(&self, folder: &Path, log: &Path, port: u16) -> Result<Process, NotStarted> {
        let data = data_in(folder);
        let mut command = self.program("postgres");
        command.arg("-D").arg(&data).args(["-p", &port.to_string()]);
        let mut settings = vec!["listen_addresses=127.0.0.1", "unix_socket_directories="];
        match self.durability {
            // Without max_wal_size the log of each server grows to a gigabyte, and several run at once.
            Durability::Fast => {
                settings.extend(["fsync=off", "full_page_writes=off", "max_wal_size=128MB"]);
            }
            Durability::Real => {}
        }
        for setting in settings {
            command.args(["-c", setting]);
        }
        Process::start(command, log, |pid| is_ready(&data, pid))
    }
}

impl PostgresEngine {
    fn make_data_folder(&self, folder: &Path) {
        let mut command = self.program("initdb");
        command.args(["--username=postgres", "--auth=trust", "--no-sync", "--no-instructions"]);
        command.args(["--encoding=UTF8", "--locale=C", "--locale-provider=icu", "--icu-locale=en"]);
        command.arg("--pgdata").arg(data_in(folder));
        run(command);
    }

    fn program(&self, name: &str) -> Command {
        let mut command = Command::new(self.programs.join(name));
        // Settings of the user who runs the tests must not reach them; messages are looked for in English.
        command.env_clear().env("LC_ALL", "C").current_dir("/");
        if let Some(account) = self.account {
            account.applies_to(&mut command);
        }
        command
    }
}

fn data_in(folder: &Path) -> PathBuf {
    folder.join("data")
}

/// Whether the process accepts connections: PostgreSQL writes its process ID into the first line of this file, and how
/// far it has come into the eighth.
fn is_ready(data: &Path, pid: u32) -> bool {
    let state = std::fs::read_to_string(data.join("postmaster.pid")).unwrap_or_default();
    let line = |number: usize| state.lines().nth(number - 1).map(str::trim);
    line(1) == Some(&pid.to_string()) && line(8) == Some("ready")
}

fn run(mut command: Command) -> String {
    let program = command.get_program().display().to_string();
    let done = command.output().unwrap_or_else(|why| panic!("{program} cannot be run: {why}"));
    assert!(done.status.success(), "{program} fails:\n{}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8_lossy(&done.stdout).trim_end().to_owned()
}

/// The folder with the server's programs: the one on PATH, or that of the newest version which Debian installed.
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

/// Whether the folder has all programs, in a supported version.
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
