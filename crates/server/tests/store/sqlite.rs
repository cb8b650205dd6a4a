//! The suite on SQLite.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use tempfile::TempDir;
use wigwag_engine::Actor;
use wigwag_server::clock::Clock;
use wigwag_server::store::{CallRange, sqlite};
use wigwag_server::telemetry::Metrics;

use crate::retention::a_moment_passes;
use crate::words::{accept, create_group, group, invite, reject, ring, ring_members, to_call};
use crate::world::{Backend, Open, Parts, World, parts_with_batches_of};

#[derive(Clone)]
pub(crate) struct Sqlite(Arc<TempDir>);

impl Sqlite {
    pub(crate) fn new() -> Self {
        Self(Arc::new(tempfile::tempdir().unwrap()))
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.0.path().join("store.db")
    }
}

#[async_trait]
impl Backend for Sqlite {
    async fn open(&mut self, parts: Parts) -> Open {
        let (opened, clock) = opened(&self.path(), parts).unwrap();
        Open { store: Arc::new(opened.store), committed: opened.committed, clock }
    }
}

fn opened(path: &Path, parts: Parts) -> Result<(sqlite::Opened, Clock), sqlite::OpenError> {
    let Parts { settings, presence } = parts;
    let parts = sqlite::StoreParts { settings, presence, metrics: Arc::new(Metrics::new()) };
    sqlite::open(path, parts, Clock::starting_not_before)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite_passes_every_case() {
    crate::all_cases(|_| Box::new(Sqlite::new())).await;
}

/// The lists of a call's first people are merged after its commit. What a crash leaves is a database in which they are missing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lists_of_calls_are_made_again_after_a_crash() {
    let backend = Sqlite::new();
    let path = backend.path();
    let mut world = World::new(Box::new(backend)).await;
    let (alice, bob) = (world.joins("alice").await, world.joins("bob").await);
    let calls = ["1", "2", "3"];
    for (round, id) in calls.into_iter().enumerate() {
        a_moment_passes(&world).await;
        world.does(&alice, invite(to_call(ring(id, &bob.user)))).await.succeeds();
        world.does(&bob, reject(id)).await.succeeds();
        world.closes().await;
        let rows = "SELECT count(*) FROM call_lists";
        let listed: usize = on(&path).query_row(rows, [], |row| row.get(0)).unwrap();
        assert_eq!(listed, 2 * (round + 1), "a server that stops leaves nothing to be done");
        // The first call was merged before the crash; of the others one place was, and its mark was not.
        on(&path)
            .execute_batch(
                "DELETE FROM call_lists WHERE call > 1 AND user + call <> 4;
                 UPDATE marks SET value = 1 WHERE name = 'listed_calls'",
            )
            .unwrap();
        assert_eq!(sqlite::check(&path).unwrap().counts.len(), 0, "what is merged later is no damage");
        world.reopens().await;
        let newest_first: Vec<&str> = calls[..=round].iter().rev().copied().collect();
        for actor in [&alice, &bob] {
            assert_eq!(listed_by_ones(&world, actor).await, newest_first);
        }
    }
}

/// Names are looked up when the indexes in memory are rebuilt. Where that fails, a server that went on would take users for free who are in
/// calls, and groups for quiet.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_name_that_cannot_be_looked_up_keeps_the_store_closed() {
    for (what, is_call) in [("an open invitation", false), ("a running call", true)] {
        let backend = Sqlite::new();
        let path = backend.path();
        let mut world = World::new(Box::new(backend)).await;
        let (alice, bob) = (world.joins("alice").await, world.joins("bob").await);
        world.does(&alice, create_group(&group("class"), &[&bob.user])).await.succeeds();
        let wish = ring_members("i", &group("class"), &[&bob.user]);
        world.does(&alice, invite(if is_call { to_call(wish) } else { wish })).await.succeeds();
        if is_call {
            world.does(&bob, accept("i")).await.succeeds();
        }
        world.closes().await;
        on(&path).execute_batch("ALTER TABLE groups RENAME COLUMN group_id TO another").unwrap();
        let opened = opened(&path, parts_with_batches_of(1));
        let why = opened.err().map(|error| error.to_string()).unwrap_or_default();
        assert!(why.contains("group_id"), "{what}: {why:?}");
    }
}

/// A program that knew no mark had written every list, and must not go on with a database where some are written later.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lists_of_an_older_schema_are_taken_as_they_are() {
    let backend = Sqlite::new();
    let path = backend.path();
    let mut world = World::new(Box::new(backend)).await;
    let (alice, bob) = (world.joins("alice").await, world.joins("bob").await);
    for id in ["1", "2"] {
        a_moment_passes(&world).await;
        world.does(&alice, invite(to_call(ring(id, &bob.user)))).await.succeeds();
        world.does(&bob, reject(id)).await.succeeds();
    }
    world.closes().await;
    on(&path)
        .execute_batch(
            "DELETE FROM marks WHERE name = 'listed_calls'; DROP INDEX disabled_users;
             ALTER TABLE users DROP COLUMN disabled_since; DROP TRIGGER members_came; DROP TRIGGER members_gone;
             DROP INDEX members_by_name; DROP INDEX owners; ALTER TABLE members DROP COLUMN name;
             ALTER TABLE groups DROP COLUMN member_count; DROP TABLE webhooks; DROP TABLE push_tokens; DROP TABLE rings; DROP TABLE boards;
             DROP INDEX pins; ALTER TABLE readers DROP COLUMN deleted_seq; ALTER TABLE readers DROP COLUMN pinned; DROP INDEX departures_of_user; ALTER TABLE users DROP COLUMN deleted_at;
             ALTER TABLE users DROP COLUMN quiet; ALTER TABLE users DROP COLUMN rang; DROP INDEX users_with_status; ALTER TABLE users DROP COLUMN status;
             PRAGMA user_version = 7",
        )
        .unwrap();
    world.reopens().await;
    let number = |sql: &str| on(&path).query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(number("SELECT value FROM marks WHERE name = 'listed_calls'"), 2);
    assert_eq!(number("PRAGMA user_version"), 18, "an older program refuses it");
    for actor in [&alice, &bob] {
        assert_eq!(listed_by_ones(&world, actor).await, ["2", "1"]);
    }
}

fn on(path: &Path) -> rusqlite::Connection {
    rusqlite::Connection::open(path).unwrap()
}

/// The names of a user's calls, each on a page of its own.
async fn listed_by_ones(world: &World, actor: &Actor) -> Vec<String> {
    let (mut names, mut after) = (Vec::new(), None);
    loop {
        let page = CallRange { missed: false, after, limit: 1 };
        let page = world.store().calls_of(&actor.user, page).await.unwrap();
        names.extend(page.calls.iter().map(|call| call.id().to_string()));
        after = page.next;
        if after.is_none() {
            return names;
        }
    }
}
