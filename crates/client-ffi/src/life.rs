//! One client: what functions of the ABI ask of it, and the task that calls the app.
//!
//! The task is the only place from which a client's callbacks are called, so they come one after the other: events in their order, and
//! replies among them. It ends when the client is closed, after every request that was accepted has had its reply.

use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::time::{Instant, sleep, sleep_until};
use wigwag_client::{Client, ConnectionState, Events, Ringing, RingingEvent, ToldInvitations, Trouble};

use crate::abi::types::{WigwagClient, WigwagReply, WigwagResult};
use crate::callback::{Listener, Replied};
use crate::guard::{Fault, in_callback};
use crate::later;
use crate::library::{Counted, Threads};
use crate::told::{Text, Told};
use crate::trouble::{ShownTrouble, json_in, result_of};

/// Most requests of one client without a reply: as many as the client itself keeps.
const MOST_REQUESTS: usize = 1_024;
/// Replies that wait for their turn: each holds one of the places above, so a full queue only delays.
const CALL_CAPACITY: usize = 256;
/// How long a callback waits that did not reach the app, because that was out of memory or is about to close its client.
const TOLD_AGAIN_AFTER: Duration = Duration::from_secs(1);
/// How often a client that is closed waits so, for all of its callbacks together: whoever closes it waits for them.
const LAST_WAITS: u32 = 5;

/// A client as functions of the ABI know it.
pub(crate) struct Life {
    pub(crate) client: Client,
    pub(crate) known: ToldInvitations,
    pub(crate) token: Arc<LatestToken>,
    threads: Threads,
    calls: mpsc::Sender<Call>,
    requests: Arc<Semaphore>,
    ending: Arc<Ending>,
}

/// Something that the app is to be called for besides events.
pub(crate) enum Call {
    Reply { replied: Replied, outcome: Result<String, Trouble>, place: OwnedSemaphorePermit },
    TokenNeeded,
}

/// What the task of a client works with.
pub(crate) struct Task {
    handle: WigwagClient,
    client: Client,
    events: Ringing,
    calls: mpsc::Receiver<Call>,
    listener: Listener,
    calling: Calling,
    /// Until when the first session must be there.
    patience: Option<Instant>,
    ending: Ends,
    counted: Counted,
}

/// What a client is made of besides its options.
pub(crate) struct Parts {
    pub(crate) handle: WigwagClient,
    pub(crate) listener: Listener,
    pub(crate) threads: Threads,
    pub(crate) token: Arc<LatestToken>,
    pub(crate) calls: (mpsc::Sender<Call>, mpsc::Receiver<Call>),
    pub(crate) connect_timeout: Option<Duration>,
}

/// The queue of what the app is to be called for.
pub(crate) fn calls() -> (mpsc::Sender<Call>, mpsc::Receiver<Call>) {
    mpsc::channel(CALL_CAPACITY)
}

impl Life {
    /// A client and its task, which is to be started when the handle can be used.
    pub(crate) fn new(parts: Parts, (client, events): (Client, Events)) -> (Self, Task) {
        let (calls, called) = parts.calls;
        let events = Ringing::new(client.clone(), events);
        let known = events.told();
        let ending = Arc::new(Ending::default());
        let task = Task {
            handle: parts.handle,
            client: client.clone(),
            events,
            calls: called,
            listener: parts.listener,
            calling: Calling {
                threads: parts.threads.clone(),
                ending: Arc::clone(&ending),
                last_waits: LAST_WAITS,
            },
            patience: parts.connect_timeout.map(|longest| Instant::now() + longest),
            ending: Ends(Arc::clone(&ending)),
            counted: parts.threads.count(),
        };
        let requests = Arc::new(Semaphore::new(MOST_REQUESTS));
        let life =
            Self { client, known, token: parts.token, threads: parts.threads, calls, requests, ending };
        (life, task)
    }

    /// Room for one more request.
    pub(crate) fn place(&self) -> Result<OwnedSemaphorePermit, Fault> {
        Arc::clone(&self.requests).try_acquire_owned().map_err(|_| {
            Fault::new(
                WigwagResult::Busy,
                format!("{MOST_REQUESTS} requests of this client wait for replies"),
            )
        })
    }

    /// Calls the app with what becomes of a request.
    pub(crate) fn answer(
        &self,
        place: OwnedSemaphorePermit,
        replied: Replied,
        outcome: impl Future<Output = Result<String, Trouble>> + Send + 'static,
    ) {
        let calls = self.calls.clone();
        self.threads.io.spawn(async move {
            let outcome = outcome.await;
            // Nobody listens only when the process ends.
            calls.send(Call::Reply { replied, outcome, place }).await.unwrap_or_default();
        });
    }

    /// Ends the client. Outside of callbacks it waits until the last callback has returned.
    pub(crate) fn close(self: Arc<Self>) {
        let ending = Arc::clone(&self.ending);
        // The task waits for the last one who may still ask for something.
        drop(self);
        ending.begins();
        if !in_callback() {
            ending.wait();
        }
    }
}

impl Task {
    /// Calls the app until the client is closed.
    pub(crate) async fn run(mut self) {
        let mut listening = true;
        while !self.ending.0.has_begun() {
            let patience = self.patience;
            tokio::select! {
                // What happened before a reply is told before it.
                biased;
                () = self.ending.0.begin.notified() => {}
                event = self.events.next(), if listening => match event {
                    // One that comes when the client is closed already is left for the next start.
                    Some(_) if self.ending.0.has_begun() => {}
                    Some(event) => self.take(event).await,
                    None => listening = false,
                },
                Some(call) = self.calls.recv() => self.call(call).await,
                () = reached(patience) => {
                    self.give_up().await;
                    listening = false;
                }
            }
        }
        self.end().await;
    }

    /// Replies to what was asked for, then the last call. Events that were not told stay in the stream for the next start.
    async fn end(mut self) {
        self.client.close().await;
        let Self { handle, listener, .. } = self;
        drop(self.events);
        while let Some(call) = self.calls.recv().await {
            if let Call::Reply { replied, outcome, place } = call {
                let reply = Arc::new(Given::new(replied, outcome));
                self.calling.insists(move || reply.tell(handle)).await;
                drop(place);
            }
        }
        self.calling.insists(move || listener.closed(handle)).await;
        drop(self.ending);
        drop(self.counted);
    }

    async fn take(&mut self, event: RingingEvent) {
        let told = Arc::new(self.follow(event));
        while !self.tell(&told).await {
            tokio::select! {
                () = self.ending.0.begin.notified() => {}
                () = sleep(TOLD_AGAIN_AFTER) => {}
            }
            if self.ending.0.has_begun() {
                // It is left for the next start.
                return;
            }
        }
        // Before anything else may close the client: what was told is not told again after a restart.
        self.events.finish();
    }

    fn follow(&mut self, event: RingingEvent) -> Told {
        match event {
            RingingEvent::Happened { happened, hint } => Told::happened(&happened, hint),
            RingingEvent::Unknown { cursor, params } => Told::unknown(cursor, params),
            RingingEvent::Resynced { open_invitations, why } => Told::resynced(&open_invitations, why),
            RingingEvent::Status(status) => Told::status(&status),
            RingingEvent::State(state) => self.state(state),
            RingingEvent::CursorNotStored(why) => Told::cursor_not_stored(why),
        }
    }

    fn state(&mut self, state: ConnectionState) -> Told {
        if let ConnectionState::Connected { .. } = &state {
            self.patience = None;
        }
        Told::state(state, self.client.server_time())
    }

    async fn call(&mut self, call: Call) {
        match call {
            Call::Reply { replied, outcome, place } => {
                let (reply, handle) = (Arc::new(Given::new(replied, outcome)), self.handle);
                self.calling.insists(move || reply.tell(handle)).await;
                drop(place);
            }
            Call::TokenNeeded => {
                let (listener, handle) = (self.listener, self.handle);
                self.calling.insists(move || listener.token_needed(handle)).await;
            }
        }
    }

    async fn give_up(&mut self) {
        self.patience = None;
        self.client.close().await;
        self.tell(&Arc::new(Told::stopped(Trouble::connect_timeout()))).await;
    }

    /// Whether the app was told.
    async fn tell(&mut self, told: &Arc<Told>) -> bool {
        let (listener, handle, told) = (self.listener, self.handle, Arc::clone(told));
        self.calling.reaches(move || told.show(|event| listener.event(handle, event))).await
    }
}

/// What became of a request, in the library's own memory.
struct Given {
    replied: Replied,
    result: WigwagResult,
    trouble: ShownTrouble,
    json: Text,
}

impl Given {
    fn new(replied: Replied, outcome: Result<String, Trouble>) -> Self {
        let (result, trouble, json) = match outcome {
            Ok(json) => (WigwagResult::Ok, ShownTrouble::none(), json),
            Err(trouble) => (result_of(trouble.kind), trouble.clone().into(), json_in(&trouble)),
        };
        Self { replied, result, trouble, json: Text::new(json) }
    }

    fn tell(&self, handle: WigwagClient) {
        let reply =
            WigwagReply { result: self.result, trouble: self.trouble.shown(), json: self.json.shown() };
        self.replied.reply(handle, &reply);
    }
}

/// Calls the app on the library's callback threads.
struct Calling {
    threads: Threads,
    ending: Arc<Ending>,
    last_waits: u32,
}

impl Calling {
    /// Waits until the callback has ended; gives whether it reached the app.
    async fn reaches(&self, call: impl FnOnce() + Send + 'static) -> bool {
        let called = self.threads.callbacks.spawn_blocking(move || {
            call();
            later::taken()
        });
        match called.await {
            Ok(None) => true,
            Ok(Some(ends)) => ends.await.is_ok(),
            // It panicked, and would again; or the library ends.
            Err(why) => why.is_panic(),
        }
    }

    /// Calls until the app is reached. When its client is closed and it cannot be reached, the call is lost.
    async fn insists(&mut self, call: impl FnOnce() + Clone + Send + 'static) {
        while !self.reaches(call.clone()).await && self.may_wait() {
            sleep(TOLD_AGAIN_AFTER).await;
        }
    }

    fn may_wait(&mut self) -> bool {
        if !self.ending.has_begun() {
            return true;
        }
        let may = self.last_waits > 0;
        self.last_waits = self.last_waits.saturating_sub(1);
        may
    }
}

async fn reached(at: Option<Instant>) {
    match at {
        Some(at) => sleep_until(at).await,
        None => std::future::pending().await,
    }
}

/// A lock is held for a step of plain code; a panic in it leaves nothing half done that matters.
pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Begins and awaits the end of a client.
#[derive(Default)]
struct Ending {
    has_begun: AtomicBool,
    begin: Notify,
    is_done: Mutex<bool>,
    changed: Condvar,
}

impl Ending {
    fn begins(&self) {
        self.has_begun.store(true, Ordering::Release);
        self.begin.notify_one();
    }

    fn has_begun(&self) -> bool {
        self.has_begun.load(Ordering::Acquire)
    }

    fn done(&self) {
        *locked(&self.is_done) = true;
        self.changed.notify_all();
    }

    fn wait(&self) {
        let done = self.changed.wait_while(locked(&self.is_done), |done| !*done);
        drop(done.unwrap_or_else(PoisonError::into_inner));
    }
}

/// The task's part in the end of its client. When it is dropped, also by a panic, nobody is left to be waited for.
struct Ends(Arc<Ending>);

impl Drop for Ends {
    fn drop(&mut self) {
        self.0.done();
    }
}

/// The newest token that the app has given.
pub(crate) struct LatestToken {
    held: Mutex<HeldToken>,
    given: Notify,
    /// Where the app is asked; `None` when it wants no questions.
    asks: Option<mpsc::WeakSender<Call>>,
}

struct HeldToken {
    token: Option<String>,
    /// It was used for a sign-in, so whoever asks again needs another.
    is_used: bool,
    /// The app was asked and has not given one since.
    is_asked: bool,
}

impl LatestToken {
    pub(crate) fn new(token: Option<String>, asks: Option<mpsc::WeakSender<Call>>) -> Self {
        Self {
            held: Mutex::new(HeldToken { token, is_used: false, is_asked: false }),
            given: Notify::new(),
            asks,
        }
    }

    pub(crate) fn give(&self, token: String) {
        *locked(&self.held) = HeldToken { token: Some(token), is_used: false, is_asked: false };
        self.given.notify_one();
    }

    /// For the client: a token, as soon as the app has given one. Who gives no others is asked for none, and the old one is tried.
    pub(crate) async fn next(self: Arc<Self>) -> Result<String, wigwag_client::TokenError> {
        if let Some(token) = self.take() {
            return Ok(token);
        }
        self.ask().await?;
        loop {
            self.given.notified().await;
            if let Some(token) = self.take() {
                return Ok(token);
            }
        }
    }

    /// Asks the app, unless it has yet to answer: the client gives up waiting and comes back, and the app may be slower than that.
    async fn ask(&self) -> Result<(), wigwag_client::TokenError> {
        let Some(calls) = self.asks.as_ref().and_then(mpsc::WeakSender::upgrade) else { return Ok(()) };
        // Waiting for the place may be given up; what follows is one step.
        let place = calls.reserve().await?;
        if !std::mem::replace(&mut locked(&self.held).is_asked, true) {
            place.send(Call::TokenNeeded);
        }
        Ok(())
    }

    fn take(&self) -> Option<String> {
        let mut held = locked(&self.held);
        let fits = !held.is_used || self.asks.is_none();
        held.is_used = true;
        held.token.clone().filter(|_| fits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_token_is_asked_for_once_the_last_one_is_used() {
        let (calls, mut called) = calls();
        let token = Arc::new(LatestToken::new(Some("first".to_owned()), Some(calls.downgrade())));
        assert_eq!(Arc::clone(&token).next().await.unwrap(), "first");
        let next = tokio::spawn(Arc::clone(&token).next());
        assert!(matches!(called.recv().await, Some(Call::TokenNeeded)));
        token.give("second".to_owned());
        assert_eq!(next.await.unwrap().unwrap(), "second");
    }

    #[tokio::test]
    async fn a_slow_app_is_asked_once_and_its_token_is_used() {
        let (calls, mut called) = calls();
        let token = Arc::new(LatestToken::new(None, Some(calls.downgrade())));
        // The client gives up and asks anew.
        for _ in 0..2 {
            let given_up = tokio::time::timeout(Duration::ZERO, Arc::clone(&token).next()).await;
            assert!(given_up.is_err());
        }
        assert!(matches!(called.try_recv(), Ok(Call::TokenNeeded)));
        assert!(called.try_recv().is_err());
        token.give("late".to_owned());
        assert_eq!(Arc::clone(&token).next().await.unwrap(), "late");
        assert!(tokio::time::timeout(Duration::ZERO, token.next()).await.is_err());
        assert!(matches!(called.try_recv(), Ok(Call::TokenNeeded)));
    }

    #[tokio::test]
    async fn a_task_that_dies_keeps_nobody_waiting() {
        let ending = Arc::new(Ending::default());
        let ends = Ends(Arc::clone(&ending));
        let died = tokio::spawn(async move {
            let _ends = ends;
            panic!("no thread can be had");
        });
        assert!(died.await.unwrap_err().is_panic());
        ending.wait();
    }

    #[tokio::test]
    async fn who_is_not_asked_is_taken_at_their_last_word() {
        let token = Arc::new(LatestToken::new(Some("first".to_owned()), None));
        assert_eq!(Arc::clone(&token).next().await.unwrap(), "first");
        assert_eq!(Arc::clone(&token).next().await.unwrap(), "first");
        token.give("second".to_owned());
        assert_eq!(token.next().await.unwrap(), "second");
    }
}
