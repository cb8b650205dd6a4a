//! Who is gone from a LiveKit room has left the call, even while their device is connected here: OpenIM's own app hangs up by
//! leaving the room and says nothing. LiveKit's webhooks hint at it; for those that were lost, all rooms are looked into from time
//! to time.

use async_trait::async_trait;
use wigwag_protocol::{CallId, UserId};

use super::rooms::{RoomApi, RoomError};
use super::webhook::Hint;
use crate::clock::Clock;

/// How long somebody who has come into a call may take to come into its room, ms: they may have to be asked for the microphone.
const ENTERING_MS: u64 = 60_000;

/// LiveKit tells the time in whole seconds.
const SECOND_MS: u64 = 1_000;

/// Somebody who is in a call, by what this server knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Present {
    /// Who.
    pub user: UserId,
    /// Since when, server time in ms.
    pub joined_at: u64,
    /// When the call was answered, server time in ms. Callers enter the room only then, if it is a call between two.
    pub answered_at: Option<u64>,
}

/// The calls whose media is in the rooms.
#[async_trait]
pub trait RoomCalls: Send + Sync {
    /// Who is in the running call of `room`; nobody when there is none.
    async fn present(&self, room: &str) -> Result<Vec<Present>, String>;

    /// The calls that are running.
    async fn running(&self) -> Result<Vec<CallId>, String>;

    /// The room of this call and who is in it; `None` when it has ended.
    async fn room_of(&self, call: &CallId) -> Result<Option<(String, Vec<Present>)>, String>;

    /// `user` is gone from `room`: they have left the call. Says why it could not be taken.
    fn gone(&self, room: &str, user: UserId) -> Result<(), String>;
}

/// Looks into a hint: whoever was in the call before, and is in the room no more, is gone. An error asks for the hint to come again.
pub(super) async fn look_into(
    hint: &Hint,
    api: &RoomApi,
    calls: &dyn RoomCalls,
    now: u64,
) -> Result<(), RoomError> {
    let present = calls.present(&hint.room).await.map_err(RoomError::of_calls)?;
    compare(hint, present, api, calls, now).await
}

/// Looks into the rooms of all running calls, one after the other, as if it had been said that each is over. Ends with the first
/// that cannot be asked about.
pub(super) async fn look_around(api: &RoomApi, calls: &dyn RoomCalls, clock: Clock) -> Result<(), RoomError> {
    for call in calls.running().await.map_err(RoomError::of_calls)? {
        let found = calls.room_of(&call).await.map_err(RoomError::of_calls)?;
        let Some((room, present)) = found else { continue };
        compare(&Hint { room, left: None }, present, api, calls, clock.now_ms()).await?;
    }
    Ok(())
}

/// LiveKit is asked only when somebody may be gone.
async fn compare(
    hint: &Hint,
    mut present: Vec<Present>,
    api: &RoomApi,
    calls: &dyn RoomCalls,
    now: u64,
) -> Result<(), RoomError> {
    present.retain(|one| may_be_gone(one, hint, now));
    if present.is_empty() {
        return Ok(());
    }
    let here = api.participants(&hint.room).await?;
    for Present { user, .. } in present.into_iter().filter(|one| !here.contains(one.user.as_str())) {
        tracing::debug!(%user, room = hint.room, "is gone from the LiveKit room");
        calls.gone(&hint.room, user).map_err(RoomError::of_calls)?;
    }
    Ok(())
}

fn may_be_gone(one: &Present, hint: &Hint, now: u64) -> bool {
    was_seen_to_go(one, hint) || has_had_time_to_enter(one, now)
}

/// A late hint may be about an earlier call in the same room.
fn was_seen_to_go(one: &Present, hint: &Hint) -> bool {
    let left = hint.left.as_ref().filter(|left| left.identity == one.user.as_str());
    left.is_some_and(|left| left.at_ms + SECOND_MS > one.joined_at)
}

/// Those who were never seen in the room are not gone from it while they may be on their way.
fn has_had_time_to_enter(one: &Present, now: u64) -> bool {
    one.answered_at.is_some_and(|answered| answered.max(one.joined_at) + ENTERING_MS <= now)
}

#[cfg(test)]
mod tests {
    use super::super::webhook::Left;
    use super::*;

    const ANSWERED: u64 = 1_700_000_030_400;

    fn call(answered_at: Option<u64>) -> Vec<Present> {
        let one =
            |user: &str, joined_at| Present { user: UserId::parse(user).unwrap(), joined_at, answered_at };
        vec![one("alice", 1_700_000_000_000), one("bob", ANSWERED)]
    }

    fn went(identity: &str, at_ms: u64) -> Hint {
        Hint { room: "r".to_owned(), left: Some(Left { identity: identity.to_owned(), at_ms }) }
    }

    /// Those who are looked for in the room.
    fn sought(present: Vec<Present>, hint: &Hint, now: u64) -> Vec<String> {
        let sought = present.into_iter().filter(|one| may_be_gone(one, hint, now));
        sought.map(|one| one.user.to_string()).collect()
    }

    #[test]
    fn whoever_was_seen_to_go_is_looked_for_at_once() {
        // Bob came and went within the second in which LiveKit saw it.
        let hint = went("bob", 1_700_000_030_000);
        assert_eq!(sought(call(Some(ANSWERED)), &hint, ANSWERED + 500), ["bob"]);
        let caller = went("alice", 1_700_000_010_000);
        assert_eq!(sought(call(None), &caller, 1_700_000_010_100), ["alice"], "while it rings, too");
    }

    #[test]
    fn a_hint_about_an_earlier_call_in_the_room_says_nothing_about_this_one() {
        let late = went("bob", 1_700_000_029_000);
        assert_eq!(sought(call(Some(ANSWERED)), &late, ANSWERED + 500), [""; 0]);
    }

    #[test]
    fn others_have_a_minute_to_come_into_the_room_after_the_answer() {
        let over = Hint { room: "r".to_owned(), left: None };
        let at = |since: u64| sought(call(Some(ANSWERED)), &over, ANSWERED + since);
        assert_eq!(at(ENTERING_MS - 1), [""; 0]);
        assert_eq!(at(ENTERING_MS), ["alice", "bob"]);
        assert_eq!(sought(call(None), &over, ANSWERED + 10 * ENTERING_MS), [""; 0], "nobody has answered");
    }
}
