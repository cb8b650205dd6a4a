//! Calls: what each user was told of them adds up to their records, and what was acknowledged is in them.
//!
//! What a user was told is taken from their stream; `devices` holds it against what their devices heard.

mod broken;
mod following;
mod story;
mod thread;

use std::collections::BTreeMap;

use wigwag_protocol::call::{CallEndReason, PersonState};

use super::{Facts, Findings};
use crate::load::journal::{Ack, Entered, Entry, Journal, Outcome};
use crate::load::wish::Wish;
use crate::load::{Run, View};
use crate::record::Call;

/// By call and user.
type Views<'a> = BTreeMap<(&'a str, &'a str), &'a View>;

pub(super) fn check(run: &Run, facts: &Facts, found: &mut Findings) {
    for call in facts.tables.calls.values() {
        let mut wrong = |words: String| found.wrong(format!("call {}: {words}", call.id()));
        it_has_ended(facts, call, &mut wrong);
    }
    following::check(facts, found);
    everybody_reads_the_same(run, facts, found);
    let views: Views<'_> =
        run.views.iter().map(|view| ((view.call.as_str(), view.user.as_str()), view)).collect();
    for journal in &run.journals {
        for (wish, ack) in acknowledged(journal) {
            let mut wrong = |words: String| found.wrong(format!("{}: {wish:?} {words}", journal.device));
            if let Some(entered) = &ack.call {
                it_is_in_the_record(&views, facts, (journal, wish, entered), &mut wrong);
                who_call_each_other_are_in_one_call(facts, wish, entered, &mut wrong);
            }
        }
    }
}

/// How calls ended, and how many pairs called each other.
pub(super) fn count(run: &Run, facts: &Facts, found: &mut Findings) {
    let mut ends: BTreeMap<String, usize> = BTreeMap::new();
    for end in facts.tables.calls.values().filter_map(|call| call.end) {
        *ends.entry(format!("{:?}", end.reason)).or_default() += 1;
    }
    let merged = facts.tables.invitations.values().filter(|one| one.merged_into().is_some()).count();
    let calls = facts.tables.calls.len();
    let largest = facts.tables.calls.values().map(|call| call.people.len()).max().unwrap_or(0);
    found.counted(&format!(
        "calls: {calls} of up to {largest} people, read {} times; {merged} pairs called each other; ended by {ends:?}",
        run.views.len()
    ));
}

fn acknowledged(journal: &Journal) -> impl Iterator<Item = (&Wish, &Ack)> {
    journal.entries.iter().filter_map(|entry| match entry {
        Entry::Answered(wish, Outcome::Acked(ack), _) => Some((&journal.wishes[*wish], ack)),
        Entry::Answered(_, Outcome::Refused(_) | Outcome::Unknown, _) | Entry::Saw(_) => None,
    })
}

/// At the end everybody has been gone for longer than the lease, so no call runs, and nobody is in one or rings.
fn it_has_ended(facts: &Facts, call: &Call, wrong: &mut impl FnMut(String)) {
    if call.end.is_none() {
        wrong("runs although everybody is gone".to_owned());
    }
    if facts.tables.running.contains(call.id()) != call.end.is_none() {
        wrong("runs in its record or among the running ones, and not in both".to_owned());
    }
    let is_inside = |state| matches!(state, PersonState::Joined | PersonState::Ringing);
    for person in call.people.iter().filter(|person| call.end.is_some() && is_inside(person.state)) {
        wrong(format!("is over, and {} is {:?} in it", person.user, person.state));
    }
}

/// Whoever was called or came can read the call, and reads what its record says; others may be told that there is none.
fn everybody_reads_the_same(run: &Run, facts: &Facts, found: &mut Findings) {
    for view in &run.views {
        let mut wrong = |words: String| found.wrong(format!("call {} for {}: {words}", view.call, view.user));
        let Some(call) = facts.tables.calls.get(&view.call) else {
            wrong("was told of, and is not in the tables".to_owned());
            continue;
        };
        match &view.told {
            Ok(read) => {
                let end = read.end_reason.zip(read.ended_at);
                let kept = call.end.map(|end| (end.reason, end.at));
                if (end, read.version) != (kept, call.version) {
                    wrong(format!("reads as {end:?} at version {}; its record says {call:?}", read.version));
                }
            }
            Err(error) if call.person(view.user.as_str()).is_some() => {
                wrong(format!("cannot be read: {error}"));
            }
            Err(_) => {}
        }
    }
}

/// Whoever was told that they are in a call has come into it by its record, as they read it themselves.
fn it_is_in_the_record(
    views: &Views<'_>,
    facts: &Facts,
    (journal, wish, entered): (&Journal, &Wish, &Entered),
    wrong: &mut impl FnMut(String),
) {
    let read = views.get(&(entered.id.as_str(), journal.user.as_str()));
    let read = read.and_then(|view| view.told.as_ref().ok());
    let came = read.and_then(|call| call.people.iter().find(|person| person.user_id == journal.user));
    // A call that none of its invitees could be rung for is over at once, and its caller has been in it.
    if came.and_then(|person| person.joined_at).is_none() {
        wrong(format!("was acknowledged with {entered:?}, which {} reads as {read:?}", journal.user));
    }
    let leads_to = wish.invite_id().and_then(|id| facts.invitation_rows.get(id.as_str()));
    let leads_to = leads_to.and_then(|row| facts.tables.invitations[row].call_id());
    if wish.invite_id().is_some() && leads_to != Some(entered.id.as_str()) {
        wrong(format!("was acknowledged with {entered:?}, and its invitation leads to {leads_to:?}"));
    }
}

/// The later of two invites made no call of its own: it accepted the earlier one, and leads where that one leads.
fn who_call_each_other_are_in_one_call(
    facts: &Facts,
    wish: &Wish,
    entered: &Entered,
    wrong: &mut impl FnMut(String),
) {
    let Some(accepted) = entered.accepted.as_deref() else { return };
    let invitation =
        |id: &str| facts.invitation_rows.get(id).and_then(|row| facts.tables.invitations.get(row));
    let own = wish.invite_id().map_or("", |id| id.as_str());
    if facts.tables.calls.contains_key(own) {
        wrong(format!("accepted {accepted}, and opened a call all the same"));
    }
    if invitation(own).and_then(|own| own.merged_into()) != Some(accepted) {
        wrong(format!("accepted {accepted}, which its record does not say"));
    }
    if invitation(accepted).and_then(|theirs| theirs.call_id()) != Some(entered.id.as_str()) {
        wrong(format!("accepted {accepted}, which does not lead to {}", entered.id));
    }
}

/// The reason in the words of the protocol.
fn word(reason: CallEndReason) -> String {
    serde_json::to_value(reason).unwrap().as_str().unwrap_or_default().to_owned()
}
