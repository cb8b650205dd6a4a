//! The store of many nodes: PostgreSQL (docs/decisions/0003-several-nodes.md). Each node has one writer with group commit and
//! a pool of connections that read; the writers exclude each other by row locks.
//!
//! [`connection`] reaches the database, [`opening`] prepares it, [`write`] has the writer and its batches, [`read`] and
//! [`read_calls`] the queries, [`nodes`] the tables of live nodes, leases and seats, [`revocations`] the tokens taken back, [`api_keys`] the keys of back ends, [`retention`] drops
//! old rows, [`platforms`] how far users were told, [`webhooks`] how far endpoints were, [`import`] takes over what another store kept.

mod api_keys;
mod check;
mod connection;
mod erasing;
mod import;
mod nodes;
mod opening;
#[cfg(test)]
mod plans;
mod platforms;
mod push;
mod read;
mod read_calls;
mod read_groups;
mod read_lists;
mod read_users;
mod regards;
mod retention;
mod revocations;
mod schema;
mod webhooks;
mod write;

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use deadpool_postgres::{Object, Pool};
use parking_lot::Mutex;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout_at};
use wigwag_engine::group::Relation;
use wigwag_engine::presence::Regard;
use wigwag_engine::{Board, Call, ConversationId, Due, Invitation};
use wigwag_protocol::group::{GroupView, Member, Profile, Reach};
use wigwag_protocol::quiet::Quiet;
use wigwag_protocol::{CallId, GroupId, InviteId, Platform, UserId};
use wigwag_session::refused::Failure;

pub use api_keys::{add_api_key, drop_api_key, list_api_keys};
pub use check::{KeptFor, check};
pub(super) use import::Import;
pub use opening::{OpenError, Opened, PostgresSettings, StoreParts, check_reachable, migrate, open};
pub use revocations::revoke;

use self::connection::Trouble;
use self::read::Reader;

use self::write::{Job, PATIENCE, WaitingCommand};
use super::batching::{self, QUEUE};
use super::outcomes::{LastCommits, Standing};
use super::shared::NodeId;
use super::{
    CallPage, CallRange, ConversationPage, ConversationRow, Counted, EventId, HistoryPage, HistoryRange,
    JournalEvent, KeptPlace, KeptToken, KnownUser, ListedEvent, NamedPage, OpenPage, OpenRange, OwnDevice,
    PageRange, PushChange, ReaderPage, ReaderRange, RetentionCutoffs, RingRow, Served, Store, StoreError,
    StreamBounds, StreamPage, Submission, WhichCall,
};
use crate::clock::Clock;
use crate::telemetry::Metrics;

/// Pause between two attempts of a query while the database is away.
const AGAIN: Duration = Duration::from_millis(100);

/// An event has its time when its batch begins, and a batch commits within [`PATIENCE`] or not at all; the rest is for clocks that differ
/// and for an answer of the database that was lost.
const SETTLES: Duration = Duration::from_secs(30);

/// A PostgreSQL database that several nodes use.
pub struct PostgresStore {
    pool: Pool,
    jobs: mpsc::Sender<Job>,
    queued: Arc<AtomicUsize>,
    clock: Clock,
    node: NodeId,
    metrics: Arc<Metrics>,
    writer: Mutex<Option<JoinHandle<()>>>,
    commits: Arc<LastCommits>,
}

/// Repeats a query until it succeeds or its caller has stopped waiting. Reading twice does no harm.
macro_rules! reading {
    ($store:ident, $reader:ident, $read:expr) => {{
        let until = Instant::now() + PATIENCE;
        loop {
            let attempt = async {
                let $reader = $store.reader().await?;
                $read.await
            };
            match timeout_at(until, attempt).await {
                Ok(Ok(read)) => break Ok(read),
                Ok(Err(Trouble::Broken(words))) => {
                    if Instant::now() + AGAIN >= until {
                        break Err(StoreError::Unavailable(words));
                    }
                    sleep(AGAIN).await;
                }
                Ok(Err(trouble)) => break Err(trouble.into()),
                Err(_) => break Err(StoreError::Unavailable("the database does not answer".to_owned())),
            }
        }
    }};
}
use reading;

impl PostgresStore {
    async fn connection(&self) -> Result<Object, Trouble> {
        self.pool.get().await.map_err(|error| Trouble::Broken(connection::words(&error)))
    }

    async fn reader(&self) -> Result<Reader, Trouble> {
        Ok(Reader { connection: self.connection().await?, metrics: Arc::clone(&self.metrics) })
    }
}

#[async_trait]
impl Store for PostgresStore {
    fn submit(&self, submission: Submission) -> Result<(), Failure> {
        if self.queued.fetch_add(1, Ordering::Relaxed) >= QUEUE {
            self.queued.fetch_sub(1, Ordering::Relaxed);
            return Err(Failure::Overloaded);
        }
        let until = submission.reply_to.waits_since() + PATIENCE;
        let waiting = WaitingCommand { submission, came_at: self.clock.now_ms(), until };
        // The channel is never full: it has room for all commands that are counted.
        self.jobs.try_send(Job::Command(waiting)).map_err(|_| Failure::StoreUnavailable)
    }

    async fn stream_bounds(&self, user: &UserId) -> Result<Option<StreamBounds>, StoreError> {
        reading!(self, reader, reader.stream_bounds(user))
    }

    async fn events_after(&self, user: &UserId, cursor: u64, limit: usize) -> Result<StreamPage, StoreError> {
        reading!(self, reader, reader.events_after(user, cursor, limit)).flatten()
    }

    async fn invitation(&self, id: &InviteId) -> Result<Option<Arc<Invitation>>, StoreError> {
        reading!(self, reader, reader.invitation(id))
    }

    async fn open_invitations(&self, user: &UserId, range: OpenRange) -> Result<OpenPage, StoreError> {
        reading!(self, reader, reader.open_invitations(user, &range))
    }

    async fn open_invitations_of(&self, user: &UserId, limit: usize) -> Result<Vec<InviteId>, StoreError> {
        reading!(self, reader, reader.open_invitations_of(user, limit))
    }

    async fn due_times(&self, no_deadline_age_ms: u64) -> Result<Vec<(u64, Due)>, StoreError> {
        reading!(self, reader, reader.due_times(self.node, no_deadline_age_ms))
    }

    async fn call(&self, id: &CallId) -> Result<Option<Arc<Call>>, StoreError> {
        reading!(self, reader, reader.call(id))
    }

    async fn call_with(&self, user: &UserId) -> Result<Option<CallId>, StoreError> {
        reading!(self, reader, reader.call_with(user))
    }

    async fn call_found(&self, which: &WhichCall) -> Result<Option<Arc<Call>>, StoreError> {
        reading!(self, reader, reader.call_found(which))
    }

    async fn calls_of(&self, user: &UserId, range: CallRange) -> Result<CallPage, StoreError> {
        reading!(self, reader, reader.calls_of(user, &range))
    }

    async fn kept_place(&self, user: &UserId, platform: Platform) -> Result<Option<u64>, StoreError> {
        reading!(self, reader, reader.kept_place(user, platform))
    }

    async fn keep_places(&self, places: Vec<KeptPlace>) -> Result<(), StoreError> {
        reading!(self, reader, reader.keep_places(&places))
    }

    async fn push_tokens(&self, users: &[UserId]) -> Result<Vec<KeptToken>, StoreError> {
        reading!(self, reader, reader.push_tokens(users))
    }

    async fn rung(&self, invite: &InviteId) -> Result<Vec<(OwnDevice, RingRow)>, StoreError> {
        reading!(self, reader, reader.rung(invite))
    }

    async fn keep_push(&self, changes: Vec<PushChange>, now: u64) -> Result<(), StoreError> {
        reading!(self, reader, reader.keep_push(&changes, now))
    }

    async fn served(&self, endpoint: &str) -> Result<Option<Served>, StoreError> {
        reading!(self, reader, reader.served(endpoint))
    }

    async fn keep_served(
        &self,
        endpoint: &str,
        known: Option<&Served>,
        served: &Served,
    ) -> Result<bool, StoreError> {
        reading!(self, reader, reader.keep_served(endpoint, known, served))
    }

    async fn journal_end(&self) -> Result<EventId, StoreError> {
        reading!(self, reader, reader.journal_end())
    }

    async fn journal_before(&self, time: u64) -> Result<EventId, StoreError> {
        Ok(webhooks::before(time))
    }

    async fn journal_after(&self, place: EventId, limit: usize) -> Result<Vec<ListedEvent>, StoreError> {
        reading!(self, reader, reader.journal_after(place, limit))
    }

    async fn journal_events(&self, ids: &[EventId]) -> Result<Vec<Option<JournalEvent>>, StoreError> {
        reading!(self, reader, reader.journal_events(ids))
    }

    async fn journal_waiting(&self, place: EventId) -> Result<u64, StoreError> {
        reading!(self, reader, reader.journal_waiting(place))
    }

    fn journal_settles_ms(&self) -> u64 {
        webhooks::settles_ms()
    }

    async fn calls_seen(&self, user: &UserId) -> Result<u64, StoreError> {
        reading!(self, reader, reader.calls_seen(user))
    }

    async fn those_in_calls(&self, users: &[UserId]) -> Result<Vec<UserId>, StoreError> {
        reading!(self, reader, reader.those_in_calls(users))
    }

    async fn running_calls(&self) -> Result<Vec<CallId>, StoreError> {
        reading!(self, reader, reader.running_calls())
    }

    async fn running_page(
        &self,
        after: Option<&CallId>,
        limit: usize,
    ) -> Result<NamedPage<Arc<Call>>, StoreError> {
        reading!(self, reader, reader.running_page(after, limit))
    }

    async fn counted(&self) -> Result<Counted, StoreError> {
        reading!(self, reader, reader.counted())
    }

    async fn people_in_calls(&self) -> Result<Vec<UserId>, StoreError> {
        reading!(self, reader, reader.people_in_calls())
    }

    async fn group(&self, id: &GroupId) -> Result<Option<GroupView>, StoreError> {
        reading!(self, reader, reader.group(id))
    }

    async fn relation(&self, group: &GroupId, user: &UserId) -> Result<Option<Relation>, StoreError> {
        reading!(self, reader, reader.relation(group, user))
    }

    async fn board(&self, group: &GroupId) -> Result<Board, StoreError> {
        reading!(self, reader, reader.board(group))
    }

    async fn members(
        &self,
        group: &GroupId,
        after: Option<&UserId>,
        limit: usize,
    ) -> Result<NamedPage<Member>, StoreError> {
        reading!(self, reader, reader.members(group, after, limit))
    }

    async fn members_named(&self, group: &GroupId, users: &[UserId]) -> Result<Vec<Member>, StoreError> {
        reading!(self, reader, reader.members_named(group, users))
    }

    async fn groups_of(
        &self,
        user: &UserId,
        after: Option<&GroupId>,
        limit: usize,
    ) -> Result<NamedPage<GroupView>, StoreError> {
        reading!(self, reader, reader.groups_of(user, after, limit))
    }

    async fn all_groups(
        &self,
        after: Option<&GroupId>,
        limit: usize,
    ) -> Result<NamedPage<GroupView>, StoreError> {
        reading!(self, reader, reader.all_groups(after, limit))
    }

    async fn history(&self, range: HistoryRange) -> Result<HistoryPage, StoreError> {
        reading!(self, reader, reader.history(&range))
    }

    async fn conversations(&self, user: &UserId, page: PageRange) -> Result<ConversationPage, StoreError> {
        reading!(self, reader, reader.conversations(user, &page))
    }

    async fn conversation(
        &self,
        user: &UserId,
        conversation: &ConversationId,
    ) -> Result<Option<ConversationRow>, StoreError> {
        reading!(self, reader, reader.conversation(user, conversation))
    }

    async fn deleted_up_to(&self, user: &UserId, conversation: &ConversationId) -> Result<u64, StoreError> {
        reading!(self, reader, reader.deleted_up_to(user, conversation))
    }

    async fn readers(&self, range: ReaderRange) -> Result<ReaderPage, StoreError> {
        reading!(self, reader, reader.readers(&range))
    }

    async fn profiles(&self, users: &[UserId]) -> Result<Vec<Profile>, StoreError> {
        reading!(self, reader, reader.profiles(users))
    }

    async fn reach(&self, user: &UserId) -> Result<Reach, StoreError> {
        reading!(self, reader, reader.reach(user))
    }

    async fn quiet(&self, user: &UserId) -> Result<Quiet, StoreError> {
        reading!(self, reader, reader.quiet(user))
    }

    async fn statuses(&self, users: &[UserId]) -> Result<HashMap<UserId, String>, StoreError> {
        reading!(self, reader, reader.statuses(users))
    }

    async fn users_with_status(&self) -> Result<Vec<UserId>, StoreError> {
        reading!(self, reader, reader.users_with_status())
    }

    async fn known_user(&self, user: &UserId) -> Result<Option<KnownUser>, StoreError> {
        reading!(self, reader, reader.known_user(user))
    }

    async fn known_users(
        &self,
        after: Option<&UserId>,
        limit: usize,
    ) -> Result<NamedPage<KnownUser>, StoreError> {
        reading!(self, reader, reader.known_users(after, limit))
    }

    async fn disabled_users(&self, since: u64) -> Result<Vec<UserId>, StoreError> {
        reading!(self, reader, reader.disabled_users(since))
    }

    async fn erase(&self, user: &UserId) -> Result<bool, StoreError> {
        erasing::some(self, user).await.map_err(StoreError::from)
    }

    async fn blocked_by(
        &self,
        user: &UserId,
        after: Option<&UserId>,
        limit: usize,
    ) -> Result<NamedPage<UserId>, StoreError> {
        reading!(self, reader, reader.blocked_by(user, after, limit))
    }

    async fn blocking(&self, users: &[UserId], target: &UserId) -> Result<Vec<UserId>, StoreError> {
        reading!(self, reader, reader.blocking(users, target))
    }

    async fn regards(&self, pairs: Vec<(UserId, UserId)>) -> Result<Vec<Regard>, StoreError> {
        reading!(self, reader, reader.regards(&pairs))
    }

    async fn retain(&self, cutoffs: RetentionCutoffs) -> bool {
        retention::drop_some(self, &cutoffs).await.unwrap_or_else(|trouble| {
            batching::log_retention_failed(&trouble.into());
            false
        })
    }

    async fn ping(&self) -> Result<(), StoreError> {
        match self.commits.standing(std::time::Instant::now()) {
            Standing::Sound => Ok(()),
            Standing::Failing(error) => Err(error),
            Standing::Unknown => {
                nodes::probe(&mut self.connection().await?, self.node).await?;
                self.commits.succeeded(std::time::Instant::now());
                Ok(())
            }
        }
    }

    async fn close(&self) {
        let writer = self.writer.lock().take();
        // A writer that has panicked is gone already.
        self.jobs.send(Job::Close).await.ok();
        if let Some(writer) = writer
            && writer.await.is_err()
        {
            tracing::error!("the store's writer panicked");
        }
        self.pool.close();
    }
}

impl From<Trouble> for StoreError {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Full => Self::Full,
            Trouble::Again(why) => Self::Unavailable(format!("the database is busy ({why})")),
            Trouble::Broken(words) | Trouble::Poisoned(words) => Self::Unavailable(words),
        }
    }
}
