//! Calls: what people do in them, and how a call follows the invitations into it.

use std::sync::Arc;

use wigwag_protocol::call::LeaveReason;
use wigwag_protocol::event::{
    CallDeclined, CallEnded, CallHungUp, CallInvited, CallJoined, CallSignalled, CallsSeen,
};
use wigwag_protocol::invitation::Notify;
use wigwag_protocol::result::{CallEntry, Done, Joined};
use wigwag_protocol::{CallId, Device, Event, RoomId, UserId};

use super::draft::{Draft, Telling};
use super::invitation::{act, meet};
use crate::call::{Call, Circle, Declined, Person, Standing, Step};
use crate::command::{CallRef, CallSignal};
use crate::invitation::{Circumstance, Happened, Input, Invitation, Receipt};
use crate::refusal::Field;
use crate::{Actor, Decision, Refusal, Reply, Stop};

/// Comes into a running call: a member of its group, or somebody who was in it. Whoever rings accepts by it.
pub(super) fn join(mut draft: Draft<'_>, actor: &Actor, which: &CallRef) -> Result<Decision, Stop> {
    let call = visible(&draft, actor, which)?;
    if !call.is_running() {
        return Err(Refusal::CallEnded.into());
    }
    let receipt = match call.person(&actor.user).map(|person| &person.standing) {
        Some(Standing::Joined(device)) if *device == actor.device => Receipt::default(),
        Some(Standing::Ringing | Standing::Joined(_) | Standing::Left(_)) => {
            come_in(&mut draft, actor, &call)?
        }
        Some(Standing::Declined(_)) | None => {
            check_member(&draft, actor, &call)?;
            check_size(&draft, &call, std::slice::from_ref(&actor.user))?;
            come_in(&mut draft, actor, &call)?
        }
    };
    let joined = Joined { cursor: receipt.cursor, time: draft.now(), entry: entry(&draft, actor, &call)? };
    Ok(draft.finish(Reply::Joined(Box::new(joined))))
}

/// Leaves a call. Whoever hangs up while they ring rejects; whoever hangs up while nobody else is in it takes back what
/// rings. In a call that is over, or that the actor has left, it does nothing: hanging up twice is no mistake. Nor is hanging up
/// what has just rung out.
pub(super) fn hang_up(mut draft: Draft<'_>, actor: &Actor, which: &CallRef) -> Result<Decision, Stop> {
    let call = visible(&draft, actor, which)?;
    let standing = call.person(&actor.user).map(|person| &person.standing).ok_or(Refusal::NotInCall)?;
    let receipt = match standing {
        Standing::Ringing => reject(&mut draft, actor, &call)?,
        Standing::Joined(_) => leave_or_take_back(&mut draft, actor, &call)?,
        Standing::Left(_) | Standing::Declined(_) => Receipt::default(),
    };
    Ok(done(draft, receipt.cursor))
}

/// Everybody who is in the call hangs up, one after the other, in one step: whoever comes meanwhile comes before it or after it.
pub(super) fn end(mut draft: Draft<'_>, actor: &Actor, id: &CallId) -> Result<Decision, Stop> {
    let call = visible(&draft, actor, &CallRef::Call(id.clone()))?;
    let inside: Vec<UserId> = call.joined().cloned().collect();
    if inside.is_empty() {
        return Err(Refusal::CallEnded.into());
    }
    let mut own = None;
    for user in inside {
        // The end of the one before may have been the end of the call.
        let Some(call) = draft.call(id)?.filter(|call| call.has_joined(&user)) else { continue };
        let receipt = leave_or_take_back(&mut draft, &Actor::back_end(user), &call)?;
        own = receipt.cursor.or(own);
    }
    Ok(done(draft, own))
}

/// A signal goes to the others who are in the call and online, and is kept for a minute.
pub(super) fn signal(mut draft: Draft<'_>, actor: &Actor, wish: &CallSignal) -> Result<Decision, Stop> {
    let most = draft.around.limits.data_bytes;
    if wish.data.len() > most {
        return Err(Refusal::TooLong(Field::Data, most).into());
    }
    let call = visible(&draft, actor, &wish.call)?;
    if !call.is_running() {
        return Err(Refusal::CallEnded.into());
    }
    let is_outside = |user: &UserId| !call.has_joined(user);
    if is_outside(&actor.user) || wish.to.as_ref().is_some_and(is_outside) {
        return Err(Refusal::NotInCall.into());
    }
    let is_meant = |user: &&UserId| **user != actor.user && wish.to.as_ref().is_none_or(|to| to == *user);
    let others: Vec<UserId> = call.joined().filter(is_meant).cloned().collect();
    let signal = Event::CallSignalled(CallSignalled {
        call_id: call.id().clone(),
        room_id: call.room().clone(),
        group_id: call.group().cloned(),
        version: call.version,
        sender: actor.user.clone(),
        device: actor.device.clone(),
        to: wish.to.clone(),
        data: wish.data.clone(),
    });
    let listeners = draft.audience(others, true)?;
    if !draft.users(&listeners).is_empty() {
        draft.tell_audience(&listeners, Telling { online_only: true, ..Telling::default() }, |_| signal)?;
    }
    Ok(done(draft, None))
}

/// The actor has looked at their missed calls. Their other devices are told.
pub(super) fn see(mut draft: Draft<'_>, actor: &Actor, up_to: u64) -> Result<Decision, Stop> {
    let up_to = up_to.min(draft.now());
    if up_to <= draft.ledger.calls_seen(&actor.user)? {
        return Ok(done(draft, None));
    }
    let seen = Event::CallsSeen(CallsSeen { up_to });
    let receipt = draft.tell(vec![actor.user.clone()], Telling::default(), |_| seen)?;
    draft.change(crate::Change::CallsSeen(actor.user.clone(), up_to));
    Ok(done(draft, receipt.cursor))
}

/// A user's devices have been gone for the length of the lease: they leave their call.
pub(super) fn leave_gone(draft: &mut Draft<'_>, user: &UserId) -> Result<(), Stop> {
    match call_with(draft, user)? {
        Some(call) => leave(draft, &call, user, LeaveReason::ConnectionLost).map(drop),
        None => Ok(()),
    }
}

/// The media server says that a user is gone from its room, so they leave the call of that room.
pub(super) fn room_left(mut draft: Draft<'_>, room: &RoomId, user: &UserId) -> Result<Decision, Stop> {
    let newest = draft.ledger.newest_call(room)?.cloned();
    if let Some(id) = newest
        && let Some(call) = draft.call(&id)?
        && call.has_joined(user)
    {
        leave(&mut draft, &call, user, LeaveReason::ConnectionLost)?;
    }
    Ok(done(draft, None))
}

/// The call goes on with what has just happened to an invitation into it.
pub(super) fn follow(
    draft: &mut Draft<'_>,
    invitation: &Invitation,
    happened: &Happened,
    device: Option<&Device>,
) -> Result<(), Stop> {
    let Some(call) = invited_into(draft, invitation)? else { return Ok(()) };
    let step = match happened {
        Happened::Accepted(user) => Step::Entered { user, device },
        Happened::Rejected(user) => declined(std::slice::from_ref(user), Declined::Rejected),
        Happened::Left(user) => declined(std::slice::from_ref(user), Declined::Removed),
        Happened::Cancelled(pending, _) => declined(pending, Declined::Cancelled),
        Happened::TimedOut(late) => declined(late, Declined::TimedOut),
        Happened::Modified => return Ok(()),
    };
    take(draft, &call, step)?;
    if let Happened::Accepted(user) = happened {
        leave_others(draft, user, call.id())?;
    }
    Ok(())
}

/// The call goes on without those who were pending in an invitation that was closed quietly.
pub(super) fn follow_quiet_end(draft: &mut Draft<'_>, invitation: &Invitation) -> Result<(), Stop> {
    if let Some(call) = invited_into(draft, invitation)? {
        let late: Vec<UserId> = invitation.just_settled().cloned().collect();
        take(draft, &call, Step::Declined { users: &late, how: Declined::TimedOut, quietly: true })?;
    }
    Ok(())
}

/// The running call that an invitation leads into.
fn invited_into(draft: &Draft<'_>, invitation: &Invitation) -> Result<Option<Arc<Call>>, Stop> {
    let Some(link) = &invitation.call else { return Ok(None) };
    Ok(draft.call(&link.call_id)?.filter(|call| call.is_running()))
}

/// Members who leave the group leave its calls.
pub(super) fn leave_group(draft: &mut Draft<'_>, calls: &[CallId], leaving: &[UserId]) -> Result<(), Stop> {
    for id in calls {
        for user in leaving {
            if let Some(call) = draft.call(id)?.filter(|call| call.has_joined(user)) {
                leave(draft, &call, user, LeaveReason::LeftGroup)?;
            }
        }
    }
    Ok(())
}

/// The calls of a group that is dismissed end.
pub(super) fn dismiss(draft: &mut Draft<'_>, calls: &[CallId]) -> Result<(), Stop> {
    for id in calls {
        if let Some(call) = draft.call(id)? {
            take(draft, &call, Step::Dismissed)?;
        }
    }
    Ok(())
}

/// Somebody who is in `call` now is in no other one.
pub(super) fn leave_others(draft: &mut Draft<'_>, user: &UserId, call: &CallId) -> Result<(), Stop> {
    if let Some(earlier) = call_with(draft, user)?.filter(|earlier| earlier.id() != call) {
        leave(draft, &earlier, user, LeaveReason::JoinedAnother)?;
    }
    Ok(())
}

/// One step of a call: told, written, and followed by the end of what rings if nobody is left.
pub(super) fn take(draft: &mut Draft<'_>, call: &Call, step: Step<'_>) -> Result<(Arc<Call>, Receipt), Stop> {
    let next = Arc::new(call.after(step, draft.now()));
    let receipt = match event(call, &next, step, draft.now()) {
        Some(event) => {
            let everybody = audience(draft, call, &next)?;
            draft.tell(everybody, Telling::default(), |_| event)?
        }
        None => Receipt::default(),
    };
    draft.keep_call(call, Arc::clone(&next))?;
    if !next.is_running() {
        end_rings(draft, call, step)?;
    }
    Ok((next, receipt))
}

/// What the actor needs to take part in the call.
pub(super) fn entry(draft: &Draft<'_>, actor: &Actor, call: &Call) -> Result<CallEntry, Stop> {
    let media = draft.media(&actor.user, call.room(), None)?;
    Ok(CallEntry { link: call.link.clone(), busy: Vec::new(), accepted: None, media })
}

/// What the actor of an invite or an accept needs to take part in the call that it is about.
pub(super) fn entry_by(
    draft: &Draft<'_>,
    actor: &Actor,
    invitation: &Invitation,
) -> Result<Option<Box<CallEntry>>, Stop> {
    let Some(link) = &invitation.call else { return Ok(None) };
    let media = draft.media(&actor.user, &link.room_id, invitation.deadline())?;
    let accepted = invitation.merged_into().cloned();
    let busy = if invitation.inviter == actor.user { invitation.busy().collect() } else { Vec::new() };
    Ok(Some(Box::new(CallEntry { link: link.clone(), busy, accepted, media })))
}

/// The call would not have too many people with these.
pub(super) fn check_size(draft: &Draft<'_>, call: &Call, more: &[UserId]) -> Result<(), Stop> {
    let most = draft.around.limits.call_people;
    let new = more.iter().filter(|user| call.person(user).is_none()).count();
    if call.people.len() + new > most {
        return Err(Refusal::TooManyInCall(most).into());
    }
    Ok(())
}

/// The running call that `user` is in.
pub(super) fn call_with(draft: &Draft<'_>, user: &UserId) -> Result<Option<Arc<Call>>, Stop> {
    let Some(id) = draft.ledger.call_with(user)? else { return Ok(None) };
    Ok(draft.call(id)?.filter(|call| call.has_joined(user)))
}

/// The actor comes into a running call. Whoever rings accepts by it.
pub(super) fn come_in(draft: &mut Draft<'_>, actor: &Actor, call: &Call) -> Result<Receipt, Stop> {
    if call.rings(&actor.user) {
        let invitation = rung_by(draft, actor, call)?;
        let accept = Input::Accept { by: actor, data: "" };
        return act(draft, &invitation, actor, accept, "").map(|acted| acted.receipt);
    }
    let step = Step::Entered { user: &actor.user, device: actor.device.as_ref() };
    let (_, receipt) = take(draft, call, step)?;
    leave_others(draft, &actor.user, call.id())?;
    Ok(receipt)
}

fn leave(draft: &mut Draft<'_>, call: &Call, user: &UserId, reason: LeaveReason) -> Result<Receipt, Stop> {
    take(draft, call, Step::Left { user, reason }).map(|(_, receipt)| receipt)
}

/// Somebody who is in the call hangs up: whoever is the only one takes back what rings.
fn leave_or_take_back(draft: &mut Draft<'_>, actor: &Actor, call: &Call) -> Result<Receipt, Stop> {
    match call.joined().nth(1) {
        None => take_back(draft, actor, call),
        Some(_) => leave(draft, call, &actor.user, LeaveReason::HungUp),
    }
}

fn declined(users: &[UserId], how: Declined) -> Step<'_> {
    Step::Declined { users, how, quietly: false }
}

/// The call as the actor may see it: people who were called or came, and members of its group. To others it does not exist.
fn visible(draft: &Draft<'_>, actor: &Actor, which: &CallRef) -> Result<Arc<Call>, Stop> {
    let id = match which {
        CallRef::Call(id) => id,
        CallRef::Room(room) => draft.ledger.newest_call(room)?.ok_or(Refusal::UnknownCall)?,
    };
    let call = draft.call(id)?.ok_or(Refusal::UnknownCall)?;
    let group = match call.group() {
        Some(id) => draft.ledger.group(id)?,
        None => None,
    };
    let relation = group.map(|group| group.relation(&actor.user));
    if call.seen_by(&actor.user, relation) { Ok(call) } else { Err(Refusal::UnknownCall.into()) }
}

fn check_member(draft: &Draft<'_>, actor: &Actor, call: &Call) -> Result<(), Stop> {
    let group = match call.group() {
        Some(id) => draft.ledger.group(id)?,
        None => None,
    };
    if group.is_some_and(|group| group.has(&actor.user)) { Ok(()) } else { Err(Refusal::NotInCall.into()) }
}

/// Whoever rings will not come. Past the deadline their invitation is out of time, which is told now.
fn reject(draft: &mut Draft<'_>, actor: &Actor, call: &Call) -> Result<Receipt, Stop> {
    let invitation = rung_by(draft, actor, call)?;
    if is_overdue(draft, &invitation) {
        meet(draft, &invitation, Circumstance::CallOver)?;
        return Ok(Receipt::default());
    }
    act(draft, &invitation, actor, Input::Reject { by: actor, data: "" }, "").map(|acted| acted.receipt)
}

fn is_overdue(draft: &Draft<'_>, invitation: &Invitation) -> bool {
    invitation.deadline().is_some_and(|deadline| draft.now() >= deadline)
}

/// The invitation that rings the actor.
fn rung_by(draft: &Draft<'_>, actor: &Actor, call: &Call) -> Result<Arc<Invitation>, Stop> {
    let id =
        call.person(&actor.user).and_then(|person| person.invitation.as_ref()).ok_or(Refusal::Internal)?;
    draft.invitation(id)?.ok_or_else(|| Refusal::UnknownInvitation.into())
}

/// The only one in the call goes: what they rang with is cancelled, and what others rang with has nobody to ring for.
fn take_back(draft: &mut Draft<'_>, actor: &Actor, call: &Call) -> Result<Receipt, Stop> {
    let (late, in_time) = rings_by_deadline(draft, call)?;
    for invitation in late {
        meet(draft, &invitation, Circumstance::CallOver)?;
    }
    let mut first = None;
    for invitation in in_time {
        if invitation.inviter == actor.user {
            let cancel = Input::Cancel { by: actor, from: None, data: "" };
            first.get_or_insert(act(draft, &invitation, actor, cancel, "")?.receipt);
        } else {
            meet(draft, &invitation, Circumstance::CallOver)?;
        }
    }
    Ok(first.unwrap_or_default())
}

type Invitations = Vec<Arc<Invitation>>;

/// The invitations that ring into the call: those out of time, and the others.
fn rings_by_deadline(draft: &Draft<'_>, call: &Call) -> Result<(Invitations, Invitations), Stop> {
    let ringing = call.rings_by().into_iter().map(|id| draft.invitation(&id));
    let known: Invitations = ringing.filter_map(Result::transpose).collect::<Result<_, _>>()?;
    Ok(known.into_iter().partition(|invitation| is_overdue(draft, invitation)))
}

/// Nobody is left whom the invitations into the call could ring for. Those of a dismissed group end by that.
fn end_rings(draft: &mut Draft<'_>, before: &Call, step: Step<'_>) -> Result<(), Stop> {
    for id in before.rings_by() {
        let Some(invitation) = draft.invitation(&id)? else { continue };
        let by_group = matches!(step, Step::Dismissed) && invitation.group() == before.group();
        if !by_group {
            meet(draft, &invitation, Circumstance::CallOver)?;
        }
    }
    Ok(())
}

/// Everybody who was called before this step or is in the call after it, and all members of its group when they are told: whoever
/// knows the call counts its versions, so they hear each. Users who are rung by this step hear of it by their invitation.
fn audience(draft: &Draft<'_>, before: &Call, next: &Call) -> Result<Vec<UserId>, Stop> {
    let group = match next.group() {
        Some(id) => draft.ledger.group(id)?,
        None => None,
    };
    let stays = |user: &UserId| group.is_some_and(|group| group.has(user) && !draft.leaves(&group.id, user));
    // A former member of its group hears no more of a call than their own end in it.
    let hears = |person: &&Person| {
        next.circle.is_none() || person.is_joined() || person.is_ringing() || stays(&person.user)
    };
    let called = before.people.iter().filter(hears).map(|person| &person.user);
    let mut everybody: Vec<UserId> = called.chain(next.joined()).cloned().collect();
    if let (Some(Circle { notify: Notify::Members, .. }), Some(group)) = (&next.circle, group) {
        everybody.extend(group.members.keys().filter(|user| stays(user)).cloned());
    }
    Ok(everybody)
}

/// The event of a step; `None` where an invitation's event says all there is: when it opens the call, and in a call between
/// two also when it is answered, taken back or out of time.
fn event(before: &Call, next: &Call, step: Step<'_>, now: u64) -> Option<Event> {
    let told_by_invitation = next.is_between_two();
    let (call_id, room_id) = (next.id().clone(), next.room().clone());
    let (group_id, version) = (next.group().cloned(), next.version);
    let end_reason = next.end.map(|end| end.reason);
    let duration_ms = next.duration_ms(now);
    match step {
        Step::Invited { .. } if told_by_invitation || before.version == 0 => None,
        Step::Invited { invitation, ringing, busy, by } => Some(Event::CallInvited(CallInvited {
            call_id,
            room_id,
            group_id,
            version,
            by: by.clone(),
            invite_id: invitation.clone(),
            user_ids: ringing.to_vec(),
            busy: busy.to_vec(),
        })),
        Step::Entered { user, .. } if told_by_invitation && before.rings(user) => None,
        Step::Entered { user, device } => Some(Event::CallJoined(CallJoined {
            call_id,
            room_id,
            group_id,
            version,
            user_id: user.clone(),
            device: device.cloned(),
        })),
        Step::Declined { quietly: false, .. } if told_by_invitation => None,
        Step::Declined { users, how, .. } => Some(Event::CallDeclined(CallDeclined {
            call_id,
            room_id,
            group_id,
            version,
            user_ids: users.to_vec(),
            state: how.state(),
            end_reason,
        })),
        Step::Left { user, reason } => Some(Event::CallHungUp(CallHungUp {
            call_id,
            room_id,
            group_id,
            version,
            user_id: user.clone(),
            reason,
            duration_ms,
            end_reason,
        })),
        Step::Dismissed => end_reason.map(|end_reason| {
            Event::CallEnded(CallEnded { call_id, room_id, group_id, version, end_reason, duration_ms })
        }),
    }
}

fn done(draft: Draft<'_>, cursor: Option<u64>) -> Decision {
    let time = draft.now();
    draft.finish(Reply::Done(Done { cursor, time }))
}
