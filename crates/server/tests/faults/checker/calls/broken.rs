//! The checks of calls can fail: each fault that they look for is put into a sound call, and found.

use serde_json::json;
use wigwag_protocol::Reason;
use wigwag_protocol::call::CallEndReason;

use super::story::{
    BOB_GOES, CALL, CALLS, CAROL_JOINS, CAROL_RINGS, ENDS, MET, MORE, Story, USERS, all_left,
};

/// The number of the event of erin, below: the sound call has eight, and dave has heard two.
const COMES_IN_BY_INVITING: i64 = ENDS + 3;

#[test]
fn a_sound_call_has_nothing_wrong() {
    let found = Story::sound().findings();
    assert!(found.violations.is_empty(), "{}", found.words());
}

/// Breaks a sound call; the checker must complain in these words.
fn found(words: &str, breaks: impl FnOnce(&mut Story)) {
    let mut story = Story::sound();
    breaks(&mut story);
    let findings = story.findings();
    let complains = findings.violations.iter().any(|violation| violation.contains(words));
    assert!(complains, "no complaint has \"{words}\" in it; {}", findings.words());
}

#[test]
fn a_call_runs_again_after_its_end() {
    found("alice is told version 7 after the end", |story| {
        story.tell(
            7_000,
            &["alice"],
            json!({"type": "call.joined", "callID": CALL, "version": 7, "userID": "bob"}),
        );
    });
    found("bob comes in after the end", |story| {
        story.tell(
            7_000,
            &["bob"],
            json!({"type": "invitation.accepted", "inviteID": CALL, "invitee": "bob"}),
        );
    });
}

#[test]
fn a_version_is_not_told() {
    found("bob is told version 4 after Some(2)", |story| story.is_not_told("bob", CAROL_RINGS));
    found("carol is told version 6 after Some(4)", |story| story.is_not_told("carol", BOB_GOES));
    // Who was called into a running call hears from that version on.
    found("carol is told version 5 after None (called at Some(3))", |story| {
        story.is_not_told("carol", CAROL_JOINS);
    });
    // The accept of a call between two is a version that no event names.
    found("alice is told version 3 after Some(1)", |story| story.is_not_told("alice", 2));
}

#[test]
fn a_version_is_told_twice() {
    found("bob is told version 5 after Some(5)", |story| story.event(CAROL_JOINS).body["version"] = json!(5));
}

#[test]
fn the_end_is_not_told() {
    found("carol heard of one up to version Some(5), over: false", |story| story.is_not_told("carol", ENDS));
}

#[test]
fn members_of_a_group_from_which_somebody_is_invited_hear_nothing_of_the_call() {
    let mut story = Story::sound();
    story.knows("dave");
    story.tell(3_000, &["dave"], json!({"type": "invitation.received", "inviteID": MORE, "inviter": "alice", "inviteeList": ["carol"]}));
    let found = story.findings();
    assert!(found.violations.is_empty(), "{}", found.words());
}

/// Dave came to a group during its call, of which he has heard nothing. Erin comes in by ringing him.
fn erin_comes_in_by_inviting_dave(story: &mut Story) {
    let ended = json!({"version": 5, "end": {"reason": "hungUp", "at": 7_000}, "circle": {"group": "team"}, "people": [{"user": "dave", "state": "left"}]});
    story.call("four", &ended);
    story.invitation(4, ("five", "erin", "dave"), "four", &json!({"version": 1}));
    story.knows("dave");
    let step = |kind: &str, version: u32| json!({"type": kind, "callID": "four", "version": version});
    let with = |mut body: serde_json::Value, name: &str, value: serde_json::Value| {
        body[name] = value;
        body
    };
    story.tell(
        6_100,
        &["dave"],
        json!({"type": "group.membersAdded", "groupID": "team", "userIDs": ["dave"]}),
    );
    story.tell(6_200, &["dave"], json!({"type": "invitation.received", "inviteID": "five", "inviter": "erin", "inviteeList": ["dave"]}));
    story.tell(6_200, &["dave"], with(step("call.joined", 3), "userID", json!("erin")));
    let rings = with(step("call.invited", 4), "by", json!("erin"));
    let rings = with(rings, "inviteID", json!("five"));
    story.tell(6_200, &["dave"], with(rings, "userIDs", json!(["dave"])));
    story.tell(7_000, &["dave"], with(step("call.ended", 5), "endReason", json!("hungUp")));
}

#[test]
fn a_member_hears_the_inviter_come_in_by_ringing_them() {
    let mut story = Story::sound();
    erin_comes_in_by_inviting_dave(&mut story);
    let sound = story.findings();
    assert!(sound.violations.is_empty(), "{}", sound.words());
    found("dave is told version 3 after None (called at Some(4))", |story| {
        erin_comes_in_by_inviting_dave(story);
        story.event(COMES_IN_BY_INVITING).body["userID"] = json!("frank");
    });
}

#[test]
fn somebody_is_in_two_calls() {
    let second = |story: &mut Story, at: u64| {
        let ended = json!({"version": 2, "end": {"reason": "cancelled", "at": 5_600}, "people": [{"user": "carol", "state": "left"}]});
        story.call("four", &ended);
        story.is_not_told("carol", BOB_GOES);
        story.is_not_told("carol", ENDS);
        let joins = json!({"type": "call.joined", "callID": "four", "version": 1, "userID": "carol"});
        story.tell(at, &["carol"], joins);
        story.tell(
            5_600,
            &["carol"],
            json!({"type": "call.ended", "callID": "four", "version": 2, "endReason": "cancelled"}),
        );
    };
    found("carol is in [\"four\", \"one\"] at 5500", |story| second(story, 5_500));
}

/// Who goes to another call is told of both steps at the same time.
#[test]
fn somebody_who_goes_to_another_call_is_not_in_both() {
    let mut story = Story::sound();
    let ended = json!({"version": 2, "end": {"reason": "cancelled", "at": 5_600}, "people": [{"user": "bob", "state": "left"}]});
    story.call("four", &ended);
    story.is_not_told("bob", BOB_GOES);
    story.is_not_told("bob", ENDS);
    story.tell(
        5_000,
        &["bob"],
        json!({"type": "call.joined", "callID": "four", "version": 1, "userID": "bob"}),
    );
    story.tell(
        5_000,
        &["bob"],
        json!({"type": "call.hungUp", "callID": CALL, "version": 5, "userID": "bob"}),
    );
    story.tell(
        5_600,
        &["bob"],
        json!({"type": "call.ended", "callID": "four", "version": 2, "endReason": "cancelled"}),
    );
    story.tell(6_000, &["bob"], json!({"type": "call.hungUp", "callID": CALL, "version": 6, "userID": "alice", "endReason": "hungUp"}));
    let found = story.findings();
    assert!(found.violations.is_empty(), "{}", found.words());
}

#[test]
fn two_who_call_each_other_are_in_two_calls() {
    found("opened a call all the same", |story| {
        story.call(
            MET,
            &json!({"version": 2, "end": {"reason": "hungUp", "at": 6_000}, "people": all_left()}),
        );
    });
    found("which its record does not say", |story| {
        story.invitation(2, (MET, "bob", "alice"), CALL, &json!({"version": 1}));
    });
    found("which does not lead to one", |story| {
        story.invitation(1, (CALL, "alice", "bob"), "other", &json!({"version": 1}));
    });
}

#[test]
fn an_acknowledged_step_is_not_in_the_record() {
    found("was acknowledged with", |story| {
        story.view("carol").told.as_mut().unwrap().people.retain(|person| person.user_id.as_str() != "carol");
    });
    found("was acknowledged with", |story| {
        for person in &mut story.view("bob").told.as_mut().unwrap().people {
            person.joined_at = None;
        }
    });
    found("its invitation leads to Some(\"one\")", |story| story.entered("alice").id = "other".to_owned());
    found("bob's phone: ", |story| story.run.views.retain(|view| view.user.as_str() != "bob"));
}

#[test]
fn a_call_is_lost() {
    found("cannot be read", |story| story.view("bob").told = Err(Box::new(Reason::UnknownCall.error())));
    found("was told of one, which is not in the tables", |story| drop(story.tables.calls.remove(CALL)));
}

#[test]
fn a_call_has_two_end_reasons() {
    found("call one for bob: reads as", |story| {
        story.view("bob").told.as_mut().unwrap().end_reason = Some(CallEndReason::ConnectionLost);
    });
    found("is told that one ended by Some(\"timedOut\")", |story| {
        story.event(ENDS).body["endReason"] = json!("timedOut");
    });
}

#[test]
fn a_call_runs_for_ever() {
    found("runs although everybody is gone", |story| {
        story.call(CALL, &json!({"version": 6, "people": all_left()}));
        story.tables.running.insert(CALL.to_owned());
    });
    found("among the running ones, and not in both", |story| {
        story.tables.running.insert(CALL.to_owned());
    });
    found("is over, and carol is Joined in it", |story| {
        let people =
            USERS.map(|user| json!({"user": user, "state": if user == "carol" { "joined" } else { "left" }}));
        story.call(CALL, &json!({"version": 6, "end": {"reason": "hungUp", "at": 6_000}, "people": people}));
    });
}

#[test]
fn nobody_is_rung_in_a_call_that_all_are_too_busy_for() {
    found("ended by Some(\"busy\")", |story| story.event(CALLS).body["busyLineUserIDList"] = json!(["bob"]));
}
