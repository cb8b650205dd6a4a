//! Builds the parts from the configuration, starts them, drains them, stops them.

mod absences;
mod back_ends;
mod chores;
mod engines;
mod figures;
mod folder;
mod house;
mod paces;
mod patience;
mod revoking;
mod rooms;
mod routes;

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;
use wigwag_engine::Limits;
use wigwag_engine::limits::WhenBusy;
use wigwag_protocol::{CloseCode, result};

use crate::auth::{ActionTokens, App, AppKey, Authenticator, KeyOrigin};
use crate::bus::Bus;
use crate::clock::Clock;
use crate::config::{Busy, Config, LimitsConfig};
use crate::door::{AsksFirst, Door};
use crate::gateway::{Gateway, HeardRings, Settings, Unsigned};
use crate::listener::{self, Entrance};
use crate::push::{self, Bell, Providers};
use crate::rates::Rates;
use crate::router::backlog::Budget;
use crate::router::post::Post;
use crate::router::registry::{Registry, SessionBounds};
use crate::router::{Deadlines, Questions, Router};
use crate::store::shared::{NodeId, SharedStore};
use crate::store::{OnlineUsers, Store};
use crate::telemetry::Metrics;
use crate::timers::Timers;
use crate::tls::Tls;
use crate::watching::Watching;
use crate::webhooks::{self, Hooks, Webhooks};

use absences::{Absences, Watch};
use back_ends::{KeyWatch, OwnAddress};
use chores::Chores;
use figures::Figures;
use house::House;
use revoking::Revoking;
use rooms::Rounds;

pub(crate) use engines::postgres_settings;
pub use folder::{DATABASE, lock_folder};

/// Why a server did not start; one line that says what to do.
#[derive(Debug)]
pub struct StartError(String);

impl std::fmt::Display for StartError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for StartError {}

fn stop(error: &dyn std::fmt::Display) -> StartError {
    StartError(error.to_string())
}

/// A server that listens.
pub struct Server {
    /// Where.
    pub address: SocketAddr,
    /// Whether connections are encrypted.
    pub encrypted: bool,
    /// Where the app key came from.
    pub key: KeyOrigin,
    listener: TcpListener,
    entrance: Entrance,
    /// `None` when the figures have no address of their own.
    figures: Option<Figures>,
    /// `None` when the API for back ends has no address of its own.
    back_ends: Option<OwnAddress>,
    routes: axum::Router,
    gateway: Arc<Gateway>,
    store: Arc<dyn Store>,
    /// `None` for a node that can have no others.
    bus: Option<Arc<dyn Bus>>,
    timers: Arc<Timers>,
    router: tokio::task::JoinHandle<()>,
    /// Ends with the server.
    _relieving: AbortOnDropHandle<()>,
    chores: Chores,
    /// Held until the end, so that no second server works in the same folder.
    _lock: std::fs::File,
}

impl Server {
    /// Opens the store and the port.
    pub async fn start(config: Config) -> Result<Self, StartError> {
        let (lock, kept, tls) = (lock_folder(&config)?, kept_key(&config)?, load_tls(&config)?);
        let ((webhooks, hooks), providers) = (load_webhooks(&config)?, push_providers(&config)?);
        let metrics = Arc::new(Metrics::new());
        let registry = Arc::new(registry(&config, &metrics));
        let mut engines = engines::open(&config, &registry, &metrics).await?;
        let (store, clock) = (Arc::clone(&engines.store), engines.clock);
        // A key is made after the database: from then on, a folder with a key and no database has lost it.
        let (app, origin) = app_of(&config, kept)?;
        let authenticator = authenticator(&config, &app)?;
        let ((listener, address), figures) = (bind(&config)?, Figures::bind(&config, &metrics)?);
        let (door, providers) = door(&engines, providers, hooks.asks_first());
        let post = Post { registry: Arc::clone(&registry), metrics: Arc::clone(&metrics), clock };
        let watching = watching(&config, &engines, &door, &post);
        let neighbours = engines.join(&config, &app, (&door, &watching), post.clone()).await?;
        let shared = engines.shared.as_ref().map(|shared| Arc::clone(&shared.store));
        let revoking = revoking(&authenticator, &registry, clock, &store, shared.clone()).await?;
        let timers = Arc::new(set_timers(&*store, &limits(&config), &metrics).await?);
        let (node, bus) = engines.shared.map(|shared| (shared.node, shared.bus)).unzip();
        let told = told(&providers, bus);
        let router = router(questions(hooks, &door, &post), (&post, &watching), &told, &timers, &config);
        let source = webhook_source(&post, &store, shared.clone().zip(node));
        let gateway = Arc::new(Gateway {
            door,
            registry,
            rates: Arc::new(Rates::new(paces::of_users(&config.limits))),
            neighbours,
            watching,
            places: Arc::default(),
            rings: Arc::new(HeardRings::new(!providers.is_empty())),
            authenticator,
            clock,
            metrics: Arc::clone(&metrics),
            settings: Arc::new(settings(&config)),
            unsigned: unsigned(&config.limits, &metrics),
            session_news: webhooks.session_news(&source),
            log_sessions: config.log.sessions,
            stopping: source.stop.clone(),
        });
        warn_of_openness(&config);
        let livekit = rooms::webhooks(&config.calls, &store, &gateway.door, gateway.clock);
        let (desk, watch) = (webhooks.desk(&store, clock), watch(&gateway, &store, &timers, &config));
        let api = back_ends::back_ends(&config, &app, &gateway, (shared.as_ref(), desk)).await?;
        Ok(Self {
            address,
            encrypted: tls.is_some(),
            key: origin,
            listener,
            entrance: entrance(&config.limits, tls, metrics),
            figures,
            back_ends: OwnAddress::bind(&config, &api, &gateway)?,
            routes: routes::routes(&gateway, &store, &api, livekit.clone(), &config),
            chores: Chores {
                house: house(&gateway, &watch, &config),
                absences: Absences(watch),
                revoking,
                pushes: pushes(providers, &gateway, &app, (&source, told.bell), engines.online),
                webhooks: (webhooks, source),
                keys: KeyWatch { api, shared },
                rounds: Rounds { webhooks: livekit, neighbours: gateway.neighbours.clone() },
                gateway: Arc::clone(&gateway),
            },
            gateway,
            store,
            timers,
            _relieving: AbortOnDropHandle::new(tokio::spawn(post.keep_within_budget())),
            router: tokio::spawn(router.run(engines.committed)),
            bus: told.bus,
            _lock: lock,
        })
    }

    /// Serves until `shutdown`; then sessions are told to resume elsewhere, what is queued is committed, and the store
    /// is closed.
    pub async fn run(self, shutdown: CancellationToken) {
        let gateway = Arc::clone(&self.gateway);
        let firing = tokio::spawn(fire(self.timers, Arc::clone(&gateway)));
        let chores = self.chores.begin();
        let drained = shutdown.clone();
        let draining = tokio::spawn(async move {
            drained.cancelled().await;
            gateway.stopping.cancel();
            gateway.registry.end_all(CloseCode::ResumeElsewhere);
        });
        let measuring = self.figures.map(|figures| tokio::spawn(figures.serve(shutdown.clone())));
        let serving = self.back_ends.map(|api| tokio::spawn(api.serve(shutdown.clone())));
        listener::serve(self.listener, self.routes, self.entrance, shutdown).await;
        if let Some(measuring) = measuring {
            measuring.abort();
        }
        if let Some(serving) = serving
            && serving.await.is_err()
        {
            tracing::error!("the API for back ends panicked while stopping");
        }
        firing.abort();
        chores.end().await;
        self.gateway.neighbours.part().await;
        self.store.close().await;
        if draining.await.is_err() || self.router.await.is_err() {
            tracing::error!("a part of the server panicked while stopping");
        }
        // The last commits were told until a moment ago.
        if let Some(bus) = self.bus {
            bus.close().await;
        }
    }
}

fn push_providers(config: &Config) -> Result<Providers, StartError> {
    Providers::new(&config.push).map_err(|error| stop(&error))
}

fn load_webhooks(config: &Config) -> Result<(Webhooks, Hooks), StartError> {
    let webhooks = Webhooks::new(&config.webhooks, config.sdk_app_id).map_err(|error| stop(&error))?;
    let hooks = Hooks::new(&config.webhooks, config.sdk_app_id, config.limits.data_bytes);
    Ok((webhooks, hooks.map_err(|error| stop(&error))?))
}

/// Who asks before something is done, if somebody does.
fn questions(hooks: Hooks, door: &Arc<Door>, post: &Post) -> Option<Arc<dyn Questions>> {
    hooks.ready(door, post).map(|asked| Arc::new(asked) as Arc<dyn Questions>)
}

/// Who is told of commits besides the devices here.
#[derive(Clone)]
struct Told {
    /// The other nodes.
    bus: Option<Arc<dyn Bus>>,
    /// Whoever pushes.
    bell: Option<Arc<Bell>>,
}

fn told(providers: &Providers, bus: Option<Arc<dyn Bus>>) -> Told {
    let bell = (!providers.is_empty()).then(|| Arc::new(Bell::new(bus.clone())));
    Told { bus, bell }
}

fn router(
    questions: Option<Arc<dyn Questions>>,
    (post, watching): (&Post, &Arc<Watching>),
    told: &Told,
    timers: &Arc<Timers>,
    config: &Config,
) -> Router {
    let (post, Told { bus, bell }) = (post.clone(), told.clone());
    let deadlines = Arc::clone(timers) as Arc<dyn Deadlines>;
    let lease_ms = config.calls.lease_s * 1_000;
    let watching = Arc::clone(watching);
    Router { post, bus, bell, deadlines, watching, questions, limits: limits(config), lease_ms }
}

/// Where users are who may be gone.
fn watch(gateway: &Gateway, store: &Arc<dyn Store>, timers: &Arc<Timers>, config: &Config) -> Watch {
    Watch {
        store: Arc::clone(store),
        registry: Arc::clone(&gateway.registry),
        deadlines: Arc::clone(timers) as Arc<dyn Deadlines>,
        neighbours: gateway.neighbours.clone(),
        clock: gateway.clock,
        lease_ms: config.calls.lease_s * 1_000,
    }
}

fn house(gateway: &Gateway, watch: &Watch, config: &Config) -> House {
    House {
        watch: watch.clone(),
        rates: Arc::clone(&gateway.rates),
        watching: Arc::clone(&gateway.watching),
        retention: config.retention.clone(),
    }
}

/// What endpoints of webhooks are served from.
fn webhook_source(
    post: &Post,
    store: &Arc<dyn Store>,
    shared: Option<(Arc<dyn SharedStore>, NodeId)>,
) -> webhooks::Source {
    webhooks::Source {
        store: Arc::clone(store),
        shared,
        clock: post.clock,
        metrics: Arc::clone(&post.metrics),
        stop: CancellationToken::new(),
    }
}

/// The door, where a back end may be asked first, and the ways in which devices are woken.
fn door(engines: &engines::Engines, providers: Providers, asks_first: AsksFirst) -> (Arc<Door>, Providers) {
    let online = Arc::clone(&engines.online);
    let door = Door::new(Arc::clone(&engines.store), engines.clock, providers.pushes(), online);
    (Arc::new(door.asking_first(asks_first)), providers)
}

/// What sessions watch, here and with word of other nodes.
fn watching(config: &Config, engines: &engines::Engines, door: &Arc<Door>, post: &Post) -> Arc<Watching> {
    let bus = engines.shared.as_ref().map(|shared| Arc::clone(&shared.bus));
    let grace_ms = config.sessions.offline_grace_s * 1_000;
    Arc::new(Watching::new(Arc::clone(door), bus, post.clone(), grace_ms))
}

/// Looks for revocations, and knows those that there are.
async fn revoking(
    authenticator: &Arc<Authenticator>,
    registry: &Arc<Registry>,
    clock: Clock,
    store: &Arc<dyn Store>,
    shared: Option<Arc<dyn SharedStore>>,
) -> Result<Revoking, StartError> {
    let revoking = Revoking::new(authenticator, registry, clock, store, shared);
    revoking.learn_all().await.map_err(|error| stop(&error))?;
    Ok(revoking)
}

/// How devices are woken and from what, if any can be.
fn pushes(
    providers: Providers,
    gateway: &Gateway,
    app: &App,
    (source, bell): (&webhooks::Source, Option<Arc<Bell>>),
    online: Arc<dyn OnlineUsers>,
) -> Option<(Providers, push::Source)> {
    let from = push::Source {
        store: Arc::clone(&source.store),
        shared: source.shared.clone(),
        bell: bell?,
        online,
        door: Arc::clone(&gateway.door),
        authenticator: Arc::clone(&gateway.authenticator),
        actions: ActionTokens::of(app),
        clock: gateway.clock,
        metrics: Arc::clone(&gateway.metrics),
        stop: source.stop.clone(),
    };
    Some((providers, from))
}

/// The key that is there. With one and without its database, nothing starts.
fn kept_key(config: &Config) -> Result<Option<(AppKey, KeyOrigin)>, StartError> {
    let kept = AppKey::find(&config.auth, &config.data_dir).map_err(|error| stop(&error))?;
    folder::check_database_is_there(config)?;
    Ok(kept)
}

/// The app, with the key that was found or else a new one.
fn app_of(config: &Config, kept: Option<(AppKey, KeyOrigin)>) -> Result<(App, KeyOrigin), StartError> {
    let (key, origin) =
        kept.map_or_else(|| AppKey::generate(&config.data_dir), Ok).map_err(|error| stop(&error))?;
    Ok((App { sdk_app_id: config.sdk_app_id, key }, origin))
}

fn load_tls(config: &Config) -> Result<Option<Tls>, StartError> {
    if let Some(key) = &config.tls.key {
        folder::warn_of_open_key("tls.key", key);
    }
    Tls::load(&config.tls).map_err(|error| stop(&error))
}

fn warn_of_openness(config: &Config) {
    folder::keep_private(&config.data_dir);
    if config.auth.dev_tokens {
        tracing::warn!("auth.dev_tokens: anybody on this machine can sign in as anybody");
    }
}

async fn fire(timers: Arc<Timers>, gateway: Arc<Gateway>) {
    timers.run(Arc::clone(&gateway.door), gateway.clock).await;
}

pub(crate) fn limits(config: &Config) -> Limits {
    Limits {
        data_bytes: config.limits.data_bytes,
        invitees: config.limits.invitees,
        open_invitations: config.limits.open_invitations,
        open_lasting: config.limits.open_lasting,
        group_open_invitations: config.limits.group_open_invitations,
        pair_open_invitations: config.limits.pair_open_invitations,
        invitee_open_invitations: config.limits.invitee_open_invitations,
        max_timeout: config.limits.max_timeout_s,
        no_deadline_age_ms: u64::from(config.retention.no_deadline_hours) * 3_600_000,
        group_members: config.limits.group_members,
        user_groups: config.limits.user_groups,
        revoke_window_ms: u64::from(config.limits.revoke_window_s) * 1_000,
        name_bytes: config.limits.name_bytes,
        ext_bytes: config.limits.ext_bytes,
        users_per_request: config.limits.users_per_request,
        call_people: config.calls.people,
        group_calls: config.calls.per_group,
        busy: match config.calls.busy {
            Busy::Report => WhenBusy::Report,
            Busy::Ring => WhenBusy::Ring,
        },
    }
}

fn session_bounds(config: &Config) -> SessionBounds {
    SessionBounds {
        mailbox: config.sessions.mailbox,
        backlog_bytes: config.sessions.backlog_bytes,
        // A store that is shared counts the sessions of all nodes; its answer takes a while, so this node keeps its own count too.
        per_user: config.sessions.per_user,
        per_platform: if config.store.url.is_none() { config.sessions.per_platform } else { 0 },
        grace_ms: config.sessions.offline_grace_s * 1_000,
    }
}

fn authenticator(config: &Config, app: &App) -> Result<Arc<Authenticator>, StartError> {
    let authenticator = Authenticator::new(&config.auth, app.clone(), &config.data_dir);
    Ok(Arc::new(authenticator.map_err(|error| stop(&error))?))
}

fn bind(config: &Config) -> Result<(TcpListener, SocketAddr), StartError> {
    let listener =
        listener::bind(config.listen, config.limits.send_buffer_bytes).map_err(|error| stop(&error))?;
    let address = listener.local_addr().map_err(|error| stop(&error))?;
    Ok((listener, address))
}

/// The alarm clock, set to everything that the store knows to be due.
async fn set_timers(
    store: &dyn Store,
    limits: &Limits,
    metrics: &Arc<Metrics>,
) -> Result<Timers, StartError> {
    let timers = Timers::new(Arc::clone(metrics));
    let due = store.due_times(limits.no_deadline_age_ms).await.map_err(|error| stop(&error))?;
    timers.watch(due);
    Ok(timers)
}

fn registry(config: &Config, metrics: &Metrics) -> Registry {
    let budget = Budget::new(config.sessions.total_backlog_bytes, metrics.backlog_bytes.clone());
    Registry::new(session_bounds(config), budget)
}

fn entrance(limits: &LimitsConfig, tls: Option<Tls>, metrics: Arc<Metrics>) -> Entrance {
    Entrance { tls, connections: limits.connections, unsigned: limits.unsigned_connections, metrics }
}

fn unsigned(limits: &LimitsConfig, metrics: &Metrics) -> Unsigned {
    Unsigned {
        frame_bytes: limits.unsigned_frame_bytes,
        unfinished: Budget::new(limits.unsigned_bytes, metrics.unsigned_bytes.clone()),
    }
}

fn settings(config: &Config) -> Settings {
    let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    Settings {
        limits: result::Limits {
            data_bytes: number(config.limits.data_bytes),
            frame_bytes: number(config.limits.frame_bytes),
            invitees: number(config.limits.invitees),
            commands_per_second: config.limits.commands_per_second,
            command_burst: config.limits.command_burst,
        },
        ping_interval: u32::try_from(config.sessions.ping_interval_s).unwrap_or(u32::MAX),
        auto_register: config.auth.auto_register,
    }
}
