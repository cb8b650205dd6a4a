//! Users: registration, profile, block list, and who may reach them.

use wigwag_protocol::event::{BlockChanged, ProfileChanged, ReachChanged};
use wigwag_protocol::group::{Profile, Reach, ReachableBy};
use wigwag_protocol::result::Done;
use wigwag_protocol::{Event, UserId};

use super::draft::{Draft, Telling};
use crate::command::Provision;
use crate::refusal::Field;
use crate::{Actor, Change, Command, Decision, Refusal, Reply, Stop};

/// Longest address of a picture, bytes (Tencent's bound).
const FACE_URL_BYTES: usize = 500;

/// What a user wants to change in their profile.
pub(super) struct Wish<'a> {
    pub(super) nickname: Option<&'a str>,
    pub(super) face_url: Option<&'a str>,
    pub(super) ext: Option<&'a str>,
}

impl Wish<'_> {
    /// The profile that `before` becomes.
    fn applied_to(&self, before: &Profile) -> Profile {
        Profile {
            user_id: before.user_id.clone(),
            nickname: self.nickname.unwrap_or(&before.nickname).to_owned(),
            face_url: self.face_url.unwrap_or(&before.face_url).to_owned(),
            ext: self.ext.unwrap_or(&before.ext).to_owned(),
        }
    }
}

/// Nobody acts for a deleted user, whose sessions may not have ended yet, and nobody is given their name. A mark of time is about a request,
/// whoever it names.
pub(super) fn check_acts(draft: &Draft<'_>, actor: &Actor, command: &Command) -> Result<(), Stop> {
    let is_excepted = matches!(command, Command::MarkTime(_) | Command::DeleteUser);
    if !is_excepted && draft.ledger.is_deleted(&actor.user)? {
        return Err(Refusal::UserDeleted.into());
    }
    Ok(())
}

/// Nothing is told: whoever knew the user has heard of each step before it. A repeat hears when it was.
pub(super) fn delete(mut draft: Draft<'_>, actor: &Actor) -> Result<Decision, Stop> {
    let user = &actor.user;
    if let Some(at) = draft.ledger.deleted_at(user)? {
        return Ok(mark(draft, at));
    }
    let head = draft.ledger.user(user)?.ok_or(Refusal::UnknownUser(None))?.head;
    let is_bound = draft.ledger.group_count(user)? > 0
        || draft.ledger.call_with(user)?.is_some()
        || draft.ledger.open_count(user)? > 0
        || !draft.ledger.pending_for(user)?.is_empty();
    if is_bound {
        return Err(Refusal::StillInvolved.into());
    }
    let at = draft.now();
    draft.change(Change::UserDeleted { user: user.clone(), at, head });
    Ok(done(draft, None))
}

pub(super) fn register(mut draft: Draft<'_>, actor: &Actor) -> Result<Decision, Stop> {
    if draft.ledger.user(&actor.user)?.is_none() {
        draft.change(Change::UserRegistered(empty_profile(actor)));
    }
    Ok(done(draft, None))
}

/// A user who was registered before hears of each part that changes, as if they had changed it themselves. A new one has no
/// device to hear it.
pub(super) fn provision(mut draft: Draft<'_>, actor: &Actor, wish: &Provision) -> Result<Decision, Stop> {
    let Provision { nickname, face_url, ext, ring, add } = wish;
    let profile = Wish { nickname: nickname.as_deref(), face_url: face_url.as_deref(), ext: ext.as_deref() };
    check_profile(&draft, &profile)?;
    let known = draft.ledger.user(&actor.user)?;
    let before = known.map_or_else(|| empty_profile(actor), |user| user.profile.clone());
    let reach_before = known.map(|user| user.reach).unwrap_or_default();
    let after = profile.applied_to(&before);
    let reach = Reach { ring: ring.unwrap_or(reach_before.ring), add: add.unwrap_or(reach_before.add) };
    if known.is_none() {
        draft.change(Change::UserRegistered(empty_profile(actor)));
    }
    let mut cursor = None;
    if after != before {
        if known.is_some() {
            let event = Event::ProfileChanged(ProfileChanged { profile: after.clone() });
            cursor = draft.tell(vec![actor.user.clone()], Telling::default(), |_| event)?.cursor;
        }
        draft.change(Change::Profile(after));
    }
    if reach != reach_before {
        if known.is_some() {
            let event = Event::ReachChanged(ReachChanged { reach });
            cursor = draft.tell(vec![actor.user.clone()], Telling::default(), |_| event)?.cursor;
        }
        draft.change(Change::Reach { user: actor.user.clone(), reach });
    }
    Ok(done(draft, cursor))
}

pub(super) fn set_profile(mut draft: Draft<'_>, actor: &Actor, wish: &Wish<'_>) -> Result<Decision, Stop> {
    check_profile(&draft, wish)?;
    let before = &draft.ledger.user(&actor.user)?.ok_or(Refusal::UnknownUser(None))?.profile;
    let after = wish.applied_to(before);
    if after == *before {
        return Ok(done(draft, None));
    }
    let event = Event::ProfileChanged(ProfileChanged { profile: after.clone() });
    let receipt = draft.tell(vec![actor.user.clone()], Telling::default(), |_| event)?;
    draft.change(Change::Profile(after));
    Ok(done(draft, receipt.cursor))
}

fn check_profile(draft: &Draft<'_>, wish: &Wish<'_>) -> Result<(), Stop> {
    let limits = draft.around.limits;
    check_length(Field::Nickname, wish.nickname, limits.name_bytes)?;
    check_length(Field::FaceUrl, wish.face_url, FACE_URL_BYTES)?;
    check_length(Field::Ext, wish.ext, limits.ext_bytes)
}

fn empty_profile(actor: &Actor) -> Profile {
    let (nickname, face_url, ext) = <(String, String, String)>::default();
    Profile { user_id: actor.user.clone(), nickname, face_url, ext }
}

pub(super) fn set_block(
    mut draft: Draft<'_>,
    actor: &Actor,
    target: &UserId,
    on: bool,
) -> Result<Decision, Stop> {
    if *target == actor.user {
        return Err(Refusal::Oneself(Field::UserId).into());
    }
    // Blocks of a deleted user stay until those who made them take them back.
    if draft.ledger.user(target)?.is_none() && (on || !draft.ledger.is_deleted(target)?) {
        return Err(Refusal::UnknownUser(None).into());
    }
    if draft.ledger.blocks(&actor.user, target)? == on {
        return Ok(done(draft, None));
    }
    let body = BlockChanged { user_id: target.clone() };
    let event = if on { Event::Blocked(body) } else { Event::Unblocked(body) };
    let receipt = draft.tell(vec![actor.user.clone()], Telling::default(), |_| event)?;
    draft.change(Change::Block { by: actor.user.clone(), target: target.clone(), on });
    Ok(done(draft, receipt.cursor))
}

/// Holds from the next invitation and the next adding on; what is open or done stays.
pub(super) fn set_reach(
    mut draft: Draft<'_>,
    actor: &Actor,
    ring: Option<ReachableBy>,
    add: Option<ReachableBy>,
) -> Result<Decision, Stop> {
    let before = draft.ledger.user(&actor.user)?.ok_or(Refusal::UnknownUser(None))?.reach;
    let reach = Reach { ring: ring.unwrap_or(before.ring), add: add.unwrap_or(before.add) };
    if reach == before {
        return Ok(done(draft, None));
    }
    let event = Event::ReachChanged(ReachChanged { reach });
    let receipt = draft.tell(vec![actor.user.clone()], Telling::default(), |_| event)?;
    draft.change(Change::Reach { user: actor.user.clone(), reach });
    Ok(done(draft, receipt.cursor))
}

/// Nothing is told: the user's sessions end, and others see no difference between somebody who is disabled and somebody who is away.
pub(super) fn set_disabled(mut draft: Draft<'_>, actor: &Actor, on: bool) -> Result<Decision, Stop> {
    let before = draft.ledger.user(&actor.user)?.ok_or(Refusal::UnknownUser(None))?.disabled_since;
    if before.is_some() != on {
        let since = on.then_some(draft.now());
        draft.change(Change::Disabled { user: actor.user.clone(), since });
    }
    Ok(done(draft, None))
}

/// Refuses a text that is longer than `most` bytes.
pub(super) fn check_length(field: Field, text: Option<&str>, most: usize) -> Result<(), Stop> {
    if text.is_some_and(|text| text.len() > most) {
        return Err(Refusal::TooLong(field, most).into());
    }
    Ok(())
}

/// Only the reply says something: the time that was given.
pub(super) fn mark(draft: Draft<'_>, time: u64) -> Decision {
    draft.finish(Reply::Done(Done { cursor: None, time }))
}

/// The reply to a command whose only result is that it is done.
pub(super) fn done(draft: Draft<'_>, cursor: Option<u64>) -> Decision {
    let time = draft.now();
    draft.finish(Reply::Done(Done { cursor, time }))
}
