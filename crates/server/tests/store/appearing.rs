//! Locks of calls come before those of users. What another node commits while a batch waits between the two was looked for and not found,
//! and is there.

use tokio_postgres::{Client, NoTls};
use wigwag_protocol::Reason;
use wigwag_testbed::{Durability, Postgres};

use crate::postgres::Database;
use crate::words::{hang_up, invite, ring, send, text, to, to_call};
use crate::world::{Outcome, World};

const DATABASE: &str = "appears";

/// Another node, as the database sees it.
struct Node {
    client: Client,
    pid: i32,
}

impl Node {
    async fn of(server: &Postgres) -> Self {
        let (client, connection) = tokio_postgres::connect(&server.url(DATABASE), NoTls).await.unwrap();
        tokio::spawn(connection);
        let pid = client.query_one("SELECT pg_backend_pid()", &[]).await.unwrap().get(0);
        Self { client, pid }
    }

    async fn runs(&self, sql: &str) {
        self.client.batch_execute(sql).await.unwrap();
    }

    /// Waits until somebody waits for this one.
    async fn is_waited_for(&self, watcher: &Self) {
        let sql = "SELECT count(*) FROM pg_stat_activity WHERE $1 = ANY (pg_blocking_pids(pid))";
        let waiting = async {
            while watcher.client.query_one(sql, &[&self.pid]).await.unwrap().get::<_, i64>(0) == 0 {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(std::time::Duration::from_secs(30), waiting).await.expect("it is waited for");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_that_appears_while_a_batch_waits_is_left_for_the_next() {
    let server = Postgres::start(Durability::Fast);
    server.create_database(DATABASE);
    let mut world = World::new(Box::new(Database::of(&server, DATABASE, 1))).await;
    let [alice, bob, carol, dave] = [
        world.joins("alice").await,
        world.joins("bob").await,
        world.joins("carol").await,
        world.joins("dave").await,
    ];
    world.does(&alice, invite(to_call(ring("first", &bob.user)))).await.succeeds();
    let (first, second, watcher) =
        (Node::of(&server).await, Node::of(&server).await, Node::of(&server).await);
    // The call of another node's that is not committed yet.
    watcher
        .runs(
            "CREATE TABLE hidden_calls AS SELECT * FROM calls; CREATE TABLE hidden_in AS SELECT * FROM in_calls;
             DELETE FROM in_calls; DELETE FROM calls",
        )
        .await;
    first.runs("BEGIN; SELECT FROM users WHERE user_id = 'dave' FOR UPDATE").await;
    second
        .runs(
            "BEGIN; SELECT FROM users WHERE user_id = 'alice' FOR UPDATE;
             INSERT INTO calls SELECT * FROM hidden_calls; INSERT INTO in_calls SELECT * FROM hidden_in",
        )
        .await;
    // While the writer waits for dave, two more come, which are one batch: one names the call, and the other is alice's.
    world.submits(dave.clone(), send(text(to(&bob.user), "hello"))).unwrap();
    first.is_waited_for(&watcher).await;
    world.submits(dave, hang_up("first")).unwrap();
    world.submits(alice, invite(to_call(ring("second", &carol.user)))).unwrap();
    first.runs("COMMIT").await;
    second.is_waited_for(&watcher).await;
    second.runs("COMMIT").await;
    let outcomes = world.hears(3).await;
    let refused: Vec<Reason> =
        outcomes.iter().filter(|one| one.0.reply().is_err()).map(Outcome::reason).collect();
    assert_eq!(refused, [Reason::UnknownCall], "dave has no part in it");
    assert_eq!(world.running_calls().await.iter().map(ToString::to_string).collect::<Vec<_>>(), ["second"]);
    assert!(!world.call("first").await.is_running(), "alice has left it for the second");
}
