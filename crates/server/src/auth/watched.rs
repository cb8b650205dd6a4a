//! A file that is read again when it changes.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::SystemTime;

/// Between two looks at a file, ms; each costs one stat.
const LOOK_EVERY_MS: u64 = 1000;

/// What tells one version of a file from another; absent when there is no file.
type Stamp = Option<(SystemTime, u64)>;

type Parse<T> = fn(&Path) -> Result<T, String>;

/// The parsed content of a file, at most a second old. What cannot be read or parsed leaves the last good content.
#[derive(Debug)]
pub(super) struct Watched<T> {
    path: PathBuf,
    parse: Parse<T>,
    content: RwLock<Arc<T>>,
    seen: Mutex<Stamp>,
    look_at_ms: AtomicU64,
}

impl<T> Watched<T> {
    /// Reads the file. `parse` also decides what a missing file means.
    pub(super) fn new(path: PathBuf, parse: Parse<T>) -> Result<Self, String> {
        // The stamp is taken before the content, so that a change in between is seen as one.
        let seen = Mutex::new(stamp(&path));
        let content = RwLock::new(Arc::new(parse(&path)?));
        Ok(Self { path, parse, content, seen, look_at_ms: AtomicU64::new(0) })
    }

    pub(super) fn current(&self, now_ms: u64) -> Arc<T> {
        if self.is_my_turn_to_look(now_ms) {
            self.look();
        }
        self.content.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// True for one caller per [`LOOK_EVERY_MS`].
    fn is_my_turn_to_look(&self, now_ms: u64) -> bool {
        let due = self.look_at_ms.load(Ordering::Relaxed);
        let next = now_ms.saturating_add(LOOK_EVERY_MS);
        now_ms >= due
            && self.look_at_ms.compare_exchange(due, next, Ordering::Relaxed, Ordering::Relaxed).is_ok()
    }

    fn look(&self) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let now = stamp(&self.path);
        if *seen == now {
            return;
        }
        *seen = now;
        match (self.parse)(&self.path) {
            Ok(content) => *self.content.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(content),
            Err(error) => {
                tracing::error!(%error, "a changed file cannot be used; what it said before still counts");
            }
        }
    }
}

fn stamp(path: &Path) -> Stamp {
    let metadata = std::fs::metadata(path).ok()?;
    Some((metadata.modified().ok()?, metadata.len()))
}
