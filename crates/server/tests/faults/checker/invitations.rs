//! Each invitation's events tell one life: versions without gaps, one final state per invitee, one timeout.

use std::collections::{BTreeMap, BTreeSet};

use wigwag_protocol::invitation::InviteeState;

use super::{Facts, Findings};
use crate::model::Event;
use crate::record::Invitation;

/// A deadline that came this shortly before the end may not have been looked at, ms.
const JUST_NOW: u64 = 1_000;

/// Where an event names those who are in another call and do not ring.
pub(super) const BUSY: &str = "busyLineUserIDList";

pub(super) fn check(facts: &Facts, found: &mut Findings) {
    let end = facts.tables.events.values().map(|event| event.time).max().unwrap_or(0);
    for (row, invitation) in &facts.tables.invitations {
        let events: Vec<&Event> = facts
            .of_invitation
            .get(row)
            .map_or(&[][..], Vec::as_slice)
            .iter()
            .map(|id| &facts.tables.events[id])
            .collect();
        let mut wrong = |words: String| found.wrong(format!("invitation {}: {words}", invitation.id()));
        if facts.tables.open.contains(row) != invitation.is_open() {
            wrong("is open in its record or among the open ones, and not in both".to_owned());
        }
        versions_have_no_gaps(invitation, &events, &mut wrong);
        states_are_those_that_were_told(invitation, &events, &mut wrong);
        one_timeout_and_not_too_early(invitation, &events, &mut wrong);
        every_action_made_its_message(&events, &mut wrong);
        both_sides_are_told(facts, invitation, &events, &mut wrong);
        if invitation.is_open() && invitation.deadline().is_some_and(|deadline| deadline + JUST_NOW < end) {
            wrong("is open after its deadline".to_owned());
        }
    }
    for row in facts.of_invitation.keys().filter(|row| !facts.tables.invitations.contains_key(row)) {
        found.wrong(format!("there are events of an invitation in row {row}, which does not exist"));
    }
}

/// One that met the other's call is told to nobody: it was carried out as an accept.
fn versions_have_no_gaps(invitation: &Invitation, events: &[&Event], wrong: &mut impl FnMut(String)) {
    let versions: Vec<u32> = events.iter().filter_map(|event| event.version).collect();
    let is_merged = invitation.merged_into().is_some();
    if is_merged && versions.is_empty() && invitation.version() == 1 {
        return;
    }
    if is_merged || !versions.iter().copied().eq(1..=invitation.version()) {
        wrong(format!("its version is {}, its events have {versions:?}", invitation.version()));
    }
    for event in events {
        if event.body["version"].as_u64() != event.version.map(u64::from) {
            wrong(format!("version {:?} tells {}", event.version, event.body));
        }
    }
}

/// Replays the events: each must find its invitees pending.
fn states_are_those_that_were_told(
    invitation: &Invitation,
    events: &[&Event],
    wrong: &mut impl FnMut(String),
) {
    let mut states: BTreeMap<&str, InviteeState> = BTreeMap::new();
    for event in events {
        let settled: Vec<(&str, InviteeState)> = match event.kind() {
            "invitation.received" => {
                states.extend(event.invitees().map(|user| (user, InviteeState::Pending)));
                states.extend(event.names(BUSY).map(|user| (user, InviteeState::Rejected)));
                continue;
            }
            "invitation.accepted" => vec![(event.text("invitee"), InviteeState::Accepted)],
            "invitation.rejected" if event.text("reason") == "leftGroup" => {
                vec![(event.text("invitee"), InviteeState::Removed)]
            }
            "invitation.rejected" => vec![(event.text("invitee"), InviteeState::Rejected)],
            "invitation.cancelled" => event.invitees().map(|user| (user, InviteeState::Cancelled)).collect(),
            "invitation.timedOut" => event.invitees().map(|user| (user, InviteeState::TimedOut)).collect(),
            _ => continue,
        };
        for (user, state) in settled {
            if states.insert(user, state) != Some(InviteeState::Pending) {
                wrong(format!("{user} was not pending when {} settled them", event.kind()));
            }
        }
    }
    if invitation.merged_into().is_some() {
        states.extend(invitation.invitees().map(|(user, _)| (user, InviteeState::Cancelled)));
    }
    let kept: BTreeMap<&str, InviteeState> = invitation.invitees().collect();
    if kept != states {
        wrong(format!("its record says {kept:?}, its events {states:?}"));
    }
}

fn one_timeout_and_not_too_early(invitation: &Invitation, events: &[&Event], wrong: &mut impl FnMut(String)) {
    let late = invitation.invitees().any(|(_, state)| state == InviteeState::TimedOut);
    let timeouts: Vec<u64> =
        events.iter().filter(|event| event.kind() == "invitation.timedOut").map(|event| event.time).collect();
    if timeouts.len() != usize::from(late) {
        wrong(format!("{} timeouts were told (somebody timed out: {late})", timeouts.len()));
    }
    let deadline = invitation.deadline().unwrap_or(u64::MAX);
    if timeouts.iter().any(|time| *time < deadline) {
        wrong(format!("timed out at {timeouts:?}, before its deadline {deadline}"));
    }
    if events.iter().any(|event| event.time > deadline && answers(event)) {
        wrong("was answered after its deadline".to_owned());
    }
}

fn answers(event: &Event) -> bool {
    matches!(event.kind(), "invitation.accepted" | "invitation.rejected") && event.text("reason").is_empty()
}

/// Every action but `modify` and what is onlineUserOnly has its message, in the same event; a modification names the invite's.
fn every_action_made_its_message(events: &[&Event], wrong: &mut impl FnMut(String)) {
    let seq_of = |event: &Event| event.message.map(|(_, seq)| seq);
    let invites = events.iter().find(|event| event.kind() == "invitation.received");
    let seq_of_invite = invites.and_then(|event| seq_of(event));
    for event in events {
        let modifies = event.kind() == "invitation.modified";
        let wanted = !event.online_only && !modifies;
        let named = if modifies { seq_of_invite } else { seq_of(event) };
        let told = event.body["message"]["seq"].as_u64();
        if event.message.is_some() != wanted || told != named {
            wrong(format!(
                "version {:?} has its message at {:?}, told as {told:?}",
                event.version, event.message
            ));
        }
    }
}

/// One-to-one both sides have every event, unless it reaches only who is online.
fn both_sides_are_told(
    facts: &Facts,
    invitation: &Invitation,
    events: &[&Event],
    wrong: &mut impl FnMut(String),
) {
    if !invitation.is_for_two() {
        return;
    }
    let names = invitation.invitees().map(|(user, _)| user).chain([invitation.inviter()]);
    let parties: BTreeSet<i64> = names.map(|user| facts.rows[user]).collect();
    for event in events {
        let told: BTreeSet<i64> = event.streams.iter().map(|(user, _)| *user).collect();
        if told != parties {
            wrong(format!("{} was told to {told:?}, not to {parties:?}", event.kind()));
        }
    }
}
