//! Which faults, in which order.

use std::time::Duration;

use super::timeline::StoreEnd;
use crate::dice::{Seed, between, number};

/// Nodes of the cluster.
pub(super) const NODES: usize = 3;
/// How long a node is stopped with SIGSTOP.
const FROZEN: Duration = Duration::from_secs(10);
/// The same in the short form; still twice as long as the others wait before they take it out.
const FROZEN_SHORTLY: Duration = Duration::from_secs(4);
/// How long an engine that hangs is silent: longer than a command may wait.
const HANGS: Duration = Duration::from_secs(6);

/// One run.
#[derive(Debug, Clone, Copy)]
pub(super) struct Plan {
    pub(super) seed: Seed,
    /// How long there are faults; without it, one of each kind.
    pub(super) time: Option<Duration>,
}

impl Plan {
    /// `WIGWAG_FAULTS_SEED` and `WIGWAG_FAULTS_MINUTES`, or the short form.
    pub(super) fn from_environment() -> Self {
        let time = number("WIGWAG_FAULTS_MINUTES").map(Duration::from_mins);
        Self { seed: Seed::named("WIGWAG_FAULTS_SEED"), time }
    }

    /// A pack of all kinds in some order, about every third together with the next.
    pub(super) fn pack(self, dice: &mut fastrand::Rng) -> Vec<Round> {
        let mut kinds = KINDS;
        dice.shuffle(&mut kinds);
        let mut kinds = kinds.into_iter();
        let mut rounds = Vec::new();
        while let Some(kind) = kinds.next() {
            let node = dice.usize(..NODES);
            let another = (node + dice.usize(1..NODES)) % NODES;
            let first = self.fault(kind, node, dice);
            let second = if dice.u8(0..3) == 0 { kinds.next() } else { None };
            let second = second.map(|kind| (between(dice, 0, 2_000), self.fault(kind, another, dice)));
            rounds.push(Round { pause: between(dice, 1_000, 3_000), first, second });
        }
        rounds
    }

    fn fault(self, kind: Kind, node: usize, dice: &mut fastrand::Rng) -> Fault {
        match kind {
            Kind::KillAndStart => Fault::NodeKilled { node, away: Duration::ZERO },
            Kind::KillAndWait => Fault::NodeKilled { node, away: between(dice, 1_000, 6_000) },
            Kind::Freeze => {
                let time = if self.time.is_some() { FROZEN } else { FROZEN_SHORTLY };
                Fault::NodeFrozen { node, time }
            }
            Kind::HangBus => Fault::BusHung { time: HANGS },
            Kind::KillBus => Fault::BusKilled { away: between(dice, 0, 4_000) },
            Kind::StopStore => Fault::Store { end: StoreEnd::Stopped, away: between(dice, 0, 3_000) },
            Kind::KillStore => Fault::Store { end: StoreEnd::Killed, away: between(dice, 0, 7_000) },
            Kind::HangStore => Fault::Store { end: StoreEnd::Hung, away: HANGS },
        }
    }
}

/// What goes wrong.
#[derive(Debug, Clone, Copy)]
pub(super) enum Fault {
    /// SIGKILL, and a start this much later.
    NodeKilled { node: usize, away: Duration },
    /// SIGSTOP, and SIGCONT this much later.
    NodeFrozen { node: usize, time: Duration },
    /// NATS is stopped, and goes on this much later.
    BusHung { time: Duration },
    /// NATS is killed, and started this much later.
    BusKilled { away: Duration },
    /// PostgreSQL ends, and is back this much later.
    Store { end: StoreEnd, away: Duration },
}

/// The kinds, each once in a pack.
#[derive(Debug, Clone, Copy)]
enum Kind {
    KillAndStart,
    KillAndWait,
    Freeze,
    HangBus,
    KillBus,
    StopStore,
    KillStore,
    HangStore,
}

const KINDS: [Kind; 8] = [
    Kind::KillAndStart,
    Kind::KillAndWait,
    Kind::Freeze,
    Kind::HangBus,
    Kind::KillBus,
    Kind::StopStore,
    Kind::KillStore,
    Kind::HangStore,
];

/// One fault, or two that overlap.
#[derive(Debug, Clone, Copy)]
pub(super) struct Round {
    pub(super) pause: Duration,
    pub(super) first: Fault,
    /// How long after the first it begins.
    pub(super) second: Option<(Duration, Fault)>,
}
