//! A store with people who use it.

use std::collections::{BTreeMap, HashSet};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use parking_lot::Mutex;
use tokio::sync::mpsc;
use wigwag_engine::group::Membership;
use wigwag_engine::invitation::Invitation;
use wigwag_engine::{Actor, Call, Command, ConversationId, Due, Group, Limits, Reply, Request};
use wigwag_protocol::group::{GroupView, Member};
use wigwag_protocol::invitation::EndReason;
use wigwag_protocol::result::{Acted, MessageSent};
use wigwag_protocol::{CallId, ErrorBody, GroupId, InviteId, Reason, UserId};
use wigwag_server::clock::Clock;
use wigwag_server::door::{Door, Pushes};
use wigwag_server::store::{
    Asker, Committed, GiveAccess, Once, OnlineUsers, OpenRange, Permission, ReaderRange, ReplyTo, SessionId,
    Store, Submission, WriterSettings,
};
use wigwag_session::LoggedEvent;
use wigwag_session::codec::native::error_of_refusal;
use wigwag_session::rates::Pace;
use wigwag_session::refused::{Failure, Refusal};

use crate::recall::Told;
use crate::words::{call_id, invite_id, on_phone, user};

/// How a back-end is opened; the database is the same each time, and empty at the first.
#[async_trait]
pub(crate) trait Backend: Send + Sync {
    /// Opens the store. Whoever opened it before has closed it.
    async fn open(&mut self, parts: Parts) -> Open;
}

/// What a store is given.
pub(crate) struct Parts {
    pub(crate) settings: WriterSettings,
    pub(crate) presence: Arc<dyn OnlineUsers>,
}

/// An open store.
pub(crate) struct Open {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) committed: mpsc::Receiver<Vec<Committed>>,
    pub(crate) clock: Clock,
}

/// How long a result or a state may take to appear.
const PATIENCE: Duration = Duration::from_secs(20);
/// How often it is looked for.
const POLL: Duration = Duration::from_millis(20);

/// A store, who is online, and what was told so far.
pub(crate) struct World {
    backend: Box<dyn Backend>,
    limits: Limits,
    online: Arc<Online>,
    open: Open,
    pub(crate) told: Told,
    sessions: u64,
}

impl World {
    pub(crate) async fn new(mut backend: Box<dyn Backend>) -> Self {
        let online = Arc::new(Online::default());
        let limits = Limits::default();
        let open = backend.open(parts(&limits, &online)).await;
        Self { backend, limits, online, open, told: Told::default(), sessions: 0 }
    }

    pub(crate) fn store(&self) -> &dyn Store {
        &*self.open.store
    }

    /// The same for whoever keeps it.
    pub(crate) fn shared_store(&self) -> Arc<dyn Store> {
        Arc::clone(&self.open.store)
    }

    /// The door to it, for what is read in many steps.
    pub(crate) fn door(&self) -> Door {
        let online: Arc<dyn OnlineUsers> = Arc::clone(&self.online) as _;
        Door::new(self.shared_store(), self.open.clock, Pushes::default(), online)
    }

    /// Server time, ms.
    pub(crate) fn now(&self) -> u64 {
        self.open.clock.now_ms()
    }

    /// What is made after this has a later time than what was made before.
    pub(crate) async fn until_the_next_millisecond(&self) {
        let before = self.now();
        while self.now() == before {
            tokio::task::yield_now().await;
        }
    }

    /// A new user on their phone.
    pub(crate) async fn joins(&mut self, name: &str) -> Actor {
        let actor = on_phone(&user(name));
        self.does(&actor, Command::Register).await.succeeds();
        actor
    }

    /// Has a session from now on, or has none.
    pub(crate) fn is_online(&self, user: &UserId, online: bool) {
        let mut users = self.online.users.lock();
        if online {
            users.insert(user.clone())
        } else {
            users.remove(user)
        };
    }

    /// Has a session on another node.
    pub(crate) fn is_online_elsewhere(&self, user: &UserId) {
        self.online.elsewhere.lock().insert(user.clone());
    }

    /// Gives one command and waits for what it comes to.
    pub(crate) async fn does(&mut self, actor: &Actor, command: Command) -> Outcome {
        self.together(vec![(actor, command)]).await.remove(0)
    }

    /// Queues all of these before it waits for any; in the order given.
    pub(crate) async fn together(&mut self, commands: Vec<(&Actor, Command)>) -> Vec<Outcome> {
        let first = self.sessions + 1;
        let count = commands.len();
        for (actor, command) in commands {
            self.submits(actor.clone(), command).unwrap();
        }
        let mut results = self.hears(count).await;
        // Each command had a session of its own, which tells it from the others.
        results.sort_by_key(|outcome| outcome.0.origin().map(|(_, session)| session.0));
        let sessions: Vec<_> = results.iter().filter_map(|outcome| outcome.0.origin()).collect();
        let expected: Vec<u64> = (first..first + count as u64).collect();
        assert_eq!(sessions.iter().map(|(_, session)| session.0).collect::<Vec<_>>(), expected);
        results
    }

    /// Queues a command; what it comes to is for this session, whose connection is newer than any that has a seat.
    pub(crate) fn submits(&mut self, actor: Actor, command: Command) -> Result<SessionId, Failure> {
        self.sessions += 1;
        let session = SessionId(self.sessions);
        self.asks_from(
            Asker { session, connected_at: u64::MAX, heard_at: tokio::time::Instant::now() },
            actor,
            command,
        )?;
        Ok(session)
    }

    /// Queues a command of this session.
    pub(crate) fn asks_from(&self, asker: Asker, actor: Actor, command: Command) -> Result<(), Failure> {
        let request = Request::By(actor, command);
        self.open.store.submit(Submission {
            request,
            reply_to: ReplyTo::Session(asker),
            once: None,
            permission: Permission::NotNeeded,
        })
    }

    /// Gives commands of back ends under idempotency keys, all before it waits for any; in the order given.
    pub(crate) async fn does_once(&mut self, asked: Vec<(&Once, Actor, Command)>) -> Vec<Outcome> {
        let count = asked.len();
        for (once, actor, command) in asked {
            let (request, once) = (Request::By(actor, command), Some(Box::new(once.clone())));
            self.open
                .store
                .submit(Submission {
                    request,
                    reply_to: ReplyTo::Nobody,
                    once,
                    permission: Permission::NotNeeded,
                })
                .unwrap();
        }
        self.hears(count).await
    }

    /// The server looks at an invitation by itself.
    pub(crate) async fn looks_at(&mut self, id: &str) -> Outcome {
        let request = Request::Due(Due::Invitation(invite_id(id)));
        self.open
            .store
            .submit(Submission {
                request,
                reply_to: ReplyTo::Nobody,
                once: None,
                permission: Permission::NotNeeded,
            })
            .unwrap();
        self.hears(1).await.remove(0)
    }

    /// The server looks at an invitation until it has ended.
    pub(crate) async fn looks_until_ended(&mut self, id: &str) -> EndReason {
        let until = Instant::now() + PATIENCE;
        while Instant::now() < until {
            self.looks_at(id).await.succeeds();
            if let Some(end) = &self.invitation(id).await.end {
                return end.reason();
            }
            tokio::time::sleep(POLL).await;
        }
        panic!("invitation {id} does not end");
    }

    /// The next results.
    pub(crate) async fn hears(&mut self, count: usize) -> Vec<Outcome> {
        let mut outcomes = Vec::new();
        while outcomes.len() < count {
            let batch = tokio::time::timeout(PATIENCE, self.open.committed.recv()).await;
            let batch = batch.expect("results come in time").expect("the store is open");
            outcomes.extend(batch.into_iter().map(Outcome));
        }
        for outcome in &outcomes {
            self.told.takes(outcome.events());
        }
        assert_eq!(outcomes.len(), count, "as many results as commands");
        outcomes
    }

    /// The results that are there already.
    pub(crate) fn has_heard(&mut self) -> Vec<Outcome> {
        let mut outcomes = Vec::new();
        while let Ok(batch) = self.open.committed.try_recv() {
            outcomes.extend(batch.into_iter().map(Outcome));
        }
        for outcome in &outcomes {
            self.told.takes(outcome.events());
        }
        outcomes
    }

    /// The invitation of that name, which there is.
    pub(crate) async fn invitation(&self, id: &str) -> Arc<Invitation> {
        self.store().invitation(&invite_id(id)).await.unwrap().unwrap()
    }

    /// The group of that name with its members, read a few at a time.
    pub(crate) async fn group(&self, id: &GroupId) -> Option<Group> {
        let GroupView { name, ext, join_policy, created_at, owner, member_count, .. } =
            self.store().group(id).await.unwrap()?;
        let (mut members, mut after) = (BTreeMap::new(), None);
        loop {
            let page = self.store().members(id, after.as_ref(), 2).await.unwrap();
            for Member { user_id, role, joined_at } in page.rows {
                let membership = Membership { role, joined_at, familiar: true };
                assert!(members.insert(user_id.clone(), membership).is_none(), "{user_id} is listed twice");
                after = Some(user_id);
            }
            if page.complete {
                break;
            }
        }
        assert_eq!(members.len(), member_count as usize, "as many as are counted");
        let group = Group { id: id.clone(), name, ext, join_policy, created_at, members };
        assert_eq!(group.owner(), Some(&owner));
        Some(group)
    }

    /// Everybody who has read so far, in byte order.
    pub(crate) async fn readers(&self, conversation: &ConversationId, seq: u64) -> Vec<UserId> {
        let (conversation, sender) = (conversation.clone(), user("nobody"));
        let range = ReaderRange { conversation, seq, sender, after: None, limit: 100 };
        self.store().readers(range).await.unwrap().readers.rows
    }

    /// The call that this invitation opened, which there is.
    pub(crate) async fn call(&self, id: &str) -> Arc<Call> {
        self.store().call(&call_id(id)).await.unwrap().unwrap()
    }

    /// Everybody who is in a running call, in byte order.
    pub(crate) async fn in_calls(&self) -> Vec<UserId> {
        let mut people = self.store().people_in_calls().await.unwrap();
        people.sort();
        people
    }

    /// The calls that are running, in byte order.
    pub(crate) async fn running_calls(&self) -> Vec<CallId> {
        let mut calls = self.store().running_calls().await.unwrap();
        calls.sort();
        calls
    }

    /// Those of these users who are in a running call, in byte order.
    pub(crate) async fn those_in_calls(&self, users: &[UserId]) -> Vec<UserId> {
        let mut people = self.store().those_in_calls(users).await.unwrap();
        people.sort();
        people
    }

    /// The names of a user's open invitations, in byte order.
    pub(crate) async fn open_for(&self, actor: &Actor) -> Vec<InviteId> {
        let open = self.store().open_invitations(&actor.user, OpenRange::first()).await.unwrap();
        assert_eq!(open.next, None, "cases that look at all have no more than a page");
        let mut names: Vec<InviteId> =
            open.invitations.iter().map(|invitation| invitation.id.clone()).collect();
        names.sort();
        names
    }

    /// The names of the invitations that are due some time, in byte order.
    pub(crate) async fn due(&self) -> Vec<InviteId> {
        let due = self.store().due_times(self.limits.no_deadline_age_ms).await.unwrap();
        let name = |(_, due): (u64, Due)| match due {
            Due::Invitation(id) => id,
            Due::Absence(_) | Due::RoomLeft(..) => panic!("{due:?} is kept by nobody"),
        };
        let mut names: Vec<InviteId> = due.into_iter().map(name).collect();
        names.sort();
        names
    }

    /// Closes the store, and opens it again on what it has kept.
    pub(crate) async fn reopens(&mut self) {
        self.closes().await;
        self.open = self.backend.open(parts(&self.limits, &self.online)).await;
    }

    /// The same, with other bounds.
    pub(crate) async fn reopens_with(&mut self, limits: Limits) {
        self.limits = limits;
        self.reopens().await;
    }

    /// Closes the store; results that still came out are returned.
    pub(crate) async fn closes(&mut self) -> Vec<Outcome> {
        let Open { store, committed, .. } = &mut self.open;
        let mut last = Vec::new();
        let close = async {
            store.close().await;
        };
        tokio::pin!(close);
        // The store waits until its results are taken, so keep taking them until it has closed.
        loop {
            tokio::select! {
                biased;
                Some(batch) = committed.recv() => last.extend(batch.into_iter().map(Outcome)),
                () = &mut close => break,
            }
        }
        while let Ok(batch) = committed.try_recv() {
            last.extend(batch.into_iter().map(Outcome));
        }
        for outcome in &last {
            self.told.takes(outcome.events());
        }
        last
    }
}

/// The usual bounds, nobody online, and batches of this many at the most.
pub(crate) fn parts_with_batches_of(most: usize) -> Parts {
    let mut parts = parts(&Limits::default(), &Arc::new(Online::default()));
    parts.settings.max_batch = most;
    parts
}

/// A second's worth may come at once, so that clocks of nodes may differ.
pub(crate) const FAST: NonZeroU32 = NonZeroU32::new(1_000_000).unwrap();

fn parts(limits: &Limits, online: &Arc<Online>) -> Parts {
    let settings = WriterSettings {
        limits: limits.clone(),
        max_batch: 512,
        linger: Duration::ZERO,
        // Cases are about what is kept, not about how fast it may come.
        group_pace: Pace::new(FAST, FAST),
        media: GiveAccess::default(),
    };
    Parts { settings, presence: Arc::clone(online) as Arc<dyn OnlineUsers> }
}

/// Who has a session, on this node or another.
#[derive(Default)]
struct Online {
    users: Mutex<HashSet<UserId>>,
    elsewhere: Mutex<HashSet<UserId>>,
}

#[async_trait]
impl OnlineUsers for Online {
    fn here(&self, user: &UserId) -> bool {
        self.users.lock().contains(user)
    }

    async fn elsewhere(&self, users: &[UserId]) -> Vec<bool> {
        let elsewhere = self.elsewhere.lock();
        users.iter().map(|user| elsewhere.contains(user)).collect()
    }

    async fn look(&self, users: &[UserId]) -> Vec<Option<bool>> {
        let elsewhere = self.elsewhere.lock();
        users.iter().map(|user| Some(self.here(user) || elsewhere.contains(user))).collect()
    }
}

/// The reason that a device is told.
pub(crate) fn reason_of(refusal: &Refusal) -> Reason {
    error_of_refusal(refusal).data.reason
}

/// A command that is decided, with its reply and its events.
#[derive(Debug)]
pub(crate) struct Outcome(pub(crate) Committed);

impl Outcome {
    /// The reply; panics when it was refused.
    pub(crate) fn succeeds(&self) -> &Reply {
        self.0.reply().unwrap_or_else(|refusal| panic!("refused: {refusal:?}"))
    }

    /// What a device is told of its refusal; panics when it was not refused.
    pub(crate) fn refusal(&self) -> ErrorBody {
        error_of_refusal(self.0.reply().expect_err("a refusal"))
    }

    pub(crate) fn reason(&self) -> Reason {
        self.refusal().data.reason
    }

    pub(crate) fn events(&self) -> &[Arc<LoggedEvent>] {
        self.0.events()
    }

    pub(crate) fn acted(&self) -> &Acted {
        let Reply::Acted(acted) = self.succeeds() else { panic!("{:?}", self.0) };
        acted
    }

    pub(crate) fn sent(&self) -> &MessageSent {
        let Reply::Sent(sent) = self.succeeds() else { panic!("{:?}", self.0) };
        sent
    }

    /// The time that the reply names, when being done is all it says.
    pub(crate) fn done_at(&self) -> u64 {
        let Reply::Done(done) = self.succeeds() else { panic!("{:?}", self.0) };
        done.time
    }

    /// The reply as JSON, to be compared.
    pub(crate) fn reply_text(&self) -> String {
        match self.succeeds() {
            Reply::Acted(acted) => serde_json::to_string(acted),
            Reply::Sent(sent) => serde_json::to_string(sent),
            Reply::Created(created) => serde_json::to_string(created),
            Reply::AttributesSet(set) => serde_json::to_string(set),
            Reply::Joined(joined) => serde_json::to_string(joined),
            Reply::Done(done) => serde_json::to_string(done),
        }
        .unwrap()
    }
}
