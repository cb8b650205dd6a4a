//! What apps hold: a client, made by a builder.

use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{Notify, mpsc, oneshot, watch};
use tokio::time::timeout;
use uuid::Uuid;
use wigwag_protocol::call::CallView;
use wigwag_protocol::invitation::InvitationView;
use wigwag_protocol::{CallId, DeviceId, InviteId, Method, Platform, UserId};

use crate::cursor::CursorStore;
use crate::driver::{Call, Dialler, Driver, Ends, Parts, Shared};
use crate::error::{Error, StopReason};
use crate::events::{ConnectionState, Events};
use crate::machine::Settings;
use crate::token::Token;

/// How long a command waits for its reply unless the app says otherwise.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);
/// How long [`Builder::connect`] waits for the first session.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Events held for an app that is slow to take them, unless it says otherwise: a second of a busy group.
const EVENT_CAPACITY: usize = 1_024;

/// A user signed in on one device. Cheap to clone; all clones share one connection.
///
/// Commands are sent in the order in which the methods are called, at the call, and survive reconnects where that is
/// safe. When all clones and the [`Events`] are dropped the session ends.
#[derive(Clone)]
pub struct Client {
    calls: mpsc::Sender<Call>,
    stop: Arc<Notify>,
    machine: Arc<Shared>,
    state: watch::Receiver<ConnectionState>,
}

impl Client {
    /// Starts building a client for the server at `url`: `ws://` or `wss://`; the path defaults to `/v1/ws`.
    pub fn builder(url: impl Into<String>, token: impl Into<Token>) -> Builder {
        Builder {
            url: url.into(),
            token: token.into(),
            user_id: None,
            device_id: None,
            platform: None,
            store: None,
            tls: None,
            own_acts: false,
            request_timeout: REQUEST_TIMEOUT,
            event_capacity: EVENT_CAPACITY,
        }
    }

    /// Where the connection stands now.
    pub fn state(&self) -> ConnectionState {
        self.state.borrow().clone()
    }

    /// The invitations that are open as far as this device was told, oldest first; `remaining_ms` is what is left now.
    ///
    /// This list is never older than the last event that was taken from [`Events`], and may be newer. It is complete from
    /// the first session on; after a start with a stored cursor, from the first reply on.
    pub fn invitations(&self) -> Vec<InvitationView> {
        self.machine.with(|machine, now| machine.book().open(now))
    }

    /// One invitation that this device was told of, open or ended; see [`Client::invitations`]. The newest 200 that have
    /// ended are kept. `None` does not mean that there is none: [`Client::get`] asks the server.
    ///
    /// An ended invitation without an `end_reason` has ended while this device was not told how, or was offline at its
    /// deadline.
    pub fn invitation(&self, id: &InviteId) -> Option<InvitationView> {
        self.machine.with(|machine, now| machine.book().get(id, now))
    }

    /// The calls that run, as far as this device was told, oldest first: those that began while it listened, and those that
    /// [`Client::get_call`] or [`Client::call_list`] showed. Never older than the last event that was taken from [`Events`].
    /// After a resync it is empty.
    pub fn calls(&self) -> Vec<CallView> {
        self.machine.with(|machine, now| machine.calls().running(now))
    }

    /// One call that this device was told of, running or over; see [`Client::calls`]. The newest 200 are kept.
    pub fn known_call(&self, id: &CallId) -> Option<CallView> {
        self.machine.with(|machine, now| machine.calls().get(id, now))
    }

    /// What the server's clock says now, ms since 1970, as far as the last sign-in told; `None` before the first one.
    pub fn server_time(&self) -> Option<u64> {
        self.machine.with(|machine, now| machine.server_time(now))
    }

    /// Any method of the protocol but `session.*`, with its params and result as JSON: for bindings whose own language has the
    /// types. The typed methods of this client do the same. Panics when the method is the session's own, which the client calls itself.
    pub fn request(&self, method: Method, params: &RawValue) -> Reply<Box<RawValue>> {
        let own = [Method::SessionOpen, Method::SessionAck, Method::SessionClose];
        assert!(!own.contains(&method), "{} is the client's own to call", method.as_str());
        self.call(method, params)
    }

    /// Ends the session; returns when the cursor is stored. Commands without a reply settle with [`Error::Stopped`].
    pub async fn close(&self) {
        self.stop.notify_one();
        self.calls.closed().await;
    }

    /// Sends a request at once if the queue has room, else when the reply is awaited.
    pub(crate) fn call<T: DeserializeOwned>(
        &self,
        method: Method,
        params: &(impl Serialize + ?Sized),
    ) -> Reply<T> {
        // Serialising our own types into memory cannot fail: no map has a non-string key.
        let params = serde_json::to_string(params).unwrap_or_else(|_| "null".to_owned());
        let (reply, replied) = oneshot::channel();
        let early = self.calls.try_send(Call { method, params, reply });
        let client = self.clone();
        let outcome = Box::pin(async move {
            let sent = match early {
                Ok(()) => true,
                Err(TrySendError::Full(call)) => client.calls.send(call).await.is_ok(),
                Err(TrySendError::Closed(_)) => false,
            };
            match if sent { replied.await.ok() } else { None } {
                Some(outcome) => outcome,
                None => Err(Error::Stopped(client.stop_reason())),
            }
        });
        Reply { outcome, result: PhantomData }
    }

    fn stop_reason(&self) -> StopReason {
        match &*self.state.borrow() {
            ConnectionState::Stopped(reason) => reason.clone(),
            ConnectionState::Connecting
            | ConnectionState::Connected { .. }
            | ConnectionState::Reconnecting { .. } => StopReason::Asked,
        }
    }

    /// Waits until the client is signed in, and gives who is. Fails with [`Error::Stopped`] when it will not be.
    pub async fn signed_in(&self) -> Result<UserId, Error> {
        let mut states = self.state.clone();
        loop {
            // In a block, because the state may not be borrowed while waiting.
            {
                match &*states.borrow_and_update() {
                    ConnectionState::Connected { user_id } => return Ok(user_id.clone()),
                    ConnectionState::Stopped(reason) => return Err(Error::Stopped(reason.clone())),
                    ConnectionState::Connecting | ConnectionState::Reconnecting { .. } => {}
                }
            }
            if states.changed().await.is_err() {
                return Err(Error::Stopped(StopReason::Asked));
            }
        }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("state", &*self.state.borrow()).finish_non_exhaustive()
    }
}

/// Settings of a client that is to be made.
#[must_use]
pub struct Builder {
    url: String,
    token: Token,
    user_id: Option<UserId>,
    device_id: Option<DeviceId>,
    platform: Option<Platform>,
    store: Option<Arc<dyn CursorStore>>,
    tls: Option<Arc<rustls::ClientConfig>>,
    own_acts: bool,
    request_timeout: Duration,
    event_capacity: usize,
}

impl Builder {
    /// Who is expected to sign in; the server refuses a token of somebody else's. Default: whoever the token is for.
    pub fn user(mut self, user_id: UserId) -> Self {
        self.user_id = Some(user_id);
        self
    }

    /// This device; see [`Builder::device_id`] and [`Builder::platform`].
    pub fn device(self, device_id: DeviceId, platform: Platform) -> Self {
        self.device_id(device_id).platform(platform)
    }

    /// The name of this device; keep it across restarts. Default: a new one.
    pub fn device_id(mut self, device_id: DeviceId) -> Self {
        self.device_id = Some(device_id);
        self
    }

    /// What this device is. Default: what this is compiled for.
    pub fn platform(mut self, platform: Platform) -> Self {
        self.platform = Some(platform);
        self
    }

    /// Whether what this device does to invitations is told as events too, marked [`own`](crate::Happened::own): each at the
    /// place of its reply in the stream, before the reply, and once, whatever becomes of the connection. Told are invite,
    /// accept, reject, cancel and modify. A modify whose reply was lost is told unmarked, because its event names no device.
    /// Default: false, and the reply alone tells of it.
    pub fn own_acts(mut self, told: bool) -> Self {
        self.own_acts = told;
        self
    }

    /// Where the cursor is kept across restarts. Default: nowhere; each start begins at the head of the stream.
    pub fn cursor_store(mut self, store: impl CursorStore) -> Self {
        self.store = Some(Arc::new(store));
        self
    }

    /// TLS settings for `wss://`, such as a private root. Default: the system's root certificates.
    pub fn tls(mut self, config: Arc<rustls::ClientConfig>) -> Self {
        self.tls = Some(config);
        self
    }

    /// How long a command waits for its reply, reconnects included. Default: 10 s.
    pub fn request_timeout(mut self, timeout: Duration) -> Self {
        self.request_timeout = timeout;
        self
    }

    /// Events held for an app that is slow to take them, at least 1. Default: 1,024.
    pub fn event_capacity(mut self, events: usize) -> Self {
        self.event_capacity = events.max(1);
        self
    }

    /// Starts without waiting for the server; [`Events`] and [`Client::state`] tell how it goes. Must be called within a
    /// tokio runtime. Fails when the address, the TLS settings or the stored cursor are no good.
    pub fn start(self) -> Result<(Client, Events), Error> {
        let place = match &self.store {
            Some(store) => store.load().map_err(Error::CursorStore)?,
            None => None,
        };
        let settings = Settings {
            user_id: self.user_id,
            device_id: self.device_id.unwrap_or_else(new_device_id),
            platform: self.platform.unwrap_or_else(|| platform_of(std::env::consts::OS)),
            place,
            own_acts: self.own_acts,
            renews_token: self.token.renews(),
            request_timeout: u64::try_from(self.request_timeout.as_millis()).unwrap_or(u64::MAX / 2),
            seed: Uuid::new_v4().as_u64_pair().0,
        };
        let dialler = Dialler::new(&self.url, self.tls)?;
        let (token, store, event_capacity) = (self.token, self.store, self.event_capacity);
        let (driver, ends) = Driver::new(Parts { settings, dialler, token, store, event_capacity });
        tokio::spawn(driver.run());
        let Ends { calls, stop, machine, state, events } = ends;
        Ok((Client { calls, stop, machine, state }, events))
    }

    /// Starts and waits for the first session, at most 10 s. Fails with [`Error::Stopped`] when the sign-in is refused,
    /// with [`Error::TimedOut`] when the server cannot be reached.
    pub async fn connect(self) -> Result<(Client, Events), Error> {
        let (client, events) = self.start()?;
        match timeout(CONNECT_TIMEOUT, client.signed_in()).await.unwrap_or(Err(Error::TimedOut)) {
            Ok(_) => Ok((client, events)),
            Err(error) => {
                client.close().await;
                Err(error)
            }
        }
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("url", &self.url)
            .field("device_id", &self.device_id)
            .field("platform", &self.platform)
            .finish_non_exhaustive()
    }
}

fn new_device_id() -> DeviceId {
    DeviceId::parse(&Uuid::now_v7().to_string()).expect("36 printable characters")
}

/// The platform of an operating system, as Rust names it.
fn platform_of(system: &str) -> Platform {
    let number = match system {
        "ios" => 1,
        "android" => 2,
        "windows" => 3,
        "macos" => 4,
        _ => 7,
    };
    Platform::new(number).unwrap_or(Platform::LINUX)
}

/// The reply to a command that is on its way; await it. Dropping it does not take the command back.
#[must_use = "the reply says whether the command was carried out"]
pub struct Reply<T> {
    outcome: Pin<Box<dyn Future<Output = Result<String, Error>> + Send>>,
    result: PhantomData<fn() -> T>,
}

impl<T: DeserializeOwned> Future for Reply<T> {
    type Output = Result<T, Error>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let outcome = std::task::ready!(self.outcome.as_mut().poll(context));
        Poll::Ready(outcome.and_then(|result| {
            serde_json::from_str(&result).map_err(|error| Error::Unreadable(error.to_string()))
        }))
    }
}

impl<T> fmt::Debug for Reply<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Reply(…)")
    }
}

/// An invitation on its way: its inviteID is known at once, the reply when it is awaited.
#[derive(Debug)]
#[must_use = "the reply says whether anybody is rung"]
pub struct Inviting {
    invite_id: InviteId,
    reply: Reply<wigwag_protocol::result::Acted>,
}

impl Inviting {
    pub(crate) fn new(invite_id: InviteId, reply: Reply<wigwag_protocol::result::Acted>) -> Self {
        Self { invite_id, reply }
    }

    /// The invitation's name everywhere; events may carry it before the reply is here.
    pub fn invite_id(&self) -> &InviteId {
        &self.invite_id
    }
}

impl Future for Inviting {
    type Output = Result<wigwag_protocol::result::Acted, Error>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.reply).poll(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_platform_is_that_of_the_operating_system() {
        let number = |system| serde_json::to_value(platform_of(system)).unwrap();
        let known = [("ios", 1), ("android", 2), ("windows", 3), ("macos", 4), ("linux", 7), ("freebsd", 7)];
        for (system, expected) in known {
            assert_eq!(number(system), expected, "{system}");
        }
    }
}
