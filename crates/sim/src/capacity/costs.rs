//! What things cost, as far as it was measured.

use serde::{Deserialize, Serialize};

/// CPU of one program, µs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cpu {
    /// For each lifecycle: an invitation that is accepted, both told.
    pub lifecycle: f64,
    /// For each commit, however much is in it.
    pub commit: f64,
    /// For a lifecycle whose two users are on different nodes, more.
    pub crossing: f64,
}

/// How long a commit is under way, from the writer's first question to PostgreSQL to its answer that all is on the disk.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Commit {
    /// By itself, ms.
    pub ms: f64,
    /// More for each command in it, ms.
    pub command_ms: f64,
}

/// CPU for one lifecycle by who spends it, µs.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Share {
    /// The nodes.
    pub node: f64,
    /// PostgreSQL.
    pub postgres: f64,
    /// NATS.
    pub nats: f64,
}

impl Share {
    /// All together.
    #[must_use]
    pub fn all(self) -> f64 {
        self.node + self.postgres + self.nats
    }
}

/// Memory of a node.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Memory {
    /// Of a node without devices, MB.
    pub node_mb: f64,
    /// Of a connected device that has exchanged something, bytes.
    pub device: f64,
    /// The same where there is a bus.
    pub device_with_bus: f64,
    /// Of an open invitation, bytes.
    pub invitation: f64,
}

/// What PostgreSQL writes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bytes {
    /// To the write-ahead log, for each lifecycle.
    pub wal: f64,
    /// To tables and indexes, for each lifecycle, until retention drops it.
    pub kept: f64,
}

/// All of it. The figures in [`Costs::measured`] are those of `docs/scaling.md`, which names the runs.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Costs {
    /// Of the nodes.
    pub node: Cpu,
    /// Of PostgreSQL.
    pub postgres: Cpu,
    /// CPU of NATS for a lifecycle whose two users are on different nodes, µs.
    pub nats: f64,
    /// How long a commit is under way.
    pub commit: Commit,
    /// What a call costs (invited, accepted, hung up), in lifecycles.
    pub call: f64,
    /// CPU when a device signs in, µs.
    pub return_to: Back,
    /// CPU of PostgreSQL for each look at whether a device has missed something, µs.
    pub look: f64,
    /// Of a node.
    pub memory: Memory,
    /// Of PostgreSQL's disk.
    pub bytes: Bytes,
}

/// CPU of a sign-in, µs.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Back {
    /// The node's.
    pub node: f64,
    /// PostgreSQL's.
    pub postgres: f64,
}

impl Costs {
    /// Those that `docs/scaling.md` counts with.
    #[must_use]
    pub fn measured() -> Self {
        Self::read(include_str!("costs.json")).expect("the file beside this one")
    }

    /// From JSON with these names. An error says what is wrong.
    pub fn read(text: &str) -> Result<Self, String> {
        serde_json::from_str(text).map_err(|error| format!("these are no costs: {error}"))
    }

    /// CPU for one lifecycle, with so many `commits` for each, of which the part `crossing` has its users on two nodes.
    #[must_use]
    pub fn share(&self, commits: f64, crossing: f64) -> Share {
        let of = |cpu: Cpu| cpu.lifecycle + cpu.commit * commits + cpu.crossing * crossing;
        Share { node: of(self.node), postgres: of(self.postgres), nats: self.nats * crossing }
    }
}
