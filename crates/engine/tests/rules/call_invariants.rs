//! What must be true of calls after every step, whatever was asked. Each function is one promise and panics when it is broken.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use wigwag_engine::call::Standing;
use wigwag_engine::{Call, Decision, Ledger, PlacedEvent};
use wigwag_protocol::{CallId, Event, InviteId, UserId};
use wigwag_sim::Journal;

use crate::invariants::read;

/// Every promise.
pub(crate) fn check(before: &BTreeMap<CallId, Arc<Call>>, journal: &Journal, ledger: &Ledger) {
    for call in journal.calls.values() {
        runs_while_somebody_can_talk(call);
        rings_exactly_while_invited(call, journal);
    }
    nobody_is_in_two_calls(journal);
    lists_are_right(journal, ledger);
    nothing_happens_after_the_end(before, journal);
}

/// A call that nobody is in, or in which somebody waits for nobody, is over; in one that is over nobody is or rings.
fn runs_while_somebody_can_talk(call: &Call) {
    let joined = call.joined().count();
    let ringing = call.people.iter().filter(|person| person.is_ringing()).count();
    if call.is_running() {
        assert!(joined > 1 || (joined == 1 && ringing > 0), "{call:?} runs");
    } else {
        assert_eq!((joined, ringing), (0, 0), "{call:?} is over");
    }
}

/// Who rings is pending in the invitation that rings them, and who is pending in an invitation into a running call rings.
fn rings_exactly_while_invited(call: &Call, journal: &Journal) {
    let ringing: BTreeSet<(&InviteId, &UserId)> = call
        .people
        .iter()
        .filter(|person| matches!(person.standing, Standing::Ringing))
        .map(|person| (person.invitation.as_ref().expect("an invitation rings them"), &person.user))
        .collect();
    let into = journal
        .invitations
        .values()
        .filter(|one| one.call.as_ref().is_some_and(|link| link.call_id == *call.id()));
    let pending: BTreeSet<(&InviteId, &UserId)> =
        into.flat_map(|one| one.pending().map(|user| (&one.id, user))).collect();
    assert_eq!(ringing, pending, "{call:?}");
}

fn nobody_is_in_two_calls(journal: &Journal) {
    let mut inside: BTreeMap<UserId, CallId> = BTreeMap::new();
    for call in journal.calls.values() {
        for user in call.joined() {
            let other = inside.insert(user.clone(), call.id().clone());
            assert_eq!(other, None, "{user} is in {} too", call.id());
        }
    }
    assert_eq!(inside, journal.in_calls, "who is in which call");
}

/// What is loaded is what is written.
fn lists_are_right(journal: &Journal, ledger: &Ledger) {
    for user in journal.profiles.keys() {
        if let Ok(loaded) = ledger.call_with(user) {
            assert_eq!(loaded, journal.in_calls.get(user), "the call of {user}");
        }
    }
    for group in journal.groups.keys() {
        if let Ok(loaded) = ledger.running_in_group(group) {
            let running =
                journal.calls.values().filter(|call| call.is_running() && call.group() == Some(group));
            let written: BTreeSet<&CallId> = running.map(|call| call.id()).collect();
            assert_eq!(loaded.iter().collect::<BTreeSet<_>>(), written, "the calls of {group}");
        }
    }
    for (user, list) in &journal.call_lists {
        let unique: BTreeSet<&CallId> = list.iter().collect();
        assert_eq!(unique.len(), list.len(), "a call is twice in the list of {user}");
    }
}

/// Whoever knew a call before a command, because they were called or came, hears each version that the command gave it: by an event
/// of the call's own, or in a call between two by one of its invitation. Members who left the group hear it up to their own end in
/// it, and no more; so do all members of a group that is dismissed.
pub(crate) fn check_told(before: &BTreeMap<CallId, Arc<Call>>, journal: &Journal, decision: &Decision) {
    for old in before.values() {
        let new = &journal.calls[old.id()];
        let group = old.group().map(|id| journal.groups.get(id));
        for person in &old.people {
            let takes_part = |call: &Call| call.has_joined(&person.user) || call.rings(&person.user);
            let former = group.is_some_and(|group| group.is_none_or(|group| !group.has(&person.user)));
            if former && !takes_part(old) {
                continue;
            }
            let heard = heard_by(&person.user, old, decision);
            let last = if former && !takes_part(new) {
                heard.last().copied().unwrap_or(new.version)
            } else {
                new.version
            };
            let steps: BTreeSet<u32> = (old.version + 1..=last).collect();
            assert_eq!(heard, steps, "{} of {new:?}", person.user);
        }
    }
}

/// The versions of a call that a user hears of, counted as a client counts them.
fn heard_by(user: &UserId, call: &Call, decision: &Decision) -> BTreeSet<u32> {
    let is_told = |event: &&Arc<PlacedEvent>| event.places.iter().any(|place| place.user == *user);
    let mut versions = BTreeSet::new();
    let (mut last, mut between_two) = (call.version, call.is_between_two());
    for event in decision.events.iter().filter(is_told) {
        let said = read(event);
        let own = step_of(&said).filter(|(id, _)| *id == call.id());
        let by_invitation = between_two
            && said.of_invitation().is_some_and(|about| call.rings_by().contains(about.invite_id()));
        if let Some((_, version)) = own {
            last = version;
            between_two &= !matches!(said, Event::CallInvited(_));
        } else if by_invitation && versions.is_empty() {
            last += 1;
        } else {
            continue;
        }
        assert!(versions.insert(last), "{user} hears version {last} of {} twice", call.id());
    }
    versions
}

fn step_of(event: &Event) -> Option<(&CallId, u32)> {
    match event {
        Event::CallInvited(event) => Some((&event.call_id, event.version)),
        Event::CallJoined(event) => Some((&event.call_id, event.version)),
        Event::CallDeclined(event) => Some((&event.call_id, event.version)),
        Event::CallHungUp(event) => Some((&event.call_id, event.version)),
        Event::CallEnded(event) => Some((&event.call_id, event.version)),
        Event::InvitationReceived(_)
        | Event::InvitationAccepted(_)
        | Event::InvitationRejected(_)
        | Event::InvitationCancelled(_)
        | Event::InvitationTimedOut(_)
        | Event::InvitationModified(_)
        | Event::InvitationProgress(_)
        | Event::InvitationSilenced(_)
        | Event::MessageReceived(_)
        | Event::MessageRevoked(_)
        | Event::MessageRead(_)
        | Event::ConversationPinned(_)
        | Event::ConversationDeleted(_)
        | Event::GroupMembersAdded(_)
        | Event::GroupMembersRemoved(_)
        | Event::GroupDismissed(_)
        | Event::GroupInfoChanged(_)
        | Event::GroupRoleChanged(_)
        | Event::AttributesChanged(_)
        | Event::GroupNotice(_)
        | Event::CallSignalled(_)
        | Event::CallsSeen(_)
        | Event::ProfileChanged(_)
        | Event::QuietChanged(_)
        | Event::StatusChanged(_)
        | Event::ReachChanged(_)
        | Event::Blocked(_)
        | Event::Unblocked(_) => None,
    }
}

fn nothing_happens_after_the_end(before: &BTreeMap<CallId, Arc<Call>>, journal: &Journal) {
    for (id, old) in before.iter().filter(|(_, old)| !old.is_running()) {
        assert_eq!(*old, journal.calls[id], "{id} had ended");
    }
}
