//! How far a device has read a stream, and where it keeps that.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use wigwag_protocol::UserId;

/// How far a user's stream has been read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StreamPlace {
    /// Whose stream. When somebody else signs in, the place is dropped and the stream starts at its head.
    ///
    /// `None` only in what was stored before owners were: such a place is taken to be of whoever signs in, as it was then. A
    /// client saves none without an owner.
    #[serde(default, rename = "userID", skip_serializing_if = "Option::is_none")]
    pub user_id: Option<UserId>,
    /// The last cursor taken over.
    pub cursor: u64,
}

/// Keeps across restarts how far one device has read.
///
/// Both functions are called from the client's task; [`CursorStore::save`] at most once a second and when the client stops.
pub trait CursorStore: Send + Sync + 'static {
    /// The stored place; `None` when there is none yet, and the stream then starts at its head.
    fn load(&self) -> io::Result<Option<StreamPlace>>;
    /// Stores the place. Everything up to it has been taken over by the app.
    fn save(&self, place: &StreamPlace) -> io::Result<()>;
}

/// A place in a file of its own, replaced atomically: a line of JSON such as `{"userID":"alice","cursor":7}`. A file of an
/// earlier version holds the bare cursor, `7`; it is still read, without an owner.
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
    fn load(&self) -> io::Result<Option<StreamPlace>> {
        match fs::read_to_string(&self.path) {
            Ok(text) => read(&text).map(Some).ok_or_else(|| damaged(&self.path)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(named(&self.path, &error)),
        }
    }

    fn save(&self, place: &StreamPlace) -> io::Result<()> {
        let beside = self.beside();
        replace(&beside, &self.path, place).map_err(|error| named(&self.path, &error))
    }
}

fn read(text: &str) -> Option<StreamPlace> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Stored {
        Owned(StreamPlace),
        Bare(u64),
    }
    match serde_json::from_str(text).ok()? {
        Stored::Owned(place) => Some(place),
        Stored::Bare(cursor) => Some(StreamPlace { user_id: None, cursor }),
    }
}

/// Synced before the rename, or a power cut could leave an empty file where a cursor was.
fn replace(beside: &Path, path: &Path, place: &StreamPlace) -> io::Result<()> {
    let mut file = File::create(beside)?;
    writeln!(file, "{}", serde_json::to_string(place)?)?;
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

    fn place(user: Option<&str>, cursor: u64) -> StreamPlace {
        StreamPlace { user_id: user.map(|user| UserId::parse(user).unwrap()), cursor }
    }

    #[test]
    fn a_file_keeps_whose_stream_it_is_and_damage_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let store = FileCursor::new(folder.path().join("cursor"));
        assert_eq!(store.load().unwrap(), None);
        store.save(&place(Some("alice"), 7)).unwrap();
        store.save(&place(Some("alice"), 8)).unwrap();
        assert_eq!(store.load().unwrap(), Some(place(Some("alice"), 8)));
        fs::write(folder.path().join("cursor"), "seven").unwrap();
        assert!(store.load().unwrap_err().to_string().contains("delete it"));
        assert!(FileCursor::new(folder.path().join("no/such/folder")).save(&place(None, 1)).is_err());
    }

    #[test]
    fn a_file_of_an_earlier_version_is_read_without_an_owner() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("cursor"), "7\n").unwrap();
        let store = FileCursor::new(folder.path().join("cursor"));
        assert_eq!(store.load().unwrap(), Some(place(None, 7)));
    }
}
