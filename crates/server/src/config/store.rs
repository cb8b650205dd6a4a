//! `[store]`

use std::path::PathBuf;

use super::EngineUrl;

/// Where state is kept.
#[derive(Debug, Clone, confique::Config)]
#[config(layer_attr(serde(deny_unknown_fields)))]
pub struct StoreConfig {
    /// Address of a PostgreSQL database (15 or newer), such as "postgres://user:password@host/wigwag". Without it, an
    /// SQLite database in the data folder, which needs nothing else to run. Several servers may share a PostgreSQL
    /// database; they need bus.url then. A password is better kept in the environment than in a file or a flag.
    #[config(env = "WIGWAG_STORE_URL")]
    pub url: Option<EngineUrl>,

    /// Certificates to trust for PostgreSQL besides the system's (PEM). A certificate is asked for and checked when the
    /// address says sslmode=require.
    #[config(env = "WIGWAG_STORE_TLS_CA")]
    pub tls_ca: Option<PathBuf>,

    /// Most connections of this server to PostgreSQL, 2 to 1000. One of them writes, the others read. PostgreSQL's
    /// own limit (max_connections, 100 unless raised) is for all servers together.
    #[config(default = 10, env = "WIGWAG_STORE_CONNECTIONS")]
    pub connections: usize,

    /// Microseconds a commit waits for more commands to share its disk write, 0 to 100000. 0 is the fastest on most
    /// disks: under load, commands gather by themselves while the commit before them is written.
    #[config(default = 0, env = "WIGWAG_STORE_COMMIT_LINGER_US")]
    pub commit_linger_us: u64,

    /// Most commands in one commit, 1 to 65536. Bounds how long a command can wait for those it shares a commit
    /// with; more than 512 at once hardly gain any throughput.
    #[config(default = 512, env = "WIGWAG_STORE_MAX_BATCH")]
    pub max_batch: usize,
}
