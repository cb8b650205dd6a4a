//! The suite on SQLite.

use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use tempfile::TempDir;
use wigwag_server::clock::Clock;
use wigwag_server::store::sqlite;
use wigwag_server::telemetry::Metrics;

use crate::world::{Backend, Open, Parts};

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
        let parts = sqlite::StoreParts {
            settings: parts.settings,
            presence: parts.presence,
            metrics: Arc::new(Metrics::new()),
        };
        let (opened, clock) = sqlite::open(&self.path(), parts, Clock::starting_not_before).unwrap();
        Open { store: Arc::new(opened.store), committed: opened.committed, clock }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite_passes_every_case() {
    crate::all_cases(|_| Box::new(Sqlite::new())).await;
}
