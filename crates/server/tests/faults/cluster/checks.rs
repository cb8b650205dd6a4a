//! What must be true of a cluster besides: sums agree with what they sum up, nobody waited in silence, a store is
//! unavailable only while it is, and deadlines were fired in time.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;
use wigwag_protocol::call::PersonState;
use wigwag_protocol::invitation::InviteeState;

use super::deadlines;
use super::tables::Sums;
use super::timeline::{Absence, Away, Timeline};
use crate::checker::Findings;
use crate::load::Run;
use crate::load::journal::Wait;
use crate::model::Tables;

/// How long a request may wait, ms: a node answers within five seconds or closes.
const SILENCE: u64 = 5_000;
/// `nodes`: the names the nodes gave themselves, in their order.
pub(super) fn check(
    run: &Run,
    (tables, sums): (&Tables, &Sums),
    timeline: &Timeline,
    nodes: &[Option<Uuid>],
    found: &mut Findings,
) {
    sums_agree(tables, sums, found);
    nobody_waited_in_silence(run, timeline, found);
    only_an_absence_makes_a_store_unavailable(run, timeline, found);
    deadlines::check((tables, sums), timeline, nodes, found);
}

/// What a node says of a store that is away. (That it says so only then is seen in what it tells its devices.)
const AWAY: [&str; 10] = [
    "the database cannot be reached",
    "does not answer",
    "Connection refused",
    "connection closed",
    "the database system is starting up",
    "the database system is shutting down",
    "the database system is not yet accepting connections",
    "terminating connection",
    "Connection reset",
    "Timeout occurred while",
];

/// No log tells of an error which no fault explains.
pub(super) fn log_is_clean(log: &str, found: &mut Findings) {
    for line in log.lines() {
        let is_error = line.contains("ERROR") && !AWAY.iter().any(|words| line.contains(words));
        if is_error || line.contains("panicked") {
            found.wrong(format!("a node's log says: {line}"));
        }
    }
}

/// The sums that are kept in columns are those of the rows.
pub(crate) fn sums_agree(tables: &Tables, sums: &Sums, found: &mut Findings) {
    let mut heads: BTreeMap<i64, u64> = BTreeMap::new();
    for (user, cursor) in tables.streams.keys() {
        let head = heads.entry(*user).or_default();
        *head = (*head).max(*cursor);
    }
    let mut seqs: BTreeMap<i64, u64> = BTreeMap::new();
    for (conversation, seq) in tables.messages.keys() {
        let last = seqs.entry(*conversation).or_default();
        *last = (*last).max(*seq);
    }
    let mut made: BTreeMap<&str, usize> = BTreeMap::new();
    for row in &tables.open {
        *made.entry(tables.invitations[row].inviter()).or_default() += 1;
    }
    for (user, kept) in &sums.users {
        let name = &tables.users[user];
        let counted = (heads.get(user).copied().unwrap_or(0), made.get(name.as_str()).copied().unwrap_or(0));
        if *kept != counted {
            found.wrong(format!(
                "{name}'s head and open invitations are kept as {kept:?}, and are {counted:?}"
            ));
        }
    }
    let is_pending = |(_, state): &(&str, InviteeState)| *state == InviteeState::Pending;
    let pending = tables.open.iter().flat_map(|row| {
        let invitees = tables.invitations[row].invitees().filter(is_pending);
        invitees.map(|(invitee, _)| (invitee.to_owned(), *row))
    });
    let pending: BTreeSet<(String, i64)> = pending.collect();
    for (invitee, row) in sums.pending.symmetric_difference(&pending) {
        let id = tables.invitations[row].id();
        found.wrong(format!(
            "{id} is pending for {invitee} either in its record or in the count, not in both"
        ));
    }
    for (user, call) in &sums.in_calls {
        let state = tables.calls.get(call).and_then(|call| call.person(user)).map(|person| person.state);
        if state != Some(PersonState::Joined) {
            found.wrong(format!("{user} is kept as in {call}, whose record says {state:?}"));
        }
    }
    for (conversation, kept) in &sums.last_seqs {
        let counted = seqs.get(conversation).copied().unwrap_or(0);
        if *kept != counted {
            let name = &tables.conversations[conversation];
            found.wrong(format!("{name}'s last seq is kept as {kept}, and is {counted}"));
        }
    }
}

/// Every request was answered or its connection broke, except where its node stood still.
fn nobody_waited_in_silence(run: &Run, timeline: &Timeline, found: &mut Findings) {
    let mut longest = 0;
    for journal in &run.journals {
        for wait in &journal.waits {
            let frozen = |absence: &&Absence| absence.what == Away::Frozen(wait.node);
            if timeline.absences.iter().filter(frozen).any(|absence| absence.touches(wait.from, wait.until)) {
                continue;
            }
            let time = wait.until - wait.from;
            longest = longest.max(time);
            if wait.until - last_return(timeline, wait) > SILENCE {
                let (device, at) = (&journal.device, timeline.seconds(wait.from));
                found.wrong(format!(
                    "{device} waited {time} ms for node {} to answer, from {at} s on",
                    wait.node
                ));
            }
        }
    }
    found.counted(&format!("longest wait for an answer, of a node that ran: {longest} ms"));
}

/// From when a wait counts. What a session reads first and the command after it have their time each, when the store comes
/// back in between and goes away again.
fn last_return(timeline: &Timeline, wait: &Wait) -> u64 {
    let stores = timeline.absences.iter().filter(|absence| matches!(absence.what, Away::Store(_)));
    let returns = stores.map(|absence| absence.until).filter(|until| (wait.from..wait.until).contains(until));
    returns.max().unwrap_or(wait.from)
}

/// A node that says the store is away while nothing was, or long after, has lost it by itself.
fn only_an_absence_makes_a_store_unavailable(run: &Run, timeline: &Timeline, found: &mut Findings) {
    let mut refused = 0;
    for journal in &run.journals {
        for (at, outcome) in journal.answers() {
            if !outcome.is_for_want_of_a_store() {
                continue;
            }
            refused += 1;
            let blamed = |absence: &Absence| {
                matches!(absence.what, Away::Store(_) | Away::Frozen(_))
                    && absence.touches(at.saturating_sub(SILENCE), at)
            };
            if !timeline.absences.iter().any(blamed) {
                let at = timeline.seconds(at);
                found.wrong(format!("{}: {outcome:?} at {at} s, when the store was there", journal.device));
            }
        }
    }
    found.counted(&format!("refused because the store was away: {refused}"));
}
