//! The database's files as this process holds them: for itself alone, and known by their inodes, so that nothing is
//! acknowledged that went into a file which is not there any more.
//!
//! The lock is flock(2)'s. SQLite uses POSIX locks on ranges of bytes, and on a local file system the two kinds do not see each
//! other. POSIX locks of a process end when any of its descriptors of the file is closed, so: hold the file before SQLite opens it,
//! drop it after SQLite has closed it, and open it nowhere else in the process.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use super::OpenError;

/// For whom the files are: the server's user alone. SQLite gives the files beside the database the same mode.
const OWNER_ONLY: u32 = 0o600;

/// The database file, locked.
#[derive(Debug)]
pub(super) struct HeldFile {
    database: Held,
    /// The write-ahead log, once SQLite has made it.
    log: Option<Held>,
    _lock: File,
}

#[derive(Debug)]
struct Held {
    path: PathBuf,
    inode: Inode,
}

/// What tells a file from every other that exists at the time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Inode {
    device: u64,
    number: u64,
}

/// A file that SQLite writes to, and that is not at its path any more.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Displaced {
    /// There is none.
    Gone(PathBuf),
    /// There is another.
    Replaced(PathBuf),
}

impl std::fmt::Display for Displaced {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Gone(path) => {
                write!(f, "{} was deleted or moved, or its file system is gone", path.display())
            }
            Self::Replaced(path) => write!(f, "{} was replaced by another file", path.display()),
        }
    }
}

impl HeldFile {
    /// Locks the database file; makes an empty one for the server's user alone when there is none.
    pub(super) fn hold(path: &Path) -> Result<Self, OpenError> {
        let failed = |error: io::Error| OpenError::of_io(path, &error);
        let mut options = OpenOptions::new();
        let file = options.read(true).write(true).create(true).truncate(false).mode(OWNER_ONLY);
        let file = file.open(path).map_err(failed)?;
        file.try_lock().map_err(|error| match error {
            std::fs::TryLockError::WouldBlock => OpenError::InUse(path.to_owned()),
            std::fs::TryLockError::Error(error) => failed(error),
        })?;
        let inode = Inode::of(&file.metadata().map_err(failed)?);
        Ok(Self { database: Held { path: path.to_owned(), inode }, log: None, _lock: file })
    }

    /// From now on the write-ahead log is watched as well. SQLite keeps one file for as long as a connection is open.
    pub(super) fn watch_log(&mut self) {
        let mut path = self.database.path.clone().into_os_string();
        path.push("-wal");
        let path = PathBuf::from(path);
        self.log = std::fs::metadata(&path).ok().map(|found| Held { path, inode: Inode::of(&found) });
    }

    /// Whether the files are still where they were opened. Call it after a commit and before anybody is told of it.
    pub(super) fn check(&self) -> Result<(), Displaced> {
        self.database.check()?;
        self.log.as_ref().map_or(Ok(()), Held::check)
    }
}

impl Held {
    fn check(&self) -> Result<(), Displaced> {
        match std::fs::metadata(&self.path) {
            Ok(found) if Inode::of(&found) == self.inode => Ok(()),
            Ok(_) => Err(Displaced::Replaced(self.path.clone())),
            Err(error) if [ErrorKind::NotFound, ErrorKind::NotADirectory].contains(&error.kind()) => {
                Err(Displaced::Gone(self.path.clone()))
            }
            // It cannot be seen at the moment; a disk that fails is told by what is read and written.
            Err(_) => Ok(()),
        }
    }
}

impl Inode {
    fn of(metadata: &std::fs::Metadata) -> Self {
        Self { device: metadata.dev(), number: metadata.ino() }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use rusqlite::Connection;

    use super::*;

    #[test]
    fn a_file_that_is_deleted_or_replaced_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("w.db");
        let held = HeldFile::hold(&path).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, OWNER_ONLY);
        assert_eq!(held.check(), Ok(()));
        std::fs::rename(&path, folder.path().join("aside")).unwrap();
        assert_eq!(held.check(), Err(Displaced::Gone(path.clone())));
        std::fs::copy(folder.path().join("aside"), &path).unwrap();
        assert_eq!(held.check(), Err(Displaced::Replaced(path)));
    }

    #[test]
    fn the_log_alone_is_noticed_too() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("w.db");
        let mut held = HeldFile::hold(&path).unwrap();
        let connection = Connection::open(&path).unwrap();
        connection.execute_batch("PRAGMA journal_mode = WAL; CREATE TABLE t (a)").unwrap();
        held.watch_log();
        assert_eq!(held.check(), Ok(()));
        let log = folder.path().join("w.db-wal");
        assert_eq!(std::fs::metadata(&log).unwrap().permissions().mode() & 0o777, OWNER_ONLY);
        std::fs::remove_file(&log).unwrap();
        assert_eq!(held.check(), Err(Displaced::Gone(log)));
    }

    #[test]
    fn the_lock_and_sqlites_own_locks_do_not_meet() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("w.db");
        let held = HeldFile::hold(&path).unwrap();
        assert!(matches!(HeldFile::hold(&path), Err(OpenError::InUse(_))), "one holds it");
        let connection = Connection::open(&path).unwrap();
        connection
            .execute_batch("PRAGMA journal_mode = WAL; CREATE TABLE t (a); INSERT INTO t VALUES (1)")
            .unwrap();
        drop(connection);
        drop(held);
        assert!(HeldFile::hold(&path).is_ok(), "it ends with the process or the store");
    }
}
