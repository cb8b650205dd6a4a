//! State × input: what every input does to every shape of an invitation, as one table for people to read.

use wigwag_engine::invitation::{
    Circumstance, Consequence, Guests, Happened, Input, Invitee, Receipt, Switches, Verdict,
};
use wigwag_engine::{Actor, Invitation, Refusal};
use wigwag_protocol::event::Cause;
use wigwag_protocol::invitation::Notify;
use wigwag_protocol::{Device, DeviceId, GroupId, InviteId, Platform, UserId};

use crate::world::error_of;

const CREATED: u64 = 1_000_000;
const DEADLINE: u64 = CREATED + 30_000;
/// The age at which those without deadline are closed; in the table, only `expire` can reach it.
const AGE: u64 = 600_000;

/// A column: a shape, and the time at which everything but `expire` happens to it.
struct Shape {
    name: &'static str,
    invitation: Invitation,
    now: u64,
}

/// A row: a name and an input.
type Row = (&'static str, fn(&Shape) -> CameTo);

/// What a row came to in a shape.
#[derive(Debug)]
enum CameTo {
    ByCommand(Verdict),
    ByCircumstance(Consequence),
}

#[test]
fn every_input_in_every_state() {
    let tables = [
        ("One-to-one, open", answers(), one_to_one_open()),
        ("One-to-one, ended", answers(), one_to_one_ended()),
        ("Group of alice, bob, carol and dave, open", answers_and_members(), group_open()),
        ("Group of alice, bob, carol and dave, ended", answers_and_members(), group_ended()),
    ];
    let mut text = String::from(LEGEND);
    for (title, rows, shapes) in tables {
        text.push_str(&table(title, rows, &shapes));
    }
    insta::assert_snapshot!("invitation", text);
}

const LEGEND: &str = "\
alice invited bob (in the group bob and carol) from her phone; bob answers on phone or laptop; dave is nobody's guest.
The commands that made a state came from the phones and said \"first\"; the same words again are a repeat.

→ x v2    the invitation changes, and this is told
→ … ■ y   … and with that it ends, with endReason y
repeat v2 nothing changes; the first reply is given again
·         nothing happens
8010 …    refused: code, reason, and in brackets what beat the command
";

/// What can happen to any invitation.
fn answers() -> Vec<Row> {
    vec![
        ("accept   bob, phone", |s| accept(s, "bob", "phone", "first")),
        ("accept   bob, phone, other words", |s| accept(s, "bob", "phone", "other")),
        ("accept   bob, laptop", |s| accept(s, "bob", "laptop", "first")),
        ("accept   alice, the inviter", |s| accept(s, "alice", "phone", "first")),
        ("accept   dave, a stranger", |s| accept(s, "dave", "phone", "first")),
        ("reject   bob, phone", |s| reject(s, "bob", "phone", "first")),
        ("reject   bob, phone, other words", |s| reject(s, "bob", "phone", "other")),
        ("reject   bob, laptop", |s| reject(s, "bob", "laptop", "first")),
        ("reject   alice, the inviter", |s| reject(s, "alice", "phone", "first")),
        ("reject   dave, a stranger", |s| reject(s, "dave", "phone", "first")),
        ("cancel   alice, phone", |s| cancel(s, "alice", "phone", "first")),
        ("cancel   alice, phone, other words", |s| cancel(s, "alice", "phone", "other")),
        ("cancel   alice, laptop", |s| cancel(s, "alice", "laptop", "first")),
        ("cancel   alice, phone, bob alone", |s| cancel_from(s, &["bob"], "phone", "first")),
        ("cancel   alice, laptop, bob alone", |s| cancel_from(s, &["bob"], "laptop", "first")),
        ("cancel   alice, dave, a stranger", |s| cancel_from(s, &["dave"], "phone", "first")),
        ("cancel   bob, an invitee", |s| cancel(s, "bob", "phone", "first")),
        ("cancel   dave, a stranger", |s| cancel(s, "dave", "phone", "first")),
        ("modify   alice", |s| modify(s, "alice", "new")),
        ("modify   alice, to what it is", |s| modify(s, "alice", "ring")),
        ("modify   bob", |s| modify(s, "bob", "new")),
        ("modify   dave, a stranger", |s| modify(s, "dave", "new")),
        ("expire   1 ms before it is due", |s| expire(s, -1)),
        ("expire   when it is due", |s| expire(s, 0)),
        ("expire   a minute later", |s| expire(s, 60_000)),
    ]
}

/// What can happen to a group's.
fn answers_and_members() -> Vec<Row> {
    let mut rows = answers();
    rows.extend::<Vec<Row>>(vec![
        ("cancel   alice, phone, carol alone", |s| cancel_from(s, &["carol"], "phone", "first")),
        ("cancel   alice, phone, bob and carol", |s| cancel_from(s, &["bob", "carol"], "phone", "first")),
        ("accept   carol, phone", |s| accept(s, "carol", "phone", "first")),
        ("leave    bob", |s| leave(s, "bob")),
        ("leave    carol", |s| leave(s, "carol")),
        ("leave    alice, the inviter", |s| leave(s, "alice")),
        ("leave    dave, a bystander", |s| leave(s, "dave")),
        ("dismiss  the group", dismiss),
    ]);
    rows
}

// ---- shapes -------------------------------------------------------------------------------------------------------

fn one_to_one_open() -> Vec<Shape> {
    let no_deadline = Invitation { timeout: 0, ..one_to_one() };
    let switches = Switches { online_user_only: true, ..Switches::default() };
    let online_only = Invitation { switches, ..one_to_one() };
    vec![
        shape("pending", one_to_one(), 1),
        shape("pending, no deadline", no_deadline, 1),
        shape("pending, onlineUserOnly", online_only, 1),
        shape("past its deadline, not expired", one_to_one(), 30_000),
    ]
}

fn one_to_one_ended() -> Vec<Shape> {
    let start = shape("", one_to_one(), 1);
    let no_deadline = shape("", Invitation { timeout: 0, ..one_to_one() }, 1);
    vec![
        after("accepted", accept(&start, "bob", "phone", "first")),
        after("rejected", reject(&start, "bob", "phone", "first")),
        after("cancelled", cancel(&start, "alice", "phone", "first")),
        after("timed out", expire(&start, 0)),
        after("expired, no deadline", expire(&no_deadline, 0)),
    ]
}

fn group_open() -> Vec<Shape> {
    let start = shape("", in_group(), 1);
    let accepted = after("bob accepted", accept(&start, "bob", "phone", "first"));
    let overdue = Shape { name: "bob accepted, past its deadline", now: DEADLINE, ..copy(&accepted) };
    vec![
        shape("nobody answered", in_group(), 1),
        accepted,
        after("bob rejected", reject(&start, "bob", "phone", "first")),
        after("bob left", leave(&start, "bob")),
        after("bob was cancelled", cancel_from(&start, &["bob"], "phone", "first")),
        overdue,
    ]
}

fn group_ended() -> Vec<Shape> {
    let start = shape("", in_group(), 1);
    let accepted = after("", accept(&start, "bob", "phone", "first"));
    let withdrawn = after("", cancel_from(&start, &["bob"], "phone", "first"));
    vec![
        after("both accepted", accept(&accepted, "carol", "phone", "first")),
        after("bob accepted, then cancelled", cancel(&accepted, "alice", "phone", "first")),
        after("bob was cancelled, then carol", cancel_from(&withdrawn, &["carol"], "phone", "first")),
        after("bob was cancelled, then timed out", expire(&withdrawn, 0)),
        after("bob accepted, then timed out", expire(&accepted, 0)),
        after("bob accepted, then alice left", leave(&accepted, "alice")),
        after("dismissed", dismiss(&start)),
    ]
}

fn one_to_one() -> Invitation {
    Invitation {
        id: InviteId::parse("i").expect("an id"),
        inviter: user("alice"),
        inviter_device: Some(device("phone")),
        guests: Guests::One(Invitee::pending(user("bob"))),
        data: "ring".to_owned(),
        first_data: None,
        timeout: 30,
        created_at: CREATED,
        switches: Switches::default(),
        told: None,
        offline_push_info: None,
        replaced_push_info: None,
        call: None,
        version: 1,
        receipt: Receipt::default(),
        withdrawals: Vec::new(),
        end: None,
    }
}

fn in_group() -> Invitation {
    let guests = Guests::Members {
        group: GroupId::parse("class").expect("an id"),
        invitees: ["bob", "carol"].map(|name| Invitee::pending(user(name))).to_vec(),
        ignored: Vec::new(),
        notify: Notify::Members,
    };
    Invitation { guests, ..one_to_one() }
}

fn shape(name: &'static str, invitation: Invitation, age: u64) -> Shape {
    Shape { name, invitation, now: CREATED + age }
}

fn copy(shape: &Shape) -> Shape {
    Shape { name: shape.name, invitation: shape.invitation.clone(), now: shape.now }
}

/// The shape an input leads to, looked at a second later.
fn after(name: &'static str, came_to: CameTo) -> Shape {
    match came_to {
        CameTo::ByCommand(Verdict::Changed(next, _))
        | CameTo::ByCircumstance(Consequence::Changed(next, _) | Consequence::Closed(next)) => {
            shape(name, *next, 1_001)
        }
        CameTo::ByCommand(Verdict::Repeated { .. } | Verdict::Refused(_))
        | CameTo::ByCircumstance(Consequence::None) => panic!("{name} cannot be reached: {came_to:?}"),
    }
}

// ---- inputs -------------------------------------------------------------------------------------------------------

fn accept(shape: &Shape, who: &str, on: &str, data: &str) -> CameTo {
    CameTo::ByCommand(shape.invitation.handle(Input::Accept { by: &actor(who, on), data }, shape.now))
}

fn reject(shape: &Shape, who: &str, on: &str, data: &str) -> CameTo {
    CameTo::ByCommand(shape.invitation.handle(Input::Reject { by: &actor(who, on), data }, shape.now))
}

fn cancel(shape: &Shape, who: &str, on: &str, data: &str) -> CameTo {
    let by = actor(who, on);
    CameTo::ByCommand(shape.invitation.handle(Input::Cancel { by: &by, from: None, data }, shape.now))
}

fn cancel_from(shape: &Shape, from: &[&str], on: &str, data: &str) -> CameTo {
    let (by, from) = (actor("alice", on), from.iter().map(|name| user(name)).collect::<Vec<_>>());
    CameTo::ByCommand(shape.invitation.handle(Input::Cancel { by: &by, from: Some(&from), data }, shape.now))
}

fn modify(shape: &Shape, who: &str, data: &str) -> CameTo {
    CameTo::ByCommand(shape.invitation.handle(Input::Modify { by: &actor(who, "phone"), data }, shape.now))
}

fn leave(shape: &Shape, who: &str) -> CameTo {
    CameTo::ByCircumstance(shape.invitation.meet(Circumstance::Leaves(&user(who)), shape.now))
}

fn expire(shape: &Shape, from_due: i64) -> CameTo {
    let now = shape.invitation.due(AGE).saturating_add_signed(from_due);
    CameTo::ByCircumstance(shape.invitation.meet(Circumstance::Time { no_deadline_age_ms: AGE }, now))
}

fn dismiss(shape: &Shape) -> CameTo {
    CameTo::ByCircumstance(shape.invitation.meet(Circumstance::Dismissed, shape.now))
}

fn actor(who: &str, on: &str) -> Actor {
    Actor { user: user(who), device: Some(device(on)) }
}

fn user(name: &str) -> UserId {
    UserId::parse(name).expect("a userID")
}

fn device(name: &str) -> Device {
    Device { device_id: DeviceId::parse(name).expect("a deviceID"), platform: Platform::LINUX }
}

// ---- text ---------------------------------------------------------------------------------------------------------

fn table(title: &str, rows: Vec<Row>, shapes: &[Shape]) -> String {
    let mut lines = vec![vec![title.to_owned()]];
    lines[0].extend(shapes.iter().map(|shape| shape.name.to_owned()));
    for (name, input) in rows {
        let mut line = vec![name.to_owned()];
        line.extend(shapes.iter().map(|shape| cell(&input(shape))));
        lines.push(line);
    }
    aligned(&lines)
}

fn aligned(lines: &[Vec<String>]) -> String {
    let width = |column: usize| lines.iter().map(|line| line[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..lines[0].len()).map(width).collect();
    let rule: Vec<String> = widths.iter().map(|width| "─".repeat(*width)).collect();
    let mut text = String::from("\n");
    for (number, line) in lines.iter().enumerate() {
        if number == 1 {
            text.push_str(&rule.join("─┼─"));
            text.push('\n');
        }
        let cells: Vec<String> = line
            .iter()
            .zip(&widths)
            .map(|(cell, width)| format!("{cell}{}", " ".repeat(width - cell.chars().count())))
            .collect();
        text.push_str(cells.join(" │ ").trim_end());
        text.push('\n');
    }
    text
}

fn cell(came_to: &CameTo) -> String {
    match came_to {
        CameTo::ByCommand(Verdict::Changed(next, happened))
        | CameTo::ByCircumstance(Consequence::Changed(next, happened)) => changed(next, &told(happened)),
        CameTo::ByCircumstance(Consequence::Closed(next)) => changed(next, "(nobody is told)"),
        CameTo::ByCommand(Verdict::Repeated { version, .. }) => format!("repeat v{version}"),
        CameTo::ByCircumstance(Consequence::None) => "·".to_owned(),
        CameTo::ByCommand(Verdict::Refused(refusal)) => refused(refusal),
    }
}

fn changed(next: &Invitation, told: &str) -> String {
    let end = next.end.as_ref().map(|end| format!(" ■ {}", word(&end.reason()))).unwrap_or_default();
    format!("→ {told} v{}{end}", next.version)
}

fn told(happened: &Happened) -> String {
    match happened {
        Happened::Accepted(who) => format!("accepted by {who}"),
        Happened::Rejected(who) => format!("rejected by {who}"),
        Happened::Left(who) => format!("rejected by {who}{}", because(Some(Cause::LeftGroup))),
        Happened::Cancelled(whom, cause) => format!("cancelled for {}{}", names(whom), because(*cause)),
        Happened::TimedOut(whom) => format!("timedOut for {}", names(whom)),
        Happened::Modified => "modified".to_owned(),
    }
}

fn because(cause: Option<Cause>) -> String {
    cause.map(|cause| format!(", {}", word(&cause))).unwrap_or_default()
}

fn names(users: &[UserId]) -> String {
    users.iter().map(UserId::as_str).collect::<Vec<_>>().join("+")
}

fn refused(refusal: &Refusal) -> String {
    let error = error_of(refusal);
    let head = format!("{} {}", error.code, error.data.reason.as_str());
    let Some(outcome) = &error.data.outcome else { return head };
    let by = match (&outcome.user_id, &outcome.device) {
        (Some(who), Some(device)) => Some(format!("by {who}, {}", device.device_id)),
        (Some(who), None) => Some(format!("by {who}")),
        (None, Some(device)) => Some(format!("on {}", device.device_id)),
        (None, None) => None,
    };
    let end = outcome.end_reason.map(|reason| format!("■ {}", word(&reason)));
    let parts: Vec<String> =
        [outcome.state.map(|state| word(&state)), by, end].into_iter().flatten().collect();
    if parts.is_empty() { head } else { format!("{head} ({})", parts.join(" ")) }
}

/// An enum's word on the wire.
fn word(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).expect("plain text").trim_matches('"').to_owned()
}
