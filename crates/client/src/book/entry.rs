//! One invitation in the book, and what an event makes of it.

use wigwag_protocol::event::{Cause, InvitationAnswered, InvitationClosed, InvitationReceived};
use wigwag_protocol::invitation::{EndReason, InvitationView, Invitee, InviteeState, Status};
use wigwag_protocol::{InvitationEvent, InviteId, UserId};

use super::{Edition, Moment};

#[derive(Debug)]
pub(super) struct Entry {
    pub(super) page: Page,
    /// The edition that changed it last.
    pub(super) changed: Edition,
}

#[derive(Debug)]
pub(super) enum Page {
    /// Only a version is known: something happened to an invitation that nothing has shown.
    Unseen { version: u32 },
    /// The invitation.
    Held(Box<Held>),
}

#[derive(Debug)]
pub(super) struct Held {
    /// As the server would show it.
    pub(super) view: InvitationView,
    /// When `view.remaining_ms` was right, by the machine's clock in ms.
    pub(super) heard_at: u64,
}

impl Entry {
    pub(super) fn is_open(&self) -> bool {
        self.page.held().is_some_and(Held::is_open)
    }
}

impl Page {
    pub(super) fn version(&self) -> u32 {
        match self {
            Self::Unseen { version } => *version,
            Self::Held(held) => held.view.version,
        }
    }

    pub(super) fn held(&self) -> Option<&Held> {
        match self {
            Self::Unseen { .. } => None,
            Self::Held(held) => Some(held),
        }
    }
}

impl Held {
    /// An invitation that is new.
    pub(super) fn received(event: &InvitationReceived, moment: Moment) -> Self {
        let view = InvitationView {
            invite_id: event.invite_id.clone(),
            inviter: event.inviter.clone(),
            inviter_device: event.device.clone(),
            group_id: event.group_id.clone(),
            invitees: event.invitee_list.iter().map(|user| invitee(user, event, moment.time)).collect(),
            answers_left_out: false,
            data: event.data.clone(),
            timeout: event.timeout,
            created_at: moment.time,
            deadline: event.deadline,
            remaining_ms: moment.remaining_ms,
            online_user_only: event.online_user_only,
            progress: event.progress,
            quiet: moment.quiet,
            call: event.call.clone(),
            status: Status::Open,
            end_reason: None,
            version: event.version,
        };
        let mut held = Self { view, heard_at: moment.heard_at };
        if held.all(InviteeState::Rejected) {
            held.end(EndReason::Completed);
        }
        held
    }

    pub(super) fn is_open(&self) -> bool {
        self.view.status == Status::Open
    }

    /// Orders the oldest first.
    pub(super) fn age(&self) -> (u64, InviteId) {
        (self.view.created_at, self.view.invite_id.clone())
    }

    pub(super) fn view_at(&self, now: u64) -> InvitationView {
        let mut view = self.view.clone();
        let passed = now.saturating_sub(self.heard_at);
        view.remaining_ms = view.remaining_ms.map(|left| left.saturating_sub(passed));
        view
    }

    /// Whether `view` is newer. An invitation whose end is known never changes again.
    pub(super) fn gives_way_to(&self, view: &InvitationView) -> bool {
        self.view.version < view.version && self.view.end_reason.is_none()
    }

    /// When its time is over, by the machine's clock in ms; `None` when it has ended or has no deadline.
    pub(super) fn ends_at(&self) -> Option<u64> {
        self.view.remaining_ms.filter(|_| self.is_open()).map(|left| self.heard_at + left)
    }

    /// It has ended, and nobody said how.
    pub(super) fn close(&mut self) {
        self.view.status = Status::Ended;
        self.view.quiet = false;
        self.view.remaining_ms = None;
    }

    /// What a newer event makes of it. `time` is the event's, server time in ms.
    pub(super) fn advance(&mut self, event: InvitationEvent<'_>, time: u64) {
        self.view.version = event.version();
        match event {
            // The first version is never newer than what is held.
            InvitationEvent::Received(_) => {}
            InvitationEvent::Accepted(answer) => self.answered(answer, InviteeState::Accepted, time),
            InvitationEvent::Rejected(answer) => {
                let state =
                    if answer.reason.is_some() { InviteeState::Removed } else { InviteeState::Rejected };
                self.answered(answer, state, time);
            }
            InvitationEvent::Cancelled(closed) => {
                self.settle_listed(closed, InviteeState::Cancelled, time);
                if !closed.still_open {
                    self.end(cancelled_by(closed.reason));
                }
            }
            InvitationEvent::TimedOut(closed) => {
                self.settle_listed(closed, InviteeState::TimedOut, time);
                let nobody_answered = self.all(InviteeState::TimedOut);
                self.end(if nobody_answered { EndReason::TimedOut } else { EndReason::Completed });
            }
            InvitationEvent::Modified(modified) => self.view.data.clone_from(&modified.data),
        }
    }

    fn answered(&mut self, answer: &InvitationAnswered, state: InviteeState, time: u64) {
        for invitee in self.view.invitees.iter_mut().filter(|invitee| invitee.user_id == answer.invitee) {
            invitee.state = state;
            invitee.at = Some(time);
            invitee.device.clone_from(&answer.device);
            invitee.data.clone_from(&answer.data);
        }
        if !self.view.invitees.iter().any(|invitee| invitee.state == InviteeState::Pending) {
            self.end(EndReason::Completed);
        }
    }

    fn settle_listed(&mut self, closed: &InvitationClosed, state: InviteeState, time: u64) {
        let waiting = self.view.invitees.iter_mut().filter(|invitee| invitee.state == InviteeState::Pending);
        for invitee in waiting.filter(|invitee| closed.invitee_list.contains(&invitee.user_id)) {
            invitee.state = state;
            invitee.at = Some(time);
        }
    }

    fn all(&self, state: InviteeState) -> bool {
        self.view.invitees.iter().all(|invitee| invitee.state == state)
    }

    fn end(&mut self, reason: EndReason) {
        self.close();
        self.view.end_reason.get_or_insert(reason);
    }
}

/// Whoever is in another call counts as rejected from the beginning.
fn invitee(user: &UserId, event: &InvitationReceived, time: u64) -> Invitee {
    let busy = event.busy.contains(user);
    Invitee {
        user_id: user.clone(),
        state: if busy { InviteeState::Rejected } else { InviteeState::Pending },
        at: busy.then_some(time),
        device: None,
        data: String::new(),
        busy,
        devices: Vec::new(),
    }
}

fn cancelled_by(cause: Option<Cause>) -> EndReason {
    match cause {
        Some(Cause::InviterLeft) => EndReason::InviterLeft,
        Some(Cause::GroupDismissed) => EndReason::GroupDismissed,
        Some(Cause::CallOver) => EndReason::CallOver,
        // An invitee who leaves settles for themselves alone; no cancel has this cause.
        Some(Cause::LeftGroup) | None => EndReason::Cancelled,
    }
}
