//! The checker can fail: each fault that it looks for is put into a sound run, and found.

use serde_json::json;
use wigwag_protocol::Reason;

use super::story::{
    ACCEPTS, ALICE, ANSWERS_LATE, BOB, CALLS, CALLS_AGAIN, DEADLINE, FIRST, HER_MESSAGE, SECOND, Story,
    TIMES_OUT, WRITES,
};
use crate::load::journal::{Entry, Outcome};

#[test]
fn a_sound_run_has_nothing_wrong() {
    let found = Story::sound().findings();
    assert!(found.violations.is_empty(), "{}", found.words());
}

/// Breaks a sound run; the checker must complain in these words.
fn found(words: &str, breaks: impl FnOnce(&mut Story)) {
    let mut story = Story::sound();
    breaks(&mut story);
    let findings = story.findings();
    let complains = findings.violations.iter().any(|violation| violation.contains(words));
    assert!(complains, "no complaint has \"{words}\" in it; {}", findings.words());
}

/// The outcome of a command of Alice's.
fn outcome(story: &mut Story, command: usize) -> &mut Outcome {
    let answers = story.alice().entries.iter_mut().filter_map(|entry| match entry {
        Entry::Answered(place, outcome, _) if *place == command => Some(outcome),
        Entry::Answered(..) | Entry::Saw(_) => None,
    });
    answers.last().unwrap()
}

/// Shortens a journal by what it was told at this place.
fn not_told(entries: &mut Vec<Entry>, cursor: u64) {
    entries.retain(|entry| entry.seen().is_none_or(|seen| seen.cursor != cursor));
}

#[test]
fn an_acknowledged_command_is_missing() {
    found("happened 0 times", |story| story.never_happened(WRITES));
    found("was acknowledged at cursor 6, where nothing is", |story| story.never_happened(ANSWERS_LATE));
}

#[test]
fn a_refused_command_is_there() {
    found("happened 1 times", |story| {
        *outcome(story, HER_MESSAGE) = Outcome::Refused(Box::new(Reason::NotMember.error()));
    });
    found("happened 1 times", |story| {
        *outcome(story, HER_MESSAGE) = Outcome::Refused(Box::new(Reason::GroupRateLimited.error()));
    });
}

#[test]
fn a_command_happened_twice() {
    found("happened 2 times", |story| {
        story.happens(70_000, None, json!({"type": "message.received", "message": {"clientMsgID": "a2"}}));
    });
    // Also when nobody knows whether it happened at all.
    found("happened 2 times", |story| {
        *outcome(story, HER_MESSAGE) = Outcome::Unknown;
        story.happens(70_000, None, json!({"type": "message.received", "message": {"clientMsgID": "a2"}}));
    });
}

#[test]
fn a_command_is_not_what_was_acknowledged() {
    found("was acknowledged as", |story| story.event(CALLS).version = Some(7));
    found("its record says", |story| {
        story.invitation(SECOND, 10_500, 1, &json!({"version": 2, "settled": [[0, {"state": "timedOut", "version": 2}]], "end": {"version": 2}}));
    });
    found("in different words", |story| {
        let mut second = outcome(story, HER_MESSAGE).clone();
        let Outcome::Acked(ack) = &mut second else { panic!("{second:?}") };
        ack.cursor = Some(ANSWERS_LATE);
        story.alice().entries.push(Entry::Answered(HER_MESSAGE, second, DEADLINE));
    });
}

#[test]
fn a_server_fails_by_itself() {
    found("failed", |story| {
        *outcome(story, HER_MESSAGE) = Outcome::Refused(Box::new(Reason::Internal.error()));
    });
}

#[test]
fn an_invitee_has_two_final_states() {
    found("bob was not pending when invitation.rejected settled them", |story| {
        let rejected = json!({"type": "invitation.rejected", "invitee": "bob", "data": "b9"});
        story.happens(3_000, Some((FIRST, 3)), rejected);
        story.invitation(FIRST, 0, 30, &json!({"version": 3, "settled": [[0, {"state": "rejected", "version": 3}]], "end": {"version": 3}}));
    });
    found("its record says", |story| {
        story.invitation(FIRST, 0, 30, &json!({"version": 2, "settled": [[0, {"state": "rejected", "version": 2}]], "end": {"version": 2}}));
    });
}

#[test]
fn a_stream_has_a_gap() {
    found("alice's stream goes from 2 to 4", |story| {
        story.tables.streams.remove(&(ALICE, WRITES));
        story.event(WRITES).streams.retain(|(user, _)| *user != ALICE);
    });
    found("in the journal, None in streams", |story| {
        story.tables.streams.remove(&(BOB, WRITES));
    });
    found("c2c/alice/bob goes from 2 to 4", |story| {
        let place = story.event(WRITES).message.take().unwrap();
        story.tables.messages.remove(&place);
    });
    found("bob's phone was never told", |story| not_told(&mut story.bob().entries, WRITES));
    found("alice's phone was never told", |story| not_told(&mut story.alice().entries, TIMES_OUT));
    found("bob's stream from the start", |story| drop(story.run.replays[1].1.remove(1)));
    // The answer to a call that is over.
    found("alice's stream from the start", |story| drop(story.run.replays[0].1.remove(0)));
}

#[test]
fn a_stream_has_a_repeat() {
    found("stands twice in bob's stream", |story| {
        let after = ANSWERS_LATE + 1;
        story.event(WRITES).streams.push((BOB, after));
        story.tables.streams.insert((BOB, after), WRITES.cast_signed());
    });
    found("after cursor 5", |story| {
        let again = story.seen(WRITES);
        story.bob().saw(again);
    });
    found("again after its own reply", |story| {
        let again = story.seen(WRITES);
        story.alice().saw(again);
    });
    found("alice's stream from the start", |story| {
        let again = story.seen(WRITES);
        story.run.replays[0].1.insert(2, again);
    });
}

#[test]
fn a_stream_is_not_told_as_it_is_stored() {
    found("stored is", |story| {
        let Some(Entry::Saw(seen)) = story.alice().entries.iter_mut().find(|entry| entry.seen().is_some())
        else {
            panic!("she saw nothing");
        };
        seen.version = Some(3);
    });
    found("goes back to version 1", |story| {
        story.tables.streams.insert((BOB, CALLS), ACCEPTS.cast_signed());
        story.tables.streams.insert((BOB, ACCEPTS), CALLS.cast_signed());
    });
}

#[test]
fn one_side_is_not_told() {
    found("was told to {1}", |story| story.event(TIMES_OUT).streams.retain(|(user, _)| *user == ALICE));
}

#[test]
fn versions_have_a_gap() {
    found("its events have [1, 3]", |story| {
        story.event(ACCEPTS).version = Some(3);
        story.event(ACCEPTS).body["version"] = json!(3);
    });
}

#[test]
fn a_deadline_is_fired_twice() {
    found("2 timeouts were told", |story| {
        let again = json!({"type": "invitation.timedOut", "inviteeList": ["bob"]});
        story.happens(11_300, Some((SECOND, 3)), again);
    });
}

#[test]
fn a_deadline_is_never_fired() {
    found("is open after its deadline", |story| {
        story.never_happened(TIMES_OUT);
        story.invitation(SECOND, 10_000, 1, &json!({"version": 1}));
        story.tables.open.insert(SECOND);
    });
}

#[test]
fn a_deadline_is_fired_too_early_or_nobody_heeds_it() {
    found("before its deadline", |story| story.event(TIMES_OUT).time = DEADLINE - 1);
    found("was answered after its deadline", |story| {
        story.event(TIMES_OUT).body["type"] = json!("invitation.accepted");
    });
}

#[test]
fn an_action_made_no_message() {
    found("has its message at None", |story| story.event(CALLS_AGAIN).message = None);
}

#[test]
fn a_device_complains() {
    found("did not hear the end", |story| story.bob().complain("did not hear the end of its stream"));
}
