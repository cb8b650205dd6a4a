//! What users say of themselves while they are online (docs/decisions/0028), and what becomes of those who are gone.

use wigwag_protocol::event::StatusChanged;
use wigwag_protocol::{Event, UserId};

use super::call;
use super::draft::{Draft, Telling};
use super::user::{check_length, done};
use crate::refusal::Field;
use crate::{Actor, Change, Decision, Refusal, Stop};

/// Longest status, bytes (Tencent's bound).
const STATUS_BYTES: usize = 100;

/// Others see it while the actor is online. The actor's other devices are told.
pub(super) fn set(mut draft: Draft<'_>, actor: &Actor, status: &str) -> Result<Decision, Stop> {
    check_length(Field::Status, Some(status), STATUS_BYTES)?;
    draft.ledger.user(&actor.user)?.ok_or(Refusal::UnknownUser(None))?;
    let cursor = say(&mut draft, &actor.user, status)?;
    Ok(done(draft, cursor))
}

/// Whoever has been gone for too long has left their call, and says nothing of themselves any more.
pub(super) fn absent(mut draft: Draft<'_>, user: &UserId) -> Result<Decision, Stop> {
    if !(draft.around.online)(user) {
        call::leave_gone(&mut draft, user)?;
        say(&mut draft, user, "")?;
    }
    Ok(done(draft, None))
}

/// Gives the place of the event; there is none when nothing changes, or there is no such user.
fn say(draft: &mut Draft<'_>, user: &UserId, status: &str) -> Result<Option<u64>, Stop> {
    if draft.ledger.user(user)?.is_none_or(|known| known.status == status) {
        return Ok(None);
    }
    let event = Event::StatusChanged(StatusChanged { status: status.to_owned() });
    let receipt = draft.tell(vec![user.clone()], Telling::default(), |_| event)?;
    draft.change(Change::Status { user: user.clone(), status: status.to_owned() });
    Ok(receipt.cursor)
}
