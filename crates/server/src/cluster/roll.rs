//! Who lives, by what the store says and what the bus lets hear. No clock: time comes in.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use tokio::time::Instant;

use crate::store::shared::NodeId;

/// A node that lives in the store and is not heard for ten beats is not on this bus.
const UNHEARD: Duration = Duration::from_secs(5);
/// Beats that are further apart do not belong together: three were left out.
const PAUSE: Duration = Duration::from_millis(1_500);
/// A server with this node's name beats for this long before it is told. A bus that hung hands over at once what this node
/// itself said before, and that is no other server.
const DOUBLE: Duration = Duration::from_secs(3);

/// The nodes.
pub(super) struct Roll {
    me: NodeId,
    live: BTreeSet<NodeId>,
    voices: BTreeMap<NodeId, Voice>,
    /// Before this nothing can be concluded from silence: the bus was away, or this node was.
    listening_since: Instant,
}

/// What is known of a node besides that it lives.
struct Voice {
    /// When it was first known.
    since: Instant,
    /// Its last beats without a pause between them.
    beats: Option<Beats>,
    warned: bool,
}

/// Beats without a pause.
struct Beats {
    first: Instant,
    last: Instant,
}

/// What an operator should know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Oddity {
    /// It lives in the store and says nothing on the bus: it is at another bus.
    Unheard(NodeId),
    /// It speaks on the bus and does not live in the store: it is at another store.
    Foreign(NodeId),
    /// Another server has this node's name: a data folder was copied.
    Double,
}

impl Roll {
    pub(super) fn new(me: NodeId, now: Instant) -> Self {
        Self { me, live: BTreeSet::new(), voices: BTreeMap::new(), listening_since: now }
    }

    /// Silence until now says nothing.
    pub(super) fn deaf(&mut self, now: Instant) {
        self.listening_since = now;
    }

    /// The store says who lives. Whether somebody has died since it was asked last.
    pub(super) fn call(&mut self, live: impl IntoIterator<Item = NodeId>, now: Instant) -> bool {
        let live: BTreeSet<NodeId> = live.into_iter().collect();
        let dead: Vec<NodeId> = self.live.difference(&live).copied().collect();
        for node in &dead {
            self.voices.remove(node);
        }
        for node in live.difference(&self.live) {
            self.voices.insert(*node, Voice::new(now));
        }
        self.live = live;
        // Who is not alive and says nothing is forgotten, so that names do not gather.
        let live = &self.live;
        self.voices.retain(|node, voice| live.contains(node) || !voice.is_silent(now));
        !dead.is_empty()
    }

    /// A node is heard.
    pub(super) fn hear(&mut self, node: NodeId, now: Instant) {
        self.voices.entry(node).or_insert_with(|| Voice::new(now)).hear(now);
    }

    /// What has become odd; each oddity is told once.
    pub(super) fn oddities(&mut self, now: Instant) -> Vec<Oddity> {
        let (me, live, listening) = (self.me, &self.live, self.listening_since);
        let mut odd = Vec::new();
        for (node, voice) in self.voices.iter_mut().filter(|(_, voice)| !voice.warned) {
            let silent = now - voice.last_heard().max(listening);
            let oddity = if *node == me {
                voice.has_beaten_for(DOUBLE, now).then_some(Oddity::Double)
            } else if live.contains(node) {
                (silent > UNHEARD).then_some(Oddity::Unheard(*node))
            } else {
                voice.has_beaten_for(UNHEARD, now).then_some(Oddity::Foreign(*node))
            };
            voice.warned |= oddity.is_some();
            odd.extend(oddity);
        }
        odd
    }
}

impl Voice {
    fn new(now: Instant) -> Self {
        Self { since: now, beats: None, warned: false }
    }

    fn hear(&mut self, now: Instant) {
        match &mut self.beats {
            Some(beats) if now - beats.last <= PAUSE => beats.last = now,
            Some(_) | None => self.beats = Some(Beats { first: now, last: now }),
        }
    }

    fn last_heard(&self) -> Instant {
        self.beats.as_ref().map_or(self.since, |beats| beats.last)
    }

    fn is_silent(&self, now: Instant) -> bool {
        now - self.last_heard() > UNHEARD
    }

    /// Whether it beats, and has done so for this long.
    fn has_beaten_for(&self, time: Duration, now: Instant) -> bool {
        self.beats.as_ref().is_some_and(|beats| now - beats.last <= PAUSE && beats.last - beats.first >= time)
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const ME: NodeId = NodeId(Uuid::from_u128(1));
    const OTHER: NodeId = NodeId(Uuid::from_u128(2));

    struct World {
        roll: Roll,
        now: Instant,
    }

    impl World {
        fn new() -> Self {
            let now = Instant::now();
            Self { roll: Roll::new(ME, now), now }
        }

        /// Seconds pass, beat by beat. Returns what was odd.
        fn passes(&mut self, seconds: u64, live: &[NodeId], heard: &[NodeId]) -> Vec<Oddity> {
            let mut odd = Vec::new();
            for _ in 0..seconds * 2 {
                self.now += Duration::from_millis(500);
                for node in heard {
                    self.roll.hear(*node, self.now);
                }
                self.roll.call(live.iter().copied(), self.now);
                odd.extend(self.roll.oddities(self.now));
            }
            odd
        }
    }

    #[test]
    fn a_death_is_seen_once() {
        let mut world = World::new();
        let now = world.now;
        assert!(!world.roll.call([ME, OTHER], now));
        assert!(!world.roll.call([ME, OTHER], now));
        assert!(world.roll.call([ME], now));
        assert!(!world.roll.call([ME], now));
    }

    #[test]
    fn nodes_that_live_and_speak_are_not_odd() {
        assert_eq!(World::new().passes(60, &[ME, OTHER], &[OTHER]), []);
        assert_eq!(World::new().passes(60, &[ME], &[]), []);
    }

    #[test]
    fn a_node_on_another_bus_is_told_once() {
        let mut world = World::new();
        assert_eq!(world.passes(4, &[ME, OTHER], &[]), []);
        assert_eq!(world.passes(60, &[ME, OTHER], &[]), [Oddity::Unheard(OTHER)]);
    }

    #[test]
    fn silence_while_this_node_was_deaf_says_nothing() {
        let mut world = World::new();
        world.passes(5, &[ME, OTHER], &[OTHER]);
        world.now += Duration::from_secs(10);
        world.roll.deaf(world.now);
        assert_eq!(world.passes(4, &[ME, OTHER], &[]), []);
        assert_eq!(world.passes(60, &[ME, OTHER], &[OTHER]), []);
    }

    #[test]
    fn a_node_on_another_store_is_told_but_not_one_that_died_or_is_about_to_enter() {
        let mut world = World::new();
        assert_eq!(world.passes(4, &[ME], &[OTHER]), []);
        assert_eq!(world.passes(4, &[ME, OTHER], &[OTHER]), []);
        assert_eq!(world.passes(20, &[ME], &[]), []);
        assert_eq!(world.passes(20, &[ME], &[OTHER]), [Oddity::Foreign(OTHER)]);
    }

    #[test]
    fn a_copied_data_folder_is_told_within_seconds() {
        assert_eq!(World::new().passes(3, &[ME], &[ME]), []);
        assert_eq!(World::new().passes(4, &[ME], &[ME]), [Oddity::Double]);
    }

    #[test]
    fn what_a_bus_that_hung_hands_over_late_is_nobody() {
        let mut world = World::new();
        world.passes(5, &[ME, OTHER], &[OTHER]);
        world.now += Duration::from_secs(15);
        for _ in 0..30 {
            // Own beats of before, and those of a node that has died since.
            world.roll.hear(ME, world.now);
            world.roll.hear(OTHER, world.now);
        }
        world.roll.deaf(world.now);
        assert_eq!(world.passes(60, &[ME], &[]), []);
    }
}
