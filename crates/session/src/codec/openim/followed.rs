//! The calls between users that a connection has heard of from their beginning, as far as its stream tells of them. What comes
//! after the ring is told out of this, where it would have to be looked up otherwise.
//!
//! Calls of a group are not followed: what a user may see of them ends with their membership, and who is in the room is part of
//! what is told.

use std::collections::VecDeque;

use wigwag_protocol::event::InvitationReceived;
use wigwag_protocol::{CallId, Event, InviteId, UserId};

use super::asked::Known;
use super::call::Ring;

/// Calls that are followed at a time. A user is in one, and few others ring meanwhile; the oldest is left to look-ups.
const MOST: usize = 4;
/// Longest payload of a call that is followed, bytes: those of the apps have a few hundred. With [`MOST`] this bounds what a
/// connection keeps to about 11 KB.
const DATA_BYTES: usize = 2_048;

/// What one connection of a user follows.
#[derive(Debug)]
pub struct FollowedCalls {
    user: UserId,
    /// Oldest first.
    calls: VecDeque<FollowedCall>,
}

/// One of these calls.
#[derive(Debug)]
pub struct FollowedCall {
    /// The invitation, with a call that it leads into.
    pub ring: Ring,
    /// Whether the user is in the call, with whatever device.
    pub is_in: bool,
}

impl FollowedCalls {
    /// Nothing yet.
    pub fn of(user: &UserId) -> Self {
        Self { user: user.clone(), calls: VecDeque::new() }
    }

    /// The invitation of that name.
    pub fn invitation(&self, id: &InviteId) -> Option<&Ring> {
        self.calls.iter().map(|call| &call.ring).find(|ring| ring.id == *id)
    }

    /// The call of that name, with the invitation that opened it.
    pub fn call(&self, id: &CallId) -> Option<&FollowedCall> {
        self.calls.iter().find(|call| call.ring.call.as_ref() == Some(id) && call.ring.opens_its_call())
    }

    /// The call that a client names by its invitation object. Without a room it may mean one that this connection has not heard
    /// of yet.
    pub fn named(&self, known: &Known) -> Option<&FollowedCall> {
        let is_meant = |call: &&FollowedCall| {
            known.group.is_none() && call.ring.room == known.room && call.ring.inviter == known.inviter
        };
        self.calls.iter().rev().find(is_meant)
    }

    /// Takes in an event of the stream, after it was told. `time` is server time in ms.
    pub fn heard(&mut self, event: &Event, time: u64) {
        match event {
            Event::InvitationReceived(event) => self.begin(event, time),
            Event::InvitationAccepted(event) => {
                if event.invitee == self.user {
                    self.go(true, |ring| ring.id == event.invite_id);
                }
            }
            Event::InvitationRejected(event) => self.forget(|ring| ring.id == event.invite_id),
            Event::InvitationCancelled(event) | Event::InvitationTimedOut(event) => {
                if !event.still_open {
                    self.forget(|ring| ring.id == event.invite_id);
                }
            }
            Event::InvitationModified(event) => self.modify(&event.invite_id, &event.data),
            Event::CallJoined(event) => {
                if event.user_id == self.user {
                    self.go(true, |ring| ring.call.as_ref() == Some(&event.call_id));
                }
            }
            Event::CallHungUp(event) => {
                let is_meant = |ring: &Ring| ring.call.as_ref() == Some(&event.call_id);
                if event.end_reason.is_some() {
                    self.forget(is_meant);
                } else if event.user_id == self.user {
                    self.go(false, is_meant);
                }
            }
            Event::CallDeclined(event) => {
                if event.end_reason.is_some() {
                    self.forget(|ring| ring.call.as_ref() == Some(&event.call_id));
                }
            }
            Event::CallEnded(event) => self.forget(|ring| ring.call.as_ref() == Some(&event.call_id)),
            Event::CallInvited(_)
            | Event::InvitationProgress(_)
            | Event::InvitationSilenced(_)
            | Event::CallSignalled(_)
            | Event::CallsSeen(_)
            | Event::MessageReceived(_)
            | Event::MessageRevoked(_)
            | Event::MessageRead(_)
            | Event::ConversationPinned(_)
            | Event::ConversationDeleted(_)
            | Event::GroupMembersAdded(_)
            | Event::GroupMembersRemoved(_)
            | Event::GroupDismissed(_)
            | Event::GroupInfoChanged(_)
            | Event::GroupRoleChanged(_)
            | Event::AttributesChanged(_)
            | Event::GroupNotice(_)
            | Event::ProfileChanged(_)
            | Event::ReachChanged(_)
            | Event::QuietChanged(_)
            | Event::StatusChanged(_)
            | Event::Blocked(_)
            | Event::Unblocked(_) => {}
        }
    }

    /// An invitation whose invitee is busy has ended already.
    fn begin(&mut self, event: &InvitationReceived, time: u64) {
        let is_followed = event.call.is_some()
            && event.group_id.is_none()
            && event.busy.is_empty()
            && event.data.len() <= DATA_BYTES;
        if !is_followed {
            return;
        }
        let Some(ring) = Ring::told(event, time) else { return };
        if self.calls.len() == MOST {
            self.calls.pop_front();
        }
        let is_in = ring.inviter == self.user;
        self.calls.push_back(FollowedCall { ring, is_in });
    }

    fn go(&mut self, is_in: bool, is_meant: impl Fn(&Ring) -> bool) {
        self.calls.iter_mut().filter(|call| is_meant(&call.ring)).for_each(|call| call.is_in = is_in);
    }

    fn modify(&mut self, id: &InviteId, data: &str) {
        if data.len() > DATA_BYTES {
            return self.forget(|ring| ring.id == *id);
        }
        for call in self.calls.iter_mut().filter(|call| call.ring.id == *id) {
            data.clone_into(&mut call.ring.data);
        }
    }

    /// A quiet connection keeps nothing.
    fn forget(&mut self, is_meant: impl Fn(&Ring) -> bool) {
        self.calls.retain(|call| !is_meant(&call.ring));
        if self.calls.is_empty() {
            self.calls = VecDeque::new();
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn user(name: &str) -> UserId {
        UserId::parse(name).unwrap()
    }

    fn event(body: &Value) -> Event {
        Event::read(&body.to_string()).unwrap().unwrap()
    }

    /// Alice invites bob into a call of this name, whose room is `room`.
    fn rings(id: &str) -> Value {
        json!({
            "type": "invitation.received", "inviteID": id, "inviter": "alice", "inviteeList": ["bob"], "data": "hello",
            "timeout": 30, "version": 1, "call": {"callID": id, "roomID": "room", "mediaType": "video"},
        })
    }

    fn accepts(id: &str) -> Value {
        json!({
            "type": "invitation.accepted", "inviteID": id, "inviter": "alice", "invitee": "bob", "data": "", "version": 2,
        })
    }

    fn hangs_up(id: &str, who: &str, end: Option<&str>) -> Value {
        let mut event = json!({
            "type": "call.hungUp", "callID": id, "roomID": "room", "version": 3, "userID": who, "reason": "hungUp",
            "durationMs": 1,
        });
        if let Some(end) = end {
            event["endReason"] = json!(end);
        }
        event
    }

    fn follows(who: &str, events: &[Value]) -> FollowedCalls {
        let mut followed = FollowedCalls::of(&user(who));
        for body in events {
            followed.heard(&event(body), 1_000);
        }
        followed
    }

    fn call(id: &str) -> CallId {
        CallId::parse(id).unwrap()
    }

    fn known(room: &str, inviter: &str) -> Known {
        Known { inviter: user(inviter), room: room.to_owned(), group: None, invitees: vec![user("bob")] }
    }

    #[test]
    fn the_inviter_is_in_from_the_start_and_the_invitee_from_their_answer() {
        let of_alice = follows("alice", &[rings("i")]);
        assert!(of_alice.call(&call("i")).unwrap().is_in);
        let mut of_bob = follows("bob", &[rings("i")]);
        assert!(!of_bob.call(&call("i")).unwrap().is_in);
        of_bob.heard(&event(&accepts("i")), 2_000);
        assert!(of_bob.call(&call("i")).unwrap().is_in);
        assert_eq!(of_bob.invitation(&InviteId::parse("i").unwrap()).unwrap().created_at, 1_000);
    }

    #[test]
    fn a_call_of_more_than_two_goes_on_without_one_who_leaves() {
        let mut of_bob = follows("bob", &[rings("i"), accepts("i"), hangs_up("i", "carol", None)]);
        assert!(of_bob.call(&call("i")).unwrap().is_in);
        of_bob.heard(&event(&hangs_up("i", "bob", None)), 3_000);
        assert!(!of_bob.call(&call("i")).unwrap().is_in);
        let joins =
            json!({"type": "call.joined", "callID": "i", "roomID": "room", "version": 5, "userID": "bob"});
        of_bob.heard(&event(&joins), 4_000);
        assert!(of_bob.call(&call("i")).unwrap().is_in);
    }

    #[test]
    fn nothing_is_kept_of_what_is_over() {
        let answer = |kind: &str| {
            let mut answer = accepts("i");
            answer["type"] = json!(kind);
            answer
        };
        let closed = |kind: &str| {
            json!({
                "type": kind, "inviteID": "i", "inviter": "alice", "inviteeList": ["bob"], "data": "", "version": 2,
            })
        };
        let ended = json!({
            "type": "call.ended", "callID": "i", "roomID": "room", "version": 3, "endReason": "groupDismissed",
            "durationMs": 1,
        });
        let declined = json!({
            "type": "call.declined", "callID": "i", "roomID": "room", "version": 3, "userIDs": ["carol"],
            "state": "rejected", "endReason": "rejected",
        });
        let ends = [
            answer("invitation.rejected"),
            closed("invitation.cancelled"),
            closed("invitation.timedOut"),
            hangs_up("i", "alice", Some("hungUp")),
            ended,
            declined,
        ];
        for end in ends {
            for who in ["alice", "bob"] {
                let followed = follows(who, &[rings("i"), end.clone()]);
                assert_eq!(followed.calls.capacity(), 0, "{end}");
            }
        }
        let mut open = closed("invitation.cancelled");
        open["stillOpen"] = json!(true);
        assert!(follows("alice", &[rings("i"), open]).call(&call("i")).is_some());
    }

    #[test]
    fn groups_busy_invitees_and_invitations_without_a_call_are_looked_up() {
        let with = |field: &str, value: Value| {
            let mut ring = rings("i");
            ring[field] = value;
            ring
        };
        let table = [
            with("groupID", json!("g")),
            with("busyLineUserIDList", json!(["bob"])),
            with("call", Value::Null),
            with("data", json!("x".repeat(DATA_BYTES + 1))),
        ];
        for ring in table {
            assert!(follows("bob", std::slice::from_ref(&ring)).calls.is_empty(), "{ring}");
        }
        let longest = with("data", json!("x".repeat(DATA_BYTES)));
        assert_eq!(follows("bob", &[longest]).calls.len(), 1);
    }

    #[test]
    fn a_changed_payload_is_the_one_that_is_told() {
        let modified = |data: &str| {
            json!({
                "type": "invitation.modified", "inviteID": "i", "inviter": "alice", "by": "alice", "data": data,
                "version": 2,
            })
        };
        let followed = follows("bob", &[rings("i"), modified("new")]);
        assert_eq!(followed.call(&call("i")).unwrap().ring.data, "new");
        let followed = follows("bob", &[rings("i"), modified(&"x".repeat(DATA_BYTES + 1))]);
        assert!(followed.calls.is_empty());
    }

    #[test]
    fn a_call_is_named_by_its_room_and_its_inviter() {
        let followed = follows("bob", &[rings("i"), rings("j")]);
        assert_eq!(followed.named(&known("room", "alice")).unwrap().ring.id.as_str(), "j", "the newest");
        let in_group = Known { group: wigwag_protocol::GroupId::parse("g").ok(), ..known("room", "alice") };
        for other in [known("", "alice"), known("another", "alice"), known("room", "carol"), in_group] {
            assert!(followed.named(&other).is_none(), "{other:?}");
        }
    }

    #[test]
    fn an_invitation_into_a_running_call_does_not_stand_for_the_one_that_opened_it() {
        let mut second = rings("second");
        second["call"]["callID"] = json!("i");
        let followed = follows("bob", &[second]);
        assert!(followed.call(&call("i")).is_none());
        assert!(followed.named(&known("room", "alice")).is_some());
    }

    #[test]
    fn the_oldest_is_left_to_look_ups_when_too_many_are_followed() {
        let ids: Vec<String> = (0..=MOST).map(|number| format!("i{number}")).collect();
        let followed = follows("bob", &ids.iter().map(|id| rings(id)).collect::<Vec<_>>());
        assert_eq!(followed.calls.len(), MOST);
        assert!(followed.call(&call("i0")).is_none() && followed.call(&call("i1")).is_some());
    }
}
