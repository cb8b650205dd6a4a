//! The embedded store: SQLite, one writer thread with group commit, readers beside it.

mod at_hand;
mod check;
mod erasing;
mod export;
mod held_file;
mod kept_replies;
mod lists;
mod load;
mod merge;
mod open;
mod open_index;
mod places;
mod platforms;
mod profiles;
mod push;
mod query;
mod read;
mod read_calls;
mod read_groups;
mod read_lists;
mod read_users;
mod recent;
mod regards;
mod retention;
mod rows;
mod running_calls;
mod schema;
mod tail;
mod webhooks;
mod write;
mod write_calls;
mod writer;

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{SyncSender, TrySendError};
use std::time::Instant;

use async_trait::async_trait;
use parking_lot::{Mutex, RwLock};
use rusqlite::Connection;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use wigwag_engine::group::Relation;
use wigwag_engine::presence::Regard;
use wigwag_engine::{Board, Call, ConversationId, Due, Invitation};
use wigwag_protocol::group::{GroupView, Member, Profile, Reach};
use wigwag_protocol::quiet::Quiet;
use wigwag_protocol::{CallId, GroupId, InviteId, Platform, UserId};
use wigwag_session::refused::Failure;

pub use check::check;
pub(super) use export::Export;
pub use open::{OpenError, Opened, StoreParts, migrate, open};

use self::held_file::HeldFile;
use self::open_index::OpenIndex;
use self::profiles::KnownProfiles;
use self::read::Reader;
use self::running_calls::RunningCalls;
use self::tail::Tails;
use self::webhooks::Keeping;
use self::writer::Job;
use super::outcomes::{LastCommits, Standing};
use super::{
    CallPage, CallRange, ConversationPage, ConversationRow, Counted, EventId, HistoryPage, HistoryRange,
    JournalEvent, KeptPlace, KeptToken, KnownUser, ListedEvent, NamedPage, OpenPage, OpenRange, OwnDevice,
    PageRange, PushChange, ReaderPage, ReaderRange, RetentionCutoffs, RingRow, Served, Store, StoreError,
    StreamBounds, StreamPage, Submission, WhichCall,
};
use crate::telemetry::Metrics;

/// Reading connections. Queries are short and mostly served from memory, so more connections than cores gain nothing.
const READERS: usize = 4;

/// Memory that the writer and the readers share.
#[derive(Debug, Default)]
struct SharedMemory {
    tails: RwLock<Tails>,
    open: RwLock<OpenIndex>,
    calls: RwLock<RunningCalls>,
    profiles: RwLock<KnownProfiles>,
    log_is_long: AtomicBool,
    /// Held from before rows are merged until the tails have forgotten them.
    merging: Mutex<()>,
}

impl SharedMemory {
    fn take_log_is_long(&self) -> bool {
        self.log_is_long.swap(false, Ordering::Relaxed)
    }
}

/// A SQLite database in the data folder.
pub struct SqliteStore {
    jobs: SyncSender<Job>,
    readers: Arc<ReadingConnections>,
    threads: Mutex<Vec<std::thread::JoinHandle<()>>>,
    stop_checkpoints: SyncSender<()>,
    commits: Arc<LastCommits>,
    /// Until the store is closed. Last, because the connections have to end before it.
    file: Mutex<Option<Arc<HeldFile>>>,
}

struct ReadingConnections {
    free: Mutex<Vec<Connection>>,
    permits: Arc<Semaphore>,
    shared: Arc<SharedMemory>,
    metrics: Arc<Metrics>,
}

/// A reading connection on loan.
struct Borrowed<'a> {
    connection: Option<Connection>,
    pool: &'a ReadingConnections,
    _permit: OwnedSemaphorePermit,
}

impl Drop for Borrowed<'_> {
    fn drop(&mut self) {
        self.pool.free.lock().extend(self.connection.take());
    }
}

impl SqliteStore {
    async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Reader<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let pool = Arc::clone(&self.readers);
        let permit = Arc::clone(&pool.permits).acquire_owned().await.map_err(|_| closed())?;
        let result = tokio::task::spawn_blocking(move || {
            // Connection and permit go back together, also when the caller has gone or the query panics.
            let borrowed = Borrowed { connection: pool.free.lock().pop(), pool: &pool, _permit: permit };
            let connection = borrowed.connection.as_ref().ok_or_else(closed)?;
            read(&Reader { connection, shared: &pool.shared, metrics: &pool.metrics })
        })
        .await;
        result.unwrap_or_else(|_| Err(StoreError::Unavailable("a read panicked".to_owned())))
    }

    /// Commits something that changes nothing.
    async fn probe(&self) -> Result<(), StoreError> {
        let (answer, probed) = tokio::sync::oneshot::channel();
        self.jobs.try_send(Job::Probe(answer)).map_err(|error| match error {
            TrySendError::Full(_) => StoreError::Unavailable("the queue of the writer is full".to_owned()),
            TrySendError::Disconnected(_) => closed(),
        })?;
        probed.await.unwrap_or_else(|_| Err(closed()))
    }
}

fn closed() -> StoreError {
    StoreError::Unavailable("the store is closed".to_owned())
}

#[async_trait]
impl Store for SqliteStore {
    fn submit(&self, submission: Submission) -> Result<(), Failure> {
        self.jobs.try_send(Job::Command(submission)).map_err(|error| match error {
            TrySendError::Full(_) => Failure::Overloaded,
            TrySendError::Disconnected(_) => Failure::StoreUnavailable,
        })
    }

    async fn stream_bounds(&self, user: &UserId) -> Result<Option<StreamBounds>, StoreError> {
        let user = user.clone();
        self.read(move |reader| reader.stream_bounds(&user)).await
    }

    async fn events_after(&self, user: &UserId, cursor: u64, limit: usize) -> Result<StreamPage, StoreError> {
        let user = user.clone();
        self.read(move |reader| reader.events_after(&user, cursor, limit)).await
    }

    async fn invitation(&self, id: &InviteId) -> Result<Option<Arc<Invitation>>, StoreError> {
        let id = id.clone();
        self.read(move |reader| reader.invitation(&id)).await
    }

    async fn open_invitations(&self, user: &UserId, range: OpenRange) -> Result<OpenPage, StoreError> {
        let user = user.clone();
        self.read(move |reader| reader.open_invitations(&user, &range)).await
    }

    async fn open_invitations_of(&self, user: &UserId, limit: usize) -> Result<Vec<InviteId>, StoreError> {
        let user = user.clone();
        self.read(move |reader| reader.open_invitations_of(&user, limit)).await
    }

    async fn due_times(&self, no_deadline_age_ms: u64) -> Result<Vec<(u64, Due)>, StoreError> {
        self.read(move |reader| reader.due_times(no_deadline_age_ms)).await
    }

    async fn call(&self, id: &CallId) -> Result<Option<Arc<Call>>, StoreError> {
        let id = id.clone();
        self.read(move |reader| reader.call(&id)).await
    }

    async fn call_with(&self, user: &UserId) -> Result<Option<CallId>, StoreError> {
        let user = user.clone();
        self.read(move |reader| read_calls::call_with(reader, &user)).await
    }

    async fn call_found(&self, which: &WhichCall) -> Result<Option<Arc<Call>>, StoreError> {
        let which = which.clone();
        self.read(move |reader| reader.call_found(&which)).await
    }

    async fn calls_of(&self, user: &UserId, range: CallRange) -> Result<CallPage, StoreError> {
        let user = user.clone();
        self.read(move |reader| reader.calls_of(&user, &range)).await
    }

    async fn calls_seen(&self, user: &UserId) -> Result<u64, StoreError> {
        let user = user.clone();
        self.read(move |reader| reader.calls_seen(&user)).await
    }

    async fn those_in_calls(&self, users: &[UserId]) -> Result<Vec<UserId>, StoreError> {
        let users = users.to_vec();
        self.read(move |reader| read_calls::those_in_calls(reader, &users)).await
    }

    async fn running_calls(&self) -> Result<Vec<CallId>, StoreError> {
        self.read(read_calls::running_calls).await
    }

    async fn running_page(
        &self,
        after: Option<&CallId>,
        limit: usize,
    ) -> Result<NamedPage<Arc<Call>>, StoreError> {
        let after = after.cloned();
        self.read(move |reader| reader.running_page(after.as_ref(), limit)).await
    }

    async fn counted(&self) -> Result<Counted, StoreError> {
        self.read(read_users::counted).await
    }

    async fn people_in_calls(&self) -> Result<Vec<UserId>, StoreError> {
        self.read(read_calls::people_in_calls).await
    }

    async fn group(&self, id: &GroupId) -> Result<Option<GroupView>, StoreError> {
        let id = id.clone();
        self.read(move |reader| reader.group(&id)).await
    }

    async fn relation(&self, group: &GroupId, user: &UserId) -> Result<Option<Relation>, StoreError> {
        let (group, user) = (group.clone(), user.clone());
        self.read(move |reader| reader.relation(&group, &user)).await
    }

    async fn board(&self, group: &GroupId) -> Result<Board, StoreError> {
        let group = group.clone();
        self.read(move |reader| reader.board(&group)).await
    }

    async fn members(
        &self,
        group: &GroupId,
        after: Option<&UserId>,
        limit: usize,
    ) -> Result<NamedPage<Member>, StoreError> {
        let (group, after) = (group.clone(), after.cloned());
        self.read(move |reader| reader.members(&group, after.as_ref(), limit)).await
    }

    async fn members_named(&self, group: &GroupId, users: &[UserId]) -> Result<Vec<Member>, StoreError> {
        let (group, users) = (group.clone(), users.to_vec());
        self.read(move |reader| reader.members_named(&group, &users)).await
    }

    async fn groups_of(
        &self,
        user: &UserId,
        after: Option<&GroupId>,
        limit: usize,
    ) -> Result<NamedPage<GroupView>, StoreError> {
        let (user, after) = (user.clone(), after.cloned());
        self.read(move |reader| reader.groups_of(&user, after.as_ref(), limit)).await
    }

    async fn all_groups(
        &self,
        after: Option<&GroupId>,
        limit: usize,
    ) -> Result<NamedPage<GroupView>, StoreError> {
        let after = after.cloned();
        self.read(move |reader| reader.all_groups(after.as_ref(), limit)).await
    }

    async fn history(&self, range: HistoryRange) -> Result<HistoryPage, StoreError> {
        self.read(move |reader| reader.history(&range)).await
    }

    async fn conversations(&self, user: &UserId, page: PageRange) -> Result<ConversationPage, StoreError> {
        let user = user.clone();
        self.read(move |reader| reader.conversations(&user, &page)).await
    }

    async fn conversation(
        &self,
        user: &UserId,
        conversation: &ConversationId,
    ) -> Result<Option<ConversationRow>, StoreError> {
        let (user, conversation) = (user.clone(), conversation.clone());
        self.read(move |reader| reader.conversation(&user, &conversation)).await
    }

    async fn deleted_up_to(&self, user: &UserId, conversation: &ConversationId) -> Result<u64, StoreError> {
        let (user, conversation) = (user.clone(), conversation.clone());
        self.read(move |reader| reader.deleted_up_to(&user, &conversation)).await
    }

    async fn readers(&self, range: ReaderRange) -> Result<ReaderPage, StoreError> {
        self.read(move |reader| reader.readers(&range)).await
    }

    async fn profiles(&self, users: &[UserId]) -> Result<Vec<Profile>, StoreError> {
        if let Some(known) = self.readers.shared.profiles.read().of(users) {
            return Ok(known);
        }
        let users = users.to_vec();
        self.read(move |reader| reader.profiles(&users)).await
    }

    async fn reach(&self, user: &UserId) -> Result<Reach, StoreError> {
        let user = user.clone();
        self.read(move |reader| reader.reach(&user)).await
    }

    async fn quiet(&self, user: &UserId) -> Result<Quiet, StoreError> {
        let user = user.clone();
        self.read(move |reader| reader.quiet(&user)).await
    }

    async fn statuses(&self, users: &[UserId]) -> Result<HashMap<UserId, String>, StoreError> {
        let users = users.to_vec();
        self.read(move |reader| reader.statuses(&users)).await
    }

    async fn users_with_status(&self) -> Result<Vec<UserId>, StoreError> {
        self.read(read_users::users_with_status).await
    }

    async fn known_user(&self, user: &UserId) -> Result<Option<KnownUser>, StoreError> {
        let user = user.clone();
        self.read(move |reader| reader.known_user(&user)).await
    }

    async fn known_users(
        &self,
        after: Option<&UserId>,
        limit: usize,
    ) -> Result<NamedPage<KnownUser>, StoreError> {
        let after = after.cloned();
        self.read(move |reader| reader.known_users(after.as_ref(), limit)).await
    }

    async fn disabled_users(&self, since: u64) -> Result<Vec<UserId>, StoreError> {
        self.read(move |reader| reader.disabled_users(since)).await
    }

    async fn erase(&self, user: &UserId) -> Result<bool, StoreError> {
        let (answer, erased) = tokio::sync::oneshot::channel();
        self.jobs.try_send(Job::Erase(user.clone(), answer)).map_err(|error| match error {
            TrySendError::Full(_) => StoreError::Unavailable("the queue of the writer is full".to_owned()),
            TrySendError::Disconnected(_) => closed(),
        })?;
        erased.await.unwrap_or_else(|_| Err(closed()))
    }

    async fn blocked_by(
        &self,
        user: &UserId,
        after: Option<&UserId>,
        limit: usize,
    ) -> Result<NamedPage<UserId>, StoreError> {
        let (user, after) = (user.clone(), after.cloned());
        self.read(move |reader| reader.blocked_by(&user, after.as_ref(), limit)).await
    }

    async fn blocking(&self, users: &[UserId], target: &UserId) -> Result<Vec<UserId>, StoreError> {
        let (users, target) = (users.to_vec(), target.clone());
        self.read(move |reader| reader.blocking(&users, &target)).await
    }

    async fn regards(&self, pairs: Vec<(UserId, UserId)>) -> Result<Vec<Regard>, StoreError> {
        self.read(move |reader| reader.regards(&pairs)).await
    }

    async fn kept_place(&self, user: &UserId, platform: Platform) -> Result<Option<u64>, StoreError> {
        let user = user.clone();
        self.read(move |reader| reader.kept_place(&user, platform)).await
    }

    async fn keep_places(&self, places: Vec<KeptPlace>) -> Result<(), StoreError> {
        let (answer, kept) = tokio::sync::oneshot::channel();
        self.jobs.try_send(Job::KeepPlaces(places, answer)).map_err(|error| match error {
            TrySendError::Full(_) => StoreError::Unavailable("the queue of the writer is full".to_owned()),
            TrySendError::Disconnected(_) => closed(),
        })?;
        kept.await.unwrap_or_else(|_| Err(closed()))
    }

    async fn push_tokens(&self, users: &[UserId]) -> Result<Vec<KeptToken>, StoreError> {
        let users = users.to_vec();
        self.read(move |reader| reader.push_tokens(&users)).await
    }

    async fn rung(&self, invite: &InviteId) -> Result<Vec<(OwnDevice, RingRow)>, StoreError> {
        let invite = invite.clone();
        self.read(move |reader| reader.rung(&invite)).await
    }

    async fn keep_push(&self, changes: Vec<PushChange>, now: u64) -> Result<(), StoreError> {
        let (answer, kept) = tokio::sync::oneshot::channel();
        self.jobs.try_send(Job::KeepPush(changes, now, answer)).map_err(|error| match error {
            TrySendError::Full(_) => StoreError::Unavailable("the queue of the writer is full".to_owned()),
            TrySendError::Disconnected(_) => closed(),
        })?;
        kept.await.unwrap_or_else(|_| Err(closed()))
    }

    async fn served(&self, endpoint: &str) -> Result<Option<Served>, StoreError> {
        let endpoint = endpoint.to_owned();
        self.read(move |reader| reader.served(&endpoint)).await
    }

    async fn keep_served(
        &self,
        endpoint: &str,
        known: Option<&Served>,
        served: &Served,
    ) -> Result<bool, StoreError> {
        let (answer, kept) = tokio::sync::oneshot::channel();
        let keeping =
            Keeping { endpoint: endpoint.to_owned(), known: known.cloned(), served: served.clone() };
        let job = Job::KeepServed(keeping, answer);
        self.jobs.try_send(job).map_err(|error| match error {
            TrySendError::Full(_) => StoreError::Unavailable("the queue of the writer is full".to_owned()),
            TrySendError::Disconnected(_) => closed(),
        })?;
        kept.await.unwrap_or_else(|_| Err(closed()))
    }

    async fn journal_end(&self) -> Result<EventId, StoreError> {
        self.read(|reader| webhooks::end(reader.connection)).await
    }

    async fn journal_before(&self, time: u64) -> Result<EventId, StoreError> {
        self.read(move |reader| reader.journal_before(time)).await
    }

    async fn journal_after(&self, place: EventId, limit: usize) -> Result<Vec<ListedEvent>, StoreError> {
        self.read(move |reader| reader.journal_after(place, limit)).await
    }

    async fn journal_events(&self, ids: &[EventId]) -> Result<Vec<Option<JournalEvent>>, StoreError> {
        let ids = ids.to_vec();
        self.read(move |reader| reader.journal_events(&ids)).await
    }

    async fn journal_waiting(&self, place: EventId) -> Result<u64, StoreError> {
        self.read(move |reader| reader.journal_waiting(place)).await
    }

    /// One writer commits them in order.
    fn journal_settles_ms(&self) -> u64 {
        0
    }

    async fn retain(&self, cutoffs: RetentionCutoffs) -> bool {
        let (answer, more) = tokio::sync::oneshot::channel();
        if self.jobs.try_send(Job::Retain(cutoffs, answer)).is_err() {
            return false;
        }
        more.await.unwrap_or(false)
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.read(|reader| Ok(reader.connection.query_row("SELECT 1", [], |_| Ok(()))?)).await?;
        match self.commits.standing(Instant::now()) {
            Standing::Sound => Ok(()),
            Standing::Failing(error) => Err(error),
            Standing::Unknown => self.probe().await,
        }
    }

    async fn close(&self) {
        let jobs = self.jobs.clone();
        let stop = self.stop_checkpoints.clone();
        let threads = std::mem::take(&mut *self.threads.lock());
        let (readers, file) = (Arc::clone(&self.readers), self.file.lock().take());
        let closing = tokio::task::spawn_blocking(move || {
            // Each thread may have ended already.
            jobs.send(Job::Close).ok();
            stop.try_send(()).ok();
            for thread in threads {
                if thread.join().is_err() {
                    tracing::error!("a store thread panicked");
                }
            }
            readers.free.lock().clear();
            drop(file);
        });
        if closing.await.is_err() {
            tracing::error!("the store could not be closed in order");
        }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode;
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::Full,
            // Damage is what SQLite finds in what it could read; this is what the disk could not do.
            Some(
                ErrorCode::SystemIoFailure
                | ErrorCode::ReadOnly
                | ErrorCode::CannotOpen
                | ErrorCode::PermissionDenied,
            ) => Self::Disk(error.to_string()),
            Some(ErrorCode::DatabaseCorrupt) => Self::Unreadable(error.to_string()),
            _ if is_of_a_value(&error) => Self::Unreadable(error.to_string()),
            _ => Self::Unavailable(error.to_string()),
        }
    }
}

/// A value in a row is not what its column holds.
fn is_of_a_value(error: &rusqlite::Error) -> bool {
    matches!(
        error,
        rusqlite::Error::FromSqlConversionFailure(..)
            | rusqlite::Error::IntegralValueOutOfRange(..)
            | rusqlite::Error::InvalidColumnType(..)
            | rusqlite::Error::Utf8Error(..)
    )
}
