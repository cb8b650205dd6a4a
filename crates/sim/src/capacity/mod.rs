//! What a load takes: CPU, memory, disk and bus, from what was measured at small sizes.
//!
//! [`Costs`] are figures per command, commit, event and device. [`fit`] finds those of the CPU in a run of `wigwag-bench cluster`,
//! [`check`] says how well they tell another run, and [`plan`] what machines a [`Workload`] needs and which limit comes first.
//! `docs/scaling.md` has the model in words, and what it leaves out.

mod batches;
mod bench;
mod check;
mod costs;
mod fit;
mod plan;
mod tell;

pub use bench::{Layout, Observation, Run};
pub use check::{Judged, TOLERANCE, check};
pub use costs::{Back, Bytes, Commit, Costs, Cpu, Memory, Share};
pub use fit::{NotFitted, fit};
pub use plan::{Database, Machines, Needs, Node, Plan, Workload, plan};
