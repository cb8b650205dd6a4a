//! Everything that is measured together: the nodes, and the engines below them.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use uuid::Uuid;
use wigwag_testbed::{Durability, Nats, Postgres};

use crate::home::{Common, Home};
use crate::layout::Layout;
use crate::process::Process;
use crate::procfs::{self, Cpu};
use crate::scrape::Counts;

/// The database of the nodes.
const DATABASE: &str = "wigwag";

/// A running site; everything is stopped when it is dropped, the nodes first.
pub(crate) struct Site {
    nodes: Vec<Process>,
    homes: Vec<Home>,
    /// `None`: the bare relay.
    binary: Option<PathBuf>,
    key: String,
    postgres: Option<Postgres>,
    nats: Option<Nats>,
}

impl Site {
    /// The bare relay.
    pub(crate) fn relay() -> Result<Self> {
        let mut site = Self::empty(None);
        site.homes.push(Home::new(&site.common(0))?);
        site.start()?;
        Ok(site)
    }

    /// Nodes of the server's binary on fresh engines, with PostgreSQL's own settings.
    pub(crate) fn servers(layout: Layout, binary: &Path, open_invitations: u32) -> Result<Self> {
        Self::telling(layout, binary, open_invitations, None)
    }

    /// The same, which tell an endpoint of webhooks on this machine of every event, if there is one.
    pub(crate) fn telling(
        layout: Layout,
        binary: &Path,
        open_invitations: u32,
        endpoint: Option<String>,
    ) -> Result<Self> {
        Self::of(layout, binary, |common| Common { open_invitations, endpoint, ..common })
    }

    /// The same, which wake devices by an adapter on this machine.
    pub(crate) fn pushing(
        layout: Layout,
        binary: &Path,
        open_invitations: u32,
        adapter: String,
    ) -> Result<Self> {
        Self::of(layout, binary, |common| Common { open_invitations, adapter: Some(adapter), ..common })
    }

    fn of(layout: Layout, binary: &Path, configured: impl FnOnce(Common) -> Common) -> Result<Self> {
        let mut site = Self::empty(Some(binary.to_owned()));
        if layout != Layout::Sqlite {
            let postgres = Postgres::start(Durability::Real);
            postgres.create_database(DATABASE);
            site.postgres = Some(postgres);
        }
        if matches!(layout, Layout::Cluster(_)) {
            site.nats = Some(Nats::start());
        }
        let common = configured(site.common(0));
        for _ in 0..layout.nodes() {
            site.homes.push(Home::new(&common)?);
        }
        site.start()?;
        Ok(site)
    }

    fn empty(binary: Option<PathBuf>) -> Self {
        let key = format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple());
        Self { nodes: Vec::new(), homes: Vec::new(), binary, key, postgres: None, nats: None }
    }

    fn common(&self, open_invitations: u32) -> Common {
        Common {
            key: self.key.clone(),
            open_invitations,
            store: self.postgres.as_ref().map(|postgres| postgres.url(DATABASE)),
            bus: self.nats.as_ref().map(Nats::url),
            endpoint: None,
            adapter: None,
        }
    }

    /// Starts the nodes, after [`Self::stop`] again on the data they had.
    pub(crate) fn start(&mut self) -> Result<()> {
        for home in &self.homes {
            self.nodes.push(match &self.binary {
                None => Process::relay(home)?,
                Some(binary) => Process::server(binary, home)?,
            });
        }
        Ok(())
    }

    /// Asks the nodes to stop and waits; an error when one has to be killed or died before.
    pub(crate) fn stop(&mut self) -> Result<()> {
        std::mem::take(&mut self.nodes).into_iter().try_for_each(Process::stop)
    }

    /// The app key that signs tokens.
    pub(crate) fn key(&self) -> &str {
        &self.key
    }

    /// Where the nodes listen.
    pub(crate) fn addresses(&self) -> Vec<SocketAddr> {
        self.nodes.iter().map(Process::address).collect()
    }

    /// The same, so that everybody comes to another node than before, if there is one.
    pub(crate) fn next_addresses(&self) -> Vec<SocketAddr> {
        let mut addresses = self.addresses();
        addresses.rotate_left(1);
        addresses
    }

    /// Resident memory of the nodes, bytes.
    pub(crate) fn rss(&self) -> Result<u64> {
        self.nodes.iter().map(Process::rss).sum()
    }

    /// CPU time up to now.
    pub(crate) fn consumption(&self) -> Result<Consumption> {
        let mut nodes = Cpu::default();
        for node in &self.nodes {
            nodes.add(&node.cpu()?);
        }
        let postgres = self.postgres.as_ref().map(|postgres| procfs::tree(postgres.process_id()));
        let nats = self.nats.as_ref().map(|nats| procfs::tree(nats.process_id()));
        Ok(Consumption { nodes, postgres: postgres.transpose()?, nats: nats.transpose()? })
    }

    /// What is on the disk up to now; nothing for the relay.
    pub(crate) fn written(&self) -> Result<Written> {
        let Some(postgres) = &self.postgres else {
            let kept = self.homes.iter().map(Home::kept).sum::<Result<u64>>()?;
            return Ok(Written { log: None, kept });
        };
        let answer = postgres
            .sql(DATABASE, "SELECT pg_current_wal_lsn() - '0/0', pg_database_size(current_database())");
        let (log, kept) = answer.split_once('|').context("PostgreSQL tells its sizes in two columns")?;
        Ok(Written { log: Some(log.parse()?), kept: kept.parse()? })
    }

    /// What the nodes have counted, all together; nothing for the relay.
    pub(crate) fn counts(&self) -> Result<Counts> {
        let mut counts = Counts::default();
        if self.binary.is_some() {
            for address in self.addresses() {
                counts.add(&Counts::of(address)?);
            }
        }
        Ok(counts)
    }
}

/// Bytes on the disk.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Written {
    /// PostgreSQL's write-ahead log since its first byte.
    pub(crate) log: Option<u64>,
    /// Tables and indexes, without the log.
    pub(crate) kept: u64,
}

/// CPU time of a site's parts, seconds.
#[derive(Debug, Clone, Default)]
pub(crate) struct Consumption {
    /// All nodes.
    pub(crate) nodes: Cpu,
    /// All processes of PostgreSQL, those that have ended too.
    pub(crate) postgres: Option<f64>,
    pub(crate) nats: Option<f64>,
}

impl Consumption {
    /// What was used since `earlier`.
    pub(crate) fn since(&self, earlier: &Self) -> Self {
        let part = |now: Option<f64>, before: Option<f64>| Some(now? - before?);
        Self {
            nodes: self.nodes.since(&earlier.nodes),
            postgres: part(self.postgres, earlier.postgres),
            nats: part(self.nats, earlier.nats),
        }
    }

    /// Cores in use, when it was used in so many seconds.
    pub(crate) fn per_second(mut self, seconds: f64) -> Self {
        self.nodes.total /= seconds;
        self.postgres = self.postgres.map(|used| used / seconds);
        self.nats = self.nats.map(|used| used / seconds);
        self
    }

    /// Nodes and engines.
    pub(crate) fn all(&self) -> f64 {
        self.nodes.total + self.postgres.unwrap_or_default() + self.nats.unwrap_or_default()
    }
}
