//! The shell around the machine: one task with the socket, the clock, the token provider and the cursor store.

mod outbox;
mod saver;
mod shared;
mod socket;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::future::{Future, pending};
use std::pin::Pin;
use std::sync::Arc;

use tokio::sync::{Notify, mpsc, oneshot, watch};
use tokio::time::{Instant, sleep_until};
use wigwag_protocol::Method;

use self::outbox::Outbox;
use self::saver::Saver;
pub(crate) use self::shared::Shared;
pub(crate) use self::socket::Dialler;
use self::socket::{Link, LinkEvent};
use crate::cursor::CursorStore;
use crate::error::Error;
use crate::events::{ClientEvent, ConnectionState, Events};
use crate::machine::{Input, Machine, Output, Settings};
use crate::token::Token;

/// A command or a read of the app's.
pub(crate) struct Call {
    pub(crate) method: Method,
    /// JSON.
    pub(crate) params: String,
    pub(crate) reply: oneshot::Sender<Result<String, Error>>,
}

/// What a driver works with.
pub(crate) struct Parts {
    pub(crate) settings: Settings,
    pub(crate) dialler: Dialler,
    pub(crate) token: Token,
    pub(crate) store: Option<Arc<dyn CursorStore>>,
    /// Events held for an app that is slow to take them.
    pub(crate) event_capacity: usize,
}

/// Calls held while the machine has its fill.
const CALL_CAPACITY: usize = 256;

pub(crate) struct Driver {
    machine: Arc<Shared>,
    dialler: Dialler,
    link: Link,
    token: Token,
    fetching: Option<Fetching>,
    calls: mpsc::Receiver<Call>,
    /// The app wants to end. Not one of the calls, because these wait while the machine has its fill.
    stop: Arc<Notify>,
    /// All handles of the app are gone.
    unattended: bool,
    replies: BTreeMap<u64, oneshot::Sender<Result<String, Error>>>,
    outbox: Outbox,
    room: bool,
    state: watch::Sender<ConnectionState>,
    saver: Saver,
}

type Fetching = Pin<Box<dyn Future<Output = Result<String, String>> + Send>>;

/// The app's ends of a driver.
pub(crate) struct Ends {
    pub(crate) calls: mpsc::Sender<Call>,
    /// Notified to end for good.
    pub(crate) stop: Arc<Notify>,
    pub(crate) machine: Arc<Shared>,
    pub(crate) state: watch::Receiver<ConnectionState>,
    pub(crate) events: Events,
}

enum Happening {
    Called(Option<Call>),
    Stopped,
    Link(LinkEvent),
    Token(Result<String, String>),
    AppMoved,
    TimePassed,
}

impl Driver {
    pub(crate) fn new(parts: Parts) -> (Self, Ends) {
        let (calls_in, calls) = mpsc::channel(CALL_CAPACITY);
        let (state, state_out) = watch::channel(ConnectionState::Connecting);
        let (outbox, events) = Outbox::new(parts.event_capacity);
        let machine = Arc::new(Shared::new(Machine::new(parts.settings)));
        let stop = Arc::new(Notify::new());
        let driver = Self {
            machine: Arc::clone(&machine),
            dialler: parts.dialler,
            link: Link::Down,
            token: parts.token,
            fetching: None,
            calls,
            stop: Arc::clone(&stop),
            unattended: false,
            replies: BTreeMap::new(),
            outbox,
            room: true,
            state,
            saver: Saver::new(parts.store),
        };
        (driver, Ends { calls: calls_in, stop, machine, state: state_out, events })
    }

    /// Runs until the machine has stopped.
    pub(crate) async fn run(mut self) {
        self.input(Input::Start).await;
        while !self.machine.with(|machine, _| machine.stopped().is_some()) {
            let happening = self.next_happening().await;
            self.take(happening).await;
            self.app_moved().await;
        }
        self.farewell().await;
    }

    async fn next_happening(&mut self) -> Happening {
        let wake = self.next_wake();
        // Without room nothing is read, unless the app waits for a reply: it may be what keeps it from its events.
        let read = self.room || self.machine.with(|machine, _| machine.has_pending());
        let listens = self.takes_commands() && !self.unattended;
        tokio::select! {
            call = self.calls.recv(), if listens => Happening::Called(call),
            () = self.stop.notified() => Happening::Stopped,
            event = self.link.next(read) => Happening::Link(event),
            token = fetched(&mut self.fetching) => Happening::Token(token),
            () = self.outbox.changed() => Happening::AppMoved,
            () = reached(wake) => Happening::TimePassed,
        }
    }

    async fn take(&mut self, happening: Happening) {
        match happening {
            Happening::Called(Some(call)) => self.command(call).await,
            Happening::Called(None) => self.unattended = true,
            Happening::Stopped => self.stop().await,
            Happening::Link(event) => self.link_event(event).await,
            Happening::Token(token) => {
                self.fetching = None;
                self.input(Input::Token(token)).await;
            }
            Happening::AppMoved => {}
            Happening::TimePassed => {
                self.machine.with(Machine::handle_timeout);
                self.carry_out().await;
            }
        }
    }

    fn takes_commands(&self) -> bool {
        self.machine.with(|machine, _| machine.takes_commands())
    }

    async fn command(&mut self, Call { method, params, reply }: Call) {
        let request = self.machine.with(|machine, now| machine.command(method, &params, now));
        self.replies.insert(request, reply);
        self.carry_out().await;
    }

    /// What the app asked for before is still sent, if it can be at once.
    async fn stop(&mut self) {
        while self.takes_commands()
            && let Ok(call) = self.calls.try_recv()
        {
            self.command(call).await;
        }
        self.input(Input::Stop).await;
    }

    async fn link_event(&mut self, event: LinkEvent) {
        match event {
            LinkEvent::Connected => self.input(Input::Connected).await,
            LinkEvent::Text(text) => self.input(Input::Frame(&text)).await,
            LinkEvent::Alive => self.input(Input::Alive).await,
            LinkEvent::Ended { code, why } => self.input(Input::Disconnected { code, why }).await,
        }
    }

    async fn input(&mut self, input: Input<'_>) {
        self.machine.with(|machine, now| machine.handle(input, now));
        self.carry_out().await;
    }

    async fn carry_out(&mut self) {
        while let Some(output) = self.machine.with(|machine, _| machine.poll()) {
            match output {
                Output::FetchToken => self.fetching = Some(Box::pin(self.token.clone().fetch())),
                Output::Connect => self.link = Link::dial(&self.dialler),
                Output::Disconnect => self.link.hang_up().await,
                Output::Send(text) => self.send(text).await,
                Output::Tell(event) => self.tell(event),
                Output::Settle { request, outcome } => self.settle(request, outcome),
            }
        }
        if let Some(place) = self.machine.with(|machine, _| machine.place()) {
            self.outbox.mark(place);
        }
    }

    async fn send(&mut self, text: String) {
        if let Err(why) = self.link.send(text).await {
            let input = Input::Disconnected { code: None, why };
            self.machine.with(|machine, now| machine.handle(input, now));
        }
    }

    fn tell(&mut self, event: ClientEvent) {
        if let ClientEvent::State(state) = &event {
            self.state.send_replace(state.clone());
        }
        self.outbox.push(event);
    }

    fn settle(&mut self, request: u64, outcome: Result<String, Error>) {
        if let Some(reply) = self.replies.remove(&request) {
            // The app may no longer care.
            drop(reply.send(outcome));
        }
    }

    /// Looks after everything the app's progress decides: room, what is safe to store, whether anybody is left.
    async fn app_moved(&mut self) {
        self.outbox.flush();
        if let Some(place) = self.outbox.take_finished() {
            let cursor = place.cursor;
            self.saver.want(place);
            self.input(Input::Taken(cursor)).await;
        }
        let room = self.outbox.has_room();
        if room != self.room {
            self.room = room;
            self.input(if room { Input::Room } else { Input::Full }).await;
        }
        if self.saver.due().is_some_and(|due| due <= Instant::now()) {
            self.save().await;
        }
        if self.unattended && self.outbox.is_closed() {
            self.input(Input::Stop).await;
        }
    }

    async fn save(&mut self) {
        if let Some(error) = self.saver.save().await {
            self.tell(ClientEvent::CursorNotStored(error));
        }
    }

    /// What the app has finished is stored; what it has yet to take stays in its queue and is told again next time.
    async fn farewell(mut self) {
        self.link.hang_up().await;
        if let Some(place) = self.outbox.take_finished() {
            self.saver.want(place);
        }
        self.save().await;
        // Tells those who asked to close that the cursor is stored.
        drop(self.calls);
        self.outbox.finish().await;
    }

    fn next_wake(&self) -> Option<Instant> {
        let machine =
            self.machine.with(|machine, _| machine.poll_timeout()).map(|at| self.machine.instant(at));
        match (machine, self.saver.due()) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        }
    }
}

async fn fetched(fetching: &mut Option<Fetching>) -> Result<String, String> {
    match fetching {
        Some(fetching) => fetching.await,
        None => pending().await,
    }
}

async fn reached(wake: Option<Instant>) {
    match wake {
        Some(wake) => sleep_until(wake).await,
        None => pending().await,
    }
}
