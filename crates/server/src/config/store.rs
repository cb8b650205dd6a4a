//! `[store]`

/// Where state is kept.
#[derive(Debug, Clone, confique::Config)]
#[config(layer_attr(serde(deny_unknown_fields)))]
pub struct StoreConfig {
    /// Address of a database server. Without it, an SQLite database in the data folder, which needs nothing else
    /// to run. This version has no other store: an address is refused.
    #[config(env = "WIGWAG_STORE_URL")]
    pub url: Option<String>,

    /// Microseconds a commit waits for more commands to share its disk write, 0 to 100000. 0 is the fastest on most
    /// disks: under load, commands gather by themselves while the commit before them is written.
    #[config(default = 0, env = "WIGWAG_STORE_COMMIT_LINGER_US")]
    pub commit_linger_us: u64,

    /// Most commands in one commit, 1 to 65536. Bounds how long a command can wait for those it shares a commit
    /// with; more than 512 at once hardly gain any throughput.
    #[config(default = 512, env = "WIGWAG_STORE_MAX_BATCH")]
    pub max_batch: usize,
}
