//! Each device was told its user's stream: every event once, in order, as it is stored; folding aside.

use std::collections::{BTreeMap, BTreeSet};

use wigwag_protocol::UserId;

use super::{Facts, Findings};
use crate::load::Run;
use crate::load::journal::{Entry, Journal, Seen};

/// What devices themselves found wrong is nearest to the cause.
pub(super) fn check_complaints(run: &Run, found: &mut Findings) {
    found.violations.extend(run.journals.iter().flat_map(|journal| journal.complaints.iter().cloned()));
}

pub(super) fn check(run: &Run, facts: &Facts, found: &mut Findings) {
    for (user, told) in &run.replays {
        the_whole_stream_is_told_folded(facts, user, told, found);
    }
    for journal in &run.journals {
        events_are_told_in_order_and_as_stored(facts, journal, found);
        replies_are_not_told_again(journal, found);
        nothing_is_missing(facts, journal, found);
    }
}

/// A user's stream as the tables have it.
fn stream(facts: &Facts, user: &UserId) -> BTreeMap<u64, Seen> {
    let row = facts.rows[user.as_str()];
    let places = facts.tables.streams.range((row, 0)..=(row, u64::MAX));
    places
        .map(|((_, cursor), id)| {
            let event = &facts.tables.events[id];
            (*cursor, Seen::of(*cursor, &event.body))
        })
        .collect()
}

/// Whether catching up leaves out the event: it is the ring of an invitation that is over for this user.
fn is_folded(facts: &Facts, user: &UserId, seen: &Seen) -> bool {
    let ring = seen.invite_id.as_deref().filter(|_| seen.version == Some(1));
    let row = ring.and_then(|id| facts.invitation_rows.get(id));
    row.is_some_and(|row| facts.tables.invitations[row].is_over_for(user.as_str()))
}

/// A device with cursor 0 is told everything but the rings of what is over.
fn the_whole_stream_is_told_folded(facts: &Facts, user: &UserId, told: &[Seen], found: &mut Findings) {
    let stream = stream(facts, user).into_values();
    let expected: Vec<Seen> = stream.filter(|seen| !is_folded(facts, user, seen)).collect();
    if let Some(place) =
        (0..expected.len().max(told.len())).find(|place| expected.get(*place) != told.get(*place))
    {
        let (wanted, got) = (expected.get(place), told.get(place));
        found.wrong(format!(
            "{user}'s stream from the start: instead of {wanted:?} a new device was told {got:?}"
        ));
    }
}

fn events_are_told_in_order_and_as_stored(facts: &Facts, journal: &Journal, found: &mut Findings) {
    let stream = stream(facts, &journal.user);
    let mut last = 0;
    for seen in journal.entries.iter().filter_map(Entry::seen) {
        if seen.cursor <= last {
            found.wrong(format!("{} was told {seen:?} after cursor {last}", journal.device));
        }
        last = seen.cursor;
        if stream.get(&seen.cursor) != Some(seen) {
            let stored = stream.get(&seen.cursor);
            found.wrong(format!("{} was told {seen:?}; stored is {stored:?}", journal.device));
        }
    }
}

/// What a reply told is not told as an event afterwards. The other way round is right: the event was told because the
/// first reply was lost, and a repeat then got that reply again.
fn replies_are_not_told_again(journal: &Journal, found: &mut Findings) {
    let mut replied = BTreeSet::new();
    for entry in &journal.entries {
        replied.extend(entry.replied_cursor());
        if let Some(seen) = entry.seen().filter(|seen| replied.contains(&seen.cursor)) {
            found.wrong(format!("{} was told {seen:?} again after its own reply", journal.device));
        }
    }
}

/// Every place of the stream was an event or a reply, unless it was the ring of what was over. A repeat gets its first
/// reply, which may name what was left out before.
fn nothing_is_missing(facts: &Facts, journal: &Journal, found: &mut Findings) {
    let (in_order, late) = told(journal);
    let end = in_order.last().copied().unwrap_or(0);
    for seen in stream(facts, &journal.user).into_values().take_while(|seen| seen.cursor <= end) {
        let is_told = in_order.contains(&seen.cursor) || late.contains(&seen.cursor);
        if !is_told && !is_folded(facts, &journal.user, &seen) {
            found.wrong(format!("{} was never told {seen:?}", journal.device));
        }
    }
}

/// Cursors of what the device was told in the order of its stream, and of replies that came later than what follows.
fn told(journal: &Journal) -> (BTreeSet<u64>, BTreeSet<u64>) {
    let (mut in_order, mut late) = (BTreeSet::new(), BTreeSet::new());
    for entry in &journal.entries {
        let replied = entry.replied_cursor();
        let Some(cursor) = replied.or(entry.seen().map(|seen| seen.cursor)) else { continue };
        if replied.is_some() && in_order.last().is_some_and(|reached| cursor < *reached) {
            late.insert(cursor);
        } else {
            in_order.insert(cursor);
        }
    }
    (in_order, late)
}
