//! A file that is read again when it changes.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use parking_lot::{Mutex, RwLock};

/// What tells one version of a file from another; absent when there is no file.
type Stamp = Option<(SystemTime, u64)>;

type Parse<T> = fn(&Path) -> Result<T, String>;

/// The parsed content of a file, as new as the last [`Watched::refresh`]. What cannot be read or parsed leaves the last good
/// content.
#[derive(Debug)]
pub(super) struct Watched<T> {
    path: PathBuf,
    parse: Parse<T>,
    content: RwLock<Arc<T>>,
    seen: Mutex<Stamp>,
}

impl<T> Watched<T> {
    /// Reads the file. `parse` also decides what a missing file means.
    pub(super) fn new(path: PathBuf, parse: Parse<T>) -> Result<Self, String> {
        // The stamp is taken before the content, so that a change in between is seen as one.
        let seen = Mutex::new(stamp(&path));
        let content = RwLock::new(Arc::new(parse(&path)?));
        Ok(Self { path, parse, content, seen })
    }

    pub(super) fn current(&self) -> Arc<T> {
        self.content.read().clone()
    }

    /// Reads the file again if it has changed; costs one stat otherwise. Returns the content from before if there is a new one.
    pub(super) fn refresh(&self) -> Option<Arc<T>> {
        let mut seen = self.seen.lock();
        let now = stamp(&self.path);
        if *seen == now {
            return None;
        }
        *seen = now;
        match (self.parse)(&self.path) {
            Ok(content) => Some(std::mem::replace(&mut *self.content.write(), Arc::new(content))),
            Err(error) => {
                tracing::error!(%error, "a changed file cannot be used; what it said before still counts");
                None
            }
        }
    }
}

fn stamp(path: &Path) -> Stamp {
    let metadata = std::fs::metadata(path).ok()?;
    Some((metadata.modified().ok()?, metadata.len()))
}
