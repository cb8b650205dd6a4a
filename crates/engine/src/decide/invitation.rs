//! What happens to an invitation after the invite: cancel, accept, reject, modify, expire, and members going.

use std::sync::Arc;

use wigwag_protocol::event::{
    Cause, InvitationAnswered, InvitationClosed, InvitationModified, InvitationProgress,
};
use wigwag_protocol::invitation::{Notify, ProgressStep};
use wigwag_protocol::message::MessagePlace;
use wigwag_protocol::result::{Acted, Done};
use wigwag_protocol::{Device, Event, InviteId, UserId};

use super::call;
use super::draft::{Draft, Posting, Telling};
use super::streams::Audience;
use crate::command::{Answer, Cancel, Progress};
use crate::decision::InvitationMark;
use crate::invitation::{Circumstance, Consequence, Happened, Input, Invitation, Receipt, Verdict};
use crate::refusal::Field;
use crate::{Actor, Decision, Group, Refusal, Reply, Stop};

pub(super) fn accept(draft: Draft<'_>, actor: &Actor, answer: &Answer) -> Result<Decision, Stop> {
    by_party(draft, actor, answer, Input::Accept { by: actor, data: &answer.data })
}

pub(super) fn reject(draft: Draft<'_>, actor: &Actor, answer: &Answer) -> Result<Decision, Stop> {
    by_party(draft, actor, answer, Input::Reject { by: actor, data: &answer.data })
}

pub(super) fn cancel(draft: Draft<'_>, actor: &Actor, cancel: &Cancel) -> Result<Decision, Stop> {
    let Cancel { answer, from } = cancel;
    let most = draft.around.limits.invitees;
    if from.as_ref().is_some_and(|from| from.len() > most) {
        return Err(Refusal::TooManyInvitees(most).into());
    }
    by_party(draft, actor, answer, Input::Cancel { by: actor, from: from.as_deref(), data: &answer.data })
}

/// A user who left the group cannot modify its invitations, even one they answered.
pub(super) fn modify(draft: Draft<'_>, actor: &Actor, answer: &Answer) -> Result<Decision, Stop> {
    let invitation = visible(&draft, actor, &answer.id)?;
    if let Some(id) = invitation.group()
        && draft.ledger.group(id)?.is_some_and(|group| !group.has(&actor.user))
    {
        return Err(Refusal::NotMember.into());
    }
    by_party(draft, actor, answer, Input::Modify { by: actor, data: &answer.data })
}

/// A device of an invitee is so far: the inviter is told, if they want to know, while it rings for the invitee, and unless the invitee
/// has blocked them meanwhile. An invitee who may not see it any more has left its group, and is settled by that.
pub(super) fn progress(mut draft: Draft<'_>, actor: &Actor, wish: &Progress) -> Result<Decision, Stop> {
    let found = draft.ledger.invitation(&wish.id)?.filter(|found| found.inviter == wish.inviter);
    let invitation = found.cloned().ok_or(Refusal::UnknownInvitation)?;
    let invitee = invitation.invitee(&actor.user).ok_or(Refusal::NotInvitee)?;
    if invitee.settled.is_none() && !draft.ledger.blocks(&actor.user, &wish.inviter)? {
        tell_progress(&mut draft, &invitation, (&actor.user, actor.device.as_ref()), wish.step)?;
    }
    let time = draft.now();
    Ok(draft.finish(Reply::Done(Done { cursor: None, time })))
}

/// Tells the inviter how far an invitation is with an invitee, on a device.
pub(super) fn tell_progress(
    draft: &mut Draft<'_>,
    invitation: &Invitation,
    (invitee, device): (&UserId, Option<&Device>),
    step: ProgressStep,
) -> Result<(), Stop> {
    if !invitation.switches.progress {
        return Ok(());
    }
    let told = draft.audience(vec![invitation.inviter.clone()], true)?;
    if draft.users(&told).is_empty() {
        return Ok(());
    }
    let event = Event::InvitationProgress(InvitationProgress {
        invite_id: invitation.id.clone(),
        group_id: invitation.group().cloned(),
        invitee: invitee.clone(),
        device: device.cloned(),
        step,
    });
    draft.tell_audience(&told, Telling { online_only: true, ..Telling::default() }, |_| event)?;
    Ok(())
}

/// The actor goes out of an open invitation, whether they were told of it or not. One that is over for them, or past its deadline,
/// needs nothing more than its end.
pub(super) fn withdraw(mut draft: Draft<'_>, actor: &Actor, id: &InviteId) -> Result<Decision, Stop> {
    let invitation = draft.ledger.invitation(id)?.cloned().ok_or(Refusal::UnknownInvitation)?;
    let is_late = invitation.deadline().is_some_and(|deadline| draft.now() >= deadline);
    let is_pending = invitation.pending().any(|user| *user == actor.user);
    if is_late {
        let no_deadline_age_ms = draft.around.limits.no_deadline_age_ms;
        meet(&mut draft, &invitation, Circumstance::Time { no_deadline_age_ms })?;
    } else if invitation.inviter == actor.user && invitation.is_open() {
        act(&mut draft, &invitation, actor, Input::Cancel { by: actor, from: None, data: "" }, "")?;
    } else if is_pending {
        act(&mut draft, &invitation, actor, Input::Reject { by: actor, data: "" }, "")?;
    }
    let time = draft.now();
    Ok(draft.finish(Reply::Done(Done { cursor: None, time })))
}

/// An invitation the server looks at because it is due. One that is settled, unknown or not due yet is left alone.
pub(super) fn expire(mut draft: Draft<'_>, id: &InviteId) -> Result<Decision, Stop> {
    if let Some(invitation) = draft.ledger.invitation(id)?.cloned() {
        let no_deadline_age_ms = draft.around.limits.no_deadline_age_ms;
        meet(&mut draft, &invitation, Circumstance::Time { no_deadline_age_ms })?;
    }
    let time = draft.now();
    Ok(draft.finish(Reply::Done(Done { cursor: None, time })))
}

/// What time, a member's leaving or the group's end does to an invitation: the next one, if it changes.
pub(super) fn meet(
    draft: &mut Draft<'_>,
    invitation: &Invitation,
    circumstance: Circumstance<'_>,
) -> Result<Option<Arc<Invitation>>, Stop> {
    let next = match invitation.meet(circumstance, draft.now()) {
        Consequence::None => return Ok(None),
        Consequence::Changed(next, happened) => {
            tell(draft, &next, &happened, None, "")?;
            let next = Arc::new(*next);
            draft.keep(Arc::clone(&next))?;
            call::follow(draft, &next, &happened, None)?;
            next
        }
        Consequence::Closed(next) => {
            let next = Arc::new(*next);
            draft.keep(Arc::clone(&next))?;
            call::follow_quiet_end(draft, &next)?;
            next
        }
    };
    Ok(Some(next))
}

/// Everybody an invitation's event is told to: both sides one-to-one; in a group all members, or the parties among them.
/// `invitees` are those whom the event concerns: one-to-one and among parties, the others do not hear it. A user who
/// left the group hears nothing more of its invitations; one who is leaving by this very command still hears it. Of an
/// `onlineUserOnly` invitation only those hear more who were told of the invite.
pub(super) fn audience(
    draft: &mut Draft<'_>,
    invitation: &Invitation,
    invitees: impl Iterator<Item = UserId>,
) -> Result<Audience, Stop> {
    let online_only = invitation.switches.online_user_only;
    let concerned = invitees.chain([invitation.inviter.clone()]).filter(|user| invitation.was_told(user));
    let group = match invitation.group() {
        Some(id) => draft.ledger.group(id)?,
        None => None,
    };
    match (group, invitation.notify()) {
        (None, _) => draft.audience(concerned.collect(), online_only),
        (Some(group), Notify::Parties) => {
            draft.audience(concerned.filter(|user| group.has(user)).collect(), online_only)
        }
        (Some(group), Notify::Members) => members(draft, invitation, group),
    }
}

/// The members who stay, and the parties who leave by this command.
fn members(draft: &mut Draft<'_>, invitation: &Invitation, group: &Group) -> Result<Audience, Stop> {
    let online_only = invitation.switches.online_user_only;
    let staying = match &invitation.told {
        Some(told) => {
            let stays = |user: &&UserId| group.has(user) && !draft.leaves(&group.id, user);
            draft.audience(told.iter().filter(stays).cloned().collect(), online_only)?
        }
        None => draft.staying(group, online_only)?,
    };
    if draft.leaving(&group.id).is_none() {
        return Ok(staying);
    }
    let parties = invitation.users().chain([invitation.inviter.clone()]);
    let leaving = parties.filter(|user| draft.leaves(&group.id, user) && invitation.was_told(user));
    let leaving: Vec<UserId> = leaving.collect();
    if leaving.is_empty() {
        return Ok(staying);
    }
    let leaving = draft.audience(leaving, online_only)?;
    Ok(draft.joined(&staying, &leaving))
}

/// The user whose message an invitation's event is.
#[derive(Debug, Clone, Copy)]
pub(super) enum Speaker<'a> {
    /// They turn to the others, whom they know from then on.
    Writes(&'a UserId),
    /// They turn away from them, or the server speaks for them.
    Named(&'a UserId),
}

/// How an invitation's event with a message is told.
pub(super) fn telling(invitation: &Invitation, speaker: Speaker<'_>) -> Telling {
    let (sender, acquaints) = match speaker {
        Speaker::Writes(sender) => (sender, true),
        Speaker::Named(sender) => (sender, false),
    };
    let switches = invitation.switches;
    let posting = Posting {
        conversation: invitation.conversation(),
        sender: sender.clone(),
        acquaints,
        counted: !switches.excluded_from_unread,
        shown_last: !switches.excluded_from_last_message,
    };
    Telling {
        online_only: switches.online_user_only,
        by_nobody: false,
        invitation: Some(mark(invitation)),
        message: (!switches.online_user_only).then_some(posting),
        quiet: Vec::new(),
    }
}

fn mark(invitation: &Invitation) -> InvitationMark {
    let deadline = invitation.rings_until().filter(|_| invitation.version == 1);
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
        return Err(Refusal::TooLong(Field::Data, most).into());
    }
    let invitation = visible(&draft, actor, &answer.id)?;
    let act = act(&mut draft, &invitation, actor, input, &answer.data)?;
    let call = match input {
        Input::Accept { .. } => call::entry_by(&draft, actor, &invitation)?,
        Input::Reject { .. } | Input::Cancel { .. } | Input::Modify { .. } => None,
    };
    let said = if matches!(input, Input::Modify { .. }) { &invitation.receipt } else { &act.receipt };
    let reply = Reply::Acted(Acted {
        invite_id: invitation.id.clone(),
        cursor: act.receipt.cursor,
        time: act.at,
        version: act.version,
        deadline: None,
        message: invitation.place(said),
        ignored_invitees: Vec::new(),
        call,
    });
    Ok(draft.finish(reply))
}

/// What a party's command led to, now or when it was given first.
pub(super) struct Act {
    version: u32,
    /// Server time in ms.
    at: u64,
    pub(super) receipt: Receipt,
}

/// A party acts on an invitation: told, written, and followed by the call that it leads into.
pub(super) fn act(
    draft: &mut Draft<'_>,
    invitation: &Invitation,
    actor: &Actor,
    input: Input<'_>,
    data: &str,
) -> Result<Act, Stop> {
    match invitation.handle(input, draft.now()) {
        Verdict::Changed(mut next, happened) => {
            let receipt = tell(draft, &next, &happened, actor.device.as_ref(), data)?;
            next.keep_receipt(&happened, &receipt);
            let next = Arc::new(*next);
            draft.keep(Arc::clone(&next))?;
            call::follow(draft, &next, &happened, actor.device.as_ref())?;
            Ok(Act { version: next.version, at: draft.now(), receipt })
        }
        Verdict::Repeated { version, at, receipt } => Ok(Act { version, at, receipt }),
        Verdict::Refused(refusal) => Err(refusal.into()),
    }
}

/// The invitation as the actor may see it. To others it does not exist.
pub(super) fn visible(draft: &Draft<'_>, actor: &Actor, id: &InviteId) -> Result<Arc<Invitation>, Stop> {
    let invitation = draft.ledger.invitation(id)?.ok_or(Refusal::UnknownInvitation)?;
    let group = match invitation.group() {
        Some(id) => draft.ledger.group(id)?,
        None => None,
    };
    let relation = group.map(|group| group.relation(&actor.user));
    invitation.seen_by(&actor.user, relation).ok_or_else(|| Refusal::UnknownInvitation.into())
}

fn tell(
    draft: &mut Draft<'_>,
    next: &Invitation,
    happened: &Happened,
    device: Option<&Device>,
    data: &str,
) -> Result<Receipt, Stop> {
    let everybody = match happened {
        Happened::Cancelled(pending, _) | Happened::TimedOut(pending) if !next.is_open() => {
            audience(draft, next, pending.iter().cloned())?
        }
        // A cancel that leaves others pending is told like an answer, because the others go on.
        Happened::Cancelled(..)
        | Happened::TimedOut(_)
        | Happened::Accepted(_)
        | Happened::Rejected(_)
        | Happened::Left(_)
        | Happened::Modified => audience(draft, next, next.users())?,
    };
    let speaker = match happened {
        Happened::Accepted(user) => Speaker::Writes(user),
        Happened::Rejected(user) | Happened::Left(user) => Speaker::Named(user),
        Happened::Cancelled(..) | Happened::TimedOut(_) | Happened::Modified => Speaker::Named(&next.inviter),
    };
    let mut telling = telling(next, speaker);
    let has_history = next.group().is_none_or(|group| !draft.dismisses(group));
    if !has_history || matches!(happened, Happened::Modified) {
        telling.message = None;
    }
    let actor = draft.actor().cloned();
    let invitee_offline = is_offline(draft, next, happened)?;
    let words = |message| event(next, happened, Word { by: actor, device, data, invitee_offline, message });
    draft.tell_audience(&everybody, telling, words)
}

/// Whether it timed out one-to-one with nobody there. The inviter could know it by `progress`, and no more than by that: not of whoever
/// has blocked them meanwhile. In a group it would tell every member who is not there.
fn is_offline(draft: &Draft<'_>, next: &Invitation, happened: &Happened) -> Result<bool, Stop> {
    if let Happened::TimedOut(late) = happened
        && next.group().is_none()
        && let [invitee] = late.as_slice()
        && !(draft.around.online)(invitee)
    {
        return Ok(!draft.ledger.blocks(invitee, &next.inviter)?);
    }
    Ok(false)
}

/// The parts of an event that are not in the invitation: who acted, on which device, with what payload, as which message.
struct Word<'a> {
    by: Option<UserId>,
    device: Option<&'a Device>,
    data: &'a str,
    invitee_offline: bool,
    message: Option<MessagePlace>,
}

fn event(next: &Invitation, happened: &Happened, word: Word<'_>) -> Event {
    match happened {
        Happened::Accepted(invitee) => Event::InvitationAccepted(answered(next, invitee, None, word)),
        Happened::Rejected(invitee) => Event::InvitationRejected(answered(next, invitee, None, word)),
        Happened::Left(invitee) => {
            Event::InvitationRejected(answered(next, invitee, Some(Cause::LeftGroup), word))
        }
        Happened::Cancelled(pending, cause) => {
            Event::InvitationCancelled(closed(next, pending, *cause, word))
        }
        Happened::TimedOut(late) => {
            let word = Word { data: &next.data, ..word };
            Event::InvitationTimedOut(closed(next, late, None, word))
        }
        Happened::Modified => Event::InvitationModified(InvitationModified {
            invite_id: next.id.clone(),
            inviter: next.inviter.clone(),
            group_id: next.group().cloned(),
            by: word.by.unwrap_or_else(|| next.inviter.clone()),
            data: next.data.clone(),
            version: next.version,
            message: next.place(&next.receipt),
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
        group_id: next.group().cloned(),
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
        group_id: next.group().cloned(),
        invitee_list: invitees.to_vec(),
        data: word.data.to_owned(),
        version: next.version,
        still_open: next.is_open(),
        invitee_offline: word.invitee_offline,
        reason,
        device: word.device.cloned(),
        message: word.message,
    }
}
