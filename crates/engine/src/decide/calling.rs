//! Invitations into calls: where the call takes place, who is busy, and two who call each other.

use std::sync::Arc;

use wigwag_protocol::call::CallLink;
use wigwag_protocol::params::CallWish;
use wigwag_protocol::{CallId, InviteId, RoomId, UserId};

use super::call::{call_with, check_size, come_in, leave_others, take};
use super::draft::Draft;
use crate::call::{Call, Circle, Step};
use crate::command::{Invite, Invited};
use crate::invitation::{Guests, Invitation, Invitee};
use crate::limits::WhenBusy;
use crate::refusal::Field;
use crate::{Actor, Refusal, Stop};

/// Longest word for what a call carries, bytes.
const MEDIA_TYPE_BYTES: usize = 32;

/// The word is checked in every invite, also where the call has one already and it counts for nothing.
pub(super) fn check_media_type(call: &CallWish) -> Result<(), Stop> {
    if (1..=MEDIA_TYPE_BYTES).contains(&call.media_type.len()) {
        return Ok(());
    }
    Err(Refusal::BadLength(Field::MediaType, MEDIA_TYPE_BYTES).into())
}

/// The call that an invitation leads into: it begins with the invitation, or is running.
pub(super) fn place(
    draft: &mut Draft<'_>,
    actor: &Actor,
    id: &InviteId,
    wish: &Invite,
) -> Result<Option<Arc<Call>>, Stop> {
    let Some(call) = &wish.call else { return Ok(None) };
    if let Some(running) = running(draft, call)? {
        let is_open = running.has_joined(&actor.user) || is_own_group(&running, &wish.invited);
        return if is_open { Ok(Some(running)) } else { Err(Refusal::RoomTaken.into()) };
    }
    check_name(draft, wish)?;
    let circle = circle(draft, &wish.invited)?;
    let room_id = match &call.room_id {
        Some(room) => room.clone(),
        None => RoomId::parse(&draft.chance.fresh_id()).map_err(|_| Refusal::Internal)?,
    };
    let link = CallLink { call_id: CallId::opened_by(id), room_id, media_type: call.media_type.clone() };
    Ok(Some(Arc::new(Call::begin(link, circle, &actor.user, actor.device.as_ref(), draft.now()))))
}

/// The call that begins is named by its invitation. Calls are kept for longer than invitations, so a name that was chosen may
/// be free for an invitation and taken by a call. One that chance gives is new to both.
fn check_name(draft: &Draft<'_>, wish: &Invite) -> Result<(), Stop> {
    let Some(id) = &wish.id else { return Ok(()) };
    match draft.ledger.call(&CallId::opened_by(id))? {
        Some(_) => Err(Refusal::InviteIdTaken.into()),
        None => Ok(()),
    }
}

/// The invitation of the invitee's that rings the actor, when each of the two calls the other alone: it is accepted instead.
pub(super) fn answered_by(
    draft: &Draft<'_>,
    actor: &Actor,
    wish: &Invite,
) -> Result<Option<Arc<Invitation>>, Stop> {
    let (Some(_), Invited::User(other)) = (&wish.call, &wish.invited) else { return Ok(None) };
    let Some(theirs) = call_with(draft, other)? else { return Ok(None) };
    if !theirs.is_between_two() || theirs.caller != *other || !theirs.rings(&actor.user) {
        return Ok(None);
    }
    let rung_by = theirs.person(&actor.user).and_then(|person| person.invitation.clone());
    let Some(id) = rung_by else { return Ok(None) };
    let now = draft.now();
    Ok(draft.invitation(&id)?.filter(|theirs| theirs.deadline().is_none_or(|deadline| now < deadline)))
}

/// The same guests, with those who are in other calls marked. Whoever is in the call already, or rings in it, is left out.
/// The call has room for all of them, and for the actor, who comes in by inviting.
pub(super) fn guests(draft: &Draft<'_>, actor: &Actor, call: &Call, guests: Guests) -> Result<Guests, Stop> {
    let guests = mark_busy(draft, actor, call, guests)?;
    let invited = guests.invitees().iter().map(|invitee| invitee.user.clone());
    let users: Vec<UserId> = invited.chain([actor.user.clone()]).collect();
    check_size(draft, call, &users)?;
    Ok(guests)
}

fn mark_busy(draft: &Draft<'_>, actor: &Actor, call: &Call, guests: Guests) -> Result<Guests, Stop> {
    match guests {
        Guests::One(invitee) => {
            if is_in(call, &invitee.user) {
                return Err(Refusal::AlreadyInCall.into());
            }
            Ok(Guests::One(marked(draft, actor, call, invitee.user)?))
        }
        Guests::Members { group, invitees, mut ignored, notify } => {
            let (inside, outside): (Vec<Invitee>, Vec<Invitee>) =
                invitees.into_iter().partition(|invitee| is_in(call, &invitee.user));
            if outside.is_empty() {
                return Err(Refusal::AlreadyInCall.into());
            }
            ignored.extend(inside.into_iter().map(|invitee| invitee.user));
            let marked = outside.into_iter().map(|invitee| marked(draft, actor, call, invitee.user));
            Ok(Guests::Members { group, invitees: marked.collect::<Result<_, _>>()?, ignored, notify })
        }
    }
}

/// The invitation rings in the call, which begins with it or goes on, and its inviter is in no other one.
pub(super) fn ring(
    draft: &mut Draft<'_>,
    actor: &Actor,
    call: &Arc<Call>,
    invitation: &Invitation,
) -> Result<(), Stop> {
    let ringing: Vec<UserId> = invitation.pending().cloned().collect();
    let busy: Vec<UserId> = invitation.busy().collect();
    let mut call = Arc::clone(call);
    if !call.has_joined(&actor.user) {
        come_in(draft, actor, &call)?;
        call = draft.call(call.id())?.ok_or(Refusal::Internal)?;
    }
    let step = Step::Invited { by: &actor.user, invitation: &invitation.id, ringing: &ringing, busy: &busy };
    let (next, _) = take(draft, &call, step)?;
    if next.is_running() {
        leave_others(draft, &actor.user, next.id())?;
    }
    Ok(())
}

/// The call that is running in the room that is asked for.
fn running(draft: &Draft<'_>, wish: &CallWish) -> Result<Option<Arc<Call>>, Stop> {
    let Some(room) = &wish.room_id else { return Ok(None) };
    let Some(id) = draft.ledger.newest_call(room)? else { return Ok(None) };
    Ok(draft.call(id)?.filter(|call| call.is_running()))
}

fn is_own_group(call: &Call, invited: &Invited) -> bool {
    match invited {
        Invited::User(_) => false,
        Invited::Members { group, .. } => call.group() == Some(group),
    }
}

/// The group of a call that begins. It may have only so many calls at a time.
fn circle(draft: &Draft<'_>, invited: &Invited) -> Result<Option<Circle>, Stop> {
    let Invited::Members { group, notify, .. } = invited else { return Ok(None) };
    if draft.ledger.running_in_group(group)?.len() >= draft.around.limits.group_calls {
        return Err(Refusal::TooManyCallsInGroup.into());
    }
    Ok(Some(Circle { group: group.clone(), notify: *notify }))
}

fn is_in(call: &Call, user: &UserId) -> bool {
    call.has_joined(user) || call.rings(user)
}

/// An invitee who is in another call is busy; not so in a call with the actor alone, which the actor leaves by calling.
fn marked(draft: &Draft<'_>, actor: &Actor, call: &Call, user: UserId) -> Result<Invitee, Stop> {
    let is_busy = match draft.around.limits.busy {
        WhenBusy::Ring => false,
        WhenBusy::Report => call_with(draft, &user)?.is_some_and(|other| {
            other.id() != call.id() && !(other.is_between_two() && other.has_joined(&actor.user))
        }),
    };
    Ok(if is_busy { Invitee::busy(user, draft.now()) } else { Invitee::pending(user) })
}
