//! Invitations being made: `invite` and `inviteInGroup`.

use std::collections::HashSet;
use std::sync::Arc;

use wigwag_protocol::event::InvitationReceived;
use wigwag_protocol::invitation::Notify;
use wigwag_protocol::result::Acted;
use wigwag_protocol::{Event, GroupId, InviteId, UserId};

use super::draft::Draft;
use super::invitation::{act, audience, meet, telling};
use super::streams::Audience;
use super::{call, calling};
use crate::command::{Invite, Invited};
use crate::invitation::{Circumstance, Guests, Input, Invitation, Invitee, Receipt};
use crate::ledger::Lasting;
use crate::refusal::Field;
use crate::{Actor, Decision, Refusal, Reply, Stop};

pub(super) fn invite(mut draft: Draft<'_>, actor: &Actor, wish: &Invite) -> Result<Decision, Stop> {
    if let Some(id) = &wish.id
        && let Some(before) = draft.ledger.invitation(id)?
    {
        return repeated(&draft, before, actor, wish).map(|reply| draft.finish(reply));
    }
    check_bounds(&draft, wish)?;
    let id = match &wish.id {
        Some(id) => id.clone(),
        None => InviteId::parse(&draft.chance.fresh_id()).map_err(|_| Refusal::Internal)?,
    };
    if let Some(theirs) = calling::answered_by(&draft, actor, wish)? {
        return merge(draft, actor, id, wish, &theirs);
    }
    let guests = match &wish.invited {
        Invited::User(invitee) => one_guest(&draft, actor, invitee)?,
        Invited::Members { group, invitees, notify } => members(&draft, actor, group, invitees, *notify)?,
    };
    let call = calling::place(&mut draft, actor, &id, wish)?;
    let guests = match &call {
        Some(call) => calling::guests(&draft, actor, call, guests)?,
        None => guests,
    };
    make_room(&mut draft, actor, wish)?;
    let mut invitation = made(&draft, actor, id, wish, guests);
    invitation.call = call.as_ref().map(|call| call.link.clone());
    invitation.end_if_all_busy(draft.now());
    let everybody = audience(&mut draft, &invitation, invitation.users())?;
    invitation.told = invitation.switches.online_user_only.then(|| draft.users(&everybody));
    invitation.receipt = tell(&mut draft, &invitation, &everybody)?;
    let reply = first_reply(&draft, actor, &invitation)?;
    let invitation = Arc::new(invitation);
    draft.keep(Arc::clone(&invitation))?;
    if let Some(call) = call {
        calling::ring(&mut draft, actor, &call, &invitation)?;
    }
    Ok(draft.finish(reply))
}

/// The invitee is calling the actor: that invitation is accepted, and this one is only kept for a repeat.
fn merge(
    mut draft: Draft<'_>,
    actor: &Actor,
    id: InviteId,
    wish: &Invite,
    theirs: &Invitation,
) -> Result<Decision, Stop> {
    let guests = Guests::One(Invitee::pending(theirs.inviter.clone()));
    let mut mine = made(&draft, actor, id, wish, guests);
    let accept = Input::Accept { by: actor, data: &wish.data };
    mine.receipt = act(&mut draft, theirs, actor, accept, &wish.data)?.receipt;
    mine.call.clone_from(&theirs.call);
    mine.merge(theirs.id.clone(), draft.now());
    let reply = first_reply(&draft, actor, &mine)?;
    draft.keep(Arc::new(mine))?;
    Ok(draft.finish(reply))
}

/// The same invite again gets the first reply again; a different one may not take the name.
fn repeated(draft: &Draft<'_>, before: &Invitation, actor: &Actor, wish: &Invite) -> Result<Reply, Stop> {
    if same_invite(before, actor, wish) {
        first_reply(draft, actor, before)
    } else {
        Err(Refusal::InviteIdTaken.into())
    }
}

fn same_invite(before: &Invitation, actor: &Actor, wish: &Invite) -> bool {
    same_guests(&before.guests, actor, &wish.invited)
        && before.inviter == actor.user
        && *before.first_data.as_ref().unwrap_or(&before.data) == wish.data
        && before.timeout == wish.timeout
        && before.switches == wish.switches
        && before.offline_push_info == wish.offline_push_info
        && same_call(before, wish)
}

/// Whether both lead into a call, and into the room that is asked for. Two who called each other met in the other's room.
fn same_call(before: &Invitation, wish: &Invite) -> bool {
    match (&before.call, &wish.call) {
        (None, None) => true,
        (Some(link), Some(call)) => {
            let same_room = call.room_id.as_ref().is_none_or(|room| *room == link.room_id);
            before.merged_into().is_some() || (same_room && call.media_type == link.media_type)
        }
        (None, Some(_)) | (Some(_), None) => false,
    }
}

/// Whether the same users are named, in any order; in a group the inviter's own name does not count.
fn same_guests(before: &Guests, actor: &Actor, invited: &Invited) -> bool {
    match (before, invited) {
        (Guests::One(before), Invited::User(user)) => before.user == *user,
        (
            Guests::Members { group, invitees, ignored, notify },
            Invited::Members { group: same_group, invitees: named, notify: same_notify },
        ) => {
            let first: HashSet<&UserId> =
                invitees.iter().map(|invitee| &invitee.user).chain(ignored).collect();
            let named: HashSet<&UserId> = named.iter().filter(|user| **user != actor.user).collect();
            group == same_group && notify == same_notify && first == named
        }
        (Guests::One(_), Invited::Members { .. }) | (Guests::Members { .. }, Invited::User(_)) => false,
    }
}

fn check_bounds(draft: &Draft<'_>, wish: &Invite) -> Result<(), Stop> {
    let limits = draft.around.limits;
    if wish.data.len() > limits.data_bytes {
        return Err(Refusal::TooLong(Field::Data, limits.data_bytes).into());
    }
    if wish.offline_push_info.as_ref().is_some_and(|info| info.len() > limits.data_bytes) {
        return Err(Refusal::TooLong(Field::OfflinePushInfo, limits.data_bytes).into());
    }
    if wish.timeout > limits.max_timeout {
        return Err(Refusal::TimeoutTooLong(limits.max_timeout).into());
    }
    Ok(())
}

/// One more may be open: of this inviter, and in this group. Invitations without a deadline make room for it.
fn make_room(draft: &mut Draft<'_>, actor: &Actor, wish: &Invite) -> Result<(), Stop> {
    let pushed_out = pushed_out(draft, actor, wish)?;
    if let Invited::Members { group, .. } = &wish.invited {
        let open = draft.ledger.open_in_group(group)?.len();
        let closed = pushed_out.iter().filter(|lasting| lasting.peer == wish.invited.peer()).count();
        if open.saturating_sub(closed) >= draft.around.limits.group_open_invitations {
            return Err(Refusal::TooManyOpenInGroup.into());
        }
    }
    for lasting in pushed_out {
        if let Some(invitation) = draft.ledger.invitation(&lasting.id)?.cloned() {
            meet(draft, &invitation, Circumstance::PushedOut)?;
        }
    }
    Ok(())
}

/// The inviter's open invitations without a deadline that the new one closes, oldest first: if it has none itself, those to
/// the same invitee or group beyond the newest few; and as many more as are needed at the bound of open invitations, so
/// that what was sent as a message never keeps anybody from calling.
fn pushed_out(draft: &Draft<'_>, actor: &Actor, wish: &Invite) -> Result<Vec<Lasting>, Stop> {
    let limits = draft.around.limits;
    let mut closed: Vec<Lasting> = Vec::new();
    if wish.timeout == 0 {
        let open = draft.ledger.open_lasting(&actor.user)?;
        let alike: Vec<&Lasting> =
            open.into_iter().filter(|lasting| lasting.peer == wish.invited.peer()).collect();
        let surplus = (alike.len() + 1).saturating_sub(limits.open_lasting);
        closed.extend(alike.into_iter().take(surplus).cloned());
    }
    let open = draft.ledger.open_count(&actor.user)?.saturating_sub(closed.len());
    let surplus = (open + 1).saturating_sub(limits.open_invitations);
    if surplus > 0 {
        let lasting = draft.ledger.open_lasting(&actor.user)?;
        let others: Vec<Lasting> =
            lasting.into_iter().filter(|lasting| !closed.contains(lasting)).take(surplus).cloned().collect();
        if others.len() < surplus {
            return Err(Refusal::TooManyOpenInvitations.into());
        }
        closed.extend(others);
    }
    Ok(closed)
}

fn one_guest(draft: &Draft<'_>, actor: &Actor, invitee: &UserId) -> Result<Guests, Stop> {
    if *invitee == actor.user {
        return Err(Refusal::Oneself(Field::Invitee).into());
    }
    if draft.ledger.user(invitee)?.is_none() {
        return Err(Refusal::UnknownUser(Some(Field::Invitee)).into());
    }
    if let Some(refusal) = unreachable(draft, actor, invitee)? {
        return Err(refusal.into());
    }
    Ok(Guests::One(Invitee::pending(invitee.clone())))
}

fn members(
    draft: &Draft<'_>,
    actor: &Actor,
    id: &GroupId,
    named: &[UserId],
    notify: Notify,
) -> Result<Guests, Stop> {
    let most = draft.around.limits.invitees;
    if named.len() > most {
        return Err(Refusal::TooManyInvitees(most).into());
    }
    let group = draft.ledger.group(id)?.ok_or(Refusal::UnknownGroup)?;
    group.role(&actor.user)?;
    let mut seen = HashSet::new();
    let others = named.iter().filter(|user| **user != actor.user && seen.insert(*user)).cloned();
    let (invited, mut ignored): (Vec<UserId>, Vec<UserId>) = others.partition(|user| group.has(user));
    let mut invitees = Vec::with_capacity(invited.len());
    let mut why_nobody = None;
    for user in invited {
        match unreachable(draft, actor, &user)? {
            None => invitees.push(Invitee::pending(user)),
            Some(refusal) => {
                why_nobody.get_or_insert(refusal);
                ignored.push(user);
            }
        }
    }
    if invitees.is_empty() {
        return Err(why_nobody.unwrap_or(Refusal::NoValidInvitee).into());
    }
    Ok(Guests::Members { group: id.clone(), invitees, ignored, notify })
}

/// Why the actor cannot invite `invitee`; `None` when they can. In a group such an invitee is left out: a block does not
/// keep the others from being invited, and nobody can spoil an invitation by filling one member's list.
fn unreachable(draft: &Draft<'_>, actor: &Actor, invitee: &UserId) -> Result<Option<Refusal>, Stop> {
    if draft.ledger.blocks(invitee, &actor.user)? {
        return Ok(Some(Refusal::BlockedByPeer));
    }
    let limits = draft.around.limits;
    let inviters = draft.ledger.pending_for(invitee)?;
    if inviters.iter().filter(|inviter| **inviter == actor.user).count() >= limits.pair_open_invitations {
        return Ok(Some(Refusal::TooManyOpenForPair));
    }
    Ok((inviters.len() >= limits.invitee_open_invitations).then_some(Refusal::TooManyOpenForInvitee))
}

fn made(draft: &Draft<'_>, actor: &Actor, id: InviteId, wish: &Invite, guests: Guests) -> Invitation {
    Invitation {
        id,
        inviter: actor.user.clone(),
        inviter_device: actor.device.clone(),
        guests,
        data: wish.data.clone(),
        first_data: None,
        timeout: wish.timeout,
        created_at: draft.now(),
        switches: wish.switches,
        told: None,
        offline_push_info: wish.offline_push_info.clone(),
        call: None,
        version: 1,
        receipt: Receipt::default(),
        end: None,
    }
}

fn tell(draft: &mut Draft<'_>, invitation: &Invitation, everybody: &Audience) -> Result<Receipt, Stop> {
    draft.tell_audience(everybody, telling(invitation, &invitation.inviter), |message| {
        Event::InvitationReceived(InvitationReceived {
            invite_id: invitation.id.clone(),
            inviter: invitation.inviter.clone(),
            group_id: invitation.group().cloned(),
            invitee_list: invitation.users().collect(),
            data: invitation.data.clone(),
            timeout: invitation.timeout,
            deadline: invitation.deadline(),
            online_user_only: invitation.switches.online_user_only,
            version: invitation.version,
            device: invitation.inviter_device.clone(),
            call: invitation.call.clone(),
            busy: invitation.busy().collect(),
            message,
        })
    })
}

fn first_reply(draft: &Draft<'_>, actor: &Actor, invitation: &Invitation) -> Result<Reply, Stop> {
    Ok(Reply::Acted(Acted {
        invite_id: invitation.id.clone(),
        cursor: invitation.receipt.cursor,
        time: invitation.created_at,
        version: 1,
        deadline: invitation.deadline(),
        message: invitation.place(&invitation.receipt),
        ignored_invitees: invitation.ignored().to_vec(),
        call: call::entry_by(draft, actor, invitation)?,
    }))
}
