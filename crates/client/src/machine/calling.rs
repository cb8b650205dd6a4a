//! What the app's own `call.join` and `call.hangUp` do, as the event that the user's other devices hear. The replies say less:
//! versions and reasons follow from what is known, and the place of a message is not known. So these events go into the books
//! and are not told.

use serde::Deserialize;
use wigwag_protocol::call::{LeaveReason, PersonState};
use wigwag_protocol::event::{CallHungUp, CallJoined, InvitationAnswered, InvitationClosed};
use wigwag_protocol::invitation::{InvitationView, InviteeState};
use wigwag_protocol::params::CallOnly;
use wigwag_protocol::{Event, InviteId, Method, UserId};

use super::acts::{Actor, params};
use crate::book::{Book, KnownCall, is_named};

/// The part of a reply that is the same for both.
#[derive(Debug, Deserialize)]
pub(super) struct Done {
    /// Server time in ms.
    pub(super) time: u64,
}

/// The call that a command enters or leaves; `None` for other commands.
pub(super) fn call_of(method: Method, frame: &str) -> Option<CallOnly> {
    matches!(method, Method::CallJoin | Method::CallHangUp).then(|| params(frame)).flatten()
}

/// What the actor's command has done to `call`, which is as it was before it; `None` where events of their own tell it.
pub(super) fn deed(method: Method, call: &KnownCall, book: &Book, by: Actor, time: u64) -> Option<Event> {
    let person = call.person(&by.user_id);
    let rings = person.filter(|person| person.state == PersonState::Ringing);
    let rung_by = rings.and_then(|person| person.invite_id.as_ref());
    match (method == Method::CallJoin, rung_by) {
        (true, Some(id)) => answered(book, id, by).map(Event::InvitationAccepted),
        (false, Some(id)) => answered(book, id, by).map(Event::InvitationRejected),
        (true, None) => Some(Event::CallJoined(joined(call, by))),
        (false, None) if call.has_others_than(&by.user_id) => Some(Event::CallHungUp(left(call, by, time))),
        (false, None) => taken_back(call, book, by).map(Event::InvitationCancelled),
    }
}

/// What is known of a call by the open invitations into it alone, because the call is not.
pub(super) enum Guess {
    /// What the command did.
    Deed(Box<Event>),
    /// The user's own invitations, which ring on with whoever is in the call, or are cancelled: only the server knows.
    Ask(Vec<InviteId>),
}

/// The same as [`deed`] for a call that is not known.
pub(super) fn guess(method: Method, which: &CallOnly, book: &Book, by: Actor) -> Option<Guess> {
    let mut into = book.open(0);
    into.retain(|view| view.call.as_ref().is_some_and(|link| is_named(link, which)));
    let ringing = into.iter().find(|view| pending(view).contains(&by.user_id));
    let deed = |event| Some(Guess::Deed(Box::new(event)));
    match (method == Method::CallJoin, ringing) {
        (true, Some(view)) => deed(Event::InvitationAccepted(answered(book, &view.invite_id, by)?)),
        (false, Some(view)) => deed(Event::InvitationRejected(answered(book, &view.invite_id, by)?)),
        (true, None) => None,
        (false, None) => {
            let mine = into.into_iter().filter(|view| view.inviter == by.user_id);
            Some(Guess::Ask(mine.map(|view| view.invite_id).collect()))
        }
    }
}

fn answered(book: &Book, id: &InviteId, by: Actor) -> Option<InvitationAnswered> {
    let held = book.view(id)?;
    Some(InvitationAnswered {
        invite_id: held.invite_id.clone(),
        inviter: held.inviter.clone(),
        group_id: held.group_id.clone(),
        invitee: by.user_id,
        data: String::new(),
        version: held.version + 1,
        reason: None,
        device: Some(by.device),
        message: None,
    })
}

/// The first of the actor's invitations; what becomes of the others comes as events.
fn taken_back(call: &KnownCall, book: &Book, by: Actor) -> Option<InvitationClosed> {
    let held = call.rings_by().filter_map(|id| book.view(id)).find(|view| view.inviter == by.user_id)?;
    Some(closed(held, by))
}

fn closed(held: &InvitationView, by: Actor) -> InvitationClosed {
    InvitationClosed {
        invite_id: held.invite_id.clone(),
        inviter: by.user_id,
        group_id: held.group_id.clone(),
        invitee_list: pending(held),
        data: String::new(),
        version: held.version + 1,
        still_open: false,
        invitee_offline: false,
        reason: None,
        device: Some(by.device),
        message: None,
    }
}

fn pending(held: &InvitationView) -> Vec<UserId> {
    let pending = held.invitees.iter().filter(|invitee| invitee.state == InviteeState::Pending);
    pending.map(|invitee| invitee.user_id.clone()).collect()
}

fn joined(call: &KnownCall, by: Actor) -> CallJoined {
    let view = &call.view;
    CallJoined {
        call_id: view.link.call_id.clone(),
        room_id: view.link.room_id.clone(),
        group_id: view.group_id.clone(),
        version: view.version + 1,
        user_id: by.user_id,
        device: Some(by.device),
    }
}

fn left(call: &KnownCall, by: Actor, time: u64) -> CallHungUp {
    let view = &call.view;
    let end_reason = call.ends_without(&by.user_id);
    CallHungUp {
        call_id: view.link.call_id.clone(),
        room_id: view.link.room_id.clone(),
        group_id: view.group_id.clone(),
        version: view.version + 1,
        user_id: by.user_id,
        reason: LeaveReason::HungUp,
        duration_ms: view.answered_at.map_or(0, |since| time.saturating_sub(since)),
        end_reason,
    }
}
