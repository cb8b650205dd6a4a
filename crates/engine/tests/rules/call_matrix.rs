//! State × step: what every step does to every shape of a call, as one table for people to read.

use std::fmt::Write;

use wigwag_engine::Call;
use wigwag_engine::call::{Circle, Declined, Step};
use wigwag_protocol::call::{CallLink, LeaveReason};
use wigwag_protocol::invitation::Notify;
use wigwag_protocol::{CallId, GroupId, InviteId, RoomId, UserId};

use crate::world::user;

const LEGEND: &str = "\
alice calls; a letter is a person: J joined, R ringing, L left, n rejected, b busy, t timed out, c cancelled, r removed.
→ aJ bJ   who stands where after the step
■ x       and with that the call is over, with endReason x
·         nothing happens
";

/// A row: a name and what it does to a call.
type Row = (&'static str, fn(&Call) -> Call);

#[test]
fn every_step_in_every_state() {
    let mut text = String::from(LEGEND);
    for (title, shapes) in [("Between two", between_two()), ("Several", several())] {
        writeln!(text, "\n{title}").expect("a String takes all");
        for (name, shape) in shapes {
            writeln!(text, "\n  {name}: {}", people(&shape)).expect("a String takes all");
            for (step, after) in steps() {
                let next = after(&shape);
                let line = if people(&next) == people(&shape) {
                    "·".to_owned()
                } else {
                    format!("→ {}", people(&next))
                };
                writeln!(text, "    {step:<28} {line}").expect("a String takes all");
            }
        }
    }
    insta::assert_snapshot!("call", text);
}

fn steps() -> Vec<Row> {
    vec![
        ("bob enters", |call| enters(call, "bob")),
        ("carol enters", |call| enters(call, "carol")),
        ("bob rejects", |call| declines(call, &["bob"], Declined::Rejected)),
        ("bob is removed", |call| declines(call, &["bob"], Declined::Removed)),
        ("all time out", |call| declines(call, &["bob", "carol"], Declined::TimedOut)),
        ("all are cancelled", |call| declines(call, &["bob", "carol"], Declined::Cancelled)),
        ("alice hangs up", |call| leaves(call, "alice", LeaveReason::HungUp)),
        ("bob hangs up", |call| leaves(call, "bob", LeaveReason::HungUp)),
        ("alice is lost", |call| leaves(call, "alice", LeaveReason::ConnectionLost)),
        ("bob is lost", |call| leaves(call, "bob", LeaveReason::ConnectionLost)),
        ("bob goes to another call", |call| leaves(call, "bob", LeaveReason::JoinedAnother)),
        ("bob leaves the group", |call| leaves(call, "bob", LeaveReason::LeftGroup)),
        ("the group is dismissed", |call| call.after(Step::Dismissed, 5)),
        ("dave is invited", |call| invited(call, &["dave"], &[])),
        ("dave is busy", |call| invited(call, &[], &["dave"])),
    ]
}

fn between_two() -> Vec<(&'static str, Call)> {
    let ringing = invited(&begun(None), &["bob"], &[]);
    let talking = enters(&ringing, "bob");
    vec![
        ("busy", invited(&begun(None), &[], &["bob"])),
        ("over", leaves(&talking, "bob", LeaveReason::HungUp)),
        ("ringing", ringing),
        ("talking", talking),
    ]
}

fn several() -> Vec<(&'static str, Call)> {
    let group = Circle { group: GroupId::parse("class").expect("a groupID"), notify: Notify::Members };
    let ringing = invited(&begun(Some(group)), &["bob", "carol"], &[]);
    let one_came = enters(&ringing, "bob");
    let three = enters(&one_came, "carol");
    vec![
        ("one of three went, and may come back", leaves(&three, "bob", LeaveReason::HungUp)),
        ("one declined", declines(&ringing, &["carol"], Declined::Rejected)),
        ("the caller went, one waits for another", leaves(&one_came, "alice", LeaveReason::HungUp)),
        ("three talk", three),
        ("ringing", ringing),
        ("one came", one_came),
    ]
}

fn begun(circle: Option<Circle>) -> Call {
    let link = CallLink {
        call_id: CallId::parse("c").expect("a callID"),
        room_id: RoomId::parse("room").expect("a roomID"),
        media_type: "video".to_owned(),
    };
    Call::begin(link, circle, &user("alice"), None, 1)
}

fn invited(call: &Call, ringing: &[&str], busy: &[&str]) -> Call {
    let invitation = InviteId::parse("c").expect("an inviteID");
    let (ringing, busy) = (users(ringing), users(busy));
    call.after(
        Step::Invited { by: &user("alice"), invitation: &invitation, ringing: &ringing, busy: &busy },
        2,
    )
}

fn enters(call: &Call, who: &str) -> Call {
    call.after(Step::Entered { user: &user(who), device: None }, 3)
}

fn declines(call: &Call, who: &[&str], how: Declined) -> Call {
    call.after(Step::Declined { users: &users(who), how, quietly: false }, 4)
}

/// Only somebody who is in a call can leave it.
fn leaves(call: &Call, who: &str, reason: LeaveReason) -> Call {
    let who = user(who);
    if call.has_joined(&who) { call.after(Step::Left { user: &who, reason }, 5) } else { call.clone() }
}

fn users(names: &[&str]) -> Vec<UserId> {
    names.iter().map(|name| user(name)).collect()
}

/// The people in short, and how it ended.
fn people(call: &Call) -> String {
    let short = call.people.iter().map(|person| {
        let state = serde_json::to_string(&person.standing.state()).expect("JSON");
        let letter = match state.trim_matches('"') {
            "ringing" => "R",
            "joined" => "J",
            "left" => "L",
            "rejected" => "n",
            "busy" => "b",
            "timedOut" => "t",
            "cancelled" => "c",
            "removed" => "r",
            other => panic!("{other} has no letter"),
        };
        format!("{}{letter}", &person.user.as_str()[..1])
    });
    let short = short.collect::<Vec<_>>().join(" ");
    let end = call.end.map(|end| serde_json::to_string(&end.reason).expect("JSON"));
    end.map_or(short.clone(), |end| format!("{short} ■ {}", end.trim_matches('"')))
}
