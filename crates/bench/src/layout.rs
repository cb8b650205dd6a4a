//! What a measured server stands on, as it is named on the command line.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

/// Nodes of a cluster when nothing else is said.
const USUAL_NODES: usize = 3;

/// One arrangement of nodes and engines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Layout {
    /// One node with the embedded store.
    Sqlite,
    /// One node on PostgreSQL, without a bus.
    Postgres,
    /// So many nodes on PostgreSQL and NATS.
    Cluster(usize),
}

impl Layout {
    /// How many nodes.
    pub(crate) fn nodes(self) -> usize {
        match self {
            Self::Sqlite | Self::Postgres => 1,
            Self::Cluster(nodes) => nodes,
        }
    }
}

impl fmt::Display for Layout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite => f.write_str("sqlite"),
            Self::Postgres => f.write_str("postgres"),
            Self::Cluster(nodes) => write!(f, "cluster:{nodes}"),
        }
    }
}

impl FromStr for Layout {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, nodes) = text.split_once(':').map_or((text, None), |(name, nodes)| (name, Some(nodes)));
        match (name, nodes.map(str::parse)) {
            ("sqlite", None) => Ok(Self::Sqlite),
            ("postgres", None) => Ok(Self::Postgres),
            ("cluster", None) => Ok(Self::Cluster(USUAL_NODES)),
            ("cluster", Some(Ok(nodes))) if nodes > 0 => Ok(Self::Cluster(nodes)),
            _ => Err(format!("{text} is none of sqlite, postgres, cluster, cluster:NODES")),
        }
    }
}

impl Serialize for Layout {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layouts_are_read_as_they_are_written() {
        for layout in [Layout::Sqlite, Layout::Postgres, Layout::Cluster(1), Layout::Cluster(12)] {
            assert_eq!(layout.to_string().parse(), Ok(layout));
        }
        assert_eq!("cluster".parse(), Ok(Layout::Cluster(3)));
    }

    #[test]
    fn what_is_no_layout_is_told() {
        for text in ["", "mysql", "sqlite:2", "cluster:0", "cluster:x", "cluster:"] {
            assert!(text.parse::<Layout>().is_err(), "{text}");
        }
    }
}
