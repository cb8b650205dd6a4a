//! The app's own commands about invitations, and the events that the user's other devices hear of them.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use wigwag_protocol::event::{InvitationAnswered, InvitationClosed, InvitationModified, InvitationReceived};
use wigwag_protocol::invitation::{InvitationView, InviteeState, Status};
use wigwag_protocol::params::{Answer, Cancel, Invite, InviteInGroup, Modify};
use wigwag_protocol::result::Acted;
use wigwag_protocol::{Device, Event, InvitationEvent, InviteId, Method, UserId};

/// A command about an invitation.
#[derive(Debug)]
pub(super) enum Act {
    Invite(Box<Invite>),
    InviteInGroup(Box<InviteInGroup>),
    Cancel(Cancel),
    Accept(Answer),
    Reject(Answer),
    Modify(Modify),
}

/// Who acts, and on which device.
#[derive(Debug, Clone)]
pub(super) struct Actor {
    pub(super) user_id: UserId,
    pub(super) device: Device,
}

impl Act {
    /// Reads a request that was made by [`super::Machine::command`]; `None` when it is no act, or not what the protocol says.
    pub(super) fn read(method: Method, frame: &str) -> Option<Self> {
        match method {
            Method::Invite => params(frame).map(|wish| Self::Invite(Box::new(wish))),
            Method::InviteInGroup => params(frame).map(|wish| Self::InviteInGroup(Box::new(wish))),
            Method::Cancel => params(frame).map(Self::Cancel),
            Method::Accept => params(frame).map(Self::Accept),
            Method::Reject => params(frame).map(Self::Reject),
            Method::Modify => params(frame).map(Self::Modify),
            Method::SessionOpen
            | Method::SessionAck
            | Method::SessionClose
            | Method::Ringing
            | Method::Silence
            | Method::Get
            | Method::ListOpen
            | Method::CallJoin
            | Method::CallHangUp
            | Method::CallGet
            | Method::CallList
            | Method::CallMarkSeen
            | Method::CallSignal
            | Method::MessageSend
            | Method::MessageHistory
            | Method::MessageRevoke
            | Method::MessageMarkRead
            | Method::MessageReceipts
            | Method::ConversationList
            | Method::ConversationPin
            | Method::ConversationDelete
            | Method::GroupCreate
            | Method::GroupJoin
            | Method::GroupQuit
            | Method::GroupDismiss
            | Method::GroupAddMembers
            | Method::GroupRemoveMembers
            | Method::GroupMembers
            | Method::GroupInfo
            | Method::GroupSetInfo
            | Method::GroupSetRole
            | Method::GroupAttributes
            | Method::GroupSetAttributes
            | Method::GroupOnlineCount
            | Method::GroupNews
            | Method::GroupList
            | Method::UserGet
            | Method::UserSetProfile
            | Method::UserBlock
            | Method::UserUnblock
            | Method::UserListBlocked
            | Method::UserSetReach
            | Method::UserGetReach
            | Method::UserSetQuiet
            | Method::UserSetStatus
            | Method::UserGetQuiet
            | Method::UserGetStatus
            | Method::UserWatch
            | Method::PushRegister
            | Method::PushUnregister
            | Method::PushSettings => None,
        }
    }

    /// The invitation that the client must know before it can tell the app of this act. `None` for an invite, which carries
    /// everything.
    pub(super) fn acts_on(&self) -> Option<&InviteId> {
        match self {
            Self::Invite(_) | Self::InviteInGroup(_) => None,
            Self::Cancel(cancel) => Some(&cancel.invite_id),
            Self::Accept(answer) | Self::Reject(answer) => Some(&answer.invite_id),
            Self::Modify(modify) => Some(&modify.invite_id),
        }
    }

    /// Which invitation it is about; `None` for an invite whose id the server makes.
    pub(super) fn invite_id(&self) -> Option<&InviteId> {
        match self {
            Self::Invite(wish) => wish.invite_id.as_ref(),
            Self::InviteInGroup(wish) => wish.invite_id.as_ref(),
            Self::Cancel(_) | Self::Accept(_) | Self::Reject(_) | Self::Modify(_) => self.acts_on(),
        }
    }

    /// The event that another device of the user hears. `held` is the invitation before the act; without it only an invite
    /// can be told.
    pub(super) fn event(self, acted: &Acted, by: Actor, held: Option<&InvitationView>) -> Option<Event> {
        match self {
            Self::Invite(wish) if met(acted) => {
                Some(Event::InvitationAccepted(accepted_instead(*wish, acted, by, held?)))
            }
            Self::Invite(wish) => Some(invited(*wish, acted, by)),
            Self::InviteInGroup(wish) => Some(invited_in_group(*wish, acted, by)),
            Self::Cancel(cancel) => Some(Event::InvitationCancelled(cancelled(cancel, acted, by, held?))),
            Self::Accept(answer) => Some(Event::InvitationAccepted(answered(answer, acted, by, held?))),
            Self::Reject(answer) => Some(Event::InvitationRejected(answered(answer, acted, by, held?))),
            Self::Modify(modify) => Some(modified(modify, acted, by, held?)),
        }
    }
}

/// The invitation that an act was on: another than was asked for where two called each other.
pub(super) fn acted_on(acted: &Acted) -> &InviteId {
    acted.call.as_ref().and_then(|entry| entry.accepted.as_ref()).unwrap_or(&acted.invite_id)
}

/// Whether this invite met one of the invitee's, which was accepted instead.
pub(super) fn met(acted: &Acted) -> bool {
    acted.call.as_ref().is_some_and(|entry| entry.accepted.is_some())
}

/// The device that a person used, where the event names it.
pub(super) fn device_of<'a>(event: &InvitationEvent<'a>) -> Option<&'a Device> {
    match event {
        InvitationEvent::Received(event) => event.device.as_ref(),
        InvitationEvent::Accepted(event) | InvitationEvent::Rejected(event) => event.device.as_ref(),
        InvitationEvent::Cancelled(event) | InvitationEvent::TimedOut(event) => event.device.as_ref(),
        InvitationEvent::Modified(_) => None,
    }
}

fn invited(wish: Invite, acted: &Acted, by: Actor) -> Event {
    Event::InvitationReceived(InvitationReceived {
        invite_id: acted.invite_id.clone(),
        inviter: by.user_id,
        group_id: None,
        invitee_list: vec![wish.invitee],
        data: wish.data,
        timeout: wish.timeout,
        deadline: acted.deadline,
        online_user_only: wish.online_user_only,
        progress: wish.progress,
        version: acted.version,
        device: Some(by.device),
        call: acted.call.as_ref().map(|entry| entry.link.clone()),
        busy: acted.call.as_ref().map(|entry| entry.busy.clone()).unwrap_or_default(),
        message: acted.message.clone(),
    })
}

/// The server leaves out the inviter, who is named twice, and who is not a member.
fn invited_in_group(wish: InviteInGroup, acted: &Acted, by: Actor) -> Event {
    let mut invitee_list: Vec<UserId> = Vec::new();
    let mut seen = std::collections::BTreeSet::new();
    for user in wish.invitee_list {
        if user != by.user_id && !acted.ignored_invitees.contains(&user) && seen.insert(user.clone()) {
            invitee_list.push(user);
        }
    }
    Event::InvitationReceived(InvitationReceived {
        invite_id: acted.invite_id.clone(),
        inviter: by.user_id,
        group_id: Some(wish.group_id),
        invitee_list,
        data: wish.data,
        timeout: wish.timeout,
        deadline: acted.deadline,
        online_user_only: wish.online_user_only,
        progress: wish.progress,
        version: acted.version,
        device: Some(by.device),
        call: acted.call.as_ref().map(|entry| entry.link.clone()),
        busy: acted.call.as_ref().map(|entry| entry.busy.clone()).unwrap_or_default(),
        message: acted.message.clone(),
    })
}

/// The invitee was calling already: this accepted their invitation. The reply's version is that of the invite, which was merged.
fn accepted_instead(wish: Invite, acted: &Acted, by: Actor, held: &InvitationView) -> InvitationAnswered {
    let answer = Answer { invite_id: held.invite_id.clone(), data: wish.data, user_id: None };
    InvitationAnswered {
        invite_id: held.invite_id.clone(),
        version: held.version + 1,
        ..answered(answer, acted, by, held)
    }
}

fn answered(answer: Answer, acted: &Acted, by: Actor, held: &InvitationView) -> InvitationAnswered {
    InvitationAnswered {
        invite_id: acted.invite_id.clone(),
        inviter: held.inviter.clone(),
        group_id: held.group_id.clone(),
        invitee: by.user_id,
        data: answer.data,
        version: acted.version,
        reason: None,
        device: Some(by.device),
        message: acted.message.clone(),
    }
}

fn cancelled(cancel: Cancel, acted: &Acted, by: Actor, held: &InvitationView) -> InvitationClosed {
    // What is held may be newer than the act: then the invitees who were pending are cancelled already.
    let is_newer = held.version >= acted.version;
    let waited = held.invitees.iter().filter(|invitee| match invitee.state {
        InviteeState::Pending => true,
        InviteeState::Cancelled => is_newer,
        InviteeState::Accepted | InviteeState::Rejected | InviteeState::TimedOut | InviteeState::Removed => {
            false
        }
    });
    let (taken_back, others): (Vec<UserId>, Vec<UserId>) =
        waited.map(|invitee| invitee.user_id.clone()).partition(|user| cancel.means(user));
    InvitationClosed {
        invite_id: acted.invite_id.clone(),
        inviter: held.inviter.clone(),
        group_id: held.group_id.clone(),
        invitee_list: taken_back,
        data: cancel.data,
        version: acted.version,
        // What is held right after the act says it itself; others may have been cancelled by acts before.
        still_open: if held.version == acted.version {
            held.status == Status::Open
        } else {
            !others.is_empty()
        },
        invitee_offline: false,
        reason: None,
        device: Some(by.device),
        message: acted.message.clone(),
    }
}

fn modified(modify: Modify, acted: &Acted, by: Actor, held: &InvitationView) -> Event {
    Event::InvitationModified(InvitationModified {
        invite_id: acted.invite_id.clone(),
        inviter: held.inviter.clone(),
        group_id: held.group_id.clone(),
        by: by.user_id,
        data: modify.data,
        version: acted.version,
        message: acted.message.clone(),
    })
}

/// The params of a request's frame; `None` when they are not what the protocol says.
pub(super) fn params<T: DeserializeOwned>(frame: &str) -> Option<T> {
    #[derive(Deserialize)]
    struct Request<'a> {
        #[serde(borrow)]
        params: &'a RawValue,
    }
    let request: Request<'_> = serde_json::from_str(frame).ok()?;
    serde_json::from_str(request.params.get()).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// An invitation of alice's in a group: bob was cancelled by an act before, and carol is where `carol` says.
    fn held(version: u32, status: &str, carol: &str) -> InvitationView {
        let state = |user: &str, state: &str| json!({"userID": user, "state": state});
        serde_json::from_value(json!({
            "inviteID": "i", "inviter": "alice", "groupID": "g", "data": "", "timeout": 30, "createdAt": 1, "status": status,
            "version": version, "invitees": [state("bob", "cancelled"), state("carol", carol), state("dave", "accepted")],
        }))
        .unwrap()
    }

    /// What alice is told of taking it back from carol alone, which made version 3.
    fn told(held: &InvitationView) -> InvitationClosed {
        let cancel: Cancel =
            serde_json::from_value(json!({"inviteID": "i", "inviteeList": ["carol"]})).unwrap();
        let acted: Acted = serde_json::from_value(json!({"inviteID": "i", "time": 1, "version": 3})).unwrap();
        let device = Device {
            device_id: wigwag_protocol::DeviceId::parse("desk").unwrap(),
            platform: wigwag_protocol::Platform::LINUX,
        };
        let by = Actor { user_id: UserId::parse("alice").unwrap(), device };
        cancelled(cancel, &acted, by, held)
    }

    #[test]
    fn a_cancel_whose_event_overtook_the_reply_is_open_when_what_is_held_is() {
        // Bob, whom an act before has cancelled, is not somebody who is still asked.
        assert!(!told(&held(3, "ended", "cancelled")).still_open);
        assert!(told(&held(3, "open", "cancelled")).still_open);
    }

    #[test]
    fn a_cancel_that_is_told_by_its_reply_is_open_while_others_are_pending() {
        let alone = told(&held(2, "open", "pending"));
        assert_eq!((alone.still_open, alone.invitee_list.len()), (false, 1));
        let mut among_others = held(2, "open", "pending");
        among_others.invitees[2].state = InviteeState::Pending;
        assert!(told(&among_others).still_open);
    }
}
