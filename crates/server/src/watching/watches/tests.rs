//! Stories of people who watch each other, in which time passes as they say.

use super::*;

const GRACE: u64 = 30_000;
const ONLINE: Glimpse = Glimpse::Online(None);
const PHONE: SessionId = SessionId(1);
const TABLET: SessionId = SessionId(2);

fn user(name: &str) -> UserId {
    UserId::parse(name).unwrap()
}

fn status(name: &str, presence: Presence) -> UserStatus {
    UserStatus { user_id: user(name), presence, status: None }
}

/// Alice's phone watches people, whom the rest of the server finds as the story says.
struct World {
    watches: Watches,
    now: u64,
    strangers: Vec<&'static str>,
}

impl World {
    fn new() -> Self {
        Self::within(1_000, 500_000)
    }

    fn within(of_a_user: usize, pairs: usize) -> Self {
        let watches = Watches::new(Bounds { watchers: of_a_user, pairs, grace_ms: GRACE });
        Self { watches, now: 1_000_000, strangers: Vec::new() }
    }

    /// A session of `viewer` watches these users, who are found to be so.
    fn watches(&mut self, session: SessionId, viewer: &str, found: &[(&str, Glimpse)]) -> Vec<Presence> {
        let users: BTreeSet<UserId> = found.iter().map(|(name, _)| user(name)).collect();
        let has_room = self.watches.watch(session, &user(viewer), &users, self.now);
        let found = found.iter().map(|(name, glimpse)| {
            (user(name), if has_room.contains(&user(name)) { glimpse.clone() } else { Glimpse::Hidden })
        });
        let reply = self.watches.reply(session, found.collect(), self.now);
        reply.users.into_iter().map(|status| status.presence).collect()
    }

    fn hint(&mut self, name: &str) {
        self.watches.hint(&user(name), self.now);
    }

    /// Time passes, and whoever is due is found to be so. Gives how often somebody was looked at.
    fn passes(&mut self, ms: u64, online: Option<bool>) -> usize {
        let glimpse = online.map_or(Glimpse::Unanswered, |on| if on { ONLINE } else { Glimpse::Offline });
        self.passes_with(ms, &glimpse)
    }

    fn passes_with(&mut self, ms: u64, glimpse: &Glimpse) -> usize {
        let (until, mut looks) = (self.now + ms, 0);
        while let Some(at) = self.watches.next_look().filter(|at| *at <= until) {
            self.now = self.now.max(at);
            for user in self.watches.due(self.now, 500) {
                looks += 1;
                if let Some(seen) = self.watches.found(&user, glimpse.clone(), self.now) {
                    self.tells_of(&user, &seen);
                }
            }
        }
        self.now = until;
        looks
    }

    fn tells(&mut self, about: &UserId, presence: Presence) -> Vec<Woken> {
        self.tells_of(about, &Seen { presence, status: None })
    }

    fn tells_of(&mut self, about: &UserId, seen: &Seen) -> Vec<Woken> {
        let viewers = self.watches.unasked(about, &HashMap::new()).into_iter();
        let strange = |viewer: &UserId| self.strangers.contains(&viewer.as_str());
        let may_see: HashMap<UserId, bool> = viewers.map(|one| (one.clone(), !strange(&one))).collect();
        assert!(self.watches.unasked(about, &may_see).is_empty());
        self.watches.tell(about, seen, &may_see, self.now)
    }

    fn hears(&mut self, session: SessionId) -> Vec<UserStatus> {
        self.watches.news(session)
    }
}

#[test]
fn a_change_is_told_to_those_who_watch_and_to_nobody_else() {
    let mut world = World::new();
    let found = [("bob", Glimpse::Offline), ("carol", ONLINE)];
    assert_eq!(world.watches(PHONE, "alice", &found), [Presence::Offline, Presence::Online]);
    world.watches(TABLET, "dave", &[("carol", ONLINE)]);
    world.hint("bob");
    world.hint("nobody");
    world.passes(10, Some(true));
    assert_eq!(world.hears(PHONE), [status("bob", Presence::Online)]);
    assert_eq!((world.hears(PHONE), world.hears(TABLET)), (vec![], vec![]), "it is told once");
    world.hint("bob");
    world.passes(PACE_MS, Some(true));
    assert_eq!(world.hears(PHONE), [], "nothing has changed");
}

#[test]
fn who_flaps_is_told_once_in_five_seconds_and_the_last_change_counts() {
    let mut world = World::new();
    world.watches(PHONE, "alice", &[("bob", Glimpse::Offline)]);
    world.hint("bob");
    world.passes(0, Some(true));
    assert_eq!(world.hears(PHONE), [status("bob", Presence::Online)]);
    let mut looks = 0;
    for online in [false, true, false, true, false, true] {
        world.hint("bob");
        looks += world.passes(800, Some(online));
    }
    assert_eq!((looks, world.hears(PHONE)), (0, vec![]));
    looks += world.passes(199, Some(false));
    assert_eq!((looks, world.hears(PHONE)), (0, vec![]), "a millisecond is left");
    looks += world.passes(1, Some(false));
    assert_eq!((looks, world.hears(PHONE)), (1, vec![status("bob", Presence::Offline)]));
}

fn says(name: &str, words: &str) -> UserStatus {
    UserStatus { status: Some(words.to_owned()), ..status(name, Presence::Online) }
}

#[test]
fn what_somebody_says_is_told_like_their_coming_and_going_and_goes_with_them() {
    let mut world = World::new();
    let calling = Glimpse::Online(Some("in a call".into()));
    world.watches(PHONE, "alice", &[("bob", ONLINE)]);
    world.hint("bob");
    world.passes_with(0, &calling);
    assert_eq!(world.hears(PHONE), [says("bob", "in a call")]);
    world.hint("bob");
    world.passes_with(PACE_MS - 1, &Glimpse::Online(Some("at lunch".into())));
    assert_eq!(world.hears(PHONE), [], "a millisecond is left");
    world.passes_with(1, &Glimpse::Online(Some("asleep".into())));
    assert_eq!(world.hears(PHONE), [says("bob", "asleep")], "the last one counts");
    world.hint("bob");
    world.passes(PACE_MS, Some(false));
    assert_eq!(world.hears(PHONE), [status("bob", Presence::Offline)]);
    world.strangers = vec!["alice"];
    world.hint("bob");
    world.passes_with(PACE_MS, &calling);
    assert_eq!(world.hears(PHONE), [status("bob", Presence::Unknown)], "a stranger hears no words");
}

#[test]
fn a_newer_change_takes_the_place_of_one_that_waits() {
    let mut world = World::new();
    world.watches(PHONE, "alice", &[("bob", Glimpse::Offline), ("carol", Glimpse::Offline)]);
    world.hint("bob");
    world.passes(PACE_MS, Some(true));
    world.hint("bob");
    world.hint("carol");
    world.passes(PACE_MS, Some(false));
    assert_eq!(world.hears(PHONE), [status("bob", Presence::Offline)]);
}

#[test]
fn a_session_is_woken_once_for_all_its_news() {
    let mut world = World::new();
    world.watches(PHONE, "alice", &[("bob", Glimpse::Offline), ("carol", Glimpse::Offline)]);
    assert_eq!(world.tells(&user("bob"), Presence::Online), [(user("alice"), PHONE)]);
    assert_eq!(world.tells(&user("carol"), Presence::Online), []);
    assert_eq!(world.hears(PHONE).len(), 2);
    assert_eq!(world.tells(&user("carol"), Presence::Offline), [(user("alice"), PHONE)]);
}

#[test]
fn what_a_lost_hint_would_have_said_is_found_within_a_minute() {
    let mut world = World::new();
    world.watches(PHONE, "alice", &[("bob", Glimpse::Offline)]);
    assert_eq!(world.passes(COMPARE_MS - 1, Some(true)), 0);
    assert_eq!(world.passes(1, Some(true)), 1);
    assert_eq!(world.hears(PHONE), [status("bob", Presence::Online)]);
    assert_eq!(world.passes(10 * COMPARE_MS, Some(true)), 10);
    assert_eq!(world.hears(PHONE), []);
}

#[test]
fn whoever_is_not_found_without_having_gone_has_the_grace_to_come_to_another_node() {
    let mut world = World::new();
    world.watches(PHONE, "alice", &[("bob", ONLINE)]);
    world.watches.compare(world.now);
    world.passes(GRACE - 1, Some(false));
    assert_eq!(world.hears(PHONE), []);
    world.hint("bob");
    world.passes(60_000, Some(true));
    assert_eq!(world.hears(PHONE), [], "they came to another one");
    world.watches.compare(world.now);
    world.passes(GRACE - 1, Some(false));
    assert_eq!(world.hears(PHONE), []);
    world.passes(1, Some(false));
    assert_eq!(world.hears(PHONE), [status("bob", Presence::Offline)]);
}

#[test]
fn what_the_bus_cannot_say_twice_is_unknown() {
    let mut world = World::new();
    world.watches(PHONE, "alice", &[("bob", ONLINE)]);
    world.watches.compare(world.now);
    world.passes(PACE_MS - 1, None);
    assert_eq!(world.hears(PHONE), []);
    world.passes(1, None);
    assert_eq!(world.hears(PHONE), [status("bob", Presence::Unknown)]);
    world.watches.compare(world.now);
    world.passes(PACE_MS, Some(true));
    assert_eq!(world.hears(PHONE), [status("bob", Presence::Online)]);
}

#[test]
fn a_stranger_is_told_nothing_and_one_who_becomes_a_stranger_only_that() {
    let mut world = World::new();
    world.watches(PHONE, "alice", &[("bob", ONLINE)]);
    assert_eq!(world.watches(TABLET, "mallory", &[("bob", Glimpse::Hidden)]), [Presence::Unknown]);
    world.strangers = vec!["mallory"];
    for (online, presence) in [(false, Presence::Offline), (true, Presence::Online)] {
        world.hint("bob");
        world.passes(PACE_MS, Some(online));
        assert_eq!(world.hears(PHONE), [status("bob", presence)]);
        assert_eq!(world.hears(TABLET), []);
    }
    world.strangers = vec!["mallory", "alice"];
    for (online, told) in [(false, vec![status("bob", Presence::Unknown)]), (true, vec![])] {
        world.hint("bob");
        world.passes(PACE_MS, Some(online));
        assert_eq!(world.hears(PHONE), told);
    }
    world.strangers = vec!["mallory"];
    world.hint("bob");
    world.passes(PACE_MS, Some(false));
    assert_eq!(world.hears(PHONE), [status("bob", Presence::Offline)]);
}

#[test]
fn what_changes_while_a_reply_is_made_is_in_the_reply() {
    let mut world = World::new();
    let users = BTreeSet::from(["bob", "carol"].map(user));
    world.watches.watch(PHONE, &user("alice"), &users, world.now);
    world.hint("bob");
    world.passes(0, Some(false));
    let found = ["bob", "carol"].map(|name| (user(name), ONLINE)).to_vec();
    let reply = world.watches.reply(PHONE, found, world.now);
    assert_eq!(reply.users, [status("bob", Presence::Offline), status("carol", Presence::Online)]);
    assert_eq!(world.hears(PHONE), []);
    world.hint("bob");
    world.passes(PACE_MS, Some(true));
    assert_eq!(world.hears(PHONE), [status("bob", Presence::Online)]);
}

#[test]
fn whoever_cannot_be_looked_at_is_as_others_know_them_and_looked_at_again() {
    let mut world = World::new();
    assert_eq!(world.watches(PHONE, "alice", &[("bob", Glimpse::Unanswered)]), [Presence::Unknown]);
    assert_eq!(world.passes(PACE_MS, Some(true)), 1);
    assert_eq!(world.hears(PHONE), [status("bob", Presence::Online)]);
    assert_eq!(world.watches(TABLET, "carol", &[("bob", Glimpse::Unanswered)]), [Presence::Online]);
    world.passes(PACE_MS, Some(true));
    assert_eq!((world.hears(PHONE), world.hears(TABLET)), (vec![], vec![]));
}

#[test]
fn what_one_watcher_finds_out_is_news_to_the_others() {
    let mut world = World::new();
    world.watches(PHONE, "alice", &[("bob", Glimpse::Offline)]);
    world.watches(TABLET, "carol", &[("bob", ONLINE)]);
    assert_eq!(world.passes(10, Some(true)), 1);
    assert_eq!((world.hears(PHONE), world.hears(TABLET)), (vec![status("bob", Presence::Online)], vec![]));
}

#[test]
fn whoever_watches_anew_watches_nobody_of_before() {
    let mut world = World::new();
    world.watches(PHONE, "alice", &[("bob", Glimpse::Offline)]);
    world.tells(&user("bob"), Presence::Online);
    world.watches(PHONE, "alice", &[("carol", Glimpse::Offline), ("bob", ONLINE)]);
    assert_eq!(world.hears(PHONE), [], "the reply has it");
    world.watches(PHONE, "alice", &[]);
    assert_eq!(world.tells(&user("carol"), Presence::Online), []);
    let Watches { users, sessions, looks, pairs, bounds: _ } = &world.watches;
    assert!(users.is_empty() && sessions.is_empty() && looks.is_empty() && *pairs == 0);
}

#[test]
fn the_watchers_of_a_user_and_all_pairs_of_a_node_have_a_bound() {
    let mut world = World::within(2, 4);
    let bob = [("bob", ONLINE)];
    let session = |number| SessionId(number);
    assert_eq!(world.watches(session(1), "a", &bob), [Presence::Online]);
    assert_eq!(world.watches(session(2), "b", &bob), [Presence::Online]);
    assert_eq!(world.watches(session(3), "c", &bob), [Presence::Unknown], "a third");
    world.watches.unwatch(session(1));
    assert_eq!(world.watches(session(3), "c", &bob), [Presence::Online]);
    let more = ["d", "e", "f"].map(|name| (name, ONLINE));
    let known = world.watches(session(4), "d", &more);
    assert_eq!(known, [Presence::Online, Presence::Online, Presence::Unknown], "four pairs");
    assert_eq!(world.watches(session(4), "d", &more[..1]), [Presence::Online], "its own make room");
}

#[test]
fn no_more_are_looked_at_at_once_than_was_asked_for() {
    let mut world = World::new();
    let names: Vec<String> = (0..100).map(|number| format!("u{number}")).collect();
    let found: Vec<(&str, Glimpse)> = names.iter().map(|name| (name.as_str(), ONLINE)).collect();
    world.watches(PHONE, "alice", &found);
    world.watches.compare(world.now);
    assert_eq!(world.watches.due(world.now, 99).len(), 99);
    assert_eq!(world.watches.due(world.now, 99).len(), 1);
    assert_eq!((world.watches.due(world.now, 99).len(), world.watches.next_look()), (0, None));
}
