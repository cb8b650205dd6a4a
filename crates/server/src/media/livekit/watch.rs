//! Who is gone from a LiveKit room has left the call, even while their device is connected here: OpenIM's own app hangs up by
//! leaving the room and says nothing.

use std::collections::HashSet;

use async_trait::async_trait;
use wigwag_protocol::UserId;

use super::rooms::{RoomApi, RoomError};
use super::webhook::Hint;

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
    if present.is_empty() {
        return Ok(());
    }
    let here = api.participants(&hint.room).await?;
    for user in gone(present, &here, hint, now) {
        tracing::debug!(%user, room = hint.room, "is gone from the LiveKit room");
        calls.gone(&hint.room, user).map_err(RoomError::of_calls)?;
    }
    Ok(())
}

fn gone(present: Vec<Present>, here: &HashSet<String>, hint: &Hint, now: u64) -> Vec<UserId> {
    let away = present.into_iter().filter(|one| !here.contains(one.user.as_str()));
    away.filter(|one| was_seen_to_go(one, hint) || has_had_time_to_enter(one, now))
        .map(|one| one.user)
        .collect()
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

    fn found(present: Vec<Present>, here: &[&str], hint: &Hint, now: u64) -> Vec<String> {
        let here = here.iter().map(|&one| one.to_owned()).collect();
        gone(present, &here, hint, now).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn whoever_was_seen_to_go_is_gone_at_once() {
        // Bob came and went within the second in which LiveKit saw it.
        let hint = went("bob", 1_700_000_030_000);
        assert_eq!(found(call(Some(ANSWERED)), &["alice"], &hint, ANSWERED + 500), ["bob"]);
        let caller = went("alice", 1_700_000_010_000);
        assert_eq!(found(call(None), &[], &caller, 1_700_000_010_100), ["alice"], "while it rings, too");
    }

    #[test]
    fn whoever_is_back_in_the_room_is_not_gone() {
        assert_eq!(
            found(call(Some(ANSWERED)), &["alice", "bob"], &went("bob", ANSWERED), ANSWERED + 500),
            [""; 0]
        );
    }

    #[test]
    fn a_hint_about_an_earlier_call_in_the_room_says_nothing_about_this_one() {
        let late = went("bob", 1_700_000_029_000);
        assert_eq!(found(call(Some(ANSWERED)), &["alice"], &late, ANSWERED + 500), [""; 0]);
    }

    #[test]
    fn others_have_a_minute_to_come_into_the_room_after_the_answer() {
        let over = Hint { room: "r".to_owned(), left: None };
        let at = |since: u64| found(call(Some(ANSWERED)), &[], &over, ANSWERED + since);
        assert_eq!(at(ENTERING_MS - 1), [""; 0]);
        assert_eq!(at(ENTERING_MS), ["alice", "bob"]);
        assert_eq!(
            found(call(None), &[], &over, ANSWERED + 10 * ENTERING_MS),
            [""; 0],
            "nobody has answered"
        );
    }
}
