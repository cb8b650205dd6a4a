//! Every story once more, with its end on the other store: it happens on SQLite, everything is moved, and PostgreSQL has to
//! recall all that was told.

use async_trait::async_trait;
use uuid::Uuid;
use wigwag_engine::Limits;
use wigwag_server::store::CallRange;
use wigwag_server::store::moving::{Move, MoveError, Progress, move_all};
use wigwag_server::store::shared::NodeId;
use wigwag_testbed::{Durability, Postgres};

use crate::postgres::Database;
use crate::sqlite::Sqlite;
use crate::words::{invite, ring, send, text, to, to_call};
use crate::world::{Backend, Open, Parts, World};

/// A store that is SQLite until it is opened again.
struct Moves {
    from: Sqlite,
    to: Database,
    opened: u32,
}

impl Moves {
    fn to(server: &Postgres, database: &str) -> Self {
        server.create_database(database);
        Self { from: Sqlite::new(), to: Database::of(server, database, 1), opened: 0 }
    }
}

pub(crate) fn plan(from: &Sqlite, to: &Database) -> Move {
    Move {
        from: from.path(),
        to: to.settings().clone(),
        node: NodeId(Uuid::from_u128(1)),
        no_deadline_age_ms: Limits::default().no_deadline_age_ms,
    }
}

#[async_trait]
impl Backend for Moves {
    async fn open(&mut self, parts: Parts) -> Open {
        self.opened += 1;
        match self.opened {
            1 => self.from.open(parts).await,
            2 => {
                move_all(&plan(&self.from, &self.to), |_| {}).await.unwrap();
                self.to.open(parts).await
            }
            _ => self.to.open(parts).await,
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_sqlite_was_told_postgres_recalls() {
    let server = Postgres::start(Durability::Fast);
    crate::all_cases(|number| Box::new(Moves::to(&server, &format!("case_{number}")))).await;
}

/// A database in which alice has written to bob, and rings him.
async fn written() -> Sqlite {
    let from = Sqlite::new();
    let mut world = World::new(Box::new(from.clone())).await;
    let (alice, bob) = (world.joins("alice").await, world.joins("bob").await);
    for words in ["one", "two", "three"] {
        world.does(&alice, send(text(to(&bob.user), words))).await.succeeds();
    }
    world.does(&alice, invite(ring("i", &bob.user))).await.succeeds();
    world.closes().await;
    from
}

/// What a crash leaves of lists that are merged later: the records of the calls, and a mark that is behind.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_that_is_in_no_list_yet_is_in_both_lists_after_a_move() {
    let server = Postgres::start(Durability::Fast);
    let (from, to) = (Sqlite::new(), Database::of(&server, "postgres", 1));
    let mut world = World::new(Box::new(from.clone())).await;
    let (alice, bob) = (world.joins("alice").await, world.joins("bob").await);
    world.does(&alice, invite(to_call(ring("i", &bob.user)))).await.succeeds();
    world.closes().await;
    let crash = "DELETE FROM call_lists; UPDATE marks SET value = 0 WHERE name = 'listed_calls'";
    rusqlite::Connection::open(from.path()).unwrap().execute_batch(crash).unwrap();
    move_all(&plan(&from, &to), |_| {}).await.unwrap();
    let world = World::new(Box::new(to)).await;
    for user in [&alice.user, &bob.user] {
        let page = CallRange { missed: false, after: None, limit: 10 };
        let listed = world.store().calls_of(user, page).await.unwrap();
        assert_eq!(listed.calls.len(), 1, "{user}");
    }
}

fn rows(server: &Postgres) -> String {
    server.sql("postgres", "SELECT (SELECT count(*) FROM users), (SELECT count(*) FROM events)")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_interrupted_move_leaves_nothing_and_is_repeated() {
    let server = Postgres::start(Durability::Fast);
    let (from, to) = (written().await, Database::of(&server, "postgres", 1));
    let again = plan(&from, &to);
    let interrupted = tokio::spawn(async move {
        // The end of the program, as far as the database can tell.
        let stop_at_events = |progress: Progress| assert_ne!(progress.kind, "events", "interrupted");
        move_all(&again, stop_at_events).await.unwrap();
    });
    assert!(interrupted.await.is_err());
    assert_eq!(rows(&server), "0|0");
    let mut seen = Vec::new();
    let moved = move_all(&plan(&from, &to), |progress| seen.push(progress)).await.unwrap();
    assert_eq!(rows(&server), "2|4");
    assert!(moved.iter().all(|progress| progress.moved == progress.of), "{moved:?}");
    assert!(seen.iter().all(|progress| moved.contains(progress)), "each kind fits one batch: {seen:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_target_that_is_not_empty_is_left_alone() {
    let server = Postgres::start(Durability::Fast);
    let (from, to) = (written().await, Database::of(&server, "postgres", 1));
    move_all(&plan(&from, &to), |_| {}).await.unwrap();
    let refused = move_all(&plan(&from, &to), |_| {}).await.unwrap_err();
    assert!(matches!(&refused, MoveError::TargetNotEmpty(_, "users")), "{refused}");
    assert_eq!(rows(&server), "2|4");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_lives_on_the_target_is_not_disturbed() {
    let server = Postgres::start(Durability::Fast);
    let (from, to) = (written().await, Database::of(&server, "postgres", 1));
    wigwag_server::store::postgres::migrate(to.settings()).await.unwrap();
    let beat = |at: &str| {
        let sql = format!(
            "INSERT INTO nodes VALUES ('00000000-0000-0000-0000-000000000007', '0.1', 'app', true, {at})
             ON CONFLICT (node) DO UPDATE SET beat_at = excluded.beat_at"
        );
        server.sql("postgres", &sql);
    };
    beat("clock_timestamp() + interval '1 minute'");
    let refused = move_all(&plan(&from, &to), |_| {}).await.unwrap_err();
    assert!(matches!(&refused, MoveError::TargetInUse(_)), "{refused}");
    // One that was killed has left its row behind.
    beat("clock_timestamp() - interval '1 minute'");
    move_all(&plan(&from, &to), |_| {}).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_moved_is_named_and_nothing_is_moved() {
    let server = Postgres::start(Durability::Fast);
    let to = Database::of(&server, "postgres", 1);
    for (damage, words) in [
        ("DELETE FROM open_invitations; UPDATE invitations SET terms = '{'", "invitation i: "),
        (
            "UPDATE marks SET value = 9 WHERE name = 'indexed'; UPDATE events SET places = X'0180' WHERE id = 2",
            "event 2 ",
        ),
        ("INSERT INTO blocks VALUES (1, 77)", "of 1 blocks, 1 refer to rows that are not there"),
    ] {
        let from = written().await;
        let source = rusqlite::Connection::open(from.path()).unwrap();
        source.execute_batch(damage).unwrap();
        let refused = move_all(&plan(&from, &to), |_| {}).await.unwrap_err().to_string();
        assert!(refused.contains(words) && refused.contains("wigwag check"), "{refused}");
    }
    assert_eq!(rows(&server), "0|0");
}
