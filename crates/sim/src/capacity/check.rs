//! How well costs tell a run.

use super::batches;
use super::bench::{Observation, Run};
use super::costs::{Costs, Share};

/// How far from what was measured a figure may be.
pub const TOLERANCE: f64 = 0.2;

/// What was told and what was measured.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    /// The load, and what was measured.
    pub seen: Observation,
    /// Commands of a commit, as told.
    pub batch: f64,
    /// CPU per lifecycle as told, µs.
    pub cpu: Share,
}

impl Judged {
    /// How far the CPU of all together is from what was measured: 0.1 for 10 % too much, -0.1 for 10 % too little.
    #[must_use]
    pub fn error(&self) -> f64 {
        self.cpu.all() / self.seen.cpu.all() - 1.0
    }

    /// Whether that is near enough.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.error().abs() <= TOLERANCE
    }
}

/// Tells each load of a run from its layout and its pairs. At a fixed rate, how large batches are follows from how long a commit takes, which depends on what
/// else the machine does: there the CPU is told from the batches that were measured.
#[must_use]
pub fn check(costs: &Costs, run: &Run) -> Vec<Judged> {
    run.observations.iter().map(|seen| told(costs, seen)).collect()
}

fn told(costs: &Costs, seen: &Observation) -> Judged {
    let nodes = f64::from(seen.layout.nodes());
    let batch = match seen.pairs {
        Some(pairs) => batches::closed(pairs, nodes),
        None => batches::open(seen.rate * batches::OF_A_LIFECYCLE / nodes, costs.commit),
    };
    let counted = if seen.pairs.is_some() { batch } else { seen.batch };
    let cpu = costs.share(batches::OF_A_LIFECYCLE / counted, seen.layout.crossing());
    Judged { seen: seen.clone(), batch, cpu }
}
