//! What happens to an invitation after the invite: cancel, accept, reject, modify, expire, and members going.

use std::sync::Arc;

use wigwag_protocol::event::{Cause, InvitationAnswered, InvitationClosed, InvitationModified};
use wigwag_protocol::invitation::Notify;
use wigwag_protocol::message::MessagePlace;
use wigwag_protocol::result::{Acted, Done};
use wigwag_protocol::{Device, Event, InviteId, Reason, UserId};

use super::draft::{Draft, Posting, Telling};
use crate::command::Answer;
use crate::decision::InvitationMark;
use crate::invitation::{Happened, Input, Invitation, Receipt, Verdict};
use crate::visibility::Sight;
use crate::{Actor, Decision, Reply, Stop};

pub(super) fn accept(draft: Draft<'_>, actor: &Actor, answer: &Answer) -> Result<Decision, Stop> {
    by_party(draft, actor, answer, Input::Accept { by: actor, data: &answer.data })
}

pub(super) fn reject(draft: Draft<'_>, actor: &Actor, answer: &Answer) -> Result<Decision, Stop> {
    by_party(draft, actor, answer, Input::Reject { by: actor, data: &answer.data })
}

pub(super) fn cancel(draft: Draft<'_>, actor: &Actor, answer: &Answer) -> Result<Decision, Stop> {
    by_party(draft, actor, answer, Input::Cancel { by: actor, data: &answer.data })
}

/// Who has left the group has no say in its open invitations any more, even if he had answered before.
pub(super) fn modify(draft: Draft<'_>, actor: &Actor, answer: &Answer) -> Result<Decision, Stop> {
    let invitation = visible(&draft, actor, &answer.id)?;
    if let Some(id) = invitation.group.as_ref().filter(|_| invitation.is_open())
        && let Some(group) = draft.ledger.group(id)?
    {
        group.role(&actor.user)?;
    }
    by_party(draft, actor, answer, Input::Modify { by: actor, data: &answer.data })
}

/// An invitation the server looks at because it is due. One that is settled, unknown or not due yet is left alone.
pub(super) fn expire(mut draft: Draft<'_>, id: &InviteId) -> Result<Decision, Stop> {
    if let Some(invitation) = draft.ledger.invitation(id)?.cloned() {
        let input = Input::Expire { no_deadline_age_ms: draft.around.limits.no_deadline_age_ms };
        without_command(&mut draft, &invitation, input)?;
    }
    let time = draft.now();
    Ok(draft.finish(Reply::Done(Done { cursor: None, time })))
}

/// What a member's going, a group's end or the time does to an invitation: the next one, if it changes.
pub(super) fn without_command(
    draft: &mut Draft<'_>,
    invitation: &Invitation,
    input: Input<'_>,
) -> Result<Option<Arc<Invitation>>, Stop> {
    match invitation.handle(input, draft.now()) {
        Verdict::Changed(mut next, happened) => {
            let receipt = tell(draft, &next, &happened, None, "")?;
            keep_receipt(&mut next, &happened, receipt);
            let next = Arc::new(*next);
            draft.keep(Arc::clone(&next))?;
            Ok(Some(next))
        }
        Verdict::Repeated { .. } | Verdict::Unconcerned => Ok(None),
        Verdict::Refused(refusal) => Err(refusal.into()),
    }
}

/// Everybody an invitation's events are told to: both sides one-to-one; in a group all members, or the parties among
/// them. Who has left the group hears nothing more of it; who is just leaving hears his own end.
pub(super) fn audience(draft: &Draft<'_>, invitation: &Invitation) -> Result<Vec<UserId>, Stop> {
    let mut parties: Vec<UserId> = vec![invitation.inviter.clone()];
    parties.extend(invitation.invitees.iter().map(|invitee| invitee.user.clone()));
    let Some(id) = &invitation.group else { return Ok(parties) };
    let Some(group) = draft.ledger.group(id)? else { return Ok(parties) };
    let (mut leaving, mut staying): (Vec<_>, Vec<_>) =
        parties.into_iter().filter(|user| group.has(user)).partition(|user| draft.gone.contains(user));
    if invitation.notify == Notify::Members {
        staying = group.members.keys().filter(|user| !draft.gone.contains(user)).cloned().collect();
    }
    leaving.append(&mut staying);
    Ok(leaving)
}

/// How an invitation's event with a message is told.
pub(super) fn telling(invitation: &Invitation, sender: &UserId) -> Telling {
    let switches = invitation.switches;
    let posting = Posting {
        conversation: invitation.conversation(),
        sender: sender.clone(),
        counted: !switches.excluded_from_unread,
        shown_last: !switches.excluded_from_last_message,
    };
    Telling {
        online_only: switches.online_user_only,
        invitation: Some(mark(invitation)),
        message: (!switches.online_user_only).then_some(posting),
    }
}

fn mark(invitation: &Invitation) -> InvitationMark {
    let deadline = invitation.deadline().filter(|_| invitation.version == 1);
    InvitationMark { id: invitation.id.clone(), version: invitation.version, deadline }
}

fn by_party(
    mut draft: Draft<'_>,
    actor: &Actor,
    answer: &Answer,
    input: Input<'_>,
) -> Result<Decision, Stop> {
    let most = draft.around.limits.data_bytes;
    if answer.data.len() > most {
        return Err(Reason::TooLarge.field("data", &format!("is longer than {most} bytes")).into());
    }
    let invitation = visible(&draft, actor, &answer.id)?;
    match invitation.handle(input, draft.now()) {
        Verdict::Changed(mut next, happened) => {
            let receipt = tell(&mut draft, &next, &happened, actor.device.as_ref(), &answer.data)?;
            keep_receipt(&mut next, &happened, receipt.clone());
            let reply = acted(&next, next.version, draft.now(), &receipt);
            draft.keep(Arc::new(*next))?;
            Ok(draft.finish(reply))
        }
        Verdict::Repeated { version, at, receipt } => {
            let reply = acted(&invitation, version, at, &receipt);
            Ok(draft.finish(reply))
        }
        Verdict::Unconcerned => Err(Reason::Internal.into()),
        Verdict::Refused(refusal) => Err(refusal.into()),
    }
}

/// The invitation, if the actor may see it. To others it does not exist.
pub(super) fn visible(draft: &Draft<'_>, actor: &Actor, id: &InviteId) -> Result<Arc<Invitation>, Stop> {
    let invitation = draft.ledger.invitation(id)?.ok_or(Reason::UnknownInvitation)?;
    let shown = match invitation.shown_to(&actor.user) {
        Sight::Always => true,
        Sight::IfMember(id) => draft.ledger.group(id)?.is_some_and(|group| group.has(&actor.user)),
        Sight::Never => false,
    };
    if shown { Ok(Arc::clone(invitation)) } else { Err(Reason::UnknownInvitation.into()) }
}

fn acted(invitation: &Invitation, version: u32, time: u64, receipt: &Receipt) -> Reply {
    Reply::Acted(Acted {
        invite_id: invitation.id.clone(),
        cursor: receipt.cursor,
        time,
        version,
        deadline: None,
        message: invitation.place(receipt),
        ignored_invitees: Vec::new(),
    })
}

/// Keeps the first reply where a repeat will look for it.
fn keep_receipt(invitation: &mut Invitation, happened: &Happened, receipt: Receipt) {
    match happened {
        Happened::Accepted(user) | Happened::Rejected(user, _) => {
            let answered = invitation.invitees.iter_mut().find(|invitee| invitee.user == *user);
            if let Some(settled) = answered.and_then(|invitee| invitee.settled.as_mut()) {
                settled.receipt = receipt;
            }
        }
        Happened::Cancelled(..) => {
            if let Some(end) = &mut invitation.end {
                end.receipt = receipt;
            }
        }
        Happened::TimedOut(_) | Happened::Modified | Happened::ExpiredQuietly => {}
    }
}

fn tell(
    draft: &mut Draft<'_>,
    next: &Invitation,
    happened: &Happened,
    device: Option<&Device>,
    data: &str,
) -> Result<Receipt, Stop> {
    if matches!(happened, Happened::ExpiredQuietly) {
        return Ok(Receipt::default());
    }
    let mut everybody = audience(draft, next)?;
    let sender = match happened {
        Happened::Accepted(user) | Happened::Rejected(user, _) => user,
        Happened::Cancelled(..) | Happened::TimedOut(_) | Happened::Modified | Happened::ExpiredQuietly => {
            &next.inviter
        }
    };
    let mut telling = telling(next, sender);
    match happened {
        Happened::Cancelled(pending, _) | Happened::TimedOut(pending) => {
            narrow_to_pending(&mut everybody, next, pending);
        }
        Happened::Modified => telling.message = None,
        Happened::Accepted(_) | Happened::Rejected(..) | Happened::ExpiredQuietly => {}
    }
    if draft.dismissed {
        telling.message = None;
    }
    let actor = draft.actor().cloned();
    draft.tell(everybody, telling, |message| event(next, happened, Word { by: actor, device, data, message }))
}

/// One-to-one and among parties, a cancel or timeout does not concern those who had answered before.
fn narrow_to_pending(everybody: &mut Vec<UserId>, invitation: &Invitation, pending: &[UserId]) {
    if invitation.group.is_none() || invitation.notify == Notify::Parties {
        everybody.retain(|user| *user == invitation.inviter || pending.contains(user));
    }
}

/// What an event says besides what the invitation says.
struct Word<'a> {
    by: Option<UserId>,
    device: Option<&'a Device>,
    data: &'a str,
    message: Option<MessagePlace>,
}

fn event(next: &Invitation, happened: &Happened, word: Word<'_>) -> Event {
    match happened {
        Happened::Accepted(invitee) => Event::InvitationAccepted(answered(next, invitee, None, word)),
        Happened::Rejected(invitee, cause) => {
            Event::InvitationRejected(answered(next, invitee, *cause, word))
        }
        Happened::Cancelled(pending, cause) => {
            Event::InvitationCancelled(closed(next, pending, *cause, word))
        }
        Happened::TimedOut(late) => {
            let word = Word { data: &next.data, ..word };
            Event::InvitationTimedOut(closed(next, late, None, word))
        }
        Happened::Modified | Happened::ExpiredQuietly => Event::InvitationModified(InvitationModified {
            invite_id: next.id.clone(),
            inviter: next.inviter.clone(),
            group_id: next.group.clone(),
            by: word.by.unwrap_or_else(|| next.inviter.clone()),
            data: next.data.clone(),
            version: next.version,
        }),
    }
}

fn answered(
    next: &Invitation,
    invitee: &UserId,
    reason: Option<Cause>,
    word: Word<'_>,
) -> InvitationAnswered {
    InvitationAnswered {
        invite_id: next.id.clone(),
        inviter: next.inviter.clone(),
        group_id: next.group.clone(),
        invitee: invitee.clone(),
        data: word.data.to_owned(),
        version: next.version,
        reason,
        device: word.device.cloned(),
        message: word.message,
    }
}

fn closed(next: &Invitation, invitees: &[UserId], reason: Option<Cause>, word: Word<'_>) -> InvitationClosed {
    InvitationClosed {
        invite_id: next.id.clone(),
        inviter: next.inviter.clone(),
        group_id: next.group.clone(),
        invitee_list: invitees.to_vec(),
        data: word.data.to_owned(),
        version: next.version,
        reason,
        device: word.device.cloned(),
        message: word.message,
    }
}
