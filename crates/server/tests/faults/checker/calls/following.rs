//! Follows each user through their stream: the versions of each call that they know, when each is over, and which one they
//! are in.

use std::collections::{BTreeMap, BTreeSet};

use super::super::invitations::BUSY;
use super::super::{Facts, Findings};
use super::thread::{Calling, Hearing, Thread};
use super::word;
use crate::model::Event;

pub(super) fn check(facts: &Facts, found: &mut Findings) {
    let callings = callings(facts);
    for (row, user) in &facts.tables.users {
        let mut follower = Follower::new(facts, &callings, user);
        for (_, event) in facts.tables.streams.range((*row, 0)..=(*row, u64::MAX)) {
            follower.hears(&facts.tables.events[event]);
        }
        follower.has_heard_everything();
        found.violations.extend(follower.wrong);
    }
}

/// The versions that each invitation into a running call gave it. Whoever was not in the call comes in by inviting, in the same
/// decision.
fn callings(facts: &Facts) -> BTreeMap<&str, Calling> {
    let events = || facts.tables.events.values();
    let came_in: BTreeSet<_> = events()
        .filter(|event| event.kind() == "call.joined")
        .map(|event| (event.text("callID"), version(event), event.text("userID"), event.time))
        .collect();
    let invited = events().filter(|event| event.kind() == "call.invited");
    let calling = |event: &Event| {
        let at = version(event);
        let before = at.saturating_sub(1);
        let inviter_came_in = came_in.contains(&(event.text("callID"), before, event.text("by"), event.time));
        Calling { from: if inviter_came_in { before } else { at }, at }
    };
    invited.map(|event| (event.text("inviteID"), calling(event))).collect()
}

fn version(event: &Event) -> u32 {
    event.body["version"].as_u64().and_then(|version| u32::try_from(version).ok()).unwrap_or(0)
}

/// One user on the way through their stream.
struct Follower<'a> {
    facts: &'a Facts,
    callings: &'a BTreeMap<&'a str, Calling>,
    user: &'a str,
    threads: BTreeMap<&'a str, Thread>,
    /// The calls that they are in.
    joined: BTreeSet<&'a str>,
    /// The groups that they are a member of.
    groups: BTreeSet<&'a str>,
    /// The time of the last event. All events of one decision have the same: who goes to another call is in both meanwhile.
    time: u64,
    wrong: Vec<String>,
}

impl<'a> Follower<'a> {
    fn new(facts: &'a Facts, callings: &'a BTreeMap<&'a str, Calling>, user: &'a str) -> Self {
        let (threads, joined, groups) = (BTreeMap::new(), BTreeSet::new(), BTreeSet::new());
        Self { facts, callings, user, threads, joined, groups, time: 0, wrong: Vec::new() }
    }

    fn hears(&mut self, event: &'a Event) {
        if event.time != self.time {
            self.is_in_one_call_at_most();
            self.time = event.time;
        }
        match event.kind() {
            "group.membersAdded" if self.is_named(event, "userIDs") => {
                self.groups.insert(event.text("groupID"));
            }
            "group.membersRemoved" if self.is_named(event, "userIDs") => self.leaves(event.text("groupID")),
            "call.seen" | "call.signal" => {}
            kind if kind.starts_with("call.") => self.hears_step(event),
            kind if kind.starts_with("invitation.") => self.hears_of_invitation(event),
            _ => {}
        }
    }

    fn leaves(&mut self, group: &str) {
        self.groups.remove(group);
        for (call, thread) in &mut self.threads {
            let is_of_group = self.facts.tables.calls.get(*call).and_then(|call| call.group()) == Some(group);
            thread.may_miss |= is_of_group && !thread.is_inside();
        }
    }

    fn hears_step(&mut self, event: &'a Event) {
        let call = event.text("callID");
        let hearing = match event.kind() {
            "call.joined" if event.text("userID") == self.user => Hearing::Enters,
            "call.hungUp" if event.text("userID") == self.user => Hearing::Goes,
            "call.declined" if self.is_named(event, "userIDs") => Hearing::Goes,
            "call.invited" if self.is_named(event, "userIDs") => Hearing::Rings,
            _ => Hearing::Others,
        };
        let ends = event.body["endReason"].as_str();
        let grew = event.kind() == "call.invited";
        let told = self.thread(call).step(version(event), hearing, ends);
        self.thread(call).is_between_two &= !grew;
        self.note(call, told, event);
        self.check_end(call, ends, event);
    }

    /// An invitation's event is a step of its call when that is between two; it says whether the user rings or comes in, too.
    fn hears_of_invitation(&mut self, event: &'a Event) {
        let id = event.text("inviteID");
        let row = self.facts.invitation_rows.get(id);
        let invitation = row.and_then(|row| self.facts.tables.invitations.get(row));
        let Some(call) = invitation.and_then(|invitation| invitation.call_id()) else { return };
        let opens = call == id;
        let hearing = self.of_invitation(event, opens);
        if event.kind() == "invitation.received" {
            let ends = (opens && is_all_busy(event)).then_some("busy");
            let is_for_two = self.facts.tables.calls.get(call).is_some_and(|call| call.group().is_none());
            let told = if opens {
                self.thread(call).opens(is_for_two, hearing)
            } else {
                let calling = self.callings.get(id).copied();
                self.thread(call).called(calling, hearing)
            };
            self.note(call, told, event);
            if ends.is_some() {
                self.thread(call).ends(ends);
                self.joined.remove(call);
                self.check_end(call, ends, event);
            }
            return;
        }
        let ends = match event.kind() {
            "invitation.rejected" => Some("rejected"),
            "invitation.cancelled" => Some("cancelled"),
            "invitation.timedOut" => Some("timedOut"),
            _ => None,
        };
        let is_step = opens && (ends.is_some() || event.kind() == "invitation.accepted");
        if is_step && self.thread(call).is_between_two && !self.thread(call).is_over() {
            let told = self.thread(call).unnumbered_step(hearing, ends);
            self.note(call, told, event);
            self.check_end(call, ends, event);
        } else {
            let told = self.thread(call).moves(hearing);
            self.note(call, told, event);
        }
    }

    fn of_invitation(&self, event: &Event, opens: bool) -> Hearing {
        let (is_mine, is_named) = (event.text("invitee") == self.user, self.is_named(event, "inviteeList"));
        match event.kind() {
            "invitation.received" if event.text("inviter") == self.user => {
                if opens && is_all_busy(event) {
                    Hearing::Others
                } else {
                    Hearing::Enters
                }
            }
            "invitation.received" if is_named && !self.is_named(event, BUSY) => Hearing::Rings,
            "invitation.accepted" if is_mine => Hearing::Enters,
            "invitation.rejected" if is_mine => Hearing::RingsNoMore,
            "invitation.cancelled" | "invitation.timedOut" if is_named => Hearing::RingsNoMore,
            _ => Hearing::Others,
        }
    }

    fn is_named(&self, event: &Event, list: &str) -> bool {
        event.names(list).any(|user| user == self.user)
    }

    fn thread(&mut self, call: &'a str) -> &mut Thread {
        self.threads.entry(call).or_default()
    }

    /// What the step says of the end is what the record says.
    fn check_end(&mut self, call: &str, ends: Option<&str>, event: &Event) {
        let end = self.facts.tables.calls.get(call).and_then(|call| call.end);
        let kept = end.map(|end| word(end.reason));
        if ends.is_some() && ends != kept.as_deref() {
            self.wrong.push(format!(
                "{} is told that {call} ended by {ends:?}, its record says {kept:?}: {}",
                self.user, event.body
            ));
        }
    }

    fn note(&mut self, call: &'a str, told: Result<(), String>, event: &Event) {
        let group = self.facts.tables.calls.get(call).and_then(|call| call.group());
        let is_outsider = group.is_some_and(|group| !self.groups.contains(group));
        let thread = self.threads.entry(call).or_default();
        thread.may_miss |= is_outsider && !thread.is_inside();
        if thread.has_joined() {
            self.joined.insert(call);
        } else {
            self.joined.remove(call);
        }
        if let Err(words) = told {
            self.wrong.push(format!("{} {words} of {call}: {}", self.user, event.body));
        }
    }

    fn is_in_one_call_at_most(&mut self) {
        if self.joined.len() > 1 {
            let joined: Vec<&&str> = self.joined.iter().collect();
            self.wrong.push(format!("{} is in {joined:?} at {}", self.user, self.time));
        }
    }

    /// Of each call that they know they were told the end, unless they are not in its group any more.
    fn has_heard_everything(&mut self) {
        self.is_in_one_call_at_most();
        for (call, thread) in &self.threads {
            let Some(record) = self.facts.tables.calls.get(*call) else {
                self.wrong.push(format!("{} was told of {call}, which is not in the tables", self.user));
                continue;
            };
            let heard = thread.version();
            let knows_all = thread.is_over() && heard.is_none_or(|heard| heard == record.version);
            // Members of a group hear that somebody is invited from it into a call of two, and nothing of that call.
            let is_theirs = record.group().is_some() || record.person(self.user).is_some();
            if is_theirs && !knows_all && !thread.may_miss {
                self.wrong.push(format!(
                    "{} heard of {call} up to version {heard:?}, over: {}; its record says {}",
                    self.user,
                    thread.is_over(),
                    record.version
                ));
            }
        }
    }
}

fn is_all_busy(event: &Event) -> bool {
    event.names(BUSY).count() == event.invitees().count()
}
