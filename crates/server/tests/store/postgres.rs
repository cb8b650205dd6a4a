//! The suite on PostgreSQL: one server for the whole run, a database for each case.

use std::sync::Arc;

use async_trait::async_trait;
use uuid::Uuid;
use wigwag_engine::Command;
use wigwag_server::clock::Clock;
use wigwag_server::store::postgres::{self, PostgresSettings, PostgresStore};
use wigwag_server::store::shared::{NodeId, SharedStore};
use wigwag_server::store::{Once, RetentionCutoffs};
use wigwag_server::telemetry::Metrics;
use wigwag_session::rates::Pace;
use wigwag_testbed::{Durability, Postgres};

use crate::shared::Ground;
use crate::words::{accept, invite, ring};
use crate::world::{Backend, FAST, Open, Parts, World};

/// Of its connections one writes.
const CONNECTIONS: usize = 4;

/// A node with its database.
pub(crate) struct Database {
    settings: PostgresSettings,
    node: NodeId,
}

impl Database {
    /// The node of this number on a database of the server.
    pub(crate) fn of(server: &Postgres, database: &str, node: usize) -> Self {
        let database = Self::at(server.url(database));
        Self { node: NodeId(Uuid::from_u128(node as u128)), ..database }
    }

    /// The first node, on the database at this address.
    pub(crate) fn at(url: String) -> Self {
        let settings = PostgresSettings { url, tls_ca: None, connections: CONNECTIONS };
        Self { settings, node: NodeId(Uuid::from_u128(1)) }
    }

    pub(crate) fn settings(&self) -> &PostgresSettings {
        &self.settings
    }

    pub(crate) async fn opened(&self, parts: Parts) -> Open {
        self.opened_with_store(parts).await.1
    }

    async fn opened_with_store(&self, parts: Parts) -> (Arc<PostgresStore>, Open) {
        let parts = postgres::StoreParts {
            settings: parts.settings,
            presence: parts.presence,
            metrics: Arc::new(Metrics::new()),
            node: self.node,
            user_pace: Pace::new(FAST, FAST),
        };
        let (opened, clock) = postgres::open(&self.settings, parts, Clock::starting_at).await.unwrap();
        let store = Arc::new(opened.store);
        (Arc::clone(&store), Open { store, committed: opened.committed, clock })
    }
}

#[async_trait]
impl Backend for Database {
    async fn open(&mut self, parts: Parts) -> Open {
        self.opened(parts).await
    }
}

/// A database that nodes are opened on.
struct Common(PostgresSettings);

#[async_trait]
impl Ground for Common {
    async fn node(&self, node: NodeId, parts: Parts) -> (Arc<dyn SharedStore>, Open) {
        let (store, open) = Database { settings: self.0.clone(), node }.opened_with_store(parts).await;
        (store, open)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_passes_every_case() {
    let server = Postgres::start(Durability::Fast);
    crate::all_cases(|number| {
        let database = format!("case_{number}");
        server.create_database(&database);
        Box::new(Database::of(&server, &database, 1))
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_passes_every_case_of_several_nodes() {
    let server = Postgres::start(Durability::Fast);
    crate::shared::all_cases(|number| {
        let database = format!("case_{number}");
        server.create_database(&database);
        Arc::new(Common(Database::of(&server, &database, 1).settings))
    })
    .await;
}

/// A node of the version before the table of pending invitees knows nothing of it, and may run beside this one during an upgrade.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_nodes_of_an_earlier_version_left_pending_is_dropped() {
    let server = Postgres::start(Durability::Fast);
    let mut world = World::new(Box::new(Database::of(&server, "postgres", 1))).await;
    let (alice, bob) = (world.joins("alice").await, world.joins("bob").await);
    for id in ["open", "over"] {
        world.does(&alice, invite(ring(id, &bob.user))).await.succeeds();
    }
    world.does(&bob, accept("over")).await.succeeds();
    server
        .sql("postgres", "INSERT INTO pending VALUES ('bob', 'over', 'alice'), ('bob', 'dropped', 'alice')");
    let nothing =
        RetentionCutoffs { online_only: 0, events: 0, history: 0, invitations: 0, calls: 0, replies: 0 };
    assert!(!world.store().retain(nothing).await);
    assert_eq!(server.sql("postgres", "SELECT invitee, invite_id FROM pending"), "bob|open");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_holder_with_too_many_replies_the_oldest_go() {
    let server = Postgres::start(Durability::Fast);
    let mut world = World::new(Box::new(Database::of(&server, "postgres", 1))).await;
    let alice = world.joins("alice").await;
    let fill = "INSERT INTO kept_replies (holder, key, fingerprint, kept_at, reply, place)
        SELECT h, 'key ' || n, '', n, '', n
        FROM (VALUES ('busy', 101500), ('full', 99999)) AS holders (h, most), generate_series(1, most) AS n";
    server.sql("postgres", &format!("{fill}; ANALYZE kept_replies"));
    let once = Once { holder: "full".into(), key: "k".into(), fingerprint: [0; 32] };
    world.does_once(vec![(&once, alice, Command::MarkTime(1))]).await.remove(0).done_at();
    crate::retention::drops(&mut world, crate::retention::NOTHING).await;
    let left =
        "SELECT holder, count(*), min(place), max(place) FROM kept_replies GROUP BY holder ORDER BY holder";
    assert_eq!(server.sql("postgres", left), "busy|100000|1501|101500\nfull|100000|1|100000");
}
