//! What a server stands on: the store, the bus, and the other nodes.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio::sync::mpsc;

use super::patience::Patience;
use wigwag_session::rates::Allowance;

use super::{DATABASE, StartError, limits, paces, stop};
use crate::auth::App;
use crate::bus::alone::NoBus;
use crate::bus::nats::BusError;
use crate::bus::{Bus, Hearing, nats};
use crate::clock::{Clock, wall_ms};
use crate::cluster::{self, Cluster, Neighbours, OnlineAnywhere, Others};
use crate::config::{Config, EngineUrl, StoreConfig};
use crate::door::Door;
use crate::media::{self, Media};
use crate::router::post::Post;
use crate::router::registry::Registry;
use crate::store::shared::{NodeId, SeatBounds, SharedStore};
use crate::store::{Committed, GiveAccess, OnlineUsers, Store, WriterSettings, postgres, sqlite};
use crate::telemetry::Metrics;
use crate::watching::Watching;

/// A clock that was corrected by less than this since the last run is no news, ms.
const CLOCK_SLACK_MS: u64 = 5_000;

/// Open engines.
pub(super) struct Engines {
    pub(super) store: Arc<dyn Store>,
    /// The same store, when other nodes may use it too.
    pub(super) shared: Option<Shared>,
    pub(super) committed: mpsc::Receiver<Vec<Committed>>,
    pub(super) clock: Clock,
    /// Who is here, or on another node.
    pub(super) online: Arc<dyn OnlineUsers>,
}

/// What there is only when nodes may share the store.
pub(super) struct Shared {
    pub(super) store: Arc<dyn SharedStore>,
    pub(super) node: NodeId,
    pub(super) bus: Arc<dyn Bus>,
    /// `None` without a bus.
    pub(super) hearing: Option<Hearing>,
    /// The other nodes.
    others: Arc<Others>,
}

/// What every store is given.
struct CommonParts {
    settings: WriterSettings,
    presence: Arc<dyn OnlineUsers>,
    metrics: Arc<Metrics>,
    /// Set as soon as the store knows the newest time in it.
    clock: Arc<OnceLock<Clock>>,
}

/// Opens what the configuration names; the embedded store when it names nothing.
pub(super) async fn open(
    config: &Config,
    registry: &Arc<Registry>,
    metrics: &Arc<Metrics>,
) -> Result<Engines, StartError> {
    let engines = match &config.store.url {
        None => open_embedded(config, registry, metrics)?,
        Some(url) => open_shared(config, url, registry, metrics).await?,
    };
    if engines.clock.ahead_ms() > CLOCK_SLACK_MS {
        tracing::warn!(
            ahead_ms = engines.clock.ahead_ms(),
            "the last time in the database is later than now: this clock is wrong, or was during the last run. Set the clock of \
             this machine and of the database's, and keep them right with NTP. Until real time has caught up, times in events go \
             on from the later one; tokens are judged by this machine's clock"
        );
    }
    Ok(engines)
}

fn open_embedded(
    config: &Config,
    registry: &Arc<Registry>,
    metrics: &Arc<Metrics>,
) -> Result<Engines, StartError> {
    let CommonParts { settings, presence, metrics, clock } =
        store_parts(config, registry, metrics, (Arc::new(NoBus), Arc::new(Others::none())))?;
    let online = Arc::clone(&presence);
    let parts = sqlite::StoreParts { settings, presence, metrics };
    let start = |newest| *clock.get_or_init(|| Clock::starting_not_before(newest));
    let opened = sqlite::open(&config.data_dir.join(DATABASE), parts, start);
    let (opened, clock) = opened.map_err(|error| stop(&error))?;
    let store = Arc::new(opened.store);
    Ok(Engines { store, shared: None, committed: opened.committed, clock, online })
}

async fn open_shared(
    config: &Config,
    url: &EngineUrl,
    registry: &Arc<Registry>,
    metrics: &Arc<Metrics>,
) -> Result<Engines, StartError> {
    let node = cluster::load_or_make(&config.data_dir).map_err(|error| stop(&error))?;
    let patience = Patience::of(Duration::from_secs(config.start_wait_s));
    let database = postgres_settings(&config.store, url);
    let reaching =
        patience.wait(async || postgres::check_reachable(&database).await, postgres::OpenError::may_pass);
    reaching.await.map_err(|error| stop(&error))?;
    let (bus, hearing) = connect_bus(config, metrics, patience).await?;
    let others = Arc::new(Others::unknown());
    let CommonParts { settings, presence, metrics, clock } =
        store_parts(config, registry, metrics, (Arc::clone(&bus), Arc::clone(&others)))?;
    let online = Arc::clone(&presence);
    let parts = postgres::StoreParts {
        settings,
        presence,
        metrics,
        node,
        user_pace: paces::of_user(&config.limits, Allowance::Commands),
    };
    let start = |shared, newest| *clock.get_or_init(|| Clock::starting_at(shared, newest));
    let opened = postgres::open(&database, parts, start).await;
    let (opened, clock) = opened.map_err(|error| stop(&error))?;
    let store = Arc::new(opened.store);
    let shared = Shared { store: Arc::clone(&store) as Arc<dyn SharedStore>, node, bus, hearing, others };
    Ok(Engines { store, shared: Some(shared), committed: opened.committed, clock, online })
}

/// How the database at `url` is reached.
pub(crate) fn postgres_settings(store: &StoreConfig, url: &EngineUrl) -> postgres::PostgresSettings {
    postgres::PostgresSettings {
        url: url.expose().to_owned(),
        tls_ca: store.tls_ca.clone(),
        connections: store.connections,
    }
}

async fn connect_bus(
    config: &Config,
    metrics: &Arc<Metrics>,
    patience: Patience,
) -> Result<(Arc<dyn Bus>, Option<Hearing>), StartError> {
    let Some(url) = &config.bus.url else { return Ok((Arc::new(NoBus), None)) };
    let connecting = async || nats::connect(url, config.sdk_app_id, Arc::clone(metrics)).await;
    let may_pass = |error: &BusError| matches!(error, BusError::Away(_));
    let (bus, hearing) = patience.wait(connecting, may_pass).await.map_err(|error| stop(&error))?;
    Ok((Arc::new(bus), Some(hearing)))
}

fn store_parts(
    config: &Config,
    registry: &Arc<Registry>,
    metrics: &Arc<Metrics>,
    (bus, others): (Arc<dyn Bus>, Arc<Others>),
) -> Result<CommonParts, StartError> {
    let clock = Arc::new(OnceLock::new());
    let registry = Arc::clone(registry);
    Ok(CommonParts {
        settings: WriterSettings {
            limits: limits(config),
            max_batch: config.store.max_batch,
            linger: Duration::from_micros(config.store.commit_linger_us),
            group_pace: paces::of_group(&config.limits),
            media: give_access(config, &clock)?,
        },
        presence: Arc::new(OnlineAnywhere { registry, bus, others, clock: Arc::clone(&clock) }),
        metrics: Arc::clone(metrics),
        clock,
    })
}

/// What people are told of a call's media, by the configured provider.
fn give_access(config: &Config, clock: &Arc<OnceLock<Clock>>) -> Result<GiveAccess, StartError> {
    let media = Media::new(&config.calls).map_err(|error| stop(&error))?;
    let clock = Arc::clone(clock);
    Ok(GiveAccess(Arc::new(move |guest| {
        let now = clock.get().map_or(0, Clock::now_ms);
        let ring_ms = guest.rings_until.map_or(0, |until| until.saturating_sub(now));
        let guest = media::Guest { profile: guest.profile, room_id: guest.room.as_str(), ring_ms };
        media.access(&guest, wall_ms())
    })))
}

impl Engines {
    /// Enters among the nodes that live, where there can be others.
    pub(super) async fn join(
        &mut self,
        config: &Config,
        app: &App,
        (door, watching): (&Arc<Door>, &Arc<Watching>),
        post: Post,
    ) -> Result<Neighbours, StartError> {
        match &mut self.shared {
            Some(shared) => shared.join(config, app, (door, watching), post).await,
            None => Ok(Neighbours::None),
        }
    }
}

impl Shared {
    /// Enters among the nodes that live.
    pub(super) async fn join(
        &mut self,
        config: &Config,
        app: &App,
        (door, watching): (&Arc<Door>, &Arc<Watching>),
        post: Post,
    ) -> Result<Neighbours, StartError> {
        let parts = cluster::Parts {
            card: cluster::card(self.node, app, config.bus.url.is_some()),
            store: Arc::clone(&self.store),
            door: Arc::clone(door),
            bus: Arc::clone(&self.bus),
            post,
            seats: SeatBounds {
                per_user: config.sessions.per_user,
                per_platform: config.sessions.per_platform,
            },
            others: Arc::clone(&self.others),
            watching: Arc::clone(watching),
        };
        let cluster = Cluster::start(parts, self.hearing.take()).await.map_err(|error| stop(&error))?;
        Ok(Neighbours::Cluster(cluster))
    }
}
