//! A store on a throw-away database.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Result, bail};
use async_trait::async_trait;
use tempfile::TempDir;
use tokio::sync::mpsc::Receiver;
use uuid::Uuid;
use wigwag_engine::Limits;
use wigwag_protocol::UserId;
use wigwag_server::clock::Clock;
use wigwag_server::store::shared::NodeId;
use wigwag_server::store::{Committed, GiveAccess, OnlineUsers, Store, WriterSettings, postgres, sqlite};
use wigwag_server::telemetry::Metrics;
use wigwag_session::rates::Pace;
use wigwag_testbed::{Durability, Postgres};

use crate::layout::Layout;
use crate::scrape::Counts;

/// As `store.max_batch`.
const MAX_BATCH: usize = 512;

/// As `store.connections`.
const CONNECTIONS: usize = 10;

/// No user is held back.
const UNLIMITED: NonZeroU32 = NonZeroU32::new(1_000_000).unwrap();

/// An open store, and what it stands on.
pub(super) struct Opened {
    pub(super) store: Arc<dyn Store>,
    pub(super) committed: Receiver<Vec<Committed>>,
    metrics: Arc<Metrics>,
    postgres: Option<Postgres>,
    _folder: TempDir,
}

impl Opened {
    /// Opens one on a database of its own.
    pub(super) async fn on(layout: Layout, linger: Duration) -> Result<Self> {
        let folder = TempDir::with_prefix("wigwag-bench-")?;
        let metrics = Arc::new(Metrics::new());
        let settings = WriterSettings {
            limits: Limits::default(),
            max_batch: MAX_BATCH,
            linger,
            group_pace: Pace::new(UNLIMITED, UNLIMITED),
            media: GiveAccess::default(),
        };
        match layout {
            Layout::Sqlite => {
                let parts = sqlite::StoreParts {
                    settings,
                    presence: Arc::new(Everybody),
                    metrics: Arc::clone(&metrics),
                };
                let path = folder.path().join("wigwag.db");
                let (opened, _) = sqlite::open(&path, parts, Clock::starting_not_before)?;
                let (store, committed) = (Arc::new(opened.store), opened.committed);
                Ok(Self { store, committed, metrics, postgres: None, _folder: folder })
            }
            Layout::Postgres => {
                let server = Postgres::start(Durability::Real);
                server.create_database("wigwag");
                let parts = postgres::StoreParts {
                    settings,
                    presence: Arc::new(Everybody),
                    metrics: Arc::clone(&metrics),
                    node: NodeId(Uuid::now_v7()),
                    user_pace: Pace::new(UNLIMITED, UNLIMITED),
                };
                let settings = postgres::PostgresSettings {
                    url: server.url("wigwag"),
                    tls_ca: None,
                    connections: CONNECTIONS,
                };
                let (opened, _) = postgres::open(&settings, parts, Clock::starting_at).await?;
                let (store, committed) = (Arc::new(opened.store), opened.committed);
                Ok(Self { store, committed, metrics, postgres: Some(server), _folder: folder })
            }
            Layout::Cluster(_) => bail!("a cluster is no store"),
        }
    }

    /// PostgreSQL's process.
    pub(super) fn postgres(&self) -> Option<u32> {
        self.postgres.as_ref().map(Postgres::process_id)
    }

    /// What the store has counted.
    pub(super) fn counts(&self) -> Counts {
        Counts::parse(&self.metrics.encode())
    }

    /// Closes the store; what it still commits is heard by nobody.
    pub(super) async fn close(self) {
        drop(self.committed);
        self.store.close().await;
    }
}

/// Everybody is online, and here.
struct Everybody;

#[async_trait]
impl OnlineUsers for Everybody {
    fn here(&self, _: &UserId) -> bool {
        true
    }

    async fn elsewhere(&self, users: &[UserId]) -> Vec<bool> {
        vec![true; users.len()]
    }

    async fn look(&self, users: &[UserId]) -> Vec<Option<bool>> {
        vec![Some(true); users.len()]
    }
}
