//! Where a device keeps how far it has read its stream.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Keeps one number across restarts: the cursor of one user on one device.
///
/// Both functions are called from the client's task; [`CursorStore::save`] at most once a second and when the client stops.
pub trait CursorStore: Send + Sync + 'static {
    /// The stored cursor; `None` when there is none yet, and the stream then starts at its head.
    fn load(&self) -> io::Result<Option<u64>>;
    /// Stores the cursor. Everything up to it has been taken over by the app.
    fn save(&self, cursor: u64) -> io::Result<()>;
}

/// A cursor in a file of its own, replaced atomically.
#[derive(Debug, Clone)]
pub struct FileCursor {
    path: PathBuf,
}

impl FileCursor {
    /// A file that need not exist yet; its folder must.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    fn beside(&self) -> PathBuf {
        let mut name = self.path.as_os_str().to_owned();
        name.push(".new");
        name.into()
    }
}

impl CursorStore for FileCursor {
    fn load(&self) -> io::Result<Option<u64>> {
        match fs::read_to_string(&self.path) {
            Ok(text) => text.trim().parse().map(Some).map_err(|_| damaged(&self.path)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(named(&self.path, &error)),
        }
    }

    fn save(&self, cursor: u64) -> io::Result<()> {
        let beside = self.beside();
        replace(&beside, &self.path, cursor).map_err(|error| named(&self.path, &error))
    }
}

/// Synced before the rename, or a power cut could leave an empty file where a cursor was.
fn replace(beside: &Path, path: &Path, cursor: u64) -> io::Result<()> {
    let mut file = File::create(beside)?;
    writeln!(file, "{cursor}")?;
    file.sync_all()?;
    fs::rename(beside, path)
}

fn named(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}

fn damaged(path: &Path) -> io::Error {
    let words = format!("{} holds no cursor; delete it to start at the head of the stream", path.display());
    io::Error::new(io::ErrorKind::InvalidData, words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_cursor_is_kept_and_damage_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let store = FileCursor::new(folder.path().join("cursor"));
        assert_eq!(store.load().unwrap(), None);
        store.save(7).unwrap();
        store.save(8).unwrap();
        assert_eq!(store.load().unwrap(), Some(8));
        fs::write(folder.path().join("cursor"), "seven").unwrap();
        assert!(store.load().unwrap_err().to_string().contains("delete it"));
        assert!(FileCursor::new(folder.path().join("no/such/folder")).save(1).is_err());
    }
}
