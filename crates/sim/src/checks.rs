//! What must be true when the world has calmed down. Each function is one promise and panics when it is broken.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use wigwag_engine::invitation::End;
use wigwag_engine::{Invitation, PlacedEvent};
use wigwag_protocol::invitation::{EndReason, InviteeState, Notify};
use wigwag_protocol::params::Cancel;
use wigwag_protocol::{Event, InviteId, UserId, result};

use crate::app::{Acknowledged, Given, Verb};
use crate::call_checks;
use crate::server::open_for;
use crate::world::Device;
use crate::{Journal, World};

/// Every promise.
pub fn check(world: &World) {
    let journal = &world.server.commands.journal;
    for device in &world.devices {
        nobody_gave_up(device);
        every_event_is_seen_once_and_in_order(device, journal);
        every_command_is_settled_once(device);
        for acknowledged in &device.app.acknowledged {
            what_was_acknowledged_is_in_the_state(acknowledged, device, journal);
        }
        open_invitations_agree(device, journal);
        the_book_agrees(device, journal, world.now());
    }
    call_checks::check(world);
    all_invitees_are_final(journal);
    every_deadline_fired_once(journal);
}

fn nobody_gave_up(device: &Device) {
    assert_eq!(device.stopped(), None, "{:?}", device.name);
}

/// Every event after the device's start is told once and in order, as an event or in a reply, except rings of what is
/// over, what is kept only briefly, and what the server said was too old.
fn every_event_is_seen_once_and_in_order(device: &Device, journal: &Journal) {
    let app = &device.app;
    let start = app.start.expect("it was connected at least once");
    assert!(app.seen.is_sorted_by(|one, next| one < next), "{:?} was told {:?}", device.name, app.seen);
    let seen: BTreeSet<u64> = app.seen.iter().copied().collect();
    let stream = journal.stream(&app.user);
    assert_eq!(device.cursor(), Some(stream.len() as u64), "{:?} is at the head", device.name);
    for (cursor, event) in stream.iter().filter(|(cursor, _)| *cursor > start && !seen.contains(cursor)) {
        let skipped = app.skipped.iter().any(|(from, to)| from < cursor && cursor <= to);
        // A reply that comes after its command was given up takes its place, but the app does not wait for it any more.
        let late = app.late.contains(cursor);
        let excused = skipped
            || late
            || event.online_only
            || is_ring_of_what_is_over(event, &app.user, journal)
            || died_unanswered(event, device);
        assert!(excused, "{:?} was not told of {cursor}: {:?}", device.name, event.event);
    }
}

/// Whether catching up may leave out the event.
fn is_ring_of_what_is_over(event: &PlacedEvent, user: &UserId, journal: &Journal) -> bool {
    let ring = event.invitation.as_ref().filter(|mark| mark.version == 1);
    ring.is_some_and(|mark| journal.invitations[&mark.id].is_over_for(user))
}

/// Whether a process made the event, heard it without a word of how to reach the call, and died before the reply that says so came: it
/// had asked for that instead of telling the app. Whoever asks again is answered, unless the reply is lost each time.
fn died_unanswered(event: &PlacedEvent, device: &Device) -> bool {
    let Event::InvitationAccepted(answered) = &event.event else { return false };
    let about = |given: &Given| {
        let met = given.verb == Verb::Invite && given.params.contains(&answered.data);
        met || (given.verb == Verb::Accept && given.about.as_ref() == Some(&answered.invite_id))
    };
    let died = device.app.given.values().any(|given| given.abandoned && about(given));
    answered.device.as_ref().is_some_and(|made| made.device_id == device.name.device_id) && died
}

fn every_command_is_settled_once(device: &Device) {
    for (id, given) in &device.app.given {
        let expected = u32::from(!given.abandoned);
        assert_eq!(given.settled, expected, "{:?}: command {id:?} {}", device.name, given.params);
    }
}

fn what_was_acknowledged_is_in_the_state(done: &Acknowledged, device: &Device, journal: &Journal) {
    let user = &device.app.user;
    match done.given.verb {
        Verb::Invite | Verb::InviteMembers => assert_eq!(invitation(done, journal).inviter, *user),
        Verb::Accept => assert_eq!(state_of(user, done, journal), InviteeState::Accepted),
        Verb::Reject => assert_eq!(state_of(user, done, journal), InviteeState::Rejected),
        Verb::Cancel => {
            let end = invitation(done, journal).end.as_ref().map(End::reason);
            assert_eq!(end, Some(EndReason::Cancelled), "{done:?}");
        }
        Verb::Write => {
            let sent: result::MessageSent =
                serde_json::from_str(&done.result).expect("the reply to a message");
            let messages = journal.conversations.values().flatten();
            let there = messages.filter(|message| message.message_id == sent.message_id).count();
            assert_eq!(there, 1, "{done:?}");
        }
        Verb::CancelOne => {
            let cancel: Cancel = serde_json::from_str(&done.given.params).expect("a cancel");
            for user in cancel.invitee_list.iter().flatten() {
                assert_eq!(state_of(user, done, journal), InviteeState::Cancelled);
            }
        }
        Verb::Modify | Verb::Read | Verb::Join | Verb::HangUp | Verb::Signal | Verb::Look => {}
    }
}

fn invitation<'a>(done: &Acknowledged, journal: &'a Journal) -> &'a Arc<Invitation> {
    let id = done.given.about.as_ref().expect("it is about an invitation");
    journal.invitations.get(id).unwrap_or_else(|| panic!("{done:?} is not in the state"))
}

fn state_of(user: &UserId, done: &Acknowledged, journal: &Journal) -> InviteeState {
    invitation(done, journal).invitee(user).expect("an invitee").state()
}

/// The app, which keeps its own list from what it was told, shows what the server says is open: here, nothing.
fn open_invitations_agree(device: &Device, journal: &Journal) {
    let open = open_for(journal, &device.app.user);
    let at_server: BTreeSet<InviteId> = open.map(|one| one.id.clone()).collect();
    if let Some(id) = device.app.open().symmetric_difference(&at_server).next() {
        panic!("{:?} and the server disagree on {id}: {}", device.name, story(id, device, journal));
    }
}

/// The client's book shows as open what the server says is open, and besides it only what a device is never told the end of:
/// of `onlineUserOnly` invitations when it was away, of those without a deadline, and among parties when its user had answered before.
fn the_book_agrees(device: &Device, journal: &Journal, now: u64) {
    let user = &device.app.user;
    let at_server: BTreeSet<InviteId> = open_for(journal, user).map(|one| one.id.clone()).collect();
    for view in device.book().open(now) {
        let invitation = &journal.invitations[&view.invite_id];
        let answered = invitation.invitee(user).is_some_and(|one| one.state() != InviteeState::Pending);
        let untold = view.online_user_only
            || view.timeout == 0
            || (invitation.notify() == Notify::Parties && answered);
        assert!(
            untold || at_server.contains(&view.invite_id),
            "{:?} shows as open {view:?}: {}",
            device.name,
            story(&view.invite_id, device, journal)
        );
    }
}

/// What happened to an invitation, as far as a device's user was told.
fn story(id: &InviteId, device: &Device, journal: &Journal) -> String {
    let mut lines = vec![format!("{:?}", journal.invitations.get(id))];
    for (cursor, event) in journal.stream(&device.app.user) {
        if event.invitation.as_ref().is_some_and(|mark| mark.id == *id) {
            let seen = if device.app.seen.contains(cursor) { "seen" } else { "not seen" };
            lines.push(format!("{cursor} at {}, {seen}: {:?}", event.time, event.event));
        }
    }
    let given = device.app.given.iter().filter(|(_, given)| given.about.as_ref() == Some(id));
    lines.extend(given.map(|given| format!("{given:?}")));
    let answered = device.app.acknowledged.iter().filter(|done| done.given.about.as_ref() == Some(id));
    lines.extend(answered.map(|done| format!("answered {}", done.result)));
    lines.join(
        "
",
    )
}

fn all_invitees_are_final(journal: &Journal) {
    for (id, invitation) in &journal.invitations {
        assert_eq!(invitation.pending().count(), 0, "{id} is still open");
    }
}

fn every_deadline_fired_once(journal: &Journal) {
    let mut timeouts: BTreeMap<&InviteId, BTreeSet<*const PlacedEvent>> = BTreeMap::new();
    for (_, event) in journal.streams.values().flatten() {
        if let Some(mark) =
            event.invitation.as_ref().filter(|_| matches!(event.event, Event::InvitationTimedOut(_)))
        {
            timeouts.entry(&mark.id).or_default().insert(Arc::as_ptr(event));
        }
    }
    for (id, invitation) in &journal.invitations {
        // One without a deadline is closed quietly.
        let late = !invitation.is_lasting()
            && invitation.invitees().iter().any(|one| one.state() == InviteeState::TimedOut);
        let told = timeouts.get(id).map_or(0, BTreeSet::len);
        // Of an onlineUserOnly timeout perhaps nobody hears.
        let expected =
            if invitation.switches.online_user_only { told <= 1 } else { told == usize::from(late) };
        assert!(expected, "{id} was told to have timed out {told} times");
    }
}
