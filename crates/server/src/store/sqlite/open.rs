//! Opening a database: checks, migrations, recovery of the tail, threads.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::time::Duration;

use parking_lot::{Mutex, RwLock};
use rusqlite::{Connection, ErrorCode, OpenFlags};
use tokio::sync::{Semaphore, mpsc};

use super::held_file::HeldFile;
use super::open_index::{Awaited, OpenIndex, OpenRows, PendingRow};
use super::places::Places;
use super::rows::{NamedRows, RowNumbers};
use super::running_calls::RunningCalls;
use super::tail::{Tail, TailEntry, Tails};
use super::writer::{MERGE_LINES, Writer};
use super::{READERS, ReadingConnections, SharedMemory, SqliteStore, lists, merge, query, schema};
use crate::clock::Clock;
use crate::rates::kept::GroupPaces;
use crate::store::batching::{BATCHES, QUEUE};
use crate::store::outcomes::{LastCommits, Outcomes};
use crate::store::{Committed, OnlineUsers, StoreError, WriterSettings, bad_record};
use crate::telemetry::{Metrics, Throttle};

/// How often the write-ahead log is copied into the database. Copying slows commits down, and a page that was written many
/// times since is copied only once.
const CHECKPOINT_EVERY: Duration = Duration::from_secs(1);

/// Why a database cannot be used; each says what to do.
#[derive(Debug)]
pub enum OpenError {
    /// There is none.
    Missing(PathBuf),
    /// The folder or file cannot be written.
    ReadOnly(PathBuf, String),
    /// Not a database, or a damaged one.
    Damaged(PathBuf, String),
    /// The disk or the file system cannot be read or written.
    Disk(PathBuf, String),
    /// The disk has no room.
    Full(PathBuf),
    /// Written by a newer program.
    Newer {
        /// Its path.
        path: PathBuf,
        /// The schema of the database.
        found: usize,
        /// The newest schema that this program knows.
        known: usize,
    },
    /// Written by an older program, where nothing may be changed.
    Older {
        /// Its path.
        path: PathBuf,
        /// The schema of the database.
        found: usize,
        /// The newest schema that this program knows.
        known: usize,
    },
    /// Another process has it open.
    InUse(PathBuf),
    /// Another failure, in words for the log.
    Other(PathBuf, String),
}

impl std::fmt::Display for OpenError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Missing(path) => write!(
                f,
                "there is no database at {}. Name the server's data folder with --data, or its configuration with --config",
                path.display()
            ),
            Self::ReadOnly(path, why) => write!(
                f,
                "cannot write to {}: {why}. Give the server's user write access to this folder, or choose another with --data",
                path.display()
            ),
            Self::Damaged(path, why) => write!(
                f,
                "{} is not a sound database: {why}. Move it away and restore a backup, or salvage it with `sqlite3 {} .recover`",
                path.display(),
                path.display()
            ),
            Self::Disk(path, why) => write!(
                f,
                "cannot read or write {}: {why}. The disk or its file system fails: see what the kernel says (dmesg). The database itself may be sound",
                path.display()
            ),
            Self::Full(path) => write!(
                f,
                "there is no room on the disk of {}. Make room, and start again; nothing is lost",
                path.display()
            ),
            Self::Newer { path, found, known } => write!(
                f,
                "{} was written by a newer wigwag (schema {found}; this one knows {known}). Run that version, or restore a backup made before the upgrade",
                path.display()
            ),
            Self::Older { path, found, known } => write!(
                f,
                "{} is of schema {found}, and this wigwag reads {known}. Bring it there with \"wigwag migrate\", or use the version that wrote it",
                path.display()
            ),
            Self::InUse(path) => write!(
                f,
                "{} is in use by another process. Stop the other server, or choose another folder with --data",
                path.display()
            ),
            Self::Other(path, why) => write!(f, "cannot open {}: {why}", path.display()),
        }
    }
}

impl std::error::Error for OpenError {}

impl OpenError {
    /// What went wrong with a file before SQLite saw it.
    pub(super) fn of_io(path: &Path, error: &std::io::Error) -> Self {
        use std::io::ErrorKind;
        let (path, why) = (path.to_owned(), error.to_string());
        let denied = [ErrorKind::PermissionDenied, ErrorKind::ReadOnlyFilesystem, ErrorKind::NotFound];
        if error.kind() == ErrorKind::StorageFull {
            Self::Full(path)
        } else if denied.contains(&error.kind()) {
            Self::ReadOnly(path, why)
        } else {
            Self::Disk(path, why)
        }
    }

    /// What went wrong when a store that was opened was read for the first time.
    pub(super) fn of_store(path: &Path, error: StoreError) -> Self {
        let path = path.to_owned();
        match error {
            StoreError::Full => Self::Full(path),
            StoreError::Disk(why) => Self::Disk(path, why),
            error @ (StoreError::Unreadable(_)
            | StoreError::BrokenStream { .. }
            | StoreError::Unavailable(_)) => Self::Damaged(path, error.to_string()),
        }
    }
}

/// An open store and its results.
pub struct Opened {
    /// The store itself.
    pub store: SqliteStore,
    /// The requests that were committed or refused, in order.
    pub committed: mpsc::Receiver<Vec<Committed>>,
}

/// The parts of the server that the store works with.
pub struct StoreParts {
    /// How the writer gathers commands.
    pub settings: WriterSettings,
    /// Tells which users are online.
    pub presence: Arc<dyn OnlineUsers>,
    /// The counters of the store.
    pub metrics: Arc<Metrics>,
}

/// Brings a database to this program's schema. Returns the schema before and after.
pub fn migrate(path: &Path) -> Result<(usize, usize), OpenError> {
    let _file = HeldFile::hold(path)?;
    migrate_held(path)
}

pub(super) fn migrate_held(path: &Path) -> Result<(usize, usize), OpenError> {
    let mut connection = connect(path)?;
    let before = checked_version(path, &connection)?;
    schema::migrate(&mut connection).map_err(|error| OpenError::Other(path.to_owned(), error.to_string()))?;
    Ok((before, schema::newest()))
}

/// Opens or creates the database, and starts its threads. `clock` is given the newest time found in the database, so
/// that time does not go back over a restart.
pub fn open(
    path: &Path,
    parts: StoreParts,
    clock: impl FnOnce(u64) -> Clock,
) -> Result<(Opened, Clock), OpenError> {
    let mut file = HeldFile::hold(path)?;
    migrate_held(path)?;
    let connection = connect(path)?;
    let failed = |error: StoreError| OpenError::of_store(path, error);
    let shared = Arc::new(recover(&connection, &parts.metrics).map_err(failed)?);
    let clock = clock(newest_time(&connection).map_err(|error| failed(error.into()))?);
    let rows = RowNumbers::of(&connection).map_err(|error| failed(error.into()))?;
    file.watch_log();
    let file = Arc::new(file);
    let commits = Arc::new(LastCommits::default());
    let readers = (0..READERS).map(|_| connect_reader(path)).collect::<Result<Vec<_>, _>>()?;
    let (jobs, waiting) = sync_channel(QUEUE);
    let (out, committed) = mpsc::channel(BATCHES);
    let (stop_checkpoints, stopped) = sync_channel(1);
    let paces = GroupPaces::new(parts.settings.group_pace);
    let writer = Writer {
        connection,
        ledger: wigwag_engine::Ledger::default(),
        rows,
        shared: Arc::clone(&shared),
        settings: parts.settings,
        clock,
        presence: parts.presence,
        outcomes: Outcomes::new(Arc::clone(&parts.metrics), Arc::clone(&commits)),
        commits: Arc::clone(&commits),
        out,
        paces,
        last_batch: 0,
        merge_failures: Throttle::every(MERGE_LINES),
        file: Arc::clone(&file),
    };
    let checkpoints = connect(path)?;
    let watched = Arc::clone(&shared);
    let threads = vec![
        thread(path, "wigwag-writer", move || writer.run(&waiting))?,
        thread(path, "wigwag-checkpoint", move || checkpoint_until(&stopped, &checkpoints, &watched))?,
    ];
    let readers = ReadingConnections {
        permits: Arc::new(Semaphore::new(readers.len())),
        free: Mutex::new(readers),
        shared,
        metrics: parts.metrics,
    };
    let store = SqliteStore {
        jobs,
        readers: Arc::new(readers),
        threads: Mutex::new(threads),
        stop_checkpoints,
        commits,
        file: Mutex::new(Some(file)),
    };
    Ok((Opened { store, committed }, clock))
}

fn thread(
    path: &Path,
    name: &str,
    work: impl FnOnce() + Send + 'static,
) -> Result<std::thread::JoinHandle<()>, OpenError> {
    std::thread::Builder::new()
        .name(name.to_owned())
        .spawn(move || {
            if std::panic::catch_unwind(std::panic::AssertUnwindSafe(work)).is_err() {
                // A server without its writer could only refuse. All that was acknowledged is on disk, and a supervisor
                // restarts the process.
                tracing::error!("a store thread panicked; the server ends");
                std::process::exit(70);
            }
        })
        .map_err(|error| OpenError::Other(path.to_owned(), format!("cannot start a thread: {error}")))
}

fn checkpoint_until(stopped: &std::sync::mpsc::Receiver<()>, connection: &Connection, shared: &SharedMemory) {
    while stopped.recv_timeout(CHECKPOINT_EVERY) == Err(RecvTimeoutError::Timeout) {
        if merge::checkpoint(connection) > merge::LONG_LOG {
            // The writer has to copy the rest itself while commits wait, so leave it little.
            merge::checkpoint(connection);
            shared.log_is_long.store(true, Ordering::Relaxed);
        }
    }
}

pub(super) fn connect(path: &Path) -> Result<Connection, OpenError> {
    let explain = |error: rusqlite::Error| explain(path, &error);
    let connection = Connection::open(path).map_err(explain)?;
    connection.set_prepared_statement_cache_capacity(64);
    connection
        .execute_batch(
            // FULL syncs the log at every commit, before anybody is answered. Checkpoints have a connection of their own,
            // so a commit never waits for one. A log that has grown under load keeps its length when it starts over, because a page
            // that is written over costs less than one that makes the file longer; journal_size_limit (384 MB) only cuts off what came
            // beyond LONG_LOG and a second of a fast disk.
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0;
             PRAGMA journal_size_limit = 402653184;
             PRAGMA busy_timeout = 5000; PRAGMA cache_size = -8192; PRAGMA temp_store = MEMORY;",
        )
        .map_err(explain)?;
    Ok(connection)
}

pub(super) fn connect_reader(path: &Path) -> Result<Connection, OpenError> {
    let explain = |error: rusqlite::Error| explain(path, &error);
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(explain)?;
    connection.set_prepared_statement_cache_capacity(64);
    connection.execute_batch("PRAGMA busy_timeout = 5000; PRAGMA cache_size = -2048;").map_err(explain)?;
    Ok(connection)
}

fn explain(path: &Path, error: &rusqlite::Error) -> OpenError {
    let path = path.to_owned();
    let why = error.to_string();
    match error.sqlite_error_code() {
        Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
            OpenError::ReadOnly(path, why)
        }
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => OpenError::Damaged(path, why),
        Some(ErrorCode::SystemIoFailure) => OpenError::Disk(path, why),
        Some(ErrorCode::DiskFull) => OpenError::Full(path),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => OpenError::InUse(path),
        _ => OpenError::Other(path, why),
    }
}

pub(super) fn checked_version(path: &Path, connection: &Connection) -> Result<usize, OpenError> {
    let found = schema::version(connection).map_err(|error| explain(path, &error))?;
    let known = schema::newest();
    if found > known { Err(OpenError::Newer { path: path.to_owned(), found, known }) } else { Ok(found) }
}

fn newest_time(connection: &Connection) -> rusqlite::Result<u64> {
    connection.query_row(
        "SELECT coalesce((SELECT time FROM events ORDER BY id DESC LIMIT 1), 0)",
        [],
        |row| row.get(0),
    )
}

/// Rebuilds what the last process had in memory: the journal's tail and the indexes of open invitations and running calls.
pub(super) fn recover(connection: &Connection, metrics: &Metrics) -> Result<SharedMemory, StoreError> {
    let mut tails = recover_tails(connection)?;
    tails.calls = recover_lists(connection, metrics)?;
    let open = recover_open(connection, metrics)?;
    let calls = recover_calls(connection, metrics)?;
    Ok(SharedMemory {
        tails: RwLock::new(tails),
        open: RwLock::new(open),
        calls: RwLock::new(calls),
        profiles: RwLock::default(),
        log_is_long: AtomicBool::new(false),
        merging: Mutex::new(()),
    })
}

fn recover_tails(connection: &Connection) -> Result<Tails, StoreError> {
    let mut statement = connection.prepare(
        "SELECT id, places FROM events WHERE id > (SELECT value FROM marks WHERE name = 'indexed') ORDER BY id",
    )?;
    let mut rows = statement.query([])?;
    let mut tails = Tails { merges: query::mark(connection, "merges")?, ..Tails::default() };
    // Some of these events were merged before the mark moved; the tables say up to where.
    let mut merged = MergedUpTo {
        connection,
        users: HashMap::new(),
        conversations: HashMap::new(),
        pairs: HashMap::new(),
    };
    while let Some(row) = rows.next()? {
        let event: i64 = row.get(0)?;
        let bytes = row.get_ref(1)?.as_blob().unwrap_or_default();
        let places =
            Places::unpack(bytes).ok_or_else(|| bad_record(&format!("event {event} has bad places")))?;
        for (user, cursor) in places.streams {
            if cursor > merged.cursor(user)? {
                tails.streams.push(user, TailEntry { position: cursor, event, sender: 0, flags: 0 });
            }
        }
        if let Some((conversation, seq, sender, flags)) = places.message
            && seq > merged.seq(conversation)?
        {
            let pair = merged.pair(conversation)?;
            tails.push_message(conversation, pair, TailEntry { position: seq, event, sender, flags });
        }
    }
    let pairs: Vec<(i64, [i64; 2])> = tails.recent.all().collect();
    for (conversation, user) in pairs.iter().flat_map(|(pair, users)| users.map(|user| (*pair, user))) {
        let reader = query::reader(connection, user, conversation)?.unwrap_or_default();
        tails.read(conversation, user, reader.read_seq);
        if let Some(seq) = reader.deleted_seq {
            tails.deleted(conversation, user, seq);
        }
    }
    Ok(tails)
}

/// How far the rows of each user and conversation were merged. Each is looked up once.
struct MergedUpTo<'a> {
    connection: &'a Connection,
    users: HashMap<i64, u64>,
    conversations: HashMap<i64, u64>,
    /// The two users of one-to-one conversations.
    pairs: HashMap<i64, Option<[i64; 2]>>,
}

impl MergedUpTo<'_> {
    fn cursor(&mut self, user: i64) -> Result<u64, StoreError> {
        if let Some(cursor) = self.users.get(&user) {
            return Ok(*cursor);
        }
        let cursor = query::stream_bounds(self.connection, user)?.head;
        self.users.insert(user, cursor);
        Ok(cursor)
    }

    fn seq(&mut self, conversation: i64) -> Result<u64, StoreError> {
        if let Some(seq) = self.conversations.get(&conversation) {
            return Ok(*seq);
        }
        let seq = query::last_seq(self.connection, conversation)?;
        self.conversations.insert(conversation, seq);
        Ok(seq)
    }

    fn pair(&mut self, conversation: i64) -> Result<Option<[i64; 2]>, StoreError> {
        if let Some(pair) = self.pairs.get(&conversation) {
            return Ok(*pair);
        }
        let pair = lists::pair(self.connection, conversation)?;
        self.pairs.insert(conversation, pair);
        Ok(pair)
    }
}

/// Some of these may have been merged before the mark moved; they are seen twice until they are merged again.
fn recover_lists(connection: &Connection, metrics: &Metrics) -> Result<Tail, StoreError> {
    let mut lists = Tail::default();
    query::each_unlisted(connection, metrics, |row, call| {
        let entry = TailEntry { position: call.created_at, event: row, sender: 0, flags: 0 };
        for user in connection.users(call.people.iter().map(|person| &person.user))? {
            // The list of a deleted user was erased, perhaps after the call had come into it.
            if query::deleted_at(connection, user)?.is_none() {
                lists.push(user, entry);
            }
        }
        Ok(())
    })?;
    Ok(lists)
}

fn recover_calls(connection: &Connection, metrics: &Metrics) -> Result<RunningCalls, StoreError> {
    let mut running = RunningCalls::default();
    query::each_running(connection, metrics, |row, call| running.add(&call, row, connection))?;
    Ok(running)
}

fn recover_open(connection: &Connection, metrics: &Metrics) -> Result<OpenIndex, StoreError> {
    let mut index = OpenIndex::default();
    query::each_open(connection, metrics, |row, invitation| {
        let Some(open) = OpenRows::of(&invitation, row, connection)? else { return Ok(()) };
        index.add(&open);
        for invitee in connection.users(invitation.pending())? {
            let pending = PendingRow { inviter: open.inviter, invitation: row };
            index.add_pending(Awaited { invitee, pending });
        }
        Ok(())
    })?;
    Ok(index)
}
