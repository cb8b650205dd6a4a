//! The bus over NATS: a subject per user, followed by the nodes that have devices of theirs.
//!
//! ```text
//!  publish ──▶ telling (a bounded queue) ──▶ NATS ──▶ follow (a task per user) ──▶ Hearing
//! ```
//!
//! A question to a subject that no node follows is answered "no responders" by NATS itself: so it is known that a user
//! has no device anywhere.

mod address;
mod asking;
mod following;
mod telling;

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_nats::connection::State;
use async_nats::{Client, ConnectErrorKind, ConnectOptions, Event, RequestErrorKind};
use async_trait::async_trait;
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use parking_lot::Mutex;
use tokio::sync::{Notify, mpsc};
use tokio::time::{Instant, timeout, timeout_at};
use tokio_util::task::AbortOnDropHandle;
use wigwag_protocol::{CloseCode, UserId};
use wigwag_session::LoggedEvent;

use self::address::Address;
use self::following::Following;
use self::telling::Telling;
use super::subject::Subjects;
use super::{Asker, Bus, Heard, Hearing, wire};
use crate::config::EngineUrl;
use crate::store::shared::{NodeId, SessionName};
use crate::telemetry::Metrics;

/// Messages of other nodes that may wait to be dealt with, a few megabytes; those that come then wait at their
/// subscriptions.
const HEARING: usize = 4_096;
/// Messages that may wait at one subscription before NATS's client throws the newest away: a burst to one user. The
/// subjects all nodes hear share it.
const SUBSCRIPTION: usize = 1_024;
/// Pause between pings while nothing is heard. NATS's client takes a server as gone that has left two unanswered when the
/// third is due: a hung one is known after a second and a half, where its TCP connection would look alive for minutes.
const PING: Duration = Duration::from_millis(500);
/// For reaching the server at start.
const CONNECT_LIMIT: Duration = Duration::from_secs(3);
/// Longest pause between two attempts to come back.
const RETRY: Duration = Duration::from_millis(500);
/// How long others may take to say that they follow a user. They are on the same network and answer from memory; when
/// they do not, the user counts as online.
const ANSWER_LIMIT: Duration = Duration::from_millis(150);
/// After a question that nobody at all has answered, how long everybody counts as online without being asked. The bus is about to be
/// known as away (two pings), and until then every command that asks would hold up its whole batch for [`ANSWER_LIMIT`], with the
/// deadlines in it.
const DOUBT: Duration = Duration::from_secs(1);
/// Questions at once: a large group is asked for in a few round trips.
const QUESTIONS: usize = 256;
/// For what is queued when the node goes.
const LAST_CALL: Duration = Duration::from_secs(2);
/// Changes of the connection that may wait to be looked at; they are rare.
const CHANGES: usize = 64;

/// Why there is no bus; one line that says what to do.
#[derive(Debug)]
pub enum BusError {
    /// It could not be reached; it may be there in a moment.
    Away(String),
    /// The address, or what the server says to it, is wrong until somebody changes it.
    Wrong(String),
}

impl fmt::Display for BusError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Away(words) | Self::Wrong(words) => f.write_str(words),
        }
    }
}

impl std::error::Error for BusError {}

/// A connection to NATS.
pub struct Nats {
    line: Line,
    following: Following,
    telling: Telling,
    /// Until when nobody is asked.
    doubted_until: Mutex<Option<Instant>>,
}

/// The connection, and what is said where.
#[derive(Clone)]
struct Line {
    client: Client,
    subjects: Subjects,
    metrics: Arc<Metrics>,
    /// Rung when the connection is lost: questions that are under way will have no answer.
    lost: Arc<Notify>,
}

/// Connects, and hears from now on what is said to all nodes. `url` names one server, or several of a cluster with
/// commas between. A server that is away later is waited for.
pub async fn connect(
    url: &EngineUrl,
    sdk_app_id: u32,
    metrics: Arc<Metrics>,
) -> Result<(Nats, Hearing), BusError> {
    let address = Address::parse(url.expose()).map_err(|why| {
        BusError::Wrong(format!(
            "bus.url cannot be used: {why}. Write it as nats://host:4222, or tls://host:4222"
        ))
    })?;
    let (change, changed) = mpsc::channel(CHANGES);
    let options = options(&address).event_callback(move |event| {
        let change = change.clone();
        async move {
            // A change that is not looked at in time is followed by others that are.
            change.try_send(event).ok();
        }
    });
    let connecting = timeout(CONNECT_LIMIT, options.connect(address.servers));
    let client = match connecting.await {
        Ok(Ok(client)) => client,
        Ok(Err(error)) => return Err(unreachable(url, error.kind(), &error)),
        Err(_) => return Err(unreachable(url, ConnectErrorKind::TimedOut, &"it does not answer")),
    };
    let line = Line { client, subjects: Subjects::of(sdk_app_id), metrics, lost: Arc::default() };
    let (heard, hearing) = mpsc::channel(HEARING);
    let following = Following::start(line.clone(), heard.clone()).await;
    let telling = Telling::start(line.clone());
    line.metrics.bus_connected.set(1);
    tokio::spawn(line.clone().watch(changed, heard));
    Ok((Nats { line, following, telling, doubted_until: Mutex::new(None) }, hearing))
}

fn options(address: &Address) -> ConnectOptions {
    let options = ConnectOptions::new()
        .name("wigwag")
        .no_echo()
        .subscription_capacity(SUBSCRIPTION)
        .ping_interval(PING)
        .connection_timeout(CONNECT_LIMIT)
        .request_timeout(None)
        .max_reconnects(None)
        .reconnect_delay_callback(pause);
    match (&address.user, &address.password) {
        (Some(user), Some(password)) => options.user_and_password(user.clone(), password.clone()),
        (Some(token), None) => options.token(token.clone()),
        (None, _) => options,
    }
}

/// Before the next attempt to connect; the first is at once.
fn pause(attempts: usize) -> Duration {
    let doubled = u32::try_from(attempts.saturating_sub(2)).unwrap_or(u32::MAX);
    match attempts {
        0 | 1 => Duration::ZERO,
        _ => Duration::from_millis(20).saturating_mul(2_u32.saturating_pow(doubled)).min(RETRY),
    }
}

fn unreachable(url: &EngineUrl, kind: ConnectErrorKind, why: &dyn fmt::Display) -> BusError {
    match kind {
        ConnectErrorKind::Authentication | ConnectErrorKind::AuthorizationViolation => {
            BusError::Wrong(format!(
                "the bus at {url} refuses the user, password or token in bus.url: correct them there or in NATS"
            ))
        }
        ConnectErrorKind::Tls => BusError::Wrong(format!(
            "no TLS connection to the bus at {url}: {why}. Give NATS a certificate that this machine trusts for that name, or use nats:// without TLS"
        )),
        ConnectErrorKind::ServerParse
        | ConnectErrorKind::Dns
        | ConnectErrorKind::TimedOut
        | ConnectErrorKind::Io
        | ConnectErrorKind::MaxReconnects => BusError::Away(format!(
            "cannot reach the bus at {url}: {why}. Start NATS there, or set bus.url (--bus) to where it is"
        )),
    }
}

impl Line {
    fn is_connected(&self) -> bool {
        self.client.connection_state() == State::Connected
    }

    /// Waits until the server has dealt with everything sent so far, subscriptions above all. It deals with a
    /// connection's lines in order, so the answer to a question nobody hears comes after them.
    async fn settle(&self, within: Duration) {
        let asking = self.client.request(self.subjects.nobody(), Bytes::new());
        // "No responders" is the answer; without any, what was missed is found in the store.
        timeout(within, asking).await.ok();
    }

    /// Tells when the connection is lost and back.
    async fn watch(self, mut changed: mpsc::Receiver<Event>, heard: mpsc::Sender<Heard>) {
        let mut lost = false;
        while let Some(event) = changed.recv().await {
            match event {
                Event::Disconnected => {
                    lost = true;
                    self.metrics.bus_connected.set(0);
                    self.lost.notify_waiters();
                    tracing::warn!(
                        "the bus is away: devices on other nodes hear of events late until it is back"
                    );
                    if heard.send(Heard::Disconnected).await.is_err() {
                        return;
                    }
                }
                Event::Connected if lost => {
                    lost = false;
                    self.metrics.bus_connected.set(1);
                    tracing::info!("the bus is back");
                    self.settle(LAST_CALL).await;
                    if heard.send(Heard::Reconnected).await.is_err() {
                        return;
                    }
                }
                Event::SlowConsumer(_) => {
                    self.metrics.bus_ignored.inc();
                }
                Event::Connected
                | Event::LameDuckMode
                | Event::Draining
                | Event::Closed
                | Event::ServerError(_)
                | Event::ClientError(_) => tracing::debug!(%event, "bus"),
            }
        }
    }

    async fn answer_knocks(self, bell: Arc<Notify>) {
        // The client is closed only when the node goes, and subscribes again by itself after a loss.
        let Ok(mut knocks) = self.client.subscribe(self.subjects.steps()).await else { return };
        while knocks.next().await.is_some() {
            bell.notify_one();
        }
    }

    /// Whether another node follows the user; `None` when there was no answer.
    async fn ask(self, user: UserId, until: Instant) -> Option<bool> {
        let asking = self.client.request(self.subjects.user(&user), wire::question().into());
        match timeout_at(until, asking).await {
            Ok(Ok(_)) => Some(true),
            Ok(Err(error)) if error.kind() == RequestErrorKind::NoResponders => Some(false),
            Ok(Err(_)) | Err(_) => None,
        }
    }
}

impl Nats {
    fn is_doubted(&self) -> bool {
        self.doubted_until.lock().is_some_and(|until| Instant::now() < until)
    }
}

#[async_trait]
impl Bus for Nats {
    async fn follow(&self, user: &UserId) {
        self.following.follow(user).await;
    }

    fn unfollow(&self, user: &UserId) {
        self.following.unfollow(user);
    }

    fn publish(&self, event: &Arc<LoggedEvent>) {
        self.telling.event(event);
    }

    fn end_session(&self, user: &UserId, session: SessionName, code: CloseCode) {
        self.telling.message(self.line.subjects.user(user), wire::end(user, session, code));
    }

    fn beat(&self, node: NodeId) {
        self.telling.message(self.line.subjects.all(), wire::beat(node));
    }

    fn knock(&self) {
        self.telling.message(self.line.subjects.steps(), Vec::new());
    }

    fn answer_knocks(&self, bell: Arc<Notify>) -> AbortOnDropHandle<()> {
        AbortOnDropHandle::new(tokio::spawn(self.line.clone().answer_knocks(bell)))
    }

    async fn followed(&self, users: &[UserId]) -> Vec<bool> {
        // Listens before it looks, so that no loss goes unheard. A batch that waits here holds its rows, and other nodes wait for them.
        let lost = self.line.lost.notified();
        tokio::pin!(lost);
        lost.as_mut().enable();
        if !self.is_connected() || self.is_doubted() {
            return vec![true; users.len()];
        }
        let until = Instant::now() + ANSWER_LIMIT;
        let asking = users.iter().cloned().map(|user| self.line.clone().ask(user, until));
        let answers: Vec<Option<bool>> = tokio::select! {
            answers = stream::iter(asking).buffered(QUESTIONS).collect() => answers,
            () = lost => vec![None; users.len()],
        };
        if !answers.is_empty() && answers.iter().all(Option::is_none) {
            *self.doubted_until.lock() = Some(Instant::now() + DOUBT);
        }
        answers.into_iter().map(|followed| followed.unwrap_or(true)).collect()
    }

    async fn ask(&self, users: &[UserId], nodes: &BTreeSet<NodeId>) -> Vec<Option<bool>> {
        self.line.ask_all(users, nodes).await
    }

    fn moved(&self, users: &[UserId]) {
        self.telling.message(self.line.subjects.presence(), wire::moved(users));
    }

    fn answer(&self, Asker(reply): Asker, node: NodeId, online: Vec<usize>) {
        self.telling.message(reply, wire::here(node, online));
    }

    fn is_connected(&self) -> bool {
        self.line.is_connected()
    }

    async fn close(&self) {
        self.telling.close(LAST_CALL).await;
        self.following.end();
        // The process is about to end; what cannot be sent any more is found in the store.
        timeout(LAST_CALL, self.line.client.flush()).await.ok();
        timeout(LAST_CALL, self.line.client.drain()).await.ok();
    }
}
