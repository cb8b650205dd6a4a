//! The calls that this device knows of: who is in them, who rings, and how they ended.
//!
//! A call is known from the invitation that begins it, or from a reply that shows it (`call.get`, `call.list`). From then on
//! its steps are followed: each raises its version by one. What the events of an invitation tell of a call between two is a
//! step, too, although they name no version of the call. After a step that was not told, as to somebody who had not come in
//! yet, only the version is known, until a reply shows the call again.

use std::collections::BTreeMap;

use wigwag_protocol::call::{CallLink, CallView};
use wigwag_protocol::event::InvitationReceived;
use wigwag_protocol::params::CallOnly;
use wigwag_protocol::{CallId, Event, InvitationEvent, UserId};

use super::Moment;
use super::call::{Known, When};

/// Most calls that are kept, those of which only the version is known included. The ones that changed longest ago go first.
const MOST: usize = 200;

/// The calls that this device knows of.
#[derive(Debug, Default)]
pub struct CallBook {
    entries: BTreeMap<CallId, Entry>,
    changes: u64,
}

#[derive(Debug)]
struct Entry {
    version: u32,
    /// `None` when only the version is known.
    known: Option<Known>,
    /// The change of the book that changed it last.
    changed: u64,
}

/// What the app may read. `now` is the time of the machine's clock in ms, to which the duration of a running call is counted.
impl CallBook {
    /// The calls that are running, oldest first.
    pub fn running(&self, now: u64) -> Vec<CallView> {
        let mut running: Vec<CallView> =
            self.known().filter(|call| call.is_running()).map(|call| call.view_at(now)).collect();
        running.sort_by_key(|view| view.created_at);
        running
    }

    /// One call, running or over; `None` when it is not known.
    pub fn get(&self, id: &CallId, now: u64) -> Option<CallView> {
        Some(self.entries.get(id)?.known.as_ref()?.view_at(now))
    }
}

/// What the machine writes.
impl CallBook {
    /// Follows an event, heard by `me`.
    pub(crate) fn hear(&mut self, event: &Event, moment: Moment, me: &UserId) {
        let when = When { time: moment.time, heard_at: moment.heard_at };
        if let Event::InvitationReceived(received) = event {
            return self.begin(received, when, me);
        }
        let Some((id, version)) = self.named_by(event) else { return };
        match self.entries.get_mut(&id) {
            Some(entry) if version <= entry.version => return,
            Some(Entry { version: before, known: Some(call), .. }) if *before + 1 == version => {
                call.follow(event, when);
                call.view.version = version;
                call.view.missed = call.was_missed_by(me);
                *before = version;
            }
            Some(_) | None => self.put(&id, version, None),
        }
        self.changed(&id);
    }

    /// Takes a call as the server shows it.
    pub(crate) fn take(&mut self, view: CallView, now: u64) {
        let id = view.link.call_id.clone();
        let fits = self.entries.get(&id).is_none_or(|entry| match entry.known {
            Some(_) => entry.version < view.version,
            None => entry.version <= view.version,
        });
        if fits {
            self.put(&id, view.version, Some(Known { view, heard_at: now }));
            self.changed(&id);
        }
    }

    /// The running call that `which` names.
    pub(crate) fn find(&self, which: &CallOnly) -> Option<&Known> {
        self.known().filter(|call| call.is_running()).find(|call| is_named(&call.view.link, which))
    }

    /// A call is named as the invitation that begins it. Of a call into which somebody is invited later, their invitation says
    /// too little.
    fn begin(&mut self, event: &InvitationReceived, when: When, me: &UserId) {
        let begun = event.call.as_ref().filter(|link| link.call_id == CallId::opened_by(&event.invite_id));
        if let Some(link) = begun.filter(|link| !self.entries.contains_key(&link.call_id)) {
            let mut call = Known::begins(event, link, when);
            call.view.missed = call.was_missed_by(me);
            self.put(&link.call_id, 1, Some(call));
            self.changed(&link.call_id);
        }
    }

    /// The call of which an event tells a step, and the version after it. An event of an invitation tells one only in a call
    /// between two.
    fn named_by(&self, event: &Event) -> Option<(CallId, u32)> {
        if let Some((id, version)) = head(event) {
            return Some((id.clone(), version));
        }
        let about = event.of_invitation()?;
        // A reply may have shown the call as it is after the event, which is no step then.
        let rings = |call: &&Known| call.rings_by().any(|id| id == about.invite_id());
        let call = self.known().filter(|call| call.is_running() && call.is_between_two()).find(rings)?;
        let steps = !matches!(about, InvitationEvent::Modified(_));
        steps.then(|| (call.view.link.call_id.clone(), call.view.version + 1))
    }

    fn put(&mut self, id: &CallId, version: u32, known: Option<Known>) {
        self.entries.insert(id.clone(), Entry { version, known, changed: 0 });
    }

    fn changed(&mut self, id: &CallId) {
        self.changes += 1;
        if let Some(entry) = self.entries.get_mut(id) {
            entry.changed = self.changes;
        }
        if self.entries.len() > MOST {
            let oldest = self.entries.iter().min_by_key(|(_, entry)| entry.changed);
            if let Some(id) = oldest.map(|(id, _)| id.clone()) {
                self.entries.remove(&id);
            }
        }
    }

    fn known(&self) -> impl Iterator<Item = &Known> {
        self.entries.values().filter_map(|entry| entry.known.as_ref())
    }
}

/// Whether `which` names the call, or the room, of `link`.
pub(crate) fn is_named(link: &CallLink, which: &CallOnly) -> bool {
    match (&which.call_id, &which.room_id) {
        (Some(id), _) => link.call_id == *id,
        (None, Some(room)) => link.room_id == *room,
        (None, None) => false,
    }
}

/// The call that an event is about, and its version after it.
fn head(event: &Event) -> Option<(&CallId, u32)> {
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
        | Event::ReachChanged(_)
        | Event::QuietChanged(_)
        | Event::StatusChanged(_)
        | Event::Blocked(_)
        | Event::Unblocked(_) => None,
    }
}
