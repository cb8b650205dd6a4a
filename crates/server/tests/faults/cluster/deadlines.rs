//! Deadlines were fired in time: on time while their node lived, soon when it was gone, and once the store was back. What
//! the machine itself was late is not counted.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::tables::Sums;
use super::timeline::{Absence, Away, Timeline};
use crate::checker::Findings;
use crate::model::Tables;

/// How late a deadline may be fired while its node lives, ms, whatever happens to other nodes or the bus.
const ALIVE: u64 = 250;
/// What is taken for a batch of debug builds on two cores, ms: one that is under way when a deadline comes has to be over
/// first, and takes its time when everybody comes back at once.
const BATCH: u64 = 250;
/// How late after its node was killed, or after the store was back, ms.
const KILLED: u64 = 2_000;
/// A node that stands still holds its locks for two seconds (store/postgres/connection/writer_connection.rs); then others go on, ms.
const STOPPED: u64 = 2_000 + 1_000;
/// After the store is back, nodes find it again within this, ms.
const RECOVERY: u64 = 1_500;

/// What holds up the bystander's one commit (see `pulse`) holds up each of about so many steps of a batch, and one that
/// was under way when the deadline came has to be over first.
const STEPS: u64 = 4;
/// When that one may have begun, ms before the deadline.
const BEFORE: u64 = 250;

/// Under which circumstances a deadline fell due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Circumstances {
    /// Its node lived, and everything else was there too.
    Peace,
    /// Its node lived, and another was away, or the bus.
    OthersAway,
    /// Its node was killed.
    Killed,
    /// Some node stood still.
    Stopped,
    /// PostgreSQL was away.
    StoreAway,
}

/// One timeout of an invitation.
struct Firing<'a> {
    id: &'a str,
    deadline: u64,
    time: u64,
    /// Whose deadline it was, if anybody's.
    node: Option<usize>,
}

impl Firing<'_> {
    fn late(&self) -> u64 {
        self.time.saturating_sub(self.deadline)
    }
}

/// `nodes`: the names the nodes gave themselves, in their order.
pub(super) fn check(
    (tables, sums): (&Tables, &Sums),
    timeline: &Timeline,
    nodes: &[Option<Uuid>],
    found: &mut Findings,
) {
    let mut lateness: BTreeMap<Circumstances, Vec<u64>> = BTreeMap::new();
    for firing in firings(tables, sums, nodes) {
        let Some(node) = firing.node else {
            found.wrong(format!("nobody watched the deadline of {}", firing.id));
            continue;
        };
        let (circumstances, latest) = judge(firing.deadline, node, timeline);
        lateness.entry(circumstances).or_default().push(firing.late());
        if firing.time > latest {
            found.wrong(format!(
                "{}: timed out {} ms late ({circumstances:?}, node {node}), {} ms after it had to at the latest, at {} s",
                firing.id,
                firing.late(),
                firing.time - latest,
                timeline.seconds(firing.time)
            ));
        }
    }
    for (circumstances, late) in lateness {
        tell(circumstances, late, found);
    }
}

fn firings<'a>(tables: &'a Tables, sums: &Sums, nodes: &[Option<Uuid>]) -> impl Iterator<Item = Firing<'a>> {
    let timeouts = tables.events.values().filter(|event| event.kind() == "invitation.timedOut");
    timeouts.filter_map(|event| {
        let row = event.invitation?;
        let deadline = tables.invitations.get(&row)?.deadline()?;
        let name = sums.nodes.get(&row);
        let node = nodes.iter().position(|node| node.is_some() && node.as_ref() == name);
        Some(Firing { id: event.text("inviteID"), deadline, time: event.time, node })
    })
}

/// The circumstances, and until when it had to be fired. A slow machine gives more time, and what is gone within that counts too.
fn judge(deadline: u64, node: usize, timeline: &Timeline) -> (Circumstances, u64) {
    let slowed = |latest: u64| latest + STEPS * timeline.stalled(deadline.saturating_sub(BEFORE), latest);
    let (mut circumstances, mut latest) = (Circumstances::Peace, deadline + ALIVE + BATCH);
    for absence in timeline.in_order() {
        let Absence { what, from, until } = absence;
        let (before, these, bound) = match what {
            Away::Store(_) => (RECOVERY, Circumstances::StoreAway, until.max(deadline) + RECOVERY + KILLED),
            Away::Frozen(_) => (0, Circumstances::Stopped, from.max(deadline) + STOPPED),
            Away::Killed(gone) if gone == node => (0, Circumstances::Killed, from.max(deadline) + KILLED),
            Away::Killed(_) | Away::Bus => (0, Circumstances::OthersAway, latest),
        };
        if absence.touches(deadline.saturating_sub(before), slowed(latest)) {
            (circumstances, latest) = (circumstances.max(these), latest.max(bound));
        }
    }
    (circumstances, slowed(latest))
}

fn tell(circumstances: Circumstances, mut late: Vec<u64>, found: &mut Findings) {
    late.sort_unstable();
    let (count, half, most) = (late.len(), late[late.len() / 2], late[late.len() - 1]);
    let in_time = late.partition_point(|late| *late <= ALIVE);
    found.counted(&format!(
        "deadlines, {circumstances:?}: {count} fired, {in_time} within {ALIVE} ms; p50 {half} ms late, at most {most} ms"
    ));
}
