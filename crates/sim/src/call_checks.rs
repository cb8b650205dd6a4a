//! What must be true of calls. Each function is one promise and panics when it is broken.

use std::collections::BTreeMap;
use std::sync::Arc;

use wigwag_engine::call::{Declined, Standing};
use wigwag_engine::{Call, PlacedEvent};
use wigwag_protocol::call::CallView;
use wigwag_protocol::invitation::InviteeState;
use wigwag_protocol::{CallId, Event, UserId};

use crate::world::Device;
use crate::{Journal, World};

/// Every promise that holds when the world has calmed down.
pub fn check(world: &World) {
    let journal = &world.server.commands.journal;
    for call in journal.calls.values() {
        it_has_ended(call);
        its_people_are_in_their_lists(call, journal);
        it_agrees_with_its_invitations(call, journal);
        for person in &call.people {
            they_hear_how_it_ended(&person.user, call, journal);
        }
    }
    for device in &world.devices {
        the_book_agrees(device, journal, world.now());
    }
}

/// Every promise that holds at any moment, and what a device shows at this one.
pub(crate) fn check_meanwhile(world: &World, device: usize) {
    let journal = &world.server.commands.journal;
    nobody_is_in_two_calls(journal);
    let overdue: Vec<&UserId> = world.server.overdue(world.now()).collect();
    assert!(overdue.is_empty(), "{overdue:?} are gone and in a call still");
    what_is_shown_was_true(&world.devices[device], journal, world.now());
}

fn nobody_is_in_two_calls(journal: &Journal) {
    let mut inside: BTreeMap<&UserId, &CallId> = BTreeMap::new();
    for call in journal.calls.values() {
        for user in call.joined() {
            let other = inside.insert(user, call.id());
            assert_eq!(other, None, "{user} is in {} too", call.id());
        }
    }
    let written: BTreeMap<&UserId, &CallId> = journal.in_calls.iter().collect();
    assert_eq!(inside, written, "who is in which call");
}

/// A running call is shown as it was at the version that the device has heard of. How long it has lasted is by its own clock.
fn what_is_shown_was_true(device: &Device, journal: &Journal, now: u64) {
    for shown in device.calls().running(now) {
        let version = (shown.link.call_id.clone(), shown.version);
        let then = journal.call_versions.get(&version);
        let then = then.map(|call| timeless(sorted(call.view(&device.app.user, now))));
        assert_eq!(
            Some(timeless(sorted(shown))),
            then,
            "{:?} shows {version:?}: {}",
            device.name,
            story(device, &version.0, journal)
        );
    }
}

/// Of those who are invited together, a call has those first who ring, and an event names them as the inviter did.
fn sorted(mut view: CallView) -> CallView {
    view.people.sort_by(|one, other| one.user_id.cmp(&other.user_id));
    view
}

fn timeless(view: CallView) -> CallView {
    CallView { duration_ms: 0, ..view }
}

fn it_has_ended(call: &Call) {
    assert!(call.end.is_some(), "{call:?} runs for ever");
}

fn its_people_are_in_their_lists(call: &Call, journal: &Journal) {
    for person in &call.people {
        let listed = journal.call_lists.get(&person.user).into_iter().flatten();
        assert_eq!(listed.filter(|id| *id == call.id()).count(), 1, "{call:?} for {}", person.user);
    }
}

/// What the record of a call says of somebody, the invitation that rang them last says too.
fn it_agrees_with_its_invitations(call: &Call, journal: &Journal) {
    for person in &call.people {
        let rung_by = person.invitation.as_ref().map(|id| &journal.invitations[id]);
        let Some(said) = rung_by.and_then(|one| one.invitee(&person.user)) else { continue };
        let agrees = match (&person.standing, said.state()) {
            (Standing::Left(_), InviteeState::Accepted)
            | (
                Standing::Declined(Declined::Rejected | Declined::Busy),
                InviteeState::Rejected,
            )
            | (Standing::Declined(Declined::TimedOut), InviteeState::TimedOut)
            | (Standing::Declined(Declined::Removed), InviteeState::Removed)
            // What rings when the call ends may be out of time by then.
            | (Standing::Declined(Declined::Cancelled), InviteeState::Cancelled | InviteeState::TimedOut) => true,
            // A member of its group may come into a call by themselves after they declined.
            (Standing::Left(_), _) => call.circle.is_some(),
            (Standing::Ringing | Standing::Joined(_) | Standing::Declined(_), _) => false,
        };
        assert!(agrees, "{call:?} and {said:?}");
    }
}

/// Everybody who was called or came is told of the end, by an event of the call or, in a call between two, of its invitation; but
/// of an `onlineUserOnly` one only those who were there. A ring of which everybody is busy is the end itself.
fn they_hear_how_it_ended(user: &UserId, call: &Call, journal: &Journal) {
    let mut events = journal.stream(user).iter().map(|(_, event)| event);
    let opened_by = journal.invitations.values().find(|one| one.id.as_str() == call.id().as_str());
    let is_brief = opened_by.is_some_and(|one| one.switches.online_user_only);
    let by_its_ring = call.is_between_two() || call.version == 1;
    let is_told = events.any(|event| ends(event, call));
    assert!(is_told || (is_brief && by_its_ring), "{user} is not told how {call:?} ended");
}

#[expect(clippy::wildcard_enum_match_arm, reason = "only what can end a call is asked about")]
fn ends(event: &PlacedEvent, call: &Call) -> bool {
    let by_its_ring = event.invitation.as_ref().is_some_and(|mark| mark.id.as_str() == call.id().as_str());
    match &event.event {
        Event::CallDeclined(event) => event.call_id == *call.id() && event.end_reason.is_some(),
        Event::CallHungUp(event) => event.call_id == *call.id() && event.end_reason.is_some(),
        Event::CallEnded(event) => event.call_id == *call.id(),
        Event::InvitationReceived(received) => {
            by_its_ring && received.busy.len() == received.invitee_list.len()
        }
        Event::InvitationRejected(_) | Event::InvitationCancelled(_) | Event::InvitationTimedOut(_) => {
            by_its_ring && call.is_between_two()
        }
        _ => false,
    }
}

/// Devices have heard everything, so what one knows of a call is what the server knows; the end of what is told only to those who
/// are online may be missing.
fn the_book_agrees(device: &Device, journal: &Journal, now: u64) {
    for call in journal.calls.values() {
        let Some(shown) = device.calls().get(call.id(), now) else { continue };
        let is_brief = rings_of(call, journal).any(|one| one.switches.online_user_only);
        if is_brief && shown.ended_at.is_none() && shown.version < call.version {
            continue;
        }
        let story = || story(device, call.id(), journal);
        let known = sorted(call.view(&device.app.user, now));
        assert_eq!(sorted(shown), known, "{:?}: {}", device.name, story());
    }
}

fn rings_of<'a>(
    call: &'a Call,
    journal: &'a Journal,
) -> impl Iterator<Item = &'a Arc<wigwag_engine::Invitation>> {
    let into = |one: &&Arc<wigwag_engine::Invitation>| {
        one.call.as_ref().is_some_and(|link| link.call_id == *call.id())
    };
    journal.invitations.values().filter(into)
}

/// What happened to a call, as far as a device's user was told.
fn story(device: &Device, id: &CallId, journal: &Journal) -> String {
    let Some(call) = journal.calls.get(id) else { return format!("there is no {id}") };
    let rings: Vec<_> = rings_of(call, journal).map(|one| &one.id).collect();
    let mut lines = vec![format!("{call:?}")];
    for (cursor, event) in journal.stream(&device.app.user) {
        let by_ring = event.invitation.as_ref().is_some_and(|mark| rings.contains(&&mark.id));
        let text = format!("{:?}", event.event);
        if by_ring || (event.invitation.is_none() && text.contains(&format!("{id:?}"))) {
            let seen = if device.app.seen.contains(cursor) { "seen" } else { "not seen" };
            lines.push(format!("{cursor} at {}, {seen}: {text}", event.time));
        }
    }
    let given = device.app.given.values().filter(|given| {
        given.call.as_ref() == Some(id) || given.about.as_ref().is_some_and(|about| rings.contains(&about))
    });
    lines.extend(given.map(|given| format!("{given:?}")));
    lines.join("\n")
}
