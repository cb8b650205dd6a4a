//! Several servers over one PostgreSQL and one NATS.

use std::time::{Duration, Instant};

use wigwag_testbed::{Durability, Nats, Postgres};

use super::{Device, PATIENCE, World};

/// Engines, and nodes over them.
pub(crate) struct Cluster {
    pub(crate) postgres: Postgres,
    pub(crate) nats: Nats,
    pub(crate) nodes: Vec<World>,
}

impl Cluster {
    /// This many nodes, with this much more in their configuration.
    pub(crate) fn of(nodes: usize, more: &str) -> Self {
        let (postgres, nats) = (Postgres::start(Durability::Fast), Nats::start());
        let mut cluster = Self { postgres, nats, nodes: Vec::new() };
        for _ in 0..nodes {
            cluster.nodes.push(World::start_with(&cluster.config(more)));
        }
        cluster
    }

    /// The same with the program of another version.
    pub(crate) fn of_program(nodes: usize, program: &str, more: &str) -> Self {
        let mut cluster = Self::of(0, more);
        for _ in 0..nodes {
            let mut node = World::prepared(&cluster.config(more));
            node.resume_as(program);
            cluster.nodes.push(node);
        }
        cluster
    }

    pub(crate) fn config(&self, more: &str) -> String {
        let (store, bus) = (self.postgres.url("postgres"), self.nats.url());
        format!("[store]\nurl = \"{store}\"\n[bus]\nurl = \"{bus}\"\n{more}")
    }

    /// A signed-in device at this node.
    pub(crate) async fn person(&self, node: usize, user: &str) -> Device {
        self.nodes[node].person(user).await
    }

    pub(crate) async fn metric(&self, node: usize, name: &str) -> i64 {
        let (_, text) = self.nodes[node].get("/metrics").await;
        let line = text.lines().find_map(|line| line.strip_prefix(&format!("{name} ")));
        line.unwrap_or_else(|| panic!("{name} is not in\n{text}")).parse().unwrap()
    }

    /// Waits until a metric has come to this.
    pub(crate) async fn counts(&self, node: usize, name: &str, least: i64) {
        let start = Instant::now();
        while self.metric(node, name).await < least {
            assert!(start.elapsed() < PATIENCE, "{name} never was {least}\n{}", self.nodes[node].log());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}
