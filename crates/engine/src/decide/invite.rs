//! Invitations being made: `invite` and `inviteInGroup`.

use std::collections::HashSet;
use std::sync::Arc;

use wigwag_protocol::call::CallLink;
use wigwag_protocol::event::InvitationReceived;
use wigwag_protocol::invitation::{Notify, ProgressStep};
use wigwag_protocol::params::CallWish;
use wigwag_protocol::result::Acted;
use wigwag_protocol::{CallId, Event, GroupId, InviteId, UserId};

use super::draft::{Draft, Telling};
use super::invitation::{Speaker, act, audience, tell_progress, telling};
use super::reach::{Access, Reaching, access, loaded_for};
use super::streams::Audience;
use super::vacancy::Vacancy;
use super::{call, calling, quiet};
use crate::command::{Invite, Invited};
use crate::invitation::{Guests, Input, Invitation, Invitee, Receipt};
use crate::refusal::Field;
use crate::{Actor, Decision, Group, Refusal, Reply, Stop};

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
    let (guests, vacancy) = match &wish.invited {
        Invited::User(invitee) => one_guest(&draft, actor, wish, invitee)?,
        Invited::Members { group, invitees, notify } => {
            let named = Named { group, invitees, notify: *notify };
            members(&draft, actor, wish, &named)?
        }
    };
    // What is closed for it may ring in the very call that it leads into, or may have been all that the call waited for.
    vacancy.make(&mut draft)?;
    let call = calling::place(&mut draft, actor, &id, wish)?;
    let guests = match &call {
        Some(call) => calling::guests(&draft, actor, call, guests)?,
        None => guests,
    };
    let mut invitation = made(&draft, actor, id, wish, guests);
    invitation.call = call.as_ref().map(|call| call.link.clone());
    invitation.end_if_all_busy(draft.now());
    quiet::hush(&mut draft, &mut invitation)?;
    let everybody = audience(&mut draft, &invitation, invitation.users())?;
    invitation.told = invitation.switches.online_user_only.then(|| draft.users(&everybody));
    invitation.receipt = tell(&mut draft, &invitation, &everybody)?;
    let reply = first_reply(&draft, actor, &invitation)?;
    for invitee in invitation.pending().filter(|user| wish.unreachable.contains(user)) {
        tell_progress(&mut draft, &invitation, (invitee, None), ProgressStep::Unreachable)?;
    }
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
        && before.own_push_info() == wish.offline_push_info.as_deref()
        && same_call(before, wish)
}

/// Whether both lead into the same call. Two who called each other met in the other's, whatever they asked for.
fn same_call(before: &Invitation, wish: &Invite) -> bool {
    match (&before.call, &wish.call) {
        (None, None) => true,
        (Some(link), Some(call)) => before.merged_into().is_some() || leads_into(&before.id, link, call),
        (None, Some(_)) | (Some(_), None) => false,
    }
}

/// Whether `wish` can be what led into this call. An invitation that opened it gave it its media type, and may have left the room
/// to the server; one into a running call named its room, and what it said of the media changed nothing.
fn leads_into(id: &InviteId, link: &CallLink, wish: &CallWish) -> bool {
    if link.call_id == CallId::opened_by(id) {
        wish.room_id.as_ref().is_none_or(|room| *room == link.room_id) && wish.media_type == link.media_type
    } else {
        wish.room_id.as_ref() == Some(&link.room_id)
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
    wish.call.as_ref().map_or(Ok(()), calling::check_media_type)
}

fn one_guest<'a>(
    draft: &Draft<'a>,
    actor: &Actor,
    wish: &Invite,
    invitee: &UserId,
) -> Result<(Guests, Vacancy<'a>), Stop> {
    if *invitee == actor.user {
        return Err(Refusal::Oneself(Field::Invitee).into());
    }
    if draft.ledger.user(invitee)?.is_none() {
        return Err(Refusal::UnknownUser(Some(Field::Invitee)).into());
    }
    if let Some(refusal) = unwelcome(draft, actor, invitee, None)? {
        return Err(refusal.into());
    }
    let mut vacancy = Vacancy::of_inviter(draft, actor, wish)?;
    match vacancy.for_invitee(invitee)? {
        None => Ok((Guests::One(Invitee::pending(invitee.clone())), vacancy)),
        Some(refusal) => Err(refusal.into()),
    }
}

/// The members whom an invitation in a group names.
struct Named<'a> {
    group: &'a GroupId,
    invitees: &'a [UserId],
    notify: Notify,
}

fn members<'a>(
    draft: &Draft<'a>,
    actor: &Actor,
    wish: &Invite,
    named: &Named<'_>,
) -> Result<(Guests, Vacancy<'a>), Stop> {
    let most = draft.around.limits.invitees;
    if named.invitees.len() > most {
        return Err(Refusal::TooManyInvitees(most).into());
    }
    let group = draft.ledger.group(named.group)?.ok_or(Refusal::UnknownGroup)?;
    group.role(&actor.user)?;
    let mut seen = HashSet::new();
    let others = named.invitees.iter().filter(|user| **user != actor.user && seen.insert(*user)).cloned();
    let (invited, ignored): (Vec<UserId>, Vec<UserId>) = others.partition(|user| group.has(user));
    let mut sorted = Sorted { welcome: invited, ignored };
    loaded_for(draft, actor, &sorted.welcome, Reaching::Ring(Some(group)))?;
    sorted.leave_out(|user| unwelcome(draft, actor, user, Some(group)))?;
    let mut vacancy = Vacancy::of_inviter(draft, actor, wish)?;
    vacancy.in_group(named.group)?;
    sorted.leave_out(|user| vacancy.for_invitee(user))?;
    let invitees = sorted.welcome.into_iter().map(Invitee::pending).collect();
    let (group, ignored, notify) = (named.group.clone(), sorted.ignored, named.notify);
    Ok((Guests::Members { group, invitees, ignored, notify }, vacancy))
}

/// The named members, in the order given.
struct Sorted {
    welcome: Vec<UserId>,
    /// The users who are left out. The reply names them.
    ignored: Vec<UserId>,
}

impl Sorted {
    /// Leaves out the members for whom there is a refusal. It is the whole invitation's when nobody is left: a refusal of
    /// one does not keep the others from being invited, so nobody can spoil an invitation by filling one member's list.
    fn leave_out(
        &mut self,
        mut refused: impl FnMut(&UserId) -> Result<Option<Refusal>, Stop>,
    ) -> Result<(), Stop> {
        let mut first = None;
        for user in std::mem::take(&mut self.welcome) {
            match refused(&user)? {
                None => self.welcome.push(user),
                Some(refusal) => {
                    first.get_or_insert(refusal);
                    self.ignored.push(user);
                }
            }
        }
        if self.welcome.is_empty() { Err(first.unwrap_or(Refusal::NoValidInvitee).into()) } else { Ok(()) }
    }
}

/// Why the actor may not ring `invitee`, one-to-one or in this group; `None` when they may.
fn unwelcome(
    draft: &Draft<'_>,
    actor: &Actor,
    invitee: &UserId,
    group: Option<&Group>,
) -> Result<Option<Refusal>, Stop> {
    Ok(match access(draft, actor, invitee, Reaching::Ring(group))? {
        Access::Refused => Some(Refusal::BlockedByPeer),
        Access::AsStranger | Access::Granted => None,
    })
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
        replaced_push_info: None,
        call: None,
        version: 1,
        receipt: Receipt::default(),
        withdrawals: Vec::new(),
        end: None,
    }
}

fn tell(draft: &mut Draft<'_>, invitation: &Invitation, everybody: &Audience) -> Result<Receipt, Stop> {
    let quiet = invitation.quiet();
    let telling = Telling { quiet, ..telling(invitation, Speaker::Writes(&invitation.inviter)) };
    draft.tell_audience(everybody, telling, |message| {
        Event::InvitationReceived(InvitationReceived {
            invite_id: invitation.id.clone(),
            inviter: invitation.inviter.clone(),
            group_id: invitation.group().cloned(),
            invitee_list: invitation.users().collect(),
            data: invitation.data.clone(),
            timeout: invitation.timeout,
            deadline: invitation.rings_until(),
            online_user_only: invitation.switches.online_user_only,
            progress: invitation.switches.progress,
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
        deadline: invitation.rings_until(),
        message: invitation.place(&invitation.receipt),
        ignored_invitees: invitation.ignored().to_vec(),
        call: call::entry_by(draft, actor, invitation)?,
    }))
}
