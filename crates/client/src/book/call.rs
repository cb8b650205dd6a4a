//! One call as this device was told of it, and what a step makes of it.

use wigwag_protocol::call::{CallEndReason, CallLink, CallView, LeaveReason, PersonState, PersonView};
use wigwag_protocol::event::{InvitationClosed, InvitationReceived};
use wigwag_protocol::{Device, Event, InviteId, UserId};

/// A call that is known, with the moment from which its duration counts on.
#[derive(Debug)]
pub(crate) struct Known {
    /// As the server would show it.
    pub(crate) view: CallView,
    /// When `view.duration_ms` was right, by the machine's clock in ms.
    pub(super) heard_at: u64,
}

/// When a step happened.
#[derive(Debug, Clone, Copy)]
pub(super) struct When {
    /// Server time in ms.
    pub(super) time: u64,
    /// By the machine's clock in ms.
    pub(super) heard_at: u64,
}

impl Known {
    /// The call that an invitation begins.
    pub(super) fn begins(event: &InvitationReceived, link: &CallLink, when: When) -> Self {
        let mut call = Self {
            view: CallView {
                link: link.clone(),
                group_id: event.group_id.clone(),
                caller: event.inviter.clone(),
                created_at: when.time,
                answered_at: None,
                people: Vec::new(),
                ended_at: None,
                end_reason: None,
                duration_ms: 0,
                missed: false,
                version: 1,
            },
            heard_at: when.heard_at,
        };
        call.enter(&event.inviter, event.device.as_ref(), when);
        call.invite(&event.invite_id, &event.invitee_list, &event.busy, when);
        if !call.has(PersonState::Ringing) {
            call.end(CallEndReason::Busy, None, when);
        }
        call
    }

    pub(super) fn is_running(&self) -> bool {
        self.view.ended_at.is_none()
    }

    /// Whether it is to be shown to `user` as a missed call: they were called, neither came nor said no, and do not ring.
    pub(super) fn was_missed_by(&self, user: &UserId) -> bool {
        self.person(user).is_some_and(|person| match person.state {
            PersonState::Busy | PersonState::TimedOut | PersonState::Cancelled => person.joined_at.is_none(),
            PersonState::Ringing
            | PersonState::Joined
            | PersonState::Left
            | PersonState::Rejected
            | PersonState::Removed => false,
        })
    }

    /// Whether the events of its one invitation are all that tells of it.
    pub(super) fn is_between_two(&self) -> bool {
        self.view.group_id.is_none() && self.view.people.len() <= 2
    }

    pub(crate) fn person(&self, user: &UserId) -> Option<&PersonView> {
        self.view.people.iter().find(|person| person.user_id == *user)
    }

    fn has(&self, state: PersonState) -> bool {
        self.view.people.iter().any(|person| person.state == state)
    }

    pub(super) fn view_at(&self, now: u64) -> CallView {
        let mut view = self.view.clone();
        if view.answered_at.is_some() && self.is_running() {
            view.duration_ms += now.saturating_sub(self.heard_at);
        }
        view
    }

    /// What the next step, which `event` tells, makes of it.
    pub(super) fn follow(&mut self, event: &Event, when: When) {
        match event {
            Event::InvitationAccepted(event) => self.enter(&event.invitee, event.device.as_ref(), when),
            Event::InvitationRejected(event) => {
                self.decline(std::slice::from_ref(&event.invitee), PersonState::Rejected, when);
                self.end(CallEndReason::Rejected, None, when);
            }
            Event::InvitationCancelled(event) => self.closed(event, PersonState::Cancelled, when),
            Event::InvitationTimedOut(event) => self.closed(event, PersonState::TimedOut, when),
            Event::CallInvited(event) => self.invite(&event.invite_id, &event.user_ids, &event.busy, when),
            Event::CallJoined(event) => self.enter(&event.user_id, event.device.as_ref(), when),
            Event::CallDeclined(event) => {
                self.decline(&event.user_ids, event.state, when);
                if let Some(reason) = event.end_reason {
                    self.end(reason, None, when);
                }
            }
            Event::CallHungUp(event) => {
                self.put(&event.user_id, PersonState::Left, when).reason = Some(event.reason);
                if let Some(reason) = event.end_reason {
                    self.end(reason, Some(event.duration_ms), when);
                }
            }
            Event::CallEnded(event) => self.end(event.end_reason, Some(event.duration_ms), when),
            Event::InvitationReceived(_)
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
            | Event::Unblocked(_) => {}
        }
    }

    /// The one invitation into a call between two ended without an answer.
    fn closed(&mut self, event: &InvitationClosed, state: PersonState, when: When) {
        self.decline(&event.invitee_list, state, when);
        let timed_out = state == PersonState::TimedOut;
        self.end(if timed_out { CallEndReason::TimedOut } else { CallEndReason::Cancelled }, None, when);
    }

    fn invite(&mut self, id: &InviteId, invited: &[UserId], busy: &[UserId], when: When) {
        for user in invited.iter().chain(busy) {
            let state = if busy.contains(user) { PersonState::Busy } else { PersonState::Ringing };
            self.put(user, state, when).invite_id = Some(id.clone());
        }
    }

    fn enter(&mut self, user: &UserId, device: Option<&Device>, when: When) {
        let person = self.put(user, PersonState::Joined, when);
        person.device = device.cloned();
        person.joined_at.get_or_insert(when.time);
        let joined = self.view.people.iter().filter(|person| person.state == PersonState::Joined).count();
        if joined > 1 && self.view.answered_at.is_none() {
            self.view.answered_at = Some(when.time);
            self.heard_at = when.heard_at;
        }
    }

    fn decline(&mut self, users: &[UserId], state: PersonState, when: When) {
        for user in users {
            if self.person(user).is_some_and(|person| person.state == PersonState::Ringing) {
                self.put(user, state, when);
            }
        }
    }

    /// Nobody is in a call that is over, and nobody rings. Without `duration_ms` it is counted from the answer.
    fn end(&mut self, reason: CallEndReason, duration_ms: Option<u64>, when: When) {
        for person in &mut self.view.people {
            match person.state {
                PersonState::Joined => {
                    person.state = PersonState::Left;
                    person.reason = Some(LeaveReason::CallEnded);
                }
                PersonState::Ringing => person.state = PersonState::Cancelled,
                PersonState::Left
                | PersonState::Rejected
                | PersonState::Busy
                | PersonState::TimedOut
                | PersonState::Cancelled
                | PersonState::Removed => continue,
            }
            person.at = when.time;
            person.device = None;
        }
        let talked = self.view.answered_at.map_or(0, |since| when.time.saturating_sub(since));
        self.view.ended_at = Some(when.time);
        self.view.end_reason = Some(reason);
        self.view.duration_ms = duration_ms.unwrap_or(talked);
    }

    /// Whether somebody besides `user` is in it.
    pub(crate) fn has_others_than(&self, user: &UserId) -> bool {
        self.others(user, PersonState::Joined) > 0
    }

    /// Why the call is over when `user`, who is in it with somebody, hangs up; `None` while the others go on.
    pub(crate) fn ends_without(&self, user: &UserId) -> Option<CallEndReason> {
        let (joined, ringing) =
            (self.others(user, PersonState::Joined), self.others(user, PersonState::Ringing));
        (joined == 1 && ringing == 0).then_some(CallEndReason::HungUp)
    }

    /// The invitations that ring in it, by the people they ring.
    pub(crate) fn rings_by(&self) -> impl Iterator<Item = &InviteId> {
        let ringing = self.view.people.iter().filter(|person| person.state == PersonState::Ringing);
        ringing.filter_map(|person| person.invite_id.as_ref())
    }

    fn others(&self, user: &UserId, state: PersonState) -> usize {
        let others = self.view.people.iter().filter(|person| person.user_id != *user);
        others.filter(|person| person.state == state).count()
    }

    /// Each user stands once, at the place where they were first named.
    fn put(&mut self, user: &UserId, state: PersonState, when: When) -> &mut PersonView {
        let people = &mut self.view.people;
        let place = people.iter().position(|person| person.user_id == *user).unwrap_or(people.len());
        if place == people.len() {
            people.push(PersonView {
                user_id: user.clone(),
                state,
                at: when.time,
                device: None,
                invite_id: None,
                joined_at: None,
                reason: None,
            });
        }
        let person = &mut people[place];
        *person = PersonView { state, at: when.time, device: None, reason: None, ..person.clone() };
        person
    }
}
