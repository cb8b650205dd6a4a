//! A call as it is kept: one record, written as a whole at every step.
//!
//! A person's record is flat, with fields that mean something for some standings alone; the engine's type is not. What the
//! record could say and the type cannot is a bad record.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use wigwag_engine::Call;
use wigwag_engine::call::{CallEnd, Circle, Declined, Person, Standing};
use wigwag_protocol::call::{CallEndReason, CallLink, LeaveReason, PersonState};
use wigwag_protocol::invitation::Notify;
use wigwag_protocol::{Device, GroupId, InviteId, UserId};

use super::write;
use crate::store::{StoreError, bad_record};

#[derive(Serialize, Deserialize)]
struct CallRecord<'a> {
    link: Cow<'a, CallLink>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    circle: Option<CircleRecord>,
    caller: UserId,
    created_at: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    answered_at: Option<u64>,
    people: Vec<PersonRecord<'a>>,
    version: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    end: Option<CallEndRecord>,
}

#[derive(Serialize, Deserialize)]
struct CircleRecord {
    group: GroupId,
    #[serde(default)]
    notify: Notify,
}

#[derive(Serialize, Deserialize)]
struct PersonRecord<'a> {
    user: UserId,
    state: PersonState,
    at: u64,
    /// Of those who are in the call; absent when a back end acted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    device: Option<Cow<'a, Device>>,
    /// Of those who left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<LeaveReason>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    invitation: Option<InviteId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    joined_at: Option<u64>,
}

#[derive(Serialize, Deserialize)]
struct CallEndRecord {
    reason: CallEndReason,
    at: u64,
}

/// The call as JSON.
pub(in crate::store) fn call(call: &Call) -> Result<String, StoreError> {
    write(&CallRecord {
        link: Cow::Borrowed(&call.link),
        circle: call
            .circle
            .as_ref()
            .map(|circle| CircleRecord { group: circle.group.clone(), notify: circle.notify }),
        caller: call.caller.clone(),
        created_at: call.created_at,
        answered_at: call.answered_at,
        people: call.people.iter().map(PersonRecord::of).collect(),
        version: call.version,
        end: call.end.map(|end| CallEndRecord { reason: end.reason, at: end.at }),
    })
}

/// The call of this record.
pub(in crate::store) fn read_call(text: &str) -> Result<Call, StoreError> {
    let record: CallRecord<'_> = serde_json::from_str(text).map_err(|error| bad_record(&error))?;
    Ok(Call {
        link: record.link.into_owned(),
        circle: record.circle.map(|circle| Circle { group: circle.group, notify: circle.notify }),
        caller: record.caller,
        created_at: record.created_at,
        answered_at: record.answered_at,
        people: record.people.into_iter().map(PersonRecord::read).collect::<Result<_, _>>()?,
        version: record.version,
        end: record.end.map(|end| CallEnd { reason: end.reason, at: end.at }),
    })
}

impl<'a> PersonRecord<'a> {
    fn of(person: &'a Person) -> Self {
        let (device, reason) = match &person.standing {
            Standing::Joined(device) => (device.as_ref().map(Cow::Borrowed), None),
            Standing::Left(reason) => (None, Some(*reason)),
            Standing::Ringing | Standing::Declined(_) => (None, None),
        };
        Self {
            user: person.user.clone(),
            state: person.standing.state(),
            at: person.at,
            device,
            reason,
            invitation: person.invitation.clone(),
            joined_at: person.joined_at,
        }
    }

    fn read(self) -> Result<Person, StoreError> {
        let standing = match self.state {
            PersonState::Ringing => Standing::Ringing,
            PersonState::Joined => Standing::Joined(self.device.map(Cow::into_owned)),
            PersonState::Left => {
                let unknown = || bad_record(&"somebody left a call for no reason");
                Standing::Left(self.reason.ok_or_else(unknown)?)
            }
            PersonState::Rejected => Standing::Declined(Declined::Rejected),
            PersonState::Busy => Standing::Declined(Declined::Busy),
            PersonState::TimedOut => Standing::Declined(Declined::TimedOut),
            PersonState::Cancelled => Standing::Declined(Declined::Cancelled),
            PersonState::Removed => Standing::Declined(Declined::Removed),
        };
        let Self { user, at, invitation, joined_at, .. } = self;
        Ok(Person { user, standing, at, invitation, joined_at })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wigwag_engine::call::Step;
    use wigwag_protocol::{CallId, DeviceId, Platform, RoomId};

    fn user(name: &str) -> UserId {
        UserId::parse(name).unwrap()
    }

    fn begun() -> Call {
        let invitation = InviteId::parse("i").unwrap();
        let link = CallLink {
            call_id: CallId::opened_by(&invitation),
            room_id: RoomId::parse("room").unwrap(),
            media_type: "video".to_owned(),
        };
        let circle = Circle { group: GroupId::parse("g").unwrap(), notify: Notify::Parties };
        let phone = Device { device_id: DeviceId::parse("phone").unwrap(), platform: Platform::LINUX };
        let call = Call::begin(link, Some(circle), &user("alice"), Some(&phone), 1_000);
        let ringing = ["bob", "carol", "dave", "erin"].map(user);
        let (by, busy) = (user("alice"), [user("frank")]);
        call.after(Step::Invited { by: &by, invitation: &invitation, ringing: &ringing, busy: &busy }, 1_000)
    }

    #[test]
    fn a_call_is_read_as_it_was_written_after_every_step() {
        let [alice, bob, carol, dave, erin] = ["alice", "bob", "carol", "dave", "erin"].map(user);
        let declined = |user, how| Step::Declined { users: std::slice::from_ref(user), how, quietly: false };
        let steps = [
            Step::Entered { user: &bob, device: None },
            declined(&carol, Declined::Rejected),
            declined(&dave, Declined::Removed),
            declined(&erin, Declined::TimedOut),
            Step::Entered { user: &carol, device: None },
            Step::Left { user: &alice, reason: LeaveReason::JoinedAnother },
            Step::Left { user: &bob, reason: LeaveReason::HungUp },
        ];
        let mut now = begun();
        for (number, step) in (2_u64..).zip(steps) {
            assert_eq!(read_call(&call(&now).unwrap()).unwrap(), now);
            now = now.after(step, number * 1_000);
        }
        assert!(!now.is_running());
        assert_eq!(read_call(&call(&now).unwrap()).unwrap(), now);
    }

    #[test]
    fn what_no_call_can_be_is_a_bad_record() {
        let left = call(&begun()).unwrap().replacen("\"joined\"", "\"left\"", 1);
        read_call(&left).unwrap_err();
    }
}
