//! What must be true after every step, whatever was asked. Each function is one promise and panics when it is broken.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use wigwag_engine::open::OpenInGroup;
use wigwag_engine::{Decision, Group, Invitation, Ledger, PlacedEvent};
use wigwag_protocol::invitation::{EndReason, InviteeState, Notify};
use wigwag_protocol::{Event, GroupId, InvitationEvent, InviteId, UserId};
use wigwag_session::codec::native::write::shared;
use wigwag_sim::Journal;

/// What is looked at again after a step.
pub(crate) struct Before {
    invitations: BTreeMap<InviteId, Arc<Invitation>>,
    groups: BTreeMap<GroupId, Group>,
}

impl Before {
    pub(crate) fn of(journal: &Journal) -> Self {
        Self { invitations: journal.invitations.clone(), groups: journal.groups.clone() }
    }
}

/// Every promise that concerns one step.
pub(crate) fn check_step(before: &Before, journal: &Journal, ledger: &Ledger, decision: &Decision) {
    each_invitee_has_one_final_state(before, journal);
    nothing_happens_after_the_end(before, journal);
    open_means_somebody_is_pending(journal);
    open_counts_are_right(journal, ledger);
    for event in &decision.events {
        only_those_who_may_see_are_told(before, journal, event);
        every_action_has_its_message(journal, event);
    }
}

/// Every promise that concerns the whole run.
pub(crate) fn check_run(journal: &Journal, log: &[Arc<PlacedEvent>]) {
    cursors_run_without_gap(journal);
    everybody_is_told_once(journal);
    conversations_run_without_gap(log, journal);
    versions_run_without_gap(log, journal);
    one_timeout_event_each(log, journal);
}

fn each_invitee_has_one_final_state(before: &Before, journal: &Journal) {
    for (id, old) in &before.invitations {
        let new = &journal.invitations[id];
        for (was, is) in old.invitees().iter().zip(new.invitees()) {
            assert_eq!(was.user, is.user, "{id}: the invitees are the same for ever");
            if was.settled.is_some() {
                assert_eq!(was.settled, is.settled, "{id}: {} was settled before", was.user);
            }
        }
    }
}

fn nothing_happens_after_the_end(before: &Before, journal: &Journal) {
    for (id, old) in before.invitations.iter().filter(|(_, old)| !old.is_open()) {
        assert_eq!(*old, journal.invitations[id], "{id} had ended");
    }
}

fn open_means_somebody_is_pending(journal: &Journal) {
    for (id, invitation) in &journal.invitations {
        assert_eq!(invitation.is_open(), invitation.pending().next().is_some(), "{id}");
    }
}

fn open_counts_are_right(journal: &Journal, ledger: &Ledger) {
    for user in journal.profiles.keys() {
        if let Ok(count) = ledger.open_count(user) {
            assert_eq!(count, journal.open_of(user).count(), "open invitations of {user}");
        }
        if let Ok(loaded) = ledger.open_lasting(user) {
            let loaded: BTreeSet<&InviteId> = loaded.into_iter().map(|to| &to.lasting.id).collect();
            let written = journal.open_of(user).filter(|one| one.is_lasting());
            assert_eq!(loaded, written.map(|one| &one.id).collect(), "without deadline, of {user}");
        }
    }
    for group in journal.groups.keys() {
        if let Ok(open) = ledger.open_in_group(group) {
            let loaded: BTreeSet<&InviteId> = open.iter().map(OpenInGroup::id).collect();
            let written = journal.open_in(group);
            assert_eq!(loaded, written.map(|one| &one.id).collect(), "open invitations in {group}");
        }
    }
}

/// Parties and members, also those who go with this very step; of an invitation among its parties only they.
fn only_those_who_may_see_are_told(before: &Before, journal: &Journal, event: &PlacedEvent) {
    let Some(mark) = &event.invitation else { return };
    let invitation = &journal.invitations[&mark.id];
    let was_member = |user: &UserId| {
        let group = invitation.group().and_then(|id| before.groups.get(id));
        group.is_some_and(|group| group.has(user))
    };
    for place in &event.places {
        let party = invitation.is_party(&place.user);
        let may_see = match (invitation.group(), invitation.notify()) {
            (None, _) => party,
            (Some(_), Notify::Parties) => party && was_member(&place.user),
            (Some(_), Notify::Members) => was_member(&place.user),
        };
        assert!(may_see, "{} is told of {}: {:?}", place.user, mark.id, event.event);
    }
}

/// An event that is a message has its place in a history; one that leaves no trace has none, nor has the end that comes
/// with the end of its group.
fn every_action_has_its_message(journal: &Journal, event: &PlacedEvent) {
    let history = |group: Option<GroupId>| group.is_none_or(|group| journal.groups.contains_key(&group));
    let said = read(event);
    let is_message = !event.online_only
        && match said.of_invitation() {
            Some(
                InvitationEvent::Received(_) | InvitationEvent::Accepted(_) | InvitationEvent::Rejected(_),
            ) => true,
            Some(InvitationEvent::Cancelled(closed) | InvitationEvent::TimedOut(closed)) => {
                history(closed.group_id.clone())
            }
            Some(InvitationEvent::Modified(_)) => false,
            None => matches!(said, Event::MessageReceived(_)),
        };
    assert_eq!(event.message.is_some(), is_message, "{:?}", event.event);
}

fn cursors_run_without_gap(journal: &Journal) {
    for (user, stream) in &journal.streams {
        let cursors = stream.iter().map(|(cursor, _)| *cursor);
        assert!(cursors.eq(1..=stream.len() as u64), "the stream of {user}");
    }
}

fn everybody_is_told_once(journal: &Journal) {
    for (user, stream) in &journal.streams {
        let events: BTreeSet<_> = stream.iter().map(|(_, event)| Arc::as_ptr(event)).collect();
        assert_eq!(events.len(), stream.len(), "an event is twice in the stream of {user}");
    }
}

/// Of a group whose ID was used again, the last one's history.
fn conversations_run_without_gap(log: &[Arc<PlacedEvent>], journal: &Journal) {
    let mut last = BTreeMap::new();
    for mark in log.iter().filter_map(|event| event.message.as_ref()) {
        let before = last.insert(mark.conversation.clone(), mark.seq).unwrap_or(0);
        assert!(
            mark.seq == before + 1 || mark.seq == 1,
            "{} goes from {before} to {}",
            mark.conversation,
            mark.seq
        );
    }
    for (conversation, messages) in &journal.conversations {
        assert_eq!(last.get(conversation), Some(&(messages.len() as u64)), "{conversation}");
    }
}

fn versions_run_without_gap(log: &[Arc<PlacedEvent>], journal: &Journal) {
    for (id, invitation) in &journal.invitations {
        let marks = log.iter().filter_map(|event| event.invitation.as_ref());
        let versions = marks.filter(|mark| mark.id == *id).map(|mark| mark.version);
        // Nobody is told of being closed for its age, nor of one whose inviter accepted another instead.
        let quiet = [EndReason::Expired, EndReason::Merged].iter().any(|end| ended_as(invitation, *end));
        let quiet = u32::from(quiet);
        assert!(versions.eq(1..=invitation.version - quiet), "the events of {id}");
    }
}

fn one_timeout_event_each(log: &[Arc<PlacedEvent>], journal: &Journal) {
    for (id, invitation) in &journal.invitations {
        let of_this = log.iter().filter(|event| event.invitation.as_ref().is_some_and(|mark| mark.id == *id));
        let mut told = Vec::new();
        for event in of_this {
            if let Event::InvitationTimedOut(closed) = read(event) {
                told.push(closed.invitee_list);
            }
        }
        let late: Vec<UserId> = invitation
            .invitees()
            .iter()
            .filter(|invitee| invitee.state() == InviteeState::TimedOut)
            .map(|invitee| invitee.user.clone())
            .collect();
        let expected =
            if late.is_empty() || ended_as(invitation, EndReason::Expired) { vec![] } else { vec![late] };
        assert_eq!(told, expected, "the timeout of {id}");
    }
}

fn ended_as(invitation: &Invitation, reason: EndReason) -> bool {
    invitation.end.as_ref().is_some_and(|end| end.reason() == reason)
}

/// The event as a client reads it.
pub(crate) fn read(event: &PlacedEvent) -> Event {
    let text = format!("{{{}", shared(&event.event));
    Event::read(&text).expect("an event is JSON").expect("its type is known")
}
