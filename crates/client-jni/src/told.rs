//! What the library tells, as objects of Java's.

use jni::errors::Result;
use jni::objects::{JByteArray, JObject};
use jni::{Env, JValue};
use wigwag::abi::types::{WigwagEvent, WigwagInvitation, WigwagReply, WigwagText, WigwagTrouble};

use crate::java::Java;
use crate::texts::{array, read};

/// The switches of an event in one number, as `dev.wigwag.Event` reads them.
const BY_SELF: i32 = 1;
const OWN: i32 = 2;
/// The same for `dev.wigwag.Invitation`.
const TOLD_BEFORE: i32 = 1;
const IS_PAST: i32 = 2;
const STILL_OPEN: i32 = 4;

/// A `dev.wigwag.Event`.
///
/// # Safety
/// The event is one that the library tells just now.
pub(crate) unsafe fn event<'l>(env: &mut Env<'l>, java: &Java, told: &WigwagEvent) -> Result<JObject<'l>> {
    // SAFETY: the library points to an invitation, or nowhere.
    let invitation = match unsafe { told.invitation.as_ref() } {
        // SAFETY: as the caller says.
        Some(told) => unsafe { invitation(env, java, told) }?,
        None => JObject::null(),
    };
    // SAFETY: the library points to a trouble, or nowhere.
    let trouble = match unsafe { told.trouble.as_ref() } {
        // SAFETY: as the caller says.
        Some(told) => unsafe { trouble(env, java, told) }?,
        None => JObject::null(),
    };
    // SAFETY: as the caller says, for each.
    let mut text = |text| unsafe { bytes(env, text) };
    let (name, message, json) = (text(told.name)?, text(told.message)?, text(told.json)?);
    let marks = mark(told.by_self, BY_SELF) | mark(told.own, OWN);
    let values = [
        JValue::from(told.event_type as i32),
        marks.into(),
        (&name).into(),
        number(told.cursor).into(),
        number(told.time_ms).into(),
        (&invitation).into(),
        (&trouble).into(),
        (&message).into(),
        (&json).into(),
    ];
    // SAFETY: these are the constructor's.
    unsafe { java.event.make(env, &values) }
}

/// A `dev.wigwag.Reply`.
///
/// # Safety
/// The reply is one that the library gives just now.
pub(crate) unsafe fn reply<'l>(env: &mut Env<'l>, java: &Java, given: &WigwagReply) -> Result<JObject<'l>> {
    // SAFETY: as the caller says.
    let trouble = unsafe { trouble(env, java, &given.trouble) }?;
    // SAFETY: as the caller says.
    let json = unsafe { bytes(env, given.json) }?;
    let values = [JValue::from(given.result as i32), (&trouble).into(), (&json).into()];
    // SAFETY: these are the constructor's.
    unsafe { java.reply.make(env, &values) }
}

/// # Safety
/// It is part of what the library tells just now.
unsafe fn invitation<'l>(env: &mut Env<'l>, java: &Java, told: &WigwagInvitation) -> Result<JObject<'l>> {
    let invitees = if told.invitee_count == 0 {
        &[]
    } else {
        // SAFETY: the library points to as many.
        unsafe { std::slice::from_raw_parts(told.invitees, told.invitee_count) }
    };
    // SAFETY: as the caller says, for each.
    let invitees = array(env, invitees.iter().map(|invitee| unsafe { read(*invitee) }))?;
    // SAFETY: as the caller says, for each.
    let mut text = |text| unsafe { bytes(env, text) };
    let (invite_id, inviter) = (text(told.invite_id)?, text(told.inviter)?);
    let (group_id, data) = (text(told.group_id)?, text(told.data)?);
    let marks =
        mark(told.told_before, TOLD_BEFORE) | mark(told.is_past, IS_PAST) | mark(told.still_open, STILL_OPEN);
    let values = [
        (&invite_id).into(),
        (&inviter).into(),
        (&group_id).into(),
        (&invitees).into(),
        (&data).into(),
        whole(told.timeout).into(),
        whole(told.version).into(),
        told.remaining_ms.into(),
        marks.into(),
    ];
    // SAFETY: these are the constructor's.
    unsafe { java.invitation.make(env, &values) }
}

/// # Safety
/// It is part of what the library tells just now.
unsafe fn trouble<'l>(env: &mut Env<'l>, java: &Java, told: &WigwagTrouble) -> Result<JObject<'l>> {
    // SAFETY: as the caller says, for each.
    let mut text = |text| unsafe { bytes(env, text) };
    let (reason, message) = (text(told.reason)?, text(told.message)?);
    let values = [
        JValue::from(told.code),
        JValue::Bool(told.retryable != 0),
        number(told.retry_after_ms).into(),
        (&reason).into(),
        (&message).into(),
    ];
    // SAFETY: these are the constructor's.
    unsafe { java.trouble.make(env, &values) }
}

/// # Safety
/// The text is one that the library gives just now.
unsafe fn bytes<'l>(env: &mut Env<'l>, text: WigwagText) -> Result<JByteArray<'l>> {
    // SAFETY: as the caller says.
    env.byte_array_from_slice(unsafe { read(text) })
}

fn mark(is: u8, mark: i32) -> i32 {
    if is == 0 { 0 } else { mark }
}

/// Java has no unsigned numbers; these do not come near the end of its own.
fn number(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn whole(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}
