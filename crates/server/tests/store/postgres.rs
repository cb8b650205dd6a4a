//! The suite on PostgreSQL: one server for the whole run, a database for each case.

use std::num::NonZeroU32;
use std::sync::Arc;

use async_trait::async_trait;
use uuid::Uuid;
use wigwag_server::clock::Clock;
use wigwag_server::store::postgres::{self, Settings};
use wigwag_server::store::shared::NodeId;
use wigwag_server::telemetry::Metrics;
use wigwag_testbed::{Durability, Postgres};

use crate::world::{Backend, Open, Parts};

/// Of its connections one writes.
const CONNECTIONS: usize = 4;

struct Database(Settings);

#[async_trait]
impl Backend for Database {
    async fn open(&mut self, parts: Parts) -> Open {
        // Cases are about what is kept, not about how fast it may come.
        let fast = NonZeroU32::new(1_000_000).unwrap();
        let parts = postgres::Parts {
            settings: parts.settings,
            presence: parts.presence,
            metrics: Arc::new(Metrics::new()),
            node: NodeId(Uuid::from_u128(1)),
            user_rate: (fast, fast),
            group_rate: fast,
        };
        let (opened, clock) = postgres::open(&self.0, parts, Clock::starting_at).await.unwrap();
        Open { store: Arc::new(opened.store), committed: opened.committed, clock }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_passes_every_case() {
    let server = Postgres::start(Durability::Fast);
    crate::all_cases(|number| {
        let database = format!("case_{number}");
        server.create_database(&database);
        Box::new(Database(Settings { url: server.url(&database), tls_ca: None, connections: CONNECTIONS }))
    })
    .await;
}
