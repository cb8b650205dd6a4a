//! The sessions of this node: who is online, and the mailbox of each of their devices.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU16, AtomicU64, Ordering};

use parking_lot::RwLock;
use tokio::sync::{Notify, mpsc};
use wigwag_protocol::{CloseCode, Device, UserId};
use wigwag_session::LoggedEvent;
use wigwag_session::refused::ReplyOrRefusal;

use super::backlog::{Backlog, Budget, Charge};
use crate::store::{SessionId, SignedIn};

/// What a session is handed. A mailbox is bounded; when it is full the session is closed with "resume".
#[derive(Debug)]
pub enum Mail {
    /// An event with its place in the user's stream.
    Event(Arc<Parcel>, u64),
    /// The answer to the session's command.
    Reply(Box<ReplyOrRefusal>),
    /// The user's stream goes up to this cursor; what lies between did not come here.
    Behind(u64),
    /// There is news of users whom the session watches, which it takes from where that is kept. At most one is in a mailbox.
    News,
}

impl Mail {
    /// What it counts in a backlog: its bytes, and what a place in a mailbox costs.
    pub fn bytes(&self) -> usize {
        size_of::<Self>()
            + match self {
                Self::Event(parcel, _) => parcel.event.body.len(),
                // There is at most one in a mailbox, since a session has one command under way; as a frame it is measured.
                Self::Reply(_) => size_of::<ReplyOrRefusal>(),
                Self::Behind(_) | Self::News => 0,
            }
    }
}

/// An event in the mailboxes of this node: it is in memory once, and so counts once against the budget.
#[derive(Debug)]
pub struct Parcel {
    /// The event.
    pub event: Arc<LoggedEvent>,
    _charge: Charge,
}

/// A session as the router sees it.
#[derive(Debug)]
pub struct Handle {
    /// The session's name on this node.
    pub id: SessionId,
    mailbox: mpsc::Sender<Mail>,
    backlog: Arc<Backlog>,
    device: Device,
    /// When its token was made, ms since the epoch.
    token_made_ms: u64,
    ending: Arc<Ending>,
}

impl Handle {
    /// The device whose session it is.
    pub fn device(&self) -> &Device {
        &self.device
    }

    /// Puts mail into the mailbox. False when it is full, by number or by bytes: then the session has to be ended.
    #[must_use]
    pub fn deliver(&self, mail: Mail) -> bool {
        let bytes = mail.bytes();
        if !self.backlog.takes(bytes) {
            return false;
        }
        let delivered = self.mailbox.try_send(mail).is_ok();
        if !delivered {
            self.backlog.took_out(bytes);
        }
        delivered
    }

    fn end_slow(&self, slow: Slow) -> usize {
        self.ending.set(CloseCode::Resume);
        self.ending.cut_off.store(slow == Slow::CutOff, Ordering::Release);
        self.ending.hurry.notify_one();
        self.backlog.leaves()
    }

    /// Tells the session to end. One whose device takes nothing ends at once; another one after the mail it has.
    fn end(&self, code: CloseCode) {
        self.ending.set(code);
        if self.backlog.behind_since().is_some() {
            self.ending.hurry.notify_one();
        }
    }
}

/// Why a session was ended from outside, and how; read by the session when its mailbox is closed, or when it must hurry.
#[derive(Debug, Default)]
pub struct Ending {
    code: AtomicU16,
    cut_off: AtomicBool,
    hurry: Notify,
}

impl Ending {
    /// The code to close with.
    pub fn code(&self) -> CloseCode {
        let number = self.code.load(Ordering::Acquire);
        CloseCode::ALL.into_iter().find(|code| code.number() == number).unwrap_or(CloseCode::Resume)
    }

    /// Waits until the session must end without sending the mail it has.
    pub async fn hurries(&self) {
        self.hurry.notified().await;
    }

    /// Whether the node needs the memory of what waits for the device.
    pub fn is_cut_off(&self) -> bool {
        self.cut_off.load(Ordering::Acquire)
    }

    fn set(&self, code: CloseCode) {
        self.code.store(code.number(), Ordering::Release);
    }
}

/// Why a device is too slow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slow {
    /// Its own mailbox is full.
    Overflowed,
    /// All that waits on this node is more than its budget, and this device has been behind for longer than others.
    CutOff,
}

/// A session whose device keeps bytes here.
#[derive(Debug)]
pub struct Behind {
    /// Grows with time.
    pub since: u64,
    /// Whose.
    pub user: UserId,
    /// Which.
    pub session: SessionId,
}

/// What a new session is given.
pub struct Joined {
    /// Its name.
    pub id: SessionId,
    /// Its mail; closed when the session has to end.
    pub mailbox: mpsc::Receiver<Mail>,
    /// Why, then.
    pub ending: Arc<Ending>,
    /// The bytes that wait for it.
    pub backlog: Arc<Backlog>,
    /// Whether its user had no other session here.
    pub is_first: bool,
}

/// How many sessions a user may have, and how far behind.
#[derive(Debug, Clone)]
pub struct SessionBounds {
    /// Pieces of mail a session may be behind.
    pub mailbox: usize,
    /// Bytes that may wait for a session.
    pub backlog_bytes: usize,
    /// Sessions per user.
    pub per_user: usize,
    /// Sessions per user and platform; 0 = any number.
    pub per_platform: usize,
    /// How long a user counts as online after their last session was lost, ms.
    pub grace_ms: u64,
}

/// A user who is here, or was until a moment ago.
pub struct Presence {
    sessions: Vec<Handle>,
    /// The newest cursor their sessions here were handed, or told of.
    delivered: AtomicU64,
    /// When the last session went; meaningless while there is one.
    left_at: u64,
}

/// Everybody with a session, and those who had one until a moment ago.
pub struct Online(HashMap<UserId, Presence>);

impl Online {
    /// The user, if they are here.
    pub fn of(&self, user: &UserId) -> Option<&Presence> {
        self.0.get(user)
    }

    /// The user's sessions on this node.
    pub fn sessions(&self, user: &UserId) -> &[Handle] {
        self.of(user).map_or(&[], Presence::sessions)
    }

    /// How many there are.
    pub fn count(&self) -> SignedIn {
        let (mut users, mut sessions) = (0, 0);
        for here in self.0.values().map(|presence| presence.sessions.len() as u64) {
            users += u64::from(here > 0);
            sessions += here;
        }
        SignedIn { users, sessions }
    }

    /// The sessions whose sockets take nothing, or whose messages do not end; those first that have been so for the longest.
    pub fn behind(&self) -> Vec<Behind> {
        let of = |user: &UserId, handle: &Handle| {
            let since = handle.backlog.slow_since()?;
            Some(Behind { since, user: user.clone(), session: handle.id })
        };
        let everybody = self.0.iter();
        let mut behind: Vec<Behind> = everybody
            .flat_map(|(user, presence)| presence.sessions.iter().filter_map(move |handle| of(user, handle)))
            .collect();
        behind.sort_unstable_by_key(|one| one.since);
        behind
    }
}

/// The sessions of this node.
pub struct Registry {
    online: RwLock<Online>,
    next: AtomicU64,
    /// Set when the server stops: sessions that come later end at once.
    closed: AtomicBool,
    bounds: SessionBounds,
    budget: Arc<Budget>,
}

impl Registry {
    /// An empty one.
    pub fn new(bounds: SessionBounds, budget: Arc<Budget>) -> Self {
        Self {
            online: RwLock::new(Online(HashMap::new())),
            next: AtomicU64::new(1),
            closed: AtomicBool::new(false),
            bounds,
            budget,
        }
    }

    /// What may wait for all sessions together.
    pub fn budget(&self) -> &Budget {
        &self.budget
    }

    /// An event that is about to be put into mailboxes.
    pub fn parcel(&self, event: &Arc<LoggedEvent>) -> Arc<Parcel> {
        // Beside its text there is the event itself, of the same size, when it was committed here.
        let copies = 1 + usize::from(event.event.is_some());
        let bytes = size_of::<LoggedEvent>() + copies * event.body.len();
        Arc::new(Parcel { event: Arc::clone(event), _charge: self.budget.charge(bytes) })
    }

    /// Lets the router look at everybody.
    pub fn with_online<T>(&self, look: impl FnOnce(&Online) -> T) -> T {
        look(&self.online.read())
    }

    /// Numbers sessions from here on, so that no number comes back that an earlier run of this node has used.
    pub fn number_from(&self, first: u64) {
        self.next.fetch_max(first, Ordering::Relaxed);
    }

    /// Names the session a new connection may come to, in the order connections are made.
    pub fn new_session(&self) -> SessionId {
        SessionId(self.next.fetch_add(1, Ordering::Relaxed))
    }

    /// Starts a session. Of the same device's sessions the one on the newest connection stays: a sign-in that was
    /// under way on a connection the device has left already must not push out its successor. The platform's oldest
    /// goes when there are too many, and so does the user's. `token_made_ms` is what [`Registry::end_made_before`] goes by.
    pub fn join(&self, id: SessionId, user: &UserId, device: &Device, token_made_ms: u64) -> Joined {
        let (sender, mailbox) = mpsc::channel(self.bounds.mailbox);
        let ending = Arc::new(Ending::default());
        let backlog = Backlog::new(self.bounds.backlog_bytes, Arc::clone(&self.budget));
        let mut online = self.online.write();
        let presence = online.0.entry(user.clone()).or_insert_with(|| Presence {
            // Most users have one device here, and an empty Vec would make room for four.
            sessions: Vec::with_capacity(1),
            delivered: AtomicU64::new(0),
            left_at: 0,
        });
        let is_first = presence.sessions.is_empty();
        let handle = Handle {
            id,
            mailbox: sender,
            backlog: Arc::clone(&backlog),
            device: device.clone(),
            token_made_ms,
            ending: Arc::clone(&ending),
        };
        if self.closed.load(Ordering::Acquire) {
            ending.set(CloseCode::ResumeElsewhere);
        } else {
            presence.admit(handle, &self.bounds);
        }
        Joined { id, mailbox, ending, backlog, is_first }
    }

    /// Takes a session out that has ended by itself.
    pub fn leave(&self, user: &UserId, session: SessionId, now: u64) {
        let mut online = self.online.write();
        let Some(presence) = online.0.get_mut(user) else { return };
        presence.sessions.retain(|handle| handle.id != session);
        if presence.sessions.is_empty() {
            presence.left_at = presence.left_at.max(now);
        }
    }

    /// Ends a session from outside: its mailbox is closed, and it closes its connection with this code. Its user counts
    /// as online for the grace from now on: they are about to resume. False when there was no such session any more.
    pub fn end(&self, user: &UserId, session: SessionId, code: CloseCode, now: u64) -> bool {
        self.end_those(user, code, now, |handle| handle.id == session) > 0
    }

    /// Ends the user's sessions whose tokens were made before a time (ms since the epoch) and returns how many.
    pub fn end_made_before(&self, user: &UserId, before_ms: u64, code: CloseCode, now: u64) -> usize {
        self.end_those(user, code, now, |handle| handle.token_made_ms < before_ms)
    }

    fn end_those(&self, user: &UserId, code: CloseCode, now: u64, which: impl Fn(&Handle) -> bool) -> usize {
        let mut online = self.online.write();
        let Some(presence) = online.0.get_mut(user) else { return 0 };
        let before = presence.sessions.len();
        presence.end_where(code, which);
        let ended = before - presence.sessions.len();
        if ended > 0 {
            presence.left_at = presence.left_at.max(now);
        }
        ended
    }

    /// Ends a session whose device is too slow, so that it resumes: what waits for it is dropped. How many bytes that is.
    pub fn end_slow(&self, user: &UserId, session: SessionId, slow: Slow, now: u64) -> usize {
        self.take_out(user, session, now).map_or(0, |handle| handle.end_slow(slow))
    }

    fn take_out(&self, user: &UserId, session: SessionId, now: u64) -> Option<Handle> {
        let mut online = self.online.write();
        let presence = online.0.get_mut(user)?;
        let place = presence.sessions.iter().position(|handle| handle.id == session)?;
        presence.left_at = presence.left_at.max(now);
        Some(presence.sessions.remove(place))
    }

    /// Ends every session, also those that come later.
    pub fn end_all(&self, code: CloseCode) {
        let mut online = self.online.write();
        self.closed.store(true, Ordering::Release);
        #[expect(clippy::iter_over_hash_type, reason = "every session is ended; the order does not matter")]
        for presence in online.0.values_mut() {
            presence.end_where(code, |_| true);
        }
    }

    /// Whether a user has a session or lost their last one less than the grace ago.
    pub fn is_online(&self, user: &UserId, now: u64) -> bool {
        let online = self.online.read();
        let since = |presence: &Presence| now.saturating_sub(presence.left_at) < self.bounds.grace_ms;
        online.0.get(user).is_some_and(|presence| !presence.sessions.is_empty() || since(presence))
    }

    /// Forgets users who left longer than the grace ago, and calls `forgotten` with each and the time when they left. Holds the
    /// lock meanwhile, so nobody can join in between. What a crowd needed of the table goes back; as much room again as users stay
    /// is kept, so that it is not moved with each who comes.
    pub fn forget_gone(&self, now: u64, mut forgotten: impl FnMut(&UserId, u64)) {
        let grace = self.bounds.grace_ms;
        let mut online = self.online.write();
        online.0.retain(|user, presence| {
            let stays = !presence.sessions.is_empty() || now.saturating_sub(presence.left_at) < grace;
            if !stays {
                forgotten(user, presence.left_at);
            }
            stays
        });
        let here = online.0.len();
        online.0.shrink_to(2 * here);
    }
}

impl Presence {
    /// The user's sessions on this node.
    pub fn sessions(&self) -> &[Handle] {
        &self.sessions
    }

    /// Whether their sessions know of this cursor.
    pub fn has_reached(&self, cursor: u64) -> bool {
        self.delivered.load(Ordering::Relaxed) >= cursor
    }

    /// Notes that their sessions know of this cursor. Whether it is newer than all before.
    pub fn advance(&self, cursor: u64) -> bool {
        self.delivered.fetch_max(cursor, Ordering::Relaxed) < cursor
    }

    fn end_where(&mut self, code: CloseCode, which: impl Fn(&Handle) -> bool) {
        self.sessions.retain(|handle| {
            let ends = which(handle);
            if ends {
                handle.end(code);
            }
            !ends
        });
    }

    fn admit(&mut self, handle: Handle, bounds: &SessionBounds) {
        let device = handle.device.device_id.clone();
        if self.sessions.iter().any(|other| other.device.device_id == device && other.id.0 > handle.id.0) {
            handle.ending.set(CloseCode::Replaced);
            return;
        }
        self.end_where(CloseCode::Replaced, |other| other.device.device_id == device);
        let of_platform = |other: &Handle| other.device.platform == handle.device.platform;
        if bounds.per_platform > 0 {
            self.make_room(bounds.per_platform, of_platform);
        }
        self.make_room(bounds.per_user, |_| true);
        self.sessions.push(handle);
    }

    /// Ends the oldest of these sessions until one more is not too many.
    fn make_room(&mut self, most: usize, of: impl Fn(&Handle) -> bool) {
        while self.sessions.iter().filter(|handle| of(handle)).count() >= most {
            let Some(oldest) = self.sessions.iter().find(|handle| of(handle)).map(|handle| handle.id) else {
                return;
            };
            self.end_where(CloseCode::PlatformLimit, |handle| handle.id == oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use prometheus_client::metrics::gauge::Gauge;
    use wigwag_protocol::{DeviceId, Platform};

    use super::*;

    fn device(name: &str, platform: u8) -> Device {
        Device { device_id: DeviceId::parse(name).unwrap(), platform: Platform::new(platform).unwrap() }
    }

    fn registry(per_platform: usize) -> Registry {
        let bounds =
            SessionBounds { mailbox: 4, backlog_bytes: 1_000, per_user: 5, per_platform, grace_ms: 30_000 };
        Registry::new(bounds, Budget::new(10_000, Gauge::default()))
    }

    fn join(registry: &Registry, user: &UserId, device: &Device) -> Joined {
        registry.join(registry.new_session(), user, device, 1_000)
    }

    #[test]
    fn a_late_sign_in_on_an_older_connection_does_not_push_out_the_newer_one() {
        let registry = registry(0);
        let alice = UserId::parse("alice").unwrap();
        let (left, current) = (registry.new_session(), registry.new_session());
        let newer = registry.join(current, &alice, &device("phone", 1), 0);
        let mut older = registry.join(left, &alice, &device("phone", 1), 0);
        assert!(matches!(older.mailbox.try_recv(), Err(mpsc::error::TryRecvError::Disconnected)));
        assert_eq!(older.ending.code(), CloseCode::Replaced);
        assert!(
            registry.with_online(|online| online.sessions(&alice).iter().all(|handle| handle.id == newer.id))
        );
    }

    #[test]
    fn the_same_device_replaces_itself_and_a_platform_has_its_bound() {
        let registry = registry(2);
        let alice = UserId::parse("alice").unwrap();
        let mut first = join(&registry, &alice, &device("phone", 1));
        let second = join(&registry, &alice, &device("phone", 1));
        assert!(matches!(first.mailbox.try_recv(), Err(mpsc::error::TryRecvError::Disconnected)));
        assert_eq!(first.ending.code(), CloseCode::Replaced);
        join(&registry, &alice, &device("tablet", 1));
        join(&registry, &alice, &device("browser", 5));
        join(&registry, &alice, &device("third", 1));
        assert_eq!(second.ending.code(), CloseCode::PlatformLimit);
        assert_eq!(registry.with_online(|online| online.sessions(&alice).len()), 3);
    }

    #[test]
    fn sessions_on_tokens_from_before_a_time_are_ended_and_others_stay() {
        let registry = registry(0);
        let (alice, bob) = (UserId::parse("alice").unwrap(), UserId::parse("bob").unwrap());
        let mut old = join(&registry, &alice, &device("phone", 1));
        let mut new = registry.join(registry.new_session(), &alice, &device("tablet", 1), 2_000);
        let mut bobs = join(&registry, &bob, &device("phone", 1));
        assert_eq!(registry.end_made_before(&alice, 2_000, CloseCode::TokenExpired, 5), 1);
        assert!(matches!(old.mailbox.try_recv(), Err(mpsc::error::TryRecvError::Disconnected)));
        assert_eq!(old.ending.code(), CloseCode::TokenExpired);
        for other in [&mut new, &mut bobs] {
            assert!(matches!(other.mailbox.try_recv(), Err(mpsc::error::TryRecvError::Empty)));
        }
        assert_eq!(registry.end_made_before(&alice, 2_000, CloseCode::TokenExpired, 5), 0);
    }

    #[test]
    fn the_oldest_goes_when_a_user_has_too_many_sessions() {
        let registry = registry(0);
        let (alice, bob) = (UserId::parse("alice").unwrap(), UserId::parse("bob").unwrap());
        let open =
            |user: &UserId, number: u8| join(&registry, user, &device(&format!("device-{number}"), number));
        let five: Vec<Joined> = (1..=5).map(|number| open(&alice, number)).collect();
        let other = open(&bob, 1);
        assert!(five.iter().all(|device| device.mailbox.sender_strong_count() == 1));
        let sixth = open(&alice, 6);
        assert_eq!(
            (five[0].mailbox.sender_strong_count(), five[0].ending.code()),
            (0, CloseCode::PlatformLimit)
        );
        let here = five[1..].iter().chain([&sixth, &other]);
        assert!(here.into_iter().all(|device| device.mailbox.sender_strong_count() == 1));
    }

    #[test]
    fn a_user_counts_as_online_for_a_while_after_leaving() {
        let registry = registry(0);
        let bob = UserId::parse("bob").unwrap();
        let joined = join(&registry, &bob, &device("d", 7));
        registry.leave(&bob, joined.id, 1_000);
        assert!(registry.is_online(&bob, 30_999));
        assert!(!registry.is_online(&bob, 31_000));
        registry.forget_gone(30_999, |user, _| panic!("{user} is still online"));
        let mut forgotten = Vec::new();
        registry.forget_gone(31_000, |user, left_at| forgotten.push((user.clone(), left_at)));
        assert_eq!(forgotten, [(bob, 1_000)]);
        assert_eq!(registry.with_online(|online| online.0.len()), 0);
    }

    #[test]
    fn what_a_crowd_needed_goes_back_when_it_is_forgotten() {
        let registry = registry(0);
        for number in 0..1_000 {
            let user = UserId::parse(&format!("user-{number}")).unwrap();
            let joined = join(&registry, &user, &device("d", 7));
            registry.leave(&user, joined.id, 1_000 + 100 * number);
        }
        assert!(registry.with_online(|online| online.0.capacity()) >= 1_000);
        registry.forget_gone(1_000 + 100 * 989 + 30_000, |_, _| {});
        let (here, room) = registry.with_online(|online| (online.0.len(), online.0.capacity()));
        assert!(here == 10 && room < 50, "room for {room}");
    }
}
