//! Opening a database: address, migrations, the cluster's time, the writer.

mod error;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Statement};

use crate::clock::Clock;
use crate::store::batching::{BATCHES, QUEUE};
use crate::store::outcomes::{LastCommits, Outcomes};
use crate::store::postgres::connection::{DatabaseAddress, nat, said, said_below};
use crate::store::postgres::write::{BatchContext, Writer, WriterState};
use crate::store::postgres::{PostgresStore, schema};
use crate::store::shared::NodeId;
use crate::store::{Committed, OnlineUsers, WriterSettings};
use crate::telemetry::Metrics;
use wigwag_session::rates::Pace;

pub use self::error::OpenError;

/// How long the start waits for the database. A database that is only restarting answers by then.
const START_LIMIT: Duration = Duration::from_secs(10);

/// The advisory lock of whoever prepares the database; a node that starts waits for it.
pub(in crate::store::postgres) const STARTING: i64 = 6_368_472_912;

/// How the database is reached.
#[derive(Debug, Clone)]
pub struct PostgresSettings {
    /// The address, `postgres://…`.
    pub url: String,
    /// Certificates to trust besides the system's, PEM.
    pub tls_ca: Option<PathBuf>,
    /// Most connections at once, at least 2; one of them writes.
    pub connections: usize,
}

/// The parts of the server that the store works with.
pub struct StoreParts {
    /// How the writer gathers commands.
    pub settings: WriterSettings,
    /// Tells which users are online.
    pub presence: Arc<dyn OnlineUsers>,
    /// The counters of the store.
    pub metrics: Arc<Metrics>,
    /// The name of this node.
    pub node: NodeId,
    /// How fast a user may send commands, over all nodes.
    pub user_pace: Pace,
}

/// An open store and its results.
pub struct Opened {
    /// The store itself.
    pub store: PostgresStore,
    /// The requests that were committed or refused, in order.
    pub committed: mpsc::Receiver<Vec<Committed>>,
}

/// Brings a database to this program's schema. Returns the schema before and after.
pub async fn migrate(settings: &PostgresSettings) -> Result<(u32, u32), OpenError> {
    let address = DatabaseAddress::parse(&settings.url, settings.tls_ca.as_deref())?;
    let mut client = reach(&address).await?;
    prepare(&address, &mut client).await
}

/// Opens the database, bringing it to this program's schema, and starts the writer. `clock` is told the database's time and
/// the newest time in it, both in ms.
pub async fn open(
    settings: &PostgresSettings,
    parts: StoreParts,
    clock: impl FnOnce(u64, u64) -> Clock,
) -> Result<(Opened, Clock), OpenError> {
    let address = DatabaseAddress::parse(&settings.url, settings.tls_ca.as_deref())?;
    let mut client = reach(&address).await?;
    prepare(&address, &mut client).await?;
    let clock = read_clock(&client, clock).await.map_err(|error| OpenError::Other(said(&error)))?;
    let pool = address.pool(settings.connections.saturating_sub(1).max(1))?;
    let (jobs, waiting) = mpsc::channel(QUEUE + 1);
    let (out, committed) = mpsc::channel(BATCHES);
    let queued = Arc::new(AtomicUsize::new(0));
    let commits = Arc::new(LastCommits::default());
    let context = BatchContext {
        settings: parts.settings,
        presence: parts.presence,
        node: parts.node,
        // Each node checks the same limit in memory first, with a finer clock.
        user_pace: parts.user_pace.and_one(),
    };
    let writer = Writer {
        address: Arc::new(address),
        context: Arc::new(context),
        clock,
        outcomes: Outcomes::new(Arc::clone(&parts.metrics), Arc::clone(&commits)),
        metrics: Arc::clone(&parts.metrics),
        out,
        queued: Arc::clone(&queued),
        state: WriterState::default(),
    };
    let writer = Mutex::new(Some(tokio::spawn(writer.run(waiting))));
    let store = PostgresStore {
        pool,
        jobs,
        queued,
        clock,
        node: parts.node,
        metrics: parts.metrics,
        writer,
        commits,
    };
    Ok((Opened { store, committed }, clock))
}

/// Whether the database lets this program in.
pub async fn check_reachable(settings: &PostgresSettings) -> Result<(), OpenError> {
    let address = DatabaseAddress::parse(&settings.url, settings.tls_ca.as_deref())?;
    reach(&address).await.map(drop)
}

/// Connects; waits some time for a database server that is starting.
pub(in crate::store::postgres) async fn reach(address: &DatabaseAddress) -> Result<Client, OpenError> {
    let since = Instant::now();
    loop {
        match timeout(START_LIMIT, address.connect()).await {
            Ok(Ok(client)) => return Ok(client),
            Ok(Err(error)) if is_starting(&error) && since.elapsed() <= START_LIMIT => {
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
            Ok(Err(error)) if is_away(&error) => return Err(OpenError::Away(address.place(), said(&error))),
            Ok(Err(error)) => return Err(OpenError::Unreachable(address.place(), said(&error))),
            Err(_) => return Err(OpenError::Away(address.place(), "it does not answer".to_owned())),
        }
    }
}

fn is_starting(error: &tokio_postgres::Error) -> bool {
    error.code() == Some(&SqlState::CANNOT_CONNECT_NOW)
}

/// Whether the server may be there in a moment. A refused login, or a certificate that is not trusted, stays what it is: rustls
/// says such things as an I/O error of invalid data.
fn is_away(error: &tokio_postgres::Error) -> bool {
    if error.is_closed() {
        return true;
    }
    if let Some(code) = error.code() {
        return [SqlState::CANNOT_CONNECT_NOW, SqlState::TOO_MANY_CONNECTIONS].contains(code);
    }
    let cause = std::error::Error::source(error).and_then(|cause| cause.downcast_ref::<std::io::Error>());
    cause.is_some_and(|cause| cause.kind() != std::io::ErrorKind::InvalidData)
}

pub(in crate::store::postgres) async fn prepare(
    address: &DatabaseAddress,
    client: &mut Client,
) -> Result<(u32, u32), OpenError> {
    let place = || address.place();
    let version = client.query_one("SELECT current_setting('server_version_num')::integer", &[]).await;
    let version: i32 = version.map_err(|error| OpenError::Other(said(&error)))?.get(0);
    if version < 150_000 {
        return Err(OpenError::Old(place(), (version / 10_000).to_string()));
    }
    // One node migrates while the others wait. The lock ends with the connection.
    let lock = format!("SET statement_timeout = '120s'; SELECT pg_advisory_lock({STARTING})");
    let locked = client.batch_execute(&lock).await;
    locked.map_err(|error| OpenError::Other(said(&error)))?;
    let before = schema::version(client).await.map_err(|error| OpenError::Other(said(&error)))?;
    if before > schema::newest() {
        return Err(OpenError::Newer { place: place(), found: before, known: schema::newest() });
    }
    schema::migrate(client).await.map_err(|error| OpenError::Tables(place(), said_below(&error)))?;
    let unlock = format!("SELECT pg_advisory_unlock({STARTING}); RESET statement_timeout");
    let unlocked = client.batch_execute(&unlock).await;
    unlocked.map_err(|error| OpenError::Other(said(&error)))?;
    Ok((before, schema::newest()))
}

/// Starts this node's clock at the database's.
async fn read_clock(
    client: &Client,
    clock: impl FnOnce(u64, u64) -> Clock,
) -> Result<Clock, tokio_postgres::Error> {
    let newest = client.query_opt("SELECT time FROM events ORDER BY id DESC LIMIT 1", &[]).await?;
    let newest = newest.map_or(0, |row| nat(row.get(0)));
    let question = client.prepare("SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint").await?;
    let mut quickest = look_at_clock(client, &question).await?;
    for _ in 1..LOOKS {
        let look = look_at_clock(client, &question).await?;
        if look.took < quickest.took {
            quickest = look;
        }
    }
    Ok(clock(quickest.now(), newest))
}

/// How often the database is asked for its time. Nodes compare times, and a single answer that took long would make this
/// node's clock wrong by half of that delay for as long as it runs.
const LOOKS: usize = 8;

/// One reading of the database's clock.
struct ClockLook {
    said: u64,
    asked: Instant,
    took: Duration,
}

async fn look_at_clock(client: &Client, question: &Statement) -> Result<ClockLook, tokio_postgres::Error> {
    let asked = Instant::now();
    let said = nat(client.query_one(question, &[]).await?.get(0));
    Ok(ClockLook { said, asked, took: asked.elapsed() })
}

impl ClockLook {
    /// The database's time now, assuming that it read its clock halfway between question and answer.
    fn now(&self) -> u64 {
        let since = self.asked.elapsed().saturating_sub(self.took / 2);
        self.said + u64::try_from(since.as_millis()).unwrap_or(0)
    }
}
