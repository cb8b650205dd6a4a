//! The one thread that writes. It drains waiting commands into a batch, decides one after the other, writes all of them in
//! one transaction, and only then passes the results on (group commit).

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use crate::store::deciding::ToWrite;
use rusqlite::Connection;
use tokio::sync::mpsc;
use wigwag_engine::{Change, Ledger};
use wigwag_protocol::UserId;

use super::at_hand::AtHand;
use super::erasing;
use super::held_file::HeldFile;
use super::kept_replies;
use super::load::Loader;
use super::platforms;
use super::push;
use super::retention;
use super::rows::RowNumbers;
use super::tail::TailEntry;
use super::webhooks::{self, Keeping};
use super::write::{AfterCommit, Placed, Write};
use super::write_calls::CallsWritten;
use super::{SharedMemory, merge};
use crate::clock::Clock;
use crate::rates::kept::GroupPaces;
use crate::store::deciding::{Decided, Deciding, Desk, Step};
use crate::store::outcomes::{LastCommits, Outcomes, Standing};
use crate::store::{
    Committed, KeptPlace, OnlineUsers, PushChange, RetentionCutoffs, StoreError, Submission, WriterSettings,
    batching,
};
use crate::telemetry::Throttle;

/// How long the queue must be empty before the tail is written into the index tables.
const IDLE: Duration = Duration::from_millis(500);
/// Between two lines about merges that failed.
pub(super) const MERGE_LINES: Duration = Duration::from_mins(1);
/// EX_IOERR of sysexits.h; a supervisor starts the process again, which then says what it finds.
const EXIT_FILES_GONE: i32 = 74;
/// Rows of bounded kinds that the ledger keeps between batches; about 5 MB of invitations of few users, and 13 MB where each
/// names very many.
const LEDGER_ROWS: usize = 4_096;
/// Rows of growing kinds (users, groups, conversations) that it keeps; about 100 MB at the most.
const LEDGER_NAMES: usize = 300_000;

/// A message to the writer.
pub(super) enum Job {
    Command(Submission),
    /// Drop rows older than the cutoffs; answer whether some are left.
    Retain(RetentionCutoffs, tokio::sync::oneshot::Sender<bool>),
    /// Keep how far users were told.
    KeepPlaces(Vec<KeptPlace>, tokio::sync::oneshot::Sender<Result<(), StoreError>>),
    /// Keep how far an endpoint of webhooks has been served.
    KeepServed(Keeping, tokio::sync::oneshot::Sender<Result<bool, StoreError>>),
    /// Keep how devices are woken and how far they are with rings, at this time.
    KeepPush(Vec<PushChange>, u64, tokio::sync::oneshot::Sender<Result<(), StoreError>>),
    /// Erase some of what is kept for this deleted user; answer whether some may be left.
    Erase(UserId, tokio::sync::oneshot::Sender<Result<bool, StoreError>>),
    /// Commit something that changes nothing, and answer whether it could be.
    Probe(tokio::sync::oneshot::Sender<Result<(), StoreError>>),
    /// Commit the commands submitted before, write the tail, and stop.
    Close,
}

pub(super) struct Writer {
    pub(super) connection: Connection,
    pub(super) ledger: Ledger,
    pub(super) rows: RowNumbers,
    pub(super) shared: Arc<SharedMemory>,
    pub(super) settings: WriterSettings,
    pub(super) clock: Clock,
    pub(super) presence: Arc<dyn OnlineUsers>,
    pub(super) outcomes: Outcomes,
    pub(super) commits: Arc<LastCommits>,
    pub(super) out: mpsc::Sender<Vec<Committed>>,
    /// The rate limits of groups.
    pub(super) paces: GroupPaces,
    /// The size of the last batch, in commands.
    pub(super) last_batch: usize,
    /// Merging is tried twice a second, and a disk that fails it is told of by what it refuses.
    pub(super) merge_failures: Throttle,
    /// After the connection, which ends before it.
    pub(super) file: Arc<HeldFile>,
}

impl Writer {
    pub(super) fn run(mut self, jobs: &Receiver<Job>) {
        loop {
            match jobs.recv_timeout(IDLE) {
                Ok(job) => {
                    if self.work(job, jobs) {
                        break;
                    }
                }
                Err(RecvTimeoutError::Timeout) => {
                    self.insist_on_files();
                    self.merge_some();
                }
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        while self.shared.tail_len() > 0 && self.merge_rows(merge::CHUNK).is_ok() {}
        merge::checkpoint(&self.connection);
    }

    /// Does one job and the commands that wait behind it. True when the writer has to stop.
    fn work(&mut self, job: Job, jobs: &Receiver<Job>) -> bool {
        match job {
            Job::Command(first) => {
                let (batch, then) = self.gather(first, jobs);
                self.commit(batch);
                then.is_some_and(|job| self.work(job, jobs))
            }
            Job::Retain(cutoffs, answer) => {
                // Nobody waits for the answer when the server is stopping.
                answer.send(self.retain(&cutoffs)).ok();
                false
            }
            Job::KeepPlaces(places, answer) => {
                // Nobody waits for the answer when the server is stopping.
                answer.send(self.keep(|connection| platforms::keep(connection, &places))).ok();
                false
            }
            Job::KeepServed(keeping, answer) => {
                let kept = self.keep(|connection| webhooks::keep(connection, &keeping));
                // Nobody waits for the answer when the server is stopping.
                answer.send(kept).ok();
                false
            }
            Job::KeepPush(changes, now, answer) => {
                // Nobody waits for the answer when the server is stopping.
                answer.send(self.keep(|connection| push::keep(connection, &changes, now))).ok();
                false
            }
            Job::Erase(user, answer) => {
                // Nobody waits for the answer when the server is stopping.
                answer.send(self.erase(&user)).ok();
                false
            }
            Job::Probe(answer) => {
                // Nobody waits for the answer when the caller has given up.
                answer.send(self.probe()).ok();
                false
            }
            Job::Close => true,
        }
    }

    /// Writes something beside the commands, in a transaction of its own.
    fn keep<T>(&self, write: impl FnOnce(&Connection) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let kept = self.begin().and_then(|()| {
            let written = write(&self.connection)?;
            self.connection.prepare_cached("COMMIT")?.execute([])?;
            Ok(written)
        });
        if kept.is_err() {
            self.roll_back();
        }
        kept
    }

    /// Only what is in the index tables can be erased, so the tail is merged first as far as it has something of the user: a chunk in
    /// each step.
    fn erase(&mut self, user: &UserId) -> Result<bool, StoreError> {
        match erasing::deleted_row(&self.connection, user)? {
            None => Ok(false),
            Some(row) if erasing::is_merged(&self.connection, &self.shared.tails.read(), row)? => {
                self.keep(|connection| erasing::some(connection, user, row))
            }
            Some(_) => self.merge_rows(merge::CHUNK).map(|()| true),
        }
    }

    /// Commits a page, unless a probe or a command has done so a moment ago.
    fn probe(&mut self) -> Result<(), StoreError> {
        if self.commits.standing(Instant::now()) == Standing::Sound {
            return Ok(());
        }
        let written = self.begin().and_then(|()| {
            self.connection.prepare_cached("UPDATE marks SET value = value")?.execute([])?;
            Ok(self.connection.prepare_cached("COMMIT")?.execute([])?)
        });
        match written {
            Ok(_) => {
                self.insist_on_files();
                self.outcomes.committed();
                Ok(())
            }
            Err(error) => {
                self.roll_back();
                self.outcomes.failed(&error);
                Err(error)
            }
        }
    }

    /// Ends the process when the files that SQLite has open are not at their paths any more. What is written to them is gone with the
    /// process, so nobody may be told that it is durable.
    fn insist_on_files(&self) {
        if let Err(displaced) = self.file.check() {
            tracing::error!(
                "{displaced}: what is written would be lost, so the server ends. Put the database back, or restore a backup, and \
                 start again"
            );
            std::process::exit(EXIT_FILES_GONE);
        }
    }

    /// Drops old rows. Only rows in the index tables can be dropped, so it merges some of the tail first: under steady light
    /// load nothing else would.
    fn retain(&mut self, cutoffs: &RetentionCutoffs) -> bool {
        self.paces.forget_quiet(self.clock.now_ms() * 1_000);
        self.merge_some();
        retention::drop_some(&self.connection, cutoffs).unwrap_or_else(|error| {
            batching::log_retention_failed(&error);
            false
        })
    }

    /// The first command and those that wait behind it, up to the next job of another kind. After a busy batch it lingers for
    /// more. The thread sleeps meanwhile, because being woken by every command would cost more than lingering saves.
    fn gather(&mut self, first: Submission, jobs: &Receiver<Job>) -> (Vec<Submission>, Option<Job>) {
        if let Some(linger) = batching::linger(&self.settings, self.last_batch) {
            std::thread::sleep(linger);
        }
        let mut batch = Vec::with_capacity(self.last_batch + 1);
        batch.push(first);
        let mut then = None;
        while batch.len() < self.settings.max_batch {
            match jobs.try_recv() {
                Ok(Job::Command(submission)) => batch.push(submission),
                Ok(other) => {
                    then = Some(other);
                    break;
                }
                Err(_) => break,
            }
        }
        self.last_batch = batch.len();
        (batch, then)
    }

    fn commit(&mut self, batch: Vec<Submission>) {
        let started = Instant::now();
        let now = self.clock.now_ms();
        let (mut results, written) = self.transact(&batch, now);
        match written {
            Ok(()) => self.outcomes.carried_out(&results, started.elapsed()),
            Err(StoreError::Unavailable(words) | StoreError::Unreadable(words)) if batch.len() > 1 => {
                self.outcomes.each_alone(&words);
                self.forget();
                results = batch.iter().map(|submission| self.alone(submission, now)).collect();
            }
            Err(error) => {
                self.forget();
                results = self.outcomes.refused(batch.len(), &error);
            }
        }
        if self.out.blocking_send(batching::committed(batch, results)).is_err() {
            batching::log_nobody_listens();
        }
    }

    /// Decides and writes in one transaction, so that the rows which decisions load are read under the same lock.
    fn transact(&mut self, batch: &[Submission], now: u64) -> (Vec<Decided>, Result<(), StoreError>) {
        if let Err(error) = self.begin() {
            return (Vec::new(), Err(error));
        }
        let results = self.decide_all(batch, now);
        let written = self.write(&results, now);
        (results, written)
    }

    fn begin(&self) -> Result<(), StoreError> {
        self.connection.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
        Ok(())
    }

    fn roll_back(&self) {
        // Without an open transaction there is nothing to roll back.
        self.connection.execute_batch("ROLLBACK").ok();
    }

    fn decide_all(&mut self, batch: &[Submission], now: u64) -> Vec<Decided> {
        self.ledger.trim(LEDGER_ROWS);
        if self.rows.invitations.len() > LEDGER_ROWS || self.rows.calls.len() > LEDGER_ROWS {
            // The ledger must not keep an invitation or call without its row number, or a change would not find the row.
            self.rows.invitations.clear();
            self.rows.calls.clear();
            self.ledger.trim(0);
        }
        if self.ledger.len() > LEDGER_NAMES {
            self.forget();
        }
        let mut loader = Loader { connection: &self.connection, rows: &mut self.rows, shared: &self.shared };
        let mut desk = Desk::new(&mut self.ledger, &mut self.paces, &self.settings, &*self.presence, now);
        let mut decided = Vec::with_capacity(batch.len());
        for submission in batch {
            let next = carry_out(&mut desk, &mut loader, submission, &decided, now);
            decided.push(next);
        }
        decided
    }

    fn alone(&mut self, submission: &Submission, now: u64) -> Decided {
        let started = Instant::now();
        let (mut results, written) = self.transact(std::slice::from_ref(submission), now);
        match written {
            Ok(()) => self.outcomes.carried_out(&results, started.elapsed()),
            Err(error) => {
                self.forget();
                results = self.outcomes.refused(1, &error);
            }
        }
        results.pop().unwrap_or_else(batching::lost)
    }

    fn write(&mut self, results: &[Decided], now: u64) -> Result<(), StoreError> {
        let decisions: Vec<&ToWrite> =
            results.iter().flatten().filter(|decision| !decision.is_empty()).collect();
        if decisions.is_empty() {
            self.roll_back();
            return Ok(());
        }
        let shared = Arc::clone(&self.shared);
        let _merging = shared.merging.lock();
        let written = self.write_all(&decisions, now);
        match written {
            Ok((after_commit, merged)) => {
                self.insist_on_files();
                self.shared.apply(after_commit, &merged);
                self.checkpoint_if_long();
                Ok(())
            }
            Err(error) => {
                self.roll_back();
                Err(error)
            }
        }
    }

    fn write_all(
        &mut self,
        decisions: &[&ToWrite],
        now: u64,
    ) -> Result<(AfterCommit, merge::Merged), StoreError> {
        let first = self.rows.next();
        let mut write = Write {
            connection: &self.connection,
            at_hand: AtHand::of(&self.connection),
            rows: &mut self.rows,
            shared: &self.shared,
            now,
            after_commit: AfterCommit::default(),
            changed: BTreeMap::new(),
            calls: CallsWritten::default(),
        };
        for decision in decisions {
            for effect in decision.changes.iter().flat_map(Change::effects) {
                write.carry_out(effect)?;
            }
            for event in &decision.events {
                write.event(event)?;
            }
            if let Some(keep) = &decision.keep {
                kept_replies::add(&self.connection, keep, now)?;
            }
        }
        let after_commit = write.finish()?;
        let added = merge::Added {
            places: after_commit.placed.iter().map(|placed| placed.places.streams.len() + 1).sum(),
            calls: after_commit.listed.len(),
        };
        let merged = merge::when_long(&self.connection, &self.shared, added, first)?;
        self.connection.prepare_cached("COMMIT")?.execute([])?;
        Ok((after_commit, merged))
    }

    /// Forgets everything that may not be on disk, after a commit failed.
    fn forget(&mut self) {
        self.ledger.clear();
        self.paces.forget();
        match RowNumbers::of(&self.connection) {
            Ok(rows) => self.rows = rows,
            // The next numbers are still above everything on disk; only the names have to go.
            Err(_) => self.rows.forget_names(),
        }
    }

    fn merge_some(&mut self) {
        if self.shared.tail_len() > 0
            && let Err(error) = self.merge_rows(merge::CHUNK)
            && self.merge_failures.pass(1, Instant::now()).is_some()
        {
            tracing::warn!(%error, "the journal's tail could not be merged; it is tried again");
        }
    }

    fn merge_rows(&mut self, rows: usize) -> Result<(), StoreError> {
        let shared = Arc::clone(&self.shared);
        let _merging = shared.merging.lock();
        self.begin()?;
        let merged = merge::some(&self.connection, &self.shared, rows, self.rows.next()).and_then(|merged| {
            self.connection.prepare_cached("COMMIT")?.execute([])?;
            Ok(merged)
        });
        match merged {
            Ok(merged) => {
                self.shared.apply(AfterCommit::default(), &merged);
                Ok(())
            }
            Err(error) => {
                self.roll_back();
                Err(error)
            }
        }
    }

    /// Lets a long log start over. The checkpointer copies pages while commits go on, but only the writer can do this.
    fn checkpoint_if_long(&self) {
        if self.shared.take_log_is_long() {
            merge::restart_log(&self.connection);
        }
    }
}

/// Decides a command, unless it repeats one whose reply is kept.
fn carry_out(
    desk: &mut Desk<'_, GroupPaces>,
    loader: &mut Loader<'_>,
    submission: &Submission,
    before: &[Decided],
    now: u64,
) -> Decided {
    let Some(once) = &submission.once else { return decide(desk, loader, submission, now) };
    let kept = match once.kept_among(before) {
        Some(kept) => Ok(Some(kept)),
        None => kept_replies::find(loader.connection, once),
    };
    let repeated = kept.and_then(|kept| kept.map(|kept| once.repeated(&kept)).transpose());
    match repeated {
        Ok(Some(repeated)) => repeated,
        Ok(None) => once.kept_with(decide(desk, loader, submission, now)),
        Err(error) => {
            tracing::error!(%error, "a kept reply could not be read");
            Err(error.failure().into())
        }
    }
}

/// Decides a command, loading what it reads. No other node shares this store, so nobody is elsewhere.
fn decide(
    desk: &mut Desk<'_, GroupPaces>,
    loader: &mut Loader<'_>,
    submission: &Submission,
    now: u64,
) -> Decided {
    let mut deciding = Deciding::new(&submission.request, &submission.permission, now);
    loop {
        match desk.step(&mut deciding) {
            Step::Load(keys) => {
                for key in keys {
                    match loader.load(key) {
                        Ok(row) => desk.ledger.take(row),
                        Err(error) => return batching::not_loaded(&error),
                    }
                }
            }
            Step::Locate(users) => desk.located(users.into_iter().map(|user| (user, false))),
            Step::Done(decided) => return decided,
        }
    }
}

impl SharedMemory {
    fn tail_len(&self) -> usize {
        let tails = self.tails.read();
        tails.streams.len() + tails.messages.len() + tails.calls.len()
    }

    fn apply(&self, after_commit: AfterCommit, merged: &merge::Merged) {
        let mut tails = self.tails.write();
        tails.streams.forget(&merged.users);
        tails.forget_messages(&merged.conversations);
        tails.merges += merged.merges;
        tails.calls.forget(&merged.callers);
        for Placed { event, places, pair } in after_commit.placed {
            for (user, cursor) in places.streams {
                tails.streams.push(user, TailEntry { position: cursor, event, sender: 0, flags: 0 });
            }
            if let Some((conversation, seq, sender, flags)) = places.message {
                tails.push_message(conversation, pair, TailEntry { position: seq, event, sender, flags });
            }
        }
        for mark in after_commit.read {
            tails.read(mark.conversation, mark.user, mark.seq);
        }
        for mark in after_commit.deleted {
            tails.deleted(mark.conversation, mark.user, mark.seq);
        }
        for (user, entry) in after_commit.listed {
            tails.calls.push(user, entry);
        }
        drop(tails);
        if !after_commit.calls.is_empty() {
            let mut calls = self.calls.write();
            for step in after_commit.calls {
                calls.make(step);
            }
        }
        if !after_commit.profiles.is_empty() {
            self.profiles.write().changed(&after_commit.profiles);
        }
        if after_commit.opened.is_empty() && after_commit.settled.is_empty() {
            return;
        }
        let mut open = self.open.write();
        for rows in &after_commit.opened {
            open.add(rows);
        }
        for rows in &after_commit.ended {
            open.remove(rows);
        }
        for rows in after_commit.awaited {
            open.add_pending(rows);
        }
        for rows in after_commit.settled {
            open.remove_pending(rows);
        }
    }
}
