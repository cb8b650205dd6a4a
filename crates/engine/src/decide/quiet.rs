//! Quiet hours: what a user sets, how a new invitation rings for its invitees, and silence.

use std::sync::Arc;

use wigwag_protocol::event::{InvitationSilenced, QuietChanged};
use wigwag_protocol::quiet::Quiet;
use wigwag_protocol::{Event, InviteId, UserId};

use super::draft::{Draft, Telling};
use super::user::done;
use super::vacancy::loaded_together;
use crate::invitation::{Invitation, Silencing};
use crate::quiet::{QuietRing, check, quiet_ring};
use crate::{Actor, Change, Decision, Key, Refusal, Stop};

/// Holds from the next invitation on; what rings goes on ringing as it does. Settings that say nothing are not kept.
pub(super) fn set(mut draft: Draft<'_>, actor: &Actor, wish: &Quiet) -> Result<Decision, Stop> {
    check(wish, draft.around.zones).map_err(Refusal::from)?;
    draft.ledger.user(&actor.user)?.ok_or(Refusal::UnknownUser(None))?;
    let kept = draft.ledger.quiet(&actor.user)?;
    let nothing = Quiet::default();
    if kept.map_or(&nothing, |kept| &kept.quiet) == wish {
        return Ok(done(draft, None));
    }
    let event = Event::QuietChanged(QuietChanged { quiet: wish.clone() });
    let receipt = draft.tell(vec![actor.user.clone()], Telling::default(), |_| event)?;
    let quiet = (*wish != nothing).then(|| Arc::new(wish.clone()));
    draft.change(Change::Quiet { user: actor.user.clone(), quiet });
    Ok(done(draft, receipt.cursor))
}

/// Writes into a new invitation how it rings for those of its invitees who are quiet now, and remembers its inviter with them.
pub(super) fn hush(draft: &mut Draft<'_>, invitation: &mut Invitation) -> Result<(), Stop> {
    let pending: Vec<UserId> = invitation.pending().cloned().collect();
    loaded_for(draft, &pending)?;
    let (around, inviter) = (draft.around, invitation.inviter.clone());
    for invitee in invitation.invitees_mut().iter_mut().filter(|invitee| invitee.settled.is_none()) {
        let Some(kept) = draft.ledger.quiet(&invitee.user)? else { continue };
        let Some(ring) = quiet_ring(kept, &inviter, around.now, around.zones) else { continue };
        let QuietRing { push, rang } = ring;
        invitee.quiet = push;
        if let Some(rang) = rang {
            draft.change(Change::Rang { user: invitee.user.clone(), rang });
        }
    }
    Ok(())
}

/// Asks for what all of them have set at once.
fn loaded_for(draft: &Draft<'_>, users: &[UserId]) -> Result<(), Stop> {
    draft.ledger.heads(users)?;
    let mut missing = Vec::new();
    for user in users {
        let has_quiet = draft.ledger.user(user)?.is_some_and(|user| user.has_quiet);
        let key = Key::Quiet(user.clone());
        if has_quiet && !draft.ledger.has(&key) {
            missing.push(key);
        }
    }
    loaded_together(missing.into_iter())
}

/// The inviter and all others hear nothing of it. To whoever is no party, and to an invitee who was not told of it, it does not exist.
pub(super) fn silence(mut draft: Draft<'_>, actor: &Actor, id: &InviteId) -> Result<Decision, Stop> {
    let found = draft.ledger.invitation(id)?;
    let is_seen = |found: &&Arc<Invitation>| found.is_party(&actor.user) && found.was_told(&actor.user);
    let invitation = found.filter(is_seen).ok_or(Refusal::UnknownInvitation)?;
    let next = match invitation.silence(actor, draft.now()) {
        Silencing::Silenced(next) => next,
        Silencing::Repeated => return Ok(done(draft, None)),
        Silencing::Refused(refusal) => return Err(refusal.into()),
    };
    let event = Event::InvitationSilenced(InvitationSilenced {
        invite_id: next.id.clone(),
        group_id: next.group().cloned(),
        invitee: actor.user.clone(),
        device: actor.device.clone(),
    });
    let telling = Telling { online_only: next.switches.online_user_only, ..Telling::default() };
    let receipt = draft.tell(vec![actor.user.clone()], telling, |_| event)?;
    draft.change(Change::InvitationSilenced(Arc::from(next)));
    Ok(done(draft, receipt.cursor))
}
