//! Users: registration, profile, block list, and who may reach them.

use wigwag_protocol::event::{BlockChanged, ProfileChanged, ReachChanged};
use wigwag_protocol::group::{Profile, Reach, ReachableBy};
use wigwag_protocol::result::Done;
use wigwag_protocol::{Event, UserId};

use super::draft::{Draft, Telling};
use crate::refusal::Field;
use crate::{Actor, Change, Decision, Refusal, Reply, Stop};

/// Longest address of a picture, bytes (Tencent's bound).
const FACE_URL_BYTES: usize = 500;

/// What a user wants to change in their profile.
pub(super) struct Wish<'a> {
    pub(super) nickname: Option<&'a str>,
    pub(super) face_url: Option<&'a str>,
    pub(super) ext: Option<&'a str>,
}

pub(super) fn register(mut draft: Draft<'_>, actor: &Actor) -> Result<Decision, Stop> {
    if draft.ledger.user(&actor.user)?.is_none() {
        draft.change(Change::UserRegistered(Profile {
            user_id: actor.user.clone(),
            nickname: String::new(),
            face_url: String::new(),
            ext: String::new(),
        }));
    }
    Ok(done(draft, None))
}

pub(super) fn set_profile(mut draft: Draft<'_>, actor: &Actor, wish: &Wish<'_>) -> Result<Decision, Stop> {
    let limits = draft.around.limits;
    let bounds = [
        (Field::Nickname, wish.nickname, limits.name_bytes),
        (Field::FaceUrl, wish.face_url, FACE_URL_BYTES),
        (Field::Ext, wish.ext, limits.ext_bytes),
    ];
    for (field, text, most) in bounds {
        check_length(field, text, most)?;
    }
    let before = &draft.ledger.user(&actor.user)?.ok_or(Refusal::UnknownUser(None))?.profile;
    let after = Profile {
        user_id: actor.user.clone(),
        nickname: wish.nickname.unwrap_or(&before.nickname).to_owned(),
        face_url: wish.face_url.unwrap_or(&before.face_url).to_owned(),
        ext: wish.ext.unwrap_or(&before.ext).to_owned(),
    };
    if after == *before {
        return Ok(done(draft, None));
    }
    let event = Event::ProfileChanged(ProfileChanged { profile: after.clone() });
    let receipt = draft.tell(vec![actor.user.clone()], Telling::default(), |_| event)?;
    draft.change(Change::Profile(after));
    Ok(done(draft, receipt.cursor))
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
    if draft.ledger.user(target)?.is_none() {
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

/// Refuses a text that is longer than `most` bytes.
pub(super) fn check_length(field: Field, text: Option<&str>, most: usize) -> Result<(), Stop> {
    if text.is_some_and(|text| text.len() > most) {
        return Err(Refusal::TooLong(field, most).into());
    }
    Ok(())
}

fn done(draft: Draft<'_>, cursor: Option<u64>) -> Decision {
    let time = draft.now();
    draft.finish(Reply::Done(Done { cursor, time }))
}
