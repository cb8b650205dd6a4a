//! The book's rules, by table.

use wigwag_protocol::invitation::{EndReason, InvitationView, InviteeState, Status};
use wigwag_protocol::{Event, InviteId, UserId};

use super::*;

pub(super) fn id(text: &str) -> InviteId {
    InviteId::parse(text).unwrap()
}

fn event(text: &str) -> Event {
    Event::read(text).unwrap().unwrap()
}

/// alice invites `invitees` to `name` at version 1.
fn received(name: &str, invitees: &str) -> Event {
    event(&format!(
        r#"{{"type":"invitation.received","inviteID":"{name}","inviter":"alice","inviteeList":{invitees},"data":"video","timeout":30,"version":1,"device":{{"deviceID":"a","platform":7}}}}"#
    ))
}

fn answered(kind: &str, name: &str, invitee: &str, version: u32, more: &str) -> Event {
    event(&format!(
        r#"{{"type":"invitation.{kind}","inviteID":"{name}","inviter":"alice","invitee":"{invitee}","data":"","version":{version}{more}}}"#
    ))
}

fn closed(kind: &str, name: &str, invitees: &str, version: u32, more: &str) -> Event {
    event(&format!(
        r#"{{"type":"invitation.{kind}","inviteID":"{name}","inviter":"alice","inviteeList":{invitees},"data":"","version":{version}{more}}}"#
    ))
}

impl Book {
    fn hears(&mut self, event: &Event) {
        let moment = Moment { time: 5, remaining_ms: Some(30_000), quiet: false, heard_at: 100 };
        self.hear(event.of_invitation().unwrap(), moment);
    }

    /// How an invitation looks: status, end, version, states.
    fn shows(&self, name: &str) -> String {
        let Some(view) = self.get(&id(name), 0) else { return "nothing".to_owned() };
        let states: Vec<String> =
            view.invitees.iter().map(|invitee| format!("{} {:?}", invitee.user_id, invitee.state)).collect();
        let end = view.end_reason.map_or_else(String::new, |reason| format!(" {reason:?}"));
        format!("{:?}{end} {}: {}", view.status, view.version, states.join(", "))
    }
}

fn view(name: &str, version: u32) -> InvitationView {
    let mut book = Book::default();
    book.hears(&received(name, r#"["bob"]"#));
    InvitationView { version, ..book.get(&id(name), 100).unwrap() }
}

#[test]
fn events_lead_from_state_to_state() {
    let left = r#","reason":"leftGroup""#;
    let table: [(&[Event], &str); 9] = [
        (&[], "Open 1: bob Pending, carol Pending"),
        (&[answered("accepted", "i", "bob", 2, "")], "Open 2: bob Accepted, carol Pending"),
        (
            &[answered("accepted", "i", "bob", 2, ""), answered("rejected", "i", "carol", 3, "")],
            "Ended Completed 3: bob Accepted, carol Rejected",
        ),
        (&[answered("rejected", "i", "carol", 2, left)], "Open 2: bob Pending, carol Removed"),
        (
            &[answered("accepted", "i", "bob", 2, ""), closed("timedOut", "i", r#"["carol"]"#, 3, "")],
            "Ended Completed 3: bob Accepted, carol TimedOut",
        ),
        (
            &[closed("timedOut", "i", r#"["bob","carol"]"#, 2, "")],
            "Ended TimedOut 2: bob TimedOut, carol TimedOut",
        ),
        (
            &[closed("cancelled", "i", r#"["bob","carol"]"#, 2, "")],
            "Ended Cancelled 2: bob Cancelled, carol Cancelled",
        ),
        (
            &[closed("cancelled", "i", r#"["bob","carol"]"#, 2, r#","reason":"inviterLeft""#)],
            "Ended InviterLeft 2: bob Cancelled, carol Cancelled",
        ),
        (
            &[closed("cancelled", "i", r#"["bob","carol"]"#, 2, r#","reason":"groupDismissed""#)],
            "Ended GroupDismissed 2: bob Cancelled, carol Cancelled",
        ),
    ];
    for (events, expected) in table {
        let mut book = Book::default();
        book.hears(&received("i", r#"["bob","carol"]"#));
        for event in events {
            book.hears(event);
        }
        assert_eq!(book.shows("i"), expected, "after {events:?}");
    }
}

#[test]
fn a_changed_payload_is_the_invitations() {
    let mut book = Book::default();
    book.hears(&received("i", r#"["bob"]"#));
    book.hears(&event(
        r#"{"type":"invitation.modified","inviteID":"i","inviter":"alice","by":"bob","data":"audio","version":2}"#,
    ));
    let shown = book.get(&id("i"), 0).unwrap();
    assert_eq!((shown.data.as_str(), shown.version, shown.status), ("audio", 2, Status::Open));
}

#[test]
fn what_is_not_newer_changes_nothing() {
    let mut book = Book::default();
    book.hears(&received("i", r#"["bob"]"#));
    book.hears(&closed("cancelled", "i", r#"["bob"]"#, 3, ""));
    let ended = book.shows("i");
    book.hears(&received("i", r#"["bob"]"#));
    book.hears(&answered("accepted", "i", "bob", 2, ""));
    book.hears(&answered("accepted", "i", "bob", 3, ""));
    for version in [1, 2, 3, 4] {
        book.take(view("i", version), 0);
        assert_eq!(book.shows("i"), ended, "after a listing of version {version}");
    }
}

#[test]
fn an_event_about_a_stranger_leaves_its_version() {
    let mut book = Book::default();
    book.hears(&closed("cancelled", "i", r#"["bob"]"#, 2, ""));
    assert_eq!(book.shows("i"), "nothing");
    book.take(view("i", 1), 0);
    assert_eq!(book.shows("i"), "nothing", "a listing from before the event");
    book.take(view("i", 2), 0);
    assert_eq!(
        book.shows("i"),
        "Open 2: bob Pending",
        "what the server shows at that version fills the entry"
    );
}

#[test]
fn a_complete_listing_closes_what_it_does_not_name() {
    let mut book = Book::default();
    for name in ["gone", "named"] {
        book.hears(&received(name, r#"["bob"]"#));
    }
    let asked = book.edition();
    book.hears(&received("later", r#"["bob"]"#));
    book.take_all(vec![view("named", 1), view("found", 1)], asked, 0);
    assert_eq!(book.shows("gone"), "Ended 1: bob Pending", "nobody said how it ended");
    for name in ["named", "later", "found"] {
        assert_eq!(book.shows(name), "Open 1: bob Pending", "{name}");
    }
    // What is told afterwards completes it, and does not open it again.
    book.hears(&answered("accepted", "gone", "bob", 2, ""));
    assert_eq!(book.shows("gone"), "Ended Completed 2: bob Accepted");
}

#[test]
fn an_intermediate_event_does_not_open_again_what_a_listing_closed() {
    let mut book = Book::default();
    book.hears(&received("i", r#"["bob","carol"]"#));
    book.take_all(Vec::new(), book.edition(), 0);
    book.hears(&answered("accepted", "i", "bob", 2, ""));
    assert_eq!(book.shows("i"), "Ended 2: bob Accepted, carol Pending");
    book.hears(&closed("cancelled", "i", r#"["carol"]"#, 3, ""));
    assert_eq!(book.shows("i"), "Ended Cancelled 3: bob Accepted, carol Cancelled");
}

#[test]
fn the_bounds_hold_at_their_border() {
    let mut book = Book::default();
    for number in 0..=MOST_OPEN {
        let mut view = view(&format!("open-{number}"), 1);
        view.created_at = number as u64;
        book.take(view, 0);
        assert_eq!(book.open(0).len(), (number + 1).min(MOST_OPEN));
    }
    assert_eq!(book.shows("open-0"), "nothing");
    assert_eq!(book.open(0)[0].invite_id, id("open-1"), "the oldest open one goes first");

    for number in 1..=MOST_ENDED + 1 {
        book.hears(&closed("cancelled", &format!("open-{number}"), r#"["bob"]"#, 2, ""));
    }
    assert_eq!(book.shows("open-1"), "nothing", "the first that ended goes first");
    assert_eq!(book.shows("open-2"), "Ended Cancelled 2: bob Cancelled");
    assert_eq!(book.entries.len(), MOST_OPEN - 1, "open ones do not go for ended ones");
}

#[test]
fn the_time_that_is_left_is_counted_down() {
    let mut book = Book::default();
    book.hears(&received("i", r#"["bob"]"#));
    let left = |now| book.get(&id("i"), now).unwrap().remaining_ms;
    assert_eq!((left(100), left(10_100), left(99_999)), (Some(30_000), Some(20_000), Some(0)));
}

#[test]
fn the_oldest_is_first() {
    let mut book = Book::default();
    for (name, created_at) in [("b", 2), ("a", 2), ("c", 1)] {
        book.take(InvitationView { created_at, ..view(name, 1) }, 0);
    }
    let names: Vec<String> = book.open(0).iter().map(|view| view.invite_id.to_string()).collect();
    assert_eq!(names, ["c", "a", "b"]);
}

#[test]
fn an_answer_is_kept_with_its_device() {
    let mut book = Book::default();
    book.hears(&received("i", r#"["bob"]"#));
    book.hears(&answered("accepted", "i", "bob", 2, r#","device":{"deviceID":"b","platform":8}"#));
    let shown = book.get(&id("i"), 0).unwrap();
    let bob = &shown.invitees[0];
    assert_eq!((bob.state, bob.at), (InviteeState::Accepted, Some(5)));
    assert_eq!(bob.device.as_ref().map(|device| device.device_id.as_str()), Some("b"));
    assert_eq!(shown.end_reason, Some(EndReason::Completed));
    assert_eq!(bob.user_id, UserId::parse("bob").unwrap());
}
