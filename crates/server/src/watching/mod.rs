//! Tells sessions of this node when users whom they watch come online, go, or say something else of themselves (docs/decisions/0028).
//!
//! Nodes tell each other only that somebody may be seen in a new way; the nodes whose sessions watch them look where they are, and ask the
//! store who may see it. [`watches`] has the rules, the task of [`Watching::run`] does the looking and the telling.

mod watches;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt, stream};
use parking_lot::Mutex;
use tokio::sync::Notify;
use tokio::time::sleep;
use wigwag_protocol::presence::UserStatus;
use wigwag_protocol::{UserId, result};
use wigwag_session::refused::Refusal;

use self::watches::{Bounds, Watches};
use crate::bus::Bus;
use crate::door::{Door, Glimpse, Seen};
use crate::router::post::Post;
use crate::store::SessionId;

/// Sessions of a node that are told of one user: one read of the store for as many pairs when the user comes or goes.
const WATCHERS: usize = 1_000;
/// Sessions and users whom they watch, on a node: 150 MB. Those beyond hear `unknown`, like those beyond [`WATCHERS`].
const PAIRS: usize = 500_000;
/// How long those who come and go are gathered, so that nodes tell each other of many at once.
const GATHER: Duration = Duration::from_millis(50);
/// Users of one look, and of one message to the other nodes.
const AT_ONCE: usize = 500;
/// Users who wait to be told of to the other nodes; those beyond are found by comparing.
const MOVED: usize = 100_000;
/// Changes whose watchers the store is asked about at once.
const TELLING: usize = 8;

/// What sessions of this node watch.
pub struct Watching {
    watches: Mutex<Watches>,
    /// Users who came or went here, or said something else of themselves.
    moved: Mutex<Vec<UserId>>,
    stirred: Notify,
    door: Arc<Door>,
    /// To the other nodes, if there can be any.
    bus: Option<Arc<dyn Bus>>,
    post: Post,
}

impl Watching {
    /// Nobody watches anybody yet. `grace_ms` is how long a user counts as online after their last session was lost.
    pub fn new(door: Arc<Door>, bus: Option<Arc<dyn Bus>>, post: Post, grace_ms: u64) -> Self {
        let bounds = Bounds { watchers: WATCHERS, pairs: PAIRS, grace_ms };
        let watches = Mutex::new(Watches::new(bounds));
        Self { watches, moved: Mutex::default(), stirred: Notify::new(), door, bus, post }
    }

    /// A user's first session here began, their last one has been gone for the grace, or they say something else of themselves. Costs no I/O, and may be called with locks held.
    pub fn moved(&self, user: &UserId) {
        let mut moved = self.moved.lock();
        if moved.len() < MOVED {
            moved.push(user.clone());
        }
        drop(moved);
        self.stirred.notify_one();
    }

    /// Another node says so of its own.
    pub fn heard(&self, users: &[UserId]) {
        self.hint(users);
        self.stirred.notify_one();
    }

    /// Something may have been missed: a node has died, or the bus was away.
    pub fn compare(&self) {
        self.watches.lock().compare(self.now());
        self.stirred.notify_one();
    }

    /// A session watches these users from now on, and nobody else. How they are. After a refusal it watches nobody.
    pub async fn watch(
        &self,
        session: SessionId,
        viewer: &UserId,
        users: BTreeSet<UserId>,
    ) -> Result<result::Statuses, Refusal> {
        let watched = self.watches.lock().watch(session, viewer, &users, self.now());
        let beyond = users.difference(&watched).map(|user| (user.clone(), Glimpse::Hidden));
        let mut found = self.door.glimpses(viewer, watched.iter().cloned().collect()).await?;
        found.extend(beyond);
        let reply = self.watches.lock().reply(session, found, self.now());
        // There may be somebody to look at.
        self.stirred.notify_one();
        Ok(reply)
    }

    /// Takes what a session is to be told.
    pub fn news(&self, session: SessionId) -> Vec<UserStatus> {
        self.watches.lock().news(session)
    }

    /// A session watches nobody any more.
    pub fn leave(&self, session: SessionId) {
        self.watches.lock().unwatch(session);
    }

    /// Looks and tells, until it is dropped.
    pub async fn run(self: Arc<Self>) {
        loop {
            tokio::select! {
                () = self.stirred.notified() => sleep(GATHER).await,
                () = self.next_look() => {}
            }
            self.pass_on();
            self.look().await;
        }
    }

    async fn next_look(&self) {
        let next = self.watches.lock().next_look();
        match next {
            Some(at) => sleep(Duration::from_millis(at.saturating_sub(self.now()))).await,
            None => std::future::pending().await,
        }
    }

    /// Tells the watchers here and the other nodes who came or went.
    fn pass_on(&self) {
        let moved = std::mem::take(&mut *self.moved.lock());
        self.hint(&moved);
        if let Some(bus) = &self.bus {
            moved.chunks(AT_ONCE).for_each(|some| bus.moved(some));
        }
    }

    fn hint(&self, users: &[UserId]) {
        let (now, mut watches) = (self.now(), self.watches.lock());
        for user in users {
            watches.hint(user, now);
        }
    }

    /// Looks at those who are due, and tells what is found.
    async fn look(&self) {
        loop {
            let due = self.watches.lock().due(self.now(), AT_ONCE);
            if due.is_empty() {
                return;
            }
            let found = self.door.look(&due).await;
            let now = self.now();
            let changes: Vec<(UserId, Seen)> = {
                let mut watches = self.watches.lock();
                let change = |(user, glimpse): (UserId, _)| {
                    let seen = watches.found(&user, glimpse, now)?;
                    Some((user, seen))
                };
                due.into_iter().zip(found).filter_map(change).collect()
            };
            let telling = changes.into_iter().map(|(user, seen)| self.tell(user, seen));
            stream::iter(telling).buffer_unordered(TELLING).collect::<()>().await;
        }
    }

    /// Tells a change to the watchers who may see it. Who begins to watch meanwhile is asked about, too.
    async fn tell(&self, user: UserId, seen: Seen) {
        let mut may_see: HashMap<UserId, bool> = HashMap::new();
        loop {
            let unasked = {
                let mut watches = self.watches.lock();
                let unasked = watches.unasked(&user, &may_see);
                if unasked.is_empty() {
                    let woken = watches.tell(&user, &seen, &may_see, self.now());
                    drop(watches);
                    return self.post.news(&woken);
                }
                unasked
            };
            match self.door.shows_itself(&user, &unasked).await {
                Ok(shown) => may_see.extend(unasked.into_iter().zip(shown)),
                Err(_) => return self.watches.lock().retry(&user, self.now()),
            }
        }
    }

    fn now(&self) -> u64 {
        self.post.clock.now_ms()
    }
}
