//! A throw-away home for a measured node: data folder, configuration, log.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};
use serde::Serialize;
use tempfile::TempDir;

/// No user is held back: what is measured is the server, not its patience.
const UNLIMITED: u32 = 1_000_000;

/// What the nodes of a site have in common.
#[derive(Debug, Clone)]
pub(crate) struct Common {
    /// The app key that signs tokens.
    pub(crate) key: String,
    /// Most open invitations of an inviter, and for an invitee.
    pub(crate) open_invitations: u32,
    /// The database's address; the embedded store without one.
    pub(crate) store: Option<String>,
    /// The bus's address.
    pub(crate) bus: Option<String>,
    /// Where events are told by webhooks, on this machine.
    pub(crate) endpoint: Option<String>,
    /// Where pushes go, on this machine.
    pub(crate) adapter: Option<String>,
}

/// The members of a group as large as the limits allow are named in one request.
const LARGEST_GROUP: u32 = 2_000;

#[derive(Serialize)]
struct Config<'a> {
    listen: &'a str,
    data_dir: PathBuf,
    auth: Auth<'a>,
    limits: Limits,
    calls: Calls,
    store: Engine<'a>,
    bus: Engine<'a>,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    telling: Option<Telling<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    push: Option<Push<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sessions: Option<Sessions>,
}

/// Who has gone is away at once, where pushes are measured: whoever still counts as online is given time to take the ring first.
#[derive(Serialize)]
struct Sessions {
    offline_grace_s: u32,
}

#[derive(Serialize)]
struct Auth<'a> {
    key: &'a str,
}

#[derive(Serialize)]
struct Engine<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'a str>,
}

/// Callers of `running` are gone while it measures, and stay in their calls.
#[derive(Serialize)]
struct Calls {
    lease_s: u32,
}

/// The longest lease that there is, seconds.
const LEASE: u32 = 600;

/// Nobody verifies what is signed with it.
const SECRET: &str = "whsec_QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE=";

/// What pushes need.
#[derive(Serialize)]
struct Push<'a> {
    adapter: Adapter<'a>,
}

#[derive(Serialize)]
struct Adapter<'a> {
    url: &'a str,
    secret: &'a str,
    allow: [&'a str; 1],
}

impl<'a> Push<'a> {
    fn to(url: &'a str) -> Self {
        Self { adapter: Adapter { url, secret: SECRET, allow: ["127.0.0.1"] } }
    }
}

/// What webhooks need; sites without them are configured as ever.
#[derive(Serialize)]
struct Telling<'a> {
    retention: Retention,
    webhooks: Webhooks<'a>,
}

#[derive(Serialize)]
struct Retention {
    events_days: u32,
}

#[derive(Serialize)]
struct Webhooks<'a> {
    allow: [&'a str; 1],
    endpoints: [Endpoint<'a>; 1],
}

#[derive(Serialize)]
struct Endpoint<'a> {
    name: &'a str,
    url: &'a str,
    secret: &'a str,
}

impl<'a> Telling<'a> {
    fn to(url: &'a str) -> Self {
        let endpoints = [Endpoint { name: "bench", url, secret: SECRET }];
        // The least that webhooks need.
        Self {
            retention: Retention { events_days: 10 },
            webhooks: Webhooks { allow: ["127.0.0.1"], endpoints },
        }
    }
}

#[derive(Serialize)]
struct Limits {
    commands_per_second: u32,
    command_burst: u32,
    calls_per_second: u32,
    call_burst: u32,
    answers_per_second: u32,
    answer_burst: u32,
    reads_per_second: u32,
    read_burst: u32,
    sign_ins_per_second: u32,
    sign_in_burst: u32,
    open_invitations: u32,
    pair_open_invitations: u32,
    invitee_open_invitations: u32,
    connections: u32,
    users_per_request: u32,
}

/// The folder; removed when dropped.
pub(crate) struct Home {
    folder: TempDir,
}

impl Home {
    /// Makes the folder, below `TMPDIR`, with the configuration.
    pub(crate) fn new(common: &Common) -> Result<Self> {
        let folder = TempDir::with_prefix("wigwag-bench-").context("cannot make a temporary folder")?;
        let home = Self { folder };
        let config = Config {
            listen: "127.0.0.1:0",
            data_dir: home.folder.path().join("data"),
            auth: Auth { key: &common.key },
            limits: Limits {
                commands_per_second: UNLIMITED,
                command_burst: UNLIMITED,
                calls_per_second: UNLIMITED,
                call_burst: UNLIMITED,
                answers_per_second: UNLIMITED,
                answer_burst: UNLIMITED,
                reads_per_second: UNLIMITED,
                read_burst: UNLIMITED,
                sign_ins_per_second: UNLIMITED,
                sign_in_burst: UNLIMITED,
                open_invitations: common.open_invitations,
                pair_open_invitations: common.open_invitations,
                invitee_open_invitations: common.open_invitations,
                connections: UNLIMITED,
                users_per_request: LARGEST_GROUP,
            },
            calls: Calls { lease_s: LEASE },
            store: Engine { url: common.store.as_deref() },
            bus: Engine { url: common.bus.as_deref() },
            telling: common.endpoint.as_deref().map(Telling::to),
            push: common.adapter.as_deref().map(Push::to),
            sessions: common.adapter.is_some().then_some(Sessions { offline_grace_s: 0 }),
        };
        fs::write(home.config(), toml::to_string(&config)?).context("cannot write the configuration")?;
        Ok(home)
    }

    /// The configuration file.
    pub(crate) fn config(&self) -> PathBuf {
        self.folder.path().join("wigwag.toml")
    }

    /// Bytes of the embedded store's tables and indexes: what its log still holds is not counted.
    pub(crate) fn kept(&self) -> Result<u64> {
        let Ok(files) = fs::read_dir(self.folder.path().join("data")) else { return Ok(0) };
        let mut kept = 0;
        for file in files {
            let file = file?;
            if file.path().extension().is_some_and(|extension| extension == "db") {
                kept += file.metadata()?.len();
            }
        }
        Ok(kept)
    }

    /// Where the node's standard error goes.
    pub(crate) fn log(&self) -> PathBuf {
        self.folder.path().join("server.log")
    }
}
