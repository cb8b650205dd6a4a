//! Who watches whom on this node, what was told of it last, and when to look again. No clock and no I/O.
//!
//! ```text
//!  a hint, a minute ──▶ due ── looked at ──▶ found ──▶ a change ── who may see it ──▶ tell ──▶ news
//! ```
//!
//! A hint says that somebody's first session here or elsewhere began, that their last one has been gone for the grace, or that they say
//! something else of themselves. It is only a
//! reason to look: what is told is what was found. So hints may be lost, doubled or late.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use wigwag_protocol::presence::{Presence, UserStatus};
use wigwag_protocol::{UserId, result};

use crate::door::{Glimpse, Seen};
use crate::store::SessionId;

/// Least time between two changes that are told of one user, ms: who flaps costs their watchers no more.
pub(super) const PACE_MS: u64 = 5_000;

/// How long after a look a user is looked at again without a hint, ms, because hints may be lost.
const COMPARE_MS: u64 = 60_000;

/// How much may be watched.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    /// Sessions of this node that are told of one user: each change asks the store for as many pairs.
    pub(super) watchers: usize,
    /// Pairs of a session and a user it watches, on this node: about 300 bytes each.
    pub(super) pairs: usize,
    /// How long a user counts as online after their last session was lost, ms.
    pub(super) grace_ms: u64,
}

/// Everything that is watched on this node.
pub(super) struct Watches {
    bounds: Bounds,
    users: HashMap<UserId, Watched>,
    sessions: HashMap<SessionId, Watcher>,
    /// When to look at whom, server time in ms.
    looks: BTreeSet<(u64, UserId)>,
    pairs: usize,
}

/// A user whom somebody watches.
#[derive(Default)]
struct Watched {
    watchers: BTreeSet<SessionId>,
    /// As it was found last; `None` before the first time.
    seen: Option<Seen>,
    /// No change is told before.
    quiet_until: u64,
    look_at: Option<u64>,
    doubt: Doubt,
}

/// What there is to say against what will be found next.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Doubt {
    /// Nothing was hinted: whoever is not found may have lost their node, and comes to another one.
    #[default]
    Unhinted,
    /// They were hinted at: what is found counts.
    Hinted,
    /// They were not found since then, without a hint.
    MissingSince(u64),
    /// The other nodes did not answer last time.
    Unanswered,
}

/// A session that watches users.
struct Watcher {
    user: UserId,
    /// What it was told last of each; `None` while its reply is made.
    told: BTreeMap<UserId, Option<Seen>>,
    /// Those of whom it is told next.
    news: BTreeSet<UserId>,
}

/// A session with news, and whose it is.
pub(super) type Woken = (UserId, SessionId);

impl Watches {
    pub(super) fn new(bounds: Bounds) -> Self {
        let (users, sessions, looks) = Default::default();
        Self { bounds, users, sessions, looks, pairs: 0 }
    }

    /// A session watches these users from now on, and nobody else. Gives those whom there is room for: the others are not watched.
    pub(super) fn watch(
        &mut self,
        session: SessionId,
        viewer: &UserId,
        users: &BTreeSet<UserId>,
        now: u64,
    ) -> BTreeSet<UserId> {
        self.unwatch(session);
        let mut told = BTreeMap::new();
        for user in users {
            let watched = self.users.get(user).map_or(0, |watched| watched.watchers.len());
            if self.pairs < self.bounds.pairs && watched < self.bounds.watchers {
                self.users.entry(user.clone()).or_default().watchers.insert(session);
                told.insert(user.clone(), None);
                self.pairs += 1;
                self.look(user, now + COMPARE_MS);
            }
        }
        let has_room = told.keys().cloned().collect();
        if !told.is_empty() {
            self.sessions.insert(session, Watcher { user: viewer.clone(), told, news: BTreeSet::new() });
        }
        has_room
    }

    /// A session watches nobody any more.
    pub(super) fn unwatch(&mut self, session: SessionId) {
        let Some(watcher) = self.sessions.remove(&session) else { return };
        self.pairs -= watcher.told.len();
        for user in watcher.told.keys() {
            let Some(seen) = self.users.get_mut(user) else { continue };
            seen.watchers.remove(&session);
            if seen.watchers.is_empty()
                && let Some(look_at) = self.users.remove(user).and_then(|gone| gone.look_at)
            {
                self.looks.remove(&(look_at, user.clone()));
            }
        }
    }

    /// How these users are, for the session that asked to watch them: as they were found for it, unless it was to be told of a
    /// change meanwhile.
    pub(super) fn reply(
        &mut self,
        session: SessionId,
        found: Vec<(UserId, Glimpse)>,
        now: u64,
    ) -> result::Statuses {
        let status = |(user_id, glimpse)| {
            let seen = self.seen_by(session, &user_id, glimpse, now);
            seen.told_of(user_id)
        };
        result::Statuses { users: found.into_iter().map(status).collect() }
    }

    fn seen_by(&mut self, session: SessionId, user: &UserId, glimpse: Glimpse, now: u64) -> Seen {
        let told = self.sessions.get_mut(&session).and_then(|watcher| watcher.told.get_mut(user));
        // One that is not watched is told what was found, and nothing later.
        let Some(told) = told else { return glimpse.seen() };
        if let Some(newer) = told {
            return newer.clone();
        }
        let known = self.users.get(user).and_then(|watched| watched.seen.clone());
        let seen =
            if glimpse == Glimpse::Unanswered { known.unwrap_or_default() } else { glimpse.clone().seen() };
        *told = Some(seen.clone());
        self.learn(user, glimpse, now);
        seen
    }

    /// What was found for one watcher is news to the others when a hint was lost.
    fn learn(&mut self, user: &UserId, glimpse: Glimpse, now: u64) {
        match glimpse {
            Glimpse::Hidden => {}
            Glimpse::Unanswered => self.look(user, now + PACE_MS),
            Glimpse::Online(_) | Glimpse::Offline => {
                let Some(watched) = self.users.get_mut(user) else { return };
                let found = glimpse.seen();
                if *watched.seen.get_or_insert_with(|| found.clone()) != found {
                    self.hint(user, now);
                }
            }
        }
    }

    /// Somebody may have come or gone, or say something else.
    pub(super) fn hint(&mut self, user: &UserId, now: u64) {
        if let Some(watched) = self.users.get_mut(user) {
            watched.doubt = Doubt::Hinted;
            self.look(user, now);
        }
    }

    /// Everybody is looked at now: a node has died, or hints were lost.
    pub(super) fn compare(&mut self, now: u64) {
        let users: Vec<UserId> = self.users.keys().cloned().collect();
        for user in users {
            self.look(&user, now);
        }
    }

    /// Looks at a user at that time, or sooner where it is due sooner, but not before a change may be told again.
    fn look(&mut self, user: &UserId, at: u64) {
        let Some(watched) = self.users.get_mut(user) else { return };
        let at = at.max(watched.quiet_until);
        match watched.look_at {
            Some(sooner) if sooner <= at => return,
            Some(later) => drop(self.looks.remove(&(later, user.clone()))),
            None => {}
        }
        watched.look_at = Some(at);
        self.looks.insert((at, user.clone()));
    }

    /// When somebody has to be looked at next, server time in ms.
    pub(super) fn next_look(&self) -> Option<u64> {
        self.looks.first().map(|(at, _)| *at)
    }

    /// Takes those who have to be looked at now, at most so many.
    pub(super) fn due(&mut self, now: u64, most: usize) -> Vec<UserId> {
        let mut due = Vec::new();
        while due.len() < most
            && let Some((at, user)) = self.looks.pop_first()
        {
            if at > now {
                self.looks.insert((at, user));
                break;
            }
            if let Some(watched) = self.users.get_mut(&user) {
                watched.look_at = None;
            }
            due.push(user);
        }
        due
    }

    /// A user was looked at. Gives what is to be told, if it is a change.
    pub(super) fn found(&mut self, user: &UserId, glimpse: Glimpse, now: u64) -> Option<Seen> {
        let watched = self.users.get_mut(user)?;
        let doubt = std::mem::take(&mut watched.doubt);
        let was_online = watched.seen.as_ref().is_some_and(|seen| seen.presence == Presence::Online);
        let grace = self.bounds.grace_ms;
        let again = match (&glimpse, doubt) {
            (Glimpse::Online(_), _)
            | (Glimpse::Unanswered | Glimpse::Hidden, Doubt::Unanswered)
            | (Glimpse::Offline, Doubt::Hinted) => None,
            (Glimpse::Unanswered | Glimpse::Hidden, _) => Some((Doubt::Unanswered, now + PACE_MS)),
            (Glimpse::Offline, _) if !was_online => None,
            (Glimpse::Offline, Doubt::MissingSince(since)) if now >= since + grace => None,
            (Glimpse::Offline, Doubt::MissingSince(since)) => Some((doubt, since + grace)),
            (Glimpse::Offline, Doubt::Unhinted | Doubt::Unanswered) => {
                Some((Doubt::MissingSince(now), now + grace))
            }
        };
        let found = again.is_none().then(|| glimpse.seen());
        let change = found.filter(|found| watched.seen.as_ref() != Some(found));
        let (doubt, at) = again.unwrap_or((Doubt::Unhinted, now + COMPARE_MS));
        watched.doubt = doubt;
        self.look(user, at);
        change
    }

    /// Users who watch this one and of whom it is not in `asked` whether they may see it.
    pub(super) fn unasked(&self, user: &UserId, asked: &HashMap<UserId, bool>) -> Vec<UserId> {
        let watchers = self.users.get(user).into_iter().flat_map(|watched| &watched.watchers);
        let viewers = watchers.filter_map(|session| self.sessions.get(session)).map(|watcher| &watcher.user);
        let unasked: BTreeSet<&UserId> = viewers.filter(|viewer| !asked.contains_key(*viewer)).collect();
        unasked.into_iter().cloned().collect()
    }

    /// Tells a change to those who may see it. The others are told once that they may not. Gives the sessions that had no news before.
    pub(super) fn tell(
        &mut self,
        user: &UserId,
        now_seen: &Seen,
        may_see: &HashMap<UserId, bool>,
        now: u64,
    ) -> Vec<Woken> {
        let Some(watched) = self.users.get_mut(user) else { return Vec::new() };
        watched.seen = Some(now_seen.clone());
        watched.quiet_until = now + PACE_MS;
        let mut woken = Vec::new();
        for session in &watched.watchers {
            let Some(viewer) = self.sessions.get_mut(session) else { continue };
            let allowed = may_see.get(&viewer.user).copied().unwrap_or_default();
            if viewer.hears(user, if allowed { now_seen.clone() } else { Seen::default() }) {
                woken.push((viewer.user.clone(), *session));
            }
        }
        woken
    }

    /// It could not be found out who may see a change: it is looked at again.
    pub(super) fn retry(&mut self, user: &UserId, now: u64) {
        if let Some(watched) = self.users.get_mut(user) {
            watched.doubt = Doubt::Hinted;
            self.look(user, now + PACE_MS);
        }
    }

    /// Takes what a session is to be told: of each user how they are now.
    pub(super) fn news(&mut self, session: SessionId) -> Vec<UserStatus> {
        let Some(watcher) = self.sessions.get_mut(&session) else { return Vec::new() };
        let news = std::mem::take(&mut watcher.news).into_iter();
        let status = |user_id| {
            let seen = watcher.told.get(&user_id).cloned().flatten()?;
            Some(seen.told_of(user_id))
        };
        news.filter_map(status).collect()
    }
}

impl Watcher {
    /// Notes what it is to be told of a user. True when it had no news before.
    fn hears(&mut self, user: &UserId, seen: Seen) -> bool {
        let Some(told) = self.told.get_mut(user) else { return false };
        // Without anything before, its reply will say it.
        let is_news = told.as_ref().is_some_and(|before| *before != seen);
        *told = Some(seen);
        if !is_news {
            return false;
        }
        let was_quiet = self.news.is_empty();
        self.news.insert(user.clone());
        was_quiet
    }
}
