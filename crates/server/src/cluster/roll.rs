//! Who lives, by what the store says and what the bus lets hear. No clock: time comes in.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use tokio::time::Instant;

use crate::store::shared::NodeId;

/// A node that lives in the store and is not heard for ten beats is not on this bus.
const UNHEARD: Duration = Duration::from_secs(5);

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
    /// Without a pause that says something.
    since: Instant,
    heard: Option<Instant>,
    warned: bool,
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
            self.voices.insert(*node, Voice { since: now, heard: None, warned: false });
        }
        self.live = live;
        // Who is not alive and says nothing is forgotten, so that names do not gather.
        let live = &self.live;
        self.voices.retain(|node, voice| live.contains(node) || voice.speaks(now));
        !dead.is_empty()
    }

    /// A node is heard.
    pub(super) fn hear(&mut self, node: NodeId, now: Instant) {
        let voice = self.voices.entry(node).or_insert(Voice { since: now, heard: None, warned: false });
        voice.heard = Some(now);
    }

    /// What has become odd; each oddity is told once.
    pub(super) fn oddities(&mut self, now: Instant) -> Vec<Oddity> {
        let (me, live, listening) = (self.me, &self.live, self.listening_since);
        let mut odd = Vec::new();
        for (node, voice) in self.voices.iter_mut().filter(|(_, voice)| !voice.warned) {
            let silent = now - voice.heard.unwrap_or(voice.since).max(listening);
            let oddity = if *node == me {
                voice.speaks(now).then_some(Oddity::Double)
            } else if live.contains(node) {
                (silent > UNHEARD).then_some(Oddity::Unheard(*node))
            } else {
                (voice.speaks(now) && now - voice.since > UNHEARD).then_some(Oddity::Foreign(*node))
            };
            voice.warned |= oddity.is_some();
            odd.extend(oddity);
        }
        odd
    }
}

impl Voice {
    fn speaks(&self, now: Instant) -> bool {
        self.heard.is_some_and(|heard| now - heard <= UNHEARD)
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
    fn a_copied_data_folder_is_told_at_once() {
        assert_eq!(World::new().passes(1, &[ME], &[ME]), [Oddity::Double]);
    }
}
